//! Facts about an answer: model, times, rates and usage, with bars of its parts over time.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::assembled::Document;
use feedscope_analysis::lenses::AssembledAnswer;

use crate::ids::PaneId;
use crate::theme::{Palette, font, tint};
use crate::widgets::{cut_sentence, paint_left};
use crate::words;

/// Height of the line in points.
const HEIGHT: f32 = 26.0;

/// Number of bars, and the width of one in points.
const BARS: usize = 40;
const BAR: f32 = 3.0;

/// Height of the line below a stall in points.
const STALL_LINE: f32 = 2.0;

/// Draws the line.
pub(super) fn show(ui: &mut Ui, pane: PaneId, answer: &AssembledAnswer) {
    let document = &answer.document;
    let text = words::answer_facts(document);
    if text.is_empty() {
        return;
    }
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    let id = Id::unique(("answer facts", pane, answer.number));
    let response = ui.interact(rect, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
    // A narrow line has no room for bars.
    let width = BARS as f32 * BAR;
    let has_bars = document.parts().len() > 2 && rect.width() > 3.0 * width;
    let room = rect.width() - 28.0 - if has_bars { width + 10.0 } else { 0.0 };
    let galley = cut_sentence(ui, &text, font::small(), Palette::of(ui).dim, room);
    paint_left(ui, rect.left() + 14.0, rect.center().y, galley);
    if has_bars {
        let corner = pos2(rect.right() - width - 14.0, rect.top() + 4.0);
        let area = Rect::from_min_size(corner, vec2(width, HEIGHT - 8.0));
        bars(ui, area, document);
        plot_text(ui, pane, answer, area);
    }
    response.on_hover_text(text);
}

/// Adds the text of the plot for assistive technology and for the mouse. It is above the line, whose hint it replaces.
fn plot_text(ui: &Ui, pane: PaneId, answer: &AssembledAnswer, area: Rect) {
    let text = words::parts_plot(&answer.document);
    let id = Id::unique(("answer plot", pane, answer.number));
    let response = ui.interact(area, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &text));
    response.on_hover_text(text);
}

/// Draws the number of parts over time, with the stalls behind them.
fn bars(ui: &Ui, area: Rect, document: &Document) {
    let palette = Palette::of(ui);
    let (Some(first), Some(last)) = (document.first_at(), document.last_at()) else {
        return;
    };
    let span = last.since(first).as_secs_f32();
    if span <= 0.0 {
        return;
    }
    let part = |at| (last.since(first).min(at).as_secs_f32() / span).clamp(0.0, 1.0);
    for (end, pause) in document.pauses() {
        let to = part(end.at.since(first));
        let from = to - pause.as_secs_f32() / span;
        let x = |share: f32| area.left() + share.max(0.0) * area.width();
        let ground = Rect::from_x_y_ranges(x(from)..=x(to), area.y_range());
        let color = palette.wait.gamma_multiply(2.0 * tint::ROW);
        ui.painter().rect_filled(ground, 0.0, color);
        // A line along the bottom is visible in either theme, also where the stall is short.
        let line = ground.with_min_y(ground.bottom() - STALL_LINE);
        let line = line.with_max_x(line.right().max(line.left() + STALL_LINE));
        ui.painter().rect_filled(line, 0.0, palette.wait);
    }
    // The last part is in the last bar.
    let mut counts = [0_u32; BARS];
    for one in document.parts() {
        let at = (part(one.at.since(first)) * BARS as f32) as usize;
        counts[at.min(BARS - 1)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1) as f32;
    for (place, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let height = (*count as f32 / most * area.height()).max(1.0);
        let left = area.left() + place as f32 * BAR;
        let bar = Rect::from_min_max(
            pos2(left, area.bottom() - height),
            pos2(left + BAR - 1.0, area.bottom()),
        );
        ui.painter().rect_filled(bar, 0.0, palette.series[0]);
    }
}
