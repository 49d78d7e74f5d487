//! Results of threads that wait for the next pass of the window.

use std::path::PathBuf;
use std::sync::Arc;

use feedscope_ui::{FeedId, FilePurpose, PayloadReading};
use parking_lot::Mutex;

/// Answer of a dialog: the chosen file, or a sentence about a dialog that is not there.
pub(super) type DialogAnswer = Result<Option<PathBuf>, String>;

/// Answers that the window has not received.
pub(super) type Answers = Arc<Mutex<Vec<(FilePurpose, DialogAnswer)>>>;

/// Readings whose schemas have been read, or sentences about those that could not be.
pub(super) type Readings = Arc<Mutex<Vec<(FeedId, Result<PayloadReading, String>)>>>;

/// Sentences about files that were not sent.
pub(super) type Unsent = Arc<Mutex<Vec<String>>>;
