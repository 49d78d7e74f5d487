//! Dialog for a file to open or to create: a field for its path, and a button for the dialog of the system.

use std::path::{Path, PathBuf};

use egui::{Id, Key, Modifiers, RichText, Ui};

use crate::command::{Command, FilePurpose, NewFile};
use crate::path_field::{PathCheck, PathField};
use crate::theme::{Palette, font};
use crate::widgets::sheet;
use crate::words;

/// State of the dialog while it is open.
pub(crate) struct PathDialog {
    purpose: FilePurpose,
    path: PathField,
    /// A recording begins with the records that are there already.
    takes_all: bool,
}

/// End of the dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PathOutcome {
    /// The dialog stays open.
    Stay,
    /// The user closed the dialog.
    Cancel,
    /// The user chose these files, and they can be used. Only files to open may be several.
    Chosen(FilePurpose, Vec<NewFile>),
}

impl PathDialog {
    /// Creates the dialog with an empty field.
    pub(crate) fn new(purpose: FilePurpose) -> Self {
        Self {
            purpose,
            takes_all: true,
            path: PathField::new(),
        }
    }

    /// Creates the dialog for a file that is opened at once, if that is possible.
    pub(crate) fn with_path(path: String, commands: &mut Vec<Command>) -> Self {
        let mut dialog = Self::new(FilePurpose::Open);
        dialog.path.accept(path, FilePurpose::Open, commands);
        dialog
    }

    /// Returns the purpose of the file.
    pub(crate) fn purpose(&self) -> FilePurpose {
        self.purpose
    }

    /// Returns true if a recording begins with the records that are there already.
    pub(crate) fn takes_all(&self) -> bool {
        self.takes_all
    }

    /// Puts the answer of the dialog of the system into the field.
    pub(crate) fn set_answer(&mut self, answer: Result<Vec<NewFile>, String>) {
        self.path.set_answer(answer);
    }

    /// Takes the answer about the typed path.
    pub(crate) fn set_check(&mut self, path: &Path, check: PathCheck) {
        self.path.set_check(path, check);
    }

    /// Draws the dialog. `folder` is the folder of a path without one.
    pub(crate) fn show(
        &mut self,
        ui: &Ui,
        folder: &Path,
        commands: &mut Vec<Command>,
    ) -> PathOutcome {
        if let Some(files) = self.path.take_accepted() {
            return PathOutcome::Chosen(self.purpose, files);
        }
        let palette = Palette::of(ui);
        let was_asking = self.path.is_asking();
        let modal = sheet(ui, Id::unique("path dialog"), "File").show(ui.ctx(), |ui| {
            let width = 520.0_f32.min(ui.ctx().content_rect().width() - 60.0);
            ui.set_width(width);
            let texts = words::path_dialog(self.purpose);
            ui.label(RichText::new(texts.title).font(font::title()));
            ui.label(RichText::new(texts.hint).color(palette.dim));
            let path = ("Path", "such as captures/ticks.feedscope");
            self.path
                .show(ui, path, width - 160.0, self.purpose, commands);
            if self.purpose != FilePurpose::Open {
                self.path.show_folder(ui, folder);
            }
            if let FilePurpose::Record(_) = self.purpose {
                ui.checkbox(&mut self.takes_all, words::RECORD_ALL);
            }
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                let open = ui.button(RichText::new(texts.accept).color(palette.open));
                (open.clicked(), ui.button("Cancel").clicked())
            })
            .inner
        });
        let (opened, cancelled) = modal.inner;
        let entered = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        if opened || (entered && !was_asking) {
            match self.path.path().map(PathBuf::from) {
                Some(path) => self.path.check(path, self.purpose, commands),
                None => self.path.refuse_empty(),
            }
        }
        if self.path.ends_question(ui) {
            return PathOutcome::Stay;
        }
        let escaped = ui.input(|input| input.key_pressed(Key::Escape));
        if cancelled || escaped || modal.should_close() {
            return PathOutcome::Cancel;
        }
        PathOutcome::Stay
    }
}
