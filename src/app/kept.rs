//! Settings of this run, and their file. An error of the file becomes a notice in the window; the run continues.

use std::path::PathBuf;

use feedscope_analysis::measures::MeasuredFields;
use feedscope_core::ThemeChoice;
use feedscope_core::feed::FeedSpec;
use feedscope_core::store::{DEFAULT_BUDGET_BYTES, Store, StoreWriter};
use feedscope_core::url_text::masked;
use feedscope_files::connections::SavedConnections;
use feedscope_files::disk_history;
use feedscope_files::recording::{SessionFolder, UnfinishedFolder};
use feedscope_files::settings::{ColumnSettings, Settings, SettingsFile};
use feedscope_ui::{Column, ColumnChoice, TimeForm};
use url::Url;

use super::connections::ConnectionsFile;
use super::measured;
use super::session::SessionFiles;
use crate::complaint::complain;

/// Settings, the file that stores them, and the notice about its problems.
#[derive(Debug, Default)]
pub struct KeptSettings {
    /// Present values.
    pub now: Settings,
    /// Sentence to show in the window about a problem with the file.
    pub notice: Option<String>,
    /// File of saved connections.
    pub connections: ConnectionsFile,
    /// Files of the session.
    pub session: SessionFiles,
    /// Folder for the recordings of sessions; `None` records none.
    pub sessions: Option<SessionFolder>,
    /// Folder for the marks of running recordings; `None` marks none.
    pub unfinished: Option<UnfinishedFolder>,
    /// Folder for the histories on disk.
    pub history: disk_history::HistoryFolder,
    file: SettingsFile,
}

impl KeptSettings {
    /// Loads the settings from the usual file. Without a configuration folder, the defaults apply and nothing is saved.
    pub fn load_usual() -> Self {
        let kept = SettingsFile::usual_path().map(Self::load);
        Self {
            session: SessionFiles::usual(),
            sessions: SessionFolder::usual(),
            unfinished: UnfinishedFolder::usual(),
            connections: ConnectionsFile {
                path: SavedConnections::usual_path(),
                ..ConnectionsFile::default()
            },
            ..kept.unwrap_or_default()
        }
    }

    /// Loads the settings from this file. A problem is printed on standard error and becomes the notice.
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
            connections: ConnectionsFile::default(),
            session: SessionFiles::default(),
            sessions: None,
            unfinished: None,
            history: disk_history::HistoryFolder::default(),
        }
    }

    /// Reports keys in the settings that the window does not understand.
    pub(super) fn report_keys(&mut self, problems: &[String]) {
        for problem in problems {
            complain("settings", problem);
        }
        if let Some(first) = problems.first() {
            let notice = format!("The keys in settings.toml: {first}");
            self.notice.get_or_insert(notice);
        }
    }

    /// Sets the theme in the settings and saves them.
    pub fn set_theme(&mut self, theme: ThemeChoice) {
        self.now.theme = theme;
        self.save();
    }

    /// Creates the store of a feed. The feed's limits have priority over those in the settings.
    pub(super) fn store_for(&mut self, spec: &FeedSpec) -> (StoreWriter, Store) {
        let budget = spec
            .keeping
            .budget
            .or(self.now.budget)
            .unwrap_or(DEFAULT_BUDGET_BYTES);
        let on_disk = spec
            .keeping
            .disk_history
            .or(self.now.disk_history)
            .unwrap_or(0);
        if on_disk == 0 {
            return Store::new(budget);
        }
        match disk_history::start(self.history.clone(), on_disk) {
            Ok(spill) => Store::with_spill(budget, spill),
            // The feed works with memory alone, so that a notice is enough.
            Err(error) => {
                let notice = format!("There is no history on disk: {error}.");
                complain("history", &notice);
                self.notice = Some(notice);
                Store::new(budget)
            }
        }
    }

    /// Returns the columns of a feed. Unknown names in the settings are ignored.
    pub fn columns_of(&self, url: &Url) -> ColumnChoice {
        let kept = self.now.columns_of(&name_of(url));
        let mut choice = with_shown(ColumnChoice::default(), kept.shown.as_deref());
        for column in Column::ALL {
            if let Some(width) = kept.widths.get(column.word()) {
                choice = choice.with_width(column, *width);
            }
        }
        if kept.time_since_above {
            choice.time_form = TimeForm::SinceAbove;
        }
        choice
    }

    /// Sets the columns of a feed in the settings and saves them.
    pub fn set_columns_of(&mut self, url: &Url, choice: ColumnChoice) {
        let width = |column: Column| Some((column.word().to_owned(), choice.width(column)?));
        let columns = ColumnSettings {
            shown: shown_names(choice),
            widths: Column::ALL.into_iter().filter_map(width).collect(),
            time_since_above: choice.time_form == TimeForm::SinceAbove,
            ..self.now.columns_of(&name_of(url)).clone()
        };
        self.now.set_columns_of(name_of(url), columns);
        self.save();
    }

    /// Returns the fields that are columns of a feed.
    pub fn fields_of(&self, url: &Url) -> &[String] {
        &self.now.columns_of(&name_of(url)).fields
    }

    /// Sets the fields that are columns of a feed in the settings and saves them.
    pub fn set_fields_of(&mut self, url: &Url, fields: Vec<String>) {
        let columns = ColumnSettings {
            fields,
            ..self.now.columns_of(&name_of(url)).clone()
        };
        self.now.set_columns_of(name_of(url), columns);
        self.save();
    }

    /// Returns the key and the columns of the newest values of a feed, the key first.
    pub fn latest_of(&self, url: &Url) -> &[String] {
        &self.now.columns_of(&name_of(url)).latest
    }

    /// Sets the key and the columns of the newest values of a feed in the settings and saves them.
    pub fn set_latest_of(&mut self, url: &Url, latest: Vec<String>) {
        let columns = ColumnSettings {
            latest,
            ..self.now.columns_of(&name_of(url)).clone()
        };
        self.now.set_columns_of(name_of(url), columns);
        self.save();
    }

    /// Returns the fields that the measures of a feed read. A path that is not understood is left out.
    pub fn measured_of(&self, url: &Url) -> MeasuredFields {
        let (fields, _wrong) = measured::fields_of(&self.now.columns_of(&name_of(url)).measures);
        fields
    }

    /// Sets the fields that the measures of a feed read in the settings and saves them.
    pub fn set_measured_of(&mut self, url: &Url, fields: &MeasuredFields) {
        let columns = ColumnSettings {
            measures: measured::paths_of(fields),
            ..self.now.columns_of(&name_of(url)).clone()
        };
        self.now.set_columns_of(name_of(url), columns);
        self.save();
    }

    /// Saves the values that have changed.
    pub fn save(&mut self) {
        if let Err(problem) = self.file.save(&self.now) {
            let notice = problem.to_string();
            // The same problem may occur at every change; it is reported once.
            if self.notice.as_ref() != Some(&notice) {
                complain("settings", &notice);
                self.notice = Some(notice);
            }
        }
    }
}

/// Returns the names of the visible columns. The usual ones have none, so that a later version may change them.
pub(super) fn shown_names(choice: ColumnChoice) -> Option<Vec<String>> {
    let usual = ColumnChoice::default();
    let is_usual = |column: &Column| choice.has(*column) == usual.has(*column);
    if Column::ALL.iter().all(is_usual) {
        return None;
    }
    let shown = Column::ALL.into_iter().filter(|&column| choice.has(column));
    Some(shown.map(|column| column.word().to_owned()).collect())
}

/// Returns a choice with the columns of these names visible. Unknown names are ignored.
pub(super) fn with_shown(choice: ColumnChoice, names: Option<&[String]>) -> ColumnChoice {
    let Some(names) = names else { return choice };
    let is_named = |column: Column| names.iter().any(|name| name == column.word());
    Column::ALL.into_iter().fold(choice, |choice, column| {
        choice.with(column, is_named(column))
    })
}

/// Returns the name of a feed in the settings: its URL without query and secrets, because feeds that differ only in
/// the query have the same kinds of records.
fn name_of(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    masked(&url)
}

#[cfg(test)]
mod tests {
    use feedscope_core::store::{Extent, RowNumber};
    use feedscope_core::{Kind, Record, Sink as _, Stamp};
    use feedscope_files::measured_paths::MeasuredPaths;

    use super::*;

    /// Returns the extent of a store after 40 MB have arrived.
    fn filled((mut writer, store): (StoreWriter, Store)) -> Extent {
        let payload = vec![b'.'; 100_000];
        while store.extent().end < RowNumber(400) {
            // The store has room again as soon as its history has been written. A feed waits in the same way.
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
            history: disk_history::HistoryFolder::at(folder.path().to_owned()).leaving_free(0),
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
        // A disk without room for the history ends it. The store keeps the reason after the timeline's note is let go.
        kept.history = kept.history.clone().leaving_free(u64::MAX >> 1);
        let (writer, store) = kept.store_for(&spec);
        filled((writer, store.clone()));
        let problem = store.spill_problem().unwrap();
        assert!(problem.contains("the disk is almost full"), "{problem}");
        spec.keeping.disk_history = Some(0);
        assert_eq!(filled(kept.store_for(&spec)).spilled, 0);
        spec.keeping.budget = Some(64 << 20);
        assert_eq!(filled(kept.store_for(&spec)).let_go, 0);
        assert_eq!(kept.notice, None);
    }

    #[test]
    fn columns_are_kept_for_each_feed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        let url = |text: &str| Url::parse(text).unwrap();
        let feed = url("ws://user:secret@localhost/chat?room=1");
        let mut kept = KeptSettings::load(path.clone());
        assert_eq!(kept.columns_of(&feed), ColumnChoice::default());
        let mut choice = ColumnChoice::default()
            .with(Column::Connection, true)
            .with(Column::Id, false)
            .with_width(Column::Type, 120.0);
        choice.time_form = TimeForm::SinceAbove;
        kept.set_columns_of(&feed, choice);
        let read = KeptSettings::load(path.clone());
        assert_eq!(read.columns_of(&feed), choice);
        let other_room = url("ws://user:secret@localhost/chat?room=2");
        assert_eq!(read.columns_of(&other_room), choice);
        let other = url("ws://localhost/events");
        assert_eq!(read.columns_of(&other), ColumnChoice::default());
        assert!(!std::fs::read_to_string(&path).unwrap().contains("secret"));
        kept.set_fields_of(&feed, vec![".price".to_owned()]);
        kept.set_latest_of(&feed, vec![".symbol".to_owned(), ".price".to_owned()]);
        let (measured, wrong) = measured::fields_of(&MeasuredPaths {
            time: Some(".at".to_owned()),
            sequence: Some(".seq".to_owned()),
            key: None,
        });
        assert!(wrong.is_none() && measured.sequence.is_some());
        kept.set_measured_of(&feed, &measured);
        kept.set_columns_of(&feed, ColumnChoice::default());
        let read = KeptSettings::load(path.clone());
        assert_eq!(read.latest_of(&feed), [".symbol", ".price"]);
        assert!(read.latest_of(&other).is_empty());
        assert_eq!(read.measured_of(&feed), measured);
        assert_eq!(read.measured_of(&other), MeasuredFields::default());
        assert_eq!(read.columns_of(&feed), ColumnChoice::default());
        assert_eq!(read.fields_of(&feed), [".price"]);
        assert!(read.fields_of(&other).is_empty());
        kept.set_fields_of(&feed, Vec::new());
        assert!(KeptSettings::load(path).fields_of(&feed).is_empty());
    }

    #[test]
    fn a_feed_without_columns_of_its_own_has_those_of_all_feeds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, "columns = ['time']\ncolumn_widths = { time = 80 }").unwrap();
        let kept = KeptSettings::load(path);
        let choice = kept.columns_of(&Url::parse("ws://localhost/chat").unwrap());
        assert!(choice.has(Column::Time) && !choice.has(Column::Type));
        assert_eq!(choice.width(Column::Time), Some(80.0));
    }
}
