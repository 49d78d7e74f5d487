//! A record: one thing in the timeline, borrowed from whoever holds its bytes. Never keeps or copies a payload.

mod json_line;

pub use json_line::write_json_line;

use std::time::Duration;

use crate::connection::StateChange;
use crate::decode::WireInfo;
use crate::gap::Gap;
use crate::time::Stamp;

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Received.
    In,
    /// Sent, or given up before it could be.
    Out,
}

impl Direction {
    /// The word that JSON lines use: `in` or `out`.
    pub fn word(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// One thing that happened on a feed, with its bytes borrowed.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<'a> {
    /// When its bytes were read, or when it was handed to the socket.
    pub stamp: Stamp,
    /// Which of the feed's connections it belongs to, numbered from 1.
    pub connection: u32,
    /// What it is.
    pub kind: Kind<'a>,
}

/// What a record is, with its payload.
///
/// Text stays as the bytes that came; whoever shows it decodes it, with U+FFFD for what is no UTF-8.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind<'a> {
    /// The feed's connection changed its state.
    State(StateChange),
    /// A dispatched event (HTML 9.2.6).
    Event {
        /// The event type; `message` where the stream named none.
        event: &'a [u8],
        /// The last event ID in force; may be empty.
        id: &'a [u8],
        /// The data lines, joined by U+000A.
        data: &'a [u8],
    },
    /// A line of an event stream that starts with a colon, without the colon and one space after it.
    Comment {
        /// The rest of the line.
        data: &'a [u8],
    },
    /// The server set the reconnection time.
    Retry {
        /// Milliseconds, saturated.
        ms: u64,
    },
    /// A line of a source that is read by lines.
    Line {
        /// The line without its end.
        data: &'a [u8],
    },
    /// A WebSocket message of opcode 1.
    Text {
        /// Which way it went.
        direction: Direction,
        /// The whole message, after defragmentation.
        data: &'a [u8],
        /// Why it was given up, for a message that never went out.
        failed: Option<&'a str>,
        /// How it went over the wire, where that is worth telling ([`WireInfo::unless_plain`]) and the engine tells.
        wire: Option<WireInfo>,
    },
    /// A WebSocket message of opcode 2.
    Binary {
        /// Which way it went.
        direction: Direction,
        /// The whole message, after defragmentation.
        data: &'a [u8],
        /// Why it was given up, for a message that never went out.
        failed: Option<&'a str>,
        /// How it went over the wire, where that is worth telling ([`WireInfo::unless_plain`]) and the engine tells.
        wire: Option<WireInfo>,
    },
    /// A WebSocket ping.
    Ping {
        /// Which way it went.
        direction: Direction,
        /// Its application data, at most 125 bytes.
        data: &'a [u8],
    },
    /// A WebSocket pong.
    Pong {
        /// Which way it went.
        direction: Direction,
        /// Its application data, at most 125 bytes.
        data: &'a [u8],
        /// How long after our ping it came, where it answers one.
        rtt: Option<Duration>,
    },
    /// A WebSocket close frame.
    Close {
        /// Which way it went.
        direction: Direction,
        /// The close code (RFC 6455 7.1.5); 1005 where the frame carried none.
        code: u16,
        /// The close reason (RFC 6455 7.1.6).
        reason: &'a str,
    },
    /// What a resume lost or repeated.
    Gap(Gap),
    /// Something that the timeline has to say itself.
    Note {
        /// A stable word for machines, such as `let_go` or `message_too_long`.
        code: &'a str,
        /// A sentence for people.
        text: &'a str,
    },
}

impl Kind<'_> {
    /// The word that JSON lines and the timeline use for this kind.
    pub fn word(&self) -> &'static str {
        self.tag().word()
    }

    /// The kind without its payload.
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

    /// Which way it went, for kinds that go one.
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
    /// Every kind.
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

    /// Number of the kind in a store and in files.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Returns the kind with this number; `None` for a kind of a later version.
    pub fn of_number(number: u8) -> Option<Self> {
        /// Kinds by their numbers, because every row that is read is looked up here.
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

    /// The word that JSON lines and the timeline use for this kind.
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

/// Where records go: a store, standard output, a counter.
///
/// One writer calls it, in the order in which things happened. [`push`](Sink::push) is called for each record,
/// [`flush`](Sink::flush) when all that one read yielded has been pushed, so that a reader is woken once a batch.
pub trait Sink: Send + 'static {
    /// Takes one record. The bytes are only borrowed.
    fn push(&mut self, record: &Record<'_>);

    /// Makes what was pushed visible to readers.
    fn flush(&mut self);

    /// Whether more may come. `false` asks to wait a moment with what can wait, such as reading on; what is pushed all the
    /// same is taken.
    fn has_room(&self) -> bool {
        true
    }
}
