//! Writer of a HAR. Records are put aside as a recording first, because those of one connection are together in a HAR.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use feedscope_core::record::{Direction, Kind, Record, write_json_line};
use feedscope_core::store::{RowNumber, Store};
use feedscope_core::time::Stamp;
use serde_json::{Value, json};
use url::Url;

use super::super::item::{Cell, FeedInfo, FeedProtocol, FeedWriter, FileItem, WriteError};
use super::super::native;
use super::super::sse::StreamText;
use crate::disk_history::HistoryFolder;
use crate::recording::{OpenedFeed, open_files};

/// Bytes of a store that are read at a time.
const PORTION_BYTES: usize = 1 << 20;

/// Writer of a HAR.
pub(in super::super) struct HarWriter<W: Write> {
    out: W,
    records: native::NativeWriter<BufWriter<File>>,
}

impl<W: Write> HarWriter<W> {
    pub(in super::super) fn new(out: W) -> Result<Self, WriteError> {
        let file = HistoryFolder::usual().temporary_file()?;
        Ok(Self {
            out,
            records: native::NativeWriter::new(BufWriter::new(file)),
        })
    }
}

impl<W: Write> FeedWriter for HarWriter<W> {
    fn add_feed(&mut self, feed: &FeedInfo) -> Result<(), WriteError> {
        self.records.add_feed(feed)
    }

    fn write(&mut self, item: &FileItem<'_>, cells: &[Cell]) -> Result<(), WriteError> {
        self.records.write(item, cells)
    }

    fn finish(self: Box<Self>) -> Result<Vec<String>, WriteError> {
        let Self { mut out, records } = *self;
        let (file, remarks) = records.complete()?;
        let file = file
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)?;
        let opened = open_files([(file, "the records".into())])
            .map_err(|error| WriteError::Io(std::io::Error::other(error.to_string())))?;
        let mut connections = Vec::new();
        for feed in &opened.feeds {
            find_connections(feed, &mut connections)?;
        }
        // Readers expect the entries in the order in which they began.
        connections.sort_by_key(|connection| connection.first.moment);
        let creator = json!({
            "name": "Feedscope",
            "version": env!("CARGO_PKG_VERSION"),
            "comment": "headers, cookies and bodies of requests are left out, and secrets in URLs are masked",
        });
        write!(
            out,
            "{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"pages\":[],\"entries\":["
        )?;
        for (number, connection) in connections.iter().enumerate() {
            out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
            connection.write(&mut out)?;
        }
        out.write_all(b"\n]}}\n")?;
        out.flush()?;
        Ok(remarks)
    }
}

/// Rows of one connection of a feed.
struct ConnectionRows<'a> {
    feed: &'a OpenedFeed,
    number: u32,
    rows: Range<RowNumber>,
    first: Stamp,
    last: Stamp,
    status: Option<u16>,
    /// Code and reason of the close frame that was received.
    close: Option<(u16, String)>,
}

/// Finds the connections of a feed.
fn find_connections<'a>(
    feed: &'a OpenedFeed,
    found: &mut Vec<ConnectionRows<'a>>,
) -> Result<(), WriteError> {
    let extent = feed.store.extent();
    let of_feed = found.len();
    each(&feed.store, extent.first..extent.end, &mut |row, record| {
        let stamp = record.stamp;
        // Numbers of connections may begin again, as in a file of several sessions.
        let is_next = found[of_feed..]
            .last()
            .is_none_or(|connection| connection.number != record.connection);
        if is_next {
            found.push(ConnectionRows {
                feed,
                number: record.connection,
                rows: row..row,
                first: stamp,
                last: stamp,
                status: None,
                close: None,
            });
        }
        if let Some(connection) = found.last_mut() {
            connection.rows.end = row + 1;
            connection.last = stamp;
            match &record.kind {
                Kind::State(change) => {
                    connection.status = connection.status.or(change.status);
                }
                Kind::Close {
                    direction: Direction::In,
                    code,
                    reason,
                } => connection.close = Some((code.0, (*reason).to_owned())),
                _ => {}
            }
        }
        Ok(())
    })
}

/// Passes the records of these rows on.
fn each(
    store: &Store,
    rows: Range<RowNumber>,
    act: &mut dyn FnMut(RowNumber, &Record<'_>) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    let mut next = rows.start;
    while next < rows.end
        && let Some(portion) = store.portion(next, PORTION_BYTES)
    {
        for (row, record) in portion.records() {
            if row < rows.end {
                act(row, &record)?;
            }
        }
        next = portion.numbers().end;
    }
    Ok(())
}

impl ConnectionRows<'_> {
    fn protocol(&self) -> FeedProtocol {
        FeedProtocol::of_word(&self.feed.description.protocol).unwrap_or(FeedProtocol::EventStream)
    }

    fn write(&self, out: &mut dyn Write) -> Result<(), WriteError> {
        let protocol = self.protocol();
        let description = &self.feed.description;
        let name = &description.name;
        let url = match &description.url {
            Some(url) => url.clone(),
            None => unknown_url(name),
        };
        // A browser gives a socket this type, because it has no body.
        let (status, mime_type, resource_type) = match protocol {
            FeedProtocol::WebSocket => (101, "x-unknown", "websocket"),
            FeedProtocol::EventStream => (200, "text/event-stream", "eventsource"),
            FeedProtocol::Lines => (200, "application/x-ndjson", "fetch"),
        };
        let status = self.status.unwrap_or(status);
        let taken_ms = self.last.moment.since(self.first.moment).as_secs_f64() * 1e3;
        let request = json!({
            "method": "GET",
            "url": url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [],
            "queryString": query(&url),
            "headersSize": -1,
            "bodySize": -1,
        });
        write!(
            out,
            "{{\"startedDateTime\":\"{}\",\"time\":{taken_ms},\"request\":{request},\
            \"response\":{{\"status\":{status},\"statusText\":\"\",\"httpVersion\":\"HTTP/1.1\",\"cookies\":[],\
            \"headers\":[],\"content\":{{\"mimeType\":\"{mime_type}\"",
            self.first.utc
        )?;
        let size = self.write_text(out)?;
        let timings = json!({"send": 0, "wait": 0, "receive": taken_ms});
        write!(
            out,
            ",\"size\":{size}}},\"redirectURL\":\"\",\"headersSize\":-1,\"bodySize\":-1}},\
            \"cache\":{{}},\"timings\":{timings},\"_resourceType\":\"{resource_type}\""
        )?;
        self.write_own(out)?;
        self.write_messages(out)?;
        // Chrome has no member for the end of a socket; this one is of HTTP Toolkit.
        if let Some((code, reason)) = &self.close {
            let close = json!({"code": code, "reason": reason, "timestamp": seconds(self.last)});
            write!(out, ",\"_webSocketClose\":{close}")?;
        }
        Ok(out.write_all(b"}")?)
    }

    /// Writes the text of the body. Returns its length.
    fn write_text(&self, out: &mut dyn Write) -> Result<u64, WriteError> {
        let protocol = self.protocol();
        if protocol == FeedProtocol::WebSocket {
            return Ok(0);
        }
        // The size follows the text, because it is known only then.
        out.write_all(b",\"text\":\"")?;
        let (mut stream, mut piece, mut size) = (StreamText::default(), Vec::new(), 0);
        self.each(&mut |record| {
            piece.clear();
            if protocol == FeedProtocol::EventStream {
                stream.write(&mut piece, &record.kind);
            } else if is_held(protocol, &record.kind)
                && let Kind::Line { data } = record.kind
            {
                piece.extend_from_slice(data);
                piece.push(b'\n');
            }
            size += piece.len() as u64;
            // The string is written piece by piece, so that it may be longer than memory.
            let escaped = Value::from(String::from_utf8_lossy(&piece)).to_string();
            let inner = escaped.get(1..escaped.len() - 1).unwrap_or_default();
            Ok(out.write_all(inner.as_bytes())?)
        })?;
        out.write_all(b"\"")?;
        Ok(size)
    }

    /// Writes what HAR has no room for.
    fn write_own(&self, out: &mut dyn Write) -> Result<(), WriteError> {
        let description = &self.feed.description;
        let own = json!({
            "feed": description.name,
            "protocol": self.protocol().word(),
            "engine": description.engine,
            "started": description.started,
            "connection": self.number,
            "hasUrl": description.url.is_some(),
        });
        let own = own.to_string();
        let open = own.strip_suffix('}').unwrap_or(&own);
        write!(out, ",\"_feedscope\":{open},\"records\":[")?;
        let protocol = self.protocol();
        let (mut held, mut separator, mut line) = (0_u64, "", Vec::new());
        let mut clock = ClockAnchors::default();
        self.each(&mut |record| {
            clock.note(record.stamp);
            if is_held(protocol, &record.kind) {
                held += 1;
                return Ok(());
            }
            // A number stands for the messages since the last record.
            if held > 0 {
                write!(out, "{separator}{held}")?;
                (held, separator) = (0, ",");
            }
            line.clear();
            write_json_line(&mut line, record, None);
            out.write_all(separator.as_bytes())?;
            out.write_all(line.trim_ascii_end())?;
            separator = ",\n";
            Ok(())
        })?;
        if held > 0 {
            write!(out, "{separator}{held}")?;
        }
        // Readers put the members aside, so that the anchors may follow the records.
        write!(out, "],\"clock\":{}", Value::from(clock.anchors))?;
        if protocol == FeedProtocol::Lines {
            out.write_all(b",\"times\":[")?;
            let mut separator = "";
            self.each(&mut |record| {
                if is_held(protocol, &record.kind) {
                    write!(out, "{separator}{}", record.stamp.utc.as_micros())?;
                    separator = ",";
                }
                Ok(())
            })?;
            out.write_all(b"]")?;
        }
        Ok(out.write_all(b"}")?)
    }

    fn write_messages(&self, out: &mut dyn Write) -> Result<(), WriteError> {
        let protocol = self.protocol();
        let name = match protocol {
            FeedProtocol::WebSocket => "_webSocketMessages",
            FeedProtocol::EventStream => "_eventSourceMessages",
            FeedProtocol::Lines => return Ok(()),
        };
        write!(out, ",\"{name}\":[")?;
        let mut separator = "\n";
        self.each(&mut |record| {
            if is_held(protocol, &record.kind) {
                out.write_all(separator.as_bytes())?;
                write_message(out, record)?;
                separator = ",\n";
            }
            Ok(())
        })?;
        Ok(out.write_all(b"]")?)
    }

    fn each(
        &self,
        act: &mut dyn FnMut(&Record<'_>) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        each(&self.feed.store, self.rows.clone(), &mut |_row, record| {
            act(record)
        })
    }
}

/// Returns true for a record that is among the messages of an entry. All others are lines of `_feedscope`.
fn is_held(protocol: FeedProtocol, kind: &Kind<'_>) -> bool {
    let is_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok();
    match (protocol, kind) {
        // A message that never went out is none for other programs.
        (FeedProtocol::WebSocket, Kind::Text { data, failed, .. }) => {
            failed.is_none() && is_text(data)
        }
        (FeedProtocol::WebSocket, Kind::Binary { failed, .. }) => failed.is_none(),
        (FeedProtocol::EventStream, Kind::Event { event, id, data }) => {
            is_text(event) && is_text(id) && is_text(data)
        }
        // An element of a JSON text sequence may contain line ends.
        (FeedProtocol::Lines, Kind::Line { data }) => {
            is_text(data) && !data.contains(&b'\n') && !data.is_empty()
        }
        _ => false,
    }
}

/// Writes a message or an event as Chrome does.
fn write_message(out: &mut dyn Write, record: &Record<'_>) -> Result<(), WriteError> {
    let time = seconds(record.stamp);
    let text = |bytes: &[u8]| Value::from(String::from_utf8_lossy(bytes));
    match &record.kind {
        Kind::Event { event, id, data } => write!(
            out,
            "{{\"time\":{time},\"eventName\":{},\"eventId\":{},\"data\":{}}}",
            text(event),
            text(id),
            text(data)
        )?,
        Kind::Text {
            direction,
            data,
            wire,
            ..
        }
        | Kind::Binary {
            direction,
            data,
            wire,
            ..
        } => {
            let is_text = matches!(record.kind, Kind::Text { .. });
            let way = match direction {
                Direction::In => "receive",
                Direction::Out => "send",
            };
            // Opcodes of RFC 6455, section 5.2. Browsers write binary data as base64.
            let opcode = if is_text { 1 } else { 2 };
            let data = if is_text {
                text(data)
            } else {
                Value::from(STANDARD.encode(data))
            };
            write!(
                out,
                "{{\"type\":\"{way}\",\"time\":{time},\"opcode\":{opcode},\"data\":{data}"
            )?;
            // Names with an underscore are free for extensions (HAR 1.2).
            if let Some(wire) = wire {
                write!(out, ",\"_frames\":{}", wire.frames)?;
                if wire.compressed {
                    write!(out, ",\"_compressedBytes\":{}", wire.wire_bytes)?;
                }
            }
            out.write_all(b"}")?;
        }
        _ => {}
    }
    Ok(())
}

/// Time in seconds since 1970, exact to the microsecond.
fn seconds(stamp: Stamp) -> Value {
    Value::from(stamp.utc.as_micros() as f64 / super::MICROS)
}

/// Places at which the relation of UTC to the monotonic time changes.
#[derive(Default)]
struct ClockAnchors {
    number: u64,
    /// Difference of UTC and the monotonic time at the last anchor, in microseconds.
    difference: Option<i64>,
    anchors: Vec<Value>,
}

impl ClockAnchors {
    fn note(&mut self, stamp: Stamp) {
        let moment = (stamp.moment.as_nanos() / 1_000) as i64;
        let utc = stamp.utc.as_micros();
        let difference = utc.saturating_sub(moment);
        // Both are rounded, so that their difference varies by one.
        let is_same = |last: i64| last.abs_diff(difference) <= 1;
        if !self.difference.is_some_and(is_same) {
            self.difference = Some(difference);
            self.anchors.push(json!([self.number, moment, utc]));
        }
        self.number += 1;
    }
}

/// URL in place of one that is not known.
fn unknown_url(name: &str) -> String {
    let mut url = "https://unknown.invalid/".to_owned();
    for piece in url::form_urlencoded::byte_serialize(name.as_bytes()) {
        url.push_str(piece);
    }
    url
}

/// Values of the query, as HAR lists them.
fn query(url: &str) -> Value {
    let pairs = Url::parse(url).map(|url| {
        let pairs = url.query_pairs();
        pairs
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect::<Vec<_>>()
    });
    Value::from(pairs.unwrap_or_default())
}
