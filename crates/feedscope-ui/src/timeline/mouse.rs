//! The mouse over the rows: a press selects, a drag selects a range.
//!
//! A press belongs to the row that the last pass painted under the pointer, because that is what the user saw. On a fast
//! feed, this row has moved on or is out of sight when the press is handled.

use egui::{Id, PointerButton, Pos2, Ui};
use feedscope_analysis::listing::ItemId;
use feedscope_core::store::ListingIndex;

pub(super) use super::painted::HANDLE;
use super::painted::{Held, Position};
use super::place::focus;
use super::{List, Places, TimelinePlace, TimelineView};
use crate::ids::PaneId;
use crate::pointer::{DRAG_WAY, Press, presses};
use crate::theme::size;

/// Returns the ID of the widget of a row.
pub(super) fn row_id(pane: PaneId, list: List, row: ItemId) -> Id {
    Id::unique(("row", pane, list, row))
}

impl TimelineView {
    /// Returns true while a button is down that was pressed on a row.
    pub(crate) fn is_pressed(&self) -> bool {
        self.held.is_some()
    }

    /// Selects the rows that were pressed, and extends the selection while the pointer is dragged. Returns true if the primary
    /// button was pressed on a row, or is still down or released after that.
    pub(super) fn handle_mouse(
        &mut self,
        ui: &Ui,
        place: &TimelinePlace<'_>,
        places: &Places,
    ) -> bool {
        for press in presses(ui) {
            let row = self.painted.row_at(press.at);
            if let Some(row) = row.filter(|row| is_on_top(ui, place, press.at, *row)) {
                // The keys go to the rows from here on, also if a button had the focus. A screen reader reads the row.
                focus(ui, place.pane, place.list);
                self.press(places, row, &press);
            }
        }
        let Some(held) = self.held else { return false };
        if ui.input(|input| input.pointer.button_down(held.button)) {
            self.drag(ui, place, places, held);
        } else {
            self.held = None;
            self.release(held);
        }
        // The secondary button opens a menu, which gets the keys.
        held.button == PointerButton::Primary
    }

    fn press(&mut self, places: &Places, row: ItemId, press: &Press) {
        if !matches!(
            press.button,
            PointerButton::Primary | PointerButton::Secondary
        ) {
            return;
        }
        self.hold_painted();
        let (shift, adds) = (press.modifiers.shift, press.modifiers.command);
        match press.button {
            PointerButton::Primary if shift => self.selection.extend_to(row, adds),
            PointerButton::Primary if adds => {
                self.selection.toggle(row);
                if self.selection.current().is_none() {
                    let last = self.selection.last(&places.listing);
                    self.selection.set_current(last);
                }
            }
            // A menu is about all selected rows if it is opened on one of them.
            PointerButton::Secondary if self.selection.contains(row) => {
                self.selection.set_current(Some(row));
            }
            _ => self.selection.set(Some(row)),
        }
        self.held = Some(Held {
            button: press.button,
            at: press.at,
            adds,
            is_drag: false,
        });
    }

    /// Stops a list that follows the newest row. The rows stay where the last pass painted them.
    fn hold_painted(&mut self) {
        if let Some(painted) = self.painted.position {
            self.resumes |= self.position == Position::Following;
            self.position = painted;
        }
    }

    fn drag(&mut self, ui: &Ui, place: &TimelinePlace<'_>, places: &Places, held: Held) {
        /// Rows per second for each row of distance between the pointer and the list.
        const SPEED: f32 = 12.0;
        let Some(at) = ui.input(|input| input.pointer.latest_pos()) else {
            return;
        };
        let is_drag = held.is_drag || held.at.distance(at) > DRAG_WAY;
        self.held = Some(Held { is_drag, ..held });
        if !is_drag || held.button != PointerButton::Primary || places.rows == 0 {
            return;
        }
        // A low pane may have no room for rows, so that the bounds are not in order.
        let rows = place.rows;
        let beyond = (at.y - at.y.min(rows.bottom()).max(rows.top())) / size::ROW;
        if beyond != 0.0 {
            let seconds = ui.input(|input| input.stable_dt).min(0.1);
            let top = self.top(places) + f64::from(beyond * SPEED * seconds);
            self.hold(places, top.clamp(0.0, places.highest_top()));
            ui.ctx().request_repaint();
        }
        let y = at.y.min(rows.bottom() - 1.0).max(rows.top());
        let at = self.top(places) + f64::from((y - rows.top()) / size::ROW);
        let index = (at.max(0.0) as u64).saturating_sub(places.lead);
        let index = ListingIndex(index.min(places.rows - 1));
        if let Some(item) = places.listing.select(index) {
            self.selection.extend_to(item.id, held.adds);
        }
    }

    fn release(&mut self, held: Held) {
        let is_click = held.button == PointerButton::Primary && !held.is_drag;
        if is_click && !self.selection.may_be_several() {
            self.inspects = self.selection.current().is_some();
        }
    }
}

/// Returns true if the row is the topmost widget that a click at this point reaches, as the last pass drew them. An edge
/// of a column, for example, lies above it.
fn is_on_top(ui: &Ui, place: &TimelinePlace<'_>, at: Pos2, row: ItemId) -> bool {
    let layer = ui.layer_id();
    let top = ui.ctx().viewport(|viewport| {
        let widgets = viewport.prev_pass.widgets.get_layer(layer);
        let reached = widgets
            .filter(|it| it.enabled && it.sense.interactive() && it.interact_rect.contains(at));
        reached.last().map(|it| it.id)
    });
    top == Some(row_id(place.pane, place.list, row))
}
