//! How far a filter has looked through a store, and what it found. Looks only as far as it is told to in one step.

use std::ops::Range;
use std::sync::Arc;

use parking_lot::Mutex;

use super::hits::Hits;
use super::needle::Needle;
use super::{Filter, Matcher};
use feedscope_core::store::{ListingIndex, RowNumber, Rows, Shown, Store};

/// A filter at work on one store: a thread [`step`](Self::step)s it, views read what is found so far.
///
/// Cheap to clone; clones are the same scan. It is to be used with one store only, and left alone when the filter changes.
#[derive(Clone)]
pub struct Scan {
    filter: Arc<Filter>,
    shown: Shown,
    /// Held for a whole step, by whoever steps.
    looked: Arc<Mutex<Option<Range<RowNumber>>>>,
    /// Held for moments.
    found: Arc<Mutex<Found>>,
}

#[derive(Default)]
struct Found {
    hits: Hits,
    progress: Progress,
}

/// How far a scan has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows that match, of those kept.
    pub hits_found: u64,
    /// Rows looked at, of those kept.
    pub looked_at: u64,
    /// Rows kept.
    pub total: u64,
    /// The oldest row looked at: all rows from here to the newest of then have been. `None` before the first step.
    pub looked_from: Option<RowNumber>,
    /// Whether all rows kept have been looked at.
    pub done: bool,
}

impl Scan {
    /// A scan that has not looked at anything yet; only rows of the classes in `shown` are hits.
    pub fn new(filter: Arc<Filter>, shown: Shown) -> Self {
        Self {
            filter,
            shown,
            looked: Arc::default(),
            found: Arc::default(),
        }
    }

    /// Whether both are the same scan.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.found, &other.found)
    }

    /// The filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Looks at the rows that are new, then at older ones, newest first; about `budget` bytes of them, less where a jq
    /// expression takes longer, and at least one row. A mebibyte is a matter of a millisecond at most.
    ///
    /// What it finds can be read while it looks: locks are held for moments, the store's too.
    pub fn step(&self, store: &Store, budget: usize) -> Progress {
        let mut looked = self.looked.lock();
        let extent = store.extent();
        let range = looked.get_or_insert(extent.end..extent.end);
        // Rows were let go faster than they were looked at.
        range.end = range.end.max(extent.first);
        range.start = range.start.max(extent.first);
        self.found.lock().hits.let_go_before(extent.first);

        let mut left = (budget / self.filter.effort()).max(1);
        while left > 0 {
            let newer = store.portion(range.end, left);
            let is_newer = newer.is_some();
            let Some(portion) = newer.or_else(|| store.portion_before(range.start, left)) else {
                break;
            };
            let numbers = portion.numbers();
            let rows = if portion.hides_all(self.shown) {
                left -= 1;
                Vec::new()
            } else {
                left = left.saturating_sub(portion.size_bytes());
                find(&self.filter, self.shown, &portion.rows())
            };
            let mut found = self.found.lock();
            if is_newer {
                // What lies between was let go a moment ago.
                range.start = if numbers.start > range.end {
                    numbers.start
                } else {
                    range.start
                };
                range.end = numbers.end;
                found.hits.extend_newest(&rows);
            } else {
                range.start = numbers.start;
                found.hits.extend_oldest(&rows);
            }
        }
        self.publish(store, range)
    }

    fn publish(&self, store: &Store, range: &Range<RowNumber>) -> Progress {
        let extent = store.extent();
        let mut found = self.found.lock();
        found.hits.let_go_before(extent.first);
        let total = extent.end - extent.first;
        let looked_at = range.end.max(extent.first) - range.start.max(extent.first);
        found.progress = Progress {
            hits_found: found.hits.count(),
            looked_at,
            total,
            looked_from: Some(range.start.max(extent.first)),
            done: looked_at == total,
        };
        found.progress
    }

    /// How far it had come after the last step.
    pub fn progress(&self) -> Progress {
        self.found.lock().progress
    }

    /// How many hits there are so far.
    pub fn count(&self) -> u64 {
        self.found.lock().hits.count()
    }

    /// The index of the first hit at or after `row`: as many of the hits so far are before it.
    pub fn rank(&self, row: RowNumber) -> ListingIndex {
        self.found.lock().hits.rank(row)
    }

    /// The row of the hit at `index` among those found so far. Indexes grow while older hits are found; rows stay.
    pub fn select(&self, index: ListingIndex) -> Option<RowNumber> {
        self.found.lock().hits.select(index)
    }

    /// The rows of up to `most` hits from `from` on.
    pub fn rows(&self, from: ListingIndex, most: usize) -> Vec<RowNumber> {
        self.found.lock().hits.rows_from(from).take(most).collect()
    }

    /// Memory that the hits take, in bytes.
    pub fn memory(&self) -> usize {
        self.found.lock().hits.memory()
    }
}

/// The rows that match, in order.
fn find(filter: &Filter, shown: Shown, rows: &Rows<'_>) -> Vec<RowNumber> {
    let matcher = Matcher::new(filter);
    let mut found = Vec::new();
    let first = rows.first_row();
    let mut look_at = |at: usize, known: Option<usize>| {
        let good = shown.has_number(rows.class(at))
            && (matcher.is_only(known) || matcher.matches(&rows.record(at), known));
        if good {
            found.push(first + at as u64);
        }
    };
    match leading(filter) {
        Some((place, needle)) => each_row_with(needle, rows, |at| look_at(at, Some(place))),
        None => (0..rows.len()).for_each(|at| look_at(at, None)),
    }
    found
}

/// What is looked for in all bytes at once, if anything can be.
fn leading(filter: &Filter) -> Option<(usize, &Needle)> {
    filter
        .needles()
        .filter(|(_, needle)| needle.is_contained())
        .max_by_key(|(_, needle)| needle.is_exact())
}

/// Calls `found` with each row whose payload the needle is in. Searches the bytes of all rows at once: most rows are
/// never touched one by one.
fn each_row_with(needle: &Needle, rows: &Rows<'_>, mut found: impl FnMut(usize)) {
    let span = rows.span();
    let bytes = &rows.bytes()[..span.end];
    let (mut at, mut from) = (0, span.start);
    while let Some(place) = needle.find(bytes, from) {
        at = rows.holding(place.start, at);
        let payload = rows.payload_place(at);
        // A match that begins in an id or ends in the next row hides none in this payload, but may be no match itself.
        let within = payload.start <= place.start && place.end <= payload.end;
        if within || needle.is_in(&bytes[payload]) {
            found(at);
        }
        at += 1;
        if at == rows.len() {
            break;
        }
        // Not from this row's end: in a damaged block there may be bytes of no row before the next one.
        from = rows.payload_place(at).start;
    }
}
