//! Rows found by when they came and by what they are like. Never looks at a payload.

use std::sync::Arc;

use super::Store;
use super::number::RowNumber;
use super::owned_record::OwnedRecord;
use super::rows::Rows;
use crate::record::{Direction, Kind, KindTag};
use crate::time::Timestamp;

/// What a look back over earlier rows found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookback {
    /// This row.
    Row(RowNumber),
    /// Nothing so far: go on before this row.
    Further(RowNumber),
    /// Nothing that is kept.
    Nothing,
}

impl Store {
    /// The oldest kept row that came at `at` or later; one past the newest where all came before.
    ///
    /// Where the wall clock jumped back, a time comes up more than once, and its first time counts.
    pub fn row_at(&self, at: Timestamp) -> RowNumber {
        let shared = self.shared.lock();
        let Some(chunk) = shared.kept.came_by(at).map(Arc::clone) else {
            let rows = shared.live.rows();
            return rows.first_row() + rows.came_by(at).unwrap_or(rows.len()) as u64;
        };
        drop(shared);
        let place = chunk.rows().came_by(at).unwrap_or_default();
        chunk.first_row() + place as u64
    }

    /// The newest row before `before` of the same kind, direction and event type as `record`. Looks at `most_rows` at
    /// most, so that it keeps nobody waiting.
    pub fn earlier_like(
        &self,
        record: &OwnedRecord,
        before: RowNumber,
        most_rows: u64,
    ) -> Lookback {
        let extent = self.extent();
        let mut end = before.min(extent.end);
        let stop = end.saturating_sub(most_rows).max(extent.first);
        let wanted = Likeness::of(record);
        while end > stop
            && let Some(last) = end.checked_sub(1)
        {
            let shared = self.shared.lock();
            let looked = if let Some(chunk) = shared.kept.find(last).map(Arc::clone) {
                drop(shared);
                wanted.newest_in(&chunk.rows(), stop, end)
            } else {
                wanted.newest_in(&shared.live.rows(), stop, end)
            };
            match looked {
                Lookback::Further(start) => end = start,
                found => return found,
            }
        }
        if end > extent.first {
            Lookback::Further(end)
        } else {
            Lookback::Nothing
        }
    }
}

/// What rows may have in common besides what they say.
struct Likeness<'a> {
    tag: KindTag,
    direction: Option<Direction>,
    event_type: Option<&'a [u8]>,
}

impl<'a> Likeness<'a> {
    fn of(record: &'a OwnedRecord) -> Self {
        let kind = record.record().kind;
        Self {
            tag: kind.tag(),
            direction: kind.direction(),
            event_type: match kind {
                Kind::Event { event, .. } => Some(event),
                _ => None,
            },
        }
    }

    /// The newest such row of those from `stop` to `end`, where the last of them is among `rows`.
    fn newest_in(&self, rows: &Rows<'_>, stop: RowNumber, end: RowNumber) -> Lookback {
        let Some(last) = end.checked_sub(1).and_then(|last| rows.place_of(last)) else {
            return Lookback::Nothing;
        };
        let first = stop.since(rows.first_row()) as usize;
        // Chunks number their types each for itself.
        let number = self.event_type.and_then(|name| rows.type_number(name));
        let is_like = |&at: &usize| {
            let row = rows.row(at);
            row.tag == self.tag
                && row.direction() == self.direction
                && self
                    .event_type
                    .is_none_or(|name| match rows.inline_type(&row) {
                        Some(inline) => inline == name,
                        None => Some(row.type_ref) == number,
                    })
        };
        match (first..=last).rev().find(is_like) {
            Some(at) => Lookback::Row(rows.first_row() + at as u64),
            None => Lookback::Further(rows.first_row() + first as u64),
        }
    }
}
