//! Question before a saved connection is opened: values of variables, and the permission for a project's file.

use egui::{Id, Key, Modifiers, RichText, Ui};

use super::AskScene;
use crate::command::{Command, SavedCommand};
use crate::theme::{Palette, font};
use crate::widgets::sheet;
use crate::widgets::text_field::form_field;

/// State of the question while it is open.
pub(crate) struct AskSheet {
    question: AskScene,
    /// Typed values, one for each variable.
    values: Vec<String>,
    takes_focus: bool,
}

impl AskSheet {
    /// Creates the sheet with empty fields.
    pub(crate) fn new(question: AskScene) -> Self {
        Self {
            values: vec![String::new(); question.variables.len()],
            question,
            takes_focus: true,
        }
    }

    /// Draws the sheet. Returns true if it stays open.
    pub(crate) fn show(&mut self, ui: &Ui, commands: &mut Vec<Command>) -> bool {
        let palette = Palette::of(ui);
        let screen = ui.ctx().content_rect();
        let modal = sheet(ui, Id::unique("ask sheet"), "Missing variables").show(ui.ctx(), |ui| {
            let width = 460.0_f32.min(screen.width() - 60.0);
            ui.set_width(width);
            let title = format!("Open {}", self.question.name);
            ui.label(RichText::new(title).font(font::title()));
            if let Some(trust) = &self.question.trust {
                ui.label(trust);
            }
            if !self.question.variables.is_empty() {
                let hint = "These values are kept in memory until Feedscope closes, and are never written.";
                ui.label(RichText::new(hint).color(palette.dim));
            }
            egui::Grid::new("asked values").num_columns(2).show(ui, |ui| {
                for (name, value) in self.question.variables.iter().zip(&mut self.values) {
                    let label = ui.label(RichText::new(name).font(font::mono()));
                    let edit = form_field(value)
                        .password(true)
                        .desired_width(width - 200.0);
                    let response = ui.add(edit).labelled_by(label.id);
                    if std::mem::take(&mut self.takes_focus) {
                        response.request_focus();
                    }
                    ui.end_row();
                }
            });
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                let accept = if self.question.trust.is_some() {
                    "Allow and connect"
                } else {
                    "Connect"
                };
                let accepted = ui.button(RichText::new(accept).color(palette.open));
                (accepted.clicked(), ui.button("Cancel").clicked())
            })
            .inner
        });
        let (accepted, cancelled) = modal.inner;
        let entered = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        // An empty value would be sent as it is.
        let is_complete = self.values.iter().all(|value| !value.is_empty());
        if (accepted || entered) && is_complete {
            let names = self.question.variables.iter().cloned();
            commands.push(Command::Saved(SavedCommand::Open {
                name: self.question.name.clone(),
                pane: self.question.pane,
                values: names.zip(self.values.iter().cloned()).collect(),
                is_allowed: true,
            }));
            return false;
        }
        let escaped = ui.input(|input| input.key_pressed(Key::Escape));
        !(cancelled || escaped || modal.should_close())
    }
}
