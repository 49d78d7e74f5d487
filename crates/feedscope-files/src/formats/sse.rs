//! Text of an event stream, as a server sends it (HTML 9.2).

use std::io::Write;

use feedscope_core::NoteCode;
use feedscope_core::decode::{EventStreamDecoder, EventStreamItem, Oversized, Undelivered};
use feedscope_core::numbers::counted;
use feedscope_core::record::{Kind, Record};

use super::input::FileInput;
use super::item::{
    Cell, FeedInfo, FeedProtocol, FeedReader, FeedWriter, FileItem, ItemSink, ReadError,
    ReadOptions, Stamps, WriteError,
};

/// Event type of an event that names none.
const DEFAULT_TYPE: &[u8] = b"message";

/// Reader of an event stream.
pub(super) struct SseReader {
    input: FileInput,
    options: ReadOptions,
    decoder: EventStreamDecoder,
    undelivered: Undelivered,
    stamps: Stamps,
    has_feed: bool,
}

impl SseReader {
    pub(super) fn new(input: FileInput, options: ReadOptions) -> Self {
        Self {
            input,
            decoder: EventStreamDecoder::new(options.max_message),
            options,
            undelivered: Undelivered::default(),
            stamps: Stamps::default(),
            has_feed: false,
        }
    }
}

impl FeedReader for SseReader {
    fn read(&mut self, out: &mut dyn ItemSink) -> Result<bool, ReadError> {
        let Self {
            input,
            options,
            decoder,
            undelivered,
            stamps,
            has_feed,
        } = self;
        if !std::mem::replace(has_feed, true) {
            out.add_feed(&FeedInfo {
                name: options.name.clone(),
                protocol: Some(FeedProtocol::EventStream),
                ..FeedInfo::default()
            });
        }
        let bytes = input.bytes()?;
        let part = bytes.fill_buf()?;
        // All records of one read have the same time: that at which their bytes were there.
        let stamp = stamps.at((options.now)());
        let mut records = Records { out, stamp };
        if part.is_empty() {
            if let Some(part) = decoder.skipping() {
                records.note(
                    NoteCode::MESSAGE_TOO_LONG,
                    &too_long(part, options.max_message),
                );
            }
            // An event without its blank line is not delivered (HTML standard, section 9.2.6). It is reported.
            undelivered.at_end(decoder.unfinished(), &mut |code, text| {
                records.note(code, text);
            });
            return Ok(false);
        }
        let mut has_records = false;
        decoder.feed(part, &mut |item| {
            has_records |= records.take(&item, options.max_message, undelivered);
        });
        undelivered.after_read(has_records, &mut |code, text| records.note(code, text));
        let read = part.len();
        bytes.consume(read);
        Ok(true)
    }

    fn remarks(&self) -> Vec<String> {
        vec!["the file has no times: an event stream contains none".to_owned()]
    }
}

/// Records with one stamp, on their way out. Text of an event stream belongs to one connection.
pub(super) struct Records<'a> {
    pub(super) out: &'a mut dyn ItemSink,
    pub(super) stamp: feedscope_core::Stamp,
}

impl Records<'_> {
    fn push(&mut self, kind: Kind<'_>) {
        self.out.push(FileItem::Record {
            feed: 0,
            record: Record {
                stamp: self.stamp,
                connection: 1,
                kind,
            },
            extra: "",
        });
    }

    fn note(&mut self, code: NoteCode<'_>, text: &str) {
        self.push(Kind::Note { code, text });
    }

    /// Takes an item of the stream. Returns true if it is a record.
    fn take(
        &mut self,
        item: &EventStreamItem<'_>,
        limit: u64,
        undelivered: &mut Undelivered,
    ) -> bool {
        match *item {
            EventStreamItem::Event { event, id, data } => {
                self.push(Kind::Event { event, id, data });
            }
            EventStreamItem::Comment(data) => self.push(Kind::Comment { data }),
            EventStreamItem::Retry(ms) => self.push(Kind::Retry { ms }),
            EventStreamItem::TooLong(part) => {
                self.note(NoteCode::MESSAGE_TOO_LONG, &too_long(part, limit));
            }
            EventStreamItem::Ignored { line } => {
                // Such lines are collected, and reported once instead of one by one.
                undelivered.ignored_line(line);
                return false;
            }
            EventStreamItem::NoData { event, id, bytes } => {
                undelivered.event_without_data(event, id, bytes);
                return false;
            }
        }
        true
    }
}

fn too_long(part: Oversized, limit: u64) -> String {
    let part = match part {
        Oversized::Event(bytes) => format!("an event of {bytes} bytes"),
        Oversized::Comment(bytes) => format!("a comment of {bytes} bytes"),
    };
    format!("{part} was skipped: the limit is {limit} bytes")
}

/// Writer of an event stream.
pub(super) struct SseWriter<'a> {
    out: Box<dyn Write + Send + 'a>,
    /// Name of the one feed.
    feed: Option<String>,
    stream: StreamText,
    buffer: Vec<u8>,
    /// States, notes and other records that an event stream does not contain.
    others: u64,
}

impl<'a> SseWriter<'a> {
    pub(super) fn new(out: Box<dyn Write + Send + 'a>) -> Self {
        Self {
            out,
            feed: None,
            stream: StreamText::default(),
            buffer: Vec::new(),
            others: 0,
        }
    }
}

impl FeedWriter for SseWriter<'_> {
    fn add_feed(&mut self, feed: &FeedInfo) -> Result<(), WriteError> {
        if let Some(first) = &self.feed {
            return Err(WriteError::NoRoom(format!(
                "an event stream has room for one feed, and there are several: choose one by --feed {first} or --feed {}",
                feed.name
            )));
        }
        if matches!(
            feed.protocol,
            Some(FeedProtocol::WebSocket | FeedProtocol::Lines)
        ) {
            return Err(WriteError::NoRoom(format!(
                "{} is not an event stream, and the format sse has room for nothing else",
                feed.name
            )));
        }
        self.feed = Some(feed.name.clone());
        Ok(())
    }

    fn write(&mut self, item: &FileItem<'_>, _cells: &[Cell]) -> Result<(), WriteError> {
        let FileItem::Record { record, .. } = item else {
            self.others += 1;
            return Ok(());
        };
        match record.kind {
            // A feed whose protocol is not known is recognized by its records.
            Kind::Text { .. } | Kind::Binary { .. } | Kind::Line { .. } => {
                return Err(WriteError::NoRoom(format!(
                    "{} is not an event stream, and the format sse has room for nothing else",
                    self.feed.as_deref().unwrap_or_default()
                )));
            }
            _ if self.stream.write(&mut self.buffer, &record.kind) => {}
            _ => self.others += 1,
        }
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        Ok(self.out.flush()?)
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<String>, WriteError> {
        self.out.flush()?;
        let mut remarks = vec!["an event stream contains no times".to_owned()];
        if self.others > 0 {
            remarks.push(format!(
                "{} left out: an event stream contains no states, gaps and notes",
                counted(self.others, "record")
            ));
        }
        remarks.extend(self.stream.remark());
        Ok(remarks)
    }
}

/// Text of an event stream, made of its records again.
#[derive(Debug, Default)]
pub(super) struct StreamText {
    /// Last event ID that the text has set.
    id: Vec<u8>,
    /// Events that contain what their lines cannot.
    changed: u64,
}

impl StreamText {
    /// Appends the lines of a record. Returns false for a kind that an event stream does not contain.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, kind: &Kind<'_>) -> bool {
        match kind {
            Kind::Event { event, id, data } => {
                // A line end inside a type or an ID cannot have come from a stream.
                let is_odd = [event, id]
                    .iter()
                    .any(|text| text.iter().any(|byte| b"\r\n".contains(byte)))
                    || id.contains(&0)
                    || data.contains(&b'\r');
                self.changed += u64::from(is_odd);
                if *id != self.id {
                    field(out, b"id", id);
                    self.id = id.to_vec();
                }
                if *event != DEFAULT_TYPE {
                    field(out, b"event", event);
                }
                for line in data.split(|&byte| byte == b'\n') {
                    field(out, b"data", line);
                }
                out.push(b'\n');
            }
            Kind::Comment { data } => field(out, b"", data),
            Kind::Retry { ms } => field(out, b"retry", ms.to_string().as_bytes()),
            _ => return false,
        }
        true
    }

    /// Remark on events that were changed.
    pub(super) fn remark(&self) -> Option<String> {
        (self.changed > 0).then(|| {
            format!(
                "{} changed: an event stream has no room for a carriage return or a line end there",
                counted(self.changed, "event")
            )
        })
    }
}

/// Appends a line. A line end in the value becomes a space, so that it cannot begin a field.
fn field(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend(value.iter().map(|&byte| match byte {
        b'\r' | b'\n' => b' ',
        byte => byte,
    }));
    out.push(b'\n');
}
