//! The full chunks of a store, oldest first, with what it takes to find a row among thousands of them at once.
//! Decides nothing: who lets chunks go says so.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::chunk::Chunk;
use super::number::RowNumber;
use super::shown::{Class, Shown};
use crate::time::Timestamp;

/// Full chunks, oldest first; readers may hold one while it is let go.
#[derive(Default)]
pub(super) struct Kept {
    places: VecDeque<Place>,
    /// What the places hold, in memory and elsewhere.
    memory: u64,
    spilled: u64,
}

struct Place {
    chunk: Arc<Chunk>,
    /// Number of rows of each class in the chunks before this one, from a zero that does not move when chunks come and
    /// go.
    before: [u64; Class::NUMBERS],
    /// What it held of memory when it came.
    memory: u64,
    /// The latest time of its rows, kept here so that chunks need not be touched to find one.
    latest: Timestamp,
}

impl Place {
    fn new(chunk: Chunk, before: [u64; Class::NUMBERS]) -> Self {
        Self {
            memory: chunk.memory(),
            latest: chunk.latest(),
            chunk: Arc::new(chunk),
            before,
        }
    }

    fn end(&self) -> [u64; Class::NUMBERS] {
        let counts = self.chunk.counts();
        std::array::from_fn(|class| self.before[class] + u64::from(counts[class]))
    }
}

impl Kept {
    /// Memory in use, in bytes.
    pub(super) fn memory(&self) -> u64 {
        self.memory
    }

    /// Bytes of chunks that somebody else holds.
    pub(super) fn spilled(&self) -> u64 {
        self.spilled
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&Arc<Chunk>> {
        self.places.get(at).map(|place| &place.chunk)
    }

    /// The oldest row.
    pub(super) fn first_row(&self) -> Option<RowNumber> {
        self.places.front().map(|place| place.chunk.first_row())
    }

    pub(super) fn push(&mut self, chunk: Chunk) {
        let before = self.places.back().map(Place::end).unwrap_or_default();
        let place = Place::new(chunk, before);
        self.add(&place);
        self.places.push_back(place);
    }

    pub(super) fn pop_oldest(&mut self) -> Option<Arc<Chunk>> {
        let place = self.places.pop_front()?;
        self.subtract(&place);
        Some(place.chunk)
    }

    /// Puts a chunk of the same rows in the place of the one at `at`, and hands that one back.
    pub(super) fn replace(&mut self, at: usize, chunk: Chunk) -> Option<Arc<Chunk>> {
        let new = Place::new(chunk, self.places.get(at)?.before);
        self.add(&new);
        let old = std::mem::replace(&mut self.places[at], new);
        self.subtract(&old);
        Some(old.chunk)
    }

    /// Memory that these chunks hold, in bytes.
    pub(super) fn memory_of(&self, places: Range<usize>) -> u64 {
        let end = places.end.min(self.places.len());
        let places = self.places.range(places.start.min(end)..end);
        places.map(|place| place.memory).sum()
    }

    fn add(&mut self, place: &Place) {
        self.memory += place.memory;
        self.spilled += place.chunk.spilled();
    }

    fn subtract(&mut self, place: &Place) {
        self.memory -= place.memory;
        self.spilled -= place.chunk.spilled();
    }

    /// The chunk that holds `row`.
    pub(super) fn find(&self, row: RowNumber) -> Option<&Arc<Chunk>> {
        let chunk = self.get(self.place_of(row))?;
        (chunk.first_row() <= row).then_some(chunk)
    }

    /// The chunk with the first shown row at or after `row`, or the one before it.
    pub(super) fn next_shown(&self, shown: Shown, row: RowNumber) -> Option<&Arc<Chunk>> {
        let at = self.place_of(row);
        let before = shown.sum(&self.places.get(at)?.before);
        let next = self
            .places
            .partition_point(|place| shown.sum(&place.end()) <= before);
        self.get(next)
    }

    /// The oldest chunk with a row that came at `at` or later by the wall clock.
    pub(super) fn came_by(&self, at: Timestamp) -> Option<&Arc<Chunk>> {
        // Clocks jump, so chunks are in no order by it; one look at each, for who asks for a time.
        let place = self.places.iter().find(|place| place.latest >= at)?;
        Some(&place.chunk)
    }

    /// How many chunks end before `row`.
    fn place_of(&self, row: RowNumber) -> usize {
        self.places
            .partition_point(|place| place.chunk.end_row() <= row)
    }

    /// How many shown rows are in the chunks before the one that `row` is in, and that chunk.
    pub(super) fn rank(&self, shown: Shown, row: RowNumber) -> (u64, Option<&Arc<Chunk>>) {
        let at = self.place_of(row);
        (self.sum_before(shown, at), self.get(at))
    }

    /// The chunk with the row at place `nth` among those shown, and the row's place in it among those shown; or how many
    /// places are missing.
    pub(super) fn select(&self, shown: Shown, nth: u64) -> Result<(&Arc<Chunk>, u64), u64> {
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

    /// How many shown rows are in the chunks before the one at `at`.
    fn sum_before(&self, shown: Shown, at: usize) -> u64 {
        let (Some(front), Some(last)) = (
            self.places.front(),
            at.checked_sub(1).map(|at| &self.places[at]),
        ) else {
            return 0;
        };
        shown.sum(&last.end()) - shown.sum(&front.before)
    }
}
