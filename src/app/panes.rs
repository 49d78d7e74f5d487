//! Which pane shows which feed. A feed lives as long as a pane shows it; a second view on it opens no second connection.

use std::sync::Arc;

use feedscope_core::feed::{FeedCommand, FeedSpec, FeedStatus};
use feedscope_core::store::Store;
use feedscope_core::url_text::masked;
use feedscope_net::FeedHandle;
use url::Url;

use super::App;
use super::retarget::retargeted;
use crate::plan::{FeedPlan, ToSend};
use crate::ui::{FeedId, FeedScene, PaneId, PaneScene, once_each};

/// A place in the window, showing one view of a feed.
pub(super) struct Pane {
    pub(super) id: PaneId,
    feed: Option<FeedId>,
}

/// A feed, with everything received from it.
pub(super) struct OpenFeed {
    pub(super) id: FeedId,
    pub(super) spec: Arc<FeedSpec>,
    pub(super) status: Arc<FeedStatus>,
    pub(super) store: Store,
    pub(super) handle: FeedHandle,
}

impl App {
    /// What the panes show, in the order in which they were opened.
    pub fn panes(&self) -> Vec<PaneScene> {
        let scene = |pane: &Pane| PaneScene {
            id: pane.id,
            feed: self.feed_of(pane.id).map(OpenFeed::scene),
        };
        self.panes.iter().map(scene).collect()
    }

    /// Every feed once, in the order of the panes.
    pub fn feeds(&self) -> Vec<FeedScene> {
        let panes = self.panes();
        once_each(&panes).cloned().collect()
    }

    /// A feed by its number.
    pub(super) fn feed(&self, id: FeedId) -> Option<&OpenFeed> {
        self.feeds.iter().find(|feed| feed.id == id)
    }

    /// The feed that a pane shows.
    pub(super) fn feed_of(&self, pane: PaneId) -> Option<&OpenFeed> {
        self.feed(self.pane(pane)?.feed?)
    }

    fn pane(&self, id: PaneId) -> Option<&Pane> {
        self.panes.iter().find(|pane| pane.id == id)
    }

    /// Another pane, on a feed that is open already or on none.
    pub(super) fn open_pane(&mut self, feed: Option<FeedId>) -> PaneId {
        let id = PaneId(self.next_pane);
        self.next_pane += 1;
        self.panes.push(Pane { id, feed });
        id
    }

    /// Closes a pane; a feed that no other pane shows ends. The window is never without a pane.
    pub(super) fn close_pane(&mut self, id: PaneId) {
        self.panes.retain(|pane| pane.id != id);
        self.end_unseen();
        if self.panes.is_empty() {
            self.open_pane(None);
        }
    }

    /// Points a pane at another URL. The feed that was there is closed in the background, if no other pane shows it.
    pub(super) fn connect_to(&mut self, pane: PaneId, url: Url) {
        let old = self.feed_of(pane).map(|feed| &*feed.spec);
        let spec = retargeted(old, url);
        self.connect(spec, &[pane]);
    }

    /// Reaches a pane's feed in another way, in all panes that show it.
    pub(super) fn connect_with(&mut self, pane: PaneId, spec: FeedSpec) {
        let Some(Pane { feed, .. }) = self.pane(pane) else {
            return;
        };
        let shown = |it: &&Pane| it.id == pane || (feed.is_some() && it.feed == *feed);
        let panes: Vec<PaneId> = self.panes.iter().filter(shown).map(|it| it.id).collect();
        self.connect(spec, &panes);
    }

    /// Shows a feed in these panes, and connects it.
    fn connect(&mut self, spec: FeedSpec, panes: &[PaneId]) {
        if !panes.iter().any(|pane| self.pane(*pane).is_some()) {
            return;
        }
        self.show_in(panes, None);
        // What nobody sees any more ends here, before another one lives.
        self.end_unseen();
        self.remember(&spec.url);
        self.kept.save();
        let feed = self.open(FeedPlan {
            spec,
            send: Vec::new(),
        });
        self.show_in(panes, Some(feed));
    }

    fn show_in(&mut self, panes: &[PaneId], feed: Option<FeedId>) {
        for pane in &mut self.panes {
            if panes.contains(&pane.id) {
                pane.feed = feed;
            }
        }
    }

    fn end_unseen(&mut self) {
        let Self { feeds, panes, .. } = self;
        feeds.retain(|feed| panes.iter().any(|pane| pane.feed == Some(feed.id)));
    }

    /// Opens a feed, connecting already.
    pub(super) fn open(&mut self, plan: FeedPlan) -> FeedId {
        let id = FeedId(self.next_feed);
        self.next_feed += 1;
        let (writer, store) = self.kept.store_for(&plan.spec);
        let (wakes, searches) = (self.wake.waker(), self.searcher.waker());
        let news = move || {
            wakes();
            searches();
        };
        let handle = self.net.open(plan.spec.clone(), writer, news);
        handle.command(FeedCommand::Connect);
        for item in plan.send {
            // Lines of standard input are for `tail`, which the command line makes sure of.
            if let ToSend::Message(message) = item {
                handle.command(FeedCommand::Send(message));
            }
        }
        self.feeds.push(OpenFeed {
            id,
            spec: Arc::new(plan.spec),
            status: handle.status(),
            store,
            handle,
        });
        id
    }

    /// Puts a URL in front of those last used, without its secrets. Those of the demo server mean nothing next time.
    pub(super) fn remember(&mut self, url: &Url) {
        let is_demo = self
            .examples
            .iter()
            .any(|demo| Url::parse(demo).is_ok_and(|demo| demo.origin() == url.origin()));
        if !is_demo {
            self.kept.now.remember_url(masked(url));
        }
    }
}

impl OpenFeed {
    fn scene(&self) -> FeedScene {
        FeedScene {
            id: self.id,
            spec: Arc::clone(&self.spec),
            status: Arc::clone(&self.status),
            store: self.store.clone(),
        }
    }
}
