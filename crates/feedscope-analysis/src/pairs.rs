//! Comparison of two feeds by a key: the records of both with the same value of a field are a pair.
//!
//! It finds the difference of their arrivals, records that only one feed has, and pairs with different payloads.
//!
//! ```
//! use feedscope_analysis::analysis::Analysis as _;
//! use feedscope_analysis::fields::Path;
//! use feedscope_analysis::pairs::FeedComparison;
//! use feedscope_core::store::{DEFAULT_BUDGET_BYTES, Store};
//! use feedscope_core::{Kind, Record, Sink as _, Stamp, Timestamp};
//!
//! let stores = [1_000, 1_250].map(|micros| {
//!     let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
//!     let stamp = Stamp { utc: Timestamp::from_micros(micros), ..Stamp::default() };
//!     writer.push(&Record { stamp, connection: 1, kind: Kind::Line { data: br#"{"seq":7}"# } });
//!     store
//! });
//! let comparison = FeedComparison::by_key([&stores[0], &stores[1]], Path::parse(".seq").unwrap());
//! while !comparison.task().step(1 << 20).is_done {}
//! assert_eq!(comparison.pairs().difference().percentile(50), Some(250));
//! ```

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use feedscope_core::Stamp;
use feedscope_core::store::{RowNumber, Store};
use parking_lot::{Mutex, MutexGuard};

use crate::analysis::{Analysis, Cadence, News, StepResult, Task};
use crate::fields::{FieldReader, Path};
use crate::interpret::Interpreter;
use crate::measures::{Histogram, key_text};
use crate::series::{Point, Pyramid};

/// Number of records of each feed that may wait for their partners. A record that has waited for longer is given up.
const MOST_WAITING: usize = 50_000;

/// Longest text of a key in bytes. A longer one is a document, not a name.
const LONGEST_KEY: usize = 256;

/// Bytes that are read from one feed before the other one has its turn, so that few records wait.
const TURN_BYTES: usize = 128 << 10;

/// Feed of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparedSide {
    /// The feed from which differences are counted.
    Base,
    /// The feed that is compared with it.
    Other,
}

impl ComparedSide {
    /// Both feeds.
    pub const BOTH: [Self; 2] = [Self::Base, Self::Other];

    fn opposite(self) -> Self {
        match self {
            Self::Base => Self::Other,
            Self::Other => Self::Base,
        }
    }
}

/// Comparison that follows two stores. Clones share it.
#[derive(Clone)]
pub struct FeedComparison {
    shared: Arc<SharedComparison>,
}

struct SharedComparison {
    stores: [Store; 2],
    /// It is locked for a whole step.
    progress: Mutex<PairingProgress>,
    has_caught_up: AtomicBool,
    pairs: Mutex<FeedPairs>,
}

/// Records of both feeds that have been read.
struct PairingProgress {
    reader: FieldReader,
    /// Readers of the payloads of both feeds.
    interpreters: [Interpreter; 2],
    /// First row of each feed that has not been read.
    next_rows: [RowNumber; 2],
    /// Time of the last record of each feed that was read.
    read_until: [Option<Stamp>; 2],
}

/// Pairs of two feeds so far.
#[derive(Debug, Default)]
pub struct FeedPairs {
    /// Records without a partner, by their keys. All of a key are from the same feed.
    waiting: HashMap<Arc<str>, Waiting>,
    /// The same records of each feed, by their rows.
    alone: [BTreeMap<RowNumber, Alone>; 2],
    /// Rows of each feed that have a partner: the first one and the last one.
    paired: [Option<(RowNumber, RowNumber)>; 2],
    /// Records of each feed without a partner between these rows, as counted after the last step.
    between: [u64; 2],
    difference: FeedDifference,
    points: Pyramid,
    /// Pairs with different payloads.
    changed: u64,
    first_change: Option<[RowNumber; 2]>,
    /// Records of each feed that were given up.
    given_up: [u64; 2],
    /// Records of each feed without a value of the field.
    without_key: [u64; 2],
    /// Records of each feed that were let go before they were read.
    unread: [u64; 2],
}

#[derive(Debug)]
struct Waiting {
    side: ComparedSide,
    rows: VecDeque<RowNumber>,
}

/// Record without a partner.
#[derive(Clone, Debug, PartialEq)]
pub struct Alone {
    /// Its key.
    pub key: Arc<str>,
    /// Its arrival.
    pub stamp: Stamp,
    payload_hash: u64,
}

/// Differences of arrivals in microseconds: the arrival in the other feed minus that in the base.
#[derive(Clone, Debug, Default)]
pub struct FeedDifference {
    /// Sizes of the negative ones.
    earlier: Histogram,
    /// The others.
    later: Histogram,
}

impl FeedDifference {
    fn add(&mut self, micros: i64) {
        let size = micros.unsigned_abs();
        if micros < 0 {
            self.earlier.add(size);
        } else {
            self.later.add(size);
        }
    }

    /// Number of pairs.
    pub fn count(&self) -> u64 {
        self.earlier.count() + self.later.count()
    }

    /// Smallest difference.
    pub fn min(&self) -> Option<i64> {
        // The greatest advance is the smallest difference.
        let earlier = self.earlier.max().map(negative);
        earlier.or_else(|| self.later.min().map(positive))
    }

    /// Greatest difference.
    pub fn max(&self) -> Option<i64> {
        let later = self.later.max().map(positive);
        later.or_else(|| self.earlier.min().map(negative))
    }

    /// Difference of nearest rank: the smallest one that at least `percent` of the pairs do not exceed, within half a
    /// percent.
    pub fn percentile(&self, percent: u32) -> Option<i64> {
        // The product of two counts may exceed 64 bits.
        let rank = (u128::from(self.count()) * u128::from(percent)).div_ceil(100);
        let rank = u64::try_from(rank).unwrap_or(u64::MAX).max(1);
        // The advances come first in the order, from the greatest to the smallest.
        if let Some(rank @ 1..) = rank.checked_sub(self.earlier.count()) {
            return self.later.of_rank(rank).map(positive);
        }
        // The greatest size is the smallest difference.
        let rank = self.earlier.count() - rank + 1;
        self.earlier.of_rank(rank).map(negative)
    }
}

fn positive(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

fn negative(size: u64) -> i64 {
    -positive(size)
}

impl FeedComparison {
    /// Creates the comparison of two stores by the values at `key`; empty until the first step.
    pub fn by_key(stores: [&Store; 2], key: Path) -> Self {
        Self::reading(stores, key, <[Interpreter; 2]>::default())
    }

    /// Creates the comparison of two stores whose payloads these interpreters read.
    pub fn reading(stores: [&Store; 2], key: Path, interpreters: [Interpreter; 2]) -> Self {
        let progress = PairingProgress {
            reader: FieldReader::new([key]).unwrap_or_default(),
            interpreters,
            next_rows: stores.map(|store| store.extent().first),
            read_until: [None; 2],
        };
        Self {
            shared: Arc::new(SharedComparison {
                stores: stores.map(Store::clone),
                progress: Mutex::new(progress),
                has_caught_up: AtomicBool::new(false),
                pairs: Mutex::default(),
            }),
        }
    }

    /// Returns the pairs so far. Steps wait while they are in use.
    pub fn pairs(&self) -> MutexGuard<'_, FeedPairs> {
        self.shared.pairs.lock()
    }

    /// Returns the store of a feed.
    pub fn store(&self, side: ComparedSide) -> &Store {
        &self.shared.stores[side as usize]
    }

    /// Returns the task for the host.
    pub fn task(&self) -> Task {
        let shared: Arc<SharedComparison> = Arc::clone(&self.shared);
        shared
    }
}

impl SharedComparison {
    /// Returns the feed to read next, or `None` if all records have been read. It is the one whose records are older.
    fn next_side(&self, progress: &PairingProgress) -> Option<ComparedSide> {
        let has_more = |side: ComparedSide| {
            let next = progress.next_rows[side as usize];
            next < self.stores[side as usize].extent().end
        };
        match (has_more(ComparedSide::Base), has_more(ComparedSide::Other)) {
            (false, false) => None,
            (true, false) => Some(ComparedSide::Base),
            (false, true) => Some(ComparedSide::Other),
            (true, true) => {
                // The feed whose position is earlier is read next, so that partners wait for a short time.
                let [base, other] = ComparedSide::BOTH.map(|side| self.position(progress, side));
                Some(if other < base {
                    ComparedSide::Other
                } else {
                    ComparedSide::Base
                })
            }
        }
    }

    /// Returns the time up to which a feed was read, in microseconds. Feeds of different times, such as a recording and
    /// today, are read side by side from their beginnings.
    fn position(&self, progress: &PairingProgress, side: ComparedSide) -> Option<i64> {
        let read = progress.read_until[side as usize]?.utc.as_micros();
        let spans = self.stores.each_ref().map(|store| {
            let extent = store.extent();
            let last = extent.end.checked_sub(1).and_then(|row| store.stamp(row));
            let first = store.stamp(extent.first);
            first
                .zip(last)
                .map(|(first, last)| (first.utc.as_micros(), last.utc.as_micros()))
        });
        // Recordings of different times are laid over each other, each from its own beginning.
        let begins = spans[side as usize].map_or(0, |(first, _)| first);
        match spans {
            [Some(base), Some(other)] if base.0 <= other.1 && other.0 <= base.1 => Some(read),
            _ => Some(read - begins),
        }
    }
}

impl Analysis for SharedComparison {
    fn step(&self, budget_bytes: usize) -> StepResult {
        let mut progress = self.progress.lock();
        let mut is_changed = false;
        let mut left = budget_bytes;
        while left > 0
            && let Some(side) = self.next_side(&progress)
        {
            let turn = left.min(TURN_BYTES);
            left -= turn;
            let next_row = progress.next_rows[side as usize];
            let Some(portion) = self.stores[side as usize].portion(next_row, turn) else {
                break;
            };
            let numbers = portion.numbers();
            let mut pairs = self.pairs.lock();
            if numbers.start > next_row {
                // The store has let these rows go before they were read.
                pairs.unread[side as usize] += numbers.start - next_row;
            }
            for (row, record) in portion.records() {
                let interpreter = &progress.interpreters[side as usize];
                if let Some(data) = interpreter.received(&record.kind) {
                    pairs.add(side, (row, record.stamp), &data, &progress.reader);
                    is_changed = true;
                }
                progress.read_until[side as usize] = Some(record.stamp);
            }
            progress.next_rows[side as usize] = numbers.end;
        }
        if is_changed {
            self.pairs.lock().count_between();
        }
        let is_done = self.next_side(&progress).is_none();
        self.has_caught_up.store(is_done, Ordering::Release);
        StepResult {
            news: News::visible_if(is_changed),
            is_done,
        }
    }

    fn is_stale(&self) -> bool {
        let progress = self.progress.lock();
        !self.has_caught_up.load(Ordering::Acquire) || self.next_side(&progress).is_some()
    }

    fn cadence(&self) -> Cadence {
        Cadence::Every(Duration::from_millis(100))
    }
}

impl FeedPairs {
    /// Differences of arrivals.
    pub fn difference(&self) -> &FeedDifference {
        &self.difference
    }

    /// Differences in milliseconds over the arrivals in the base, whose rows they have.
    pub fn points(&self) -> &Pyramid {
        &self.points
    }

    /// Number of pairs with different payloads.
    pub fn changed(&self) -> u64 {
        self.changed
    }

    /// Rows of the first pair with different payloads, in the base and in the other feed.
    pub fn first_change(&self) -> Option<[RowNumber; 2]> {
        self.first_change
    }

    /// Records that only this feed has, oldest first: those between its first and its last record with a partner.
    ///
    /// Records outside of this range arrived before the other feed began, or their partners may still arrive.
    pub fn only_in(&self, side: ComparedSide) -> impl Iterator<Item = (RowNumber, &Alone)> {
        let between = self.paired[side as usize];
        // Without pairs, the range is empty.
        let (first, last) = between.unwrap_or_default();
        let range = (Bound::Included(first), Bound::Excluded(last));
        let alone = &self.alone[side as usize];
        let is_range = first < last;
        is_range
            .then(|| alone.range(range))
            .into_iter()
            .flatten()
            .map(|(row, alone)| (*row, alone))
    }

    /// Number of records that only this feed has, with those that are not listed any more.
    pub fn only_in_count(&self, side: ComparedSide) -> u64 {
        self.between[side as usize] + self.given_up[side as usize]
    }

    /// Number of records that have no partner yet, outside of the range with pairs.
    pub fn waiting(&self, side: ComparedSide) -> u64 {
        let alone = self.alone[side as usize].len() as u64;
        // Between two parts of a step, records may have got a partner since the last count.
        alone.saturating_sub(self.between[side as usize])
    }

    /// Counts the records of [`Self::only_in`]. They may be many, so that no pass of a window counts them.
    fn count_between(&mut self) {
        self.between = ComparedSide::BOTH.map(|side| self.only_in(side).count() as u64);
    }

    /// Sentences about records that the comparison leaves out.
    pub fn notes(&self) -> Vec<String> {
        let sum = |counts: [u64; 2]| counts[0] + counts[1];
        let mut notes = Vec::new();
        for (count, text) in [
            (
                sum(self.without_key),
                "records have no value of the field, or a long one",
            ),
            (
                sum(self.given_up),
                "records waited for a partner among 50,000 others and are only counted",
            ),
            (
                sum(self.unread),
                "records were let go before they were read",
            ),
        ] {
            if count > 0 {
                notes.push(format!("{count} {text}"));
            }
        }
        notes
    }

    /// Adds a received payload.
    fn add(
        &mut self,
        side: ComparedSide,
        (row, stamp): (RowNumber, Stamp),
        data: &[u8],
        reader: &FieldReader,
    ) {
        let values = reader.read(data).ok();
        let value = values.as_ref().and_then(|values| values[0].value());
        let key = value.is_some().then(|| key_text(value));
        let Some(key) = key.filter(|key| key.len() <= LONGEST_KEY) else {
            self.without_key[side as usize] += 1;
            return;
        };
        // Only a hash is kept, because the payloads of waiting records may be large.
        let arrival = Alone {
            key: Arc::from(&*key),
            stamp,
            payload_hash: hash(data),
        };
        let partner = self.partner(side, &key);
        match partner {
            Some((partner, before)) => self.pair(side, (row, &arrival), (partner, &before)),
            None => self.wait(side, row, arrival),
        }
    }

    /// Takes the oldest record of the opposite feed with this key.
    fn partner(&mut self, side: ComparedSide, key: &str) -> Option<(RowNumber, Alone)> {
        let waiting = self.waiting.get_mut(key)?;
        // The same key again from the same feed is no partner.
        if waiting.side == side {
            return None;
        }
        let row = waiting.rows.pop_front()?;
        if waiting.rows.is_empty() {
            self.waiting.remove(key);
        }
        let alone = self.alone[side.opposite() as usize].remove(&row)?;
        Some((row, alone))
    }

    fn pair(&mut self, side: ComparedSide, new: (RowNumber, &Alone), before: (RowNumber, &Alone)) {
        let ((base_row, base), (other_row, other)) = match side {
            ComparedSide::Base => (new, before),
            ComparedSide::Other => (before, new),
        };
        let micros = other.stamp.utc.as_micros() - base.stamp.utc.as_micros();
        self.difference.add(micros);
        self.points.push(Point {
            at: base.stamp.moment,
            value: micros as f64 / 1_000.0,
            row: base_row,
        });
        // The same key with other content is a change between the feeds.
        if base.payload_hash != other.payload_hash {
            self.changed += 1;
            self.first_change.get_or_insert([base_row, other_row]);
        }
        for (paired, row) in self.paired.iter_mut().zip([base_row, other_row]) {
            let (first, last) = paired.get_or_insert((row, row));
            *first = row.min(*first);
            *last = row.max(*last);
        }
    }

    fn wait(&mut self, side: ComparedSide, row: RowNumber, arrival: Alone) {
        let waiting = self
            .waiting
            .entry(Arc::clone(&arrival.key))
            .or_insert_with(|| Waiting {
                side,
                rows: VecDeque::new(),
            });
        waiting.rows.push_back(row);
        let alone = &mut self.alone[side as usize];
        alone.insert(row, arrival);
        if alone.len() <= MOST_WAITING {
            return;
        }
        // Above the limit, the oldest record gives up its wait.
        if let Some((row, oldest)) = alone.pop_first() {
            self.given_up[side as usize] += 1;
            if let Some(waiting) = self.waiting.get_mut(&oldest.key) {
                waiting.rows.retain(|it| *it != row);
                if waiting.rows.is_empty() {
                    self.waiting.remove(&oldest.key);
                }
            }
        }
    }
}

fn hash(data: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use feedscope_core::store::{DEFAULT_BUDGET_BYTES, StoreWriter};
    use feedscope_core::{Kind, Moment, Record, Sink as _, Timestamp};

    use super::*;

    /// Beginning of the wall clock in the tests.
    const BEGIN: i64 = 1_000_000_000;

    fn push(writer: &mut StoreWriter, ms: u64, data: &str) {
        let stamp = Stamp {
            moment: Moment::from_millis(ms),
            utc: Timestamp::from_micros(BEGIN + ms as i64 * 1_000),
        };
        writer.push(&Record {
            stamp,
            connection: 1,
            kind: Kind::Line {
                data: data.as_bytes(),
            },
        });
    }

    /// Compares two feeds by `.k`. Each record is a time in milliseconds with its key and another value.
    fn compare(base: &[(u64, &str, u32)], other: &[(u64, &str, u32)]) -> FeedComparison {
        let stores = [base, other].map(|records| {
            let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
            for (ms, key, value) in records {
                push(&mut writer, *ms, &format!(r#"{{"k":{key},"v":{value}}}"#));
            }
            store
        });
        let key = Path::parse(".k").unwrap();
        let comparison = FeedComparison::by_key([&stores[0], &stores[1]], key);
        while !comparison.task().step(1 << 20).is_done {}
        comparison
    }

    fn rows(pairs: &FeedPairs, side: ComparedSide) -> Vec<u64> {
        pairs.only_in(side).map(|(row, _)| row.0).collect()
    }

    #[test]
    fn records_with_the_same_key_are_pairs() {
        let comparison = compare(
            &[(0, "1", 0), (10, "2", 0), (20, "3", 0)],
            &[(5, "1", 0), (8, "2", 0), (120, "3", 0)],
        );
        let pairs = comparison.pairs();
        let difference = pairs.difference();
        assert_eq!(difference.count(), 3);
        assert_eq!(difference.min(), Some(-2_000));
        assert_eq!(difference.max(), Some(100_000));
        // Percentiles are within half a percent.
        let median = difference.percentile(50).unwrap();
        assert!((4_975..=5_025).contains(&median), "{median}");
        assert_eq!(difference.percentile(1), Some(-2_000));
        assert_eq!(pairs.changed(), 0);
        assert_eq!(pairs.notes(), Vec::<String>::new());
        let range = Moment::START..=Moment::from_millis(100);
        let points = pairs.points().sampled(range, 100);
        let values: Vec<f64> = points.iter().map(|point| point.value).collect();
        assert_eq!(values, [5.0, -2.0, 100.0]);
    }

    #[test]
    fn percentiles_cross_zero() {
        let mut difference = FeedDifference::default();
        for micros in -50..50 {
            difference.add(micros);
        }
        for (percent, expected) in [(1, -50), (50, -1), (51, 0), (99, 48), (100, 49)] {
            assert_eq!(difference.percentile(percent), Some(expected), "{percent}");
        }
        assert_eq!(FeedDifference::default().percentile(50), None);
    }

    #[test]
    fn a_record_that_only_one_feed_has_is_between_pairs() {
        let comparison = compare(
            // The first one arrived before the other feed began, and the last one may still arrive there.
            &[
                (0, "1", 0),
                (10, "2", 0),
                (20, "3", 0),
                (30, "4", 0),
                (40, "5", 0),
            ],
            &[(11, "2", 0), (12, "2.5", 0), (31, "4", 0)],
        );
        let pairs = comparison.pairs();
        assert_eq!(rows(&pairs, ComparedSide::Base), [2]);
        assert_eq!(rows(&pairs, ComparedSide::Other), [1]);
        assert_eq!(pairs.only_in_count(ComparedSide::Base), 1);
        assert_eq!(pairs.waiting(ComparedSide::Base), 2);
        let (_, alone) = pairs.only_in(ComparedSide::Other).next().unwrap();
        assert_eq!(&*alone.key, "2.5");
    }

    #[test]
    fn the_first_different_payload_is_found() {
        let comparison = compare(
            &[(0, "1", 7), (10, "2", 7), (20, "3", 7)],
            &[(0, "1", 7), (10, "2", 8), (20, "3", 9)],
        );
        let pairs = comparison.pairs();
        assert_eq!(pairs.changed(), 2);
        assert_eq!(pairs.first_change(), Some([RowNumber(1), RowNumber(1)]));
    }

    #[test]
    fn repeated_keys_are_pairs_in_their_order() {
        let comparison = compare(
            &[(0, "\"a\"", 1), (10, "\"a\"", 2)],
            &[(3, "\"a\"", 1), (14, "\"a\"", 2), (20, "\"a\"", 3)],
        );
        let pairs = comparison.pairs();
        assert_eq!(pairs.difference().count(), 2);
        assert_eq!(pairs.difference().max(), Some(4_000));
        assert_eq!(pairs.changed(), 0);
        assert_eq!(pairs.waiting(ComparedSide::Other), 1);
    }

    #[test]
    fn records_without_the_field_are_counted() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        push(&mut writer, 0, "no JSON");
        push(&mut writer, 1, r#"{"other":1}"#);
        let (_, empty) = Store::new(DEFAULT_BUDGET_BYTES);
        let comparison = FeedComparison::by_key([&store, &empty], Path::parse(".k").unwrap());
        while !comparison.task().step(1 << 20).is_done {}
        let pairs = comparison.pairs();
        assert_eq!(
            pairs.notes(),
            ["2 records have no value of the field, or a long one"]
        );
        assert_eq!(pairs.difference().min(), None);
        assert_eq!(pairs.only_in_count(ComparedSide::Base), 0);
    }

    #[test]
    fn long_feeds_are_read_side_by_side() {
        // More records than may wait, in two feeds of different days.
        const RECORDS: u64 = 120_000;
        let stores = [0, 86_400_000].map(|begin| {
            let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
            for number in 0..RECORDS {
                push(&mut writer, begin + number, &format!(r#"{{"k":{number}}}"#));
            }
            store
        });
        let key = Path::parse(".k").unwrap();
        let comparison = FeedComparison::by_key([&stores[0], &stores[1]], key);
        while !comparison.task().step(1 << 20).is_done {}
        let pairs = comparison.pairs();
        assert_eq!(pairs.difference().count(), RECORDS);
        assert_eq!(pairs.difference().min(), Some(86_400_000_000));
        assert_eq!(pairs.waiting(ComparedSide::Base), 0);
    }

    #[test]
    fn memory_for_records_without_a_partner_is_bounded() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        let most = MOST_WAITING as u64;
        for number in 0..most + 10 {
            push(&mut writer, number, &format!(r#"{{"k":{number}}}"#));
        }
        let (_, empty) = Store::new(DEFAULT_BUDGET_BYTES);
        let comparison = FeedComparison::by_key([&store, &empty], Path::parse(".k").unwrap());
        while !comparison.task().step(1 << 20).is_done {}
        let pairs = comparison.pairs();
        assert_eq!(pairs.waiting.len(), MOST_WAITING);
        assert_eq!(pairs.only_in_count(ComparedSide::Base), 10);
        assert_eq!(pairs.notes().len(), 1);
    }
}
