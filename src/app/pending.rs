//! Results of threads that wait for the next pass of the window.

use std::path::PathBuf;
use std::sync::Arc;

use feedscope_files::recording::InterruptedRecording;
use feedscope_ui::{FeedId, FilePurpose, NewFile, PathCheck, PayloadReading};
use parking_lot::Mutex;

/// Answer of a dialog: the chosen files, none if the user closed it, or a sentence about a dialog that is not there.
pub(super) type DialogAnswer = Result<Vec<NewFile>, String>;

/// Answer about the file of a dialog of the window.
pub(super) enum FileAnswer {
    /// The user has answered the dialog of the system.
    Chosen(DialogAnswer),
    /// A typed path was looked up.
    Checked(PathBuf, PathCheck),
}

/// Answers that the window has not received.
pub(super) type Answers = Arc<Mutex<Vec<(FilePurpose, FileAnswer)>>>;

/// Readings whose schemas have been read, or sentences about those that could not be.
pub(super) type Readings = Arc<Mutex<Vec<(FeedId, Result<PayloadReading, String>)>>>;

/// Recordings that ended because the program was ended, until the user knows of them.
pub(super) type Interrupted = Arc<Mutex<Vec<InterruptedRecording>>>;

/// Sentences about files that were not sent.
pub(super) type Unsent = Arc<Mutex<Vec<String>>>;
