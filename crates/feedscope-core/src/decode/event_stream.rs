//! Lines to events and comments, as HTML 9.2.6 reads. Never decodes text and never keeps more than one block.
//!
//! The standard decodes the stream as UTF-8 first and splits it into lines and fields afterwards; here the bytes are
//! split and passed on as they came, and whoever shows a field decodes it. Both give the same text: a UTF-8 decoder
//! that meets an ASCII byte inside a sequence ends the sequence with U+FFFD and takes the byte for itself, so it is in
//! its initial state after every ASCII byte, and CR, LF, colon and space, between which fields stand, are ASCII. For
//! the same reason digits, NUL and field names can be compared as bytes. (The one difference, the byte order mark at
//! the start, is taken off by [`Edge`]; a field that begins with one keeps it.)

use super::EventStreamItem;
use super::lines::{Edge, LineEnd};

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
/// A block is too long when its lines, comments apart, take more than the limit (line ends not counted), or when any
/// single line does. Its event is skipped, without being held, up to its blank line. What else it says still counts,
/// since a server that sends ids expects a reconnection to go on after this block rather than to ask for it again:
/// its ids are committed, comments and `retry` handed out. Only a line that is too long by itself is ignored whole.
#[derive(Debug)]
pub struct EventStreamDecoder {
    limit: u64,
    edge: Edge,
    cut: CutLine,
    block: HeldBlock,
    last_event_id: Vec<u8>,
}

impl EventStreamDecoder {
    /// A decoder for a new feed; a block of more than `max_block_bytes` is skipped.
    pub fn new(max_block_bytes: u64) -> Self {
        Self {
            limit: max_block_bytes,
            edge: Edge::START,
            cut: CutLine::default(),
            block: HeldBlock::default(),
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
        self.block.clear();
    }

    /// How many bytes have come of the block that is being skipped for its length; `None` while none is.
    pub fn skipping(&self) -> Option<u64> {
        let bytes = self.block.bytes + self.cut.bytes;
        let too_long = self.block.bytes > self.limit || self.cut.bytes > self.limit;
        (too_long || (bytes > self.limit && !self.cut.is_comment())).then_some(bytes)
    }
}
