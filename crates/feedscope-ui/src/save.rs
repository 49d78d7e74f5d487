//! Saving of a feed's records in a format: the dialog, and the line about the progress and the end.

mod scene;

use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Id, Key, Modifiers, Rect, RichText, ScrollArea, Sense, Ui, WidgetInfo, pos2};

use crate::command::{Command, FilePurpose, NewFile, RecordsCommand};
use crate::focus_ring::reveal_focus;
use crate::ids::{FeedId, PaneId};
use crate::path_field::{PathCheck, PathField};
use crate::scene::{FeedScene, Scene};
use crate::theme::{Palette, font, size, tint};
use crate::widgets::icon::{self, Icon};
use crate::widgets::sheet_scroll::Content;
use crate::widgets::{
    ICON_BUTTON, Look, Strip, bottom_line, button, button_width, cut_sentence, icon_button,
    paint_left, panel, sheet, sheet_scroll,
};
use crate::words;
pub use scene::{FormatScene, RowChoice, SavingScene, SavingStage};

/// Rows among which the user chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SavedRows {
    All,
    Shown,
    Selected,
}

/// State of the dialog while it is open.
pub(crate) struct SaveDialog {
    feed: FeedId,
    /// Suggested name of the file, without an ending.
    stem: String,
    rows: SavedRows,
    /// Rows that the pane shows.
    shown: RowChoice,
    /// Number of selected rows.
    selected: u64,
    /// Index of the format.
    format: usize,
    /// Index of the format that the ending of the typed path names.
    named: Option<usize>,
    path: PathField,
}

impl SaveDialog {
    /// Creates the dialog for the feed with this name. `shown` has the ranges of the selected rows, whose number is
    /// `selected`.
    pub(crate) fn new(feed: FeedId, name: &str, shown: RowChoice, selected: u64) -> Self {
        // Several selected rows were most likely selected for this.
        let rows = if selected > 1 {
            SavedRows::Selected
        } else {
            SavedRows::All
        };
        let stem = suggested_stem(name);
        Self {
            feed,
            path: PathField::with_suggestion(stem.clone()),
            stem,
            rows,
            shown,
            selected,
            format: 0,
            named: None,
        }
    }

    /// Returns the purpose of its file.
    pub(crate) fn purpose(&self) -> FilePurpose {
        FilePurpose::Save(self.feed)
    }

    /// Puts the answer of the dialog of the system into the field.
    pub(crate) fn set_answer(&mut self, answer: Result<Vec<NewFile>, String>) {
        self.path.set_answer(answer);
    }

    /// Takes the answer about the typed path.
    pub(crate) fn set_check(&mut self, path: &Path, check: PathCheck) {
        self.path.set_check(path, check);
    }

    /// Returns the feed whose records it saves.
    pub(crate) fn feed(&self) -> FeedId {
        self.feed
    }

    /// Draws the dialog. `shown` is the number of the rows that the pane shows; `None` while they are searched. Returns true if
    /// it stays open.
    pub(crate) fn show(
        &mut self,
        ui: &Ui,
        scene: &Scene<'_>,
        shown: Option<u64>,
        commands: &mut Vec<Command>,
    ) -> bool {
        let Some(feed) = scene.feeds().find(|feed| feed.id == self.feed) else {
            return false;
        };
        let accepted = self.path.take_accepted();
        if let Some(file) = accepted.and_then(|files| files.into_iter().next()) {
            commands.push(Command::Records(RecordsCommand::SaveAs {
                feed: self.feed,
                file,
                format: scene.formats[self.format].word,
                rows: self.choice(),
            }));
            return false;
        }
        let palette = Palette::of(ui);
        let screen = ui.ctx().content_rect();
        let was_asking = self.path.is_asking();
        let modal = sheet(ui, Id::unique("save dialog"), "Save records").show(ui.ctx(), |ui| {
            let width = 648.0_f32.min(screen.width() - 64.0);
            ui.set_width(width);
            ui.label(RichText::new("Save as").font(font::title()));
            ui.label(
                RichText::new(feed.address())
                    .font(font::mono())
                    .color(palette.dim),
            );
            self.show_rows(ui, feed);
            ui.separator();
            let height = (screen.height() - 284.0).max(84.0);
            let area = ScrollArea::vertical().max_height(height);
            sheet_scroll::show(ui, area, Content::Fields, |ui| {
                self.show_formats(ui, scene.formats, feed);
                reveal_focus(ui);
            });
            ui.separator();
            let ending = scene.formats[self.format].ending;
            self.path.suggest(format!("{}{ending}", self.stem));
            let hint = format!("such as captures/ticks{ending}");
            let texts = ("Save in", hint.as_str());
            let purpose = self.purpose();
            self.path.show(ui, texts, width - 170.0, purpose, commands);
            self.path.show_folder(ui, scene.folder);
            self.take_named_format(scene.formats, is_event_stream(feed));
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                let save = ui.button(RichText::new("Save").color(palette.open));
                let cancel = ui.button("Cancel");
                let number = words::saves(self.number(feed, shown), stored(feed));
                ui.label(RichText::new(number).color(palette.dim));
                (save.clicked(), cancel.clicked())
            })
            .inner
        });
        let (saved, cancelled) = modal.inner;
        let entered = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        let format = &scene.formats[self.format];
        if saved || (entered && !was_asking) {
            let path = self.path.path();
            let path = path.map(|path| with_ending(path, format.ending));
            match (path, self.impossible(scene.formats, is_event_stream(feed))) {
                (Some(_), Some(other)) => {
                    self.path
                        .refuse(words::other_ending(other.name, format.ending));
                }
                (Some(path), None) => self.path.check(path, self.purpose(), commands),
                (None, _) => self.path.refuse_empty(),
            }
        }
        if self.path.ends_question(ui) {
            return true;
        }
        let escaped = ui.input(|input| input.key_pressed(Key::Escape));
        !(cancelled || escaped || modal.should_close())
    }

    /// Chooses the format that the ending of the typed path names. A choice that the user makes afterwards stays.
    fn take_named_format(&mut self, formats: &[FormatScene], is_event_stream: bool) {
        let named = self.named(formats, |format| format.can_hold(is_event_stream));
        if named != self.named
            && let Some(format) = named
        {
            self.format = format;
        }
        self.named = named;
    }

    /// Returns the index of the format with the ending of the typed path, among those with this property.
    fn named(&self, formats: &[FormatScene], has: impl Fn(&FormatScene) -> bool) -> Option<usize> {
        let path = self.path.path()?.to_lowercase();
        let plain = path.trim_end_matches(".gz").trim_end_matches(".zst");
        let is_named = |format: &FormatScene| plain.ends_with(format.ending);
        formats
            .iter()
            .position(|format| is_named(format) && has(format))
    }

    /// Returns the format that the typed path names, if no format with this ending can hold the feed. A file in another
    /// format must not have its ending.
    fn impossible<'a>(
        &self,
        formats: &'a [FormatScene],
        is_event_stream: bool,
    ) -> Option<&'a FormatScene> {
        let can_hold = |format: &FormatScene| format.can_hold(is_event_stream);
        if self.named(formats, can_hold).is_some() {
            return None;
        }
        Some(&formats[self.named(formats, |_| true)?])
    }

    /// Returns the number of the chosen rows; `None` while they are searched.
    fn number(&self, feed: &FeedScene, shown: Option<u64>) -> Option<u64> {
        match self.rows {
            SavedRows::All => Some(stored(feed)),
            SavedRows::Shown => shown,
            SavedRows::Selected => Some(self.selected),
        }
    }

    fn choice(&self) -> RowChoice {
        match self.rows {
            SavedRows::All => RowChoice::ALL,
            SavedRows::Shown => RowChoice {
                ranges: Vec::new(),
                ..self.shown.clone()
            },
            SavedRows::Selected => self.shown.clone(),
        }
    }

    fn show_rows(&mut self, ui: &mut Ui, feed: &FeedScene) {
        ui.horizontal_wrapped(|ui| {
            ui.label("Records");
            let all = format!("all {}", words::count(stored(feed)));
            ui.radio_value(&mut self.rows, SavedRows::All, all);
            ui.radio_value(
                &mut self.rows,
                SavedRows::Shown,
                "shown by the filter and the chips",
            );
            if self.selected > 1 {
                let selected = format!("{} selected", words::count(self.selected));
                ui.radio_value(&mut self.rows, SavedRows::Selected, selected);
            }
        });
    }

    fn show_formats(&mut self, ui: &mut Ui, formats: &[FormatScene], feed: &FeedScene) {
        let palette = Palette::of(ui);
        let is_event_stream = is_event_stream(feed);
        egui::Grid::new("formats")
            .num_columns(3)
            .spacing([20.0, 6.0])
            .show(ui, |ui| {
                for title in ["Format", "Ending", "Not kept"] {
                    ui.label(RichText::new(title).font(font::small()).color(palette.dim));
                }
                ui.end_row();
                // A format that cannot hold the feed stays visible with the reason.
                for (index, format) in formats.iter().enumerate() {
                    let is_possible = format.can_hold(is_event_stream);
                    ui.add_enabled_ui(is_possible, |ui| {
                        let radio = ui.radio_value(&mut self.format, index, format.name);
                        // The next letters belong to the path.
                        if radio.clicked() {
                            self.path.take_focus();
                        }
                    });
                    ui.label(
                        RichText::new(format.ending)
                            .font(font::mono())
                            .color(palette.dim),
                    );
                    let not_kept = if is_possible {
                        format.not_kept
                    } else {
                        "event streams only; this is a WebSocket"
                    };
                    ui.label(RichText::new(not_kept).color(palette.dim));
                    ui.end_row();
                }
            });
        let written_only = formats.iter().filter(|format| !format.is_read);
        let names: Vec<&str> = written_only.map(|format| format.name).collect();
        if !names.is_empty() {
            let note = RichText::new(words::written_only(&names)).font(font::small());
            ui.label(note.color(palette.dim));
        }
    }
}

fn is_event_stream(feed: &FeedScene) -> bool {
    feed.source.protocol() == feedscope_core::protocol::Protocol::EventStream
}

/// Returns the number of the records of a feed.
fn stored(feed: &FeedScene) -> u64 {
    let extent = feed.store.extent();
    extent.end.since(extent.first)
}

/// Returns the name of a feed as the name of a file without an ending.
fn suggested_stem(name: &str) -> String {
    let is_plain = |sign: char| sign.is_alphanumeric() || "._".contains(sign);
    let words = name.split(|sign| !is_plain(sign));
    let words: Vec<&str> = words
        .filter(|word| word.contains(char::is_alphanumeric))
        .collect();
    match words.join("-").trim_matches('.') {
        "" => "records".to_owned(),
        stem => stem.to_owned(),
    }
}

/// Returns the path with the ending of the format, unless it has an ending already.
fn with_ending(typed: &str, ending: &str) -> PathBuf {
    let path = Path::new(typed);
    // The user may have chosen a compression by the ending.
    if path.extension().is_some() {
        return path.to_owned();
    }
    PathBuf::from(format!("{typed}{ending}"))
}

/// Returns the height of the line about saving, or 0 without one.
pub(crate) fn line_height(feed: &FeedScene) -> f32 {
    if feed.saving.is_some() {
        size::BANNER
    } else {
        0.0
    }
}

/// Draws the line about the progress and the end of saving.
pub(crate) fn show_line(
    ui: &Ui,
    rect: Rect,
    pane: PaneId,
    feed: &FeedScene,
    commands: &mut Vec<Command>,
) {
    let Some(saving) = &feed.saving else { return };
    let palette = Palette::of(ui);
    let (color, role) = match &saving.stage {
        SavingStage::Running { .. } => (palette.wait, Role::Status),
        SavingStage::Done(_) => (palette.open, Role::Status),
        SavingStage::Failed(_) => (palette.fail, Role::Alert),
    };
    let text = words::saving(saving);
    panel(ui, rect);
    ui.painter()
        .rect_filled(rect, 0.0, color.gamma_multiply(tint::BANNER));
    bottom_line(ui, rect);
    let mut strip = Strip::new(rect, 12.0, 8.0);
    if matches!(saving.stage, SavingStage::Running { .. }) {
        let name = "Stop saving";
        let area = strip.right(button_width(ui, name, Look::Plain), 24.0);
        let id = Id::unique(("stop saving", pane));
        if button(ui, area, id, name, Look::Plain).clicked() {
            commands.push(Command::Records(RecordsCommand::StopSaving(feed.id)));
        }
    } else {
        let area = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
        let id = Id::unique(("saving close", pane));
        if icon_button(ui, area, id, Icon::Cross, "Close this message").clicked() {
            commands.push(Command::Records(RecordsCommand::StopSaving(feed.id)));
        }
    }
    let room = strip.rest(20.0);
    let response = ui.interact(room, Id::unique(("saving line", pane)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(role, true, &text));
    let center = pos2(room.left() + 6.0, room.center().y);
    icon::paint(ui.painter(), Icon::File, center, color);
    let galley = cut_sentence(ui, &text, font::label(), palette.text, room.width() - 20.0);
    let elided = galley.elided;
    paint_left(ui, room.left() + 20.0, room.center().y, galley);
    if elided {
        response.on_hover_text(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_feed_becomes_that_of_a_file() {
        for (name, stem) in [
            ("/events", "events"),
            (":9101/e?s=ACME", "9101-e-s-ACME"),
            ("events – a.feedscope", "events-a.feedscope"),
            ("../..", "records"),
            ("", "records"),
        ] {
            assert_eq!(suggested_stem(name), stem, "{name}");
        }
    }

    #[test]
    fn a_name_without_an_ending_gets_that_of_the_format() {
        for (typed, path) in [
            ("a/b", "a/b.csv"),
            ("a.b/c", "a.b/c.csv"),
            ("a.csv.gz", "a.csv.gz"),
            ("a.txt", "a.txt"),
        ] {
            assert_eq!(with_ending(typed, ".csv"), PathBuf::from(path));
        }
    }
}
