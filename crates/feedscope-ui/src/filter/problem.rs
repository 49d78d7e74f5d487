//! Sentences about an error in a typed filter and about the filter in force, shown below its field.

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat};
use egui::{Id, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};
use feedscope_analysis::filter::FilterProblem;

use super::FilterView;
use crate::ids::PaneId;
use crate::theme::{Palette, font, size};
use crate::words;

/// Draws the sentences below `field`. They cover other parts, so that they must be drawn after them.
pub(crate) fn show(
    ui: &Ui,
    pane: PaneId,
    field: Rect,
    filter: &FilterView,
    problem: &FilterProblem,
) {
    let palette = Palette::of(ui);
    let sentence = words::not_applied(problem, filter.in_force());
    let room = ui.clip_rect().right() - field.left() - 30.0;
    let mut job = LayoutJob::single_section(
        sentence.clone(),
        TextFormat::simple(font::label(), palette.text),
    );
    job.wrap.max_width = room.min(field.width().max(420.0));
    let galley = ui.painter().layout_job(job);
    let rect = Rect::from_min_size(
        field.left_bottom() + vec2(0.0, 3.0),
        galley.size() + vec2(20.0, 12.0),
    );
    // The area only senses hovering, so that clicks reach the rows below it.
    let response = ui.interact(rect, Id::unique(("filter problem", pane)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, &sentence));
    ui.painter().rect(
        rect,
        size::RADIUS,
        palette.panel,
        Stroke::new(1.0, palette.fail),
        StrokeKind::Inside,
    );
    ui.painter()
        .galley(rect.min + vec2(10.0, 6.0), galley, palette.text);
}
