//! Lines of a plot over time, their names, and the point under the pointer.

use std::ops::RangeInclusive;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Id, Pos2, Rect, Response, Ui, WidgetInfo, vec2};
use egui_plot::{
    AxisHints, GridMark, HPlacement, Line, Plot, PlotPoint, PlotPoints, PlotTransform, PlotUi,
    Points, VLine,
};
use feedscope_analysis::series::{Break, Point};
use feedscope_core::Moment;
use feedscope_core::store::RowNumber;

use super::axis_names::{AxisPlace, name_marks};
use super::collected::Drawn;
use super::form::{LineForm, stepped};
use super::interruption;
use super::lanes::Lanes;
use super::legend::{self, Legend, RIGHT_MARGIN, plot_area, plot_child};
use super::open::{AxisSide, OpenPlot, PlotPlace};
use super::scale::{Axes, Scale, union};
use super::time_axis::TimeAxis;
use crate::theme::{Palette, size};
use crate::widgets::take_top;
use crate::words;

/// Distance in points within which a click finds a point.
const REACH: f32 = 24.0;

/// Width of the numbers of a vertical axis in points.
const AXIS: f32 = 52.0;

/// Width of a point that single points are drawn for.
const POINT_ROOM: f32 = 6.0;

/// Vertical arrangement of the lines.
enum Arrangement {
    /// All lines share the height. There may be an axis at both sides.
    Axes(Axes),
    Lanes(Lanes),
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
        let limits = self.limits(place);
        let shown = self.range.shown(&limits);
        let mut collected = self.collected(palette, &shown, rect.width());
        let mut area = rect.shrink2(vec2(8.0, 2.0));
        let arrangement = if self.has_lanes {
            let lanes = Lanes::new(self, &mut collected, &shown, &mut area);
            Arrangement::Lanes(lanes)
        } else {
            if self.numbers.iter().all(|it| it.axis == AxisSide::Left) {
                area.max.x -= RIGHT_MARGIN;
            }
            Arrangement::Axes(self.axes(&mut collected.lines, &shown, area.height()))
        };
        let (drawn, notes) = (collected.lines, self.notes(ui, place, collected.notes));
        let axis = TimeAxis::new(
            &shown,
            &collected.breaks,
            &self.unfolded,
            area.width() - 2.0 * AXIS,
        );
        let position = |line: &Drawn, point: &Point| {
            let height = self.height_of(point.value)?;
            Some([axis.x_of(point.at), line.scale.position(height)])
        };
        let mut child = plot_child(ui, area, Id::unique(("plot", place.pane)));
        let marks = axis.marks(place.axis, place.clock(*shown.start()));
        let time_marks = marks.clone();
        let time_axis = &axis;
        let time_text =
            |mark: &GridMark| place.mark_text(time_axis.moment_at(mark.value), mark.step_size);
        let plot = plot_area(Id::unique(("plot area", place.pane)), palette)
            .x_grid_spacer(move |_| marks.clone())
            .custom_x_axes(vec![legend::axis(
                AxisHints::new_x(),
                palette,
                move |mark| time_text(&mark),
            )]);
        let (plot, bounds) = self.arranged(plot, &arrangement, palette);
        let cursor = place.cursor(ui).map(|at| axis.x_of(at));
        let selected = place.selected.map(|at| axis.x_of(at));
        let height = bounds.end() - bounds.start();
        let per_point = [
            axis.end / f64::from(area.width()),
            height / f64::from(area.height()),
        ];
        let response = plot.show(&mut child, |plot| {
            plot.set_plot_bounds_x(0.0..=axis.end.max(0.001));
            plot.set_plot_bounds_y(bounds);
            let room = area.width() / POINT_ROOM;
            for line in &drawn {
                let parts = unbroken(&line.points, &collected.breaks);
                draw_parts(plot, (line, self.form, per_point), &parts, room, |point| {
                    position(line, point)
                });
            }
            vertical_lines(plot, palette, cursor, selected);
        });
        let response_of_plot = &response.response;
        response_of_plot.widget_info(|| {
            WidgetInfo::labeled(Role::Image, true, words::plot_summary(drawn.len(), &notes))
        });
        let transform = &response.transform;
        let parts = (response_of_plot, transform, area);
        name_marks(ui, parts, AxisPlace::Below, &time_marks, time_text);
        match &arrangement {
            Arrangement::Axes(axes) => self.name_sides(ui, parts, axes),
            Arrangement::Lanes(lanes) => {
                let number = |height, unit, digits| {
                    words::plotted_number(self.value_at(height), unit, digits)
                };
                lanes.paint(&child, transform, &drawn, place.pane, number);
            }
        }
        let pointer = response_of_plot.hover_pos();
        let pointed_at =
            pointer.map(|pointer| axis.moment_at(transform.value_from_position(pointer).x));
        let mut range = self.range;
        let interval = || shortest_interval(&drawn);
        range.input(ui, response_of_plot, pointed_at, &limits, interval);
        if let Some(at) = pointed_at {
            place.set_cursor(ui, at);
        }
        let on_screen = |line: &Drawn, point: &Point| {
            let [x, y] = position(line, point)?;
            Some(transform.position_from_point(&PlotPoint::new(x, y)))
        };
        let nearest = pointer.and_then(|pointer| nearest(&drawn, pointer, on_screen));
        let names = Legend {
            id: Id::unique(("plot names", place.pane)),
            rect: names,
            // Lanes have their names beside them.
            names: !self.has_lanes,
        };
        names.show(ui, &drawn, nearest, &notes, |at| place.position_text(at));
        self.range = range;
        interruption::show(&child, place, transform, &axis, &mut self.unfolded);
        let (_, point) = nearest?;
        response_of_plot.clicked().then_some(point.row)
    }

    /// Adds the vertical axes to the plot. Returns the positions from its bottom to its top.
    fn arranged<'a>(
        &'a self,
        plot: Plot<'a>,
        arrangement: &Arrangement,
        palette: &'a Palette,
    ) -> (Plot<'a>, RangeInclusive<f64>) {
        match arrangement {
            Arrangement::Axes(axes) => {
                let marks = axes.marks();
                let plot = plot.y_grid_spacer(move |_| marks.clone());
                let plot = plot.custom_y_axes(self.vertical_axes(axes, palette));
                (plot, axes.bounds.clone())
            }
            Arrangement::Lanes(lanes) => {
                let plot = plot.show_axes([true, false]);
                (plot.y_grid_spacer(|_| Vec::new()), lanes.bounds())
            }
        }
    }

    /// Computes the scales of both vertical axes, and sets those of the lines.
    fn axes(&self, lines: &mut [Drawn], shown: &RangeInclusive<Moment>, height: f32) -> Axes {
        let extent = |side: AxisSide| {
            let lines = lines.iter().filter(|line| line.axis == side);
            lines.fold(None, |all, line| union(all, self.extent_of(line, shown)))
        };
        let (left, right) = (extent(AxisSide::Left), extent(AxisSide::Right));
        let axes = Axes::of(left, right, height, self.is_logarithmic);
        for line in lines.iter_mut().filter(|it| it.axis == AxisSide::Right) {
            line.scale = axes.right;
        }
        axes
    }

    /// Returns the sides with an axis, their marks, units and scales. A side has an axis if a number is at it.
    fn sides(
        &self,
        axes: &Axes,
    ) -> impl Iterator<Item = (HPlacement, Vec<GridMark>, &'static str, Scale)> {
        let of = |side: AxisSide, place: HPlacement, scale: Scale| {
            let number = self.numbers.iter().find(|number| number.axis == side)?;
            Some((place, axes.marks(), number.quantity.unit(), scale))
        };
        let left = of(AxisSide::Left, HPlacement::Left, Scale::default());
        let right = of(AxisSide::Right, HPlacement::Right, axes.right);
        [left, right].into_iter().flatten()
    }

    /// Names the marks of the vertical axes.
    fn name_sides(&self, ui: &Ui, parts: (&Response, &PlotTransform, Rect), axes: &Axes) {
        for (side, marks, unit, scale) in self.sides(axes) {
            name_marks(ui, parts, AxisPlace::Beside(side), &marks, |mark| {
                words::axis_number(self.value_at(scale.height(mark.value)), unit)
            });
        }
    }

    /// Returns the vertical axes.
    fn vertical_axes<'a>(&'a self, axes: &Axes, palette: &Palette) -> Vec<AxisHints<'a>> {
        let hints = self.sides(axes).map(|(side, _, unit, scale)| {
            let axis = AxisHints::new_y().min_thickness(AXIS).placement(side);
            legend::axis(axis, palette, move |mark| {
                words::axis_number(self.value_at(scale.height(mark.value)), unit)
            })
        });
        hints.collect()
    }
}

/// Draws the lines at the time under the pointer and at the selected record.
fn vertical_lines(
    plot: &mut PlotUi<'_>,
    palette: &Palette,
    cursor: Option<f64>,
    selected: Option<f64>,
) {
    for (name, at, color) in [
        ("time under the pointer", cursor, palette.dim),
        ("selected record", selected, palette.text),
    ] {
        if let Some(at) = at {
            let line = VLine::new(name, at).color(color).width(1.0);
            plot.vline(line.allow_hover(false));
        }
    }
}

/// Draws the parts of a line. Its points are marked if each has a part of the `room` for points.
fn draw_parts(
    plot: &mut PlotUi<'_>,
    (line, form, per_point): (&Drawn, LineForm, [f64; 2]),
    parts: &[&[Point]],
    room: f32,
    position: impl Fn(&Point) -> Option<[f64; 2]>,
) {
    let has_points = (line.points.len() as f32) < room;
    for part in parts {
        let points = part.iter().filter_map(&position).collect();
        draw(plot, (line, form, per_point), points, has_points);
    }
}

/// Draws a part of a line that nothing interrupts.
fn draw(
    plot: &mut PlotUi<'_>,
    (line, form, per_point): (&Drawn, LineForm, [f64; 2]),
    points: Vec<[f64; 2]>,
    has_points: bool,
) {
    if form == LineForm::Scatter || has_points {
        let points = Points::new(
            &line.name,
            points.iter().copied().collect::<PlotPoints<'_>>(),
        );
        plot.points(points.color(line.color).radius(2.0).allow_hover(false));
    }
    if form != LineForm::Scatter {
        let points = stepped(points.into_iter(), form == LineForm::Steps, per_point);
        let item = Line::new(&line.name, points).color(line.color);
        // The points are sampled already. A band of egui would fill the area beside a steep line.
        let item = item.style(line.style).width(1.4).allow_band(false);
        plot.line(item.allow_hover(false));
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

/// Returns the shortest time between two successive points of a line.
fn shortest_interval(drawn: &[Drawn]) -> Option<Duration> {
    let intervals = drawn.iter().flat_map(|line| {
        let pairs = line.points.windows(2);
        pairs.map(|pair| pair[1].at.since(pair[0].at))
    });
    intervals.filter(|interval| !interval.is_zero()).min()
}

/// Returns the point nearest to the pointer, with the place of its line.
fn nearest(
    drawn: &[Drawn],
    pointer: Pos2,
    on_screen: impl Fn(&Drawn, &Point) -> Option<Pos2>,
) -> Option<(usize, Point)> {
    let on_screen = &on_screen;
    let points = drawn.iter().enumerate().flat_map(|(place, line)| {
        let points = line.points.iter();
        points.filter_map(move |point| {
            let distance = on_screen(line, point)?.distance(pointer);
            Some((distance, place, *point))
        })
    });
    let nearest = points
        .filter(|(distance, ..)| *distance <= REACH)
        .min_by(|(one, ..), (other, ..)| one.total_cmp(other));
    nearest.map(|(_, line, point)| (line, point))
}

#[cfg(test)]
mod tests {
    use egui::{Color32, pos2};
    use egui_plot::LineStyle;

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
            unit: "",
            axis: AxisSide::Left,
            color: Color32::PLACEHOLDER,
            style: LineStyle::Solid,
            points,
            scale: Scale::default(),
        };
        let drawn = [line(vec![point(0, 0.0)]), line(vec![point(50, 9.0)])];
        let on_screen =
            |_: &Drawn, point: &Point| Some(pos2(point.row.0 as f32, point.value as f32));
        let found =
            nearest(&drawn, pos2(45.0, 9.0), on_screen).map(|(line, point)| (line, point.row.0));
        assert_eq!(found, Some((1, 50)));
        assert_eq!(nearest(&drawn, pos2(45.0, 90.0), on_screen), None);
    }
}
