//! Full chunk with rows that never change, in memory or in a block of external bytes, such as a mapped file. It does
//! not access files; it only accepts and returns bytes.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::layout::{
    ANCHOR_LEN, BlockHeader, BlockParts, BlockProblem, BlockTags, ENTRY_LEN, HEADER_LEN,
    TYPE_END_LEN, checksum,
};
use super::live::{LiveChunk, size_of_record};
use super::number::RowNumber;
use super::rows::Rows;
use super::shown::{ClassCounts, ClassSet};
use crate::record::Record;
use crate::time::{Stamp, Timestamp};

/// Bytes that another owner holds and does not change, such as a part of a mapped file.
pub type SharedBytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Rows that never change.
pub struct Chunk {
    first_row: RowNumber,
    end_row: RowNumber,
    counts: ClassCounts,
    latest: Timestamp,
    body: Body,
}

enum Body {
    Memory(LiveChunk),
    Block(Block),
}

/// Block in external bytes, used in place.
struct Block {
    bytes: SharedBytes,
    /// Offset of the block in the bytes.
    at: usize,
    header: BlockHeader,
    parts: BlockParts,
    /// Repaired copy of a damaged block; `None` if the block is sound. It is set at the first access to the rows.
    repaired: OnceLock<Option<Box<LiveChunk>>>,
}

impl Chunk {
    /// Creates a chunk from a written one, without a copy.
    pub(super) fn sealed(mut written: LiveChunk) -> Self {
        written.seal();
        Self {
            first_row: written.first_row,
            end_row: written.end_row(),
            counts: written.counts,
            latest: written.rows().latest(),
            body: Body::Memory(written),
        }
    }

    /// Returns a chunk of these records, the first of which has the number `first_row`.
    pub fn of_records<'a>(
        first_row: RowNumber,
        records: impl IntoIterator<Item = Record<'a>>,
    ) -> Self {
        let mut written = LiveChunk::starting_at(first_row);
        for record in records {
            written.push(&record);
        }
        Self::sealed(written)
    }

    /// Returns a copy of some of its rows, with numbers from `first_row` on; `None` where it does not have all of them.
    pub fn part_numbered(&self, rows: Range<RowNumber>, first_row: RowNumber) -> Option<Self> {
        let start = self.place_of(rows.start)?;
        let end = self.place_of(rows.end.checked_sub(1)?)? + 1;
        // The rows are copied, because a block cannot be shortened in place.
        let part = LiveChunk::of_rows(self.rows().part(start..end));
        Some(Self::sealed(part.renumbered(first_row)))
    }

    /// Number of the connection of its last row.
    pub fn last_connection(&self) -> Option<u32> {
        let rows = self.rows();
        let last = rows.len().checked_sub(1)?;
        Some(rows.row(last).connection)
    }

    /// Opens the chunk whose block begins at `at`, and uses it in place. It reads only the header.
    ///
    /// Its rows are checked when they are first needed. Records with invalid entries are then replaced by notes about
    /// the damage. Payloads are not checked here; [`is_whole`](Self::is_whole) compares them with the checksum.
    ///
    /// # Errors
    ///
    /// Returns an error if no block begins at `at`, or if its end is missing.
    pub fn open(bytes: SharedBytes, at: usize) -> Result<Self, BlockProblem> {
        let block = (*bytes).as_ref().get(at..).unwrap_or_default();
        let header = BlockHeader::decode_whole(block)?;
        Ok(Self::of_block(header, bytes, at))
    }

    /// Returns the chunk of a whole block at `at` that was checked before.
    pub(super) fn of_block(header: BlockHeader, bytes: SharedBytes, at: usize) -> Self {
        Self {
            first_row: header.first_row,
            end_row: header.end_row(),
            counts: header.counts,
            latest: header.latest,
            body: Body::Block(Block {
                parts: header.parts(),
                bytes,
                at,
                header,
                repaired: OnceLock::new(),
            }),
        }
    }

    /// Returns an empty chunk with its buffers; `None` if its rows are in external bytes.
    pub(super) fn into_emptied(self) -> Option<LiveChunk> {
        match self.body {
            Body::Memory(written) => Some(written.emptied()),
            Body::Block(_) => None,
        }
    }

    /// Number of its first row in the store of its origin.
    pub fn first_row(&self) -> RowNumber {
        self.first_row
    }

    /// Number after the last row.
    pub fn end_row(&self) -> RowNumber {
        self.end_row
    }

    /// Arrival of the first and of the last row.
    pub(super) fn stamps(&self) -> (Stamp, Stamp) {
        let rows = self.rows();
        match rows.len().checked_sub(1) {
            Some(last) => (rows.stamp(0), rows.stamp(last)),
            None => Default::default(),
        }
    }

    /// Returns the index of the row with this number in the chunk.
    pub(super) fn place_of(&self, row: RowNumber) -> Option<usize> {
        (self.first_row..self.end_row)
            .contains(&row)
            .then(|| (row - self.first_row) as usize)
    }

    /// Latest wall-clock time at which one of its rows arrived.
    pub(super) fn latest(&self) -> Timestamp {
        self.latest
    }

    /// Number of rows of each class.
    pub(super) fn counts(&self) -> &ClassCounts {
        &self.counts
    }

    /// Returns the bytes of the payloads that were received.
    pub(super) fn received_bytes(&self) -> u64 {
        let counted = match &self.body {
            Body::Memory(written) => Some(written.received_bytes),
            Body::Block(block) => block.header.received_bytes,
        };
        counted.map_or_else(|| self.rows().received_bytes(), u64::from)
    }

    /// Returns its memory in bytes.
    pub(super) fn memory(&self) -> u64 {
        let body = match &self.body {
            Body::Memory(written) => written.memory(),
            Body::Block(block) => block
                .repaired
                .get()
                .and_then(Option::as_ref)
                .map_or(0, |repaired| repaired.memory()),
        };
        size_of::<Self>() as u64 + body
    }

    /// Returns its number of external bytes; 0 if it is in memory.
    pub(super) fn spilled(&self) -> u64 {
        match &self.body {
            Body::Memory(_) => 0,
            Body::Block(block) => block.header.block_len(),
        }
    }

    /// Returns the number of shown rows.
    pub(super) fn count(&self, shown: ClassSet) -> u64 {
        shown.sum(&self.counts.map(u64::from))
    }

    pub(super) fn rows(&self) -> Rows<'_> {
        match &self.body {
            Body::Memory(written) => written.rows(),
            Body::Block(block) => block.sound_rows(),
        }
    }

    /// Returns its block as parts, to be written in their order.
    pub fn block(&self) -> BlockBytes<'_> {
        self.block_with(BlockTags::default())
    }

    /// Returns its block with these properties in the header.
    pub fn block_with(&self, tags: BlockTags) -> BlockBytes<'_> {
        match &self.body {
            Body::Memory(written) => BlockBytes::of(written, tags),
            Body::Block(block) => BlockBytes {
                header: BlockHeader {
                    tags,
                    ..block.header
                }
                .encode(),
                parts: [block.body(), &[], &[], &[], &[], &[]],
            },
        }
    }

    /// Reads the complete block and returns true if external bytes are unchanged.
    pub fn is_whole(&self) -> bool {
        match &self.body {
            Body::Memory(_) => true,
            Body::Block(block) => checksum([block.body()]) == block.header.body_checksum,
        }
    }
}

impl Block {
    /// Returns the bytes of the block. They are empty if the external bytes became shorter.
    fn bytes(&self) -> &[u8] {
        let end = self.at + self.header.block_len() as usize;
        (*self.bytes).as_ref().get(self.at..end).unwrap_or_default()
    }

    fn body(&self) -> &[u8] {
        self.bytes().get(HEADER_LEN..).unwrap_or_default()
    }

    fn sound_rows(&self) -> Rows<'_> {
        let rows = self.rows();
        let repair = || {
            // `None` means that all rows are sound.
            let sound = rows.first_unsound()?;
            Some(Box::new(LiveChunk::repaired(rows, sound)))
        };
        match self.repaired.get_or_init(repair) {
            Some(repaired) => repaired.rows(),
            None => rows,
        }
    }

    /// Returns the rows without a check.
    fn rows(&self) -> Rows<'_> {
        let bytes = self.bytes();
        let part = |range: &Range<usize>| bytes.get(range.clone()).unwrap_or_default();
        Rows {
            first_row: self.header.first_row,
            // Entries are arrays of bytes, so that they need no alignment.
            entries: part(&self.parts.entries).as_chunks::<ENTRY_LEN>().0,
            anchors: part(&self.parts.anchors).as_chunks::<ANCHOR_LEN>().0,
            type_ends: part(&self.parts.type_ends).as_chunks::<TYPE_END_LEN>().0,
            type_names: part(&self.parts.type_names),
            bytes: part(&self.parts.bytes),
        }
    }
}

/// Chunks that are filled one after the other, for a file that is written without a store.
#[derive(Default)]
pub struct ChunkBuilder {
    live: LiveChunk,
}

impl ChunkBuilder {
    /// Appends a record. Returns the chunk of the records before it, if it is full.
    pub fn push(&mut self, record: &Record<'_>) -> Option<Chunk> {
        let full = if self.live.has_room_for(size_of_record(&record.kind)) {
            None
        } else {
            // The next chunk probably gets as many records as the full one.
            let next = self.live.next(LiveChunk::default());
            Some(Chunk::sealed(std::mem::replace(&mut self.live, next)))
        };
        self.live.push(record);
        full
    }

    /// Number of bytes of the records that are in no chunk yet, with their rows.
    pub fn pending_bytes(&self) -> usize {
        self.live.content_bytes()
    }

    /// Returns a chunk of the records that are in no chunk yet.
    pub fn take(&mut self) -> Option<Chunk> {
        if self.live.rows().is_empty() {
            return None;
        }
        // No room is reserved for more records, because a file may have hundreds of feeds that ended.
        let next = LiveChunk::starting_at(self.live.end_row());
        Some(Chunk::sealed(std::mem::replace(&mut self.live, next)))
    }
}

/// Bytes of a block, in parts.
pub struct BlockBytes<'a> {
    header: [u8; HEADER_LEN],
    parts: [&'a [u8]; 6],
}

impl<'a> BlockBytes<'a> {
    fn of(written: &'a LiveChunk, tags: BlockTags) -> Self {
        const PADDING: &[u8] = &[0; 8];
        let rows = written.rows();
        let mut parts = [
            rows.entries.as_flattened(),
            rows.anchors.as_flattened(),
            rows.type_ends.as_flattened(),
            rows.type_names,
            rows.bytes,
            &[],
        ];
        let (first, last) = match rows.len().checked_sub(1) {
            Some(last) => (rows.stamp(0), rows.stamp(last)),
            None => Default::default(),
        };
        let mut header = BlockHeader {
            first_row: rows.first_row,
            rows: rows.len() as u32,
            anchors: rows.anchors.len() as u32,
            types: rows.type_ends.len() as u32,
            type_names_len: rows.type_names.len() as u32,
            bytes_len: rows.bytes.len() as u32,
            first,
            last,
            latest: rows.latest(),
            tags,
            counts: written.counts,
            received_bytes: Some(written.received_bytes),
            body_checksum: 0,
        };
        let len: usize = HEADER_LEN + parts.iter().map(|part| part.len()).sum::<usize>();
        // A block is a multiple of 8 bytes long, so that the next block is aligned.
        parts[5] = &PADDING[..header.block_len() as usize - len];
        header.body_checksum = written.checksum(parts[5]);
        Self {
            header: header.encode(),
            parts,
        }
    }

    /// Total number of bytes; a multiple of 8.
    pub fn len(&self) -> usize {
        HEADER_LEN + self.parts.iter().map(|part| part.len()).sum::<usize>()
    }

    /// Returns false, because a block always has a header.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Returns the parts, to be written in their order.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(&self.header[..]).chain(self.parts.iter().copied())
    }
}
