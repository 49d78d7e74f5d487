//! Feeds of a former run whose variables have no values yet. Such a feed has its place in the window, and asks for the
//! values when it is to connect.

use feedscope_core::feed::FeedSpec;
use feedscope_files::connections::SavedConnection;
use feedscope_ui::{AskScene, FeedId, PaneId};

use super::of_feed::OfFeed;
use super::saved::value;
use crate::app::App;
use crate::app::open_feed::OpenFeed;
use crate::cli::saved::{ConnectionSource, READING_OPTIONS, plan_of};
use crate::plan::FeedPlan;

impl App {
    /// Plans a connection with placeholders for the values that are not known or in the keyring. The feed must not
    /// connect before it has the values.
    pub(in crate::app) fn plan_without_values(
        &self,
        connection: &SavedConnection,
    ) -> Result<FeedPlan, String> {
        let placeholder = |name: &str| format!("missing-{name}");
        let lookup = |name: &str| {
            let known = value(&self.saved.asked, name);
            // The file of variables comes after the environment.
            let in_file = || Some(self.saved.env_file(connection)?.get(name)?.to_owned());
            known.or_else(in_file).or_else(|| Some(placeholder(name)))
        };
        let source = ConnectionSource {
            file: self.saved.path(),
            is_project: self.saved.is_project(),
            variable: &lookup,
            keyring: &|name| Ok(placeholder(name)),
        };
        // The reading of the payloads comes with the session. A schema that is gone must not hide the feed.
        let mut connection = connection.clone();
        let options = &mut connection.options;
        options.retain(|option| !READING_OPTIONS.contains(&option.name.as_str()));
        plan_of(&connection, &source).map(|(plan, _unknown)| plan)
    }

    /// Marks a feed whose values are not known.
    pub(in crate::app) fn set_lacking(&mut self, id: FeedId, connection: SavedConnection) {
        let mut feeds = self.feeds.iter_mut();
        if let Some(feed) = feeds.find(|feed| feed.id == id)
            && let Some(live) = feed.live_mut()
        {
            live.lacking = Some(Box::new(connection));
        }
    }

    /// Returns the feed of a pane if the user was asked for its values under this name.
    pub(super) fn lacking_in(&self, pane: PaneId, name: &str) -> Option<FeedId> {
        let feed = self.feed_of(pane)?;
        let live = feed.live()?;
        let connection = live.lacking.as_ref()?;
        (label(connection, live.spec()) == name).then_some(feed.id)
    }

    /// Asks for the values of a feed, or opens it if they are known.
    pub(in crate::app) fn open_lacking(&mut self, id: FeedId) {
        let Some(feed) = self.feed(id).and_then(OpenFeed::live) else {
            return;
        };
        let Some(connection) = feed.lacking.as_deref().cloned() else {
            return;
        };
        let pane = self.panes.iter().find(|pane| pane.feed == Some(id));
        let pane = pane.map(|pane| pane.id);
        let variables = self.saved.missing(&connection);
        if variables.is_empty() {
            return self.open_connection(connection, pane);
        }
        let name = label(&connection, feed.spec());
        self.window.ask(AskScene {
            name,
            pane,
            variables,
            trust: None,
        });
    }

    /// Opens a pane's feed with a changed spec, if its values are not known. Returns false for any other feed.
    pub(in crate::app) fn open_changed_lacking(&mut self, pane: PaneId, spec: &FeedSpec) -> bool {
        let Some(feed) = self.feed_of(pane) else {
            return false;
        };
        let id = feed.id;
        let Some((live, former)) = feed.live().and_then(|it| Some((it, it.lacking.as_ref()?)))
        else {
            return false;
        };
        let changed = SavedConnection {
            name: former.name.clone(),
            messages: former.messages.clone(),
            ..OfFeed::new(spec, &live.secrets).connection
        };
        self.set_lacking(id, changed);
        self.open_lacking(id);
        true
    }

    /// Replaces a feed without values by the same feed with them, in all panes that show it.
    pub(super) fn replace_lacking(&mut self, pane: PaneId, plan: FeedPlan) {
        let Some(former) = self.feed_of(pane).map(|feed| feed.id) else {
            return;
        };
        let (columns, fields) = self.window.columns_of(former);
        let latest = self.window.latest_of(former);
        let reading = self.window.reading_of(former);
        let panes = self.panes_of(former);
        let feed = self.open(plan);
        self.window.set_columns(feed, columns);
        self.window.set_fields(feed, &fields);
        self.window.set_latest(feed, latest);
        self.window.set_reading(feed, reading);
        self.show_in(&panes, Some(feed));
        // The former feed has no records, so that nobody can miss it.
        self.end_unseen();
    }
}

/// Returns the name of a connection for people.
fn label(connection: &SavedConnection, spec: &FeedSpec) -> String {
    match connection.name.as_str() {
        "" => spec.url.host_str().unwrap_or("feed").to_owned(),
        name => name.to_owned(),
    }
}
