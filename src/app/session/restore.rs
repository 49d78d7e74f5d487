//! Restoring of a session. A feed is connected again only if it was connected, and never if its request has a body or
//! its messages are sent without the user.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use demo_server::DemoServer;
use feedscope_core::feed::FeedSpec;
use feedscope_core::url_text::masked_text;
use feedscope_files::connections::{SavedConnection, SavedConnections};
use feedscope_ui::{ColumnChoice, FeedId, PaneId, ReadingTexts, TimeForm};
use url::Url;

use super::saved::{SavedFeed, SavedPane, Session, SessionSource};
use crate::app::connections::asking::place_of;
use crate::app::open_feed::{OpenFeed, Pane};
use crate::app::{App, kept, measured};
use crate::automatic::Trigger;
use crate::cli::saved::variables_of;
use crate::plan::FeedPlan;

/// Highest place of a feed in files, whatever the file of the session contains.
const MOST_FEEDS: usize = 1_000;

/// Data that all feeds of a session have in common.
struct Restoring {
    /// Saved connections.
    saved: Option<SavedConnections>,
    /// Limits in bytes for each feed's records in memory and on disk.
    limits: (Option<u64>, Option<u64>),
}

/// Result of restoring a feed.
enum Restored {
    Entirely,
    /// This feed is not connected, and its pane gives the reason.
    Waiting(FeedId),
    /// It cannot be restored, for the reason in this sentence.
    Not(String),
}

impl SavedFeed {
    /// Returns the choice of columns on top of the one in the settings, which has the widths.
    fn choice(&self, settings: ColumnChoice) -> ColumnChoice {
        let usual = kept::shown_names(ColumnChoice::default());
        let names = self.columns.as_ref().or(usual.as_ref());
        let mut choice = kept::with_shown(settings, names.map(Vec::as_slice));
        choice.time_form = if self.time_since_above {
            TimeForm::SinceAbove
        } else {
            TimeForm::Clock
        };
        choice
    }
}

impl App {
    /// Restores a session in a window without panes.
    pub(in crate::app) fn restore(&mut self, session: Session) {
        let Session {
            feeds,
            panes,
            window,
            limits,
        } = session;
        let mut known = BTreeSet::new();
        let mut of_feeds: BTreeMap<usize, Vec<PaneId>> = BTreeMap::new();
        for SavedPane { id, feed } in panes {
            if !known.insert(id) {
                continue;
            }
            let id = PaneId(id);
            self.panes.push(Pane { id, feed: None });
            self.next_pane = self.next_pane.max(id.0.saturating_add(1));
            if let Some(feed) = feed {
                of_feeds.entry(feed).or_default().push(id);
            }
        }
        self.window.restore(window);
        // The file is small, and the first pass shows the feeds at once.
        let file = self.saved.path().map(SavedConnections::load);
        let saved = file.and_then(Result::ok).flatten();
        let context = Restoring { saved, limits };
        let mut notes = Vec::new();
        let mut files: Vec<(&[PathBuf], Vec<Vec<PaneId>>)> = Vec::new();
        for (index, panes) in of_feeds {
            let Some(feed) = feeds.get(index) else {
                continue;
            };
            let Some((paths, place)) = feed.source.files() else {
                match self.restore_feed(feed, &panes, &context) {
                    Restored::Entirely => {}
                    Restored::Waiting(feed) => self.waiting.push(feed),
                    Restored::Not(sentence) => notes.push(sentence),
                }
                continue;
            };
            // The feeds of the same files are read together.
            let known = files.iter().position(|(known, _)| *known == paths);
            let at = known.unwrap_or_else(|| {
                files.push((paths, Vec::new()));
                files.len() - 1
            });
            let (places, place) = (&mut files[at].1, place.min(MOST_FEEDS));
            places.resize(places.len().max(place + 1), Vec::new());
            places[place].extend(panes);
        }
        for (paths, panes) in files {
            self.open_together(panes, paths.to_vec());
        }
        if !notes.is_empty() {
            self.show_notice(notes.join(" "));
        }
        if self.panes.is_empty() {
            self.open_pane(None);
        }
    }

    /// Returns the sentence about the restored feeds that still wait for the user; `None` if there is none.
    pub(in crate::app) fn waiting_notice(&self) -> Option<String> {
        let waits = |id: &FeedId| {
            let is_shown = self.panes.iter().any(|pane| pane.feed == Some(*id));
            let live = self.feed(*id).and_then(OpenFeed::live);
            is_shown && live.is_some_and(|live| live.waits.is_some())
        };
        match self.waiting.iter().filter(|id| waits(id)).count() {
            0 => None,
            1 => Some("A feed is not connected again; its pane states the reason.".to_owned()),
            count => Some(format!(
                "{count} feeds are not connected again; their panes state the reasons."
            )),
        }
    }

    /// Opens a feed in its panes.
    fn restore_feed(
        &mut self,
        feed: &SavedFeed,
        panes: &[PaneId],
        context: &Restoring,
    ) -> Restored {
        match &feed.source {
            SessionSource::Connection(connection) => {
                // The file may have changed since. A project's is read only when it is opened by name.
                let saved = context.saved.as_ref();
                let own = saved.filter(|_| !self.saved.is_project());
                let known = own.and_then(|saved| saved.find(&connection.name)).cloned();
                let connection = known.unwrap_or_else(|| SavedConnection::clone(connection));
                return self.restore_connection(connection, feed, panes, context);
            }
            SessionSource::Demo {
                path,
                is_web_socket,
            } => {
                let demo = self.demo.as_ref();
                if let Some(url) = demo.and_then(|demo| demo_url(demo, path, *is_web_socket)) {
                    let plan = FeedPlan::of(FeedSpec::new(url));
                    let id = self.open_with(plan, feed.is_connected);
                    self.show_restored(id, feed, panes);
                }
            }
            // Files are opened together after the other feeds.
            SessionSource::File(_) | SessionSource::Files { .. } => {}
        }
        Restored::Entirely
    }

    /// Opens a connection of a session in its panes. Without the values of its variables it stays disconnected, and the
    /// user is asked for them when it is to connect.
    fn restore_connection(
        &mut self,
        connection: SavedConnection,
        feed: &SavedFeed,
        panes: &[PaneId],
        context: &Restoring,
    ) -> Restored {
        let called = match connection.name.as_str() {
            "" => masked_text(&connection.url),
            name => format!("`{name}`"),
        };
        let missing = self.saved.missing(&connection);
        let mut variables = variables_of(&connection).into_iter();
        let is_in_keyring = variables.any(|name| name.starts_with("keyring:"));
        let mut plan = match self.plan_without_values(&connection) {
            Ok(plan) => plan,
            Err(problem) => {
                return Restored::Not(format!("{called} cannot be restored: {problem}."));
            }
        };
        let (budget, disk_history) = context.limits;
        plan.spec.keeping.budget = budget.or(plan.spec.keeping.budget);
        plan.spec.keeping.disk_history = disk_history.or(plan.spec.keeping.disk_history);
        let obstacle = if missing.is_empty() {
            obstacle(&plan).map(str::to_owned)
        } else {
            let mut places: Vec<_> = missing
                .iter()
                .map(|name| place_of(&connection, name))
                .collect();
            places.dedup();
            let places = places.join(" and ");
            Some(format!(
                "a value in {places} is not saved; Connect asks for it"
            ))
        };
        let is_complete = missing.is_empty() && !is_in_keyring;
        let connects = feed.is_connected && obstacle.is_none();
        let id = self.open_with(plan, connects && is_complete);
        self.show_restored(id, feed, panes);
        if !is_complete {
            self.set_lacking(id, connection);
            if connects {
                // The keyring may ask for its password, which takes time.
                self.open_lacking(id);
            }
        }
        // A feed that the user has disconnected lacks its values all the same.
        let reason = obstacle.filter(|_| feed.is_connected || !missing.is_empty());
        if let Some(reason) = reason {
            self.set_waiting(id, format!("Not connected again, because {reason}."));
            if feed.is_connected {
                return Restored::Waiting(id);
            }
        }
        Restored::Entirely
    }

    /// Shows a feed of a session in its panes, with its columns.
    fn show_restored(&mut self, id: FeedId, feed: &SavedFeed, panes: &[PaneId]) {
        if let Some(reason) = &feed.failure {
            self.set_failed_before(id, reason.clone());
        }
        let settings = self
            .feed(id)
            .map(|feed| self.kept.columns_of(&feed.settings_url()));
        let choice = feed.choice(settings.unwrap_or_default());
        self.window.set_columns(id, choice);
        self.window.set_fields(id, &feed.fields);
        self.window.set_latest(id, feed.latest.clone());
        let (measured, _wrong) = measured::fields_of(&feed.measures);
        self.window.set_measured(id, measured);
        let [received, sent, lens] = feed.reading.clone();
        self.read_payloads(
            id,
            ReadingTexts {
                received,
                sent,
                lens,
                schema: feed.schema.clone(),
            },
        );
        self.show_in(panes, Some(id));
    }
}

/// Returns the reason that a feed is not connected without the user.
fn obstacle(plan: &FeedPlan) -> Option<&'static str> {
    if plan.spec.http.body.is_some() || plan.spec.sent_once().is_some() {
        return Some("its request may have an effect on the server");
    }
    let mut messages = plan.automatic.iter();
    let is_automatic = messages.any(|message| message.trigger != Trigger::ByHand);
    is_automatic.then_some("it sends messages by itself")
}

/// Returns the URL of a feed of the demo server.
fn demo_url(demo: &DemoServer, path: &str, is_web_socket: bool) -> Option<Url> {
    let base = if is_web_socket {
        demo.ws_url()
    } else {
        demo.http_url()
    };
    Url::parse(&format!("{base}{path}")).ok()
}
