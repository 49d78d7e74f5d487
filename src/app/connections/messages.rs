//! Saved messages of a feed: a text of the composer becomes one in the file of connections, and one is edited or removed.
//!
//! The file is changed on a thread. A feed sends a new message as soon as it is in the file.

use std::path::{Path, PathBuf};

use feedscope_files::connections::{Edit, MessageContent, SavedConnections, SavedMessage};
use feedscope_ui::{FeedId, PaneId, TypedContent};

use super::new_message::{NewMessage, WrittenMessage};
use super::saved::Written;
use crate::app::App;
use crate::app::files::local_path;
use crate::app::open_feed::OpenFeed;

/// Beginnings of the sentences about messages that were not changed.
const NOT_SAVED: &str = "The message is not saved";
const NOT_REMOVED: &str = "The message is not removed";

impl App {
    /// Saves a text of the composer as a message of the feed's connection. A feed without a saved connection opens the
    /// form that saves both.
    pub(in crate::app) fn save_message(&mut self, id: FeedId, name: &str, content: TypedContent) {
        let Some(feed) = self.feed(id) else { return };
        let Some(live) = feed.live() else { return };
        let (saved_as, secrets) = (self.saved_name(feed), live.secrets.clone());
        let content = match content {
            TypedContent::Text(text) => MessageContent::Text(text),
            TypedContent::Base64(text) => MessageContent::Base64(text),
            TypedContent::Hex(text) => MessageContent::Hex(text),
            TypedContent::File(path) => MessageContent::File(beside_file(&path, self.saved.path())),
        };
        let file = (self.saved.path(), self.saved.is_project());
        let mut new = match NewMessage::new(name, content, secrets, file) {
            Ok(new) => new,
            Err(problem) => return self.show_notice(format!("{NOT_SAVED}: {problem}.")),
        };
        let Some(connection) = saved_as else {
            let pane = self.panes_of(id).first().copied();
            let filter = pane.map_or("", |pane| self.window.filter_of(pane));
            return self.prepare_save_with(id, filter.to_owned(), Some(new));
        };
        let known = self.saved.content.find(&connection);
        let mut known = known.into_iter().flat_map(|known| &known.messages);
        let former = known.find(|it| it.name == new.message().name).cloned();
        if let Some(former) = &former {
            // Its key and its occasion stay.
            new.set_former(former);
        }
        self.change(Some(NOT_SAVED), move |path| {
            let done = format!("Saved the message {} in {connection}", new.name());
            let written = new.clone().written(id, former.clone())?;
            let edit = Edit::Message {
                connection: &connection,
                former: former.as_ref(),
                new: Some(new.message()),
            };
            Ok(Written {
                message: Some(written),
                ..Written::of(done, SavedConnections::edit(path, edit))?
            })
        });
    }

    /// Removes a saved message from the feed and from the file.
    pub(in crate::app) fn remove_message(&mut self, id: FeedId, place: usize) {
        let Some((connection, message)) = self.saved_message(id, place) else {
            return;
        };
        self.change(Some(NOT_REMOVED), move |path| {
            let name = message.name.as_deref().unwrap_or("a message");
            let done = format!("Removed {name} from {connection}");
            let edit = Edit::Message {
                connection: &connection,
                former: Some(&message),
                new: None,
            };
            let written = Written::of(done, SavedConnections::edit(path, edit))?;
            Ok(Written {
                message: Some(WrittenMessage {
                    feed: id,
                    former: Some(message),
                    new: None,
                    is_saved: false,
                    note: None,
                }),
                ..written
            })
        });
    }

    /// Puts a saved message into the composer of a pane.
    pub(in crate::app) fn edit_message(&mut self, id: FeedId, pane: PaneId, place: usize) {
        let Some((_, message)) = self.saved_message(id, place) else {
            return;
        };
        let (form, text) = match message.content {
            MessageContent::Text(text) if is_json(&text) => ("JSON", text),
            MessageContent::Text(text) => ("Text", text),
            MessageContent::Base64(text) => ("Base64", text),
            MessageContent::Hex(text) => ("Hex", text),
            MessageContent::File(path) => {
                let folder = self.saved.path().and_then(Path::parent);
                let path = folder.map_or(path.clone(), |folder| folder.join(&path));
                ("File", path.to_string_lossy().into_owned())
            }
        };
        let name = message.name.unwrap_or_default();
        self.window.write_message(pane, name, text, form);
    }

    /// Takes over a change of a message that is in the file.
    pub(super) fn take_in_message(&mut self, written: WrittenMessage) {
        let WrittenMessage {
            feed,
            former,
            new,
            is_saved,
            note,
        } = written;
        if is_saved {
            self.window.end_naming(feed);
        }
        let now = self.clock.now().utc;
        let Some(player) = self.feed(feed).and_then(OpenFeed::player) else {
            return;
        };
        let messages = player.messages();
        let mut messages = messages.iter();
        let place = former.and_then(|former| {
            messages.position(|(message, _)| message.saved.as_ref() == Some(&former))
        });
        let added = match (place, new) {
            (Some(place), Some(message)) => {
                player.replace(place, message);
                Ok(())
            }
            (Some(place), None) => {
                player.remove(place);
                Ok(())
            }
            (None, Some(message)) => player.add(vec![message], now),
            (None, None) => Ok(()),
        };
        if let Err(error) = added {
            self.show_notice(format!("The message is saved, but not sent: {error}."));
        } else if let Some(note) = note {
            self.show_notice(note);
        }
    }

    /// Returns the name of the saved connection of a feed; `None` if the file has no such connection.
    fn saved_name(&self, feed: &OpenFeed) -> Option<String> {
        let name = feed.name.clone()?;
        // A file that cannot be read may have it.
        let may_exist =
            self.saved.content.find(&name).is_some() || self.saved.scene.problem.is_some();
        may_exist.then_some(name)
    }

    /// Returns a message of a feed that is in the file, with the name of its connection.
    fn saved_message(&self, id: FeedId, place: usize) -> Option<(String, SavedMessage)> {
        let feed = self.feed(id)?;
        let messages = feed.player()?.messages();
        let saved = messages.get(place)?.0.saved.clone()?;
        Some((feed.name.clone()?, saved))
    }
}

/// Returns a typed path for the file of connections: relative to its folder if it is in there, and else absolute.
fn beside_file(typed: &str, file: Option<&Path>) -> PathBuf {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let path = absolute(&local_path(PathBuf::from(typed)));
    let folder = file.map(absolute);
    let folder = folder.as_deref().and_then(Path::parent);
    let inside = folder.and_then(|folder| path.strip_prefix(folder).ok());
    inside.map_or_else(|| path.clone(), Path::to_owned)
}

/// Returns true for a JSON object or a list.
fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}
