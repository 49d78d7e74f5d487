//! Options that panes had for servers that they have left, so that they apply again when a pane returns. They stay in memory,
//! and are used only for the server for which they were set.

use feedscope_core::feed::FeedSpec;
use feedscope_core::record::Secrets;
use feedscope_ui::PaneId;
use url::Url;

use super::open_feed::LiveFeed;
use super::retarget::{has_server_options, is_same_server};

/// Maximum number of servers of all panes.
const MOST: usize = 32;

/// Servers that panes have left, the one left last at the end.
#[derive(Default)]
pub(super) struct LeftServers {
    all: Vec<LeftServer>,
}

/// Server that a pane has left.
pub(super) struct LeftServer {
    pane: PaneId,
    /// Connection to it with its options.
    pub(super) spec: FeedSpec,
    /// Values that were inserted for variables in them.
    pub(super) secrets: Secrets,
}

impl LeftServers {
    /// Keeps the options of a pane's feed for its server, in place of earlier ones.
    pub(super) fn keep(&mut self, pane: PaneId, live: &LiveFeed) {
        // A placeholder stands in place of a value that is not known.
        if live.lacking.is_some() {
            return;
        }
        let spec = live.spec();
        self.all.retain(|left| !left.is(pane, &spec.url));
        if has_server_options(spec) {
            self.all.push(LeftServer {
                pane,
                spec: spec.clone(),
                secrets: live.secrets.clone(),
            });
        }
        let excess = self.all.len().saturating_sub(MOST);
        self.all.drain(..excess);
    }

    /// Returns the options that a pane had for the server of a URL.
    pub(super) fn of(&self, pane: PaneId, url: &Url) -> Option<&LeftServer> {
        self.all.iter().find(|left| left.is(pane, url))
    }
}

impl LeftServer {
    fn is(&self, pane: PaneId, url: &Url) -> bool {
        self.pane == pane && is_same_server(&self.spec.url, url)
    }
}
