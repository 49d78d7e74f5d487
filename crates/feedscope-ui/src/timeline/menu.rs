//! Context menu of the rows: actions on the clicked row, and the choice of columns.

use egui::{Button, Id, Popup, PopupCloseBehavior, Response, Sense, SetOpenCommand, Ui};
use feedscope_analysis::listing::ItemId;
use feedscope_core::store::Detail;
use feedscope_core::{Direction, KindTag};

use super::{Place, RowAction, TimelineView};
use crate::columns;
use crate::command::Command;
use crate::field_columns;
use crate::row_copy::CopyForm;
use crate::words;

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
                of_row(ui, place, view, item);
                ui.separator();
            }
            choose_columns(ui, place, commands);
        });
}

/// Draws the items about the clicked row, or about all selected rows if there are several.
fn of_row(ui: &mut Ui, place: &Place<'_>, view: &mut TimelineView, item: ItemId) {
    let listing = &place.listing;
    let end = item.row + 1;
    let Some(line) = listing.lines(listing.rank(item), end, 1, 0).pop() else {
        // The record has been removed since the menu opened.
        return;
    };
    let is_several = view.selection.may_be_several();
    let mut action = None;
    let mut offer = |ui: &mut Ui, text: &str, offered: RowAction| {
        if ui.button(text).clicked() {
            action = Some(offered);
            ui.close();
        }
    };
    if !is_several && line.text.detail == Detail::None && line.text.tag != KindTag::Note {
        let term = words::qualified_type(&line.text.name);
        offer(ui, "Only this type", RowAction::Narrow(term.clone()));
        offer(
            ui,
            "Without this type",
            RowAction::Narrow(format!("-{term}")),
        );
        ui.separator();
    }
    let (payload, row) = if is_several {
        ("Copy payloads", "Copy rows")
    } else {
        ("Copy payload", "Copy row")
    };
    offer(ui, payload, RowAction::Copy(CopyForm::Payloads));
    offer(ui, row, RowAction::Copy(CopyForm::Table));
    offer(ui, "Copy as JSON", RowAction::Copy(CopyForm::JsonLines));
    let is_message = matches!(line.text.tag, KindTag::Text | KindTag::Binary);
    if !is_several && is_message && line.text.direction == Some(Direction::Out) {
        offer(ui, "Send again", RowAction::SendAgain(item));
    }
    view.action = action;
    let moment = line.text.stamp.moment;
    let text = if view.reference == Some(moment) {
        "Usual times"
    } else {
        "Count times from here"
    };
    if ui.add(Button::new(text).shortcut_text("T")).clicked() {
        view.toggle_reference(listing);
        ui.close();
    }
}

/// Draws the menu of the columns, which opens at the pointer when the header was clicked.
pub(super) fn of_columns(header: &Response, place: &Place<'_>, commands: &mut Vec<Command>) {
    Popup::context_menu(header)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| choose_columns(ui, place, commands));
}

/// Draws the items about the columns.
fn choose_columns(ui: &mut Ui, place: &Place<'_>, commands: &mut Vec<Command>) {
    let mut columns = place.columns.get();
    let after = columns::menu(ui, columns.choice);
    if after != columns.choice {
        columns.choice = after;
        place.columns.set(columns);
        commands.push(Command::KeepColumns(place.feed, after));
    }
    ui.separator();
    if field_columns::menu(ui, place.fields, place.listing.store()) {
        let paths = place.fields.borrow().paths().to_vec();
        commands.push(Command::KeepFields(place.feed, paths));
    }
}
