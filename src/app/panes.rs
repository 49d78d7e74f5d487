//! Opening and closing of panes and their feeds. A feed lives as long as a pane shows it, and several panes may share one
//! feed and connection.

use std::sync::Arc;

use feedscope_analysis::measures::MeasuredFields;
use feedscope_core::feed::{FeedCommand, FeedSpec};
use feedscope_core::protocol::Protocol;
use feedscope_core::record::MaskingSink;
use feedscope_core::url_text::masked;
use feedscope_ui::{ColumnChoice, FeedId, FeedScene, LiveSource, PaneId, PaneScene, once_each};
use url::Url;

use super::App;
use super::open_feed::{LiveFeed, OpenFeed, OpenSource, Pane};
use super::retarget::{
    NOT_SENT, dropped_headers, is_reached_alike, is_same_server, restore_server_options,
    retargeted, returned_headers,
};
use crate::automatic::Automatic;
use crate::plan::{FeedPlan, ToSend};
use crate::tail::automatic::Player;

impl App {
    /// Returns the scenes of the panes in the order in which they were opened.
    pub fn panes(&self) -> Vec<PaneScene> {
        let scene = |pane: &Pane| PaneScene {
            id: pane.id,
            feed: self.feed_of(pane.id).map(|feed| FeedScene {
                recording: self.recording_scene(feed.id),
                saving: self.saving_scene(feed.id),
                replay: self.replay_scene(feed.id, &feed.store),
                ..feed.scene()
            }),
        };
        self.panes.iter().map(scene).collect()
    }

    /// Returns every feed once, in the order of the panes.
    pub fn feeds(&self) -> Vec<FeedScene> {
        let panes = self.panes();
        once_each(&panes).cloned().collect()
    }

    /// Returns the feed with this ID.
    pub(super) fn feed(&self, id: FeedId) -> Option<&OpenFeed> {
        self.feeds.iter().find(|feed| feed.id == id)
    }

    /// Returns the feed that a pane shows.
    pub(super) fn feed_of(&self, pane: PaneId) -> Option<&OpenFeed> {
        self.feed(self.pane(pane)?.feed?)
    }

    /// Returns the pane with this ID.
    fn pane(&self, id: PaneId) -> Option<&Pane> {
        self.panes.iter().find(|pane| pane.id == id)
    }

    /// Opens another pane on an open feed, or on none.
    pub(super) fn open_pane(&mut self, feed: Option<FeedId>) -> PaneId {
        let id = self.next_pane_id();
        self.panes.push(Pane { id, feed });
        id
    }

    /// Opens an empty pane if there is no other one, so that a window in which nothing could be opened can be used.
    pub(super) fn open_first_pane(&mut self) -> Option<PaneId> {
        self.panes.is_empty().then(|| self.open_pane(None))
    }

    /// Returns the ID of a new feed. IDs are never used again.
    pub(super) fn next_feed_id(&mut self) -> FeedId {
        let id = FeedId(self.next_feed);
        self.next_feed += 1;
        id
    }

    /// Returns the ID of a new pane.
    pub(super) fn next_pane_id(&mut self) -> PaneId {
        let id = PaneId(self.next_pane);
        self.next_pane += 1;
        id
    }

    /// Closes a pane. It can be opened again for a while, with its feed. An empty pane replaces the last one.
    pub(super) fn close_pane(&mut self, id: PaneId) {
        if let Some(at) = self.panes.iter().position(|pane| pane.id == id) {
            let pane = self.panes.remove(at);
            if pane.feed.is_some() {
                self.keep_closed(pane);
            }
        }
        self.open_first_pane();
    }

    /// Points a pane to another URL. The former feed can be opened again if no
    /// other pane shows it.
    pub(super) fn connect_to(&mut self, pane: PaneId, url: Url) {
        let live = self.feed_of(pane).and_then(OpenFeed::live);
        let old = live.map(LiveFeed::spec);
        let is_other = old.is_some_and(|old| old.url != url);
        let is_same = old.is_some_and(|old| old.url == url);
        let mut spec = retargeted(old, url);
        let same_server = live.filter(|live| is_same_server(&live.spec().url, &spec.url));
        let left = self.left_servers.of(pane, &spec.url);
        let left = left.filter(|left| {
            // Another proxy must not get secrets that were set without it.
            same_server.is_none() && is_reached_alike(&left.spec, &spec)
        });
        if let Some(left) = left {
            restore_server_options(&mut spec, &left.spec);
        }
        let returned = left.and_then(|_| returned_headers(&spec));
        let dropped = old.and_then(|old| dropped_headers(old, &spec));
        // The values that stay in the headers stay masked.
        let secrets = same_server.map(|live| live.secrets.clone());
        let secrets = secrets.or_else(|| left.map(|left| left.secrets.clone()));
        if is_other {
            // A filter is about the payloads of one feed.
            self.window.set_filter(pane, "");
        }
        if !self.open_changed_lacking(pane, &spec) {
            let plan = FeedPlan {
                secrets: secrets.unwrap_or_default(),
                ..FeedPlan::of(spec)
            };
            self.connect_plan(plan, &[pane]);
            if is_same {
                self.window.keep_for_next_feed(pane);
            }
        }
        if let Some(sentence) = returned {
            // The headers have their server again.
            self.kept.notice.take_if(|it| it.starts_with(NOT_SENT));
            self.window.report(sentence);
        }
        if let Some(sentence) = dropped {
            self.show_notice(sentence);
        }
    }

    /// Connects a pane's feed with other options, in all panes that show it.
    pub(super) fn connect_with(&mut self, pane: PaneId, spec: FeedSpec) {
        if self.open_changed_lacking(pane, &spec) {
            return;
        }
        let Some(Pane { feed, .. }) = self.pane(pane) else {
            return;
        };
        let former = *feed;
        let shown = |it: &&Pane| it.id == pane || (feed.is_some() && it.feed == *feed);
        let panes: Vec<PaneId> = self.panes.iter().filter(shown).map(|it| it.id).collect();
        let reading = feed.map(|feed| self.window.reading_of(feed));
        let feed = feed.and_then(|feed| self.feed(feed));
        let messages = feed.and_then(OpenFeed::player);
        let messages = messages.map(Player::messages).unwrap_or_default();
        let live = feed.and_then(OpenFeed::live);
        let plan = FeedPlan {
            automatic: messages
                .iter()
                .map(|(it, _)| Automatic::clone(it))
                .collect(),
            secrets: live.map(|live| live.secrets.clone()).unwrap_or_default(),
            ..FeedPlan::of(spec)
        };
        self.connect_plan(plan, &panes);
        // Other options do not change the data.
        for pane in &panes {
            self.window.keep_for_next_feed(*pane);
        }
        let feed = self.pane(pane).and_then(|pane| pane.feed);
        if let Some((feed, reading)) = feed.zip(reading) {
            self.window.set_reading(feed, reading);
        }
        if let Some((former, feed)) = former.zip(feed) {
            self.record_in_place(former, feed);
        }
    }

    /// Opens the feed of a plan in these panes and connects it.
    pub(super) fn connect_plan(&mut self, plan: FeedPlan, panes: &[PaneId]) {
        // The pane may have been closed by an earlier command of the same pass.
        if !panes.iter().any(|pane| self.pane(*pane).is_some()) {
            return;
        }
        let former = panes.iter().find_map(|pane| self.pane(*pane)?.feed);
        self.show_in(panes, None);
        // The former feed disconnects before the new one opens, because a server may allow one connection only.
        if let Some(former) = former {
            self.keep_server_options(panes, former);
            self.keep_replaced(former);
        }
        // A saved connection is in its own list.
        if plan.name.is_none() {
            self.remember(&plan.spec.url);
            self.kept.save();
        }
        let feed = self.open(plan);
        self.show_in(panes, Some(feed));
    }

    /// Keeps the options of a feed for its server, because these panes leave it.
    pub(super) fn keep_server_options(&mut self, panes: &[PaneId], feed: FeedId) {
        let feed = self.feeds.iter().find(|it| it.id == feed);
        if let Some(live) = feed.and_then(OpenFeed::live) {
            for pane in panes {
                self.left_servers.keep(*pane, live);
            }
        }
    }

    /// Assigns a feed, or none, to these panes.
    pub(super) fn show_in(&mut self, panes: &[PaneId], feed: Option<FeedId>) {
        for pane in &mut self.panes {
            if panes.contains(&pane.id) {
                pane.feed = feed;
            }
        }
    }

    /// Returns the panes that show a feed.
    pub(super) fn panes_of(&self, feed: FeedId) -> Vec<PaneId> {
        let panes = self.panes.iter();
        let shows = panes.filter(|pane| pane.feed == Some(feed));
        shows.map(|pane| pane.id).collect()
    }

    /// Drops every feed that no open or closed pane shows. The drop of its handle closes the connection.
    pub(super) fn end_unseen(&mut self) {
        let Self {
            feeds,
            panes,
            closed,
            ..
        } = self;
        let shows = |pane: &Pane, feed: &OpenFeed| pane.feed == Some(feed.id);
        feeds.retain(|feed| {
            let is_closed = closed.iter().any(|closed| shows(&closed.pane, feed));
            is_closed || panes.iter().any(|pane| shows(pane, feed))
        });
    }

    /// Opens a feed and connects it.
    pub(super) fn open(&mut self, plan: FeedPlan) -> FeedId {
        self.open_with(plan, true)
    }

    /// Opens a feed, and connects it if `connects` is true.
    pub(super) fn open_with(&mut self, plan: FeedPlan, connects: bool) -> FeedId {
        let id = self.next_feed_id();
        let (writer, store) = self.kept.store_for(&plan.spec);
        let (wakes, analyses) = (self.wake.waker(), self.runner.waker());
        // A change of the feed wakes both the window and the analyses.
        let news = move || {
            wakes();
            analyses();
        };
        self.window
            .set_columns(id, self.kept.columns_of(&plan.spec.url));
        self.window
            .set_fields(id, self.kept.fields_of(&plan.spec.url));
        self.window
            .set_latest(id, self.kept.latest_of(&plan.spec.url).to_vec());
        self.window
            .set_measured(id, self.kept.measured_of(&plan.spec.url));
        self.window.set_reading(id, plan.reading.into());
        // Nothing can be sent to an event stream.
        let player = match plan.spec.protocol() {
            // Messages may be added later.
            Protocol::WebSocket => Some(Player::of(&plan.automatic)),
            Protocol::EventStream => None,
        };
        let sink = MaskingSink::new(writer, plan.secrets.clone());
        let sink = Player::watch(player.clone(), sink);
        let handle = Arc::new(self.net.open(plan.spec.clone(), sink, news));
        if let Some(player) = &player
            && let Err(error) = player.start(&handle, self.clock.clone())
        {
            self.show_notice(format!("Messages at an interval are not sent: {error}."));
        }
        if connects {
            handle.command(FeedCommand::Connect);
        }
        for item in plan.send {
            // `InputLines` occurs only with `tail`; the command line refuses it for a window.
            if let ToSend::Message(message) = item {
                handle.command(FeedCommand::Send(message));
            }
        }
        self.feeds.push(OpenFeed {
            saved_as: None,
            id,
            source: OpenSource::Live(Box::new(LiveFeed {
                source: LiveSource {
                    spec: Arc::new(plan.spec),
                    status: handle.status(),
                },
                secrets: plan.secrets,
                lacking: None,
                waits: None,
                failed_before: None,
                asked: None,
                player,
                handle,
            })),
            store,
            printed_problem: None,
            name: plan.name,
        });
        self.add_to_session(id);
        id
    }

    /// Adds a URL to the recent ones, without its secrets. URLs of the demo server are left out, because its ports
    /// change.
    pub(super) fn remember(&mut self, url: &Url) {
        if !self.is_of_demo(url) {
            // The fragment never reaches a server, and its mask would have to be replaced by hand.
            let mut url = url.clone();
            url.set_fragment(None);
            self.kept.now.remember_url(masked(&url));
        }
    }

    /// Saves the columns of a feed. Those of the demo's feeds apply to this run only, because its ports change.
    pub(super) fn keep_columns(&mut self, feed: FeedId, columns: ColumnChoice) {
        let url = self.feed(feed).map(OpenFeed::settings_url);
        if let Some(url) = url.filter(|url| !self.is_of_demo(url)) {
            self.kept.set_columns_of(&url, columns);
        }
    }

    /// Saves the fields that are columns of a feed. Those of the demo's feeds apply to this run only.
    pub(super) fn keep_fields(&mut self, feed: FeedId, fields: Vec<String>) {
        let url = self.feed(feed).map(OpenFeed::settings_url);
        if let Some(url) = url.filter(|url| !self.is_of_demo(url)) {
            self.kept.set_fields_of(&url, fields);
        }
    }

    /// Saves the key and the columns of the newest values of a feed. Those of the demo's feeds apply to this run only.
    pub(super) fn keep_latest(&mut self, feed: FeedId, paths: Vec<String>) {
        let url = self.feed(feed).map(OpenFeed::settings_url);
        if let Some(url) = url.filter(|url| !self.is_of_demo(url)) {
            self.kept.set_latest_of(&url, paths);
        }
    }

    /// Saves the fields that the measures of a feed read. Those of the demo's feeds apply to this run only.
    pub(super) fn keep_measured(&mut self, feed: FeedId, fields: &MeasuredFields) {
        let url = self.feed(feed).map(OpenFeed::settings_url);
        if let Some(url) = url.filter(|url| !self.is_of_demo(url)) {
            self.kept.set_measured_of(&url, fields);
        }
    }

    /// Returns true for a URL of the demo server.
    pub(super) fn is_of_demo(&self, url: &Url) -> bool {
        self.examples
            .iter()
            .any(|demo| Url::parse(demo).is_ok_and(|demo| demo.origin() == url.origin()))
    }
}
