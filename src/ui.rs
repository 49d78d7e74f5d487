//! The window: what it shows is passed in as a [`Scene`], what the user wants comes out as [`Command`]s. It knows no
//! socket, no file and no clock.

mod theme;

use std::sync::Arc;
use std::time::Duration;

use feedscope_core::Stamp;
use feedscope_core::feed::{FeedCommand, FeedSpec, FeedStatus};
use feedscope_core::store::Store;
use jiff::tz::TimeZone;
use url::Url;

pub use theme::ThemeChoice;

/// A feed's number within the run; never used again for another feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FeedId(pub u32);

/// One feed as the window shows it.
#[derive(Clone)]
pub struct FeedScene {
    /// Its number.
    pub id: FeedId,
    /// How it is reached.
    pub spec: Arc<FeedSpec>,
    /// Where it stands.
    pub status: Arc<FeedStatus>,
    /// What it received.
    pub store: Store,
}

/// The embedded demo server as the window shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoScene {
    /// Host and port of its HTTP side, such as `127.0.0.1:41270`.
    pub address: String,
    /// For how long it still refuses connections.
    pub refusing_for: Option<Duration>,
    /// Whether its streams are held back.
    pub stalled: bool,
}

/// Everything the window shows in one pass.
pub struct Scene<'a> {
    /// What each pane shows, in order; `None` is a pane without a feed.
    pub panes: &'a [Option<FeedScene>],
    /// The demo server, if it runs.
    pub demo: Option<DemoScene>,
    /// URLs to offer in an empty pane: the demo's own feeds.
    pub examples: &'a [String],
    /// URLs last used, newest first.
    pub recent: &'a [String],
    /// The time of this pass.
    pub now: Stamp,
    /// Where local time is taken from.
    pub time_zone: &'a TimeZone,
    /// Something the whole window has to say, such as a settings file that does not parse.
    pub notice: Option<&'a str>,
}

/// What the user wants, as a value; `app::command` carries it out after drawing.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Ask something of a feed.
    Feed(FeedId, FeedCommand),
    /// Point a pane (by its place) at another URL and connect; ends the feed that was there.
    ConnectTo {
        /// The pane's place, from 0.
        pane: usize,
        /// Where to.
        url: Url,
    },
    /// Let a feed's records go.
    Clear(FeedId),
    /// Cut every connection of the demo server.
    DemoDrop,
    /// Cut every connection of the demo server and accept none for this long.
    DemoRefuse(Duration),
    /// Hold the demo server's streams back, or let them go on.
    DemoStall(bool),
    /// Change the theme; kept in the settings.
    SetTheme(ThemeChoice),
    /// Show UTC instead of local time; kept in the settings.
    SetUtc(bool),
    /// Do not show the demo strip any more in this run.
    DismissDemoStrip,
    /// The notice was read.
    DismissNotice,
}
