//! List of all shortcuts, in the order of the help sheet and the command palette.

use egui::{Key, KeyboardShortcut, Modifiers};
use feedscope_analysis::errors::Towards;
use feedscope_core::store::Class;

use super::{DemoShortcut, FindStep, Needs, ReplayShortcut, ReplayStep, Shortcut, ViewShortcut};
use crate::command::CopyProgram;
use crate::pane_request::PaneDirection;
use crate::side::SideTab;

/// Shortcut with its names and usual keys.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) shortcut: Shortcut,
    /// Name in the settings.
    pub(crate) id: &'static str,
    /// Name in the command palette.
    pub(crate) name: &'static str,
    /// Effect in the help sheet. Neighbors with the same text share a line, and an empty text hides the shortcut there.
    pub(crate) help: &'static str,
    pub(crate) group: Group,
    pub(crate) needs: Needs,
    /// Usual keys.
    pub(crate) keys: &'static [KeyboardShortcut],
}

/// Part of the window that a shortcut belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Window,
    Panes,
    Connection,
    Records,
    Inspector,
    Composer,
    Demo,
}

impl Group {
    pub(crate) const ALL: [Self; 7] = [
        Self::Window,
        Self::Panes,
        Self::Connection,
        Self::Records,
        Self::Inspector,
        Self::Composer,
        Self::Demo,
    ];

    /// Returns the heading of the group.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Window => "Window",
            Self::Panes => "Panes",
            Self::Connection => "Connection",
            Self::Records => "Records",
            Self::Inspector => "Inspector",
            Self::Composer => "Messages",
            Self::Demo => "Demo",
        }
    }

    /// Returns the keys of the group that cannot be replaced, because every program uses them in this way.
    pub(crate) fn fixed_keys(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Window => &[
                (
                    "Tab, Shift Tab",
                    "the next part of the window, the one before",
                ),
                ("Esc", "close the sheet, the inspector, the error"),
                (
                    "↑ ↓, Home, End in a menu",
                    "the entry above, below, the first, the last; Enter chooses",
                ),
            ],
            Self::Records => &[
                ("↑ ↓", "select the record above, below"),
                (
                    "Shift ↑ ↓, Ctrl A",
                    "select several records; also Shift click, Ctrl click, a drag",
                ),
                ("Page Up, Page Down", "a page up, down"),
                (
                    "Home, End",
                    "the oldest record; the newest, and follow it; a selection moves along",
                ),
                ("Enter", "open the inspector; Esc returns"),
                (
                    "↓ in the filter or URL",
                    "suggestions; Enter takes one, Esc closes them",
                ),
            ],
            Self::Inspector => &[
                ("← → ↑ ↓ in JSON", "select, fold and unfold values"),
                ("Ctrl C in JSON", "copy the value; with Shift, its path"),
                (
                    "P in JSON",
                    "add the number to the plot, or remove it; with Shift, plot only this one",
                ),
                (
                    "Shift ← → ↑ ↓ in Text",
                    "select; Ctrl A selects all, Ctrl C copies",
                ),
            ],
            Self::Composer => &[
                ("Enter, Ctrl Enter", "send the message"),
                ("Shift Enter", "start another line in the message"),
                ("↑", "recall an earlier message"),
            ],
            Self::Panes | Self::Connection | Self::Demo => &[],
        }
    }
}

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
const ALT: Modifiers = Modifiers::ALT;
const ALT_SHIFT: Modifiers = Modifiers::ALT.plus(Modifiers::SHIFT);
const SHIFT: Modifiers = Modifiers::SHIFT;
const NONE: Modifiers = Modifiers::NONE;

const fn key(modifiers: Modifiers, key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(modifiers, key)
}

/// Creates an entry whose effect in the help sheet is its name.
const fn entry(
    group: Group,
    shortcut: Shortcut,
    id: &'static str,
    name: &'static str,
    keys: &'static [KeyboardShortcut],
) -> Listed {
    Listed {
        shortcut,
        id,
        name,
        help: if keys.is_empty() { "" } else { name },
        group,
        needs: match group {
            Group::Records | Group::Inspector => Needs::Feed,
            Group::Demo => Needs::Demo,
            Group::Window | Group::Panes | Group::Connection | Group::Composer => Needs::Nothing,
        },
        keys,
    }
}

impl Listed {
    /// Returns the entry with another text in the help sheet.
    const fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    /// Returns the entry with another condition.
    const fn needs(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }
}

const fn pane(
    number: usize,
    id: &'static str,
    name: &'static str,
    keys: &'static [KeyboardShortcut],
) -> Listed {
    entry(
        Group::Panes,
        Shortcut::FocusPane(number - 1),
        id,
        name,
        keys,
    )
    .help("go to that pane")
    .needs(Needs::Panes(number))
}

const fn saved_message(
    number: usize,
    id: &'static str,
    name: &'static str,
    keys: &'static [KeyboardShortcut],
) -> Listed {
    let shortcut = Shortcut::SendSaved(number - 1);
    entry(Group::Composer, shortcut, id, name, keys)
        .help("send that saved message")
        .needs(Needs::WebSocket)
}

const fn neighbor(
    direction: PaneDirection,
    id: &'static str,
    name: &'static str,
    keys: &'static [KeyboardShortcut],
) -> Listed {
    entry(
        Group::Panes,
        Shortcut::FocusNeighbor(direction),
        id,
        name,
        keys,
    )
    .help("go to the pane on that side")
    .needs(Needs::Panes(2))
}

const fn moved(
    direction: PaneDirection,
    id: &'static str,
    name: &'static str,
    keys: &'static [KeyboardShortcut],
) -> Listed {
    entry(Group::Panes, Shortcut::MovePane(direction), id, name, keys)
        .help("move the pane to that side")
        .needs(Needs::Panes(2))
}

const fn resized(
    direction: PaneDirection,
    id: &'static str,
    name: &'static str,
    keys: &'static [KeyboardShortcut],
) -> Listed {
    entry(
        Group::Panes,
        Shortcut::ResizePane(direction),
        id,
        name,
        keys,
    )
    .help("move the pane's edge that way")
    .needs(Needs::Panes(2))
}

const fn view(
    group: Group,
    shortcut: ViewShortcut,
    id: &'static str,
    name: &'static str,
    keys: &'static [KeyboardShortcut],
) -> Listed {
    entry(group, Shortcut::View(shortcut), id, name, keys).needs(Needs::Feed)
}

const fn replay(
    shortcut: ReplayShortcut,
    id: &'static str,
    name: &'static str,
    keys: &'static [KeyboardShortcut],
) -> Listed {
    view(
        Group::Records,
        ViewShortcut::Replay(shortcut),
        id,
        name,
        keys,
    )
    .needs(Needs::Replay)
}

const fn class(class: Class, id: &'static str, name: &'static str) -> Listed {
    view(
        Group::Records,
        ViewShortcut::ToggleClass(class),
        id,
        name,
        &[],
    )
    .needs(Needs::Class(class))
}

const fn demo(shortcut: DemoShortcut, id: &'static str, name: &'static str) -> Listed {
    entry(Group::Demo, Shortcut::Demo(shortcut), id, name, &[])
}

/// All shortcuts.
#[rustfmt::skip] // A table is easier to read with one entry on a line.
pub(crate) static LIST: &[Listed] = &[
    // The window as a whole. The palette lists the commands in this order as well.
    entry(Group::Window, Shortcut::ToggleHelp, "help", "Help and keys", &[key(NONE, Key::F1)]),
    entry(Group::Window, Shortcut::TogglePalette, "commands", "All commands", &[key(CTRL_SHIFT, Key::P)]),
    entry(Group::Window, Shortcut::OpenConnections, "connections", "Saved connections and recent URLs", &[key(CTRL, Key::K)])
        .help("saved connections and recent URLs; typing searches"),
    entry(Group::Window, Shortcut::OpenFile, "open_file", "Open a file", &[key(CTRL, Key::O)])
        .help("open a file, such as a recording"),
    entry(Group::Window, Shortcut::SessionRecordings, "session_recordings", "Recordings of sessions", &[]),
    entry(Group::Window, Shortcut::SwitchTheme, "theme", "Dark or light theme", &[key(CTRL, Key::T)]),
    entry(Group::Window, Shortcut::SwitchTimeZone, "time_zone", "UTC or local time", &[key(CTRL, Key::U)]),

    // Panes by their number in reading order.
    pane(1, "pane_1", "Go to pane 1", &[key(CTRL, Key::Num1)]),
    pane(2, "pane_2", "Go to pane 2", &[key(CTRL, Key::Num2)]),
    pane(3, "pane_3", "Go to pane 3", &[key(CTRL, Key::Num3)]),
    pane(4, "pane_4", "Go to pane 4", &[key(CTRL, Key::Num4)]),
    pane(5, "pane_5", "Go to pane 5", &[key(CTRL, Key::Num5)]),
    pane(6, "pane_6", "Go to pane 6", &[key(CTRL, Key::Num6)]),
    pane(7, "pane_7", "Go to pane 7", &[key(CTRL, Key::Num7)]),
    pane(8, "pane_8", "Go to pane 8", &[key(CTRL, Key::Num8)]),
    pane(9, "pane_9", "Go to pane 9", &[key(CTRL, Key::Num9)]),
    // Neighbors with the same effect share a line of the help sheet.
    entry(Group::Panes, Shortcut::FocusNextPane, "next_pane", "Go to the next pane", &[key(CTRL, Key::Tab)])
        .help("go to the next pane, the one before").needs(Needs::Panes(2)),
    entry(Group::Panes, Shortcut::FocusPreviousPane, "previous_pane", "Go to the previous pane", &[key(CTRL_SHIFT, Key::Tab)])
        .help("go to the next pane, the one before").needs(Needs::Panes(2)),
    neighbor(PaneDirection::Left, "pane_left", "Go to the pane on the left", &[key(ALT, Key::ArrowLeft)]),
    neighbor(PaneDirection::Right, "pane_right", "Go to the pane on the right", &[key(ALT, Key::ArrowRight)]),
    neighbor(PaneDirection::Up, "pane_above", "Go to the pane above", &[key(ALT, Key::ArrowUp)]),
    neighbor(PaneDirection::Down, "pane_below", "Go to the pane below", &[key(ALT, Key::ArrowDown)]),
    // Panes come and go.
    entry(Group::Panes, Shortcut::OpenPane, "new_pane", "New pane", &[key(CTRL, Key::N)])
        .help("another pane beside this one; with Shift, as a tab"),
    entry(Group::Panes, Shortcut::OpenRight, "new_pane_right", "New pane on the right", &[]),
    entry(Group::Panes, Shortcut::OpenBelow, "new_pane_below", "New pane below", &[]),
    entry(Group::Panes, Shortcut::OpenTab, "new_tab", "New pane as a tab", &[key(CTRL_SHIFT, Key::N)])
        .help("another pane beside this one; with Shift, as a tab"),
    entry(Group::Panes, Shortcut::OpenView, "second_view", "Second view of this feed", &[key(CTRL, Key::Backslash)])
        .help("a second view of this pane's feed").needs(Needs::Feed),
    entry(Group::Panes, Shortcut::ClosePane, "close_pane", "Close the pane", &[key(CTRL, Key::W)]),
    entry(Group::Panes, Shortcut::ReopenPane, "reopen", "Restore what was closed last", &[key(CTRL_SHIFT, Key::T)])
        .help("open the closed pane or the replaced feed again, with its records"),
    // The layout of the panes.
    moved(PaneDirection::Left, "move_left", "Move the pane to the left", &[key(CTRL_SHIFT, Key::ArrowLeft)]),
    moved(PaneDirection::Right, "move_right", "Move the pane to the right", &[key(CTRL_SHIFT, Key::ArrowRight)]),
    moved(PaneDirection::Up, "move_up", "Move the pane up", &[key(CTRL_SHIFT, Key::ArrowUp)]),
    moved(PaneDirection::Down, "move_down", "Move the pane down", &[key(CTRL_SHIFT, Key::ArrowDown)]),
    resized(PaneDirection::Left, "edge_left", "Move the pane's edge to the left", &[key(ALT_SHIFT, Key::ArrowLeft)]),
    resized(PaneDirection::Right, "edge_right", "Move the pane's edge to the right", &[key(ALT_SHIFT, Key::ArrowRight)]),
    resized(PaneDirection::Up, "edge_up", "Move the pane's edge up", &[key(ALT_SHIFT, Key::ArrowUp)]),
    resized(PaneDirection::Down, "edge_down", "Move the pane's edge down", &[key(ALT_SHIFT, Key::ArrowDown)]),

    // The connection of the focused pane.
    entry(Group::Connection, Shortcut::EditUrl, "url", "Edit the URL", &[key(CTRL, Key::L)])
        .help("edit the URL; Enter connects"),
    entry(Group::Connection, Shortcut::ToggleConnection, "connection", "Disconnect or connect", &[key(CTRL, Key::D)])
        .help("disconnect, or connect again").needs(Needs::Live),
    entry(Group::Connection, Shortcut::RetryNow, "retry", "Retry now", &[key(CTRL, Key::R)])
        .help("retry now, while reconnecting").needs(Needs::Reconnecting),
    view(Group::Connection, ViewShortcut::Options, "options", "Connection options", &[key(CTRL, Key::Comma)]).needs(Needs::Live),
    view(Group::Connection, ViewShortcut::SecondOpinion, "compare_engines", "Second opinion of another engine", &[]).needs(Needs::Live),
    entry(Group::Connection, Shortcut::SaveConnection, "save_connection", "Save this connection", &[key(CTRL, Key::S)])
        .help("save the connection of this pane").needs(Needs::Live),
    entry(Group::Connection, Shortcut::ToggleRecording, "record", "Record this feed, or stop the recording", &[key(CTRL_SHIFT, Key::R)])
        .help("record the pane's feed, or stop the recording").needs(Needs::Live),
    entry(Group::Connection, Shortcut::RecordTo, "record_to", "Record to a file", &[]).needs(Needs::Live),
    entry(Group::Connection, Shortcut::SaveRecords, "save_records", "Save as another format", &[key(CTRL_SHIFT, Key::S)])
        .help("save the records in another format").needs(Needs::Feed),
    entry(Group::Connection, Shortcut::CopyUrl, "copy_url", "Copy the URL", &[]).needs(Needs::Live),
    entry(Group::Connection, Shortcut::CopyPath, "copy_path", "Copy the path", &[]).needs(Needs::File),
    entry(Group::Connection, Shortcut::CopyAs(CopyProgram::Curl), "copy_as_curl", "Copy as curl", &[]).needs(Needs::EventStream),
    entry(Group::Connection, Shortcut::CopyAs(CopyProgram::Websocat), "copy_as_websocat", "Copy as websocat", &[])
        .needs(Needs::LiveWebSocket),
    entry(Group::Connection, Shortcut::CopyAs(CopyProgram::Tail), "copy_as_tail", "Copy as feedscope tail", &[]).needs(Needs::Live),
    entry(Group::Connection, Shortcut::ClearRecords, "clear", "Clear records", &[]).needs(Needs::Live),

    // Finding records. The slash is a plain key, so that a text field has priority.
    entry(Group::Records, Shortcut::EditFilter, "filter", "Filter", &[key(NONE, Key::Slash), key(CTRL_SHIFT, Key::F)])
        .help("filter; Esc empties the field, then leaves it"),
    view(Group::Records, ViewShortcut::FilterValues, "filter_values", "Values to filter by", &[]),
    view(Group::Records, ViewShortcut::HitsBelow, "hits_below", "Hits below the rows, or in their place", &[]),
    view(Group::Records, ViewShortcut::Find, "find", "Find", &[key(CTRL, Key::F)])
        .help("find without filtering; Esc closes"),
    view(Group::Records, ViewShortcut::FindStep(FindStep::Next), "find_next", "Next match", &[key(NONE, Key::F3)])
        .help("the next match, the one before; also Enter"),
    view(Group::Records, ViewShortcut::FindStep(FindStep::Previous), "find_previous", "Previous match", &[key(SHIFT, Key::F3)])
        .help("the next match, the one before; also Enter"),
    view(Group::Records, ViewShortcut::GoToRow, "go_to", "Go to a row or a time", &[key(CTRL, Key::G)])
        .help("go to a row: its number, 50 %, a time, or -5m for five minutes ago"),
    view(Group::Records, ViewShortcut::ErrorStep(Towards::Newer), "next_error", "Next error", &[key(NONE, Key::F8)])
        .help("the next error, the one before"),
    view(Group::Records, ViewShortcut::ErrorStep(Towards::Older), "previous_error", "Previous error", &[key(SHIFT, Key::F8)])
        .help("the next error, the one before"),
    // Reading records.
    view(Group::Records, ViewShortcut::TimeReference, "time_reference", "Count times from the selected record", &[key(NONE, Key::T)])
        .help("count times from the selected record; again for the usual times"),
    view(Group::Records, ViewShortcut::Lens, "lens", "Lens: explain or choose", &[]),
    view(Group::Records, ViewShortcut::Decoders, "decoders", "Decoders: choose how payloads are decoded", &[]),
    view(Group::Records, ViewShortcut::Raw, "raw", "Rows as received, or as the lens reads them", &[key(NONE, Key::R)])
        .help("show the rows as received; again as the lens reads them"),
    view(Group::Records, ViewShortcut::Partner, "pair", "Go to the answer or the request", &[key(NONE, Key::J)])
        .help("go from a request to its answer, and back"),
    view(Group::Records, ViewShortcut::Assembled, "answers", "Answers of a language model", &[key(NONE, Key::A)])
        .help("show or hide the answers of a language model, put together"),
    view(Group::Records, ViewShortcut::Plot, "plot", "Plot", &[]),
    view(Group::Records, ViewShortcut::InspectorPlace, "inspector_place", "Inspector beside or below the rows", &[]),
    view(Group::Records, ViewShortcut::TraceSpan { is_longer: true }, "trace_longer", "Show more time in the traces", &[key(ALT, Key::Minus)])
        .help("show more time in the traces, less time; also the mouse wheel"),
    view(Group::Records, ViewShortcut::TraceSpan { is_longer: false }, "trace_shorter", "Show less time in the traces", &[key(ALT, Key::Plus), key(ALT, Key::Equals)])
        .help("show more time in the traces, less time; also the mouse wheel"),
    view(Group::Records, ViewShortcut::SelectTrace, "select_trace", "Select the time of the trace", &[key(ALT, Key::A)])
        .help("select the records of the trace; a drag in it selects a part"),
    view(Group::Records, ViewShortcut::SelectBetweenMarks, "select_marks", "Select from mark to mark", &[key(ALT, Key::M)])
        .help("select the records between the last two marks"),
    view(Group::Records, ViewShortcut::Side(SideTab::Latest), "latest", "Latest by key", &[]),
    view(Group::Records, ViewShortcut::Side(SideTab::Measures), "measures", "Measures", &[]),
    view(Group::Records, ViewShortcut::Mark, "mark", "Mark the selected record", &[key(NONE, Key::M)])
        .help("mark the selected record, or remove its mark"),
    view(Group::Records, ViewShortcut::MarkStep(Towards::Newer), "next_mark", "Next mark", &[key(CTRL, Key::ArrowDown)])
        .help("the next marked record, the one before"),
    view(Group::Records, ViewShortcut::MarkStep(Towards::Older), "previous_mark", "Previous mark", &[key(CTRL, Key::ArrowUp)])
        .help("the next marked record, the one before"),
    view(Group::Records, ViewShortcut::Side(SideTab::Marks), "marks", "Marks and colors", &[key(SHIFT, Key::M)])
        .help("list of marks, colors of rows, and changes of fields"),
    view(Group::Records, ViewShortcut::Side(SideTab::Compare), "compare", "Compare with another feed", &[]),
    view(Group::Records, ViewShortcut::Pause, "pause", "Pause or resume the view, play a recording", &[key(NONE, Key::Space)])
        .help("pause the view, play a recording"),
    view(Group::Records, ViewShortcut::CopySelected, "copy", "Copy the selected records", &[key(CTRL, Key::C)])
        .help("copy the payload of the record; several as a table"),
    view(Group::Records, ViewShortcut::Menu, "menu", "Menu of the selected record or value", &[key(NONE, Key::Menu), key(SHIFT, Key::F10)]),
    view(Group::Records, ViewShortcut::Columns, "columns", "Columns", &[]),
    // Recordings are played.
    replay(ReplayShortcut::Step(ReplayStep::Back), "step_back", "Previous record of the recording", &[key(NONE, Key::Comma)])
        .help("the record before, the next one of a recording"),
    replay(ReplayShortcut::Step(ReplayStep::Forward), "step", "Next record of the recording", &[key(NONE, Key::Period)])
        .help("the record before, the next one of a recording"),
    replay(ReplayShortcut::Slower, "slower", "Play more slowly", &[key(NONE, Key::Minus)])
        .help("play a recording more slowly, faster"),
    replay(ReplayShortcut::Faster, "faster", "Play faster", &[key(NONE, Key::Plus)])
        .help("play a recording more slowly, faster"),
    // Classes of records, which have no keys by default.
    class(Class::Events, "events", "Show or hide events"),
    class(Class::Comments, "comments", "Show or hide comments"),
    class(Class::Received, "received", "Show or hide received messages"),
    class(Class::Sent, "sent", "Show or hide sent messages"),
    class(Class::PingPong, "ping_pong", "Show or hide ping and pong"),
    class(Class::Lines, "lines", "Show or hide lines"),
    class(Class::States, "states", "Show or hide states"),

    entry(Group::Composer, Shortcut::WriteMessage, "message", "Write a message", &[key(CTRL, Key::M)])
        .needs(Needs::LiveWebSocket),
    entry(Group::Composer, Shortcut::FormatJson, "format_json", "Format the JSON in the message", &[key(CTRL_SHIFT, Key::J)])
        .help("write the JSON of the message in lines").needs(Needs::WebSocket),
    entry(Group::Composer, Shortcut::SaveMessage, "save_message", "Save this message", &[])
        .needs(Needs::LiveWebSocket),
    saved_message(1, "message_1", "Send saved message 1", &[key(ALT, Key::Num1)]),
    saved_message(2, "message_2", "Send saved message 2", &[key(ALT, Key::Num2)]),
    saved_message(3, "message_3", "Send saved message 3", &[key(ALT, Key::Num3)]),
    saved_message(4, "message_4", "Send saved message 4", &[key(ALT, Key::Num4)]),
    saved_message(5, "message_5", "Send saved message 5", &[key(ALT, Key::Num5)]),
    saved_message(6, "message_6", "Send saved message 6", &[key(ALT, Key::Num6)]),
    saved_message(7, "message_7", "Send saved message 7", &[key(ALT, Key::Num7)]),
    saved_message(8, "message_8", "Send saved message 8", &[key(ALT, Key::Num8)]),
    saved_message(9, "message_9", "Send saved message 9", &[key(ALT, Key::Num9)]),
    entry(Group::Composer, Shortcut::StopAutomatic, "stop_messages", "Stop all automatic messages", &[key(CTRL, Key::Period)])
        .help("stop all messages that are sent automatically"),

    // The demo server. Its commands have no keys by default.
    entry(Group::Demo, Shortcut::ToggleTour, "demo", "Demo panel", &[key(NONE, Key::F2)]),
    demo(DemoShortcut::Drop, "demo_drop", "Demo: drop connections"),
    demo(DemoShortcut::Refuse, "demo_refuse", "Demo: refuse connections for 10 s"),
    demo(DemoShortcut::Stall, "demo_stall", "Demo: stall the streams, or continue them"),
    demo(DemoShortcut::Flood, "demo_flood", "Demo: flood this pane, or stop the flood"),
    demo(DemoShortcut::Faults, "demo_faults", "Demo: faults"),
    demo(DemoShortcut::Compare, "demo_compare", "Demo: same ticks over both protocols"),
    demo(DemoShortcut::Hide, "demo_hide", "Demo: hide its strip"),
];
