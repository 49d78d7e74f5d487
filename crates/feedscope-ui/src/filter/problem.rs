//! Line below the filter field: an error in the typed text, or a path that no record has, with the filter in force.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo};

use super::FilterView;
use crate::ids::PaneId;
use crate::theme::{Palette, font, size, tint};
use crate::widgets::{bottom_line, cut, name_on_hover, paint_left};
use crate::words;

/// Height of the line in points.
pub(crate) const HEIGHT: f32 = 26.0;

impl FilterView {
    /// Returns the sentences about a text that is not applied.
    pub(crate) fn notice(&self) -> Option<String> {
        match self.problem() {
            Some(problem) => Some(words::not_applied(problem, self.in_force())),
            // The suggestions show that the path is not complete.
            None if self.suggestions.is_shown() => None,
            None => Some(words::no_such_path(self.missing_path()?, self.in_force())),
        }
    }
}

/// Draws the line. It has room of its own, so that it covers no row.
pub(crate) fn show(ui: &Ui, pane: PaneId, rect: Rect, filter: &FilterView, sentence: &str) {
    let palette = Palette::of(ui);
    let color = if filter.problem().is_some() {
        palette.fail
    } else {
        palette.wait
    };
    ui.painter()
        .rect_filled(rect, 0.0, color.gamma_multiply(tint::ROW));
    bottom_line(ui, rect);
    let response = ui.interact(rect, Id::unique(("filter problem", pane)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, sentence));
    let room = rect.width() - 2.0 * size::PADDING;
    let galley = cut(ui, sentence, font::label(), palette.text, room);
    paint_left(ui, rect.left() + size::PADDING, rect.center().y, galley);
    name_on_hover(response, sentence);
}
