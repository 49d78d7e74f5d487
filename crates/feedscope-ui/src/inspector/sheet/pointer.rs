//! Pointer in a sheet: clicks, double and triple clicks, and drags.

use std::ops::Range;

use egui::{CursorIcon, Pos2, Response, Ui, vec2};

use super::{ROW, SheetRows, TextSheet, VisibleRow};

impl TextSheet {
    /// Handles the pointer.
    pub(super) fn pointer(
        &mut self,
        ui: &Ui,
        response: &Response,
        seen: &[VisibleRow],
        rows: &dyn SheetRows,
    ) {
        if response.hovered() {
            ui.ctx().set_cursor_icon(CursorIcon::Text);
        }
        let (pressed, shift) =
            ui.input(|input| (input.pointer.primary_pressed(), input.modifiers.shift));
        if response.clicked_elsewhere() && ui.memory(|memory| memory.has_focus(response.id)) {
            response.surrender_focus();
        }
        let Some(at) = response.interact_pointer_pos() else {
            return;
        };
        let Some(place) = place_at(seen, at) else {
            return;
        };
        // A triple click selects a row, a double click a word.
        if response.triple_clicked() {
            let row = rows.row(rows.start_of(place)).0;
            self.selection = Some((row.start, row.end));
        } else if response.double_clicked() {
            let word = rows.word(place);
            self.selection = Some((word.start, word.end));
        } else if pressed && (response.is_pointer_button_down_on() || response.clicked()) {
            response.request_focus();
            self.column = None;
            // With Shift, a click extends the selection from its start.
            let from = self.selection.filter(|_| shift).map(|(from, _)| from);
            self.selection = Some((from.unwrap_or(place), place));
        } else if response.dragged_by(egui::PointerButton::Primary)
            && let Some((_, to)) = &mut self.selection
        {
            *to = place;
            self.scroll_after(ui, response, at, rows);
        }
    }

    /// Scrolls while the pointer is held beyond an edge. The speed grows with the distance.
    fn scroll_after(&mut self, ui: &Ui, response: &Response, at: Pos2, rows: &dyn SheetRows) {
        let rect = response.rect;
        let beyond = (at.y - rect.bottom()).max(0.0) - (rect.top() - at.y).max(0.0);
        if beyond != 0.0 {
            let time = ui.input(|input| input.stable_dt).min(0.1);
            self.scroll(rows, f64::from(beyond / ROW * time * 8.0));
            ui.ctx().request_repaint();
        }
    }

    /// Draws the context menu. Returns the range to copy.
    pub(super) fn menu(&mut self, response: &Response, rows: &dyn SheetRows) -> Option<Range<u64>> {
        let mut copied = None;
        response.context_menu(|ui| {
            let selected = self.selected();
            let copy = ui.add_enabled(selected.is_some(), egui::Button::new("Copy selection"));
            if copy.clicked() {
                copied = selected;
                ui.close();
            }
            if ui.button("Select all").clicked() {
                self.selection = Some((0, rows.end()));
                ui.close();
            }
        });
        copied
    }
}

/// Returns the place under the pointer. Above and below the rows, it is in the nearest row.
fn place_at(seen: &[VisibleRow], at: Pos2) -> Option<u64> {
    let row = seen
        .iter()
        .find(|row| at.y < row.rect.bottom())
        .or(seen.last())?;
    let line = &row.line;
    let pos = vec2(at.x - row.rect.left() - line.x, 1.0);
    let place = line.place(line.galley.cursor_from_pos(pos).index.0);
    Some(place.clamp(row.content.start, row.content.end))
}
