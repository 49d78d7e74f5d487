//! The timeline's own scroll handle: a drag counts in places, so it is exact to one pixel's share of them. Knows no rows.

use egui::{Id, Rect, Sense, Ui, pos2, vec2};

use super::super::theme::Palette;
use super::{Place, Places, TimelineView};

/// Draws the handle and obeys it.
pub(super) fn show(ui: &Ui, place: &Place<'_>, view: &mut TimelineView, places: &Places) {
    if places.highest_top() <= 0.0 {
        return;
    }
    let palette = Palette::of(ui);
    let track = Rect::from_min_max(
        place.rows.right_top() + vec2(-12.0, 4.0),
        place.rows.right_bottom() + vec2(-3.0, -4.0),
    );
    let length = (track.height() * (places.fitting / places.total() as f64) as f32)
        .max(24.0)
        .min(track.height());
    let way = track.height() - length;
    let top = track.top() + way * (view.top(places) / places.highest_top()) as f32;
    let thumb = Rect::from_min_size(
        pos2(track.left() + 1.0, top),
        vec2(track.width() - 2.0, length),
    );
    let id = Id::unique(("scroll", place.pane));
    let response = ui.interact(
        track.expand2(vec2(3.0, 0.0)),
        id,
        Sense::DRAG | Sense::CLICK,
    );
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::accesskit::Role::ScrollBar, true, "Timeline position")
    });
    if let Some(pointer) = response
        .interact_pointer_pos()
        .filter(|_| response.is_pointer_button_down_on())
    {
        let grab_id = id.with("grab");
        let grab = if response.drag_started() || ui.input(|input| input.pointer.any_pressed()) {
            let grab = if thumb.contains(pointer) {
                pointer.y - thumb.top()
            } else {
                length / 2.0
            };
            ui.data_mut(|data| data.insert_temp(grab_id, grab));
            grab
        } else {
            ui.data(|data| data.get_temp(grab_id))
                .unwrap_or(length / 2.0)
        };
        let part = f64::from((pointer.y - grab - track.top()) / way.max(1.0));
        view.move_to(places, part.clamp(0.0, 1.0) * places.highest_top());
    }
    let lit = response.hovered() || response.dragged();
    ui.painter().rect_filled(track, 4.0, palette.raise);
    ui.painter().rect_filled(
        thumb,
        4.0,
        if lit {
            palette.dim
        } else {
            palette.faint.gamma_multiply(0.75)
        },
    );
}
