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

mod difference;
mod feed_pairs;
mod side;
#[cfg(test)]
mod tests;

pub use difference::FeedDifference;
pub use feed_pairs::{Alone, FeedPairs};
pub use side::ComparedSide;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use feedscope_core::Stamp;
use feedscope_core::store::{RowNumber, Store};
use parking_lot::{Mutex, MutexGuard};

use crate::analysis::{Analysis, Cadence, News, StepResult, Task};
use crate::interpret::Interpreter;
use crate::record_key::{KeyReader, RecordKey};

/// Bytes that are read from one feed before the other one has its turn, so that few records wait.
const TURN_BYTES: usize = 128 << 10;

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
    reader: KeyReader,
    /// Readers of the payloads of both feeds.
    interpreters: [Interpreter; 2],
    /// First row of each feed that has not been read.
    next_rows: [RowNumber; 2],
    /// Time of the last record of each feed that was read.
    read_until: [Option<Stamp>; 2],
}

impl FeedComparison {
    /// Creates the comparison of two stores by the values at `key`; empty until the first step.
    pub fn by_key(stores: [&Store; 2], key: impl Into<RecordKey>) -> Self {
        Self::reading(stores, key, <[Interpreter; 2]>::default())
    }

    /// Creates the comparison of two stores whose payloads these interpreters read.
    pub fn reading(
        stores: [&Store; 2],
        key: impl Into<RecordKey>,
        interpreters: [Interpreter; 2],
    ) -> Self {
        let progress = PairingProgress {
            reader: KeyReader::new(key.into()),
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
                    let key = progress.reader.read(&record.kind, &data);
                    pairs.add(side, (row, record.stamp), &data, key.as_deref());
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
