//! Full chunks of a store, oldest first, with an index that finds a row among thousands of chunks quickly. It does not
//! decide which chunks are let go.

use std::collections::VecDeque;
use std::ops::Range;

use super::distant::StoredChunk;
use super::number::RowNumber;
use super::shown::{Class, ClassSet};
use crate::time::{Moment, Timestamp};

/// Full chunks, oldest first. Readers may still hold a chunk that was let go.
#[derive(Default)]
pub(super) struct KeptChunks {
    places: VecDeque<KeptChunk>,
    /// Sums over the chunks, in memory and outside of it.
    memory: u64,
    spilled: u64,
}

struct KeptChunk {
    chunk: StoredChunk,
    /// Number of rows of each class in all earlier chunks. It counts from an origin that does not move when chunks are
    /// added or let go.
    before: [u64; Class::NUMBERS],
    /// Memory of the chunk when it was added.
    memory: u64,
    /// Latest time of its rows. It is stored here, so that a search does not access the chunks.
    latest: Timestamp,
}

impl KeptChunk {
    fn new(chunk: StoredChunk, before: [u64; Class::NUMBERS]) -> Self {
        Self {
            memory: chunk.memory(),
            latest: chunk.latest(),
            chunk,
            before,
        }
    }

    fn end(&self) -> [u64; Class::NUMBERS] {
        let counts = self.chunk.counts();
        std::array::from_fn(|class| self.before[class] + u64::from(counts[class]))
    }
}

impl KeptChunks {
    /// Memory in use, in bytes.
    pub(super) fn memory(&self) -> u64 {
        self.memory
    }

    /// Bytes of chunks outside of memory.
    pub(super) fn spilled(&self) -> u64 {
        self.spilled
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&StoredChunk> {
        self.places.get(at).map(|place| &place.chunk)
    }

    /// Oldest row.
    pub(super) fn first_row(&self) -> Option<RowNumber> {
        self.places.front().map(|place| place.chunk.first_row())
    }

    pub(super) fn push(&mut self, chunk: StoredChunk) {
        let before = self.places.back().map(KeptChunk::end).unwrap_or_default();
        let place = KeptChunk::new(chunk, before);
        self.add(&place);
        self.places.push_back(place);
    }

    pub(super) fn pop_oldest(&mut self) -> Option<StoredChunk> {
        let place = self.places.pop_front()?;
        self.subtract(&place);
        Some(place.chunk)
    }

    /// Replaces the chunk at `at` by a chunk of the same rows, and returns the old one.
    pub(super) fn replace(&mut self, at: usize, chunk: StoredChunk) -> Option<StoredChunk> {
        // The rows are the same, so that the counts of later chunks stay valid.
        let new = KeptChunk::new(chunk, self.places.get(at)?.before);
        self.add(&new);
        let old = std::mem::replace(&mut self.places[at], new);
        self.subtract(&old);
        Some(old.chunk)
    }

    /// Returns the memory of these chunks in bytes.
    pub(super) fn memory_of(&self, places: Range<usize>) -> u64 {
        let end = places.end.min(self.places.len());
        let places = self.places.range(places.start.min(end)..end);
        places.map(|place| place.memory).sum()
    }

    /// Returns the chunks that end before `row`.
    pub(super) fn before(&self, row: RowNumber) -> Vec<StoredChunk> {
        let places = self.places.range(..self.place_of(row));
        places.map(|place| place.chunk.clone()).collect()
    }

    fn add(&mut self, place: &KeptChunk) {
        self.memory += place.memory;
        self.spilled += place.chunk.spilled();
    }

    fn subtract(&mut self, place: &KeptChunk) {
        self.memory -= place.memory;
        self.spilled -= place.chunk.spilled();
    }

    /// Returns the chunk that contains `row`.
    pub(super) fn find(&self, row: RowNumber) -> Option<&StoredChunk> {
        let chunk = self.get(self.place_of(row))?;
        (chunk.first_row() <= row).then_some(chunk)
    }

    /// Returns the chunk with the first shown row at or after `row`, or the chunk before it.
    pub(super) fn next_shown(&self, shown: ClassSet, row: RowNumber) -> Option<&StoredChunk> {
        let at = self.place_of(row);
        let before = shown.sum(&self.places.get(at)?.before);
        // Skip chunks in which all rows are hidden.
        let next = self
            .places
            .partition_point(|place| shown.sum(&place.end()) <= before);
        self.get(next)
    }

    /// Returns the oldest chunk with a row that arrived at `at` or later by the wall clock.
    pub(super) fn came_by(&self, at: Timestamp) -> Option<&StoredChunk> {
        // Clocks jump, so that the times of chunks have no order and every chunk is checked.
        let place = self.places.iter().find(|place| place.latest >= at)?;
        Some(&place.chunk)
    }

    /// Returns the last chunk whose first row arrived at `moment` or earlier.
    pub(super) fn last_begun(&self, moment: Moment) -> Option<&StoredChunk> {
        let begun = self
            .places
            .partition_point(|place| place.chunk.first_stamp().moment <= moment);
        self.get(begun.checked_sub(1)?)
    }

    /// Returns the number of chunks that end before `row`.
    fn place_of(&self, row: RowNumber) -> usize {
        self.places
            .partition_point(|place| place.chunk.end_row() <= row)
    }

    /// Returns the number of shown rows in the chunks before the one that contains `row`, and this chunk.
    pub(super) fn rank(&self, shown: ClassSet, row: RowNumber) -> (u64, Option<&StoredChunk>) {
        let at = self.place_of(row);
        (self.sum_before(shown, at), self.get(at))
    }

    /// Returns the chunk that contains the `nth` shown row, and the index of this row among the shown rows of the
    /// chunk. If there are fewer shown rows, it returns the index that remains for the live chunk.
    pub(super) fn select(&self, shown: ClassSet, nth: u64) -> Result<(&StoredChunk, u64), u64> {
        // The counts of the oldest chunk begin at the current origin.
        let zero = self
            .places
            .front()
            .map_or(0, |front| shown.sum(&front.before));
        let at = self
            .places
            .partition_point(|place| shown.sum(&place.end()) - zero <= nth);
        match self.places.get(at) {
            Some(place) => Ok((&place.chunk, nth - (shown.sum(&place.before) - zero))),
            None => Err(nth - self.sum_before(shown, at)),
        }
    }

    /// Returns the number of shown rows in the chunks before the one at `at`.
    fn sum_before(&self, shown: ClassSet, at: usize) -> u64 {
        let (Some(front), Some(last)) = (
            self.places.front(),
            at.checked_sub(1).map(|at| &self.places[at]),
        ) else {
            return 0;
        };
        shown.sum(&last.end()) - shown.sum(&front.before)
    }
}
