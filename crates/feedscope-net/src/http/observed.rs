//! Observations of a client's TLS connection that the HTTP library passes on to nobody: the cipher in use, and the reason
//! that the server gave for closing an HTTP/2 connection. Nothing is changed or held back.
//!
//! A client makes its connection inside of the future of its request. There a task-local value leads from the keys of
//! TLS to the request.

use std::sync::Arc;

use parking_lot::Mutex;
use rustls::CipherSuite;

use super::go_away::{Frames, GoAway};

tokio::task_local! {
    /// The observations of the request that this task is polling.
    static CURRENT: Observed;
}

/// Everything that was observed of one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed(Arc<Mutex<HandshakeState>>);

#[derive(Debug, Default)]
struct HandshakeState {
    /// The number of keys for reading so far. Those of a proxy precede those of the server.
    keys: u32,
    cipher: Option<CipherSuite>,
    go_away: Option<GoAway>,
}

impl Observed {
    /// Runs a request so that its connection is observed.
    pub(super) fn watch<F: Future>(&self, request: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self.clone(), request)
    }

    /// The cipher with the server.
    pub(super) fn cipher(&self) -> Option<CipherSuite> {
        self.0.lock().cipher
    }

    /// The newest GOAWAY. It means nothing where the connection is not one of HTTP/2.
    pub(super) fn go_away(&self) -> Option<GoAway> {
        self.0.lock().go_away.clone()
    }
}

/// An observer of the bytes that one key decrypts.
pub(super) struct Observer {
    observed: Observed,
    /// The number of the key.
    key: u32,
    frames: Frames,
}

impl Observer {
    /// The observer of a key that is made for the request that this task is polling; `None` where nothing is observed.
    pub(super) fn of_new_key(cipher: CipherSuite) -> Option<Self> {
        let observed = CURRENT.try_with(Clone::clone).ok()?;
        let key = {
            let mut state = observed.0.lock();
            state.keys += 1;
            state.cipher = Some(cipher);
            state.keys
        };
        Some(Self {
            observed,
            key,
            frames: Frames::default(),
        })
    }

    /// Takes in the application's bytes in one record of TLS.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        let Some(newest) = self.frames.read(bytes) else {
            return;
        };
        let mut state = self.observed.0.lock();
        // What a proxy's key decrypts is TLS with the server, and no frames.
        if state.keys == self.key {
            state.go_away = Some(newest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOAWAY: &[u8] = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\x01\0\0\0\x0b";

    #[tokio::test]
    async fn the_newest_key_is_that_of_the_server() {
        assert!(Observer::of_new_key(CipherSuite::TLS13_AES_128_GCM_SHA256).is_none());
        let observed = Observed::default();
        let (mut proxy, mut server) = observed
            .watch(async {
                (
                    Observer::of_new_key(CipherSuite::TLS13_AES_128_GCM_SHA256).unwrap(),
                    Observer::of_new_key(CipherSuite::TLS13_AES_256_GCM_SHA384).unwrap(),
                )
            })
            .await;
        proxy.read(GOAWAY);
        assert_eq!(observed.go_away(), None);
        server.read(GOAWAY);
        assert_eq!(observed.go_away().unwrap().code, 11);
        assert_eq!(
            observed.cipher(),
            Some(CipherSuite::TLS13_AES_256_GCM_SHA384)
        );
    }
}
