//! What an engine tells, kept, so that it can be compared with what another one tells. Text is decoded as every reader
//! has to: with U+FFFD for what is no UTF-8.

use crate::decode::{DataOpcode, EventStreamItem, Oversized, WireItem};

/// RFC 6455 7.1.5: what a close frame without a code is called.
const NO_STATUS: u16 = 1005;

/// One thing that an engine tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// An event.
    Event {
        /// Its type.
        event: String,
        /// The last event ID in force.
        id: String,
        /// Its data.
        data: String,
    },
    /// A comment.
    Comment(String),
    /// The reconnection time, in milliseconds.
    Retry(u64),
    /// A block was too long and was skipped, after so many bytes.
    Skipped(u64),
    /// A comment was too long and was skipped, after so many bytes.
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
        /// The close code.
        code: u16,
        /// The close reason.
        reason: String,
    },
    /// There is no more: the connection ended, or the engine gave up on it.
    Ending(Ending),
}

/// How the telling ends. The words for it do not count: two endings are the same where the next connection begins alike.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// Why the engine gave up, in words; `None` where it read to the end.
    pub gave_up: Option<String>,
    /// The close code that says so, for WebSockets.
    pub close_code: Option<u16>,
    /// What a reconnection would send as `Last-Event-ID`; may be empty.
    pub last_event_id: String,
}

impl PartialEq for Ending {
    fn eq(&self, other: &Self) -> bool {
        self.gave_up.is_some() == other.gave_up.is_some()
            && self.close_code == other.close_code
            && self.last_event_id == other.last_event_id
    }
}

impl Eq for Ending {}

impl Told {
    /// The names and values of what is told, for people; its kind is the first value, without a name.
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

impl Ending {
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

impl Told {
    /// The record of an item; `None` for bytes that form none.
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
            EventStreamItem::Ignored { .. } | EventStreamItem::NoData { .. } => return None,
        })
    }
}

impl From<&WireItem<'_>> for Told {
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
                code: code.unwrap_or(NO_STATUS),
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
    text.pop();
    text
}
