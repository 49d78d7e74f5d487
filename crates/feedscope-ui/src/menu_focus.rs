//! Keyboard focus in an open menu. egui's arrow keys move the focus to the nearest widget, also to one behind the menu,
//! where `Enter` would press a button that the user does not see.

use egui::{FocusDirection, Id, Key, Modifiers, Order, Popup, Rect, Ui};

/// Moves the focus between the entries of the open menu if an arrow key is pressed. From the last entry, it goes to the
/// first one. It is called before the widgets of a pass.
pub(crate) fn keep_in_menu(ui: &Ui) {
    if !Popup::is_any_open(ui.ctx()) {
        return;
    }
    let pressed =
        |key| ui.input(|input| input.key_pressed(key) && input.modifiers == Modifiers::NONE);
    let is_down = match (pressed(Key::ArrowDown), pressed(Key::ArrowUp)) {
        (true, false) => true,
        (false, true) => false,
        _ => return,
    };
    let entries = entries(ui);
    let focused = ui.memory(egui::Memory::focused);
    let place_of = |wanted: Option<Id>| entries.iter().position(|(id, _)| Some(*id) == wanted);
    // The lit entry is where the user sees the menu begin.
    let lit = ui.data(|data| data.get_temp(lit_entry()));
    let at = place_of(focused).or_else(|| place_of(lit));
    let next = match at {
        _ if entries.is_empty() => return,
        Some(at) if is_down => (at + 1) % entries.len(),
        Some(at) => at.checked_sub(1).unwrap_or(entries.len() - 1),
        // No entry has the focus yet.
        None if is_down => 0,
        None => entries.len() - 1,
    };
    ui.memory_mut(|memory| {
        memory.request_focus(entries[next].0);
        memory.move_focus(FocusDirection::None);
    });
}

/// Begins with the entry that a menu shows as the present choice: the first arrow key goes on from it.
pub(crate) fn begin_at(ui: &Ui, entry: Id) {
    ui.data_mut(|data| data.insert_temp(lit_entry(), entry));
}

/// Returns the key of the entry that was drawn last as the present choice.
fn lit_entry() -> Id {
    Id::unique("lit entry of the menu")
}

/// Returns the entries of the topmost menu from top to bottom, as they were in the last pass.
fn entries(ui: &Ui) -> Vec<(Id, Rect)> {
    let menu = ui.memory(|memory| memory.areas().top_layer_id(Order::Foreground));
    let Some(menu) = menu else {
        return Vec::new();
    };
    let mut entries: Vec<(Id, Rect)> = ui.ctx().viewport(|viewport| {
        let widgets = viewport.prev_pass.widgets.get_layer(menu);
        let focusable = widgets.filter(|widget| widget.enabled && widget.sense.is_focusable());
        focusable.map(|widget| (widget.id, widget.rect)).collect()
    });
    // Entries beside each other are read from left to right.
    entries.sort_by(|(_, a), (_, b)| {
        let by_top = a.top().total_cmp(&b.top());
        by_top.then(a.left().total_cmp(&b.left()))
    });
    entries
}
