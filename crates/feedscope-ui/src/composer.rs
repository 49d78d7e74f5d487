//! Composer: the field for writing to a WebSocket. The text stays in the field until it has been handed over to the
//! feed.

use base64::Engine as _;
use egui::{Id, Key, Modifiers, Rect, TextEdit, Ui, pos2, vec2};
use feedscope_core::ConnectionState;
use feedscope_core::feed::{FeedCommand, Outgoing};

use crate::command::Command;
use crate::ids::PaneId;
use crate::scene::FeedScene;
use crate::theme::{Palette, font, size};
use crate::widgets::{
    Look, button, button_width, cut, field_ground, measured, paint_left, panel, top_line,
};

/// Height of the composer in points until it is used.
const UNUSED_HEIGHT: f32 = 44.0;

/// Heights of a used composer in points: with hints, without hints, and with the buttons below the text.
const HEIGHT: f32 = 88.0;
const LOW_HEIGHT: f32 = 56.0;
const NARROW_HEIGHT: f32 = 116.0;

/// Width of a pane in points below which the buttons are below the text.
const NARROW: f32 = 380.0;

/// Form in which the text is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Form {
    #[default]
    Text,
    Json,
    Hex,
    Base64,
    Ping,
    Close,
}

impl Form {
    const ALL: [Self; 6] = [
        Self::Text,
        Self::Json,
        Self::Hex,
        Self::Base64,
        Self::Ping,
        Self::Close,
    ];

    /// Returns the name of the form in the menu.
    fn name(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Json => "JSON",
            Self::Hex => "Hex",
            Self::Base64 => "Base64",
            Self::Ping => "Ping",
            Self::Close => "Close",
        }
    }

    /// Returns the hint in an empty field.
    fn hint(self) -> &'static str {
        match self {
            Self::Text => "Write a message",
            Self::Json => "JSON, checked before it is sent",
            Self::Hex => "Bytes as hexadecimal: 48 69 0a",
            Self::Base64 => "Bytes as base64: SGkK",
            Self::Ping => "Up to 125 bytes of text for the ping; may stay empty",
            Self::Close => "A close code and a reason: 1000 goodbye",
        }
    }
}

/// State of a pane's composer.
#[derive(Default)]
pub(crate) struct Composer {
    /// Text in the field.
    text: String,
    form: Form,
    /// Sent texts, oldest first.
    sent: Vec<String>,
    /// Recalled text, counted from the newest; `None` if the text is not recalled.
    recalled: Option<usize>,
    /// Reason that the text cannot be sent as it is.
    problem: Option<String>,
}

/// Number of sent texts that can be recalled.
const RECALLED: usize = 100;

/// Returns the ID of a pane's text field, so that a shortcut can focus it.
pub(crate) fn text_id(pane: PaneId) -> Id {
    Id::unique(("composer", pane))
}

/// Areas of the composer's parts.
struct Parts {
    field: Rect,
    form: Rect,
    send: Rect,
    /// Area of the hints below the field; `None` if there is no room for them.
    hints: Option<Rect>,
}

impl Parts {
    /// Lays out the parts. The buttons are right of the text, or below it in a narrow pane.
    fn of(rect: Rect, form_width: f32, send_width: f32) -> Self {
        let is_one_line = rect.height() <= UNUSED_HEIGHT;
        let inner = rect.shrink2(vec2(size::PADDING, if is_one_line { 7.0 } else { 8.0 }));
        // A low composer has no hints.
        let hints = (rect.height() > LOW_HEIGHT).then(|| {
            let top = rect.bottom() - 25.0;
            Rect::from_min_max(pos2(rect.left(), top), rect.max)
        });
        let bottom = hints.map_or(inner.bottom(), |hints| hints.top() - 2.0);
        let right = |edge: f32, width: f32| {
            let margin = if is_one_line { 2.0 } else { 0.0 };
            let min = pos2(edge - width, bottom - size::BUTTON - margin);
            Rect::from_min_size(min, vec2(width, size::BUTTON))
        };
        let send = right(inner.right(), send_width);
        let form = right(send.left() - 8.0, form_width);
        // In a narrow pane the text ends above the buttons, else left of them.
        let end = if rect.width() < NARROW && rect.height() > UNUSED_HEIGHT {
            pos2(inner.right(), send.top() - 6.0)
        } else {
            pos2(form.left() - 8.0, bottom)
        };
        Self {
            field: Rect::from_min_max(inner.min, end),
            form,
            send,
            hints,
        }
    }
}

impl Composer {
    /// Returns the sent texts, oldest first.
    pub(crate) fn sent(&self) -> &[String] {
        &self.sent
    }

    /// Sets the texts that were sent in a former run, oldest first.
    pub(crate) fn set_sent(&mut self, sent: Vec<String>) {
        self.sent = sent;
        self.recalled = None;
    }

    /// Returns true if the field contains text that has not been sent.
    pub(crate) fn is_writing(&self) -> bool {
        !self.text.trim().is_empty()
    }

    /// Returns the height in a pane of this width. `low` means that the pane has little height.
    pub(crate) fn height(&self, ui: &Ui, pane: PaneId, width: f32, low: bool) -> f32 {
        let is_focused = ui.memory(|memory| memory.has_focus(text_id(pane)));
        let is_used = is_focused || self.is_writing() || self.problem.is_some();
        match (is_used, width < NARROW, low) {
            (false, ..) => UNUSED_HEIGHT,
            (true, true, _) => NARROW_HEIGHT,
            (true, false, true) => LOW_HEIGHT,
            (true, false, false) => HEIGHT,
        }
    }

    /// Draws the composer and hands over a message that the user enters.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        pane: PaneId,
        rect: Rect,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) {
        panel(ui, rect);
        top_line(ui, rect);
        // A message can be queued before the connection is open.
        let send_name = if feed.status.state == ConnectionState::Open {
            "Send"
        } else {
            "Send when open"
        };
        let Parts {
            field,
            form,
            send,
            hints,
        } = Parts::of(
            rect,
            button_width(ui, "Base64", Look::Plain) + 10.0,
            button_width(ui, send_name, Look::Primary),
        );
        let entered = self.field(ui, pane, field);
        self.forms(ui, pane, form);
        let clicked = button(
            ui,
            send,
            Id::unique(("send", pane)),
            send_name,
            Look::Primary,
        )
        .clicked();
        if entered || clicked {
            self.hand_over(feed, commands);
            // The next message can be typed at once, even after a click on the button.
            ui.memory_mut(|memory| memory.request_focus(text_id(pane)));
        }
        if let Some(hints) = hints {
            self.hints(ui, hints);
        }
    }

    /// Draws the text field. Returns true if Enter was pressed in it.
    fn field(&mut self, ui: &mut Ui, pane: PaneId, rect: Rect) -> bool {
        let palette = Palette::of(ui);
        let id = text_id(pane);
        let focused = ui.memory(|memory| memory.has_focus(id));
        field_ground(ui, rect, focused);
        // Enter is taken before the field sees it, because it would break the line there.
        // `consume_key` alone would also take Shift Enter, which breaks the line.
        let entered = focused
            && ui.input_mut(|input| {
                !input.modifiers.shift && input.consume_key(Modifiers::NONE, Key::Enter)
            });
        if focused {
            self.recall(ui, id);
        }
        let inner = rect.shrink2(vec2(10.0, 6.0));
        let mut child = ui.new_child(
            egui::UiBuilder::new()
                .max_rect(inner)
                .id_salt(("composer area", pane)),
        );
        child.set_clip_rect(ui.clip_rect().intersect(rect.shrink(1.0)));
        egui::ScrollArea::vertical()
            .id_salt(("composer scroll", pane))
            .auto_shrink(false)
            .show(&mut child, |ui| {
                let edit = TextEdit::multiline(&mut self.text)
                    .id(id)
                    .frame(egui::Frame::NONE)
                    .font(font::words())
                    .hint_text(egui::RichText::new(self.form.hint()).color(palette.dim))
                    .desired_width(inner.width())
                    .desired_rows(1)
                    .min_size(vec2(inner.width(), inner.height()));
                let response = ui.add(edit).accessible_name("Message");
                if response.changed() {
                    self.problem = None;
                    self.recalled = None;
                }
            });
        entered
    }

    /// Recalls earlier texts with the arrow keys, but only while the text is empty or recalled itself.
    fn recall(&mut self, ui: &Ui, id: Id) {
        // In other texts the arrow keys move the cursor.
        if self.sent.is_empty() || !(self.text.is_empty() || self.recalled.is_some()) {
            return;
        }
        let up = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowUp));
        let down = !up
            && self.recalled.is_some()
            && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowDown));
        if !up && !down {
            return;
        }
        self.recalled = match (self.recalled, up) {
            (None, _) => Some(0),
            (Some(at), true) => Some((at + 1).min(self.sent.len() - 1)),
            (Some(at), false) => at.checked_sub(1),
        };
        // Past the newest text, the field is empty again.
        self.text = self.recalled.map_or_else(String::new, |at| {
            self.sent[self.sent.len() - 1 - at].clone()
        });
        // The cursor goes to the end of the recalled text.
        let end = egui::text::CCursor::new(self.text.chars().count());
        let mut state = egui::text_edit::TextEditState::load(ui.ctx(), id).unwrap_or_default();
        state
            .cursor
            .set_char_range(Some(egui::text::CCursorRange::one(end)));
        state.store(ui.ctx(), id);
    }

    /// Draws the button for the form and its menu.
    fn forms(&mut self, ui: &mut Ui, pane: PaneId, rect: Rect) {
        let response = button(
            ui,
            rect,
            Id::unique(("form", pane)),
            &format!("{} ▾", self.form.name()),
            Look::Plain,
        );
        egui::Popup::menu(&response).show(|ui| {
            ui.set_min_width(90.0);
            for form in Form::ALL {
                if ui
                    .selectable_label(form == self.form, form.name())
                    .clicked()
                {
                    self.form = form;
                    self.problem = None;
                    ui.close();
                    // The next letters belong to the message.
                    ui.memory_mut(|memory| memory.request_focus(text_id(pane)));
                }
            }
        });
    }

    /// Draws the reason that the text cannot be sent, or hints for the keys as far as there is room.
    fn hints(&self, ui: &Ui, rect: Rect) {
        let palette = Palette::of(ui);
        let mut x = rect.left() + 12.0;
        if let Some(problem) = &self.problem {
            paint_left(
                ui,
                x,
                rect.center().y - 1.0,
                cut(
                    ui,
                    problem,
                    font::small(),
                    palette.fail,
                    rect.width() - 24.0,
                ),
            );
            return;
        }
        for hint in ["Enter sends", "Shift Enter breaks the line", "↑ recalls"] {
            let width = measured(ui, hint, font::small());
            if x + width > rect.right() - 12.0 {
                break;
            }
            paint_left(
                ui,
                x,
                rect.center().y - 1.0,
                cut(ui, hint, font::small(), palette.dim, f32::INFINITY),
            );
            x += width + 14.0;
        }
    }

    /// Sends the text as a message. A text that cannot be sent stays in the field with the reason.
    fn hand_over(&mut self, feed: &FeedScene, commands: &mut Vec<Command>) {
        match outgoing(self.form, &self.text) {
            Ok(Some(message)) => {
                commands.push(Command::Feed(feed.id, FeedCommand::Send(message)));
                let text = std::mem::take(&mut self.text);
                // The same text sent twice in a row is recalled once.
                if !text.is_empty() && self.sent.last() != Some(&text) {
                    self.sent.push(text);
                }
                if self.sent.len() > RECALLED {
                    self.sent.remove(0);
                }
                self.recalled = None;
                self.problem = None;
            }
            Ok(None) => {}
            Err(problem) => self.problem = Some(problem),
        }
    }
}

/// Converts a text into a message of this form. Returns `None` if there is nothing to send.
fn outgoing(form: Form, text: &str) -> Result<Option<Outgoing>, String> {
    match form {
        Form::Text => Ok((!text.is_empty()).then(|| Outgoing::Text(text.to_owned()))),
        Form::Json => match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => Ok(Some(Outgoing::Text(text.to_owned()))),
            Err(error) => Err(format!("Not JSON: {error}")),
        },
        Form::Hex => hex_bytes(text).map(|bytes| Some(Outgoing::Binary(bytes))),
        Form::Base64 => match base64::engine::general_purpose::STANDARD.decode(text.trim()) {
            Ok(bytes) => Ok(Some(Outgoing::Binary(bytes))),
            Err(error) => Err(format!("Not base64: {error}")),
        },
        Form::Ping if text.len() > 125 => Err(format!(
            "A ping holds 125 bytes at most, this is {}",
            text.len()
        )),
        Form::Ping => Ok(Some(Outgoing::Ping(text.as_bytes().to_vec()))),
        Form::Close => close(text).map(Some),
    }
}

/// Parses pairs of hexadecimal digits. White space may be anywhere.
fn hex_bytes(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<char> = text.chars().filter(|sign| !sign.is_whitespace()).collect();
    if let Some(wrong) = digits.iter().find(|sign| !sign.is_ascii_hexdigit()) {
        return Err(format!("Not hexadecimal: {wrong:?}"));
    }
    if digits.len() % 2 == 1 {
        return Err("Not whole bytes: an odd number of hexadecimal digits".to_owned());
    }
    let value = |sign: char| sign.to_digit(16).unwrap_or(0) as u8;
    Ok(digits
        .chunks(2)
        .map(|pair| value(pair[0]) << 4 | value(pair[1]))
        .collect())
}

/// Parses a close code and an optional reason. RFC 6455 7.4 lists the codes that an endpoint may send.
fn close(text: &str) -> Result<Outgoing, String> {
    let text = text.trim();
    let (code, reason) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let code = if code.is_empty() { "1000" } else { code };
    match code.parse::<u16>() {
        Ok(code @ (1000..=1003 | 1007..=1014 | 3000..=4999)) if reason.trim().len() <= 123 => {
            Ok(Outgoing::Close {
                code,
                reason: reason.trim().to_owned(),
            })
        }
        Ok(1000..=1003 | 1007..=1014 | 3000..=4999) => {
            Err("A close reason holds 123 bytes at most".to_owned())
        }
        _ => Err(format!(
            "{code} is no close code that may be sent: 1000 to 1003, 1007 to 1014, 3000 to 4999"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_becomes_a_message_or_a_reason() {
        let ok = |form, text| outgoing(form, text).unwrap().unwrap();
        assert_eq!(outgoing(Form::Text, ""), Ok(None));
        assert_eq!(ok(Form::Text, "a\nb"), Outgoing::Text("a\nb".to_owned()));
        assert_eq!(
            ok(Form::Json, "{\"a\": 1}"),
            Outgoing::Text("{\"a\": 1}".to_owned())
        );
        assert_eq!(
            ok(Form::Hex, "48 69\n0A"),
            Outgoing::Binary(b"Hi\n".to_vec())
        );
        assert_eq!(
            ok(Form::Base64, " SGkK "),
            Outgoing::Binary(b"Hi\n".to_vec())
        );
        assert_eq!(ok(Form::Ping, ""), Outgoing::Ping(Vec::new()));
        assert_eq!(
            ok(Form::Close, ""),
            Outgoing::Close {
                code: 1000,
                reason: String::new()
            }
        );
        assert_eq!(
            ok(Form::Close, "4001 see you"),
            Outgoing::Close {
                code: 4001,
                reason: "see you".to_owned()
            }
        );
        for (form, text) in [
            (Form::Json, "{"),
            (Form::Hex, "4"),
            (Form::Hex, "xy"),
            (Form::Base64, "!"),
            (Form::Close, "1005"),
            (Form::Close, "bye"),
        ] {
            assert!(outgoing(form, text).is_err(), "{form:?} {text}");
        }
        assert!(outgoing(Form::Ping, &"x".repeat(126)).is_err());
        assert!(outgoing(Form::Close, &format!("1000 {}", "x".repeat(124))).is_err());
    }
}
