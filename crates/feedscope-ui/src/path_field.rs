//! Field for the path of a file, with a button that opens the dialog of the system. The app looks up the path before the
//! dialog closes, so that the user can correct it, or agree that an existing file is replaced. Files to open may be several.

use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Color32, Event, Key, RichText, Ui};

use crate::command::{Command, FileCommand, FilePurpose, NewFile};
use crate::focus_ring::focus_answer;
use crate::theme::{Palette, font};
use crate::widgets::text_field::{form_field, named_by};
use crate::widgets::{cut_middle, measured, name_on_hover, select_all};
use crate::words;

/// Answer about a text that the user has typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathCheck {
    /// The path can be used.
    Free,
    /// The text names these files, which can be opened.
    Found(Vec<PathBuf>),
    /// The file is to be created, and there is one with this name already.
    Exists,
    /// The path cannot be used, for the reason in this sentence.
    Refused(String),
}

/// Stage between the typed path and its use.
enum Stage {
    Typing,
    /// The app looks the path up.
    Checking(PathBuf),
    /// The user is asked if the file is replaced.
    Asking {
        path: PathBuf,
        /// The question has just appeared, and its harmless answer gets the focus.
        is_new: bool,
    },
    Accepted(Vec<NewFile>),
}

/// State of the field.
pub(crate) struct PathField {
    text: String,
    /// The dialog of the system is open.
    is_browsing: bool,
    /// File that the user has agreed to replace in the dialog of the system, until the text changes.
    replaced: Option<PathBuf>,
    /// Sentence about the path, or about a dialog of the system that is not there.
    problem: Option<String>,
    /// The field gets the focus in the next pass.
    takes_focus: bool,
    /// The whole text is selected in the next pass, so that typing replaces it.
    is_selected: bool,
    /// Suggested text, until the user changes it.
    suggestion: Option<String>,
    stage: Stage,
}

impl PathField {
    /// Creates an empty field, which gets the focus.
    pub(crate) fn new() -> Self {
        Self {
            text: String::new(),
            is_browsing: false,
            replaced: None,
            problem: None,
            takes_focus: true,
            is_selected: false,
            suggestion: None,
            stage: Stage::Typing,
        }
    }

    /// Creates a field that gets the focus, with a selected suggestion in it.
    pub(crate) fn with_suggestion(suggestion: String) -> Self {
        Self {
            text: suggestion.clone(),
            is_selected: true,
            suggestion: Some(suggestion),
            ..Self::new()
        }
    }

    /// Replaces the suggestion, unless the user has changed it.
    pub(crate) fn suggest(&mut self, suggestion: String) {
        if self.suggestion.is_some() && self.text != suggestion {
            self.text.clone_from(&suggestion);
            self.suggestion = Some(suggestion);
            self.is_selected = true;
        }
    }

    /// Asks for a path in place of an empty one.
    pub(crate) fn refuse_empty(&mut self) {
        self.refuse(words::NO_PATH.to_owned());
    }

    /// Refuses the typed path for the reason in this sentence.
    pub(crate) fn refuse(&mut self, sentence: String) {
        self.problem = Some(sentence);
        self.takes_focus = true;
    }

    /// Returns the typed path without the spaces around it, if there is one.
    pub(crate) fn path(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|path| !path.is_empty())
    }

    /// Gives the field the focus in the next pass.
    pub(crate) fn take_focus(&mut self) {
        self.takes_focus = true;
        self.is_selected |= self.suggestion.is_some();
    }

    /// Puts the answer of the dialog of the system into the field.
    pub(crate) fn set_answer(&mut self, answer: Result<Vec<NewFile>, String>) {
        self.is_browsing = false;
        self.takes_focus = true;
        self.stage = Stage::Typing;
        let files = match answer {
            Ok(files) => files,
            Err(problem) => {
                self.problem = Some(problem);
                return;
            }
        };
        match &files[..] {
            // The user closed the dialog.
            [] => {}
            [file] => {
                self.suggestion = None;
                self.text = file.path.to_string_lossy().into_owned();
                self.replaced = file.replaces.then(|| file.path.clone());
            }
            files => {
                let paths = files.iter().map(|file| file.path.to_string_lossy());
                self.text = quoted(paths);
            }
        }
    }

    /// Returns true while the user is asked if a file is replaced. Enter answers the question then.
    pub(crate) fn is_asking(&self) -> bool {
        matches!(self.stage, Stage::Asking { .. })
    }

    /// Puts a path into the field that the user has accepted elsewhere, and requests its check.
    pub(crate) fn accept(
        &mut self,
        path: String,
        purpose: FilePurpose,
        commands: &mut Vec<Command>,
    ) {
        self.check(PathBuf::from(&path), purpose, commands);
        self.text = path;
    }

    /// Requests the check of a path that the user has accepted.
    pub(crate) fn check(
        &mut self,
        path: PathBuf,
        purpose: FilePurpose,
        commands: &mut Vec<Command>,
    ) {
        self.problem = None;
        commands.push(Command::File(FileCommand::Check(purpose, path.clone())));
        self.stage = Stage::Checking(path);
    }

    /// Takes the answer to that request.
    pub(crate) fn set_check(&mut self, checked: &Path, check: PathCheck) {
        // The user may have typed another path meanwhile.
        if !matches!(&self.stage, Stage::Checking(path) if path == checked) {
            return;
        }
        let path = checked.to_owned();
        self.stage = match check {
            PathCheck::Free => Stage::Accepted(vec![path.into()]),
            PathCheck::Found(paths) => {
                Stage::Accepted(paths.into_iter().map(NewFile::from).collect())
            }
            // The dialog of the system has asked already.
            PathCheck::Exists if self.replaced.as_ref() == Some(&path) => {
                Stage::Accepted(vec![NewFile {
                    path,
                    replaces: true,
                }])
            }
            PathCheck::Exists => Stage::Asking { path, is_new: true },
            PathCheck::Refused(problem) => {
                self.problem = Some(problem);
                self.takes_focus = true;
                self.is_selected = true;
                Stage::Typing
            }
        };
    }

    /// Takes the files as soon as they can be used. Only files to open may be several.
    pub(crate) fn take_accepted(&mut self) -> Option<Vec<NewFile>> {
        match std::mem::replace(&mut self.stage, Stage::Typing) {
            Stage::Accepted(files) => Some(files),
            other => {
                self.stage = other;
                None
            }
        }
    }

    /// Handles Escape. Returns true if it has ended the question, so that the dialog stays open.
    pub(crate) fn ends_question(&mut self, ui: &Ui) -> bool {
        let ends = self.is_asking() && ui.input(|input| input.key_pressed(Key::Escape));
        if ends {
            self.keep_typing();
        }
        ends
    }

    fn keep_typing(&mut self) {
        self.stage = Stage::Typing;
        self.takes_focus = true;
    }

    /// Draws the field with its label and the button, and the problem or the question below them. `width` is that of the
    /// field in points.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        (label, hint): (&str, &str),
        width: f32,
        purpose: FilePurpose,
        commands: &mut Vec<Command>,
    ) {
        ui.horizontal(|ui| {
            let name = label;
            let label = ui.label(label);
            if purpose == FilePurpose::Open {
                take_pasted_lines(ui);
            }
            let edit = form_field(&mut self.text)
                .font(font::mono())
                .hint_text(hint)
                .desired_width(width);
            let response = named_by(ui.add(edit), &label, name);
            if std::mem::take(&mut self.takes_focus) {
                response.request_focus();
            }
            if std::mem::take(&mut self.is_selected) {
                select_all(ui, response.id, self.text.chars().count());
            }
            if response.changed() {
                self.suggestion = None;
                self.problem = None;
                self.replaced = None;
                self.stage = Stage::Typing;
            }
            let browse = ui.add_enabled(!self.is_browsing, egui::Button::new("Browse…"));
            if browse.clicked() {
                self.is_browsing = true;
                self.problem = None;
                self.stage = Stage::Typing;
                commands.push(Command::File(FileCommand::Browse(purpose)));
            }
        });
        self.ask(ui);
        if let Some(problem) = &self.problem {
            alert(ui, problem, Palette::of(ui).fail);
        }
    }

    /// Draws the folder in which the file will be. `present` is the folder of a path without one. A long folder is cut in its
    /// middle.
    pub(crate) fn show_folder(&self, ui: &mut Ui, present: &Path) {
        let Some(folder) = self.path().and_then(|typed| folder_of(typed, present)) else {
            return;
        };
        let whole = words::in_folder(&folder);
        let character = measured(ui, "0", font::mono());
        let fitting = (ui.available_width() / character) as usize;
        let shown = cut_middle(&whole, fitting);
        let text = RichText::new(&*shown).font(font::mono());
        let response = ui.label(text.color(Palette::of(ui).dim));
        if shown != whole {
            ui.ctx()
                .accesskit_node_builder(response.id, |node| node.set_value(whole.as_str()));
            name_on_hover(response, &whole);
        }
    }

    /// Asks if an existing file is replaced.
    fn ask(&mut self, ui: &mut Ui) {
        let Stage::Asking { path, is_new } = &mut self.stage else {
            return;
        };
        let path = path.clone();
        let is_new = std::mem::take(is_new);
        let palette = Palette::of(ui);
        alert(ui, &words::file_exists(&path), palette.wait);
        let (replaces, keeps) = ui
            .horizontal(|ui| {
                let replace = ui.button(RichText::new(words::REPLACE_FILE).color(palette.fail));
                let keep = ui.button(words::OTHER_FILE_NAME);
                if is_new {
                    focus_answer(ui, &keep);
                }
                (replace.clicked(), keep.clicked())
            })
            .inner;
        if replaces {
            self.stage = Stage::Accepted(vec![NewFile {
                path,
                replaces: true,
            }]);
        } else if keeps {
            self.keep_typing();
        }
    }
}

/// Returns the folder of a typed path; `None` for a URL of a file, which the field does not read.
fn folder_of(typed: &str, present: &Path) -> Option<PathBuf> {
    if typed.starts_with("file:") {
        return None;
    }
    let path = Path::new(typed);
    // A path with `/` at its end is a folder itself.
    let folder = if typed.ends_with(std::path::is_separator) {
        path
    } else {
        path.parent()?
    };
    if folder.as_os_str().is_empty() {
        return Some(present.to_owned());
    }
    // The home folder is not a folder below the present one.
    if folder.starts_with("~") {
        return Some(folder.to_owned());
    }
    Some(present.join(folder))
}

/// Returns paths as one line, in quotes where a path has spaces or quotes itself.
fn quoted(paths: impl Iterator<Item = impl AsRef<str>>) -> String {
    let one = |path: &str| {
        let is_special = |sign: char| sign.is_whitespace() || matches!(sign, '"' | '\'');
        if path.contains(is_special) {
            format!("\"{}\"", path.replace('"', "\\\""))
        } else {
            path.to_owned()
        }
    };
    let paths: Vec<String> = paths.map(|path| one(path.as_ref())).collect();
    paths.join(" ")
}

/// Puts pasted lines into quotes, because the field replaces line ends by spaces. A program that copies files puts each of
/// them on a line.
fn take_pasted_lines(ui: &Ui) {
    ui.input_mut(|input| {
        for event in &mut input.events {
            if let Event::Paste(text) = event
                && text.trim().contains('\n')
            {
                let lines = text.lines().map(str::trim);
                let lines = lines.filter(|line| !line.is_empty());
                // Words and names in quotes stay as they are.
                let is_bare = |line: &str| !line.contains(['"', '\'', '\\']);
                let lines = lines.map(|line| {
                    if is_bare(line) {
                        quoted(std::iter::once(line))
                    } else {
                        line.to_owned()
                    }
                });
                *text = lines.collect::<Vec<_>>().join(" ");
            }
        }
    });
}

/// Draws a sentence that a screen reader announces.
fn alert(ui: &mut Ui, sentence: &str, color: Color32) {
    let text = RichText::new(sentence).color(color);
    let response = ui.add(egui::Label::new(text).wrap());
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::Alert);
        node.set_label(sentence);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_path_has_a_folder() {
        let present = Path::new("/home/guest");
        for (typed, expected) in [
            ("a.csv", Some("/home/guest")),
            ("b/a.csv", Some("/home/guest/b")),
            ("/tmp/a.csv", Some("/tmp")),
            ("~/a.csv", Some("~")),
            ("~/b/a.csv", Some("~/b")),
            ("b/", Some("/home/guest/b")),
            ("file:///tmp/a.csv", None),
            ("/", Some("/")),
        ] {
            let folder = folder_of(typed, present);
            assert_eq!(folder.as_deref(), expected.map(Path::new), "{typed}");
        }
    }
}
