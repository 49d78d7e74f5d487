//! Whole app without a screen, at sixty passes a second, with measurements of the process's memory.

use std::fs;
use std::time::{Duration, Instant};

use egui::{Context, Event, Key, Modifiers, Pos2, RawInput, Rect, vec2};
use feedscope::app::{App, KeptSettings};
use feedscope::plan::{FeedOptions, WindowFeeds};
use feedscope_core::connection::ReconnectPolicy;
use feedscope_core::feed::FeedSpec;
use feedscope_ui::FeedScene;

const PASS: Duration = Duration::from_millis(16);

const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// App with one feed.
pub(crate) struct Headless {
    ctx: Context,
    app: App,
    started: Instant,
    /// Greatest memory after a pass.
    pub(crate) peak: Memory,
}

/// Memory of the process in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// All resident memory, including mapped files.
    pub(crate) all: u64,
    /// Resident memory that belongs to the process alone.
    pub(crate) own: u64,
}

impl Memory {
    /// Returns the present values, or zeros where the system does not report them.
    pub(crate) fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib =
                line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
            kib.unwrap_or_default() * 1024
        };
        Self {
            all: field("VmRSS:"),
            own: field("RssAnon:"),
        }
    }

    fn or_more(self, other: Self) -> Self {
        Self {
            all: self.all.max(other.all),
            own: self.own.max(other.own),
        }
    }
}

impl Headless {
    /// Connects to `url` once, with these limits in bytes.
    pub(crate) fn connect(url: url::Url, budget: u64, disk_history: u64) -> Self {
        let mut template = FeedSpec::new(url.clone());
        template.life.policy = ReconnectPolicy::Never;
        template.web_socket.keepalive = None;
        let options = FeedOptions::new(template, Vec::new());
        let options = options.keeping(Some(budget), Some(disk_history));
        let feeds = WindowFeeds::Given(vec![options.at(url)]);
        let mut app = App::new(feeds, None, KeptSettings::default()).unwrap();
        let ctx = Context::default();
        app.dress(&ctx);
        Self {
            ctx,
            app,
            started: Instant::now(),
            peak: Memory::default(),
        }
    }

    pub(crate) fn feed(&self) -> FeedScene {
        self.app.feeds().remove(0)
    }

    /// Runs passes until `condition` holds. Ends the program if it does not within a quarter of an hour.
    pub(crate) fn pass_until(&mut self, condition: impl Fn(&FeedScene) -> bool) {
        let waiting_since = Instant::now();
        loop {
            assert!(
                waiting_since.elapsed() < LONGEST_WAIT,
                "what was waited for did not come"
            );
            let began = Instant::now();
            self.pass(Vec::new());
            if condition(&self.feed()) {
                return;
            }
            std::thread::sleep(PASS.saturating_sub(began.elapsed()));
        }
    }

    /// Presses Ctrl and a key.
    pub(crate) fn press_ctrl(&mut self, key: Key) {
        let event = |pressed| Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            // These are the modifiers of the window system, except on a Mac.
            modifiers: Modifiers::CTRL | Modifiers::COMMAND,
        };
        self.pass(vec![event(true), event(false)]);
    }

    fn pass(&mut self, events: Vec<Event>) {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(1280.0, 800.0))),
            time: Some(self.started.elapsed().as_secs_f64()),
            events,
            ..RawInput::default()
        };
        self.app.take_in(&self.ctx);
        let mut output = self.ctx.run_ui(input, |ui| self.app.show(ui));
        let shapes = std::mem::take(&mut output.shapes);
        self.ctx.tessellate(shapes, output.pixels_per_point);
        output.drop_without_applying_deltas();
        self.peak = self.peak.or_more(Memory::now());
    }
}
