//! Cipher suites whose decrypted bytes are observed. Everything else about them is as the TLS library made them, and an
//! observer never changes a byte.

use std::sync::LazyLock;

use rustls::crypto::CryptoProvider;
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, Iv, KeyBlockShape, MessageDecrypter,
    MessageEncrypter, Tls12AeadAlgorithm, Tls13AeadAlgorithm, UnsupportedOperationError,
};
use rustls::{
    CipherSuite, ConnectionTrafficSecrets, ContentType, Error, SupportedCipherSuite,
    Tls12CipherSuite, Tls13CipherSuite, crypto,
};

use crate::http::observed::Observer;

/// ring's cryptography, with observed suites.
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: SUITES.clone(),
        ..crypto::ring::default_provider()
    }
}

/// The suites in the library's order. The library refers to suites for as long as the process runs, so that they are
/// made once and never dropped.
static SUITES: LazyLock<Vec<SupportedCipherSuite>> = LazyLock::new(|| {
    let suites = crypto::ring::default_provider().cipher_suites;
    suites.into_iter().map(observed).collect()
});

fn observed(suite: SupportedCipherSuite) -> SupportedCipherSuite {
    let name = suite.suite();
    match suite {
        SupportedCipherSuite::Tls12(plain) => {
            let aead_alg = leaked(Tls12Observed {
                name,
                plain: plain.aead_alg,
            });
            SupportedCipherSuite::Tls12(leaked(Tls12CipherSuite {
                common: common(&plain.common),
                prf_provider: plain.prf_provider,
                kx: plain.kx,
                sign: plain.sign,
                aead_alg,
            }))
        }
        SupportedCipherSuite::Tls13(plain) => {
            let aead_alg = leaked(Tls13Observed {
                name,
                plain: plain.aead_alg,
            });
            SupportedCipherSuite::Tls13(leaked(Tls13CipherSuite {
                common: common(&plain.common),
                hkdf_provider: plain.hkdf_provider,
                aead_alg,
                // No feed is read over QUIC.
                quic: None,
            }))
        }
    }
}

fn common(plain: &rustls::crypto::CipherSuiteCommon) -> rustls::crypto::CipherSuiteCommon {
    rustls::crypto::CipherSuiteCommon {
        suite: plain.suite,
        hash_provider: plain.hash_provider,
        confidentiality_limit: plain.confidentiality_limit,
    }
}

fn leaked<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

struct Tls12Observed {
    name: CipherSuite,
    plain: &'static dyn Tls12AeadAlgorithm,
}

impl Tls12AeadAlgorithm for Tls12Observed {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn MessageEncrypter> {
        self.plain.encrypter(key, iv, extra)
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        observing(self.name, self.plain.decrypter(key, iv))
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        self.plain.key_block_shape()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: &[u8],
        explicit: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.plain.extract_keys(key, iv, explicit)
    }

    fn fips(&self) -> bool {
        self.plain.fips()
    }
}

struct Tls13Observed {
    name: CipherSuite,
    plain: &'static dyn Tls13AeadAlgorithm,
}

impl Tls13AeadAlgorithm for Tls13Observed {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        self.plain.encrypter(key, iv)
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        observing(self.name, self.plain.decrypter(key, iv))
    }

    fn key_len(&self) -> usize {
        self.plain.key_len()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: Iv,
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.plain.extract_keys(key, iv)
    }

    fn fips(&self) -> bool {
        self.plain.fips()
    }
}

/// Adds an observer, where the request that this task is polling is observed.
fn observing(name: CipherSuite, plain: Box<dyn MessageDecrypter>) -> Box<dyn MessageDecrypter> {
    // Connections that nobody observes are read without a detour.
    match Observer::of_new_key(name) {
        Some(observer) => Box::new(Observing { plain, observer }),
        None => plain,
    }
}

struct Observing {
    plain: Box<dyn MessageDecrypter>,
    observer: Observer,
}

impl MessageDecrypter for Observing {
    fn decrypt<'a>(
        &mut self,
        message: InboundOpaqueMessage<'a>,
        sequence: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        // Only data of the application is observed; handshake messages are none of it.
        let decrypted = self.plain.decrypt(message, sequence)?;
        if decrypted.typ == ContentType::ApplicationData {
            self.observer.read(decrypted.payload);
        }
        Ok(decrypted)
    }
}
