//! Recordings of sessions, as the window shows them, and the requests about them.

/// Recordings of sessions as the window shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionRecordingsScene {
    /// Every session is recorded.
    pub is_on: bool,
    /// Space for all of them, in bytes.
    pub limit: u64,
    /// Recordings, the newest first.
    pub list: Vec<SessionRecordingScene>,
    /// Number of files that this window has deleted because of the limit.
    pub deleted_files: u64,
    /// Their size in bytes.
    pub deleted_bytes: u64,
    /// Sentence about a session that is not recorded, or a file that was not deleted.
    pub problem: Option<String>,
    /// Recordings of panes that ended because the program was ended, the oldest first.
    pub interrupted: Vec<InterruptedScene>,
}

/// Recording of panes that ended because the program was ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterruptedScene {
    /// Name of its mark.
    pub mark: String,
    /// Path of the file.
    pub path: String,
    /// Name of the feed, or the number of feeds.
    pub feeds: String,
}

/// Recording of one session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionRecordingScene {
    /// Name with the time.
    pub name: String,
    /// Size of its files.
    pub bytes: u64,
    /// A program is writing it.
    pub is_running: bool,
    /// The program that wrote it was ended before the recording.
    pub was_interrupted: bool,
}

/// Request about the recordings of sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionRecordingsAction {
    /// Records every session, or none.
    Record(bool),
    /// Opens the recording of this name.
    Open(String),
    /// Deletes the recording of this name.
    Delete(String),
    /// Removes the line about the interrupted recording of this name.
    Forget(String),
    /// Opens the interrupted recording with this mark.
    OpenInterrupted(String),
    /// Removes the line about the interrupted recording with this mark.
    ForgetInterrupted(String),
    /// Reads the list again.
    Look,
}
