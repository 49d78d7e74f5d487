//! Question before a connection is opened: values of variables, and the permission for a project's file. A server that did
//! not accept the values is a reason to ask again.

use egui::{Id, Key, Label, Modifiers, RichText, Ui};

use super::{AskScene, AskSubject};
use crate::command::{Command, SavedCommand};
use crate::theme::{Palette, font};
use crate::widgets::text_field::{form_field, named_by};
use crate::widgets::{focus_harmless, measured, sheet};

/// Minimum width of a field in points.
const LEAST_FIELD: f32 = 140.0;

/// State of the question while it is open.
pub(crate) struct AskSheet {
    question: AskScene,
    /// Typed values, one for each variable.
    values: Vec<String>,
    /// Field that gets the focus in the next pass.
    takes_focus: Option<usize>,
}

impl AskSheet {
    /// Creates the sheet with empty fields.
    pub(crate) fn new(question: AskScene) -> Self {
        Self {
            values: vec![String::new(); question.variables.len()],
            question,
            takes_focus: Some(0),
        }
    }

    /// Draws the sheet. Returns true if it stays open.
    pub(crate) fn show(&mut self, ui: &Ui, commands: &mut Vec<Command>) -> bool {
        let palette = Palette::of(ui);
        let screen = ui.ctx().content_rect();
        let modal = sheet(ui, Id::unique("ask sheet"), "Missing variables").show(ui.ctx(), |ui| {
            let width = 520.0_f32.min(screen.width() - 60.0);
            ui.set_width(width);
            ui.label(RichText::new(&self.question.title).font(font::title()));
            let url = RichText::new(&self.question.url).font(font::mono());
            ui.add(Label::new(url.color(palette.dim)).wrap());
            if let Some(refusal) = &self.question.refusal {
                ui.add(Label::new(RichText::new(refusal).color(palette.fail)).wrap());
            }
            if let Some(trust) = &self.question.trust {
                ui.label(trust);
            }
            if !self.question.variables.is_empty() {
                let hint = "These values are sent to this server only. They are kept in memory until Feedscope closes, \
                            and are never written.";
                ui.label(RichText::new(hint).color(palette.dim));
                if self.question.refusal.is_some() {
                    let hint = "A field that you leave empty keeps its former value.";
                    ui.label(RichText::new(hint).color(palette.dim));
                }
                ui.add_space(4.0);
            }
            self.fields(ui, width);
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                let accept = if self.question.trust.is_some() {
                    "Allow and connect"
                } else {
                    "Connect"
                };
                let accepted = ui.button(RichText::new(accept).color(palette.open));
                let cancelled = ui.button("Cancel");
                if self.question.variables.is_empty() {
                    focus_harmless(ui, &cancelled, &accepted);
                }
                (accepted.clicked(), cancelled.clicked())
            })
            .inner
        });
        let (accepted, cancelled) = modal.inner;
        let entered = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        // `Enter` presses a button that has the focus.
        if accepted || (entered && !cancelled) {
            match self.first_missing() {
                None => {
                    commands.push(Command::Saved(self.answer()));
                    return false;
                }
                missing => self.takes_focus = missing,
            }
        }
        let escaped = ui.input(|input| input.key_pressed(Key::Escape));
        !(cancelled || escaped || modal.should_close())
    }

    /// Draws the line of each variable with a field in the place of the value.
    fn fields(&mut self, ui: &mut Ui, width: f32) {
        let variables = self.question.variables.iter().zip(&mut self.values);
        for (index, (variable, value)) in variables.enumerate() {
            let name = variable.name.strip_prefix("ask:").unwrap_or(&variable.name);
            let before = match variable.before.trim() {
                "" => name,
                before => before,
            };
            let after = variable.after.trim_end();
            let around = [before, after].map(|text| measured(ui, text, font::mono()));
            let room = width - around[0] - around[1] - 3.0 * ui.spacing().item_spacing.x;
            ui.horizontal_wrapped(|ui| {
                let label = ui.label(RichText::new(before).font(font::mono()));
                let edit = form_field(value)
                    .password(true)
                    .hint_text(name)
                    .desired_width(room.clamp(LEAST_FIELD, 320.0));
                let response = named_by(ui.add(edit), &label, before);
                if self.takes_focus == Some(index) {
                    self.takes_focus = None;
                    response.request_focus();
                }
                if !after.is_empty() {
                    ui.label(RichText::new(after).font(font::mono()));
                }
            });
        }
    }

    /// Returns the first field without a value. An empty value would be sent as it is.
    fn first_missing(&self) -> Option<usize> {
        if self.question.refusal.is_some() {
            return None;
        }
        self.values.iter().position(String::is_empty)
    }

    /// Returns the request that opens the connection with the typed values.
    fn answer(&self) -> SavedCommand {
        let names = self.question.variables.iter().map(|it| it.name.clone());
        let values = names.zip(self.values.iter().cloned()).collect();
        match &self.question.subject {
            AskSubject::Saved(name, pane) => SavedCommand::Open {
                name: name.clone(),
                pane: *pane,
                values,
                is_allowed: true,
            },
            AskSubject::Feed(feed) => SavedCommand::Answer {
                feed: *feed,
                values,
            },
            AskSubject::Line(line, pane) => SavedCommand::OpenLine {
                pane: *pane,
                line: line.clone(),
                values,
            },
        }
    }
}
