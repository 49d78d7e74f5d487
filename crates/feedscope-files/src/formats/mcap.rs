//! MCAP, for viewers of time series: a topic for each type of event, with JSON and a schema of its shape.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use ::mcap::records::{MessageHeader, Metadata};
use ::mcap::write::NoSeek;
use ::mcap::{Compression, McapError, WriteOptions as McapOptions};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use feedscope_core::connection::ConnectionState;
use feedscope_core::numbers::counted;
use feedscope_core::record::{Direction, Kind};
use feedscope_core::time::Stamp;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::item::{Cell, FeedInfo, FeedWriter, FileItem, WriteError};
use super::shape::Shape;

/// Number of messages from which the schema of a topic is made.
const SHAPED_MESSAGES: usize = 1_000;

/// Bytes of all messages that wait for the schemas of their topics.
const WAITING_BYTES: usize = 32 << 20;

/// Number of topics. The format has room for 65,535 channels.
const MOST_TOPICS: usize = 60_000;

/// Levels of `foxglove.Log`.
const INFO: u8 = 2;
const WARNING: u8 = 3;
const ERROR: u8 = 4;

/// Writer of an MCAP file.
pub(super) struct McapWriter<W: Write> {
    out: ::mcap::Writer<NoSeek<W>>,
    feeds: Vec<FeedInfo>,
    /// Places of topics by their feeds and names.
    places: HashMap<(usize, String), usize>,
    topics: Vec<Topic>,
    waiting_bytes: usize,
    /// Events of types beyond the number of topics.
    beyond: u64,
    with_more: u64,
}

/// Topic of a feed.
struct Topic {
    name: String,
    /// Its channel; `None` while its schema is not known.
    channel: Option<u16>,
    shape: Shape,
    waiting: Vec<(Stamp, Vec<u8>)>,
    messages: u32,
    is_log: bool,
    /// Its payloads are bytes.
    has_bytes: bool,
}

impl<W: Write> McapWriter<W> {
    pub(super) fn new(out: W) -> Result<Self, WriteError> {
        let options = McapOptions::new()
            .compression(Some(Compression::Zstd))
            .library(concat!("feedscope ", env!("CARGO_PKG_VERSION")))
            .disable_seeking(true);
        Ok(Self {
            out: options.create(NoSeek::new(out)).map_err(failed)?,
            feeds: Vec::new(),
            places: HashMap::new(),
            topics: Vec::new(),
            waiting_bytes: 0,
            beyond: 0,
            with_more: 0,
        })
    }

    /// Returns the place of a topic, which is made where it is new.
    fn topic(&mut self, feed: usize, name: &str, is_log: bool) -> usize {
        if let Some(&place) = self.places.get(&(feed, name.to_owned())) {
            return place;
        }
        // Further types share the topic of events without a name, so that nothing is left out.
        if self.topics.len() >= MOST_TOPICS && name != "event" && !is_log {
            self.beyond += 1;
            return self.topic(feed, "event", false);
        }
        let feed_name = self.feeds.get(feed).map_or("", |feed| &feed.name);
        self.topics.push(Topic {
            name: format!("/{}/{}", segment(feed_name), segment_with_slashes(name)),
            channel: None,
            shape: Shape::default(),
            waiting: Vec::new(),
            messages: 0,
            is_log,
            has_bytes: false,
        });
        let place = self.topics.len() - 1;
        self.places.insert((feed, name.to_owned()), place);
        place
    }

    fn push(&mut self, place: usize, stamp: Stamp, json: Cow<'_, [u8]>) -> Result<(), WriteError> {
        let topic = &mut self.topics[place];
        if topic.channel.is_some() {
            return send(&mut self.out, topic, stamp, &json);
        }
        if !topic.is_log
            && let Ok(value) = serde_json::from_slice::<Value>(&json)
        {
            topic.shape.add(&value);
        }
        self.waiting_bytes += json.len();
        topic.waiting.push((stamp, json.into_owned()));
        if topic.waiting.len() >= SHAPED_MESSAGES || topic.is_log {
            self.settle(place)?;
        } else if self.waiting_bytes >= WAITING_BYTES {
            // Too many topics wait: their schemas are made from fewer messages.
            for place in 0..self.topics.len() {
                self.settle(place)?;
            }
        }
        Ok(())
    }

    /// Writes the schema of a topic and the messages that waited for it.
    fn settle(&mut self, place: usize) -> Result<(), WriteError> {
        let topic = &mut self.topics[place];
        if topic.channel.is_some() {
            return Ok(());
        }
        // The log has a schema that viewers know by its name.
        let (name, schema) = if topic.is_log {
            ("foxglove.Log", log_schema())
        } else {
            (&*topic.name, topic.shape.schema(&topic.name))
        };
        let mut schema = schema;
        if topic.has_bytes
            && let Some(base64) = schema.pointer_mut("/properties/base64")
        {
            base64["contentEncoding"] = "base64".into();
        }
        let schema = schema.to_string();
        let schema = self
            .out
            .add_schema(name, "jsonschema", schema.as_bytes())
            .map_err(failed)?;
        let channel = self
            .out
            .add_channel(schema, &topic.name, "json", &BTreeMap::new())
            .map_err(failed)?;
        topic.channel = Some(channel);
        // Later messages are not described any more.
        topic.shape = Shape::default();
        for (stamp, json) in std::mem::take(&mut topic.waiting) {
            self.waiting_bytes = self.waiting_bytes.saturating_sub(json.len());
            send(&mut self.out, topic, stamp, &json)?;
        }
        Ok(())
    }

    fn push_log(
        &mut self,
        feed: usize,
        stamp: Stamp,
        level: u8,
        message: &str,
    ) -> Result<(), WriteError> {
        let micros = u64::try_from(stamp.utc.as_micros()).unwrap_or(0);
        let name = self.feeds.get(feed).map_or("", |feed| &feed.name);
        let log = json!({
            "timestamp": {"sec": micros / 1_000_000, "nsec": micros % 1_000_000 * 1_000},
            "level": level,
            "message": message,
            "name": name,
            "file": "",
            "line": 0,
        });
        let place = self.topic(feed, "connection", true);
        self.push(place, stamp, Cow::Owned(log.to_string().into_bytes()))
    }
}

/// Writes a message of a topic that has a channel.
fn send<W: Write>(
    out: &mut ::mcap::Writer<NoSeek<W>>,
    topic: &mut Topic,
    stamp: Stamp,
    json: &[u8],
) -> Result<(), WriteError> {
    let Some(channel_id) = topic.channel else {
        return Ok(());
    };
    // Times before 1970 have no room in the format.
    let nanos = u64::try_from(stamp.utc.as_micros()).unwrap_or(0) * 1_000;
    let header = MessageHeader {
        channel_id,
        sequence: topic.messages,
        log_time: nanos,
        publish_time: nanos,
    };
    topic.messages = topic.messages.wrapping_add(1);
    out.write_to_known_channel(&header, json).map_err(failed)
}

impl<W: Write> FeedWriter for McapWriter<W> {
    fn add_feed(&mut self, feed: &FeedInfo) -> Result<(), WriteError> {
        let fields = [
            ("name", Some(feed.name.clone())),
            ("url", feed.url.clone()),
            (
                "protocol",
                feed.protocol.map(|protocol| protocol.word().to_owned()),
            ),
            ("engine", feed.engine.clone()),
        ];
        let metadata = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let metadata = Metadata {
            name: "feedscope.feed".to_owned(),
            metadata: metadata.collect(),
        };
        self.out.write_metadata(&metadata).map_err(failed)?;
        self.feeds.push(feed.clone());
        Ok(())
    }

    fn write(&mut self, item: &FileItem<'_>, _cells: &[Cell]) -> Result<(), WriteError> {
        let (feed, stamp) = (item.feed(), item.stamp());
        let record = match item {
            FileItem::Record { record, extra, .. } => {
                self.with_more += u64::from(!extra.is_empty());
                record
            }
            FileItem::Unknown { kind, extra, .. } => {
                let place = self.topic(feed, kind, false);
                let json = format!("{{{}}}", extra.trim_start_matches(','));
                return self.push(place, stamp, Cow::Owned(json.into_bytes()));
            }
        };
        let kind = record.kind.word();
        let (topic, json) = match &record.kind {
            Kind::Event { event, data, .. } => (String::from_utf8_lossy(event), message(data)),
            Kind::Comment { data }
            | Kind::Line { data }
            | Kind::Text {
                data, failed: None, ..
            } => (Cow::Borrowed(kind), message(data)),
            Kind::Binary {
                data, failed: None, ..
            }
            | Kind::Ping { data, .. }
            | Kind::Pong { data, .. } => (Cow::Borrowed(kind), base64(data)),
            Kind::Retry { ms } => {
                let json = json!({"value": ms}).to_string();
                (Cow::Borrowed(kind), Cow::Owned(json.into_bytes()))
            }
            other => {
                let (level, text) = log_text(other);
                return self.push_log(feed, stamp, level, &text);
            }
        };
        // Sent messages are a topic of their own, so that a viewer can plot both sides.
        let topic = match record.kind.direction() {
            Some(Direction::Out) => Cow::Owned(format!("{topic}/sent")),
            _ => topic,
        };
        let place = self.topic(feed, &topic, false);
        self.topics[place].has_bytes |= matches!(
            record.kind,
            Kind::Binary { .. } | Kind::Ping { .. } | Kind::Pong { .. }
        );
        self.push(place, stamp, json)
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<String>, WriteError> {
        // Topics with few messages still wait for their schemas.
        for place in 0..self.topics.len() {
            self.settle(place)?;
        }
        self.out.finish().map_err(failed)?;
        let mut remarks = vec![
            "MCAP contains no event IDs, numbers of connections and forms on the wire".to_owned(),
        ];
        if self.beyond > 0 {
            remarks.push(format!(
                "{} of further types are in the topic `event`, because there are too many types",
                counted(self.beyond, "event")
            ));
        }
        if self.with_more > 0 {
            remarks.push(format!(
                "members that this version does not know are left out of {}",
                counted(self.with_more, "record")
            ));
        }
        Ok(remarks)
    }
}

/// Returns a payload as an object, because readers expect one.
fn message(data: &[u8]) -> Cow<'_, [u8]> {
    if data.trim_ascii_start().starts_with(b"{")
        && serde_json::from_slice::<IgnoredAny>(data).is_ok()
    {
        return Cow::Borrowed(data);
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return base64(data);
    };
    // The text of a value is kept as it is written, so that no digit of a number is lost.
    let json = if serde_json::from_str::<IgnoredAny>(text).is_ok() {
        format!("{{\"value\":{}}}", text.trim())
    } else {
        json!({"text": text}).to_string()
    };
    Cow::Owned(json.into_bytes())
}

fn base64(data: &[u8]) -> Cow<'static, [u8]> {
    let json = json!({"base64": STANDARD.encode(data)});
    Cow::Owned(json.to_string().into_bytes())
}

/// Returns the level and the text of a record in the log of the connection.
fn log_text(kind: &Kind<'_>) -> (u8, String) {
    match kind {
        Kind::State(change) => {
            // The levels of the log schema, by which Foxglove colors a line.
            let level = match change.state {
                ConnectionState::Failed => ERROR,
                ConnectionState::Reconnecting => WARNING,
                _ => INFO,
            };
            let details = [
                change.status.map(|status| format!("status {status}")),
                change.attempt.map(|attempt| format!("attempt {attempt}")),
                change.delay_ms.map(|delay| format!("in {delay} ms")),
                change.reason.clone(),
            ];
            let words = std::iter::once(change.state.word().to_owned());
            let words: Vec<_> = words.chain(details.into_iter().flatten()).collect();
            (level, words.join(", "))
        }
        Kind::Close {
            direction,
            code,
            reason,
        } => (
            INFO,
            format!("close {code} {} {reason}", direction.word())
                .trim_end()
                .to_owned(),
        ),
        Kind::Gap(gap) => {
            let counts = [("missing", gap.missing), ("repeated", gap.repeated)];
            let counts = counts
                .into_iter()
                .filter_map(|(name, count)| Some(format!("{} {name}", count?)));
            let counts: Vec<_> = counts.collect();
            let (from, to) = (&gap.from, &gap.to);
            (
                WARNING,
                format!("gap from {from} to {to}: {}", counts.join(", ")),
            )
        }
        Kind::Note { code, text } => (INFO, format!("{code}: {text}")),
        // Only messages that were given up come here. The others are in their own channel.
        Kind::Text { failed, .. } | Kind::Binary { failed, .. } => {
            let reason = failed.unwrap_or_default();
            (WARNING, format!("a message was not sent: {reason}"))
        }
        _ => (INFO, kind.word().to_owned()),
    }
}

/// Schema of the log, as Foxglove publishes it.
fn log_schema() -> Value {
    let levels = ["UNKNOWN", "DEBUG", "INFO", "WARNING", "ERROR", "FATAL"];
    let levels: Vec<_> = levels
        .iter()
        .enumerate()
        .map(|(number, title)| json!({"title": title, "const": number}))
        .collect();
    json!({
        "title": "foxglove.Log",
        "description": "A log message",
        "type": "object",
        "properties": {
            "timestamp": {
                "type": "object",
                "title": "time",
                "properties": {
                    "sec": {"type": "integer", "minimum": 0},
                    "nsec": {"type": "integer", "minimum": 0, "maximum": 999_999_999},
                },
            },
            "level": {"title": "foxglove.LogLevel", "oneOf": levels},
            "message": {"type": "string"},
            "name": {"type": "string"},
            "file": {"type": "string"},
            "line": {"type": "integer", "minimum": 0},
        },
    })
}

/// Returns a name as one segment of a topic.
fn segment(name: &str) -> String {
    name.replace('/', "_")
}

/// Returns the name of a type as the end of a topic. Its slashes stay, so that types in groups are shown as such.
fn segment_with_slashes(name: &str) -> String {
    name.trim_matches('/').to_owned()
}

fn failed(error: McapError) -> WriteError {
    match error {
        McapError::Io(error) => WriteError::Io(error),
        other => WriteError::Io(std::io::Error::other(other)),
    }
}
