//! Dialogs and sheets over the window: files, saved connections, links, and the command palette.

use std::path::PathBuf;

use egui::{Rect, Ui};
use jiff::tz::TimeZone;

use super::Window;
use crate::command::{
    Command, FileCommand, FilePurpose, RecordingCommand, RecordsCommand, SavedCommand,
};
use crate::command_palette::{self, PaletteItem, PaletteRequest};
use crate::ids::PaneId;
use crate::path_dialog::{PathDialog, PathOutcome};
use crate::save::SaveDialog;
use crate::saved::{ListOutcome, SavedSheet};
use crate::scene::{PaneScene, Scene};
use crate::session_recordings_scene::SessionRecordingsAction;
use crate::shortcuts::{CommandContext, KeyMap, LIST, Listed, joined};
use crate::widgets::icon::Icon;
use crate::{drop_target, feed_names, words};

impl Window {
    /// Draws the dialog that opens a file, and opens dropped files.
    pub(super) fn show_opening(
        &mut self,
        ui: &Ui,
        window: Rect,
        scene: &Scene<'_>,
        commands: &mut Vec<Command>,
    ) {
        let dropped = drop_target::show(ui, window);
        if !dropped.is_empty() {
            self.open_files(dropped, scene, commands);
            // The user has found a shorter way.
            let is_open = |dialog: &PathDialog| dialog.purpose() == FilePurpose::Open;
            self.path_dialog.take_if(|dialog| is_open(dialog));
        }
        let Some(dialog) = &mut self.path_dialog else {
            return;
        };
        match dialog.show(ui, scene.folder, commands) {
            PathOutcome::Stay => {}
            PathOutcome::Cancel => self.path_dialog = None,
            PathOutcome::Chosen(FilePurpose::Open, files) => {
                self.path_dialog = None;
                let paths = files.into_iter().map(|file| file.path);
                self.open_files(paths.collect(), scene, commands);
            }
            PathOutcome::Chosen(purpose, files) => {
                let from_now = !dialog.takes_all();
                self.path_dialog = None;
                // A file that is created is a single one.
                let Some(file) = files.into_iter().next() else {
                    return;
                };
                match purpose {
                    // The dialog for saving is another one, and files to open were handled above.
                    FilePurpose::Save(_) | FilePurpose::Open => {}
                    FilePurpose::Answer(feed, number) => {
                        let text = self.lenses.text_of_answer(feed, number);
                        let save = |text| RecordsCommand::SaveText { file, text };
                        commands.extend(text.map(save).map(Command::Records));
                    }
                    FilePurpose::Record(feed) => {
                        commands.push(Command::Recording(RecordingCommand::Start {
                            feeds: vec![feed],
                            file: Some(file),
                            from_now,
                        }));
                    }
                }
            }
        }
    }

    /// Draws the list of saved connections, the form for one, and the question before one is opened.
    pub(super) fn show_saved(&mut self, ui: &Ui, scene: &Scene<'_>, commands: &mut Vec<Command>) {
        if let Some(list) = &mut self.connection_list {
            match list.show(ui, scene, self.focused, commands) {
                ListOutcome::Stay => {}
                ListOutcome::Close => {
                    self.connection_list = None;
                    if let Some(Command::Saved(
                        SavedCommand::Open { pane: None, .. }
                        | SavedCommand::OpenLine { pane: None, .. },
                    )) = commands.last()
                    {
                        self.tiles.place_next(self.roomiest());
                    }
                }
                ListOutcome::Edit(name) => {
                    let connections = scene.saved.connections.iter();
                    let mut named = connections.filter(|it| it.form.name == name);
                    self.saved_sheet = named
                        .next()
                        .map(|saved| SavedSheet::of_saved(saved.form.clone()));
                    self.connection_list = None;
                }
                ListOutcome::SaveUrl(url) => {
                    self.saved_sheet = Some(SavedSheet::of_url(url));
                    self.connection_list = None;
                }
                ListOutcome::OpenFile(path) => {
                    // Its reason is shown there if the file cannot be opened.
                    self.path_dialog = Some(PathDialog::with_path(path, commands));
                    self.connection_list = None;
                }
                ListOutcome::SavePane => {
                    self.connection_list = None;
                    self.prepare_save(scene, commands);
                }
            }
        }
        if let Some(sheet) = &mut self.saved_sheet
            && !sheet.show(ui, commands)
        {
            self.saved_sheet = None;
        }
        if let Some((pane, dialog)) = &mut self.save_dialog {
            let feed = scene.feeds().find(|feed| feed.id == dialog.feed());
            let shown = self.panes.get(pane).zip(feed);
            let shown = shown.and_then(|(view, feed)| view.number_shown(feed));
            if !dialog.show(ui, scene, shown, commands) {
                self.save_dialog = None;
            }
        }
        if let Some(sheet) = &mut self.link_sheet
            && !sheet.show(ui, commands)
        {
            self.link_sheet = None;
        }
        if let Some(sheet) = &mut self.ask_sheet
            && !sheet.show(ui, commands)
        {
            self.ask_sheet = None;
        }
    }

    /// Opens the dialog that saves the records of a pane.
    pub(super) fn open_save_dialog(&mut self, pane: PaneId, scene: &Scene<'_>) {
        let zone = if self.utc {
            &TimeZone::UTC
        } else {
            scene.time_zone
        };
        let offset = words::offset_seconds(scene.now.utc, zone);
        if let (Some(feed), Some(view)) = (scene.feed_of(pane), self.panes.get(&pane)) {
            let (rows, selected) = view.row_choice(offset);
            let name = feed_names::of(Some(feed), scene);
            // The ending of a file is that of the chosen format.
            let stem = feed.source.file().and_then(|_| name.rsplit_once('.'));
            let stem = stem.map_or(name.as_str(), |(stem, _)| stem);
            let dialog = SaveDialog::new(feed.id, stem, rows, selected);
            self.save_dialog = Some((pane, dialog));
        }
    }

    /// Requests the form that saves the connection of the focused pane.
    pub(super) fn prepare_save(&self, scene: &Scene<'_>, commands: &mut Vec<Command>) {
        let feed = scene
            .feed_of(self.focused)
            .filter(|feed| feed.source.is_live());
        let view = self.panes.get(&self.focused);
        if let (Some(feed), Some(view)) = (feed, view) {
            commands.push(Command::Saved(SavedCommand::PrepareSave {
                feed: feed.id,
                filter: view.filter.text().to_owned(),
            }));
        }
    }

    /// Requests to open files: in the focused pane if it has no feed or a file that cannot be read, and else in a new one.
    pub(super) fn open_files(
        &mut self,
        paths: Vec<PathBuf>,
        scene: &Scene<'_>,
        commands: &mut Vec<Command>,
    ) {
        let is_free = |pane: &&PaneScene| {
            let feed = pane.feed.as_ref();
            pane.id == self.focused && feed.is_none_or(|feed| feed.source.is_unreadable())
        };
        let pane = scene.panes.iter().find(is_free).map(|pane| pane.id);
        commands.push(Command::File(FileCommand::Open { pane, paths }));
    }

    /// Chooses the place of the pane for a file that the user opens. A pane with a placement receives the keys.
    pub(super) fn place_opened(&mut self, commands: &[Command]) {
        let opens = |command: &Command| {
            matches!(
                command,
                Command::File(FileCommand::Open { pane: None, .. })
                    | Command::SessionRecordings(
                        SessionRecordingsAction::Open(_)
                            | SessionRecordingsAction::OpenInterrupted(_)
                    )
            )
        };
        if commands.iter().any(opens) {
            self.tiles.place_next(self.roomiest());
        }
    }

    /// Draws the command palette if it is open, and carries the chosen command out.
    pub(super) fn show_palette(&mut self, ui: &Ui, scene: &Scene<'_>, commands: &mut Vec<Command>) {
        let Some(palette) = &mut self.palette else {
            return;
        };
        // The list is short, so that it is made anew in each pass while the palette is open.
        let standing = CommandContext::of(scene, self.focused);
        let outcome = palette.show(ui, &items(&standing, &self.keys));
        if outcome == command_palette::PaletteOutcome::Stay {
            return;
        }
        self.palette = None;
        if let command_palette::PaletteOutcome::Chosen(PaletteRequest::Run(shortcut)) = outcome {
            self.run(shortcut, ui, scene, commands);
        }
        ui.ctx().request_repaint();
    }
}

/// Returns the possible commands as items of the palette.
fn items(standing: &CommandContext, keys: &KeyMap) -> Vec<PaletteItem> {
    let possible = LIST
        .iter()
        .enumerate()
        .filter(|(_, listed)| standing.fulfills(listed.needs));
    let item = |(at, listed): (usize, &Listed)| PaletteItem {
        section: "Commands",
        icon: Icon::Chevron,
        name: listed.name.to_owned(),
        id: listed.id,
        detail: String::new(),
        key: joined(keys.keys_at(at)),
        wish: PaletteRequest::Run(listed.shortcut),
    };
    possible.map(item).collect()
}
