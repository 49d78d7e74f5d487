//! Parts that all forms of a plot share: the area, and the line with names and notes above it.

use egui::accesskit::Role;
use egui::{
    Align, Color32, Id, Layout, Pos2, Rect, Sense, Shape, Stroke, Ui, UiBuilder, WidgetInfo, pos2,
    vec2,
};
use egui_plot::{AxisHints, GridMark, LineStyle, Plot};
use feedscope_analysis::series::Point;
use feedscope_core::Moment;

use super::collected::Drawn;
use crate::theme::{Palette, font};
use crate::widgets::{cut, measured, paint_left};
use crate::words;

/// Length of the sample of a line in points.
const SAMPLE: f32 = 18.0;

/// Room in points for the number of names that have none.
const OTHERS: f32 = 34.0;

/// Room in points for the half of the last mark that is beyond the right edge.
pub(super) const RIGHT_MARGIN: f32 = 36.0;

/// Number of digits of a plotted number beside its line. The table has all digits.
pub(super) const DIGITS: usize = 6;

/// Returns an area for a plot whose range only this program changes.
pub(super) fn plot_area<'a>(id: Id, palette: &Palette) -> Plot<'a> {
    Plot::new(id)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_background(false)
        // The time under the pointer has a line of its own, in all plots and traces.
        .show_crosshair(false)
        .grid_color(palette.line)
}

/// Returns a child for a plot with its axes.
pub(super) fn plot_child(ui: &mut Ui, area: Rect, id: Id) -> Ui {
    ui.new_child(
        UiBuilder::new()
            .max_rect(area)
            .layout(Layout::top_down(Align::Min))
            .id_salt(id),
    )
}

/// Returns an axis with small numbers.
pub(super) fn axis<'a>(
    hints: AxisHints<'a>,
    palette: &Palette,
    text: impl Fn(GridMark) -> String + 'a,
) -> AxisHints<'a> {
    hints
        .tick_label_font(font::small())
        .tick_label_color(palette.dim)
        .formatter(move |mark, _| text(mark))
}

/// Names of the lines in their colors, or the value under the pointer, and the notes.
pub(super) struct Legend {
    pub(super) id: Id,
    pub(super) rect: Rect,
    /// The names are drawn here, and not beside the lines.
    pub(super) names: bool,
}

impl Legend {
    /// Draws the names and notes.
    pub(super) fn show(
        &self,
        ui: &Ui,
        drawn: &[Drawn],
        nearest: Option<(usize, Point)>,
        notes: &[String],
        time: impl Fn(Moment) -> String,
    ) {
        if let Some((line, point)) = nearest {
            let line = &drawn[line];
            let value = words::plotted_number(point.value, line.unit, DIGITS);
            let text = format!("{} {value} at {}", line.name, time(point.at));
            return self.texts(ui, &[LegendText::of_line(&text, line.color)]);
        }
        // Lines of one color differ by their dashes, so that each name has a sample of its line.
        let has_samples = drawn.iter().any(|line| line.style != LineStyle::Solid);
        let named = drawn
            .iter()
            .filter(|line| !line.points.is_empty() && self.names);
        let named = named.map(|line| LegendText {
            sample: has_samples.then_some(line.style),
            ..LegendText::of_line(&line.name, line.color)
        });
        let dim = Palette::of(ui).dim;
        let notes = notes.iter().map(|note| LegendText::of_line(note, dim));
        self.texts(ui, &named.chain(notes).collect::<Vec<_>>());
    }

    /// Draws texts from left to right. Those without room are counted at the end, and are in the tooltip of their number.
    pub(super) fn texts(&self, ui: &Ui, texts: &[LegendText<'_>]) {
        let y = self.rect.center().y;
        let mut x = self.rect.left() + 12.0;
        let end = self.rect.right() - 8.0;
        for (place, legend) in texts.iter().enumerate() {
            let sample = if legend.sample.is_some() {
                SAMPLE + 5.0
            } else {
                0.0
            };
            let wanted = sample + measured(ui, legend.text, font::small());
            let rest = &texts[place + 1..];
            // The number of the others needs room, too.
            let room = if rest.is_empty() { end } else { end - OTHERS } - x;
            if wanted > room && place > 0 {
                self.others(ui, x, &texts[place..]);
                break;
            }
            if let Some(style) = legend.sample {
                paint_sample(ui, pos2(x, y), legend.color, style);
            }
            let galley = cut(ui, legend.text, font::small(), legend.color, room - sample);
            let width = sample + galley.size().x;
            let area = Rect::from_x_y_ranges(x..=x + width, self.rect.y_range());
            let response = ui.interact(area, self.id.with(("text", place)), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, legend.text));
            // A text without room for its end is whole in its tooltip.
            if galley.elided {
                response.on_hover_text(legend.text);
            }
            paint_left(ui, x + sample, y, galley);
            x += width + 12.0;
        }
    }

    /// Draws the number of texts without room.
    fn others(&self, ui: &Ui, x: f32, others: &[LegendText<'_>]) {
        let text = format!("+{}", others.len());
        let galley = cut(ui, &text, font::small(), Palette::of(ui).dim, OTHERS);
        let area = Rect::from_x_y_ranges(x..=x + galley.size().x, self.rect.y_range());
        let response = ui.interact(area, self.id.with("others"), Sense::hover());
        let list = others.iter().map(|it| it.text).collect::<Vec<_>>();
        let list = list.join("\n");
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{text}: {list}")));
        paint_left(ui, x, self.rect.center().y, galley);
        response.on_hover_text(list);
    }
}

/// Text of a legend in the color of its line.
pub(super) struct LegendText<'a> {
    text: &'a str,
    color: Color32,
    /// Style of the sample before the text.
    sample: Option<LineStyle>,
}

impl<'a> LegendText<'a> {
    pub(super) fn of_line(text: &'a str, color: Color32) -> Self {
        let sample = None;
        Self {
            text,
            color,
            sample,
        }
    }
}

/// Draws a sample of a line from a point to the right.
fn paint_sample(ui: &Ui, from: Pos2, color: Color32, style: LineStyle) {
    let ends = [from, from + vec2(SAMPLE, 0.0)];
    let stroke = Stroke::new(1.4, color);
    let painter = ui.painter();
    match style {
        LineStyle::Solid => drop(painter.line_segment(ends, stroke)),
        LineStyle::Dashed { length } => {
            painter.extend(Shape::dashed_line(&ends, stroke, length, length * 0.6));
        }
        LineStyle::Dotted { spacing } => {
            painter.extend(Shape::dotted_line(&ends, color, spacing, 1.0));
        }
    }
}
