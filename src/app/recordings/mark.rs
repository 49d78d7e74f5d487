//! Mark of a running recording, which the next start finds if this program is ended before the recording.

use std::path::Path;

use feedscope_files::recording::{RecordingMark, UnfinishedFolder};
use parking_lot::Mutex;

use crate::complaint::complain;

/// Mark of one recording.
pub(in crate::app) struct RunningMark {
    /// Folder of the marks; `None` marks nothing.
    folder: Option<UnfinishedFolder>,
    /// Name of the feed, or the number of feeds.
    feeds: String,
    mark: Mutex<Option<RecordingMark>>,
}

impl RunningMark {
    pub(super) fn new(folder: Option<UnfinishedFolder>, feeds: String) -> Self {
        Self {
            folder,
            feeds,
            mark: Mutex::default(),
        }
    }

    /// Creates the mark. Without it, the recording goes on.
    pub(super) fn begin(&self, recording: &Path) {
        let Some(folder) = &self.folder else { return };
        match folder.begin(recording, &self.feeds) {
            Ok(mark) => *self.mark.lock() = Some(mark),
            Err(error) => {
                let sentence = format!("an interruption would not be noticed: {error}");
                complain("recording", &sentence);
            }
        }
    }

    /// Removes the mark after the end of the recording.
    pub(super) fn end(&self) {
        if let Some(mark) = self.mark.lock().take()
            && let Err(error) = mark.end()
        {
            complain("recording", &format!("its mark stays: {error}"));
        }
    }
}
