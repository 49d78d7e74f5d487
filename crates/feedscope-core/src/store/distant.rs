//! Chunks whose blocks are elsewhere, such as in a recording, and are read when a reader needs their rows.
//!
//! Only the header of such a block is in memory. A block is checked against its checksum when it is read. It stays in a
//! cache of limited size, and as long as a reader uses it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;

use super::chunk::Chunk;
use super::layout::{
    ANCHOR_LEN, BlockHeader, ENTRY_LEN, HEADER_LEN, checksum, moment_shifted, stamp_shifted, u64_at,
};
use super::number::RowNumber;
use super::restored::RestoredRows;
use super::rows::{anchor, anchor_row, anchor_stamp};
use super::shown::{ClassCounts, ClassSet};
use crate::time::{Stamp, Timestamp};

/// Reads the bytes of blocks.
pub trait BlockSource: Send + Sync {
    /// Reads `len` bytes from `at` on.
    ///
    /// # Errors
    ///
    /// A sentence, where the bytes cannot be read or are not there any more.
    fn read(&self, at: u64, len: usize) -> Result<Vec<u8>, String>;

    /// Returns the starts of other blocks with rows of the block at `at`, in the order of their rows. They are read where
    /// that block is damaged.
    fn copies(&self, _at: u64, _header: &BlockHeader) -> Vec<u64> {
        Vec::new()
    }
}

/// Place of a block, and the numbers that its rows get in the store.
#[derive(Clone)]
pub struct BlockPlace {
    /// Reader of the bytes.
    pub source: Arc<dyn BlockSource>,
    /// Start of the block in the source.
    pub at: u64,
    /// Cache for the block once it is read.
    pub cache: Arc<ChunkCache>,
    /// Number of the first row in the store, instead of the one in the header.
    pub first_row: RowNumber,
    /// Microseconds that are added to every moment, so that the blocks of different clocks can be in one store.
    pub moment_shift_micros: i64,
}

/// Chunk whose rows are read when they are needed.
pub struct DistantChunk {
    /// Header as it is in the source.
    written: BlockHeader,
    /// Header with the numbers and moments that the rows have in the store.
    header: BlockHeader,
    place: BlockPlace,
}

impl DistantChunk {
    /// Returns the chunk of a block with this header. Reads nothing.
    pub fn new(written: BlockHeader, place: BlockPlace) -> Self {
        let shifted = |stamp: Stamp| Stamp {
            moment: moment_shifted(stamp.moment, place.moment_shift_micros),
            ..stamp
        };
        // Rows and moments count on from the blocks before, which may be of another file.
        let header = BlockHeader {
            first_row: place.first_row,
            first: shifted(written.first),
            last: shifted(written.last),
            ..written
        };
        Self {
            written,
            header,
            place,
        }
    }

    /// Number of the first row in the store.
    pub fn first_row(&self) -> RowNumber {
        self.header.first_row
    }

    /// One past the last row.
    pub fn end_row(&self) -> RowNumber {
        self.header.end_row()
    }

    /// Header with the numbers and moments that the rows have in the store.
    pub fn header(&self) -> &BlockHeader {
        &self.header
    }

    /// Returns the rows, from the cache or from the source. Rows that cannot be read, and that
    /// no other block has, are notes with the code `damaged`.
    pub fn load(&self) -> Arc<Chunk> {
        // Two sources never have the same address while both are in use, and each chunk keeps its own in use.
        let source = Arc::as_ptr(&self.place.source).cast::<()>() as usize;
        let key = (source, self.place.at);
        if let Some(chunk) = self.place.cache.get(key) {
            return chunk;
        }
        let (chunk, bytes) = match self.read() {
            Ok(chunk) => (chunk, self.header.block_len()),
            Err(why) => {
                // Its rows stay in the list, and each one that has no copy explains that it cannot be read.
                let (stand_in, rows) = self.stand_in(&why);
                self.place.cache.note_damaged(key, rows);
                let bytes = stand_in.memory();
                (stand_in, bytes)
            }
        };
        let chunk = Arc::new(chunk);
        self.place.cache.insert(key, Arc::clone(&chunk), bytes);
        chunk
    }

    /// Reads the rows from the source without the cache.
    ///
    /// # Errors
    ///
    /// A sentence, where the block cannot be read, has changed or is damaged.
    pub fn read(&self) -> Result<Chunk, String> {
        let len = usize::try_from(self.written.block_len())
            .map_err(|_too_long| "it is too long for this machine".to_owned())?;
        let mut bytes = self.place.source.read(self.place.at, len)?;
        let found = BlockHeader::decode_whole(&bytes).map_err(|problem| problem.to_string())?;
        // The header was read when the file was opened.
        if found != self.written {
            return Err("the file was changed".to_owned());
        }
        if checksum([&bytes[HEADER_LEN..]]) != found.body_checksum {
            return Err("its checksum is wrong".to_owned());
        }
        self.renumber(&mut bytes);
        Ok(Chunk::of_block(self.header, Arc::new(bytes), 0))
    }

    /// Returns the rows of a block that cannot be read, as far as other blocks contain them again.
    fn stand_in(&self, why: &str) -> (Chunk, DamagedRows) {
        let starts = self.place.source.copies(self.place.at, &self.written);
        let mut rows = RestoredRows::of_block(&self.header, why);
        // One copy at a time is in memory, besides the restored rows.
        for copy in starts.into_iter().filter_map(|at| self.copy_at(at)) {
            rows.add(&copy);
        }
        let (chunk, restored) = rows.finish();
        let damaged = DamagedRows {
            restored,
            unreadable: u64::from(self.header.rows) - restored,
        };
        (chunk, damaged)
    }

    /// Reads the block at `at`, if it is sound and all of its rows belong to this chunk.
    fn copy_at(&self, at: u64) -> Option<Chunk> {
        let head = self.place.source.read(at, HEADER_LEN).ok()?;
        let header = BlockHeader::decode(&head).ok()?;
        let own = &self.written;
        let is_copy = header.tags.feed == own.tags.feed
            && header.tags.clock_domain == own.tags.clock_domain
            && own.first_row <= header.first_row
            && header.end_row() <= own.end_row()
            // A copy of some rows is not longer than all of them, and needs no more memory.
            && header.block_len() <= own.block_len();
        if !is_copy {
            return None;
        }
        let place = BlockPlace {
            at,
            first_row: self.header.first_row + (header.first_row - own.first_row),
            ..self.place.clone()
        };
        Self::new(header, place).read().ok()
    }

    /// Returns the bytes of the payloads that were received.
    pub(super) fn received_bytes(&self) -> u64 {
        if let Some(bytes) = self.header.received_bytes {
            return u64::from(bytes);
        }
        // The cache keeps the rows in sight: the blocks of a whole file would replace them. A damaged block is read only
        // once, because its rows may come from many other blocks.
        let chunk = self.read().map_or_else(|_why| self.load(), Arc::new);
        chunk.received_bytes()
    }

    /// Replaces numbers and moments in the entries and anchors by those of the store.
    fn renumber(&self, bytes: &mut [u8]) {
        let shift = self.place.moment_shift_micros;
        let parts = self.written.parts();
        // Each entry begins with the moment of its row.
        if shift != 0 {
            for at in parts.entries.step_by(ENTRY_LEN) {
                let moment = crate::time::Moment::from_nanos(u64_at(bytes, at));
                let shifted = moment_shifted(moment, shift).as_nanos();
                bytes[at..at + 8].copy_from_slice(&shifted.to_le_bytes());
            }
        }
        for at in parts.anchors.step_by(ANCHOR_LEN) {
            let written = std::array::from_fn(|place| bytes[at + place]);
            // Anchors contain numbers of rows as the file counts them.
            let row = anchor_row(&written).0;
            let row = row.saturating_sub(self.written.first_row.0);
            let row = RowNumber(row.saturating_add(self.header.first_row.0));
            let moved = anchor(row, stamp_shifted(anchor_stamp(&written), shift));
            bytes[at..at + ANCHOR_LEN].copy_from_slice(&moved);
        }
    }
}

/// Chunk of a store: at hand, or to be read first. Clones share it.
#[derive(Clone)]
pub enum StoredChunk {
    /// Rows in memory, or in bytes that are used as if they were.
    AtHand(Arc<Chunk>),
    /// Rows that are read when they are needed.
    Distant(Arc<DistantChunk>),
}

impl StoredChunk {
    /// Returns the chunk if it is at hand.
    pub(super) fn at_hand(self) -> Option<Arc<Chunk>> {
        match self {
            Self::AtHand(chunk) => Some(chunk),
            Self::Distant(_) => None,
        }
    }
}

impl From<Chunk> for StoredChunk {
    fn from(chunk: Chunk) -> Self {
        Self::AtHand(Arc::new(chunk))
    }
}

impl From<DistantChunk> for StoredChunk {
    fn from(chunk: DistantChunk) -> Self {
        Self::Distant(Arc::new(chunk))
    }
}

impl StoredChunk {
    /// Returns the rows. May wait for a disk, so that it is never called under the lock of a store.
    pub fn load(&self) -> Arc<Chunk> {
        match self {
            Self::AtHand(chunk) => Arc::clone(chunk),
            Self::Distant(chunk) => chunk.load(),
        }
    }

    /// Number of the first row in its store.
    pub fn first_row(&self) -> RowNumber {
        match self {
            Self::AtHand(chunk) => chunk.first_row(),
            Self::Distant(chunk) => chunk.first_row(),
        }
    }

    /// One past the last row.
    pub fn end_row(&self) -> RowNumber {
        match self {
            Self::AtHand(chunk) => chunk.end_row(),
            Self::Distant(chunk) => chunk.end_row(),
        }
    }

    /// Returns true if this is the same chunk in memory.
    pub(super) fn is(&self, chunk: &Arc<Chunk>) -> bool {
        matches!(self, Self::AtHand(own) if Arc::ptr_eq(own, chunk))
    }

    /// Latest UTC of any row.
    pub(super) fn latest(&self) -> Timestamp {
        match self {
            Self::AtHand(chunk) => chunk.latest(),
            Self::Distant(chunk) => chunk.header.latest,
        }
    }

    /// Number of rows of each class.
    pub(super) fn counts(&self) -> &ClassCounts {
        match self {
            Self::AtHand(chunk) => chunk.counts(),
            Self::Distant(chunk) => &chunk.header.counts,
        }
    }

    /// Memory in use, in bytes. The cache counts its own.
    pub(super) fn memory(&self) -> u64 {
        match self {
            Self::AtHand(chunk) => chunk.memory(),
            Self::Distant(_) => size_of::<DistantChunk>() as u64,
        }
    }

    /// Number of bytes that it takes outside of memory.
    pub(super) fn spilled(&self) -> u64 {
        match self {
            Self::AtHand(chunk) => chunk.spilled(),
            Self::Distant(chunk) => chunk.header.block_len(),
        }
    }

    /// Returns the bytes of the payloads that were received. It may wait for a disk, where the header of a block does not
    /// have this number.
    pub(super) fn received_bytes(&self) -> u64 {
        match self {
            Self::AtHand(chunk) => chunk.received_bytes(),
            Self::Distant(chunk) => chunk.received_bytes(),
        }
    }

    /// Number of its rows before `row` that are shown.
    pub(super) fn rank(&self, shown: ClassSet, row: RowNumber) -> u64 {
        let before = row.since(self.first_row());
        // The header has these answers, so that the block is not read.
        if before == 0 || row >= self.end_row() || self.shows_all(shown) {
            return self.count(shown).min(before);
        }
        self.load().rows().rank(shown, before as usize)
    }

    /// Returns the row at place `nth` among those shown, from 0.
    pub(super) fn select(&self, shown: ClassSet, nth: u64) -> Option<RowNumber> {
        if self.shows_all(shown) {
            return Some(self.first_row() + nth).filter(|&row| row < self.end_row());
        }
        self.load().rows().select(shown, nth)
    }

    /// Returns true if none of its rows is hidden, as in most chunks. Then the header is enough to find a place.
    fn shows_all(&self, shown: ClassSet) -> bool {
        self.count(shown) == self.end_row() - self.first_row()
    }

    /// Number of its rows that are shown.
    pub(super) fn count(&self, shown: ClassSet) -> u64 {
        shown.sum(&self.counts().map(u64::from))
    }
}

/// Chunks that were read recently, up to a limit in bytes. The least recently used ones are dropped first.
pub struct ChunkCache {
    limit: u64,
    inner: Mutex<Cached>,
    /// Rows of each block that could not be read.
    damaged: Mutex<HashMap<Key, DamagedRows>>,
}

/// Rows of damaged blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DamagedRows {
    /// Number of rows that were read from another block.
    pub restored: u64,
    /// Number of rows that cannot be read.
    pub unreadable: u64,
}

/// Source and start of a block.
type Key = (usize, u64);

#[derive(Default)]
struct Cached {
    chunks: HashMap<Key, CachedChunk>,
    /// Keys in the order of their last use.
    order: BTreeMap<u64, Key>,
    uses: u64,
    bytes: u64,
}

struct CachedChunk {
    chunk: Arc<Chunk>,
    bytes: u64,
    last_use: u64,
}

impl ChunkCache {
    /// Returns an empty cache of up to `limit` bytes. A single larger chunk is kept alone.
    pub fn new(limit: u64) -> Self {
        Self {
            limit,
            inner: Mutex::default(),
            damaged: Mutex::default(),
        }
    }

    /// Returns the rows of the damaged blocks so far. A block is read when a reader needs it.
    pub fn damaged_rows(&self) -> DamagedRows {
        let damaged = self.damaged.lock();
        DamagedRows {
            restored: damaged.values().map(|rows| rows.restored).sum(),
            unreadable: damaged.values().map(|rows| rows.unreadable).sum(),
        }
    }

    fn note_damaged(&self, key: Key, rows: DamagedRows) {
        self.damaged.lock().insert(key, rows);
    }

    /// Number of bytes in use.
    pub fn bytes(&self) -> u64 {
        self.inner.lock().bytes
    }

    fn get(&self, key: Key) -> Option<Arc<Chunk>> {
        let mut guard = self.inner.lock();
        let inner = &mut *guard;
        inner.uses += 1;
        let cached = inner.chunks.get_mut(&key)?;
        // The chunk moves to the end of the order.
        inner.order.remove(&cached.last_use);
        cached.last_use = inner.uses;
        inner.order.insert(inner.uses, key);
        Some(Arc::clone(&cached.chunk))
    }

    fn insert(&self, key: Key, chunk: Arc<Chunk>, bytes: u64) {
        let mut inner = self.inner.lock();
        inner.remove(key);
        let mut dropped = Vec::new();
        // Chunks that were not used for the longest time make room.
        while inner.bytes.saturating_add(bytes) > self.limit
            && let Some((_, &oldest)) = inner.order.first_key_value()
        {
            dropped.extend(inner.remove(oldest));
        }
        inner.uses += 1;
        let last_use = inner.uses;
        inner.order.insert(last_use, key);
        inner.bytes += bytes;
        let cached = CachedChunk {
            chunk,
            bytes,
            last_use,
        };
        inner.chunks.insert(key, cached);
        drop(inner);
        // Memory is given back after the lock.
        drop(dropped);
    }
}

impl Cached {
    fn remove(&mut self, key: Key) -> Option<Arc<Chunk>> {
        let cached = self.chunks.remove(&key)?;
        self.order.remove(&cached.last_use);
        self.bytes -= cached.bytes;
        Some(cached.chunk)
    }
}
