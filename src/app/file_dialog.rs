//! The system's dialog for a file, and the check of a typed path. Both run on threads: a dialog lasts until the user answers,
//! and a disk may be slow.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use feedscope_files::recording::is_in_use;
use feedscope_ui::{FilePurpose, NewFile, PathCheck};

use super::App;
use super::files::{local_path, problem_of};
use super::pending::{DialogAnswer, FileAnswer};

/// No person closes a dialog in less time, so that an earlier end means that there is none.
const SHORTEST_ANSWER: Duration = Duration::from_millis(150);

/// Sentence about a system without a dialog.
const NO_DIALOG: &str =
    "The system offers no file dialog (xdg-desktop-portal). Type the path into the field.";

impl App {
    /// Opens the dialog.
    pub(super) fn browse(&mut self, purpose: FilePurpose) {
        let answer = move || FileAnswer::Chosen(ask(purpose));
        if let Err(error) = self.answer_later("feedscope-dialog", purpose, answer) {
            let answer = Err(format!("The file dialog cannot be opened: {error}."));
            self.window.set_chosen_files(purpose, answer);
        }
    }

    /// Looks up a path that the user has typed.
    pub(super) fn check_path(&mut self, purpose: FilePurpose, path: &Path) {
        let of_thread = path.to_owned();
        let answer = move || {
            let check = checked(purpose, &of_thread);
            FileAnswer::Checked(of_thread, check)
        };
        if let Err(error) = self.answer_later("feedscope-path", purpose, answer) {
            let check = PathCheck::Refused(format!("The path cannot be looked up: {error}."));
            self.window.set_path_check(purpose, path, check);
        }
    }

    /// Gets an answer on a thread of this name, for [`take_in_answers`](Self::take_in_answers).
    fn answer_later(
        &self,
        thread: &str,
        purpose: FilePurpose,
        answer: impl FnOnce() -> FileAnswer + Send + 'static,
    ) -> io::Result<()> {
        let (answers, wake) = (Arc::clone(&self.file_answers), self.wake.waker());
        let work = move || {
            let answer = answer();
            answers.lock().push((purpose, answer));
            wake();
        };
        let thread = thread::Builder::new().name(thread.to_owned());
        thread.spawn(work).map(drop)
    }

    /// Passes the answers on to the window.
    pub(super) fn take_in_answers(&mut self) {
        let answers = std::mem::take(&mut *self.file_answers.lock());
        for (purpose, answer) in answers {
            match answer {
                FileAnswer::Chosen(answer) => self.window.set_chosen_files(purpose, answer),
                FileAnswer::Checked(path, check) => {
                    self.window.set_path_check(purpose, &path, check);
                }
            }
        }
    }
}

/// Looks up if a path can be used.
fn checked(purpose: FilePurpose, path: &Path) -> PathCheck {
    if purpose == FilePurpose::Open {
        return checked_to_open(path);
    }
    let path = &*local_path(path.to_owned());
    let shown = path.display();
    // A link that leads nowhere is an existing file too.
    match path.symlink_metadata() {
        Ok(_) if path.is_dir() => PathCheck::Refused(format!("{shown} is a folder.")),
        Ok(_) if is_in_use(path) => PathCheck::Refused(format!("{shown} is being recorded.")),
        Ok(_) => PathCheck::Exists,
        Err(error) if error.kind() == io::ErrorKind::NotFound => match lacking(purpose, path) {
            Some(problem) => PathCheck::Refused(problem),
            None => PathCheck::Free,
        },
        Err(error) => PathCheck::Refused(format!("{shown}: {error}.")),
    }
}

/// Looks up the files that a typed text names: one, or several with spaces between them.
fn checked_to_open(typed: &Path) -> PathCheck {
    // A path with spaces needs no quotes where it is the only one.
    if local_path(typed.to_owned()).exists() {
        return checked_files(vec![typed.to_owned()]);
    }
    let paths = divided(&typed.to_string_lossy());
    let exists = |path: &PathBuf| local_path(path.clone()).exists();
    if paths.iter().any(exists) {
        checked_files(paths)
    } else {
        checked_files(vec![typed.to_owned()])
    }
}

/// Looks up if these files can be opened.
fn checked_files(paths: Vec<PathBuf>) -> PathCheck {
    let problem = paths.iter().find_map(|path| {
        let path = local_path(path.clone());
        match path.metadata() {
            Ok(_) => problem_of(&path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Some(format!("There is no file {}.", path.display()))
            }
            Err(error) => Some(format!("{}: {error}.", path.display())),
        }
    });
    problem.map_or(PathCheck::Found(paths), PathCheck::Refused)
}

/// Divides a text at its spaces, as a shell does: quotes and a backslash before a space keep a path together. Any other
/// backslash is a part of a path.
fn divided(text: &str) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    let mut path = String::new();
    // A path in empty quotes is left out.
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(sign) = characters.next() {
        let next = characters.peek().copied();
        match sign {
            '\\' if quote != Some('\'')
                && next.is_some_and(|next| {
                    next == '"' || (quote.is_none() && " '".contains(next))
                }) =>
            {
                path.extend(characters.next());
            }
            '"' | '\'' if quote == Some(sign) => quote = None,
            '"' | '\'' if quote.is_none() => quote = Some(sign),
            _ if quote.is_none() && sign.is_whitespace() => {
                paths.push(std::mem::take(&mut path));
            }
            _ => path.push(sign),
        }
    }
    paths.push(path);
    paths.retain(|path| !path.is_empty());
    paths.into_iter().map(PathBuf::from).collect()
}

/// Returns a sentence about a file or a folder that must be there.
fn lacking(purpose: FilePurpose, path: &Path) -> Option<String> {
    match purpose {
        // Files to open are looked up in another way, and the folder of a recording is created.
        FilePurpose::Open | FilePurpose::Record(_) => None,
        FilePurpose::Save(_) | FilePurpose::Answer(..) => {
            let folder = path.parent()?;
            let is_there = folder.as_os_str().is_empty() || folder.is_dir();
            (!is_there).then(|| format!("There is no folder {}.", folder.display()))
        }
    }
}

/// Waits for the user's answer.
fn ask(purpose: FilePurpose) -> DialogAnswer {
    // The dialog reports a failure as if the user had closed it.
    let started = Instant::now();
    let dialog = rfd::FileDialog::new();
    let create = |dialog: rfd::FileDialog| {
        let path = dialog.save_file()?;
        // The dialog has asked if an existing file is replaced.
        let replaces = path.exists();
        Some(vec![NewFile { path, replaces }])
    };
    let chosen = match purpose {
        FilePurpose::Open => {
            let paths = dialog.set_title("Open files").pick_files();
            paths.map(|paths| paths.into_iter().map(NewFile::from).collect())
        }
        FilePurpose::Save(_) => create(dialog.set_title("Save as")),
        FilePurpose::Answer(..) => {
            let dialog = dialog.set_title("Save the answer");
            create(dialog.set_file_name("answer.md"))
        }
        FilePurpose::Record(_) => {
            let dialog = dialog.set_title("Record to a file");
            create(dialog.set_file_name("recording.feedscope"))
        }
    };
    match chosen {
        None if started.elapsed() < SHORTEST_ANSWER => Err(NO_DIALOG.to_owned()),
        chosen => Ok(chosen.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use feedscope_ui::FeedId;

    use super::*;

    #[test]
    fn a_typed_path_is_looked_up_for_its_purpose() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("there.csv");
        std::fs::write(&there, "").unwrap();
        let stream = folder.path().join("there.sse");
        std::fs::write(&stream, "data: x\n\n").unwrap();
        let url = PathBuf::from(format!("file://{}", stream.display()));
        let picture = folder.path().join("picture.png");
        std::fs::write(&picture, "?").unwrap();
        let no_recording = folder.path().join("notes.feedscope");
        std::fs::write(&no_recording, "no recording").unwrap();
        let empty = folder.path().join("empty");
        std::fs::create_dir(&empty).unwrap();
        let missing = folder.path().join("missing.csv");
        let deep = folder.path().join("no folder/x.csv");
        let record = FilePurpose::Record(FeedId(1));
        let save = FilePurpose::Save(FeedId(1));
        let answer = FilePurpose::Answer(FeedId(1), 2);
        for (purpose, path, expected) in [
            (FilePurpose::Open, &stream, "1 found"),
            (FilePurpose::Open, &url, "1 found"),
            (FilePurpose::Open, &missing, "There is no file"),
            (FilePurpose::Open, &picture, "shows one of the formats"),
            (FilePurpose::Open, &no_recording, "not a recording"),
            (FilePurpose::Open, &empty, "no recording in this folder"),
            (record, &there, "exists"),
            (record, &deep, "free"),
            (save, &there, "exists"),
            (save, &missing, "free"),
            (save, &deep, "There is no folder"),
            (answer, &deep, "There is no folder"),
            (answer, &folder.path().to_owned(), "is a folder"),
        ] {
            let found = match checked(purpose, path) {
                PathCheck::Free => "free".to_owned(),
                PathCheck::Found(paths) => format!("{} found", paths.len()),
                PathCheck::Exists => "exists".to_owned(),
                PathCheck::Refused(problem) => problem,
            };
            assert!(found.contains(expected), "{purpose:?} {path:?}: {found}");
        }
        let both = PathBuf::from(format!("{} '{}'", stream.display(), stream.display()));
        let found = PathCheck::Found(vec![stream.clone(), stream.clone()]);
        assert_eq!(checked(FilePurpose::Open, &both), found);
        let lacking = PathBuf::from(format!("{} {}", stream.display(), missing.display()));
        let sentence = format!("There is no file {}.", missing.display());
        let refused = PathCheck::Refused(sentence);
        assert_eq!(checked(FilePurpose::Open, &lacking), refused);
        // A recorder would continue in a file without a name.
        let recorded = std::fs::File::open(&there).unwrap();
        recorded.lock().unwrap();
        let PathCheck::Refused(problem) = checked(save, &there) else {
            panic!("a file that is being recorded may be replaced");
        };
        assert!(problem.contains("is being recorded"), "{problem}");
    }

    #[test]
    fn a_text_is_divided_into_paths_as_a_shell_does() {
        for (text, paths) in [
            ("a.sse", &["a.sse"][..]),
            (" a  b\n", &["a", "b"]),
            ("\"a b\" c", &["a b", "c"]),
            ("'a \"b' c", &["a \"b", "c"]),
            ("\"a \\\"b\" c", &["a \"b", "c"]),
            ("a\\ b c", &["a b", "c"]),
            (
                "C:\\a\\b.sse \"C:\\a b\\c\"",
                &["C:\\a\\b.sse", "C:\\a b\\c"],
            ),
            ("\"\"", &[]),
        ] {
            let paths: Vec<_> = paths.iter().map(PathBuf::from).collect();
            assert_eq!(divided(text), paths, "{text}");
        }
    }
}
