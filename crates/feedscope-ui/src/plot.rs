//! Plot of a feed below its rows: lines of a number over time, one for each value of a key. A click on a point leads to its
//! record, and the selected record has a line in the plot.

mod csv;
mod range;

use std::time::Duration;

use egui::accesskit::Role;
use egui::{
    Align, Color32, Grid, Id, Layout, Popup, Pos2, Rect, RichText, ScrollArea, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};
use egui_plot::{Line, Plot, PlotPoint, PlotPoints, PlotTransform, Points, VLine};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::columns::{offered_keys, offered_numbers, offered_times};
use feedscope_analysis::fields::Path;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::series::{Break, Point, Quantity, Series, SeriesChoice, StoreSeries};
use feedscope_core::store::{RowNumber, Store};
use feedscope_core::{Moment, Timestamp};
use jiff::tz::TimeZone;

use crate::ids::PaneId;
use crate::theme::{Palette, font, size};
use crate::widgets::icon::Icon;
use crate::widgets::{
    ICON_BUTTON, Look, Strip, button, button_width, chip, chip_width, cut, icon_button, paint_left,
    panel, take_top, top_line,
};
use crate::{offers, time_cursor, words};
use range::ShownRange;

/// Height of the head in points.
const HEAD: f32 = 34.0;

/// Lowest height with room for axes.
const LEAST_HEIGHT: f32 = 120.0;

/// Distance in points within which a click finds a point.
const REACH: f32 = 24.0;

/// Number of fields that the menus offer.
const OFFERED: usize = 8;

/// State of the plot of a pane.
#[derive(Default)]
pub(crate) struct PlotView {
    open: Option<OpenPlot>,
    /// Reader of the payloads.
    interpreter: Interpreter,
}

struct OpenPlot {
    series: StoreSeries,
    range: ShownRange,
    form: LineForm,
    is_logarithmic: bool,
    /// The numbers are shown as a table in place of the lines.
    is_table: bool,
}

/// Form of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LineForm {
    #[default]
    Line,
    /// A value holds until the next one.
    Steps,
    Scatter,
}

impl LineForm {
    const ALL: [Self; 3] = [Self::Line, Self::Steps, Self::Scatter];

    fn name(self) -> &'static str {
        match self {
            Self::Line => "Line",
            Self::Steps => "Steps",
            Self::Scatter => "Scatter",
        }
    }
}

/// Area of the plot, and the data that it needs.
pub(crate) struct PlotPlace<'a> {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    pub(crate) store: &'a Store,
    pub(crate) interpreter: &'a Interpreter,
    pub(crate) now: Moment,
    pub(crate) utc: Timestamp,
    pub(crate) zone: &'a TimeZone,
    /// Time of the selected record.
    pub(crate) selected: Option<Moment>,
}

impl PlotPlace<'_> {
    /// Returns the time of day of a moment.
    fn time_of_day(&self, at: Moment) -> String {
        words::time_of_day(self.timestamp(at), self.zone)
    }

    /// Returns a moment as the time of the wall clock.
    fn timestamp(&self, at: Moment) -> Timestamp {
        let ago = self.now.since(at).as_micros() as i64 - at.since(self.now).as_micros() as i64;
        Timestamp::from_micros(self.utc.as_micros() - ago)
    }

    /// Returns a time of the wall clock as a moment.
    fn moment(&self, at: Timestamp) -> Moment {
        let ago = self.utc.as_micros() - at.as_micros();
        let distance = Duration::from_micros(ago.unsigned_abs());
        if ago < 0 {
            self.now + distance
        } else {
            self.now - distance
        }
    }
}

/// Points of one line in sight.
struct Drawn {
    name: String,
    color: Color32,
    points: Vec<Point>,
}

impl PlotView {
    /// Opens the plot of a number, or shows another number in it.
    pub(crate) fn plot(&mut self, store: &Store, quantity: Quantity) {
        let key = self.open.as_ref().and_then(|open| {
            let series = open.series.value();
            series.choice().key.clone()
        });
        self.choose(store, SeriesChoice { quantity, key });
    }

    /// Opens the plot of a number, with one line for each value of a key.
    pub(crate) fn plot_by_key(&mut self, store: &Store, quantity: Quantity, key: Path) {
        let key = Some(key);
        self.choose(store, SeriesChoice { quantity, key });
    }

    /// Opens the plot of the rate, from which another number can be chosen.
    pub(crate) fn open(&mut self, store: &Store) {
        if self.open.is_none() {
            self.plot(store, Quantity::RecordRate);
        }
    }

    fn choose(&mut self, store: &Store, choice: SeriesChoice) {
        let series = StoreSeries::reading(store, choice, self.interpreter.clone());
        match &mut self.open {
            Some(open) => open.series = series,
            None => {
                self.open = Some(OpenPlot {
                    series,
                    range: ShownRange::default(),
                    form: LineForm::default(),
                    is_logarithmic: false,
                    is_table: false,
                });
            }
        }
    }

    /// Reads the payloads with another interpreter, from the oldest record on.
    pub(crate) fn read_with(&mut self, store: &Store, interpreter: &Interpreter) {
        self.interpreter = interpreter.clone();
        let choice = self
            .open
            .as_ref()
            .map(|it| it.series.value().choice().clone());
        if let Some(choice) = choice {
            self.choose(store, choice);
        }
    }

    /// Returns the analyses to run.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = Task> {
        self.open.iter().map(|open| open.series.task())
    }

    /// Returns the height of the plot if `room` is left for it and the rows together; 0 while it is closed.
    pub(crate) fn height(&self, room: f32) -> f32 {
        if self.open.is_none() {
            return 0.0;
        }
        (room * 0.45).clamp(LEAST_HEIGHT.min(room), 320.0)
    }

    /// Draws the plot. Returns the record of a point that was clicked.
    pub(crate) fn show(&mut self, ui: &mut Ui, place: &PlotPlace<'_>) -> Option<RowNumber> {
        let open = self.open.as_mut()?;
        let mut area = place.rect;
        panel(ui, area);
        top_line(ui, area);
        let head = take_top(&mut area, HEAD);
        let mut wanted = None;
        let stays = open.head(ui, place, head, &mut wanted);
        let clicked = if open.is_table {
            open.table(ui, place, area);
            None
        } else {
            open.lines(ui, place, area)
        };
        if let Some(choice) = wanted {
            self.choose(place.store, choice);
            ui.ctx().request_repaint();
        }
        if !stays {
            self.open = None;
        }
        clicked
    }
}

impl OpenPlot {
    /// Draws the head. Returns false if the plot is to be closed.
    fn head(
        &mut self,
        ui: &Ui,
        place: &PlotPlace<'_>,
        rect: Rect,
        wanted: &mut Option<SeriesChoice>,
    ) -> bool {
        let pane = place.pane;
        let mut strip = Strip::new(rect, 8.0, 4.0);
        // The cross has the right end and comes last, because Tab visits the parts from the left.
        let close = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
        let choice = self.series.value().choice().clone();
        let menu = |strip: &mut Strip, name: &str, label: String| {
            let width = button_width(ui, &label, Look::Plain).min(strip.room());
            let response = button(
                ui,
                strip.left(width, size::BUTTON),
                Id::unique((name, pane)),
                &label,
                Look::Plain,
            );
            // The button is known by its purpose, not by its present value.
            response
                .widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{name} {label}")));
            response
        };
        let number = menu(&mut strip, "Plotted number", choice.quantity.to_string());
        Popup::menu(&number).show(|ui| {
            if let Some(quantity) = choose_quantity(ui, place) {
                *wanted = Some(SeriesChoice {
                    quantity,
                    key: choice.key.clone(),
                });
            }
        });
        let key = match &choice.key {
            Some(key) => format!("by {key}"),
            None => "one line".to_owned(),
        };
        let split = menu(&mut strip, "Lines", key);
        Popup::menu(&split).show(|ui| {
            if let Some(choice) = choose_key(ui, place, &choice.quantity) {
                *wanted = Some(choice);
            }
        });
        self.switches(ui, place, &mut strip);
        let id = Id::unique(("plot close", pane));
        !icon_button(ui, close, id, Icon::Cross, "Close the plot").clicked()
    }

    /// Draws the switches of the head, as many as there is room for.
    fn switches(&mut self, ui: &Ui, place: &PlotPlace<'_>, strip: &mut Strip) {
        let pane = place.pane;
        let mut switch = |name: &str, is_on: bool| {
            let width = chip_width(ui, name, false);
            if strip.room() < width {
                return false;
            }
            let id = Id::unique(("plot", name, pane));
            chip(ui, strip.left(width, size::CHIP), id, None, name, is_on).clicked()
        };
        if switch("Follow", self.range.follows()) {
            self.range.toggle(place.now);
        }
        if switch("Table", self.is_table) {
            self.is_table = !self.is_table;
        }
        for form in LineForm::ALL {
            if switch(form.name(), self.form == form) {
                self.form = form;
            }
        }
        if switch("Log", self.is_logarithmic) {
            self.is_logarithmic = !self.is_logarithmic;
        }
        if switch("Copy CSV", false) {
            let series = self.series.value();
            let text = csv::text(&series, self.range.shown(place.now), |at| {
                place.time_of_day(at)
            });
            drop(series);
            ui.ctx().copy_text(text);
        }
    }

    /// Draws the lines. Returns the record of a point that was clicked.
    fn lines(&mut self, ui: &mut Ui, place: &PlotPlace<'_>, mut rect: Rect) -> Option<RowNumber> {
        let palette = Palette::of(ui);
        // No text covers the lines.
        let names = take_top(&mut rect, size::LINE);
        let shown = self.range.shown(place.now);
        let origin = *shown.start();
        let seconds = |at: Moment| at.since(origin).as_secs_f64() - origin.since(at).as_secs_f64();
        let series = self.series.value();
        let unit = series.choice().quantity.unit();
        let breaks: Vec<Break> = series.breaks().collect();
        let notes = series.notes();
        let drawn: Vec<Drawn> = drawn(&series, palette, shown.clone(), rect.width());
        // The lock ends before anything is drawn, so that no step waits for it.
        drop(series);
        let height = |value: f64| {
            if self.is_logarithmic {
                value.log10()
            } else {
                value
            }
        };
        let can_show = |point: &&Point| !self.is_logarithmic || point.value > 0.0;
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(rect.shrink2(vec2(8.0, 2.0)))
                .layout(Layout::top_down(Align::Min))
                .id_salt(("plot", place.pane)),
        );
        let is_logarithmic = self.is_logarithmic;
        let plot = Plot::new(Id::unique(("plot area", place.pane)))
            .allow_zoom(false)
            .allow_drag(false)
            .allow_scroll(false)
            .allow_boxed_zoom(false)
            .allow_double_click_reset(false)
            .show_background(false)
            .grid_color(palette.line)
            .x_axis_formatter(|mark, _| {
                let at = range::moment_at(origin, mark.value);
                words::axis_time(&place.time_of_day(at), mark.step_size)
            })
            .y_axis_formatter(move |mark, _| {
                let value = if is_logarithmic {
                    10_f64.powf(mark.value)
                } else {
                    mark.value
                };
                words::axis_number(value, unit)
            });
        let cursor = time_cursor::get(ui).map(|at| place.moment(at));
        let form = self.form;
        let end = seconds(*shown.end());
        let response = plot.show(&mut child, |plot| {
            plot.set_plot_bounds_x(0.0..=end.max(0.001));
            for line in &drawn {
                for part in unbroken(&line.points, &breaks) {
                    let points = part.iter().filter(can_show);
                    let points = points.map(|point| [seconds(point.at), height(point.value)]);
                    if form == LineForm::Scatter {
                        let points = Points::new(&line.name, points.collect::<PlotPoints<'_>>());
                        plot.points(points.color(line.color).radius(2.0).allow_hover(false));
                    } else {
                        let points = stepped(points, form == LineForm::Steps);
                        let item = Line::new(&line.name, points).color(line.color);
                        plot.line(item.width(1.4).allow_hover(false));
                    }
                }
            }
            if let Some(cursor) = cursor {
                let line = VLine::new("time under the pointer", seconds(cursor));
                plot.vline(line.color(palette.dim).width(1.0).allow_hover(false));
            }
            if let Some(selected) = place.selected {
                let line = VLine::new("selected record", seconds(selected)).color(palette.text);
                plot.vline(line.width(1.0).allow_hover(false));
            }
        });
        response.response.widget_info(|| {
            WidgetInfo::labeled(Role::Image, true, words::plot_summary(drawn.len(), &notes))
        });
        self.range.input(ui, &response.response, place.now);
        let on_screen = |point: &Point| {
            let at = PlotPoint::new(seconds(point.at), height(point.value));
            position(&response.transform, at)
        };
        let pointer = response.response.hover_pos();
        if let Some(pointer) = pointer {
            let x = response.transform.value_from_position(pointer).x;
            let at = range::moment_at(origin, x);
            time_cursor::set(ui, place.timestamp(at));
        }
        let nearest = pointer.and_then(|pointer| nearest(&drawn, pointer, on_screen));
        legend(ui, names, &drawn, nearest, &notes, |at| {
            place.time_of_day(at)
        });
        let (_, point) = nearest?;
        response.response.clicked().then_some(point.row)
    }

    /// Draws the numbers of each line, for people who do not see the plot.
    fn table(&self, ui: &mut Ui, place: &PlotPlace<'_>, rect: Rect) {
        let series = self.series.value();
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(rect.shrink2(vec2(12.0, 4.0)))
                .layout(Layout::top_down(Align::Min))
                .id_salt(("plot table", place.pane)),
        );
        let mono = |text: String| RichText::new(text).font(font::mono());
        ScrollArea::vertical().show(&mut child, |ui| {
            Grid::new(("plot table", place.pane))
                .num_columns(6)
                .show(ui, |ui| {
                    for name in ["line", "newest", "at", "smallest", "largest", "points"] {
                        ui.label(
                            RichText::new(name)
                                .font(font::small())
                                .color(Palette::of(ui).dim),
                        );
                    }
                    ui.end_row();
                    for line in series.lines() {
                        let points = line.points();
                        let (Some(last), Some((least, most))) = (points.last(), points.extremes())
                        else {
                            continue;
                        };
                        ui.label(mono(name_of(line.key())));
                        ui.label(mono(last.value.to_string()));
                        ui.label(mono(place.time_of_day(last.at)));
                        ui.label(mono(least.to_string()));
                        ui.label(mono(most.to_string()));
                        ui.label(mono(words::count(points.count())));
                        ui.end_row();
                    }
                });
            for note in series.notes() {
                ui.label(
                    RichText::new(note)
                        .font(font::small())
                        .color(Palette::of(ui).dim),
                );
            }
        });
    }
}

/// Returns the points in sight of each line: at most two for each point of the width.
fn drawn(
    series: &Series,
    palette: &Palette,
    shown: std::ops::RangeInclusive<Moment>,
    width: f32,
) -> Vec<Drawn> {
    let lines = series.lines().iter().enumerate();
    lines
        .map(|(place, line)| Drawn {
            name: name_of(line.key()),
            color: palette.series[place % palette.series.len()],
            points: line.points().sampled(shown.clone(), width as usize),
        })
        .collect()
}

fn name_of(key: &str) -> String {
    if key.is_empty() {
        "all".to_owned()
    } else {
        key.to_owned()
    }
}

/// Divides points at the times without a connection, because a line must not cross them.
fn unbroken<'a>(points: &'a [Point], breaks: &[Break]) -> Vec<&'a [Point]> {
    let mut parts = Vec::new();
    let mut rest = points;
    for Break { start, .. } in breaks {
        let (before, after) = rest.split_at(rest.partition_point(|point| point.at <= *start));
        if !before.is_empty() {
            parts.push(before);
        }
        rest = after;
    }
    parts.push(rest);
    parts
}

/// Returns the corners of steps, or the points themselves.
fn stepped<'a>(points: impl Iterator<Item = [f64; 2]>, steps: bool) -> PlotPoints<'a> {
    let mut last: Option<f64> = None;
    let mut corners = Vec::new();
    for [x, y] in points {
        if let Some(last) = last.filter(|_| steps) {
            corners.push([x, last]);
        }
        corners.push([x, y]);
        last = Some(y);
    }
    PlotPoints::from(corners)
}

fn position(transform: &PlotTransform, at: PlotPoint) -> Pos2 {
    transform.position_from_point(&at)
}

/// Returns the point nearest to the pointer, with the place of its line.
fn nearest(
    drawn: &[Drawn],
    pointer: Pos2,
    on_screen: impl Fn(&Point) -> Pos2,
) -> Option<(usize, Point)> {
    let points = drawn
        .iter()
        .enumerate()
        .flat_map(|(line, drawn)| drawn.points.iter().map(move |point| (line, *point)));
    let with_distance = points.map(|(line, point)| {
        let distance = on_screen(&point).distance(pointer);
        (distance, line, point)
    });
    let nearest = with_distance
        .filter(|(distance, ..)| *distance <= REACH)
        .min_by(|(one, ..), (other, ..)| one.total_cmp(other));
    nearest.map(|(_, line, point)| (line, point))
}

/// Draws the names of the lines in their colors, with the value under the pointer, and the notes.
fn legend(
    ui: &Ui,
    rect: Rect,
    drawn: &[Drawn],
    nearest: Option<(usize, Point)>,
    notes: &[String],
    time: impl Fn(Moment) -> String,
) {
    let palette = Palette::of(ui);
    let y = rect.center().y;
    let mut x = rect.left() + 12.0;
    let mut put = |text: &str, color: Color32| {
        let galley = cut(
            ui,
            text,
            font::small(),
            color,
            (rect.right() - x - 8.0).max(0.0),
        );
        let width = galley.size().x;
        paint_left(ui, x, y, galley);
        x += width + 12.0;
    };
    if let Some((line, point)) = nearest {
        let line = &drawn[line];
        let text = format!("{} {} at {}", line.name, point.value, time(point.at));
        return put(&text, line.color);
    }
    for line in drawn.iter().filter(|line| !line.points.is_empty()) {
        put(&line.name, line.color);
    }
    if let Some(note) = notes.first() {
        put(note, palette.dim);
    }
}

/// Draws the menu of the number. Returns the chosen one.
fn choose_quantity(ui: &mut Ui, place: &PlotPlace<'_>) -> Option<Quantity> {
    let store = place.store;
    let id = Id::unique(("plotted numbers", place.pane));
    let fields = offers::kept(ui, id, || {
        offered_numbers(store, place.interpreter, OFFERED)
    });
    let paths = fields.iter().filter_map(|path| Path::parse(path).ok());
    let others = [
        Quantity::RecordRate,
        Quantity::ByteRate,
        Quantity::Size,
        Quantity::Interval,
        Quantity::RoundTrip,
    ];
    let id = Id::unique(("plotted latencies", place.pane));
    let times = offers::kept(ui, id, || offered_times(store, place.interpreter, OFFERED));
    let latencies = times.iter().filter_map(|path| Path::parse(path).ok());
    let mut chosen = None;
    let fields = paths.map(Quantity::Field);
    for quantity in fields.chain(others).chain(latencies.map(Quantity::Latency)) {
        if ui.button(quantity.to_string()).clicked() {
            chosen = Some(quantity);
            ui.close();
        }
    }
    chosen
}

/// Draws the menu of the key. Returns the plot with the chosen lines.
fn choose_key(ui: &mut Ui, place: &PlotPlace<'_>, quantity: &Quantity) -> Option<SeriesChoice> {
    let mut chosen = None;
    let mut offer = |ui: &mut Ui, name: &str, key: Option<Path>| {
        if ui.button(name).clicked() {
            let quantity = quantity.clone();
            chosen = Some(SeriesChoice { quantity, key });
            ui.close();
        }
    };
    offer(ui, "One line", None);
    let id = Id::unique(("plotted keys", place.pane));
    let paths = offers::kept(ui, id, || {
        offered_keys(place.store, place.interpreter, OFFERED)
    });
    for path in paths.iter() {
        if let Ok(key) = Path::parse(path) {
            offer(ui, &format!("By {path}"), Some(key));
        }
    }
    chosen
}

/// Returns the lowest part of an area for a plot, and takes it off.
pub(crate) fn take_bottom(area: &mut Rect, height: f32) -> Rect {
    let rect = Rect::from_min_max(pos2(area.left(), area.bottom() - height), area.max);
    area.set_bottom(rect.top());
    rect
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(ms: u64, value: f64) -> Point {
        Point {
            at: Moment::from_millis(ms),
            value,
            row: RowNumber(ms),
        }
    }

    #[test]
    fn lines_end_where_the_connection_was_lost() {
        let points: Vec<Point> = [0, 10, 20, 30].map(|ms| point(ms, 1.0)).to_vec();
        let at = |start: u64| Break {
            start: Moment::from_millis(start),
            end: None,
        };
        let lengths = |breaks: &[Break]| -> Vec<usize> {
            unbroken(&points, breaks)
                .iter()
                .map(|part| part.len())
                .collect()
        };
        assert_eq!(lengths(&[]), [4]);
        assert_eq!(lengths(&[at(0), at(15)]), [1, 1, 2]);
        assert_eq!(lengths(&[at(40)]), [4, 0]);
    }

    #[test]
    fn steps_hold_a_value_until_the_next_one() {
        let points = [[0.0, 1.0], [1.0, 3.0]];
        let corners = stepped(points.into_iter(), true);
        let of = |points: &PlotPoints<'_>| -> Vec<(f64, f64)> {
            points
                .points()
                .iter()
                .map(|point| (point.x, point.y))
                .collect()
        };
        assert_eq!(of(&corners), [(0.0, 1.0), (1.0, 1.0), (1.0, 3.0)]);
        assert_eq!(
            of(&stepped(points.into_iter(), false)),
            [(0.0, 1.0), (1.0, 3.0)]
        );
    }

    #[test]
    fn a_click_finds_the_nearest_point_within_reach() {
        let line = |points: Vec<Point>| Drawn {
            name: String::new(),
            color: Color32::PLACEHOLDER,
            points,
        };
        let drawn = [line(vec![point(0, 0.0)]), line(vec![point(50, 9.0)])];
        let on_screen = |point: &Point| pos2(point.row.0 as f32, point.value as f32);
        let found =
            nearest(&drawn, pos2(45.0, 9.0), on_screen).map(|(line, point)| (line, point.row.0));
        assert_eq!(found, Some((1, 50)));
        assert_eq!(nearest(&drawn, pos2(45.0, 90.0), on_screen), None);
    }
}
