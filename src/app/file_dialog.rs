//! The system's dialog for a file. It runs on a thread, because it lasts until the user answers.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use feedscope_ui::FilePurpose;

use super::App;
use super::pending::DialogAnswer;

/// No person closes a dialog in less time, so that an earlier end means that there is none.
const SHORTEST_ANSWER: Duration = Duration::from_millis(150);

/// Sentence about a system without a dialog.
const NO_DIALOG: &str =
    "The system offers no file dialog (xdg-desktop-portal). Type the path into the field.";

impl App {
    /// Opens the dialog.
    pub(super) fn browse(&mut self, purpose: FilePurpose) {
        let (answers, wake) = (Arc::clone(&self.file_answers), self.wake.waker());
        let work = move || {
            let answer = ask(purpose);
            answers.lock().push((purpose, answer));
            wake();
        };
        let started = thread::Builder::new()
            .name("feedscope-dialog".to_owned())
            .spawn(work);
        if let Err(error) = started {
            let answer = Err(format!("The file dialog cannot be opened: {error}."));
            self.window.set_chosen_file(purpose, answer);
        }
    }

    /// Passes the answers on to the window.
    pub(super) fn take_in_answers(&mut self) {
        let answers = std::mem::take(&mut *self.file_answers.lock());
        for (purpose, answer) in answers {
            self.window.set_chosen_file(purpose, answer);
        }
    }
}

/// Waits for the user's answer.
fn ask(purpose: FilePurpose) -> DialogAnswer {
    // The dialog reports a failure as if the user had closed it.
    let started = Instant::now();
    let dialog = rfd::FileDialog::new();
    let chosen = match purpose {
        FilePurpose::Open => dialog.set_title("Open a file").pick_file(),
        FilePurpose::Save(_) => dialog.set_title("Save as").save_file(),
        FilePurpose::Answer(..) => dialog
            .set_title("Save the answer")
            .set_file_name("answer.md")
            .save_file(),
        FilePurpose::Record(_) => dialog
            .set_title("Record to a file")
            .set_file_name("recording.feedscope")
            .save_file(),
    };
    match chosen {
        None if started.elapsed() < SHORTEST_ANSWER => Err(NO_DIALOG.to_owned()),
        chosen => Ok(chosen),
    }
}
