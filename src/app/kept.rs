//! The settings of this run, and their file. What goes wrong with the file becomes a notice, never more.

use std::path::PathBuf;

use feedscope_core::feed::FeedSpec;
use feedscope_core::store::{DEFAULT_BUDGET_BYTES, Store, StoreWriter};

use crate::files::disk_history;
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
    /// Where histories on disk are.
    pub history: disk_history::Place,
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
        Self {
            now,
            notice,
            file,
            history: disk_history::Place::default(),
        }
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

    /// A store for a feed, as large as the feed or else the settings want it.
    pub(super) fn store_for(&mut self, spec: &FeedSpec) -> (StoreWriter, Store) {
        let budget = spec
            .budget
            .or(self.now.budget)
            .unwrap_or(DEFAULT_BUDGET_BYTES);
        let on_disk = spec.disk_history.or(self.now.disk_history).unwrap_or(0);
        if on_disk == 0 {
            return Store::new(budget);
        }
        match disk_history::start(self.history.clone(), on_disk) {
            Ok(spill) => Store::with_spill(budget, spill),
            Err(error) => {
                let notice = format!("There is no history on disk: {error}.");
                complain("history", &notice);
                self.notice = Some(notice);
                Store::new(budget)
            }
        }
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

#[cfg(test)]
mod tests {
    use feedscope_core::{Kind, Record, Sink as _, Stamp};
    use url::Url;

    use super::*;

    /// What a store holds after 40 MB came.
    fn filled((mut writer, store): (StoreWriter, Store)) -> feedscope_core::store::Extent {
        let payload = vec![b'.'; 100_000];
        while store.extent().end < 400 {
            // A feed waits as long; this one has nothing else to do.
            if writer.has_room() {
                writer.push(&Record {
                    stamp: Stamp::default(),
                    connection: 1,
                    kind: Kind::Comment { data: &payload },
                });
            }
        }
        store.extent()
    }

    #[test]
    fn the_feed_says_how_much_is_kept_or_else_the_settings_do() {
        let folder = tempfile::tempdir().unwrap();
        let mut kept = KeptSettings {
            history: disk_history::Place::at(folder.path().to_owned()).leaving_free(0),
            ..KeptSettings::default()
        };
        let mut spec = FeedSpec::new(Url::parse("http://localhost/").unwrap());
        assert_eq!(filled(kept.store_for(&spec)).let_go, 0);
        kept.now.budget = Some(16 << 20);
        let small = filled(kept.store_for(&spec));
        assert!(small.let_go > 100 && small.memory < 20 << 20, "{small:?}");
        kept.now.disk_history = Some(1 << 30);
        let on_disk = filled(kept.store_for(&spec));
        assert!(on_disk.let_go == 0 && on_disk.spilled > 0, "{on_disk:?}");
        spec.disk_history = Some(0);
        assert_eq!(filled(kept.store_for(&spec)).spilled, 0);
        spec.budget = Some(64 << 20);
        assert_eq!(filled(kept.store_for(&spec)).let_go, 0);
        assert_eq!(kept.notice, None);
    }
}
