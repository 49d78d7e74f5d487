//! The pass over the records of a store that reads several plotted numbers at once. A number that is added later is read
//! alone until it has reached the others.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use feedscope_core::store::{RowNumber, Store};
use parking_lot::{Mutex, MutexGuard};

use super::{Axis, MOST_READ, Series, SeriesChoice, SeriesReader};
use crate::analysis::{Analysis, Cadence, News, StepResult, Task};
use crate::follow::RECORDS_AT_ONCE;
use crate::interpret::Interpreter;

/// Minimum time between two steps while records arrive.
const INTERVAL: Duration = Duration::from_millis(50);

/// Lines of one number, which a [`SeriesPass`] reads while a clone exists.
#[derive(Clone)]
pub struct StoreSeries {
    series: Arc<Mutex<Series>>,
}

/// Pass over the records of a store for several numbers. Clones share it.
#[derive(Clone)]
pub struct SeriesPass {
    shared: Arc<SharedPass>,
}

struct SharedPass {
    store: Store,
    interpreter: Interpreter,
    axis: Axis,
    /// Numbers with their positions. They are locked for a whole step.
    members: Mutex<Vec<Member>>,
    /// False before the first step after a number was added, and if the last step left unread rows.
    has_caught_up: AtomicBool,
}

struct Member {
    series: Weak<Mutex<Series>>,
    /// First row that has not been read.
    next_row: RowNumber,
}

impl StoreSeries {
    /// Returns the lines so far. Steps wait while they are in use.
    pub fn value(&self) -> MutexGuard<'_, Series> {
        self.series.lock()
    }
}

impl SeriesPass {
    /// Creates a pass without numbers over a store whose payloads `interpreter` reads. All numbers have the same horizontal
    /// axis.
    pub fn new(store: &Store, interpreter: Interpreter, axis: Axis) -> Self {
        Self {
            shared: Arc::new(SharedPass {
                store: store.clone(),
                interpreter,
                axis,
                members: Mutex::default(),
                has_caught_up: AtomicBool::new(true),
            }),
        }
    }

    /// Adds a number, which is read from the oldest record on. It ends when all clones of the result are dropped.
    pub fn add(&self, choice: SeriesChoice) -> StoreSeries {
        let series = Arc::new(Mutex::new(Series::new(choice, self.shared.axis)));
        let mut members = self.shared.members.lock();
        members.push(Member {
            series: Arc::downgrade(&series),
            next_row: self.shared.store.extent().first,
        });
        // The lock is held, so that a step that ends now does not hide the new number.
        self.shared.has_caught_up.store(false, Ordering::Release);
        drop(members);
        StoreSeries { series }
    }

    /// Returns the task for the host.
    pub fn task(&self) -> Task {
        let shared: Arc<SharedPass> = Arc::clone(&self.shared);
        shared
    }
}

impl SharedPass {
    /// Reads a portion for the numbers that are behind. Returns true if a line has changed.
    fn read(&self, members: &mut [Member], budget_bytes: usize) -> bool {
        let Some(from) = members.iter().map(|member| member.next_row).min() else {
            return false;
        };
        let Some(portion) = self.store.portion(from, budget_bytes) else {
            return false;
        };
        let numbers = portion.numbers();
        // They stop where another number continues, so that all of them go on together.
        let others = members.iter().map(|member| member.next_row);
        let next = others.filter(|row| *row > from).min();
        let until = next.map_or(numbers.end, |next| next.clamp(numbers.start, numbers.end));
        let behind = members.iter_mut().filter(|member| member.next_row == from);
        let read: Vec<Arc<Mutex<Series>>> = behind
            .take(MOST_READ)
            .filter_map(|member| {
                member.next_row = until;
                member.series.upgrade()
            })
            .collect();
        let mut all: Vec<MutexGuard<'_, Series>> =
            read.iter().map(|series| series.lock()).collect();
        let choices = all.iter().map(|series| series.choice());
        let reader = SeriesReader::of(choices, self.interpreter.clone());
        let mut is_changed = numbers.start > from;
        if is_changed {
            for series in &mut all {
                series.skip(numbers.start - from);
            }
        }
        let records = portion.records().take_while(|(row, _)| *row < until);
        for (at, (row, record)) in records.enumerate() {
            is_changed |= reader.add(row, &record, all.iter_mut().map(|series| &mut **series));
            // The thread that draws must not wait for a whole step.
            if at % RECORDS_AT_ONCE == RECORDS_AT_ONCE - 1 {
                all.iter_mut().for_each(MutexGuard::bump);
            }
        }
        is_changed
    }
}

impl Analysis for SharedPass {
    fn step(&self, budget_bytes: usize) -> StepResult {
        let mut members = self.members.lock();
        members.retain(|member| member.series.strong_count() > 0);
        let is_changed = self.read(&mut members, budget_bytes);
        let end = self.store.extent().end;
        let is_done = members.iter().all(|member| member.next_row >= end);
        self.has_caught_up.store(is_done, Ordering::Release);
        StepResult {
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
    use feedscope_core::store::{DEFAULT_BUDGET_BYTES, StoreWriter};
    use feedscope_core::{Kind, Moment, Record, Sink as _, Stamp};

    use super::*;
    use crate::fields::Path;
    use crate::series::Quantity;

    fn push(writer: &mut StoreWriter, number: u64) {
        let data = format!("{{\"a\":{number},\"b\":{}}}", 2 * number);
        writer.push(&Record {
            stamp: Stamp {
                moment: Moment::from_millis(number),
                ..Stamp::default()
            },
            connection: 1,
            kind: Kind::Line {
                data: data.as_bytes(),
            },
        });
    }

    fn choice(path: &str) -> SeriesChoice {
        SeriesChoice {
            quantity: Quantity::Field(Path::parse(path).unwrap()),
            key: None,
            only: None,
        }
    }

    /// Values and rows of the only line.
    fn points(series: &StoreSeries) -> Vec<(f64, u64)> {
        let series = series.value();
        let Some(line) = series.lines().first() else {
            return Vec::new();
        };
        let (points, _) = line
            .points()
            .whole_points(Moment::START..=Moment::from_millis(1 << 30));
        points
            .iter()
            .map(|point| (point.value, point.row.0))
            .collect()
    }

    #[test]
    fn a_number_that_is_added_later_reaches_the_others_and_continues_with_them() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        (0..200).for_each(|number| push(&mut writer, number));
        let pass = SeriesPass::new(&store, Interpreter::default(), Axis::Time);
        let task = pass.task();
        assert!(!task.is_stale() && task.step(1).is_done);
        let first = pass.add(choice(".a"));
        assert!(task.is_stale());
        while !task.step(400).is_done {}
        assert!(!task.is_stale());
        let second = pass.add(choice(".b"));
        push(&mut writer, 200);
        // The new number is read alone, and the first one waits for it.
        let mut steps = 0;
        while !task.step(400).is_done {
            steps += 1;
            let read = points(&second).len();
            assert!(
                read <= 201 && (read >= 200 || points(&first).len() == 200),
                "{read}"
            );
        }
        assert!(steps > 2);
        let expected: Vec<(f64, u64)> = (0..201).map(|number| (number as f64, number)).collect();
        let double: Vec<(f64, u64)> = expected
            .iter()
            .map(|(value, row)| (2.0 * value, *row))
            .collect();
        assert_eq!((points(&first), points(&second)), (expected, double));
        // Both are at the same row now, so that one step reads a record for both of them.
        push(&mut writer, 201);
        let step = task.step(1 << 20);
        assert!(step.is_done && step.news == News::Visible);
        assert_eq!((points(&first).len(), points(&second).len()), (202, 202));
        assert_eq!(task.step(1).news, News::None);
        drop(first);
        push(&mut writer, 202);
        assert!(task.step(1 << 20).is_done);
        assert_eq!(points(&second).len(), 203);
    }

    #[test]
    fn rows_that_were_let_go_before_a_step_are_reported() {
        let (mut writer, store) = Store::new(2 << 20);
        let pass = SeriesPass::new(&store, Interpreter::default(), Axis::Time);
        let numbers = [pass.add(choice(".a")), pass.add(choice(".b"))];
        for number in 0..150_000 {
            push(&mut writer, number);
        }
        let extent = store.extent();
        assert!(extent.let_go > 0);
        while !pass.task().step(1 << 20).is_done {}
        for series in &numbers {
            let expected = format!(
                "{} records were let go before they were read",
                feedscope_core::numbers::grouped(extent.let_go)
            );
            assert_eq!(series.value().notes(), [expected]);
            assert_eq!(
                points(series).first().map(|point| point.1),
                Some(extent.first.0)
            );
        }
    }

    #[test]
    fn more_numbers_than_a_reader_takes_are_read() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        (0..3).for_each(|number| push(&mut writer, number));
        let pass = SeriesPass::new(&store, Interpreter::default(), Axis::Time);
        let paths = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "a"];
        let numbers = paths.map(|name| pass.add(choice(&format!(".{name}"))));
        while !pass.task().step(1 << 20).is_done {}
        for (name, series) in paths.iter().zip(&numbers) {
            let expected = if ["a", "b"].contains(name) { 3 } else { 0 };
            assert_eq!(points(series).len(), expected, "{name}");
        }
    }
}
