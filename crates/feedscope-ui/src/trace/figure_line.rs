//! Line of the figures below the trace.

use egui::accesskit::Role;
use egui::{CursorIcon, Id, Rect, Sense, Stroke, Ui, WidgetInfo};

use super::figure_link::FigureLink;
use super::figures::Figure;
use crate::ids::PaneId;
use crate::theme::{Palette, font};
use crate::widgets::{cut, measured, name_on_hover, paint_left};

/// Gap between two figures in points.
const GAP: f32 = 14.0;

/// Draws the figures from left to right. Returns the one that was clicked.
pub(super) fn statistics(
    ui: &Ui,
    pane: PaneId,
    rect: Rect,
    figures: &[Figure],
) -> Option<FigureLink> {
    let palette = Palette::of(ui);
    let mut clicked = None;
    // All figures in one sentence, also those without room.
    let response = ui.interact(rect, Id::unique(("figures", pane)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, sentence(figures)));
    let shown = fitting(ui, figures, rect.width());
    if shown.len() < figures.len() {
        name_on_hover(response, &sentence(figures));
    }
    let mut x = rect.left();
    for figure in shown {
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
            let about = format!("{} {}", figure.about, link.hint());
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
        x += GAP;
    }
    clicked
}

/// Returns all figures as one sentence.
fn sentence(figures: &[Figure]) -> String {
    let figures = figures
        .iter()
        .map(|figure| format!("{}{}{}", figure.before, figure.number, figure.after));
    figures.collect::<Vec<_>>().join(", ")
}

/// Returns the figures that fit into a line, in their order. The least important ones give way, also the last one, because a
/// part of a figure would be a wrong figure.
fn fitting<'a>(ui: &Ui, figures: &'a [Figure], room: f32) -> Vec<&'a Figure> {
    let mut shown: Vec<(&Figure, f32)> = figures
        .iter()
        .map(|figure| (figure, figure_width(ui, figure)))
        .collect();
    // The last figure needs no gap behind it.
    while shown.iter().map(|(_, width)| width).sum::<f32>() - GAP > room
        && let Some(least) = (0..shown.len())
            .rev()
            .min_by_key(|&at| shown[at].0.priority)
    {
        shown.remove(least);
    }
    shown.into_iter().map(|(figure, _)| figure).collect()
}

/// Returns the width of a figure and the gap behind it, in points.
fn figure_width(ui: &Ui, figure: &Figure) -> f32 {
    measured(ui, figure.before, font::small())
        + measured(ui, &figure.number, font::strong_small())
        + measured(ui, &figure.after, font::small())
        + GAP
}

/// Returns the width of all figures in points.
pub(super) fn figures_width(ui: &Ui, figures: &[Figure]) -> f32 {
    let widths = figures.iter().map(|figure| figure_width(ui, figure));
    widths.sum()
}
