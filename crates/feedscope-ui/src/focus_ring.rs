//! Ring around the part of the window that has the keyboard focus. It is drawn in one place for all parts, also for those
//! that egui draws itself, so that no part can lack it.

use egui::text_edit::TextEditState;
use egui::{Event, Id, Response, Stroke, StrokeKind, Ui};

use crate::theme::{Palette, size};

/// Width of the ring outside of the part, and of the line between both, in points.
const RING: f32 = 2.0;
const GAP: f32 = 1.0;

/// Gives the focus to the answer of a question, with a ring although no key has moved the focus: the user must see what
/// `Enter` does.
pub(crate) fn focus_answer(ui: &Ui, answer: &Response) {
    answer.request_focus();
    ui.data_mut(|data| data.insert_temp(answer_id(), answer.id));
}

/// Returns the key of the answer that received the focus last.
fn answer_id() -> Id {
    Id::unique("answer with a ring")
}

/// Draws the ring if the focus was moved by a key, or to the answer of a question. It is called after everything else has
/// been drawn.
pub(crate) fn show(ui: &Ui) {
    let by_key = is_by_key(ui);
    let Some(id) = ui.memory(egui::Memory::focused) else {
        return;
    };
    if !by_key && ui.data(|data| data.get_temp(answer_id())) != Some(id) {
        return;
    }
    // A text field has a border of its own.
    if TextEditState::load(ui.ctx(), id).is_some() {
        return;
    }
    let Some(response) = ui.ctx().read_response(id) else {
        return;
    };
    // A part may be scrolled out of sight, or end at the edge of the window.
    let window = ui.ctx().content_rect().shrink(RING);
    let rect = response.interact_rect.intersect(window);
    if !rect.is_positive() {
        return;
    }
    let palette = Palette::of(ui);
    let painter = ui.ctx().layer_painter(response.layer_id);
    // The inner line separates the ring from a part of a similar color.
    let gap = Stroke::new(GAP, palette.bg);
    painter.rect_stroke(rect, size::RADIUS, gap, StrokeKind::Inside);
    let ring = Stroke::new(RING, palette.focus());
    painter.rect_stroke(rect, size::RADIUS, ring, StrokeKind::Outside);
}

/// Scrolls to a part that a key has focused. It is called at the end of the contents of a scrolling area, because Tab also
/// leads to parts that are out of sight.
pub(crate) fn reveal_focus(ui: &Ui) {
    // The response is read only then, because reading it after a click elsewhere would end the focus.
    if !is_by_key(ui) {
        return;
    }
    let focused = ui.memory(egui::Memory::focused);
    let Some(response) = focused.and_then(|id| ui.ctx().read_response(id)) else {
        return;
    };
    let is_inside =
        response.layer_id == ui.layer_id() && ui.min_rect().contains(response.rect.center());
    if is_inside && response.gained_focus() {
        ui.scroll_to_rect(response.rect, None);
    }
}

/// Returns true if the last input that may have moved the focus was a key. A ring around everything that is clicked would
/// only distract.
fn is_by_key(ui: &Ui) -> bool {
    let last = ui.input(|input| {
        let by_key = |event: &Event| match event {
            Event::Key { pressed: true, .. } => Some(true),
            Event::PointerButton { pressed: true, .. } => Some(false),
            _ => None,
        };
        input.events.iter().rev().find_map(by_key)
    });
    let id = Id::unique("focus by key");
    if let Some(by_key) = last {
        ui.data_mut(|data| data.insert_temp(id, by_key));
    }
    ui.data(|data| data.get_temp(id)).unwrap_or(false)
}
