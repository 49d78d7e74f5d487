//! TLS: trusted certificates, the client certificate, and the facts that a handshake revealed. This module opens no
//! socket.

mod certificate;
mod files;
mod handshake;
mod suites;
mod unusable;
mod verifier;

use std::env;
use std::sync::Arc;

use feedscope_core::connection::Failure;
use feedscope_core::feed::FeedSpec;
use parking_lot::Mutex;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::{CipherSuite, ClientConfig, KeyLogFile, ProtocolVersion};

pub(crate) use self::certificate::why_refused;
pub(crate) use self::files::Files;
pub(crate) use self::handshake::Handshake;
use self::unusable::bad_request;
use self::verifier::{AcceptAny, Verifier};

/// Protocols that are offered inside of TLS (ALPN), with the preferred one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// HTTP/2 and HTTP/1.1.
    AnyHttp,
    /// Only HTTP/1.1, because an upgrade to a WebSocket needs it.
    Http1,
    /// No protocol, because the other end is a proxy.
    Nothing,
}

/// Number of sets of trusted certificates that are kept. A new set replaces the oldest one.
const MOST_VERIFIERS: usize = 8;

/// Verifiers of all feeds. Each one is created when it is first needed, because the system's certificates are read from
/// many files.
#[derive(Clone, Default)]
pub(crate) struct Verifiers {
    made: Arc<Mutex<Vec<Made>>>,
}

/// Verifier with the files from which it was created.
type Made = (Files, Arc<dyn ServerCertVerifier>);

impl Verifiers {
    /// Returns the TLS configuration for one connection, and the record of its handshake.
    pub(crate) fn config(
        &self,
        spec: &FeedSpec,
        files: &Files,
        offer: Offer,
    ) -> Result<(ClientConfig, Arc<Handshake>), Failure> {
        let provider = Arc::new(suites::provider());
        let verifier = if spec.transport.insecure {
            Arc::new(AcceptAny)
        } else {
            self.get(files, &provider)?
        };
        let identity = files.identity(&provider)?;
        let handshake = Arc::new(Handshake::new(verifier, identity));
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| bad_request(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&handshake) as _)
            .with_client_cert_resolver(Arc::clone(&handshake) as _);
        config.alpn_protocols = match offer {
            Offer::AnyHttp => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            Offer::Http1 => vec![b"http/1.1".to_vec()],
            Offer::Nothing => Vec::new(),
        };
        // Other programs can decrypt recorded traffic with this file.
        if env::var_os("SSLKEYLOGFILE").is_some() {
            config.key_log = Arc::new(KeyLogFile::new());
        }
        Ok((config, handshake))
    }

    fn get(
        &self,
        files: &Files,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ServerCertVerifier>, Failure> {
        let find = |made: &[Made]| {
            let found = made.iter().find(|(known, _)| known.trusts_the_same(files));
            found.map(|(_, verifier)| Arc::clone(verifier))
        };
        if let Some(verifier) = find(&self.made.lock()) {
            return Ok(verifier);
        }
        // The lock is not held here, because creating a verifier reads many files.
        let verifier: Arc<dyn ServerCertVerifier> =
            Arc::new(Verifier::new(files.authorities()?, provider)?);
        let mut made = self.made.lock();
        if made.len() == MOST_VERIFIERS {
            made.remove(0);
        }
        made.push((files.clone(), Arc::clone(&verifier)));
        Ok(verifier)
    }
}

/// Returns the name of a version of TLS, for people.
pub(super) fn version_name(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::TLSv1_3 => "TLS 1.3",
        ProtocolVersion::TLSv1_2 => "TLS 1.2",
        _ => "TLS",
    }
}

/// Returns the name of a cipher suite as IANA lists it. The TLS library has its own names for those of TLS 1.3.
pub(super) fn cipher_name(suite: CipherSuite) -> String {
    let name = suite.as_str().unwrap_or("an unknown cipher");
    name.replacen("TLS13_", "TLS_", 1)
}
