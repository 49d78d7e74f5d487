//! Area of a timeline, and the keyboard focus of its list.

use std::cell::{Cell, RefCell};

use egui::{Id, Rect, Ui};
use feedscope_analysis::density::Density;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::LensPass;
use feedscope_analysis::listing::Listing;
use jiff::tz::TimeZone;

use super::marks::Marks;
use crate::annotations::RowNotes;
use crate::columns::FeedColumns;
use crate::field_columns::FieldColumns;
use crate::ids::{FeedId, PaneId};

/// Area of a timeline, and the data that it needs besides its feed.
pub(crate) struct TimelinePlace<'a> {
    pub(crate) pane: PaneId,
    pub(crate) feed: FeedId,
    /// List of the pane that this timeline is.
    pub(crate) list: List,
    /// Area of the names of the columns; `None` if the list has none.
    pub(crate) header: Option<Rect>,
    pub(crate) rows: Rect,
    pub(crate) listing: Listing,
    /// Matches to mark in the rows.
    pub(crate) marks: Marks<'a>,
    /// Density for the strip beside the handle.
    pub(crate) density: Option<&'a Density>,
    pub(crate) zone: &'a TimeZone,
    pub(crate) columns: &'a Cell<FeedColumns>,
    pub(crate) fields: &'a RefCell<FieldColumns>,
    /// Pass of the lens that gives the rows their texts.
    pub(crate) lens: Option<&'a LensPass>,
    /// This list receives the keys.
    pub(crate) keys: bool,
    /// Marks, colors and findings of the rows.
    pub(crate) notes: RowNotes<'a>,
}

impl TimelinePlace<'_> {
    /// Returns the reader of the payloads whose fields are columns. Rows as received have no decoders.
    pub(super) fn interpreter(&self) -> Interpreter {
        self.lens
            .map_or_else(Interpreter::default, |lens| lens.interpreter().clone())
    }
}

/// List of a pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum List {
    /// Rows, or the hits of a filter that replace them.
    Rows,
    /// Hits of a filter below the rows.
    Hits,
}

/// Returns the ID of the list, which can have the keyboard focus.
pub(crate) fn list_id(pane: PaneId, list: List) -> Id {
    Id::unique(("rows", pane, list))
}

/// Gives the keyboard focus to the list.
pub(crate) fn focus(ui: &Ui, pane: PaneId, list: List) {
    ui.memory_mut(|memory| memory.request_focus(list_id(pane, list)));
}

/// ID of the list that had the keyboard focus when it was drawn last.
pub(super) fn focused_list() -> Id {
    Id::unique("focused list")
}

/// Returns true if a list of rows has the keyboard focus.
pub(crate) fn has_focus(ui: &Ui) -> bool {
    let focused = ui.memory(egui::Memory::focused);
    focused.is_some() && focused == ui.data(|data| data.get_temp(focused_list()))
}
