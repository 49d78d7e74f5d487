//! Trace (message rate over the last minutes), history strip below it (states of the connection over the same time) and
//! line of statistics.

mod figure_line;
mod figure_link;
mod figures;
mod graph;
mod outages;
mod range;
mod scale;
mod strip;

use std::ops::Range;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::listing::{ItemId, Listing};
use feedscope_core::rates::Rates;
use feedscope_core::store::{Class, ClassSet, ListingIndex, RowNumber};
use feedscope_core::{ConnectionState, Moment};

use crate::scene::FeedScene;
use crate::theme::{Palette, font, size};
use crate::widgets::{cut, measured, name_on_hover, paint_left, paint_right};
use figure_line::{figures_width, statistics};
pub(crate) use figure_link::FigureLink;
use figures::figures;
use outages::Outages;
use range::GraphClick;
pub(crate) use range::TimeRange;
use scale::{GUTTER, TimeAxis};
pub(crate) use scale::{TracePlace, TraceScale};
pub(crate) use strip::paint_span;

/// Minimum width of a trace with a scale.
const WIDE: f32 = 300.0;

/// State of the trace of one pane.
#[derive(Default)]
pub(crate) struct TraceView {
    outages: Outages,
    graph: graph::Graph,
}

/// Rows to which the user wants to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TraceTarget {
    /// The next row of a figure.
    Link(FigureLink),
    /// The row at this moment.
    Moment(Moment),
    /// The row of the state that began at this moment.
    State(Moment),
    /// All rows of this time.
    Range(TimeRange),
    /// No rows: the selected time is removed.
    NoRange,
}

impl TraceTarget {
    /// Returns the item in the list; `None` if there is none.
    pub(crate) fn item(self, listing: &Listing, selected: Option<RowNumber>) -> Option<ItemId> {
        let store = listing.store();
        match self {
            Self::Link(link) => link.next_row(store, selected).map(Into::into),
            Self::Moment(moment) => {
                let after = listing.rank(store.end_at(moment));
                let before = after.0.checked_sub(1).map(ListingIndex);
                let item = listing.select(before.unwrap_or(after));
                item.map(|item| item.id)
            }
            Self::State(moment) => {
                let states = ClassSet::NONE.with(Class::States, true);
                let after = store.rank(states, store.end_at(moment));
                let last = after.0.checked_sub(1).map(ListingIndex)?;
                store.select(states, last).map(Into::into)
            }
            // A range has many rows, and the pane selects them.
            Self::Range(_) | Self::NoRange => None,
        }
    }
}

/// Returns the height of the trace, the strip and the statistics. A low pane has a lower trace, and a file without times
/// has the statistics alone.
pub(crate) fn height(feed: &FeedScene, is_low: bool) -> f32 {
    if feed.source.lacks_times() {
        return size::STATS + 4.0;
    }
    let trace = if is_low { 10.0 } else { size::TRACE };
    trace + size::HISTORY + size::STATS + 3.0
}

impl TraceView {
    /// Sets the span of time that these rows belong to.
    pub(crate) fn set_range(&mut self, range: TimeRange, rows: Range<ItemId>) {
        self.graph.range.set(range, rows);
    }

    /// Removes the span of time as soon as other rows are selected.
    pub(crate) fn keep_range_while(&mut self, selected: &[Range<ItemId>]) {
        self.graph.range.keep_while(selected);
    }

    /// Selects the whole span of the trace in the next pass.
    pub(crate) fn select_whole(&mut self) {
        self.graph.range.select_whole();
    }

    /// Draws the trace, the strip and the statistics. Returns the rows that a click leads to.
    pub(crate) fn show(
        &mut self,
        ui: &Ui,
        place: &TracePlace<'_>,
        feed: &FeedScene,
    ) -> Option<TraceTarget> {
        self.outages.sync(feed);
        let TracePlace { pane, rect, .. } = *place;
        let inner = rect.shrink2(vec2(size::PADDING, 0.0));
        let until = shown_until(feed, place.now.moment);
        if feed.source.lacks_times() {
            let figures = figures(feed, until, Palette::of(ui), &self.outages, place);
            return statistics(ui, pane, inner, &figures).map(TraceTarget::Link);
        }
        let height = rect.height() - size::HISTORY - size::STATS - 3.0;
        let has_scale = inner.width() >= WIDE && height >= size::TRACE;
        let left = inner.left() + if has_scale { GUTTER } else { 0.0 };
        let trace =
            Rect::from_min_size(pos2(left, inner.top()), vec2(inner.right() - left, height));
        let strip = Rect::from_min_size(
            pos2(left, trace.bottom() + 1.0),
            vec2(trace.width(), size::HISTORY),
        );
        let axis = TimeAxis {
            left: trace.left(),
            right: trace.right(),
            until,
            utc: place.now.utc_at(until),
            span: TraceScale::of(ui).span().duration(),
        };
        let target = self.graph.show(ui, place, trace, &axis, feed, has_scale);
        let target = target.map(|click| match click {
            GraphClick::Moment(at) => TraceTarget::Moment(at),
            GraphClick::Range(range) => TraceTarget::Range(range),
        });
        self.graph.range.paint(ui, trace.union(strip), &axis);
        let state = strip::show(ui, place, strip, &axis, feed);
        axis.paint_cursor(ui, trace.union(strip));
        for (_, mark) in place.marks.marks() {
            // An older mark has no place in the strip.
            if axis.until.since(mark.stamp.moment) <= axis.span {
                let x = axis.x_of(mark.stamp.moment);
                let tick = Stroke::new(2.0, Palette::of(ui).flag);
                ui.painter()
                    .vline(x, strip.top() - 4.0..=strip.bottom(), tick);
            }
        }
        let mut stats = Rect::from_min_max(pos2(inner.left(), strip.bottom()), inner.max);
        let is_removed = self.graph.range.chip(ui, place, &mut stats);
        if let Some(reason) = reconnect_reason(feed) {
            show_reason(ui, place, &mut stats, reason);
        }
        let figures = figures(feed, until, Palette::of(ui), &self.outages, place);
        let taken = figures_width(ui, &figures);
        show_difference(ui, place, &mut stats, taken);
        let link = statistics(ui, pane, stats, &figures);
        link.map(TraceTarget::Link)
            .or(state.map(TraceTarget::State))
            .or(target)
            .or(is_removed.then_some(TraceTarget::NoRange))
            .or_else(|| self.graph.range.take_whole(&axis).map(TraceTarget::Range))
    }
}

/// Returns the reason of the wait for the next attempt.
pub(crate) fn reconnect_reason(feed: &FeedScene) -> Option<&str> {
    let status = feed.source.status()?;
    let is_trying = match status.state {
        ConnectionState::Reconnecting => true,
        // The next attempt is running.
        ConnectionState::Connecting => status.reconnects > 0,
        _ => false,
    };
    status.reason.as_deref().filter(|_| is_trying)
}

/// Returns true if a reason fits completely under a trace of this width.
pub(crate) fn fits_reason(ui: &Ui, reason: &str, width: f32) -> bool {
    measured(ui, reason, font::small()) <= width - 2.0 * size::PADDING
}

/// Draws the reason of a reconnection before the figures, which have less news then, and takes its area off.
fn show_reason(ui: &Ui, place: &TracePlace<'_>, stats: &mut Rect, reason: &str) {
    if !fits_reason(ui, reason, place.rect.width()) {
        // The pane shows it below in several lines.
        return;
    }
    let color = Palette::of(ui).fail;
    let galley = cut(ui, reason, font::small(), color, stats.width());
    let area = stats.with_max_x(stats.left() + galley.size().x);
    let id = Id::unique(("reconnect reason", place.pane));
    let response = ui.interact(area, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, reason));
    paint_left(ui, stats.left(), stats.center().y, galley);
    stats.set_left((area.right() + 14.0).min(stats.right()));
}

/// Draws the time between two rows at the end of the statistics, and takes its area off. The time alone is drawn where the
/// words would displace a figure.
fn show_difference(ui: &Ui, place: &TracePlace<'_>, stats: &mut Rect, taken: f32) {
    let Some((time, from)) = &place.difference else {
        return;
    };
    let text = format!("{time} {from}");
    let room = stats.width() - taken;
    let shown = if measured(ui, &text, font::small()) <= room {
        &text
    } else {
        time
    };
    // A part of the time would be a wrong time.
    if measured(ui, shown, font::small()) > stats.width() {
        return;
    }
    let color = Palette::of(ui).text;
    let galley = cut(ui, shown, font::small(), color, f32::INFINITY);
    let area = stats.with_min_x(stats.right() - galley.size().x);
    let id = Id::unique(("time difference", place.pane));
    let response = ui.interact(area, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &text));
    paint_right(ui, stats.right(), stats.center().y, galley);
    name_on_hover(response, &text);
    // A gap separates it from the figures.
    stats.set_right(area.left() - 14.0);
}

/// Returns the time at the right edge. A feed that has ended keeps its last two minutes visible.
fn shown_until(feed: &FeedScene, now: Moment) -> Moment {
    match feed.source.status() {
        // The newest slice is not drawn, so that the last records of a file need another one after it.
        None => now + Rates::SLICE,
        Some(status) if status.state.is_live() => now,
        Some(status) => now.min(status.since + Duration::from_secs(1)),
    }
}
