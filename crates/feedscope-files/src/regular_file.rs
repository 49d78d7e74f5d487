//! Reading of the small text files that a user edits.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

/// Maximum size of a file in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// Reads a regular file of at most 1 MiB.
pub(crate) fn read_regular(path: &Path) -> io::Result<String> {
    read_regular_up_to(path, MOST_BYTES)
}

/// Reads a regular file of at most this size. Nothing else is opened: a pipe would wait for its writer, and a device may
/// have no end.
pub(crate) fn read_regular_up_to(path: &Path, most_bytes: u64) -> io::Result<String> {
    let refused = |what: String| Err(io::Error::new(io::ErrorKind::InvalidData, what));
    if !fs::metadata(path)?.is_file() {
        return refused("it is not a regular file".to_owned());
    }
    let mut text = String::new();
    // The file may grow while it is read, so that its present length is no limit.
    fs::File::open(path)?
        .take(most_bytes + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > most_bytes {
        return refused(format!("it is larger than {} MiB", most_bytes >> 20));
    }
    Ok(text)
}
