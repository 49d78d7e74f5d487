//! Keyboard focus in an open menu, and after it. egui's arrow keys move the focus to the nearest widget, also to one behind
//! the menu, where `Enter` would press a button that the user does not see. A closed menu leaves the focus on nothing.

use egui::accesskit::Role;
use egui::{
    FocusDirection, Id, Key, LayerId, Memory, Modifiers, Order, Popup, Rect, Ui, WidgetRect,
};

/// Focus of the window before a menu was opened.
#[derive(Clone, Copy, Default)]
struct FocusBefore {
    /// Widget that had the focus when the menu was opened.
    widget: Option<Id>,
    /// A menu was open at the beginning of this pass.
    was_open: bool,
    /// Widget with the focus before the widgets of this pass were drawn.
    at_start: Option<Id>,
    /// Button of the open menu.
    button: Option<Id>,
}

impl FocusBefore {
    fn id() -> Id {
        Id::unique("focus before the menu")
    }
}

/// Moves the focus between the entries of the open menu if an arrow key, `Home` or `End` is pressed. From the last entry,
/// an arrow key goes to the first one. It is called before the widgets of a pass.
pub(crate) fn keep_in_menu(ui: &Ui) {
    let is_open = Popup::is_any_open(ui.ctx());
    let focused = ui.memory(Memory::focused);
    let (is_new, widget) = ui.data_mut(|data| {
        let before: &mut FocusBefore = data.get_temp_mut_or_default(FocusBefore::id());
        // A click on the button of the menu takes the focus later in the pass that opens the menu.
        if !is_open {
            before.widget = focused;
        }
        let was_open = std::mem::replace(&mut before.was_open, is_open);
        (is_open && !was_open, before.widget)
    });
    if is_new && focused == widget && ui.ctx().text_edit_focused() {
        // `Enter` belongs to the menu, and must not send what the text field behind it contains.
        ui.memory_mut(Memory::stop_text_input);
    }
    if is_open {
        move_focus(ui);
    }
    let at_start = ui.memory(Memory::focused);
    ui.data_mut(|data| {
        let before: &mut FocusBefore = data.get_temp_mut_or_default(FocusBefore::id());
        before.at_start = at_start;
    });
}

/// Describes the entries of the open menus, and returns the focus of a menu that was closed in this pass, if it `may_return`
/// to the widget that had it. It is called after the widgets of a pass, so that none of them receives the key that closed the
/// menu.
pub(crate) fn finish(ui: &Ui, may_return: impl Fn(&WidgetRect) -> bool) {
    let before: Option<FocusBefore> = ui.data(|data| data.get_temp(FocusBefore::id()));
    let before = before.unwrap_or_default();
    let is_open = Popup::is_any_open(ui.ctx());
    if is_open || before.was_open {
        describe(ui);
    }
    let is_behind = is_clicked_behind(ui);
    let clicked = clicked(ui).filter(|_| is_behind);
    if is_open {
        // A menu that a key has opened belongs to the widget that had the focus.
        let first = before.at_start.filter(|_| !before.was_open);
        let button = clicked.or(first).or(before.button);
        ui.data_mut(|data| {
            let before: &mut FocusBefore = data.get_temp_mut_or_default(FocusBefore::id());
            before.button = button;
        });
    } else if before.was_open {
        // A click on the button of the menu only closes it. Any other click leaves the widget, as it does without a menu.
        let is_button = clicked.is_some() && clicked == before.button;
        if !is_behind || is_button {
            give_back(ui, before, may_return);
        }
    }
}

/// Returns the widget that has the focus as soon as nothing lies above the panes: the one that had it when the open menu was
/// opened, or else the present one.
pub(crate) fn focused_behind(ui: &Ui) -> Option<Id> {
    if Popup::is_any_open(ui.ctx()) {
        let before: Option<FocusBefore> = ui.data(|data| data.get_temp(FocusBefore::id()));
        before.and_then(|before| before.widget)
    } else {
        ui.memory(Memory::focused)
    }
}

/// Returns the focus to the widget that had it when the menu was opened.
fn give_back(ui: &Ui, before: FocusBefore, may_return: impl Fn(&WidgetRect) -> bool) {
    let focused = ui.memory(Memory::focused);
    // The chosen entry may have moved the focus itself.
    let is_left_over = focused.is_none() || focused == before.at_start;
    if !is_left_over {
        return;
    }
    // The entry may have closed the pane that had the focus.
    let exists = |id: &Id| {
        ui.ctx().viewport(|viewport| {
            let widget = viewport.this_pass.widgets.get(*id);
            widget.copied()
        })
    };
    let may_return = |id: &Id| exists(id).is_some_and(|widget| may_return(&widget));
    if let Some(widget) = before.widget.filter(may_return) {
        ui.memory_mut(|memory| memory.request_focus(widget));
        ui.ctx().request_repaint();
    }
}

/// Returns true if the pointer was clicked in this pass beside all menus and sheets.
fn is_clicked_behind(ui: &Ui) -> bool {
    let clicked = ui.input(|input| {
        let is_clicked = input.pointer.any_click();
        input.pointer.interact_pos().filter(|_| is_clicked)
    });
    clicked.is_some_and(|at| ui.ctx().layer_id_at(at) == Some(ui.layer_id()))
}

/// Returns the widget that the primary button of the mouse has clicked in this pass.
fn clicked(ui: &Ui) -> Option<Id> {
    if !ui.input(|input| input.pointer.primary_clicked()) {
        return None;
    }
    ui.ctx()
        .viewport(|viewport| viewport.interact_widgets.clicked)
}

/// Moves the focus between the entries of the topmost menu.
fn move_focus(ui: &Ui) {
    let focused = ui.memory(Memory::focused);
    let pressed =
        |key| ui.input(|input| input.key_pressed(key) && input.modifiers == Modifiers::NONE);
    let keys = [
        Key::ArrowDown,
        Key::ArrowUp,
        Key::Home,
        Key::End,
        Key::Enter,
    ];
    let Some(key) = keys.into_iter().find(|key| pressed(*key)) else {
        return;
    };
    let entries = entries(ui);
    if entries.is_empty() {
        return;
    }
    let last = entries.len() - 1;
    let place_of = |wanted: Option<Id>| entries.iter().position(|(id, _)| Some(*id) == wanted);
    // The lit entry is where the user sees the menu begin.
    let lit = place_of(ui.data(|data| data.get_temp(lit_entry())));
    let at = place_of(focused).or(lit);
    let next = match key {
        Key::ArrowDown => at.map_or(0, |at| (at + 1) % entries.len()),
        Key::ArrowUp => at.and_then(|at| at.checked_sub(1)).unwrap_or(last),
        // In a text field of a menu, these keys move the cursor.
        Key::Home | Key::End if ui.ctx().text_edit_focused() => return,
        Key::Home => 0,
        Key::End => last,
        // The key presses the lit entry as soon as this has the focus.
        _ => match lit.filter(|_| focused.is_none()) {
            Some(lit) => lit,
            None => return,
        },
    };
    ui.memory_mut(|memory| {
        memory.request_focus(entries[next].0);
        memory.move_focus(FocusDirection::None);
    });
}

/// Returns the focus to this widget when the open menu is closed.
pub(crate) fn return_to(ui: &Ui, widget: Id) {
    ui.data_mut(|data| {
        let before: &mut FocusBefore = data.get_temp_mut_or_default(FocusBefore::id());
        before.widget = Some(widget);
    });
}

/// Begins with the entry that a menu shows as the present choice: the first arrow key goes on from it, and `Enter` chooses
/// it again.
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

/// Gives the entries of the open menus their roles for a screen reader. egui describes them as the buttons and boxes that
/// they are outside of a menu.
fn describe(ui: &Ui) {
    let layers: Vec<LayerId> = ui.memory(|memory| {
        let all = memory.areas().visible_layer_ids().into_iter();
        all.filter(|layer| layer.order == Order::Foreground)
            .collect()
    });
    for layer in layers {
        if role_of(ui, layer.id) != Some(Role::Menu) {
            continue;
        }
        let widgets: Vec<Id> = ui.ctx().viewport(|viewport| {
            let widgets = viewport.this_pass.widgets.get_layer(layer);
            widgets.map(|widget| widget.id).collect()
        });
        for id in widgets {
            let Some(role) = role_of(ui, id) else {
                continue;
            };
            ui.ctx().accesskit_node_builder(id, |node| {
                node.set_role(match role {
                    // An entry with a state is one of several choices.
                    Role::Button if node.toggled().is_some() => Role::MenuItemRadio,
                    Role::Button => Role::MenuItem,
                    Role::CheckBox => Role::MenuItemCheckBox,
                    Role::RadioButton => Role::MenuItemRadio,
                    other => other,
                });
            });
        }
    }
}

/// Returns the role of a widget in this pass; `None` if nothing describes it, because no screen reader listens.
fn role_of(ui: &Ui, id: Id) -> Option<Role> {
    // Without this check, a node without a widget would be created.
    ui.ctx().has_accesskit_node(id).then_some(())?;
    ui.ctx().accesskit_node_builder(id, |node| node.role())
}
