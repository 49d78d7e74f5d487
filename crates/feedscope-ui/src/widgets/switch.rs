//! Switch with a label beside it, for a setting that applies at once.

use egui::accesskit::Role;
use egui::{Id, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::{cut, measured, paint_left};
use crate::theme::{Palette, font};

/// Width of the switch with the space before its label.
const WIDTH: f32 = 34.0;

/// Returns the width of a switch with this label.
pub(crate) fn switch_width(ui: &Ui, name: &str) -> f32 {
    (WIDTH + measured(ui, name, font::label())).ceil()
}

/// Draws a switch that is on or off.
pub(crate) fn switch(ui: &Ui, rect: Rect, id: Id, name: &str, is_on: bool) -> Response {
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Switch, ui.is_enabled(), is_on, name));
    let palette = Palette::of(ui);
    let center = pos2(rect.left() + 13.0, rect.center().y);
    let track = Rect::from_center_size(center, vec2(26.0, 14.0));
    let (fill, knob, x) = if is_on {
        (palette.open, palette.panel, track.right() - 7.0)
    } else {
        (palette.raise, palette.dim, track.left() + 7.0)
    };
    let edge = if is_on { palette.open } else { palette.faint };
    let line = Stroke::new(1.0, edge);
    ui.painter()
        .rect(track, 7.0, fill, line, StrokeKind::Inside);
    ui.painter().circle_filled(pos2(x, center.y), 4.5, knob);
    let is_lit = is_on || response.hovered();
    let color = if is_lit { palette.text } else { palette.dim };
    let left = rect.left() + WIDTH;
    let galley = cut(ui, name, font::label(), color, rect.right() - left + 1.0);
    paint_left(ui, left, rect.center().y, galley);
    response
}
