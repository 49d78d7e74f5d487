//! Parts that all forms of a plot share: the area, and the line with names and notes above it.

use egui::accesskit::Role;
use egui::{Align, Color32, Id, Layout, Rect, Sense, Ui, UiBuilder, WidgetInfo};
use egui_plot::{AxisHints, GridMark, Plot};
use feedscope_analysis::series::Point;
use feedscope_core::Moment;

use super::collected::Drawn;
use crate::theme::{Palette, font};
use crate::widgets::{cut, paint_left};
use crate::words;

/// Room in points for the half of the last mark that is beyond the right edge.
pub(super) const RIGHT_MARGIN: f32 = 36.0;

/// Returns an area for a plot whose range only this program changes.
pub(super) fn plot_area<'a>(id: Id, palette: &Palette) -> Plot<'a> {
    Plot::new(id)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_background(false)
        // The time under the pointer has a line of its own, in all plots and traces.
        .show_crosshair(false)
        .grid_color(palette.line)
}

/// Returns a child for a plot with its axes.
pub(super) fn plot_child(ui: &mut Ui, area: Rect, id: Id) -> Ui {
    ui.new_child(
        UiBuilder::new()
            .max_rect(area)
            .layout(Layout::top_down(Align::Min))
            .id_salt(id),
    )
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
    pub(super) id: Id,
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
        for (place, (text, color)) in texts.enumerate() {
            let room = self.rect.right() - x - 8.0;
            if room < 24.0 {
                break;
            }
            let galley = cut(ui, text, font::small(), color, room);
            let width = galley.size().x;
            let area = Rect::from_x_y_ranges(x..=x + width, self.rect.y_range());
            let response = ui.interact(area, self.id.with(place), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
            // A text without room for its end is whole in its tooltip.
            if galley.elided {
                response.on_hover_text(text);
            }
            paint_left(ui, x, y, galley);
            x += width + 12.0;
        }
    }
}
