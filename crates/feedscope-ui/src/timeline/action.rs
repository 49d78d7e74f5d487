//! Requests about the selected rows, from the menu of a row. The pane carries them out.

use feedscope_analysis::listing::ItemId;

use crate::row_copy::CopyForm;

/// Request about the selected rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RowAction {
    /// Copies the selected rows.
    Copy(CopyForm),
    /// Adds a condition to the filter.
    Narrow(String),
    /// Selects another item.
    GoTo(ItemId),
    /// Marks the selected row, or removes its mark.
    ToggleMark,
    /// Sends the message of this row again.
    SendAgain(ItemId),
}
