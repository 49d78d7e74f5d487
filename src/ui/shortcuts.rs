//! The keys that work everywhere in the window; those that move over rows are the timeline's. `words::KEYS` tells them.

use egui::{Event, Key, Modifiers, Ui};
use feedscope_core::ConnectionState;
use feedscope_core::feed::FeedCommand;

use super::{Command, Scene, Window, composer, connection_bar, top_bar};

/// Obeys what was pressed, before any widget sees it.
pub(crate) fn obey(ui: &Ui, window: &mut Window, scene: &Scene<'_>, commands: &mut Vec<Command>) {
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let command = |key| pressed(Modifiers::COMMAND, key);
    if pressed(Modifiers::NONE, Key::F1) {
        window.help_open = !window.help_open;
    }
    for (pane, key) in scene
        .panes
        .iter()
        .zip([Key::Num1, Key::Num2, Key::Num3, Key::Num4])
    {
        if command(key) {
            window.focused = pane.id;
            release_focus(ui);
        }
    }
    if command(Key::T) {
        commands.push(Command::SetTheme(top_bar::other_theme(
            ui.visuals().dark_mode,
        )));
    }
    let writing = ui.ctx().egui_wants_keyboard_input();
    if !writing && command(Key::U) {
        commands.push(Command::SetUtc(!window.utc));
    }
    let pane = window.focused;
    if command(Key::L) {
        ui.memory_mut(|memory| memory.request_focus(connection_bar::url_id(pane)));
    }
    if command(Key::M) {
        ui.memory_mut(|memory| memory.request_focus(composer::text_id(pane)));
    }
    if let Some(feed) = scene.feed_of(pane) {
        if command(Key::D) {
            let wanted = if feed.status.state.is_live() {
                FeedCommand::Disconnect
            } else {
                FeedCommand::Connect
            };
            commands.push(Command::Feed(feed.id, wanted));
        }
        if feed.status.state == ConnectionState::Reconnecting && command(Key::R) {
            commands.push(Command::Feed(feed.id, FeedCommand::RetryNow));
        }
    }
    let Some(view) = window.panes.get_mut(&pane) else {
        return;
    };
    let copied = ui.input(|input| {
        input
            .events
            .iter()
            .any(|event| matches!(event, Event::Copy))
    });
    if !writing
        && copied
        && let Some(text) = view.inspector.payload_to_copy()
    {
        ui.ctx().copy_text(text);
    }
    if !writing && !window.help_open && ui.input(|input| input.key_pressed(Key::Escape)) {
        view.url.problem = None;
        view.timeline.selected = None;
    }
}

fn release_focus(ui: &Ui) {
    if let Some(id) = ui.memory(egui::Memory::focused) {
        ui.memory_mut(|memory| memory.surrender_focus(id));
    }
}
