//! Rows that a view can scroll over, counted as places. The line about missing records is above the first row, and the
//! queued messages are below the last one.

use feedscope_analysis::listing::{ItemId, Listing};
use feedscope_core::store::{Extent, ListingIndex, RowNumber};

/// Rows that a view can scroll over, counted as places.
pub(super) struct Places {
    pub(super) listing: Listing,
    /// Extent of the store in this pass.
    pub(super) extent: Extent,
    /// One past the newest row of the view.
    pub(super) end: RowNumber,
    /// Number of lines above the first row: 1 if records were let go, else 0.
    pub(super) lead: u64,
    /// Number of rows in the listing.
    pub(super) rows: u64,
    /// Number of queued messages below the last row.
    pub(super) queued: u64,
    /// Number of rows that fit, with a fraction.
    pub(super) fitting: f64,
}

impl Places {
    /// Returns the number of all places.
    pub(super) fn total(&self) -> u64 {
        self.lead + self.rows + self.queued
    }

    /// Returns the place of an item, or of the first one after it.
    pub(super) fn place_of(&self, item: impl Into<ItemId>) -> u64 {
        self.lead + self.listing.rank(item).0
    }

    /// Returns the item at a place, or what comes after the newest one.
    pub(super) fn item_at(&self, place: u64) -> ItemId {
        let index = ListingIndex(place.saturating_sub(self.lead));
        let item = self.listing.select(index);
        item.map_or_else(|| self.end.into(), |item| item.id)
    }

    /// Returns the topmost place when the view is at its lower end.
    pub(super) fn highest_top(&self) -> f64 {
        (self.total() as f64 - self.fitting).max(0.0)
    }
}
