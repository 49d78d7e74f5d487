//! Marks of recordings that a window has begun and not ended. After the program was ended in between, its next start finds
//! the recording by its mark.
//!
//! A mark is a small file with the path of the recording. It is created after the recording and removed after its end.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};

use super::sessions::create_private;
use super::{RecordingEnd, is_in_use, open};
use crate::session;

/// Ending of the names of marks.
const ENDING: &str = "json";

/// Folder of marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfinishedFolder {
    path: PathBuf,
}

/// Mark of a recording that is running.
#[derive(Debug)]
pub struct RecordingMark {
    path: PathBuf,
}

/// Recording that ended because the program was ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterruptedRecording {
    /// Name of its mark.
    pub mark: String,
    /// File with the records.
    pub path: PathBuf,
    /// Name of the feed, or the number of feeds.
    pub feeds: String,
}

/// Content of a mark.
#[derive(Serialize, Deserialize)]
struct MarkContent {
    path: PathBuf,
    feeds: String,
}

impl UnfinishedFolder {
    /// Returns the user's folder, if there is a folder for state.
    pub fn usual() -> Option<Self> {
        session::usual_path("unfinished").map(Self::new)
    }

    /// Returns the folder at a path. It is created with the first mark.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Marks a recording as running.
    ///
    /// # Errors
    ///
    /// Fails if the mark cannot be written.
    pub fn begin(&self, recording: &Path, feeds: &str) -> io::Result<RecordingMark> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        create_private(&self.path)?;
        let content = MarkContent {
            // The next start may be in another folder.
            path: std::path::absolute(recording)?,
            feeds: feeds.to_owned(),
        };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // A process of an earlier run may have had the same number.
        let nanos = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |time| time.as_nanos());
        let name = format!("{nanos}-{}-{number}.{ENDING}", std::process::id());
        let path = self.path.join(name);
        fs::write(&path, serde_json::to_string(&content)?)?;
        Ok(RecordingMark { path })
    }

    /// Returns the recordings that ended because the program was ended, in the order in which they began. Marks of recordings
    /// that ended in order, or are not there any more, are removed.
    ///
    /// # Errors
    ///
    /// Fails if the folder cannot be read.
    pub fn interrupted(&self) -> io::Result<Vec<InterruptedRecording>> {
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let Some(mark) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            if path.extension().is_none_or(|ending| ending != ENDING) {
                continue;
            }
            // Another window may remove its mark at the same time.
            let text = fs::read_to_string(&path).unwrap_or_default();
            let Ok(content) = serde_json::from_str::<MarkContent>(&text) else {
                continue;
            };
            if is_in_use(&content.path) {
                continue;
            }
            if !content.path.exists() || has_ended(&content.path) {
                self.forget(mark)?;
                continue;
            }
            found.push(InterruptedRecording {
                mark: mark.to_owned(),
                path: content.path,
                feeds: content.feeds,
            });
        }
        // The names begin with the time.
        found.sort_by(|one, other| one.mark.cmp(&other.mark));
        Ok(found)
    }

    /// Removes a mark, because the user knows of the recording.
    ///
    /// # Errors
    ///
    /// Fails if the mark cannot be removed.
    pub fn forget(&self, mark: &str) -> io::Result<()> {
        remove(&self.path.join(mark))
    }
}

impl RecordingMark {
    /// Removes the mark of a recording that has ended.
    ///
    /// # Errors
    ///
    /// Fails if the mark cannot be removed.
    pub fn end(self) -> io::Result<()> {
        remove(&self.path)
    }
}

/// Returns true if a recording ended in order. One that cannot be opened did not.
fn has_ended(path: &Path) -> bool {
    open(&[path.to_owned()]).is_ok_and(|opened| opened.ending == RecordingEnd::Clean)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{Existing, Recorder, RecordingTarget};

    fn recorder(path: &Path) -> Recorder {
        let target = RecordingTarget {
            path: path.to_owned(),
            existing: Existing::Refuse,
            left_free: 0,
        };
        Recorder::start(target, None, Vec::new(), || {}).unwrap()
    }

    #[test]
    fn only_a_recording_that_was_cut_off_is_found() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = UnfinishedFolder::new(temporary.path().join("unfinished"));
        assert_eq!(folder.interrupted().unwrap(), []);
        let path = temporary.path().join("ticks.feedscope");
        let recorder = recorder(&path);
        let mark = folder.begin(&path, "ticks").unwrap();
        assert_eq!(folder.interrupted().unwrap(), [], "it is running");
        // A copy in the middle of the recording is what a killed program leaves.
        let cut = temporary.path().join("cut.feedscope");
        fs::copy(&path, &cut).unwrap();
        folder.begin(&cut, "2 feeds").unwrap();
        let found = folder.interrupted().unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0].path, found[0].feeds.as_str()), (&cut, "2 feeds"));
        recorder.finish();
        // The program was ended between the end of the recording and the removal of its mark.
        assert_eq!(folder.interrupted().unwrap(), found);
        mark.end().unwrap();
        folder.forget(&found[0].mark).unwrap();
        assert_eq!(folder.interrupted().unwrap(), []);
        folder.begin(&temporary.path().join("gone"), "x").unwrap();
        assert_eq!(folder.interrupted().unwrap(), [], "it is not there");
        assert_eq!(fs::read_dir(&folder.path).unwrap().count(), 0);
    }
}
