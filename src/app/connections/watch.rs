//! Watch over the file of connections: it is read again when another program has changed it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use feedscope_files::connections::SavedConnections;
use parking_lot::{Condvar, Mutex};

/// Interval at which the file is looked at. A change is applied within a second.
const LOOK_INTERVAL: Duration = Duration::from_millis(400);

/// Thread that watches the file. It ends with this value.
pub(super) struct FileWatch {
    shared: Arc<SharedWatch>,
}

/// Content of the file, or the sentence about a file that cannot be read.
#[derive(Clone)]
pub(super) struct FileNews {
    pub(super) content: Result<SavedConnections, String>,
    /// Number of the version, from 1.
    pub(super) version: u64,
}

#[derive(Default)]
struct SharedWatch {
    state: Mutex<WatchState>,
    changed: Condvar,
}

#[derive(Default)]
struct WatchState {
    news: Option<FileNews>,
    /// The file is looked at without a wait.
    is_due: bool,
    is_over: bool,
}

impl FileWatch {
    /// Starts the thread, which reads the file at once.
    pub(super) fn start(path: PathBuf, wake: impl Fn() + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(SharedWatch::default());
        let of_thread = Arc::clone(&shared);
        thread::Builder::new()
            .name("feedscope-connections".to_owned())
            .spawn(move || of_thread.run(&path, &wake))?;
        Ok(Self { shared })
    }

    /// Returns the content if it is newer than this version.
    pub(super) fn news(&self, version: u64) -> Option<FileNews> {
        let state = self.shared.state.lock();
        state.news.clone().filter(|news| news.version > version)
    }

    /// Looks at the file at once.
    pub(super) fn look_now(&self) {
        self.shared.state.lock().is_due = true;
        self.shared.changed.notify_all();
    }
}

impl Drop for FileWatch {
    fn drop(&mut self) {
        self.shared.state.lock().is_over = true;
        self.shared.changed.notify_all();
    }
}

impl SharedWatch {
    fn run(&self, path: &Path, wake: &dyn Fn()) {
        let mut seen = None;
        let mut version = 0;
        loop {
            let now = look_of(path);
            // A missing file is a state, too.
            if seen.as_ref() != Some(&now) {
                seen = Some(now);
                version += 1;
                let content = match SavedConnections::load(path) {
                    Ok(content) => Ok(content.unwrap_or_default()),
                    Err(problem) => Err(problem.to_string()),
                };
                self.state.lock().news = Some(FileNews { content, version });
                wake();
            }
            let mut state = self.state.lock();
            if !state.is_over && !state.is_due {
                self.changed.wait_for(&mut state, LOOK_INTERVAL);
            }
            state.is_due = false;
            if state.is_over {
                return;
            }
        }
    }
}

/// Returns the time of the last change and the length; `None` without a file.
fn look_of(path: &Path) -> Option<(Option<SystemTime>, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok(), metadata.len()))
}
