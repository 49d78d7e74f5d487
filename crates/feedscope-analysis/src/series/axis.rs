//! Horizontal axis of a plot: time, or the rows of a file whose records have no times. It decides the position of each
//! point. Nothing is drawn here.

use std::time::Duration;

use feedscope_core::Moment;
use feedscope_core::store::RowNumber;

/// Horizontal axis of the points of a plot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axis {
    /// A point is at the time of its record.
    #[default]
    Time,
    /// A point is at the number of its row, because the records have no times. The axis has a clock of its own, on which each
    /// row is one second after the row before, so that ranges, searches and samples are the same for both axes.
    Rows,
}

/// Distance of two successive rows on an axis of rows.
const ROW: Duration = Duration::from_secs(1);

impl Axis {
    /// Returns the position of a record, which arrived at this time.
    pub fn position(self, at: Moment, row: RowNumber) -> Moment {
        match self {
            Self::Time => at,
            // People count rows from 1.
            Self::Rows => {
                let nanos = (ROW.as_nanos() as u64).saturating_mul(row.0.saturating_add(1));
                Moment::from_nanos(nanos)
            }
        }
    }

    /// Returns the number, counted from 1, of the row that is nearest to a position on an axis of rows.
    pub fn row_at(position: Moment) -> u64 {
        let row = ROW.as_nanos() as u64;
        (position.as_nanos().saturating_add(row / 2)) / row
    }

    /// Returns the number of rows from the start of an axis of rows to a position, with its fraction.
    pub fn rows_before(position: Moment) -> f64 {
        position.as_nanos() as f64 / ROW.as_nanos() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_position_of_its_number_whatever_its_time_is() {
        for number in [0, 1, 41, 3_000_000] {
            let row = RowNumber(number);
            let position = Axis::Rows.position(Moment::from_millis(7), row);
            assert_eq!(Axis::row_at(position), number + 1);
            assert!((Axis::rows_before(position) - (number + 1) as f64).abs() < 1e-9);
            let at = Moment::from_millis(number);
            assert_eq!(Axis::Time.position(at, row), at);
        }
        // Positions between two rows belong to the nearer one.
        for (millis, row) in [(1_400, 1), (1_600, 2), (2_499, 2)] {
            assert_eq!(Axis::row_at(Moment::from_millis(millis)), row);
        }
    }
}
