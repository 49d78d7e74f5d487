//! State of the app's demo: a flood in progress, and the comparison of two feeds.

use demo_server::{Client, DemoServer, Feed};
use feedscope_analysis::analysis::Task;
use feedscope_core::Moment;
use feedscope_ui::{DemoComparison, FeedId, PaneId, PaneScene};
use url::Url;

use crate::app::comparison::{MeasuredSide, Sent};

/// State of the app's demo.
#[derive(Default)]
pub(in crate::app) struct DemoState {
    /// The user has hidden the demo's controls. The server continues to run.
    pub(super) hidden: bool,
    /// Flood in progress, if there is one.
    pub(super) flood: Option<Flood>,
    pub(super) event_stream: MeasuredSide,
    pub(super) web_socket: MeasuredSide,
    /// The comparison is shown, so that its figures are needed.
    pub(super) compares: bool,
}

/// Flooded pane, with the flood's URL and what the pane showed before.
pub(super) struct Flood {
    pub(super) pane: PaneId,
    pub(super) url: Url,
    /// Former feed of the pane with its URL, which returns after the flood.
    pub(super) before: Option<(FeedId, Url)>,
    /// Former filter of the pane.
    pub(super) filter: String,
}

impl DemoState {
    /// Returns the analyses of the comparison, if it is shown.
    pub(in crate::app) fn tasks(&self) -> impl Iterator<Item = Task> {
        let sides = [&self.event_stream, &self.web_socket];
        let shown = sides.into_iter().filter(|_| self.compares);
        shown.filter_map(MeasuredSide::task)
    }

    /// Returns the measurements of both feeds.
    pub(super) fn compare(
        &mut self,
        demo: &DemoServer,
        panes: &[PaneScene],
        clients: &[Client],
        now: Moment,
    ) -> DemoComparison {
        let look = |side: &mut MeasuredSide, feed| {
            let url = url_of(demo, feed);
            let shown = panes
                .iter()
                .filter_map(|pane| pane.feed.as_ref())
                .find(|feed| feed.source.url() == url.as_ref());
            // The server sends the same to all clients of a feed. The newest client is ours or connected after ours.
            let newest = clients.iter().rev().find(|client| client.feed == feed);
            let sent = newest.map(|client| Sent {
                client: client.id,
                bytes: client.sent,
            });
            side.look(shown, sent, now)
        };
        let mut event_stream = look(&mut self.event_stream, Feed::Events);
        let mut web_socket = look(&mut self.web_socket, Feed::Ticker);
        let sides = [&self.event_stream, &self.web_socket];
        MeasuredSide::compare_latencies(sides, [&mut event_stream, &mut web_socket]);
        DemoComparison {
            event_stream,
            web_socket,
        }
    }
}

/// Returns the URL of a feed on this server.
pub(super) fn url_of(demo: &DemoServer, feed: Feed) -> Option<Url> {
    let base = if feed.is_web_socket() {
        demo.ws_url()
    } else {
        demo.http_url()
    };
    Url::parse(&format!("{base}{feed}")).ok()
}
