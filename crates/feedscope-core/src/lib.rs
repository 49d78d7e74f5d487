//! What Feedscope knows without a socket, a clock, a file or a window: bytes, times and choices come in as values.
//!
//! The modules stand in the order in which data travels:
//!
//! | module | owns |
//! |---|---|
//! | [`time`] | the two forms in which time is passed in: [`Moment`] and [`Timestamp`] |
//! | [`protocol`] | what is spoken on the wire, and the engines that read it |
//! | [`decode`] | bytes to events, comments and messages (HTML 9.2, RFC 6455) |
//! | [`record`] | one thing in the timeline, and its one written form as a line of JSON |
//! | [`second_opinion`] | two engines on the same bytes, and what they first tell differently |
//! | [`connection`] | the state machine that decides every transition of a feed's life |
//! | [`feed`] | what a feed is told (spec, commands) and what it tells (status) |
//! | [`gap`] | what a resume lost or repeated |
//! | [`store`] | all records of a feed, append-only, within a memory budget |
//! | [`stats`], [`history`] | rates over time; the connection's life as spans |
//! | [`payload`] | a payload taken apart for who looks at one |
//! | [`safe_text`] | text from outside, with marks in place of characters that a terminal would act on |
//! | [`size_text`] | sizes as people type them |
//! | [`theme`] | the theme that a person chooses for the window |
//! | [`url_text`] | what people type into a URL field, understood |
//!
//! ```
//! use feedscope_core::decode::{EventStreamDecoder, EventStreamItem};
//!
//! let mut decoder = EventStreamDecoder::new(1 << 20);
//! let mut seen = Vec::new();
//! decoder.feed(b"event: price\nid: 7\ndata: {}\n\n", &mut |item: EventStreamItem<'_>| {
//!     if let EventStreamItem::Event { event, id, data } = item {
//!         seen.push((event.to_vec(), id.to_vec(), data.to_vec()));
//!     }
//! });
//! assert_eq!(seen, [(b"price".to_vec(), b"7".to_vec(), b"{}".to_vec())]);
//! ```
#![warn(missing_docs)]

pub mod connection;
pub mod decode;
pub mod feed;
pub mod gap;
pub mod history;
pub mod payload;
pub mod protocol;
pub mod record;
pub mod safe_text;
pub mod second_opinion;
pub mod size_text;
pub mod stats;
pub mod store;
pub mod theme;
pub mod time;
pub mod url_text;

pub use connection::ConnectionState;
pub use record::{Direction, Kind, KindTag, Record, Sink};
pub use theme::ThemeChoice;
pub use time::{Moment, Stamp, Timestamp};
