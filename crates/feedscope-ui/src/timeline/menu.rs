//! Context menu of the rows: actions on the clicked row, and the choice of columns.

use egui::{Id, Popup, PopupCloseBehavior, Response, Sense, SetOpenCommand, Ui};

use super::{Place, TimelineView};
use crate::columns;
use crate::command::Command;

/// Creates the area behind the rows. The menu belongs to it, because rows move away.
pub(super) fn ground(ui: &Ui, place: &Place<'_>) -> Response {
    let id = Id::unique(("rows", place.pane, place.list));
    ui.interact(place.rows, id, Sense::CLICK)
}

/// Draws the menu, which opens at the pointer when `ground` or a row was clicked.
pub(super) fn show(
    ground: &Response,
    place: &Place<'_>,
    view: &mut TimelineView,
    commands: &mut Vec<Command>,
) {
    let clicked = view.menu_asked.take();
    let opens = clicked.is_some() || ground.secondary_clicked();
    if opens {
        view.menu_item = clicked;
    }
    Popup::menu(ground)
        .open_memory(opens.then_some(SetOpenCommand::Bool(true)))
        .at_pointer_fixed()
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            // A click beside the rows opens the menu of the columns only.
            if let Some(item) = view.menu_item {
                if ui.button("Copy payload").clicked() {
                    view.selection.set(Some(item));
                    view.inspect();
                    view.wants_copy = true;
                    ui.close();
                }
                ui.separator();
            }
            let before = place.columns.get();
            let after = columns::menu(ui, before);
            if after != before {
                place.columns.set(after);
                commands.push(Command::KeepColumns(after));
            }
        });
}
