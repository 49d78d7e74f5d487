//! Layout of the columns in a row, and the edges that resize them.

use egui::accesskit::Role;
use egui::{CursorIcon, Id, Rect, Sense, Stroke, Ui, WidgetInfo};
use feedscope_core::protocol::Protocol;

use super::Place;
use crate::columns::{Column, ColumnChoice};
use crate::command::Command;
use crate::theme::{Palette, size};

/// Gap between two columns in points.
const GAP: f32 = 10.0;
/// Width of the sign (an arrow or another icon) in points.
const SIGN: f32 = 12.0;

/// Positions of the columns in a row, from left to right.
pub(super) struct Columns {
    /// Positions of the visible columns, in the order of [`Column::ALL`].
    cells: [Option<Cell>; Column::ALL.len()],
    /// Left edge of the sign that shows the kind of the record.
    pub(super) sign: f32,
    /// Left edge of the payload.
    pub(super) text: f32,
    /// Width of the payload.
    pub(super) text_width: f32,
}

/// Position of a column.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub(super) left: f32,
    pub(super) width: f32,
}

impl Cell {
    /// Returns the right edge.
    pub(super) fn right(self) -> f32 {
        self.left + self.width
    }
}

impl Columns {
    /// Lays out the columns in a row of this area.
    pub(super) fn new(rect: Rect, protocol: Protocol, choice: &ColumnChoice) -> Self {
        /// Minimum width of a pane for these columns. The ID is also hidden for a protocol without IDs.
        const WIDE: f32 = 430.0;
        /// Maximum share of a row that the columns take.
        const MOST: f32 = 0.72;
        let is_shown = |column: Column| {
            choice.has(column)
                && match column {
                    Column::Time | Column::Type => true,
                    Column::Connection | Column::Size => rect.width() >= WIDE,
                    Column::Id => rect.width() >= WIDE && protocol == Protocol::EventStream,
                }
        };
        let shown = Column::ALL.into_iter().filter(|&column| is_shown(column));
        let wanted: f32 = shown.map(|column| choice.width(column) + GAP).sum();
        // All columns shrink by the same factor, so that the payload keeps its share.
        let scale = (rect.width() * MOST / wanted.max(1.0)).min(1.0);
        let mut x = rect.left() + size::PADDING;
        let mut cells = [None; Column::ALL.len()];
        let mut sign = x;
        for column in Column::ALL {
            // The sign follows the columns about the time and the connection.
            if column == Column::Type {
                sign = x;
                x += SIGN + GAP;
            }
            if is_shown(column) {
                let width = choice.width(column) * scale;
                cells[column as usize] = Some(Cell { left: x, width });
                x += width + GAP;
            }
        }
        Self {
            cells,
            sign,
            text: x,
            text_width: rect.right() - 20.0 - x,
        }
    }

    /// Returns the position of a column, if it is visible.
    pub(super) fn cell(&self, column: Column) -> Option<Cell> {
        self.cells[column as usize]
    }

    /// Handles the edges between columns. Dragging resizes the column on the left; a double click resets its width.
    pub(super) fn edges(&self, ui: &Ui, place: &Place<'_>, commands: &mut Vec<Command>) {
        for column in Column::ALL {
            if let Some(cell) = self.cell(column) {
                edge(ui, place, column, cell, commands);
            }
        }
    }
}

/// Draws the edge right of a column and handles its input.
fn edge(ui: &Ui, place: &Place<'_>, column: Column, cell: Cell, commands: &mut Vec<Command>) {
    let x = cell.right() + GAP / 2.0;
    let grip = Rect::from_x_y_ranges(x - 3.0..=x + 3.0, place.rows.y_range());
    let id = Id::unique(("column edge", place.pane, place.list, column));
    let response = ui.interact(grip, id, Sense::CLICK | Sense::DRAG);
    response.widget_info(|| {
        let name = format!("Width of the {} column", column.word());
        WidgetInfo::labeled(Role::Splitter, true, name)
    });
    let before = place.columns.get();
    if response.dragged() {
        let width = before.width(column) + response.drag_delta().x;
        place.columns.set(before.with_width(column, width));
    } else if response.double_clicked() {
        place.columns.set(before.with_usual_width(column));
    }
    // The settings are written once, when the drag ends.
    if response.drag_stopped() || response.double_clicked() {
        commands.push(Command::KeepColumns(place.columns.get()));
    }
    if response.hovered() || response.dragged() {
        let stroke = Stroke::new(1.0, Palette::of(ui).faint);
        ui.painter().vline(x, place.rows.y_range(), stroke);
    }
    response.on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal);
}
