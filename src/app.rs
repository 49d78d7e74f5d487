//! App behind the window: owns the feeds, passes their state to the view and the view's commands to the network.
//!
//! It does no drawing and no socket I/O itself. One pass consists of [`App::take_in`], which reads the status of each
//! feed, and [`App::show`], which draws the window and then carries out the user's commands in one `match`
//! (`app/commands.rs`). Stores are written by the network threads, which never wait for a pass.

mod closed;
mod commands;
mod comparison;
mod connections;
mod demo;
mod file_dialog;
mod files;
#[cfg(feature = "inspection")]
mod frame_log;
mod interrupted;
mod keeper;
mod kept;
mod leaving;
mod left_servers;
mod links;
mod logic;
mod marks;
mod measured;
mod memory;
mod missing;
mod open_feed;
mod panes;
mod payloads;
mod pending;
mod recorded_readings;
mod recordings;
mod replay;
mod report;
mod retarget;
mod runner;
mod saving;
mod sending;
mod session;
mod session_recordings;
mod wake;
mod window;

use std::io;
use std::time::Duration;

use demo_server::DemoServer;
use egui::Ui;
use feedscope_core::ThemeChoice;
use feedscope_core::feed::FeedCommand;
use feedscope_net::{Clock, Net};
use feedscope_ui::{FeedId, FormatScene, Scene, Window};
use jiff::tz::TimeZone;
use url::Url;

use crate::demo_feeds;
use crate::plan::{FeedPlan, WindowFeeds, WindowSource};
use crate::reading::FeedReading;
use connections::WindowSavedConnections;
use demo::DemoState;
use files::OpenedFiles;
use left_servers::LeftServers;
use marks::MarksKeeper;
use open_feed::{Closed, KEPT_FOR, OpenFeed, Pane};
use pending::{Answers, Interrupted, Readings, Unsent};
use recordings::WindowRecording;
use runner::Runner;
use saving::Saving;
use session::Saver;
use session_recordings::SessionRecordings;
use wake::WindowWake;

pub use connections::ConnectionsFile;
pub use kept::KeptSettings;
pub use memory::give_back_at_once;
pub use session::{Session, SessionFiles};
pub use window::run;

/// Number of network threads of a window, so that one can read while the other decodes.
const THREADS: usize = 2;

/// Maximum time that feeds may take for their closing handshakes after the window has closed.
const CLOSING_LIMIT: Duration = Duration::from_millis(800);

/// State of the whole program behind the window.
pub struct App {
    feeds: Vec<OpenFeed>,
    /// Panes in the order in which they were opened.
    panes: Vec<Pane>,
    /// Closed panes that can be opened again, the one closed last at the end.
    closed: Vec<Closed>,
    /// Options of panes for servers that they have left.
    left_servers: LeftServers,
    /// View on the panes, which draws them and returns commands.
    window: Window,
    /// Theme at the start of the window.
    theme: ThemeChoice,
    /// Settings of this run, and their file.
    kept: KeptSettings,
    /// Feeds of the last window that were connected and wait for the user, until the notice about them is closed.
    waiting: Vec<FeedId>,
    demo_state: DemoState,
    opened_files: Vec<OpenedFiles>,
    recordings: Vec<WindowRecording>,
    /// Names without endings that recordings were given, because no two may have the same.
    recorded_stems: Vec<String>,
    savings: Vec<Saving>,
    session_recordings: SessionRecordings,
    interrupted: Interrupted,
    /// Formats in which records can be saved.
    formats: Vec<FormatScene>,
    saved: WindowSavedConnections,
    /// Saves the session.
    saver: Saver,
    /// Files beside the recordings.
    marks: MarksKeeper,
    /// Problems of files that were to be sent.
    unsent: Unsent,
    /// Readings of payloads whose schemas have been read.
    readings: Readings,
    /// Reading of the payloads of files that the command line names.
    of_files: FeedReading,
    /// Answers of the system's file dialog.
    file_answers: Answers,
    /// URLs of the demo server, which an empty pane offers.
    examples: Vec<String>,
    /// Zone of the displayed local times.
    time_zone: TimeZone,
    clock: Clock,
    /// Requests a pass when a feed has news.
    wake: WindowWake,
    /// Runs the analyses of the views on threads.
    runner: Runner,
    /// ID of the next feed. IDs are never used again.
    next_feed: u32,
    next_pane: u32,
    // These come last, because fields are dropped in order: the feeds must end before the server and the network.
    demo: Option<DemoServer>,
    net: Net,
}

impl App {
    /// Creates an app that connects to these feeds at once.
    ///
    /// It needs no window: [`take_in`](Self::take_in) and [`show`](Self::show) together are one pass. `theme` applies
    /// to this run only, and has priority over the one in the settings.
    ///
    /// # Errors
    ///
    /// Fails if the system refuses threads or, for the demo, ports.
    pub fn new(
        feeds: WindowFeeds,
        theme: Option<ThemeChoice>,
        kept: KeptSettings,
    ) -> io::Result<Self> {
        let (feeds, demo) = match feeds {
            WindowFeeds::Given(feeds) => (feeds, None),
            WindowFeeds::Files(files) => {
                let mut app = Self::with_demo(Vec::new(), None, theme, kept)?;
                app.open_files(None, files);
                return Ok(app);
            }
            WindowFeeds::Mixed(sources) => {
                let mut app = Self::with_demo(Vec::new(), None, theme, kept)?;
                app.open_sources(sources);
                return Ok(app);
            }
            WindowFeeds::Links(links) => {
                let mut app = Self::with_demo(Vec::new(), None, theme, kept)?;
                app.open_links(links);
                return Ok(app);
            }
            WindowFeeds::Last(options) => {
                let mut kept = kept;
                return match kept.load_session() {
                    Some(session) => Self::restored(session.keeping(options.limits()), theme, kept),
                    None => Self::new(WindowFeeds::Demo(options), theme, kept),
                };
            }
            WindowFeeds::Demo(options) => {
                let (feeds, demo) = demo_feeds::start(&options)?;
                (feeds, Some(demo))
            }
        };
        Self::with_demo(feeds, demo, theme, kept)
    }

    /// Creates an app with the panes and feeds of a former window.
    fn restored(
        session: Session,
        theme: Option<ThemeChoice>,
        kept: KeptSettings,
    ) -> io::Result<Self> {
        let demo = session.start_demo()?;
        let mut app = Self::with_demo(Vec::new(), demo, theme, kept)?;
        app.restore(session);
        Ok(app)
    }

    /// Creates an app like [`new`](Self::new), with a demo server that already runs.
    pub fn with_demo(
        feeds: Vec<FeedPlan>,
        demo: Option<DemoServer>,
        theme: Option<ThemeChoice>,
        mut kept: KeptSettings,
    ) -> io::Result<Self> {
        let net = Net::start(THREADS)?;
        let theme = theme.unwrap_or(kept.now.theme);
        let mut window = Window::new(theme, kept.now.utc);
        let problems = window.set_keys(&kept.now.keys);
        kept.report_keys(&problems);
        let wake = WindowWake::start()?;
        let saved = WindowSavedConnections::start(kept.connections.clone(), wake.waker());
        let runner = Runner::start(wake.waker())?;
        let saver = Saver::start(&kept.session);
        let mut app = Self {
            feeds: Vec::new(),
            panes: Vec::new(),
            closed: Vec::new(),
            left_servers: LeftServers::default(),
            window,
            theme,
            kept,
            waiting: Vec::new(),
            demo_state: DemoState::default(),
            opened_files: Vec::new(),
            recordings: Vec::new(),
            recorded_stems: Vec::new(),
            savings: Vec::new(),
            session_recordings: SessionRecordings::default(),
            interrupted: Interrupted::default(),
            formats: saving::formats(),
            saved,
            saver,
            marks: MarksKeeper::default(),
            unsent: Unsent::default(),
            readings: Readings::default(),
            of_files: FeedReading::default(),
            file_answers: Answers::default(),
            examples: demo.as_ref().map(feed_urls).unwrap_or_default(),
            time_zone: TimeZone::system(),
            clock: net.clock(),
            wake,
            runner,
            next_feed: 0,
            next_pane: 0,
            demo,
            net,
        };
        app.start_session_recordings();
        app.look_for_interrupted();
        let feeds = feeds.into_iter().map(Box::new).map(WindowSource::Feed);
        app.open_sources(feeds.collect());
        Ok(app)
    }

    /// Opens feeds and files of the command line in their order, each feed in a pane.
    fn open_sources(&mut self, sources: Vec<WindowSource>) {
        let recent = self.kept.now.recent_urls.clone();
        for source in sources {
            let plan = match source {
                WindowSource::Feed(plan) => *plan,
                WindowSource::Files(paths) => {
                    self.open_files(None, paths);
                    continue;
                }
            };
            self.remember(&plan.spec.url);
            let name = plan.name.clone();
            let feed = self.open(plan);
            let pane = self.open_pane(Some(feed));
            if let Some(name) = name {
                self.show_as_saved_later(pane, name);
            }
        }
        if self.kept.now.recent_urls != recent {
            // The list of recent URLs must not depend on a regular end.
            self.kept.save();
        }
    }

    /// Installs the fonts and the theme in an egui context. Must be called once before the first pass.
    pub fn dress(&mut self, ctx: &egui::Context) {
        feedscope_ui::install_fonts(ctx);
        self.window.set_theme(ctx, self.theme);
    }

    /// Sets the time zone for local times. The default is the system's zone.
    pub fn set_time_zone(&mut self, zone: TimeZone) {
        self.time_zone = zone;
    }

    /// Returns the demo server, if it runs.
    pub fn demo(&self) -> Option<&DemoServer> {
        self.demo.as_ref()
    }

    /// Draws a pass and then carries out the user's commands.
    pub fn show(&mut self, ui: &mut Ui) {
        let panes = self.panes();
        let now = self.clock.now();
        let demo = self.demo_scene(&panes, now.moment);
        let closed = self.closed_panes();
        let session_recordings = self.session_recordings_scene();
        let waiting = self.waiting_notice();
        let folder = std::env::current_dir().unwrap_or_default();
        let scene = Scene {
            panes: &panes,
            closed: &closed,
            demo,
            examples: &self.examples,
            recent: &self.kept.now.recent_urls,
            folder: &folder,
            formats: &self.formats,
            saved: self.saved.scene(),
            session_recordings: &session_recordings,
            now,
            time_zone: &self.time_zone,
            notice: self.kept.notice.as_deref().or(waiting.as_deref()),
        };
        let commands = self.window.show(ui, &scene);
        // The analyses that this pass needs replace those of the previous one.
        let comparison = self.demo_state.tasks();
        let tasks = self.window.tasks().into_iter().chain(comparison);
        self.runner.run(tasks.collect());
        if let Some(wait) = self.window.wants_repaint_in(&scene) {
            // A wait of zero would cost a second pass.
            ui.ctx()
                .request_repaint_after(wait.max(wake::SHORTEST_WAIT));
        }
        for command in commands {
            self.carry_out(command, ui.ctx());
        }
        if self.closed.len() > closed.len() {
            // Their memory is given back in time, also while nothing happens in the window.
            ui.ctx().request_repaint_after(KEPT_FOR);
        }
        self.save_session_soon(ui.ctx());
        self.save_marks();
    }

    /// Disconnects every feed, waits for closing handshakes up to a limit, and saves the settings.
    pub fn end(&mut self) {
        // The session contains which feeds are connected now.
        self.end_session();
        self.end_marks();
        let live = || self.feeds.iter().filter_map(OpenFeed::live);
        for feed in live() {
            feed.handle.command(FeedCommand::Disconnect);
        }
        // All feeds close at the same time, so that they share one limit.
        let limit = std::time::Instant::now() + CLOSING_LIMIT;
        for feed in live() {
            if feed.is_active() {
                feed.handle
                    .wait_ended(limit.saturating_duration_since(std::time::Instant::now()));
            }
        }
        // The recordings contain the ends of the connections.
        self.end_recordings();
        self.end_session_recording();
        self.kept.save();
    }
}

/// Returns the demo's URLs except that of its web page, which is not a feed.
fn feed_urls(demo: &DemoServer) -> Vec<String> {
    let is_page = |url: &str| Url::parse(url).is_ok_and(|url| url.path() == "/");
    demo.urls()
        .into_iter()
        .filter(|url| !is_page(url))
        .collect()
}
