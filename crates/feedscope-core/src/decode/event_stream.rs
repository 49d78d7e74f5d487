//! Lines to events and comments, as HTML 9.2.6 reads. Never decodes text and never keeps more than one block.
//!
//! The standard decodes the stream as UTF-8 first and splits it into lines and fields afterwards; here the bytes are
//! split and passed on as they came, and whoever shows a field decodes it. Both give the same text: a UTF-8 decoder
//! that meets an ASCII byte inside a sequence ends the sequence with U+FFFD and takes the byte for itself, so it is in
//! its initial state after every ASCII byte, and CR, LF, colon and space, between which fields stand, are ASCII. For
//! the same reason digits, NUL and field names can be compared as bytes. (The one difference, the byte order mark at
//! the start, is taken off by [`Edge`]; a field that begins with one keeps it.)

use memchr::memchr;

use super::lines::{Edge, LineEnd};
use super::{EventStreamItem, Oversized};

/// The event type of a block that names none (HTML 9.2.6).
const DEFAULT_TYPE: &[u8] = b"message";

/// Room that a buffer may keep once its block is done with, so that one huge block does not occupy memory for ever.
const KEPT_CAPACITY: usize = 1 << 20;

/// Decodes the event stream of one feed, over all of its connections, however its bytes are cut.
///
/// Each item is handed out as soon as the bytes that complete it have come: an event also on a lone CR at the end of
/// a chunk, a comment and `retry` at the end of their line. A block that lies whole in a chunk is never copied, unless
/// it has several data lines.
///
/// A block is too long when its lines, comments apart, take more than the limit (line ends not counted). Its event is
/// skipped, without being held, up to its blank line. Its other fields still count, because a server that sends ids
/// expects a reconnection to continue after this block: its ids are committed, comments and `retry` handed out. A line
/// that is too long by itself is ignored whole. A comment that is too long is skipped alone, because a comment belongs
/// to no block.
#[derive(Debug)]
pub struct EventStreamDecoder {
    limit: u64,
    edge: Edge,
    cut: CutLine,
    held: HeldBlock,
    last_event_id: Vec<u8>,
}

impl EventStreamDecoder {
    /// A decoder for a new feed; a block of more than `max_block_bytes` is skipped.
    pub fn new(max_block_bytes: u64) -> Self {
        Self {
            limit: max_block_bytes,
            edge: Edge::START,
            cut: CutLine::default(),
            held: HeldBlock::default(),
            last_event_id: Vec::new(),
        }
    }

    /// Decodes the next bytes of the connection and hands what they complete to `out`, in order.
    pub fn feed(&mut self, bytes: &[u8], out: &mut impl FnMut(EventStreamItem<'_>)) {
        let (mistaken, mut rest) = self.edge.enter(bytes);
        if !mistaken.is_empty() {
            self.cut.extend(mistaken, self.limit);
        }
        if bytes.is_empty() {
            return;
        }
        if !self.cut.is_empty() {
            rest = self.finish_cut_line(rest, out);
        }
        let unfinished = self.whole_lines(rest, out);
        if !unfinished.is_empty() {
            self.extend_cut_line(unfinished);
        }
        self.edge.leave(bytes);
    }

    /// The last event ID in force, which a reconnection sends; empty for none.
    ///
    /// It changes at blank lines alone, with data or without (HTML 9.2.6).
    pub fn last_event_id(&self) -> &[u8] {
        &self.last_event_id
    }

    /// Sets the last event ID, for a feed that resumes where an earlier run left off.
    pub fn set_last_event_id(&mut self, id: &[u8]) {
        self.last_event_id.clear();
        self.last_event_id.extend_from_slice(id);
    }

    /// Begins a new connection: the unfinished block is gone, its id too; the last event ID stays.
    ///
    /// The standard gives each stream an id buffer that is empty at first, so that by its letter the first blank line
    /// of a new connection would clear an ID that the server has not named again. Browsers go on with the ID that they
    /// sent, and so does this.
    pub fn begin_connection(&mut self) {
        self.edge = Edge::START;
        self.cut.clear();
        self.held.clear();
    }

    /// The part that is being skipped for its length, as far as it has come; `None` while there is none.
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
        let of_line = if self.cut.is_comment {
            0
        } else {
            self.cut.bytes
        };
        self.held.bytes + of_line
    }

    /// The block, or the line, that has begun and not ended; `None` between blocks, and while a block is skipped.
    ///
    /// The standard drops it when the connection ends, its id too.
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

    /// Decodes the lines that lie whole in `bytes`; returns the bytes of the last one where it is not whole.
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
            let Some((field, LineEnd { content, next })) = Field::first(rest) else {
                break;
            };
            self.take(field, content, &mut block, out);
            rest = &rest[next..];
        }
        if let Some(id) = committed {
            self.set_last_event_id(id);
        }
        self.held.hold(block);
        rest
    }

    /// Takes in one line that is not blank. What it says of the block stays borrowed in `block` as long as it can.
    #[inline]
    fn take<'a>(
        &mut self,
        field: Field<'a>,
        line_bytes: usize,
        block: &mut Block<'a>,
        out: &mut impl FnMut(EventStreamItem<'_>),
    ) {
        let bytes = line_bytes as u64;
        if let Field::Comment(text) = field {
            // Comments do not count: a server may send nothing else, without a blank line, for days.
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
            if bytes > self.limit {
                return;
            }
        }
        match field {
            Field::Comment(_) => {}
            Field::Data(_) if too_long => {}
            Field::Data(value) => self.held.data_line(value, block),
            Field::Event(value) => block.event = Some(value),
            Field::Id(value) => block.id = Some(value),
            Field::Retry(milliseconds) => out(EventStreamItem::Retry(milliseconds)),
            Field::Ignored(line) => out(EventStreamItem::Ignored { line }),
        }
    }

    /// Ends the block: commits its id, with data or without, and dispatches its event where it has data.
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
        let sets_id = id.is_some() || self.held.id.is_some();
        if let Some(id) = id {
            *committed = Some(id);
        } else if let Some(id) = self.held.id.take() {
            self.last_event_id = id;
        }
        if bytes > self.limit {
            out(EventStreamItem::TooLong(Oversized::Event(bytes)));
        } else if let Some(data) = data.or_else(|| self.held.data.strip_suffix(b"\n")) {
            let event = match event.unwrap_or(&self.held.event) {
                b"" => DEFAULT_TYPE,
                named => named,
            };
            let id = committed.unwrap_or(&self.last_event_id);
            out(EventStreamItem::Event { event, id, data });
        } else if event.is_some() || sets_id || self.held.begun {
            let in_force = committed.unwrap_or(&self.last_event_id);
            out(EventStreamItem::NoData {
                event: event.unwrap_or(&self.held.event),
                id: sets_id.then_some(in_force),
                bytes,
            });
        }
        if self.held.begun {
            self.held.clear();
        }
    }

    /// Completes the line that earlier chunks began and takes it in; returns the bytes after it.
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
        self.take(Field::parse(&line), line.len(), &mut block, out);
        let data = block.data.take().map(<[u8]>::len);
        self.held.hold(block);
        if let Some(length) = data {
            // The value is the end of the line, so that the line's buffer can become the block's: it may be large.
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

/// The part of a block that has come when its connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnfinishedBlock<'a> {
    /// The event type; empty where the block has named none.
    pub event: &'a [u8],
    /// The id that the block would have set.
    pub id: Option<&'a [u8]>,
    /// The data lines that have ended, joined by U+000A.
    pub data: Option<&'a [u8]>,
    /// The last line, if its end has not come; empty otherwise.
    pub line: &'a [u8],
    /// Number of bytes, without line ends and comments.
    pub bytes: u64,
}

/// What an unfinished block has said within the chunk at hand: the buffers of HTML 9.2.6, borrowed.
///
/// `None` is for what it has not said there; [`HeldBlock`] may know of it from chunks before.
#[derive(Clone, Copy, Default)]
struct Block<'a> {
    /// The only data line; several are joined in [`HeldBlock::data`].
    data: Option<&'a [u8]>,
    event: Option<&'a [u8]>,
    id: Option<&'a [u8]>,
    /// How long its lines are so far, in bytes, without line ends and comments, chunks before included.
    bytes: u64,
}

/// What is kept of an unfinished block: the buffers of HTML 9.2.6.
#[derive(Debug, Default)]
struct HeldBlock {
    /// Every data line with a LF after it, so that one empty line differs from none.
    data: Vec<u8>,
    /// The event type; empty for none.
    event: Vec<u8>,
    /// The last event ID buffer where it differs from the last event ID.
    id: Option<Vec<u8>>,
    /// How long its lines are so far, in bytes, without line ends and comments.
    bytes: u64,
    /// Whether any of the buffers is in use, so that a block that lay whole in a chunk ends without a look at them.
    begun: bool,
}

impl HeldBlock {
    /// The block as it goes on in the next chunk.
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
            first => {
                self.begun = true;
                for line in first.into_iter().chain([value]) {
                    self.data.extend_from_slice(line);
                    self.data.push(b'\n');
                }
            }
        }
    }

    /// Copies what was borrowed from a chunk, before the chunk goes.
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

    /// Takes over the only data line so far, buffer and all; gives its own in exchange.
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

/// A line whose end has not come.
#[derive(Debug, Default)]
struct CutLine {
    /// Its bytes so far; empty once they are more than the limit.
    line: Vec<u8>,
    /// How many bytes of it have come.
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

/// What a line that is not blank says.
#[derive(Clone, Copy)]
enum Field<'a> {
    Data(&'a [u8]),
    Event(&'a [u8]),
    Id(&'a [u8]),
    Retry(u64),
    Comment(&'a [u8]),
    /// The whole line: a field of another name, an id that holds NUL, a `retry` that is no number.
    Ignored(&'a [u8]),
}

impl<'a> Field<'a> {
    /// What the first line of `bytes` says and where it ends; `None` where its end has not come.
    ///
    /// The fields that most lines have are told by their first bytes, before their end is looked for: data lines are
    /// long, the others short, and each has a search that suits it.
    #[inline]
    fn first(bytes: &'a [u8]) -> Option<(Self, LineEnd)> {
        if let Some(value) = bytes.strip_prefix(b"data:") {
            let end = LineEnd::far(value)?;
            Some((
                Self::Data(without_space(&value[..end.content])),
                end.after(b"data:"),
            ))
        } else if let Some(value) = bytes.strip_prefix(b"id:") {
            let end = LineEnd::near(value)?.after(b"id:");
            let line = &bytes[..end.content];
            let value = without_space(&line[b"id:".len()..]);
            Some((Self::id(value, line), end))
        } else if let Some(value) = bytes.strip_prefix(b"event:") {
            let end = LineEnd::near(value)?;
            Some((
                Self::Event(without_space(&value[..end.content])),
                end.after(b"event:"),
            ))
        } else {
            let end = LineEnd::near(bytes)?;
            Some((Self::parse(&bytes[..end.content]), end))
        }
    }

    fn parse(line: &'a [u8]) -> Self {
        let (name, value) = match memchr(b':', line) {
            Some(colon) => (&line[..colon], without_space(&line[colon + 1..])),
            None => (line, &b""[..]),
        };
        match name {
            b"" => Self::Comment(value),
            b"data" => Self::Data(value),
            b"event" => Self::Event(value),
            b"id" => Self::id(value, line),
            b"retry" => parse_milliseconds(value).map_or(Self::Ignored(line), Self::Retry),
            _ => Self::Ignored(line),
        }
    }

    #[inline]
    fn id(value: &'a [u8], line: &'a [u8]) -> Self {
        if value.contains(&0) {
            Self::Ignored(line)
        } else {
            Self::Id(value)
        }
    }
}

/// HTML 9.2.6: one U+0020 after the colon goes, and nothing else.
#[inline]
fn without_space(value: &[u8]) -> &[u8] {
    value.strip_prefix(b" ").unwrap_or(value)
}

/// A number of ASCII digits alone, saturated; `None` for anything else, an empty value too.
fn parse_milliseconds(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        Some(number.saturating_mul(10).saturating_add(digit))
    })
}
