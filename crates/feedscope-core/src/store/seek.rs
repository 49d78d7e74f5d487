//! Rows found by when they came and by what they are like. Never looks at a payload.

use super::row::{OwnedRecord, Row, flag};
use super::{Shared, Store};
use crate::time::Timestamp;

/// What a look back over earlier rows found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookback {
    /// This row.
    Row(u64),
    /// Nothing so far: go on before this row.
    Further(u64),
    /// Nothing that is kept.
    Nothing,
}

impl Store {
    /// The oldest kept row that came at `at` or later; one past the newest where all came before.
    ///
    /// Where the wall clock jumped back, a time comes up more than once, and its first time counts.
    pub fn row_at(&self, at: Timestamp) -> u64 {
        let shared = self.shared.lock();
        let end = shared.live.end_row();
        let first = shared.first_row();
        for (rows, anchor) in shared.anchors.spans(end) {
            let rows = rows.start.max(first)..rows.end;
            if rows.is_empty() {
                continue;
            }
            let micros = at
                .as_micros()
                .saturating_sub(anchor.utc.as_micros())
                .saturating_add((anchor.moment.as_nanos() / 1_000) as i64);
            let is_earlier = |row: &Row| ((row.moment.as_nanos() / 1_000) as i64) < micros;
            let row = shared.partition_point(rows.start, rows.end, is_earlier);
            if row < rows.end {
                return row;
            }
        }
        end
    }

    /// The newest row before `before` of the same kind, direction and event type as `record`. Looks at `most_rows` at
    /// most, so that it keeps nobody waiting.
    pub fn earlier_like(&self, record: &OwnedRecord, before: u64, most_rows: u64) -> Lookback {
        let shared = self.shared.lock();
        let first = shared.first_row();
        let mut end = before.min(shared.live.end_row());
        let stop = end.saturating_sub(most_rows).max(first);
        while end > stop {
            let Some((chunk, at)) = shared.find(end - 1) else {
                return Lookback::Nothing;
            };
            let from = at.saturating_sub((end - 1 - stop) as usize);
            let alike = |at: &usize| {
                let row = &chunk.rows[*at];
                row.is_like(record.row_entry())
                    && chunk.bytes[row.inline_type()] == *record.inline_type()
            };
            if let Some(at) = (from..=at).rev().find(alike) {
                return Lookback::Row(chunk.first_row + at as u64);
            }
            end = chunk.first_row + from as u64;
        }
        if end > first {
            Lookback::Further(end)
        } else {
            Lookback::Nothing
        }
    }
}

impl Shared {
    /// The first of the rows `low..high` for which `is_before` no longer holds; they are in such an order.
    fn partition_point(
        &self,
        mut low: u64,
        mut high: u64,
        is_before: impl Fn(&Row) -> bool,
    ) -> u64 {
        while low < high {
            let middle = low + (high - low) / 2;
            let is_before = self
                .find(middle)
                .is_some_and(|(chunk, at)| is_before(&chunk.rows[at]));
            if is_before {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

impl Row {
    /// Whether it is of the same kind, direction and numbered type.
    fn is_like(&self, other: &Self) -> bool {
        const COMPARED: u8 = flag::IN | flag::OUT | flag::TYPE_INLINE;
        self.tag == other.tag
            && self.type_ref == other.type_ref
            && self.flags & COMPARED == other.flags & COMPARED
    }
}
