//! Lines of a plot with their points in sight.

use std::ops::RangeInclusive;

use egui::Color32;
use egui_plot::LineStyle;
use feedscope_analysis::series::{Break, Point};
use feedscope_core::Moment;

use super::look::Looks;
use super::open::{AxisSide, MOST_NUMBERS, OpenPlot};
use super::scale::{Scale, extent};
use crate::theme::Palette;

/// Points of one line in sight.
pub(super) struct Drawn {
    pub(super) name: String,
    pub(super) unit: &'static str,
    pub(super) axis: AxisSide,
    pub(super) color: Color32,
    /// Distinguishes lines of the same color.
    pub(super) style: LineStyle,
    pub(super) points: Vec<Point>,
    /// Relation of its heights to the positions of the plot.
    pub(super) scale: Scale,
}

/// Everything that the lines of a plot show.
pub(super) struct Collected {
    pub(super) lines: Vec<Drawn>,
    pub(super) breaks: Vec<Break>,
    pub(super) notes: Vec<String>,
}

impl OpenPlot {
    /// Collects at most two points of each line for each point of the width.
    pub(super) fn collected(
        &self,
        palette: &Palette,
        shown: &RangeInclusive<Moment>,
        width: f32,
    ) -> Collected {
        let mut collected = Collected {
            lines: Vec::new(),
            breaks: Vec::new(),
            notes: Vec::new(),
        };
        if let Some(refused) = &self.refused {
            let note = format!("{refused} has no place: a plot has at most {MOST_NUMBERS} numbers");
            collected.notes.push(note);
        }
        let mut looks = Looks::new(palette, self.numbers.len());
        for (place, number) in self.numbers.iter().enumerate() {
            // The lock ends before anything is drawn, so that no step waits for it.
            let series = number.series.value();
            if place == 0 {
                collected.breaks = series.breaks().collect();
            }
            collected.notes.extend(series.notes());
            for line in series.lines() {
                let look = looks.of_line(place, line.key());
                collected.lines.push(Drawn {
                    name: self.name_of(number, line.key()),
                    unit: number.quantity.unit(),
                    axis: number.axis,
                    color: look.color,
                    style: look.style,
                    points: line.points().sampled(shown.clone(), width as usize),
                    scale: Scale::default(),
                });
            }
        }
        collected
    }

    /// Returns the height of a value: its decimal logarithm on a logarithmic axis, which only positive numbers have.
    pub(super) fn height_of(&self, value: f64) -> Option<f64> {
        match (self.is_logarithmic, value > 0.0) {
            (false, _) => Some(value),
            (true, true) => Some(value.log10()),
            (true, false) => None,
        }
    }

    /// Returns the value of a height.
    pub(super) fn value_at(&self, height: f64) -> f64 {
        if self.is_logarithmic {
            10_f64.powf(height)
        } else {
            height
        }
    }

    /// Returns the extent of a line's heights in a range of time.
    pub(super) fn extent_of(
        &self,
        line: &Drawn,
        shown: &RangeInclusive<Moment>,
    ) -> Option<RangeInclusive<f64>> {
        let within = line.points.iter().filter(|point| shown.contains(&point.at));
        let heights = extent(within.filter_map(|point| self.height_of(point.value)));
        // A line without a point in the range may cross it.
        heights.or_else(|| extent(line.points.iter().filter_map(|it| self.height_of(it.value))))
    }
}
