//! State of the context menu of a list.

use egui::Pos2;
use feedscope_analysis::listing::ItemId;

/// State of the context menu.
#[derive(Debug, Default)]
pub(super) struct RowMenu {
    /// Row that was clicked to open the menu.
    pub(super) asked: Option<ItemId>,
    /// A key was pressed to open the menu.
    pub(super) by_key: bool,
    /// A command opens the menu of the columns.
    pub(super) of_columns: bool,
    /// Row that the open menu belongs to.
    pub(super) item: Option<ItemId>,
    /// The first entry of the open menu is to get the focus.
    pub(super) needs_focus: bool,
    /// Position of the open menu if a key opened it.
    pub(super) at: Option<Pos2>,
}
