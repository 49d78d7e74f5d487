//! Window without a screen over a feed without a network.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{
    Context, Event, Id, Key, Modifiers, MouseWheelUnit, PointerButton, Pos2, RawInput, Rect, Vec2,
    pos2, vec2,
};
use feedscope_analysis::analysis::STEP_BYTES;
use feedscope_core::feed::{FeedSpec, FeedStatus};
use feedscope_core::store::{Store, StoreWriter};
use feedscope_core::{ConnectionState, Kind, Record, Sink as _, Stamp, ThemeChoice, Timestamp};
use feedscope_ui::{
    FeedId, FeedScene, FeedSource, LiveSource, PaneId, PaneScene, SavedScene, Scene,
    SessionRecordingsScene, Window, install_fonts,
};
use jiff::tz::TimeZone;

use crate::ticks::{FIELDS, Tick, push_call, push_keyed, push_tick, push_wide, stamp};

const PANE: PaneId = PaneId(0);
const SIZE: Vec2 = vec2(1280.0, 800.0);

/// Size of a large screen whose points are pixels.
const LARGE: Vec2 = vec2(3840.0, 2160.0);

/// Window with panes.
pub(crate) struct Bench {
    ctx: Context,
    window: Window,
    panes: Vec<PaneScene>,
    /// One for each pane.
    pub(crate) writers: Vec<StoreWriter>,
    /// Function that pushes the next record of each feed.
    pub(crate) tick: Tick,
    size: Vec2,
    passes: u32,
}

impl Bench {
    /// Creates a window that follows a feed with this many rows.
    pub(crate) fn with_ticks(rows: u64) -> Self {
        Self::following(rows, push_tick)
    }

    /// Creates a window that follows a feed with this many rows, which `tick` pushes.
    fn following(rows: u64, tick: Tick) -> Self {
        let (mut writer, store) = Store::new(u64::MAX);
        for number in 0..rows {
            tick(&mut writer, number);
        }
        let mut bench = Self::new(vec![(writer, store)], SIZE);
        bench.tick = tick;
        bench
    }

    /// Creates a window that follows a feed with this many rows, and plots a number of all of them.
    pub(crate) fn with_plot(rows: u64) -> Self {
        let mut bench = Self::with_ticks(rows);
        // The tree of the newest row receives the keys, and its second value is the price.
        for key in [Key::ArrowUp, Key::Enter, Key::ArrowDown, Key::P] {
            bench.press(key, Modifiers::NONE);
            bench.pass(Vec::new());
            bench.search();
        }
        let is_open = bench.place(Id::unique(("plot close", PANE))).is_some();
        assert!(is_open, "the plot is not open");
        // The first key leaves the tree, and the second one ends the selection, so that the view follows again.
        for _ in 0..2 {
            bench.press(Key::Escape, Modifiers::NONE);
            bench.search();
        }
        bench
    }

    /// Creates a window with the newest values by key, and this many rows.
    pub(crate) fn with_keys(rows: u64) -> Self {
        let mut bench = Self::following(rows, push_keyed);
        bench.press(Key::P, Modifiers::COMMAND | Modifiers::SHIFT);
        bench.pass(Vec::new());
        bench.pass(vec![Event::Text("Latest by key".to_owned())]);
        bench.press(Key::Enter, Modifiers::NONE);
        bench.pass(Vec::new());
        let chip = bench.place(Id::unique(("latest by", ".symbol", PANE)));
        let at = chip.expect("the symbol is offered as a key").center();
        bench.pass(vec![Event::PointerMoved(at)]);
        bench.pass(vec![button(at, true)]);
        bench.pass(vec![button(at, false), Event::PointerGone]);
        bench.search();
        bench.pass(Vec::new());
        let is_open = bench.place(Id::unique(("filter keys", PANE))).is_some();
        assert!(is_open, "the table is not open");
        bench
    }

    /// Creates a window with a column for each of twenty fields, and this many rows.
    pub(crate) fn with_columns(rows: u64) -> Self {
        let mut bench = Self::following(rows, push_wide);
        let fields: Vec<String> = (0..FIELDS).map(|field| format!(".f{field}")).collect();
        bench.window.set_fields(FeedId(1), &fields);
        bench.pass(Vec::new());
        bench
    }

    /// Creates a window whose rows are texts of a lens, with this many rows.
    pub(crate) fn with_lens(rows: u64) -> Self {
        let bench = Self::following(rows, push_call);
        let is_on = bench.place(Id::unique(("lens", PANE))).is_some();
        assert!(is_on, "the lens is not recognized");
        bench
    }

    /// Creates a window on a large screen with two panes, each of which follows a feed with this many rows.
    pub(crate) fn with_two_panes(rows: u64) -> Self {
        let feeds = (0..2).map(|_| {
            let (mut writer, store) = Store::new(u64::MAX);
            for number in 0..rows {
                push_tick(&mut writer, number);
            }
            (writer, store)
        });
        Self::new(feeds.collect(), LARGE)
    }

    /// Creates a window on a feed with one message.
    pub(crate) fn with_message(message: &[u8]) -> Self {
        let (mut writer, store) = Store::new(u64::MAX);
        let kind = Kind::Event {
            event: b"message",
            id: b"",
            data: message,
        };
        writer.push(&Record {
            stamp: stamp(0),
            connection: 1,
            kind,
        });
        Self::new(vec![(writer, store)], SIZE)
    }

    fn new(feeds: Vec<(StoreWriter, Store)>, size: Vec2) -> Self {
        let ctx = Context::default();
        install_fonts(&ctx);
        let mut window = Window::new(ThemeChoice::Dark, true);
        window.set_theme(&ctx, ThemeChoice::Dark);
        let status = Arc::new(FeedStatus {
            state: ConnectionState::Open,
            ..FeedStatus::default()
        });
        let url = url::Url::parse("http://127.0.0.1:1/events").unwrap();
        let mut panes = Vec::new();
        let mut writers = Vec::new();
        for (number, (writer, store)) in (0..).zip(feeds) {
            let source = FeedSource::Live(LiveSource {
                spec: Arc::new(FeedSpec::new(url.clone())),
                status: Arc::clone(&status),
            });
            let feed = FeedScene::new(FeedId(number + 1), source, store);
            panes.push(PaneScene {
                id: PaneId(PANE.0 + number),
                feed: Some(feed),
            });
            writers.push(writer);
        }
        let mut bench = Self {
            ctx,
            window,
            panes,
            writers,
            tick: push_tick,
            size,
            passes: 0,
        };
        // The first passes build the font atlas and are not measured.
        for _ in 0..10 {
            bench.pass(Vec::new());
            bench.search();
        }
        bench
    }

    pub(crate) fn store(&self) -> &Store {
        let feed = self.panes[0].feed.as_ref();
        &feed.unwrap().store
    }

    /// Draws and tessellates a pass. Returns the CPU time that this took.
    pub(crate) fn pass(&mut self, events: Vec<Event>) -> Duration {
        self.passes += 1;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, self.size)),
            time: Some(f64::from(self.passes) / 60.0),
            events,
            ..RawInput::default()
        };
        let newest = self.store().received().1.unwrap_or_default();
        let scene = Scene {
            panes: &self.panes,
            closed: &[],
            demo: None,
            examples: &[],
            recent: &[],
            folder: std::path::Path::new(""),
            formats: &[],
            saved: &SavedScene::default(),
            session_recordings: &SessionRecordingsScene::default(),
            now: Stamp {
                moment: newest,
                utc: Timestamp::default(),
            },
            time_zone: &TimeZone::UTC,
            notice: None,
        };
        let began = thread_time();
        let mut output = self.ctx.run_ui(input, |ui| {
            self.window.show(ui, &scene);
        });
        let shapes = std::mem::take(&mut output.shapes);
        let primitives = self.ctx.tessellate(shapes, output.pixels_per_point);
        let cost = thread_time().saturating_sub(began);
        assert!(!primitives.is_empty(), "nothing was drawn");
        output.drop_without_applying_deltas();
        cost
    }

    /// Runs the searches, which a thread of the app would run.
    pub(crate) fn search(&self) {
        for task in self.window.tasks() {
            while !task.step(STEP_BYTES).is_done {}
        }
    }

    /// Runs the searches for a part of a pass, because records arrive while they run.
    pub(crate) fn search_for(&self, time: Duration) {
        let began = Instant::now();
        for task in self.window.tasks() {
            while began.elapsed() < time && !task.step(STEP_BYTES).is_done {}
        }
    }

    /// Returns true if the inspector shows a record.
    pub(crate) fn is_looking(&self) -> bool {
        self.place(Id::unique(("inspector close", PANE))).is_some()
    }

    /// Returns true if a form is drawn.
    pub(crate) fn shows(&self, tab: &str) -> bool {
        self.place(form(tab)).is_some()
    }

    /// Moves the keyboard focus to a form.
    pub(crate) fn focus(&self, tab: &str) {
        self.ctx
            .memory_mut(|memory| memory.request_focus(form(tab)));
    }

    pub(crate) fn press(&mut self, key: Key, modifiers: Modifiers) -> Duration {
        let event = |pressed| Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers,
        };
        self.pass(vec![event(true), event(false)])
    }

    pub(crate) fn click_tab(&mut self, tab: &str) -> Vec<Duration> {
        let mut passes = vec![self.pass(Vec::new())];
        let rect = self.place(Id::unique(("inspector tab", PANE, tab.to_owned())));
        let at = rect.unwrap().center();
        passes.push(self.pass(vec![Event::PointerMoved(at)]));
        passes.push(self.pass(vec![button(at, true)]));
        passes.push(self.pass(vec![button(at, false)]));
        passes
    }

    pub(crate) fn wheel(&mut self, tab: &str, points: f32) -> Duration {
        let at = self.place(form(tab)).unwrap().center();
        let wheel = Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, points),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        };
        self.pass(vec![Event::PointerMoved(at), wheel])
    }

    /// Drags the scroll bar of a form from top to bottom.
    pub(crate) fn drag_bar(&mut self, tab: &str, steps: u16) -> Vec<Duration> {
        let bar = self.place(form(tab).with("bar")).unwrap();
        let at = |step: u16| {
            let part = f32::from(step) / f32::from(steps);
            pos2(bar.center().x, bar.top() + bar.height() * part)
        };
        let mut passes = vec![self.pass(vec![Event::PointerMoved(at(0))])];
        passes.push(self.pass(vec![button(at(0), true)]));
        for step in 0..=steps {
            passes.push(self.pass(vec![Event::PointerMoved(at(step))]));
        }
        passes.push(self.pass(vec![button(at(steps), false)]));
        passes
    }

    fn place(&self, id: Id) -> Option<Rect> {
        self.ctx.read_response(id).map(|response| response.rect)
    }
}

/// Returns the ID of the widget that draws a form.
fn form(tab: &str) -> Id {
    Id::unique((format!("inspector {}", tab.to_lowercase()), PANE))
}

fn button(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    }
}

/// Returns the CPU time of this thread, or the elapsed time where the system does not report it.
#[cfg(target_os = "linux")]
fn thread_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
fn thread_time() -> Duration {
    use std::sync::LazyLock;
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGAN.elapsed()
}
