//! Decoder from lines to events and comments, by HTML 9.2.6. It does not decode text, and it keeps at most one block.
//!
//! The standard first decodes the stream as UTF-8 and then splits it into lines and fields. This decoder splits the
//! bytes and passes them on unchanged. The code that shows a field decodes its text.
//!
//! Both orders give the same text. If a UTF-8 decoder reads an ASCII byte inside a sequence, it ends the sequence with
//! U+FFFD and then decodes the ASCII byte. Therefore it is in its initial state after every ASCII byte. The separators
//! of fields (CR, LF, colon and space) are ASCII. For the same reason, digits, NUL and field names can be compared as
//! bytes.
//!
//! The only difference is the byte order mark at the start, which [`Edge`] removes. A field that begins with one keeps
//! it.

use memchr::memchr;

use super::lines::{Edge, LineEnd};
use super::{EventStreamItem, Oversized};

/// Event type of a block that has none (HTML 9.2.6).
const DEFAULT_TYPE: &[u8] = b"message";

/// Maximum capacity that a buffer keeps after its block, so that one huge block does not occupy memory permanently.
const KEPT_CAPACITY: usize = 1 << 20;

/// Decoder for the event stream of one feed, over all of its connections and for any division into chunks.
///
/// Each item is passed on as soon as its last byte has arrived: an event also after a lone CR at the end of a chunk, a
/// comment and a `retry` at the end of their line. A block that is complete within a chunk is not copied, unless it has
/// several data lines.
///
/// A block is too long if its lines exceed the limit, without comments and line ends. Its event is skipped up to the
/// blank line and not kept in memory. Its other fields still apply, because a server that sends ids expects a
/// reconnection to continue after this block: its ids are committed, and its comments and `retry` are passed on. A
/// single line that is too long is ignored completely. A comment that is too long is skipped alone, because a comment
/// belongs to no block.
#[derive(Debug)]
pub struct EventStreamDecoder {
    limit: u64,
    edge: Edge,
    cut: CutLine,
    held: HeldBlock,
    last_event_id: Vec<u8>,
}

impl EventStreamDecoder {
    /// Creates a decoder for a new feed. It skips blocks of more than `max_block_bytes`.
    pub fn new(max_block_bytes: u64) -> Self {
        Self {
            limit: max_block_bytes,
            edge: Edge::START,
            cut: CutLine::default(),
            held: HeldBlock::default(),
            last_event_id: Vec::new(),
        }
    }

    /// Decodes the next bytes of the connection and passes the completed items to `out`, in order.
    pub fn feed(&mut self, bytes: &[u8], out: &mut impl FnMut(EventStreamItem<'_>)) {
        let (mistaken, mut rest) = self.edge.enter(bytes);
        // These bytes seemed to begin a byte order mark but are content.
        if !mistaken.is_empty() {
            self.cut.extend(mistaken, self.limit);
        }
        if bytes.is_empty() {
            return;
        }
        if !self.cut.is_empty() {
            // The chunk begins with the rest of a line from earlier chunks.
            rest = self.finish_cut_line(rest, out);
        }
        let unfinished = self.whole_lines(rest, out);
        if !unfinished.is_empty() {
            self.extend_cut_line(unfinished);
        }
        self.edge.leave(bytes);
    }

    /// Returns the last event ID in force, which a reconnection sends; empty for none.
    ///
    /// Only blank lines change it, after blocks with or without data (HTML 9.2.6).
    pub fn last_event_id(&self) -> &[u8] {
        &self.last_event_id
    }

    /// Sets the last event ID, for a feed that resumes after an earlier run.
    pub fn set_last_event_id(&mut self, id: &[u8]) {
        self.last_event_id.clear();
        self.last_event_id.extend_from_slice(id);
    }

    /// Begins a new connection. It drops the unfinished block with its id and keeps the last event ID.
    ///
    /// The standard gives each stream an id buffer that is empty at first. Exactly implemented, the first blank line of
    /// a new connection would clear an ID that the server has not repeated. Browsers keep the ID that they sent, and
    /// this decoder does the same.
    pub fn begin_connection(&mut self) {
        self.edge = Edge::START;
        self.cut.clear();
        self.held.clear();
    }

    /// Returns the part that is being skipped because of its length, with its length so far; `None` if there is none.
    pub fn skipping(&self) -> Option<Oversized> {
        if self.block_bytes() > self.limit {
            Some(Oversized::Event(self.block_bytes()))
        } else if self.cut.bytes > self.limit {
            Some(Oversized::Comment(self.cut.bytes))
        } else {
            None
        }
    }

    /// Number of bytes of the unfinished block that count towards the limit.
    fn block_bytes(&self) -> u64 {
        // Comments do not count towards the limit.
        let of_line = if self.cut.is_comment {
            0
        } else {
            self.cut.bytes
        };
        self.held.bytes + of_line
    }

    /// Returns the block or line that has begun and not ended. It is `None` between blocks and while a block is
    /// skipped.
    ///
    /// The standard drops it, with its id, when the connection ends.
    pub fn unfinished(&self) -> Option<UnfinishedBlock<'_>> {
        if self.block_bytes() > self.limit {
            return None;
        }
        let line = match self.edge.pending() {
            b"" => &self.cut.line,
            mark => mark,
        };
        let HeldBlock {
            data,
            event,
            id,
            bytes,
            begun,
        } = &self.held;
        (*begun || !line.is_empty()).then(|| UnfinishedBlock {
            event,
            id: id.as_deref(),
            data: data.strip_suffix(b"\n"),
            line,
            bytes: bytes + line.len() as u64,
        })
    }

    /// Decodes the complete lines in `bytes`. Returns the bytes of the last line if it is not complete.
    #[inline]
    fn whole_lines<'a>(
        &mut self,
        bytes: &'a [u8],
        out: &mut impl FnMut(EventStreamItem<'_>),
    ) -> &'a [u8] {
        let mut block = self.held.resume();
        let mut committed = None;
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            if matches!(first, b'\n' | b'\r') {
                self.blank_line(&mut block, &mut committed, out);
                rest = &rest[LineEnd::at(rest, 0).next..];
                continue;
            }
            // The line is not complete, so it waits for the next chunk.
            let Some((field, LineEnd { content, next })) = FrequentField::first(rest) else {
                break;
            };
            let bytes = block.bytes + content as u64;
            match field {
                FrequentField::Data(value) if bytes <= self.limit => {
                    self.held.data_line(value, &mut block);
                    block.bytes = bytes;
                }
                FrequentField::Event(value) if bytes <= self.limit => {
                    block.event = Some(value);
                    block.bytes = bytes;
                }
                FrequentField::Id(value) if bytes <= self.limit => {
                    block.id = Some(value);
                    block.bytes = bytes;
                }
                _ => self.take_line(&rest[..content], &mut block, out),
            }
            rest = &rest[next..];
        }
        if let Some(id) = committed {
            self.set_last_event_id(id);
        }
        self.held.hold(block);
        rest
    }

    /// Processes any line that is not blank. Its values stay borrowed in `block` as long as possible.
    ///
    /// The loop over the lines handles the frequent ones itself. Each further call of `out` would make it slower.
    #[cold]
    #[inline(never)]
    fn take_line<'a>(
        &mut self,
        line: &'a [u8],
        block: &mut Block<'a>,
        out: &mut impl FnMut(EventStreamItem<'_>),
    ) {
        let bytes = line.len() as u64;
        let field = StreamField::parse(line);
        if let StreamField::Comment(text) = field {
            // Comments do not count, because a server may send only comments without a blank line for days.
            return out(if bytes > self.limit {
                EventStreamItem::TooLong(Oversized::Comment(bytes))
            } else {
                EventStreamItem::Comment(text)
            });
        }
        block.bytes += bytes;
        let too_long = block.bytes > self.limit;
        if too_long {
            block.data = None;
            self.held.let_data_go();
            // The line alone exceeds the limit, so that its field is ignored too.
            if bytes > self.limit {
                return;
            }
        }
        match field {
            StreamField::Comment(_) => {}
            StreamField::Data(_) if too_long => {}
            StreamField::Data(value) => self.held.data_line(value, block),
            StreamField::Event(value) => block.event = Some(value),
            StreamField::Id(value) => block.id = Some(value),
            StreamField::Retry(milliseconds) => out(EventStreamItem::Retry(milliseconds)),
            StreamField::Ignored(line) => out(EventStreamItem::Ignored { line }),
        }
    }

    /// Ends the block: commits its id, with or without data, and dispatches its event if it has data.
    #[inline]
    fn blank_line<'a>(
        &mut self,
        block: &mut Block<'a>,
        committed: &mut Option<&'a [u8]>,
        out: &mut impl FnMut(EventStreamItem<'_>),
    ) {
        let Block {
            data,
            event,
            id,
            bytes,
        } = std::mem::take(block);
        if bytes > self.limit || (data.is_none() && self.held.data.is_empty()) {
            return self.end_without_event(event, id, bytes, committed, out);
        }
        if let Some(id) = id {
            *committed = Some(id);
        } else if let Some(id) = self.held.id.take() {
            self.last_event_id = id;
        }
        if let Some(data) = data.or_else(|| self.held.data.strip_suffix(b"\n")) {
            let event = match event.unwrap_or(&self.held.event) {
                b"" => DEFAULT_TYPE,
                named => named,
            };
            let id = committed.unwrap_or(&self.last_event_id);
            out(EventStreamItem::Event { event, id, data });
        }
        if self.held.begun {
            self.held.clear();
        }
    }

    /// Ends a block that is too long or has no data. HTML 9.2.6: its id is committed all the same.
    #[cold]
    #[inline(never)]
    fn end_without_event<'a>(
        &mut self,
        event: Option<&'a [u8]>,
        id: Option<&'a [u8]>,
        bytes: u64,
        committed: &mut Option<&'a [u8]>,
        out: &mut impl FnMut(EventStreamItem<'_>),
    ) {
        // A block without data still sets the last event ID (HTML standard, section 9.2.6).
        let sets_id = id.is_some() || self.held.id.is_some();
        if let Some(id) = id {
            *committed = Some(id);
        } else if let Some(id) = self.held.id.take() {
            self.last_event_id = id;
        }
        if bytes > self.limit {
            out(EventStreamItem::TooLong(Oversized::Event(bytes)));
        } else if event.is_some() || sets_id || self.held.begun {
            let in_force = committed.unwrap_or(&self.last_event_id);
            out(EventStreamItem::NoData {
                event: event.unwrap_or(&self.held.event),
                id: sets_id.then_some(in_force),
                bytes,
            });
        }
        self.held.clear();
    }

    /// Completes and processes the line that began in earlier chunks. Returns the bytes after it.
    #[cold]
    fn finish_cut_line<'a>(
        &mut self,
        bytes: &'a [u8],
        out: &mut impl FnMut(EventStreamItem<'_>),
    ) -> &'a [u8] {
        let Some(LineEnd { content, next }) = LineEnd::far(bytes) else {
            self.extend_cut_line(bytes);
            return &[];
        };
        self.extend_cut_line(&bytes[..content]);
        let length = self.cut.bytes;
        if length > self.limit && self.cut.is_comment {
            out(EventStreamItem::TooLong(Oversized::Comment(length)));
        } else if length > self.limit {
            // An oversized line sets no field. Its length makes the block too long.
            self.held.bytes += length;
            self.held.let_data_go();
        } else {
            self.take_cut_line(out);
        }
        self.cut.clear();
        &bytes[next..]
    }

    fn take_cut_line(&mut self, out: &mut impl FnMut(EventStreamItem<'_>)) {
        let mut line = std::mem::take(&mut self.cut.line);
        let mut block = self.held.resume();
        self.take_line(&line, &mut block, out);
        let data = block.data.take().map(<[u8]>::len);
        self.held.hold(block);
        if let Some(length) = data {
            // The value is the end of the line. The line's buffer becomes the block's buffer, because it may be too
            // large to copy.
            line.drain(..line.len() - length);
            self.held.take_data(&mut line);
        }
        self.cut.line = line;
    }

    fn extend_cut_line(&mut self, bytes: &[u8]) {
        self.cut.extend(bytes, self.limit);
        if self.block_bytes() > self.limit {
            self.held.let_data_go();
        }
    }
}

/// Part of a block that has arrived when its connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnfinishedBlock<'a> {
    /// Event type; empty if the block has none so far.
    pub event: &'a [u8],
    /// Id that the block would have set.
    pub id: Option<&'a [u8]>,
    /// Complete data lines, joined by U+000A.
    pub data: Option<&'a [u8]>,
    /// Last line, if its end has not arrived; empty otherwise.
    pub line: &'a [u8],
    /// Number of bytes, without line ends and comments.
    pub bytes: u64,
}

/// Fields of an unfinished block from the current chunk: the buffers of HTML 9.2.6, borrowed.
///
/// `None` means that the current chunk has no such field; [`HeldBlock`] may contain it from earlier chunks.
#[derive(Clone, Copy, Default)]
struct Block<'a> {
    /// The only data line. Several lines are joined in [`HeldBlock::data`].
    data: Option<&'a [u8]>,
    event: Option<&'a [u8]>,
    id: Option<&'a [u8]>,
    /// Length of its lines so far, in bytes, including earlier chunks, without line ends and comments.
    bytes: u64,
}

/// Kept fields of an unfinished block: the buffers of HTML 9.2.6.
#[derive(Debug, Default)]
struct HeldBlock {
    /// Every data line, followed by a LF, so that one empty line differs from none.
    data: Vec<u8>,
    /// Event type; empty for none.
    event: Vec<u8>,
    /// Last event ID buffer, if it differs from the last event ID.
    id: Option<Vec<u8>>,
    /// Length of its lines so far, in bytes, without line ends and comments.
    bytes: u64,
    /// True if any of the buffers is in use. A block that is complete within a chunk ends without a check of the
    /// buffers.
    begun: bool,
}

impl HeldBlock {
    /// Returns the block for its continuation in the next chunk.
    fn resume<'a>(&self) -> Block<'a> {
        Block {
            bytes: self.bytes,
            ..Block::default()
        }
    }

    #[inline]
    fn data_line<'a>(&mut self, value: &'a [u8], block: &mut Block<'a>) {
        match block.data.take() {
            None if self.data.is_empty() => block.data = Some(value),
            // A second data line exists, so the lines must be joined in the buffer.
            first => {
                self.begun = true;
                for line in first.into_iter().chain([value]) {
                    self.data.extend_from_slice(line);
                    self.data.push(b'\n');
                }
            }
        }
    }

    /// Copies the borrowed values of a chunk before the chunk is dropped.
    fn hold(&mut self, block: Block<'_>) {
        let Block {
            data,
            event,
            id,
            bytes,
        } = block;
        self.begun |= data.is_some() || event.is_some() || id.is_some();
        self.bytes = bytes;
        if let Some(data) = data {
            self.data.extend_from_slice(data);
            self.data.push(b'\n');
        }
        if let Some(event) = event {
            self.event.clear();
            self.event.extend_from_slice(event);
        }
        if let Some(id) = id {
            self.id = Some(id.to_vec());
        }
    }

    /// Moves the only data line so far, with its buffer, into the block. The block's old buffer replaces it.
    fn take_data(&mut self, line: &mut Vec<u8>) {
        line.push(b'\n');
        std::mem::swap(&mut self.data, line);
        self.begun = true;
    }

    #[cold]
    fn let_data_go(&mut self) {
        self.data = Vec::new();
    }

    fn clear(&mut self) {
        let Self {
            data,
            event,
            id,
            bytes,
            begun,
        } = self;
        clear_buffer(data);
        clear_buffer(event);
        *id = None;
        *bytes = 0;
        *begun = false;
    }
}

/// Line whose end has not arrived.
#[derive(Debug, Default)]
struct CutLine {
    /// Bytes so far; empty if they exceed the limit.
    line: Vec<u8>,
    /// Number of bytes received so far.
    bytes: u64,
    /// True if its first byte is a colon.
    is_comment: bool,
}

impl CutLine {
    fn extend(&mut self, bytes: &[u8], limit: u64) {
        if self.is_empty() {
            self.is_comment = bytes.first() == Some(&b':');
        }
        self.bytes += bytes.len() as u64;
        if self.bytes > limit {
            self.line = Vec::new();
        } else {
            self.line.extend_from_slice(bytes);
        }
    }

    fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    fn clear(&mut self) {
        clear_buffer(&mut self.line);
        self.bytes = 0;
    }
}

#[inline]
fn clear_buffer(buffer: &mut Vec<u8>) {
    if buffer.capacity() > KEPT_CAPACITY {
        *buffer = Vec::new();
    } else {
        buffer.clear();
    }
}

/// Field of a line that is not blank, for the lines that most streams consist of.
enum FrequentField<'a> {
    Data(&'a [u8]),
    Event(&'a [u8]),
    Id(&'a [u8]),
    /// Any other line, which [`StreamField::parse`] reads.
    Other,
}

impl<'a> FrequentField<'a> {
    /// Returns the field of the first line of `bytes` and the end of this line; `None` if its end has not arrived.
    ///
    /// The fields are recognized by their first bytes, before the search for their end. Data lines are long and the
    /// others are short, so that each kind has a suitable search.
    #[inline]
    fn first(bytes: &'a [u8]) -> Option<(Self, LineEnd)> {
        if let Some(value) = bytes.strip_prefix(b"data:") {
            let end = LineEnd::far(value)?;
            let value = without_space(&value[..end.content]);
            Some((Self::Data(value), end.after(b"data:")))
        } else if let Some(value) = bytes.strip_prefix(b"id:") {
            let end = LineEnd::near(value)?;
            let value = without_space(&value[..end.content]);
            let field = if value.contains(&0) {
                Self::Other
            } else {
                Self::Id(value)
            };
            Some((field, end.after(b"id:")))
        } else if let Some(value) = bytes.strip_prefix(b"event:") {
            let end = LineEnd::near(value)?;
            let value = without_space(&value[..end.content]);
            Some((Self::Event(value), end.after(b"event:")))
        } else {
            Some((Self::Other, LineEnd::near(bytes)?))
        }
    }
}

/// Field of a line that is not blank.
enum StreamField<'a> {
    Data(&'a [u8]),
    Event(&'a [u8]),
    Id(&'a [u8]),
    Retry(u64),
    Comment(&'a [u8]),
    /// Whole line: a field with another name, an id with a NUL, or a `retry` that is not a number.
    Ignored(&'a [u8]),
}

impl<'a> StreamField<'a> {
    fn parse(line: &'a [u8]) -> Self {
        let (name, value) = match memchr(b':', line) {
            // HTML 9.2.6: a line without a colon is a field name with an empty value.
            Some(colon) => (&line[..colon], without_space(&line[colon + 1..])),
            None => (line, &b""[..]),
        };
        match name {
            b"" => Self::Comment(value),
            b"data" => Self::Data(value),
            b"event" => Self::Event(value),
            // HTML 9.2.6: an id that contains NUL is ignored.
            b"id" if !value.contains(&0) => Self::Id(value),
            b"retry" => parse_milliseconds(value).map_or(Self::Ignored(line), Self::Retry),
            _ => Self::Ignored(line),
        }
    }
}

/// Removes one U+0020 after the colon and nothing else (HTML 9.2.6).
#[inline]
fn without_space(value: &[u8]) -> &[u8] {
    value.strip_prefix(b" ").unwrap_or(value)
}

/// Parses a number of only ASCII digits, saturated. Returns `None` for anything else, including an empty value.
fn parse_milliseconds(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        Some(number.saturating_mul(10).saturating_add(digit))
    })
}
