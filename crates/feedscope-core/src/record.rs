//! A record: one item in the timeline. It borrows its bytes, and never keeps or copies a payload.

mod json_line;
mod masking;

pub use json_line::write_json_line;
pub use masking::{MaskingSink, Secrets};

use std::time::Duration;

use crate::connection::StateChange;
use crate::decode::WireInfo;
use crate::gap::Gap;
use crate::note_code::NoteCode;
use crate::protocol::CloseCode;
use crate::time::Stamp;

/// Direction of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The message was received.
    In,
    /// The message was sent, or given up before it could be sent.
    Out,
}

impl Direction {
    /// Returns the word in JSON lines: `in` or `out`.
    pub fn word(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// One item of a feed's timeline, with borrowed bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<'a> {
    /// Time at which its bytes were read, or passed to the socket.
    pub stamp: Stamp,
    /// Number of the feed's connection that it belongs to, from 1.
    pub connection: u32,
    /// Kind of the record, with its payload.
    pub kind: Kind<'a>,
}

/// Kind of a record, with its payload.
///
/// Text consists of the received bytes. The code that shows it decodes it, with U+FFFD for bytes that are not UTF-8.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind<'a> {
    /// The feed's connection changed its state.
    State(StateChange),
    /// A dispatched event (HTML 9.2.6).
    Event {
        /// Event type; `message` if the stream had none.
        event: &'a [u8],
        /// Last event ID in force; may be empty.
        id: &'a [u8],
        /// Data lines, joined by U+000A.
        data: &'a [u8],
    },
    /// A line of an event stream that starts with a colon, without the colon and one space after it.
    Comment {
        /// Rest of the line.
        data: &'a [u8],
    },
    /// New reconnection time from the server.
    Retry {
        /// Reconnection time in milliseconds, saturated.
        ms: u64,
    },
    /// A line of a source that is read by lines.
    Line {
        /// Line without its end.
        data: &'a [u8],
    },
    /// A WebSocket message of opcode 1.
    Text {
        /// Direction of the message.
        direction: Direction,
        /// Complete message, after defragmentation.
        data: &'a [u8],
        /// Reason for which the message was never sent.
        failed: Option<&'a str>,
        /// Form of the message on the wire, unless it is plain ([`WireInfo::unless_plain`]) or the engine does not
        /// report it.
        wire: Option<WireInfo>,
    },
    /// A WebSocket message of opcode 2.
    Binary {
        /// Direction of the message.
        direction: Direction,
        /// Complete message, after defragmentation.
        data: &'a [u8],
        /// Reason for which the message was never sent.
        failed: Option<&'a str>,
        /// Form of the message on the wire, unless it is plain ([`WireInfo::unless_plain`]) or the engine does not
        /// report it.
        wire: Option<WireInfo>,
    },
    /// A WebSocket ping.
    Ping {
        /// Direction of the frame.
        direction: Direction,
        /// Application data, at most 125 bytes.
        data: &'a [u8],
    },
    /// A WebSocket pong.
    Pong {
        /// Direction of the frame.
        direction: Direction,
        /// Application data, at most 125 bytes.
        data: &'a [u8],
        /// Round-trip time, if the pong answers a ping of this program.
        rtt: Option<Duration>,
    },
    /// A WebSocket close frame.
    Close {
        /// Direction of the frame.
        direction: Direction,
        /// Close code (RFC 6455 7.1.5); 1005 if the frame had none.
        code: CloseCode,
        /// Close reason (RFC 6455 7.1.6).
        reason: &'a str,
    },
    /// Records that a resume lost or repeated.
    Gap(Gap),
    /// Message of this program in the timeline.
    Note {
        /// Stable word for machines, such as `damaged` or `message_too_long`.
        code: NoteCode<'a>,
        /// Sentence for people.
        text: &'a str,
    },
}

impl<'a> Kind<'a> {
    /// Returns the word for this kind in JSON lines and in the timeline.
    pub fn word(&self) -> &'static str {
        self.tag().word()
    }

    /// Returns the kind without its payload.
    pub fn tag(&self) -> KindTag {
        match self {
            Self::State(_) => KindTag::State,
            Self::Event { .. } => KindTag::Event,
            Self::Comment { .. } => KindTag::Comment,
            Self::Retry { .. } => KindTag::Retry,
            Self::Text { .. } => KindTag::Text,
            Self::Binary { .. } => KindTag::Binary,
            Self::Ping { .. } => KindTag::Ping,
            Self::Pong { .. } => KindTag::Pong,
            Self::Close { .. } => KindTag::Close,
            Self::Gap(_) => KindTag::Gap,
            Self::Note { .. } => KindTag::Note,
            Self::Line { .. } => KindTag::Line,
        }
    }

    /// Returns the data that was received or sent, for kinds with data of their own.
    pub fn data(&self) -> Option<&'a [u8]> {
        match *self {
            Self::Event { data, .. }
            | Self::Comment { data }
            | Self::Line { data }
            | Self::Text { data, .. }
            | Self::Binary { data, .. }
            | Self::Ping { data, .. }
            | Self::Pong { data, .. } => Some(data),
            Self::State(_)
            | Self::Retry { .. }
            | Self::Close { .. }
            | Self::Gap(_)
            | Self::Note { .. } => None,
        }
    }

    /// Returns true for events, lines and messages, whose data belongs to the user of a feed and not to its protocol.
    pub fn is_data(&self) -> bool {
        matches!(
            self,
            Self::Event { .. } | Self::Line { .. } | Self::Text { .. } | Self::Binary { .. }
        )
    }

    /// Returns the payload of an event, a line or a message that arrived; `None` for other records.
    #[inline]
    pub fn received(&self) -> Option<&'a [u8]> {
        match *self {
            Self::Event { data, .. } | Self::Line { data } => Some(data),
            Self::Text {
                direction, data, ..
            }
            | Self::Binary {
                direction, data, ..
            } => (direction == Direction::In).then_some(data),
            _ => None,
        }
    }

    /// Returns the direction, for kinds that have one.
    pub fn direction(&self) -> Option<Direction> {
        match self {
            Self::Event { .. } | Self::Comment { .. } | Self::Retry { .. } | Self::Line { .. } => {
                Some(Direction::In)
            }
            Self::Text { direction, .. }
            | Self::Binary { direction, .. }
            | Self::Ping { direction, .. }
            | Self::Pong { direction, .. }
            | Self::Close { direction, .. } => Some(*direction),
            Self::State(_) | Self::Gap(_) | Self::Note { .. } => None,
        }
    }
}

/// A [`Kind`] without its payload.
///
/// The numbers are written to files, so that they never change. `docs/format.md` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "each is the kind of the same name")]
pub enum KindTag {
    State = 0,
    Event = 1,
    Comment = 2,
    Retry = 3,
    Text = 4,
    Binary = 5,
    Ping = 6,
    Pong = 7,
    Close = 8,
    Gap = 9,
    Note = 10,
    Line = 11,
}

impl KindTag {
    /// All kinds.
    pub const ALL: [Self; 12] = [
        Self::State,
        Self::Event,
        Self::Comment,
        Self::Retry,
        Self::Text,
        Self::Binary,
        Self::Ping,
        Self::Pong,
        Self::Close,
        Self::Gap,
        Self::Note,
        Self::Line,
    ];

    /// Returns the number of the kind in a store and in files.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Returns the kind with this number; `None` for a kind of a later version.
    pub fn of_number(number: u8) -> Option<Self> {
        /// Table of the kinds by number. It must be fast, because every row that is read needs it.
        static BY_NUMBER: [Option<KindTag>; 256] = {
            let mut table = [None; 256];
            let mut at = 0;
            while at < KindTag::ALL.len() {
                table[KindTag::ALL[at] as usize] = Some(KindTag::ALL[at]);
                at += 1;
            }
            table
        };
        BY_NUMBER[usize::from(number)]
    }

    /// Returns the word for this kind in JSON lines and in the timeline.
    pub fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Event => "event",
            Self::Comment => "comment",
            Self::Retry => "retry",
            Self::Text => "text",
            Self::Binary => "binary",
            Self::Ping => "ping",
            Self::Pong => "pong",
            Self::Close => "close",
            Self::Gap => "gap",
            Self::Note => "note",
            Self::Line => "line",
        }
    }
}

/// Destination of records: a store, standard output, or a counter.
///
/// One writer calls it, in the order of the records. It calls [`push`](Sink::push) for each record, and
/// [`flush`](Sink::flush) after all records of one read, so that a reader is woken once for each batch.
pub trait Sink: Send + 'static {
    /// Processes one record, whose bytes are borrowed.
    fn push(&mut self, record: &Record<'_>);

    /// Makes all pushed records visible to readers.
    fn flush(&mut self);

    /// Returns false if the writer should wait with work that can be delayed, such as further reads. Records that are
    /// pushed nevertheless are processed.
    fn has_room(&self) -> bool {
        true
    }

    /// Returns true if the records of the current connection are a whole, such as a complete answer. If the stream then
    /// ends, it is not requested again.
    fn has_finished(&self) -> bool {
        false
    }
}

impl Sink for Box<dyn Sink> {
    fn push(&mut self, record: &Record<'_>) {
        (**self).push(record);
    }

    fn flush(&mut self) {
        (**self).flush();
    }

    fn has_room(&self) -> bool {
        (**self).has_room()
    }

    fn has_finished(&self) -> bool {
        (**self).has_finished()
    }
}
