//! Records of files, and the traits of their readers and writers.

use std::fmt;
use std::io;

use feedscope_core::record::{Record, write_json_line};
use feedscope_core::time::{Stamp, Timestamp};

use super::format::Format;
use crate::recording::RecordedReading;

/// Protocol by which a feed was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FeedProtocol {
    /// Server-Sent Events.
    EventStream,
    /// WebSocket.
    WebSocket,
    /// Lines, over HTTP or from standard input.
    Lines,
}

impl FeedProtocol {
    /// Name of the protocol in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::EventStream => "event-stream",
            Self::WebSocket => "web-socket",
            Self::Lines => "lines",
        }
    }

    /// Returns the protocol with this name.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::EventStream, Self::WebSocket, Self::Lines]
            .into_iter()
            .find(|protocol| protocol.word() == word)
    }
}

/// Description of a feed in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedInfo {
    /// Short name.
    pub name: String,
    /// URL with its secrets masked; `None` where it is not known.
    pub url: Option<String>,
    /// Protocol; `None` where it is not known.
    pub protocol: Option<FeedProtocol>,
    /// Name of the engine that received the feed; `None` where it is not known.
    pub engine: Option<String>,
    /// Its records have times of their own, because they were written by Feedscope.
    pub is_own: bool,
    /// The file names the feed.
    pub is_named: bool,
    /// Time at which its recording began; `None` where it is not known.
    pub started: Option<Timestamp>,
    /// Reading of its payloads, as a recording has it.
    pub reading: RecordedReading,
}

/// One item of a file.
#[derive(Clone, Debug)]
pub enum FileItem<'a> {
    /// A record.
    Record {
        /// Number of its feed.
        feed: usize,
        /// The record.
        record: Record<'a>,
        /// Members of the JSON object that this version does not know, each with a comma before it.
        extra: &'a str,
    },
    /// A record of a kind that this version does not know.
    Unknown {
        /// Number of its feed.
        feed: usize,
        /// Time of its arrival.
        stamp: Stamp,
        /// Number of its connection.
        connection: u32,
        /// Name of its kind.
        kind: &'a str,
        /// All other members of the JSON object, each with a comma before it.
        extra: &'a str,
    },
}

impl FileItem<'_> {
    /// Number of its feed.
    pub fn feed(&self) -> usize {
        match *self {
            Self::Record { feed, .. } | Self::Unknown { feed, .. } => feed,
        }
    }

    /// Time of its arrival.
    pub fn stamp(&self) -> Stamp {
        match self {
            Self::Record { record, .. } => record.stamp,
            Self::Unknown { stamp, .. } => *stamp,
        }
    }

    /// Returns the item with another time.
    #[must_use]
    pub fn at(mut self, at: Stamp) -> Self {
        match &mut self {
            Self::Record { record, .. } => record.stamp = at,
            Self::Unknown { stamp, .. } => *stamp = at,
        }
        self
    }

    /// Returns the item with another number for its feed.
    #[must_use]
    pub fn of_feed(self, feed: usize) -> Self {
        match self {
            Self::Record { record, extra, .. } => Self::Record {
                feed,
                record,
                extra,
            },
            Self::Unknown {
                stamp,
                connection,
                kind,
                extra,
                ..
            } => Self::Unknown {
                feed,
                stamp,
                connection,
                kind,
                extra,
            },
        }
    }

    /// Appends the item to `out` as one line of JSON. `feed` is the name of its feed, if the line contains one.
    pub fn write_json_line(&self, out: &mut Vec<u8>, feed: Option<&str>) {
        match self {
            Self::Record { record, extra, .. } => {
                write_json_line(out, record, feed);
                if !extra.is_empty() {
                    // The members follow the last known one, before the brace and the line feed.
                    out.truncate(out.len() - 2);
                    out.extend_from_slice(extra.as_bytes());
                    out.extend_from_slice(b"}\n");
                }
            }
            Self::Unknown {
                stamp,
                connection,
                kind,
                extra,
                ..
            } => {
                // The members have the order of known kinds.
                out.extend_from_slice(b"{\"at\":\"");
                out.extend_from_slice(&stamp.utc.to_rfc3339());
                out.extend_from_slice(format!("\",\"connection\":{connection}").as_bytes());
                for (name, value) in [("feed", feed), ("kind", Some(*kind))] {
                    if let Some(value) = value {
                        out.extend_from_slice(
                            format!(",\"{name}\":{}", serde_json::Value::from(value)).as_bytes(),
                        );
                    }
                }
                out.extend_from_slice(extra.as_bytes());
                out.extend_from_slice(b"}\n");
            }
        }
    }
}

/// Taker of the feeds and records of a file.
pub trait ItemSink {
    /// Takes a feed. Feeds are numbered from 0 in the order in which they come, each before its first item.
    fn add_feed(&mut self, feed: &FeedInfo);

    /// Takes an item.
    fn push(&mut self, item: FileItem<'_>);
}

/// Reader of one file.
pub trait FeedReader: Send {
    /// Reads a part of the file and hands out what it contains, which may be nothing. Returns false at the end.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read, or is not what its format requires.
    fn read(&mut self, out: &mut dyn ItemSink) -> Result<bool, ReadError>;

    /// Returns true if the next read may have to wait for bytes of a live source.
    fn is_waiting(&self) -> bool {
        true
    }

    /// Remarks on what the file does not contain, for people. They are complete at the end of the file.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }

    /// Returns true if some records of the file could not be read. The remarks have their number.
    fn is_damaged(&self) -> bool {
        false
    }
}

/// Writer of one file.
pub trait FeedWriter {
    /// Adds a feed. Feeds are numbered from 0 in the order in which they are added, each before its first item.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written, or if the format has no room for the feed.
    fn add_feed(&mut self, feed: &FeedInfo) -> Result<(), WriteError>;

    /// Writes an item, with the values of the columns that the user requested.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written.
    fn write(&mut self, item: &FileItem<'_>, cells: &[Cell]) -> Result<(), WriteError>;

    /// Writes out what is complete, because no more items may come for a while.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written.
    fn flush(&mut self) -> Result<(), WriteError> {
        Ok(())
    }

    /// Completes the file. Returns remarks on what the format cannot contain, for people.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written.
    fn finish(self: Box<Self>) -> Result<Vec<String>, WriteError>;
}

/// Value of a column that the user requested.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// The path leads to nothing, or to `null`.
    #[default]
    Empty,
    /// A number, as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// An array or an object, as JSON.
    Json(String),
}

impl Cell {
    /// Text of the value.
    pub fn text(&self) -> &str {
        match self {
            Self::Empty => "",
            Self::Number(text) | Self::Text(text) | Self::Json(text) => text,
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
        }
    }
}

/// Choices about the reading of a file.
pub struct ReadOptions {
    /// Name of a feed that has none in the file.
    pub name: String,
    /// Longest line, event or message that is read, in bytes.
    pub max_message: u64,
    /// Returns the time of a record for which the file has none.
    pub now: Box<dyn FnMut() -> Timestamp + Send>,
}

/// Choices about the writing of a file.
#[derive(Clone, Debug, Default)]
pub struct WriteOptions {
    /// Names of the requested columns.
    pub columns: Vec<String>,
    /// Write texts that a spreadsheet would execute as they are.
    pub unguarded: bool,
}

/// Reason that a file cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// The file or its compression is damaged, or the system reports an error.
    Io(io::Error),
    /// The file is not what its format requires.
    Malformed(String),
    /// Files of this format are written only.
    Unreadable(Format),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Malformed(sentence) => f.write_str(sentence),
            Self::Unreadable(format) => {
                write!(
                    f,
                    "Feedscope writes {} files and cannot read them",
                    format.name()
                )
            }
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reason that a file cannot be written.
#[derive(Debug)]
pub enum WriteError {
    /// The system reports an error.
    Io(io::Error),
    /// The format has no room for these feeds.
    NoRoom(String),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::NoRoom(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for WriteError {}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Stamps for records of which only UTC is known. Moments never go back.
#[derive(Debug, Default)]
pub(super) struct Stamps {
    first: Option<Timestamp>,
    last: Stamp,
}

impl Stamps {
    /// Returns the stamp for a record that arrived at `utc`.
    pub(super) fn at(&mut self, utc: Timestamp) -> Stamp {
        // The first record is at the moment 0.
        let first = *self.first.get_or_insert(utc);
        let since = utc.as_micros().saturating_sub(first.as_micros());
        let nanos = u64::try_from(since).unwrap_or(0).saturating_mul(1_000);
        let moment = feedscope_core::Moment::from_nanos(nanos).max(self.last.moment);
        self.last = Stamp { moment, utc };
        self.last
    }

    /// Time of the newest record; `None` before the first.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.first.map(|_| self.last.utc)
    }
}
