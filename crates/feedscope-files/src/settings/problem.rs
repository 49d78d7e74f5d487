//! Failures to read or save the settings, and their sentences.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;

/// Failure to read or save the settings, displayed as one sentence.
#[derive(Debug)]
pub struct SettingsProblem {
    pub(super) path: PathBuf,
    pub(super) what: SettingsReadProblem,
}

#[derive(Debug)]
pub(super) enum SettingsReadProblem {
    Read(io::Error),
    Syntax { line: usize, message: String },
    Write(io::Error),
}

impl fmt::Display for SettingsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.what {
            SettingsReadProblem::Read(error) => write!(
                f,
                "{path} cannot be read: {error}. The defaults hold, and nothing is saved."
            ),
            SettingsReadProblem::Syntax { line, message } => {
                write!(
                    f,
                    "{path}, line {line}: {message}. The file is kept as it is, and nothing is saved in it."
                )
            }
            SettingsReadProblem::Write(error) => write!(
                f,
                "{path} cannot be written: {error}. The settings hold for this run only."
            ),
        }
    }
}

impl std::error::Error for SettingsProblem {}

impl SettingsReadProblem {
    /// Returns a syntax error at the line where `span` starts, with the parser's message as one sentence.
    pub(super) fn syntax(text: &str, span: Option<Range<usize>>, message: &str) -> Self {
        let before = &text.as_bytes()[..span.map_or(0, |span| span.start.min(text.len()))];
        let line = before.split(|&byte| byte == b'\n').count();
        Self::Syntax {
            line,
            message: message.trim_end_matches(['\n', '.']).replace('\n', "; "),
        }
    }
}
