//! One entry of a HAR: what is known about a connection, and its messages, put aside as they are written.

use feedscope_core::Timestamp;
use serde::Deserialize;

use super::super::item::{FeedProtocol, ReadError};
use super::super::json_stream::JsonStream;
use super::spool::Spool;

/// Longest URL, and longest text of any other known member, in bytes.
const LONGEST_TEXT: usize = 64 << 10;

/// Longest list of the places at which a clock jumped, in bytes.
const LONGEST_CLOCK: usize = 16 << 20;

/// Entry whose members were read.
pub(super) struct HarEntry {
    pub(super) started: Option<Timestamp>,
    pub(super) url: String,
    pub(super) status: Option<u16>,
    mime_type: String,
    resource_type: String,
    /// Messages or events, as JSON.
    pub(super) messages: Spool,
    has_socket_messages: bool,
    pub(super) has_events: bool,
    /// Text of the body, and whether it is base64.
    pub(super) content: Spool,
    pub(super) is_base64: bool,
    pub(super) close: Option<Close>,
    pub(super) own: Option<Own>,
    /// Messages that are longer than the limit.
    pub(super) too_long: u64,
}

/// End of a WebSocket.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Close {
    pub(super) code: Option<u16>,
    pub(super) reason: Option<String>,
}

/// What Feedscope wrote beside the members that HAR has.
pub(super) struct Own {
    pub(super) feed: String,
    pub(super) protocol: Option<FeedProtocol>,
    pub(super) engine: Option<String>,
    pub(super) started: Option<Timestamp>,
    pub(super) connection: u32,
    pub(super) has_url: bool,
    /// Number of a record, and its moment and UTC in microseconds, wherever their relation changed.
    pub(super) clock: Vec<(u64, i64, i64)>,
    /// Lines of records that HAR has no room for, and numbers of messages between them.
    pub(super) records: Spool,
    /// Times of the lines in the text of the body, in microseconds.
    pub(super) times: Spool,
}

impl HarEntry {
    /// Reads an entry. Messages of more than `most` bytes as JSON are left out.
    pub(super) fn read(json: &mut JsonStream, most: usize) -> Result<Self, ReadError> {
        let mut entry = Self {
            started: None,
            url: String::new(),
            status: None,
            mime_type: String::new(),
            resource_type: String::new(),
            messages: Spool::new(),
            has_socket_messages: false,
            has_events: false,
            content: Spool::new(),
            is_base64: false,
            close: None,
            own: None,
            too_long: 0,
        };
        // The members have no fixed order. Long ones are put into temporary files as they are read.
        members(json, &mut |json, name| {
            match name {
                "startedDateTime" => entry.started = Timestamp::from_rfc3339(&text(json)?),
                "_resourceType" => entry.resource_type = text(json)?,
                "request" => members(json, &mut |json, name| match name {
                    "url" => text(json).map(|url| entry.url = url),
                    _ => json.skip(),
                })?,
                "response" => members(json, &mut |json, name| match name {
                    "status" => number(json).map(|status| entry.status = status),
                    "content" => entry.read_content(json),
                    _ => json.skip(),
                })?,
                "_webSocketMessages" => {
                    entry.has_socket_messages = true;
                    entry.read_messages(json, most)?;
                }
                "_eventSourceMessages" => {
                    entry.has_events = true;
                    entry.read_messages(json, most)?;
                }
                "_webSocketClose" => {
                    let raw = json.raw(LONGEST_TEXT)?.unwrap_or_default();
                    entry.close = serde_json::from_slice(&raw).ok();
                }
                "_feedscope" => entry.own = Some(Own::read(json, most)?),
                // Other members, such as cookies and timings, describe no record.
                _ => json.skip()?,
            }
            Ok(())
        })?;
        Ok(entry)
    }

    /// Returns the protocol of the connection; `None` for a request that is no feed.
    pub(super) fn protocol(&self) -> Option<FeedProtocol> {
        if let Some(own) = &self.own {
            return Some(own.protocol.unwrap_or(FeedProtocol::EventStream));
        }
        let essence = self.mime_type.split(';').next().unwrap_or_default().trim();
        let is_type = |name: &str| essence.eq_ignore_ascii_case(name);
        if self.has_socket_messages
            || self.resource_type == "websocket"
            || self.url.starts_with("ws:")
            || self.url.starts_with("wss:")
        {
            Some(FeedProtocol::WebSocket)
        } else if self.has_events
            || self.resource_type == "eventsource"
            || is_type("text/event-stream")
        {
            Some(FeedProtocol::EventStream)
        } else if LINE_TYPES.iter().any(|name| is_type(name)) {
            Some(FeedProtocol::Lines)
        } else {
            None
        }
    }

    fn read_content(&mut self, json: &mut JsonStream) -> Result<(), ReadError> {
        members(json, &mut |json, name| match name {
            "mimeType" => text(json).map(|name| self.mime_type = name),
            "encoding" => text(json).map(|name| self.is_base64 = name == "base64"),
            // The type may follow the text, so that the text is put aside before it is known to be a feed.
            "text" => json.string(&mut |piece| self.content.write(piece)),
            _ => json.skip(),
        })
    }

    fn read_messages(&mut self, json: &mut JsonStream, most: usize) -> Result<(), ReadError> {
        elements(json, &mut |json| {
            match json.raw(most)? {
                Some(raw) => self.messages.push(&raw)?,
                None => self.too_long += 1,
            }
            Ok(())
        })
    }
}

/// Content types of bodies that are read by lines.
const LINE_TYPES: [&str; 5] = [
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/stream+json",
];

impl Own {
    fn read(json: &mut JsonStream, most: usize) -> Result<Self, ReadError> {
        let mut own = Self {
            feed: String::new(),
            protocol: None,
            engine: None,
            started: None,
            connection: 1,
            has_url: true,
            clock: Vec::new(),
            records: Spool::new(),
            times: Spool::new(),
        };
        members(json, &mut |json, name| {
            match name {
                "feed" => own.feed = text(json)?,
                "protocol" => own.protocol = FeedProtocol::of_word(&text(json)?),
                "engine" => own.engine = Some(text(json)?),
                "started" => own.started = Timestamp::from_rfc3339(&text(json)?),
                "connection" => own.connection = number(json)?.unwrap_or(1),
                "hasUrl" => own.has_url = json.raw(LONGEST_TEXT)?.as_deref() != Some(b"false"),
                "clock" => {
                    let raw = json.raw(LONGEST_CLOCK)?.unwrap_or_default();
                    own.clock = serde_json::from_slice(&raw).unwrap_or_default();
                }
                "records" => elements(json, &mut |json| {
                    let raw = json.raw(most)?.unwrap_or_default();
                    Ok(own.records.push(&raw)?)
                })?,
                "times" => elements(json, &mut |json| {
                    let raw = json.raw(LONGEST_TEXT)?.unwrap_or_default();
                    Ok(own.times.push(&raw)?)
                })?,
                _ => json.skip()?,
            }
            Ok(())
        })?;
        Ok(own)
    }
}

/// Reads the members of an object. Another value is skipped.
pub(super) fn members(
    json: &mut JsonStream,
    each: &mut dyn FnMut(&mut JsonStream, &str) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    if !json.begin(b'{')? {
        return json.skip();
    }
    let mut is_first = true;
    while let Some(name) = json.next_member(&mut is_first)? {
        each(json, &name)?;
    }
    Ok(())
}

/// Reads the elements of an array. Another value is skipped.
fn elements(
    json: &mut JsonStream,
    each: &mut dyn FnMut(&mut JsonStream) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    if !json.begin(b'[')? {
        return json.skip();
    }
    let mut is_first = true;
    while json.next_element(&mut is_first)? {
        each(json)?;
    }
    Ok(())
}

fn text(json: &mut JsonStream) -> Result<String, ReadError> {
    json.text(LONGEST_TEXT)
}

fn number<T: std::str::FromStr>(json: &mut JsonStream) -> Result<Option<T>, ReadError> {
    let raw = json.raw(LONGEST_TEXT)?.unwrap_or_default();
    Ok(std::str::from_utf8(&raw)
        .ok()
        .and_then(|text| text.parse().ok()))
}
