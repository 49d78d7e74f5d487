//! Core of Feedscope, which runs without a socket, a clock, a file or a window. Bytes, times and choices are arguments.
//!
//! The modules are in the order in which data travels:
//!
//! | module | content |
//! |---|---|
//! | [`time`] | the two forms in which time is passed in: [`Moment`] and [`Timestamp`] |
//! | [`protocol`] | the protocols of feeds, and the engines that read them |
//! | [`decode`] | bytes to events, comments and messages (HTML 9.2, RFC 6455) |
//! | [`record`] | one item in the timeline, and its written form as a line of JSON |
//! | [`second_opinion`] | two engines on the same bytes, and their first difference |
//! | [`connection`] | the state machine that decides every transition of a feed's life |
//! | [`feed`] | the input of a feed (spec, commands) and its output (status) |
//! | [`gap`] | records that a resume lost or repeated |
//! | [`store`] | all records of a feed, append-only, within a memory budget |
//! | [`rates`], [`history`] | rates over time; the connection's life as spans |
//! | [`replay`] | position and pace of a recording that is played |
//! | [`NoteCode`] | the codes of the notes in a timeline |
//! | [`payload`] | the parts of a payload for a person who reads it |
//! | [`numbers`] | numbers as text for people |
//! | [`safe_text`] | text from outside, with marks in place of characters that affect a terminal |
//! | [`secret`] | a value that is not written when a structure is formatted for debugging |
//! | [`size_text`] | sizes in the form that people type |
//! | [`theme`] | the theme that a person selects for the window |
//! | [`url_text`] | parser for the text in a URL field |
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
mod note_code;
pub mod numbers;
pub mod payload;
pub mod protocol;
pub mod rates;
pub mod record;
pub mod replay;
pub mod safe_text;
pub mod second_opinion;
pub mod secret;
pub mod size_text;
pub mod store;
pub mod theme;
pub mod time;
pub mod url_text;

pub use connection::ConnectionState;
pub use note_code::NoteCode;
pub use record::{Direction, Kind, KindTag, Record, Sink};
pub use theme::ThemeChoice;
pub use time::{Moment, Stamp, Timestamp};
