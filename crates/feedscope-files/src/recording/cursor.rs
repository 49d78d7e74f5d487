//! Records of several stores, one after the other in the order of their times.

use feedscope_core::record::Record;
use feedscope_core::store::{Portion, RowNumber, Store};
use feedscope_core::time::Moment;

/// Bytes of a store that are read at a time.
const PORTION_BYTES: usize = 1 << 20;

/// Place of the next record of one feed.
pub struct RecordCursor {
    /// Number of the feed.
    pub feed: usize,
    store: Store,
    end: RowNumber,
    portion: Option<Portion>,
    /// Place of the next record in the portion.
    at: usize,
}

impl RecordCursor {
    /// Returns a cursor at the record `next` of a store. It ends where the store ends now.
    pub fn new(feed: usize, store: Store, next: RowNumber) -> Self {
        let end = store.extent().end;
        let portion = read_portion(&store, next, end);
        Self {
            feed,
            store,
            end,
            portion,
            at: 0,
        }
    }

    /// Moment of the next record; `None` at the end.
    fn moment(&self) -> Option<Moment> {
        let portion = self.portion.as_ref()?;
        Some(portion.rows().moment(self.at))
    }

    /// Passes the next record on. Returns true if it was the last one of those in memory.
    pub fn with_next(&mut self, act: impl FnOnce(RowNumber, &Record<'_>)) -> bool {
        let Some(portion) = &self.portion else {
            return true;
        };
        let rows = portion.rows();
        let row = rows.first_row() + self.at as u64;
        act(row, &rows.record(self.at));
        self.at += 1;
        // The portion has further rows within the range.
        if self.at < rows.len() && row + 1 < self.end {
            return false;
        }
        let next = portion.numbers().end;
        self.portion = read_portion(&self.store, next, self.end);
        self.at = 0;
        true
    }
}

/// Returns the cursor with the earliest record; of equal ones the first.
pub fn earliest(cursors: &mut [RecordCursor]) -> Option<&mut RecordCursor> {
    cursors
        .iter_mut()
        .filter_map(|cursor| Some((cursor.moment()?, cursor)))
        .min_by_key(|(moment, _)| *moment)
        .map(|(_, cursor)| cursor)
}

/// Reads rows from `next` on, unless they are at `end` already.
fn read_portion(store: &Store, next: RowNumber, end: RowNumber) -> Option<Portion> {
    let portion = store.portion(next, PORTION_BYTES)?;
    (portion.numbers().start < end).then_some(portion)
}
