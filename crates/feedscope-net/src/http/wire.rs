//! Connection that is ready for a request, with its properties.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::tls::Handshake;

/// Stream of bytes in both directions.
pub(super) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

pub(super) type BoxedSocket = Box<dyn Socket>;

/// Connection that is ready for a request.
pub(super) struct ReadyConnection {
    pub(super) socket: BoxedSocket,
    pub(super) facts: Facts,
    /// Record of the TLS handshake with the server; `None` for a connection without TLS.
    pub(super) handshake: Option<Arc<Handshake>>,
}

/// Properties of a connection that people may want to see.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// Address of the other end of the TCP connection.
    pub(super) remote: Option<SocketAddr>,
    /// Version and cipher of TLS with the server, such as `TLS 1.3, TLS_AES_256_GCM_SHA384`.
    pub(super) tls: Option<String>,
}
