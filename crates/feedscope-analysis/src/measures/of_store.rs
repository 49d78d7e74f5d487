//! The measures of a store, computed step by step while records arrive.

use std::time::Duration;

use feedscope_core::Record;
use feedscope_core::store::{RowNumber, Store};
use feedscope_core::time::Moment;

use super::{Figures, MeasuredFields, Measures};
use crate::analysis::Task;
use crate::follow::{Fold, Following};
use crate::interpret::Interpreter;

/// The measures of one store, from its oldest row on. Clones are the same.
#[derive(Clone)]
pub struct StoreMeasures {
    following: Following<Measures>,
}

impl StoreMeasures {
    /// The measures of `store`, also of these fields; empty until the first step.
    pub fn new(store: &Store, fields: MeasuredFields) -> Self {
        Self::reading(store, fields, Interpreter::default())
    }

    /// The measures of a store whose payloads `interpreter` reads.
    pub fn reading(store: &Store, fields: MeasuredFields, interpreter: Interpreter) -> Self {
        let mut measures = Measures::of_fields(fields);
        measures.set_interpreter(interpreter);
        Self {
            following: Following::new(store, measures),
        }
    }

    /// The figures so far, up to `end` or up to the newest measured record.
    ///
    /// If records have arrived that are not measured yet, the figures end with the first of them: the time after it is
    /// no silence.
    pub fn figures(&self, end: Option<Moment>) -> Figures {
        let unread = self.following.first_unread();
        let end = end.map(|end| unread.map_or(end, |stamp| end.min(stamp.moment)));
        self.following.value().figures(end)
    }

    /// Time of a silence that is longer than all before, as [`Measures::quiet`] computes it.
    pub fn quiet(&self, now: Moment) -> Option<Duration> {
        self.following.value().quiet(now)
    }

    /// The task for the host.
    pub fn task(&self) -> Task {
        self.following.task()
    }
}

impl Fold for Measures {
    const INTERVAL: Duration = Duration::from_millis(250);

    fn add(&mut self, _row: RowNumber, record: &Record<'_>) -> bool {
        Self::add(self, record);
        true
    }

    fn skip(&mut self, rows: u64) {
        self.add_unread(rows);
    }
}

#[cfg(test)]
mod tests {
    use feedscope_core::store::DEFAULT_BUDGET_BYTES;
    use feedscope_core::{Kind, Record, Sink as _, Stamp};

    use super::*;
    use crate::analysis::News;

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
    fn records_that_wait_to_be_measured_end_the_silence() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        let measures = StoreMeasures::new(&store, MeasuredFields::default());
        let silence = |now| {
            let figures = measures.figures(Some(Moment::from_millis(now)));
            figures.longest_silence_ms
        };
        for ms in [0, 100, 200] {
            writer.push(&event(ms));
        }
        while !measures.task().step(300).is_done {}
        // The feed is silent.
        assert_eq!(silence(280), Some(100.0));
        assert_eq!(silence(350), Some(150.0));
        writer.push(&event(360));
        writer.push(&event(460));
        // The two records are measured later.
        assert_eq!(silence(550), Some(160.0));
        while !measures.task().step(300).is_done {}
        assert_eq!(silence(550), Some(160.0));
        assert_eq!(silence(700), Some(240.0));
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
