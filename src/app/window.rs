//! Real window: opens it, runs the app's passes in it, and shows text instead if there is no display.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use demo_server::DemoServer;
use eframe::egui_glow::GlowConfiguration;
use eframe::{CreationContext, Frame, NativeOptions};
use egui::{Context, IconData, Ui, ViewportBuilder};
use feedscope_core::ThemeChoice;
use feedscope_files::connections::TrustedProjects;
use feedscope_files::recording::{Existing, Recorder};
use feedscope_ui::TypedAhead;
use parking_lot::Mutex;

use super::leaving::Leaving;
use super::report::{self, PassMeter};
use super::session::WindowPlace;
use super::{App, ConnectionsFile, KeptSettings, Session, memory, missing};
use crate::complaint::complain;
use crate::demo_feeds;
use crate::plan::{
    Automation, DesktopLink, FeedPlan, RecordPlan, SMALLEST_WINDOW, WindowFeeds, WindowPlan,
    WindowSource,
};
use crate::reading::FeedReading;
use crate::record::Refused;
use crate::signals::{self, Interruption};
use crate::windowless;

/// Size of a window in points if neither the command line nor the settings have one.
const USUAL_SIZE: [f32; 2] = [1280.0, 800.0];

/// Opens the window, waits until it is closed and returns the exit status.
///
/// If no window can be opened, it prints the reason and shows the same feeds as text. `started` is the time when the
/// program started.
pub fn run(plan: WindowPlan, started: Instant) -> io::Result<u8> {
    let WindowPlan {
        feeds,
        size,
        theme,
        record,
        saved,
        connections,
        reading,
        automation,
    } = plan;
    let mut kept = KeptSettings::load_usual();
    let session = match &feeds {
        WindowFeeds::Last(options) => kept
            .load_session()
            .map(|session| (session.keeping(options.limits()), options.clone())),
        _ => None,
    };
    memory::give_back_at_once();
    // The window runs the demo server in its own process.
    demo_server::return_pages_of_crowds();
    let (mut files, mut mixed, mut links) = (Vec::new(), Vec::new(), Vec::new());
    let (feeds, demo) = match feeds {
        WindowFeeds::Given(feeds) => (feeds, None),
        WindowFeeds::Files(given) => {
            files = given;
            (Vec::new(), None)
        }
        WindowFeeds::Mixed(given) => {
            mixed = given;
            (Vec::new(), None)
        }
        WindowFeeds::Links(given) => {
            links = given;
            (Vec::new(), None)
        }
        WindowFeeds::Last(_) if let Some((session, _)) = &session => {
            (Vec::new(), session.start_demo()?)
        }
        WindowFeeds::Demo(options) | WindowFeeds::Last(options) => {
            let (feeds, demo) = demo_feeds::start(&options)?;
            (feeds, Some(demo))
        }
    };
    // The file comes first: if it cannot be written, nothing is connected.
    let recorder = match record.as_ref().map(start_recorder).transpose() {
        Ok(recorder) => recorder,
        Err(refused) => {
            complain("cannot record", &refused.sentence);
            return Ok(refused.status);
        }
    };
    let recorded = recorder.as_ref().map(|recorder| recorder.progress().path);
    let (session, instead) = session.unzip();
    let has_links = !links.is_empty();
    let text = TextInstead {
        feeds: feeds.clone(),
        files: files.clone(),
        is_mixed: !mixed.is_empty(),
        reading: reading.clone(),
        automation: automation.clone(),
        record,
        recorded,
    };
    if let Some(path) = connections {
        kept.connections = ConnectionsFile {
            path: Some(path),
            is_project: true,
            trusted: TrustedProjects::usual(),
        };
    }
    let size_shown = size.or(kept.now.window_size).unwrap_or(USUAL_SIZE);
    let setup = Setup {
        session,
        links,
        feeds,
        files,
        mixed,
        reading,
        saved,
        recorder,
        demo,
        theme,
        kept,
        automation,
        keeps_size: size.is_none(),
        started,
    };
    match open(setup, size_shown) {
        Ok(status) => Ok(status),
        Err(Unopened { why, demo: _demo }) => {
            // The demo server must run until the text ends, because the feeds are on it.
            if has_links {
                return Ok(windowless::refuse_links(&why));
            }
            match instead {
                Some(options) => {
                    // A session is restored in a window only.
                    let (feeds, _demo) = demo_feeds::start(&options)?;
                    windowless::show_text(feeds, None, &text.automation, &why)
                }
                None => text.show(&why),
            }
        }
    }
}

/// Creates the file of a recording.
fn start_recorder(record: &RecordPlan) -> Result<Recorder, Refused> {
    let (target, roll) = (record.target.clone(), record.roll);
    Recorder::start(target, roll, Vec::new(), || {}).map_err(Refused::from)
}

/// Sources that are shown as text if no window can be opened.
struct TextInstead {
    feeds: Vec<FeedPlan>,
    files: Vec<PathBuf>,
    /// There are both feeds and files, which only a window shows together.
    is_mixed: bool,
    /// Reading of the payloads of the files.
    reading: FeedReading,
    automation: Automation,
    record: Option<RecordPlan>,
    /// File that was created for the window.
    recorded: Option<PathBuf>,
}

impl TextInstead {
    /// Shows the sources, or reports why they are not shown. Returns the exit status.
    fn show(self, why: &str) -> io::Result<u8> {
        if self.files.is_empty() {
            remove_unused(self.record.as_ref(), self.recorded);
        }
        if self.is_mixed {
            Ok(windowless::refuse_mixture(why))
        } else if self.files.is_empty() {
            windowless::show_text(self.feeds, self.record, &self.automation, why)
        } else {
            windowless::show_files(self.files, self.reading, why)
        }
    }
}

/// Removes the file without feeds that was created for a window that did not open. Text output creates it again.
fn remove_unused(record: Option<&RecordPlan>, path: Option<PathBuf>) {
    let is_new = record.is_some_and(|record| record.target.existing == Existing::Refuse);
    if let Some(path) = path.filter(|_| is_new) {
        // A file that stays is refused by name.
        fs::remove_file(path).ok();
    }
}

/// Parts that the window is made of.
struct Setup {
    /// Session to restore.
    session: Option<Session>,
    /// Links to ask about.
    links: Vec<DesktopLink>,
    feeds: Vec<FeedPlan>,
    files: Vec<PathBuf>,
    /// Both feeds and files, in their order.
    mixed: Vec<WindowSource>,
    /// Reading of the payloads of the files.
    reading: FeedReading,
    saved: Vec<String>,
    recorder: Option<Recorder>,
    demo: Option<DemoServer>,
    theme: Option<ThemeChoice>,
    kept: KeptSettings,
    automation: Automation,
    /// The size is to be saved, because the command line gave none.
    keeps_size: bool,
    started: Instant,
}

/// Failure to open a window, with the parts that are needed to show text instead.
struct Unopened {
    why: String,
    demo: Option<DemoServer>,
}

/// Opens the window and runs it. Returns the exit status.
fn open(setup: Setup, size: [f32; 2]) -> Result<u8, Unopened> {
    // The creator takes the setup. If it is still there afterwards, no window was created.
    let setup = RefCell::new(Some(setup));
    let outcome = Rc::new(RefCell::new(None));
    let opening = Arc::new(Opening::default());
    let creator = |creation: &CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
        opening.done();
        let setup = setup.take().ok_or("a second window was asked for")?;
        Ok(Box::new(Shell::new(setup, Rc::clone(&outcome), creation)?))
    };
    let attempt = || eframe::run_native("feedscope", options(size), Box::new(creator));
    let result = opening.quietly(attempt);
    let why = match result {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(reason(&cause(&error), &format!("{error:?}"))),
        Err(panic) => Some(reason(&panic, "")),
    };
    let status = outcome.borrow().unwrap_or(1);
    match (why, setup.take()) {
        // The window was never created.
        (Some(why), Some(setup)) => Err(Unopened {
            why,
            demo: setup.demo,
        }),
        (Some(why), None) => {
            complain("window", &why);
            Ok(1)
        }
        (None, _) => Ok(status),
    }
}

/// Returns the cause in words for people. eframe's list of OpenGL configurations is left out.
fn cause(error: &eframe::Error) -> String {
    match error {
        eframe::Error::NoGlutinConfigs(..) => {
            "there is no OpenGL to draw with: on Debian and Ubuntu it comes with the packages libegl1, libgl1 and \
             libgl1-mesa-dri"
                .to_owned()
        }
        other => other.to_string(),
    }
}

/// Returns the reason in one sentence, with the package of a missing library.
fn reason(message: &str, details: &str) -> String {
    let first_line = message.lines().next().unwrap_or_default();
    let cause = without_place(first_line).trim_end_matches('.');
    match missing::advice(message).or_else(|| missing::advice(details)) {
        Some(advice) => format!("{cause}: {advice}"),
        None => cause.to_owned(),
    }
}

/// Removes the place in winit's source code from a message: `… at …/mod.rs:765: the cause` becomes `the cause`.
fn without_place(message: &str) -> &str {
    let after_place = message
        .rsplit_once(".rs:")
        .and_then(|(_, rest)| rest.split_once(": "));
    match after_place {
        Some((line, cause)) if line.bytes().all(|byte| byte.is_ascii_digit()) => cause,
        _ => message,
    }
}

/// Returns eframe's options for a window of this size.
fn options(size: [f32; 2]) -> NativeOptions {
    let mut viewport = ViewportBuilder::default()
        .with_app_id("feedscope")
        .with_title("Feedscope")
        .with_inner_size(size)
        .with_min_inner_size(SMALLEST_WINDOW);
    if let Some(icon) = icon() {
        viewport = viewport.with_icon(icon);
    }
    let glow_options = GlowConfiguration {
        vsync: true,
        ..GlowConfiguration::default()
    };
    NativeOptions {
        viewport,
        glow_options,
        // The window has no gradients, and dithering costs time for every pixel on a software rasterizer.
        dithering: false,
        ..NativeOptions::default()
    }
}

/// Decodes the icon. A window without an icon still works, so that an error gives `None`.
fn icon() -> Option<IconData> {
    let file = include_bytes!("../../assets/feedscope-64.png");
    let mut reader = png::Decoder::new(io::Cursor::new(&file[..]))
        .read_info()
        .ok()?;
    let mut rgba = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut rgba).ok()?;
    let is_rgba = (info.color_type, info.bit_depth) == (png::ColorType::Rgba, png::BitDepth::Eight);
    is_rgba.then_some(IconData {
        rgba,
        width: info.width,
        height: info.height,
    })
}

/// Guard against panics of winit, which panics if a library is missing. While the window opens, such a panic is an
/// expected failure.
#[derive(Default)]
struct Opening {
    /// The window is open.
    is_done: AtomicBool,
    /// Message of the panic that was caught.
    panic: Mutex<Option<String>>,
}

impl Opening {
    /// Marks the end of the opening. Later panics are not caught.
    fn done(&self) {
        self.is_done.store(true, Ordering::Release);
    }

    /// Runs `attempt`. A panic of this thread before [`done`](Self::done) is returned as its message.
    fn quietly<R>(self: &Arc<Self>, attempt: impl FnOnce() -> R) -> Result<R, String> {
        let (opening, here) = (Arc::clone(self), thread::current().id());
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // Panics of other threads, and later ones, are errors of the program and are reported in the usual way.
            if opening.is_done.load(Ordering::Acquire) || thread::current().id() != here {
                usual(info);
            } else {
                let message = info.payload_as_str().unwrap_or("the window system failed");
                *opening.panic.lock() = Some(message.to_owned());
            }
        }));
        match panic::catch_unwind(AssertUnwindSafe(attempt)) {
            Ok(result) => Ok(result),
            Err(panic) if self.is_done.load(Ordering::Acquire) => panic::resume_unwind(panic),
            Err(_) => Err(self.panic.lock().take().unwrap_or_default()),
        }
    }
}

/// App in its window, as eframe runs it.
struct Shell {
    app: App,
    typed_ahead: TypedAhead,
    leaving: Leaving,
    meter: Option<PassMeter>,
    report: Option<PathBuf>,
    /// Size to save for the next run; `None` until the window has reported one.
    size: Option<[f32; 2]>,
    /// Place to save for the next run.
    place: WindowPlace,
    /// The size is saved, because the command line gave none.
    keeps_size: bool,
    interruption: Arc<Mutex<Option<Interruption>>>,
    /// Exit status, which the caller of eframe reads after the window has closed.
    outcome: Rc<RefCell<Option<u8>>>,
}

impl Shell {
    fn new(
        setup: Setup,
        outcome: Rc<RefCell<Option<u8>>>,
        creation: &CreationContext<'_>,
    ) -> io::Result<Self> {
        let Setup {
            session,
            links,
            feeds,
            files,
            mixed,
            reading,
            saved,
            recorder,
            demo,
            theme,
            mut kept,
            automation,
            keeps_size,
            started,
        } = setup;
        let ctx = &creation.egui_ctx;
        let place = kept.session.load_place();
        let mut app = App::with_demo(feeds, demo, theme, kept)?;
        if keeps_size {
            place.apply(creation);
        }
        app.saver.set_place(place);
        if let Some(session) = session {
            app.restore(session);
        }
        if !links.is_empty() {
            app.open_links(links);
        }
        if !files.is_empty() || !mixed.is_empty() {
            app.read_files_with(reading);
        }
        if !files.is_empty() {
            app.open_files(None, files);
        }
        app.open_sources(mixed);
        if !saved.is_empty() {
            app.open_saved_first(saved);
        }
        if let Some(recorder) = recorder {
            app.record_with(recorder);
        }
        app.dress(ctx);
        #[cfg(feature = "inspection")]
        super::frame_log::install(ctx)?;
        let meter = automation
            .report
            .is_some()
            .then(|| PassMeter::install(ctx, started));
        let interruption = Arc::new(Mutex::new(None));
        let (told, window) = (Arc::clone(&interruption), ctx.clone());
        signals::watch(move |interruption| {
            *told.lock() = Some(interruption);
            window.request_repaint();
        })?;
        let report = automation.report.clone();
        let leaving = Leaving::new(automation);
        Ok(Self {
            app,
            typed_ahead: TypedAhead::default(),
            leaving,
            meter,
            report,
            size: None,
            place,
            keeps_size,
            interruption,
            outcome,
        })
    }

    /// Stores the size and the place that the user gave the window.
    fn note_size(&mut self, ctx: &Context) {
        let pixels = ctx.pixels_per_point();
        self.place = ctx.input(|input| WindowPlace::of(input.viewport(), pixels, self.place));
        if self.keeps_size {
            self.app.save_place(self.place);
        }
        // The settings use the window system's points, so that egui's zoom factor is removed.
        let zoom = ctx.zoom_factor();
        let size = ctx.input(|input| {
            let viewport = input.viewport();
            let is_whole_screen =
                viewport.maximized == Some(true) || viewport.fullscreen == Some(true);
            viewport
                .inner_rect
                .filter(|_| !is_whole_screen)
                .map(|rect| rect.size() * zoom)
        });
        if let Some(size) =
            size.filter(|size| size.x >= SMALLEST_WINDOW[0] && size.y >= SMALLEST_WINDOW[1])
        {
            self.size = Some([size.x.round(), size.y.round()]);
        }
    }
}

impl eframe::App for Shell {
    fn raw_input_hook(&mut self, ctx: &Context, input: &mut egui::RawInput) {
        if self.typed_ahead.take_in(&mut input.events) {
            ctx.request_repaint();
        }
    }

    fn logic(&mut self, ctx: &Context, _frame: &mut Frame) {
        self.app.take_in(ctx);
        let is_interrupted = self.interruption.lock().is_some();
        self.leaving.look(ctx, is_interrupted);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut Frame) {
        self.app.show(ui);
        self.note_size(ui.ctx());
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        feedscope_ui::ground(visuals).to_normalized_gamma_f32()
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        // The report shows the feeds before they are disconnected here.
        let feeds = self.app.feeds();
        if self.keeps_size && self.size.is_some() {
            self.app.kept.now.window_size = self.size;
        }
        self.app.end();
        let mut is_well = self.leaving.is_well();
        if let (Some(meter), Some(path)) = (&self.meter, &self.report)
            && let Err(error) = report::write(path, meter, &feeds)
        {
            complain(
                &path.display().to_string(),
                &format!("the report cannot be written: {error}"),
            );
            is_well = false;
        }
        let status = match *self.interruption.lock() {
            Some(interruption) => interruption.exit_status(),
            None => u8::from(!is_well),
        };
        *self.outcome.borrow_mut() = Some(status);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_is_there() {
        let icon = icon().unwrap();
        assert_eq!(
            (icon.width, icon.height, icon.rgba.len()),
            (64, 64, 64 * 64 * 4)
        );
    }

    #[test]
    fn a_reason_is_a_sentence_without_places_in_sources() {
        let message = "winit EventLoopError: os error at /x/linux/mod.rs:765: DISPLAY is not set.";
        assert_eq!(reason(message, ""), "DISPLAY is not set");
        assert_eq!(reason("no GL", ""), "no GL");
        let details = "OpenError { detail: \"libX11.so.6: cannot open shared object file\" }";
        assert!(reason("os error at /x/mod.rs:7: it failed", details).ends_with("libx11-6"));
    }

    #[test]
    fn a_panic_while_opening_is_an_answer() {
        let opening = Arc::new(Opening::default());
        let result = opening.quietly(|| panic!("Library libxkbcommon-x11.so could not be loaded."));
        let message: Result<(), _> = result;
        assert!(reason(&message.unwrap_err(), "").contains("libxkbcommon-x11-0"));
    }
}
