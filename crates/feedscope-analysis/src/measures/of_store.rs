//! The measures of a store, computed step by step while records arrive.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use feedscope_core::store::{RowNumber, Store};
use feedscope_core::time::Moment;
use parking_lot::Mutex;

use super::{Figures, MeasuredFields, Measures};
use crate::analysis::{Analysis, Cadence, News, Step, Task};

/// Minimum time between two steps while records arrive: as often as a person reads figures.
const INTERVAL: Duration = Duration::from_millis(250);

/// The measures of one store, from its oldest row on. Clones are the same.
#[derive(Clone)]
pub struct StoreMeasures {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    /// First row that was not measured yet. Locked for a whole step.
    next_row: Mutex<RowNumber>,
    /// False if the last step left rows to measure, or there was none.
    has_caught_up: AtomicBool,
    measures: Mutex<Measures>,
}

impl StoreMeasures {
    /// The measures of `store`, also of these fields; empty until the first step.
    pub fn new(store: &Store, fields: MeasuredFields) -> Self {
        Self {
            shared: Arc::new(Shared {
                next_row: Mutex::new(store.extent().first),
                store: store.clone(),
                has_caught_up: AtomicBool::new(false),
                measures: Mutex::new(Measures::of_fields(fields)),
            }),
        }
    }

    /// The figures so far, up to `end` or up to the newest measured record.
    pub fn figures(&self, end: Option<Moment>) -> Figures {
        self.shared.measures.lock().figures(end)
    }

    /// The task for the host.
    pub fn task(&self) -> Task {
        let shared: Arc<Shared> = Arc::clone(&self.shared);
        shared
    }
}

impl Analysis for Shared {
    fn step(&self, budget_bytes: usize) -> Step {
        let mut next_row = self.next_row.lock();
        let mut is_changed = false;
        if let Some(portion) = self.store.portion(*next_row, budget_bytes) {
            let numbers = portion.numbers();
            let mut measures = self.measures.lock();
            measures.add_unread(numbers.start - *next_row);
            for (_, record) in portion.records() {
                measures.add(&record);
            }
            *next_row = numbers.end;
            is_changed = true;
        }
        let is_done = *next_row >= self.store.extent().end;
        self.has_caught_up.store(is_done, Ordering::Release);
        Step {
            news: News::visible_if(is_changed),
            is_done,
        }
    }

    fn is_stale(&self) -> bool {
        !self.has_caught_up.load(Ordering::Acquire)
    }

    fn cadence(&self) -> Cadence {
        Cadence::Every(INTERVAL)
    }
}

#[cfg(test)]
mod tests {
    use feedscope_core::store::DEFAULT_BUDGET_BYTES;
    use feedscope_core::{Kind, Record, Sink as _, Stamp};

    use super::*;

    fn event(ms: u64) -> Record<'static> {
        Record {
            stamp: Stamp {
                moment: Moment::from_millis(ms),
                ..Stamp::default()
            },
            connection: 1,
            kind: Kind::Event {
                event: b"price",
                id: b"",
                data: b"0123456789",
            },
        }
    }

    #[test]
    fn steps_of_any_size_measure_every_row_once() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        let measures = StoreMeasures::new(&store, MeasuredFields::default());
        let task = measures.task();
        assert!(task.step(300).is_done && !task.is_stale());
        let mut plain = Measures::default();
        for number in 0..100 {
            writer.push(&event(number * 7));
            plain.add(&event(number * 7));
        }
        assert!(!task.step(300).is_done && task.is_stale());
        while !task.step(300).is_done {}
        assert_eq!(measures.figures(None), plain.figures(None));
        assert_eq!(task.step(300).news, News::None);
        writer.push(&event(900));
        assert_eq!(task.step(300).news, News::Visible);
        assert_eq!(measures.figures(None).records, 101);
    }

    #[test]
    fn rows_that_were_let_go_before_a_step_are_reported() {
        let (mut writer, store) = Store::new(2 << 20);
        let measures = StoreMeasures::new(&store, MeasuredFields::default());
        let large = vec![b'x'; 1 << 20];
        for _ in 0..6 {
            let kind = Kind::Comment { data: &large };
            writer.push(&Record { kind, ..event(0) });
        }
        let let_go = store.extent().let_go;
        assert!(let_go > 0);
        while !measures.task().step(1).is_done {}
        let notes = measures.figures(None).notes;
        let expected = format!("{let_go} records were let go before they were measured");
        assert_eq!(notes, [expected]);
    }
}
