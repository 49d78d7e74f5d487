//! Graph of a trace: the message rate over time, its scale, and the rate under the pointer.

use std::time::Duration;

use egui::accesskit::Role;
use egui::{
    CursorIcon, Event, Id, MouseWheelUnit, Rect, Response, Sense, Shape, Stroke, Ui, WidgetInfo,
    pos2, vec2,
};
use feedscope_core::Moment;
use feedscope_core::rates::Rates;

use super::range::{GraphClick, RangeView};
use super::scale::{GUTTER, TimeAxis, TracePlace, TraceScale, TraceSpan};
use crate::ids::{FeedId, PaneId};
use crate::menu_focus;
use crate::numbers::{Number, name_number};
use crate::scene::FeedScene;
use crate::theme::{Palette, font};
use crate::widgets::{cut, paint_left};
use crate::{time_cursor, words};

/// Factor of the trace's upper limit over its highest rate, so that a steady rate does not touch the edge.
const HEADROOM: f32 = 1.3;

/// Maximum number of columns of a graph whose span is not that of the counted slices.
const MAX_COLUMNS: u32 = 240;

/// Minimum length of a column in time. In a shorter one, a single record would look like a high rate.
const MIN_COLUMN: Duration = Duration::from_millis(250);

/// Distance in points that a touchpad scrolls for one step of the span.
const WHEEL_STEP: f32 = 40.0;

/// State of the graph of one pane.
#[derive(Default)]
pub(super) struct Graph {
    /// Records in each column of the last pass, for spans that have to be counted.
    counted: Option<CountedColumns>,
    /// Distance that a touchpad has scrolled since the last step.
    scrolled: f32,
    /// Span of time that the user selects.
    pub(super) range: RangeView,
}

/// Records in each column of a graph.
struct CountedColumns {
    feed: FeedId,
    span: Duration,
    /// Number of the last column since the epoch.
    last: u64,
    columns: Vec<u64>,
    newest: NewestColumn,
}

/// Column that is not full yet. A long column would hide the newest records for some time.
#[derive(Clone, Copy, Default)]
struct NewestColumn {
    /// End of the counted part.
    until: Moment,
    records: u64,
}

/// Interval at which the newest column is counted again.
const NEWEST_EVERY: Duration = Duration::from_secs(1);

/// Rates to draw, in records per second. The first one is at the left edge, and the last one at the right.
struct Curve {
    rates: Vec<f32>,
    /// Length of the time that one rate covers.
    column: Duration,
}

impl Curve {
    fn peak(&self) -> f32 {
        self.rates.iter().copied().fold(0.0, f32::max)
    }

    /// Returns the rate at a position.
    fn at(&self, axis: &TimeAxis, x: f32) -> f32 {
        let share = (x - axis.left) / (axis.right - axis.left);
        let index = share * (self.rates.len() - 1) as f32;
        let index = (index.round().max(0.0) as usize).min(self.rates.len() - 1);
        self.rates[index]
    }
}

impl NewestColumn {
    /// Returns the rate since the start of the column, in whole seconds; `None` in its first second.
    fn rate(&mut self, feed: &FeedScene, start: Moment, until: Moment) -> Option<f32> {
        let seconds = until.since(start).as_secs();
        let end = start + NEWEST_EVERY * u32::try_from(seconds).unwrap_or(u32::MAX);
        if self.until != end {
            let counted = feed.store.received_over(start, end, 1);
            self.records = counted.into_iter().sum();
            self.until = end;
        }
        (seconds > 0).then(|| self.records as f32 / seconds as f32)
    }
}

impl Graph {
    /// Draws the graph. Returns the moment that was clicked, or the span of time that was selected.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        place: &TracePlace<'_>,
        rect: Rect,
        axis: &TimeAxis,
        feed: &FeedScene,
        has_scale: bool,
    ) -> Option<GraphClick> {
        let curve = self.curve(axis, feed);
        let peak = curve.peak();
        // At least two records in a column, so that a single record does not fill the height.
        let least = 2.0 / curve.column.as_secs_f32();
        let highest = TraceScale::highest(ui, peak.max(least));
        if rect.height() >= 8.0 {
            paint(ui, rect, &curve, highest * HEADROOM, feed);
        }
        if has_scale {
            paint_scale(ui, place.pane, rect, peak, highest);
        }
        // The trace has no focus: keys change its span, and `Ctrl G` goes to a time.
        let response = ui.interact(
            rect,
            Id::unique(("trace", place.pane)),
            Sense::CLICK | Sense::DRAG,
        );
        let span = TraceScale::of(ui).span().words();
        response.widget_info(|| {
            let label = format!(
                "Message rate: peak {}/s in {span}",
                words::rate(peak.into())
            );
            WidgetInfo::labeled(Role::Image, true, label)
        });
        menu(&response);
        if response.hovered() {
            self.turn_wheel(ui);
        }
        if let Some(range) = self.range.drag(ui, &response, axis) {
            return Some(GraphClick::Range(range));
        }
        let pointer = response.hover_pos()?;
        let x = pointer.x.clamp(axis.left, axis.right);
        time_cursor::set(ui, axis.utc_at(x));
        let time = words::time_of_day(axis.utc_at(x), place.zone);
        let rate = words::rate(curve.at(axis, x).into());
        paint_chip(ui, rect, x, &format!("{time} · {rate}/s"));
        let is_clicked = response.clicked();
        response.on_hover_cursor(CursorIcon::Crosshair);
        is_clicked.then(|| GraphClick::Moment(axis.moment_at(x)))
    }

    /// Returns the rates over the time of the axis.
    fn curve(&mut self, axis: &TimeAxis, feed: &FeedScene) -> Curve {
        if axis.span == TraceSpan::TwoMinutes.duration() {
            // The store counts these slices as the records arrive.
            let slices = match feed.played_until() {
                Some(until) => feed.store.slices_until(axis.until, until),
                None => feed.store.slices(axis.until),
            };
            // The newest slice is not full yet and would look like a drop of the rate.
            let full = &slices[..slices.len() - 1];
            let seconds = Rates::SLICE.as_secs_f32();
            let rates = full.iter().map(|slice| slice.records as f32 / seconds);
            return Curve {
                rates: rates.collect(),
                column: Rates::SLICE,
            };
        }
        let column = (axis.span / MAX_COLUMNS).max(MIN_COLUMN);
        // Columns begin at multiples of their length, so that a count does not change while the time passes.
        let nanos = column.as_nanos() as u64;
        let until = feed.played_until().unwrap_or(axis.until);
        let last = until.as_nanos() / nanos;
        let is_known = |counted: &CountedColumns| {
            (counted.feed, counted.span, counted.last) == (feed.id, axis.span, last)
        };
        if !self.counted.as_ref().is_some_and(is_known) {
            let to = Moment::from_nanos(last * nanos);
            let from = to - axis.span;
            // A run that is shorter than the span has empty columns before its start.
            let columns = axis.span.as_nanos() as u64 / nanos;
            let covered = (to.since(from).as_nanos() as u64 / nanos).min(columns);
            let missing = (columns - covered) as usize;
            let received = feed.store.received_over(from, to, covered as u32);
            self.counted = Some(CountedColumns {
                feed: feed.id,
                span: axis.span,
                last,
                columns: std::iter::repeat_n(0, missing).chain(received).collect(),
                newest: NewestColumn::default(),
            });
        }
        let seconds = column.as_secs_f32();
        let rate = |&records: &u64| records as f32 / seconds;
        let mut rates = Vec::new();
        if let Some(counted) = &mut self.counted {
            rates.extend(counted.columns.iter().map(rate));
            let start = Moment::from_nanos(last * nanos);
            if let Some(newest) = counted.newest.rate(feed, start, until) {
                // The number of columns stays the same.
                rates.remove(0);
                rates.push(newest);
            }
        }
        Curve { rates, column }
    }

    /// Changes the span by the mouse wheel: up shows less time, and down shows more.
    fn turn_wheel(&mut self, ui: &Ui) {
        let mut steps = 0;
        ui.input(|input| {
            for event in &input.events {
                let Event::MouseWheel { unit, delta, .. } = event else {
                    continue;
                };
                if *unit == MouseWheelUnit::Point {
                    self.scrolled += delta.y;
                    let moved = (self.scrolled / WHEEL_STEP).trunc();
                    self.scrolled -= moved * WHEEL_STEP;
                    steps += moved as i32;
                } else if delta.y != 0.0 {
                    steps += if delta.y > 0.0 { 1 } else { -1 };
                }
            }
        });
        for _ in 0..steps.abs() {
            TraceScale::step(ui, steps < 0);
        }
    }
}

/// Draws the message rate as a line.
fn paint(ui: &Ui, rect: Rect, curve: &Curve, limit: f32, feed: &FeedScene) {
    let base = rect.bottom() - 1.0;
    // A margin above the line keeps its stroke inside of the area.
    let reach = rect.height() - 4.0;
    let step = rect.width() / (curve.rates.len() - 1) as f32;
    let point =
        |(i, rate): (usize, &f32)| pos2(rect.left() + i as f32 * step, base - reach * rate / limit);
    let points: Vec<_> = curve.rates.iter().enumerate().map(point).collect();
    let color = Palette::of(ui).source(&feed.source);
    ui.painter()
        .add(Shape::line(points, Stroke::new(1.4, color)));
}

/// Draws the highest rate and the span at the left of the graph.
fn paint_scale(ui: &Ui, pane: PaneId, rect: Rect, peak: f32, highest: f32) {
    let palette = Palette::of(ui);
    let left = rect.left() - GUTTER;
    let line = |y: f32, name: &'static str, value: String, about: &'static str| {
        let galley = cut(ui, name, font::small(), palette.dim, GUTTER);
        let width = galley.size().x;
        let room = GUTTER - width - 8.0;
        paint_left(ui, left, y, galley);
        let galley = cut(ui, &value, font::strong_small(), palette.text, room);
        paint_left(ui, left + width + 4.0, y, galley);
        let area = Rect::from_x_y_ranges(left..=rect.left() - 4.0, y - 7.0..=y + 7.0);
        let id = Id::unique(("scale of the trace", name, pane));
        let number = Number::new(format!("{name} of the trace"), value, about);
        name_number(ui, area, id, &number).on_hover_text(about);
    };
    let scale = TraceScale::of(ui);
    // With one limit for all panes, the scale is that of the highest trace.
    let (name, rate, about) = if scale.has_one_limit() {
        let about = "Highest rate of all traces in their span, in received records per second.";
        ("scale", highest, about)
    } else {
        let about = "Highest rate of one column of the trace, in received records per second. A column may be shorter than a \
                     second. The busiest whole second is in the measures.";
        ("peak", peak, about)
    };
    let value = format!("{}/s", words::short_rate(rate.into()));
    line(rect.top() + 6.0, name, value, about);
    let about = "Time between both edges of the trace. The wheel makes it longer or shorter.";
    let span = scale.span().words().to_owned();
    line(rect.bottom() - 3.0, "span", span, about);
}

/// Draws the time and the rate beside the line under the pointer.
fn paint_chip(ui: &Ui, rect: Rect, x: f32, text: &str) {
    let palette = Palette::of(ui);
    let galley = cut(ui, text, font::mono_small(), palette.bg, f32::INFINITY);
    let chip = vec2(galley.size().x + 12.0, 16.0);
    // The chip is at the right of the line while it fits there.
    let left = if x + 6.0 + chip.x <= rect.right() {
        x + 6.0
    } else {
        x - 6.0 - chip.x
    };
    let chip = Rect::from_min_size(pos2(left, rect.top() + 2.0), chip);
    // It may extend over the strip of a low pane, and is drawn above it.
    let painter = ui.ctx().layer_painter(egui::LayerId::new(
        egui::Order::Foreground,
        Id::unique("trace chip"),
    ));
    painter.rect_filled(chip, 3.0, palette.text);
    let y = chip.center().y - galley.size().y / 2.0;
    painter.galley(pos2(chip.left() + 6.0, y), galley, palette.bg);
}

/// Offers the spans and the limit of the rate.
fn menu(response: &Response) {
    response.context_menu(|ui| {
        let scale = TraceScale::of(ui);
        for span in TraceSpan::ALL {
            let is_present = scale.span() == span;
            let choice = ui.radio(is_present, span.words());
            if is_present {
                menu_focus::begin_at(ui, choice.id);
            }
            if choice.clicked() {
                TraceScale::set_span(ui, span);
                ui.close();
            }
        }
        ui.separator();
        let mut is_common = scale.has_one_limit();
        let name = "Same scale in all panes";
        if ui.checkbox(&mut is_common, name).changed() {
            TraceScale::set_common(ui, is_common);
            ui.close();
        }
    });
}
