//! All records of a feed, appended by one writer and read by views, within a memory budget.
//!
//! Records are stored as chunks of bytes and compact rows. The store counts every record that it drops, and it does not
//! copy a payload that a reader does not need.
//!
//! The writer and the readers share a lock and hold it only for a short time: the writer for the records of one read
//! from the socket, a reader for the rows that it draws. Full chunks are shared with readers without a copy.

mod activity;
mod budget;
mod chunk;
mod distant;
mod follower;
mod following;
mod give_back;
mod kept;
mod layout;
mod live;
mod moments;
mod number;
mod owned_record;
mod portion;
mod restored;
mod row;
mod row_text;
mod rows;
mod seek;
mod shared;
mod shown;
mod spares;
mod spill;
mod staged;
mod types;

pub use chunk::{BlockBytes, Chunk, ChunkBuilder, SharedBytes};
pub use distant::{BlockPlace, BlockSource, ChunkCache, DamagedRows, DistantChunk, StoredChunk};
pub use follower::{Followed, Follower};
pub use layout::{BlockHeader, BlockProblem, BlockTags, checksum};
pub use number::{ListingIndex, RowNumber};
pub use owned_record::OwnedRecord;
pub use portion::Portion;
pub use row_text::{Detail, RowText};
pub use rows::{Rows, is_unreadable};
pub use seek::Lookback;
pub use shown::{Class, ClassSet};
pub use spill::{Spill, SpillJob};
pub use staged::StagedWriter;

use std::sync::Arc;

use parking_lot::Mutex;

use crate::history::Span;
use crate::rates::Slice;
use crate::record::{Record, Sink};
use crate::time::{Moment, Stamp};
use live::{LiveChunk, size_of_record};
use shared::SharedStore;

/// Default memory budget for the records of a feed: 512 MiB.
pub const DEFAULT_BUDGET_BYTES: u64 = 512 << 20;

/// Records of a feed for any number of views; cheap to clone.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Mutex<SharedStore>>,
}

/// The only writer of a [`Store`]. Readers see a pushed record at once.
pub struct StoreWriter {
    shared: Arc<Mutex<SharedStore>>,
}

/// Rows of a store, and counts of the rows that it no longer holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Oldest row in the store.
    pub first: RowNumber,
    /// Number after the newest row, which is the number of all records so far.
    pub end: RowNumber,
    /// Rows before this one were cleared by the user, unless they had been let go earlier.
    pub cleared_before: RowNumber,
    /// Number of rows that were let go because of the memory budget.
    pub let_go: u64,
    /// Memory in use, in bytes.
    pub memory: u64,
    /// Bytes of older rows that are stored outside of memory, such as in a file.
    pub spilled: u64,
}

impl Extent {
    /// Returns the number of rows that were let go since the user cleared the store. Their position is before the first
    /// row.
    pub fn missing(&self) -> u64 {
        self.first - self.cleared_before
    }

    /// Returns the number of rows that the user cleared.
    pub fn cleared(&self) -> u64 {
        self.first.0 - self.let_go
    }
}

impl Store {
    /// Creates an empty store and its writer. If the store needs more than `budget` bytes of memory, the oldest chunks
    /// are let go.
    pub fn new(budget: u64) -> (StoreWriter, Self) {
        Self::of_shared(Arc::new(Mutex::new(SharedStore {
            budget,
            ..SharedStore::default()
        })))
    }

    fn of_shared(shared: Arc<Mutex<SharedStore>>) -> (StoreWriter, Self) {
        let writer = StoreWriter {
            shared: Arc::clone(&shared),
        };
        (writer, Self { shared })
    }

    /// Creates a store from existing chunks, such as those of a file. It never receives more rows and lets none go.
    ///
    /// # Errors
    ///
    /// Returns the first chunk that does not begin with the row after the last row of the chunk before it.
    pub fn of_chunks<C: Into<StoredChunk>>(
        chunks: impl IntoIterator<Item = C>,
    ) -> Result<Self, StoredChunk> {
        let mut shared = SharedStore::default();
        for chunk in chunks {
            let chunk: StoredChunk = chunk.into();
            if shared.kept.len() == 0 {
                shared.cleared_before = chunk.first_row();
            } else if chunk.first_row() != shared.live.first_row {
                return Err(chunk);
            }
            // No row is live: the live chunk only marks the end.
            shared.live.first_row = chunk.end_row();
            shared.kept.push(chunk);
        }
        Ok(Self {
            shared: Arc::new(Mutex::new(shared)),
        })
    }

    /// Returns the current range of rows, and the counts.
    pub fn extent(&self) -> Extent {
        let shared = self.shared.lock();
        Extent {
            first: shared.first_row(),
            end: shared.live.end_row(),
            cleared_before: shared.cleared_before,
            let_go: shared.let_go,
            memory: shared.kept.memory() + shared.live.memory() + shared.spares.memory(),
            spilled: shared.kept.spilled(),
        }
    }

    /// Returns the newest problem with the storage of rows outside of memory, as a clause: "history on disk has ended:
    /// …".
    ///
    /// The timeline also has a note about it, but that note is let go together with the rows around it.
    pub fn spill_problem(&self) -> Option<Arc<str>> {
        self.shared.lock().spill_problem.clone()
    }

    /// Drops all rows. The numbers of later rows continue.
    pub fn clear(&self) {
        let mut shared = self.shared.lock();
        let end = shared.live.end_row();
        shared.hold_all_for_followers();
        let kept = std::mem::take(&mut shared.kept);
        let live = std::mem::replace(&mut shared.live, LiveChunk::starting_at(end));
        let spares = std::mem::take(&mut shared.spares);
        shared.cleared_before = end;
        if let Some(spilling) = &mut shared.spilling {
            spilling.start_afresh();
        }
        drop(shared);
        // Free the memory after the lock, because half a gigabyte takes time and the writer must not wait for it.
        drop((kept, live, spares));
    }

    // In the functions below, the lock protects only the search for a chunk, because reading a chunk may wait for a
    // disk.

    /// Returns the index of `row` among the rows that are shown, which is the number of shown rows before it.
    pub fn rank(&self, shown: ClassSet, row: RowNumber) -> ListingIndex {
        let shared = self.shared.lock();
        let (before, chunk) = shared.kept.rank(shown, row);
        let Some(chunk) = chunk.cloned() else {
            return ListingIndex(before + shared.live.rank(shown, row));
        };
        drop(shared);
        ListingIndex(before + chunk.rank(shown, row))
    }

    /// Returns the row at `index` among the shown rows; `None` after the newest one.
    pub fn select(&self, shown: ClassSet, index: ListingIndex) -> Option<RowNumber> {
        let shared = self.shared.lock();
        let (chunk, nth) = match shared.kept.select(shown, index.0) {
            Ok((chunk, nth)) => (chunk.clone(), nth),
            Err(nth) => return shared.live.select(shown, nth),
        };
        drop(shared);
        chunk.select(shown, nth)
    }

    /// Returns the lines of up to `most` shown rows, from the first one at or after `row` and before `end`, with at
    /// most `preview_bytes` of each payload.
    pub fn rows(
        &self,
        shown: ClassSet,
        row: RowNumber,
        end: RowNumber,
        most: usize,
        preview_bytes: usize,
    ) -> Vec<RowText> {
        let mut lines = Vec::with_capacity(most);
        let mut from = row;
        let mut add = |rows: Rows<'_>, from: RowNumber| {
            let places = from.since(rows.first_row()) as usize..rows.len();
            let wanted = places
                .take_while(|&at| rows.first_row() + (at as u64) < end)
                .filter(|&at| shown.has_number(rows.class(at)));
            let left = most - lines.len();
            lines.extend(
                wanted
                    .take(left)
                    .map(|at| RowText::of(rows, at, preview_bytes)),
            );
            lines.len() < most
        };
        // The lock is taken once for each chunk, and the chunk is read without it.
        loop {
            let shared = self.shared.lock();
            let Some(chunk) = shared.kept.next_shown(shown, from).cloned() else {
                add(shared.live.rows(), from);
                return lines;
            };
            drop(shared);
            let chunk = chunk.load();
            if !add(chunk.rows(), from) || end <= chunk.end_row() {
                return lines;
            }
            from = chunk.end_row();
        }
    }

    /// Returns the lines of these rows, in the given order. It skips rows that are no longer stored.
    pub fn lines(&self, numbers: &[RowNumber], preview_bytes: usize) -> Vec<RowText> {
        // Neighboring numbers are usually in the same chunk, so that the last chunk is tried first.
        let mut known: Option<Arc<Chunk>> = None;
        let line = |&number: &RowNumber| {
            if known
                .as_ref()
                .is_none_or(|chunk| chunk.place_of(number).is_none())
            {
                let shared = self.shared.lock();
                let Some(chunk) = shared.kept.find(number).cloned() else {
                    let rows = shared.live.rows();
                    return Some(RowText::of(rows, rows.place_of(number)?, preview_bytes));
                };
                drop(shared);
                known = Some(chunk.load());
            }
            let chunk = known.as_ref()?;
            let at = chunk.place_of(number)?;
            Some(RowText::of(chunk.rows(), at, preview_bytes))
        };
        numbers.iter().filter_map(line).collect()
    }

    /// Returns the time at which a row arrived; `None` if it was let go or does not exist yet.
    pub fn stamp(&self, row: RowNumber) -> Option<Stamp> {
        let shared = self.shared.lock();
        let Some(chunk) = shared.kept.find(row).cloned() else {
            let rows = shared.live.rows();
            return Some(rows.stamp(rows.place_of(row)?));
        };
        drop(shared);
        let chunk = chunk.load();
        Some(chunk.rows().stamp(chunk.place_of(row)?))
    }

    /// Returns one complete record; `None` if it was let go or does not exist yet.
    pub fn record(&self, row: RowNumber) -> Option<OwnedRecord> {
        let shared = self.shared.lock();
        if let Some(chunk) = shared.kept.find(row).cloned() {
            drop(shared);
            let chunk = chunk.load();
            let at = chunk.place_of(row)?;
            return Some(OwnedRecord { chunk, at });
        }
        let at = shared.live.rows().place_of(row)?;
        let chunk = Arc::new(Chunk::sealed(shared.live.copy_of(at..at + 1)));
        Some(OwnedRecord { chunk, at: 0 })
    }

    /// Returns the slices of the last two minutes for the trace, oldest first.
    pub fn slices(&self, now: Moment) -> Vec<Slice> {
        self.shared.lock().rates.window(now).collect()
    }

    /// Returns the messages and bytes received per second, over `span`.
    pub fn per_second(&self, now: Moment, span: std::time::Duration) -> (f64, f64) {
        self.shared.lock().rates.per_second(now, span)
    }

    /// Returns the total of received records, and the time of the last one.
    pub fn received(&self) -> (Slice, Option<Moment>) {
        let shared = self.shared.lock();
        (shared.rates.total(), shared.rates.last())
    }

    /// Returns the connection's life from `from` on, oldest first.
    pub fn history(&self, from: Moment) -> Vec<Span> {
        self.shared.lock().history.since(from).cloned().collect()
    }
}

impl StoreWriter {
    /// Frees chunks that were let go, or keeps their memory for further chunks.
    fn free(&self, let_go: Vec<StoredChunk>) {
        // The lock is not held while memory is freed, so that it does not block the readers.
        if !let_go.is_empty() {
            give_back::give_back(
                &self.shared,
                let_go.into_iter().filter_map(StoredChunk::at_hand),
                spares::MAX_OF_WRITER,
            );
        }
    }
}

impl Sink for StoreWriter {
    fn push(&mut self, record: &Record<'_>) {
        let let_go = if live::is_oversized(size_of_record(&record.kind)) {
            // Copy the record before the lock is taken, so that a hundred megabytes do not block the readers.
            let alone = LiveChunk::alone(record);
            self.shared.lock().push_alone(alone, record)
        } else {
            self.shared.lock().push(record)
        };
        self.free(let_go);
    }

    /// Does nothing, because readers see a pushed record at once.
    fn flush(&mut self) {}

    fn has_room(&self) -> bool {
        self.shared.lock().has_room()
    }
}

#[cfg(test)]
mod tests;
