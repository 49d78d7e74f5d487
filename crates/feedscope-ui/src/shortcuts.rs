//! Keys that work everywhere in the window, as the actions that they stand for.
//!
//! `words::KEYS` lists them; the timeline handles the keys that move over rows. A pressed key is taken from the input,
//! so that no widget receives it as well. `window/actions` carries the actions out.

use egui::{Event, Key, Modifiers, Ui};
use feedscope_analysis::errors::Towards;
use feedscope_core::ConnectionState;

use crate::find::FindStep;
use crate::pane_request::PaneDirection;

/// Action of a shortcut. Unless it names another pane, it applies to the focused one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shortcut {
    /// Opens or closes the help sheet.
    ToggleHelp,
    /// Opens or closes the demo's tour.
    ToggleTour,
    /// Switches between the dark and the light theme.
    SwitchTheme,
    /// Switches between UTC and local time.
    SwitchTimeZone,
    /// Focuses a pane by its index in reading order.
    FocusPane(usize),
    FocusNextPane,
    FocusPreviousPane,
    FocusNeighbor(PaneDirection),
    /// Opens a pane without a feed where there is most room.
    OpenPane,
    /// Opens a pane without a feed as a tab.
    OpenTab,
    /// Opens a second view of the feed.
    OpenView,
    ClosePane,
    /// Opens the pane that was closed last again, with its records.
    ReopenPane,
    ResizePane(PaneDirection),
    MovePane(PaneDirection),
    /// Focuses the URL field.
    EditUrl,
    /// Opens the dialog for a file.
    OpenFile,
    /// Opens the list of saved connections.
    OpenConnections,
    /// Opens the form that saves the connection.
    SaveConnection,
    /// Opens the dialog that saves the records.
    SaveRecords,
    /// Focuses the composer.
    WriteMessage,
    /// Connects or disconnects.
    ToggleConnection,
    RetryNow,
    /// Starts or stops the recording of the feed.
    ToggleRecording,
    /// Sends a saved message, by its index.
    SendSaved(usize),
    /// Stops all messages that are sent without the user.
    StopAutomatic,
    /// Focuses the filter field.
    EditFilter,
    View(ViewShortcut),
}

/// Action of a shortcut on the view of the focused pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ViewShortcut {
    /// Opens the find bar.
    Find,
    FindStep(FindStep),
    /// Selects the next error.
    ErrorStep(Towards),
    /// Opens the connection options.
    Options,
    /// Opens the bar for going to a row.
    GoToRow,
    /// Copies the selected rows.
    CopySelected,
    /// Closes the innermost open part: a bar, an error or the inspector.
    CloseInnermost,
}

/// Returns true if the keys belong to a text field. A field that has just received the focus counts before it is drawn.
pub(crate) fn is_writing(ui: &Ui) -> bool {
    let ctx = ui.ctx();
    let focused = ctx.memory(egui::Memory::focused);
    focused.is_some_and(|id| ctx.text_edit_focused() || ctx.read_response(id).is_none())
}

/// Returns true if a sheet or a menu lies above the panes. The keys of panes and rows rest then.
pub(crate) fn is_covered(ui: &Ui) -> bool {
    let has_sheet = ui.memory(|memory| memory.top_modal_layer().is_some());
    has_sheet || egui::Popup::is_any_open(ui.ctx())
}

/// Keys of the first nine panes in reading order, and of the first nine saved messages.
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

/// Takes a key with its modifiers from the input. Returns true if it was pressed.
fn pressed(ui: &Ui, modifiers: Modifiers, key: Key) -> bool {
    ui.input_mut(|input| input.consume_key(modifiers, key))
}

/// Takes the keys that open, close, focus, move and resize panes. `panes` is the number of panes, and `has_feed` applies
/// to the focused one.
pub(crate) fn for_panes(ui: &Ui, panes: usize, has_feed: bool) -> Vec<Shortcut> {
    /// Arrow keys with their directions.
    const DIRECTIONS: [(Key, PaneDirection); 4] = [
        (Key::ArrowLeft, PaneDirection::Left),
        (Key::ArrowRight, PaneDirection::Right),
        (Key::ArrowUp, PaneDirection::Up),
        (Key::ArrowDown, PaneDirection::Down),
    ];
    let (command, alt, shift) = (Modifiers::COMMAND, Modifiers::ALT, Modifiers::SHIFT);
    let mut shortcuts = Vec::new();
    if is_covered(ui) {
        return shortcuts;
    }
    let writing = is_writing(ui);
    for (index, key) in NUMBERS.into_iter().take(panes).enumerate() {
        if pressed(ui, command, key) {
            shortcuts.push(Shortcut::FocusPane(index));
        }
    }
    // Combinations with Shift come first, because `consume_key` ignores an additional Shift.
    if pressed(ui, command | shift, Key::Tab) {
        shortcuts.push(Shortcut::FocusPreviousPane);
    } else if pressed(ui, command, Key::Tab) {
        shortcuts.push(Shortcut::FocusNextPane);
    }
    if pressed(ui, command | shift, Key::N) {
        shortcuts.push(Shortcut::OpenTab);
    } else if pressed(ui, command, Key::N) {
        shortcuts.push(Shortcut::OpenPane);
    } else if has_feed && pressed(ui, command, Key::Backslash) {
        shortcuts.push(Shortcut::OpenView);
    } else if pressed(ui, command | shift, Key::T) {
        shortcuts.push(Shortcut::ReopenPane);
    } else if !writing && pressed(ui, command, Key::W) {
        // In a text field, this combination deletes a word.
        shortcuts.push(Shortcut::ClosePane);
    }
    // In a text field, these combinations move the cursor.
    for (key, direction) in DIRECTIONS {
        if pressed(ui, alt | shift, key) {
            shortcuts.push(Shortcut::ResizePane(direction));
        } else if !writing && pressed(ui, command | shift, key) {
            shortcuts.push(Shortcut::MovePane(direction));
        } else if !writing && pressed(ui, alt, key) {
            shortcuts.push(Shortcut::FocusNeighbor(direction));
        }
    }
    shortcuts
}

/// Takes the other keys. `feed` is the state of the focused pane's feed, if it has one.
pub(crate) fn for_window(ui: &Ui, has_demo: bool, feed: Option<ConnectionState>) -> Vec<Shortcut> {
    let plain = |key| pressed(ui, Modifiers::NONE, key);
    let command = |key| pressed(ui, Modifiers::COMMAND, key);
    let mut shortcuts = Vec::new();
    if plain(Key::F1) {
        shortcuts.push(Shortcut::ToggleHelp);
    }
    if has_demo && plain(Key::F2) {
        shortcuts.push(Shortcut::ToggleTour);
    }
    if is_covered(ui) {
        return shortcuts;
    }
    if command(Key::T) {
        shortcuts.push(Shortcut::SwitchTheme);
    }
    // Ctrl U and others also edit text, so that a focused text field has priority.
    let writing = is_writing(ui);
    if !writing && command(Key::U) {
        shortcuts.push(Shortcut::SwitchTimeZone);
    }
    if command(Key::L) {
        shortcuts.push(Shortcut::EditUrl);
    }
    if command(Key::K) {
        shortcuts.push(Shortcut::OpenConnections);
    }
    // This comes before Ctrl S, because `consume_key` ignores an additional Shift.
    if feed.is_some() && pressed(ui, Modifiers::COMMAND | Modifiers::SHIFT, Key::S) {
        shortcuts.push(Shortcut::SaveRecords);
    }
    if command(Key::S) {
        shortcuts.push(Shortcut::SaveConnection);
    }
    if command(Key::O) {
        shortcuts.push(Shortcut::OpenFile);
    }
    if command(Key::M) {
        shortcuts.push(Shortcut::WriteMessage);
    }
    if command(Key::Comma) {
        shortcuts.push(Shortcut::View(ViewShortcut::Options));
    }
    if command(Key::Period) {
        shortcuts.push(Shortcut::StopAutomatic);
    }
    if let Some(state) = feed {
        for (index, key) in NUMBERS.into_iter().enumerate() {
            if pressed(ui, Modifiers::ALT, key) {
                shortcuts.push(Shortcut::SendSaved(index));
            }
        }
        if command(Key::D) {
            shortcuts.push(Shortcut::ToggleConnection);
        }
        // This comes before Ctrl R, because `consume_key` ignores an additional Shift.
        if pressed(ui, Modifiers::COMMAND | Modifiers::SHIFT, Key::R) {
            shortcuts.push(Shortcut::ToggleRecording);
        }
        if state == ConnectionState::Reconnecting && command(Key::R) {
            shortcuts.push(Shortcut::RetryNow);
        }
        for_rows(ui, writing, &mut shortcuts);
    }
    // A focused widget, such as the JSON tree, has its own keys for copying and leaving.
    let is_free = !ui.ctx().egui_wants_keyboard_input();
    let is_copy = |event: &Event| matches!(event, Event::Copy);
    if is_free && ui.input(|input| input.events.iter().any(is_copy)) {
        shortcuts.push(Shortcut::View(ViewShortcut::CopySelected));
    }
    // Escape stays in the input, because a sheet over the window closes by it, too.
    if is_free && ui.input(|input| input.key_pressed(Key::Escape)) {
        shortcuts.push(Shortcut::View(ViewShortcut::CloseInnermost));
    }
    shortcuts
}

/// Takes the keys for filtering and finding rows.
fn for_rows(ui: &Ui, writing: bool, shortcuts: &mut Vec<Shortcut>) {
    let is_slash = |event: &Event| matches!(event, Event::Text(text) if text == "/");
    let slash = !writing && ui.input(|input| input.events.iter().any(is_slash));
    if slash {
        // The slash must not be typed into the field as well.
        ui.input_mut(|input| input.events.retain(|event| !is_slash(event)));
    }
    // This comes before Ctrl F, because `consume_key` ignores an additional Shift.
    if pressed(ui, Modifiers::COMMAND | Modifiers::SHIFT, Key::F) || slash {
        shortcuts.push(Shortcut::EditFilter);
    }
    if pressed(ui, Modifiers::COMMAND, Key::F) {
        shortcuts.push(Shortcut::View(ViewShortcut::Find));
    }
    if pressed(ui, Modifiers::COMMAND, Key::G) {
        shortcuts.push(Shortcut::View(ViewShortcut::GoToRow));
    }
    if pressed(ui, Modifiers::SHIFT, Key::F3) {
        shortcuts.push(Shortcut::View(ViewShortcut::FindStep(FindStep::Previous)));
    } else if pressed(ui, Modifiers::NONE, Key::F3) {
        shortcuts.push(Shortcut::View(ViewShortcut::FindStep(FindStep::Next)));
    }
    if pressed(ui, Modifiers::SHIFT, Key::F8) {
        shortcuts.push(Shortcut::View(ViewShortcut::ErrorStep(Towards::Older)));
    } else if pressed(ui, Modifiers::NONE, Key::F8) {
        shortcuts.push(Shortcut::View(ViewShortcut::ErrorStep(Towards::Newer)));
    }
}
