//! Numbers of points in equal intervals of their values: the bars of a histogram.

use std::collections::BTreeMap;

use feedscope_core::store::RowNumber;

use super::Point;

/// Bars of one line. Bar `n` counts the points with a height from `n` times the step up to the next bar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    bars: BTreeMap<i64, Bar>,
}

/// Points in one interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Number of points.
    pub count: u64,
    /// Record of the newest point.
    pub newest: RowNumber,
}

impl Distribution {
    /// Counts points, oldest first. `height` maps a value to the axis of the intervals; points without a height do not
    /// count.
    pub fn new(
        points: impl IntoIterator<Item = Point>,
        step: f64,
        height: impl Fn(f64) -> Option<f64>,
    ) -> Self {
        let mut bars = BTreeMap::new();
        for point in points {
            let Some(height) = height(point.value) else {
                continue;
            };
            let bar = bars.entry((height / step).floor() as i64).or_insert(Bar {
                count: 0,
                newest: point.row,
            });
            bar.count += 1;
            bar.newest = point.row;
        }
        Self { bars }
    }

    /// Bars that are not empty, with their numbers, lowest first.
    pub fn bars(&self) -> impl Iterator<Item = (i64, Bar)> {
        self.bars.iter().map(|(number, bar)| (*number, *bar))
    }

    /// Returns the bar with a number.
    pub fn bar(&self, number: i64) -> Option<Bar> {
        self.bars.get(&number).copied()
    }
}

#[cfg(test)]
mod tests {
    use feedscope_core::Moment;

    use super::*;

    #[test]
    fn every_point_is_in_one_bar() {
        let values = [-0.5, 0.0, 4.9, 5.0, 9.0, 12.0, f64::from(-5)];
        let points = values.into_iter().zip(0..).map(|(value, row)| Point {
            at: Moment::from_millis(row),
            value,
            row: RowNumber(row),
        });
        let positive = |value: f64| (value != 0.0).then_some(value);
        let distribution = Distribution::new(points, 5.0, positive);
        let bars: Vec<(i64, u64, u64)> = distribution
            .bars()
            .map(|(number, bar)| (number, bar.count, bar.newest.0))
            .collect();
        assert_eq!(bars, [(-1, 2, 6), (0, 1, 2), (1, 2, 4), (2, 1, 5)]);
        assert_eq!(distribution.bar(1).unwrap().count, 2);
        assert_eq!(distribution.bar(3), None);
    }
}
