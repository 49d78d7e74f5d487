//! Bytes to what they say: event streams by HTML 9.2.6, WebSocket close codes by RFC 6455 7.4.
//! Never opens, waits for or closes anything; bytes come in as they were read.

mod event_stream;
mod extensions;
mod lines;
mod messages;
mod web_socket;

pub use event_stream::EventStreamDecoder;
pub use extensions::{
    ClientWindow, DeflateAgreement, DeflateOffer, ExtensionError, WindowBits, expect_no_extension,
};
pub use messages::{
    DataOpcode, EncodeError, MessageDecoder, MessageEncoder, ProtocolError, Role, Traffic,
    WireInfo, WireItem,
};
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
    /// A block was longer than the limit and was skipped.
    TooLong {
        /// How many bytes of it had come when it ended.
        bytes: u64,
    },
}
