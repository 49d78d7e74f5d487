//! Records of a store that show a fault of a sequence: numbers before them are missing, or they are repeated or out of order.

use std::time::Duration;

use feedscope_core::Record;
use feedscope_core::store::{RowNumber, Store};

use super::{MeasuredFields, SequenceGap, SequenceWatch};
use crate::follow::{Fold, Following};
use crate::interpret::Interpreter;

/// Number of rows that are kept, the oldest ones first.
const MOST_ROWS: usize = 10_000;

/// Record that shows a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapRow {
    /// Row of the record.
    pub row: RowNumber,
    /// The fault.
    pub gap: SequenceGap,
}

/// Records with faults so far.
#[derive(Debug, Default)]
pub struct GapRows {
    watch: SequenceWatch,
    interpreter: Interpreter,
    rows: Vec<GapRow>,
    /// Rows with faults beyond [`MOST_ROWS`].
    left_out: u64,
}

/// Records with faults that follow a store. Clones share them.
pub type StoreGapRows = Following<GapRows>;

impl StoreGapRows {
    /// Creates the records with faults of these fields; empty until the first step.
    pub fn of_fields(store: &Store, fields: MeasuredFields) -> Self {
        Self::reading(store, fields, Interpreter::default())
    }

    /// Creates the records of a store whose payloads `interpreter` reads.
    pub fn reading(store: &Store, fields: MeasuredFields, interpreter: Interpreter) -> Self {
        let rows = GapRows {
            watch: SequenceWatch::new(fields),
            interpreter,
            ..GapRows::default()
        };
        Self::new(store, rows)
    }
}

impl GapRows {
    /// Rows in order.
    pub fn rows(&self) -> &[GapRow] {
        &self.rows
    }

    /// Returns the number of all rows with faults, of which only the first ones are kept.
    pub fn count(&self) -> u64 {
        self.rows.len() as u64 + self.left_out
    }

    /// Returns the fault that a row shows.
    pub fn at(&self, row: RowNumber) -> Option<&SequenceGap> {
        let place = self.rows.binary_search_by_key(&row, |gap| gap.row).ok()?;
        Some(&self.rows[place].gap)
    }

    /// Returns the first row with a fault after `row`, or else the first one of all.
    pub fn next_after(&self, row: Option<RowNumber>) -> Option<RowNumber> {
        // The rows are in order, because records are read oldest first.
        let after = |row| self.rows.partition_point(|gap| gap.row <= row);
        let next = self.rows.get(row.map_or(0, after));
        next.or(self.rows.first()).map(|gap| gap.row)
    }
}

impl Fold for GapRows {
    const INTERVAL: Duration = Duration::from_millis(250);

    fn add(&mut self, row: RowNumber, record: &Record<'_>) -> bool {
        let data = self.interpreter.received(&record.kind);
        let Some(gap) = data.and_then(|data| self.watch.look(&data)) else {
            return false;
        };
        if self.rows.len() < MOST_ROWS {
            self.rows.push(GapRow { row, gap });
        } else {
            self.left_out += 1;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use feedscope_core::store::DEFAULT_BUDGET_BYTES;

    use super::*;
    use crate::fields::Path;
    use crate::test_store::push_line;

    #[test]
    fn rows_that_are_not_kept_are_counted() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        let fields = MeasuredFields {
            sequence: Path::parse(".n").ok(),
            ..MeasuredFields::default()
        };
        let gaps = StoreGapRows::of_fields(&store, fields);
        // Every number after the first one leaves one out.
        for number in 0..MOST_ROWS + 4 {
            push_line(&mut writer, format!("{{\"n\":{}}}", 2 * number));
        }
        while !gaps.task().step(1 << 20).is_done {}
        let gaps = gaps.value();
        assert_eq!((gaps.rows().len(), gaps.count()), (MOST_ROWS, 10_003));
    }

    #[test]
    fn each_fault_has_the_row_that_shows_it() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        let fields = MeasuredFields {
            sequence: Path::parse(".n").ok(),
            key: Path::parse(".k").ok(),
            ..MeasuredFields::default()
        };
        let gaps = StoreGapRows::of_fields(&store, fields);
        for (key, number) in [("a", 1), ("b", 5), ("a", 4), ("b", 6), ("b", 6)] {
            let data = format!("{{\"k\":\"{key}\",\"n\":{number}}}");
            push_line(&mut writer, &data);
        }
        while !gaps.task().step(1 << 20).is_done {}
        let gaps = gaps.value();
        let rows: Vec<u64> = gaps.rows().iter().map(|gap| gap.row.0).collect();
        assert_eq!((rows, gaps.count()), (vec![2, 4], 2));
        let gap = gaps.at(RowNumber(2)).unwrap();
        assert_eq!((gap.faults.missing, gap.key.as_deref()), (2, Some("a")));
        assert_eq!(gaps.at(RowNumber(3)), None);
        // From the last fault, the way leads to the first one again.
        let next = |row: Option<u64>| gaps.next_after(row.map(RowNumber)).map(|row| row.0);
        assert_eq!(
            (next(None), next(Some(2)), next(Some(4))),
            (Some(2), Some(4), Some(2))
        );
    }
}
