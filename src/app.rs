//! The app around the window: it holds the feeds, carries what they published to the view, and commands from the view to
//! the network. It draws nothing and reads no socket.
//!
//! One pass: [`App::take_in`] looks where each feed stands, [`App::show`] draws and then carries out what the user
//! wanted, in one `match` (`app/command.rs`). Stores are written by the network's side; nothing waits for a pass.

mod command;
mod comparison;
mod demo;
mod kept;
mod leaving;
mod logic;
mod memory;
mod missing;
mod panes;
mod report;
mod retarget;
mod search;
mod wake;
mod window;

use std::io;
use std::time::Duration;

use demo_server::{DemoServer, Options};
use egui::Ui;
use feedscope_core::feed::FeedCommand;
use feedscope_net::{Clock, Net};
use jiff::tz::TimeZone;
use url::Url;

use crate::plan::{FeedOptions, FeedPlan, ToSend, WindowFeeds};
use crate::ui::{Scene, ThemeChoice, Window};
use demo::DemoState;
use panes::{OpenFeed, Pane};
use search::Searcher;
use wake::Wake;

pub use kept::KeptSettings;
pub use memory::give_back_at_once;
pub use window::run;

/// Network threads of a window: one reads while the other decodes.
const THREADS: usize = 2;

/// How long feeds may take to close in order when the window is gone.
const CLOSING_LIMIT: Duration = Duration::from_millis(800);

/// What the chat of the demo says first.
const GREETING: &str = "Hello Server!";

/// Everything behind the window.
pub struct App {
    feeds: Vec<OpenFeed>,
    /// In the order in which they were opened.
    panes: Vec<Pane>,
    window: Window,
    /// The theme that it begins with.
    theme: ThemeChoice,
    kept: KeptSettings,
    demo_state: DemoState,
    examples: Vec<String>,
    time_zone: TimeZone,
    clock: Clock,
    wake: Wake,
    searcher: Searcher,
    next_feed: u32,
    next_pane: u32,
    // Below what uses them, because fields are dropped in order: feeds first, then what carries them.
    demo: Option<DemoServer>,
    net: Net,
}

impl App {
    /// An app with these feeds, connecting already. It needs no window: [`take_in`](Self::take_in) and
    /// [`show`](Self::show) are a pass.
    ///
    /// `theme` holds for this run only, instead of the one that is kept.
    ///
    /// # Errors
    ///
    /// When the system refuses threads or, for the demo, ports.
    pub fn new(
        feeds: WindowFeeds,
        theme: Option<ThemeChoice>,
        kept: KeptSettings,
    ) -> io::Result<Self> {
        let (feeds, demo) = match feeds {
            WindowFeeds::Given(feeds) => (feeds, None),
            WindowFeeds::Demo(options) => {
                let (feeds, demo) = start_demo(&options)?;
                (feeds, Some(demo))
            }
        };
        Self::with_demo(feeds, demo, theme, kept)
    }

    /// The same, with a demo server that runs already.
    pub fn with_demo(
        feeds: Vec<FeedPlan>,
        demo: Option<DemoServer>,
        theme: Option<ThemeChoice>,
        kept: KeptSettings,
    ) -> io::Result<Self> {
        let net = Net::start(THREADS)?;
        let theme = theme.unwrap_or_else(|| kept.theme());
        let mut window = Window::new(theme, kept.now.utc);
        window.set_columns(kept.columns());
        let wake = Wake::start()?;
        let searcher = Searcher::start(wake.waker())?;
        let mut app = Self {
            feeds: Vec::new(),
            panes: Vec::new(),
            window,
            theme,
            kept,
            demo_state: DemoState::default(),
            examples: demo.as_ref().map(feeds_of).unwrap_or_default(),
            time_zone: TimeZone::system(),
            clock: net.clock(),
            wake,
            searcher,
            next_feed: 0,
            next_pane: 0,
            demo,
            net,
        };
        for plan in feeds {
            app.remember(&plan.spec.url);
            let feed = app.open(plan);
            app.open_pane(Some(feed));
        }
        Ok(app)
    }

    /// Dresses an egui context: fonts and theme. Once, before the first pass.
    pub fn dress(&mut self, ctx: &egui::Context) {
        crate::ui::install_fonts(ctx);
        self.window.set_theme(ctx, self.theme);
    }

    /// Where time is taken as local from; the system's zone unless told.
    pub fn set_time_zone(&mut self, zone: TimeZone) {
        self.time_zone = zone;
    }

    /// The demo server, if it runs.
    pub fn demo(&self) -> Option<&DemoServer> {
        self.demo.as_ref()
    }

    /// Draws a pass and carries out what the user wanted.
    pub fn show(&mut self, ui: &mut Ui) {
        let panes = self.panes();
        let now = self.clock.now();
        let demo = self.demo_scene(&panes, now.moment);
        let scene = Scene {
            panes: &panes,
            demo,
            examples: &self.examples,
            recent: &self.kept.now.recent_urls,
            now,
            time_zone: &self.time_zone,
            notice: self.kept.notice.as_deref(),
        };
        let commands = self.window.show(ui, &scene);
        self.searcher.look_for(self.window.searches());
        if let Some(wait) = self.window.wants_repaint_in(&scene) {
            ui.ctx()
                .request_repaint_after(wait.max(wake::SHORTEST_WAIT));
        }
        for command in commands {
            self.carry_out(command, ui.ctx());
        }
    }

    /// Disconnects every feed, waits a moment for closing handshakes, and saves what is kept.
    pub fn end(&mut self) {
        for feed in &self.feeds {
            feed.handle.command(FeedCommand::Disconnect);
        }
        let limit = std::time::Instant::now() + CLOSING_LIMIT;
        for feed in &self.feeds {
            if feed.handle.status().state.is_live() {
                feed.handle
                    .wait_ended(limit.saturating_duration_since(std::time::Instant::now()));
            }
        }
        self.kept.save();
    }
}

/// Starts the demo server and plans its two feeds: the ticker to watch, the chat to join.
pub fn start_demo(options: &FeedOptions) -> io::Result<(Vec<FeedPlan>, DemoServer)> {
    let demo = DemoServer::start(Options::default())?;
    let mut feeds = Vec::new();
    for url in [
        format!("{}/events", demo.http_url()),
        format!("{}/chat", demo.ws_url()),
    ] {
        let url = Url::parse(&url).map_err(io::Error::other)?;
        let is_chat = crate::plan::is_web_socket(&url);
        let mut plan = options.at(url);
        if is_chat {
            plan.send.insert(
                0,
                ToSend::Message(feedscope_core::feed::Outgoing::Text(GREETING.to_owned())),
            );
        }
        feeds.push(plan);
    }
    Ok((feeds, demo))
}

/// The demo's URLs but for its page, which is no feed.
fn feeds_of(demo: &DemoServer) -> Vec<String> {
    let is_page = |url: &str| Url::parse(url).is_ok_and(|url| url.path() == "/");
    demo.urls()
        .into_iter()
        .filter(|url| !is_page(url))
        .collect()
}
