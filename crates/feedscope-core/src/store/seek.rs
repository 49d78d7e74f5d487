//! Search for rows by their time and by their similarity to a record. It does not read payloads.

use super::Store;
use super::number::RowNumber;
use super::owned_record::OwnedRecord;
use super::rows::Rows;
use crate::record::{Direction, Kind, KindTag};
use crate::time::Timestamp;

/// Result of a search through earlier rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookback {
    /// The row was found.
    Row(RowNumber),
    /// No row was found so far. The search continues before this row.
    Further(RowNumber),
    /// No stored row matches.
    Nothing,
}

impl Store {
    /// Returns the oldest stored row that arrived at `at` or later; one after the newest row if all rows arrived
    /// earlier.
    ///
    /// If the wall clock jumped back, a time occurs more than once, and the first occurrence counts.
    pub fn row_at(&self, at: Timestamp) -> RowNumber {
        let shared = self.shared.lock();
        let Some(chunk) = shared.kept.came_by(at).cloned() else {
            let rows = shared.live.rows();
            return rows.first_row() + rows.came_by(at).unwrap_or(rows.len()) as u64;
        };
        drop(shared);
        // The chunk may be in a file, so that it is read without the lock.
        let place = chunk.load().rows().came_by(at).unwrap_or_default();
        chunk.first_row() + place as u64
    }

    /// Returns the newest row before `before` with the same kind, direction and event type as `record`. It examines at
    /// most `most_rows` rows, so that one call is short.
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
            let looked = if let Some(chunk) = shared.kept.find(last).cloned() {
                // A chunk may have to be read from a file, which must not hold up the writer.
                drop(shared);
                wanted.newest_in(&chunk.load().rows(), stop, end)
            } else {
                wanted.newest_in(&shared.live.rows(), stop, end)
            };
            match looked {
                // This chunk has no such row, so that the one before it is searched.
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

/// Properties by which rows are compared, without their payloads.
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

    /// Returns the newest such row from `stop` up to `end`, if the last row before `end` is in `rows`.
    fn newest_in(&self, rows: &Rows<'_>, stop: RowNumber, end: RowNumber) -> Lookback {
        let Some(last) = end.checked_sub(1).and_then(|last| rows.place_of(last)) else {
            return Lookback::Nothing;
        };
        let first = stop.since(rows.first_row()) as usize;
        // Each chunk has its own numbers of event types.
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
