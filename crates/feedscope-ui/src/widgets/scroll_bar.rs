//! A scroll bar that knows neither points nor rows: it tells and takes a part of the whole way.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::super::theme::Palette;

/// How much room it takes at the right edge.
pub(crate) const WIDTH: f32 = 14.0;

/// Draws a bar at `rect`'s right edge where `share` of the whole is in sight, `part` of the way down; returns the part
/// that it is dragged to.
pub(crate) fn show(ui: &Ui, rect: Rect, id: Id, name: &str, share: f64, part: f64) -> Option<f64> {
    let palette = Palette::of(ui);
    let track = Rect::from_min_max(
        rect.right_top() + vec2(-10.0, 2.0),
        rect.right_bottom() + vec2(-2.0, -2.0),
    );
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
            if response.drag_started() || ui.input(|input| input.pointer.any_pressed()) {
                let within = pointer.y - thumb.top();
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
    let color = if lit {
        palette.dim
    } else {
        palette.faint.gamma_multiply(0.75)
    };
    ui.painter().rect_filled(thumb, 4.0, color);
    wanted
}
