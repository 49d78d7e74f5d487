//! Thread that writes session files. It writes the newest text of each file and leaves the older ones out.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::replace;

/// Time between two writes, so that a window that is being resized does not keep the disk busy.
const PAUSE: Duration = Duration::from_secs(1);

/// Writer of session files. Its drop writes the texts that are left.
pub struct SessionWriter {
    shared: Arc<SharedTexts>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct SharedTexts {
    state: Mutex<PendingTexts>,
    changed: Condvar,
}

#[derive(Default)]
struct PendingTexts {
    /// Texts that are not written yet.
    pending: BTreeMap<PathBuf, String>,
    is_over: bool,
    problem: Option<String>,
    /// First words of the sentence about a failed write.
    subject: &'static str,
}

impl SessionWriter {
    /// Starts the thread. The sentence about a failed write begins with `subject`, such as `This session is`.
    ///
    /// # Errors
    ///
    /// Fails if the system refuses a thread.
    pub fn start(subject: &'static str) -> io::Result<Self> {
        let shared = Arc::new(SharedTexts::default());
        shared.state.lock().subject = subject;
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("feedscope-session".to_owned())
            .spawn(move || run(&of_thread))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Writes a text to a file soon.
    pub fn write(&self, path: PathBuf, text: String) {
        self.shared.state.lock().pending.insert(path, text);
        self.shared.changed.notify_all();
    }

    /// Returns the sentence about a failed write, once.
    pub fn take_problem(&self) -> Option<String> {
        self.shared.state.lock().problem.take()
    }
}

impl Drop for SessionWriter {
    fn drop(&mut self) {
        self.shared.state.lock().is_over = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed already.
            thread.join().ok();
        }
    }
}

/// Writes texts until the end.
fn run(shared: &SharedTexts) {
    let mut state = shared.state.lock();
    loop {
        if state.pending.is_empty() && !state.is_over {
            shared.changed.wait(&mut state);
        }
        // More changes are likely to follow. The end does not wait.
        let is_on = |state: &mut PendingTexts| !state.is_over;
        shared.changed.wait_while_for(&mut state, is_on, PAUSE);
        for (path, text) in std::mem::take(&mut state.pending) {
            // The lock is free during the write, so that the window never waits for the disk.
            drop(state);
            let result = replace(&path, &text);
            state = shared.state.lock();
            if let Err(error) = result {
                let (subject, path) = (state.subject, path.display());
                state.problem = Some(format!(
                    "{subject} not saved: {path} cannot be written: {error}."
                ));
            }
        }
        if state.is_over && state.pending.is_empty() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_text_is_written_at_the_latest_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let writer = SessionWriter::start("This session is").unwrap();
        for number in 0..100 {
            writer.write(path("a.json"), number.to_string());
        }
        writer.write(path("b.json"), "b".to_owned());
        drop(writer);
        assert_eq!(std::fs::read_to_string(path("a.json")).unwrap(), "99");
        assert_eq!(std::fs::read_to_string(path("b.json")).unwrap(), "b");
    }

    #[test]
    fn a_failed_write_is_reported_once() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("file");
        std::fs::write(&blocked, "").unwrap();
        let writer = SessionWriter::start("The marks are").unwrap();
        writer.write(blocked.join("session.json"), "a".to_owned());
        let deadline = std::time::Instant::now() + Duration::from_mins(1);
        let problem = loop {
            if let Some(problem) = writer.take_problem() {
                break problem;
            }
            assert!(std::time::Instant::now() < deadline);
            thread::yield_now();
        };
        assert!(
            problem.starts_with("The marks are not saved: "),
            "{problem}"
        );
        assert_eq!(writer.take_problem(), None);
    }
}
