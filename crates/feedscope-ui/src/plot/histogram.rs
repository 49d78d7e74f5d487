//! Histogram of a plot: how often each value occurs in the shown range of time.

use egui::accesskit::Role;
use egui::{Color32, Id, Rect, Ui, WidgetInfo, vec2};
use egui_plot::{AxisHints, Bar, BarChart, GridMark, HPlacement};
use feedscope_analysis::series::{Distribution, Point};
use feedscope_core::store::RowNumber;

use super::axis_names::{AxisPlace, name_marks};
use super::bars::{Contents, Counted, LineBars};
use super::legend::{Legend, LegendText, RIGHT_MARGIN, axis, plot_area, plot_child};
use super::look::Looks;
use super::open::{OpenPlot, PlotPlace};
use super::scale::{extent, logarithmic_marks, marks, nice_step, union};
use crate::theme::{Palette, size};
use crate::widgets::take_top;
use crate::words;

/// Smallest width of a bar in points.
const BAR: f32 = 10.0;

/// Distance of two marks at the axes in points.
const MARKS: (f32, f32) = (90.0, 34.0);

/// Seconds between two counts while records arrive, because a person cannot read bars more often.
const INTERVAL: f64 = 0.25;

impl OpenPlot {
    /// Draws the bars. Returns the newest record of a bar that was clicked.
    pub(super) fn histogram(
        &mut self,
        ui: &mut Ui,
        place: &PlotPlace<'_>,
        mut rect: Rect,
    ) -> Option<RowNumber> {
        let palette = Palette::of(ui);
        let names = Legend {
            id: Id::unique(("histogram names", place.pane)),
            rect: take_top(&mut rect, size::LINE),
            names: true,
        };
        self.count(ui, place, rect.width());
        let unit = self.numbers[0].quantity.unit();
        let Some(counted) = &self.bars.counted else {
            return None;
        };
        let mut area = rect.shrink2(vec2(8.0, 2.0));
        area.max.x -= RIGHT_MARGIN;
        let mut child = plot_child(ui, area, Id::unique(("histogram", place.pane)));
        let most = counted.lines.iter().flat_map(|line| line.bars.bars());
        let most = most.map(|(_, bar)| bar.count).max().unwrap_or(1) as f64;
        let x_bounds = counted.extent.clone();
        let x_span = (x_bounds.end() - x_bounds.start()).max(f64::MIN_POSITIVE);
        let x_step = nice_step(x_span * f64::from(MARKS.0 / area.width()));
        let x_marks = if self.is_logarithmic {
            logarithmic_marks(&x_bounds, x_step)
        } else {
            marks(&x_bounds, x_step)
        };
        // Counts are whole numbers.
        let y_step = nice_step(most * f64::from(MARKS.1 / area.height())).max(1.0);
        let y_marks = marks(&(0.0..=most), y_step);
        let count_text = |mark: &GridMark| words::axis_number(mark.value, "");
        let value_text = |mark: &GridMark| words::axis_number(self.value_at(mark.value), unit);
        let counts = axis(
            AxisHints::new_y().min_thickness(52.0),
            palette,
            move |mark| count_text(&mark),
        );
        let values = axis(AxisHints::new_x(), palette, move |mark| value_text(&mark));
        let named_marks = [x_marks.clone(), y_marks.clone()];
        let plot = plot_area(Id::unique(("histogram area", place.pane)), palette)
            .x_grid_spacer(move |_| x_marks.clone())
            .y_grid_spacer(move |_| y_marks.clone())
            .custom_x_axes(vec![values])
            .custom_y_axes(vec![counts]);
        let response = plot.show(&mut child, |plot| {
            plot.set_plot_bounds_x(x_bounds);
            plot.set_plot_bounds_y(0.0..=most * 1.05);
            for line in &counted.lines {
                let bars = line.bars.bars().map(|(number, bar)| {
                    let middle = (number as f64 + 0.5) * counted.step;
                    Bar::new(middle, bar.count as f64).width(counted.step)
                });
                let chart = BarChart::new(&line.name, bars.collect()).color(line.color);
                plot.bar_chart(chart.allow_hover(false));
            }
        });
        response.response.widget_info(|| {
            let summary = words::histogram_summary(counted.lines.len(), &counted.notes);
            WidgetInfo::labeled(Role::Image, true, summary)
        });
        let parts = (&response.response, &response.transform, area);
        let [x_marks, y_marks] = &named_marks;
        name_marks(ui, parts, AxisPlace::Below, x_marks, value_text);
        let left = AxisPlace::Beside(HPlacement::Left);
        name_marks(ui, parts, left, y_marks, count_text);
        let pointed_at = response.response.hover_pos().and_then(|pointer| {
            let at = response.transform.value_from_position(pointer);
            let number = (at.x / counted.step).floor() as i64;
            // Bars of several lines overlap. The lowest one that reaches the pointer is in front. Above all of them, the
            // highest one is chosen, because a bar of few records is too low for the pointer.
            let bars = || {
                let lines = counted.lines.iter();
                lines.filter_map(|line| Some((line, line.bars.bar(number)?)))
            };
            let reached = bars().filter(|(_, bar)| bar.count as f64 >= at.y);
            let bar = reached.min_by_key(|(_, bar)| bar.count);
            let bar = bar.or_else(|| bars().max_by_key(|(_, bar)| bar.count));
            bar.map(|(line, bar)| (line, number, bar))
        });
        if let Some((line, number, bar)) = pointed_at {
            let limit = |number: i64| {
                let height = number as f64 * counted.step;
                words::axis_number(self.value_at(height), unit)
            };
            let records = words::counted(bar.count, "record");
            let (from, to) = (limit(number), limit(number + 1));
            let text = format!("{}: {records} from {from} to {to}", line.name);
            names.texts(ui, &[LegendText::of_line(&text, line.color)]);
        } else {
            let lines = counted.lines.iter();
            let lines = lines.map(|line| LegendText::of_line(&line.name, line.color));
            let lacking = self.lacking(ui, place);
            let notes = lacking.iter().chain(&counted.notes);
            let notes = notes.map(|note| LegendText::of_line(note, palette.dim));
            names.texts(ui, &lines.chain(notes).collect::<Vec<_>>());
        }
        let (_, _, bar) = pointed_at?;
        let newest = bar.newest;
        response.response.clicked().then_some(newest)
    }

    /// Counts the points of the range again if they have changed.
    fn count(&mut self, ui: &Ui, place: &PlotPlace<'_>, width: f32) {
        let shown = self.range.shown(&self.limits(place));
        let points = self.numbers.iter().map(|number| {
            let series = number.series.value();
            let lines = series.lines().iter();
            lines.map(|line| line.points().count()).sum::<u64>()
        });
        let of = Contents {
            start: *shown.start(),
            end: *shown.end(),
            points: points.sum(),
            columns: (width / BAR).max(4.0) as u32,
            is_logarithmic: self.is_logarithmic,
        };
        let now = ui.input(|input| input.time);
        let is_current = self.bars.counted.as_ref().is_some_and(|counted| {
            let is_same = counted.of == of;
            let only_time_passed = Contents {
                columns: of.columns,
                is_logarithmic: of.is_logarithmic,
                ..counted.of
            } == counted.of
                && self.range.follows();
            is_same || (only_time_passed && now - counted.at < INTERVAL)
        });
        if !is_current {
            self.bars.counted = Some(self.counted(of, Palette::of(ui), now));
        }
    }

    fn counted(&self, of: Contents, palette: &Palette, at: f64) -> Counted {
        let shown = of.start..=of.end;
        let unit = self.numbers[0].quantity.unit();
        let mut notes = Vec::new();
        let mut lines: Vec<(String, Color32, Vec<Point>)> = Vec::new();
        let mut looks = Looks::new(palette, self.numbers.len());
        for (place, number) in self.numbers.iter().enumerate() {
            // One axis of values cannot show two units.
            let is_other_axis = number.axis != self.numbers[0].axis;
            if place > 0 && (is_other_axis || number.quantity.unit() != unit) {
                notes.push(words::without_bars(&number.quantity.to_string()));
                continue;
            }
            let series = number.series.value();
            notes.extend(series.time_note());
            for line in series.lines() {
                let (points, has_all) = line.points().whole_points(shown.clone());
                let name = self.name_of(number, line.key());
                if !has_all {
                    let count = words::count(points.len() as u64);
                    notes.push(format!("The newest {count} values of {name} are counted"));
                }
                lines.push((name, looks.of_bars(place, line.key()), points));
            }
        }
        let height = |value: f64| self.height_of(value);
        let extents = lines
            .iter()
            .map(|(_, _, points)| extent(points.iter().filter_map(|it| height(it.value))));
        let (least, most) = extents.fold(None, union).unwrap_or(0.0..=1.0).into_inner();
        let span = most - least;
        let span = if span > 0.0 {
            span
        } else {
            least.abs().max(1.0)
        };
        let step = nice_step(span / f64::from(of.columns));
        let (first, last) = ((least / step).floor(), (most / step).floor() + 1.0);
        let lines = lines.into_iter().map(|(name, color, points)| LineBars {
            name,
            color,
            bars: Distribution::new(points, step, height),
        });
        Counted {
            of,
            at,
            step,
            extent: first * step..=last * step,
            lines: lines.collect(),
            notes,
        }
    }
}
