//! Whole app without a display: demo server, network, stores and window. Tests wait for conditions with a deadline, and
//! never for a fixed time.

use std::time::{Duration, Instant};

use egui_kittest::Harness;
use feedscope::app::{App, KeptSettings};
use feedscope::plan::{FeedOptions, WindowFeeds};
use feedscope_core::feed::FeedSpec;

/// Deadline far beyond the needs of a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

/// Window of the whole app.
pub(crate) type Whole = Harness<'static, App>;

/// Starts the demo in a window of the default size. Its feeds are still connecting.
pub(crate) fn demo(kept: KeptSettings) -> Whole {
    let template = FeedSpec::new(url::Url::parse("http://localhost/").unwrap());
    let feeds = WindowFeeds::Demo(FeedOptions::new(template, Vec::new()));
    app_window(App::new(feeds, None, kept).unwrap())
}

/// Shows an app in a window of the default size.
pub(crate) fn app_window(app: App) -> Whole {
    Harness::builder()
        .with_size([1280.0, 800.0])
        .with_os(egui::os::OperatingSystem::Nix)
        .with_context_setup(feedscope_ui::install_fonts)
        .build_ui_state(
            |ui, app: &mut App| {
                app.take_in(ui.ctx());
                app.show(ui);
            },
            app,
        )
}

/// Draws passes until `condition` holds. Returns the time that this took.
pub(crate) fn until(
    window: &mut Whole,
    what: &str,
    condition: impl Fn(&Whole) -> bool,
) -> Duration {
    let started = Instant::now();
    while !condition(window) {
        let waited = started.elapsed();
        assert!(waited < DEADLINE, "not within {DEADLINE:?}: {what}");
        std::thread::yield_now();
        window.step();
    }
    started.elapsed()
}
