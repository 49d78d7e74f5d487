//! Keyboard focus after a sheet. egui lets no widget behind a sheet have the focus, not even in the pass after the last one
//! with the sheet. The focus would therefore be on nothing, and letters typed next would be commands.
//!
//! The focus goes to the widget that a command of the sheet has chosen, or else returns to the one that had it before.

use egui::{Id, Memory, Popup, Ui, WidgetRect};

use crate::menu_focus;

/// Focus of the window before a sheet was opened.
#[derive(Clone, Copy)]
struct FocusBehind {
    /// Widget that had the focus.
    widget: Option<Id>,
    /// Widget behind the sheet that a command has given the focus.
    chosen: Option<Id>,
    /// A sheet was open at the beginning of the last pass.
    was_open: bool,
}

fn id() -> Id {
    Id::unique("focus behind the sheet")
}

/// Gives the focus to a widget if the sheet above it is closed and nothing else has the focus: to the one that a command has
/// chosen, or to the one before the sheet if the focus `may_return` to it. It is called at the beginning of a pass.
pub(crate) fn give_back(ui: &Ui, may_return: impl Fn(&WidgetRect) -> bool) {
    let is_open = has_sheet(ui);
    let behind: Option<FocusBehind> = ui.data(|data| data.get_temp(id()));
    let focused = ui.memory(Memory::focused);
    let mut next = FocusBehind {
        // An entry of a menu may open the sheet.
        widget: menu_focus::focused_behind(ui),
        chosen: None,
        was_open: is_open,
    };
    if let Some(behind) = behind {
        if is_open {
            next = FocusBehind {
                was_open: true,
                ..behind
            };
        } else if behind.was_open && focused.is_none() {
            next.widget = wanted(ui, behind, may_return);
            if let Some(widget) = next.widget {
                focus(ui, widget);
            }
        }
    }
    ui.data_mut(|data| data.insert_temp(id(), next));
}

/// Returns the widget that gets the focus after a sheet. A command of the sheet may have closed its pane.
fn wanted(ui: &Ui, behind: FocusBehind, may_return: impl Fn(&WidgetRect) -> bool) -> Option<Id> {
    let drawn = |id: Id| {
        ui.ctx().viewport(|viewport| {
            let widget = viewport.prev_pass.widgets.get(id);
            widget.copied()
        })
    };
    let chosen = behind.chosen.filter(|id| drawn(*id).is_some());
    let is_wanted = |id: &Id| drawn(*id).is_some_and(|widget| may_return(&widget));
    let before = behind.widget.filter(is_wanted);
    // A command that opens a menu has given the focus to its button. The menu is opened only once.
    if Popup::is_any_open(ui.ctx()) {
        before.or(chosen)
    } else {
        chosen.or(before)
    }
}

/// Returns the widget that had the focus before the open sheet.
pub(crate) fn widget_behind(ui: &Ui) -> Option<Id> {
    let behind: Option<FocusBehind> = ui.data(|data| data.get_temp(id()));
    behind.and_then(|behind| behind.widget)
}

/// Notes the widget behind a sheet that a command has given the focus. It is called at the end of a pass.
pub(crate) fn note(ui: &Ui) {
    if !has_sheet(ui) {
        return;
    }
    let Some(focused) = ui.memory(Memory::focused) else {
        return;
    };
    let layer = ui.ctx().viewport(|viewport| {
        let widget = viewport.this_pass.widgets.get(focused);
        widget.map(|widget| widget.layer_id)
    });
    // A widget that is not drawn yet is a part that the command opens.
    let is_behind =
        layer.is_none_or(|layer| !ui.memory(|memory| memory.is_above_modal_layer(layer)));
    ui.data_mut(|data| {
        if let Some(mut behind) = data.get_temp::<FocusBehind>(id()) {
            behind.chosen = Some(focused).filter(|_| is_behind);
            data.insert_temp(id(), behind);
        }
    });
}

fn has_sheet(ui: &Ui) -> bool {
    ui.memory(|memory| memory.top_modal_layer().is_some())
}

/// Gives the focus to a widget. A menu that the sheet has opened gets the keys first.
fn focus(ui: &Ui, widget: Id) {
    if Popup::is_any_open(ui.ctx()) {
        menu_focus::return_to(ui, widget);
    } else {
        ui.memory_mut(|memory| memory.request_focus(widget));
    }
}
