//! Field for the path of a file, with a button that opens the dialog of the system.

use std::path::PathBuf;

use egui::{RichText, TextEdit, Ui};

use crate::command::{Command, FileCommand, FilePurpose};
use crate::theme::{Palette, font};

/// State of the field.
pub(crate) struct PathField {
    text: String,
    /// The dialog of the system is open.
    is_browsing: bool,
    /// Sentence about a dialog of the system that is not there.
    problem: Option<String>,
    /// The field gets the focus in the next pass.
    takes_focus: bool,
}

impl PathField {
    /// Creates an empty field, which gets the focus.
    pub(crate) fn new() -> Self {
        Self {
            text: String::new(),
            is_browsing: false,
            problem: None,
            takes_focus: true,
        }
    }

    /// Returns the typed path without the spaces around it, if there is one.
    pub(crate) fn path(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|path| !path.is_empty())
    }

    /// Gives the field the focus in the next pass.
    pub(crate) fn take_focus(&mut self) {
        self.takes_focus = true;
    }

    /// Puts the answer of the dialog of the system into the field.
    pub(crate) fn set_answer(&mut self, answer: Result<Option<PathBuf>, String>) {
        self.is_browsing = false;
        self.takes_focus = true;
        match answer {
            Ok(Some(path)) => self.text = path.to_string_lossy().into_owned(),
            Ok(None) => {}
            Err(problem) => self.problem = Some(problem),
        }
    }

    /// Draws the field with its label and the button, and the problem below them. `width` is that of the field in points.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        (label, hint): (&str, &str),
        width: f32,
        purpose: FilePurpose,
        commands: &mut Vec<Command>,
    ) {
        ui.horizontal(|ui| {
            let label = ui.label(label);
            let edit = TextEdit::singleline(&mut self.text)
                .font(font::mono())
                .hint_text(hint)
                .desired_width(width);
            let response = ui.add(edit).labelled_by(label.id);
            if std::mem::take(&mut self.takes_focus) {
                response.request_focus();
            }
            if response.changed() {
                self.problem = None;
            }
            let browse = ui.add_enabled(!self.is_browsing, egui::Button::new("Browse…"));
            if browse.clicked() {
                self.is_browsing = true;
                self.problem = None;
                commands.push(Command::File(FileCommand::Browse(purpose)));
            }
        });
        if let Some(problem) = &self.problem {
            ui.label(RichText::new(problem).color(Palette::of(ui).fail));
        }
    }
}
