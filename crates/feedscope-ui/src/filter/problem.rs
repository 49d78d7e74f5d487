//! Line below the filter field: an error in the typed text, or a path that no record has, with the filter in force, and the
//! filter that the user probably means.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo};

use super::FilterView;
use crate::ids::PaneId;
use crate::theme::{Palette, font, size, tint};
use crate::widgets::{
    Look, Strip, bottom_line, button, button_width, cut, measured, name_on_hover, paint_left,
};
use crate::words;

/// Height of the line in points.
pub(crate) const HEIGHT: f32 = 26.0;

/// Content of the line.
pub(crate) struct FilterNotice {
    /// Sentences about a text that is not applied.
    sentence: Option<String>,
    /// Filter that the user probably means.
    meant: Option<String>,
}

impl FilterView {
    /// Returns the content of the line; `None` if there is nothing to report.
    pub(crate) fn notice(&self) -> Option<FilterNotice> {
        let missing = || Some(words::no_such_path(self.missing_path()?, self.in_force()));
        let (sentence, meant) = match self.problem() {
            Some(problem) => (
                Some(words::not_applied(problem, self.in_force())),
                self.meant.clone(),
            ),
            // The suggestions show that the path is not complete.
            None if self.suggestions.is_shown() => (None, None),
            None => (missing(), self.meant.clone()),
        };
        let notice = FilterNotice { sentence, meant };
        (notice.sentence.is_some() || notice.meant.is_some()).then_some(notice)
    }
}

/// Draws the line. It has room of its own, so that it covers no row.
pub(crate) fn show(
    ui: &Ui,
    pane: PaneId,
    rect: Rect,
    filter: &mut FilterView,
    notice: &FilterNotice,
) {
    let palette = Palette::of(ui);
    let color = if filter.problem().is_some() {
        palette.fail
    } else {
        palette.wait
    };
    ui.painter()
        .rect_filled(rect, 0.0, color.gamma_multiply(tint::ROW));
    bottom_line(ui, rect);
    let mut strip = Strip::new(rect, size::PADDING, 8.0);
    if let Some(meant) = &notice.meant {
        let question = words::did_you_mean(meant);
        let width = button_width(ui, &question, Look::Plain).min(strip.room());
        let id = Id::unique(("meant filter", pane));
        let at = strip.left(width, size::CHIP);
        let response = button(ui, at, id, &question, Look::Plain);
        if response.clicked() {
            filter.take_meant(ui, pane);
        }
        response.on_hover_text(words::TAKES_MEANT);
        let hint = words::MEANT_KEY;
        let width = measured(ui, hint, font::small());
        if strip.room() >= width {
            let at = strip.left(width, size::CHIP);
            let galley = cut(ui, hint, font::small(), palette.dim, width);
            paint_left(ui, at.left(), at.center().y, galley);
        }
    }
    let Some(sentence) = &notice.sentence else {
        return;
    };
    let rest = strip.rest(rect.height());
    let response = ui.interact(rest, Id::unique(("filter problem", pane)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, sentence));
    let galley = cut(ui, sentence, font::label(), palette.text, rest.width());
    paint_left(ui, rest.left(), rest.center().y, galley);
    name_on_hover(response, sentence);
}
