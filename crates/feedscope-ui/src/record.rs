//! Recording of a pane's feed: the button in its bar, and the line about a recording that has ended.

use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{Id, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2};
use feedscope_core::Moment;

use crate::command::{Command, FileCommand, RecordingCommand};
use crate::ids::PaneId;
use crate::recording_scene::{RecordingScene, RecordingStage};
use crate::scene::FeedScene;
use crate::shortcuts::{Shortcut, with_key};
use crate::theme::{Palette, font, size, tint};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{
    ICON_BUTTON, Look, Strip, bottom_line, button, button_width, cut, cut_sentence, icon_button,
    measured, paint_left, panel, steady_width,
};
use crate::words;

/// Room that the other parts of the bar need beside the figures of a recording.
const LEAST_BESIDE: f32 = 330.0;

/// Takes the place of the button that starts or stops the recording of a feed. A running recording gets room for its
/// figures, if there is any.
pub(crate) fn take_place(ui: &Ui, strip: &mut Strip, feed: &FeedScene, now: Moment) -> Rect {
    let running = feed.recording.as_deref().filter(|it| it.is_active());
    let Some(recording) = running else {
        return strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
    };
    let text = stop_text(recording, &words::recorded(recording, now));
    // The width is that of the widest digits, so that the bar does not move with each byte.
    let width = steady_width(ui, &text, font::strong()) + 36.0;
    let width = if strip.room() - width >= LEAST_BESIDE {
        width.ceil()
    } else {
        ICON_BUTTON.x
    };
    strip.right(width, size::BUTTON)
}

/// Draws the button that starts or stops the recording of a feed.
pub(crate) fn show_button(
    ui: &Ui,
    rect: Rect,
    pane: PaneId,
    feed: &FeedScene,
    now: Moment,
    commands: &mut Vec<Command>,
) {
    let id = Id::unique(("record", pane));
    let running = feed.recording.as_deref().filter(|it| it.is_active());
    let Some(recording) = running else {
        let name = with_key(ui, words::RECORD, Shortcut::ToggleRecording);
        if icon_button(ui, rect, id, Icon::Record, &name).clicked() {
            commands.push(Command::Recording(RecordingCommand::Start {
                feeds: vec![feed.id],
                file: None,
                from_now: false,
            }));
        }
        return;
    };
    let text = words::recorded(recording, now);
    let has_room = rect.width() > ICON_BUTTON.x;
    let response = stop_button(ui, rect, id, has_room.then_some(text.as_str()), recording);
    if response.clicked() && recording.is_running() {
        commands.push(Command::Recording(RecordingCommand::Stop(feed.id)));
    }
    response.on_hover_text(words::recording_hint(recording, &text));
}

/// Draws the button that stops a recording, with its figures if there is room.
fn stop_button(
    ui: &Ui,
    rect: Rect,
    id: Id,
    figures: Option<&str>,
    recording: &RecordingScene,
) -> Response {
    let palette = Palette::of(ui);
    let response = ui.interact(rect, id, Sense::click());
    let name = words::stop_recording(recording);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let lit = response.hovered() || response.is_pointer_button_down_on() || response.has_focus();
    let share = if lit {
        tint::HOVERED_NOTICE
    } else {
        tint::PILL
    };
    ui.painter().rect(
        rect,
        size::RADIUS,
        palette.fail.gamma_multiply(share),
        Stroke::new(1.0, palette.fail),
        StrokeKind::Inside,
    );
    let Some(figures) = figures else {
        icon::paint(ui.painter(), Icon::Square, rect.center(), palette.fail);
        return response;
    };
    let center = pos2(rect.left() + 14.0, rect.center().y);
    icon::paint(ui.painter(), Icon::Square, center, palette.fail);
    let text = stop_text(recording, figures);
    let galley = cut(ui, &text, font::strong(), palette.text, rect.width() - 30.0);
    paint_left(ui, rect.left() + 24.0, rect.center().y, galley);
    response
}

/// Returns the text of the button that stops a recording with these figures.
fn stop_text(recording: &RecordingScene, figures: &str) -> String {
    match recording.stage {
        RecordingStage::Ending => words::ENDING.to_owned(),
        _ => format!("Stop  {figures}"),
    }
}

/// Returns the height of the line about a recording that has ended, or 0 without one.
pub(crate) fn line_height(feed: &FeedScene) -> f32 {
    match &feed.recording {
        Some(recording) if !recording.is_active() => size::BANNER,
        _ => 0.0,
    }
}

/// Draws the line about a recording that has ended, with a button that opens it.
pub(crate) fn show_line(
    ui: &Ui,
    rect: Rect,
    pane: PaneId,
    feed: &FeedScene,
    commands: &mut Vec<Command>,
) {
    let Some(recording) = &feed.recording else {
        return;
    };
    let palette = Palette::of(ui);
    let (text, color, role) = match &recording.stage {
        RecordingStage::Failed(reason) => {
            (words::recording_failed(reason), palette.fail, Role::Alert)
        }
        _ => (
            words::recording_ended(recording),
            palette.open,
            Role::Status,
        ),
    };
    panel(ui, rect);
    ui.painter()
        .rect_filled(rect, 0.0, color.gamma_multiply(tint::BANNER));
    bottom_line(ui, rect);
    // The cross stays in a narrow pane, and the button gives way.
    let mut strip = Strip::new(rect, 12.0, 8.0);
    let close = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
    // A file that could not be created has nothing to open.
    let width = button_width(ui, words::OPEN_RECORDING, Look::Plain);
    if recording.records > 0 && strip.room() - width > 60.0 {
        let rect = strip.right(width, 24.0);
        let id = Id::unique(("open recording", pane));
        if button(ui, rect, id, words::OPEN_RECORDING, Look::Plain).clicked() {
            commands.push(Command::File(FileCommand::Open {
                pane: None,
                paths: vec![PathBuf::from(&recording.path)],
            }));
        }
    }
    let room = strip.rest(20.0);
    let response = ui.interact(room, Id::unique(("recording line", pane)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(role, true, &text));
    let shape = if role == Role::Alert {
        Icon::Cross
    } else {
        Icon::File
    };
    let center = pos2(room.left() + 6.0, room.center().y);
    icon::paint(ui.painter(), shape, center, color);
    let galley = cut_sentence(ui, &text, font::label(), palette.text, room.width() - 20.0);
    let elided = galley.elided;
    paint_left(ui, room.left() + 20.0, room.center().y, galley);
    if elided {
        response.on_hover_text(text);
    }
    // The cross is the last one on the line, also for Tab.
    let close_id = Id::unique(("recording close", pane));
    if icon_button(ui, close, close_id, Icon::Cross, "Close this message").clicked() {
        commands.push(Command::Recording(RecordingCommand::Dismiss(feed.id)));
    }
}

/// Takes the place of the button that records all feeds.
pub(crate) fn take_place_for_all(ui: &Ui, strip: &mut Strip, recorded: usize) -> Rect {
    let width = measured(ui, &words::recorded_panes(recorded), font::label()) + 34.0;
    strip.right(width.ceil(), size::BUTTON)
}

/// Draws the button of the window's bar: it records all feeds, or counts those that are recorded. Returns true if it was
/// clicked.
pub(crate) fn show_all_button(ui: &Ui, rect: Rect, recorded: usize) -> bool {
    let palette = Palette::of(ui);
    let text = words::recorded_panes(recorded);
    let response = ui.interact(rect, Id::unique("record all"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &text));
    let lit = response.hovered() || response.has_focus();
    if lit {
        ui.painter().rect_filled(rect, size::RADIUS, palette.raise);
    }
    // A running recording must not be overlooked.
    let color = if lit || recorded > 0 {
        palette.text
    } else {
        palette.dim
    };
    let center = pos2(rect.left() + 14.0, rect.center().y);
    icon::paint(ui.painter(), Icon::Record, center, palette.fail);
    let galley = cut(ui, &text, font::label(), color, rect.width() - 28.0);
    paint_left(ui, rect.left() + 24.0, rect.center().y, galley);
    let hint = if recorded > 0 {
        "Stop all recordings"
    } else {
        "Record the feeds of all panes into one file"
    };
    let clicked = response.clicked();
    response.on_hover_text(hint);
    clicked
}
