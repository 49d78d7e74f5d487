//! Records of several stores, one after the other in the order of their times.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use feedscope_core::record::Record;
use feedscope_core::store::{Portion, RowNumber, Store};
use feedscope_core::time::Moment;

/// Bytes of a store that are read at a time.
const PORTION_BYTES: usize = 1 << 20;

/// Records of several feeds in the order of their times; of equal ones the feed that was added first is first.
#[derive(Default)]
pub struct MergedRecords {
    cursors: Vec<RecordCursor>,
    /// Moments of the next records, with the places of their cursors. A file can have thousands of feeds, so that looking
    /// at all of them for each record would take most of the time.
    next: BinaryHeap<Reverse<(Moment, usize)>>,
}

impl MergedRecords {
    /// Adds a feed with this number. Its records begin with `next` and end where the store ends now.
    pub fn add(&mut self, feed: usize, store: Store, next: RowNumber) {
        let cursor = RecordCursor::new(feed, store, next);
        if let Some(moment) = cursor.moment() {
            self.next.push(Reverse((moment, self.cursors.len())));
        }
        self.cursors.push(cursor);
    }

    /// Passes on the next record, with the number of its feed. Returns true if it was the last one of its feed in memory,
    /// and `None` if there is no further record.
    pub fn with_next(&mut self, act: impl FnOnce(usize, RowNumber, &Record<'_>)) -> Option<bool> {
        let mut earliest = self.next.peek_mut()?;
        let Reverse((moment, place)) = &mut *earliest;
        let cursor = &mut self.cursors[*place];
        let feed = cursor.feed;
        let was_last = cursor.with_next(|row, record| act(feed, row, record));
        match cursor.moment() {
            Some(next) => *moment = next,
            None => {
                PeekMut::pop(earliest);
            }
        }
        Some(was_last)
    }
}

/// Place of the next record of one feed.
struct RecordCursor {
    /// Number of the feed.
    feed: usize,
    store: Store,
    end: RowNumber,
    portion: Option<Portion>,
    /// Place of the next record in the portion.
    at: usize,
}

impl RecordCursor {
    /// Returns a cursor at the record `next` of a store. It ends where the store ends now.
    fn new(feed: usize, store: Store, next: RowNumber) -> Self {
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
    fn with_next(&mut self, act: impl FnOnce(RowNumber, &Record<'_>)) -> bool {
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

/// Reads rows from `next` on, unless they are at `end` already.
fn read_portion(store: &Store, next: RowNumber, end: RowNumber) -> Option<Portion> {
    let portion = store.portion(next, PORTION_BYTES)?;
    (portion.numbers().start < end).then_some(portion)
}
