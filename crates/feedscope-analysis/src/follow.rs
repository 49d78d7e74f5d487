//! Values that grow with the records of a store, and the analysis that passes every record to them once.
//!
//! [`Following`] is the only place that keeps track of the next row. It interprets no record.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use feedscope_core::store::{RowNumber, Store};
use feedscope_core::{Record, Stamp};
use parking_lot::{Mutex, MutexGuard};

use crate::analysis::{Analysis, Cadence, News, StepResult, Task};

/// Number of records after which a waiting reader gets the value.
pub(crate) const RECORDS_AT_ONCE: usize = 64;

/// Value that is computed from records, oldest first.
pub trait Fold: Send {
    /// Minimum time between two steps while records arrive, because a person cannot read figures more often.
    const INTERVAL: Duration;

    /// Adds a record. Returns true if the value has changed.
    fn add(&mut self, row: RowNumber, record: &Record<'_>) -> bool;

    /// Takes note of rows that were let go before they were read.
    fn skip(&mut self, _rows: u64) {}

    /// Forgets all records. Only a value with a limit needs it.
    fn restart(&mut self) {}
}

/// Value that follows a store, from the oldest row on. Clones share it.
pub struct Following<T> {
    shared: Arc<SharedFollowing<T>>,
}

struct SharedFollowing<T> {
    store: Store,
    /// First row that has not been read. It is locked for a whole step.
    next_row: Mutex<RowNumber>,
    /// Number of the first row that has not been read after a step, for readers that cannot wait for one.
    unread_from: AtomicU64,
    /// False before the first step, and if the last step left unread rows.
    has_caught_up: AtomicBool,
    /// Number after the last row to read.
    limit: AtomicU64,
    /// The limit of the last step.
    read_limit: AtomicU64,
    value: Mutex<T>,
}

impl<T> Clone for Following<T> {
    fn clone(&self) -> Self {
        let shared = Arc::clone(&self.shared);
        Self { shared }
    }
}

impl<T: Fold + 'static> Following<T> {
    /// Creates the analysis that adds the records of `store` to `value`.
    pub fn new(store: &Store, value: T) -> Self {
        let first = store.extent().first;
        Self {
            shared: Arc::new(SharedFollowing {
                store: store.clone(),
                next_row: Mutex::new(first),
                unread_from: AtomicU64::new(first.0),
                has_caught_up: AtomicBool::new(false),
                limit: AtomicU64::new(RowNumber::MAX.0),
                read_limit: AtomicU64::new(RowNumber::MAX.0),
                value: Mutex::new(value),
            }),
        }
    }

    /// Returns the value so far. Steps wait while it is in use.
    pub fn value(&self) -> MutexGuard<'_, T> {
        self.shared.value.lock()
    }

    /// Returns the arrival of the first record that has not been read; `None` if all have been read.
    pub(crate) fn first_unread(&self) -> Option<Stamp> {
        let shared = &self.shared;
        let row = RowNumber(shared.unread_from.load(Ordering::Acquire));
        // Rows may have been let go before they were read.
        shared.store.stamp(row.max(shared.store.extent().first))
    }

    /// Returns the store that it follows.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Sets the number after the last row to read. If later rows have been read already, the value starts again from the
    /// oldest row with the next step; `T` has to implement [`Fold::restart`].
    pub(crate) fn set_end(&self, end: RowNumber) {
        self.shared.limit.store(end.0, Ordering::Release);
    }

    /// Returns true if all records so far have been read.
    pub fn has_caught_up(&self) -> bool {
        self.shared.has_caught_up.load(Ordering::Acquire)
    }

    /// Returns the task for the host.
    pub fn task(&self) -> Task {
        let shared: Arc<SharedFollowing<T>> = Arc::clone(&self.shared);
        shared
    }
}

impl<T: Fold> Analysis for SharedFollowing<T> {
    fn step(&self, budget_bytes: usize) -> StepResult {
        let mut next_row = self.next_row.lock();
        let mut is_changed = false;
        let limit = RowNumber(self.limit.load(Ordering::Acquire));
        if limit < *next_row {
            self.value.lock().restart();
            *next_row = self.store.extent().first;
            is_changed = true;
        }
        let is_below = *next_row < limit;
        let portion = is_below.then(|| self.store.portion(*next_row, budget_bytes));
        if let Some(portion) = portion.flatten() {
            let numbers = portion.numbers();
            let mut value = self.value.lock();
            let first = numbers.start.min(limit);
            if first > *next_row {
                value.skip(first - *next_row);
                is_changed = true;
            }
            let records = portion.records().take_while(|(row, _)| *row < limit);
            for (at, (row, record)) in records.enumerate() {
                is_changed |= value.add(row, &record);
                // The thread that draws must not wait for a whole step.
                if at % RECORDS_AT_ONCE == RECORDS_AT_ONCE - 1 {
                    MutexGuard::bump(&mut value);
                }
            }
            *next_row = numbers.end.min(limit);
        }
        self.unread_from.store(next_row.0, Ordering::Release);
        let is_done = *next_row >= self.store.extent().end.min(limit);
        self.read_limit.store(limit.0, Ordering::Release);
        self.has_caught_up.store(is_done, Ordering::Release);
        StepResult {
            news: News::visible_if(is_changed),
            is_done,
        }
    }

    fn is_stale(&self) -> bool {
        let limit = self.limit.load(Ordering::Acquire);
        !self.has_caught_up.load(Ordering::Acquire)
            || limit != self.read_limit.load(Ordering::Acquire)
    }

    fn cadence(&self) -> Cadence {
        Cadence::Every(T::INTERVAL)
    }
}

#[cfg(test)]
mod tests {
    use feedscope_core::store::DEFAULT_BUDGET_BYTES;
    use feedscope_core::{Kind, Sink as _, Stamp};

    use super::*;

    /// Rows that were added, and the number of those that were skipped.
    #[derive(Default)]
    struct Seen {
        rows: Vec<u64>,
        skipped: u64,
    }

    impl Fold for Seen {
        const INTERVAL: Duration = Duration::from_millis(100);

        fn add(&mut self, row: RowNumber, record: &Record<'_>) -> bool {
            self.rows.push(row.0);
            !matches!(record.kind, Kind::Comment { .. })
        }

        fn skip(&mut self, rows: u64) {
            self.skipped += rows;
        }
    }

    fn record(kind: Kind<'_>) -> Record<'_> {
        Record {
            stamp: Stamp::default(),
            connection: 1,
            kind,
        }
    }

    #[test]
    fn steps_of_any_size_add_every_row_once() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        writer.push(&record(Kind::Line { data: b"old" }));
        store.clear();
        let following = Following::new(&store, Seen::default());
        let task = following.task();
        assert!(task.is_stale() && task.step(300).is_done && !task.is_stale());
        assert_eq!(task.cadence(), Cadence::Every(Seen::INTERVAL));
        for _ in 0..100 {
            writer.push(&record(Kind::Line {
                data: b"0123456789",
            }));
        }
        assert!(!task.step(300).is_done && task.is_stale() && !following.has_caught_up());
        while !task.step(300).is_done {}
        assert_eq!(following.value().rows, (1..101).collect::<Vec<u64>>());
        assert_eq!(task.step(300).news, News::None);
        writer.push(&record(Kind::Comment { data: b"" }));
        assert_eq!(task.step(300).news, News::None);
        writer.push(&record(Kind::Line { data: b"" }));
        assert_eq!(task.step(300).news, News::Visible);
        // A clone shows the same value.
        assert_eq!(following.clone().value().rows.len(), 102);
        assert_eq!(following.store().extent().end.0, 103);
    }

    #[test]
    fn rows_that_were_let_go_before_a_step_are_reported() {
        let (mut writer, store) = Store::new(2 << 20);
        let following = Following::new(&store, Seen::default());
        let large = vec![b'x'; 1 << 20];
        for _ in 0..6 {
            writer.push(&record(Kind::Line { data: &large }));
        }
        let let_go = store.extent().let_go;
        assert!(let_go > 0);
        while !following.task().step(1).is_done {}
        assert_eq!(following.value().skipped, let_go);
    }
}
