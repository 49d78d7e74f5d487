//! Rows to be gone through without the store's lock: a full chunk shared, or a copy of the newest rows.
//! Never more than one chunk, and never changed.

use std::ops::Range;
use std::sync::Arc;

use super::chunk::Chunk;
use super::row::{Anchors, Row, kind_of};
use super::{Shared, Store};
use crate::record::Record;

/// Successive rows of a store, as they were when they were asked for.
pub struct Portion {
    pub(super) chunk: Arc<Chunk>,
    /// Which of the chunk's rows.
    pub(super) rows: Range<usize>,
    pub(super) types: Arc<Vec<Arc<[u8]>>>,
    pub(super) anchors: Anchors,
}

impl Store {
    /// Rows from `row` on, up to about `most_bytes` of them and at least one; the oldest kept where `row` was let go;
    /// `None` past the newest.
    pub fn portion(&self, row: u64, most_bytes: usize) -> Option<Portion> {
        let shared = self.shared.lock();
        let row = row.max(shared.first_row());
        let (chunk, at) = shared.find(row)?;
        let end = chunk.rows_within(at, most_bytes);
        Some(shared.portion(row, at..end))
    }

    /// Rows up to `end` and not with it, about `most_bytes` of them and at least one; `None` where all of them were
    /// let go.
    pub fn portion_before(&self, end: u64, most_bytes: usize) -> Option<Portion> {
        let shared = self.shared.lock();
        let last = end.min(shared.live.end_row()).checked_sub(1)?;
        let (chunk, at) = shared.find(last)?;
        let start = chunk.rows_within_before(at + 1, most_bytes);
        Some(shared.portion(last, start..at + 1))
    }
}

impl Shared {
    /// `rows` of the chunk that holds `row`.
    fn portion(&self, row: u64, rows: Range<usize>) -> Portion {
        let (chunk, rows) = match self.sealed_find(row) {
            Some(sealed) => (Arc::clone(sealed), rows),
            None => (Arc::new(self.live.copy_of(rows.clone())), 0..rows.len()),
        };
        let numbers = chunk.first_row + rows.start as u64..chunk.first_row + rows.end as u64;
        Portion {
            anchors: self.anchors.over(numbers),
            types: self.types.names(),
            chunk,
            rows,
        }
    }
}

impl Portion {
    /// The store's numbers of its rows; never empty.
    pub fn numbers(&self) -> Range<u64> {
        self.chunk.first_row + self.rows.start as u64..self.chunk.first_row + self.rows.end as u64
    }

    /// Its records with the store's numbers of them, oldest first.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = (u64, Record<'_>)> {
        (0..self.rows.len()).map(|at| (self.numbers().start + at as u64, self.record(at)))
    }

    /// How many bytes of memory it goes through, entries included.
    pub fn size_bytes(&self) -> usize {
        self.bytes().len() + self.rows.len() * size_of::<Row>()
    }

    /// The record at `at`, counted from the portion's first.
    pub(crate) fn record(&self, at: usize) -> Record<'_> {
        let at = self.rows.start + at;
        let row = &self.chunk.rows[at];
        let event_type = self
            .types
            .get(usize::from(row.type_ref))
            .map_or(&b""[..], |name| name);
        let stamp = self
            .anchors
            .stamp(self.chunk.first_row + at as u64, row.moment);
        Record {
            stamp,
            connection: row.connection,
            kind: kind_of(&self.chunk, at, event_type),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// All bytes of its rows, one after the other.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.chunk.bytes[self.start()..self.chunk.rows[self.rows.end - 1].whole().end]
    }

    /// Where the payload of the row at `at` lies in [`bytes`](Self::bytes).
    pub(crate) fn payload(&self, at: usize) -> Range<usize> {
        let payload = self.entry(at).payload();
        payload.start - self.start()..payload.end - self.start()
    }

    /// The row at or after `from` whose bytes hold the one at `byte`.
    pub(crate) fn row_holding(&self, byte: usize, from: usize) -> usize {
        let rows = &self.chunk.rows[self.rows.start + from..self.rows.end];
        let byte = self.start() + byte;
        // What is looked for is mostly near: strides that double find it in a few steps, and cut the search short.
        let mut stride = 1;
        while stride < rows.len() && rows[stride].offset as usize <= byte {
            stride *= 2;
        }
        let (low, high) = (stride / 2, stride.min(rows.len()));
        from + low + rows[low..high].partition_point(|row| row.offset as usize <= byte) - 1
    }

    pub(crate) fn class(&self, at: usize) -> u8 {
        self.entry(at).class()
    }

    fn entry(&self, at: usize) -> &Row {
        &self.chunk.rows[self.rows.start + at]
    }

    fn start(&self) -> usize {
        self.chunk.rows[self.rows.start].offset as usize
    }
}
