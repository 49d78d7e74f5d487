//! Arguments that name feeds or files. It only looks up if a file exists; other code reads it.

use std::path::{Path, PathBuf};

use crate::tail::files_of;
use feedscope_files::recording::EXTENSION;

/// Endings of files that can be opened.
const ENDINGS: [&str; 1] = [EXTENSION];

/// Returns the files that the arguments name; `None` where they name feeds.
///
/// An argument with a scheme is a URL. Any other is a file if one has this name, or if it ends as one; a file that is
/// missing is never looked up as a host.
pub(super) fn files(typed: &[String]) -> Result<Option<Vec<PathBuf>>, String> {
    let mut files = Vec::new();
    let mut has_feeds = false;
    for argument in typed {
        if !is_file(argument) {
            has_feeds = true;
            continue;
        }
        let path = Path::new(argument);
        if !path.exists() {
            return Err(format!("{argument}: no such file"));
        }
        let found = files_of(path.to_owned());
        if found.is_empty() {
            return Err(format!(
                "{argument}: there is no *.{EXTENSION} in this folder"
            ));
        }
        for file in found {
            if files.contains(&file) {
                return Err(format!("{}: it is given twice", file.display()));
            }
            files.push(file);
        }
    }
    match (has_feeds, files.is_empty()) {
        (true, false) => Err("feeds and files cannot be shown together".to_owned()),
        (_, is_empty) => Ok((!is_empty).then_some(files)),
    }
}

/// Returns true if the argument names a file.
fn is_file(argument: &str) -> bool {
    if argument.contains("://") {
        return false;
    }
    let path = Path::new(argument);
    let ending = path.extension().and_then(|ending| ending.to_str());
    let is_known = ending.is_some_and(|ending| ENDINGS.contains(&ending));
    is_known || path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_those_that_exist_or_end_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        for name in ["b.feedscope", "a.feedscope", "other.txt", "localhost"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let found = |typed: &[String]| files(typed).unwrap().unwrap();
        let both = ["a.feedscope", "b.feedscope"].map(|name| PathBuf::from(path(name)));
        assert_eq!(found(&[path("")]), both, "a folder, in the order of names");
        assert_eq!(
            found(&[path("localhost")]),
            [PathBuf::from(path("localhost"))]
        );
        let failure = |typed: &[String]| files(typed).unwrap_err();
        assert!(failure(&[path("missing.feedscope")]).ends_with("no such file"));
        assert!(failure(&[path("a.feedscope"), path("")]).contains("twice"));
        assert!(failure(&[path("a.feedscope"), "localhost:80".to_owned()]).contains("together"));
        let typed = ["localhost:80", "https://a.test/x.feedscope"].map(str::to_owned);
        assert_eq!(files(&typed), Ok(None));
    }
}
