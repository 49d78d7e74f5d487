//! All records of a feed, appended by one writer and read by views, within a memory budget.
//!
//! Kept as chunks of bytes and compact rows. Never drops a record without counting it, and never copies a payload that a reader does not look at.
//!
//! The writer and the readers share a lock that each holds for moments: the writer for the records of one read from the
//! socket, a reader for the rows that it draws. Chunks that are full are shared with readers without copying.

mod chunk;
mod portion;
mod row;
mod seek;
mod shown;

pub use portion::Portion;
pub use row::{Detail, OwnedRecord, RowText};
pub use seek::Lookback;
pub use shown::{Class, Shown};

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::history::{History, Span};
use crate::record::{Direction, Kind, Record, Sink};
use crate::stats::{Rates, Slice};
use crate::time::{Moment, Stamp};
use chunk::{Chunk, Types, size_of_record};
use row::Anchors;

/// How much memory a feed's records may take unless told otherwise: 512 MiB.
pub const DEFAULT_BUDGET_BYTES: u64 = 512 << 20;

/// A feed's records, to be read by any number of views; cheap to clone.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Mutex<Shared>>,
}

/// The one writer of a [`Store`]: what is pushed can be read at once.
pub struct StoreWriter {
    shared: Arc<Mutex<Shared>>,
}

/// Which rows a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// The oldest row kept; this many rows were let go.
    pub first: u64,
    /// One past the newest row: how many records ever came.
    pub end: u64,
    /// Memory in use, in bytes.
    pub memory: u64,
}

#[derive(Default)]
struct Shared {
    /// Full chunks, oldest first; readers may hold one while it is let go.
    sealed: VecDeque<Arc<Chunk>>,
    sealed_memory: u64,
    live: Chunk,
    types: Types,
    anchors: Anchors,
    budget: u64,
    rates: Rates,
    history: History,
}

impl Store {
    /// An empty store and its writer; past `budget` bytes of memory the oldest chunks are let go.
    pub fn new(budget: u64) -> (StoreWriter, Self) {
        let shared = Arc::new(Mutex::new(Shared {
            budget,
            ..Shared::default()
        }));
        (
            StoreWriter {
                shared: Arc::clone(&shared),
            },
            Self { shared },
        )
    }

    /// Which rows it holds now.
    pub fn extent(&self) -> Extent {
        let shared = self.shared.lock();
        Extent {
            first: shared.first_row(),
            end: shared.live.end_row(),
            memory: shared.sealed_memory + shared.live.memory(),
        }
    }

    /// Lets every row go; the numbers of later rows run on.
    pub fn clear(&self) {
        let mut shared = self.shared.lock();
        let end = shared.live.end_row();
        shared.sealed = VecDeque::new();
        shared.sealed_memory = 0;
        shared.live = Chunk::starting_at(end);
    }

    /// How many of the kept rows before `row` are shown: its place among them.
    pub fn rank(&self, shown: Shown, row: u64) -> u64 {
        let shared = self.shared.lock();
        let mut rank = 0;
        for chunk in shared.chunks() {
            if chunk.end_row() <= row {
                rank += shown.sum(&chunk.counts);
            } else {
                return rank + chunk.rank(shown, row.saturating_sub(chunk.first_row) as usize);
            }
        }
        rank
    }

    /// The row at place `nth` among those shown, from 0; `None` past the newest.
    pub fn select(&self, shown: Shown, nth: u64) -> Option<u64> {
        let shared = self.shared.lock();
        let (chunk, at) = shared.select(shown, nth)?;
        Some(chunk.first_row + at as u64)
    }

    /// The lines of up to `most` shown rows, from the first one at or after `row` and before `end`, with at most
    /// `preview_bytes` of each payload.
    pub fn rows(
        &self,
        shown: Shown,
        row: u64,
        end: u64,
        most: usize,
        preview_bytes: usize,
    ) -> Vec<RowText> {
        let shared = self.shared.lock();
        let mut lines = Vec::with_capacity(most);
        for chunk in shared.chunks_from(row) {
            let skipped = row.saturating_sub(chunk.first_row) as usize;
            for (at, entry) in chunk.rows.iter().enumerate().skip(skipped) {
                let number = chunk.first_row + at as u64;
                if lines.len() == most || number >= end {
                    return lines;
                }
                if shown.has_number(entry.class()) {
                    let event_type = shared.types.name(entry.type_ref);
                    let stamp = shared.anchors.stamp(number, entry.moment);
                    lines.push(RowText::of(chunk, at, &event_type, stamp, preview_bytes));
                }
            }
        }
        lines
    }

    /// The lines of these rows, of those that are kept, in the order given.
    pub fn lines(&self, numbers: &[u64], preview_bytes: usize) -> Vec<RowText> {
        let shared = self.shared.lock();
        let line = |&number: &u64| {
            let (chunk, at) = shared.find(number)?;
            let entry = &chunk.rows[at];
            let stamp = shared.anchors.stamp(number, entry.moment);
            Some(RowText::of(
                chunk,
                at,
                &shared.types.name(entry.type_ref),
                stamp,
                preview_bytes,
            ))
        };
        numbers.iter().filter_map(line).collect()
    }

    /// When a row arrived; `None` where it was let go or has not come.
    pub fn stamp(&self, row: u64) -> Option<Stamp> {
        let shared = self.shared.lock();
        let (chunk, at) = shared.find(row)?;
        Some(shared.anchors.stamp(row, chunk.rows[at].moment))
    }

    /// One record, whole; `None` where it was let go or has not come.
    pub fn record(&self, row: u64) -> Option<OwnedRecord> {
        let shared = self.shared.lock();
        let (chunk, at) = shared.find(row)?;
        let entry = &chunk.rows[at];
        let event_type = shared.types.name(entry.type_ref);
        let stamp = shared.anchors.stamp(row, entry.moment);
        let (chunk, at) = match shared.sealed_find(row) {
            Some(sealed) => (Arc::clone(sealed), at),
            None => (Arc::new(chunk.single(at)), 0),
        };
        Some(OwnedRecord {
            chunk,
            at,
            event_type,
            stamp,
        })
    }

    /// The slices of the last two minutes for the trace, oldest first.
    pub fn slices(&self, now: Moment) -> Vec<Slice> {
        self.shared.lock().rates.window(now).collect()
    }

    /// Messages and bytes received per second, over `span`.
    pub fn per_second(&self, now: Moment, span: std::time::Duration) -> (f64, f64) {
        self.shared.lock().rates.per_second(now, span)
    }

    /// Everything received so far, and when something last was.
    pub fn received(&self) -> (Slice, Option<Moment>) {
        let shared = self.shared.lock();
        (shared.rates.total(), shared.rates.last())
    }

    /// The connection's life from `from` on, oldest first.
    pub fn history(&self, from: Moment) -> Vec<Span> {
        self.shared.lock().history.since(from).cloned().collect()
    }
}

impl Sink for StoreWriter {
    fn push(&mut self, record: &Record<'_>) {
        if chunk::is_oversized(size_of_record(&record.kind)) {
            // Copied before the lock is taken: a hundred megabytes shall not keep a reader waiting.
            let type_number = self.shared.lock().types.number_of(&record.kind);
            let mut alone = Chunk::default();
            alone.push(record, type_number);
            let let_go = self.shared.lock().push_alone(alone, record);
            drop(let_go);
        } else {
            self.shared.lock().push(record);
        }
    }

    /// Nothing to do: what was pushed can be read at once.
    fn flush(&mut self) {}
}

impl Shared {
    fn push(&mut self, record: &Record<'_>) {
        if !self.live.has_room_for(size_of_record(&record.kind)) {
            self.seal();
        }
        self.anchors.note(self.live.end_row(), record.stamp);
        self.count(record);
        let type_number = self.types.number_of(&record.kind);
        self.live.push(record, type_number);
    }

    /// Appends a record that has a chunk of its own. What had to go for it is handed out, so that whoever gives that
    /// much memory back need not hold the lock.
    fn push_alone(&mut self, mut alone: Chunk, record: &Record<'_>) -> Vec<Arc<Chunk>> {
        if self.live.first_row < self.live.end_row() {
            self.seal();
        }
        self.anchors.note(self.live.end_row(), record.stamp);
        self.count(record);
        alone.first_row = self.live.end_row();
        self.live = alone;
        self.seal()
    }

    /// The live chunk is full: it becomes readable without copying, and the oldest go if memory is over budget. Those
    /// are handed out.
    fn seal(&mut self) -> Vec<Arc<Chunk>> {
        let next = Chunk::starting_at(self.live.end_row());
        let mut full = std::mem::replace(&mut self.live, next);
        full.seal();
        self.sealed_memory += full.memory();
        self.sealed.push_back(Arc::new(full));
        let mut let_go = Vec::new();
        // The newest stays, however large: what just came is to be seen.
        while self.sealed_memory > self.budget && self.sealed.len() > 1 {
            let Some(oldest) = self.sealed.pop_front() else {
                break;
            };
            self.sealed_memory -= oldest.memory();
            let_go.push(oldest);
        }
        self.anchors.let_go_before(self.first_row());
        let_go
    }

    fn count(&mut self, record: &Record<'_>) {
        match &record.kind {
            Kind::State(change) => self.history.enter(record.stamp, change),
            Kind::Event { data, .. } => self.rates.add(record.stamp.moment, 1, data.len() as u64),
            Kind::Text {
                direction: Direction::In,
                data,
                ..
            }
            | Kind::Binary {
                direction: Direction::In,
                data,
                ..
            } => {
                self.rates.add(record.stamp.moment, 1, data.len() as u64);
            }
            _ => {}
        }
    }

    fn first_row(&self) -> u64 {
        self.sealed
            .front()
            .map_or(self.live.first_row, |chunk| chunk.first_row)
    }

    fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        self.sealed
            .iter()
            .map(|chunk| &**chunk)
            .chain(std::iter::once(&self.live))
    }

    /// The chunk that holds `row`, and those after it; all of them where it was let go.
    fn chunks_from(&self, row: u64) -> impl Iterator<Item = &Chunk> {
        let first = self.sealed.partition_point(|chunk| chunk.end_row() <= row);
        self.sealed
            .range(first..)
            .map(|chunk| &**chunk)
            .chain(std::iter::once(&self.live))
    }

    fn sealed_find(&self, row: u64) -> Option<&Arc<Chunk>> {
        let at = self.sealed.partition_point(|chunk| chunk.end_row() <= row);
        self.sealed.get(at).filter(|chunk| chunk.first_row <= row)
    }

    fn find(&self, row: u64) -> Option<(&Chunk, usize)> {
        let chunk = self.sealed_find(row).map_or(&self.live, |chunk| chunk);
        let at = usize::try_from(row.checked_sub(chunk.first_row)?).ok()?;
        (at < chunk.rows.len()).then_some((chunk, at))
    }

    fn select(&self, shown: Shown, nth: u64) -> Option<(&Chunk, usize)> {
        let mut left = nth;
        for chunk in self.chunks() {
            let here = shown.sum(&chunk.counts);
            if left < here {
                return chunk.select(shown, left).map(|at| (chunk, at));
            }
            left -= here;
        }
        None
    }
}

#[cfg(test)]
mod tests;
