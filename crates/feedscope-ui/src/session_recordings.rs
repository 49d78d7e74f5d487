//! Recordings that Feedscope makes of its sessions: the list of them, and the lines about recordings that
//! were interrupted.

use egui::accesskit::Role;
use egui::{Id, Key, Rect, RichText, ScrollArea, Sense, Ui, WidgetInfo, pos2};

use crate::command::Command;
use crate::session_recordings_scene::{
    InterruptedScene, SessionRecordingScene, SessionRecordingsAction, SessionRecordingsScene,
};
use crate::theme::{Palette, font, size, tint};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{
    ICON_BUTTON, Look, Strip, bottom_line, button, button_width, cut, icon_button, measured,
    name_on_hover, paint_left, panel, sheet,
};
use crate::words;

/// Returns the newest interrupted recording.
pub(crate) fn interrupted(scene: &SessionRecordingsScene) -> Option<&SessionRecordingScene> {
    scene
        .list
        .iter()
        .find(|recording| recording.was_interrupted)
}

/// Draws the line about the interrupted recording of a session.
pub(crate) fn show_line(
    ui: &Ui,
    rect: Rect,
    recording: &SessionRecordingScene,
    commands: &mut Vec<Command>,
) {
    let name = || recording.name.clone();
    let line = InterruptedLine {
        name: "interrupted",
        texts: &[words::INTERRUPTED.to_owned()],
        actions: &[
            ("Delete", SessionRecordingsAction::Delete(name())),
            ("Open", SessionRecordingsAction::Open(name())),
        ],
        keep: SessionRecordingsAction::Forget(name()),
    };
    line.show(ui, rect, commands);
}

/// Draws the line about an interrupted recording of panes.
pub(crate) fn show_line_of_panes(
    ui: &Ui,
    rect: Rect,
    recording: &InterruptedScene,
    commands: &mut Vec<Command>,
) {
    let mark = || recording.mark.clone();
    let line = InterruptedLine {
        name: "interrupted panes",
        texts: &words::interrupted_recording(recording),
        actions: &[("Open", SessionRecordingsAction::OpenInterrupted(mark()))],
        keep: SessionRecordingsAction::ForgetInterrupted(mark()),
    };
    line.show(ui, rect, commands);
}

/// Line about an interrupted recording.
struct InterruptedLine<'a> {
    /// Beginning of the IDs.
    name: &'static str,
    /// Text in its forms, the whole one first. The first one that fits is shown.
    texts: &'a [String],
    /// Buttons from the right.
    actions: &'a [(&'static str, SessionRecordingsAction)],
    /// Request that removes the line and keeps the recording.
    keep: SessionRecordingsAction,
}

impl InterruptedLine<'_> {
    fn show(self, ui: &Ui, rect: Rect, commands: &mut Vec<Command>) {
        let palette = Palette::of(ui);
        panel(ui, rect);
        let ground = palette.wait.gamma_multiply(tint::NOTICE);
        ui.painter().rect_filled(rect, 0.0, ground);
        bottom_line(ui, rect);
        let mut strip = Strip::new(rect, 12.0, 8.0);
        let mut request = |action| commands.push(Command::SessionRecordings(action));
        let close = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
        // The places are taken from the right, and the widgets are made from the left, because Tab visits them in this order.
        let actions = self.actions.iter().map(|(label, action)| {
            let width = button_width(ui, label, Look::Plain);
            (*label, strip.right(width, 24.0), action)
        });
        let actions: Vec<_> = actions.collect();
        let room = strip.rest(20.0);
        let whole = self.texts.first().map_or("", String::as_str);
        let response = ui.interact(room, Id::unique(self.name), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Status, true, whole));
        let center = pos2(room.left() + 4.0, room.center().y);
        icon::paint(ui.painter(), Icon::Dot, center, palette.wait);
        let width = room.width() - 16.0;
        let fits = |text: &&String| measured(ui, text, font::label()) <= width;
        let shortest = self.texts.last();
        let text = self.texts.iter().find(fits).or(shortest);
        let text = text.map_or("", String::as_str);
        let galley = cut(ui, text, font::label(), palette.text, width);
        let is_short = galley.elided || text != whole;
        paint_left(ui, room.left() + 14.0, room.center().y, galley);
        if is_short {
            name_on_hover(response, whole);
        }
        for (label, rect, action) in actions.into_iter().rev() {
            let id = Id::unique((self.name, label));
            if button(ui, rect, id, label, Look::Plain).clicked() {
                request(action.clone());
            }
        }
        let id = Id::unique((self.name, "close"));
        if icon_button(ui, close, id, Icon::Cross, "Keep the recording").clicked() {
            request(self.keep);
        }
    }
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
            ScrollArea::vertical()
                .max_height(height)
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    for recording in &scene.list {
                        stays &= self.row(ui, recording, commands);
                    }
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
