//! Forms of the lines of a plot.

use egui_plot::PlotPoints;

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
/// Returns the corners of steps, or the points themselves.
pub(super) fn stepped<'a>(points: impl Iterator<Item = [f64; 2]>, steps: bool) -> PlotPoints<'a> {
    let mut last: Option<f64> = None;
    let mut corners = Vec::new();
    for [x, y] in points {
        if let Some(last) = last.filter(|_| steps) {
            corners.push([x, last]);
        }
        corners.push([x, y]);
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
        let corners = stepped(points.into_iter(), true);
        let of = |points: &PlotPoints<'_>| -> Vec<(f64, f64)> {
            points
                .points()
                .iter()
                .map(|point| (point.x, point.y))
                .collect()
        };
        assert_eq!(of(&corners), [(0.0, 1.0), (1.0, 1.0), (1.0, 3.0)]);
        assert_eq!(
            of(&stepped(points.into_iter(), false)),
            [(0.0, 1.0), (1.0, 3.0)]
        );
    }
}
