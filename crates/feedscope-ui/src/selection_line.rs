//! Line under a list while several rows are selected: their number, the time between the first and the last one, their
//! size, and buttons that copy them.

use std::ops::Range;

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::job::Job;
use feedscope_analysis::listing::{ItemId, Listing};
use jiff::tz::TimeZone;

use crate::ids::PaneId;
use crate::row_copy::{CopiedText, CopyForm, copy_job, size_job};
use crate::shortcuts::{Shortcut, ViewShortcut, with_key};
use crate::theme::{Palette, font, size};
use crate::timeline::Selection;
use crate::widgets::icon::Icon;
use crate::widgets::{
    Look, Strip, button, button_width, cut_sentence, icon_button, measured, paint_left, panel,
    top_line,
};
use crate::words;

/// Number of rows whose size is added up within the pass.
const SMALL: u64 = 1_000;

/// State of the line.
#[derive(Default)]
pub(crate) struct SelectionLine {
    size: Option<SelectionSize>,
    copying: Option<Job<CopiedText>>,
    /// The selected rows were too large to be copied.
    too_much: bool,
}

/// Size of selected rows.
struct SelectionSize {
    ranges: Vec<Range<ItemId>>,
    count: u64,
    bytes: Job<u64>,
}

/// Request of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SelectionWish {
    /// End the selection.
    Deselect,
    /// Show the difference of the two selected rows.
    Compare,
    /// Show the measures of the selected rows.
    Measure,
    /// Show only records from the time of the first selected row to that of the last one.
    OnlyTime,
}

/// Area of the line, and the rows that it describes.
pub(crate) struct SelectionLinePlace<'a> {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    pub(crate) listing: &'a Listing,
    pub(crate) selection: &'a Selection,
    /// Zone in which times are shown; `None` if the records have no times.
    pub(crate) zone: Option<&'a TimeZone>,
}

/// Name of the action that compares two records.
const COMPARE: &str = "Difference";
/// Name of the action that measures the rows.
const MEASURE: &str = "Measure";
/// Name of the action that filters by the time of the rows.
const ONLY_TIME: &str = "Only this time";
/// Tooltip of the action that copies the rows.
const COPY_HINT: &str = "Copy as a table: time, direction, type, ID, payload";

/// Actions about any number of rows, the most useful one first.
const BY_USE: [&str; 5] = ["Copy", MEASURE, ONLY_TIME, "Payloads", "JSON lines"];

impl SelectionLine {
    /// Returns the analyses to run.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = Task> {
        let size = self.size.as_ref().and_then(|size| size.bytes.task());
        let copying = self.copying.as_ref().and_then(Job::task);
        size.into_iter().chain(copying)
    }

    /// Copies the selected rows.
    pub(crate) fn copy(
        &mut self,
        ui: &Ui,
        listing: &Listing,
        selection: &Selection,
        form: CopyForm,
        zone: Option<&TimeZone>,
    ) {
        self.too_much = false;
        let is_small = selection.count(listing) <= SMALL;
        let job = copy_job(listing, selection.ranges(), form, zone).done_at_once(is_small);
        self.copying = Some(job);
        self.hand_over(ui);
    }

    /// Passes a text that has been made to the clipboard.
    pub(crate) fn hand_over(&mut self, ui: &Ui) {
        let made = self.copying.as_ref().and_then(Job::get);
        if let Some(text) = made.map(|made| made.lock().take()) {
            self.copying = None;
            self.too_much = text.is_none();
            if let Some(text) = text {
                ui.ctx().copy_text(text);
            }
        }
    }

    /// Draws the line.
    pub(crate) fn show(
        &mut self,
        ui: &Ui,
        place: &SelectionLinePlace<'_>,
    ) -> Option<SelectionWish> {
        let palette = Palette::of(ui);
        let SelectionLinePlace { pane, rect, .. } = *place;
        // Not the ground of selected rows, so that the line is not taken for one of them.
        panel(ui, rect);
        top_line(ui, rect);
        let count = place.selection.count(place.listing);
        let mut wish = None;
        let mut strip = Strip::new(rect, size::PADDING, 4.0);
        let cross = strip.right(20.0, 20.0);
        let text = self.text(place, count);
        // The buttons share the room beside the text, the most useful ones first. The menu of the rows has all of them.
        let mut room = strip.room() - measured(ui, &text, font::label()) - 4.0;
        let of_two = (count == 2).then_some(COMPARE);
        let by_use = BY_USE.into_iter();
        let by_use = by_use.filter(|name| place.zone.is_some() || *name != ONLY_TIME);
        let by_use = of_two.into_iter().chain(by_use);
        let fitting: Vec<&str> = by_use
            .filter(|name| {
                let width = button_width(ui, name, Look::Ghost) + 4.0;
                let fits = width <= room;
                room -= if fits { width } else { 0.0 };
                fits
            })
            .collect();
        // The places are taken from the right, and the widgets are made from the left, because Tab visits them so.
        let mut fits = |name: &str| {
            let width = button_width(ui, name, Look::Ghost);
            let has_room = fitting.contains(&name);
            has_room.then(|| strip.right(width, 22.0))
        };
        let copies = [
            (
                "JSON lines",
                "Copy as lines of JSON".to_owned(),
                CopyForm::JsonLines,
            ),
            (
                "Payloads",
                "Copy the payloads alone".to_owned(),
                CopyForm::Payloads,
            ),
            (
                "Copy",
                with_key(ui, COPY_HINT, Shortcut::View(ViewShortcut::CopySelected)),
                CopyForm::Table,
            ),
        ];
        let copies = copies.map(|copy| (fits(copy.0), copy));
        let only_time = fits(ONLY_TIME);
        let measure = fits(MEASURE);
        let compare = fits(COMPARE);
        let rest = strip.rest(size::CHIP);
        let response = ui.interact(rest, Id::unique(("selected", pane)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &text));
        let galley = cut_sentence(ui, &text, font::label(), palette.text, rest.width());
        paint_left(ui, rest.left(), rest.center().y, galley);
        let action = |rect: Rect, name: &str, hint: &str| {
            let id = Id::unique(("selection", name, pane));
            let response = button(ui, rect, id, name, Look::Ghost);
            response.on_hover_text(hint).clicked()
        };
        let hint = "Compare the two records in the inspector";
        if compare.is_some_and(|rect| action(rect, COMPARE, hint)) {
            wish = Some(SelectionWish::Compare);
        }
        let hint = "Show the measures of these rows";
        if measure.is_some_and(|rect| action(rect, MEASURE, hint)) {
            wish = Some(SelectionWish::Measure);
        }
        let hint =
            "Show only records from the time of the first of these rows to that of the last one";
        if only_time.is_some_and(|rect| action(rect, ONLY_TIME, hint)) {
            wish = Some(SelectionWish::OnlyTime);
        }
        let mut copied = None;
        for (rect, (name, hint, form)) in copies.into_iter().rev() {
            if rect.is_some_and(|rect| action(rect, name, &hint)) {
                copied = Some(form);
            }
        }
        let id = Id::unique(("deselect", pane));
        if icon_button(ui, cross, id, Icon::Cross, "End the selection (Esc)").clicked() {
            wish = Some(SelectionWish::Deselect);
        }
        if let Some(form) = copied {
            self.copy(ui, place.listing, place.selection, form, place.zone);
        }
        wish
    }

    /// Returns the text of the line: `12 rows · 3.204 s · 1.4 kB`.
    fn text(&mut self, place: &SelectionLinePlace<'_>, count: u64) -> String {
        if self.copying.is_some() {
            return format!(
                "Preparing {} for the clipboard…",
                words::counted(count, "row")
            );
        }
        if self.too_much {
            return "These rows are too large for the clipboard.".to_owned();
        }
        let (listing, selection) = (place.listing, place.selection);
        let stamp = |item: ItemId| listing.store().stamp(item.row);
        let ends = selection.first(listing).zip(selection.last(listing));
        let stamps = ends.and_then(|(first, last)| stamp(first).zip(stamp(last)));
        let stamps = stamps.filter(|_| place.zone.is_some());
        let span = stamps.map(|(first, last)| last.moment.since(first.moment));
        let bytes = self.bytes(listing, selection, count);
        words::selected(count, span, bytes)
    }

    /// Returns the size of the selected rows, or `None` while it is computed.
    fn bytes(&mut self, listing: &Listing, selection: &Selection, count: u64) -> Option<u64> {
        // The number differs if a filter found further rows within the ranges.
        let is_same =
            |size: &SelectionSize| size.ranges == selection.ranges() && size.count == count;
        if !self.size.as_ref().is_some_and(is_same) {
            self.size = Some(SelectionSize {
                ranges: selection.ranges().to_vec(),
                count,
                bytes: size_job(listing, selection.ranges()).done_at_once(count <= SMALL),
            });
        }
        self.size.as_ref()?.bytes.get().copied()
    }
}
