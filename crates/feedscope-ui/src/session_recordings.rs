//! Recordings that Feedscope makes of its sessions: the list of them.

use egui::{Id, Key, RichText, ScrollArea, Ui};

use crate::command::Command;
use crate::focus_ring::reveal_focus;
use crate::session_recordings_scene::{
    SessionRecordingScene, SessionRecordingsAction, SessionRecordingsScene,
};
use crate::theme::{Palette, font, size};
use crate::widgets::sheet_scroll::Content;
use crate::widgets::{sheet, sheet_scroll};
use crate::words;

/// Returns the newest interrupted recording.
pub(crate) fn interrupted(scene: &SessionRecordingsScene) -> Option<&SessionRecordingScene> {
    scene
        .list
        .iter()
        .find(|recording| recording.was_interrupted)
}

/// State of the list while it is open.
#[derive(Default)]
pub(crate) struct SessionRecordingsSheet {
    /// The list has been read again.
    is_read: bool,
    /// Recording that the user has to confirm to delete.
    deleting: Option<String>,
}

impl SessionRecordingsSheet {
    /// Draws the list. Returns false if it closes.
    pub(crate) fn show(
        &mut self,
        ui: &Ui,
        scene: &SessionRecordingsScene,
        commands: &mut Vec<Command>,
    ) -> bool {
        if !std::mem::replace(&mut self.is_read, true) {
            commands.push(Command::SessionRecordings(SessionRecordingsAction::Look));
        }
        let palette = Palette::of(ui);
        let screen = ui.ctx().content_rect();
        let mut stays = true;
        let id = Id::unique("session recordings");
        let modal = sheet(ui, id, "Recordings of sessions").show(ui.ctx(), |ui| {
            ui.set_width(520.0_f32.min(screen.width() - 60.0));
            ui.label(RichText::new("Recordings of sessions").font(font::title()));
            let mut is_on = scene.is_on;
            let text = words::record_sessions(scene.limit);
            if ui.checkbox(&mut is_on, text).changed() {
                let action = SessionRecordingsAction::Record(is_on);
                commands.push(Command::SessionRecordings(action));
            }
            if let Some(problem) = &scene.problem {
                ui.label(RichText::new(problem).color(palette.fail));
            }
            ui.separator();
            let height = (screen.height() - 260.0).clamp(80.0, 420.0);
            let area = ScrollArea::vertical()
                .max_height(height)
                .auto_shrink([false, true]);
            sheet_scroll::show(ui, area, Content::Fields, |ui| {
                for recording in &scene.list {
                    stays &= self.row(ui, recording, commands);
                }
                reveal_focus(ui);
            });
            if scene.list.is_empty() {
                ui.label(RichText::new(words::NO_SESSIONS).color(palette.dim));
            }
            if scene.deleted_files > 0 {
                let text = words::deleted_sessions(scene.deleted_files, scene.deleted_bytes);
                ui.label(RichText::new(text).color(palette.dim));
            }
            ui.add_space(6.0);
            ui.button("Close").clicked()
        });
        let escaped = ui.input(|input| input.key_pressed(Key::Escape));
        stays && !modal.inner && !modal.should_close() && !escaped
    }

    /// Draws a recording with its buttons. Returns false if it is opened.
    fn row(
        &mut self,
        ui: &mut Ui,
        recording: &SessionRecordingScene,
        commands: &mut Vec<Command>,
    ) -> bool {
        let mut stays = true;
        let palette = Palette::of(ui);
        let name = &recording.name;
        let mut request = |action| commands.push(Command::SessionRecordings(action));
        ui.horizontal(|ui| {
            ui.set_min_height(size::BUTTON);
            ui.label(RichText::new(words::session_time(name)).font(font::mono()));
            let facts = words::session_facts(recording);
            ui.label(RichText::new(facts).color(palette.dim));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                // The button asks in its own place, because the file cannot be restored.
                let is_asked = self.deleting.as_ref() == Some(name);
                let label = if is_asked {
                    "Delete for good"
                } else {
                    "Delete"
                };
                let delete = ui.add_enabled(!recording.is_running, egui::Button::new(label));
                if delete.clicked() && is_asked {
                    self.deleting = None;
                    request(SessionRecordingsAction::Delete(name.clone()));
                } else if delete.clicked() {
                    self.deleting = Some(name.clone());
                }
                if ui.button("Open").clicked() {
                    request(SessionRecordingsAction::Open(name.clone()));
                    stays = false;
                }
            });
        });
        stays
    }
}
