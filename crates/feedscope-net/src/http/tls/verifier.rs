//! Two ways to check a server's certificate: it is verified, or accepted as it is.

use std::env;
use std::sync::Arc;

use feedscope_core::connection::Failure;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme, crypto};
use rustls_platform_verifier::Verifier as SystemVerifier;

use super::{bad_request, certificate};

/// Verifier that trusts the system's authorities, and the certificates that the user named.
///
/// A named certificate is trusted in two ways: as an authority that signs others, and as the server's own certificate.
/// Self-signed certificates need the second way. Most of them must not sign others, or are marked as an authority's,
/// which a server must not use.
#[derive(Debug)]
pub(super) struct Verifier {
    named: Vec<CertificateDer<'static>>,
    by_authorities: SystemVerifier,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    pub(super) fn new(
        named: Vec<CertificateDer<'static>>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, Failure> {
        // The named certificates are also authorities, beside those of the system.
        let by_authorities = if named.is_empty() {
            SystemVerifier::new(Arc::clone(provider))
        } else {
            SystemVerifier::new_with_extra_roots(named.iter().cloned(), Arc::clone(provider))
        };
        Ok(Self {
            named,
            by_authorities: by_authorities.map_err(|error| without_authorities(&error))?,
            algorithms: provider.signature_verification_algorithms,
        })
    }
}

/// Returns the failure to create a verifier: a named certificate is damaged, or the system has no authorities.
fn without_authorities(error: &Error) -> Failure {
    bad_request(match error {
        // The library reports a missing list of authorities as a general error.
        Error::General(_) => {
            let variables = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
            let set = variables
                .into_iter()
                .find(|name| env::var_os(name).is_some());
            set.map_or_else(
                || {
                    "this system has no list of trusted authorities; its package is often called ca-certificates"
                        .to_owned()
                },
                |name| format!("the environment variable {name} leads to no certificate"),
            )
        }
        _ => "a certificate in the file of authorities is damaged".to_owned(),
    })
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // The server's own certificate is named, so that no authority needs to have signed it.
        if self.named.iter().any(|named| named == end_entity) {
            certificate::verify_named(end_entity, server_name, now)?;
            return Ok(ServerCertVerified::assertion());
        }
        self.by_authorities.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Verifier that accepts every certificate and every signature, for `--insecure`.
#[derive(Debug)]
pub(super) struct AcceptAny;

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    /// Returns all schemes, including those whose signatures could not be verified.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![
            SignatureScheme::ECDSA_NISTP256_SHA256,
            SignatureScheme::ECDSA_NISTP384_SHA384,
            SignatureScheme::ECDSA_NISTP521_SHA512,
            SignatureScheme::ED25519,
            SignatureScheme::ED448,
            SignatureScheme::RSA_PSS_SHA256,
            SignatureScheme::RSA_PSS_SHA384,
            SignatureScheme::RSA_PSS_SHA512,
            SignatureScheme::RSA_PKCS1_SHA256,
            SignatureScheme::RSA_PKCS1_SHA384,
            SignatureScheme::RSA_PKCS1_SHA512,
            SignatureScheme::ECDSA_SHA1_Legacy,
            SignatureScheme::RSA_PKCS1_SHA1,
        ]
    }
}
