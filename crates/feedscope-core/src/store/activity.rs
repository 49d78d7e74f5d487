//! Rates and states of a store whose rows were not pushed, such as that of a file, derived from its rows.

use std::time::Duration;

use super::Store;
use super::distant::StoredChunk;
use super::layout::BlockHeader;
use super::number::{ListingIndex, RowNumber};
use super::shown::{Class, ClassSet};
use crate::history::History;
use crate::rates::{Rates, Slice};
use crate::record::{Kind, Record};
use crate::time::{Moment, Stamp};

/// Number of newest states that are read, as many as a history keeps.
const MOST_STATES: u64 = 2_048;

/// Bytes of rows that are read at a time.
const PORTION_BYTES: usize = 1 << 20;

/// Time before the last row of which the rates are computed exactly. The trace shows two minutes.
const EXACT_TIME: Duration = Duration::from_mins(2);

impl Store {
    /// Derives the rates and the history from the rows that were added since the last call.
    ///
    /// The first call reads the blocks with states, and those of the last two minutes that are long enough to show in the
    /// rates. Earlier payloads are counted by the headers of their blocks; only a block of an earlier version, whose header
    /// does not count their bytes, is read.
    pub fn derive_activity(&self) {
        let until = self.shared.lock().activity_until;
        let end = self.extent().end;
        if until == RowNumber(0) {
            let rates = self.derived_rates(end);
            let history = self.derived_history(end);
            let mut shared = self.shared.lock();
            shared.rates = rates;
            shared.history = history;
        } else {
            self.add_activity(until, end);
        }
        self.shared.lock().activity_until = end;
    }

    /// Returns the stamps of the first and the last row; `None` if there are no rows.
    pub fn span(&self) -> Option<(Stamp, Stamp)> {
        let extent = self.extent();
        let last = extent.end.checked_sub(1)?;
        Some((self.stamp(extent.first)?, self.stamp(last)?))
    }

    /// Takes over the rows of a store that was opened later from the same file.
    ///
    /// The rows that both have keep their numbers, so that views and searches of this store stay valid.
    pub fn take_over(&self, later: &Self) {
        let (kept, live) = {
            let mut later = later.shared.lock();
            (
                std::mem::take(&mut later.kept),
                std::mem::take(&mut later.live),
            )
        };
        let mut shared = self.shared.lock();
        let old = (
            std::mem::replace(&mut shared.kept, kept),
            std::mem::replace(&mut shared.live, live),
        );
        drop(shared);
        // The memory is freed after the lock.
        drop(old);
    }

    /// Adds the activity of these rows.
    fn add_activity(&self, from: RowNumber, end: RowNumber) {
        self.for_each(from, end, |record| {
            let mut shared = self.shared.lock();
            if let Some(bytes) = record.kind.received().map(|data| data.len() as u64) {
                shared.rates.add(record.stamp.moment, 1, bytes);
            }
            if let Kind::State(change) = &record.kind {
                shared.history.enter(record.stamp, change);
            }
        });
    }

    fn derived_rates(&self, end: RowNumber) -> Rates {
        let mut rates = Rates::default();
        let Some(last) = end.checked_sub(1).and_then(|last| self.stamp(last)) else {
            return rates;
        };
        let mut from = self.row_since(last.moment - EXACT_TIME, end);
        let (first, before) = {
            let shared = self.shared.lock();
            let first = shared.kept.find(from).map(StoredChunk::first_row);
            (first, shared.kept.before(from))
        };
        // The headers count whole blocks, so that the exact rows begin with a block.
        from = first.unwrap_or(from);
        rates.start_with(Slice {
            records: self.rank(ClassSet::RECEIVED, from).0,
            bytes: before.iter().map(StoredChunk::received_bytes).sum(),
        });
        while from < end {
            let chunk = self.shared.lock().kept.find(from).cloned();
            let next = chunk.as_ref().map_or(end, StoredChunk::end_row);
            match chunk {
                // The rows of a short block belong to one slice or two, so that its header is exact enough.
                Some(StoredChunk::Distant(chunk))
                    if chunk.first_row() == from && is_short(chunk.header()) =>
                {
                    let rows = self.rank(ClassSet::RECEIVED, next).0
                        - self.rank(ClassSet::RECEIVED, from).0;
                    let bytes = chunk.received_bytes();
                    rates.add(chunk.header().last().moment, rows, bytes);
                }
                _ => self.for_each(from, next, |record| {
                    if let Some(bytes) = record.kind.received().map(|data| data.len() as u64) {
                        rates.add(record.stamp.moment, 1, bytes);
                    }
                }),
            }
            from = next;
        }
        rates
    }

    fn derived_history(&self, end: RowNumber) -> History {
        let states = ClassSet::NONE.with(Class::States, true);
        let count = self.rank(states, end).0;
        let mut history = History::default();
        for index in count.saturating_sub(MOST_STATES)..count {
            let row = self.select(states, ListingIndex(index));
            let Some(owned) = row.and_then(|row| self.record(row)) else {
                break;
            };
            let record = owned.record();
            if let Kind::State(change) = &record.kind {
                history.enter(record.stamp, change);
            }
        }
        history
    }

    /// Calls `act` with each record of these rows.
    fn for_each(&self, from: RowNumber, end: RowNumber, mut act: impl FnMut(&Record<'_>)) {
        let mut next = from;
        while next < end
            && let Some(portion) = self.portion(next, PORTION_BYTES)
        {
            for (row, record) in portion.records() {
                if row < end {
                    act(&record);
                }
            }
            next = portion.numbers().end;
        }
    }

    /// Returns the first row before `end` at or after a moment, or `end`. The moments of a feed never go back.
    fn row_since(&self, moment: Moment, end: RowNumber) -> RowNumber {
        let (mut low, mut high) = (self.extent().first, end);
        while low < high {
            let middle = low + (high - low) / 2;
            if self
                .stamp(middle)
                .is_some_and(|stamp| stamp.moment < moment)
            {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// Returns true if all rows of a block arrived within a slice of the rates.
fn is_short(header: &BlockHeader) -> bool {
    header.last().moment.since(header.first().moment) < Rates::SLICE
}
