//! Long menus, menus that stay open at a click, and context menus that a key opens.

use egui::{
    Event, Id, Memory, Popup, PopupCloseBehavior, Pos2, Response, ScrollArea, SetOpenCommand, Ui,
    pos2,
};

use super::enter_menu;
use super::opening::passes_shown;
use super::sheet_scroll::keep_in_sight;

/// Space above and below a menu that is as high as the window, with its frame.
const MARGIN: f32 = 32.0;

/// Width of the scroll bar with the space beside it.
const BAR: f32 = 10.0;

/// Returns the menu of a button that stays open at a click in it: a menu with a text field, or one in which several entries
/// are chosen one after the other. An entry that ends the choice closes it.
pub(crate) fn lasting(button: &Response) -> Popup<'_> {
    Popup::menu(button).close_behavior(PopupCloseBehavior::CloseOnClickOutside)
}

/// Returns the menu of a button. A menu that is higher than the room above and below its button is left of it, so that a second
/// press closes the menu and chooses nothing.
pub(crate) fn beside(button: &Response) -> Popup<'_> {
    let menu = Popup::menu(button);
    let (window, rect) = (menu.ctx().content_rect(), button.rect);
    let room = (rect.top() - window.top()).max(window.bottom() - rect.bottom());
    match menu.get_expected_size() {
        Some(size) if size.y > room && size.x <= rect.left() - window.left() => {
            menu.at_position(pos2(rect.left() - size.x, rect.top()))
        }
        _ => menu,
    }
}

/// Draws the content of a menu. It scrolls if it is higher than the window, also to an entry that a key focuses.
pub(crate) fn scrolled<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let most = ui.ctx().content_rect().height() - MARGIN;
    // Where a bar is needed, it must not cover the names of keys at the right.
    let usual = ui.spacing().scroll;
    let scroll = &mut ui.spacing_mut().scroll;
    scroll.floating_allocated_width = BAR;
    keep_in_sight(scroll);
    let mut area = ScrollArea::vertical()
        .max_height(most)
        // A menu near the bottom moves up, so that the space below the pointer is no limit.
        .min_scrolled_height(most);
    if passes_shown(ui, ui.scope_id()) == 0 {
        // It begins at its first entry, wherever it was left.
        area = area.vertical_scroll_offset(0.0);
    }
    let scrolled = area.show(ui, |ui| {
        ui.spacing_mut().scroll = usual;
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

/// Context menu of one of several widgets, which a key has opened. `K` tells the widgets apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyMenu<K> {
    of: K,
    state: Opening,
}

/// Progress of the opening of a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opening {
    Requested,
    /// The menu is open, and its first entry is to get the focus.
    NeedsFocus,
    Done,
}

impl<K: PartialEq> KeyMenu<K> {
    /// Requests the menu of a widget for the next pass.
    pub(crate) fn requested(of: K) -> Self {
        Self {
            of,
            state: Opening::Requested,
        }
    }

    /// Draws the context menu of a widget, opened by the pointer or by a key. `at` is its place if a key opens it. `focus` is the
    /// widget that has the focus, which it gets again after such a menu. Returns the chosen entry.
    pub(crate) fn show<R>(
        open: &mut Option<Self>,
        (widget, of): (&Response, K),
        at: Pos2,
        focus: Id,
        entries: impl FnOnce(&mut Ui) -> Option<R>,
    ) -> Option<R> {
        if widget.secondary_clicked() {
            // The pointer opens the menu where it is.
            *open = None;
        }
        let mut popup = Popup::context_menu(widget);
        let by_key = open.as_mut().filter(|menu| menu.of == of);
        let mut needs_focus = false;
        if let Some(menu) = &by_key {
            popup = popup.at_position(at);
            if menu.state == Opening::Requested {
                popup = popup.open_memory(Some(SetOpenCommand::Bool(true)));
                // The arrow keys go to the menu only while nothing else has the focus.
                widget
                    .ctx
                    .memory_mut(|memory| memory.surrender_focus(focus));
            }
            needs_focus = menu.state != Opening::Done;
        }
        let shown = popup.show(|ui| {
            enter_menu(ui, &mut needs_focus);
            entries(ui)
        });
        match (by_key, &shown) {
            (Some(menu), Some(_)) if needs_focus => menu.state = Opening::NeedsFocus,
            (Some(menu), Some(_)) => menu.state = Opening::Done,
            // The menu was closed.
            (Some(_), None) => {
                *open = None;
                widget.ctx.memory_mut(|memory| memory.request_focus(focus));
            }
            (None, _) => {}
        }
        shown.and_then(|shown| shown.inner)
    }
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
