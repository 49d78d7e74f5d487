//! Commands: the user's requests, which the window returns to the app as values.

use std::path::PathBuf;

use feedscope_analysis::lenses::LensName;
use feedscope_analysis::measures::MeasuredFields;
use feedscope_core::ThemeChoice;
use feedscope_core::feed::{FeedCommand, FeedSpec};
use url::Url;

use crate::columns::ColumnChoice;
use crate::demo_scene::DemoCommand;
use crate::ids::{FeedId, PaneId};
use crate::lens::ReadingTexts;
use crate::replay_scene::ReplayAction;
use crate::save::RowChoice;
use crate::saved::{ConnectionForm, FoundSecret};
use crate::session_recordings_scene::SessionRecordingsAction;

/// Program that a copied command line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyProgram {
    /// `curl`.
    Curl,
    /// `websocat`.
    Websocat,
    /// `feedscope tail`.
    Tail,
}

/// Purpose of a file that the user chooses in the system's dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilePurpose {
    /// The file is opened.
    Open,
    /// The file is created, and a feed is recorded into it.
    Record(FeedId),
    /// The file is created, and the records of a feed are saved in it.
    Save(FeedId),
    /// The file is created, and the text of the answer with this number is saved in it.
    Answer(FeedId, u64),
}

/// File that a command creates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Path of the file.
    pub path: PathBuf,
    /// The user has agreed that a file with this name is replaced.
    pub replaces: bool,
}

impl From<PathBuf> for NewFile {
    fn from(path: PathBuf) -> Self {
        Self {
            path,
            replaces: false,
        }
    }
}

/// Request of the user. `app::commands` carries it out after the pass has been drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Sends a command to a feed.
    Feed(FeedId, FeedCommand),
    /// Changes the panes, or what they show.
    Pane(PaneCommand),
    /// Clears or saves the records of a feed.
    Records(RecordsCommand),
    /// Starts or ends a recording.
    Recording(RecordingCommand),
    /// Opens or changes saved connections.
    Saved(SavedCommand),
    /// Sends saved messages.
    Message(MessageCommand),
    /// Changes the replay of the recording that a feed was opened from.
    Replay(FeedId, ReplayAction),
    /// Changes the recordings of sessions.
    SessionRecordings(SessionRecordingsAction),
    /// Opens files.
    File(FileCommand),
    /// Changes what the settings keep.
    Setting(SettingCommand),
    /// Sends a command to the demo server.
    Demo(DemoCommand),
}

/// Request about panes.
#[derive(Clone, Debug, PartialEq)]
pub enum PaneCommand {
    /// Points a pane to another URL and connects. The former feed ends if no other pane shows it.
    ConnectTo {
        /// Pane to point.
        pane: PaneId,
        /// New URL.
        url: Url,
    },
    /// Connects a pane's feed with other options, in every pane that shows it. The former feed ends.
    ConnectWith {
        /// Pane whose feed changes.
        pane: PaneId,
        /// URL and options of the new feed.
        spec: Box<FeedSpec>,
    },
    /// Reads the payloads of a pane's feed in another way.
    Read {
        /// Pane whose feed changes.
        pane: PaneId,
        /// Texts of the decoders, the schema and the lens.
        texts: ReadingTexts,
    },
    /// Opens another pane: a second view of a feed, which opens no second connection, or a pane without a feed.
    Open(Option<FeedId>),
    /// Opens the feeds of links that the user has accepted, each in a pane.
    OpenLinks(Vec<Url>),
    /// Closes a pane. Its feed ends if no other pane shows it.
    Close(PaneId),
    /// Opens what was closed last again: a pane with its feed and records, or the feed that another URL replaced.
    Reopen,
}

/// Request about the records of a feed.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordsCommand {
    /// Clears a feed's records.
    Clear(FeedId),
    /// Saves records of a feed in a format.
    SaveAs {
        /// Feed whose records are saved.
        feed: FeedId,
        /// File to create.
        file: NewFile,
        /// Name of the format on the command line.
        format: &'static str,
        /// Rows to save.
        rows: RowChoice,
    },
    /// Saves a text in a new file.
    SaveText {
        /// File to create.
        file: NewFile,
        /// The whole text.
        text: String,
    },
    /// Stops the saving of a feed's records, or removes the message about its end.
    StopSaving(FeedId),
}

/// Request about recordings.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordingCommand {
    /// Records feeds into one file.
    Start {
        /// Feeds to record.
        feeds: Vec<FeedId>,
        /// File to create; `None` for a name in the folder for recordings.
        file: Option<NewFile>,
        /// Records that the stores hold already are left out.
        from_now: bool,
    },
    /// Ends the recording of a feed, and of the other feeds in the same file.
    Stop(FeedId),
    /// Removes the message about a recording that has ended.
    Dismiss(FeedId),
}

/// Request about saved connections.
#[derive(Clone, Debug, PartialEq)]
pub enum SavedCommand {
    /// Opens a saved connection.
    Open {
        /// Name of the connection.
        name: String,
        /// Pane for it; `None` for a new one.
        pane: Option<PaneId>,
        /// Values that the user typed for variables.
        values: Vec<(String, String)>,
        /// The user has allowed the content of a project's file.
        is_allowed: bool,
    },
    /// Opens a feed with the values that the user typed for its variables.
    Answer {
        /// Feed that needs the values.
        feed: FeedId,
        /// Names and values of the variables.
        values: Vec<(String, String)>,
    },
    /// Opens the feed of a command line of curl or websocat.
    OpenLine {
        /// Pane for the feed; `None` for a new one.
        pane: Option<PaneId>,
        /// Line as it was pasted.
        line: String,
        /// Names and values of its variables that the user typed.
        values: Vec<(String, String)>,
    },
    /// Opens the form that saves the connection of a feed.
    PrepareSave {
        /// Feed to save.
        feed: FeedId,
        /// Filter of the pane.
        filter: String,
    },
    /// Saves a connection.
    Save {
        /// Name under which it is saved already; `None` for a new connection.
        former: Option<String>,
        /// Values of the form.
        form: Box<ConnectionForm>,
        /// Feed whose further options are saved.
        feed: Option<FeedId>,
        /// Values that look like secrets are written into the file.
        writes_secrets: bool,
        /// Values that look like secrets, about which the form has asked.
        asked: Vec<FoundSecret>,
    },
    /// Adds a copy of a saved connection.
    Duplicate(String),
    /// Removes a saved connection from its file.
    Delete(String),
    /// Copies the connection of a feed as a command line.
    CopyAs(FeedId, CopyProgram),
}

/// Content of a message that is saved, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedContent {
    /// Text message, with its variables.
    Text(String),
    /// Binary message, as base64.
    Base64(String),
    /// Binary message, as hexadecimal digits.
    Hex(String),
    /// Path of a file.
    File(String),
}

/// Request about messages. A saved message has an index in its feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageCommand {
    /// Sends the content of a file as one binary message.
    SendFile(FeedId, PathBuf),
    /// Sends a saved message.
    Send(FeedId, usize),
    /// Saves a text of the composer as a message of the feed's connection. It replaces a saved message of the same name.
    Save {
        /// Feed whose connection gets the message.
        feed: FeedId,
        /// Name of the message.
        name: String,
        /// Content as it was typed.
        content: TypedContent,
    },
    /// Puts a saved message into the composer of a pane.
    Edit(FeedId, PaneId, usize),
    /// Removes a saved message from the feed and from the file of connections.
    Remove(FeedId, usize),
    /// Adds the messages that the protocol of a lens requires from its client, and sends them from now on.
    Keep(FeedId, LensName),
    /// Starts or stops a message that is sent without the user.
    SetAutomatic(FeedId, usize, bool),
    /// Stops all messages of all feeds that are sent without the user.
    StopAutomatic,
}

/// Request about files.
#[derive(Clone, Debug, PartialEq)]
pub enum FileCommand {
    /// Opens files, each feed in a pane. The first feed is shown in `pane` if that has no feed.
    Open {
        /// Pane for the first feed.
        pane: Option<PaneId>,
        /// Files to open.
        paths: Vec<PathBuf>,
    },
    /// Tries to open the file of a feed again, in the same panes.
    OpenAgain(FeedId),
    /// Opens the system's dialog for a file. [`Window::set_chosen_files`](crate::Window::set_chosen_files) receives the
    /// answer.
    Browse(FilePurpose),
    /// Looks up a path that the user has typed. [`Window::set_path_check`](crate::Window::set_path_check) receives the
    /// answer.
    Check(FilePurpose, PathBuf),
}

/// Request about what the settings keep.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingCommand {
    /// Changes the theme.
    Theme(ThemeChoice),
    /// Shows UTC instead of local time.
    Utc(bool),
    /// Saves the columns of a feed. The window uses them already.
    Columns(FeedId, ColumnChoice),
    /// Saves the fields that are columns of a feed, as jq expressions. The window uses them already.
    Fields(FeedId, Vec<String>),
    /// Saves the key and the columns of the newest values of a feed, as paths, the key first. The window uses them already.
    Latest(FeedId, Vec<String>),
    /// Saves the fields that the measures of a feed read. The window uses them already.
    Measured(FeedId, MeasuredFields),
    /// Closes the notice about the settings.
    DismissNotice,
}
