//! Session files: the state of the window that the next start restores, in the user's folder for state.
//!
//! A file is written in one step and on a thread, at most once in a second, so that the window never waits for a disk and
//! a crash leaves either the old or the new content. A file that cannot be used is kept aside, and never overwritten. The
//! content is a value of the program; nothing here interprets it.

mod writer;

pub use writer::SessionWriter;

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::regular_file::read_regular_up_to;

/// Version of the content. A file of a later version is kept aside.
const VERSION: u32 = 1;

/// Maximum size of a file in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// Maximum number of files that are kept aside.
const MOST_ASIDE: u32 = 100;

/// Content of a file with its version, which is read first.
#[derive(Serialize)]
struct Versioned<'a, T> {
    version: u32,
    #[serde(flatten)]
    content: &'a T,
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u32,
}

/// Returns the path of a file in the user's folder for state, if there is such a folder.
pub fn usual_path(name: &str) -> Option<PathBuf> {
    let folders = ProjectDirs::from("", "", "feedscope")?;
    // Only Linux has a folder for state.
    let folder = folders.state_dir().unwrap_or(folders.data_local_dir());
    Some(folder.join(name))
}

/// Reads a file. Returns `None` if it does not exist.
///
/// # Errors
///
/// The file is broken or of a later version, and was kept aside if the disk allowed it.
pub fn load<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, SessionProblem> {
    let text = match read_regular_up_to(path, MOST_BYTES) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(SessionProblem::new(path, error.to_string())),
    };
    match serde_json::from_str::<VersionOnly>(&text) {
        Ok(VersionOnly { version: VERSION }) => {}
        Ok(VersionOnly { version }) => {
            let cause = format!("its version is {version}, and this Feedscope reads {VERSION}");
            return Err(SessionProblem::new(path, cause));
        }
        Err(error) => return Err(SessionProblem::new(path, error.to_string())),
    }
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|error| SessionProblem::new(path, error.to_string()))
}

/// Returns the text of a file with this content.
///
/// # Errors
///
/// The content has a form that JSON lacks.
pub fn text_of<T: Serialize>(content: &T) -> Result<String, serde_json::Error> {
    let version = VERSION;
    serde_json::to_string_pretty(&Versioned { version, content }).map(|text| text + "\n")
}

/// Replaces a file in one step. It is for the user alone.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Failure to read a file, displayed as one sentence.
#[derive(Debug)]
pub struct SessionProblem {
    /// What the file contains, as the begin of a sentence.
    content: &'static str,
    path: PathBuf,
    cause: String,
    /// Path under which the file is kept; `None` if it stays in its place.
    aside: Option<PathBuf>,
}

impl SessionProblem {
    /// Creates the problem of a file, and keeps the file aside.
    fn new(path: &Path, cause: String) -> Self {
        Self {
            content: "The last session",
            path: path.to_owned(),
            cause,
            aside: keep_aside(path).ok().flatten(),
        }
    }

    /// Returns the problem of a file with other content than a session, such as `The marks`.
    #[must_use]
    pub fn with_content(self, content: &'static str) -> Self {
        Self { content, ..self }
    }

    /// Returns true if the file is still in its place, so that it must not be overwritten.
    pub fn is_in_place(&self) -> bool {
        self.aside.is_none()
    }
}

impl fmt::Display for SessionProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, cause) = (self.path.display(), self.cause.trim_end_matches('.'));
        let content = self.content;
        match &self.aside {
            Some(aside) => write!(
                f,
                "{content} cannot be restored: {path}: {cause}. The file is kept as {}.",
                aside.display()
            ),
            None => write!(
                f,
                "{content} cannot be restored: {path}: {cause}. The file is kept, and nothing is saved in its place."
            ),
        }
    }
}

impl std::error::Error for SessionProblem {}

/// Renames a file to a free name beside it. Returns the name, or `None` if there are too many such files.
fn keep_aside(path: &Path) -> io::Result<Option<PathBuf>> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let names = (1..=MOST_ASIDE).map(|number| format!("{stem}-unread-{number}.json"));
    let free = names
        .map(|name| path.with_file_name(name))
        .find(|path| !path.exists());
    if let Some(free) = &free {
        fs::rename(path, free)?;
    }
    Ok(free)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Content {
        panes: Vec<u32>,
    }

    fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("session.json");
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn a_content_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state").join("session.json");
        assert_eq!(load::<Content>(&path).unwrap(), None);
        let content = Content { panes: vec![3, 1] };
        replace(&path, &text_of(&content).unwrap()).unwrap();
        assert_eq!(load(&path).unwrap(), Some(content));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_file_that_cannot_be_used_is_kept_aside() {
        for (text, cause) in [
            ("{\"version\":1,", "line 1"),
            ("", "line 1"),
            ("{\"version\":1,\"panes\":true}", "line 1"),
            ("{\"version\":2,\"panes\":[]}", "its version is 2"),
        ] {
            let (folder, path) = file(text);
            let problem = load::<Content>(&path).unwrap_err();
            assert!(problem.to_string().contains(cause), "{problem}");
            assert!(!problem.is_in_place() && !path.exists());
            let aside = folder.path().join("session-unread-1.json");
            assert_eq!(fs::read_to_string(aside).unwrap(), text);
            // Another one gets a name of its own.
            fs::write(&path, text).unwrap();
            let problem = load::<Content>(&path).unwrap_err();
            assert!(problem.to_string().contains("session-unread-2.json"));
        }
    }

    #[test]
    fn a_folder_in_place_of_the_file_is_no_session() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("session.json");
        fs::create_dir(&path).unwrap();
        let problem = load::<Content>(&path).unwrap_err();
        assert!(problem.to_string().contains("not a regular file"));
    }
}
