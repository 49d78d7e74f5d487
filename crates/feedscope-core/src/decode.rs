//! Bytes to what they say: event streams by HTML 9.2.6, WebSocket close codes by RFC 6455 7.4.
//! Never opens, waits for or closes anything; bytes come in as they were read.

mod event_stream;
mod extensions;
mod lines;
mod messages;
mod undelivered;
mod web_socket;

pub use event_stream::{EventStreamDecoder, UnfinishedBlock};
pub use extensions::{
    ClientWindow, DeflateAgreement, DeflateOffer, ExtensionError, WindowBits, expect_no_extension,
};
pub use messages::{
    DataOpcode, EncodeError, MessageDecoder, MessageEncoder, ProtocolError, Role, Traffic,
    WireInfo, WireItem,
};
pub use undelivered::Undelivered;
pub use web_socket::close_code_meaning;

/// One thing that an event stream said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventStreamItem<'a> {
    /// A dispatched event.
    Event {
        /// The event type; `message` where the block named none.
        event: &'a [u8],
        /// The last event ID in force.
        id: &'a [u8],
        /// The data lines, joined by U+000A.
        data: &'a [u8],
    },
    /// A comment line, without its colon and one space after it.
    Comment(&'a [u8]),
    /// The reconnection time was set, in milliseconds, saturated.
    Retry(u64),
    /// A line that sets nothing: a field of an unknown name, an id with a NUL, a `retry` that is not a number.
    Ignored {
        /// The line without its end.
        line: &'a [u8],
    },
    /// A block with a type or an id ended without data, so that no event was dispatched for it.
    NoData {
        /// The event type; empty where the block named none.
        event: &'a [u8],
        /// The last event ID, if the block set it.
        id: Option<&'a [u8]>,
        /// Number of bytes of the block, without line ends and comments.
        bytes: u64,
    },
    /// A part of the stream was longer than the limit and was skipped.
    TooLong(Oversized),
}

/// A part of an event stream that is longer than the limit, with the number of bytes that have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oversized {
    /// A block, without line ends and comments. Its event is not dispatched.
    Event(u64),
    /// A comment. It is left out; the block that it stands in is not affected.
    Comment(u64),
}
