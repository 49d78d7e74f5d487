//! The settings of this run, and their file. What goes wrong with the file becomes a notice, never more.

use std::path::PathBuf;

use crate::files::settings::{Settings, SettingsFile, Theme};
use crate::tail::complain;
use crate::ui::ThemeChoice;

/// Settings, where they are kept, and what there is to say about that.
#[derive(Debug, Default)]
pub struct KeptSettings {
    /// As they are now.
    pub now: Settings,
    /// What the window has to say about the file.
    pub notice: Option<String>,
    file: SettingsFile,
}

impl KeptSettings {
    /// Those of the usual file, if there is a place for one.
    pub fn load_usual() -> Self {
        SettingsFile::usual_path()
            .map(Self::load)
            .unwrap_or_default()
    }

    /// Those of this file. What is wrong with it is told on standard error too.
    pub fn load(path: PathBuf) -> Self {
        let (file, now, problem) = SettingsFile::load(path);
        let notice = problem.map(|problem| problem.to_string());
        if let Some(notice) = &notice {
            complain("settings", notice);
        }
        Self { now, notice, file }
    }

    /// The theme that is kept.
    pub fn theme(&self) -> ThemeChoice {
        match self.now.theme {
            Theme::System => ThemeChoice::System,
            Theme::Dark => ThemeChoice::Dark,
            Theme::Light => ThemeChoice::Light,
        }
    }

    /// Keeps another theme.
    pub fn set_theme(&mut self, theme: ThemeChoice) {
        self.now.theme = match theme {
            ThemeChoice::System => Theme::System,
            ThemeChoice::Dark => Theme::Dark,
            ThemeChoice::Light => Theme::Light,
        };
        self.save();
    }

    /// Saves what changed.
    pub fn save(&mut self) {
        if let Err(problem) = self.file.save(&self.now) {
            let notice = problem.to_string();
            // The same trouble at every change is told once.
            if self.notice.as_ref() != Some(&notice) {
                complain("settings", &notice);
                self.notice = Some(notice);
            }
        }
    }
}
