//! Rows by the moment at which they arrived, for readers that go through a recording in time: the row at a moment, the
//! number of records over time, and the states up to a moment.
//!
//! The moments of a feed never go back. Headers of blocks are enough for most answers; a block is read only where its
//! header is too coarse.

use std::time::Duration;

use super::Store;
use super::distant::StoredChunk;
use super::number::{ListingIndex, RowNumber};
use super::rows::Rows;
use super::shown::{Class, ClassSet};
use crate::history::{History, Span};
use crate::rates::{Rates, Slice};
use crate::record::Kind;
use crate::time::{Moment, Stamp, Timestamp};

/// Blocks that are shorter than this are not read for the slices of the trace: their records are spread evenly.
const EVEN_IN_TRACE: Duration = Duration::from_secs(4);

/// Number of columns that a block may cover before it is read for the number of records over time.
const EVEN_COLUMNS: u32 = 16;

/// Shortest time between two moments.
const NANO: Duration = Duration::from_nanos(1);

/// Maximum number of states that are read for a history.
const MOST_STATES: u64 = 2_048;

impl Store {
    /// Returns the number after the last row that arrived at `moment` or earlier.
    pub fn end_at(&self, moment: Moment) -> RowNumber {
        let shared = self.shared.lock();
        let live = shared.live.rows();
        if has_begun(&live, moment) {
            return live.first_row() + rows_until(&live, moment) as u64;
        }
        let Some(chunk) = shared.kept.last_begun(moment).cloned() else {
            return shared.first_row();
        };
        drop(shared);
        if chunk.last_stamp().moment <= moment {
            return chunk.end_row();
        }
        chunk.first_row() + rows_until(&chunk.load().rows(), moment) as u64
    }

    /// Returns the moments of the last row at or before `moment`, and of the first row after it.
    pub fn moments_around(&self, moment: Moment) -> (Option<Moment>, Option<Moment>) {
        let end = self.end_at(moment);
        let moment_of = |row| Some(self.stamp(row)?.moment);
        (end.checked_sub(1).and_then(moment_of), moment_of(end))
    }

    /// Returns the time in UTC at a moment, by the clock of the rows around it; `None` if there are no rows.
    pub fn utc_at(&self, moment: Moment) -> Option<Timestamp> {
        let shared = self.shared.lock();
        let live = shared.live.rows();
        let known = if has_begun(&live, moment) {
            Some(live.stamp(0))
        } else {
            let chunk = shared.kept.last_begun(moment).or(shared.kept.get(0));
            chunk.map(StoredChunk::first_stamp)
        };
        // All rows may be later ones that have no full chunk yet.
        let known = known.or_else(|| (!live.is_empty()).then(|| live.stamp(0)))?;
        Some(known.utc_at(moment))
    }

    /// Returns the number of records received in each of `columns` equal parts of the time from `from` to `to`.
    pub fn received_over(&self, from: Moment, to: Moment, columns: u32) -> Vec<u64> {
        let width = to.since(from).as_nanos() / u128::from(columns.max(1));
        let even = Duration::from_nanos(u64::try_from(width).unwrap_or(u64::MAX))
            .saturating_mul(EVEN_COLUMNS);
        let border = |column: u32| {
            let after = to.since(from).as_nanos() * u128::from(column) / u128::from(columns.max(1));
            from + Duration::from_nanos(u64::try_from(after).unwrap_or(u64::MAX))
        };
        // The last part contains its own end.
        let until = |column: u32| {
            let end = if column == columns {
                NANO
            } else {
                Duration::ZERO
            };
            border(column) + end
        };
        self.received_between((0..=columns).map(until), even)
    }

    /// Returns the slices of the two minutes up to `now`, as [`slices`](Self::slices) does, without the records after
    /// `until`. The bytes are not counted.
    pub fn slices_until(&self, now: Moment, until: Moment) -> Vec<Slice> {
        let slice = Rates::SLICE.as_nanos() as u64;
        let current = now.as_nanos() / slice;
        // Slices before the epoch are empty.
        let missing = (Rates::KEPT as u64).saturating_sub(current + 1);
        let first = (current + 1).saturating_sub(Rates::KEPT as u64);
        let borders = (first..=current + 1)
            .map(|number| Moment::from_nanos(number * slice).min(until + NANO));
        let received = self.received_between(borders, EVEN_IN_TRACE);
        let empty = std::iter::repeat_n(0, missing as usize);
        let slice = |records| Slice { records, bytes: 0 };
        empty.chain(received).map(slice).collect()
    }

    /// Returns the connection's life that overlaps the time from `from` to `until`, oldest first.
    pub fn history_between(&self, from: Moment, until: Moment) -> Vec<Span> {
        let states = ClassSet::NONE.with(Class::States, true);
        let end = self.rank(states, self.end_at(until)).0;
        // The state before the first later one is still active at `from`.
        let start = self.rank(states, self.end_at(from)).0.saturating_sub(1);
        let mut history = History::default();
        let newest = start.max(end.saturating_sub(MOST_STATES))..end;
        for row in newest.filter_map(|index| self.select(states, ListingIndex(index))) {
            let Some(owned) = self.record(row) else { break };
            let record = owned.record();
            if let Kind::State(change) = &record.kind {
                history.enter(record.stamp, change);
            }
        }
        history.since(from).cloned().collect()
    }

    /// Returns the number of records received between successive moments: from each one on and before the next one. Blocks
    /// shorter than `even` are not read.
    fn received_between(&self, borders: impl Iterator<Item = Moment>, even: Duration) -> Vec<u64> {
        let mut before = None;
        let count = |moment| {
            let until = match moment {
                Moment::START => 0,
                moment => self.received_until(moment - NANO, even),
            };
            let count = before.map(|before| until.saturating_sub(before));
            before = Some(until);
            count
        };
        borders.map(count).skip(1).flatten().collect()
    }

    /// Returns the number of records received up to a moment.
    fn received_until(&self, moment: Moment, even: Duration) -> u64 {
        let shown = ClassSet::RECEIVED;
        let shared = self.shared.lock();
        let live = shared.live.rows();
        if has_begun(&live, moment) {
            let (before, _) = shared.kept.rank(shown, live.first_row());
            return before + live.rank(shown, rows_until(&live, moment));
        }
        let Some(chunk) = shared.kept.last_begun(moment).cloned() else {
            return 0;
        };
        // The chunk is read without the lock, because it may wait for a disk.
        let (before, _) = shared.kept.rank(shown, chunk.first_row());
        drop(shared);
        before + chunk.count_until(shown, moment, even)
    }
}

impl StoredChunk {
    /// Number of the shown rows that arrived at `moment` or earlier, where the first row did.
    fn count_until(&self, shown: ClassSet, moment: Moment, even: Duration) -> u64 {
        let (first, last) = (self.first_stamp().moment, self.last_stamp().moment);
        let count = self.count(shown);
        if last <= moment {
            return count;
        }
        let span = last.since(first);
        // The moments of rows in memory cost nothing to read.
        if span < even && matches!(self, Self::Distant(_)) {
            let part = moment.since(first).as_secs_f64() / span.as_secs_f64();
            return (count as f64 * part) as u64;
        }
        let chunk = self.load();
        let rows = chunk.rows();
        rows.rank(shown, rows_until(&rows, moment))
    }

    /// Arrival of the first row.
    pub(super) fn first_stamp(&self) -> Stamp {
        match self {
            Self::AtHand(chunk) => chunk.stamps().0,
            Self::Distant(chunk) => chunk.header().first(),
        }
    }

    /// Arrival of the last row.
    fn last_stamp(&self) -> Stamp {
        match self {
            Self::AtHand(chunk) => chunk.stamps().1,
            Self::Distant(chunk) => chunk.header().last(),
        }
    }
}

/// Returns true if the first of these rows arrived at `moment` or earlier.
fn has_begun(rows: &Rows<'_>, moment: Moment) -> bool {
    !rows.is_empty() && rows.moment(0) <= moment
}

/// Returns the number of rows that arrived at `moment` or earlier.
fn rows_until(rows: &Rows<'_>, moment: Moment) -> usize {
    let (mut low, mut high) = (0, rows.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if rows.moment(middle) <= moment {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
