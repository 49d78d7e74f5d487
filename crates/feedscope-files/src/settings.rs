//! Settings file: its values, and how they are read and saved. Other modules apply them.
//!
//! A save changes only the keys whose values have changed. Keys that this version does not know, comments and the order
//! of lines stay as they are. A file that does not parse is never overwritten.

mod file_text;
mod merge;
mod parse;
mod problem;
mod values;

use std::path::PathBuf;

use directories::ProjectDirs;

use file_text::{read, replace};
use merge::merge;
use parse::parse;
pub use problem::SettingsProblem;
use problem::SettingsReadProblem;
pub use values::{ColumnSettings, MOST_FEEDS_WITH_COLUMNS, MOST_RECENT_URLS, Settings};

/// The file that settings are kept in.
#[derive(Debug, Default)]
pub struct SettingsFile {
    /// Path of the file; `None` if settings are not saved.
    path: Option<PathBuf>,
    /// Values in the file as last read or written.
    in_file: Settings,
}

impl SettingsFile {
    /// Returns the path of `settings.toml` in the user's configuration folder, if there is such a folder.
    pub fn usual_path() -> Option<PathBuf> {
        Some(
            ProjectDirs::from("", "", "feedscope")?
                .config_dir()
                .join("settings.toml"),
        )
    }

    /// Reads the file. A missing file gives the defaults.
    ///
    /// If the file cannot be read or parsed, the defaults apply and the file is never written in this run.
    pub fn load(path: PathBuf) -> (Self, Settings, Option<SettingsProblem>) {
        match read(&path).and_then(|text| text.map_or(Ok(Settings::default()), |text| parse(&text)))
        {
            Ok(settings) => (
                Self {
                    path: Some(path),
                    in_file: settings.clone(),
                },
                settings,
                None,
            ),
            Err(what) => (
                Self::default(),
                Settings::default(),
                Some(SettingsProblem { path, what }),
            ),
        }
    }

    /// Writes the values that have changed since the file was last read or written. Does nothing if none has.
    ///
    /// The new file replaces the old one in one step, so that a crash leaves either the old or the new content.
    pub fn save(&mut self, settings: &Settings) -> Result<(), SettingsProblem> {
        let Some(path) = self.path.clone().filter(|_| *settings != self.in_file) else {
            return Ok(());
        };
        match merge(&path, &self.in_file, settings)
            .and_then(|text| replace(&path, &text).map_err(SettingsReadProblem::Write))
        {
            Ok(()) => {
                self.in_file = settings.clone();
                Ok(())
            }
            Err(what) => {
                if matches!(what, SettingsReadProblem::Syntax { .. }) {
                    // Someone is editing the file, so that this run does not write it any more.
                    self.path = None;
                }
                Err(SettingsProblem { path, what })
            }
        }
    }
}

#[cfg(test)]
mod tests;
