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

    /// Returns the path that these files have without their numbers: `capture.feedscope` for `capture-0001.feedscope`. Returns
    /// `None` for the name of a single file.
    pub fn whole(path: &Path) -> Option<PathBuf> {
        let (stem, number) = path.file_stem()?.to_str()?.rsplit_once('-')?;
        // A number of six digits is a time of day in the usual name of a recording.
        let is_number =
            matches!(number.len(), 4 | 5) && number.bytes().all(|digit| digit.is_ascii_digit());
        let extension = path.extension()?.to_str()?;
        is_number.then(|| path.with_file_name(format!("{stem}.{extension}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_one_recording_have_one_name_without_their_numbers() {
        let whole = |path: &str| Roll::whole(Path::new(path));
        let path = Path::new("a/capture.feedscope");
        for number in [1, 9_999, 10_000] {
            let part = Roll::path(path, number);
            assert_eq!(Roll::whole(&part).as_deref(), Some(path), "{number}");
        }
        assert_eq!(whole("a/capture.feedscope"), None);
        assert_eq!(whole("ticks-2026-11-26-221500.feedscope"), None);
    }
}
