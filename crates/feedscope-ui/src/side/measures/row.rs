//! Drawing of the measures and of the notes below them.

use egui::accesskit::Role;
use egui::{Color32, CursorIcon, Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::list::{Click, Measure};
use crate::numbers;
use crate::side::parts::{line_in, paragraph};
use crate::side::place::SidePlace;
use crate::theme::{Palette, font};
use crate::widgets::{cut, measured, paint_left};

/// Height of a measure.
const ROW: f32 = 24.0;

/// Left edge of the values.
const VALUES: f32 = 112.0;

/// Draws one measure.
pub(super) fn row(ui: &mut Ui, place: &SidePlace<'_>, measure: &Measure) -> egui::Response {
    let palette = Palette::of(ui);
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
    let can_click = measure.click != Click::Nothing;
    let sense = if can_click {
        Sense::click()
    } else {
        Sense::hover()
    };
    let id = Id::unique(("measure", &measure.name, place.pane));
    let response = ui.interact(rect, id, sense);
    let role = if can_click { Role::Button } else { Role::Label };
    let label = format!("{} {}", measure.name, measure.value());
    response.widget_info(|| WidgetInfo::labeled(role, true, &label));
    if measure.is_loss {
        let ground = palette.wait.gamma_multiply(crate::theme::tint::ROW);
        ui.painter().rect_filled(rect, 0.0, ground);
    }
    if can_click && (response.hovered() || response.has_focus()) {
        ui.painter().rect_filled(rect, 0.0, palette.raise);
    }
    let (name, value): (Color32, Color32) = if measure.is_loss {
        (palette.wait, palette.wait)
    } else {
        (palette.dim, palette.text)
    };
    let y = rect.center().y;
    let left = rect.left() + 12.0;
    paint_left(
        ui,
        left,
        y,
        cut(ui, &measure.name, font::label(), name, VALUES - 8.0),
    );
    let left = rect.left() + 12.0 + VALUES;
    let right = (rect.right() - 12.0).max(left);
    let look = (&font::strong(), value);
    let pointed_at = numbers::paint(ui, id, (left..=right, y), &measure.numbers, look);
    // Beside the numbers, the first one stands for the measure.
    let about = pointed_at
        .or(measure.numbers.first())
        .map_or("", |it| it.about);
    let hint = match measure.click {
        Click::Nothing => about.to_owned(),
        Click::Plot(_) => format!("{about} A click plots the history."),
        Click::NextGap | Click::NextFault => {
            format!("{about} A click leads to the next of these rows.")
        }
    };
    if can_click {
        response
            .on_hover_cursor(CursorIcon::PointingHand)
            .on_hover_text(hint)
    } else {
        response.on_hover_text(hint)
    }
}

/// Draws a note below the measures.
pub(super) fn note(ui: &mut Ui, text: &str) {
    let color = Palette::of(ui).dim;
    paragraph(ui, text, color);
}

/// Returns the records of each slice of the last two minutes.
pub(super) fn rates(place: &SidePlace<'_>) -> Vec<f32> {
    let slices = place.feed.store.slices(place.now.moment);
    // The newest slice is not full.
    let shown = &slices[..slices.len().saturating_sub(1)];
    shown.iter().map(|slice| slice.records as f32).collect()
}

/// Draws values as a small line at the right end of a row, beside the text of its measure.
pub(super) fn sparkline(ui: &Ui, row: Rect, measure: &Measure, values: &[f32]) {
    /// Width below which the line has no form.
    const LEAST: f32 = 24.0;
    let text = measured(ui, &measure.value(), font::strong());
    let end = row.left() + 12.0 + VALUES + text + 8.0;
    let area = Rect::from_min_max(
        pos2(end.max(row.right() - 96.0), row.top() + 5.0),
        pos2(row.right() - 12.0, row.bottom() - 5.0),
    );
    if area.width() < LEAST {
        return;
    }
    line_in(ui, area, values, Palette::of(ui).dim);
}
