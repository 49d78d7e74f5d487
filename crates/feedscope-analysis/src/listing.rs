//! Rows of a view, with an index for each: all rows of some classes, or the hits of a filter. It keeps no position and
//! does not search for hits.

mod item;

pub use item::{ItemId, ListItem};

use feedscope_core::store::{ClassSet, ListingIndex, RowNumber, RowText, Store};

use crate::filter::Scan;

/// Rows of a view, oldest first; cheap to clone.
#[derive(Clone)]
pub struct Listing {
    store: Store,
    rows: ListedRows,
}

#[derive(Clone)]
enum ListedRows {
    Of(ClassSet),
    Hits(Scan),
}

/// Item as a line of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedLine {
    /// The item.
    pub item: ListItem,
    /// Record that it begins with, cut for a line.
    pub text: RowText,
}

impl Listing {
    /// Creates a listing of all rows of these classes.
    pub fn of_classes(store: &Store, shown: ClassSet) -> Self {
        Self {
            store: store.clone(),
            rows: ListedRows::Of(shown),
        }
    }

    /// Creates a listing of the hits that a scan has found so far.
    pub fn of_hits(scan: &Scan) -> Self {
        Self {
            store: scan.store().clone(),
            rows: ListedRows::Hits(scan.clone()),
        }
    }

    /// Returns the store that contains the rows.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Returns true if both list the same rows.
    pub fn is(&self, other: &Self) -> bool {
        match (&self.rows, &other.rows) {
            (ListedRows::Of(shown), ListedRows::Of(other)) => shown == other,
            (ListedRows::Hits(scan), ListedRows::Hits(other)) => scan.is(other),
            _ => false,
        }
    }

    /// Returns the index of the first item at or after this one, which is the number of stored items before it.
    pub fn rank(&self, at: impl Into<ItemId>) -> ListingIndex {
        // Every item is one complete record, so that a later part has the index of the next item.
        let ItemId { row, part } = at.into();
        let row = row + u64::from(part > 0);
        match &self.rows {
            ListedRows::Of(shown) => self.store.rank(*shown, row),
            // The scan may still count hits that the store has let go.
            ListedRows::Hits(scan) => scan.rank(row).saturating_sub(self.gone(scan)),
        }
    }

    /// Returns the item at `index`, from 0 for the oldest; `None` after the newest.
    pub fn select(&self, index: ListingIndex) -> Option<ListItem> {
        let row = match &self.rows {
            ListedRows::Of(shown) => self.store.select(*shown, index),
            ListedRows::Hits(scan) => scan.select(index + self.gone(scan)),
        };
        row.map(ListItem::of_row)
    }

    /// Returns the rows of up to `most` newest hits of a filter, the newest one first; `None` if no filter selects the rows.
    pub fn newest_hits(&self, most: usize) -> Option<Vec<RowNumber>> {
        let ListedRows::Hits(scan) = &self.rows else {
            return None;
        };
        let end = scan.rank(RowNumber::MAX);
        let first = end.saturating_sub(most as u64);
        let mut rows = scan.rows(first, most);
        rows.reverse();
        Some(rows)
    }

    /// Returns true if the listing contains this item.
    pub fn has(&self, item: impl Into<ItemId>) -> bool {
        let id = item.into();
        self.select(self.rank(id)).is_some_and(|item| item.id == id)
    }

    /// Returns the lines of up to `most` items from `index` on and before row `end`, with at most `preview_bytes` of
    /// each payload.
    pub fn lines(
        &self,
        index: ListingIndex,
        end: RowNumber,
        most: usize,
        preview_bytes: usize,
    ) -> Vec<ListedLine> {
        let texts = match &self.rows {
            ListedRows::Of(shown) => self
                .store
                .select(*shown, index)
                .map_or_else(Vec::new, |row| {
                    self.store.rows(*shown, row, end, most, preview_bytes)
                }),
            ListedRows::Hits(scan) => {
                let mut rows = scan.rows(index + self.gone(scan), most);
                // Hits are in order, so that those before `end` come first.
                rows.truncate(rows.partition_point(|&row| row < end));
                self.store.lines(&rows, preview_bytes)
            }
        };
        let line = |text: RowText| ListedLine {
            item: ListItem::of_row(text.row),
            text,
        };
        texts.into_iter().map(line).collect()
    }

    /// Returns the number of hits that were let go since the last step of the scan.
    fn gone(&self, scan: &Scan) -> u64 {
        scan.rank(self.store.extent().first).0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::filter::{Filter, ParseContext};
    use feedscope_core::record::{Kind, Record, Sink as _};
    use feedscope_core::store::{DEFAULT_BUDGET_BYTES, StoreWriter};
    use feedscope_core::time::Stamp;

    fn push(writer: &mut StoreWriter, payloads: &[&str]) {
        for data in payloads {
            let kind = Kind::Event {
                event: b"",
                id: b"",
                data: data.as_bytes(),
            };
            writer.push(&Record {
                stamp: Stamp::default(),
                connection: 1,
                kind,
            });
        }
    }

    fn scan(store: &Store, typed: &str) -> Scan {
        let filter = Filter::parse(typed, &ParseContext::default()).unwrap();
        let scan = Scan::new(store, Arc::new(filter), ClassSet::ALL);
        while !scan.step(1 << 20).done {}
        scan
    }

    fn previews(lines: &[ListedLine]) -> Vec<&str> {
        lines
            .iter()
            .map(|line| line.text.preview.as_str())
            .collect()
    }

    fn rank(listing: &Listing, row: u64) -> u64 {
        listing.rank(RowNumber(row)).0
    }

    fn select(listing: &Listing, index: u64) -> Option<u64> {
        let item = listing.select(ListingIndex(index))?;
        assert_eq!((item.id.part, item.end), (0, item.id.row + 1));
        Some(item.id.row.0)
    }

    fn lines(listing: &Listing, index: u64, end: u64, most: usize) -> Vec<ListedLine> {
        listing.lines(ListingIndex(index), RowNumber(end), most, 9)
    }

    #[test]
    fn hits_are_counted_in_places_like_rows() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        push(&mut writer, &["a", "b", "a", "b", "ab"]);
        let all = Listing::of_classes(&store, ClassSet::ALL);
        let hits = Listing::of_hits(&scan(&store, "b"));
        assert_eq!((rank(&all, 3), rank(&hits, 3)), (3, 1));
        assert_eq!((rank(&all, 99), rank(&hits, 99)), (5, 3));
        assert_eq!((select(&all, 2), select(&hits, 2)), (Some(2), Some(4)));
        assert_eq!(select(&hits, 3), None);
        assert_eq!(previews(&lines(&all, 1, 4, 9)), ["b", "a", "b"]);
        assert_eq!(previews(&lines(&hits, 1, 5, 9)), ["b", "ab"]);
        assert_eq!(previews(&lines(&hits, 0, 4, 9)), ["b", "b"]);
        assert_eq!(previews(&lines(&hits, 0, 5, 2)), ["b", "b"]);
        let has = |row| hits.has(RowNumber(row));
        assert!(has(3) && !has(2) && !has(99));
        let part = ItemId {
            part: 1,
            ..RowNumber(3).into()
        };
        assert!(!hits.has(part), "every record is read as one item");
        assert_eq!(hits.rank(part), ListingIndex(2));
    }

    #[test]
    fn what_was_let_go_has_no_place_before_the_scan_knows() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        push(&mut writer, &["b", "b"]);
        let scan = scan(&store, "b");
        let hits = Listing::of_hits(&scan);
        store.clear();
        assert_eq!((rank(&hits, 2), select(&hits, 0)), (0, None));
        push(&mut writer, &["a", "b"]);
        while !scan.step(1 << 20).done {}
        assert_eq!(
            (rank(&hits, 4), select(&hits, 0), scan.count()),
            (1, Some(3), 1)
        );
    }

    #[test]
    fn a_listing_is_known_by_what_it_goes_over() {
        let (_writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        let (one, other) = (scan(&store, "a"), scan(&store, "a"));
        let hits = |scan: &Scan| Listing::of_hits(scan);
        assert!(hits(&one).is(&hits(&one.clone())));
        assert!(!hits(&one).is(&hits(&other)));
        let classes = |shown| Listing::of_classes(&store, shown);
        assert!(classes(ClassSet::ALL).is(&classes(ClassSet::ALL)));
        assert!(!classes(ClassSet::ALL).is(&classes(ClassSet::USUAL)));
        assert!(!classes(ClassSet::ALL).is(&hits(&one)));
    }
}
