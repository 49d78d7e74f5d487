//! Vertical scales of a plot. Every line has a height, which is its value or the decimal logarithm of it. A scale maps
//! heights to the positions that all lines of the plot share.

use std::ops::RangeInclusive;

use egui_plot::GridMark;

/// Part of the extent of the lines that stays free above and below them.
const MARGIN: f64 = 0.06;

/// Distance of two marks of an axis in points.
const MARK_DISTANCE: f32 = 26.0;

/// Linear relation between the heights of lines and the positions of the plot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    factor: f64,
    offset: f64,
}

impl Default for Scale {
    fn default() -> Self {
        Self {
            factor: 1.0,
            offset: 0.0,
        }
    }
}

impl Scale {
    /// Returns the scale on which the range `from` of heights fills the range `to` of positions.
    fn between(from: &RangeInclusive<f64>, to: &RangeInclusive<f64>) -> Self {
        let factor = (to.end() - to.start()) / (from.end() - from.start());
        Self {
            factor,
            offset: to.start() - from.start() * factor,
        }
    }

    /// Returns the scale of a lane, counted from the bottom. Each lane is one position high.
    pub(super) fn of_lane(lane: usize, extent: &RangeInclusive<f64>) -> Self {
        let bottom = lane as f64;
        Self::between(&spread(extent), &(bottom + 0.12..=bottom + 0.88))
    }

    /// Returns the position of a height.
    pub(super) fn position(&self, height: f64) -> f64 {
        height * self.factor + self.offset
    }

    /// Returns the height at a position.
    pub(super) fn height(&self, position: f64) -> f64 {
        (position - self.offset) / self.factor
    }
}

/// Scales of the left and the right axis, and the marks that both have in common.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axes {
    /// Positions from the bottom to the top of the plot. They are the heights of the lines at the left axis.
    pub(super) bounds: RangeInclusive<f64>,
    /// Scale of the lines at the right axis.
    pub(super) right: Scale,
    /// Distance of two marks at the left axis.
    step: f64,
    is_logarithmic: bool,
}

impl Axes {
    /// Returns the axes of lines with these extents. One side may have no lines.
    pub(super) fn of(
        left: Option<RangeInclusive<f64>>,
        right: Option<RangeInclusive<f64>>,
        height: f32,
        is_logarithmic: bool,
    ) -> Self {
        let extent = left.or_else(|| right.clone()).unwrap_or(0.0..=1.0);
        let mut bounds = spread(&extent);
        let mut second = Scale::default();
        let marks = f64::from((height / MARK_DISTANCE).max(1.0));
        let step = nice_step((bounds.end() - bounds.start()) / marks);
        match right {
            // A decade is as long at both axes, so that the marks of one are marks of the other.
            Some(right) if is_logarithmic => {
                let middle = |range: &RangeInclusive<f64>| (range.start() + range.end()) / 2.0;
                let offset = (middle(&bounds) - middle(&right)).round();
                second.offset = offset;
                let moved = spread(&(right.start() + offset..=right.end() + offset));
                bounds = bounds.start().min(*moved.start())..=bounds.end().max(*moved.end());
            }
            Some(right) => (bounds, second) = Self::beside(bounds, step, &spread(&right)),
            None => {}
        }
        Self {
            bounds,
            right: second,
            step,
            is_logarithmic,
        }
    }

    /// Returns the bounds, and the scale of the right axis, on which each mark of the left axis is at a round number.
    fn beside(
        bounds: RangeInclusive<f64>,
        step: f64,
        right: &RangeInclusive<f64>,
    ) -> (RangeInclusive<f64>, Scale) {
        let steps = (bounds.end() - bounds.start()) / step;
        let mut right_step = nice_step((right.end() - right.start()) / steps);
        // The numbers fit within a few steps, because the next round step is about twice as long.
        for _ in 0..4 {
            let factor = step / right_step;
            let free = (bounds.end() - bounds.start()) / factor - (right.end() - right.start());
            // Zero of the left axis is at a multiple of the right step.
            let lowest = right.start() - bounds.start() / factor;
            let zero = ((lowest - free / 2.0) / right_step).round() * right_step;
            let scale = Scale {
                factor,
                offset: -zero * factor,
            };
            let fits = scale.position(*right.start()) >= *bounds.start()
                && scale.position(*right.end()) <= *bounds.end();
            if fits {
                return (bounds, scale);
            }
            right_step = nice_step(right_step * 1.01);
        }
        Self::from_mark_to_mark(&bounds, step, right)
    }

    /// Returns wider bounds that begin and end at a mark, and the scale of the right axis. In a low plot, few marks leave no
    /// other choice.
    fn from_mark_to_mark(
        bounds: &RangeInclusive<f64>,
        step: f64,
        right: &RangeInclusive<f64>,
    ) -> (RangeInclusive<f64>, Scale) {
        let first = (bounds.start() / step).floor();
        // Two steps contain every range of the right axis, also one around zero.
        let steps = ((bounds.end() / step).ceil() - first).max(2.0);
        let mut right_step = nice_step((right.end() - right.start()) / steps);
        let mut lowest = (right.start() / right_step).floor();
        // A few steps are enough, unless a number is not finite.
        for _ in 0..8 {
            if (lowest + steps) * right_step >= *right.end() {
                break;
            }
            right_step = nice_step(right_step * 1.01);
            lowest = (right.start() / right_step).floor();
        }
        let factor = step / right_step;
        let scale = Scale {
            factor,
            offset: (first - lowest) * step,
        };
        (first * step..=(first + steps) * step, scale)
    }

    /// Returns the marks of both axes.
    pub(super) fn marks(&self) -> Vec<GridMark> {
        if self.is_logarithmic {
            logarithmic_marks(&self.bounds, self.step)
        } else {
            marks(&self.bounds, self.step)
        }
    }
}

/// Returns the marks of a range of logarithms: at whole decades, or at 1, 2 and 5 of each decade if the step is shorter.
pub(super) fn logarithmic_marks(bounds: &RangeInclusive<f64>, step: f64) -> Vec<GridMark> {
    /// Step from which the digits of a decade are too close. The shortest distance is that of 1 and 2.
    const CLOSE: f64 = 0.6;
    if step > CLOSE {
        return marks(bounds, step.ceil());
    }
    let (first, last) = (bounds.start().floor(), bounds.end().ceil());
    let decades = (0..=((last - first) as u32).min(100)).map(|decade| first + f64::from(decade));
    let within = decades.flat_map(|decade| [1.0_f64, 2.0, 5.0].map(|digit| decade + digit.log10()));
    within
        .filter(|at| bounds.contains(at))
        .map(|value| GridMark {
            value,
            step_size: step.max(0.3),
        })
        .collect()
}

/// Returns the marks of a range at multiples of a step.
pub(super) fn marks(bounds: &RangeInclusive<f64>, step: f64) -> Vec<GridMark> {
    /// Limit that a plot of any height does not reach.
    const MOST: f64 = 200.0;
    let (first, last) = (
        (bounds.start() / step).ceil(),
        (bounds.end() / step).floor(),
    );
    if !(last - first).is_finite() || last - first > MOST {
        return Vec::new();
    }
    let count = (last - first).max(-1.0) as i64;
    (0..=count)
        .map(|number| GridMark {
            value: (first + number as f64) * step,
            step_size: step,
        })
        .collect()
}

/// Returns the smallest and the largest of some heights; `None` without any.
pub(super) fn extent(heights: impl Iterator<Item = f64>) -> Option<RangeInclusive<f64>> {
    heights.fold(None, |extent, height| {
        let (least, most) = extent.map_or((height, height), RangeInclusive::into_inner);
        Some(least.min(height)..=most.max(height))
    })
}

/// Returns the range that contains both.
pub(super) fn union(
    one: Option<RangeInclusive<f64>>,
    other: Option<RangeInclusive<f64>>,
) -> Option<RangeInclusive<f64>> {
    match (one, other) {
        (Some(one), Some(other)) => {
            Some(one.start().min(*other.start())..=one.end().max(*other.end()))
        }
        (one, other) => one.or(other),
    }
}

/// Adds a margin. A single number gets a range around it.
fn spread(extent: &RangeInclusive<f64>) -> RangeInclusive<f64> {
    let (least, most) = (*extent.start(), *extent.end());
    let span = most - least;
    // Numbers that are equal, or so close that 64-bit floating point cannot divide the range.
    let too_close = span <= least.abs().max(most.abs()) * 1e-12;
    let margin = if too_close {
        (least.abs() * 0.1).max(0.5)
    } else {
        span * MARGIN
    };
    least - margin..=most + margin
}

/// Returns the smallest of 1, 2 and 5 times a power of ten that is not smaller than `least`.
pub(super) fn nice_step(least: f64) -> f64 {
    if !least.is_finite() || least <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(least.log10().floor());
    // The tolerance hides errors of the logarithm.
    let fits = |digit: &f64| digit * power >= least * (1.0 - 1e-9);
    let digit = [1.0, 2.0, 5.0].into_iter().find(fits).unwrap_or(10.0);
    digit * power
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn steps_are_round() {
        for (least, step) in [
            (0.3, 0.5),
            (1.0, 1.0),
            (1.1, 2.0),
            (70.0, 100.0),
            (0.002, 0.002),
        ] {
            assert!((nice_step(least) - step).abs() < 1e-9, "{least}");
        }
        assert_eq!((nice_step(0.0), nice_step(f64::NAN)), (1.0, 1.0));
    }

    #[test]
    fn a_logarithmic_axis_has_marks_at_round_numbers() {
        let axes = Axes::of(Some(0.0..=1.0), None, 200.0, true);
        let values: Vec<f64> = axes
            .marks()
            .iter()
            .map(|mark| 10_f64.powf(mark.value))
            .collect();
        let rounded: Vec<i64> = values.iter().map(|value| value.round() as i64).collect();
        assert_eq!(rounded, [1, 2, 5, 10]);
        // Over many decades, only powers of ten are left.
        let axes = Axes::of(Some(0.0..=12.0), None, 200.0, true);
        assert!(axes.marks().iter().all(|mark| mark.value.fract() == 0.0));
    }

    #[test]
    fn equal_numbers_have_a_range_around_them() {
        for value in [0.0, 5.0, -5.0, 1e18] {
            let axes = Axes::of(Some(value..=value), None, 200.0, false);
            assert!(
                *axes.bounds.start() < value && value < *axes.bounds.end(),
                "{value}"
            );
            assert!(!axes.marks().is_empty(), "{value}");
        }
    }

    #[test]
    fn a_low_plot_has_round_marks_at_both_axes() {
        let axes = Axes::of(Some(-44_063.0..=779.0), Some(0.0..=384_048.0), 60.0, false);
        let right: Vec<_> = axes
            .marks()
            .iter()
            .map(|mark| axes.right.height(mark.value))
            .collect();
        assert_eq!(right, [-500_000.0, 0.0, 500_000.0]);
    }

    proptest! {
        #[test]
        fn both_axes_contain_their_lines_and_have_round_marks(
            left in (-1e6..1e6_f64, 0.001..1e6_f64),
            right in (-1e6..1e6_f64, 0.001..1e6_f64),
            height in 60.0..600_f32,
        ) {
            let range = |(start, span): (f64, f64)| start..=start + span;
            let axes = Axes::of(Some(range(left)), Some(range(right)), height, false);
            for height in [right.0, right.0 + right.1] {
                let position = axes.right.position(height);
                prop_assert!(axes.bounds.contains(&position));
                prop_assert!((axes.right.height(position) - height).abs() <= 1e-6 * height.abs().max(1.0));
            }
            // Each mark is at a multiple of a step that is 1, 2 or 5 times a power of ten.
            let marks = axes.marks();
            prop_assert!(marks.len() >= 2 || height < 132.0);
            let step = nice_step(axes.step / axes.right.factor * (1.0 - 1e-6));
            for mark in marks {
                let steps = axes.right.height(mark.value) / step;
                prop_assert!((steps - steps.round()).abs() < 1e-3, "{} of {step}", steps * step);
            }
        }
    }
}
