//! Calls of tools: the name, and the arguments as a tree.

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat};
use egui::{Id, Sense, Ui, WidgetInfo, vec2};
use feedscope_analysis::assembled::ToolCall;
use feedscope_core::payload::json::{Name, Outline, Shape, unescaped};

use crate::ids::PaneId;
use crate::payload_text::append_line;
use crate::theme::{Palette, font, size};
use crate::widgets::{one_line, paint_left};

/// Maximum bytes of arguments that are read as a tree within the pass, and of its lines.
const TREE_BYTES: usize = 16 << 10;
const MOST_LINES: usize = 200;

/// Draws a call. Returns true if its name was clicked.
pub(super) fn show(ui: &mut Ui, place: (PaneId, u64, usize), call: &ToolCall) -> bool {
    let palette = Palette::of(ui);
    let format = |color| TextFormat::simple(font::mono(), color);
    let mut job = LayoutJob::default();
    job.append(
        "Tool call ",
        0.0,
        TextFormat::simple(font::label(), palette.text),
    );
    append_line(
        ui,
        &mut job,
        &call.name,
        &format(palette.key),
        palette.faint,
    );
    if let Some(id) = &call.id {
        job.append("  ", 0.0, format(palette.dim));
        append_line(ui, &mut job, id, &format(palette.dim), palette.faint);
    }
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::hover());
    let response = ui.interact(rect, Id::unique(("tool call", place)), Sense::click());
    let name = format!("Tool call {}", call.name);
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, &name));
    job.wrap = one_line(rect.width() - 28.0);
    let galley = ui.painter().layout_job(job);
    paint_left(ui, rect.left() + 14.0, rect.center().y, galley);
    // Long arguments are not parsed, because this is done in each pass. Arguments that grow are no JSON yet.
    let is_small = call.arguments.len() <= TREE_BYTES;
    let outline = is_small.then(|| Outline::of(&call.arguments).ok());
    match outline.flatten() {
        Some(outline) => tree(ui, &outline, &call.arguments),
        None => line(ui, 0, "", &call.arguments, palette.text),
    }
    response.clicked()
}

/// Draws the values of the arguments, each in a line.
fn tree(ui: &mut Ui, outline: &Outline, text: &str) {
    let palette = Palette::of(ui);
    // A root with members has no line of its own.
    let first = usize::from(outline.node(0).next > 1);
    for number in (first..outline.len()).take(MOST_LINES) {
        let node = outline.node(number);
        let written = &text[outline.range(text.as_bytes(), number)];
        let (value, color) = match node.shape {
            Shape::Object(count) => (format!("{{ {count} }}"), palette.dim),
            Shape::Array(count) => (format!("[ {count} ]"), palette.dim),
            Shape::String => (written.to_owned(), palette.string),
            Shape::Number | Shape::Literal => (written.to_owned(), palette.number),
        };
        let name = if node.name == Name::Root {
            String::new()
        } else {
            let path = outline.path(text.as_bytes(), number);
            let last = path.rsplit(['.', '[']).next().unwrap_or(&path);
            format!("{}: ", unescaped(last.trim_end_matches(']')))
        };
        let depth = node.depth.saturating_sub(first as u32);
        line(ui, depth, &name, &value, color);
    }
}

/// Draws a line of a tree.
fn line(ui: &mut Ui, depth: u32, name: &str, value: &str, color: egui::Color32) {
    /// Longest text of a value in bytes.
    const LONGEST: usize = 2_000;
    let palette = Palette::of(ui);
    let format = |color| TextFormat::simple(font::mono(), color);
    let left = 28.0 + 14.0 * depth.min(20) as f32;
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), size::LINE), Sense::hover());
    let value = &value[..value.floor_char_boundary(LONGEST.min(value.len()))];
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}{value}")));
    let mut job = LayoutJob::default();
    append_line(ui, &mut job, name, &format(palette.key), palette.faint);
    append_line(ui, &mut job, value, &format(color), palette.faint);
    job.wrap = one_line(rect.width() - left - 14.0);
    let galley = ui.painter().layout_job(job);
    paint_left(ui, rect.left() + left, rect.center().y, galley);
}
