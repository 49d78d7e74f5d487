//! Files with certificates and keys that the user names. This module reads and parses them. It does not decide about
//! trust.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use feedscope_core::connection::Failure;
use feedscope_core::feed::FeedSpec;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys, crypto};

use super::bad_request;
use crate::http::failure::in_words;

/// Size of the largest file that is read, in bytes. A list of all public authorities is much smaller.
const LARGEST: u64 = 16 << 20;

/// Contents of the files that a feed names. They are read for every attempt, so that the next attempt uses a corrected
/// file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Files {
    /// Certificates to trust.
    authorities: Option<Vec<u8>>,
    /// Client certificate for servers, with its key.
    identity: Option<Vec<u8>>,
}

impl Files {
    /// Reads the files and checks that each contains the data that its option requires. `spec` may name no file.
    ///
    /// # Errors
    ///
    /// [`Failure::BadRequest`] that names the file.
    pub(crate) fn read(spec: &FeedSpec) -> Result<Self, Failure> {
        let mut identity = spec
            .transport
            .client_certificate
            .as_deref()
            .map(read)
            .transpose()?;
        if let (Some(pem), Some(key)) = (&mut identity, &spec.transport.client_key) {
            // Both files are joined, because the certificate file may also contain the key.
            pem.push(b'\n');
            pem.extend(read(key)?);
        }
        let files = Self {
            authorities: spec.transport.ca_file.as_deref().map(read).transpose()?,
            identity,
        };
        // The contents are parsed here once, so that a wrong file is reported before a connection is made.
        files.authorities()?;
        files.identity(&crypto::ring::default_provider())?;
        Ok(files)
    }

    /// Returns true if `spec` names a file, so that reading takes some time.
    pub(crate) fn are_named(spec: &FeedSpec) -> bool {
        spec.transport.ca_file.is_some() || spec.transport.client_certificate.is_some()
    }

    /// Returns true if both name the same trusted certificates.
    pub(super) fn trusts_the_same(&self, other: &Self) -> bool {
        self.authorities == other.authorities
    }

    /// Returns the certificates that are trusted in addition to the system's.
    pub(super) fn authorities(&self) -> Result<Vec<CertificateDer<'static>>, Failure> {
        let Some(pem) = &self.authorities else {
            return Ok(Vec::new());
        };
        let certificates = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| {
                bad_request(format!(
                    "the file of trusted certificates cannot be read ({error})"
                ))
            })?;
        if certificates.is_empty() {
            return Err(bad_request(
                "there is no certificate (PEM) in the file of authorities".to_owned(),
            ));
        }
        Ok(certificates)
    }

    /// Returns the client certificate for servers, with its key.
    pub(super) fn identity(
        &self,
        provider: &CryptoProvider,
    ) -> Result<Option<Arc<CertifiedKey>>, Failure> {
        let Some(pem) = &self.identity else {
            return Ok(None);
        };
        let unusable = |why: &str| {
            bad_request(format!(
                "the client certificate and its key cannot be read ({why})"
            ))
        };
        let chain = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| unusable(&error.to_string()))?;
        if chain.is_empty() {
            return Err(unusable("there is no certificate"));
        }
        let Ok(key) = PrivateKeyDer::from_pem_slice(pem) else {
            // Both forms of encrypted keys contain this word in PEM.
            let is_encrypted = pem
                .windows(b"ENCRYPTED".len())
                .any(|word| word == b"ENCRYPTED");
            return Err(unusable(if is_encrypted {
                "the private key is encrypted; `openssl pkey` writes it without a password"
            } else {
                "there is no private key"
            }));
        };
        match CertifiedKey::from_der(chain, key, provider) {
            Ok(identity) => Ok(Some(Arc::new(identity))),
            Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
                Err(unusable("the private key belongs to another certificate"))
            }
            Err(_unsupported) => Err(unusable(
                "the private key is of a kind that is not supported: RSA, P-256, P-384 and Ed25519 are",
            )),
        }
    }
}

/// Reads a file. Fails if it is too large.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let cannot = |why: &str| bad_request(format!("{} cannot be read ({why})", path.display()));
    let read = |path: &Path| -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?
            // One byte more shows that the file is too large.
            .take(LARGEST + 1)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read(path).map_err(|error| cannot(&in_words(&error)))?;
    if bytes.len() as u64 > LARGEST {
        return Err(cannot("it is larger than 16 MiB"));
    }
    Ok(bytes)
}
