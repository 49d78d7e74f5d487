//! Decoders for received bytes: event streams (HTML 9.2.6), WebSocket frames (RFC 6455), with the meanings of close
//! codes, and streams of lines.
//!
//! They do not open, wait for or close anything. They accept the bytes in the pieces in which they were read.

mod event_stream;
mod extensions;
mod line_stream;
mod lines;
mod messages;
mod undelivered;

pub use event_stream::{EventStreamDecoder, UnfinishedBlock};
pub use extensions::{
    ClientWindow, DeflateAgreement, DeflateOffer, ExtensionError, WindowBits, expect_no_extension,
};
pub use line_stream::{LineDecoder, LineForm, LineItem};
pub use messages::{
    DataOpcode, EncodeError, MessageDecoder, MessageEncoder, ProtocolError, Role, Traffic,
    WireInfo, WireItem,
};
pub use undelivered::Undelivered;

/// Item of a decoded event stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventStreamItem<'a> {
    /// Dispatched event.
    Event {
        /// Event type; `message` if the block had none.
        event: &'a [u8],
        /// Last event ID in force.
        id: &'a [u8],
        /// Data lines, joined by U+000A.
        data: &'a [u8],
    },
    /// Comment line, without its colon and one space after it.
    Comment(&'a [u8]),
    /// New reconnection time in milliseconds, saturated.
    Retry(u64),
    /// Line without effect: a field with an unknown name, an id with a NUL, or a `retry` that is not a number.
    Ignored {
        /// Line without its end.
        line: &'a [u8],
    },
    /// Block with a type or an id that ended without data, so that it dispatched no event.
    NoData {
        /// Event type; empty if the block had none.
        event: &'a [u8],
        /// Last event ID, if the block set it.
        id: Option<&'a [u8]>,
        /// Number of bytes of the block, without line ends and comments.
        bytes: u64,
    },
    /// Part of the stream that was skipped because it is longer than the limit.
    TooLong(Oversized),
}

/// Part of an event stream that is longer than the limit, with the number of bytes received so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oversized {
    /// Block, without line ends and comments. Its event is not dispatched.
    Event(u64),
    /// Comment. Only the comment is left out; it does not affect its block.
    Comment(u64),
}
