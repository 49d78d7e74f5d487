//! Feeds whose variables have values that the user types: feeds of a former run, whose values are not known yet, and
//! feeds whose server did not accept the typed values. Both ask when they are to connect.

use feedscope_core::ConnectionState;
use feedscope_core::feed::FeedSpec;
use feedscope_core::url_text::masked_text;
use feedscope_files::connections::{SavedConnection, UsedVariables};
use feedscope_ui::{AskScene, AskSubject, FeedId, PaneId};

use super::asking::asked;
use super::of_feed::OfFeed;
use super::saved::{OpenIn, value};
use crate::app::App;
use crate::app::open_feed::{AskedConnection, LiveFeed, OpenFeed, missed_records};
use crate::cli::saved::{ConnectionSource, READING_OPTIONS, plan_of, variables_of};
use crate::plan::FeedPlan;

impl App {
    /// Plans a connection with placeholders for the values that are not known or in the keyring. The feed must not
    /// connect before it has the values.
    pub(in crate::app) fn plan_without_values(
        &self,
        connection: &SavedConnection,
    ) -> Result<FeedPlan, String> {
        let placeholder = |name: &str| format!("missing-{name}");
        let typed = self.saved.typed_for(connection);
        let lookup = |name: &str| {
            let known = value(&typed, name);
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
        if let Some(live) = self.live_mut(id) {
            live.lacking = Some(Box::new(connection));
        }
    }

    /// Notes the variables of a feed whose values the user typed, so that the user can be asked for them again.
    pub(super) fn note_typed(&mut self, id: FeedId, connection: &SavedConnection) {
        let variables = self.saved.typed_variables(connection);
        if variables.is_empty() {
            return;
        }
        if let Some(live) = self.live_mut(id) {
            live.asked = Some(Box::new(AskedConnection {
                connection: connection.clone(),
                variables,
            }));
        }
    }

    /// Gives the reason that a feed is not connected again.
    pub(in crate::app) fn set_waiting(&mut self, id: FeedId, reason: String) {
        if let Some(live) = self.live_mut(id) {
            live.waits = Some(reason);
        }
    }

    /// Gives the reason for which a feed had failed before the restart.
    pub(in crate::app) fn set_failed_before(&mut self, id: FeedId, reason: String) {
        if let Some(live) = self.live_mut(id) {
            live.failed_before = Some(reason);
        }
    }

    fn live_mut(&mut self, id: FeedId) -> Option<&mut LiveFeed> {
        let mut feeds = self.feeds.iter_mut();
        feeds.find(|feed| feed.id == id)?.live_mut()
    }

    /// Asks for the values of a feed of a former run, or opens it if they are known.
    pub(in crate::app) fn open_lacking(&mut self, id: FeedId) {
        self.forget_refused();
        let Some(live) = self.feed(id).and_then(OpenFeed::live) else {
            return;
        };
        let Some(connection) = live.lacking.as_deref().cloned() else {
            return;
        };
        let variables = self.saved.missing(&connection);
        if variables.is_empty() {
            return self.open_connection(connection, OpenIn::PanesOf(id));
        }
        self.window.ask(AskScene {
            subject: AskSubject::Feed(id),
            title: title(&connection, live.spec()),
            url: masked_text(&connection.url),
            variables: asked(&connection, &variables),
            refusal: None,
            trust: None,
        });
    }

    /// Asks again for the typed values of a feed if its server did not accept them. Returns false for any other feed.
    pub(in crate::app) fn asks_again(&mut self, id: FeedId) -> bool {
        let live = self.feed(id).and_then(OpenFeed::live);
        let Some(live) = live.filter(|live| is_refused(live)) else {
            return false;
        };
        let Some(AskedConnection {
            connection,
            variables,
        }) = live.asked.as_deref()
        else {
            return false;
        };
        let question = AskScene {
            subject: AskSubject::Feed(id),
            title: title(connection, live.spec()),
            url: masked_text(&connection.url),
            variables: asked(connection, variables),
            refusal: live.source.status.reason.clone(),
            trust: None,
        };
        self.window.ask(question);
        true
    }

    /// Opens a feed with the values that the user typed. An empty one stands for the value from before.
    pub(in crate::app) fn open_asked(&mut self, id: FeedId, values: Vec<(String, String)>) {
        let Some(live) = self.feed(id).and_then(OpenFeed::live) else {
            return;
        };
        let asked = live.asked.as_deref().map(|asked| &asked.connection);
        let Some(connection) = live.lacking.as_deref().or(asked).cloned() else {
            return;
        };
        let is_lacking = live.lacking.is_some();
        let before = |name: &str| {
            let name = name.strip_prefix("ask:").unwrap_or(name);
            Some(live.secrets.value_of(name)?.into_owned())
        };
        let values = values.into_iter().filter_map(|(name, value)| {
            let value = Some(value).filter(|value| !value.is_empty());
            let value = value.or_else(|| before(&name))?;
            Some((name, value))
        });
        let values = values.collect();
        self.saved.keep_typed(&connection, values);
        if is_lacking {
            self.open_lacking(id);
        } else {
            self.open_connection(connection, OpenIn::PanesOf(id));
        }
    }

    /// Forgets the typed values that a server did not accept, so that no other feed sends them.
    pub(super) fn forget_refused(&mut self) {
        for live in self.feeds.iter().filter_map(OpenFeed::live) {
            let Some(asked) = live.asked.as_deref().filter(|_| is_refused(live)) else {
                continue;
            };
            let destination = self.saved.destination(&asked.connection);
            let typed = self.saved.typed.of(&destination);
            for name in &asked.variables {
                let sent = live
                    .secrets
                    .value_of(name.strip_prefix("ask:").unwrap_or(name));
                // The user may have typed another value since.
                if typed.get(name).map(String::as_str) == sent.as_deref() {
                    self.saved.typed.forget(&destination, name);
                }
            }
        }
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
        let mut used = self.used_variables();
        let OfFeed {
            connection,
            replaced,
            ..
        } = OfFeed::among(spec, &live.secrets, &mut used);
        let changed = SavedConnection {
            name: former.name.clone(),
            messages: former.messages.clone(),
            ..connection
        };
        // The secrets that the user has just written are known.
        let values = replaced.into_iter().map(|it| (it.variable, it.value));
        let values = values.collect();
        self.saved.keep_typed(&changed, values);
        self.set_lacking(id, changed);
        self.open_lacking(id);
        true
    }

    /// Replaces a feed by the same feed with the values that the user typed, in all panes that show it.
    pub(super) fn replace_asked(
        &mut self,
        former: FeedId,
        plan: FeedPlan,
        connection: &SavedConnection,
    ) {
        let panes = self.panes_of(former);
        let live = self.feed(former).and_then(OpenFeed::live);
        let (Some(live), Some(&pane)) = (live, panes.first()) else {
            // The user has closed it meanwhile.
            return;
        };
        let has_records = live.lacking.is_none();
        let (columns, fields) = self.window.columns_of(former);
        let latest = self.window.latest_of(former);
        let measured = self.window.measured_of(former);
        let reading = self.window.reading_of(former);
        if has_records {
            let records = self.feed(former).and_then(missed_records);
            self.connect_plan(plan, &panes);
            if let Some(records) = records {
                self.window.report_reconnected(records);
            }
            for pane in &panes {
                self.window.keep_for_next_feed(*pane);
            }
        } else {
            let feed = self.open(plan);
            self.show_in(&panes, Some(feed));
        }
        let Some(feed) = self.feed_of(pane).map(|feed| feed.id) else {
            return;
        };
        self.record_in_place(former, feed);
        if !has_records {
            // Nobody can miss the former feed.
            self.end_unseen();
        }
        self.window.set_columns(feed, columns);
        self.window.set_fields(feed, &fields);
        self.window.set_latest(feed, latest);
        self.window.set_measured(feed, measured);
        self.window.set_reading(feed, reading);
        self.note_typed(feed, connection);
    }

    /// Returns the variables of the feeds in the panes and of the saved connections, so that another value gets another
    /// name.
    pub(in crate::app) fn used_variables(&self) -> UsedVariables {
        let mut used = UsedVariables::default();
        let shown = self.panes.iter().filter_map(|pane| self.feed_of(pane.id));
        for live in shown.filter_map(OpenFeed::live) {
            for name in live.secrets.names() {
                used.add(name, live.secrets.value_of(name).as_deref());
            }
        }
        for connection in self.saved.connections() {
            // This is called often, so that no file is read: a value in a file counts as not known.
            let has_file = connection.env_file.is_some();
            let typed = (!has_file).then(|| self.saved.typed_for(connection));
            for name in variables_of(connection) {
                let known = typed.as_ref().and_then(|typed| value(typed, &name));
                used.add(&name, known.as_deref());
            }
        }
        used
    }
}

/// Returns true if the server did not accept the credentials of a feed.
fn is_refused(live: &LiveFeed) -> bool {
    let status = live.handle.status();
    status.state == ConnectionState::Failed && status.http_status == Some(401)
}

/// Returns the title of the question about a feed.
fn title(connection: &SavedConnection, spec: &FeedSpec) -> String {
    match connection.name.as_str() {
        "" => {
            let host = spec.url.host_str().unwrap_or("the feed");
            let port = spec.url.port().map(|port| format!(":{port}"));
            format!("Connect to {host}{}", port.unwrap_or_default())
        }
        name => format!("Open {name}"),
    }
}
