//! Reports of an engine, in a form that can be compared with another engine's.
//!
//! Text is decoded as in every reader, with U+FFFD for bytes that are not UTF-8.

use crate::decode::{DataOpcode, EventStreamItem, Oversized, WireItem};
use crate::protocol::CloseCode;

/// One report of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineReport {
    /// An event.
    Event {
        /// Event type.
        event: String,
        /// Last event ID in force.
        id: String,
        /// Data of the event.
        data: String,
    },
    /// A comment.
    Comment(String),
    /// Reconnection time, in milliseconds.
    Retry(u64),
    /// Block that was skipped because it is too long, with its number of bytes.
    Skipped(u64),
    /// Comment that was skipped because it is too long, with its number of bytes.
    SkippedComment(u64),
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A ping.
    Ping(Vec<u8>),
    /// A pong.
    Pong(Vec<u8>),
    /// A close frame.
    Close {
        /// Close code.
        code: CloseCode,
        /// Close reason.
        reason: String,
    },
    /// End of the reports: the connection ended, or the engine gave up.
    Ending(EngineEnding),
}

/// End of an engine's reports. Two endings are equal if the next connection begins in the same way; the text of the
/// reason does not count.
#[derive(Clone, Debug, Default)]
pub struct EngineEnding {
    /// Reason for which the engine gave up; `None` if it read to the end.
    pub gave_up: Option<String>,
    /// Close code for this reason, for WebSockets.
    pub close_code: Option<CloseCode>,
    /// `Last-Event-ID` of a reconnection; may be empty.
    pub last_event_id: String,
}

impl PartialEq for EngineEnding {
    fn eq(&self, other: &Self) -> bool {
        // Each engine has its own texts, so that only the fact counts.
        self.gave_up.is_some() == other.gave_up.is_some()
            && self.close_code == other.close_code
            && self.last_event_id == other.last_event_id
    }
}

impl Eq for EngineEnding {}

impl EngineReport {
    /// Returns names and values for people. The first value is the kind, without a name.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let number = |value: u64| value.to_string();
        match self {
            Self::Event { event, id, data } => vec![
                ("", "event".to_owned()),
                ("type", event.clone()),
                ("id", id.clone()),
                ("data", data.clone()),
            ],
            Self::Comment(data) => vec![("", "comment".to_owned()), ("data", data.clone())],
            Self::Retry(ms) => vec![("", "retry".to_owned()), ("ms", number(*ms))],
            Self::Skipped(bytes) => {
                vec![("", "skipped event".to_owned()), ("bytes", number(*bytes))]
            }
            Self::SkippedComment(bytes) => {
                vec![
                    ("", "skipped comment".to_owned()),
                    ("bytes", number(*bytes)),
                ]
            }
            Self::Text(data) => vec![("", "text".to_owned()), ("data", data.clone())],
            Self::Binary(data) => vec![("", "binary".to_owned()), ("data", hex(data))],
            Self::Ping(data) => vec![("", "ping".to_owned()), ("data", hex(data))],
            Self::Pong(data) => vec![("", "pong".to_owned()), ("data", hex(data))],
            Self::Close { code, reason } => vec![
                ("", "close".to_owned()),
                ("code", code.to_string()),
                ("reason", reason.clone()),
            ],
            Self::Ending(ending) => ending.fields(),
        }
    }
}

impl EngineEnding {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = match &self.gave_up {
            None => vec![("", "end of the connection".to_owned())],
            Some(why) => vec![("", "gives up".to_owned()), ("why", why.clone())],
        };
        if let Some(code) = self.close_code {
            fields.push(("close code", code.to_string()));
        }
        if !self.last_event_id.is_empty() {
            fields.push(("last event ID", self.last_event_id.clone()));
        }
        fields
    }
}

impl EngineReport {
    /// Returns the report of an item; `None` for bytes that form no record.
    pub fn of(item: EventStreamItem<'_>) -> Option<Self> {
        Some(match item {
            EventStreamItem::Event { event, id, data } => Self::Event {
                event: lossy(event),
                id: lossy(id),
                data: lossy(data),
            },
            EventStreamItem::Comment(data) => Self::Comment(lossy(data)),
            EventStreamItem::Retry(ms) => Self::Retry(ms),
            EventStreamItem::TooLong(Oversized::Event(bytes)) => Self::Skipped(bytes),
            EventStreamItem::TooLong(Oversized::Comment(bytes)) => Self::SkippedComment(bytes),
            // Engines report no record for these bytes.
            EventStreamItem::Ignored { .. } | EventStreamItem::NoData { .. } => return None,
        })
    }
}

impl From<&WireItem<'_>> for EngineReport {
    fn from(item: &WireItem<'_>) -> Self {
        match *item {
            WireItem::Message {
                opcode: DataOpcode::Text,
                data,
                ..
            } => Self::Text(lossy(data)),
            WireItem::Message { data, .. } => Self::Binary(data.to_vec()),
            WireItem::Ping(data) => Self::Ping(data.to_vec()),
            WireItem::Pong(data) => Self::Pong(data.to_vec()),
            WireItem::Close { code, reason } => Self::Close {
                code: code.unwrap_or(CloseCode::NO_STATUS),
                reason: reason.to_owned(),
            },
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(3 * bytes.len());
    for byte in bytes {
        // Writing to a string never fails.
        write!(text, "{byte:02x} ").ok();
    }
    // Remove the last space.
    text.pop();
    text
}
