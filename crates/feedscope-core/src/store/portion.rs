//! Rows that are read without the store's lock: a part of a shared full chunk, or a copy of the newest rows. They are
//! from one chunk and never change.

use std::ops::Range;
use std::sync::Arc;

use parking_lot::MutexGuard;

use super::chunk::Chunk;
use super::layout::ENTRY_LEN;
use super::live::LiveChunk;
use super::number::RowNumber;
use super::owned_record::OwnedRecord;
use super::rows::Rows;
use super::shown::ClassSet;
use super::{SharedStore, Store};
use crate::record::Record;

/// Successive rows of a store at the time of the request.
pub struct Portion {
    chunk: Arc<Chunk>,
    /// Range of rows in the chunk.
    range: Range<usize>,
}

impl Store {
    /// Returns rows from `row` on, up to about `most_bytes` and at least one row. If `row` was let go, it begins with
    /// the oldest stored row. It returns `None` after the newest row.
    pub fn portion(&self, row: RowNumber, most_bytes: usize) -> Option<Portion> {
        let shared = self.shared.lock();
        let row = row.max(shared.first_row());
        Portion::new(shared, row, |rows, at| at..rows.within(at, most_bytes))
    }

    /// Returns rows before `end`, up to about `most_bytes` and at least one row. It returns `None` if all of them were
    /// let go.
    pub fn portion_before(&self, end: RowNumber, most_bytes: usize) -> Option<Portion> {
        let shared = self.shared.lock();
        let last = end.min(shared.live.end_row()).checked_sub(1)?;
        Portion::new(shared, last, |rows, at| {
            rows.within_before(at + 1, most_bytes)..at + 1
        })
    }
}

impl Portion {
    /// Creates a portion from the chunk that contains `row`. `range` selects its rows from the chunk and the index of
    /// `row`.
    fn new(
        shared: MutexGuard<'_, SharedStore>,
        row: RowNumber,
        range: impl FnOnce(Rows<'_>, usize) -> Range<usize>,
    ) -> Option<Self> {
        if let Some(chunk) = shared.kept.find(row).cloned() {
            drop(shared);
            let chunk = chunk.load();
            let range = range(chunk.rows(), chunk.place_of(row)?);
            return Some(Self { chunk, range });
        }
        // The live chunk still changes, so that its rows are copied.
        let rows = shared.live.rows();
        let range = range(rows, rows.place_of(row)?);
        let copy = shared.live.copy_of(range);
        drop(shared);
        Some(Self {
            range: 0..copy.rows().len(),
            chunk: Arc::new(Chunk::sealed(copy)),
        })
    }

    /// Returns the rows of a chunk from `row` on; `None` where it has none of them.
    pub(super) fn of_chunk(chunk: &Arc<Chunk>, row: RowNumber) -> Option<Self> {
        let at = chunk.place_of(row.max(chunk.first_row()))?;
        Some(Self {
            range: at..(chunk.end_row() - chunk.first_row()) as usize,
            chunk: Arc::clone(chunk),
        })
    }

    /// Returns a copy of some rows of the chunk that is being written.
    pub(super) fn of_live(live: &LiveChunk, range: Range<usize>) -> Self {
        let copy = live.copy_of(range);
        Self {
            range: 0..copy.rows().len(),
            chunk: Arc::new(Chunk::sealed(copy)),
        }
    }

    /// Returns its rows from `row` on; `None` where it has none of them.
    #[must_use]
    pub fn starting_at(self, row: RowNumber) -> Option<Self> {
        let Self { chunk, range } = self;
        let at = row.since(chunk.first_row()) as usize;
        let range = range.start.max(at)..range.end;
        (!range.is_empty()).then_some(Self { chunk, range })
    }

    /// Returns the chunk that it is a part of.
    pub(super) fn into_chunk(self) -> Arc<Chunk> {
        self.chunk
    }

    /// Returns the record at this place among its rows, to be kept by a reader; `None` past the last one.
    pub fn owned(&self, at: usize) -> Option<OwnedRecord> {
        (at < self.range.len()).then(|| OwnedRecord {
            chunk: Arc::clone(&self.chunk),
            at: self.range.start + at,
        })
    }

    /// Returns a chunk of exactly these rows. The whole chunk is shared, a part of it is copied.
    pub fn to_chunk(&self) -> Arc<Chunk> {
        if self.range.len() == self.chunk.rows().len() {
            return Arc::clone(&self.chunk);
        }
        Arc::new(Chunk::sealed(LiveChunk::of_rows(self.rows())))
    }

    /// Numbers of its rows in the store; never empty.
    pub fn numbers(&self) -> Range<RowNumber> {
        let first = self.chunk.first_row();
        first + self.range.start as u64..first + self.range.end as u64
    }

    /// Returns its records with their numbers in the store, oldest first.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = (RowNumber, Record<'_>)> {
        let rows = self.rows();
        (0..rows.len()).map(move |at| (rows.first_row + at as u64, rows.record(at)))
    }

    /// Returns the number of bytes in memory, including entries.
    pub fn size_bytes(&self) -> usize {
        let rows = self.rows();
        rows.span().len() + rows.len() * ENTRY_LEN
    }

    /// Returns true if the chunk has no record of the `shown` classes, so that the portion can be skipped.
    pub fn hides_all(&self, shown: ClassSet) -> bool {
        self.chunk.count(shown) == 0
    }

    /// Returns the number of records; never 0.
    pub fn row_count(&self) -> usize {
        self.range.len()
    }

    /// Returns its rows.
    pub fn rows(&self) -> Rows<'_> {
        self.chunk.rows().part(self.range.clone())
    }
}
