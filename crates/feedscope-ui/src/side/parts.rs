//! Widgets that several tabs of the part beside the rows use.

use egui::accesskit::Role;
use egui::{Color32, Id, Rect, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::fields::Path;

use crate::theme::font;

/// Returns a child for an area of the part.
pub(super) fn child(ui: &mut Ui, rect: Rect, id: Id) -> Ui {
    ui.new_child(
        egui::UiBuilder::new()
            .max_rect(rect.shrink2(vec2(0.0, 2.0)))
            .layout(egui::Layout::top_down(egui::Align::Min))
            .id_salt(id),
    )
}

/// Draws a field for a path. Returns the path when Enter is pressed.
pub(super) fn typed_path(ui: &mut Ui) -> Option<Path> {
    let id = ui.scope_id().with("typed path");
    let mut typed: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let edit = egui::TextEdit::singleline(&mut typed)
        .font(font::mono())
        .hint_text(".path")
        .desired_width(150.0);
    let response = ui.add(edit);
    response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Path of the field"));
    // Enter makes the field lose the focus.
    let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    ui.data_mut(|data| data.insert_temp(id, typed.clone()));
    is_entered.then(|| Path::parse(typed.trim()).ok()).flatten()
}

/// Draws values as a line that fills an area.
pub(super) fn line_in(ui: &Ui, area: Rect, values: &[f32], color: Color32) {
    let (Some(least), Some(most)) = (
        values.iter().copied().reduce(f32::min),
        values.iter().copied().reduce(f32::max),
    ) else {
        return;
    };
    // Equal values are a line at the bottom.
    let span = if most > least { most - least } else { 1.0 };
    let step = area.width() / (values.len().max(2) - 1) as f32;
    let at = |(place, value): (usize, &f32)| {
        let part = (value - least) / span;
        pos2(
            area.left() + place as f32 * step,
            area.bottom() - part * area.height(),
        )
    };
    let points = values.iter().enumerate().map(at).collect();
    ui.painter()
        .add(Shape::line(points, Stroke::new(1.0, color)));
}
