//! Files with a record a line, as `tail` prints them. Lines in another form become records of the kind `line`.

use std::collections::HashMap;
use std::io::Write;

use feedscope_core::NoteCode;
use feedscope_core::numbers::{counted, grouped};
use feedscope_core::record::{Kind, Record};
use feedscope_core::time::Stamp;

use super::input::FileInput;
use super::item::{
    Cell, FeedInfo, FeedProtocol, FeedReader, FeedWriter, FileItem, ItemSink, ReadError,
    ReadOptions, Stamps, WriteError,
};
use super::line::{self, LineContent};

/// Byte order mark that some programs write at the start of a file.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes of a line besides its payload, and the growth of a payload whose every byte is escaped.
const OTHER_BYTES: u64 = 1 << 20;
const ESCAPED_BYTE: u64 = 6;

/// Maximum number of feeds with a name. It bounds memory, because any line may name another feed.
const MOST_FEEDS: usize = 10_000;

/// Size of a buffer that is written out.
const FULL: usize = 64 << 10;

/// Reader of lines.
pub(super) struct NdjsonReader {
    input: FileInput,
    line: Vec<u8>,
    is_at_start: bool,
    state: NdjsonState,
}

/// State of the reader besides the newest line.
struct NdjsonState {
    options: ReadOptions,
    /// Number of feeds.
    feeds: usize,
    /// Numbers of feeds by their names.
    named: HashMap<String, usize>,
    /// Number of the feed for records without a name.
    unnamed: Option<usize>,
    stamps: Stamps,
    empty_lines: u64,
    /// Lines of Feedscope, which have times.
    own_lines: u64,
    /// Lines in another form, which have no times.
    plain_lines: u64,
    /// Lines of feeds beyond [`MOST_FEEDS`], which are read like those in another form.
    lines_of_further_feeds: u64,
}

impl NdjsonReader {
    pub(super) fn new(input: FileInput, options: ReadOptions) -> Self {
        Self {
            input,
            line: Vec::new(),
            is_at_start: true,
            state: NdjsonState {
                options,
                feeds: 0,
                named: HashMap::new(),
                unnamed: None,
                stamps: Stamps::default(),
                empty_lines: 0,
                own_lines: 0,
                plain_lines: 0,
                lines_of_further_feeds: 0,
            },
        }
    }

    /// Reads the next line without its end. Returns the length of the whole line, or `None` at the end.
    fn read_line(&mut self, most: usize) -> Result<Option<u64>, ReadError> {
        let whole = self.input.read_line(&mut self.line, most)?;
        if whole == 0 {
            return Ok(None);
        }
        // Programs of Windows write a mark at the start of a text file.
        if std::mem::take(&mut self.is_at_start) && self.line.starts_with(BYTE_ORDER_MARK) {
            self.line.drain(..BYTE_ORDER_MARK.len());
        }
        if whole <= most as u64 && self.line.ends_with(b"\n") {
            self.line.pop();
            if self.line.ends_with(b"\r") {
                self.line.pop();
            }
        }
        Ok(Some(whole))
    }
}

impl FeedReader for NdjsonReader {
    fn read(&mut self, out: &mut dyn ItemSink) -> Result<bool, ReadError> {
        let most = self.state.most();
        let Some(whole) = self.read_line(most)? else {
            return Ok(false);
        };
        let Self { line, state, .. } = self;
        if line.is_empty() {
            state.empty_lines += 1;
            return Ok(true);
        }
        // A line that is cut is not JSON any more.
        let parsed = (whole <= most as u64).then(|| line::parse(line)).flatten();
        let is_further = parsed
            .as_ref()
            .is_some_and(|content| state.is_of_further_feed(content));
        state.lines_of_further_feeds += u64::from(is_further);
        let parsed = parsed.filter(|_| !is_further);
        match parsed {
            Some(LineContent::Feed(feed)) => state.add_named(&feed, out),
            Some(LineContent::Record(read)) => {
                state.own_lines += 1;
                let feed = state.feed(read.feed.as_deref(), true, out);
                let stamp = state.stamps.at(read.at);
                let (connection, extra) = (read.connection, read.extra.as_str());
                out.push(match read.kind.known() {
                    Some(kind) => FileItem::Record {
                        feed,
                        record: Record {
                            stamp,
                            connection,
                            kind,
                        },
                        extra,
                    },
                    None => FileItem::Unknown {
                        feed,
                        stamp,
                        connection,
                        kind: read.kind.word(),
                        extra,
                    },
                });
            }
            None => {
                let feed = state.feed(None, false, out);
                state.plain_lines += u64::from(!is_further);
                let stamp = state.plain_stamp();
                let limit = state.options.max_message;
                let too_long =
                    format!("a line of {whole} bytes was skipped: the limit is {limit} bytes");
                // A line that is too long becomes a note, so that it is not passed over in silence.
                let kind = if whole > most as u64 || line.len() as u64 > limit {
                    Kind::Note {
                        code: NoteCode::MESSAGE_TOO_LONG,
                        text: &too_long,
                    }
                } else {
                    Kind::Line { data: line }
                };
                out.push(FileItem::Record {
                    feed,
                    record: Record {
                        stamp,
                        connection: 1,
                        kind,
                    },
                    extra: "",
                });
            }
        }
        Ok(true)
    }

    fn is_waiting(&self) -> bool {
        !self.input.has_line()
    }

    fn remarks(&self) -> Vec<String> {
        let state = &self.state;
        let mut remarks = Vec::new();
        let plain = counted(state.plain_lines, "line");
        match (state.plain_lines, state.own_lines) {
            (0, _) => {}
            (_, 0) => remarks.push(format!(
                "the file has no times: another program wrote its {plain}"
            )),
            _ => remarks.push(format!("{plain} that another program wrote have no times")),
        }
        if state.lines_of_further_feeds > 0 {
            let lines = counted(state.lines_of_further_feeds, "line");
            let most = grouped(MOST_FEEDS as u64);
            remarks.push(format!(
                "{lines} read without times, because they are of feeds beyond the first {most}"
            ));
        }
        if state.empty_lines > 0 {
            remarks.push(format!(
                "{} left out",
                counted(state.empty_lines, "empty line")
            ));
        }
        remarks
    }
}

impl NdjsonState {
    /// Returns true if a line names a feed for which there is no room.
    fn is_of_further_feed(&self, content: &LineContent<'_>) -> bool {
        let name = match content {
            LineContent::Feed(feed) => Some(feed.name.as_str()),
            LineContent::Record(record) => record.feed.as_deref(),
        };
        self.named.len() >= MOST_FEEDS && name.is_some_and(|name| !self.named.contains_key(name))
    }

    /// Returns the number of the feed with this name, or of the one without a name.
    fn feed(&mut self, name: Option<&str>, is_own: bool, out: &mut dyn ItemSink) -> usize {
        let known = match name {
            Some(name) => self.named.get(name).copied(),
            None => self.unnamed,
        };
        if let Some(feed) = known {
            return feed;
        }
        let info = FeedInfo {
            name: name.unwrap_or(&self.options.name).to_owned(),
            protocol: (!is_own).then_some(FeedProtocol::Lines),
            is_own,
            is_named: name.is_some(),
            ..FeedInfo::default()
        };
        if name.is_some() {
            self.add_named(&info, out);
        } else {
            self.unnamed = Some(self.feeds);
            self.feeds += 1;
            out.add_feed(&info);
        }
        self.feeds - 1
    }

    /// Hands out a feed, unless there is one with its name.
    fn add_named(&mut self, info: &FeedInfo, out: &mut dyn ItemSink) {
        if !self.named.contains_key(&info.name) {
            self.named.insert(info.name.clone(), self.feeds);
            // Lines of a single feed name none.
            if self.feeds == 0 {
                self.unnamed = Some(0);
            }
            self.feeds += 1;
            out.add_feed(info);
        }
    }

    /// Stamp of a line in another form.
    fn plain_stamp(&mut self) -> Stamp {
        let now = (self.options.now)();
        // The order is known: it is not older than the record before it.
        let utc = self.stamps.newest().map_or(now, |newest| newest.max(now));
        self.stamps.at(utc)
    }

    /// Most bytes of a line that are kept.
    fn most(&self) -> usize {
        let limit = self.options.max_message;
        let most = limit
            .saturating_mul(ESCAPED_BYTE)
            .saturating_add(OTHER_BYTES);
        usize::try_from(most).unwrap_or(usize::MAX)
    }
}

/// Writer of lines.
pub(super) struct NdjsonWriter<'a> {
    out: Box<dyn Write + Send + 'a>,
    names: Vec<String>,
    buffer: Vec<u8>,
}

impl<'a> NdjsonWriter<'a> {
    pub(super) fn new(out: Box<dyn Write + Send + 'a>) -> Self {
        Self {
            out,
            names: Vec::new(),
            buffer: Vec::new(),
        }
    }
}

impl FeedWriter for NdjsonWriter<'_> {
    fn add_feed(&mut self, feed: &FeedInfo) -> Result<(), WriteError> {
        let FeedInfo {
            name,
            url,
            protocol,
            engine,
            ..
        } = feed;
        let fields = [
            ("kind", Some("feed")),
            ("feed", Some(name.as_str())),
            ("url", url.as_deref()),
            ("protocol", protocol.map(FeedProtocol::word)),
            ("engine", engine.as_deref()),
        ];
        let mut separator = "{";
        for (field, value) in fields {
            let Some(value) = value else { continue };
            let text = serde_json::Value::from(value);
            self.buffer
                .extend_from_slice(format!("{separator}\"{field}\":{text}").as_bytes());
            separator = ",";
        }
        self.buffer.extend_from_slice(b"}\n");
        self.names.push(name.clone());
        Ok(())
    }

    fn write(&mut self, item: &FileItem<'_>, _cells: &[Cell]) -> Result<(), WriteError> {
        let name = self.names.get(item.feed()).map(String::as_str);
        item.write_json_line(&mut self.buffer, name);
        // Lines are collected, because a write for each of them would cost more than the line.
        if self.buffer.len() >= FULL {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
            self.buffer.shrink_to(FULL);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        self.out.write_all(&self.buffer)?;
        self.out.flush()?;
        self.buffer.clear();
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<String>, WriteError> {
        self.flush()?;
        Ok(Vec::new())
    }
}
