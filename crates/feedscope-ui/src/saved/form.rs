//! Form of a saved connection: to save the connection of a pane, or to change one that is saved.

use egui::{Id, Key, Modifiers, RichText, ScrollArea, TextEdit, Ui};

use super::{ConnectionForm, FoundSecret, SaveScene};
use crate::command::{Command, SavedCommand};
use crate::focus_ring::reveal_focus;
use crate::ids::FeedId;
use crate::theme::{Palette, font};
use crate::widgets::sheet_scroll::Content;
use crate::widgets::text_field::{form_field, is_entered, named_by};
use crate::widgets::{select_all, sheet, sheet_scroll};
use crate::words;

/// State of the form while it is open.
pub(crate) struct SavedSheet {
    form: ConnectionForm,
    /// Name under which the connection is saved already; `None` for a new one.
    former: Option<String>,
    /// Feed whose further options are saved.
    feed: Option<FeedId>,
    /// Values that look like secrets, about which the form asks.
    secrets: Vec<FoundSecret>,
    /// Number of those that the connection of the pane has. The others were typed into the form.
    of_pane: usize,
    /// Height of the question in the last pass, in points.
    question_height: f32,
    /// Message that is saved with the connection.
    message: Option<String>,
    /// Name of the saved connection that is replaced if the form keeps it.
    replaces: Option<String>,
    /// The user wants the secrets in the file.
    writes_secrets: bool,
    problem: Option<String>,
    takes_focus: bool,
}

impl SavedSheet {
    /// Creates the form for the connection of a pane.
    pub(crate) fn of_pane(feed: FeedId, scene: SaveScene) -> Self {
        Self {
            form: scene.form,
            former: None,
            feed: Some(feed),
            of_pane: scene.secrets.len(),
            secrets: scene.secrets,
            question_height: 0.0,
            message: scene.message,
            replaces: scene.replaces,
            writes_secrets: false,
            problem: None,
            takes_focus: true,
        }
    }

    /// Creates the form for a saved connection.
    pub(crate) fn of_saved(form: ConnectionForm) -> Self {
        Self {
            former: Some(form.name.clone()),
            form,
            feed: None,
            secrets: Vec::new(),
            of_pane: 0,
            question_height: 0.0,
            message: None,
            replaces: None,
            writes_secrets: false,
            problem: None,
            takes_focus: true,
        }
    }

    /// Creates the form for a URL. Its name is empty, so that the user types one.
    pub(crate) fn of_url(url: String) -> Self {
        let form = ConnectionForm {
            url,
            ..ConnectionForm::default()
        };
        Self {
            former: None,
            ..Self::of_saved(form)
        }
    }

    /// Shows the reason that the connection was not saved.
    pub(crate) fn refuse(&mut self, problem: String) {
        self.problem = Some(problem);
    }

    /// Asks about values that look like secrets, because some of them were typed into the form.
    pub(crate) fn ask_about(&mut self, secrets: Vec<FoundSecret>) {
        self.secrets = secrets;
        self.writes_secrets = false;
        self.problem = None;
    }

    /// Draws the sheet. Returns false if the user closes it.
    pub(crate) fn show(&mut self, ui: &Ui, commands: &mut Vec<Command>) -> bool {
        let palette = Palette::of(ui);
        let screen = ui.ctx().content_rect();
        let modal = sheet(ui, Id::unique("saved sheet"), "Saved connection").show(ui.ctx(), |ui| {
            let width = 520.0_f32.min(screen.width() - 60.0);
            ui.set_width(width);
            let title = match &self.former {
                Some(name) => format!("Edit {name}"),
                None => "Save this connection".to_owned(),
            };
            ui.label(RichText::new(title).font(font::title()));
            if let Some(message) = &self.message {
                ui.label(words::saved_with_message(message));
            }
            // The line stays while the name is edited, so that nothing moves.
            if let Some(name) = &self.replaces {
                ui.label(words::replaces_connection(name));
            }
            // The question stays in sight, because it decides what is in the file.
            let height = (screen.height() - 210.0 - self.question_height).max(100.0);
            let mut is_entered = false;
            let area = ScrollArea::vertical().max_height(height);
            sheet_scroll::show(ui, area, Content::Fields, |ui| {
                is_entered = self.fields(ui, width);
                reveal_focus(ui);
            });
            let question = ui.scope(|ui| self.secrets(ui));
            let height = question.response.rect.height();
            self.question_height = if self.secrets.is_empty() { 0.0 } else { height };
            if let Some(problem) = &self.problem {
                ui.label(RichText::new(problem).color(palette.fail));
            }
            ui.horizontal(|ui| {
                let name = if self.is_replacing() {
                    "Replace"
                } else {
                    "Save"
                };
                let saved = ui.button(RichText::new(name).color(palette.open));
                (saved.clicked() || is_entered, ui.button("Cancel").clicked())
            })
            .inner
        });
        let (saved, cancelled) = modal.inner;
        let entered = ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
        // The sheet closes when the file is written.
        if saved || entered {
            commands.push(Command::Saved(SavedCommand::Save {
                former: self.former.clone(),
                form: Box::new(self.form.clone()),
                feed: self.feed,
                writes_secrets: self.writes_secrets,
                asked: self.secrets.clone(),
            }));
        }
        let escaped = ui.input(|input| input.key_pressed(Key::Escape));
        !(cancelled || escaped || modal.should_close())
    }

    /// Returns true if the form has the name of the saved connection that the feed belongs to.
    fn is_replacing(&self) -> bool {
        self.replaces.as_deref() == Some(self.form.name.trim())
    }

    /// Draws the fields. Returns true if Enter was pressed in a field of one line.
    fn fields(&mut self, ui: &mut Ui, width: f32) -> bool {
        let mut was_entered = false;
        let form = &mut self.form;
        let name_length = form.name.chars().count();
        let fields = [
            ("Name", "opens it: feedscope NAME", &mut form.name, 1),
            ("Group", "none", &mut form.group, 1),
            ("URL", "${NAME} is a variable", &mut form.url, 1),
            (
                "Headers",
                "Authorization: Bearer ${TOKEN}, one a line",
                &mut form.headers,
                3,
            ),
            ("Subprotocols", "comma-separated", &mut form.subprotocols, 1),
            (
                "Send on connect",
                "a message a line",
                &mut form.send_on_connect,
                2,
            ),
            ("Filter", "of the pane", &mut form.filter, 1),
        ];
        egui::Grid::new("saved fields")
            .num_columns(2)
            .spacing([16.0, 8.0])
            .show(ui, |ui| {
                for (name, hint, text, lines) in fields {
                    let label = ui.label(name);
                    let edit = if lines > 1 {
                        TextEdit::multiline(text).desired_rows(lines)
                    } else {
                        form_field(text)
                    };
                    let edit = edit
                        .font(font::mono())
                        .hint_text(hint)
                        .desired_width(width - 160.0);
                    let response = named_by(ui.add(edit), &label, name);
                    if std::mem::take(&mut self.takes_focus) {
                        response.request_focus();
                        // A suggested name is selected, so that typing replaces it.
                        if self.former.is_none() {
                            select_all(ui, response.id, name_length);
                        }
                    }
                    was_entered |= lines == 1 && is_entered(&response);
                    if response.changed() {
                        self.problem = None;
                        // The text may have no secret any more, or another one.
                        if matches!(name, "URL" | "Headers") {
                            self.secrets.truncate(self.of_pane);
                        }
                    }
                    ui.end_row();
                }
            });
        was_entered
    }

    /// Draws the question about values that look like secrets.
    fn secrets(&mut self, ui: &mut Ui) {
        if self.secrets.is_empty() {
            return;
        }
        let palette = Palette::of(ui);
        ui.add_space(6.0);
        let secrets = self.secrets.iter();
        let secrets = secrets.map(|it| (it.place.as_str(), it.variable.as_str()));
        let secrets: Vec<_> = secrets.collect();
        let words::FoundSecrets {
            sentence,
            variable,
            value,
        } = words::found_secrets(&secrets);
        ui.label(RichText::new(sentence).color(palette.wait));
        ui.radio_value(&mut self.writes_secrets, false, variable);
        ui.radio_value(&mut self.writes_secrets, true, value);
    }
}
