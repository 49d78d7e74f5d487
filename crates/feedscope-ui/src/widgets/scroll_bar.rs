//! Scroll bar that is independent of rows and points: positions are fractions of the whole range.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::theme::Palette;

/// Width of the bar at the right edge, in points.
pub(crate) const WIDTH: f32 = 14.0;

/// Draws a bar at the right edge of `rect`. `share` is the visible share of the whole, and `part` is the position from
/// 0 to 1. Returns the new position if the user drags the bar.
pub(crate) fn show(ui: &Ui, rect: Rect, id: Id, name: &str, share: f64, part: f64) -> Option<f64> {
    let palette = Palette::of(ui);
    let track = Rect::from_min_max(
        rect.right_top() + vec2(-10.0, 2.0),
        rect.right_bottom() + vec2(-2.0, -2.0),
    );
    // The thumb has a minimum length, so that it can be hit in a long document.
    let length = (track.height() * share.clamp(0.0, 1.0) as f32)
        .max(24.0)
        .min(track.height());
    let way = track.height() - length;
    let thumb = Rect::from_min_size(
        pos2(
            track.left() + 1.0,
            track.top() + way * part.clamp(0.0, 1.0) as f32,
        ),
        vec2(track.width() - 2.0, length),
    );
    let response = ui.interact(
        track.expand2(vec2(2.0, 0.0)),
        id,
        Sense::DRAG | Sense::CLICK,
    );
    response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, name));
    let wanted = response
        .interact_pointer_pos()
        .filter(|_| response.is_pointer_button_down_on())
        .map(|pointer| {
            let grab_id = id.with("grab");
            // The point where the thumb was grabbed stays under the pointer during the drag.
            if response.drag_started() || ui.input(|input| input.pointer.any_pressed()) {
                let within = pointer.y - thumb.top();
                // A press beside the thumb centers it at the pointer.
                let grab = if thumb.contains(pointer) {
                    within
                } else {
                    length / 2.0
                };
                ui.data_mut(|data| data.insert_temp(grab_id, grab));
            }
            let grab = ui
                .data(|data| data.get_temp(grab_id))
                .unwrap_or(length / 2.0);
            f64::from((pointer.y - grab - track.top()) / way.max(1.0)).clamp(0.0, 1.0)
        });
    let lit = response.hovered() || response.dragged();
    ui.painter().rect_filled(track, 4.0, palette.raise);
    let color = if lit { palette.dim } else { palette.faint };
    ui.painter().rect_filled(thumb, 4.0, color);
    wanted
}
