//! Recordings that ended because the program was ended. They are looked for on a thread at the start.

use std::sync::Arc;
use std::thread;

use feedscope_files::recording::InterruptedRecording;
use feedscope_ui::InterruptedScene;

use super::App;
use crate::complaint::complain;

impl App {
    /// Looks for interrupted recordings.
    pub(super) fn look_for_interrupted(&self) {
        let Some(folder) = self.kept.unfinished.clone() else {
            return;
        };
        let (found, wake) = (Arc::clone(&self.interrupted), self.wake.waker());
        in_folder(move || {
            *found.lock() = folder.interrupted()?;
            wake();
            Ok(())
        });
    }

    /// Returns the interrupted recordings as the window shows them.
    pub(super) fn interrupted_scene(&self) -> Vec<InterruptedScene> {
        let scene = |recording: &InterruptedRecording| InterruptedScene {
            mark: recording.mark.clone(),
            path: recording.path.display().to_string(),
            feeds: recording.feeds.clone(),
        };
        self.interrupted.lock().iter().map(scene).collect()
    }

    /// Opens an interrupted recording.
    pub(super) fn open_interrupted(&mut self, mark: &str) {
        if let Some(recording) = self.forget_interrupted(mark) {
            self.open_files(None, vec![recording.path]);
        }
    }

    /// Removes an interrupted recording from the list. Its file stays.
    pub(super) fn forget_interrupted(&mut self, mark: &str) -> Option<InterruptedRecording> {
        let mut list = self.interrupted.lock();
        let at = list.iter().position(|recording| recording.mark == mark)?;
        let recording = list.remove(at);
        if let Some(folder) = self.kept.unfinished.clone() {
            let mark = recording.mark.clone();
            in_folder(move || folder.forget(&mark));
        }
        Some(recording)
    }
}

/// Does work in the folder of the marks on a thread, so that the window does not wait for a disk.
fn in_folder(work: impl FnOnce() -> std::io::Result<()> + Send + 'static) {
    let work = move || {
        if let Err(error) = work() {
            complain("recording", &format!("the marks of recordings: {error}"));
        }
    };
    let thread = thread::Builder::new().name("feedscope-marks".to_owned());
    if let Err(error) = thread.spawn(work) {
        complain("recording", &format!("the marks of recordings: {error}"));
    }
}
