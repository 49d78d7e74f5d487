//! Lanes of a plot: each line has a part of the height and a scale of its own. Its name is at the left, and the limits of
//! its scale are at the right.

use std::ops::RangeInclusive;

use egui::{Color32, Id, Pos2, Rect, Stroke, Ui, pos2, vec2};
use egui_plot::{LineStyle, PlotPoint, PlotTransform};
use feedscope_core::Moment;

use super::collected::{Collected, Drawn};
use super::legend::DIGITS;
use super::open::OpenPlot;
use super::scale::Scale;
use crate::ids::PaneId;
use crate::numbers::{Number, name_number};
use crate::theme::{Palette, font};
use crate::widgets::{cut, measured, paint_left};
use crate::words;

/// Lowest height of a lane in points.
const LEAST_HEIGHT: f32 = 30.0;

/// Height of the time axis in points.
const TIME_AXIS: f32 = 22.0;

/// Width of the names in points.
const NAMES: f32 = 104.0;

/// Width of the limits in points.
const LIMITS: f32 = 64.0;

/// Most digits of a limit.
const LIMIT_DIGITS: usize = 15;

/// Lanes of the lines that have points.
pub(super) struct Lanes {
    /// Extents of the heights, from the top lane on.
    extents: Vec<RangeInclusive<f64>>,
}

impl Lanes {
    /// Gives each line with points a lane, and takes the room for names and limits off `area`. Lines without room are
    /// left out, and a note counts them.
    pub(super) fn new(
        plot: &OpenPlot,
        collected: &mut Collected,
        shown: &RangeInclusive<Moment>,
        area: &mut Rect,
    ) -> Self {
        let room = ((area.height() - TIME_AXIS) / LEAST_HEIGHT).max(1.0) as usize;
        let lines = std::mem::take(&mut collected.lines);
        let with_extent: Vec<(Drawn, RangeInclusive<f64>)> = lines
            .into_iter()
            .filter_map(|line| {
                let extent = plot.extent_of(&line, shown)?;
                Some((line, extent))
            })
            .collect();
        let left_out = with_extent.len().saturating_sub(room);
        if left_out > 0 {
            let note = format!("{left_out} more lines have no room for a lane");
            collected.notes.insert(0, note);
        }
        let count = with_extent.len().min(room);
        let mut extents = Vec::new();
        for (place, (mut line, extent)) in with_extent.into_iter().take(room).enumerate() {
            line.scale = Scale::of_lane(count - 1 - place, &extent);
            // The name beside the lane needs no dashes.
            line.style = LineStyle::Solid;
            collected.lines.push(line);
            extents.push(extent);
        }
        // A narrow plot has no room for both.
        if area.width() > 3.0 * NAMES {
            area.min.x += NAMES;
            area.max.x -= LIMITS;
        }
        Self { extents }
    }

    /// Returns the positions from the bottom to the top of the plot.
    pub(super) fn bounds(&self) -> RangeInclusive<f64> {
        0.0..=self.extents.len().max(1) as f64
    }

    /// Draws the names, the limits and the lines between the lanes. `number` formats a height with its unit and a
    /// number of digits.
    pub(super) fn paint(
        &self,
        ui: &Ui,
        transform: &PlotTransform,
        lines: &[Drawn],
        pane: PaneId,
        number: impl Fn(f64, &'static str, usize) -> String,
    ) {
        let palette = Palette::of(ui);
        let frame = *transform.frame();
        let y_of = |y: f64| transform.position_from_point(&PlotPoint::new(0.0, y)).y;
        let count = self.extents.len();
        for (place, (line, extent)) in lines.iter().zip(&self.extents).enumerate() {
            let bottom = (count - 1 - place) as f64;
            let (top, low) = (y_of(bottom + 1.0), y_of(bottom));
            if place > 0 {
                let edge = Stroke::new(1.0, palette.line);
                ui.painter()
                    .hline(frame.left() - NAMES..=frame.right() + LIMITS, top, edge);
            }
            let middle = f32::midpoint(top, low);
            let last = line.points.last();
            let name = cut(ui, &line.name, font::strong(), line.color, NAMES - 12.0);
            let is_low = low - top < LEAST_HEIGHT + 6.0;
            let shift = if is_low { 0.0 } else { 8.0 };
            paint_left(ui, frame.left() - NAMES + 4.0, middle - shift, name);
            if let Some(last) = last.filter(|_| !is_low) {
                let value = fitting(ui, NAMES - 12.0, |digits| {
                    words::plotted_number(last.value, line.unit, digits)
                });
                let about = "Newest number of the line in the shown range, with its unit. The table has all digits.";
                let named = Number::new(format!("newest {}", line.name), value, about);
                let at = pos2(frame.left() - NAMES + 4.0, middle + 8.0);
                let look = (NAMES - 12.0, palette.text);
                explained(
                    ui,
                    Id::unique(("newest of a lane", place, pane)),
                    at,
                    &named,
                    look,
                );
            }
            let limits = [
                (top + 9.0, *extent.end(), "largest"),
                (low - 9.0, *extent.start(), "smallest"),
            ];
            // Equal numbers have one limit, which is at their line.
            let is_one = extent.end() <= extent.start();
            let only = [(middle, *extent.end(), "only number of")];
            // Both limits have the digits that distinguish them.
            let texts = |digits| limits.map(|(_, height, _)| number(height, line.unit, digits));
            let is_told_apart = |digits: &usize| {
                let [largest, smallest] = texts(*digits);
                is_one || largest != smallest
            };
            let least = (2..=LIMIT_DIGITS)
                .find(is_told_apart)
                .unwrap_or(LIMIT_DIGITS);
            for (y, height, word) in if is_one { &only[..] } else { &limits[..] } {
                let (y, height) = (*y, *height);
                let about = "Limit of the scale of this lane, with its unit: the smallest or the largest number of the \
                             line in the shown range.";
                let name = format!("{word} {}", line.name);
                let text = fitting(ui, LIMITS - 8.0, |digits| {
                    number(height, line.unit, digits.max(least))
                });
                let named = Number::new(name, text, about);
                let at = pos2(frame.right() + 6.0, y);
                explained(
                    ui,
                    Id::unique(("limit of a lane", word, place, pane)),
                    at,
                    &named,
                    (LIMITS - 8.0, palette.dim),
                );
            }
        }
    }
}

/// Returns the text of a number with the most digits that fit into the room.
fn fitting(ui: &Ui, room: f32, text: impl Fn(usize) -> String) -> String {
    let fits = |text: &String| measured(ui, text, font::mono_small()) <= room;
    let mut all = (2..=DIGITS).rev().map(&text);
    all.find(fits).unwrap_or_else(|| text(2))
}

/// Draws a number from `at` to the right, with its explanation.
fn explained(ui: &Ui, id: Id, at: Pos2, number: &Number, (room, color): (f32, Color32)) {
    let galley = cut(ui, &number.text, font::mono_small(), color, room);
    let area = Rect::from_center_size(at, vec2(0.0, 14.0)).with_max_x(at.x + galley.size().x);
    paint_left(ui, at.x, at.y, galley);
    name_number(ui, area, id, number).on_hover_text(number.about);
}
