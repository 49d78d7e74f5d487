//! Division of a long recording into several files, each complete in itself.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// Limit at which the next file begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roll {
    /// After this time.
    After(Duration),
    /// After this many bytes.
    Bytes(u64),
}

impl Roll {
    /// Returns true if a file of this age and size is full.
    pub(super) fn is_due(self, age: Duration, bytes: u64) -> bool {
        match self {
            Self::After(limit) => age >= limit,
            Self::Bytes(limit) => bytes >= limit,
        }
    }

    /// Returns the name of the file with this number, from 1: `capture.feedscope` becomes `capture-0001.feedscope`.
    pub fn path(path: &Path, number: u32) -> PathBuf {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut name = format!("{stem}-{number:04}");
        if let Some(extension) = path.extension() {
            name.push('.');
            name.push_str(&extension.to_string_lossy());
        }
        path.with_file_name(name)
    }
}
