//! Forms of the lines of a plot.

use egui_plot::PlotPoints;

/// Part of a point of the screen by which two corners of a line differ at least.
const LEAST_DISTANCE: f64 = 0.1;

/// Form of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum LineForm {
    #[default]
    Line,
    /// A value holds until the next one.
    Steps,
    Scatter,
    /// Number of values in equal intervals, in place of values over time.
    Histogram,
}

impl LineForm {
    pub(super) const ALL: [Self; 4] = [Self::Line, Self::Steps, Self::Scatter, Self::Histogram];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Line => "Line",
            Self::Steps => "Steps",
            Self::Scatter => "Scatter",
            Self::Histogram => "Histogram",
        }
    }

    /// Returns the explanation of the form.
    pub(super) fn about(self) -> &'static str {
        match self {
            Self::Line => "Connects each value with the next one",
            Self::Steps => "Holds each value until the next one",
            Self::Scatter => "Draws each value as a point",
            Self::Histogram => "Counts the values of the range in equal intervals",
        }
    }
}

/// Returns the corners of steps, or the points themselves. `per_point` are the lengths in the plot of one point of the
/// screen.
///
/// Several corners at one place are one corner, because a line through three equal points has no direction there.
pub(super) fn stepped<'a>(
    points: impl Iterator<Item = [f64; 2]>,
    steps: bool,
    per_point: [f64; 2],
) -> PlotPoints<'a> {
    let mut corners: Vec<[f64; 2]> = Vec::new();
    let mut push = |corner: [f64; 2]| {
        let is_at = |last: &[f64; 2]| {
            (0..2).all(|axis| (corner[axis] - last[axis]).abs() < per_point[axis] * LEAST_DISTANCE)
        };
        if !corners.last().is_some_and(is_at) {
            corners.push(corner);
        }
    };
    let mut last: Option<f64> = None;
    for [x, y] in points {
        if let Some(last) = last.filter(|_| steps) {
            push([x, last]);
        }
        push([x, y]);
        last = Some(y);
    }
    PlotPoints::from(corners)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_hold_a_value_until_the_next_one() {
        let points = [[0.0, 1.0], [1.0, 3.0]];
        let fine = [1e-3, 1e-3];
        let corners = stepped(points.into_iter(), true, fine);
        let of = |points: &PlotPoints<'_>| -> Vec<(f64, f64)> {
            points
                .points()
                .iter()
                .map(|point| (point.x, point.y))
                .collect()
        };
        assert_eq!(of(&corners), [(0.0, 1.0), (1.0, 1.0), (1.0, 3.0)]);
        assert_eq!(
            of(&stepped(points.into_iter(), false, fine)),
            [(0.0, 1.0), (1.0, 3.0)]
        );
    }

    #[test]
    fn equal_points_are_one_corner() {
        let points = [
            [0.0, 1.0],
            [2.0, 5.0],
            [2.0, 5.0],
            [2.01, 5.0],
            [2.0, 1.0],
            [3.0, 1.0],
        ];
        let count = |steps: bool| {
            let corners = stepped(points.into_iter(), steps, [0.5, 0.5]);
            corners.points().len()
        };
        assert_eq!(count(false), 4);
        // The step up and the one down have two corners each.
        assert_eq!(count(true), 5);
    }
}
