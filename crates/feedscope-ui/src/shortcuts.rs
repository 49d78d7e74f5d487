//! Commands that have a key or stand in the command palette. `list` has their names and usual keys, `keys` those that
//! apply.
//!
//! A pressed key is taken from the input, so that no widget receives it as well. `window/actions` carries the commands
//! out. The timeline handles the keys that move over rows.

mod keys;
mod list;
mod shortcut;

use egui::{Event, Key, KeyboardShortcut, Modifiers, Ui};
use feedscope_core::ConnectionState;
use feedscope_core::protocol::Protocol;
use feedscope_core::store::Class;

use crate::ids::PaneId;
use crate::scene::Scene;
use crate::timeline;

pub(crate) use keys::{
    KeyMap, is_writing, joined, key_name, note_own_copy, parsed, take, with_key,
};
pub(crate) use list::{Group, LIST, Listed};
pub(crate) use shortcut::{
    DemoShortcut, FindStep, Needs, ReplayShortcut, ReplayStep, Shortcut, ViewShortcut,
};

/// Kind of a feed's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceKind {
    /// A connection in this state.
    Live(ConnectionState),
    /// A file.
    File,
}

/// Facts that decide which commands are possible.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CommandContext {
    /// Number of panes.
    pub(crate) panes: usize,
    /// Source and protocol of the focused pane's feed, if it has one.
    pub(crate) feed: Option<(SourceKind, Protocol)>,
    /// The feed can be played.
    pub(crate) has_replay: bool,
    /// The feed is read by lines.
    pub(crate) reads_lines: bool,
    pub(crate) has_demo: bool,
}

impl CommandContext {
    /// Returns the facts about the focused pane of a scene.
    pub(crate) fn of(scene: &Scene<'_>, focused: PaneId) -> Self {
        let feed = scene.feed_of(focused);
        Self {
            panes: scene.panes.len(),
            feed: feed.map(|feed| {
                let state = feed.source.state();
                let kind = state.map_or(SourceKind::File, SourceKind::Live);
                (kind, feed.source.protocol())
            }),
            has_replay: feed.is_some_and(|feed| feed.replay.is_some()),
            reads_lines: feed.is_some_and(|feed| feed.source.reads_lines()),
            has_demo: scene.demo.is_some(),
        }
    }

    /// Returns true if a command is possible.
    pub(crate) fn fulfills(&self, needs: Needs) -> bool {
        match needs {
            Needs::Nothing => true,
            Needs::Panes(least) => self.panes >= least,
            Needs::Feed => self.feed.is_some(),
            Needs::Live => matches!(self.feed, Some((SourceKind::Live(_), _))),
            Needs::EventStream => {
                self.fulfills(Needs::Live) && matches!(self.feed, Some((_, Protocol::EventStream)))
            }
            Needs::LiveWebSocket => {
                self.fulfills(Needs::Live) && matches!(self.feed, Some((_, Protocol::WebSocket)))
            }
            Needs::File => matches!(self.feed, Some((SourceKind::File, _))),
            Needs::Replay => self.has_replay,
            Needs::WebSocket => matches!(self.feed, Some((_, Protocol::WebSocket))),
            Needs::Class(class) => self.feed.is_some_and(|(_, protocol)| match class {
                Class::States => true,
                Class::Received | Class::Sent | Class::PingPong => protocol == Protocol::WebSocket,
                Class::Lines => self.reads_lines,
                Class::Events | Class::Comments => {
                    protocol == Protocol::EventStream && !self.reads_lines
                }
            }),
            Needs::Reconnecting => {
                let waits = SourceKind::Live(ConnectionState::Reconnecting);
                matches!(self.feed, Some((kind, _)) if kind == waits)
            }
            Needs::Demo => self.has_demo,
        }
    }
}

/// Returns true if a sheet or a menu lies above the panes. The keys of panes and rows rest then.
pub(crate) fn is_covered(ui: &Ui) -> bool {
    let has_sheet = ui.memory(|memory| memory.top_modal_layer().is_some());
    has_sheet || egui::Popup::is_any_open(ui.ctx())
}

/// Removes text that was typed with Alt from the input, because such keys are commands: a field with the focus would
/// otherwise receive the `1` of Alt 1, too. With Option, macOS types signs. With `AltGr`, Windows reports Ctrl, too.
pub(crate) fn remove_text_of_alt(ui: &Ui) {
    if cfg!(target_os = "macos") {
        return;
    }
    ui.input_mut(|input| {
        let mut has_alt = false;
        input.events.retain(|event| match event {
            Event::Key {
                modifiers, pressed, ..
            } => {
                has_alt = *pressed && modifiers.alt && !modifiers.ctrl;
                true
            }
            // The text of a key follows it.
            Event::Text(_) => !has_alt,
            _ => true,
        });
    });
}

/// Takes the keys of commands from the input: of those about panes, which may focus another pane, or of all others. The
/// commands are in the order of the list. `in_new_pane` means that nothing has been typed into the focused URL field of an
/// empty pane.
pub(crate) fn taken(
    ui: &Ui,
    standing: &CommandContext,
    about_panes: bool,
    in_new_pane: bool,
) -> Vec<Shortcut> {
    let writing = is_writing(ui);
    let covered = is_covered(ui);
    let widget_has_keys = ui.ctx().egui_wants_keyboard_input() && !timeline::has_focus(ui);
    let mut shortcuts = Vec::new();
    for (listed, keys) in KeyMap::of(ui).by_modifiers() {
        // The order of the checks matters: the last one takes the key from the input.
        let is_meant = (listed.group == Group::Panes) == about_panes;
        let is_possible = standing.fulfills(listed.needs) && (!covered || works_above(listed));
        // A new pane closes at once, as a new tab of a browser does: there is no word to delete and nothing to lose.
        let closes_new_pane =
            in_new_pane && listed.shortcut == Shortcut::ClosePane && keys.modifiers.command;
        let is_used = (writing && !closes_new_pane && keys::edits_text(keys))
            || (widget_has_keys && keys::operates_widget(keys));
        if is_meant && is_possible && !is_used && keys::pressed(ui, keys) {
            shortcuts.push(listed.shortcut);
        }
    }
    if !about_panes && !covered {
        take_row_keys(ui, &mut shortcuts);
    }
    shortcuts
}

/// Returns true if the keys of a command were pressed that is not possible. They are taken from the input.
pub(crate) fn is_refused(ui: &Ui, standing: &CommandContext, shortcut: Shortcut) -> bool {
    let mut all = KeyMap::of(ui).by_modifiers().into_iter();
    let is_pressed = |(listed, keys): (&Listed, KeyboardShortcut)| {
        listed.shortcut == shortcut && !standing.fulfills(listed.needs) && keys::pressed(ui, keys)
    };
    !is_covered(ui) && all.any(is_pressed)
}

/// Takes the keys that a focused widget, such as the JSON tree, uses for itself.
fn take_row_keys(ui: &Ui, shortcuts: &mut Vec<Shortcut>) {
    // The system makes this event of Ctrl C, so that the key itself never arrives. A button has nothing to copy.
    let copy = Shortcut::View(ViewShortcut::CopySelected);
    let is_copy = |event: &Event| matches!(event, Event::Copy);
    let copies = || KeyMap::of(ui).has(copy, Modifiers::COMMAND, Key::C);
    let is_copied = ui.input(|input| input.events.iter().any(is_copy));
    if is_copied && !keys::has_own_copy(ui) && copies() {
        shortcuts.push(copy);
    }
    if ui.ctx().egui_wants_keyboard_input() && !timeline::has_focus(ui) {
        return;
    }
    // Escape stays in the input, because a sheet over the window closes by it, too.
    if ui.input(|input| input.key_pressed(Key::Escape)) {
        shortcuts.push(Shortcut::View(ViewShortcut::CloseInnermost));
    }
}

/// Returns true for commands that work while a sheet or a menu lies above the panes.
fn works_above(listed: &Listed) -> bool {
    matches!(
        listed.shortcut,
        Shortcut::ToggleHelp | Shortcut::TogglePalette
    )
}
