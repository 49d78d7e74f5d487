//! Window: one pass over the scene, from the shortcuts to the commands.

mod actions;
mod confirmation;
mod focus;
mod pane_control;
mod session;
mod sheets;

pub use session::WindowSession;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use egui::{Rect, Ui};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::filter::ParseContext;
use feedscope_analysis::measures::MeasuredFields;
use feedscope_core::{ConnectionState, ThemeChoice};
use jiff::tz::TimeZone;

use crate::activity::Activity;
use crate::columns::{AllColumns, ColumnChoice};
use crate::command::{Command, FilePurpose, NewFile};
use crate::command_palette::CommandPalette;
use crate::demo_panel::{self, DemoPanel, Page};
use crate::demo_scene::{DemoCommand, DemoScene};
use crate::digest::Digest;
use crate::feed_source::LiveSource;
use crate::file_scene::FileStage;
use crate::ids::{FeedId, PaneId};
use crate::lens::{AllLenses, PayloadReading};
use crate::link_sheet::LinkSheet;
use crate::pane::PaneView;
use crate::pane_request::PaneRequest;
use crate::path_dialog::PathDialog;
use crate::path_field::PathCheck;
use crate::refused_typing::RefusedTyping;
use crate::replay_bar::{self, ReplayBar};
use crate::save::SaveDialog;
use crate::saved::{AskScene, AskSheet, ConnectionList, FoundSecret, SaveScene, SavedSheet};
use crate::scene::Scene;
use crate::session_recordings::SessionRecordingsSheet;
use crate::shortcuts::{self, KeyMap};
use crate::theme::{self, size};
use crate::tiles::{self, Tiles};
use crate::toast::Toast;
use crate::top_bar::TopBarRequest;
use crate::trace::TraceScale;
use crate::widgets::{hide_covered_pointer, show_pointer, take_bottom, take_top};
use crate::{demo_strip, focus_ring, help, notices, pointer, top_bar, words};

/// State of the window itself: open, selected and scrolled parts, but no received data.
pub struct Window {
    theme: ThemeChoice,
    /// Times are shown in UTC instead of local time.
    utc: bool,
    /// State of each pane's view.
    panes: BTreeMap<PaneId, PaneView>,
    /// Views of closed panes that can be opened again.
    closed_views: BTreeMap<PaneId, PaneView>,
    /// Layout of the panes.
    tiles: Tiles,
    /// Pane that receives the keys.
    focused: PaneId,
    activity: Activity,
    help_open: bool,
    /// The sheet with the messages about the whole window is open.
    notices_open: bool,
    /// Command palette, if it is open.
    palette: Option<CommandPalette>,
    keys: Arc<KeyMap>,
    /// Pane whose closing the user has to confirm.
    closing: Option<PaneId>,
    path_dialog: Option<PathDialog>,
    connection_list: Option<ConnectionList>,
    saved_sheet: Option<SavedSheet>,
    /// Dialog that saves records, with the pane that shows them.
    save_dialog: Option<(PaneId, SaveDialog)>,
    session_recordings: Option<SessionRecordingsSheet>,
    ask_sheet: Option<AskSheet>,
    link_sheet: Option<LinkSheet>,
    toast: Toast,
    refused_typing: RefusedTyping,
    digest: Digest,
    demo_panel: DemoPanel,
    replay_bar: ReplayBar,
    columns: AllColumns,
    lenses: AllLenses,
}

impl Window {
    /// Creates a window without panes.
    pub fn new(theme: ThemeChoice, utc: bool) -> Self {
        Self {
            theme,
            utc,
            panes: BTreeMap::new(),
            closed_views: BTreeMap::new(),
            tiles: Tiles::default(),
            focused: PaneId::default(),
            activity: Activity::default(),
            help_open: false,
            notices_open: false,
            palette: None,
            keys: Arc::default(),
            closing: None,
            path_dialog: None,
            connection_list: None,
            saved_sheet: None,
            save_dialog: None,
            session_recordings: None,
            ask_sheet: None,
            link_sheet: None,
            toast: Toast::default(),
            refused_typing: RefusedTyping::default(),
            digest: Digest::default(),
            demo_panel: DemoPanel::default(),
            replay_bar: ReplayBar::default(),
            columns: AllColumns::default(),
            lenses: AllLenses::default(),
        }
    }

    /// Switches the theme.
    pub fn set_theme(&mut self, ctx: &egui::Context, theme: ThemeChoice) {
        self.theme = theme;
        theme::set_theme(ctx, theme);
    }

    /// Sets the columns of a feed.
    pub fn set_columns(&mut self, feed: FeedId, columns: ColumnChoice) {
        self.columns.set(feed, columns);
    }

    /// Sets the key and the columns of the newest values of a feed, as paths, the key first.
    pub fn set_latest(&mut self, feed: FeedId, paths: Vec<String>) {
        self.columns.set_latest(feed, paths);
    }

    /// Sets the fields that the measures of a feed read.
    pub fn set_measured(&mut self, feed: FeedId, fields: MeasuredFields) {
        self.columns.set_measured(feed, fields);
    }

    /// Sets the reading of a feed's payloads.
    pub fn set_reading(&mut self, feed: FeedId, reading: PayloadReading) {
        self.lenses.set_reading(feed, reading);
    }

    /// Sets the fields that are columns of a feed, as jq expressions. Expressions that do not parse are left out.
    pub fn set_fields(&mut self, feed: FeedId, fields: &[String]) {
        self.columns.set_fields(feed, fields);
    }

    /// Replaces the keys of these commands, each with its name in the settings. An entry that is not understood changes
    /// nothing; its reason is returned.
    pub fn set_keys<'a>(
        &mut self,
        keys: impl IntoIterator<Item = (&'a String, &'a Vec<String>)>,
    ) -> Vec<String> {
        let mut map = KeyMap::default();
        let replaced = keys.into_iter().map(|(name, keys)| map.replace(name, keys));
        let problems = replaced.filter_map(Result::err).collect();
        self.keys = Arc::new(map);
        problems
    }

    /// Shows UTC or local time.
    pub fn set_utc(&mut self, utc: bool) {
        self.utc = utc;
    }

    /// Passes on the answer of the system's dialog: the chosen files, none if the user closed the dialog, or a sentence
    /// about a dialog that is not there. A file to create that exists already was agreed to be replaced.
    pub fn set_chosen_files(&mut self, purpose: FilePurpose, answer: Result<Vec<NewFile>, String>) {
        let dialog = self.path_dialog.as_mut();
        // The user may have closed the dialog meanwhile, and opened another one.
        if let Some(dialog) = dialog.filter(|dialog| dialog.purpose() == purpose) {
            dialog.set_answer(answer);
        } else if let Some((_, dialog)) = &mut self.save_dialog
            && dialog.purpose() == purpose
        {
            dialog.set_answer(answer);
        }
    }

    /// Passes on the answer about a path that the user has typed.
    pub fn set_path_check(&mut self, purpose: FilePurpose, path: &Path, check: PathCheck) {
        let dialog = self.path_dialog.as_mut();
        if let Some(dialog) = dialog.filter(|dialog| dialog.purpose() == purpose) {
            dialog.set_check(path, check);
        } else if let Some((_, dialog)) = &mut self.save_dialog
            && dialog.purpose() == purpose
        {
            dialog.set_check(path, check);
        }
    }

    /// Shows a sentence for a short time, about something that has happened out of sight.
    pub fn report(&mut self, sentence: String) {
        self.toast.report(sentence);
    }

    /// Shows for a short time that another feed took the place of records, which can be restored.
    pub fn report_replaced(&mut self, records: u64, had_filter: bool) {
        self.toast.report_replaced(records, had_filter);
    }

    /// Shows for a short time that a feed was connected again without its earlier records, which can be restored.
    pub fn report_reconnected(&mut self, records: u64) {
        self.toast.report_reconnected(records);
    }

    /// Shows a command line that cannot be opened in the URL field of a pane, with the reason.
    pub fn refuse_line(&mut self, pane: PaneId, line: String, problem: String) {
        let view = self.panes.entry(pane).or_default();
        view.url.refuse_line(line, problem);
    }

    /// Asks the user before a saved connection is opened.
    pub fn ask(&mut self, question: AskScene) {
        self.ask_sheet = Some(AskSheet::new(question));
    }

    /// Asks the user before the feeds of links are opened.
    pub fn ask_links(&mut self, urls: Vec<url::Url>) {
        self.link_sheet = Some(LinkSheet::new(urls));
    }

    /// Opens the form that saves the connection of a feed.
    pub fn show_save(&mut self, feed: FeedId, scene: SaveScene) {
        self.saved_sheet = Some(SavedSheet::of_pane(feed, scene));
    }

    /// Asks in the open form about values that look like secrets, before the connection is saved. They begin with those
    /// of the pane.
    pub fn ask_about_secrets(&mut self, secrets: Vec<FoundSecret>) {
        if let Some(sheet) = &mut self.saved_sheet {
            sheet.ask_about(secrets);
        }
    }

    /// Passes on the result of a change of the file of connections, as a sentence. The form closes if the change was
    /// written.
    pub fn set_saved(&mut self, result: Result<String, String>) {
        match (result, &mut self.saved_sheet) {
            (Ok(sentence), _) => {
                self.saved_sheet = None;
                self.toast.report(sentence);
            }
            (Err(problem), Some(sheet)) => sheet.refuse(problem),
            (Err(problem), None) => {
                if let Some(list) = &mut self.connection_list {
                    list.refuse(problem);
                }
            }
        }
    }

    /// Closes the lines for the name of a message of a feed, because the message is saved.
    pub fn end_naming(&mut self, feed: FeedId) {
        for view in self.panes.values_mut() {
            view.end_naming(feed);
        }
    }

    /// Writes a saved message with this name into the composer of a pane, in the form with this name.
    pub fn write_message(&mut self, pane: PaneId, name: String, text: String, form: &str) {
        let view = self.panes.entry(pane).or_default();
        view.write_message(name, text, form);
    }

    /// Returns the typed filter of a pane.
    pub fn filter_of(&self, pane: PaneId) -> &str {
        self.panes.get(&pane).map_or("", |view| view.filter.text())
    }

    /// Sets the filter of a pane, whose view may not exist before the next pass.
    pub fn set_filter(&mut self, pane: PaneId, filter: &str) {
        self.panes.entry(pane).or_default().filter.set(filter);
    }

    /// Returns true if the list of the demo server's clients is open.
    pub fn shows_clients(&self) -> bool {
        self.demo_panel.page() == Some(Page::Clients)
    }

    /// Returns true if the comparison of both protocols is open.
    pub fn shows_comparison(&self) -> bool {
        self.demo_panel.page() == Some(Page::Compare)
    }

    /// Draws the window and returns the user's commands in order.
    pub fn show(&mut self, ui: &mut Ui, scene: &Scene<'_>) -> Vec<Command> {
        let mut commands = Vec::new();
        self.keys.apply(ui);
        self.sync(ui, scene);
        pointer::accept_long_clicks(ui);
        self.focused = self.activity.pressed(ui).unwrap_or(self.focused);
        // Shortcuts come before the widgets, so that a focused widget does not take the keys.
        shortcuts::remove_text_of_alt(ui);
        let is_escaped = self.begin_focus(ui, scene);
        self.handle_keys(ui, scene, &mut commands);
        let window = ui.max_rect();
        hide_covered_pointer(ui.ctx());

        // Each bar cuts its strip off the area, and the panes get the rest.
        let mut area = window;
        let top = take_top(&mut area, size::TOP_BAR);
        let notices = notices::of(scene);
        let of_bar = (self.utc, self.toast.right_end(ui));
        let bar = top_bar::show(ui, top, of_bar, (scene, &notices), &mut commands);
        self.run_request(bar.request, scene, &mut commands);
        // The demo takes its room first, and is drawn after the panes, because Tab visits it last.
        let demo = scene.demo.as_ref().filter(|demo| !demo.hidden);
        let comparison = demo.map(|demo| &demo.comparison);
        let is_compared = comparison.is_some_and(|it| it.event_stream.shown && it.web_socket.shown);
        TraceScale::set_compared(ui, is_compared);
        TraceScale::set_longest(ui, longest_file(scene));
        let demo = demo.map(|demo| (demo, self.take_demo(&mut area, window, scene, demo)));
        let replayed = self.replay_bar.take_place(&mut area, scene, self.focused);
        if area.height() > 0.0 {
            self.show_panes(ui, area, window, scene, &mut commands);
        }
        if let Some((feed, rect)) = replayed {
            let place = replay_bar::ReplayBarPlace {
                rect,
                feed,
                now: scene.now.moment,
                zone: if self.utc {
                    &TimeZone::UTC
                } else {
                    scene.time_zone
                },
            };
            if let Some(step) = self.replay_bar.show(ui, &place, &mut commands) {
                self.step_replay(feed, step, scene, &mut commands);
            }
        }
        if let Some((demo, rects)) = demo {
            self.show_demo(ui, rects, scene, demo, &mut commands);
        }
        show_pointer(ui.ctx());
        self.show_closing(ui, scene, &mut commands);
        if self.help_open {
            let wish = help::show(ui, scene.demo.is_some());
            self.help_open = wish == help::HelpRequest::Stay;
            if wish == help::HelpRequest::Tour {
                commands.push(Command::Demo(DemoCommand::Show(true)));
                self.demo_panel.open(Page::Tour);
            }
        }
        self.show_opening(ui, window, scene, &mut commands);
        self.show_saved(ui, scene, &mut commands);
        if let Some(sheet) = &mut self.session_recordings
            && !sheet.show(ui, scene.session_recordings, &mut commands)
        {
            self.session_recordings = None;
        }
        if self.notices_open {
            self.notices_open = notices::show_sheet(ui, &notices, &mut commands);
        }
        self.show_palette(ui, scene, &mut commands);
        if let Some(confirmation) = confirmation::of(ui, &commands, scene, &self.panes) {
            self.toast.confirm(confirmation);
        }
        let message = self.panes.values_mut().find_map(PaneView::take_message);
        if let Some(message) = message {
            self.toast.confirm(message.into());
        }
        self.place_opened(&commands);
        if let Some(action) = self.toast.show(ui, &bar) {
            self.run_of_toast(ui, action, scene, &mut commands);
        }
        self.digest.show(ui, scene);
        self.end_focus(ui, is_escaped);
        focus_ring::show(ui);
        if let Some(pane) = self.activity.focused(ui) {
            self.focused = pane;
            ui.ctx().request_repaint();
        }
        commands
    }

    /// Carries out a request of the top bar.
    fn run_request(
        &mut self,
        request: Option<TopBarRequest>,
        scene: &Scene<'_>,
        commands: &mut Vec<Command>,
    ) {
        match request {
            Some(TopBarRequest::Help) => self.help_open = true,
            Some(TopBarRequest::Notices) => self.notices_open = true,
            Some(TopBarRequest::Connections) => {
                self.connection_list = Some(ConnectionList::default());
            }
            Some(TopBarRequest::Open) => {
                self.path_dialog = Some(PathDialog::new(FilePurpose::Open));
            }
            Some(TopBarRequest::Pane) => {
                self.fulfill(PaneRequest::Open(self.roomiest(), None), scene, commands);
            }
            None => {}
        }
    }

    /// Cuts the areas of the demo's strip and of its open panel off the bottom of `area`.
    fn take_demo(
        &mut self,
        area: &mut Rect,
        window: Rect,
        scene: &Scene<'_>,
        demo: &DemoScene,
    ) -> (Rect, Option<Rect>) {
        let strip = take_bottom(area, size::DEMO_STRIP);
        // Only stacked panes share the height of the window.
        let stacked = if window.height() < size::TABS_BELOW || window.width() >= size::STACK_BELOW {
            1
        } else {
            scene.panes.len()
        };
        (strip, self.demo_panel.take_place(area, stacked, demo))
    }

    /// Draws the demo's strip and the panel above it.
    fn show_demo(
        &mut self,
        ui: &mut Ui,
        (strip, panel): (Rect, Option<Rect>),
        scene: &Scene<'_>,
        demo: &DemoScene,
        commands: &mut Vec<Command>,
    ) {
        if let Some(rect) = panel {
            let place = demo_panel::DemoPagePlace {
                rect,
                demo,
                focused: self.focused,
                zone: if self.utc {
                    &TimeZone::UTC
                } else {
                    scene.time_zone
                },
            };
            self.demo_panel.show(ui, &place, commands);
        }
        demo_strip::show(
            ui,
            strip,
            demo,
            self.focused,
            &mut self.demo_panel,
            commands,
        );
    }

    /// Draws the panes in the user's layout. In a narrow window they are stacked, in a low one they are tabs.
    fn show_panes(
        &mut self,
        ui: &mut Ui,
        area: Rect,
        window: Rect,
        scene: &Scene<'_>,
        commands: &mut Vec<Command>,
    ) {
        let zone = if self.utc {
            &TimeZone::UTC
        } else {
            scene.time_zone
        };
        self.tiles.set_area(tiles::area_of_grid(window, area));
        let order = self.tiles.order();
        let count = order.len();
        let mut requests = Vec::new();
        let mut drawing = tiles::Drawing {
            views: &mut self.panes,
            scene,
            area,
            focused: &mut self.focused,
            requests: &mut requests,
            now: scene.now.moment,
            zone,
            columns: &self.columns,
            lenses: &self.lenses,
            context: ParseContext {
                zone_offset_seconds: words::offset_seconds(scene.now.utc, zone),
            },
            tab_width: 0.0,
            drawn: Vec::new(),
            front: None,
            commands,
        };
        // A window that is too low for its stacked panes shows tabs, too.
        let narrow = window.width() < size::STACK_BELOW;
        let low = window.height() < size::TABS_BELOW
            || (narrow && area.height() < size::LEAST_STACKED * count as f32);
        if low && count > 1 {
            drawing.show_alone(ui, &order);
        } else if narrow {
            drawing.show_stacked(ui, &order);
        } else {
            self.tiles.show(ui, area, &mut drawing);
        }
        self.activity.note_drawn(drawing.drawn);
        for (pane, view) in &mut self.panes {
            if let Some((number, feed)) = view.take_saved_answer().zip(scene.feed_of(*pane)) {
                let purpose = FilePurpose::Answer(feed.id, number);
                self.path_dialog = Some(PathDialog::new(purpose));
            }
            if let Some(sentence) = view.take_lost_part() {
                self.toast.confirm(sentence.into());
            }
        }
        self.go_to_other_rows(ui, scene);
        // The tree of tiles is borrowed while it is drawn, so that requests to change it are handled here.
        for request in requests {
            self.fulfill(request, scene, commands);
        }
    }

    /// Returns the analyses that the views need. The app runs them on other threads.
    pub fn tasks(&self) -> Vec<Task> {
        let of_panes = self.panes.values().flat_map(PaneView::tasks);
        let of_window = self.replay_bar.tasks().chain(self.lenses.tasks());
        of_panes.chain(of_window).collect()
    }

    /// Returns the time until the next pass that a visible clock or countdown requires, if there is one.
    pub fn wants_repaint_in(&self, scene: &Scene<'_>) -> Option<Duration> {
        /// Interval while a countdown or a turning arc is visible.
        const COUNTDOWN: Duration = Duration::from_millis(100);
        /// Interval while only seconds are counted.
        const SILENT: Duration = Duration::from_secs(1);
        let refusing = scene
            .demo
            .as_ref()
            .is_some_and(|demo| demo.refusing_for.is_some());
        let live = scene.feeds().filter_map(|feed| feed.source.live());
        let feeds = live.map(|LiveSource { spec, status }| match status.state {
            // A slow answer may take hours, and its wait is shown in whole seconds.
            ConnectionState::Connecting
                if words::slow_answer(status, spec.protocol(), scene.now.moment).is_some() =>
            {
                Some(SILENT)
            }
            ConnectionState::Connecting
            | ConnectionState::Reconnecting
            | ConnectionState::Closing => Some(COUNTDOWN),
            ConnectionState::Open => Some(SILENT),
            ConnectionState::Idle | ConnectionState::Closed | ConnectionState::Failed => None,
        });
        // The duration of a recording and a countdown are shown in seconds.
        let is_recorded = scene
            .feeds()
            .any(|feed| feed.is_recorded() || feed.counts_down());
        let demo = [
            refusing.then_some(SILENT),
            is_recorded.then_some(SILENT),
            self.demo_panel.wants_repaint_in(),
            replay_bar::wants_repaint_in(scene),
        ];
        feeds.chain(demo).flatten().min()
    }
}

/// Returns the length of the longest file; `None` if a feed is live, or a file is not complete or has no times.
fn longest_file(scene: &Scene<'_>) -> Option<Duration> {
    let mut longest = None;
    for feed in scene.feeds() {
        let file = feed.source.file()?;
        match file.stage {
            FileStage::Opening | FileStage::Reading { .. } | FileStage::BeingWritten => {
                return None;
            }
            FileStage::Complete | FileStage::Failed => {}
        }
        let span = file.span.filter(|_| !file.lacks_times());
        let length = span.map(|(first, last)| last.moment.since(first.moment));
        longest = longest.max(length);
    }
    longest
}
