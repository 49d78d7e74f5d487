//! Interface between the life of a WebSocket and its message layer. A layer does not decide which messages are sent, or
//! when.

use std::io;
use std::task::{Context, Poll};

use feedscope_core::Stamp;
use feedscope_core::decode::{WireInfo, WireItem};
use feedscope_core::feed::WireTraffic;
use feedscope_core::protocol::CloseCode;
use reqwest::Upgraded;

use crate::engine::stamped::Stamped;

/// Message layer: messages and control frames over a socket. It answers pings and close frames by itself.
pub(in crate::engine) trait MessageLayer: Send + Unpin {
    /// Number of reads before other tasks run.
    const READS_A_TURN: usize;

    /// Reads once, and passes every item that becomes complete to `out`, in order. Each item has the stamp of the read
    /// that delivered its last bytes. The layer's own answers are written with the next
    /// [`poll_flush`](Self::poll_flush) at the latest.
    ///
    /// Must not be called again after a fault or a close frame.
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        out: &mut impl FnMut(Stamp, WireItem<'_>),
    ) -> Poll<Result<(), LayerFault>>;

    /// Waits until the layer accepts a message.
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), LayerFault>>;

    /// Accepts a message or control frame. Returns the form of a message on the wire, if the layer knows it.
    fn send(&mut self, what: Sending<'_>) -> Result<Option<WireInfo>, LayerFault>;

    /// Writes all accepted messages and the layer's answers to the socket.
    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), LayerFault>>;

    /// Returns the traffic so far; `None` if the layer does not count it.
    fn traffic(&self) -> Option<WireTraffic>;

    /// Returns the socket below the layer, so that it can be shut down and read to its end.
    fn socket(&mut self) -> &mut Stamped<Upgraded>;
}

/// Message or control frame to be sent, borrowed.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) enum Sending<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
    Ping(&'a [u8]),
    /// A close frame with a code and a reason, or an empty one.
    Close(Option<(CloseCode, &'a str)>),
}

/// Reason for which no more messages can be read or sent.
#[derive(Debug)]
pub(crate) enum LayerFault {
    /// The connection ended.
    Ended,
    /// The socket failed.
    Socket(io::Error),
    /// A message is longer than the limit. The text describes it.
    TooLong(String),
    /// The peer violated the protocol in another way.
    Protocol {
        /// Close code for this violation.
        code: CloseCode,
        /// Description of the violation.
        detail: String,
    },
}

impl From<io::Error> for LayerFault {
    fn from(error: io::Error) -> Self {
        Self::Socket(error)
    }
}
