//! Line of the figures below the trace.

use egui::accesskit::Role;
use egui::{CursorIcon, Id, Rect, Sense, Stroke, Ui, WidgetInfo};

use super::figure_link::FigureLink;
use super::figures::Figure;
use crate::ids::PaneId;
use crate::theme::{Palette, font};
use crate::widgets::{cut, measured, paint_left};

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

/// Returns the width of all figures in points.
pub(super) fn figures_width(ui: &Ui, figures: &[Figure]) -> f32 {
    let width = |figure: &Figure| {
        measured(ui, figure.before, font::small())
            + measured(ui, &figure.number, font::strong_small())
            + measured(ui, &figure.after, font::small())
            + 14.0
    };
    figures.iter().map(width).sum()
}
