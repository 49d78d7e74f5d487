//! Folder of the recordings that Feedscope makes of its sessions by itself.
//!
//! A session has a name with its time, such as `session-2026-11-27-024800`. Its recording is divided into parts, so that the
//! oldest ones can be deleted when all of them need more space than they may have. While a session runs, a file with the
//! ending `.running` stands beside its parts. If that file is there and no program writes the newest part, the program
//! was ended in the middle of a recording.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::{DEFAULT_LEFT_FREE, EXTENSION, Existing, RecordingTarget};
use crate::session;

/// Space that the recordings of sessions may need by default: 2 GiB.
pub const DEFAULT_SESSIONS_LIMIT: u64 = 2 << 30;

/// Minimum of that space: 64 MiB.
pub const LEAST_SESSIONS_LIMIT: u64 = 64 << 20;

/// Beginning of the names of sessions. Other files in the folder are never touched.
const PREFIX: &str = "session-";

/// Ending of the files that mark running sessions.
const RUNNING: &str = "running";

/// Folder with recordings of sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFolder {
    path: PathBuf,
}

/// Recording of one session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionRecording {
    /// Name of the session, with its time.
    pub name: String,
    /// Parts in order. Older ones may have been deleted.
    pub parts: Vec<PathBuf>,
    /// Size of all parts.
    pub bytes: u64,
    /// A program is writing it.
    pub is_running: bool,
    /// The program that wrote it was ended before the recording.
    pub was_interrupted: bool,
}

/// Recordings that were deleted because of the limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Number of files.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
}

impl SessionFolder {
    /// Returns the user's folder for recordings of sessions, if there is a folder for state.
    pub fn usual() -> Option<Self> {
        session::usual_path("sessions").map(Self::new)
    }

    /// Returns the folder at a path. It is created with the first recording.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Marks a session as running and returns the target of its recording. `time` is a part of its name.
    ///
    /// # Errors
    ///
    /// Fails if the folder or the mark cannot be created.
    pub fn begin(&self, time: &str) -> io::Result<(String, RecordingTarget)> {
        create_private(&self.path)?;
        // Two windows may start in the same second.
        let name = format!("{PREFIX}{time}-{}", std::process::id());
        File::create(self.mark(&name))?;
        let target = RecordingTarget {
            path: self.path.join(format!("{name}.{EXTENSION}")),
            existing: Existing::Refuse,
            left_free: DEFAULT_LEFT_FREE,
        };
        Ok((name, target))
    }

    /// Removes the mark of a session that has ended, or whose interruption the user knows.
    ///
    /// # Errors
    ///
    /// Fails if the mark cannot be removed.
    pub fn end(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.mark(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Returns all recordings, the newest first. A folder that does not exist has none.
    ///
    /// # Errors
    ///
    /// Fails if the folder cannot be read.
    pub fn list(&self) -> io::Result<Vec<SessionRecording>> {
        let mut sessions: BTreeMap<String, SessionRecording> = BTreeMap::new();
        for part in self.parts()? {
            let SessionPart {
                session,
                path,
                bytes,
            } = part;
            let recording = sessions.entry(session.clone()).or_default();
            recording.name = session;
            recording.parts.push(path);
            recording.bytes += bytes;
        }
        let newest = sessions.into_values().rev();
        Ok(newest.map(|recording| self.with_state(recording)).collect())
    }

    /// Deletes the recording of a session that is not running.
    ///
    /// # Errors
    ///
    /// Fails if a program is writing it, or if a file cannot be deleted.
    pub fn delete(&self, name: &str) -> io::Result<()> {
        let parts = self.parts()?.into_iter();
        let parts: Vec<SessionPart> = parts.filter(|part| part.session == name).collect();
        if parts.iter().any(|part| is_being_written(&part.path)) {
            return Err(io::Error::other("the session is being recorded"));
        }
        for part in parts {
            fs::remove_file(part.path)?;
        }
        self.end(name)
    }

    /// Deletes the oldest parts until all of them need at most `limit` bytes. A part that is being written stays.
    ///
    /// # Errors
    ///
    /// Fails if the folder cannot be read, or if a file cannot be deleted.
    pub fn trim(&self, limit: u64) -> io::Result<Deleted> {
        let parts = self.parts()?;
        let mut all: u64 = parts.iter().map(|part| part.bytes).sum();
        let mut deleted = Deleted::default();
        // The names begin with the time, so that the oldest parts come first.
        for part in parts {
            if all <= limit {
                break;
            }
            if is_being_written(&part.path) {
                continue;
            }
            fs::remove_file(&part.path)?;
            all -= part.bytes;
            deleted.files += 1;
            deleted.bytes += part.bytes;
        }
        Ok(deleted)
    }

    /// Returns the parts of all sessions, the oldest first.
    fn parts(&self) -> io::Result<Vec<SessionPart>> {
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut parts = Vec::new();
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            if let Some(session) = session_of(&path) {
                // Another Feedscope may delete a part at the same time.
                let Ok(metadata) = entry.metadata() else {
                    continue;
                };
                parts.push(SessionPart {
                    session,
                    path,
                    bytes: metadata.len(),
                });
            }
        }
        parts.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(parts)
    }

    fn with_state(&self, recording: SessionRecording) -> SessionRecording {
        let newest = recording.parts.last();
        let is_running = newest.is_some_and(|part| is_being_written(part));
        let is_marked = self.mark(&recording.name).exists();
        SessionRecording {
            is_running,
            was_interrupted: is_marked && !is_running,
            ..recording
        }
    }

    fn mark(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.{RUNNING}"))
    }
}

/// Part of a session's recording.
struct SessionPart {
    session: String,
    path: PathBuf,
    bytes: u64,
}

/// Returns the name of the session that a file is a part of.
fn session_of(path: &Path) -> Option<String> {
    let is_recording = path.extension().is_some_and(|it| it == EXTENSION);
    let stem = path.file_stem()?.to_str().filter(|_| is_recording)?;
    let (session, number) = stem.rsplit_once('-')?;
    let is_number = number.len() >= 4 && number.bytes().all(|digit| digit.is_ascii_digit());
    (session.starts_with(PREFIX) && is_number).then(|| session.to_owned())
}

/// Returns true if a program holds the lock of a recording.
fn is_being_written(path: &Path) -> bool {
    let file = File::open(path);
    file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Creates a folder that only its user can read.
pub(super) fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{Recorder, Roll};

    fn folder() -> (tempfile::TempDir, SessionFolder) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SessionFolder::new(temporary.path().join("sessions"));
        (temporary, folder)
    }

    fn start(folder: &SessionFolder, time: &str) -> (String, Recorder) {
        let (name, target) = folder.begin(time).unwrap();
        let target = RecordingTarget {
            left_free: 0,
            ..target
        };
        let roll = Some(Roll::Bytes(1 << 20));
        let recorder = Recorder::start(target, roll, Vec::new(), || {}).unwrap();
        (name, recorder)
    }

    fn states(folder: &SessionFolder) -> Vec<(bool, bool)> {
        let list = folder.list().unwrap().into_iter();
        list.map(|it| (it.is_running, it.was_interrupted)).collect()
    }

    #[test]
    fn a_session_is_running_interrupted_or_complete() {
        let (_temporary, folder) = folder();
        assert_eq!(folder.list().unwrap(), []);
        let (name, recorder) = start(&folder, "2026-11-27-010000");
        assert_eq!(states(&folder), [(true, false)]);
        assert!(folder.delete(&name).is_err(), "it is being written");
        recorder.finish();
        // The mark is still there, as after a crash.
        assert_eq!(states(&folder), [(false, true)]);
        folder.end(&name).unwrap();
        assert_eq!(states(&folder), [(false, false)]);
        folder.delete(&name).unwrap();
        assert_eq!(folder.list().unwrap(), []);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_user_can_read_the_folder() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_temporary, folder) = folder();
        folder.begin("2026-11-27-010000").unwrap();
        let mode = fs::metadata(&folder.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn the_oldest_parts_are_deleted_first_and_counted() {
        let (_temporary, folder) = folder();
        fs::create_dir_all(&folder.path).unwrap();
        let write = |name: &str, bytes: usize| {
            fs::write(folder.path.join(name), vec![0; bytes]).unwrap();
        };
        write("session-2026-11-25-010000-7-0001.feedscope", 100);
        write("session-2026-11-25-010000-7-0002.feedscope", 100);
        write("session-2026-11-26-010000-7-0001.feedscope", 100);
        // Files of the user stay.
        write("a-0001.feedscope", 1_000);
        write("session-notes.txt", 1_000);
        let (name, recorder) = start(&folder, "2026-11-24-010000");
        let written = folder.list().unwrap().pop().unwrap().bytes;
        let deleted = folder.trim(written + 150).unwrap();
        let expected = Deleted {
            files: 2,
            bytes: 200,
        };
        assert_eq!(deleted, expected);
        let names: Vec<String> = folder
            .list()
            .unwrap()
            .into_iter()
            .map(|it| it.name)
            .collect();
        assert_eq!(names, ["session-2026-11-26-010000-7".to_owned(), name]);
        recorder.finish();
        assert_eq!(folder.trim(0).unwrap().files, 2);
        assert_eq!(
            fs::read_dir(&folder.path).unwrap().count(),
            3,
            "with the mark"
        );
    }
}
