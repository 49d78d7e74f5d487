//! Context menu of the rows: actions on the clicked row, and the choice of columns.

use egui::{Button, Popup, PopupCloseBehavior, Response, SetOpenCommand, Ui};
use feedscope_analysis::listing::ItemId;
use feedscope_core::store::Detail;
use feedscope_core::{Direction, Kind, KindTag};

use super::columns::RowColumns;
use super::{RowAction, TimelinePlace, TimelineView};
use crate::columns;
use crate::command::{Command, SettingCommand};
use crate::field_columns;
use crate::lens::Partner;
use crate::row_copy::CopyForm;
use crate::shortcuts::{Shortcut, ViewShortcut, key_name};
use crate::widgets::enter_menu;
use crate::widgets::menu::{lasting, scrolled};
use crate::words;

/// Draws the menu, which opens at the pointer when `ground` or a row was clicked, or at the selected row by a key.
pub(super) fn show(
    ground: &Response,
    place: &TimelinePlace<'_>,
    view: &mut TimelineView,
    visible: &RowColumns,
    commands: &mut Vec<Command>,
) {
    let of_columns = std::mem::take(&mut view.menu.of_columns);
    let by_key = std::mem::take(&mut view.menu.by_key) || of_columns;
    let clicked = view.menu.asked.take();
    let opens = by_key || clicked.is_some() || ground.secondary_clicked();
    if opens {
        view.menu.item = if by_key { view.selected() } else { clicked };
        view.menu.item = view.menu.item.filter(|_| !of_columns);
        let at = view.painted.menu_point(view.menu.item);
        view.menu.at = at.filter(|_| by_key);
        view.menu.needs_focus = by_key;
        ground.surrender_focus();
    }
    let mut popup = lasting(ground)
        .open_memory(opens.then_some(SetOpenCommand::Bool(true)))
        .at_pointer_fixed();
    if let Some(at) = view.menu.at {
        popup = popup.at_position(at);
    }
    let mut condition = None;
    popup.show(|ui| {
        scrolled(ui, |ui| {
            enter_menu(ui, &mut view.menu.needs_focus);
            // A click beside the rows opens the menu of the columns only.
            if let Some(item) = view.menu.item {
                of_row(ui, place, view, item);
                ui.separator();
            }
            condition = choose_columns(ui, place, visible, commands);
        });
    });
    narrow(view, condition);
}

/// Adds the condition for the records that have the chosen columns to the filter.
fn narrow(view: &mut TimelineView, condition: Option<String>) {
    if let Some(condition) = condition {
        view.action = Some(RowAction::Narrow(condition));
    }
}

/// Draws the items about the clicked row, or about all selected rows if there are several.
fn of_row(ui: &mut Ui, place: &TimelinePlace<'_>, view: &mut TimelineView, item: ItemId) {
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
        // The name in the line may be cut.
        let record = listing.store().record(item.row);
        let whole = record
            .as_ref()
            .and_then(|record| match record.record().kind {
                Kind::Event { event, .. } => Some(String::from_utf8_lossy(event).into_owned()),
                _ => None,
            });
        let term = words::qualified_type(whole.as_deref().unwrap_or(&line.text.name));
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
    if !is_several && let Some(partner) = place.lens.and_then(|it| Partner::of_row(it, item.row)) {
        let text = words::to_partner(partner);
        let key = key_name(ui, Shortcut::View(ViewShortcut::Partner));
        if ui.add(Button::new(text).shortcut_text(key)).clicked() {
            action = Some(RowAction::GoTo(partner.item()));
            ui.close();
        }
    }
    if !is_several {
        let is_marked = place.notes.is_marked(item.row);
        let text = if is_marked { "Remove the mark" } else { "Mark" };
        let key = key_name(ui, Shortcut::View(ViewShortcut::Mark));
        if ui.add(Button::new(text).shortcut_text(key)).clicked() {
            action = Some(RowAction::ToggleMark);
            ui.close();
        }
    }
    view.action = action;
    if place.columns.get().lacks_times {
        return;
    }
    let moment = line.text.stamp.moment;
    let text = if view.reference == Some(moment) {
        "Usual times"
    } else {
        "Count times from here"
    };
    let key = key_name(ui, Shortcut::View(ViewShortcut::TimeReference));
    if ui.add(Button::new(text).shortcut_text(key)).clicked() {
        view.toggle_reference(listing);
        ui.close();
    }
}

/// Draws the menu of the columns, which opens at the pointer when the header was clicked.
pub(super) fn of_columns(
    header: &Response,
    place: &TimelinePlace<'_>,
    view: &mut TimelineView,
    visible: &RowColumns,
    commands: &mut Vec<Command>,
) {
    let mut condition = None;
    Popup::context_menu(header)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            scrolled(ui, |ui| {
                condition = choose_columns(ui, place, visible, commands);
            });
        });
    narrow(view, condition);
}

/// Draws the items about the columns. Returns the condition for the records that have them.
fn choose_columns(
    ui: &mut Ui,
    place: &TimelinePlace<'_>,
    visible: &RowColumns,
    commands: &mut Vec<Command>,
) -> Option<String> {
    let mut columns = place.columns.get();
    let after = columns::menu(ui, &columns, |column| visible.cell(column).is_some());
    if after != columns.choice {
        columns.choice = after;
        place.columns.set(columns);
        commands.push(Command::Setting(SettingCommand::Columns(place.feed, after)));
    }
    ui.separator();
    let has_room = |field| visible.fields.iter().any(|(shown, _)| *shown == field);
    let change = field_columns::menu(
        ui,
        (place.fields, &has_room),
        &place.listing,
        &place.interpreter(),
    );
    if change.is_changed {
        let paths = place.fields.borrow().paths().to_vec();
        commands.push(Command::Setting(SettingCommand::Fields(place.feed, paths)));
    }
    change.condition
}
