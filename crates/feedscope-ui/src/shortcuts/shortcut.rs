//! Commands that have a key or stand in the command palette, as values.

use feedscope_analysis::errors::Towards;
use feedscope_core::store::Class;

use crate::command::CopyProgram;
use crate::pane_request::PaneDirection;
use crate::side::SideTab;

/// Action of a shortcut. Unless it names another pane, it applies to the focused one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shortcut {
    /// Opens or closes the help sheet.
    ToggleHelp,
    /// Opens or closes the command palette.
    TogglePalette,
    /// Opens or closes the demo's tour.
    ToggleTour,
    Demo(DemoShortcut),
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
    /// Opens a pane without a feed beside the focused one.
    OpenRight,
    /// Opens a pane without a feed below the focused one.
    OpenBelow,
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
    /// Opens the list of recorded sessions.
    SessionRecordings,
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
    /// Opens the dialog that starts a recording into a file.
    RecordTo,
    /// Sends a saved message, by its index.
    SendSaved(usize),
    /// Writes the JSON in the composer in lines.
    FormatJson,
    /// Asks for a name, and saves the message in the composer.
    SaveMessage,
    /// Stops all messages that are sent without the user.
    StopAutomatic,
    CopyUrl,
    /// Copies the path of the file that the feed was opened from.
    CopyPath,
    /// Copies the connection as a command line.
    CopyAs(CopyProgram),
    ClearRecords,
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
    /// Opens the plot.
    Plot,
    /// Moves the inspector beside the rows, or below them.
    InspectorPlace,
    /// Selects the records of the time that the trace shows.
    SelectTrace,
    /// Selects the records between the last two marks.
    SelectBetweenMarks,
    /// Makes the traces show more time, or less.
    TraceSpan {
        is_longer: bool,
    },
    /// Opens the menu of the lens.
    Lens,
    /// Opens the menu of the decoders.
    Decoders,
    /// Shows the rows as they were received, or as the lens reads them.
    Raw,
    /// Selects the other end of the selected pair.
    Partner,
    /// Opens or closes a tab of the part beside the rows.
    Side(SideTab),
    /// Shows or hides the answers that are put together.
    Assembled,
    /// Marks the selected record, or removes its mark.
    Mark,
    /// Selects the next marked record.
    MarkStep(Towards),
    /// Opens the comparison with the other engine.
    SecondOpinion,
    /// Shows the hits below the rows, or in their place.
    HitsBelow,
    /// Opens the menu of the columns.
    Columns,
    /// Opens the menu of values to filter by.
    FilterValues,
    /// Counts times from the selected record.
    TimeReference,
    /// Pauses the view, or plays a recording.
    Pause,
    /// Opens the menu of the selected record, or of the selected value in the inspector.
    Menu,
    /// Shows or hides a class of records.
    ToggleClass(Class),
    /// Opens the bar for going to a row.
    GoToRow,
    Replay(ReplayShortcut),
    /// Copies the selected rows.
    CopySelected,
    /// Closes the innermost open part: a bar, an error or the inspector.
    CloseInnermost,
}

/// Action of a shortcut on the replay of the focused pane's recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplayShortcut {
    Step(ReplayStep),
    Faster,
    Slower,
}

/// Command to the demo server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DemoShortcut {
    Drop,
    Refuse,
    /// Holds the streams back, or lets them continue.
    Stall,
    /// Floods the focused pane, or stops the flood.
    Flood,
    Faults,
    Compare,
    Hide,
}

/// Condition of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    /// At least this number of panes.
    Panes(usize),
    /// The focused pane has a feed.
    Feed,
    /// Its feed has a connection.
    Live,
    /// Its feed is an event stream with a connection.
    EventStream,
    /// Its feed is a WebSocket with a connection.
    LiveWebSocket,
    /// Its feed was opened from a file.
    File,
    /// Its feed comes from a recording that can be played.
    Replay,
    /// Its feed is a WebSocket.
    WebSocket,
    /// Its feed has this class of records.
    Class(Class),
    /// It reconnects.
    Reconnecting,
    Demo,
}

/// Direction from the selected row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FindStep {
    Next,
    Previous,
}

/// Direction of a step to another record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplayStep {
    Back,
    Forward,
}
