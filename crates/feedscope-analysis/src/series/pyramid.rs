//! Points of one line of a plot, at several resolutions. A range of any length is drawn from a bounded number of them.
//!
//! The newest points are kept whole. Older ones are kept as buckets of 16, 256, 4,096 … points, each with its first,
//! smallest, largest and last point. Memory grows with the logarithm of the number of points.
//!
//! Values are `f64`: prices and counters need more than the 24 bits of `f32`, and a point is only 24 bytes. Each point
//! has its row, so that a click on a spike leads to its record.

use std::collections::VecDeque;
use std::ops::RangeInclusive;

use feedscope_core::Moment;
use feedscope_core::store::RowNumber;

/// Number of points of a bucket, and of buckets of a bucket of the next level.
const FANOUT: u64 = 16;

/// Number of the newest points that are kept whole, which take 1.5 MiB.
const MOST_POINTS: usize = 1 << 16;

/// Number of buckets that each level keeps, which take 0.8 MiB.
const MOST_BUCKETS: usize = 1 << 13;

/// One value of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Position on the horizontal axis: the time of its record, or the place of its row on an axis of rows.
    pub at: Moment,
    /// Finite number.
    pub value: f64,
    /// Its record.
    pub row: RowNumber,
}

/// Successive points as one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bucket {
    first: Point,
    min: Point,
    max: Point,
    last: Point,
}

/// Buckets of `FANOUT` points or buckets of the level below.
#[derive(Clone, Debug, Default)]
struct Level {
    /// Complete buckets.
    buckets: VecDeque<Bucket>,
    /// Number of complete buckets that are no longer kept.
    dropped: u64,
    /// Bucket that is not complete, and the number of its parts.
    open: Option<(Bucket, u64)>,
}

/// Points of one line. A point that is not later than the one before it has the same time.
#[derive(Clone, Debug, Default)]
pub struct Pyramid {
    /// The newest points.
    points: VecDeque<Point>,
    /// Number of all points.
    count: u64,
    levels: Vec<Level>,
    /// Smallest and largest value of all points.
    extremes: Option<(f64, f64)>,
}

impl Bucket {
    fn of(point: Point) -> Self {
        Self {
            first: point,
            min: point,
            max: point,
            last: point,
        }
    }

    /// Adds later points.
    fn add(&mut self, later: &Self) {
        if later.min.value < self.min.value {
            self.min = later.min;
        }
        if later.max.value > self.max.value {
            self.max = later.max;
        }
        self.last = later.last;
    }

    /// Returns its points in the order of time, some of them twice.
    fn points(&self) -> [Point; 4] {
        let Self {
            first,
            min,
            max,
            last,
        } = *self;
        if min.row <= max.row {
            [first, min, max, last]
        } else {
            [first, max, min, last]
        }
    }
}

impl Level {
    /// Adds a part. Returns the bucket that it completes.
    fn add(&mut self, part: &Bucket) -> Option<Bucket> {
        let (bucket, parts) = if let Some((bucket, parts)) = &mut self.open {
            bucket.add(part);
            *parts += 1;
            (*bucket, *parts)
        } else {
            self.open = Some((*part, 1));
            (*part, 1)
        };
        if parts < FANOUT {
            return None;
        }
        self.open = None;
        self.buckets.push_back(bucket);
        if self.buckets.len() > MOST_BUCKETS {
            self.buckets.pop_front();
            self.dropped += 1;
        }
        Some(bucket)
    }
}

impl Pyramid {
    /// Appends a point with a finite value.
    pub fn push(&mut self, point: Point) {
        // Searches need times in order.
        let last = self.points.back().map_or(point.at, |last| last.at);
        let point = Point {
            at: point.at.max(last),
            ..point
        };
        self.count += 1;
        let (least, most) = self.extremes.unwrap_or((point.value, point.value));
        self.extremes = Some((least.min(point.value), most.max(point.value)));
        self.points.push_back(point);
        if self.points.len() > MOST_POINTS {
            self.points.pop_front();
        }
        // A bucket that is complete becomes a part of a bucket of the next level.
        let mut complete = Bucket::of(point);
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Level::default());
            }
            match self.levels[level].add(&complete) {
                Some(bucket) => complete = bucket,
                None => break,
            }
        }
    }

    /// Number of all points so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The newest point.
    pub fn last(&self) -> Option<Point> {
        self.points.back().copied()
    }

    /// The oldest point.
    pub fn first(&self) -> Option<Point> {
        // Points are dropped only after they are in a bucket, and buckets after they are in a larger one.
        let oldest_bucket = self.levels.iter().rev().find_map(|level| {
            let bucket = level.buckets.front();
            bucket.or(level.open.as_ref().map(|(bucket, _)| bucket))
        });
        oldest_bucket.map(|bucket| bucket.first)
    }

    /// Smallest and largest value of all points.
    pub fn extremes(&self) -> Option<(f64, f64)> {
        self.extremes
    }

    /// Returns the points in a range that are kept whole, and true if these are all points of the range.
    pub fn whole_points(&self, range: RangeInclusive<Moment>) -> (Vec<Point>, bool) {
        let start = self
            .points
            .partition_point(|point| point.at < *range.start());
        let end = self
            .points
            .partition_point(|point| point.at <= *range.end());
        let all_kept = self.dropped_points() == 0;
        let has_all = all_kept
            || self
                .points
                .front()
                .is_some_and(|point| point.at < *range.start());
        let points = self.points.range(start..end.max(start)).copied().collect();
        (points, has_all)
    }

    /// Returns at most two points for each of `columns` equal parts of a range: the smallest and the largest value of the
    /// part, in the order of time. The points before and after the range are added, so that a line leaves the picture.
    ///
    /// Where the points are no longer kept whole and the range is short, a part shows the extremes of its bucket.
    pub fn sampled(&self, range: RangeInclusive<Moment>, columns: usize) -> Vec<Point> {
        let columns = columns.max(1);
        let mut sample = Sample::new(range, columns);
        // One point more at each end leads to the neighbors of the range.
        let from = self
            .place_of(sample.start, |at, start| at < start)
            .saturating_sub(1);
        let to = self.place_of(sample.end, |at, end| at <= end) + 1;
        let to = to.min(self.count);
        let wanted = self.level_for(to.saturating_sub(from), columns as u64);
        // Coarse buckets cover the old part of the range, and finer ones its end.
        let mut at = from;
        while at < to {
            at = self.take(at, wanted, &mut sample);
        }
        sample.finish()
    }

    /// Number of points that are no longer kept whole.
    fn dropped_points(&self) -> u64 {
        self.count - self.points.len() as u64
    }

    /// Returns the place, among all points, of the first bucket or point whose end is not `before` this time.
    fn place_of(&self, time: Moment, before: impl Fn(Moment, Moment) -> bool) -> u64 {
        let dropped = self.dropped_points();
        let is_in_points = dropped == 0
            || self
                .points
                .front()
                .is_some_and(|first| before(first.at, time));
        if is_in_points {
            return dropped + self.points.partition_point(|point| before(point.at, time)) as u64;
        }
        // Higher levels keep less detail for a longer time. The first one that reaches back to the time decides.
        let mut width = 1;
        for level in &self.levels {
            width *= FANOUT;
            let reaches_back = level.dropped == 0
                || level
                    .buckets
                    .front()
                    .is_some_and(|first| before(first.last.at, time));
            if reaches_back {
                let within = level
                    .buckets
                    .partition_point(|bucket| before(bucket.last.at, time));
                return (level.dropped + within as u64) * width;
            }
        }
        0
    }

    /// Returns the finest level with a bounded number of entries among `points` points: 0 for the points themselves.
    fn level_for(&self, points: u64, columns: u64) -> usize {
        // A bucket stands for four points of the result.
        let (mut level, mut entries) = (0, points / 4);
        while entries > 2 * columns && level < self.levels.len() {
            level += 1;
            entries = if level == 1 { points } else { entries } / FANOUT;
        }
        level
    }

    /// Adds the point or bucket at this place to the sample, of the `wanted` level or the nearest that has it. Returns the
    /// place after it.
    fn take(&self, at: u64, wanted: usize, sample: &mut Sample) -> u64 {
        let mut level = wanted;
        // A level that has dropped the place leaves it to coarser ones.
        while level <= self.levels.len() {
            let (width, kept) = self.kept(level);
            if at / width >= kept.start {
                break;
            }
            level += 1;
        }
        // A bucket that is not complete leaves it to finer ones.
        loop {
            let (width, kept) = self.kept(level);
            let place = at / width;
            let Some(index) = place.checked_sub(kept.start).filter(|_| place < kept.end) else {
                match level.checked_sub(1) {
                    Some(finer) => level = finer,
                    None => return at + 1,
                }
                continue;
            };
            let Some(above) = level.checked_sub(1) else {
                sample.add(self.points[index as usize]);
                return at + 1;
            };
            let bucket = &self.levels[above].buckets[index as usize];
            // The extremes of a bucket may lie outside of the range that ends within it.
            let (finer_width, finer) = self.kept(above);
            if sample.divides(bucket) && at / finer_width >= finer.start {
                level = above;
                continue;
            }
            bucket
                .points()
                .into_iter()
                .for_each(|point| sample.add(point));
            return (place + 1) * width;
        }
    }

    /// Returns the number of points of an entry of a level, and the places of the kept entries.
    fn kept(&self, level: usize) -> (u64, std::ops::Range<u64>) {
        let Some(above) = level.checked_sub(1) else {
            return (1, self.dropped_points()..self.count);
        };
        let width = FANOUT.pow(level as u32);
        let range = self.levels.get(above).map_or(0..0, |level| {
            level.dropped..level.dropped + level.buckets.len() as u64
        });
        (width, range)
    }
}

/// Collects the extremes of each column.
struct Sample {
    start: Moment,
    end: Moment,
    columns: u128,
    /// Newest point before the range.
    before: Option<Point>,
    /// Oldest point after it.
    after: Option<Point>,
    /// Column, smallest and largest point.
    extremes: Vec<(u128, Point, Point)>,
}

impl Sample {
    fn new(range: RangeInclusive<Moment>, columns: usize) -> Self {
        let (start, end) = range.into_inner();
        Self {
            start,
            end,
            columns: columns as u128,
            before: None,
            after: None,
            extremes: Vec::new(),
        }
    }

    /// Returns true if the range begins or ends within the bucket.
    fn divides(&self, bucket: &Bucket) -> bool {
        let (first, last) = (bucket.first.at, bucket.last.at);
        (first < self.start && last >= self.start) || (first <= self.end && last > self.end)
    }

    fn add(&mut self, point: Point) {
        if point.at < self.start {
            self.before = Some(point);
            return;
        }
        if point.at > self.end {
            self.after.get_or_insert(point);
            return;
        }
        let span = self.end.since(self.start).as_nanos().max(1);
        let at = point.at.since(self.start).as_nanos();
        // Moments fit in 64 bits, so that the product fits in 128.
        let column = (at * self.columns / span).min(self.columns - 1);
        match self.extremes.last_mut() {
            Some((last, min, max)) if *last == column => {
                if point.value < min.value {
                    *min = point;
                }
                if point.value > max.value {
                    *max = point;
                }
            }
            _ => self.extremes.push((column, point, point)),
        }
    }

    fn finish(self) -> Vec<Point> {
        let mut points = Vec::with_capacity(2 * self.extremes.len() + 2);
        points.extend(self.before);
        for (_, min, max) in self.extremes {
            let (first, second) = if min.row <= max.row {
                (min, max)
            } else {
                (max, min)
            };
            points.push(first);
            if first.row != second.row {
                points.push(second);
            }
        }
        points.extend(self.after);
        points
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn point(ms: u64, value: f64, row: u64) -> Point {
        Point {
            at: Moment::from_millis(ms),
            value,
            row: RowNumber(row),
        }
    }

    /// A line of this many points, a millisecond apart, with the row as the number of the point.
    fn line(count: u64, value: impl Fn(u64) -> f64) -> Pyramid {
        let mut pyramid = Pyramid::default();
        (0..count).for_each(|row| pyramid.push(point(row, value(row), row)));
        pyramid
    }

    fn ms(start: u64, end: u64) -> RangeInclusive<Moment> {
        Moment::from_millis(start)..=Moment::from_millis(end)
    }

    #[test]
    fn few_points_are_returned_as_they_are() {
        let pyramid = line(10, |row| row as f64);
        let rows = |range, columns| -> Vec<u64> {
            let points = pyramid.sampled(range, columns);
            points.iter().map(|point| point.row.0).collect()
        };
        assert_eq!(rows(ms(3, 6), 100), [2, 3, 4, 5, 6, 7]);
        assert_eq!(rows(ms(0, 99), 100), (0..10).collect::<Vec<_>>());
        assert_eq!(rows(ms(50, 60), 100), [9]);
        // The smallest and the largest point of a column, and the neighbors.
        assert_eq!(rows(ms(2, 7), 1), [1, 2, 7, 8]);
        assert!(Pyramid::default().sampled(ms(0, 1), 10).is_empty());
        assert_eq!(pyramid.extremes(), Some((0.0, 9.0)));
        let (first, last) = (pyramid.first().unwrap(), pyramid.last().unwrap());
        assert_eq!((first.row.0, last.row.0, pyramid.count()), (0, 9, 10));
    }

    #[test]
    fn a_spike_is_in_every_range_that_contains_it() {
        const COUNT: u64 = 3_000_000;
        let spike = 1_234_567;
        let pyramid = line(
            COUNT,
            |row| if row == spike { 1e6 } else { (row % 7) as f64 },
        );
        assert_eq!(pyramid.first().unwrap().row.0, 0);
        for (start, end) in [
            (0, COUNT),
            (1_000_000, 2_000_000),
            (spike, COUNT),
            (spike - 50_000, spike + 50_000),
            (spike - 9, spike + 9),
        ] {
            for columns in [1, 10, 1_000, 4_000] {
                let points = pyramid.sampled(ms(start, end), columns);
                assert!(points.len() <= 2 * columns + 2, "{} points", points.len());
                let has_spike = points
                    .iter()
                    .any(|point| point.row.0 == spike && point.value > 1e5);
                // A point exactly at the start is also found.
                assert!(has_spike, "{start}..{end} in {columns}");
                assert!(points.windows(2).all(|pair| pair[0].row < pair[1].row));
            }
        }
        let (points, has_all) = pyramid.whole_points(ms(COUNT - 100, COUNT));
        assert_eq!((points.len(), has_all), (100, true));
        assert!(!pyramid.whole_points(ms(0, COUNT)).1);
        let buckets: usize = pyramid.levels.iter().map(|level| level.buckets.len()).sum();
        assert!(buckets <= 3 * MOST_BUCKETS && pyramid.points.len() == MOST_POINTS);
    }

    #[test]
    fn a_time_that_goes_back_counts_as_the_last_one() {
        let mut pyramid = line(3, |row| row as f64);
        pyramid.push(point(1, 5.0, 3));
        let points = pyramid.sampled(ms(0, 2), 10);
        assert_eq!(points.last(), Some(&point(2, 5.0, 3)));
    }

    proptest! {
        #[test]
        fn a_sample_has_the_extremes_of_each_column(
            steps in proptest::collection::vec((0..3_u64, -50..50_i32), 1..400),
            start in 0..300_u64,
            length in 1..300_u64,
            columns in 1..40_usize,
        ) {
            let mut pyramid = Pyramid::default();
            let mut all = Vec::new();
            let mut time = 0;
            for (row, (step, value)) in steps.into_iter().enumerate() {
                time += step;
                let point = point(time, f64::from(value), row as u64);
                pyramid.push(point);
                all.push(point);
            }
            let range = ms(start, start + length);
            let sample = pyramid.sampled(range.clone(), columns);
            prop_assert!(sample.len() <= 2 * columns + 2);
            prop_assert!(sample.windows(2).all(|pair| pair[0].row < pair[1].row));
            prop_assert!(sample.iter().all(|point| all.contains(point)));
            let within = |points: &[Point]| -> Vec<f64> {
                let inside = points.iter().filter(|point| range.contains(&point.at));
                inside.map(|point| point.value).collect()
            };
            let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let (plain, sampled) = (within(&all), within(&sample));
            prop_assert_eq!(least(&plain).to_bits(), least(&sampled).to_bits());
            prop_assert_eq!(most(&plain).to_bits(), most(&sampled).to_bits());
            // The neighbors are those of the whole line.
            let before = all.iter().rfind(|point| point.at < *range.start());
            prop_assert_eq!(sample.first().filter(|point| point.at < *range.start()), before);
            let after = all.iter().find(|point| point.at > *range.end());
            prop_assert_eq!(sample.last().filter(|point| point.at > *range.end()), after);
        }
    }
}
