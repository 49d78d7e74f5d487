//! Connections are saved: the form for the connection of a feed, and what is written into the file.

use feedscope_files::connections::{
    Edit, ReplacedSecret, SavedConnection, SavedConnections, SavedMessage,
};
use feedscope_ui::{ConnectionForm, FeedId, FoundSecret, SaveScene};

use super::again;
use super::filled::{filled, suggested_name};
use super::new_message::NewMessage;
use super::of_feed::OfFeed;
use super::saved::{Link, Written, form_of};
use super::typed_secrets::{TypedSecrets, found_secret};
use crate::app::App;
use crate::app::measured;
use crate::app::open_feed::OpenFeed;
use crate::cli::saved::variables_of;

impl App {
    /// Opens the form that saves the connection of a feed.
    pub(in crate::app) fn prepare_save(&mut self, id: FeedId, filter: String) {
        self.prepare_save_with(id, filter, None);
    }

    /// Opens the form that saves the connection of a feed, together with a message.
    pub(super) fn prepare_save_with(
        &mut self,
        id: FeedId,
        filter: String,
        message: Option<NewMessage>,
    ) {
        let Some(feed) = self.feed(id) else { return };
        // A file has no connection.
        let Some(live) = feed.live() else {
            return;
        };
        let mut used = self.used_variables();
        let OfFeed {
            mut connection,
            mut replaced,
            ..
        } = OfFeed::among(live.spec(), &live.secrets, &mut used);
        let is_taken = |name: &str| self.saved.content.find(name).is_some();
        let suggested = || suggested_name(&live.spec().url, is_taken);
        connection.name = feed.name.clone().unwrap_or_else(suggested);
        let replaces = self.saved.content.find(&connection.name);
        if let Some(saved) = replaces {
            connection =
                again::with_changes(saved, connection, feed.saved_as.as_deref(), &replaced);
        }
        // A secret that stays in the file as it is needs no question.
        replaced.retain(|secret| {
            let mut written = connection.clone();
            secret.write_into(&mut written);
            written != connection
        });
        connection.filter = Some(filter).filter(|filter| !filter.is_empty());
        let scene = SaveScene {
            secrets: replaced.iter().map(found_secret).collect(),
            form: form_of(&connection),
            message: message.as_ref().map(NewMessage::name),
            replaces: replaces.map(|saved| saved.name.clone()),
        };
        self.saved.with_message = message;
        // The values are for this server, whatever URL the user writes into the form.
        let destination = self.saved.destination(&connection);
        self.saved.replaced = Some((destination, replaced));
        self.window.show_save(id, scene);
    }

    /// Saves a connection. The window gets the result, or a question about secrets in the form that it has not asked.
    /// `answer` is true if the values of secrets are written, and contains those that it is about.
    pub(in crate::app) fn save_connection(
        &mut self,
        former: Option<String>,
        form: &ConnectionForm,
        feed: Option<FeedId>,
        (writes_secrets, asked): (bool, &[FoundSecret]),
    ) {
        let mut former = former.map(|name| {
            let known = self.saved.content.find(&name).cloned();
            known.unwrap_or_else(|| SavedConnection {
                name,
                ..SavedConnection::default()
            })
        });
        let feed_of = |id| self.feed(id);
        // Options that the form does not show come from the connection or from the feed.
        let FeedToSave {
            connection: mut base,
            secrets,
            messages,
        } = match (&former, feed.and_then(feed_of)) {
            (Some(former), _) => FeedToSave {
                connection: former.clone(),
                ..FeedToSave::default()
            },
            (None, Some(feed)) => self.feed_to_save(feed),
            (None, None) => FeedToSave::default(),
        };
        let saved = feed.map(|id| (id, base.clone()));
        // Under its own name, a saved connection is saved again.
        let name = form.name.trim();
        let of_name = |feed: &&OpenFeed| feed.name.as_deref() == Some(name);
        if let Some(feed) = feed.and_then(feed_of).filter(of_name)
            && let Some(kept) = self.saved.content.find(name)
        {
            base = again::with_changes(kept, base, feed.saved_as.as_deref(), &secrets);
            former = former.or_else(|| Some(kept.clone()));
        }
        let url = base.url.clone();
        let mut connection = match filled(base, form) {
            Ok(connection) => connection,
            Err(problem) => return self.window.set_saved(Err(problem)),
        };
        // A form without a pane has no secrets but those that were typed.
        let of_pane = self.saved.replaced.as_ref().filter(|_| feed.is_some());
        let replaced = of_pane.map(|(_, replaced)| replaced.as_slice());
        let replaced = replaced.unwrap_or_default();
        let TypedSecrets {
            with_variables,
            typed,
        } = TypedSecrets::of(
            &connection,
            former.as_ref(),
            replaced,
            self.used_variables(),
        );
        let is_asked = |secret: &ReplacedSecret| asked.iter().any(|it| it.place == secret.place);
        if !typed.iter().all(is_asked) {
            let all = replaced.iter().chain(&typed).map(found_secret);
            return self.window.ask_about_secrets(all.collect());
        }
        // With another URL, the feed is not the connection that is saved.
        let links = former.is_none() && connection.url == url;
        let link = feed.filter(|_| links).map(|feed| Link {
            feed,
            name: connection.name.clone(),
            messages,
        });
        if !writes_secrets && !typed.is_empty() {
            connection = with_variables;
            let values = typed.into_iter().map(|it| (it.variable, it.value));
            self.saved.keep_typed(&connection, values.collect());
        }
        if feed.is_some()
            && let Some((destination, replaced)) = &self.saved.replaced
        {
            for replaced in replaced {
                if writes_secrets {
                    replaced.write_into(&mut connection);
                } else if variables_of(&connection).contains(&replaced.variable) {
                    // The connection can be opened again without a question.
                    let (name, value) = (replaced.variable.clone(), replaced.value.clone());
                    self.saved.typed.insert(destination.clone(), name, value);
                }
            }
        }
        let done = format!("Saved as {}", connection.name);
        // The message stays for another try, until the change is written.
        let new = self.saved.with_message.clone().filter(|_| feed.is_some());
        if let Some(new) = &new {
            connection.messages.push(new.message().clone());
        }
        self.change(None, move |path| {
            let message = match (&link, new) {
                (Some(link), Some(new)) => Some(new.written(link.feed, None)?),
                _ => None,
            };
            let edit = match &former {
                Some(former) => Edit::Replace {
                    former,
                    new: &connection,
                },
                None => Edit::Add(&connection),
            };
            Ok(Written {
                link,
                saved,
                message,
                ..Written::of(done, SavedConnections::edit(path, edit))?
            })
        });
    }

    /// Returns what is saved of a feed; nothing of a file.
    fn feed_to_save(&self, feed: &OpenFeed) -> FeedToSave {
        let Some(live) = feed.live() else {
            return FeedToSave::default();
        };
        let mut used = self.used_variables();
        let of_feed = OfFeed::among(live.spec(), &live.secrets, &mut used);
        let mut connection = of_feed.connection;
        connection.columns = self.columns_to_save(feed.id);
        connection.latest = self.window.latest_of(feed.id);
        connection.measures = measured::paths_of(&self.window.measured_of(feed.id));
        connection.options.extend(self.reading_to_save(feed.id));
        let messages = self.add_messages_to_save(feed.id, &mut connection);
        FeedToSave {
            connection,
            secrets: of_feed.replaced,
            messages,
        }
    }
}

/// What is saved of a feed.
#[derive(Default)]
struct FeedToSave {
    /// Connection without a name.
    connection: SavedConnection,
    /// Values that variables replace in it.
    secrets: Vec<ReplacedSecret>,
    /// Its messages by their places in the feed.
    messages: Vec<(usize, SavedMessage)>,
}
