//! The menu `⋯` of a pane.

use egui::Ui;
use feedscope_core::protocol::Protocol;

use super::sheet::Sheet;
use crate::command::{Command, CopyProgram, RecordingCommand, RecordsCommand, SavedCommand};
use crate::connection_bar;
use crate::ids::PaneId;
use crate::lens::ReadingMenu;
use crate::options::OptionField;
use crate::pane_request::{PaneRequest, Placement};
use crate::scene::FeedScene;
use crate::shortcuts::{Shortcut, ViewShortcut, key_name};
use crate::side::SideTab;
use crate::widgets::menu::{beside, scrolled};
use crate::words;

/// Part of a pane that its menu opens.
pub(super) enum MenuChoice {
    Sheet(Sheet),
    Plot,
    Side(SideTab),
    Reading(ReadingMenu),
}

/// Draws the menu `⋯`. Returns the part to open.
pub(super) fn menu_items(
    drawn: &connection_bar::Drawn,
    pane: PaneId,
    feed: Option<&FeedScene>,
    can_reopen: bool,
    requests: &mut Vec<PaneRequest>,
    commands: &mut Vec<Command>,
) -> Option<MenuChoice> {
    let mut sheet = None;
    let mut part = None;
    beside(&drawn.menu).show(|ui| {
        scrolled(ui, |ui| {
            ui.set_min_width(210.0);
            if let Some(file) = feed
                .filter(|feed| feed.source.is_unreadable())
                .and_then(|feed| feed.source.file())
            {
                copy_path(ui, &file.path);
                ui.separator();
            } else if let Some(feed) = feed {
                for (name, command) in &drawn.folded {
                    if item(ui, name, "") {
                        commands.push(Command::Feed(feed.id, command.clone()));
                    }
                }
                for (name, choice) in [
                    ("Plot…", MenuChoice::Plot),
                    ("Latest by key…", MenuChoice::Side(SideTab::Latest)),
                    ("Measures…", MenuChoice::Side(SideTab::Measures)),
                    ("Marks and colors…", MenuChoice::Side(SideTab::Marks)),
                    (
                        "Compare with another feed…",
                        MenuChoice::Side(SideTab::Compare),
                    ),
                    ("Lens…", MenuChoice::Reading(ReadingMenu::Lens)),
                    ("Decoders…", MenuChoice::Reading(ReadingMenu::Decoders)),
                ] {
                    if item(ui, name, "") {
                        part = Some(choice);
                    }
                }
                if item(ui, "Save as…", &key_name(ui, Shortcut::SaveRecords)) {
                    requests.push(PaneRequest::SaveAs(pane));
                }
                match feed.source.file() {
                    Some(file) => copy_path(ui, &file.path),
                    None => live_items(ui, feed, &mut sheet, requests, commands),
                }
                let second_view = key_name(ui, Shortcut::OpenView);
                ui.separator();
                if item(ui, "Second view of this feed", &second_view) {
                    requests.push(PaneRequest::Open(Placement::Right(pane), Some(feed.id)));
                }
            }
            for (text, placement) in [
                ("New pane on the right", Placement::Right(pane)),
                ("New pane below", Placement::Below(pane)),
                ("New pane as a tab", Placement::Tab(pane)),
            ] {
                if item(ui, text, "") {
                    requests.push(PaneRequest::Open(placement, None));
                }
            }
            let close = key_name(ui, Shortcut::ClosePane);
            let reopen = key_name(ui, Shortcut::ReopenPane);
            if item(ui, "Close the pane", &close) {
                requests.push(PaneRequest::Close(pane));
            }
            if can_reopen && item(ui, "Restore what was closed last", &reopen) {
                requests.push(PaneRequest::Reopen);
            }
        });
    });
    part.or_else(|| sheet.map(MenuChoice::Sheet))
}

/// Draws the item that copies the path of a file.
fn copy_path(ui: &mut Ui, path: &str) {
    if item(ui, "Copy the path", "") {
        ui.ctx().copy_text(path.to_owned());
    }
}

/// Draws the items that start or stop a recording.
fn record_items(
    ui: &mut Ui,
    feed: &FeedScene,
    requests: &mut Vec<PaneRequest>,
    commands: &mut Vec<Command>,
) {
    let key = key_name(ui, Shortcut::ToggleRecording);
    let running = feed.recording.as_deref().filter(|it| it.is_active());
    if let Some(recording) = running {
        if item(ui, &words::stop_recording(recording), &key) {
            commands.push(Command::Recording(RecordingCommand::Stop(feed.id)));
        }
    } else {
        if item(ui, "Record", &key) {
            commands.push(Command::Recording(RecordingCommand::Start {
                feeds: vec![feed.id],
                file: None,
                from_now: false,
            }));
        }
        if item(ui, "Record to a file…", "") {
            requests.push(PaneRequest::RecordTo(feed.id));
        }
    }
}

/// Draws the items for a feed with a connection.
fn live_items(
    ui: &mut Ui,
    feed: &FeedScene,
    sheet: &mut Option<Sheet>,
    requests: &mut Vec<PaneRequest>,
    commands: &mut Vec<Command>,
) {
    let options = key_name(ui, Shortcut::View(ViewShortcut::Options));
    let save = key_name(ui, Shortcut::SaveConnection);
    if item(ui, "Connection options…", &options) {
        let spec = feed.source.spec();
        *sheet = spec.map(|spec| Sheet::options(spec, OptionField::Headers));
    }
    let other = feed.source.protocol().other_engine().name();
    if item(ui, &format!("Second opinion of {other}…"), "") {
        *sheet = Some(Sheet::second_opinion());
    }
    if item(ui, "Save this connection…", &save) {
        requests.push(PaneRequest::Save);
    }
    ui.menu_button("Copy as", |ui| {
        let is_web_socket = feed.source.protocol() == Protocol::WebSocket;
        let other = if is_web_socket {
            ("websocat", CopyProgram::Websocat)
        } else {
            ("curl", CopyProgram::Curl)
        };
        for (name, program) in [other, ("feedscope tail", CopyProgram::Tail)] {
            if item(ui, name, "") {
                commands.push(Command::Saved(SavedCommand::CopyAs(feed.id, program)));
            }
        }
    });
    record_items(ui, feed, requests, commands);
    if item(ui, "Clear records", "") {
        commands.push(Command::Records(RecordsCommand::Clear(feed.id)));
    }
    if let Some(url) = feed.source.url()
        && item(ui, "Copy the URL", "")
    {
        ui.ctx().copy_text(url.to_string());
    }
}

/// Draws an item of a menu with its shortcut. Returns true if it was clicked.
fn item(ui: &mut Ui, text: &str, key: &str) -> bool {
    let mut button = egui::Button::new(text);
    if !key.is_empty() {
        button = button.shortcut_text(key);
    }
    let chosen = ui.add(button).clicked();
    if chosen {
        ui.close();
    }
    chosen
}
