//! Keyboard focus after a sheet. egui lets no widget behind a sheet have the focus, not even in the pass after the last one
//! with the sheet. The focus would therefore be on nothing, and letters typed next would be commands.
//!
//! The focus goes to the widget that a command of the sheet has chosen, or else returns to the one that had it before.

use egui::{Id, Memory, Popup, Ui};

use crate::ids::PaneId;
use crate::menu_focus;

/// Focus of the window before a sheet was opened.
#[derive(Clone, Copy)]
struct FocusBehind {
    /// Widget that had the focus.
    widget: Option<Id>,
    /// Pane that the keys belonged to when this widget received the focus.
    pane: PaneId,
    /// Widget behind the sheet that a command has given the focus.
    chosen: Option<Id>,
    /// A sheet was open at the beginning of the last pass.
    was_open: bool,
}

fn id() -> Id {
    Id::unique("focus behind the sheet")
}

/// Gives the focus to a widget if the sheet above it is closed and nothing else has the focus. It returns to the widget before
/// the sheet only while the keys still belong to the same pane. It is called at the beginning of a pass.
pub(crate) fn give_back(ui: &Ui, pane: PaneId) {
    let is_open = has_sheet(ui);
    let behind: Option<FocusBehind> = ui.data(|data| data.get_temp(id()));
    let focused = ui.memory(Memory::focused);
    let mut next = FocusBehind {
        widget: focused,
        pane,
        chosen: None,
        was_open: is_open,
    };
    match behind {
        Some(behind) if is_open => {
            next = FocusBehind {
                was_open: true,
                ..behind
            };
        }
        Some(behind) if behind.was_open && focused.is_none() => {
            let before = behind.widget.filter(|_| behind.pane == pane);
            let mut candidates = [behind.chosen, before];
            if Popup::is_any_open(ui.ctx()) {
                // The command has given the focus to the button of a menu, which is opened only once.
                candidates.reverse();
            }
            let mut candidates = candidates.into_iter().flatten();
            next.widget = candidates.find(|widget| exists(ui, *widget));
            if let Some(widget) = next.widget {
                focus(ui, widget, pane);
            }
        }
        // A press in another pane may open a sheet before the focus changes.
        Some(behind) if behind.widget == focused => next.pane = behind.pane,
        _ => {}
    }
    ui.data_mut(|data| data.insert_temp(id(), next));
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
fn focus(ui: &Ui, widget: Id, pane: PaneId) {
    if Popup::is_any_open(ui.ctx()) {
        menu_focus::return_to(ui, widget, pane);
    } else {
        ui.memory_mut(|memory| memory.request_focus(widget));
    }
}

/// Returns true if the last pass has drawn a widget. A command of the sheet may have closed its pane.
fn exists(ui: &Ui, widget: Id) -> bool {
    ui.ctx()
        .viewport(|viewport| viewport.prev_pass.widgets.get(widget).is_some())
}
