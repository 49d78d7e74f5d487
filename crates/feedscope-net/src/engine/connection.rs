//! Interface of an engine: an open connection, and the attempt that leads to it.

use std::pin::Pin;
use std::task::{Context, Poll};

use feedscope_core::connection::Failure;
use feedscope_core::feed::WireTraffic;

use super::Port;
use crate::http::Negotiated;

/// One open connection. Dropping it closes its socket.
pub(crate) trait Connection<S>: Send {
    /// Reads and writes as much as possible without waiting, and pushes the resulting records.
    ///
    /// Ready when [`Port::inputs`] contains inputs for the machine. Must not be called again after [`Input::Ended`](feedscope_core::connection::Input::Ended).
    fn poll(&mut self, context: &mut Context<'_>, port: &mut Port<S>) -> Poll<()>;

    /// Begins to close the connection in order. The caller continues to call [`Connection::poll`] until the end is in
    /// [`Port::inputs`].
    fn close(&mut self, port: &mut Port<S>);

    /// The last event ID in force, for the next attempt; `None` for protocols that have none.
    fn last_event_id(&self) -> Option<&[u8]>;

    /// Returns the traffic on a WebSocket so far; `None` if the engine does not count it.
    fn wire(&self) -> Option<WireTraffic> {
        None
    }
}

/// An attempt that succeeded.
pub(crate) struct Opened<S> {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Further details about the opened connection, for people.
    pub(crate) detail: Option<String>,
    /// The subprotocol in use.
    pub(crate) subprotocol: Option<String>,
    /// The body is read by lines.
    pub(crate) reads_lines: bool,
    /// Protocols and parameters that the connection uses, for people.
    pub(crate) negotiated: Negotiated,
    /// Note about header lines of the answer that were skipped.
    pub(crate) skipped_lines: Option<String>,
    /// The open connection, which reads from now on.
    pub(crate) connection: Box<dyn Connection<S>>,
}

/// Attempt in progress. Dropping it cancels the attempt.
pub(crate) type Opening<S> = Pin<Box<dyn Future<Output = Result<Opened<S>, Failure>> + Send>>;
