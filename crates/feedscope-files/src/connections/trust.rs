//! The project files whose content the user has allowed. A changed file has to be allowed again.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// Number of contents that are kept. The one allowed first is dropped beyond it.
const MOST_CONTENTS: usize = 100;

/// Copies of the contents that were allowed, each in a file of its own.
///
/// Whole contents are compared, so that no other content can be taken for an allowed one.
#[derive(Clone, Debug)]
pub struct TrustedProjects {
    folder: PathBuf,
}

impl TrustedProjects {
    /// The folder of the user, if there is a folder for a program's data.
    pub fn usual() -> Option<Self> {
        let folders = ProjectDirs::from("", "", "feedscope")?;
        Some(Self::at(folders.data_dir().join("allowed-projects")))
    }

    /// Contents in this folder.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Returns true if exactly this content was allowed.
    pub fn contains(&self, content: &str) -> bool {
        let is_same =
            |path: &PathBuf| fs::read(path).is_ok_and(|known| known == content.as_bytes());
        self.files().iter().any(|(_, path)| is_same(path))
    }

    /// Remembers that this content was allowed.
    pub fn allow(&self, content: &str) -> io::Result<()> {
        if self.contains(content) {
            return Ok(());
        }
        fs::create_dir_all(&self.folder)?;
        let files = self.files();
        // Numbers grow, so that the smallest one is the oldest.
        let number = files.last().map_or(0, |(number, _)| number + 1);
        for (_, oldest) in files.iter().rev().skip(MOST_CONTENTS - 1) {
            fs::remove_file(oldest)?;
        }
        // The content becomes visible under its name only when it is whole.
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(content.as_bytes())?;
        let path = self.folder.join(format!("{number}.toml"));
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// The files with their numbers, the one allowed first in front.
    fn files(&self) -> Vec<(u64, PathBuf)> {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let number = |path: &Path| path.file_stem()?.to_str()?.parse::<u64>().ok();
        let mut files: Vec<_> = entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                Some((number(&path)?, path))
            })
            .collect();
        files.sort();
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_content_that_was_allowed_is_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let trusted = TrustedProjects::at(folder.path().join("allowed"));
        assert!(!trusted.contains("a"));
        trusted.allow("a").unwrap();
        trusted.allow("a").unwrap();
        assert!(trusted.contains("a") && !trusted.contains("a ") && !trusted.contains(""));
        assert_eq!(trusted.files().len(), 1);
    }

    #[test]
    fn the_oldest_contents_are_dropped_beyond_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let trusted = TrustedProjects::at(folder.path().to_owned());
        for number in 0..MOST_CONTENTS + 3 {
            trusted.allow(&number.to_string()).unwrap();
        }
        assert_eq!(trusted.files().len(), MOST_CONTENTS);
        assert!(!trusted.contains("2") && trusted.contains("3"));
    }

    #[cfg(unix)]
    #[test]
    fn contents_are_for_the_user_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let trusted = TrustedProjects::at(folder.path().to_owned());
        trusted.allow("a").unwrap();
        let mode = fs::metadata(&trusted.files()[0].1)
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
