//! Text of the settings file on disk: it is read as a whole and replaced in one step.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use super::problem::SettingsReadProblem;
use crate::regular_file::read_regular;

/// Returns the text of the file, or `None` if there is no file.
pub(super) fn read(path: &Path) -> Result<Option<String>, SettingsReadProblem> {
    match read_regular(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SettingsReadProblem::Read(error)),
    }
}

/// Replaces the file at `path` with `text` in one step.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    // If the path is a symbolic link, replace the file that it points to.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    // The process ID makes the name unique among windows that save at the same time.
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let written = write_new(&new, &path, text).and_then(|()| fs::rename(&new, &path));
    if written.is_err() {
        fs::remove_file(&new).ok();
    }
    written
}

/// Writes the new file to disk with the permissions of the old one.
fn write_new(new: &Path, old: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(new)?;
    if let Ok(known) = fs::metadata(old) {
        file.set_permissions(known.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    // Without this, a crash after the rename could leave an empty file.
    file.sync_all()
}
