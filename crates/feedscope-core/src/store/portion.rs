//! Rows to be gone through without the store's lock: a full chunk shared, or a copy of the newest rows.
//! Never more than one chunk, and never changed.

use std::ops::Range;
use std::sync::Arc;

use parking_lot::MutexGuard;

use super::chunk::Chunk;
use super::layout::ENTRY_LEN;
use super::number::RowNumber;
use super::rows::Rows;
use super::shown::Shown;
use super::{Shared, Store};
use crate::record::Record;

/// Successive rows of a store, as they were when they were asked for.
pub struct Portion {
    chunk: Arc<Chunk>,
    /// Which of the chunk's rows.
    range: Range<usize>,
}

impl Store {
    /// Rows from `row` on, up to about `most_bytes` of them and at least one; the oldest kept where `row` was let go;
    /// `None` past the newest.
    pub fn portion(&self, row: RowNumber, most_bytes: usize) -> Option<Portion> {
        let shared = self.shared.lock();
        let row = row.max(shared.first_row());
        Portion::new(shared, row, |rows, at| at..rows.within(at, most_bytes))
    }

    /// Rows up to `end` and not with it, about `most_bytes` of them and at least one; `None` where all of them were
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
    /// What `range` tells of the rows among which `row` is, with its place among them.
    fn new(
        shared: MutexGuard<'_, Shared>,
        row: RowNumber,
        range: impl FnOnce(Rows<'_>, usize) -> Range<usize>,
    ) -> Option<Self> {
        if let Some(chunk) = shared.kept.find(row).map(Arc::clone) {
            drop(shared);
            let range = range(chunk.rows(), chunk.place_of(row)?);
            return Some(Self { chunk, range });
        }
        let rows = shared.live.rows();
        let range = range(rows, rows.place_of(row)?);
        let copy = shared.live.copy_of(range.clone());
        drop(shared);
        Some(Self {
            chunk: Arc::new(Chunk::sealed(copy)),
            range: 0..range.len(),
        })
    }

    /// The store's numbers of its rows; never empty.
    pub fn numbers(&self) -> Range<RowNumber> {
        let first = self.chunk.first_row();
        first + self.range.start as u64..first + self.range.end as u64
    }

    /// Its records with the store's numbers of them, oldest first.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = (RowNumber, Record<'_>)> {
        let rows = self.rows();
        (0..rows.len()).map(move |at| (rows.first_row + at as u64, rows.record(at)))
    }

    /// How many bytes of memory it goes through, entries included.
    pub fn size_bytes(&self) -> usize {
        let rows = self.rows();
        rows.span().len() + rows.len() * ENTRY_LEN
    }

    /// Whether no record of its chunk is of one of these classes: then there is nothing to look at.
    pub fn hides_all(&self, shown: Shown) -> bool {
        self.chunk.count(shown) == 0
    }

    /// How many records it has; never 0.
    pub fn row_count(&self) -> usize {
        self.range.len()
    }

    /// Its rows.
    pub fn rows(&self) -> Rows<'_> {
        self.chunk.rows().part(self.range.clone())
    }
}
