//! Parts that all forms of a plot share: the area, and the line with names and notes above it.

use egui::{Color32, Id, Rect, Ui};
use egui_plot::{AxisHints, GridMark, Plot};
use feedscope_analysis::series::Point;
use feedscope_core::Moment;

use super::collected::Drawn;
use crate::theme::{Palette, font};
use crate::widgets::{cut, paint_left};
use crate::words;

/// Room in points for the half of the last mark that is beyond the right edge.
pub(super) const RIGHT_MARGIN: f32 = 20.0;

/// Returns an area for a plot whose range only this program changes.
pub(super) fn plot_area<'a>(id: Id, palette: &Palette) -> Plot<'a> {
    Plot::new(id)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .grid_color(palette.line)
}

/// Returns an axis with small numbers.
pub(super) fn axis<'a>(
    hints: AxisHints<'a>,
    palette: &Palette,
    text: impl Fn(GridMark) -> String + 'a,
) -> AxisHints<'a> {
    hints
        .tick_label_font(font::small())
        .tick_label_color(palette.dim)
        .formatter(move |mark, _| text(mark))
}

/// Names of the lines in their colors, or the value under the pointer, and the notes.
pub(super) struct Legend {
    pub(super) rect: Rect,
    /// The names are drawn here, and not beside the lines.
    pub(super) names: bool,
}

impl Legend {
    /// Draws the names and notes.
    pub(super) fn show(
        &self,
        ui: &Ui,
        drawn: &[Drawn],
        nearest: Option<(usize, Point)>,
        notes: &[String],
        time: impl Fn(Moment) -> String,
    ) {
        if let Some((line, point)) = nearest {
            let line = &drawn[line];
            let value = words::axis_number(point.value, line.unit);
            let text = format!("{} {value} at {}", line.name, time(point.at));
            return self.texts(ui, [(text.as_str(), line.color)].into_iter());
        }
        let named = drawn
            .iter()
            .filter(|line| !line.points.is_empty() && self.names);
        let dim = Palette::of(ui).dim;
        let notes = notes.iter().map(|note| (note.as_str(), dim));
        self.texts(
            ui,
            named
                .map(|line| (line.name.as_str(), line.color))
                .chain(notes),
        );
    }

    /// Draws texts from left to right, while there is room.
    pub(super) fn texts<'a>(&self, ui: &Ui, texts: impl Iterator<Item = (&'a str, Color32)>) {
        let y = self.rect.center().y;
        let mut x = self.rect.left() + 12.0;
        for (text, color) in texts {
            let room = self.rect.right() - x - 8.0;
            if room < 24.0 {
                break;
            }
            let galley = cut(ui, text, font::small(), color, room);
            let width = galley.size().x;
            paint_left(ui, x, y, galley);
            x += width + 12.0;
        }
    }
}
