//! Items of a listing: records, parts of records, or several records that are read as one.

use std::ops::Range;

use feedscope_core::store::RowNumber;

/// Identity of an item, which does not change when other items are added or removed.
///
/// A row has the identity of the item that begins with it, with part 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId {
    /// Record that the item begins with.
    pub row: RowNumber,
    /// Part of the record, from 0, for records that are read as several items.
    pub part: u32,
}

impl From<RowNumber> for ItemId {
    fn from(row: RowNumber) -> Self {
        Self { row, part: 0 }
    }
}

/// One item of a listing: a record, a part of one, or several records that are read as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListItem {
    /// Identity of the item.
    pub id: ItemId,
    /// Number after its last row.
    pub end: RowNumber,
}

impl ListItem {
    /// Creates the item of one complete record.
    pub fn of_row(row: RowNumber) -> Self {
        Self {
            id: row.into(),
            end: row + 1,
        }
    }

    /// Returns the rows of the item.
    pub fn rows(&self) -> Range<RowNumber> {
        self.id.row..self.end
    }
}
