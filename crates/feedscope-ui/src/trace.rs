//! Trace (message rate over the last two minutes), history strip below it (states of the connection over the same time)
//! and line of statistics.

use std::time::Duration;

use egui::accesskit::Role;
use egui::{Color32, CursorIcon, Id, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};
use feedscope_core::history::Span;
use feedscope_core::protocol::Protocol;
use feedscope_core::stats::Rates;
use feedscope_core::store::{Class, Detail, RowNumber, Shown, Store};
use feedscope_core::{ConnectionState, Moment};
use jiff::tz::TimeZone;

use crate::ids::PaneId;
use crate::scene::FeedScene;
use crate::theme::{Palette, font, size};
use crate::widgets::{cut, paint_left};
use crate::words;

/// Time that the trace and the strip cover.
const SHOWN: Duration = Duration::from_mins(2);

/// Factor of the trace's upper limit over its highest rate, so that a steady rate does not touch the edge.
const HEADROOM: f32 = 1.3;

/// Area of the trace with its statistics, and the data that they need.
pub(crate) struct Place<'a> {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    pub(crate) now: Moment,
    pub(crate) zone: &'a TimeZone,
}

/// Rows that a figure leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// Gaps in the IDs.
    Gaps,
    /// Losses of the connection.
    Drops,
}

impl Link {
    /// Returns the next such row after the selected one, or else the first one.
    pub(crate) fn next_row(self, store: &Store, selected: Option<RowNumber>) -> Option<RowNumber> {
        let after = selected.map_or(RowNumber(0), |row| row + 1);
        self.row_from(store, after)
            .or_else(|| self.row_from(store, RowNumber(0)))
    }

    /// Returns the first such row from `from` on. Only rows about the connection are read.
    fn row_from(self, store: &Store, mut from: RowNumber) -> Option<RowNumber> {
        const ROWS_AT_ONCE: usize = 256;
        let shown = Shown::NONE.with(Class::States, true);
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

/// Moment of the last record of a file, and the number of its received records.
type End = Option<(Moment, u64)>;

/// Losses of the connection, computed when the state has changed.
#[derive(Default)]
pub(crate) struct Outages {
    /// State that the figures belong to.
    of: Option<(ConnectionState, Moment, End)>,
    /// Number of open connections that were lost.
    drops: u64,
    /// Time without a connection between open connections.
    without: Duration,
}

impl Outages {
    /// Updates the figures if the state has changed.
    pub(crate) fn sync(&mut self, feed: &FeedScene) {
        let end = feed.file.as_ref().and_then(|file| file.span);
        // The states of a file are known some time after its rows, together with the number of received records.
        let end = end.map(|(_, last)| (last.moment, feed.store.received().0.records));
        let of = Some((feed.status.state, feed.status.since, end));
        if self.of == of {
            return;
        }
        *self = Self {
            of,
            ..Self::default()
        };
        // A file has no count of reconnections.
        if feed.status.reconnects == 0 && feed.file.is_none() {
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

/// Draws the trace, the strip and the statistics. Returns the figure that was clicked.
pub(crate) fn show(
    ui: &Ui,
    place: &Place<'_>,
    feed: &FeedScene,
    outages: &Outages,
) -> Option<Link> {
    let Place {
        pane,
        rect,
        now,
        zone,
    } = *place;
    let inner = rect.shrink2(vec2(size::PADDING, 0.0));
    let now = shown_until(feed, now);
    let trace = Rect::from_min_size(
        inner.min,
        vec2(
            inner.width(),
            rect.height() - size::HISTORY - size::STATS - 3.0,
        ),
    );
    if trace.height() >= 8.0 {
        paint_trace(ui, trace, feed, now);
    }
    let strip = Rect::from_min_size(
        pos2(inner.left(), trace.bottom() + 1.0),
        vec2(inner.width(), size::HISTORY),
    );
    history_strip(ui, pane, strip, feed, now, zone);
    let stats = Rect::from_min_max(pos2(inner.left(), strip.bottom()), inner.max);
    statistics(
        ui,
        pane,
        stats,
        &figures(feed, now, Palette::of(ui), outages),
    )
}

/// Returns the time at the right edge. A feed that has ended keeps its last two minutes visible.
fn shown_until(feed: &FeedScene, now: Moment) -> Moment {
    if feed.file.is_some() {
        // The newest slice is not drawn, so that the last records need another one after it.
        now + Rates::SLICE
    } else if feed.status.state.is_live() {
        now
    } else {
        now.min(feed.status.since + Duration::from_secs(1))
    }
}

/// Draws the message rate as a line.
fn paint_trace(ui: &Ui, rect: Rect, feed: &FeedScene, now: Moment) {
    let slices = match feed.played_until() {
        Some(until) => feed.store.slices_until(now, until),
        None => feed.store.slices(now),
    };
    let highest = slices
        .iter()
        .map(|slice| slice.records)
        .max()
        // At least 2, so that a single record does not fill the height.
        .unwrap_or(0)
        .max(2) as f32
        * HEADROOM;
    let base = rect.bottom() - 1.0;
    // A margin above the line keeps its stroke inside of the area.
    let reach = rect.height() - 4.0;
    // The newest slice is not full yet and would look like a drop of the rate.
    let shown = &slices[..slices.len() - 1];
    let step = rect.width() / (shown.len() - 1) as f32;
    let points: Vec<_> = shown
        .iter()
        .enumerate()
        .map(|(i, slice)| {
            pos2(
                rect.left() + i as f32 * step,
                base - reach * slice.records as f32 / highest,
            )
        })
        .collect();
    let color = Palette::of(ui).state(feed.status.state);
    ui.painter()
        .add(Shape::line(points, Stroke::new(1.4, color)));
}

/// Draws the states of the connection as colored spans. A tooltip describes the span under the pointer.
fn history_strip(
    ui: &Ui,
    pane: PaneId,
    rect: Rect,
    feed: &FeedScene,
    now: Moment,
    zone: &TimeZone,
) {
    let palette = Palette::of(ui);
    let from = now - SHOWN;
    let spans = match feed.played_until() {
        Some(until) => feed.store.history_between(from, until),
        None => feed.store.history(from),
    };
    let x_of = |at: Moment| {
        // A span that started earlier begins at the left edge.
        rect.right() - rect.width() * (now.since(at).as_secs_f32() / SHOWN.as_secs_f32()).min(1.0)
    };
    ui.painter().rect_filled(rect, 2.0, palette.raise);
    for (i, span) in spans.iter().enumerate() {
        let end = spans
            .get(i + 1)
            .map_or(rect.right(), |next| x_of(next.from.moment));
        let start = x_of(span.from.moment);
        paint_span(
            // Even a very short state is one point wide.
            ui,
            Rect::from_x_y_ranges(start..=end.max(start + 1.0), rect.y_range()),
            span,
        );
    }
    // The strip is four points high and hard to hit, so that the area for the pointer is larger.
    let response = ui.interact(
        rect.expand2(vec2(0.0, 3.0)),
        Id::unique(("history", pane)),
        Sense::hover(),
    );
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Image,
            true,
            format!("Connection history: {} changes", spans.len()),
        )
    });
    if let Some(pointer) = response.hover_pos()
        // The newest span under the pointer is found first, because short spans overlap.
        && let Some(span) = spans
            .iter()
            .rev()
            .find(|span| x_of(span.from.moment) <= pointer.x + 1.0)
    {
        response.on_hover_text_at_pointer(span_words(span, zone));
    }
}

/// Draws one span.
pub(crate) fn paint_span(ui: &Ui, rect: Rect, span: &Span) {
    let palette = Palette::of(ui);
    let color = match span.state {
        ConnectionState::Connecting => palette.incoming,
        ConnectionState::Closed | ConnectionState::Idle => Color32::TRANSPARENT,
        state => palette.state(state),
    };
    ui.painter().rect_filled(rect, 1.0, color);
    if span.failure {
        // A loss is a moment and has no length, so that it gets a mark of its own.
        let mark = Rect::from_min_size(rect.min, vec2(3.0, rect.height()));
        ui.painter().rect_filled(mark, 0.0, palette.fail);
    }
}

/// Returns the text of the tooltip.
fn span_words(span: &Span, zone: &TimeZone) -> String {
    let at = words::time_of_day(span.from.utc, zone);
    match &span.reason {
        Some(reason) => format!("{} since {at}: {reason}", span.state.word()),
        None => format!("{} since {at}", span.state.word()),
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
    link: Option<Link>,
}

/// Draws the figures from left to right. Returns the one that was clicked.
fn statistics(ui: &Ui, pane: PaneId, rect: Rect, figures: &[Figure]) -> Option<Link> {
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
                font::strong(11.5),
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
            let y = rect.center().y + 7.0;
            if response.hovered() || response.has_focus() {
                ui.painter().hline(left..=x, y, Stroke::new(1.0, words));
            }
            if response.clicked() {
                clicked = Some(link);
            }
            response
                .on_hover_cursor(CursorIcon::PointingHand)
                .on_hover_text("To the next of these rows");
        }
        x += 14.0;
    }
    clicked
}

/// Returns the figures, the most important one first.
fn figures(feed: &FeedScene, now: Moment, palette: &Palette, outages: &Outages) -> Vec<Figure> {
    let figure = |before: &'static str, number: String, after: &str| Figure {
        before,
        number,
        after: after.to_owned(),
        ..Figure::default()
    };
    let status = &feed.status;
    if let Some(file) = &feed.file {
        let (received, _) = feed.store.received();
        let length = words::bytes(received.bytes);
        let (length, unit) = length.split_once(' ').unwrap_or((&length, ""));
        let mut figures = vec![
            counted(feed.store.extent().end.0, "record"),
            figure("", length.to_owned(), &format!(" {unit}")),
        ];
        if let Some((first, last)) = file.span {
            let span = words::duration(last.moment.since(first.moment));
            figures.push(figure("over ", span, ""));
        }
        figures.push(counted(outages.drops, "drop"));
        return figures;
    }
    let (records, bytes) = feed.store.per_second(now, Rates::SLICE * 4);
    let (_, last) = feed.store.received();
    // The number and its unit have different type.
    let bytes = words::bytes(bytes as u64);
    let (bytes, unit) = bytes.split_once(' ').unwrap_or((&bytes, ""));
    let mut figures = vec![
        figure("", words::rate(records), "/s"),
        figure("", bytes.to_owned(), &format!(" {unit}/s")),
    ];
    if !status.queue.is_empty() {
        let after = format!(
            "{} waiting to be sent",
            words::counted(status.queue.len() as u64, "message")
        );
        figures.push(Figure {
            after,
            color: Some(palette.wait),
            ..Figure::default()
        });
    }
    // After the end, this time would only grow.
    if let Some(last) = last.filter(|_| status.state.is_live()) {
        // Whole seconds, because a time that changes in each pass would move the figures after it.
        let last = words::whole_seconds(now.since(last));
        figures.push(figure("last ", last, " ago"));
    }
    if status.state == ConnectionState::Open {
        figures.push(figure("up ", words::duration(now.since(status.since)), ""));
    }
    if let (Protocol::WebSocket, Some(rtt)) = (feed.spec.protocol(), status.rtt) {
        figures.push(figure("rtt ", words::round_trip(rtt), ""));
    }
    let mut drops = counted(outages.drops, "drop");
    if status.reconnects > outages.drops {
        let attempts = words::counted(status.reconnects, "attempt");
        drops.after = format!("{}, {attempts}", drops.after);
    }
    figures.push(drops);
    // Only known facts are stated.
    let (after, color, link) = match status.missed {
        Some(0) => ("resumed without loss".to_owned(), palette.open, Link::Gaps),
        Some(missed) => {
            let text = format!("{} missed", words::count(missed));
            (text, palette.fail, Link::Gaps)
        }
        None if !outages.without.is_zero() => {
            let without = words::duration(outages.without);
            let text = format!("messages of {without} unknown");
            (text, palette.wait, Link::Drops)
        }
        None => (String::new(), palette.dim, Link::Gaps),
    };
    if !after.is_empty() {
        figures.push(Figure {
            after,
            color: Some(color),
            link: Some(link),
            ..Figure::default()
        });
    }
    let extent = feed.store.extent();
    figures.push(counted(extent.end.0, "record"));
    if extent.let_go > 0 {
        let mut let_go = figure("", words::count(extent.let_go), " let go");
        if feed.store.spill_problem().is_some() {
            // The row above the oldest record has the whole sentence.
            let_go.after.push_str(", disk history ended");
            let_go.color = Some(palette.fail);
        }
        figures.push(let_go);
    }
    figures
}

/// Returns a number with its noun in the singular or plural.
fn counted(value: u64, noun: &str) -> Figure {
    let plural = if value == 1 { "" } else { "s" };
    Figure {
        number: words::count(value),
        after: format!(" {noun}{plural}"),
        ..Figure::default()
    }
}
