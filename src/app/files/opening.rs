//! Opening of files on a thread: the state that the thread publishes, and the feeds that were found.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use feedscope_core::Stamp;
use feedscope_core::numbers::counted;
use feedscope_core::store::Store;
use feedscope_files::formats::FeedProtocol;
use feedscope_files::recording::{EXTENSION, RecordedReading};
use feedscope_ui::{FeedId, FileStage, PaneId};
use parking_lot::{Condvar, Mutex};

use crate::app::marks::FoundNotes;
use crate::app::replay::OpenedReplay;

/// Maximum number of feeds of the same files that have panes. More panes are too small to read, and each pass would take
/// long. A file of another format also needs a thread for each feed.
pub(super) const MOST_FEEDS: usize = 100;

/// Files that were opened together, while a pane shows one of their feeds.
pub(in crate::app) struct OpenedFiles {
    pub(super) shared: Arc<SharedOpening>,
    /// Feed that stands for the files until the first feed is known.
    pub(super) placeholder: Option<FeedId>,
    /// Feeds by their places in the files.
    pub(super) feeds: Vec<FeedId>,
    /// Replay of the files, if their records have times.
    pub(in crate::app) replay: Option<OpenedReplay>,
    pub(super) paths: Vec<PathBuf>,
    /// Panes of a session for the feeds, by the places of the feeds in the files.
    pub(super) panes: Vec<Vec<PaneId>>,
}

impl OpenedFiles {
    /// Returns true if a feed was opened from these files.
    pub(in crate::app) fn has(&self, feed: FeedId) -> bool {
        self.feeds.contains(&feed)
    }

    /// Returns the files of a feed and its place in them; `None` if it was opened from others.
    pub(in crate::app) fn place_of(&self, feed: FeedId) -> Option<(&[PathBuf], usize)> {
        let place = if self.placeholder == Some(feed) {
            let mut places = self.panes.iter();
            places.position(|panes| !panes.is_empty()).unwrap_or(0)
        } else {
            self.feeds.iter().position(|it| *it == feed)?
        };
        Some((&self.paths, place))
    }
}

/// State that an opening shares with its thread.
pub(in crate::app) struct SharedOpening {
    /// Path as the user gave it; the first one of several.
    pub(super) path: PathBuf,
    pub(super) state: Mutex<OpeningState>,
    pub(super) changed: Condvar,
    pub(super) wake: Box<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
pub(super) struct OpeningState {
    /// Feeds that have no pane yet.
    pub(super) found: Vec<FoundFeed>,
    /// Protocols that records have shown since the last pass, with the places of their feeds.
    pub(super) shown_protocols: Vec<(usize, FeedProtocol)>,
    /// The files are recordings of Feedscope.
    pub(super) is_recording: bool,
    pub(super) stage: FileStage,
    pub(super) problem: Option<String>,
    pub(super) note: Option<String>,
    /// Stamps of the first and the last record of each feed.
    pub(super) spans: Vec<Option<(Stamp, Stamp)>>,
    /// No pane shows the files any more.
    pub(super) is_over: bool,
}

/// Feed that was found in a file.
pub(super) struct FoundFeed {
    pub(super) name: String,
    /// File that contains it.
    pub(super) path: PathBuf,
    /// URL with its secrets masked.
    pub(super) url: Option<String>,
    /// Protocol; `None` where the file does not name it.
    pub(super) protocol: Option<FeedProtocol>,
    /// Reading of its payloads, as the recording has it.
    pub(super) reading: RecordedReading,
    pub(super) store: Store,
    /// Marks and colors that are kept beside the file; `None` if they are not.
    pub(super) notes: Option<FoundNotes>,
}

impl SharedOpening {
    pub(super) fn of_path(path: PathBuf, wake: Box<dyn Fn() + Send + Sync>) -> Self {
        Self {
            path,
            state: Mutex::default(),
            changed: Condvar::new(),
            wake,
        }
    }

    /// Returns true if no pane shows the files any more.
    pub(super) fn is_over(&self) -> bool {
        self.state.lock().is_over
    }

    /// Waits for this time. Returns true if no pane shows the files any more.
    pub(super) fn wait(&self, time: Duration) -> bool {
        let mut state = self.state.lock();
        if !state.is_over {
            self.changed.wait_for(&mut state, time);
        }
        state.is_over
    }

    /// Changes the state and wakes the window.
    pub(super) fn publish(&self, change: impl FnOnce(&mut OpeningState)) {
        change(&mut self.state.lock());
        (self.wake)();
    }

    pub(super) fn add_feed(&self, feed: FoundFeed) {
        self.publish(|state| {
            state.spans.push(feed.store.span());
            state.found.push(feed);
        });
    }

    pub(super) fn fail(&self, sentence: String) {
        self.publish(|state| {
            state.stage = FileStage::Failed;
            state.problem = Some(sentence);
        });
    }
}

impl Drop for OpenedFiles {
    fn drop(&mut self) {
        self.shared.state.lock().is_over = true;
        self.shared.changed.notify_all();
    }
}

/// Returns a sentence about feeds that have no panes; `None` if all have.
pub(super) fn further_feeds(number: usize) -> Option<String> {
    let feeds = counted(number as u64, "further feed");
    let verb = if number == 1 { "is" } else { "are" };
    (number > 0).then(|| {
        format!("{feeds} {verb} not shown, because the window shows {MOST_FEEDS} feeds of a file.")
    })
}

/// Returns true if the name of a path is that of a recording, or if it is a folder of recordings.
pub(super) fn is_named_recording(path: &Path) -> bool {
    let extension = path.extension();
    extension.is_some_and(|extension| extension == EXTENSION) || path.is_dir()
}
