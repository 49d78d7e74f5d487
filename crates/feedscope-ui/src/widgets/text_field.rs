//! Field of one line inside of a region that draws its ground itself. The caller adds a hint and a layout.

use egui::{Align2, EventFilter, Frame, Id, Key, Rect, Response, TextEdit, Ui};

/// Keys that egui would otherwise use to move or drop the focus.
const KEPT_KEYS: EventFilter = EventFilter {
    horizontal_arrows: true,
    vertical_arrows: true,
    escape: true,
    tab: false,
};

/// Returns a field without a frame that fills `inner`. It receives the arrow keys and Escape.
pub(crate) fn text_field(text: &mut String, id: Id, inner: Rect) -> TextEdit<'_> {
    TextEdit::singleline(text)
        .id(id)
        .frame(Frame::NONE)
        .desired_width(inner.width())
        .align(Align2::LEFT_CENTER)
        .min_size(inner.size())
        .event_filter(KEPT_KEYS)
}

/// Returns a field of a form or a menu. By itself, egui would take the focus from it at Enter, so that the user could not
/// correct a mistake at once, and further letters would become commands.
pub(crate) fn form_field(text: &mut String) -> TextEdit<'_> {
    TextEdit::singleline(text).return_key(None)
}

/// Names a field by the label beside it. The field has the name itself too, because not every program that reads the
/// accessibility tree follows the reference to the label.
pub(crate) fn named_by(field: Response, label: &Response, name: &str) -> Response {
    field.labelled_by(label.id).accessible_name(name)
}

/// Returns true if Enter was pressed in such a field.
pub(crate) fn is_entered(response: &Response) -> bool {
    let pressed = |input: &egui::InputState| input.key_pressed(Key::Enter);
    response.has_focus() && response.ctx.input(pressed)
}

/// Lets a focused list receive the arrow keys and Escape, which would otherwise move the focus.
pub(crate) fn keep_keys(ui: &Ui, id: Id) {
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, KEPT_KEYS));
}
