//! What the command line asked for, as plain values: the rest of the program obeys them and never looks at arguments.

use std::path::PathBuf;
use std::time::Duration;

use demo_server::{Fault, Feed};
use feedscope_core::feed::{FeedSpec, Outgoing};
use url::Url;

use crate::ui::ThemeChoice;

/// What to do.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a run makes one and hands it on once"
)]
pub enum Plan {
    /// Open the window.
    Window(WindowPlan),
    /// Show feeds on standard output.
    Tail(TailPlan),
    /// Run the demo server alone.
    Demo(DemoPlan),
}

/// One feed to open.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedPlan {
    /// How it is reached.
    pub spec: FeedSpec,
    /// What is sent, once and in order; it waits until the feed is open.
    pub send: Vec<ToSend>,
}

/// Something to hand over to a feed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToSend {
    /// A message.
    Message(Outgoing),
    /// Every line of standard input, as a text message, as it comes.
    InputLines,
}

/// The options that hold for every feed of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedOptions {
    /// Its URL stands for none: [`at`](Self::at) puts another in its place.
    template: FeedSpec,
    send: Vec<ToSend>,
}

impl FeedOptions {
    /// The options that `template` has, and what to hand over once.
    pub fn new(template: FeedSpec, send: Vec<ToSend>) -> Self {
        Self { template, send }
    }

    /// The same, with so much kept in memory and on disk of each feed, in bytes; `None` is as usual.
    #[must_use]
    pub fn keeping(self, budget: Option<u64>, disk_history: Option<u64>) -> Self {
        let template = FeedSpec {
            budget,
            disk_history,
            ..self.template
        };
        Self { template, ..self }
    }

    /// What is handed over to every WebSocket.
    pub fn send(&self) -> &[ToSend] {
        &self.send
    }

    /// The feed at `url` with these options. An event stream is sent nothing.
    pub fn at(&self, url: Url) -> FeedPlan {
        let spec = FeedSpec {
            url,
            ..self.template.clone()
        };
        let send = if is_web_socket(&spec.url) {
            self.send.clone()
        } else {
            Vec::new()
        };
        FeedPlan { spec, send }
    }
}

/// Whether messages can be sent there.
pub fn is_web_socket(url: &Url) -> bool {
    matches!(url.scheme(), "ws" | "wss")
}

/// The feeds of a window.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a run makes one and hands it on once"
)]
pub enum WindowFeeds {
    /// The embedded demo server's two, with these options.
    Demo(FeedOptions),
    /// One pane each.
    Given(Vec<FeedPlan>),
}

/// The smallest window in which everything has its place, in points.
pub const SMALLEST_WINDOW: [f32; 2] = [480.0, 360.0];

/// A window, as the command line asked for it.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowPlan {
    /// What its panes show.
    pub feeds: WindowFeeds,
    /// Its size in points, instead of the one in the settings.
    pub size: Option<[f32; 2]>,
    /// Its theme, instead of the one in the settings.
    pub theme: Option<ThemeChoice>,
    /// What it does by itself.
    pub automation: Automation,
}

/// What a window does without anybody at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Automation {
    /// It closes after this long.
    pub duration: Option<Duration>,
    /// Its picture, as a PNG, goes here just before it closes.
    pub screenshot: Option<PathBuf>,
    /// What it measured of itself, as JSON, goes here when it has closed.
    pub report: Option<PathBuf>,
}

/// How `tail` writes records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// A JSON line each.
    #[default]
    Json,
    /// A line each for people.
    Text,
    /// Only the summary, when all is over.
    CountOnly,
}

/// Feeds without a window, as the command line asked for them.
#[derive(Clone, Debug, PartialEq)]
pub struct TailPlan {
    /// The feeds, in order.
    pub feeds: Vec<FeedPlan>,
    /// They are disconnected after this long.
    pub duration: Option<Duration>,
    /// How records are written.
    pub output: Output,
}

/// The demo server alone, as the command line asked for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DemoPlan {
    /// The port of its HTTP side; 0 for any free one.
    pub port: u16,
    /// What it does wrong from the start, each for one feed or, where that is `None`, for all.
    pub faults: Vec<(Option<Feed>, Fault)>,
}
