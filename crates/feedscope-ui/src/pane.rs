//! Pane: one view on a feed. It owns the state of the view, lays out its parts from top to bottom and draws them.

mod session;

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::errors::{Towards, next_error};
use feedscope_analysis::fields::Path;
use feedscope_analysis::filter::ParseContext;
use feedscope_analysis::job::Job;
use feedscope_analysis::lenses::LensPass;
use feedscope_analysis::listing::{ItemId, Listing};
use feedscope_analysis::series::Quantity;
use feedscope_core::feed::{FeedCommand, FeedSpec, Outgoing};
use feedscope_core::protocol::Protocol;
use feedscope_core::store::{OwnedRecord, RowNumber, Shown};
use feedscope_core::{ConnectionState, Kind, Moment, Stamp, Timestamp};
use jiff::tz::TimeZone;

use crate::annotations::{Annotations, RowNotes};
use crate::assembled::{self, AnswerWish, AssembledView, Room};
use crate::columns::AllColumns;
use crate::command::{
    Command, CopyProgram, PaneCommand, RecordingCommand, RecordsCommand, SavedCommand,
    SettingCommand,
};
use crate::composer::Composer;
use crate::connection_bar::{self, UrlField};
use crate::cure::{self, Cure};
use crate::filter::{self, FilterView};
use crate::find::FindBar;
use crate::ids::{FeedId, PaneId};
use crate::inspector::{Inspector, ValueAction};
use crate::jump::{self, JumpBar};
use crate::lens::{AllLenses, FeedLens, LensWish, Partner};
use crate::lists::{self, Lists};
use crate::options::Options;
use crate::pane_request::{PaneRequest, Placement};
use crate::plot::{self, PlotView};
use crate::replay_scene::ReplayAction;
use crate::row_copy::CopyForm;
use crate::save::RowChoice;
use crate::scene::{FeedScene, Scene};
use crate::selection_line::{self, SelectionLine, SelectionWish};
use crate::shortcuts::{ReplayStep, Shortcut, ViewShortcut, key_name};
use crate::side::{self, Side, SideTab, SideWish};
use crate::theme::{Palette, font, size, tint};
use crate::timeline::{RowAction, TimelineView};
use crate::trace::{Link, Target, TraceView};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{
    ICON_BUTTON, Look, Strip, bottom_line, button, button_width, cut, cut_middle, icon_button,
    measured, paint_left, panel, take_bottom, take_top,
};
use crate::{
    empty, file_bar, filter_row, messages, record, save, second_opinion, shortcuts, timeline,
    trace, words,
};

pub use session::PaneSession;

/// Minimum height for rows, their inspector and the part below them.
const LEAST_FOR_BOTH: f32 = 380.0;

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
    pub(crate) side: Side,
    annotations: Annotations,
    lists: Lists,
    selection_line: SelectionLine,
    composer: Composer,
    sheet: Option<Sheet>,
    /// Search for the next error, which is selected when it is found.
    error_search: Option<Job<Option<RowNumber>>>,
    /// This sheet opens in the next pass.
    wanted_sheet: Option<WantedSheet>,
    pub(crate) assembled: AssembledView,
    /// Answer whose text the user saves.
    saved_answer: Option<u64>,
    /// The menu of the lens opens in this pass.
    wants_lens: bool,
    /// The other end of the selected pair is selected in this pass.
    wants_partner: bool,
    /// The plot opens in this pass.
    wants_plot: bool,
    trace: TraceView,
    /// Classes of records that the view of a former run showed, until the feed appears.
    restored_classes: Option<Shown>,
}

/// Sheet that a key or a button has requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WantedSheet {
    Options,
    SecondOpinion,
}

/// Sheet that covers the window while it is open.
enum Sheet {
    Options(Box<Options>),
    SecondOpinion,
}

/// Area of a pane, and the data that it needs from the window.
pub(crate) struct Place<'a> {
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
    /// Returns true if the composer contains text that has not been sent.
    pub(crate) fn is_writing(&self) -> bool {
        self.composer.is_writing()
    }

    /// Writes the JSON in the composer in lines.
    pub(crate) fn format_message(&mut self) {
        self.composer.format();
    }

    /// Draws the pane. Returns true if the user drags it by its grip.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        place: &Place<'_>,
        scene: &Scene<'_>,
        requests: &mut Vec<PaneRequest>,
        commands: &mut Vec<Command>,
    ) -> bool {
        let feed = scene.feed_of(place.pane);
        if self.feed != feed.map(|feed| feed.id) {
            self.feed = feed.map(|feed| feed.id);
            self.timeline = TimelineView::default();
            if feed.is_some()
                && let Some(shown) = self.restored_classes.take()
            {
                self.timeline.shown = shown;
            }
            self.filter.forget_hits();
            self.find.forget_hits();
            self.lists = Lists::default();
            self.selection_line = SelectionLine::default();
            self.plot = PlotView::default();
            self.trace = TraceView::default();
            self.side = Side::default();
            self.annotations = Annotations::default();
            self.url.reset();
            // A comparison opens its feed anew, so that its sheet must stay open.
            self.sheet = self.sheet.take().filter(|sheet| sheet.is_of(feed));
        }
        let mut area = place.rect;
        let bar = connection_bar::Place {
            pane: place.pane,
            rect: take_top(&mut area, size::CONNECTION_BAR),
            movable: place.movable,
            now: place.now,
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
            None => {}
        }
        if let Some(feed) = feed {
            self.show_feed(ui, place, area, feed, commands);
            if let Some(sheet) = &mut self.sheet
                && !sheet.show(ui, place.pane, feed, commands)
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
        place: &Place<'_>,
        mut area: Rect,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) {
        // A low pane has a lower trace and no hints, so that more rows fit.
        let low = place.rect.height() < 330.0;
        let trace_height = if low { 10.0 } else { size::TRACE };
        let scope = take_top(&mut area, trace_height + size::HISTORY + size::STATS + 3.0);
        panel(ui, scope);
        self.side.sync(feed);
        self.annotations.sync(&feed.store, place.now);
        let trace = trace::Place {
            pane: place.pane,
            rect: scope,
            now: shown_at(feed, place),
            zone: place.zone,
            quiet: self.side.measures().quiet(place.now),
            gaps: self.side.measures().gaps(),
            marks: &self.annotations,
            difference: self.difference(ui, feed),
        };
        if let Some(target) = self.trace.show(ui, &trace, feed) {
            self.follow_target(target, feed);
        }
        self.take_error();
        if std::mem::take(&mut self.wants_partner) {
            self.go_to_partner(place, feed);
        }
        bottom_line(ui, scope);
        let line = take_top(&mut area, save::line_height(feed));
        if line.height() > 0.0 {
            save::show_line(ui, line, place.pane, feed, commands);
        }
        let line = take_top(&mut area, record::line_height(feed));
        if line.height() > 0.0 {
            record::show_line(ui, line, place.pane, feed, commands);
        }
        self.banner(ui, place, &mut area, Some(feed), commands);
        match self.wanted_sheet.take() {
            Some(WantedSheet::Options) => {
                self.sheet = feed.source.spec().map(Sheet::options);
            }
            Some(WantedSheet::SecondOpinion) => self.sheet = Some(Sheet::SecondOpinion),
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
        let chips = composer.map(|_rect| take_bottom(&mut area, messages::height(feed)));
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
            self.inspector.choose(&listing, row);
        }
        if enters {
            self.inspector.take_keys(ui.ctx(), place.pane);
        }
        // In a low pane, the part below the rows takes the place of the inspector, so that rows and filter stay in sight.
        let is_below = column.is_none() && self.side.height(area.height()) > 0.0;
        let height = if is_below && area.height() < LEAST_FOR_BOTH {
            0.0
        } else {
            self.inspector.height(area.height())
        };
        let inspector = (height > 0.0).then(|| take_bottom(&mut area, height));
        let side = column.or_else(|| {
            let height = self.side.height(area.height());
            (height > 0.0).then(|| take_bottom(&mut area, height))
        });
        // A low pane has no room for both.
        if side.is_none() || column.is_some() || area.height() > 300.0 {
            self.show_plot(ui, place, &mut area, feed);
        }
        self.show_rows_and_answers(ui, place, area, feed, commands);
        if let Some(rect) = inspector {
            self.show_inspector(ui, place, rect, feed, commands);
        }
        if let Some(rect) = side {
            self.show_side(ui, place, rect, feed);
        }
        if let Some(rect) = chips.filter(|rect| rect.height() > 0.0) {
            messages::show(ui, rect, place.pane, feed, commands);
        }
        if let Some(rect) = composer {
            self.composer.show(ui, place.pane, rect, feed, commands);
        }
    }

    /// Returns the rows of the last pass; those of the visible classes before the first one.
    fn listing(&self, feed: &FeedScene) -> Listing {
        let listing = self.lists.listing().cloned();
        listing.unwrap_or_else(|| Listing::of_classes(&feed.store, self.timeline.shown))
    }

    /// Selects the answer to the selected request, or the request of the selected answer.
    fn go_to_partner(&mut self, place: &Place<'_>, feed: &FeedScene) {
        let lens = place.lenses.of(feed.id);
        if let Some((lens, item)) = lens.zip(self.timeline.selected())
            && let Some(partner) = Partner::of_row(lens.pass(), item.row)
        {
            self.timeline.go_to(Some(partner.item().row.into()));
        }
    }

    /// Opens the menu of the lens.
    pub(crate) fn open_lens(&mut self) {
        self.wants_lens = true;
    }

    /// Selects the other end of the selected pair in the next pass.
    pub(crate) fn want_partner(&mut self) {
        self.wants_partner = true;
    }

    /// Selects the row that a click in the trace or on a figure leads to.
    fn follow_target(&mut self, target: Target, feed: &FeedScene) {
        let selected = self.timeline.selected().map(|item| item.row);
        let gaps = self.side.measures().gaps();
        let item = if let (Target::Link(Link::Faults), Some(gaps)) = (target, gaps) {
            gaps.value().next_after(selected).map(Into::into)
        } else {
            let listing = self.listing(feed);
            target.item(&listing, selected)
        };
        self.timeline.go_to(item);
    }

    /// Draws the part beside the rows and carries out its requests.
    fn show_side(&mut self, ui: &mut Ui, place: &Place<'_>, rect: Rect, feed: &FeedScene) {
        let side = side::Place {
            pane: place.pane,
            rect,
            feed,
            now: shown_at(feed, place),
            zone: place.zone,
            notes: &self.annotations,
            selected: self.lists.selected(&self.timeline),
        };
        match self.side.show(ui, &side) {
            Some(SideWish::Plot(quantity)) => self.plot.plot(&feed.store, quantity),
            Some(SideWish::PlotByKey(quantity, key)) => {
                self.plot.plot_by_key(&feed.store, quantity, key);
            }
            Some(SideWish::GoTo(row)) => self.timeline.go_to(Some(row.into())),
            Some(SideWish::NextGap) => self.follow_target(Target::Link(Link::Gaps), feed),
            Some(SideWish::Narrow(condition)) => self.filter.narrow(&condition, place.context),
            Some(SideWish::NoteMark(row, note)) => self.annotations.set_note(row, note),
            Some(SideWish::RemoveMark(row)) => self.annotations.remove(row),
            Some(SideWish::AddRule(text)) => {
                if let Err(problem) = self.annotations.add_rule(&text, place.context) {
                    self.side.refuse_rule(problem.to_string());
                }
            }
            Some(SideWish::RemoveRule(index)) => self.annotations.remove_rule(index),
            None => {}
        }
    }

    /// Draws the rows, and the answers of a language model beside them or in their place.
    fn show_rows_and_answers(
        &mut self,
        ui: &mut Ui,
        place: &Place<'_>,
        mut area: Rect,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) {
        let lens = place.lenses.of(feed.id).map(FeedLens::pass);
        let room = self.assembled.take_room(&mut area, lens);
        let answers = match room {
            Room::None => None,
            Room::Beside(rect) => Some(rect),
            Room::Tabs(tabs) => self
                .assembled
                .show_tabs(ui, place.pane, tabs)
                .then_some(area),
        };
        // In a narrow pane, the answers replace the rows.
        if answers.is_none_or(|rect| rect != area) {
            self.show_rows(ui, place, area, feed, commands);
        }
        if let Some((rect, lens)) = answers.zip(lens) {
            self.show_answers(ui, place, rect, feed, lens);
        }
    }

    /// Draws the answers of a language model and carries out their requests.
    fn show_answers(
        &mut self,
        ui: &mut Ui,
        place: &Place<'_>,
        rect: Rect,
        feed: &FeedScene,
        lens: &LensPass,
    ) {
        let answers = assembled::Place {
            pane: place.pane,
            rect,
            now: shown_at(feed, place).moment,
            selected: self.timeline.selected().map(|item| item.row),
        };
        match self.assembled.show(ui, &answers, lens) {
            Some(AnswerWish::GoTo(row)) => {
                self.timeline.go_to(Some(row.into()));
                ui.ctx().request_repaint();
            }
            Some(AnswerWish::Save(number)) => self.saved_answer = Some(number),
            None => {}
        }
    }

    /// Takes out the number of the answer that the user saves.
    pub(crate) fn take_saved_answer(&mut self) -> Option<u64> {
        self.saved_answer.take()
    }

    /// Marks the selected record, or removes its mark.
    pub(crate) fn toggle_mark(&mut self, feed: Option<&FeedScene>) {
        let selected = self.timeline.selected().map(|item| item.row);
        if let Some((feed, row)) = feed.zip(selected)
            && let Some(stamp) = feed.store.stamp(row)
        {
            self.annotations.toggle(row, stamp);
        }
    }

    /// Returns the time between the selected row and the one under the pointer, or else between the last two marks.
    fn difference(&self, ui: &Ui, feed: &FeedScene) -> Option<String> {
        let selected = self.timeline.selected()?.row;
        let pointed = self.timeline.pointed(ui).map(|item| item.row);
        let pointed = pointed.filter(|row| *row != selected);
        let stamps = pointed.and_then(|row| feed.store.stamp(row).zip(feed.store.stamp(selected)));
        if let Some((pointed, selected)) = stamps {
            let time = words::since_reference(pointed.moment, selected.moment);
            return Some(format!("{time} from the selected row"));
        }
        let between = self.annotations.between_marks()?;
        Some(format!(
            "{} between the last two marks",
            words::duration_exact(between)
        ))
    }

    /// Draws the inspector and carries out its requests.
    fn show_inspector(
        &mut self,
        ui: &mut Ui,
        place: &Place<'_>,
        rect: Rect,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) {
        // Closing the inspector ends the selection.
        let lens = place.lenses.of(feed.id).map(FeedLens::pass);
        // A feed without a protocol has no lines about it.
        let lens = lens.filter(|lens| !lens.is_idle());
        let is_closed = self
            .inspector
            .show(ui, place.pane, rect, (place.zone, lens));
        if is_closed {
            self.timeline.deselect();
        }
        let action = self.inspector.take_action();
        if is_closed || action.is_some() {
            // The rows have been drawn already.
            ui.ctx().request_repaint();
        }
        match action {
            Some(ValueAction::Narrow(condition)) => self.filter.narrow(&condition, place.context),
            Some(ValueAction::GoTo(item)) => self.timeline.go_to(Some(item.row.into())),
            Some(ValueAction::FindNext(expression)) => self.find.find(&expression),
            Some(ValueAction::Plot(path)) => {
                if let Ok(path) = Path::parse(&path) {
                    self.plot.plot(&feed.store, Quantity::Field(path));
                }
            }
            Some(ValueAction::LatestBy(path)) => {
                if let Ok(path) = Path::parse(&path) {
                    self.side.show_latest_by(feed, path);
                }
            }
            Some(ValueAction::ShowColumn(path)) => {
                let fields = place.columns.fields_of(feed.id);
                if let Some(fields) = fields.filter(|fields| fields.borrow_mut().add(&path)) {
                    let paths = fields.borrow().paths().to_vec();
                    commands.push(Command::Setting(SettingCommand::Fields(feed.id, paths)));
                }
            }
            None => {}
        }
    }

    /// Draws the plot at the bottom of `area`, and takes its part off.
    fn show_plot(&mut self, ui: &mut Ui, place: &Place<'_>, area: &mut Rect, feed: &FeedScene) {
        if std::mem::take(&mut self.wants_plot) {
            self.plot.open(&feed.store);
        }
        let height = self.plot.height(area.height());
        if height <= 0.0 {
            return;
        }
        let selected = self.timeline.selected();
        let stamp = selected.and_then(|item| feed.store.stamp(item.row));
        // The records of a file are older than the present, so that its newest one is the end.
        let end = feed.store.extent().end.checked_sub(1);
        let newest = end.and_then(|row| feed.store.stamp(row));
        let newest = newest.filter(|_| !feed.source.is_live());
        let plot = plot::Place {
            pane: place.pane,
            rect: plot::take_bottom(area, height),
            store: &feed.store,
            now: newest.map_or(place.now, |stamp| stamp.moment),
            utc: newest.map_or(place.utc, |stamp| stamp.utc),
            zone: place.zone,
            selected: stamp.map(|stamp| stamp.moment),
        };
        if let Some(row) = self.plot.show(ui, &plot) {
            self.timeline.go_to(Some(row.into()));
        }
    }

    /// Carries out a request about the selected rows.
    fn run(
        &mut self,
        ui: &Ui,
        place: &Place<'_>,
        feed: &FeedScene,
        action: RowAction,
        commands: &mut Vec<Command>,
    ) {
        match action {
            RowAction::Copy(form) => {
                if let Some((listing, selection)) = self.lists.selected(&self.timeline) {
                    self.selection_line
                        .copy(ui, listing, selection, form, place.zone);
                }
            }
            RowAction::Narrow(condition) => {
                self.filter.narrow(&condition, place.context);
                ui.ctx().request_repaint();
            }
            RowAction::GoTo(item) => {
                self.timeline.go_to(Some(item.row.into()));
                ui.ctx().request_repaint();
            }
            RowAction::SendAgain(item) => {
                let record = feed.store.record(item.row);
                if let Some(message) = record.and_then(|record| message_of(&record)) {
                    commands.push(Command::Feed(feed.id, FeedCommand::Send(message)));
                }
            }
        }
    }

    /// Draws the filter, the find and jump bars, and the rows.
    fn show_rows(
        &mut self,
        ui: &mut Ui,
        place: &Place<'_>,
        mut area: Rect,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) {
        let row = filter_row::Place {
            pane: place.pane,
            rect: take_top(&mut area, size::FILTER_ROW),
            context: place.context,
            lens: place.lenses.of(feed.id),
            opens_lens: std::mem::take(&mut self.wants_lens),
        };
        let (field, wish) = filter_row::show(ui, &row, feed, &mut self.timeline, &mut self.filter);
        match wish {
            Some(LensWish::Narrow(condition)) => {
                self.filter.narrow(condition, place.context);
                ui.ctx().request_repaint();
            }
            Some(LensWish::SwitchRaw) => self.timeline.switch_raw(),
            None => {}
        }
        if self.find.is_open() {
            let bar = take_top(&mut area, size::FIND_BAR);
            self.find.show(ui, place.pane, bar, &mut self.timeline);
        }
        if let Some(listing) = self.lists.listing().filter(|_| self.jump.is_open()) {
            let bar = jump::Place {
                pane: place.pane,
                rect: take_top(&mut area, size::FIND_BAR),
                now: shown_at(feed, place).utc,
                zone: place.zone,
            };
            self.jump.show(ui, &bar, listing, &mut self.timeline);
        }
        let columns = place.columns.of(feed.id);
        let Some((columns, fields)) = columns.zip(place.columns.fields_of(feed.id)) else {
            return;
        };
        let line = self.take_selection_line(&mut area);
        let view = lists::Place {
            pane: place.pane,
            rect: area,
            now: place.now,
            zone: place.zone,
            columns,
            fields,
            lens: place.lenses.of(feed.id).map(FeedLens::pass),
            context: place.context,
            keys: place.focused && has_row_keys(ui),
            notes: RowNotes {
                of_view: &self.annotations,
                gaps: self.side.measures().gaps(),
            },
        };
        let parts = lists::Parts {
            timeline: &mut self.timeline,
            filter: &mut self.filter,
            find: &mut self.find,
        };
        self.lists.show(ui, &view, feed, parts, commands);
        self.show_selection_line(ui, place, line);
        if let Some(action) = self.lists.take_action(&mut self.timeline) {
            self.run(ui, place, feed, action, commands);
        }
        // The problem is drawn last, because it covers the first rows.
        if let Some(problem) = self.filter.problem() {
            filter::show_problem(ui, place.pane, field, problem);
        }
    }

    /// Cuts the area of the line about several selected rows off the bottom of `area`.
    fn take_selection_line(&self, area: &mut Rect) -> Option<Rect> {
        let (_, selection) = self.lists.selected(&self.timeline)?;
        // A low list keeps its rows.
        let has_room = area.height() >= size::SELECTION_LINE + 3.0 * size::ROW;
        if !selection.may_be_several() || !has_room {
            return None;
        }
        let top = area.bottom() - size::SELECTION_LINE;
        let line = area.with_min_y(top);
        area.set_bottom(top);
        Some(line)
    }

    /// Draws the line about several selected rows.
    fn show_selection_line(&mut self, ui: &Ui, place: &Place<'_>, line: Option<Rect>) {
        self.selection_line.hand_over(ui);
        let Some((listing, selection)) = self.lists.selected(&self.timeline) else {
            return;
        };
        if selection.may_be_several() != line.is_some() {
            // The line takes its room in the next pass.
            ui.ctx().request_repaint();
        }
        let Some(rect) = line else { return };
        let area = selection_line::Place {
            pane: place.pane,
            rect,
            listing,
            selection,
            zone: place.zone,
        };
        match self.selection_line.show(ui, &area) {
            Some(SelectionWish::Deselect) => self.lists.deselect(&mut self.timeline),
            Some(SelectionWish::Compare) => {
                let ends = selection.first(listing).zip(selection.last(listing));
                if let Some((earlier, later)) = ends {
                    let listing = listing.clone();
                    self.timeline.inspect_selected(later);
                    self.inspector.compare(&listing, earlier.row, later.row);
                }
            }
            None => {}
        }
    }

    /// Starts the search for the next error from the selected row.
    pub(crate) fn go_to_error(&mut self, towards: Towards) {
        /// Number of rows that are searched within the pass.
        const SMALL: u64 = 2_000;
        if let Some(listing) = self.lists.listing() {
            let from = self.timeline.selected().map(|item| item.row);
            let extent = listing.store().extent();
            let is_small = extent.end.since(extent.first) <= SMALL;
            let search = next_error(listing, from, towards).done_at_once(is_small);
            self.error_search = Some(search);
        }
    }

    /// Opens the plot in the next pass.
    pub(crate) fn open_plot(&mut self) {
        self.wants_plot = true;
    }

    /// Goes to the next record of a replay, or to the one before.
    pub(crate) fn step_replay(
        &mut self,
        feed: &FeedScene,
        step: ReplayStep,
    ) -> Option<ReplayAction> {
        let listing = self.lists.listing()?;
        self.timeline.step_replay(feed, listing, step)
    }

    /// Opens the connection options.
    pub(crate) fn open_options(&mut self) {
        self.wanted_sheet = Some(WantedSheet::Options);
    }

    /// Opens the comparison with the other engine.
    pub(crate) fn open_second_opinion(&mut self) {
        self.wanted_sheet = Some(WantedSheet::SecondOpinion);
    }

    /// Counts times from the selected row, or in the usual way again.
    pub(crate) fn toggle_reference(&mut self) {
        if let Some(listing) = self.lists.listing() {
            self.timeline.toggle_reference(listing);
        }
    }

    /// Opens the menu of the selected value if the inspector has the focus, or else of the selected row.
    pub(crate) fn open_menu(&mut self, ui: &Ui, pane: PaneId) {
        if !self.inspector.open_menu(ui, pane) {
            self.lists.open_menu(&mut self.timeline);
        }
    }

    /// Selects the error that was found.
    fn take_error(&mut self) {
        if let Some(found) = self.error_search.as_ref().and_then(Job::get) {
            if let Some(row) = *found {
                self.timeline.go_to(Some(row.into()));
            }
            self.error_search = None;
        }
    }

    /// Returns the rows that the pane shows, with the ranges of the selected ones, and their number.
    pub(crate) fn row_choice(&self, zone_offset_seconds: i32) -> (RowChoice, u64) {
        let selected = self.lists.selected(&self.timeline);
        let count = selected.map_or(0, |(listing, selection)| selection.count(listing));
        let ranges = selected.map_or_else(Vec::new, |(_, selection)| {
            let ranges = selection.ranges().iter();
            // A range may end within the parts of a row, which is saved as a whole.
            let end = |end: ItemId| end.row + u64::from(end.part > 0);
            ranges
                .map(|range| range.start.row..end(range.end))
                .collect()
        });
        let choice = RowChoice {
            classes: self.timeline.shown,
            filter: self.filter.text().to_owned(),
            zone_offset_seconds,
            ranges,
        };
        (choice, count)
    }

    /// Copies the selected rows: the payload of a single one, and several as a table.
    pub(crate) fn copy_selected(&mut self, ui: &Ui, zone: &TimeZone) {
        match self.lists.selected(&self.timeline) {
            Some((listing, selection)) if selection.may_be_several() => {
                let form = CopyForm::Table;
                self.selection_line.copy(ui, listing, selection, form, zone);
            }
            _ => self.inspector.copy_payload(ui.ctx()),
        }
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

    /// Draws the button that carries an advice out.
    fn cure(
        &mut self,
        ui: &Ui,
        place: &Place<'_>,
        rect: Rect,
        cure: Cure,
        commands: &mut Vec<Command>,
    ) {
        let id = Id::unique(("cure", place.pane));
        if !button(ui, rect, id, cure.name(), Look::Plain).clicked() {
            return;
        }
        match cure {
            Cure::Options(_) => self.open_options(),
            Cure::EditUrl => {
                let id = connection_bar::url_id(place.pane);
                ui.memory_mut(|memory| memory.request_focus(id));
            }
            Cure::Open(_, url) => commands.push(Command::Pane(PaneCommand::ConnectTo {
                pane: place.pane,
                url,
            })),
        }
    }

    /// Draws the error of the URL field, the reason that the feed has failed, or the wait for a slow answer.
    fn banner(
        &mut self,
        ui: &Ui,
        place: &Place<'_>,
        area: &mut Rect,
        feed: Option<&FeedScene>,
        commands: &mut Vec<Command>,
    ) {
        // An error in the URL field is newer than a failure, so that it has priority.
        let failed = feed.filter(|feed| feed.status.state == ConnectionState::Failed);
        let slow = feed
            .and_then(|feed| words::slow_answer(&feed.status, feed.source.protocol(), place.now));
        let palette = Palette::of(ui);
        let unreadable = feed.and_then(|feed| feed.source.file()?.problem.clone());
        let (reason, advice, is_error) = match (&self.url.problem, failed, slow) {
            (Some(problem), ..) => (problem.clone(), None, true),
            _ if let Some(problem) = unreadable => (problem, None, true),
            (None, Some(feed), _) => (
                feed.status.reason.clone().unwrap_or_default(),
                feed.status.advice.map(|advice| advice.to_string()),
                true,
            ),
            (None, None, Some((waited, cause))) => (waited, Some(cause.to_owned()), false),
            (None, None, None) => return,
        };
        let (color, shape, role) = if is_error {
            (palette.fail, Icon::Cross, Role::Alert)
        } else {
            let state = ConnectionState::Connecting;
            (
                palette.state(state),
                Icon::of_state(state, 0.0),
                Role::Status,
            )
        };
        let cure = failed
            .filter(|_| self.url.problem.is_none())
            .and_then(|feed| Some((feed, feed.status.advice?)))
            .and_then(|(feed, advice)| cure::of(advice, feed.source.url()));
        let cure_width = cure.as_ref().map_or(0.0, |cure| {
            button_width(ui, cure.name(), Look::Plain) + 14.0
        });
        let width = area.width() - 70.0 - cure_width;
        // At most three lines, so that a long reason leaves room for the rows.
        let layout = |text: &str, font, color| {
            let mut job = egui::text::LayoutJob::single_section(
                text.to_owned(),
                egui::text::TextFormat::simple(font, color),
            );
            job.wrap = egui::text::TextWrapping {
                max_width: width,
                max_rows: 3,
                overflow_character: Some('…'),
                ..Default::default()
            };
            ui.painter().layout_job(job)
        };
        let reason_galley = layout(&reason, font::strong(12.5), color);
        let advice_galley = advice
            .as_deref()
            .map(|advice| layout(advice, font::label(), palette.dim));
        let advice_height = advice_galley
            .as_ref()
            .map_or(0.0, |galley| galley.size().y + 2.0);
        let rect = take_top(area, reason_galley.size().y + advice_height + 14.0);
        panel(ui, rect);
        ui.painter()
            .rect_filled(rect, 0.0, color.gamma_multiply(tint::BANNER));
        bottom_line(ui, rect);
        let text_area = rect.with_max_x(rect.right() - cure_width);
        let response = ui.interact(
            text_area,
            Id::unique(("banner", place.pane)),
            Sense::hover(),
        );
        response.widget_info(|| {
            let sentences = [Some(reason.as_str()), advice.as_deref()];
            let sentences: Vec<&str> = sentences.into_iter().flatten().collect();
            WidgetInfo::labeled(role, true, sentences.join("\n"))
        });
        let left = rect.left() + 32.0;
        icon::paint(
            ui.painter(),
            shape,
            pos2(
                rect.left() + 18.0,
                rect.top() + 7.0 + reason_galley.size().y.min(16.0) / 2.0,
            ),
            color,
        );
        let top = rect.top() + 7.0;
        let below = top + reason_galley.size().y + 2.0;
        ui.painter().galley(pos2(left, top), reason_galley, color);
        if let Some(galley) = advice_galley {
            ui.painter().galley(pos2(left, below), galley, palette.dim);
        }
        if let Some(cure) = cure {
            let size = vec2(cure_width - 14.0, size::BUTTON);
            let corner = pos2(rect.right() - cure_width + 4.0, rect.center().y - 13.0);
            self.cure(ui, place, Rect::from_min_size(corner, size), cure, commands);
        }
        if self.url.problem.is_some() {
            let center = pos2(rect.right() - 20.0, rect.center().y);
            let cross = Rect::from_center_size(center, ICON_BUTTON);
            let id = Id::unique(("banner close", place.pane));
            if icon_button(ui, cross, id, Icon::Cross, "Close").clicked() {
                self.url.problem = None;
            }
        }
    }
}

impl Sheet {
    /// Creates the sheet with the options of a connection.
    fn options(spec: &FeedSpec) -> Self {
        Self::Options(Box::new(Options::of(spec)))
    }

    /// Returns true if the sheet stays open when the pane shows this feed.
    fn is_of(&self, feed: Option<&FeedScene>) -> bool {
        match self {
            Self::Options(_) => false,
            Self::SecondOpinion => feed.is_some_and(|feed| {
                feed.source
                    .spec()
                    .is_some_and(|spec| spec.second_opinion().is_some())
            }),
        }
    }

    /// Draws the sheet. Returns true if it stays open.
    fn show(
        &mut self,
        ui: &Ui,
        pane: PaneId,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) -> bool {
        match self {
            Self::Options(options) => options.show(ui, pane, feed, commands),
            Self::SecondOpinion => second_opinion::show(ui, pane, feed, commands),
        }
    }
}

/// Returns the time up to which a feed is shown.
fn shown_at(feed: &FeedScene, place: &Place<'_>) -> Stamp {
    feed.shown_at(Stamp {
        moment: place.now,
        utc: place.utc,
    })
}

/// Returns the message of a record, to send it again.
fn message_of(record: &OwnedRecord) -> Option<Outgoing> {
    match record.record().kind {
        Kind::Text { data, .. } => Some(Outgoing::Text(String::from_utf8_lossy(data).into_owned())),
        Kind::Binary { data, .. } => Some(Outgoing::Binary(data.to_vec())),
        _ => None,
    }
}

/// Part of a pane that its menu opens.
enum MenuChoice {
    Sheet(Sheet),
    Plot,
    Side(SideTab),
}

/// Draws the menu `⋯`. Returns the part to open.
fn menu_items(
    drawn: &connection_bar::Drawn,
    pane: PaneId,
    feed: Option<&FeedScene>,
    can_reopen: bool,
    requests: &mut Vec<PaneRequest>,
    commands: &mut Vec<Command>,
) -> Option<MenuChoice> {
    let mut sheet = None;
    let mut part = None;
    egui::Popup::menu(&drawn.menu).show(|ui| {
        ui.set_min_width(210.0);
        if let Some(feed) = feed {
            for (name, command) in &drawn.folded {
                if item(ui, name, "") {
                    commands.push(Command::Feed(feed.id, command.clone()));
                }
            }
            for (name, choice) in [
                ("Plot…", MenuChoice::Plot),
                ("Latest by key…", MenuChoice::Side(SideTab::Latest)),
                ("Measures…", MenuChoice::Side(SideTab::Measures)),
                ("Marks and colors…", MenuChoice::Side(SideTab::Marks)),
            ] {
                if item(ui, name, "") {
                    part = Some(choice);
                }
            }
            if item(ui, "Save as…", &key_name(ui, Shortcut::SaveRecords)) {
                requests.push(PaneRequest::SaveAs(pane));
            }
            match feed.source.file() {
                Some(file) => {
                    if item(ui, "Copy the path", "") {
                        ui.ctx().copy_text(file.path.clone());
                    }
                }
                None => live_items(ui, feed, &mut sheet, requests, commands),
            }
            let second_view = key_name(ui, Shortcut::OpenView);
            ui.separator();
            if item(ui, "Second view of this feed", &second_view) {
                requests.push(PaneRequest::Open(Placement::Right(pane), Some(feed.id)));
            }
        }
        for (text, placement) in [
            ("New pane on the right", Placement::Right(pane)),
            ("New pane below", Placement::Below(pane)),
            ("New pane as a tab", Placement::Tab(pane)),
        ] {
            if item(ui, text, "") {
                requests.push(PaneRequest::Open(placement, None));
            }
        }
        let close = key_name(ui, Shortcut::ClosePane);
        let reopen = key_name(ui, Shortcut::ReopenPane);
        if item(ui, "Close the pane", &close) {
            requests.push(PaneRequest::Close(pane));
        }
        if can_reopen && item(ui, "Reopen what was closed last", &reopen) {
            requests.push(PaneRequest::Reopen);
        }
    });
    part.or_else(|| sheet.map(MenuChoice::Sheet))
}

/// Draws the items that start or stop a recording.
fn record_items(
    ui: &mut Ui,
    feed: &FeedScene,
    requests: &mut Vec<PaneRequest>,
    commands: &mut Vec<Command>,
) {
    let key = key_name(ui, Shortcut::ToggleRecording);
    let running = feed.recording.as_deref().filter(|it| it.is_active());
    if let Some(recording) = running {
        if item(ui, &words::stop_recording(recording), &key) {
            commands.push(Command::Recording(RecordingCommand::Stop(feed.id)));
        }
    } else {
        if item(ui, "Record", &key) {
            commands.push(Command::Recording(RecordingCommand::Start {
                feeds: vec![feed.id],
                path: None,
                from_now: false,
            }));
        }
        if item(ui, "Record to a file…", "") {
            requests.push(PaneRequest::RecordTo(feed.id));
        }
    }
}

/// Draws the items for a feed with a connection.
fn live_items(
    ui: &mut Ui,
    feed: &FeedScene,
    sheet: &mut Option<Sheet>,
    requests: &mut Vec<PaneRequest>,
    commands: &mut Vec<Command>,
) {
    let options = key_name(ui, Shortcut::View(ViewShortcut::Options));
    let save = key_name(ui, Shortcut::SaveConnection);
    if item(ui, "Connection options…", &options) {
        *sheet = feed.source.spec().map(Sheet::options);
    }
    let other = feed.source.protocol().other_engine().name();
    if item(ui, &format!("Compare with {other}…"), "") {
        *sheet = Some(Sheet::SecondOpinion);
    }
    if item(ui, "Save this connection…", &save) {
        requests.push(PaneRequest::Save);
    }
    ui.menu_button("Copy as", |ui| {
        let is_web_socket = feed.source.protocol() == Protocol::WebSocket;
        let other = if is_web_socket {
            ("websocat", CopyProgram::Websocat)
        } else {
            ("curl", CopyProgram::Curl)
        };
        for (name, program) in [other, ("feedscope tail", CopyProgram::Tail)] {
            if item(ui, name, "") {
                commands.push(Command::Saved(SavedCommand::CopyAs(feed.id, program)));
            }
        }
    });
    record_items(ui, feed, requests, commands);
    if item(ui, "Clear records", "") {
        commands.push(Command::Records(RecordsCommand::Clear(feed.id)));
    }
    if item(ui, "Copy the URL", "") {
        ui.ctx().copy_text(feed.source.url().to_string());
    }
}

/// Returns true if the keys that move over rows belong to the focused pane: no widget and nothing above has them.
fn has_row_keys(ui: &Ui) -> bool {
    let is_free = !ui.ctx().egui_wants_keyboard_input() || timeline::has_focus(ui);
    is_free && !shortcuts::is_covered(ui)
}

/// Draws an item of a menu with its shortcut. Returns true if it was clicked.
fn item(ui: &mut Ui, text: &str, key: &str) -> bool {
    let mut button = egui::Button::new(text);
    if !key.is_empty() {
        button = button.shortcut_text(key);
    }
    let chosen = ui.add(button).clicked();
    if chosen {
        ui.close();
    }
    chosen
}

/// Returns the name of a feed in tabs: its path, after its host if another feed of the scene has the same path.
pub(crate) fn name(feed: Option<&FeedScene>, scene: &Scene<'_>) -> String {
    let Some(feed) = feed else {
        return "No feed".to_owned();
    };
    if let Some(file) = feed.source.file() {
        // The feeds of a recording have the same file.
        return match file.feed.as_str() {
            "" => file.name().to_owned(),
            name => format!("{name} – {}", file.name()),
        };
    }
    if let Some(name) = &feed.name {
        return name.clone();
    }
    let url = feed.source.url();
    let host = url.host_str().unwrap_or("/");
    let is_like =
        |other: &FeedScene| other.id != feed.id && other.source.url().path() == url.path();
    match url.path() {
        "" | "/" => host.to_owned(),
        path if scene.feeds().any(is_like) => format!("{host}{path}"),
        path => path.to_owned(),
    }
}

/// Tab of a pane.
pub(crate) struct Tab<'a> {
    pub(crate) pane: PaneId,
    pub(crate) feed: Option<&'a FeedScene>,
    pub(crate) name: String,
    /// The pane of the tab is visible.
    pub(crate) chosen: bool,
}

impl Tab<'_> {
    /// Returns the part of the tab that selects it: all except the cross.
    pub(crate) fn handle(rect: Rect) -> Rect {
        rect.with_max_x(rect.right() - 34.0)
    }

    /// Draws the tab. Returns true if the user closes it.
    pub(crate) fn show(&self, ui: &Ui, rect: Rect, response: &egui::Response) -> bool {
        let palette = Palette::of(ui);
        let name = &self.name;
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, self.chosen, name));
        let lit = ui.rect_contains_pointer(rect);
        if self.chosen || lit {
            ui.painter().rect_filled(rect, 0.0, palette.raise);
        }
        if self.chosen {
            let y = rect.bottom() - 1.0;
            ui.painter()
                .hline(rect.x_range(), y, Stroke::new(2.0, palette.open));
        }
        let mut strip = Strip::new(rect, 12.0, 8.0);
        let state = self
            .feed
            .map_or(ConnectionState::Idle, |feed| feed.status.state);
        let icon = match self.feed.and_then(|feed| feed.source.file()) {
            Some(_) => Icon::File,
            None => Icon::of_state(state, 0.0),
        };
        icon::paint(
            ui.painter(),
            icon,
            strip.left(10.0, 10.0).center(),
            palette.state(state),
        );
        let mut closed = response.middle_clicked();
        // The cross keeps its room while it is not drawn, so that the name does not move.
        let cross = strip.right(18.0, 18.0);
        if self.chosen || lit {
            let id = Id::unique(("close tab", self.pane));
            closed |= icon_button(ui, cross, id, Icon::Cross, "Close the pane").clicked();
        }
        let color = if self.chosen {
            palette.text
        } else {
            palette.dim
        };
        let rest = strip.rest(16.0);
        let sign = measured(ui, "0", font::mono());
        let fitted = cut_middle(name, (rest.width() / sign).floor().max(1.0) as usize);
        paint_left(
            ui,
            rest.left(),
            rest.center().y,
            cut(ui, &fitted, font::mono(), color, rest.width()),
        );
        closed
    }
}
