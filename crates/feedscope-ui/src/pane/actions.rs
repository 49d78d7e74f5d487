//! Effects on one pane of the commands that have a key or stand in the command palette.

use egui::Ui;
use feedscope_analysis::errors::{Towards, next_error};
use feedscope_analysis::job::Job;
use feedscope_analysis::lenses::LensPass;
use feedscope_analysis::listing::ItemId;
use feedscope_core::Moment;
use feedscope_core::store::RowNumber;
use jiff::tz::TimeZone;

use super::heights::SIDE;
use super::sheet::WantedSheet;
use super::{PanePlace, PaneView};
use crate::ids::{FeedId, PaneId};
use crate::lens::{Partner, ReadingMenu};
use crate::options::OptionField;
use crate::replay_scene::ReplayAction;
use crate::row_copy::CopyForm;
use crate::save::RowChoice;
use crate::scene::FeedScene;
use crate::shortcuts::ReplayStep;
use crate::side::SideTab;
use crate::timeline::List;
use crate::trace::{FigureLink, TimeRange, TraceTarget};
use crate::words;

impl PaneView {
    /// Returns true if the composer contains text that has not been sent.
    pub(crate) fn is_writing(&self) -> bool {
        self.composer.is_writing()
    }

    /// Writes the JSON in the composer in lines.
    pub(crate) fn format_message(&mut self) {
        self.composer.format();
    }

    /// Asks for the name under which the message in the composer is saved.
    pub(crate) fn name_message(&mut self) {
        if let Some(feed) = self.feed {
            self.message = self.composer.begin_naming(feed);
        }
    }

    /// Closes the line for the name of a message of a feed.
    pub(crate) fn end_naming(&mut self, feed: FeedId) {
        self.composer.end_naming(feed);
    }

    /// Returns true if the line for the name of a message is open.
    pub(crate) fn is_naming(&self) -> bool {
        self.feed
            .is_some_and(|feed| self.composer.naming_height(feed).is_some())
    }

    /// Writes a saved message into the composer.
    pub(crate) fn write_message(&mut self, name: String, text: String, form: &str) {
        self.composer.edit(name, text, form);
    }

    /// Opens the menu of the lens.
    pub(crate) fn open_lens(&mut self) {
        self.wanted_menu = Some(ReadingMenu::Lens);
    }

    /// Opens the menu of the decoders.
    pub(crate) fn open_decoders(&mut self) {
        self.wanted_menu = Some(ReadingMenu::Decoders);
    }

    /// Selects the other end of the selected pair in the next pass.
    pub(crate) fn want_partner(&mut self) {
        self.wants_partner = true;
    }

    /// Selects the answer to the selected request, or the request of the selected answer.
    pub(super) fn go_to_partner(&mut self, place: &PanePlace<'_>, feed: &FeedScene) {
        let lens = place.lenses.of(feed.id);
        if let Some((lens, item)) = lens.zip(self.timeline.selected())
            && let Some(partner) = Partner::of_row(lens.pass(), item.row)
        {
            self.timeline.go_to(Some(partner.item().row.into()));
        }
    }

    /// Selects the row that a click in the trace or on a figure leads to.
    pub(super) fn follow_target(&mut self, target: TraceTarget, feed: &FeedScene) {
        match target {
            TraceTarget::Range(range) => return self.select_time(range, feed),
            TraceTarget::NoRange => return self.lists.deselect(&mut self.timeline),
            TraceTarget::Link(FigureLink::SecondOpinion) => {
                self.wanted_sheet = Some(WantedSheet::SecondOpinion);
                return;
            }
            _ => {}
        }
        let selected = self.timeline.selected().map(|item| item.row);
        let gaps = self.side.measures().gaps();
        let item = if let (TraceTarget::Link(FigureLink::Faults), Some(gaps)) = (target, gaps) {
            gaps.value().next_after(selected).map(Into::into)
        } else {
            let listing = self.listing(feed);
            target.item(&listing, selected)
        };
        // The row may have been let go. The selection stays then.
        if let Some(row) = item {
            self.timeline.go_to(item);
            if !self.listing(feed).has(row) {
                self.message = Some(words::HIDDEN_ROW.to_owned());
            }
        }
    }

    /// Selects the records of a span of time, and measures them.
    fn select_time(&mut self, range: TimeRange, feed: &FeedScene) {
        let listing = self.listing(feed);
        let store = listing.store();
        // The record before the span is the last one that is not in it.
        let before = range
            .start
            .as_nanos()
            .checked_sub(1)
            .map(Moment::from_nanos);
        let start = before.map_or(RowNumber(0), |before| store.end_at(before));
        let rows = start.into()..store.end_at(range.end).into();
        let first = listing.select(listing.rank(rows.start));
        let first = first.map(|item| item.id).filter(|item| *item < rows.end);
        self.timeline.select_range(first, rows.clone());
        self.trace.set_range(range, rows);
        self.side.measure_selection();
    }

    /// Selects the span of time that the trace shows.
    pub(crate) fn select_trace(&mut self) {
        self.trace.select_whole();
    }

    /// Selects the records from one of the last two marks to the other.
    pub(crate) fn select_between_marks(&mut self, feed: Option<&FeedScene>) {
        if let (Some((before, last)), Some(feed)) = (self.annotations.last_two(), feed) {
            self.select_time(TimeRange::between(before, last), feed);
        }
    }

    /// Takes out the row of another feed that its pane selects.
    pub(crate) fn take_other_row(&mut self) -> Option<(FeedId, RowNumber)> {
        self.other_row.take()
    }

    /// Selects a row.
    pub(crate) fn go_to_row(&mut self, row: RowNumber) {
        self.timeline.go_to(Some(row.into()));
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

    /// Selects the next marked record.
    pub(crate) fn go_to_mark(&mut self, towards: Towards) {
        let selected = self.timeline.selected().map(|item| item.row);
        if let Some(row) = self.annotations.next_mark(selected, towards) {
            self.timeline.go_to(Some(row.into()));
        }
    }

    /// Returns the time between the selected row and the one under the pointer, or else between the last two marks.
    pub(super) fn difference(&self, ui: &Ui, feed: &FeedScene) -> Option<(String, &'static str)> {
        if feed.source.lacks_times() {
            return None;
        }
        let selected = self.timeline.selected()?.row;
        let pointed = self.timeline.pointed(ui).map(|item| item.row);
        let pointed = pointed.filter(|row| *row != selected);
        let stamps = pointed.and_then(|row| feed.store.stamp(row).zip(feed.store.stamp(selected)));
        if let Some((pointed, selected)) = stamps {
            let time = words::since_reference(pointed.moment, selected.moment);
            return Some((time, "from the selected row"));
        }
        let between = self.annotations.between_marks()?;
        let time = words::duration_exact(between);
        Some((time, "between the last two marks"))
    }

    /// Searches for the next error from the selected row in this pass.
    pub(crate) fn go_to_error(&mut self, towards: Towards) {
        self.wanted_error = Some(towards);
    }

    /// Starts the search for the error that the user has asked for.
    pub(super) fn search_error(&mut self, lens: Option<&LensPass>) {
        /// Number of rows that are searched within the pass.
        const SMALL: u64 = 2_000;
        if let Some(listing) = self.lists.listing()
            && let Some(towards) = self.wanted_error.take()
        {
            let from = self.timeline.selected().map(|item| item.row);
            let extent = listing.store().extent();
            let is_small = extent.end.since(extent.first) <= SMALL;
            let search = next_error(listing, lens, from, towards).done_at_once(is_small);
            self.error_search = Some(search);
        }
    }

    /// Selects the error that was found.
    pub(super) fn take_error(&mut self) {
        if let Some(found) = self.error_search.as_ref().and_then(Job::get) {
            if let Some(row) = *found {
                self.timeline.go_to(Some(row.into()));
            }
            self.error_search = None;
        }
    }

    /// Opens a tab of the part for measures and the like, or closes the part if the tab is open. One that is open without
    /// room gets room.
    pub(crate) fn toggle_side(&mut self, tab: SideTab) {
        if self.lacking_parts[SIDE] {
            self.side.open(tab);
        } else {
            self.side.toggle(tab);
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

    /// Opens the connection options at a field.
    pub(crate) fn open_options(&mut self, first: OptionField) {
        self.wanted_sheet = Some(WantedSheet::Options(first));
    }

    /// Opens the comparison with the other engine.
    pub(crate) fn open_second_opinion(&mut self) {
        self.wanted_sheet = Some(WantedSheet::SecondOpinion);
    }

    /// Takes out the message that the window is to show.
    pub(crate) fn take_message(&mut self) -> Option<String> {
        self.message.take()
    }

    /// Moves the inspector beside the rows or below them, or says that the pane is too narrow.
    pub(crate) fn switch_inspector(&mut self) {
        if !self.inspector.switch_place() {
            self.message = Some(words::NO_ROOM_BESIDE.to_owned());
        }
    }

    /// Counts times from the selected row, or in the usual way again.
    pub(crate) fn toggle_reference(&mut self, feed: Option<&FeedScene>) {
        if feed.is_some_and(|feed| feed.source.lacks_times()) {
            self.message = Some(words::FILE_HAS_NO_TIMES.to_owned());
        } else if let Some(listing) = self.lists.listing() {
            self.timeline.toggle_reference(listing);
        }
    }

    /// Returns the list that has the keys.
    pub(crate) fn list_with_keys(&self) -> List {
        self.lists.with_keys()
    }

    /// Returns true if Escape closes a bar of the pane: the line for a name, the jump bar or the find bar.
    pub(crate) fn has_bar(&self) -> bool {
        self.is_naming() || self.jump.is_open() || self.find.is_open()
    }

    /// Opens the menu of a saved message or of the selected value that has the focus, or else of the selected row.
    pub(crate) fn open_menu(&mut self, ui: &Ui, pane: PaneId) {
        if !self.chips.open_menu(ui, pane) && !self.inspector.open_menu(ui, pane) {
            self.lists.open_menu(&mut self.timeline);
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

    /// Returns the number of the rows that the pane shows, of those that are there; `None` while the filter is searching.
    pub(crate) fn number_shown(&self, feed: &FeedScene) -> Option<u64> {
        match self.filter.hits() {
            Some(hits) => {
                let progress = hits.progress();
                progress.done.then_some(progress.hits_found)
            }
            None if self.filter.is_empty() => {
                let end = feed.store.extent().end;
                Some(feed.store.rank(self.timeline.shown, end).0)
            }
            None => None,
        }
    }

    /// Copies the selected rows: the payload of a single one, and several as a table.
    pub(crate) fn copy_selected(&mut self, ui: &Ui, zone: Option<&TimeZone>) {
        match self.lists.selected(&self.timeline) {
            Some((listing, selection)) if selection.may_be_several() => {
                let form = CopyForm::Table;
                self.selection_line.copy(ui, listing, selection, form, zone);
            }
            _ => self.inspector.copy_payload(ui.ctx()),
        }
    }
}
