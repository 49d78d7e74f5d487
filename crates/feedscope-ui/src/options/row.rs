//! Field of the options with its name.

use egui::{Response, TextEdit, Ui};

use crate::theme::font;
use crate::widgets::text_field::{form_field, named_by};

/// Draws a field with its name. A hint is visible while the field is empty.
pub(super) fn row(
    ui: &mut Ui,
    name: &str,
    hint: &str,
    text: &mut String,
    lines: usize,
) -> Response {
    let label = ui.label(name);
    let edit = if lines > 1 {
        TextEdit::multiline(text)
    } else {
        form_field(text)
    };
    let edit = edit
        .font(font::mono())
        .hint_text(hint)
        .desired_rows(lines)
        .desired_width(340.0);
    let response = named_by(ui.add(edit), &label, name);
    ui.end_row();
    response
}
