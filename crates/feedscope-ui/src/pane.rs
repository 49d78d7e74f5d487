//! Pane: one view on a feed. It owns the state of the view, lays out its parts from top to bottom and draws them.

mod actions;
mod banner;
mod file_note;
mod first_row;
mod heights;
mod menu;
mod panels;
mod rows;
mod session;
mod sheet;
mod tab;
mod unreadable;

use egui::{Rect, Stroke, Ui};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::errors::Towards;
use feedscope_analysis::filter::ParseContext;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::job::Job;
use feedscope_analysis::listing::Listing;
use feedscope_core::protocol::Protocol;
use feedscope_core::store::{ClassSet, RowNumber};
use feedscope_core::{Moment, Stamp, Timestamp};
use jiff::tz::TimeZone;

use first_row::FirstRow;
use heights::{INSPECTOR, PLOT, PartHeight, PartOrder, SIDE};
use menu::{MenuChoice, menu_items};
use sheet::{Sheet, WantedSheet};

use crate::annotations::Annotations;
use crate::assembled::AssembledView;
use crate::columns::AllColumns;
use crate::command::Command;
use crate::composer::Composer;
use crate::connection_bar::{self, UrlField};
use crate::filter::FilterView;
use crate::find::FindBar;
use crate::ids::{FeedId, PaneId};
use crate::inspector::Inspector;
use crate::jump::JumpBar;
use crate::lens::{AllLenses, FeedLens, ReadingMenu};
use crate::lists::Lists;
use crate::messages::MessageChips;
use crate::pane_request::PaneRequest;
use crate::plot::{PlotSession, PlotView};
use crate::scene::{FeedScene, Scene};
use crate::selection_line::SelectionLine;
use crate::side::{OtherFeed, SidePanel, SideSession};
use crate::theme::{Palette, size};
use crate::timeline::TimelineView;
use crate::trace::TraceView;
use crate::widgets::{bottom_line, panel, take_bottom, take_top};
use crate::{
    empty, feed_names, file_bar, filter, lists, messages, plot, record, save, shortcuts, side,
    timeline, trace, words,
};

pub use session::PaneSession;
pub(crate) use tab::PaneTab;

/// Height of an inspector with its tabs and two lines.
const LEAST_INSPECTOR: f32 = 96.0;

/// State of a pane's view.
#[derive(Default)]
pub(crate) struct PaneView {
    /// Feed that the state belongs to. Another feed resets it.
    feed: Option<FeedId>,
    pub(crate) url: UrlField,
    pub(crate) timeline: TimelineView,
    pub(crate) inspector: Inspector,
    pub(crate) filter: FilterView,
    pub(crate) find: FindBar,
    pub(crate) jump: JumpBar,
    plot: PlotView,
    pub(crate) side: SidePanel,
    annotations: Annotations,
    lists: Lists,
    selection_line: SelectionLine,
    composer: Composer,
    chips: MessageChips,
    sheet: Option<Sheet>,
    /// Search for the next error, which is selected when it is found.
    error_search: Option<Job<Option<RowNumber>>>,
    /// The next error in this direction is searched in this pass.
    wanted_error: Option<Towards>,
    /// This sheet opens in the next pass.
    wanted_sheet: Option<WantedSheet>,
    pub(crate) assembled: AssembledView,
    /// Answer whose text the user saves.
    saved_answer: Option<u64>,
    /// Row of another feed that its pane selects.
    other_row: Option<(FeedId, RowNumber)>,
    /// This menu opens in this pass.
    wanted_menu: Option<ReadingMenu>,
    /// The other end of the selected pair is selected in this pass.
    wants_partner: bool,
    /// The plot opens in this pass.
    wants_plot: bool,
    /// Message that the window is to show, because an action had no effect.
    message: Option<String>,
    part_order: PartOrder,
    /// Parts that the last pass has shown: the part for measures and the like, the plot and the inspector.
    shown_parts: [bool; 3],
    /// Sentence about a part that has just lost its room to another one.
    lost_part: Option<String>,
    /// Parts that are open, but have no room.
    lacking_parts: [bool; 3],
    trace: TraceView,
    /// The whole reason of a failure is visible, also if it is long.
    shows_whole_reason: bool,
    /// Note about the file that the user has closed.
    closed_note: Option<String>,
    first_row: FirstRow,
    /// Reader of the payloads in the last pass.
    interpreter: Interpreter,
    /// Classes of records that the view of a former run showed, until the feed appears.
    restored_classes: Option<ClassSet>,
    /// Part beside the rows in a former run, until the feed appears.
    restored_side: Option<SideSession>,
    /// Plot in a former run, until the feed appears.
    restored_plot: Option<PlotSession>,
}

/// Area of a pane, and the data that it needs from the window.
pub(crate) struct PanePlace<'a> {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    /// Area of all panes.
    pub(crate) area: Rect,
    /// This pane receives the keys.
    pub(crate) focused: bool,
    /// No other pane is visible.
    pub(crate) alone: bool,
    /// The pane can be dragged to another place.
    pub(crate) movable: bool,
    /// Present time as a moment of the run.
    pub(crate) now: Moment,
    /// The present time in UTC.
    pub(crate) utc: Timestamp,
    pub(crate) zone: &'a TimeZone,
    pub(crate) columns: &'a AllColumns,
    pub(crate) lenses: &'a AllLenses,
    /// Context for parsing a filter in this pass.
    pub(crate) context: ParseContext,
}

impl PaneView {
    /// Draws the pane. Returns true if the user drags it by its grip.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        place: &PanePlace<'_>,
        scene: &Scene<'_>,
        requests: &mut Vec<PaneRequest>,
        commands: &mut Vec<Command>,
    ) -> bool {
        let feed = scene.feed_of(place.pane);
        if self.feed != feed.map(|feed| feed.id) {
            self.feed = feed.map(|feed| feed.id);
            // The feeds of a file have names, in contrast to that which stands for them while the file is opened.
            let restored = feed.filter(|feed| {
                let file = feed.source.file();
                file.is_none_or(|file| !file.feed.is_empty())
            });
            self.timeline = TimelineView::default();
            if restored.is_some()
                && let Some(shown) = self.restored_classes.take()
            {
                self.timeline.shown = shown;
            }
            self.filter.forget_hits();
            self.find.forget_hits();
            self.lists = Lists::default();
            self.selection_line = SelectionLine::default();
            self.plot = self.plot.of_next_feed(feed.map(|feed| &feed.store));
            self.trace = TraceView::default();
            self.side = SidePanel::default();
            if restored.is_some()
                && let Some(side) = self.restored_side.take()
            {
                self.side.restore(&side);
            }
            self.annotations = self.annotations.of_next_feed();
            self.first_row = FirstRow::default();
            self.read_with(feed, Interpreter::default());
            if let Some(feed) = restored
                && let Some(plot) = self.restored_plot.take()
            {
                self.plot.restore(&feed.store, &plot);
            }
            self.url.reset();
            // A comparison opens its feed anew, so that its sheet must stay open.
            self.sheet = self.sheet.take().filter(|sheet| sheet.is_of(feed));
        }
        let others = scene.feeds().filter(|other| Some(other.id) != self.feed);
        self.side.set_others(others.map(|other| OtherFeed {
            id: other.id,
            name: feed_names::of(Some(other), scene),
            store: other.store.clone(),
            lacks_times: other.source.lacks_times(),
            interpreter: place.lenses.interpreter(other.id),
        }));
        let mut area = place.rect;
        let bar = connection_bar::ConnectionBarPlace {
            pane: place.pane,
            rect: take_top(&mut area, size::CONNECTION_BAR),
            movable: place.movable,
            now: place.now,
            scene,
        };
        panel(ui, bar.rect);
        let drawn = match feed.and_then(|feed| feed.source.file()) {
            Some(file) => {
                let replay = feed.and_then(|feed| feed.replay.as_ref());
                file_bar::show(ui, &bar, file, replay, requests)
            }
            None => connection_bar::show(ui, &bar, feed, &mut self.url, commands),
        };
        let can_reopen = !scene.closed.is_empty();
        match menu_items(&drawn, place.pane, feed, can_reopen, requests, commands) {
            Some(MenuChoice::Sheet(sheet)) => self.sheet = Some(sheet),
            Some(MenuChoice::Plot) => self.wants_plot = true,
            Some(MenuChoice::Side(tab)) => self.side.open(tab),
            Some(MenuChoice::Reading(menu)) => self.wanted_menu = Some(menu),
            None => {}
        }
        if let Some(feed) = feed {
            if feed.source.is_unreadable() {
                self.show_unreadable(ui, place, area, feed, requests, commands);
            } else {
                self.show_feed(ui, place, area, feed, commands);
            }
            let lens = place.lenses.of(feed.id);
            if let Some(sheet) = &mut self.sheet
                && !sheet.show(ui, place.pane, (feed, lens), commands)
            {
                self.sheet = None;
            }
        } else {
            self.banner(ui, place, &mut area, None, commands);
            empty::show(ui, place.pane, area, scene, &mut self.url, commands);
        }
        // Only inner edges get a line, so that the window has no border.
        let palette = Palette::of(ui);
        let edge = Stroke::new(1.0, palette.line);
        if place.rect.left() > place.area.left() {
            ui.painter()
                .vline(place.rect.left() + 0.5, place.rect.y_range(), edge);
        }
        if place.rect.top() > place.area.top() {
            ui.painter()
                .hline(place.rect.x_range(), place.rect.top() + 0.5, edge);
        }
        // A single pane needs no mark for the focus.
        if place.focused && !place.alone {
            let line = Stroke::new(2.0, palette.open.gamma_multiply(0.8));
            let top = place.rect.top() + 1.0;
            ui.painter().hline(place.rect.x_range(), top, line);
        }
        drawn.is_dragged
    }

    /// Draws the parts of a pane with a feed.
    fn show_feed(
        &mut self,
        ui: &mut Ui,
        place: &PanePlace<'_>,
        mut area: Rect,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) {
        // A low pane has a lower trace and no hints, so that more rows fit.
        let low = place.rect.height() < 330.0;
        let scope = take_top(&mut area, trace::height(feed, low));
        panel(ui, scope);
        let interpreter = place.lenses.interpreter(feed.id);
        if self.interpreter != interpreter {
            self.read_with(Some(feed), interpreter);
        }
        if let Some(file) = feed.source.file() {
            let view = &mut self.timeline;
            self.first_row = self.first_row.place(file, view, &feed.store);
        }
        self.sync_side(place, feed, commands);
        self.annotations.sync(&feed.store, place.now, place.context);
        let trace = trace::TracePlace {
            pane: place.pane,
            rect: scope,
            now: shown_at(feed, place),
            zone: place.zone,
            quiet: self.side.measures().quiet(place.now),
            gaps: self.side.measures().gaps(),
            marks: &self.annotations,
            difference: self.difference(ui, feed),
            hidden: lists::hidden_records(feed, self.timeline.shown),
        };
        self.trace
            .keep_range_while(self.timeline.selection().ranges());
        if let Some(target) = self.trace.show(ui, &trace, feed) {
            self.follow_target(target, feed);
        }
        self.search_error(place.lenses.of(feed.id).map(FeedLens::pass));
        self.take_error();
        if std::mem::take(&mut self.wants_partner) {
            self.go_to_partner(place, feed);
        }
        bottom_line(ui, scope);
        show_file_lines(ui, place, &mut area, feed, commands);
        self.show_file_note(ui, place.pane, &mut area, feed);
        self.banner(ui, place, &mut area, Some(feed), commands);
        match self.wanted_sheet.take() {
            Some(WantedSheet::Options(first)) => {
                let spec = feed.source.spec();
                self.sheet = spec.map(|spec| Sheet::options(spec, first));
            }
            Some(WantedSheet::SecondOpinion) => self.sheet = Some(Sheet::second_opinion()),
            None => {}
        }
        let column = self.side.take_column(&mut area);
        // The composer and the inspector take their room from the bottom, and the rows get the rest. They are drawn after
        // the rows, because Tab visits them in this order.
        let composer = (feed.source.protocol() == Protocol::WebSocket && feed.source.is_live())
            .then(|| {
                let height = self
                    .composer
                    .height(ui, place.pane, place.rect.width(), low);
                take_bottom(&mut area, height)
            });
        let naming = self.composer.naming_height(feed.id);
        let chips = naming.unwrap_or_else(|| messages::height(feed));
        let chips = composer.map(|_| take_bottom(&mut area, chips));
        // Enter moves the keys from the rows into the inspector.
        let enters = |input: &egui::InputState| {
            input.modifiers.is_none() && input.key_pressed(egui::Key::Enter)
        };
        let has_keys = place.focused && has_row_keys(ui);
        let enters = has_keys && ui.input(enters);
        if enters {
            self.timeline.inspect();
        }
        // The inspector opens when the button is released, because it takes room from the rows under the pointer.
        if self.inspector.is_open() || !self.timeline.is_pressed() {
            let row = self.timeline.inspected().map(|item| item.row);
            let listing = self.listing(feed);
            self.inspector.set_key(self.side.key());
            self.inspector.set_plotted(self.plot.chosen());
            self.inspector.choose(&listing, row);
        }
        if enters {
            self.inspector.take_keys(ui.ctx(), place.pane);
        }
        if std::mem::take(&mut self.wants_plot) {
            self.plot.open(&feed.store);
        }
        let inspector_column = self.inspector.take_column(&mut area);
        let [side_height, plot_height, inspector_height] =
            self.heights(area.height(), column.is_some(), enters);
        let mut take = |height: f32| (height > 0.0).then(|| take_bottom(&mut area, height));
        let inspector = inspector_column.or_else(|| take(inspector_height));
        let side = column.or_else(|| take(side_height));
        let plot = take(plot_height);
        self.show_rows_and_answers(ui, place, area, feed, commands);
        self.show_plot(ui, place, (plot, area), feed);
        if let Some(rect) = inspector {
            self.show_inspector(ui, place, rect, feed, commands);
        }
        if let Some(rect) = side {
            self.show_side(ui, place, rect, feed, commands);
        }
        self.show_composer(ui, place, (chips, composer), feed, commands);
    }

    /// Draws the composer, and the line above it: the saved messages, or the name of a message that is about to be saved.
    fn show_composer(
        &mut self,
        ui: &mut Ui,
        place: &PanePlace<'_>,
        (line, composer): (Option<Rect>, Option<Rect>),
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) {
        let is_naming = self.composer.naming_height(feed.id).is_some();
        match line.filter(|rect| rect.height() > 0.0) {
            Some(rect) if is_naming => {
                let composer = &mut self.composer;
                let problem = composer.show_naming(ui, place.pane, rect, feed, commands);
                self.message = problem.or(self.message.take());
            }
            Some(rect) => self.chips.show(ui, rect, place.pane, feed, commands),
            None => {}
        }
        self.chips.show_question(ui, feed, commands);
        if let Some(rect) = composer {
            let problem = self.composer.show(ui, place.pane, rect, feed, commands);
            self.message = problem.or(self.message.take());
        }
    }

    /// Returns the heights of the part for measures and the like, of the plot and of the inspector. `room` is shared by the
    /// rows and these parts. `is_beside` means that the first part is beside the rows; `enters` that the user asks for the
    /// inspector.
    fn heights(&mut self, room: f32, is_beside: bool, enters: bool) -> [f32; 3] {
        let part = |wanted, least| PartHeight { wanted, least };
        let side = if is_beside {
            0.0
        } else {
            self.side.height(room)
        };
        let plot = self.plot.height(room);
        let inspector = part(self.inspector.height(room), LEAST_INSPECTOR);
        let (side, plot) = (
            part(side, side::LEAST_HEIGHT),
            part(plot, plot::LEAST_HEIGHT),
        );
        // What was opened last stays. A part beside the rows takes no room from others.
        let asks_for_side = self.side.take_asked() && !is_beside;
        let asked = [(asks_for_side, SIDE), (self.plot.take_asked(), PLOT)];
        for (_, part) in asked.into_iter().filter(|(is_asked, _)| *is_asked) {
            self.part_order.put_last(INSPECTOR);
            self.part_order.put_first(part);
        }
        if enters {
            self.part_order.put_first(INSPECTOR);
        } else if inspector.wanted == 0.0 {
            self.part_order.put_last(INSPECTOR);
        }
        let bars = [
            (self.find.is_open(), size::FIND_BAR),
            (self.jump.is_open(), size::FIND_BAR),
            (self.filter.notice().is_some(), filter::NOTICE_HEIGHT),
        ];
        let bars = bars.into_iter().filter(|(is_open, _)| *is_open);
        let bars = bars.map(|(_, height)| height).sum();
        let selection = self.lists.selected(&self.timeline);
        let has_line = selection.is_some_and(|(listing, selection)| selection.has_line(listing));
        let below = if has_line { size::SELECTION_LINE } else { 0.0 };
        let parts = [side, plot, inspector];
        let heights = self.part_order.shared(room, (bars, below), parts);
        let [has_side, has_plot, has_inspector] = heights.map(|height| height > 0.0);
        let has_inspector = has_inspector || self.inspector.is_beside();
        self.note_parts([is_beside || has_side, has_plot, has_inspector], room);
        heights
    }

    /// Notes the parts that this pass shows in `room`, and reports a part that has lost its room to one that was just opened.
    fn note_parts(&mut self, shown: [bool; 3], room: f32) {
        let before = std::mem::replace(&mut self.shown_parts, shown);
        let names = [self.side.tab_name(), "the plot", "the inspector"];
        let is_open = [
            self.side.is_open(),
            self.plot.height(room) > 0.0,
            self.inspector.is_open(),
        ];
        self.lacking_parts = std::array::from_fn(|at| is_open[at] && !shown[at]);
        let opened = (0..3).find(|&at| shown[at] && !before[at]);
        let lost = (0..3).find(|&at| before[at] && self.lacking_parts[at]);
        self.lost_part = opened
            .zip(lost)
            .map(|(opened, lost)| words::lost_part(names[lost], names[opened]));
    }

    /// Takes out the sentence about a part that has just lost its room to another one.
    pub(crate) fn take_lost_part(&mut self) -> Option<String> {
        self.lost_part.take()
    }

    /// Reads the payloads of the feed with another interpreter in all parts of the pane.
    fn read_with(&mut self, feed: Option<&FeedScene>, interpreter: Interpreter) {
        self.filter.read_with(&interpreter);
        self.inspector.read_with(&interpreter);
        self.annotations.read_with(&interpreter);
        if let Some(feed) = feed {
            self.plot.read_with(&feed.store, &interpreter);
            self.side.read_with(feed, &interpreter);
        }
        self.interpreter = interpreter;
    }

    /// Returns the rows of the last pass; those of the visible classes before the first one.
    fn listing(&self, feed: &FeedScene) -> Listing {
        let listing = self.lists.listing().cloned();
        listing.unwrap_or_else(|| Listing::of_classes(&feed.store, self.timeline.shown))
    }

    /// Returns the analyses that the view needs, those that the user waits for first.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = Task> {
        self.inspector
            .tasks()
            .chain(self.filter.tasks())
            .chain(self.find.tasks())
            .chain(self.lists.tasks())
            .chain(self.selection_line.tasks())
            .chain(self.plot.tasks())
            .chain(self.side.tasks())
            .chain(self.annotations.tasks())
            .chain(self.error_search.as_ref().and_then(Job::task))
    }
}

/// Draws the lines about the saving and the recording of a feed.
fn show_file_lines(
    ui: &Ui,
    place: &PanePlace<'_>,
    area: &mut Rect,
    feed: &FeedScene,
    commands: &mut Vec<Command>,
) {
    let line = take_top(area, save::line_height(feed));
    if line.height() > 0.0 {
        save::show_line(ui, line, place.pane, feed, commands);
    }
    let line = take_top(area, record::line_height(feed));
    if line.height() > 0.0 {
        record::show_line(ui, line, place.pane, feed, commands);
    }
}

/// Returns the time up to which a feed is shown.
fn shown_at(feed: &FeedScene, place: &PanePlace<'_>) -> Stamp {
    feed.shown_at(Stamp {
        moment: place.now,
        utc: place.utc,
    })
}

/// Returns true if the keys that move over rows belong to the focused pane: no widget and nothing above has them.
fn has_row_keys(ui: &Ui) -> bool {
    let is_free = !ui.ctx().egui_wants_keyboard_input() || timeline::has_focus(ui);
    is_free && !shortcuts::is_covered(ui)
}
