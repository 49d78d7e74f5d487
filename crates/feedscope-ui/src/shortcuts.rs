//! Keys that work everywhere in the window. `words::KEYS` lists them; the timeline handles the keys that move over
//! rows.

use egui::{Event, Key, Modifiers, Ui};
use feedscope_core::ConnectionState;
use feedscope_core::feed::FeedCommand;

use crate::command::Command;
use crate::demo_panel::Page;
use crate::demo_scene::DemoCommand;
use crate::find::Step;
use crate::ids::PaneId;
use crate::pane_request::{PaneDirection, PaneRequest, Placement};
use crate::scene::Scene;
use crate::window::Window;
use crate::{composer, connection_bar, filter, top_bar};

/// Handles the pressed keys before any widget receives them.
pub(crate) fn obey(ui: &Ui, window: &mut Window, scene: &Scene<'_>, commands: &mut Vec<Command>) {
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let command = |key| pressed(Modifiers::COMMAND, key);
    if pressed(Modifiers::NONE, Key::F1) {
        window.help_open = !window.help_open;
    }
    if let Some(demo) = &scene.demo
        && pressed(Modifiers::NONE, Key::F2)
    {
        // The first press shows the hidden demo again, with its tour.
        if demo.hidden {
            commands.push(Command::Demo(DemoCommand::Show(true)));
            window.demo_panel.open(Page::Tour);
        } else {
            window.demo_panel.toggle(Page::Tour);
        }
    }
    obey_for_panes(ui, window, scene, commands);
    if command(Key::T) {
        commands.push(Command::SetTheme(top_bar::other_theme(
            ui.visuals().dark_mode,
        )));
    }
    // Ctrl U and others also edit text, so that a focused text field has priority.
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
            // One key both disconnects and connects.
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
    if scene.feed_of(pane).is_some() {
        obey_for_rows(ui, window, pane, writing);
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
    if !writing && copied {
        view.inspector.copy_payload(ui.ctx());
    }
    // Escape closes the innermost open part first.
    if !writing && !window.help_open && ui.input(|input| input.key_pressed(Key::Escape)) {
        if view.jump.is_open() {
            view.jump.close();
        } else if view.find.is_open() {
            view.find.close();
        } else {
            view.url.problem = None;
            view.timeline.selected = None;
        }
    }
}

/// Handles the keys for filtering and finding rows.
fn obey_for_rows(ui: &Ui, window: &mut Window, pane: PaneId, writing: bool) {
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let is_slash = |event: &Event| matches!(event, Event::Text(text) if text == "/");
    let slash = !writing && ui.input(|input| input.events.iter().any(is_slash));
    if slash {
        // The slash must not be typed into the field as well.
        ui.input_mut(|input| input.events.retain(|event| !is_slash(event)));
    }
    // This comes before Ctrl F, because `consume_key` ignores an additional Shift.
    if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::F) || slash {
        ui.memory_mut(|memory| memory.request_focus(filter::field_id(pane)));
    }
    let Some(view) = window.panes.get_mut(&pane) else {
        return;
    };
    if pressed(Modifiers::COMMAND, Key::F) {
        view.find.open(ui, pane);
    }
    if pressed(Modifiers::COMMAND, Key::G) {
        view.jump.open(ui, pane);
    }
    if pressed(Modifiers::SHIFT, Key::F3) {
        view.find.step(ui, pane, Step::Previous);
    } else if pressed(Modifiers::NONE, Key::F3) {
        view.find.step(ui, pane, Step::Next);
    }
}

/// Handles the keys that open, close, focus, move and resize panes.
fn obey_for_panes(ui: &Ui, window: &mut Window, scene: &Scene<'_>, commands: &mut Vec<Command>) {
    /// Keys of the first nine panes in reading order.
    const NUMBERS: [Key; 9] = [
        Key::Num1,
        Key::Num2,
        Key::Num3,
        Key::Num4,
        Key::Num5,
        Key::Num6,
        Key::Num7,
        Key::Num8,
        Key::Num9,
    ];
    /// Arrow keys with their directions.
    const DIRECTIONS: [(Key, PaneDirection); 4] = [
        (Key::ArrowLeft, PaneDirection::Left),
        (Key::ArrowRight, PaneDirection::Right),
        (Key::ArrowUp, PaneDirection::Up),
        (Key::ArrowDown, PaneDirection::Down),
    ];
    let shift = Modifiers::SHIFT;
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let order = window.tiles.order();
    for (pane, key) in order.iter().zip(NUMBERS) {
        if pressed(Modifiers::COMMAND, key) {
            window.go_to(ui, *pane);
        }
    }
    let here = order.iter().position(|pane| *pane == window.focused);
    if let Some(here) = here {
        // The combination with Shift comes first, because `consume_key` ignores an additional Shift.
        let back = pressed(Modifiers::COMMAND | shift, Key::Tab);
        if back || pressed(Modifiers::COMMAND, Key::Tab) {
            // One step back is the same as all the others forward.
            let step = if back { order.len() - 1 } else { 1 };
            window.go_to(ui, order[(here + step) % order.len()]);
        }
    }
    let pane = window.focused;
    let feed = scene.feed_of(pane).map(|feed| feed.id);
    let mut request = None;
    if pressed(Modifiers::COMMAND | shift, Key::N) {
        request = Some(PaneRequest::Open(Placement::Tab(pane), None));
    } else if pressed(Modifiers::COMMAND, Key::N) {
        request = Some(PaneRequest::Open(window.roomiest(), None));
    } else if feed.is_some() && pressed(Modifiers::COMMAND, Key::Backslash) {
        request = Some(PaneRequest::Open(window.roomiest(), feed));
    } else if pressed(Modifiers::COMMAND, Key::W) {
        request = Some(PaneRequest::Close(pane));
    }
    if let Some(request) = request {
        window.fulfill(request, scene, commands);
    }
    // In a text field, these combinations move the cursor.
    let writing = ui.ctx().egui_wants_keyboard_input();
    for (key, direction) in DIRECTIONS {
        if pressed(Modifiers::ALT | shift, key) {
            window.tiles.resize(pane, direction);
        } else if !writing && pressed(Modifiers::COMMAND | shift, key) {
            window.tiles.carry(pane, direction);
        } else if !writing
            && pressed(Modifiers::ALT, key)
            && let Some(there) = window.tiles.neighbor(pane, direction)
        {
            window.go_to(ui, there);
        }
    }
}
