//! Rows as the last pass painted them, and the button that is down on one of them.

use egui::{PointerButton, Pos2, Rect};
use feedscope_analysis::listing::ItemId;
use feedscope_core::store::RowNumber;

use crate::theme::size;

/// Width at the right edge that belongs to the scroll handle.
pub(super) const HANDLE: f32 = 16.0;

/// Rows in sight.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Position {
    /// The newest rows.
    Following,
    /// Rows that the user scrolled to.
    Held {
        /// Topmost row in sight.
        top: ItemId,
        /// Part of this row above the edge, in rows.
        fraction: f64,
        /// One past the newest row at the time when the user scrolled away.
        newest: RowNumber,
    },
}

/// Place to which a view returns, and the state in which it waits for the hits around it.
pub(super) struct Return {
    /// Place of the view before other hits were shown.
    pub(super) place: Position,
    /// Position of the selected row there, in rows below the upper edge; `None` if it was out of sight.
    pub(super) selected_at: Option<f64>,
    /// Position while the view waits. Any other one is the user's.
    pub(super) waits_at: Position,
    /// Row that is selected while the view waits.
    pub(super) selected: Option<ItemId>,
}

/// Rows as the last pass painted them.
#[derive(Default)]
pub(super) struct Painted {
    area: Option<Rect>,
    /// Upper edges and numbers of the rows, from top to bottom.
    rows: Vec<(f32, ItemId)>,
    /// Position with which the same rows are painted again.
    pub(super) position: Option<Position>,
}

impl Painted {
    /// Begins with the rows of another pass.
    pub(super) fn begin(&mut self, area: Rect, position: Position) {
        self.area = Some(area);
        self.position = Some(position);
        self.rows.clear();
    }

    /// Takes the next row.
    pub(super) fn push(&mut self, top: f32, row: ItemId) {
        self.rows.push((top, row));
    }

    /// Returns the number of rows.
    pub(super) fn count(&self) -> usize {
        self.rows.len()
    }

    /// Returns true if a row was painted.
    pub(super) fn shows(&self, row: ItemId) -> bool {
        self.rows.iter().any(|(_, it)| *it == row)
    }

    /// Returns the point at which a menu of this row opens; the upper left corner of the list if the row is out of sight.
    pub(super) fn menu_point(&self, row: Option<ItemId>) -> Option<Pos2> {
        let area = self.area?;
        let painted = self.rows.iter().find(|(_, it)| Some(*it) == row);
        let top = painted.map_or(area.top(), |(top, _)| top + size::ROW);
        Some(egui::pos2(
            area.left() + 24.0,
            top.min(area.bottom()).max(area.top()),
        ))
    }

    /// Returns the row at a point.
    pub(super) fn row_at(&self, at: Pos2) -> Option<ItemId> {
        let area = self.area?.with_max_x(self.area?.right() - HANDLE);
        let after = self.rows.partition_point(|(top, _)| *top <= at.y);
        let (top, row) = self.rows[after.checked_sub(1)?];
        (area.contains(at) && at.y <= top + size::ROW).then_some(row)
    }
}

/// Button that is down on a row.
#[derive(Clone, Copy)]
pub(super) struct Held {
    pub(super) button: PointerButton,
    pub(super) at: Pos2,
    /// A drag adds to the other selected rows.
    pub(super) adds: bool,
    pub(super) is_drag: bool,
}
