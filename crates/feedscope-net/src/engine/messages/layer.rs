//! What the life of a WebSocket asks of a message layer, whichever it is. It has no opinion on what to say or when.

use std::io;
use std::task::{Context, Poll};

use feedscope_core::Stamp;
use feedscope_core::decode::{WireInfo, WireItem};
use feedscope_core::feed::WireTraffic;
use reqwest::Upgraded;

use crate::engine::stamped::Stamped;

/// Messages and control frames over a socket. It answers pings and close frames by itself.
pub(in crate::engine) trait MessageLayer: Send + Unpin {
    /// How often it is read before others get their turn.
    const READS_A_TURN: usize;

    /// Reads once, and hands out what that completes, in order, each with the stamp of the read that its last bytes
    /// came with. What it answers goes out with the next [`poll_flush`](Self::poll_flush) at the latest.
    ///
    /// After a fault, or a close frame, it is not asked again.
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        out: &mut impl FnMut(Stamp, WireItem<'_>),
    ) -> Poll<Result<(), Fault>>;

    /// Waits until something may be sent.
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Fault>>;

    /// Takes what is to be sent; tells how a message goes over the wire, where the layer knows.
    fn send(&mut self, what: Sending<'_>) -> Result<Option<WireInfo>, Fault>;

    /// Writes what was sent and answered.
    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Fault>>;

    /// What went over the wire so far, where the layer knows.
    fn traffic(&self) -> Option<WireTraffic>;

    /// The socket below, to be shut and read past the messages.
    fn socket(&mut self) -> &mut Stamped<Upgraded>;
}

/// Something to be sent, borrowed.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) enum Sending<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
    Ping(&'a [u8]),
    /// A close frame with a code and a reason, or an empty one.
    Close(Option<(u16, &'a str)>),
}

/// Why there are no more messages.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The connection ended.
    Ended,
    /// The socket failed.
    Socket(io::Error),
    /// A message is longer than the limit; the rest in words.
    TooLong(String),
    /// The peer broke the protocol otherwise.
    Protocol {
        /// The close code that says so.
        code: u16,
        /// What it did, in words.
        detail: String,
    },
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Socket(error)
    }
}
