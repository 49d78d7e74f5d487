//! Files beside recordings with their marks and colors, as they are read and as the window keeps them.

use std::path::{Path, PathBuf};

use feedscope_files::session::{self, SessionWriter};
use feedscope_ui::{FeedId, KeptMark, KeptNotes};
use serde::{Deserialize, Serialize};

/// Marks and colors of all feeds of a recording.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct MarksFile {
    /// By the places of the feeds in the recording.
    pub(super) feeds: Vec<FeedNotes>,
}

/// Marks and colors of one feed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct FeedNotes {
    /// Name of the feed in the recording.
    pub(super) feed: String,
    #[serde(flatten)]
    pub(super) notes: KeptNotes,
}

/// Notes of a feed that was found in a recording.
pub(in crate::app) struct FoundNotes {
    /// Place of the feed in the recording.
    pub(super) place: usize,
    pub(super) feed: String,
    /// Notes of all feeds of the recording.
    pub(super) loaded: LoadedMarks,
}

/// Marks of a recording that is opened alone, as its thread reads them.
#[derive(Clone)]
pub(in crate::app) struct LoadedMarks {
    /// Path of the file beside the recording.
    pub(super) path: PathBuf,
    pub(super) content: MarksFile,
    /// Sentence about a file that cannot be used.
    pub(super) problem: Option<String>,
}

/// Files with the marks of the recordings in the window.
#[derive(Default)]
pub(in crate::app) struct MarksKeeper {
    /// Thread that writes the files. It starts with the first change.
    pub(super) writer: Option<SessionWriter>,
    pub(super) files: Vec<KeptFile>,
}

/// File of one recording.
pub(super) struct KeptFile {
    pub(super) path: PathBuf,
    pub(super) content: MarksFile,
    pub(super) feeds: Vec<KeptFeed>,
    /// Path of the recording, if it is running.
    pub(super) running: Option<PathBuf>,
}

/// Feed of a recording in the window.
pub(super) struct KeptFeed {
    pub(super) id: FeedId,
    /// Place in the recording.
    pub(super) place: usize,
    /// Row of the feed that is the first one of the recording; negative if rows of another feed come before.
    pub(super) first: i64,
    /// Number of the last known changes.
    pub(super) changes: u64,
}

impl LoadedMarks {
    /// Reads the file beside a recording.
    pub(in crate::app) fn beside(recording: &Path) -> Self {
        let path = path_beside(recording);
        let (content, problem) = match session::load::<MarksFile>(&path) {
            Ok(content) => (content.unwrap_or_default(), None),
            Err(problem) => {
                let problem = problem.with_content("The marks of the recording");
                (MarksFile::default(), Some(problem.to_string()))
            }
        };
        Self {
            path,
            content,
            problem,
        }
    }

    /// Returns the notes with those of the feed at this place.
    pub(in crate::app) fn of_feed(&self, place: usize, feed: &str) -> FoundNotes {
        FoundNotes {
            place,
            feed: feed.to_owned(),
            loaded: self.clone(),
        }
    }
}

impl MarksFile {
    /// Returns the notes of the feed at this place. Another recording of the same name has other feeds, and no notes.
    pub(super) fn of_feed(&mut self, place: usize, feed: &str) -> &mut FeedNotes {
        if self.feeds.len() <= place {
            self.feeds.resize_with(place + 1, FeedNotes::default);
        }
        let notes = &mut self.feeds[place];
        if notes.feed != feed {
            *notes = FeedNotes {
                feed: feed.to_owned(),
                ..FeedNotes::default()
            };
        }
        notes
    }
}

impl KeptFile {
    /// Returns the file beside a recording that is about to run, for feeds with these names and these first rows.
    pub(super) fn beside_running(recording: &Path, feeds: Vec<(FeedId, String, i64)>) -> Self {
        let mut content = MarksFile::default();
        let mut kept = Vec::new();
        for (place, (id, name, first)) in feeds.into_iter().enumerate() {
            content.of_feed(place, &name);
            kept.push(KeptFeed {
                id,
                place,
                first,
                // Marks from before are those of recorded rows, too.
                changes: 0,
            });
        }
        Self {
            path: path_beside(recording),
            content,
            feeds: kept,
            running: Some(recording.to_owned()),
        }
    }
}

/// Returns notes whose rows are numbered from this row on. Marks of earlier rows are left out.
pub(super) fn numbered_from(first: i64, notes: KeptNotes) -> KeptNotes {
    let marks = notes.marks.into_iter().filter_map(|mark| {
        let row = u64::try_from(mark.row as i64 - first).ok()?;
        Some(KeptMark { row, ..mark })
    });
    KeptNotes {
        marks: marks.collect(),
        ..notes
    }
}

/// Returns the path of the file beside a recording: `ticks.marks.json` beside `ticks.feedscope`.
fn path_beside(recording: &Path) -> PathBuf {
    recording.with_extension("marks.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_belong_to_the_feed_at_their_place() {
        let folder = tempfile::tempdir().unwrap();
        let recording = folder.path().join("ticks.feedscope");
        let path = folder.path().join("ticks.marks.json");
        let notes = KeptNotes {
            rules: vec!["size:>1".to_owned()],
            ..KeptNotes::default()
        };
        let of_feed = |feed: &str, notes: &KeptNotes| FeedNotes {
            feed: feed.to_owned(),
            notes: notes.clone(),
        };
        let content = MarksFile {
            feeds: vec![of_feed("a", &KeptNotes::default()), of_feed("b", &notes)],
        };
        std::fs::write(&path, session::text_of(&content).unwrap()).unwrap();
        let mut loaded = LoadedMarks::beside(&recording);
        assert_eq!(loaded.problem, None);
        assert_eq!(loaded.content.of_feed(1, "b").notes, notes);
        assert_eq!(loaded.content.of_feed(7, "b").notes, KeptNotes::default());
        // Another recording of the same name has other feeds.
        assert_eq!(loaded.content.of_feed(1, "c").notes, KeptNotes::default());
    }

    #[test]
    fn rows_are_numbered_from_the_beginning_of_the_recording() {
        let mark = |row| KeptMark {
            row,
            utc_micros: 1,
            note: String::new(),
        };
        let notes = |rows: &[u64]| KeptNotes {
            marks: rows.iter().map(|&row| mark(row)).collect(),
            rules: vec!["size:>1".to_owned()],
        };
        assert_eq!(numbered_from(4, notes(&[3, 4, 9])), notes(&[0, 5]));
        assert_eq!(numbered_from(-2, notes(&[0, 4])), notes(&[2, 6]));
    }

    #[test]
    fn a_broken_file_is_reported_and_kept_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ticks.marks.json");
        std::fs::write(&path, "no JSON").unwrap();
        let loaded = LoadedMarks::beside(&folder.path().join("ticks.feedscope"));
        assert_eq!(loaded.content, MarksFile::default());
        assert!(loaded.problem.unwrap().contains("ticks.marks.json"));
        assert!(!path.exists() && std::fs::read_dir(folder.path()).unwrap().count() == 1);
    }
}
