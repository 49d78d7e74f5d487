//! Progress of a filter through a store, and its hits. Each step reads a bounded part of the store.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::thread;

use feedscope_core::store::{Class, ClassSet, ListingIndex, RowNumber, Rows, Store};
use parking_lot::Mutex;

use super::hits::Hits;
use super::needle::Needle;
use super::term::Test;
use super::{Filter, Matcher, Meaning};
use crate::analysis::{Analysis, News, StepResult, Task};
use crate::interpret::Interpreter;
use crate::lenses::LensPass;

/// Number of hits that always fill a view.
pub const PAGE_HITS: u64 = 256;

/// Filter that runs on one store: its host steps it, and views read the hits found so far.
///
/// It is cheap to clone; clones are the same scan. Another filter is another scan.
#[derive(Clone)]
pub struct Scan {
    shared: Arc<SharedScan>,
}

struct SharedScan {
    store: Store,
    filter: Arc<Filter>,
    shown: ClassSet,
    interpreter: Interpreter,
    /// Lens whose facts the filter needs.
    lens: Option<LensPass>,
    /// Rows that were no hits because their requests had no answer yet.
    unanswered: Mutex<BTreeSet<RowNumber>>,
    /// Number of threads that read rows.
    threads: usize,
    /// Rows that were read. It is locked for a whole step.
    looked: Mutex<Option<Range<RowNumber>>>,
    /// It is locked only for a short time.
    found: Mutex<FoundHits>,
}

#[derive(Default)]
struct FoundHits {
    hits: Hits,
    progress: ScanProgress,
}

/// Progress of a scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScanProgress {
    /// Number of stored rows that match.
    pub hits_found: u64,
    /// Number of stored rows that were read.
    pub looked_at: u64,
    /// Number of stored rows.
    pub total: u64,
    /// Oldest row that was read. All rows from it to the newest one at that time were read too. It is `None` before the
    /// first step.
    pub looked_from: Option<RowNumber>,
    /// True if all stored rows were read.
    pub done: bool,
}

impl Scan {
    /// Creates a scan that has read no rows. Only rows of the classes in `shown` can be hits.
    pub fn new(store: &Store, filter: Arc<Filter>, shown: ClassSet) -> Self {
        Self::reading(store, filter, shown, Interpreter::default())
    }

    /// Creates a scan that reads payloads with `interpreter`.
    pub fn reading(
        store: &Store,
        filter: Arc<Filter>,
        shown: ClassSet,
        interpreter: Interpreter,
    ) -> Self {
        Self::with(store, filter, shown, interpreter, None)
    }

    /// Creates a scan of the records as a lens reads them. It follows the pass of the lens if the filter needs it.
    pub fn through(store: &Store, filter: Arc<Filter>, shown: ClassSet, lens: &LensPass) -> Self {
        let needed = (filter.needs_meaning() && !lens.is_idle()).then(|| lens.clone());
        Self::with(store, filter, shown, lens.interpreter().clone(), needed)
    }

    fn with(
        store: &Store,
        filter: Arc<Filter>,
        shown: ClassSet,
        interpreter: Interpreter,
        lens: Option<LensPass>,
    ) -> Self {
        let mut shared = SharedScan {
            store: store.clone(),
            filter,
            shown,
            interpreter,
            lens,
            unanswered: Mutex::default(),
            threads: 1,
            looked: Mutex::default(),
            found: Mutex::default(),
        };
        // A search for bytes is as fast as memory with one thread.
        if shared.filter.effort() > 1 && shared.leading().is_none() {
            shared.threads = thread::available_parallelism().map_or(1, usize::from);
        }
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Returns true if both are the same scan.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Returns the filter.
    pub fn filter(&self) -> &Arc<Filter> {
        &self.shared.filter
    }

    /// Returns the store.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Returns the task for the host.
    pub fn task(&self) -> Task {
        let shared: Arc<SharedScan> = Arc::clone(&self.shared);
        shared
    }

    /// Reads new rows, then older ones, newest first. It reads about `budget` bytes and at least one row, and fewer
    /// bytes if a jq expression takes longer. A mebibyte takes at most a millisecond.
    ///
    /// The hits can be read at the same time, because locks, including that of the store, are held only for a short
    /// time.
    pub fn step(&self, budget: usize) -> ScanProgress {
        self.shared.look(budget)
    }

    /// Returns the progress after the last step.
    pub fn progress(&self) -> ScanProgress {
        self.shared.found.lock().progress
    }

    /// Returns the number of hits so far.
    pub fn count(&self) -> u64 {
        self.shared.found.lock().hits.count()
    }

    /// Returns the index of the first hit at or after `row`, which is the number of hits so far before it.
    pub fn rank(&self, row: RowNumber) -> ListingIndex {
        self.shared.found.lock().hits.rank(row)
    }

    /// Returns the row of the hit at `index` among the hits so far. Indexes grow while older hits are found; rows do
    /// not change.
    pub fn select(&self, index: ListingIndex) -> Option<RowNumber> {
        self.shared.found.lock().hits.select(index)
    }

    /// Returns the rows of up to `most` hits from `from` on.
    pub fn rows(&self, from: ListingIndex, most: usize) -> Vec<RowNumber> {
        let found = self.shared.found.lock();
        found.hits.rows_from(from).take(most).collect()
    }

    /// Returns the memory of the hits in bytes.
    pub fn memory(&self) -> usize {
        self.shared.found.lock().hits.memory()
    }
}

impl Analysis for SharedScan {
    fn step(&self, budget_bytes: usize) -> StepResult {
        let before = self.found.lock().progress;
        let now = self.look(budget_bytes);
        let has_more = now.hits_found != before.hits_found;
        // The first page of hits is shown at once; later hits only change the count.
        let news = if !has_more && (now == before || before.done) {
            News::None
        } else if now.done || (has_more && before.hits_found < PAGE_HITS) {
            News::Visible
        } else {
            News::Progress
        };
        StepResult {
            news,
            is_done: now.done,
        }
    }

    fn is_stale(&self) -> bool {
        !self.found.lock().progress.done
    }
}

impl SharedScan {
    fn look(&self, budget: usize) -> ScanProgress {
        let mut looked = self.looked.lock();
        let extent = self.store.extent();
        if let Some(lens) = self
            .lens
            .as_ref()
            .filter(|_| self.filter.is_about_unanswered())
        {
            return self.look_at_requests(lens, &mut looked);
        }
        // Rows that the lens has not read are left to a later step.
        let limit = match &self.lens {
            Some(lens) => lens.read_to().min(extent.end),
            None => RowNumber::MAX,
        };
        self.look_at_answered(extent.first);
        // The first step begins with the newest rows.
        let end = extent.end.min(limit);
        let range = looked.get_or_insert(end..end);
        // Rows may have been let go before they were read.
        range.end = range.end.max(extent.first);
        range.start = range.start.max(extent.first);
        self.found.lock().hits.let_go_before(extent.first);

        // An expensive filter reads fewer bytes in a step, for each of its threads.
        let mut left = (budget / self.filter.effort() * self.threads).max(1);
        while left > 0 {
            let newer = (range.end < limit).then(|| self.store.portion(range.end, left));
            let newer = newer.flatten();
            let is_newer = newer.is_some();
            let older = || self.store.portion_before(range.start, left);
            let Some(portion) = newer.or_else(older) else {
                break;
            };
            let mut numbers = portion.numbers();
            if is_newer {
                if numbers.start >= limit {
                    break;
                }
                numbers.end = numbers.end.min(limit);
            }
            let rows = if portion.hides_all(self.shown) {
                left -= 1;
                Vec::new()
            } else {
                left = left.saturating_sub(portion.size_bytes());
                self.find(&portion.rows(), (numbers.end - numbers.start) as usize)
            };
            let mut found = self.found.lock();
            if is_newer {
                // The rows between the known ones and these were let go a moment ago.
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
        self.publish(range)
    }

    fn publish(&self, range: &Range<RowNumber>) -> ScanProgress {
        let extent = self.store.extent();
        let mut found = self.found.lock();
        found.hits.let_go_before(extent.first);
        let total = extent.end - extent.first;
        let looked_at = range.end.max(extent.first) - range.start.max(extent.first);
        found.progress = ScanProgress {
            hits_found: found.hits.count(),
            looked_at,
            total,
            looked_from: Some(range.start.max(extent.first)),
            done: looked_at == total,
        };
        found.progress
    }

    /// Returns those of the first `count` rows that match, in order. Rows of an expensive filter are read by all
    /// processors.
    #[expect(
        clippy::disallowed_types,
        reason = "these threads end within the step, and its caller still decides where it waits for them"
    )]
    fn find(&self, rows: &Rows<'_>, count: usize) -> Vec<RowNumber> {
        let parts = self.threads.min(count / self.rows_of_a_thread());
        if parts <= 1 {
            return self.find_in(rows, 0..count);
        }
        let of_part = count.div_ceil(parts);
        let range = |part: usize| (part * of_part).min(count)..((part + 1) * of_part).min(count);
        thread::scope(|scope| {
            let started: Vec<_> = (1..parts)
                .map(|part| {
                    let thread = thread::Builder::new().name("feedscope-filter".to_owned());
                    let found = thread.spawn_scoped(scope, move || self.find_in(rows, range(part)));
                    (range(part), found)
                })
                .collect();
            let mut found = self.find_in(rows, range(0));
            for (range, thread) in started {
                found.extend(match thread.map(thread::ScopedJoinHandle::join) {
                    Ok(Ok(of_part)) => of_part,
                    Ok(Err(panic)) => std::panic::resume_unwind(panic),
                    // The system refused a thread.
                    Err(_refused) => self.find_in(rows, range),
                });
            }
            found
        })
    }

    /// Returns the number of rows for which a further thread is worth its start.
    fn rows_of_a_thread(&self) -> usize {
        4_096 / self.filter.effort()
    }

    /// Returns the rows among those at `places` that match, in order.
    fn find_in(&self, rows: &Rows<'_>, places: Range<usize>) -> Vec<RowNumber> {
        let mut found = Vec::new();
        let first = rows.first_row();
        let is_read = |at: usize| places.contains(&at) && self.shown.has_number(rows.class(at));
        let mut matcher = Matcher::new(&self.filter, &self.interpreter);
        let Some(leading) = self.leading() else {
            for at in places.clone().filter(|at| is_read(*at)) {
                if self.is_match(&mut matcher, rows, at, None) {
                    found.push(first + at as u64);
                }
            }
            return found;
        };
        let known = Some(leading.place);
        // Nothing else is to be tested for most filters, so that a hit costs as little as its search.
        let is_decided = self.lens.is_none() && matcher.is_only(known);
        let mut look_at = |at: usize| {
            let is_hit =
                is_read(at) && (is_decided || self.is_match(&mut matcher, rows, at, known));
            if is_hit {
                found.push(first + at as u64);
            }
        };
        if !leading.negated {
            each_row_with(leading.needle, rows, look_at);
            return found;
        }
        // The term holds for the rows between those that contain the needle.
        let mut next = places.start;
        each_row_with(leading.needle, rows, |at| {
            (next..at).for_each(&mut look_at);
            next = at + 1;
        });
        (next..places.end).for_each(look_at);
        found
    }

    /// Returns true if the row at `at` matches. The term at `known` is not tested.
    fn is_match(
        &self,
        matcher: &mut Matcher<'_>,
        rows: &Rows<'_>,
        at: usize,
        known: Option<usize>,
    ) -> bool {
        if let Some(lens) = &self.lens {
            let row = rows.first_row() + at as u64;
            matcher.meaning = meaning(lens, row);
            if matcher.meaning.has_request && self.filter.excludes_unanswered() {
                self.unanswered.lock().insert(row);
                return false;
            }
        }
        matcher.is_only(known) || matcher.matches(&rows.record(at), known)
    }

    /// Finds the requests without an answer. They are few, and are no hits any more as soon as their answers arrive.
    fn look_at_requests(
        &self,
        lens: &LensPass,
        looked: &mut Option<Range<RowNumber>>,
    ) -> ScanProgress {
        let extent = self.store.extent();
        let end = lens.read_to().min(extent.end).max(extent.first);
        // Requests before this row were tested already.
        let seen = looked.as_ref().map_or(extent.first, |range| range.end);
        let mut matcher = Matcher::new(&self.filter, &self.interpreter);
        let mut hits = Hits::default();
        let found = self.found.lock();
        let known: Vec<_> = found.hits.rows_from(ListingIndex(0)).collect();
        drop(found);
        let mut known = known.into_iter().peekable();
        for row in lens.unanswered().iter().map(|item| item.row) {
            while known.next_if(|hit| *hit < row).is_some() {}
            // A message may have several requests.
            if has(&hits, row) {
                continue;
            }
            let is_new = (seen..end).contains(&row);
            let is_known = known.next_if_eq(&row).is_some();
            if is_known || is_new && self.is_hit(&mut matcher, lens, row) {
                hits.extend_newest(&[row]);
            }
        }
        self.found.lock().hits = hits;
        let range = looked.insert(extent.first..end);
        self.publish(range)
    }

    /// Tests the requests again that have got their answers since they were no hits.
    fn look_at_answered(&self, first: RowNumber) {
        let Some(lens) = &self.lens else { return };
        let mut waiting = self.unanswered.lock();
        if waiting.is_empty() {
            return;
        }
        *waiting = waiting.split_off(&first);
        let mut matcher = Matcher::new(&self.filter, &self.interpreter);
        let mut hits = Vec::new();
        waiting.retain(|row| {
            let is_waiting = lens.with_marks(|marks| marks.is_unanswered(*row));
            if !is_waiting && self.is_hit(&mut matcher, lens, *row) {
                hits.push(*row);
            }
            is_waiting
        });
        let mut found = self.found.lock();
        for row in hits {
            found.hits.insert(row);
        }
    }

    fn is_hit(&self, matcher: &mut Matcher<'_>, lens: &LensPass, row: RowNumber) -> bool {
        let Some(record) = self.store.record(row) else {
            return false;
        };
        let record = record.record();
        let class = Class::of(record.kind.tag(), record.kind.direction());
        matcher.meaning = meaning(lens, row);
        self.shown.has(class) && matcher.matches(&record, None)
    }

    /// Returns the term whose needle is searched in all bytes at once, if any.
    fn leading(&self) -> Option<Leading<'_>> {
        // Encoded bytes do not contain the text of their meaning.
        if !self.interpreter.is_identity() {
            return None;
        }
        let required = self.filter.needles().map(|(place, needle)| Leading {
            place,
            needle,
            negated: false,
        });
        required
            .filter(|leading| leading.needle.is_contained())
            .max_by_key(|leading| leading.needle.is_exact())
            .or_else(|| self.leading_negated())
    }

    /// Returns the first term if it is a negated needle. Any other term before it is cheaper, and excludes rows whose
    /// bytes are then not searched.
    fn leading_negated(&self) -> Option<Leading<'_>> {
        let term = self.filter.terms.first()?;
        match &term.test {
            Test::Text(needle) if term.negated && needle.is_contained() => Some(Leading {
                place: 0,
                needle,
                negated: true,
            }),
            _ => None,
        }
    }
}

/// Term whose needle is searched in the bytes of many rows at once.
struct Leading<'a> {
    /// Index among the terms.
    place: usize,
    needle: &'a Needle,
    /// True if rows without the needle match.
    negated: bool,
}

/// Returns the facts about a row that the lens knows.
fn meaning(lens: &LensPass, row: RowNumber) -> Meaning {
    lens.with_marks(|marks| Meaning {
        has_error: marks.has_error(row),
        has_request: marks.is_unanswered(row),
        is_keep_alive: marks.is_keep_alive(row),
    })
}

fn has(hits: &Hits, row: RowNumber) -> bool {
    hits.select(hits.rank(row)) == Some(row)
}

/// Calls `found` with each row whose payload contains the needle. It searches the bytes of all rows at once, so that
/// most rows are never accessed one by one.
fn each_row_with(needle: &Needle, rows: &Rows<'_>, mut found: impl FnMut(usize)) {
    let span = rows.span();
    let bytes = &rows.bytes()[..span.end];
    let (mut at, mut from) = (0, span.start);
    while let Some(place) = needle.find(bytes, from) {
        at = rows.holding(place.start, at);
        let payload = rows.payload_place(at);
        // A match may begin in an id or end in the next row. The payload may still contain another match.
        let within = payload.start <= place.start && place.end <= payload.end;
        if within || needle.is_in(&bytes[payload]) {
            found(at);
        }
        at += 1;
        if at == rows.len() {
            break;
        }
        // Continue at the next row's payload. In a damaged block, bytes before it may belong to no row.
        from = rows.payload_place(at).start;
    }
}

#[cfg(test)]
mod tests {
    use feedscope_core::{Direction, Kind, Moment, Record, Sink as _, Stamp, Timestamp};

    use super::*;
    use crate::filter::ParseContext;

    #[test]
    fn threads_find_what_one_thread_finds() {
        const ROWS: u64 = 5_000;
        let (mut writer, store) = Store::new(u64::MAX);
        for number in 0..ROWS {
            writer.push(&Record {
                stamp: Stamp {
                    moment: Moment::from_nanos(number),
                    utc: Timestamp::from_micros(0),
                },
                connection: 1,
                kind: Kind::Text {
                    direction: Direction::In,
                    data: format!("{{\"n\":{}}}", number % 7).as_bytes(),
                    failed: None,
                    wire: None,
                },
            });
        }
        let expected: Vec<_> = (0..ROWS).filter(|n| n % 7 > 4).map(RowNumber).collect();
        for (code, budget) in [
            (".n > 4", 1 << 20),
            (".n > 4", 100),
            (".n * 2 > 9", 1 << 20),
        ] {
            for threads in [1, 2, 3, 8] {
                let filter = Arc::new(Filter::parse(code, &ParseContext::default()).unwrap());
                let mut scan = Scan::new(&store, filter, ClassSet::ALL);
                Arc::get_mut(&mut scan.shared).unwrap().threads = threads;
                while !scan.step(budget).done {}
                let found = scan.rows(ListingIndex(0), usize::MAX);
                assert_eq!(found, expected, "{code} with {threads} threads");
            }
        }
    }
}
