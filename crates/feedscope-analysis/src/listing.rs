//! The rows that a view goes over, counted in places: all rows of some classes, or the hits of a filter. Keeps no
//! position, and never looks for hits itself.

use crate::filter::Scan;
use feedscope_core::store::{RowText, Shown, Store};

/// The rows of a view, oldest first; cheap to clone.
#[derive(Clone)]
pub struct Listing {
    store: Store,
    rows: Rows,
}

#[derive(Clone)]
enum Rows {
    Of(Shown),
    Hits(Scan),
}

impl Listing {
    /// All rows of these classes.
    pub fn of_classes(store: &Store, shown: Shown) -> Self {
        Self {
            store: store.clone(),
            rows: Rows::Of(shown),
        }
    }

    /// What a scan of this store has found so far.
    pub fn of_hits(store: &Store, scan: &Scan) -> Self {
        Self {
            store: store.clone(),
            rows: Rows::Hits(scan.clone()),
        }
    }

    /// The store that the rows are in.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Whether both go over the same rows.
    pub fn is(&self, other: &Self) -> bool {
        match (&self.rows, &other.rows) {
            (Rows::Of(shown), Rows::Of(other)) => shown == other,
            (Rows::Hits(scan), Rows::Hits(other)) => scan.is(other),
            _ => false,
        }
    }

    /// How many of the kept rows before `row` are in it: the row's place.
    pub fn rank(&self, row: u64) -> u64 {
        match &self.rows {
            Rows::Of(shown) => self.store.rank(*shown, row),
            Rows::Hits(scan) => scan.rank(row).saturating_sub(self.gone(scan)),
        }
    }

    /// The row at place `nth`, from 0 for the oldest; `None` past the newest.
    pub fn select(&self, nth: u64) -> Option<u64> {
        match &self.rows {
            Rows::Of(shown) => self.store.select(*shown, nth),
            Rows::Hits(scan) => scan.select(self.gone(scan) + nth),
        }
    }

    /// Whether `row` is one of them.
    pub fn has(&self, row: u64) -> bool {
        self.select(self.rank(row)) == Some(row)
    }

    /// The lines of up to `most` rows from place `nth` on and before row `end`, with at most `preview_bytes` of each
    /// payload.
    pub fn lines(&self, nth: u64, end: u64, most: usize, preview_bytes: usize) -> Vec<RowText> {
        match &self.rows {
            Rows::Of(shown) => self.select(nth).map_or_else(Vec::new, |row| {
                self.store.rows(*shown, row, end, most, preview_bytes)
            }),
            Rows::Hits(scan) => {
                let mut rows = scan.rows(self.gone(scan) + nth, most);
                rows.truncate(rows.partition_point(|&row| row < end));
                self.store.lines(&rows, preview_bytes)
            }
        }
    }

    /// How many hits were let go since the scan looked last.
    fn gone(&self, scan: &Scan) -> u64 {
        scan.rank(self.store.extent().first)
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
        let scan = Scan::new(Arc::new(filter), Shown::ALL);
        while !scan.step(store, 1 << 20).done {}
        scan
    }

    fn previews(lines: &[RowText]) -> Vec<&str> {
        lines.iter().map(|line| line.preview.as_str()).collect()
    }

    #[test]
    fn hits_are_counted_in_places_like_rows() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        push(&mut writer, &["a", "b", "a", "b", "ab"]);
        let all = Listing::of_classes(&store, Shown::ALL);
        let hits = Listing::of_hits(&store, &scan(&store, "b"));
        assert_eq!((all.rank(3), hits.rank(3)), (3, 1));
        assert_eq!((all.rank(99), hits.rank(99)), (5, 3));
        assert_eq!((all.select(2), hits.select(2)), (Some(2), Some(4)));
        assert_eq!(hits.select(3), None);
        assert_eq!(previews(&all.lines(1, 4, 9, 9)), ["b", "a", "b"]);
        assert_eq!(previews(&hits.lines(1, 5, 9, 9)), ["b", "ab"]);
        assert_eq!(previews(&hits.lines(0, 4, 9, 9)), ["b", "b"]);
        assert_eq!(previews(&hits.lines(0, 5, 2, 9)), ["b", "b"]);
        assert!(hits.has(3) && !hits.has(2) && !hits.has(99));
    }

    #[test]
    fn what_was_let_go_has_no_place_before_the_scan_knows() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        push(&mut writer, &["b", "b"]);
        let scan = scan(&store, "b");
        let hits = Listing::of_hits(&store, &scan);
        store.clear();
        assert_eq!((hits.rank(2), hits.select(0)), (0, None));
        push(&mut writer, &["a", "b"]);
        while !scan.step(&store, 1 << 20).done {}
        assert_eq!(
            (hits.rank(4), hits.select(0), scan.count()),
            (1, Some(3), 1)
        );
    }

    #[test]
    fn a_listing_is_known_by_what_it_goes_over() {
        let (_writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        let (one, other) = (scan(&store, "a"), scan(&store, "a"));
        let hits = |scan: &Scan| Listing::of_hits(&store, scan);
        assert!(hits(&one).is(&hits(&one.clone())));
        assert!(!hits(&one).is(&hits(&other)));
        let classes = |shown| Listing::of_classes(&store, shown);
        assert!(classes(Shown::ALL).is(&classes(Shown::ALL)));
        assert!(!classes(Shown::ALL).is(&classes(Shown::USUAL)));
        assert!(!classes(Shown::ALL).is(&hits(&one)));
    }
}
