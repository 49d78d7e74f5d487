//! Dragging a number from the JSON tree into a plot.

use egui::{
    Align2, CursorIcon, DragAndDrop, Id, LayerId, Order, Rect, Response, Stroke, StrokeKind, Ui,
    vec2,
};
use feedscope_analysis::fields::Path;

use crate::theme::{Palette, font};

/// Height in points of the place to drop a number while no plot is open.
const BAND: f32 = 72.0;

/// Path of the number that is being dragged.
struct DraggedNumber(String);

/// Lets the user drag a number by this part of the window. `path` is called when a drag starts, and returns the path of the
/// number if there is one.
pub(crate) fn drag_number(response: &Response, path: impl FnOnce() -> Option<String>) {
    if response.drag_started()
        && let Some(path) = path()
    {
        DragAndDrop::set_payload(&response.ctx, DraggedNumber(path));
    }
    if !response.dragged() {
        return;
    }
    let Some(number) = DragAndDrop::payload::<DraggedNumber>(&response.ctx) else {
        return;
    };
    response.ctx.set_cursor_icon(CursorIcon::Grabbing);
    let Some(pointer) = response.ctx.pointer_latest_pos() else {
        return;
    };
    let layer = LayerId::new(Order::Tooltip, Id::unique("dragged number"));
    let painter = response.ctx.layer_painter(layer);
    let palette = Palette::of_visuals(&response.ctx.global_style().visuals);
    let galley = painter.layout_no_wrap(number.0.clone(), font::mono(), palette.bg);
    let ground = Rect::from_min_size(pointer + vec2(12.0, 4.0), galley.size() + vec2(12.0, 6.0));
    painter.rect_filled(ground, 3.0, palette.text);
    painter.galley(ground.min + vec2(6.0, 3.0), galley, palette.bg);
}

/// Returns the place to drop a number while no plot is open: the lowest part of the rows.
pub(super) fn band(rows: Rect) -> Rect {
    rows.with_min_y(rows.bottom() - BAND.min(rows.height()))
}

/// Draws the place to drop a number while one is dragged. Returns the number that is released there. Without `has_room`,
/// the place explains that the plot is full.
pub(super) fn target(ui: &Ui, area: Rect, has_room: bool, is_open: bool) -> Option<Path> {
    let number = DragAndDrop::payload::<DraggedNumber>(ui.ctx())?;
    let palette = Palette::of(ui);
    let pointer = ui.input(|input| input.pointer.latest_pos());
    let is_over = pointer.is_some_and(|pointer| area.contains(pointer));
    let painter = ui.ctx().layer_painter(LayerId::new(
        Order::Foreground,
        Id::unique("place to drop a number"),
    ));
    let color = match (has_room, is_over) {
        (false, _) => palette.wait,
        (true, true) => palette.open,
        (true, false) => palette.dim,
    };
    let text = match (has_room, is_open) {
        (false, _) => "The plot has four numbers already".to_owned(),
        (true, true) => format!("Add {} to the plot", number.0),
        (true, false) => format!("Plot {}", number.0),
    };
    let ground = palette
        .panel
        .gamma_multiply(if is_open { 0.6 } else { 0.95 });
    painter.rect_filled(area, 0.0, ground);
    let border = Stroke::new(if is_over { 2.0 } else { 1.0 }, color);
    painter.rect_stroke(area.shrink(2.0), 4.0, border, StrokeKind::Inside);
    let at = area.center();
    painter.text(at, Align2::CENTER_CENTER, text, font::words(), palette.text);
    let is_released = ui.input(|input| input.pointer.any_released());
    if !(is_over && is_released && has_room) {
        return None;
    }
    DragAndDrop::clear_payload(ui.ctx());
    // The tree writes only paths that the reader understands.
    Path::parse(&number.0).ok()
}
