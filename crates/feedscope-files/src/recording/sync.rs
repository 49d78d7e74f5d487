//! Thread that has written bytes put on the disk itself, so that a power cut loses only the last seconds.
//!
//! A recorder never waits for it, because a slow disk can take seconds.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// Least time between two orders to the disk.
const INTERVAL: Duration = Duration::from_secs(5);

/// Handle of the thread, which ends when this is dropped.
pub(super) struct Syncer {
    shared: Arc<SharedSync>,
}

#[derive(Default)]
struct SharedSync {
    state: Mutex<SyncState>,
    changed: Condvar,
}

#[derive(Default)]
struct SyncState {
    is_dirty: bool,
    is_over: bool,
}

impl Syncer {
    /// Starts the thread for a file.
    pub(super) fn start(file: &File) -> io::Result<Self> {
        let file = file.try_clone()?;
        let shared = Arc::new(SharedSync::default());
        let own = Arc::clone(&shared);
        thread::Builder::new()
            .name("feedscope-sync".into())
            .spawn(move || own.run(&file))?;
        Ok(Self { shared })
    }

    /// Reports that bytes were written.
    pub(super) fn note_write(&self) {
        let mut state = self.shared.state.lock();
        if !state.is_dirty {
            state.is_dirty = true;
            self.shared.changed.notify_all();
        }
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.shared.state.lock().is_over = true;
        self.shared.changed.notify_all();
    }
}

impl SharedSync {
    fn run(&self, file: &File) {
        loop {
            let mut state = self.state.lock();
            while !state.is_dirty && !state.is_over {
                self.changed.wait(&mut state);
            }
            let is_over = state.is_over;
            let is_dirty = std::mem::take(&mut state.is_dirty);
            drop(state);
            if is_dirty {
                // A disk that refuses this will refuse the next write, which is reported.
                file.sync_data().ok();
            }
            if is_over {
                return;
            }
            let until = Instant::now() + INTERVAL;
            let mut state = self.state.lock();
            while !state.is_over && !self.changed.wait_until(&mut state, until).timed_out() {}
        }
    }
}
