//! Span of time that the user selects in a trace by a drag. The pane selects the records of this time, so that copies,
//! exports and measures are those of the span.

use std::ops::Range;
use std::time::Duration;

use egui::{Id, Rect, Response, Ui};
use feedscope_analysis::listing::ItemId;
use feedscope_core::Moment;

use super::scale::{TimeAxis, TracePlace};
use crate::theme::{Palette, size};
use crate::widgets::{chip, chip_width, name_on_hover};
use crate::words;

/// Selected span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeRange {
    pub(crate) start: Moment,
    pub(crate) end: Moment,
}

/// Times that the user points out in a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GraphClick {
    Moment(Moment),
    Range(TimeRange),
}

/// State of the selection in one trace.
#[derive(Default)]
pub(super) struct RangeView {
    /// Moment at which a drag has begun.
    dragged_from: Option<Moment>,
    /// Selected span, with the rows that were selected by it.
    chosen: Option<(TimeRange, Range<ItemId>)>,
    /// The whole span of the trace is selected in the next pass.
    wants_whole: bool,
}

impl TimeRange {
    /// Returns the range between two moments in any order.
    pub(crate) fn between(one: Moment, other: Moment) -> Self {
        Self {
            start: one.min(other),
            end: one.max(other),
        }
    }

    /// Returns its length.
    fn length(self) -> Duration {
        self.end.since(self.start)
    }
}

impl RangeView {
    /// Sets the span that the rows belong to.
    pub(super) fn set(&mut self, range: TimeRange, rows: Range<ItemId>) {
        self.chosen = Some((range, rows));
    }

    /// Removes the span, or keeps it while exactly its rows are selected.
    pub(super) fn keep_while(&mut self, selected: &[Range<ItemId>]) {
        let is_same = |(_, rows): &(TimeRange, Range<ItemId>)| {
            selected == std::slice::from_ref(rows) || (selected.is_empty() && rows.is_empty())
        };
        self.chosen = self.chosen.take().filter(is_same);
    }

    /// Selects the whole span of the trace in the next pass.
    pub(super) fn select_whole(&mut self) {
        self.wants_whole = true;
    }

    /// Returns the span of the trace if it is to be selected.
    pub(super) fn take_whole(&mut self, axis: &TimeAxis) -> Option<TimeRange> {
        let whole = TimeRange::between(axis.until - axis.span, axis.until);
        std::mem::take(&mut self.wants_whole).then_some(whole)
    }

    /// Handles a drag in the graph. Returns the span when the button is released.
    pub(super) fn drag(
        &mut self,
        ui: &Ui,
        response: &Response,
        axis: &TimeAxis,
    ) -> Option<TimeRange> {
        if response.drag_started() {
            // The drag is recognized some points after the press.
            let pressed = ui.input(|input| input.pointer.press_origin());
            let x = pressed.or(response.interact_pointer_pos())?.x;
            self.dragged_from = Some(axis.moment_at(x.clamp(axis.left, axis.right)));
        }
        let from = self.dragged_from?;
        let pointer = ui.input(|input| input.pointer.latest_pos())?;
        let range =
            TimeRange::between(from, axis.moment_at(pointer.x.clamp(axis.left, axis.right)));
        if response.dragged() {
            paint(ui, response.rect, axis, range);
            return None;
        }
        self.dragged_from = None;
        response.drag_stopped().then_some(range)
    }

    /// Draws the selected span over the trace and the strip.
    pub(super) fn paint(&self, ui: &Ui, rect: Rect, axis: &TimeAxis) {
        if let Some((range, _)) = &self.chosen {
            paint(ui, rect, axis, *range);
        }
    }

    /// Draws the chip of the span at the right end of the statistics, and takes its room. Returns true if the user removes
    /// the span.
    pub(super) fn chip(&self, ui: &Ui, place: &TracePlace<'_>, stats: &mut Rect) -> bool {
        let Some((range, _)) = self.chosen else {
            return false;
        };
        let time = |at: Moment| {
            let text = words::time_of_day(place.now.utc_at(at), place.zone);
            // Tenths of a second are exact enough to recognize a span.
            text.get(..text.len().saturating_sub(2))
                .unwrap_or(&text)
                .to_owned()
        };
        let length = words::duration_exact(range.length());
        let text = format!("{} to {} · {length} ×", time(range.start), time(range.end));
        let width = chip_width(ui, &text, false).min(stats.width());
        let area = Rect::from_center_size(
            stats.right_center() - egui::vec2(width / 2.0, 0.0),
            egui::vec2(width, size::CHIP.min(stats.height())),
        );
        let id = Id::unique(("selected time", place.pane));
        let response = chip(ui, area, id, None, &text, true);
        stats.set_right(area.left() - 14.0);
        let is_removed = response.clicked();
        name_on_hover(
            response,
            "The records of this time are selected. Copies, exports and measures are those of it. A click removes it.",
        );
        is_removed
    }
}

/// Draws a span of time.
fn paint(ui: &Ui, rect: Rect, axis: &TimeAxis, range: TimeRange) {
    // A span that has left the trace is not drawn.
    if axis.until.since(range.end) > axis.span {
        return;
    }
    let band = Rect::from_x_y_ranges(
        axis.x_of(range.start)..=axis.x_of(range.end).max(axis.x_of(range.start) + 1.0),
        rect.y_range(),
    );
    let color = Palette::of(ui).incoming;
    ui.painter()
        .rect_filled(band, 0.0, color.gamma_multiply(0.2));
}

#[cfg(test)]
mod tests {
    use feedscope_core::store::RowNumber;

    use super::*;

    #[test]
    fn a_span_stays_while_its_rows_are_selected() {
        let item = |row: u64| ItemId::from(RowNumber(row));
        let range = TimeRange::between(Moment::from_millis(9), Moment::from_millis(4));
        assert_eq!(range.start, Moment::from_millis(4));
        let mut view = RangeView::default();
        view.set(range, item(2)..item(5));
        view.keep_while(&[item(2)..item(5)]);
        assert!(view.chosen.is_some());
        view.keep_while(&[item(2)..item(6)]);
        assert!(view.chosen.is_none());
        // A span without records selects nothing.
        view.set(range, item(2)..item(2));
        view.keep_while(&[]);
        assert!(view.chosen.is_some());
    }
}
