//! Keys of a sheet, which move the text cursor and extend the selection as in other texts.

use std::ops::Range;

use egui::{Event, Id, Key, Modifiers, Ui};

use super::{SheetRows, TextSheet};
use crate::shortcuts::note_own_copy;
use crate::widgets::text_field::keep_keys;

/// Movement of the text cursor. The flag is true for forward, down or the end.
#[derive(Clone, Copy)]
enum CaretMove {
    Character(bool),
    Word(bool),
    Row(bool),
    Page(bool),
    RowEdge(bool),
    Edge(bool),
}

impl TextSheet {
    /// Handles the pressed keys while the sheet has the keyboard focus. Returns the range to copy.
    pub(super) fn keys(
        &mut self,
        ui: &Ui,
        id: Id,
        rows: &dyn SheetRows,
        fitting: f64,
    ) -> Option<Range<u64>> {
        if !ui.memory(|memory| memory.has_focus(id)) {
            return None;
        }
        keep_keys(ui, id);
        note_own_copy(ui, id);
        let mut copied = None;
        for event in ui.input(|input| input.events.clone()) {
            match event {
                Event::Copy => copied = self.selected().or(copied),
                Event::Key {
                    key: Key::Escape,
                    pressed: true,
                    ..
                } => {
                    if self.selected().is_some() {
                        self.selection = None;
                    } else {
                        ui.memory_mut(|memory| memory.surrender_focus(id));
                    }
                }
                Event::Key {
                    key: Key::A,
                    pressed: true,
                    modifiers,
                    ..
                } if modifiers.command => self.selection = Some((0, rows.end())),
                Event::Key {
                    key,
                    pressed: true,
                    modifiers,
                    ..
                } => {
                    if let Some(step) = move_of(key, modifiers) {
                        self.go(ui, rows, step, modifiers.shift, fitting);
                    }
                }
                _ => {}
            }
        }
        copied
    }

    /// Moves the text cursor. `keeps` extends the selection instead of dropping it.
    fn go(&mut self, ui: &Ui, rows: &dyn SheetRows, step: CaretMove, keeps: bool, fitting: f64) {
        let (from, to) = self.selection.unwrap_or((self.top, self.top));
        let page = (fitting as usize).max(2) - 1;
        let there = match step {
            // Without Shift, the cursor goes to an end of the selection.
            CaretMove::Character(forward) if !keeps && from != to => {
                if forward {
                    from.max(to)
                } else {
                    from.min(to)
                }
            }
            CaretMove::Character(forward) => rows.step(to, forward),
            CaretMove::Word(forward) => word_edge(rows, to, forward),
            CaretMove::Row(down) => self.vertically(ui, rows, to, down, 1),
            CaretMove::Page(down) => self.vertically(ui, rows, to, down, page),
            CaretMove::RowEdge(end) => {
                let row = rows.row(rows.start_of(to)).0;
                if end { row.end } else { row.start }
            }
            CaretMove::Edge(end) => {
                if end {
                    rows.end()
                } else {
                    0
                }
            }
        };
        // Any other movement sets a new column for moving up and down.
        if !matches!(step, CaretMove::Row(_) | CaretMove::Page(_)) {
            self.column = None;
        }
        self.selection = Some((if keeps { from } else { there }, there));
        self.reveal = true;
    }

    /// Returns the place `count` rows above or below another one, at the same horizontal position.
    fn vertically(
        &mut self,
        ui: &Ui,
        rows: &dyn SheetRows,
        place: u64,
        down: bool,
        count: usize,
    ) -> u64 {
        let start = rows.start_of(place);
        let left = self.left;
        let line_at = |start| rows.line(ui, rows.row(start).0, left);
        // Moving through short rows keeps the column of the first one.
        let column = *self
            .column
            .get_or_insert_with(|| line_at(start).x_of(place));
        let there = if down {
            let next = |row| rows.row(row).1;
            std::iter::successors(Some(start), |row| next(*row))
                .take(count + 1)
                .last()
                .unwrap_or(start)
        } else {
            rows.back(start, count).0
        };
        // In the first or last row, the cursor goes to the edge of the text.
        if there == start {
            return if down { rows.end() } else { 0 };
        }
        let line = line_at(there);
        let cursor = line
            .galley
            .cursor_from_pos(egui::vec2(column - line.x, 1.0));
        line.place(cursor.index.0).min(rows.row(there).0.end)
    }
}

/// Returns the movement of a key.
fn move_of(key: Key, modifiers: Modifiers) -> Option<CaretMove> {
    let wide = modifiers.command || modifiers.ctrl;
    Some(match key {
        Key::ArrowLeft | Key::ArrowRight => {
            let forward = key == Key::ArrowRight;
            if wide {
                CaretMove::Word(forward)
            } else {
                CaretMove::Character(forward)
            }
        }
        Key::ArrowUp | Key::ArrowDown => CaretMove::Row(key == Key::ArrowDown),
        Key::PageUp | Key::PageDown => CaretMove::Page(key == Key::PageDown),
        Key::Home | Key::End if wide => CaretMove::Edge(key == Key::End),
        Key::Home | Key::End => CaretMove::RowEdge(key == Key::End),
        _ => return None,
    })
}

/// Returns the end of the word at a place, or the start of the one before.
fn word_edge(rows: &dyn SheetRows, place: u64, forward: bool) -> u64 {
    if forward {
        let end = rows.word(place).end;
        if end > place {
            end
        } else {
            rows.step(place, true)
        }
    } else {
        rows.word(rows.step(place, false)).start
    }
}
