//! Widgets that several tabs of the part beside the rows use.

use egui::accesskit::Role;
use egui::{Color32, Id, Rect, Response, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::fields::{NotAPath, Path};
use feedscope_analysis::record_key::RecordKey;

use crate::theme::{Palette, font, size};
use crate::widgets::menu::take_typed_text;
use crate::widgets::text_field::{form_field, is_entered};
use crate::widgets::{Look, Strip, button, button_width, cut, paint_left};
use crate::words;

/// Height of a heading in points.
const HEADING: f32 = 24.0;

/// Returns a child for an area of the part.
pub(super) fn child(ui: &mut Ui, rect: Rect, id: Id) -> Ui {
    ui.new_child(
        egui::UiBuilder::new()
            .max_rect(rect.shrink2(vec2(0.0, 2.0)))
            .layout(egui::Layout::top_down(egui::Align::Min))
            .id_salt(id),
    )
}

/// Draws a button that opens a menu, with its present value. For a screen reader, it is known by its purpose as well.
pub(super) fn menu_button(ui: &Ui, strip: &mut Strip, id: Id, name: &str, value: &str) -> Response {
    let label = format!("{value} ▾");
    let width = button_width(ui, &label, Look::Plain).min(strip.room());
    let response = button(ui, strip.left(width, size::BUTTON), id, &label, Look::Plain);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{name} {value}")));
    response
}

/// Draws a field for a path, in a menu that is [`menu::lasting`](crate::widgets::menu::lasting), because a click in the field
/// would close any other one. Returns the path when Enter is pressed. A text that is no path gets its reason below it.
pub(crate) fn typed_path(ui: &mut Ui) -> Option<Path> {
    typed(ui, Path::parse)
}

/// Draws a field for a key of records, as [`typed_path`] does for a path.
pub(crate) fn typed_key(ui: &mut Ui) -> Option<RecordKey> {
    typed(ui, RecordKey::parse)
}

fn typed<T>(ui: &mut Ui, parse: impl Fn(&str) -> Result<T, NotAPath>) -> Option<T> {
    let id = ui.scope_id().with("typed path");
    let mut typed: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let problem_id = id.with("problem");
    let field = id.with("field");
    take_typed_text(ui, field);
    let edit = form_field(&mut typed)
        .id(field)
        .font(font::mono())
        .hint_text(".path")
        .desired_width(150.0);
    let response = ui.add(edit);
    response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Path of the field"));
    if response.changed() {
        ui.data_mut(|data| data.remove_temp::<String>(problem_id));
    }
    let mut path = None;
    if is_entered(&response) && !typed.trim().is_empty() {
        match parse(typed.trim()) {
            Ok(entered) => {
                path = Some(entered);
                typed.clear();
            }
            Err(problem) => {
                let problem = problem.to_string();
                ui.data_mut(|data| data.insert_temp(problem_id, problem));
            }
        }
    }
    ui.data_mut(|data| data.insert_temp(id, typed));
    if let Some(problem) = ui.data(|data| data.get_temp::<String>(problem_id)) {
        let text = egui::RichText::new(problem).font(font::small());
        ui.label(text.color(Palette::of(ui).fail));
    }
    path
}

/// Draws the menu of a key: the offers and a typed path.
pub(super) fn key_menu(ui: &mut Ui, offers: &[String]) -> Option<RecordKey> {
    let mut chosen = None;
    for key in offers {
        if key_button(ui, key, key).clicked() {
            chosen = RecordKey::parse(key).ok();
            ui.close();
        }
    }
    let typed = typed_key(ui);
    if typed.is_some() {
        ui.close();
    }
    chosen.or(typed)
}

/// Draws the entry of a key in a menu. Keys that are no fields are explained.
pub(crate) fn key_button(ui: &mut Ui, text: &str, key: &str) -> Response {
    let response = ui.button(text);
    match RecordKey::parse(key) {
        Ok(RecordKey::Id) => response.on_hover_text(words::ID_AS_KEY),
        Ok(RecordKey::Type) => response.on_hover_text(words::TYPE_AS_KEY),
        _ => response,
    }
}

/// Draws a heading.
pub(super) fn heading(ui: &mut Ui, text: &str) {
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), HEADING), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, text));
    let galley = cut(
        ui,
        text,
        font::strong(),
        Palette::of(ui).dim,
        rect.width() - 24.0,
    );
    paint_left(ui, rect.left() + 12.0, rect.center().y, galley);
}

/// Draws sentences. Each of their lines begins below the one above it.
pub(super) fn paragraph(ui: &mut Ui, text: impl Into<String>, color: Color32) -> Response {
    let margin = egui::Margin::symmetric(12, 4);
    let text = egui::RichText::new(text).font(font::small()).color(color);
    let frame = egui::Frame::NONE.inner_margin(margin);
    let shown = frame.show(ui, |ui| ui.add(egui::Label::new(text).wrap()));
    shown.inner
}

/// Draws an entry that leads to a row.
pub(super) fn entry(ui: &mut Ui, id: Id, time: &str, text: &str, after: &str) -> egui::Response {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), size::ROW), Sense::hover());
    let response = ui.interact(rect, id, Sense::click());
    response
        .widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{time} {text}{after}")));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 0.0, palette.raise);
    }
    let y = rect.center().y;
    let time = cut(ui, time, font::mono(), palette.dim, rect.width());
    let left = rect.left() + 12.0;
    let next = left + time.size().x + 12.0;
    paint_left(ui, left, y, time);
    paint_left(
        ui,
        next,
        y,
        cut(
            ui,
            text,
            font::label(),
            palette.text,
            rect.right() - next - 12.0,
        ),
    );
    response
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
