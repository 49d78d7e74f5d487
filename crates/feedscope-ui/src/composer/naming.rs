//! Line above the composer in which the user names the message that is saved. It stays open until the message is in the
//! file, or until the user closes it.

use egui::{Id, Key, Modifiers, Rect, Ui};

use crate::ids::{FeedId, PaneId};
use crate::theme::{Palette, font, size};
use crate::widgets::text_field::text_field;
use crate::widgets::{
    Look, Strip, button, button_width, cut, field_ground, measured, paint_left, panel, select_all,
    top_line,
};

/// Height of the line in points.
pub(super) const HEIGHT: f32 = 34.0;

/// Width of a pane in points below which the label is left out.
const WITHOUT_LABEL: f32 = 340.0;

/// Maximum number of characters of a suggested name.
const MOST_SUGGESTED: usize = 24;

/// Name that the user gives to a message.
pub(super) struct Naming {
    /// Feed that the message belongs to.
    pub(super) feed: FeedId,
    name: String,
    takes_focus: bool,
}

/// End of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NamingOutcome {
    Stay,
    Cancel,
    /// The message is saved under this name.
    Save(String),
}

impl Naming {
    /// Begins with a suggested name.
    pub(super) fn new(feed: FeedId, name: String) -> Self {
        Self {
            feed,
            name,
            takes_focus: true,
        }
    }

    /// Draws the line. `is_known` returns true for the name of a saved message, which is replaced.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        pane: PaneId,
        rect: Rect,
        is_known: impl Fn(&str) -> bool,
    ) -> NamingOutcome {
        let palette = Palette::of(ui);
        panel(ui, rect);
        top_line(ui, rect);
        let id = name_id(pane);
        let focused = ui.memory(|memory| memory.has_focus(id));
        let key = |key| focused && ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let (entered, escaped) = (key(Key::Enter), key(Key::Escape));
        let mut strip = Strip::new(rect, size::PADDING, 6.0);
        let save_name = if is_known(self.name.trim()) {
            "Replace"
        } else {
            "Save"
        };
        // Tab visits the field before the buttons.
        let cancel = strip.right(button_width(ui, "Cancel", Look::Ghost), size::BUTTON);
        let save = strip.right(button_width(ui, "Replace", Look::Plain), size::BUTTON);
        if rect.width() >= WITHOUT_LABEL {
            let label = "Save as";
            let area = strip.left(measured(ui, label, font::label()).ceil(), size::BUTTON);
            let galley = cut(ui, label, font::label(), palette.dim, f32::INFINITY);
            paint_left(ui, area.left(), area.center().y, galley);
        }
        let field = strip.rest(size::BUTTON);
        field_ground(ui, field, focused);
        let inner = field.shrink2(egui::vec2(9.0, 0.0));
        let edit = text_field(&mut self.name, id, inner)
            .font(font::words())
            .hint_text("Name of the message");
        let response = ui.place(inner, edit).accessible_name("Name of the message");
        if std::mem::take(&mut self.takes_focus) {
            response.request_focus();
            select_all(ui, id, self.name.chars().count());
        }
        let save_id = Id::unique(("save message", pane));
        let saved = button(ui, save, save_id, save_name, Look::Plain).clicked();
        let cancel_id = Id::unique(("cancel message", pane));
        let cancelled = button(ui, cancel, cancel_id, "Cancel", Look::Ghost).clicked();
        let name = self.name.trim();
        if cancelled || escaped {
            NamingOutcome::Cancel
        } else if (saved || entered) && !name.is_empty() {
            NamingOutcome::Save(name.to_owned())
        } else {
            NamingOutcome::Stay
        }
    }
}

/// Returns the ID of the field for the name.
pub(super) fn name_id(pane: PaneId) -> Id {
    Id::unique(("message name", pane))
}

/// Returns a name for a text: its beginning, or the name of a file.
pub(super) fn suggested(text: &str, is_path: bool) -> String {
    let text = text.trim();
    let text = if is_path {
        text.rsplit(['/', '\\']).next().unwrap_or(text)
    } else {
        text
    };
    let words: Vec<_> = text
        .split(|sign: char| sign.is_whitespace() || sign.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let name = words.join(" ");
    let name: String = name.chars().take(MOST_SUGGESTED).collect();
    name.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_beginning_of_the_text() {
        for (text, is_path, name) in [
            (" hello\n\tworld ", false, "hello world"),
            (
                "0123456789012345678901 34567",
                false,
                "0123456789012345678901 3",
            ),
            (
                "012345678901234567890123 5",
                false,
                "012345678901234567890123",
            ),
            ("a\u{1e}", false, "a"),
            ("/tmp/a b.bin", true, "a b.bin"),
        ] {
            assert_eq!(suggested(text, is_path), name);
        }
    }
}
