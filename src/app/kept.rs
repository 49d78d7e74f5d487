//! The settings of this run, and their file. What goes wrong with the file becomes a notice, never more.

use std::path::PathBuf;

use feedscope_core::feed::FeedSpec;
use feedscope_core::store::{DEFAULT_BUDGET_BYTES, Store, StoreWriter};

use crate::files::disk_history;
use crate::files::settings::{Settings, SettingsFile, Theme};
use crate::tail::complain;
use crate::ui::{Column, ColumnChoice, ThemeChoice, TimeForm};

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

    /// The columns that are kept. Names that this version does not know are no columns.
    pub fn columns(&self) -> ColumnChoice {
        let mut choice = ColumnChoice::default();
        for column in Column::ALL {
            if let Some(shown) = &self.now.columns {
                choice = choice.with(column, shown.iter().any(|name| name == column.word()));
            }
            if let Some(width) = self.now.column_widths.get(column.word()) {
                choice = choice.with_width(column, *width);
            }
        }
        if self.now.time_since_above {
            choice.time_form = TimeForm::SinceAbove;
        }
        choice
    }

    /// Keeps other columns.
    pub fn set_columns(&mut self, choice: ColumnChoice) {
        let usual = ColumnChoice::default();
        let is_usual = Column::ALL
            .iter()
            .all(|&column| choice.has(column) == usual.has(column));
        let shown = Column::ALL.into_iter().filter(|&column| choice.has(column));
        self.now.columns =
            (!is_usual).then(|| shown.map(|column| column.word().to_owned()).collect());
        self.now.column_widths = Column::ALL
            .into_iter()
            .filter(|&column| choice.is_sized(column))
            .map(|column| (column.word().to_owned(), choice.width(column)))
            .collect();
        self.now.time_since_above = choice.time_form == TimeForm::SinceAbove;
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

    #[test]
    fn columns_are_kept_as_they_were_chosen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        let mut kept = KeptSettings::load(path.clone());
        assert_eq!(kept.columns(), ColumnChoice::default());
        let mut choice = ColumnChoice::default()
            .with(Column::Connection, true)
            .with(Column::Id, false)
            .with_width(Column::Type, 120.0);
        choice.time_form = TimeForm::SinceAbove;
        kept.set_columns(choice);
        assert_eq!(KeptSettings::load(path.clone()).columns(), choice);
        kept.set_columns(ColumnChoice::default());
        assert_eq!(KeptSettings::load(path).columns(), ColumnChoice::default());
    }
}
