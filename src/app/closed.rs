//! Closed panes that can be opened again, with their feeds and records.
//!
//! A feed that another URL has replaced counts as closed too: it gets a pane of its own when it is opened again. A
//! closed feed is disconnected, so that it costs no traffic. Its records stay until they are too old or too many.

use feedscope_core::feed::FeedCommand;
use feedscope_ui::{FeedId, PaneId};

use super::App;
use super::open_feed::{Closed, KEPT_FOR, LiveFeed, OpenFeed, Pane};

/// Maximum number of closed panes.
const MOST: usize = 8;

/// Maximum memory of the records of closed feeds in bytes. The feed that was closed last may exceed it.
const MOST_BYTES: u64 = 512 << 20;

impl App {
    /// Keeps a pane that is closed now. Its feed is disconnected if no pane shows it.
    pub(super) fn keep_closed(&mut self, pane: Pane) {
        let feed = pane.feed.and_then(|id| self.feed(id));
        let is_shown = self.panes.iter().any(|it| it.feed == pane.feed);
        let feed = feed.and_then(OpenFeed::live);
        // A request that is sent only once may have an effect on the server.
        let is_repeated = |live: &LiveFeed| live.is_active() && live.spec().sent_once().is_none();
        let was_live = feed.is_some_and(is_repeated);
        if let Some(feed) = feed.filter(|_| !is_shown) {
            // The user has agreed to lose these messages, so that they must not be sent after all.
            for message in feed.handle.status().queue.iter() {
                feed.handle.command(FeedCommand::GiveUp(message.number));
            }
            feed.handle.command(FeedCommand::Disconnect);
        }
        let at = self.clock.now().moment;
        self.closed.push(Closed { pane, at, was_live });
        self.drop_closed();
    }

    /// Keeps a feed that another one has replaced in its pane, with the marks and colors of its records.
    pub(super) fn keep_replaced(&mut self, feed: FeedId) {
        let pane = Pane {
            id: self.next_pane_id(),
            feed: Some(feed),
        };
        let notes = self.window.kept_notes(feed);
        self.window.restore_closed_notes(pane.id, notes);
        self.keep_closed(pane);
    }

    /// Opens the pane that was closed last again. An empty pane that is alone makes room for it.
    pub(super) fn reopen_pane(&mut self) {
        let Some(Closed { pane, was_live, .. }) = self.closed.pop() else {
            return;
        };
        if let [only] = &self.panes[..]
            && only.feed.is_none()
        {
            self.panes.clear();
        }
        let is_shown = self.panes.iter().any(|it| it.feed == pane.feed);
        if let Some(feed) = pane.feed.and_then(|id| self.feed(id)?.live())
            && was_live
            && !is_shown
        {
            feed.handle.command(FeedCommand::Connect);
        }
        self.panes.push(pane);
    }

    /// Shows a feed that another one has replaced in this pane again, with its records. The other feed can be opened again,
    /// but stays disconnected. Returns false if the feed is not kept any more.
    pub(super) fn put_back(&mut self, pane: PaneId, feed: FeedId) -> bool {
        if self.feed(feed).is_none() {
            return false;
        }
        let other = self.feed_of(pane).map(|other| other.id);
        let is_shown = self.panes.iter().any(|it| it.feed == Some(feed));
        let mut closed = self.closed.iter();
        let at = closed.rposition(|closed| closed.pane.feed == Some(feed));
        let closed = at.map(|at| self.closed.remove(at));
        if let Some(closed) = &closed {
            self.window.move_closed_notes(closed.pane.id, pane);
        }
        let was_live = closed.is_some_and(|closed| closed.was_live);
        self.show_in(&[pane], Some(feed));
        if was_live
            && !is_shown
            && let Some(live) = self.feed(feed).and_then(OpenFeed::live)
        {
            live.handle.command(FeedCommand::Connect);
        }
        if let Some(other) = other {
            self.keep_server_options(&[pane], other);
            self.keep_replaced(other);
            self.keep_last_disconnected();
        }
        true
    }

    /// Leaves the feed that was closed last disconnected when it is opened again.
    pub(super) fn keep_last_disconnected(&mut self) {
        if let Some(closed) = self.closed.last_mut() {
            closed.was_live = false;
        }
    }

    /// Drops the closed panes that are too old or too many, the oldest first, and the feeds that nothing shows.
    pub(super) fn drop_closed(&mut self) {
        let now = self.clock.now().moment;
        self.closed.retain(|closed| now.since(closed.at) < KEPT_FOR);
        while self.closed.len() > MOST
            || (self.closed.len() > 1 && self.closed_bytes() > MOST_BYTES)
        {
            self.closed.remove(0);
        }
        self.end_unseen();
    }

    /// Returns the IDs of the panes that can be opened again, the one closed last at the end.
    pub(super) fn closed_panes(&self) -> Vec<PaneId> {
        self.closed.iter().map(|closed| closed.pane.id).collect()
    }

    /// Returns the memory that the records of closed feeds take.
    fn closed_bytes(&self) -> u64 {
        let is_open = |id| self.panes.iter().any(|pane| pane.feed == Some(id));
        let closed = self.feeds.iter().filter(|feed| !is_open(feed.id));
        closed.map(|feed| feed.store.extent().memory).sum()
    }
}
