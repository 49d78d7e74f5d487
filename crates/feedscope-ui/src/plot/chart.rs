//! Lines of a plot, their names, and the point under the pointer.

use egui::accesskit::Role;
use egui::{Align, Color32, Id, Layout, Pos2, Rect, Ui, UiBuilder, WidgetInfo, vec2};
use egui_plot::{Line, Plot, PlotPoint, PlotPoints, PlotTransform, Points, VLine};
use feedscope_analysis::series::{Break, Point, Series};
use feedscope_core::Moment;
use feedscope_core::store::RowNumber;

use super::form::{LineForm, stepped};
use super::{OpenPlot, PlotPlace, range};
use crate::theme::{Palette, font, size};
use crate::widgets::{cut, paint_left, take_top};
use crate::{time_cursor, words};

/// Distance in points within which a click finds a point.
const REACH: f32 = 24.0;

/// Points of one line in sight.
struct Drawn {
    name: String,
    color: Color32,
    points: Vec<Point>,
}

impl OpenPlot {
    /// Draws the lines. Returns the record of a point that was clicked.
    pub(super) fn lines(
        &mut self,
        ui: &mut Ui,
        place: &PlotPlace<'_>,
        mut rect: Rect,
    ) -> Option<RowNumber> {
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

pub(super) fn name_of(key: &str) -> String {
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

#[cfg(test)]
mod tests {
    use egui::pos2;

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
