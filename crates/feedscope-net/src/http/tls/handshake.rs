//! Record of one TLS handshake with the data of both sides. This module makes no decisions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, Error, ProtocolVersion, SignatureScheme};

/// Handshake of one connection, in the form in which the TLS library requests data from it.
#[derive(Debug)]
pub(crate) struct Handshake {
    verifier: Arc<dyn ServerCertVerifier>,
    identity: Option<Arc<CertifiedKey>>,
    /// True if the server requested a certificate.
    certificate_requested: AtomicBool,
    /// Certificates that the server sent, its own first.
    server_chain: Mutex<Vec<CertificateDer<'static>>>,
    /// Version of TLS, known from the form of the server's signature.
    version: Mutex<Option<ProtocolVersion>>,
}

impl Handshake {
    pub(super) fn new(
        verifier: Arc<dyn ServerCertVerifier>,
        identity: Option<Arc<CertifiedKey>>,
    ) -> Self {
        Self {
            verifier,
            identity,
            certificate_requested: AtomicBool::new(false),
            server_chain: Mutex::default(),
            version: Mutex::default(),
        }
    }

    /// Returns true if the server requested a certificate and there was none to send.
    pub(crate) fn lacks_client_certificate(&self) -> bool {
        self.certificate_requested.load(Ordering::Relaxed) && self.identity.is_none()
    }

    /// Returns the version of TLS, after the server has signed its part.
    pub(crate) fn version(&self) -> Option<ProtocolVersion> {
        *self.version.lock()
    }

    /// Returns the certificates that the server sent, its own first.
    pub(crate) fn server_chain(&self) -> Vec<CertificateDer<'static>> {
        self.server_chain.lock().clone()
    }
}

impl ServerCertVerifier for Handshake {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // The chain is stored before the check, because an error message needs it.
        let chain = [end_entity].into_iter().chain(intermediates);
        *self.server_chain.lock() = chain.map(|one| one.clone().into_owned()).collect();
        self.verifier
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        *self.version.lock() = Some(ProtocolVersion::TLSv1_2);
        self.verifier
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        *self.version.lock() = Some(ProtocolVersion::TLSv1_3);
        self.verifier
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

impl ResolvesClientCert for Handshake {
    fn resolve(
        &self,
        _root_hint_subjects: &[&[u8]],
        _schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        // The TLS library calls this function only if the server requests a certificate.
        self.certificate_requested.store(true, Ordering::Relaxed);
        self.identity.clone()
    }

    fn has_certs(&self) -> bool {
        self.identity.is_some()
    }
}
