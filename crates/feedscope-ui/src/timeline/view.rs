//! Position of a view in a store, and the input that changes it.
//!
//! A view either follows the newest row or is held at a row. A held position is a row number with a fraction, so that
//! it does not move while records arrive or are let go. Scrolling to the lower end follows again. `keys` handles the keys,
//! `revealing` makes a selected row visible, and `returning` leads back to the place before a filter.

mod keys;
mod returning;
mod revealing;

use std::ops::Range;

use egui::{Rect, Ui};
use feedscope_analysis::listing::{ItemId, Listing};
use feedscope_core::Moment;
use feedscope_core::store::{ClassSet, ListingIndex, RowNumber, Store};

use super::fold::Fold;
use super::painted::{Held, Painted, Position, Return};
use super::places::Places;
use super::replay_state::Replayed;
use super::row_menu::RowMenu;
use super::selection::Selection;
use super::{List, RowAction, TimelinePlace};
use crate::scene::FeedScene;
use crate::theme::size;
use crate::widgets::glyph_run::GlyphRuns;

/// Position and selection of a view.
pub(crate) struct TimelineView {
    /// Classes of records that the view shows.
    pub(crate) shown: ClassSet,
    pub(super) position: Position,
    /// One past the newest row in sight while the view is paused.
    pub(crate) paused_end: Option<RowNumber>,
    pub(super) selection: Selection,
    /// The inspector shows the current row.
    pub(super) inspects: bool,
    /// The view followed the newest row until a row was selected, and has not been scrolled since.
    pub(super) resumes: bool,
    /// Number of rows that Page Up and Page Down move.
    pub(super) page: u64,
    /// Scrolling in the next pass that makes the selected row visible.
    pub(super) reveal: Reveal,
    /// Place to which the view returns when the hits around it are found.
    back: Option<Return>,
    /// Position of the selected row in the last pass, in rows below the upper edge; `None` if it was out of sight.
    selected_at: Option<f64>,
    /// Row that was selected in the last pass with a selection.
    last_selected: Option<ItemId>,
    /// Rows in sight in the last pass.
    in_sight: Range<RowNumber>,
    /// Number of rows that fitted in the last pass, with a fraction.
    fitting: f64,
    /// Rows that the last pass painted.
    pub(super) painted: Painted,
    /// Button that is down on a row.
    pub(super) held: Option<Held>,
    pub(super) menu: RowMenu,
    /// Request about the selected rows.
    pub(super) action: Option<RowAction>,
    /// The rows are shown as they were received, although a lens reads them.
    pub(crate) is_raw: bool,
    /// Time that the time column counts from.
    pub(crate) reference: Option<Moment>,
    /// Beginning that is left out of the payloads.
    pub(super) fold: Fold,
    /// Texts of the rows that are drawn without a layout.
    pub(super) runs: GlyphRuns,
    /// Replay of the recording that the view shows.
    pub(super) replayed: Replayed,
}

/// Scrolling that makes the selected row visible.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Reveal {
    /// No scrolling.
    #[default]
    No,
    /// The shortest distance that makes the row visible.
    Near,
    /// If the row is out of sight, it moves to the middle, so that its neighbors are visible too.
    Amid,
    /// The row moves to this position in rows below the upper edge, where it was before the rows around it changed.
    At(f64),
}

impl Default for TimelineView {
    fn default() -> Self {
        Self {
            shown: ClassSet::USUAL,
            position: Position::Following,
            paused_end: None,
            selection: Selection::default(),
            inspects: false,
            resumes: false,
            page: 1,
            reveal: Reveal::No,
            back: None,
            selected_at: None,
            last_selected: None,
            in_sight: RowNumber(0)..RowNumber(0),
            fitting: 0.0,
            painted: Painted::default(),
            held: None,
            menu: RowMenu::default(),
            action: None,
            is_raw: false,
            reference: None,
            fold: Fold::default(),
            runs: GlyphRuns::default(),
            replayed: Replayed::default(),
        }
    }
}

impl TimelineView {
    /// Returns the places of a view in this pass.
    pub(super) fn places(
        &self,
        feed: &FeedScene,
        place: &TimelinePlace<'_>,
        height: f32,
    ) -> Places {
        let mut extent = feed.store.extent();
        // Rows after the position of a replay do not exist yet for the view.
        extent.end = self
            .replayed
            .end
            .map_or(extent.end, |end| end.min(extent.end));
        let end = self
            .paused_end
            .map_or(extent.end, |end| end.min(extent.end));
        // Queued messages and the line about missing records belong to the main list only.
        let is_main = place.list == List::Rows;
        let queued = if self.paused_end.is_some() || !is_main {
            0
        } else {
            feed.source.waiting()
        };
        let lead = u64::from(extent.missing() > 0 && is_main);
        let listing = place.listing.clone();
        let rows = listing.rank(end).0;
        Places {
            listing,
            extent,
            end,
            lead,
            rows,
            queued,
            fitting: f64::from(height / size::ROW),
        }
    }

    /// Returns the topmost place in sight, with its fraction.
    pub(super) fn top(&self, places: &Places) -> f64 {
        match self.position {
            Position::Following => places.highest_top(),
            Position::Held { top, fraction, .. } => {
                // A row that was let go has no place any more, so that the oldest place replaces it.
                let place = if top.row < places.extent.first {
                    0
                } else {
                    places.place_of(top)
                };
                (place as f64 + fraction).min(places.highest_top())
            }
        }
    }

    /// Scrolls to `top`. At the lower end, the view follows the newest row again.
    pub(super) fn move_to(&mut self, places: &Places, top: f64) {
        self.resumes = false;
        let top = top.max(0.0);
        // The tolerance covers rounding of the last scroll step.
        if top >= places.highest_top() - 0.01 {
            self.position = Position::Following;
            return;
        }
        self.hold(places, top);
    }

    /// Scrolls to `top` without following, even at the lower end.
    pub(super) fn hold(&mut self, places: &Places, top: f64) {
        self.position = self.held_at(places, top);
    }

    /// Returns the position that keeps `top` where it is.
    fn held_at(&self, places: &Places, top: f64) -> Position {
        let place = top.floor();
        let newest = match self.position {
            Position::Held { newest, .. } => newest,
            Position::Following => places.end,
        };
        let top_item = if (place as u64) < places.lead {
            RowNumber(0).into()
        } else {
            places.item_at(place as u64)
        };
        Position::Held {
            top: top_item,
            fraction: top - place,
            newest,
        }
    }

    /// Returns the number of listed records below the rows in sight that arrived since the user scrolled away or paused.
    /// `top` is the topmost place in sight.
    pub(super) fn unseen(&self, places: &Places, top: f64) -> u64 {
        /// Part of a row that may be out of sight, which covers rounding.
        const CUT: f64 = 0.05;
        let seen = match (self.paused_end, self.position) {
            (Some(end), _) => end,
            (None, Position::Held { newest, .. }) => newest,
            (None, Position::Following) => return 0,
        };
        // The user may have gone down to some of these records without following the newest one.
        let below = (top + places.fitting + CUT) as u64;
        let below = ListingIndex(below.saturating_sub(places.lead).min(places.rows));
        let listing = &places.listing;
        let first = listing.rank(seen).max(below);
        listing.rank(places.extent.end).since(first)
    }

    /// Shows the rows as they were received, or as the lens reads them.
    pub(crate) fn switch_raw(&mut self) {
        self.is_raw = !self.is_raw;
    }

    /// Returns true if the view shows the newest rows as they arrive.
    pub(crate) fn is_following(&self) -> bool {
        self.position == Position::Following && self.paused_end.is_none()
    }

    /// Pauses the view at the newest row, or resumes it.
    pub(crate) fn toggle_pause(&mut self, feed: &FeedScene) {
        self.paused_end = match self.paused_end {
            Some(_) => None,
            None => Some(self.end(&feed.store)),
        };
    }

    /// Selects a row, or none. A view that follows the newest row stops, so that the user can read the selected one.
    pub(super) fn select(&mut self, places: &Places, item: Option<ItemId>) {
        if item.is_some() {
            self.stop_following(places);
        }
        self.selection.set(item);
        self.inspects = item.is_some();
        self.reveal = Reveal::Near;
    }

    /// Holds a view that follows the newest row until the selection ends.
    fn stop_following(&mut self, places: &Places) {
        if self.position == Position::Following {
            self.hold(places, self.top(places));
            self.resumes = true;
        }
    }

    /// Ends the selection.
    pub(crate) fn deselect(&mut self) {
        self.selection.set(None);
        self.inspects = false;
    }

    /// Ends the selection. A view that followed the newest row before does not run back to it, but goes on to follow it
    /// where it is in sight.
    pub(crate) fn deselect_in_place(&mut self) {
        self.deselect();
        self.resumes &= self.has_free_room();
    }

    /// Returns the selected row; the last one selected if there are several.
    pub(crate) fn selected(&self) -> Option<ItemId> {
        self.selection.current()
    }

    /// Returns the selected rows.
    pub(crate) fn selection(&self) -> &Selection {
        &self.selection
    }

    /// Returns the row that the inspector shows.
    pub(crate) fn inspected(&self) -> Option<ItemId> {
        self.selection.current().filter(|_| self.inspects)
    }

    /// Makes this selected row the current one, and opens the inspector for it.
    pub(crate) fn inspect_selected(&mut self, item: ItemId) {
        self.selection.set_current(Some(item));
        self.inspects = true;
    }

    /// Opens the inspector for the selected row.
    pub(crate) fn inspect(&mut self) {
        self.inspects = self.selection.current().is_some();
    }

    /// Returns true if the view is held at the first row.
    pub(crate) fn is_at_first(&self) -> bool {
        let first = RowNumber(0).into();
        matches!(self.position, Position::Held { top, fraction: 0.0, .. } if top == first)
    }

    /// Scrolls to the first row. The present rows do not count as new ones.
    pub(crate) fn go_to_first(&mut self, store: &Store) {
        self.position = Position::Held {
            top: RowNumber(0).into(),
            fraction: 0.0,
            newest: self.end(store),
        };
        self.selected_at = None;
    }

    /// Scrolls to the newest row and follows it, and resumes a paused view.
    pub(crate) fn follow(&mut self) {
        self.paused_end = None;
        self.position = Position::Following;
        // A list that becomes higher or lower in the same pass does not go back to the selected row.
        self.selected_at = None;
    }

    /// Returns true if the next row appears in sight, in free room below the present ones.
    pub(crate) fn has_free_room(&self) -> bool {
        self.paused_end.is_none() && self.painted.count() as f64 + 1.0 <= self.fitting
    }

    /// Follows the newest row again if the view did so before a row was selected, and the selection has ended.
    pub(super) fn resume(&mut self) {
        if self.selection.ranges().is_empty() && std::mem::take(&mut self.resumes) {
            self.position = Position::Following;
        }
    }

    /// Opens the menu of the columns in the next pass.
    pub(crate) fn open_columns(&mut self) {
        self.menu.of_columns = true;
    }

    /// Opens the menu of the selected row in the next pass.
    pub(crate) fn open_menu(&mut self) {
        self.menu.by_key = true;
    }

    /// Takes out the request about the selected rows.
    pub(crate) fn take_action(&mut self) -> Option<RowAction> {
        self.action.take()
    }

    /// Counts times from the selected row. For the row that is the reference already, and without a selected row, the time
    /// column returns to its usual form.
    pub(crate) fn toggle_reference(&mut self, listing: &Listing) {
        let stamp = |item: ItemId| listing.store().stamp(item.row);
        let selected = self.selected().and_then(stamp).map(|stamp| stamp.moment);
        self.reference = selected.filter(|moment| self.reference != Some(*moment));
    }

    /// Selects a row and makes it visible with its neighbors.
    pub(crate) fn go_to(&mut self, item: Option<ItemId>) {
        self.resumes &= item.is_none();
        self.selection.set(item);
        self.inspects = item.is_some();
        self.reveal = Reveal::Amid;
    }

    /// Selects all rows of a range, and makes the first one visible with its neighbors. Without a first one, the range is
    /// empty.
    pub(crate) fn select_range(&mut self, first: Option<ItemId>, rows: Range<ItemId>) {
        self.go_to(first);
        self.inspects = false;
        self.selection.set_all(rows);
    }

    /// Returns the row under the pointer.
    pub(crate) fn pointed(&self, ui: &Ui) -> Option<ItemId> {
        self.painted
            .row_at(ui.input(|input| input.pointer.hover_pos())?)
    }

    /// Selects the row that is selected in another list of the pane. Returns true if that changed anything.
    pub(crate) fn mirror(&mut self, other: &Self) -> bool {
        let is_other_row = self.selected() != other.selected();
        if is_other_row {
            self.go_to(other.selected());
        }
        let inspects = std::mem::replace(&mut self.inspects, other.inspects);
        is_other_row || inspects != other.inspects
    }

    /// Selects a row and scrolls it to the top, as far as there are rows below it. The view does not follow any more.
    pub(crate) fn jump_to(&mut self, store: &Store, item: Option<ItemId>) {
        let Some(item) = item else {
            return;
        };
        let newest = match self.position {
            Position::Held { newest, .. } => newest,
            Position::Following => self.end(store),
        };
        self.position = Position::Held {
            top: item,
            fraction: 0.0,
            newest,
        };
        self.resumes = false;
        self.selection.set(Some(item));
        self.inspects = true;
        self.reveal = Reveal::Near;
    }

    /// Returns one past the newest row of the view.
    pub(crate) fn end(&self, store: &Store) -> RowNumber {
        self.last_end().unwrap_or_else(|| store.extent().end)
    }

    /// Returns one past the newest row of a view that is paused or shows a replay; `None` if the view has no such limit.
    pub(crate) fn last_end(&self) -> Option<RowNumber> {
        [self.paused_end, self.replayed.end]
            .into_iter()
            .flatten()
            .min()
    }

    /// Returns the rows that were in sight in the last pass.
    pub(crate) fn in_sight(&self) -> Range<RowNumber> {
        self.in_sight.clone()
    }

    /// Stores the rows in sight and the position of the selected row for the next pass.
    pub(super) fn note_sight(&mut self, places: &Places, top: f64, area: Rect) {
        let position = self.held_at(places, top);
        self.painted.begin(area, position);
        let row_at = |place: f64| places.item_at(place.max(0.0) as u64).row;
        self.in_sight = row_at(top.ceil())..row_at((top + places.fitting).floor());
        self.last_selected = self.selected().or(self.last_selected);
        let offset = |item| places.place_of(item) as f64 - top;
        self.selected_at = self
            .selected()
            .map(offset)
            .filter(|&offset| offset >= 0.0 && offset + 1.0 <= places.fitting);
    }
}
