//! Field of the options with its name.

use egui::{Response, TextEdit, Ui};

use crate::theme::font;
use crate::widgets::text_field::form_field;

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
    let response = ui.add(edit).labelled_by(label.id);
    ui.end_row();
    response
}
