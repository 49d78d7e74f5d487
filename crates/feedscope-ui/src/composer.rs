//! Composer: the field for writing to a WebSocket. The text stays in the field until it has been handed over to the
//! feed.

mod form;
mod naming;

use egui::accesskit::Role;
use egui::text::TextWrapping;
use egui::{Event, Id, Key, Modifiers, Rect, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2};
use feedscope_core::ConnectionState;
use feedscope_core::feed::FeedCommand;
use feedscope_core::payload::json::pretty;

use crate::command::{Command, MessageCommand};
use crate::ids::{FeedId, PaneId};
use crate::menu_focus;
use crate::payload_text::{line_job, visible};
use crate::scene::FeedScene;
use crate::shortcuts::{self, Shortcut};
use crate::theme::{Palette, font, size};
use crate::widgets::{
    Look, Strip, button, button_width, cut, field_ground, measured, paint_left, panel, top_line,
};

use form::{MessageForm, Ready, Remark, outgoing, remark, typed_content};
use naming::{Naming, NamingOutcome};

/// Height of the composer in points until it is used.
const UNUSED_HEIGHT: f32 = 44.0;

/// Heights of a used composer in points: with hints, without hints, and with the buttons below the text.
const HEIGHT: f32 = 88.0;
const LOW_HEIGHT: f32 = 56.0;
const NARROW_HEIGHT: f32 = 116.0;

/// Width of a pane in points below which the buttons are below the text.
const NARROW: f32 = 380.0;

/// State of a pane's composer.
#[derive(Default)]
pub(crate) struct Composer {
    /// Text in the field.
    text: String,
    form: MessageForm,
    /// Form of the messages before a ping or a close was chosen.
    last_form: MessageForm,
    /// Sent texts, oldest first.
    sent: Vec<String>,
    /// Recalled text, counted from the newest; `None` if the text is not recalled.
    recalled: Option<usize>,
    /// Reason that the text cannot be sent as it is.
    problem: Option<String>,
    /// Remark on the text of the present form.
    remark: Option<Remark>,
    /// Name of the message that is about to be saved.
    naming: Option<Naming>,
    /// The text takes the focus in the next pass.
    takes_focus: Option<TakenFocus>,
    /// Name of the saved message that the text comes from.
    edited: Option<String>,
    /// The last pass has shown the composer at the height of a used one.
    was_used: bool,
}

/// Focus that the text takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TakenFocus {
    /// Focus of the line for a name, which has ended. The user may have gone on to another part meanwhile.
    OfName,
    /// Any focus, because the user edits a saved message.
    Any,
}

/// Number of sent texts that can be recalled.
const RECALLED: usize = 100;

/// Returns the ID of a pane's text field, so that a shortcut can focus it.
pub(crate) fn text_id(pane: PaneId) -> Id {
    Id::unique(("composer", pane))
}

/// Returns the ID of the menu for the form of a pane's message.
fn menu_id(pane: PaneId) -> Id {
    Id::unique(("form menu", pane))
}

/// Areas of the composer's parts.
struct ComposerAreas {
    field: Rect,
    form: Rect,
    send: Rect,
    /// Area of the hints below the field; `None` if there is no room for them.
    hints: Option<Rect>,
}

impl ComposerAreas {
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

    /// Returns the text that has not been sent, and the name of its form, or of the form of the next message. Without a text,
    /// a control frame would be sent by mistake.
    pub(crate) fn draft(&self) -> (&str, &'static str) {
        let form = if self.text.is_empty() && self.form.is_control_frame() {
            self.last_form
        } else {
            self.form
        };
        (&self.text, form.name())
    }

    /// Restores a text that has not been sent, in the form with this name.
    pub(crate) fn set_draft(&mut self, text: String, form: &str) {
        self.text = text;
        let mut forms = MessageForm::ALL.into_iter();
        self.form = forms.find(|it| it.name() == form).unwrap_or_default();
        self.check();
    }

    /// Sets the texts that were sent in a former run, oldest first.
    pub(crate) fn set_sent(&mut self, sent: Vec<String>) {
        self.sent = sent;
        self.recalled = None;
    }

    /// Writes a saved message with this name, so that it can be edited. A text that was not sent can be recalled.
    pub(crate) fn edit(&mut self, name: String, text: String, form: &str) {
        let former = std::mem::take(&mut self.text);
        self.remember(former);
        self.set_draft(text, form);
        self.edited = Some(name).filter(|name| !name.is_empty());
        self.takes_focus = Some(TakenFocus::Any);
    }

    /// Asks for the name of the message in the field. Returns the reason if it cannot be saved.
    pub(crate) fn begin_naming(&mut self, feed: FeedId) -> Option<String> {
        if let Err(problem) = typed_content(self.form, &self.text) {
            return Some(problem);
        }
        let is_path = self.form == MessageForm::File;
        let name = self.edited.clone();
        let name = name.unwrap_or_else(|| naming::suggested(&self.text, is_path));
        self.naming = Some(Naming::new(feed, name));
        None
    }

    /// Closes the line for the name of a message of this feed.
    pub(crate) fn end_naming(&mut self, feed: FeedId) {
        let ended = self.naming.take_if(|naming| naming.feed == feed);
        self.takes_focus = ended.map(|_| TakenFocus::OfName).or(self.takes_focus);
    }

    /// Returns the height of the line for the name of a message of this feed; `None` if it is closed.
    pub(crate) fn naming_height(&self, feed: FeedId) -> Option<f32> {
        let naming = self.naming.as_ref();
        naming
            .is_some_and(|naming| naming.feed == feed)
            .then_some(naming::HEIGHT)
    }

    /// Draws the line for the name of a message, and saves the message. Returns the reason if it cannot be saved.
    pub(crate) fn show_naming(
        &mut self,
        ui: &mut Ui,
        pane: PaneId,
        rect: Rect,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) -> Option<String> {
        let naming = self.naming.as_mut()?;
        let saved = feed.messages.iter().filter(|message| message.is_saved);
        let is_known = |name: &str| saved.clone().any(|message| message.name == name);
        match naming.show(ui, pane, rect, is_known) {
            NamingOutcome::Stay => None,
            NamingOutcome::Cancel => {
                self.end_naming(feed.id);
                ui.memory_mut(|memory| memory.surrender_focus(naming::name_id(pane)));
                None
            }
            // The line closes when the message is written.
            NamingOutcome::Save(name) => match typed_content(self.form, &self.text) {
                Ok(content) => {
                    let feed = feed.id;
                    commands.push(Command::Message(MessageCommand::Save {
                        feed,
                        name,
                        content,
                    }));
                    None
                }
                Err(problem) => Some(problem),
            },
        }
    }

    /// Returns true if the field contains text that has not been sent.
    pub(crate) fn is_writing(&self) -> bool {
        !self.text.trim().is_empty()
    }

    /// Returns the height in a pane of this width. `low` means that the pane has little height.
    pub(crate) fn height(&self, ui: &Ui, pane: PaneId, width: f32, low: bool) -> f32 {
        let is_focused = ui.memory(|memory| memory.has_focus(text_id(pane)));
        // The button of a menu stays in its place while the menu is open.
        let has_menu = egui::Popup::is_id_open(ui.ctx(), menu_id(pane));
        let is_used = if has_menu {
            self.was_used
        } else {
            is_focused || self.is_writing() || self.problem.is_some()
        };
        match (is_used, width < NARROW, low) {
            (false, ..) => UNUSED_HEIGHT,
            (true, true, _) => NARROW_HEIGHT,
            (true, false, true) => LOW_HEIGHT,
            (true, false, false) => HEIGHT,
        }
    }

    /// Draws the composer and hands over a message that the user enters. Returns the reason if a message cannot be saved.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        pane: PaneId,
        rect: Rect,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) -> Option<String> {
        self.was_used = rect.height() > UNUSED_HEIGHT;
        panel(ui, rect);
        top_line(ui, rect);
        let beside = ui.interact(rect, Id::unique(("composer panel", pane)), Sense::CLICK);
        // A message can be queued before the connection is open.
        let send_name = if feed.source.state() == Some(ConnectionState::Open) {
            "Send"
        } else {
            "Send when open"
        };
        let ComposerAreas {
            field,
            form,
            send,
            hints,
        } = ComposerAreas::of(
            rect,
            button_width(ui, "Base64", Look::Plain) + 10.0,
            button_width(ui, send_name, Look::Primary),
        );
        let focused = ui.memory(egui::Memory::focused);
        let is_free = focused.is_none_or(|id| id == naming::name_id(pane));
        let taken = self.takes_focus.take();
        if taken.is_some_and(|taken| is_free || taken == TakenFocus::Any) {
            ui.memory_mut(|memory| memory.request_focus(text_id(pane)));
        }
        let entered = self.field(ui, pane, field);
        let problem = self
            .forms(ui, pane, form)
            .then(|| self.begin_naming(feed.id))
            .flatten();
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
            self.hints(ui, pane, hints);
        }
        // The field grows upward when it is used, so that a second click in the same place is beside it.
        if beside.clicked() {
            ui.memory_mut(|memory| memory.request_focus(text_id(pane)));
        }
        problem
    }

    /// Looks at the text of the present form.
    fn check(&mut self) {
        self.problem = None;
        self.remark = remark(self.form, &self.text);
        if self.text.is_empty() {
            self.edited = None;
        }
    }

    /// Writes the JSON of the text in lines. Any other text stays as it is.
    pub(crate) fn format(&mut self) {
        if serde_json::from_str::<serde::de::IgnoredAny>(&self.text).is_ok() {
            self.text = pretty(&self.text);
            self.check();
        }
    }

    /// Draws the text field. Returns true if Enter or Ctrl Enter was pressed in it.
    fn field(&mut self, ui: &mut Ui, pane: PaneId, rect: Rect) -> bool {
        let palette = Palette::of(ui);
        let id = text_id(pane);
        let focused = ui.memory(|memory| memory.has_focus(id));
        field_ground(ui, rect, focused);
        // Enter is taken before the field sees it, because it would break the line there.
        let entered = focused && take_enter(ui);
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
                    self.recalled = None;
                    self.check();
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
        self.check();
        // The cursor goes to the end of the recalled text.
        let end = egui::text::CCursor::new(self.text.chars().count());
        let mut state = egui::text_edit::TextEditState::load(ui.ctx(), id).unwrap_or_default();
        state
            .cursor
            .set_char_range(Some(egui::text::CCursorRange::one(end)));
        state.store(ui.ctx(), id);
    }

    /// Chooses the form of the next message.
    fn choose(&mut self, form: MessageForm) {
        if !self.form.is_control_frame() {
            self.last_form = self.form;
        }
        self.form = form;
        self.check();
    }

    /// Draws the button for the form and its menu. Returns true if the user saves the message.
    fn forms(&mut self, ui: &mut Ui, pane: PaneId, rect: Rect) -> bool {
        let response = button(
            ui,
            rect,
            Id::unique(("form", pane)),
            &format!("{} ▾", self.form.name()),
            Look::Plain,
        );
        let mut is_saved = false;
        egui::Popup::menu(&response).id(menu_id(pane)).show(|ui| {
            ui.set_min_width(90.0);
            for form in MessageForm::ALL {
                let entry = ui.selectable_label(form == self.form, form.name());
                if form == self.form {
                    menu_focus::begin_at(ui, entry.id);
                }
                if entry.clicked() {
                    self.choose(form);
                    ui.close();
                    // The next letters belong to the message.
                    ui.memory_mut(|memory| memory.request_focus(text_id(pane)));
                }
            }
            ui.separator();
            is_saved = ui.button("Save this message…").clicked();
            if is_saved {
                ui.close();
            }
        });
        is_saved
    }

    /// Draws the reason that the text cannot be sent, a remark on it, or hints for the keys as far as there is room.
    fn hints(&mut self, ui: &Ui, pane: PaneId, rect: Rect) {
        let palette = Palette::of(ui);
        let mut strip = Strip::new(rect.translate(vec2(0.0, -1.0)), 12.0, 14.0);
        if self.form == MessageForm::Json && self.remark.as_ref().is_some_and(|it| !it.is_warning) {
            let name = shortcuts::with_key(ui, "Format", Shortcut::FormatJson);
            let area = strip.right(button_width(ui, &name, Look::Ghost), size::BUTTON - 4.0);
            let id = Id::unique(("format", pane));
            if button(ui, area, id, &name, Look::Ghost).clicked() {
                self.format();
            }
        }
        let said = match (&self.problem, &self.remark) {
            (Some(problem), _) => Some((problem.as_str(), palette.fail)),
            (None, Some(remark)) if remark.is_warning => Some((remark.text.as_str(), palette.wait)),
            (None, Some(remark)) => Some((remark.text.as_str(), palette.dim)),
            (None, None) => None,
        };
        if let Some((text, color)) = said {
            let area = strip.rest(size::BUTTON - 4.0);
            let response = ui.interact(area, Id::unique(("remark", pane)), Sense::hover());
            let spoken: String = text.chars().map(visible).collect();
            response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &spoken));
            let mut job = line_job(ui, text, &font::small(), color, palette.text);
            job.wrap = TextWrapping::truncate_at_width(area.width());
            paint_left(
                ui,
                area.left(),
                area.center().y,
                ui.painter().layout_job(job),
            );
            return;
        }
        for hint in ["Enter sends", "Shift Enter breaks the line", "↑ recalls"] {
            let width = measured(ui, hint, font::small());
            if strip.room() < width {
                break;
            }
            let area = strip.left(width, size::BUTTON - 4.0);
            let galley = cut(ui, hint, font::small(), palette.dim, f32::INFINITY);
            paint_left(ui, area.left(), area.center().y, galley);
        }
    }

    /// Sends the text as a message. A text that cannot be sent stays in the field with the reason.
    fn hand_over(&mut self, feed: &FeedScene, commands: &mut Vec<Command>) {
        match outgoing(self.form, &self.text) {
            Ok(Some(ready)) => {
                commands.push(match ready {
                    Ready::Message(message) => Command::Feed(feed.id, FeedCommand::Send(message)),
                    Ready::File(path) => Command::Message(MessageCommand::SendFile(feed.id, path)),
                });
                let text = std::mem::take(&mut self.text);
                self.remember(text);
                self.recalled = None;
                // A text that is typed next is meant as a message, and must not become the payload of another ping.
                if self.form.is_control_frame() {
                    self.form = self.last_form;
                }
                self.check();
            }
            Ok(None) => {}
            Err(problem) => self.problem = Some(problem),
        }
    }

    /// Adds a text to those that can be recalled.
    fn remember(&mut self, text: String) {
        // The same text twice in a row is recalled once.
        if !text.is_empty() && self.sent.last() != Some(&text) {
            self.sent.push(text);
        }
        if self.sent.len() > RECALLED {
            self.sent.remove(0);
        }
    }
}

/// Takes Enter and Ctrl Enter from the input, but not Shift Enter, which breaks the line. Returns true if one was pressed. The
/// modifiers are those of the event, because a quick hand has released them at the end of the pass.
fn take_enter(ui: &Ui) -> bool {
    ui.input_mut(|input| {
        let count = input.events.len();
        input.events.retain(|event| match event {
            Event::Key {
                key: Key::Enter,
                pressed: true,
                modifiers,
                ..
            } => modifiers.shift || modifiers.alt,
            _ => true,
        });
        input.events.len() < count
    })
}
