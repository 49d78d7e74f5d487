//! Text in the search field of the list that says by itself what to open: a URL, a command line, or the path of a file.

use feedscope_core::url_text::{masked, parse_url};
use url::Url;

use crate::command_line::program_of;

/// Source that a typed text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TypedSource {
    Url(Url),
    /// Command line of curl or websocat.
    Line(String),
    /// Path of a file.
    File(String),
}

impl TypedSource {
    /// Returns the source that a text names without doubt; `None` for words, which search the list.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if program_of(text).is_some() {
            return Some(Self::Line(text.to_owned()));
        }
        if is_path(text) {
            return Some(Self::File(text.to_owned()));
        }
        let url = parse_url(text).ok().filter(|_| text.contains("://"))?;
        Some(Self::Url(url))
    }

    /// Returns the text of its entry. It contains no secret.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Url(url) => format!("Open {}", masked(url)),
            Self::Line(line) => {
                let program = program_of(line).unwrap_or_default();
                format!("Open this line of {program}")
            }
            Self::File(path) => format!("Open the file {path}"),
        }
    }
}

/// Returns true for a text with the form of a path.
fn is_path(text: &str) -> bool {
    let beginnings = ["/", "~/", "./", "../", "file:", "\\\\"];
    let mut signs = text.chars();
    // A drive letter of Windows.
    let has_drive = signs.next().is_some_and(|sign| sign.is_ascii_alphabetic())
        && matches!((signs.next(), signs.next()), (Some(':'), Some('\\')));
    has_drive
        || beginnings
            .iter()
            .any(|beginning| text.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lines_and_paths_are_understood_and_words_are_not() {
        for (text, expected) in [
            (
                " https://a.test/x?token=abc ",
                "Open https://a.test/x?token=***",
            ),
            (
                "curl http://a.test -H 'A: s3cret'",
                "Open this line of curl",
            ),
            ("websocat ws://a.test", "Open this line of websocat"),
            ("/tmp/out.har", "Open the file /tmp/out.har"),
            ("~/x.feedscope", "Open the file ~/x.feedscope"),
            ("C:\\x.har", "Open the file C:\\x.har"),
        ] {
            let name = TypedSource::of(text).map(|source| source.name());
            assert_eq!(name.as_deref(), Some(expected), "{text}");
        }
        for text in [
            "desk",
            "curling",
            "localhost:80",
            "htp://a.test/",
            "a/b",
            "",
        ] {
            assert_eq!(TypedSource::of(text), None, "{text}");
        }
    }
}
