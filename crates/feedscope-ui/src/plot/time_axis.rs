//! Horizontal axis of a plot: seconds of time, or rows. A long time without a connection is folded to a fixed width, so
//! that the times with records have the room.

use std::ops::RangeInclusive;
use std::time::Duration;

use egui_plot::GridMark;
use feedscope_analysis::series::{Axis, Break};
use feedscope_core::Moment;

use super::scale::nice_step;

/// Width of a folded time in points.
const FOLDED: f32 = 16.0;

/// Width in points from which a time without a connection is folded.
const LONG: f32 = 24.0;

/// Distance of two marks in points.
const MARK_DISTANCE: f64 = 96.0;

/// Distances of marks in seconds.
const STEPS: [f64; 22] = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0,
    120.0, 300.0, 900.0, 3_600.0, 7_200.0, 21_600.0,
];

/// Part of the axis.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    start: Moment,
    end: Moment,
    /// Position of the start, and length on the axis.
    x: f64,
    length: f64,
    /// A time without a connection.
    is_break: bool,
}

/// Time without a connection that is in sight for some length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interruption {
    /// Start of the whole time, also if it is before the axis.
    pub(super) start: Moment,
    /// Length of the whole time.
    pub(super) length: Duration,
    /// Positions on the axis.
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) is_folded: bool,
}

/// Relation between times and positions on the axis.
#[derive(Clone, Debug)]
pub(super) struct TimeAxis {
    /// Successive pieces that cover the whole range.
    pieces: Vec<Piece>,
    interruptions: Vec<Interruption>,
    /// Position of the end; the start is at 0.
    pub(super) end: f64,
    /// Positions in one point of the width.
    per_point: f64,
}

impl TimeAxis {
    /// Creates the axis of a range that is `width` points wide. Breaks that start at one of `unfolded` keep their length.
    pub(super) fn new(
        range: &RangeInclusive<Moment>,
        breaks: &[Break],
        unfolded: &[Moment],
        width: f32,
    ) -> Self {
        let (start, end) = (*range.start(), *range.end());
        let span = end.since(start).as_secs_f64().max(1e-6);
        let per_point = span / f64::from(width.max(1.0));
        // The part in sight of each break that has ended and is long enough to be seen.
        let long: Vec<(Break, Moment, Moment)> = breaks
            .iter()
            .filter_map(|it| {
                let (from, to) = (it.start.max(start), it.end?.min(end));
                let length = to.since(from).as_secs_f64();
                (length / per_point > f64::from(LONG)).then_some((*it, from, to))
            })
            .collect();
        let is_folded = |it: &Break| !unfolded.contains(&it.start);
        let folded = long.iter().filter(|(it, ..)| is_folded(it));
        let (count, hidden) = folded.fold((0_u32, 0.0), |(count, hidden), (_, from, to)| {
            (count + 1, hidden + to.since(*from).as_secs_f64())
        });
        let live = span - hidden;
        // Without any connection in sight there is nothing to make room for.
        let folds = live > span * 1e-3;
        // Many folds share at most half of the width.
        let points = f64::from(FOLDED).min(f64::from(width) / 2.0 / f64::from(count.max(1)));
        let free = f64::from(width) - points * f64::from(count);
        let per_point = if folds {
            live / free.max(1.0)
        } else {
            per_point
        };
        let mut axis = Self {
            pieces: Vec::new(),
            interruptions: Vec::new(),
            end: 0.0,
            per_point,
        };
        let mut at = start;
        for (it, from, to) in long {
            let is_folded = folds && is_folded(&it);
            axis.push(at, from, None);
            let fold = is_folded.then_some(points * per_point);
            axis.push_break(from, to, fold);
            axis.interruptions.push(Interruption {
                start: it.start,
                length: it.end.map_or(Duration::ZERO, |end| end.since(it.start)),
                from: axis.x_of(from),
                to: axis.end,
                is_folded,
            });
            at = to;
        }
        axis.push(at, end, None);
        axis
    }

    fn push(&mut self, start: Moment, end: Moment, fold: Option<f64>) {
        if end <= start && !self.pieces.is_empty() {
            return;
        }
        let length = fold.unwrap_or_else(|| end.since(start).as_secs_f64());
        self.pieces.push(Piece {
            start,
            end,
            x: self.end,
            length,
            is_break: false,
        });
        self.end += length;
    }

    fn push_break(&mut self, start: Moment, end: Moment, fold: Option<f64>) {
        self.push(start, end, fold);
        if let Some(last) = self.pieces.last_mut() {
            last.is_break = true;
        }
    }

    /// Returns the position of a time. Times outside of the range are before the start or after the end.
    pub(super) fn x_of(&self, at: Moment) -> f64 {
        let Some(first) = self.pieces.first() else {
            return 0.0;
        };
        if at < first.start {
            return -first.start.since(at).as_secs_f64();
        }
        let after = self.pieces.partition_point(|piece| piece.start <= at);
        let piece = self.pieces[after.saturating_sub(1)];
        let within = at.since(piece.start).as_secs_f64();
        if at >= piece.end {
            return piece.x + piece.length + at.since(piece.end).as_secs_f64();
        }
        let span = piece.end.since(piece.start).as_secs_f64();
        piece.x + within / span * piece.length
    }

    /// Returns the time at a position.
    pub(super) fn moment_at(&self, x: f64) -> Moment {
        let after = self.pieces.partition_point(|piece| piece.x <= x);
        let Some(piece) = self.pieces.get(after.saturating_sub(1)) else {
            return Moment::START;
        };
        let distance = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or_default();
        if x < 0.0 {
            return piece.start - distance(-x);
        }
        let span = piece.end.since(piece.start).as_secs_f64();
        let part = if piece.length > 0.0 {
            (x - piece.x) / piece.length
        } else {
            0.0
        };
        piece.start + distance(part * span)
    }

    /// Times without a connection in sight, oldest first.
    pub(super) fn interruptions(&self) -> &[Interruption] {
        &self.interruptions
    }

    /// Returns the marks at round times of the clock, or at round numbers of rows. `clock` is the time of day at the start in
    /// seconds, or the number of the row there.
    pub(super) fn marks(&self, axis: Axis, clock: f64) -> Vec<GridMark> {
        let least = self.per_point * MARK_DISTANCE;
        let step = match axis {
            Axis::Time => {
                let step = STEPS.iter().find(|step| **step >= least).copied();
                // Beyond the longest step, marks are whole days apart.
                step.unwrap_or_else(|| (least / 86_400.0).ceil() * 86_400.0)
            }
            // Nothing is between two rows.
            Axis::Rows => nice_step(least).max(1.0),
        };
        let Some(origin) = self.pieces.first().map(|first| first.start) else {
            return Vec::new();
        };
        let mut marks: Vec<GridMark> = Vec::new();
        for piece in self.pieces.iter().filter(|piece| !piece.is_break) {
            let from = piece.start.since(origin).as_secs_f64();
            let to = piece.end.since(origin).as_secs_f64();
            let mut number = ((clock + from) / step).ceil();
            while number * step - clock <= to {
                let x = piece.x + number * step - clock - from;
                number += 1.0;
                // The length of an interruption is also at the axis.
                let is_free = self.interruptions.iter().all(|it| {
                    let middle = f64::midpoint(it.from, it.to);
                    (x - middle).abs() > least * 0.75
                });
                let is_apart = marks
                    .last()
                    .is_none_or(|last| x - last.value > least * 0.75);
                if is_free && is_apart {
                    marks.push(GridMark {
                        value: x,
                        step_size: step,
                    });
                }
            }
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::from_millis(seconds * 1_000)
    }

    fn lost(start: u64, end: u64) -> Break {
        Break {
            start: at(start),
            end: Some(at(end)),
        }
    }

    #[test]
    fn a_long_time_without_a_connection_is_folded_and_unfolds() {
        let range = at(0)..=at(120);
        let axis = TimeAxis::new(&range, &[lost(10, 110)], &[], 416.0);
        // 20 s with a connection share 400 points, and the fold has the other 16.
        let fold = axis.interruptions()[0];
        assert!(fold.is_folded && fold.length == Duration::from_secs(100));
        assert!((fold.from - 10.0).abs() < 1e-9 && (fold.to - 10.8).abs() < 1e-9);
        assert!((axis.end - 20.8).abs() < 1e-9);
        let axis = TimeAxis::new(&range, &[lost(10, 110)], &[at(10)], 416.0);
        assert!(!axis.interruptions()[0].is_folded);
        assert!((axis.end - 120.0).abs() < 1e-9);
    }

    #[test]
    fn short_and_open_breaks_and_ranges_without_a_connection_are_not_folded() {
        let open = Break {
            start: at(50),
            end: None,
        };
        let axis = TimeAxis::new(&(at(0)..=at(100)), &[lost(10, 11), open], &[], 400.0);
        assert!(axis.interruptions().is_empty());
        let axis = TimeAxis::new(&(at(20)..=at(90)), &[lost(10, 110)], &[], 400.0);
        assert!(!axis.interruptions()[0].is_folded);
        assert!((axis.end - 70.0).abs() < 1e-9);
    }

    #[test]
    fn marks_are_at_round_times_of_the_clock() {
        let axis = TimeAxis::new(&(at(0)..=at(120)), &[], &[], 960.0);
        let marks: Vec<f64> = axis
            .marks(Axis::Time, 43_203.0)
            .iter()
            .map(|mark| mark.value)
            .collect();
        assert_eq!(marks, [12.0, 27.0, 42.0, 57.0, 72.0, 87.0, 102.0, 117.0]);
    }

    #[test]
    fn rows_have_marks_at_round_numbers_of_them() {
        let marks = |first: u64, last: u64| -> Vec<f64> {
            let axis = TimeAxis::new(&(at(first)..=at(last)), &[], &[], 960.0);
            let marks = axis.marks(Axis::Rows, first as f64);
            marks.iter().map(|mark| mark.value + first as f64).collect()
        };
        // A row is as long as a second, and no mark is between two rows.
        assert_eq!(marks(1, 3), [1.0, 2.0, 3.0]);
        assert_eq!(marks(1, 61), [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
        assert_eq!(marks(990, 4_000).first(), Some(&1_000.0));
    }

    proptest! {
        #[test]
        fn every_time_has_one_position(
            breaks in proptest::collection::vec((1..60_u64, 1..60_u64), 0..6),
            start in 0..100_u64,
            span in 1..400_u64,
            width in 50.0..2_000_f32,
        ) {
            let mut time = 0;
            let breaks: Vec<Break> = breaks.into_iter().map(|(before, length)| {
                let from = time + before;
                time = from + length;
                lost(from, time)
            }).collect();
            let range = at(start)..=at(start + span);
            let axis = TimeAxis::new(&range, &breaks, &[], width);
            prop_assert!(axis.x_of(at(start)).abs() < 1e-6);
            prop_assert!((axis.x_of(at(start + span)) - axis.end).abs() < 1e-6);
            let mut last = f64::NEG_INFINITY;
            for step in 0..=40 {
                let moment = Moment::from_millis(start * 1_000 + span * step * 25);
                let x = axis.x_of(moment);
                prop_assert!(x >= last);
                last = x;
                let back = axis.moment_at(x);
                let distance = back.since(moment).max(moment.since(back));
                prop_assert!(distance < Duration::from_millis(1), "{distance:?}");
            }
            for mark in axis.marks(Axis::Time, 0.0) {
                prop_assert!(mark.value >= -1e-9 && mark.value <= axis.end + 1e-6);
            }
        }
    }
}
