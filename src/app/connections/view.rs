//! View of a saved connection: its filter and its columns.

use feedscope_files::connections::{OptionValue, SavedConnection, SavedOption};
use feedscope_ui::{Column, ColumnChoice, FeedId, PaneId, ReadingTexts};

use crate::app::App;
use crate::app::kept::with_shown;
use crate::cli::saved::READING_OPTIONS;

impl App {
    /// Shows a pane with the filter and the columns of its saved connection.
    pub(super) fn show_as_saved(&mut self, pane: PaneId, connection: &SavedConnection) {
        if let Some(filter) = &connection.filter {
            self.window.set_filter(pane, filter);
        }
        let Some(feed) = self.feed_of(pane) else {
            return;
        };
        let (id, url) = (feed.id, feed.source.url().clone());
        if connection.columns.is_empty() {
            return;
        }
        let (fields, names): (Vec<_>, Vec<_>) = connection
            .columns
            .iter()
            .cloned()
            .partition(|column| column.starts_with(['.', '[']));
        let choice = with_shown(self.kept.columns_of(&url), Some(&names));
        self.window.set_columns(id, choice);
        self.window.set_fields(id, &fields);
    }

    /// Shows the panes of saved connections that the command line has opened as soon as their file is read.
    pub(in crate::app) fn show_as_saved_later(&mut self, pane: PaneId, name: String) {
        self.saved.unread.push((pane, name));
    }

    /// Returns the reading of a feed's payloads as options of a connection.
    pub(super) fn reading_to_save(&self, feed: FeedId) -> Vec<SavedOption> {
        let ReadingTexts {
            received,
            sent,
            lens,
            schema,
        } = self.window.reading_of(feed).texts();
        let options = READING_OPTIONS
            .into_iter()
            .zip([received, sent, lens, schema]);
        let options = options.filter_map(|(name, text)| {
            Some(SavedOption {
                name: name.to_owned(),
                value: OptionValue::One(text?),
            })
        });
        options.collect()
    }

    /// Returns the columns of a feed as a connection has them; none if they are the usual ones.
    pub(super) fn columns_to_save(&self, feed: FeedId) -> Vec<String> {
        let (choice, fields) = self.window.columns_of(feed);
        let usual = ColumnChoice::default();
        let is_usual = |column: Column| choice.has(column) == usual.has(column);
        if fields.is_empty() && Column::ALL.into_iter().all(is_usual) {
            return Vec::new();
        }
        let shown = Column::ALL.into_iter().filter(|column| choice.has(*column));
        let names = shown.map(|column| column.word().to_owned());
        names.chain(fields).collect()
    }
}
