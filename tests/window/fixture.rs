//! Window over feeds without a network. The test itself writes their records.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Key, OutputCommand};
use egui_kittest::Harness;
use egui_kittest::kittest::{AccessKitNode, NodeT as _, Queryable as _};
use feedscope_analysis::analysis::{News, STEP_BYTES, Task};
use feedscope_core::feed::{FeedSpec, FeedStatus};
use feedscope_core::store::{Store, StoreWriter};
use feedscope_core::{
    ConnectionState, Kind, Moment, Record, Sink as _, Stamp, ThemeChoice, Timestamp,
};
use feedscope_ui::{
    Command, DemoScene, FeedId, FeedScene, FeedSource, FileCommand, FileScene, FileSource,
    FormatScene, LiveSource, OfferedFault, PaneCommand, PaneId, PaneScene, PathCheck, SavedScene,
    Scene, SessionRecordingsScene, Window, install_fonts,
};
use jiff::tz::TimeZone;

/// Left pane.
pub(crate) const LEFT: PaneId = PaneId(0);
/// Right pane.
pub(crate) const RIGHT: PaneId = PaneId(1);
/// Event stream in the left pane.
pub(crate) const EVENTS: FeedId = FeedId(1);
/// WebSocket in the right pane.
pub(crate) const CHAT: FeedId = FeedId(2);
/// Time of every pass: five minutes after the start.
pub(crate) const NOW: Moment = Moment::from_millis(300_000);

pub(crate) struct Fixture {
    pub(crate) window: Window,
    pub(crate) panes: Vec<PaneScene>,
    writers: Vec<StoreWriter>,
    /// Commands of the window in order.
    pub(crate) commands: Vec<Command>,
    /// Texts that the window copied, in order.
    pub(crate) copied: Vec<String>,
    pub(crate) notice: Option<String>,
    /// Saved connections.
    pub(crate) saved: SavedScene,
    pub(crate) sessions: SessionRecordingsScene,
    /// Panes that can be opened again. A command that closes or replaces one adds it.
    pub(crate) closed: Vec<PaneId>,
    /// Recent URLs.
    pub(crate) recent: Vec<String>,
    /// Time that has passed since [`NOW`].
    pub(crate) passed: Duration,
    /// The searches of the views run between two passes.
    pub(crate) searches: bool,
    /// Answer about each path that is typed.
    pub(crate) path_check: PathCheck,
    /// Demo server. Its tour does not open by itself.
    pub(crate) demo: DemoScene,
}

impl Default for Fixture {
    fn default() -> Self {
        let mut panes = Vec::new();
        let mut writers = Vec::new();
        for (pane, id, url) in [
            (LEFT, EVENTS, "http://127.0.0.1:1/events"),
            (RIGHT, CHAT, "ws://127.0.0.1:2/chat"),
        ] {
            let (writer, store) = Store::new(64 << 20);
            let status = FeedStatus {
                state: ConnectionState::Open,
                ..FeedStatus::default()
            };
            let spec = Arc::new(FeedSpec::new(url::Url::parse(url).unwrap()));
            let status = Arc::new(status);
            let source = FeedSource::Live(LiveSource { spec, status });
            let feed = FeedScene::new(id, source, store);
            panes.push(PaneScene {
                id: pane,
                feed: Some(feed),
            });
            writers.push(writer);
        }
        let window = Window::new(ThemeChoice::Dark, true);
        Self {
            window,
            panes,
            writers,
            commands: Vec::new(),
            copied: Vec::new(),
            notice: None,
            saved: SavedScene::default(),
            sessions: SessionRecordingsScene::default(),
            closed: Vec::new(),
            recent: Vec::new(),
            passed: Duration::ZERO,
            searches: true,
            path_check: PathCheck::Free,
            demo: demo(),
        }
    }
}

impl Fixture {
    pub(crate) fn set_status(&mut self, pane: usize, status: FeedStatus) {
        if let Some(feed) = &mut self.panes[pane].feed
            && let FeedSource::Live(live) = &mut feed.source
        {
            live.status = Arc::new(status);
        }
    }

    /// Makes a pane's feed that of a file.
    pub(crate) fn set_file(&mut self, pane: usize, file: FileScene) {
        let feed = self.panes[pane].feed.as_mut().unwrap();
        feed.source = FeedSource::File(FileSource {
            file: Arc::new(file),
            url: feed.source.url().cloned().map(Arc::new),
            protocol: feed.source.protocol(),
            reads_lines: false,
        });
    }

    /// Pushes a record into a pane's feed, `ms` after the start.
    pub(crate) fn push(&mut self, pane: usize, ms: u64, kind: Kind<'_>) {
        self.writers[pane].push(&Record {
            stamp: stamp(ms),
            connection: 1,
            kind,
        });
    }

    /// Creates a fixture with one pane over 60 events of one type. `at` returns the time of each in milliseconds.
    pub(crate) fn of_events(
        event: &str,
        at: impl Fn(u64) -> u64,
        data: impl Fn(u64) -> String,
    ) -> Self {
        let mut fixture = Self::default();
        fixture.panes.truncate(1);
        for number in 0..60 {
            let data = data(number);
            let kind = Kind::Event {
                event: event.as_bytes(),
                id: b"",
                data: data.as_bytes(),
            };
            fixture.push(0, at(number), kind);
        }
        fixture
    }

    /// Pushes numbered events. Their IDs and payloads contain the number.
    pub(crate) fn push_events(&mut self, numbers: std::ops::Range<u64>) {
        for number in numbers {
            let (id, data) = (number.to_string(), format!("tick {number}"));
            self.push(
                0,
                number / 10,
                Kind::Event {
                    event: b"price",
                    id: id.as_bytes(),
                    data: data.as_bytes(),
                },
            );
        }
    }

    /// Gives commands other keys. Returns the reasons of those that are not understood.
    pub(crate) fn set_keys(&mut self, keys: &[(String, Vec<String>)]) -> Vec<String> {
        let keys = keys.iter().map(|(name, keys)| (name, keys));
        self.window.set_keys(keys)
    }

    /// Opens another view on the left feed, below all others.
    pub(crate) fn open_second_view(&mut self) {
        let feed = self.panes[0].feed.clone();
        let id = PaneId(self.panes.len() as u32);
        self.panes.push(PaneScene { id, feed });
    }

    pub(crate) fn wants_repaint_in(&self) -> Option<Duration> {
        let scene = scene(
            &self.panes,
            &self.saved,
            (&self.sessions, &self.recent, &self.closed, self.passed),
            None,
            self.demo.clone(),
        );
        self.window.wants_repaint_in(&scene)
    }

    pub(crate) fn harness(self, width: f32, height: f32) -> Harness<'static, Self> {
        self.harness_at(width, height, 1.0)
    }

    pub(crate) fn harness_at(self, width: f32, height: f32, scale: f32) -> Harness<'static, Self> {
        // A pass of the harness takes a quarter of a second by default.
        self.harness_paced(width, height, scale, 0.25)
    }

    /// Creates a window whose passes are this many seconds apart.
    pub(crate) fn harness_paced(
        self,
        width: f32,
        height: f32,
        scale: f32,
        seconds: f32,
    ) -> Harness<'static, Self> {
        let mut harness = Harness::builder()
            .with_size([width, height])
            .with_pixels_per_point(scale)
            .with_step_dt(seconds)
            .with_os(egui::os::OperatingSystem::Nix)
            .with_context_setup(install_fonts)
            .build_ui_state(|ui, fixture: &mut Self| fixture.show(ui), self);
        harness.run_steps(2);
        harness.state_mut().commands.clear();
        harness
    }

    fn show(&mut self, ui: &mut egui::Ui) {
        let scene = scene(
            &self.panes,
            &self.saved,
            (&self.sessions, &self.recent, &self.closed, self.passed),
            self.notice.as_deref(),
            self.demo.clone(),
        );
        for command in self.window.show(ui, &scene) {
            match command {
                Command::File(FileCommand::Check(purpose, path)) => {
                    let check = self.path_check.clone();
                    self.window.set_path_check(purpose, &path, check);
                }
                other => {
                    if is_closing(&other) {
                        self.closed.push(PaneId(1_000 + self.closed.len() as u32));
                        ui.ctx().request_repaint();
                    }
                    self.commands.push(other);
                }
            }
        }
        if self.searches {
            for task in self.window.tasks() {
                if run(&task) {
                    ui.ctx().request_repaint();
                }
            }
        }
        let copied = |command: &OutputCommand| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        };
        ui.output(|output| {
            self.copied
                .extend(output.commands.iter().filter_map(copied));
        });
    }
}

/// Returns true if the app keeps what a pane shows before it carries the command out.
fn is_closing(command: &Command) -> bool {
    matches!(
        command,
        Command::Pane(
            PaneCommand::Close(_) | PaneCommand::ConnectTo { .. } | PaneCommand::ConnectWith { .. }
        )
    )
}

/// Steps an analysis until it is done. Returns true if there is a result to show.
fn run(task: &Task) -> bool {
    let mut has_news = false;
    loop {
        let step = task.step(STEP_BYTES);
        has_news |= step.news != News::None;
        if step.is_done {
            return has_news;
        }
    }
}

fn demo() -> DemoScene {
    let fault = |name: &str| OfferedFault {
        name: name.to_owned(),
        expectation: "A browser gives up for good; a persistent client tries again, more and more slowly.",
    };
    DemoScene {
        address: "127.0.0.1:41270".to_owned(),
        tour_dismissed: true,
        feeds: ["/events", "/chat", "/flood (WebSocket)"]
            .map(str::to_owned)
            .to_vec(),
        faults: [
            "stall",
            "status-500",
            "status-503",
            "status-204",
            "wrong-type",
            "cut",
            "split",
            "bad-utf8",
            "repeat-ids",
            "skip-ids",
            "delay-250",
        ]
        .map(fault)
        .to_vec(),
        ..DemoScene::default()
    }
}

fn scene<'a>(
    panes: &'a [PaneScene],
    saved: &'a SavedScene,
    (session_recordings, recent, closed, passed): (
        &'a SessionRecordingsScene,
        &'a [String],
        &'a [PaneId],
        Duration,
    ),
    notice: Option<&'a str>,
    demo: DemoScene,
) -> Scene<'a> {
    static UTC: TimeZone = TimeZone::UTC;
    static EXAMPLES: LazyLock<[String; 1]> =
        LazyLock::new(|| ["http://127.0.0.1:1/talk".to_owned()]);
    static FORMATS: [FormatScene; 2] = [
        FormatScene {
            word: "csv",
            name: "CSV",
            ending: ".csv",
            not_kept: "types",
            is_read: false,
            is_for_event_streams: false,
        },
        FormatScene {
            word: "sse",
            name: "Event stream",
            ending: ".sse",
            not_kept: "times, states",
            is_read: true,
            is_for_event_streams: true,
        },
    ];
    let now = stamp((NOW + passed).as_nanos() / 1_000_000);
    let examples = EXAMPLES.as_slice();
    Scene {
        panes,
        closed,
        demo: Some(demo),
        examples,
        recent,
        folder: std::path::Path::new("/home/guest/measurements"),
        formats: &FORMATS,
        saved,
        session_recordings,
        now,
        time_zone: &UTC,
        notice,
    }
}

/// Returns the time `ms` after the start.
pub(crate) fn stamp(ms: u64) -> Stamp {
    let utc = Timestamp::from_micros(1_795_240_000_000_000 + ms as i64 * 1_000);
    Stamp {
        moment: Moment::from_millis(ms),
        utc,
    }
}

/// Returns true for the node with the keyboard focus.
pub(crate) fn is_focused(node: &AccessKitNode<'_>) -> bool {
    node.is_focused()
}

/// Clicks a field of an open menu, types a text and presses Enter.
pub(crate) fn type_by_click(window: &mut Harness<'_, Fixture>, field: &str, text: &str) {
    window.get_by_role_and_label(Role::TextInput, field).click();
    window.run_steps(3);
    let field = window.get_by_role_and_label(Role::TextInput, field);
    assert!(field.is_focused());
    field.type_text(text);
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(6);
}

/// Returns every name in the accessibility tree.
pub(crate) fn labels(window: &Harness<'_, Fixture>) -> Vec<String> {
    let named = window.query_all_by(|node| node.label().is_some());
    named
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

/// Returns the records in sight from top to bottom.
pub(crate) fn rows(window: &Harness<'_, Fixture>) -> Vec<String> {
    let items = window.query_all_by_role(egui::accesskit::Role::ListBoxOption);
    items
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}
