//! View of a saved connection: its filter, its columns, its newest values and its measures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use feedscope_core::record::Secrets;
use feedscope_files::connections::{
    MessageContent, OptionValue, SavedConnection, SavedMessage, SavedOption,
};
use feedscope_ui::{Column, ColumnChoice, FeedId, PaneId, ReadingTexts};

use super::of_feed::with_variables;
use crate::app::App;
use crate::app::kept::with_shown;
use crate::app::measured;
use crate::app::open_feed::OpenFeed;
use crate::automatic::{AutomaticContent, Trigger};
use crate::cli::saved::READING_OPTIONS;
use crate::tail::automatic::Player;

impl App {
    /// Shows a pane with the filter, the columns, the newest values and the measures of its saved connection.
    pub(super) fn show_as_saved(&mut self, pane: PaneId, connection: &SavedConnection) {
        // The filter of the feed before is about other payloads.
        let filter = connection.filter.as_deref().unwrap_or_default();
        self.window.set_filter(pane, filter);
        let Some(feed) = self.feed_of(pane) else {
            return;
        };
        let (id, url) = (feed.id, feed.settings_url());
        if !connection.latest.is_empty() {
            self.window.set_latest(id, connection.latest.clone());
        }
        if !connection.measures.is_empty() {
            let (fields, wrong) = measured::fields_of(&connection.measures);
            self.window.set_measured(id, fields);
            if let Some(wrong) = wrong {
                let name = &connection.name;
                self.show_notice(format!(
                    "`{name}`: a path of `measures` has no effect: {wrong}."
                ));
            }
        }
        if connection.columns.is_empty() {
            return;
        }
        let (fields, names): (Vec<_>, Vec<_>) = connection
            .columns
            .iter()
            .cloned()
            // Expressions are fields; everything else names a part of the record.
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

    /// Adds the messages of a feed to its connection. Returns those that are messages in the file, with their places in
    /// the feed.
    pub(super) fn add_messages_to_save(
        &self,
        id: FeedId,
        connection: &mut SavedConnection,
    ) -> Vec<(usize, SavedMessage)> {
        let mut added = Vec::new();
        let Some(feed) = self.feed(id).and_then(OpenFeed::live) else {
            return added;
        };
        let messages = feed.player.iter().flat_map(Player::messages);
        for (place, (message, _)) in messages.enumerate() {
            let (every, when) = match &message.trigger {
                Trigger::OnConnect => {
                    add_on_connect(connection, &message.content, &feed.secrets);
                    continue;
                }
                Trigger::ByHand => (None, None),
                trigger @ (Trigger::Every(_) | Trigger::Announced { .. }) => {
                    let interval = trigger.interval().unwrap_or_default();
                    (Some(format!("{}ms", interval.as_millis())), None)
                }
                Trigger::Answer { filter, .. } => (None, Some(filter.text().to_owned())),
            };
            let (once, limit) = match message.trigger {
                Trigger::Answer { once, limit, .. } => (once, Some(limit)),
                _ => (false, None),
            };
            let message = SavedMessage {
                name: message.name.clone(),
                content: content_to_save(&message.content, &feed.secrets),
                every,
                when,
                once,
                limit,
                key: message.key.clone(),
            };
            added.push((place, message.clone()));
            connection.messages.push(message);
        }
        added
    }

    /// Returns the columns of a feed as a connection has them; none if they are the usual ones.
    pub(super) fn columns_to_save(&self, feed: FeedId) -> Vec<String> {
        let (choice, fields) = self.window.columns_of(feed);
        let usual = ColumnChoice::default();
        let is_usual = |column: Column| choice.has(column) == usual.has(column);
        // The usual columns are not saved, so that a later default applies.
        if fields.is_empty() && Column::ALL.into_iter().all(is_usual) {
            return Vec::new();
        }
        let shown = Column::ALL.into_iter().filter(|column| choice.has(*column));
        let names = shown.map(|column| column.word().to_owned());
        names.chain(fields).collect()
    }
}

/// Returns the content of a message for a file, with variables in place of their values.
fn content_to_save(content: &AutomaticContent, secrets: &Secrets) -> MessageContent {
    match content {
        AutomaticContent::Template(template) => {
            MessageContent::Text(with_variables(&template.to_text(), secrets))
        }
        AutomaticContent::Binary(bytes) => MessageContent::Base64(STANDARD.encode(bytes)),
    }
}

/// Adds a message that is sent on connect, which is an option in a file. Others cannot be text there.
fn add_on_connect(connection: &mut SavedConnection, content: &AutomaticContent, secrets: &Secrets) {
    const NAME: &str = "send-on-connect";
    let MessageContent::Text(text) = content_to_save(content, secrets) else {
        return;
    };
    let mut options = connection.options.iter_mut();
    match options.find(|option| option.name == NAME) {
        Some(SavedOption {
            value: OptionValue::Many(texts),
            ..
        // The messages of the protocol come before those of the user.
        }) => texts.insert(0, text),
        _ => connection.options.push(SavedOption {
            name: NAME.to_owned(),
            value: OptionValue::Many(vec![text]),
        }),
    }
}
