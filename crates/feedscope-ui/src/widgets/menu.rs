//! Long menus, and menus that stay open at a click.

use egui::{Event, Id, Memory, Popup, PopupCloseBehavior, Response, ScrollArea, Ui};

/// Space above and below a menu that is as high as the window, with its frame.
const MARGIN: f32 = 32.0;

/// Width of the scroll bar with the space beside it.
const BAR: f32 = 10.0;

/// Returns the menu of a button that stays open at a click in it: a menu with a text field, or one in which several entries
/// are chosen one after the other. An entry that ends the choice closes it.
pub(crate) fn lasting(button: &Response) -> Popup<'_> {
    Popup::menu(button).close_behavior(PopupCloseBehavior::CloseOnClickOutside)
}

/// Draws the content of a menu. It scrolls if it is higher than the window, also to an entry that a key focuses.
pub(crate) fn scrolled<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let most = ui.ctx().content_rect().height() - MARGIN;
    // Where a bar is needed, it must not cover the names of keys at the right.
    ui.spacing_mut().scroll.floating_allocated_width = BAR;
    let area = ScrollArea::vertical()
        .max_height(most)
        // A menu near the bottom moves up, so that the space below the pointer is no limit.
        .min_scrolled_height(most);
    let scrolled = area.show(ui, |ui| {
        let result = content(ui);
        let focused = ui
            .memory(Memory::focused)
            .and_then(|id| ui.ctx().read_response(id));
        if let Some(focused) = focused
            && focused.layer_id == ui.layer_id()
            && !ui.clip_rect().y_range().contains(focused.rect.center().y)
        {
            ui.scroll_to_rect(focused.rect, None);
        }
        result
    });
    scrolled.inner
}

/// Gives the field of a menu the focus when the user begins to type. No other part of such a menu takes text.
pub(crate) fn take_typed_text(ui: &Ui, field: Id) {
    // The space bar presses an entry.
    let is_text = |event: &Event| matches!(event, Event::Text(text) if !text.trim().is_empty());
    if !ui.input(|input| input.events.iter().any(is_text)) {
        return;
    }
    // A menu that a key opened leaves the focus on its button, which takes no text. A text field keeps its text.
    if !ui.ctx().text_edit_focused() {
        ui.memory_mut(|memory| memory.request_focus(field));
    }
}
