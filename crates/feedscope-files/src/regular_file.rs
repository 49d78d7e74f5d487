//! Reading of the small text files that a user edits.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

/// Maximum size of a file in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// Reads a regular file of at most [`MOST_BYTES`]. Nothing else is opened: a pipe would wait for its writer, and a device
/// may have no end.
pub(crate) fn read_regular(path: &Path) -> io::Result<String> {
    let refused = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidData, what));
    if !fs::metadata(path)?.is_file() {
        return refused("it is not a regular file");
    }
    let mut text = String::new();
    // The file may grow while it is read, so that its present length is no limit.
    fs::File::open(path)?
        .take(MOST_BYTES + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return refused("it is larger than 1 MiB");
    }
    Ok(text)
}
