//! Arguments that name feeds, files or standard input. It only looks up if a file exists and how it begins; other code
//! reads it.

use std::path::{Path, PathBuf};

use crate::plan::{InputSource, STANDARD_STREAM};
use crate::tail::files_of;
use feedscope_files::formats::{Compression, Format, ReadError};
use feedscope_files::recording::EXTENSION;

/// Sentence about `-` where a feed or a file is expected.
pub(super) const INPUT_IS_FOR_COMMANDS: &str =
    "standard input is read by `feedscope tail -` and `stats -`";

/// Arguments of a run by what they name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SourcesArgument {
    /// Existing files, in order.
    pub(super) files: Vec<PathBuf>,
    /// Standard input is among the sources.
    pub(super) has_input: bool,
    /// Other arguments: URLs and names of saved connections.
    pub(super) feeds: Vec<String>,
    /// Number of those arguments before each file.
    pub(super) feeds_before: Vec<usize>,
}

impl SourcesArgument {
    /// Finds out what the arguments name.
    ///
    /// An argument with a scheme is a URL. Any other is a file if one has this name, or if it ends as one; a file that is
    /// missing is never looked up as a host.
    pub(super) fn of(typed: &[String]) -> Result<Self, String> {
        let sources = Self::of_any(typed)?;
        if !sources.files.is_empty() && (sources.has_input || !sources.feeds.is_empty()) {
            return Err("feeds and files are shown together in the window only".to_owned());
        }
        Ok(sources)
    }

    /// Finds out what the arguments name, also if they name both feeds and files.
    pub(super) fn of_any(typed: &[String]) -> Result<Self, String> {
        let mut sources = Self::default();
        for argument in typed {
            if argument == STANDARD_STREAM {
                if std::mem::replace(&mut sources.has_input, true) {
                    return Err(
                        "`-` is given twice, and standard input can be read only once".to_owned(),
                    );
                }
            } else if is_file(argument) {
                sources.add_files(argument)?;
            } else {
                sources.feeds.push(argument.clone());
            }
        }
        Ok(sources)
    }

    fn add_files(&mut self, argument: &str) -> Result<(), String> {
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
            if self.files.contains(&file) {
                return Err(format!("{}: it is given twice", file.display()));
            }
            self.files.push(file);
            self.feeds_before.push(self.feeds.len());
        }
        Ok(())
    }
}

/// Files to show, by the way in which they are read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FilesArgument {
    /// Recordings, which are shown together.
    Recordings(Vec<PathBuf>),
    /// Files of which at least one has another format. They are read one after the other.
    Others(Vec<InputSource>),
}

impl FilesArgument {
    /// Finds out the formats of the files. `given` is the format that the user named for all of them.
    pub(super) fn of(files: Vec<PathBuf>, given: Option<Format>) -> Result<Self, String> {
        let mut sources = Vec::with_capacity(files.len());
        for path in &files {
            // Anything that has no other format is opened as a recording, which explains why it is none.
            let format = given
                .or_else(|| Format::of_file(path))
                .unwrap_or(Format::Feedscope);
            if !format.is_read() {
                return Err(format!(
                    "{}: {}",
                    path.display(),
                    ReadError::Unreadable(format)
                ));
            }
            sources.push(InputSource::File {
                path: path.clone(),
                format,
            });
        }
        let is_recording = |source: &InputSource| match source {
            // A compressed recording has to be read from its beginning.
            InputSource::File { path, format } => {
                *format == Format::Feedscope && Compression::of_path(path).is_none()
            }
            InputSource::Standard { .. } => false,
        };
        Ok(if sources.iter().all(is_recording) {
            Self::Recordings(files)
        } else {
            Self::Others(sources)
        })
    }
}

/// Returns the files that the arguments name; `None` where they name feeds.
pub(super) fn files(typed: &[String]) -> Result<Option<Vec<PathBuf>>, String> {
    let SourcesArgument {
        files, has_input, ..
    } = SourcesArgument::of(typed)?;
    if has_input {
        return Err("standard input can be read only once: convert it to a file first".to_owned());
    }
    Ok((!files.is_empty()).then_some(files))
}

/// Returns true if the argument names a file.
fn is_file(argument: &str) -> bool {
    if argument.contains("://") {
        return false;
    }
    let path = Path::new(argument);
    path.exists() || Format::of_path(path).is_some() && !begins_with_port(argument)
}

/// Returns true if the argument begins as a host with a port, such as `localhost:8000/ticks.sse`.
fn begins_with_port(argument: &str) -> bool {
    let host = argument.split('/').next().unwrap_or_default();
    host.rsplit_once(':').is_some_and(|(name, port)| {
        !name.is_empty() && !port.is_empty() && port.bytes().all(|sign| sign.is_ascii_digit())
    })
}

/// Returns the sentence for a text that is not a URL. A misplaced command gets its own hint.
pub(super) fn not_a_feed(typed: &str, problem: &dyn std::fmt::Display) -> String {
    match typed {
        STANDARD_STREAM => INPUT_IS_FOR_COMMANDS.to_owned(),
        // clap takes a command only as the first argument, so that it arrives here as a URL.
        "tail" | "record" | "serve" | "stats" | "convert" | "connections" | "demo" => {
            format!("`{typed}` is a command and comes first: feedscope {typed} …")
        }
        _ => problem.to_string(),
    }
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
        assert!(failure(&[path("missing.jsonl.gz")]).ends_with("no such file"));
        for other in ["localhost:80", "-"] {
            assert!(failure(&[path("a.feedscope"), other.to_owned()]).contains("together"));
        }
        let typed = [
            "localhost:80",
            "localhost:80/ticks.sse",
            "https://a.test/x.feedscope",
        ];
        assert_eq!(files(&typed.map(str::to_owned)), Ok(None));
    }
    #[test]
    fn only_recordings_are_shown_together() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for (name, bytes) in [
            ("a.feedscope", ""),
            ("unnamed", "FEEDFILE"),
            ("b.sse", ""),
            ("c.csv", ""),
        ] {
            std::fs::write(path(name), bytes).unwrap();
        }
        let recordings = vec![path("a.feedscope"), path("unnamed")];
        assert_eq!(
            FilesArgument::of(recordings.clone(), None),
            Ok(FilesArgument::Recordings(recordings))
        );
        let others = FilesArgument::of(vec![path("a.feedscope"), path("b.sse")], None);
        let formats: Vec<_> = match others {
            Ok(FilesArgument::Others(sources)) => sources
                .into_iter()
                .map(|source| match source {
                    InputSource::File { format, .. } | InputSource::Standard { format } => format,
                })
                .collect(),
            other => panic!("{other:?}"),
        };
        assert_eq!(formats, [Format::Feedscope, Format::Sse]);
        let written_only = FilesArgument::of(vec![path("c.csv")], None).unwrap_err();
        assert!(
            written_only.contains("writes CSV files and cannot read them"),
            "{written_only}"
        );
        assert!(matches!(
            FilesArgument::of(vec![path("c.csv")], Some(Format::Ndjson)),
            Ok(FilesArgument::Others(_))
        ));
    }

    #[test]
    fn standard_input_is_a_source_of_its_own() {
        let typed = |typed: &[&str]| {
            typed
                .iter()
                .map(|&typed| typed.to_owned())
                .collect::<Vec<_>>()
        };
        let sources = SourcesArgument::of(&typed(&["-", "localhost:80"])).unwrap();
        assert!(sources.has_input && sources.feeds == ["localhost:80"]);
        assert!(
            SourcesArgument::of(&typed(&["-", "-"]))
                .unwrap_err()
                .contains("twice")
        );
        assert!(files(&typed(&["-"])).is_err());
    }
}
