//! Trace (message rate over the last minutes), history strip below it (states of the connection over the same time) and
//! line of statistics.

mod graph;
mod range;
mod scale;
mod strip;

use std::ops::Range;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Color32, CursorIcon, Id, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::listing::{ItemId, Listing};
use feedscope_core::feed::FeedStatus;
use feedscope_core::protocol::Protocol;
use feedscope_core::stats::Rates;
use feedscope_core::store::{Class, ClassSet, Detail, ListingIndex, RowNumber, Store};
use feedscope_core::{ConnectionState, Moment, Stamp};

use crate::feed_source::{FeedSource, FileSource, LiveSource};
use crate::ids::PaneId;
use crate::scene::FeedScene;
use crate::theme::{Palette, font, size};
use crate::widgets::{cut, measured, name_on_hover, paint_left, paint_right};
use crate::words;
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

/// Rows that a figure leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FigureLink {
    /// Gaps in the IDs.
    Gaps,
    /// Losses of the connection.
    Drops,
    /// Faults of a chosen sequence, whose rows an analysis knows.
    Faults,
}

impl FigureLink {
    /// Returns the next such row after the selected one, or else the first one.
    pub(crate) fn next_row(self, store: &Store, selected: Option<RowNumber>) -> Option<RowNumber> {
        let after = selected.map_or(RowNumber(0), |row| row + 1);
        self.row_from(store, after)
            .or_else(|| self.row_from(store, RowNumber(0)))
    }

    /// Returns the first such row from `from` on. Only rows about the connection are read.
    fn row_from(self, store: &Store, mut from: RowNumber) -> Option<RowNumber> {
        const ROWS_AT_ONCE: usize = 256;
        let shown = ClassSet::NONE.with(Class::States, true);
        loop {
            let rows = store.rows(shown, from, RowNumber::MAX, ROWS_AT_ONCE, 0);
            let found = rows.iter().find(|row| self.is_at(&row.detail));
            if found.is_some() || rows.len() < ROWS_AT_ONCE {
                return found.map(|row| row.row);
            }
            from = rows.last()?.row + 1;
        }
    }

    fn is_at(self, detail: &Detail) -> bool {
        match (self, detail) {
            (Self::Gaps, Detail::Gap(_)) => true,
            (Self::Drops, Detail::State(change)) => change.state == ConnectionState::Reconnecting,
            _ => false,
        }
    }
}

/// State of a source that losses were computed for.
#[derive(Clone, Copy, PartialEq)]
enum OutagesOf {
    /// State of a connection, and the time at which it began.
    Connection(ConnectionState, Moment),
    /// Moment of the last record of a file, and the number of its received records.
    File(Option<(Moment, u64)>),
}

impl OutagesOf {
    fn now(feed: &FeedScene) -> Self {
        match &feed.source {
            FeedSource::Live(LiveSource { status, .. }) => {
                Self::Connection(status.state, status.since)
            }
            FeedSource::File(FileSource { file, .. }) => {
                // The states of a file are known some time after its rows, together with the number of received records.
                let end =
                    |(_, last): (Stamp, Stamp)| (last.moment, feed.store.received().0.records);
                Self::File(file.span.map(end))
            }
        }
    }
}

/// Losses of the connection, computed when the state has changed.
#[derive(Default)]
pub(crate) struct Outages {
    /// State that the figures belong to.
    of: Option<OutagesOf>,
    /// Number of open connections that were lost.
    drops: u64,
    /// Time without a connection between open connections.
    without: Duration,
}

impl Outages {
    /// Updates the figures if the state has changed.
    pub(crate) fn sync(&mut self, feed: &FeedScene) {
        let of = Some(OutagesOf::now(feed));
        if self.of == of {
            return;
        }
        *self = Self {
            of,
            ..Self::default()
        };
        // A file has no count of reconnections.
        let status = feed.source.status();
        if status.is_some_and(|status| status.reconnects == 0) {
            return;
        }
        let mut lost_at = None;
        let mut is_open = false;
        for span in feed.store.history(Moment::default()) {
            let was_open = std::mem::replace(&mut is_open, span.state == ConnectionState::Open);
            let at = span.from.moment;
            if was_open && span.failure {
                self.drops += 1;
                lost_at = Some(at);
            } else if is_open && let Some(lost_at) = lost_at.take() {
                self.without += at.since(lost_at);
            }
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

/// Returns the width of all figures in points.
fn figures_width(ui: &Ui, figures: &[Figure]) -> f32 {
    let width = |figure: &Figure| {
        measured(ui, figure.before, font::small())
            + measured(ui, &figure.number, font::strong_small())
            + measured(ui, &figure.after, font::small())
            + 14.0
    };
    figures.iter().map(width).sum()
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
    let color = Palette::of(ui).text;
    let galley = cut(ui, shown, font::small(), color, stats.width() / 2.0);
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

/// Figure of the statistics: a number in strong type with the words around it. Some figures have a color.
#[derive(Default)]
struct Figure {
    before: &'static str,
    /// Number in strong type.
    number: String,
    after: String,
    /// Color of the whole figure; `None` for the usual colors.
    color: Option<Color32>,
    /// Rows that a click leads to.
    link: Option<FigureLink>,
    /// Name for screen readers, and the number with its unit.
    spoken: (&'static str, String),
    /// Meaning, span and unit.
    about: &'static str,
}

/// Draws the figures from left to right. Returns the one that was clicked.
fn statistics(ui: &Ui, pane: PaneId, rect: Rect, figures: &[Figure]) -> Option<FigureLink> {
    let palette = Palette::of(ui);
    let mut clicked = None;
    // All figures in one sentence, also those without room.
    let response = ui.interact(rect, Id::unique(("figures", pane)), Sense::hover());
    response.widget_info(|| {
        let figures: Vec<String> = figures
            .iter()
            .map(|figure| format!("{}{}{}", figure.before, figure.number, figure.after))
            .collect();
        WidgetInfo::labeled(Role::Label, true, figures.join(", "))
    });
    let mut x = rect.left();
    for figure in figures {
        let words = figure.color.unwrap_or(palette.dim);
        let parts = [
            cut(ui, figure.before, font::small(), words, f32::INFINITY),
            cut(
                ui,
                &figure.number,
                font::strong_small(),
                figure.color.unwrap_or(palette.text),
                f32::INFINITY,
            ),
            cut(ui, &figure.after, font::small(), words, f32::INFINITY),
        ];
        // Figures that do not fit are omitted. The most important ones come first.
        if x + parts.iter().map(|part| part.size().x).sum::<f32>() > rect.right() {
            break;
        }
        let left = x;
        for part in parts {
            let width = part.size().x;
            paint_left(ui, x, rect.center().y, part);
            x += width;
        }
        if let Some(link) = figure.link {
            let area = Rect::from_x_y_ranges(left - 3.0..=x + 3.0, rect.y_range());
            let id = Id::unique(("figure", link as u8, pane));
            let response = ui.interact(area, id, Sense::click());
            response.widget_info(|| WidgetInfo::labeled(Role::Link, true, &figure.after));
            ui.ctx()
                .accesskit_node_builder(response.id, |node| node.set_description(figure.about));
            let y = rect.center().y + 7.0;
            if response.hovered() || response.has_focus() {
                ui.painter().hline(left..=x, y, Stroke::new(1.0, words));
            }
            if response.clicked() {
                clicked = Some(link);
            }
            let about = format!("{} A click leads to the next of these rows.", figure.about);
            response
                .on_hover_cursor(CursorIcon::PointingHand)
                .on_hover_text(about.trim_start());
        } else if !figure.about.is_empty() {
            let area = Rect::from_x_y_ranges(left..=x, rect.y_range());
            let id = Id::unique(("figure", figure.about, pane));
            let response = ui.interact(area, id, Sense::hover());
            let (name, value) = &figure.spoken;
            response
                .widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {value}")));
            ui.ctx()
                .accesskit_node_builder(response.id, |node| node.set_description(figure.about));
            response.on_hover_text(figure.about);
        }
        x += 14.0;
    }
    clicked
}

/// Returns the figure of the faults of a chosen sequence.
fn faults(place: &TracePlace<'_>, palette: &Palette) -> Option<Figure> {
    let faults = place.gaps?.value().rows().len() as u64;
    Some(Figure {
        after: format!("{} in the sequence", words::counted(faults, "fault")),
        spoken: ("faults of the sequence", words::count(faults)),
        about: "Holes, repetitions and wrong orders of the chosen number, since the first record.",
        color: Some(palette.wait).filter(|_| faults > 0),
        link: Some(FigureLink::Faults).filter(|_| faults > 0),
        ..Figure::default()
    })
}

/// Returns the figure of the present silence.
fn silence(
    place: &TracePlace<'_>,
    now: Moment,
    last: Option<Moment>,
    palette: &Palette,
) -> Option<Figure> {
    // Without a record, there is no silence to measure.
    let last = last?;
    if let Some(quiet) = place.quiet {
        return Some(Figure {
            before: "quiet ",
            number: words::whole_seconds(quiet),
            spoken: (SILENCE, words::whole_seconds(quiet)),
            color: Some(palette.wait),
            about: "Time since the last received payload. The feed was never silent for so long before.",
            ..Figure::default()
        });
    }
    // Whole seconds, because a time that changes in each pass would move the figures after it.
    Some(Figure {
        before: "last ",
        number: words::whole_seconds(now.since(last)),
        spoken: (SILENCE, words::whole_seconds(now.since(last))),
        after: " ago".to_owned(),
        about: "Time since the last received payload, in whole seconds.",
        ..Figure::default()
    })
}

/// Name of the figure of a silence.
const SILENCE: &str = "time since the last payload";

/// Meaning, span and unit of the figures.
const RATE: &str = "Received payloads per second, over the last two seconds.";
const BYTE_RATE: &str = "Bytes of received payloads per second, over the last two seconds.";
const UP: &str = "Time since the connection was opened.";
const ROUND_TRIP: &str = "Time from the last ping to its pong.";
const DROPS: &str = "Open connections that were lost, since the start of the feed.";
const DROPS_AND_ATTEMPTS: &str = "Open connections that were lost since the start of the feed, and attempts since the feed was last open.";
const RECORDS: &str = "Records of all kinds since the start of the feed.";
const HIDDEN: &str = "Records of all kinds since the start of the feed. The chips beside the filter hide kinds of records.";
const BYTES: &str = "Bytes of all received payloads.";
const SPAN: &str = "Time from the first record to the last one.";
const LET_GO: &str =
    "Oldest records that are no longer kept, because memory and disk history are limited.";

/// Returns the figures, the most important one first.
fn figures(
    feed: &FeedScene,
    now: Moment,
    palette: &Palette,
    outages: &Outages,
    place: &TracePlace<'_>,
) -> Vec<Figure> {
    let LiveSource { spec, status } = match &feed.source {
        FeedSource::Live(live) => live,
        FeedSource::File(source) => return figures_of_file(feed, source, outages),
    };
    // The window is not drawn again while nothing happens, so that the last rate would stay after the end.
    let (records, bytes) = if status.state.is_live() {
        feed.store.per_second(now, Rates::SLICE * 4)
    } else {
        Default::default()
    };
    let (_, last) = feed.store.received();
    // The number and its unit have different type.
    let bytes = words::bytes(bytes as u64);
    let (bytes, unit) = bytes.split_once(' ').unwrap_or((&bytes, ""));
    let bytes = (bytes.to_owned(), format!(" {unit}/s"));
    let mut figures = vec![
        figure("rate", "", (words::rate(records), "/s".to_owned()), RATE),
        figure("bytes per second", "", bytes, BYTE_RATE),
    ];
    figures.extend(queue(status, palette));
    // After the end, this time would only grow.
    let last = last.filter(|_| status.state.is_live());
    figures.extend(silence(place, now, last, palette));
    if status.state == ConnectionState::Open {
        let up = words::duration(now.since(status.since));
        figures.push(figure(
            "time since the opening",
            "up ",
            (up, String::new()),
            UP,
        ));
    }
    if let (Protocol::WebSocket, Some(rtt)) = (spec.protocol(), status.rtt) {
        let rtt = (words::round_trip(rtt), String::new());
        figures.push(figure("newest round trip", "rtt ", rtt, ROUND_TRIP));
    }
    figures.push(drops(status, outages));
    figures.extend(losses(status, outages, palette));
    figures.extend(faults(place, palette));
    let extent = feed.store.extent();
    figures.push(all_records(extent.end.0, place));
    figures.extend(let_go(feed, palette));
    figures
}

/// Returns the figures of a file or of a recording.
fn figures_of_file(feed: &FeedScene, source: &FileSource, outages: &Outages) -> Vec<Figure> {
    let (received, _) = feed.store.received();
    // The number and its unit have different type.
    let length = words::bytes(received.bytes);
    let (length, unit) = length.split_once(' ').unwrap_or((&length, ""));
    let length = (length.to_owned(), format!(" {unit}"));
    let mut figures = vec![
        counted("all records", feed.store.extent().end.0, "record", RECORDS),
        figure("payload bytes", "", length, BYTES),
    ];
    let file = &source.file;
    if let Some((first, last)) = file.span.filter(|_| !file.lacks_times()) {
        let span = words::duration(last.moment.since(first.moment));
        let span = (span, String::new());
        figures.push(figure("length of the file", "over ", span, SPAN));
    }
    figures.push(counted("drops", outages.drops, "drop", DROPS));
    figures
}

/// Returns the figure of the messages that wait for the connection.
fn queue(status: &FeedStatus, palette: &Palette) -> Option<Figure> {
    let count = status.queue.len() as u64;
    (count > 0).then(|| Figure {
        after: format!("{} waiting to be sent", words::counted(count, "message")),
        color: Some(palette.wait),
        spoken: ("messages in the queue", words::count(count)),
        about: "Messages that are sent when the feed is open.",
        ..Figure::default()
    })
}

/// Returns the figure of lost connections, and of the attempts since the feed was last open. The pill and the rows have the
/// same count of attempts.
fn drops(status: &FeedStatus, outages: &Outages) -> Figure {
    let mut drops = counted("drops", outages.drops, "drop", DROPS);
    let attempts = u64::from(status.attempt);
    if status.state != ConnectionState::Open && attempts > 1 {
        drops.after = format!("{}, {}", drops.after, words::counted(attempts, "attempt"));
        drops.about = DROPS_AND_ATTEMPTS;
        let (lost, tried) = (words::count(outages.drops), words::count(attempts));
        drops.spoken = (
            "drops, and attempts to open again",
            format!("{lost}, {tried}"),
        );
    }
    drops
}

/// Returns the figure of lost records. Only known facts are stated.
fn losses(status: &FeedStatus, outages: &Outages, palette: &Palette) -> Option<Figure> {
    let (after, color, link) = match status.missed {
        Some(0) => (
            "resumed without loss".to_owned(),
            palette.open,
            FigureLink::Gaps,
        ),
        Some(missed) => {
            let text = format!("{} missed", words::count(missed));
            (text, palette.fail, FigureLink::Gaps)
        }
        None if !outages.without.is_zero() => {
            let without = words::duration(outages.without);
            let text = format!("messages of {without} unknown");
            (text, palette.wait, FigureLink::Drops)
        }
        None => return None,
    };
    Some(Figure {
        after,
        color: Some(color),
        link: Some(link),
        about: "Events that never arrived, as far as IDs and reconnections show it.",
        ..Figure::default()
    })
}

/// Returns the figure of the records that are no longer kept.
fn let_go(feed: &FeedScene, palette: &Palette) -> Option<Figure> {
    let count = feed.store.extent().let_go;
    // The row above the oldest record has the whole sentence.
    let has_problem = feed.store.spill_problem().is_some();
    let words = if has_problem {
        " let go, disk history ended"
    } else {
        " let go"
    };
    (count > 0).then(|| Figure {
        number: words::count(count),
        after: words.to_owned(),
        color: has_problem.then_some(palette.fail),
        spoken: ("records that were let go", words::count(count)),
        about: LET_GO,
        ..Figure::default()
    })
}

/// Returns a number with its unit and the word before it.
fn figure(
    name: &'static str,
    before: &'static str,
    (number, unit): (String, String),
    about: &'static str,
) -> Figure {
    Figure {
        before,
        spoken: (name, format!("{number}{unit}")),
        number,
        after: unit,
        about,
        ..Figure::default()
    }
}

/// Returns the figure of all records, with those that the chips hide.
fn all_records(count: u64, place: &TracePlace<'_>) -> Figure {
    let mut records = counted("all records", count, "record", RECORDS);
    if let Some(hidden) = words::hidden_records(place.hidden) {
        records.after = format!("{}, {hidden}", records.after);
        records.spoken.1 = format!("{}, {hidden}", records.spoken.1);
        records.about = HIDDEN;
    }
    records
}

/// Returns a number with its noun in the singular or plural.
fn counted(name: &'static str, value: u64, noun: &str, about: &'static str) -> Figure {
    let plural = if value == 1 { "" } else { "s" };
    Figure {
        number: words::count(value),
        spoken: (name, words::count(value)),
        after: format!(" {noun}{plural}"),
        about,
        ..Figure::default()
    }
}
