//! Times without a connection in a plot: hatched areas, which a click folds and unfolds.

use egui::accesskit::Role;
use egui::{CursorIcon, Id, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2};
use egui_plot::{PlotPoint, PlotTransform};
use feedscope_core::Moment;

use super::open::PlotPlace;
use super::time_axis::{Interruption, TimeAxis};
use crate::theme::{Palette, font};
use crate::widgets::{cut, name_on_hover, paint_left};
use crate::words;

/// Distance of two lines of the hatching in points.
const HATCHING: f32 = 8.0;

/// Draws the times without a connection. `unfolded` contains the starts of those that keep their length, and changes with
/// a click.
pub(super) fn show(
    ui: &Ui,
    place: &PlotPlace<'_>,
    transform: &PlotTransform,
    axis: &TimeAxis,
    unfolded: &mut Vec<Moment>,
) {
    for interruption in axis.interruptions() {
        if one(ui, place, transform, interruption) {
            toggle(unfolded, interruption);
            ui.ctx().request_repaint();
        }
    }
}

/// Folds or unfolds a time without a connection.
fn toggle(unfolded: &mut Vec<Moment>, interruption: &Interruption) {
    if interruption.is_folded {
        unfolded.push(interruption.start);
    } else {
        unfolded.retain(|start| *start != interruption.start);
    }
}

/// Draws a time without a connection. Returns true if it was clicked.
fn one(
    ui: &Ui,
    place: &PlotPlace<'_>,
    transform: &PlotTransform,
    interruption: &Interruption,
) -> bool {
    let palette = Palette::of(ui);
    let frame = *transform.frame();
    let x_of = |x: f64| transform.position_from_point(&PlotPoint::new(x, 0.0)).x;
    let area = Rect::from_x_y_ranges(
        x_of(interruption.from)..=x_of(interruption.to),
        frame.y_range(),
    );
    let id = Id::unique(("interruption", place.pane, interruption.start.as_nanos()));
    let response = ui.interact(area, id, Sense::click());
    let length = words::duration(interruption.length);
    let action = if interruption.is_folded {
        "A click shows it in its length."
    } else {
        "A click folds it."
    };
    let about = format!("No connection for {length}. {action}");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &about));
    let painter = ui.painter().with_clip_rect(area.intersect(frame));
    let color = if response.hovered() || response.has_focus() {
        palette.dim
    } else {
        palette.line
    };
    let mut x = area.left() - frame.height();
    while x < area.right() {
        let line = [
            pos2(x, frame.bottom()),
            pos2(x + frame.height(), frame.top()),
        ];
        painter.line_segment(line, Stroke::new(1.0, color));
        x += HATCHING;
    }
    for x in [area.left() + 0.5, area.right() - 0.5] {
        let edge = [pos2(x, frame.top()), pos2(x, frame.bottom())];
        painter.extend(Shape::dashed_line(
            &edge,
            Stroke::new(1.0, palette.fail),
            3.0,
            3.0,
        ));
    }
    if interruption.is_folded {
        let text = format!("{length} folded");
        let galley = cut(ui, &text, font::small(), palette.fail, f32::INFINITY);
        let half = galley.size().x / 2.0;
        let middle = area.center().x;
        let left =
            (middle - half).clamp(frame.left(), (frame.right() - 2.0 * half).max(frame.left()));
        paint_left(ui, left, frame.bottom() + 8.0, galley);
    }
    let is_clicked = response.clicked();
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    name_on_hover(response, &about);
    is_clicked
}
