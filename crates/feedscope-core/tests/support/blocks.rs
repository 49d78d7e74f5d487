//! A file of blocks, opened, and whatever a view may ask of what is in it. It never looks at the bytes itself.
//!
//! Whoever takes this file calls core `under_test`, because core's own tests and others have different names for it.

use std::sync::{Arc, LazyLock};

use super::under_test::density::{Density, Wanted};
use super::under_test::filter::{Filter, ParseContext, Scan, event_types, fields};
use super::under_test::listing::Listing;
use super::under_test::record::write_json_line;
use super::under_test::store::{Chunk, Class, SharedBytes, Shown, Store};

static FILTERS: LazyLock<Vec<Arc<Filter>>> = LazyLock::new(|| {
    let typed = [
        "still",
        "price",
        "type:price",
        "-x",
        "id:17",
        "size:>3",
        ".a",
    ];
    let context = ParseContext::default();
    let filters = typed.map(|typed| Filter::parse(typed, &context).expect("it is a filter"));
    filters.map(Arc::new).into()
});

/// Opens block after block, as many as there are.
pub(super) fn open(file: Vec<u8>) -> Vec<Chunk> {
    let bytes: SharedBytes = Arc::new(file);
    let mut chunks = Vec::new();
    let mut at = 0;
    while let Ok(chunk) = Chunk::open(Arc::clone(&bytes), at) {
        at += chunk.block().len();
        chunks.push(chunk);
    }
    chunks
}

/// Whatever a view may ask of a store.
pub(super) fn read_everything(chunks: Vec<Chunk>) {
    for chunk in &chunks {
        let _either: bool = chunk.is_whole();
    }
    let Ok(store) = Store::of_chunks(chunks) else {
        return;
    };
    let extent = store.extent();
    let sent = Shown::ALL.with(Class::Events, false);
    for shown in [Shown::ALL, Shown::USUAL, sent] {
        for row in extent.first..=extent.end {
            store.select(shown, store.rank(shown, row));
            store.rows(shown, row, u64::MAX, 5, 40);
        }
    }
    for row in extent.first..extent.end {
        let owned = store.record(row).expect("the header tells of it");
        write_json_line(&mut Vec::new(), &owned.record(), Some("feed"));
        assert!(owned.payload().len() <= 1 << 20);
        let stamp = store.stamp(row).expect("it is there");
        assert!(store.row_at(stamp.utc) <= extent.end);
        store.earlier_like(&owned, row, 10);
    }
    let rows: Vec<u64> = (extent.first..extent.end).rev().collect();
    assert_eq!(store.lines(&rows, 40).len(), rows.len());
    event_types(&store, 100, 10);
    fields(&store, 100, 10);
    for filter in &*FILTERS {
        scan(&store, filter);
    }
    let wanted = Wanted {
        listing: Listing::of_classes(&store, Shown::USUAL),
        end: None,
        matches: None,
    };
    let density = Density::new(&store, wanted);
    density.update(1 << 20);
    density.overview();
}

fn scan(store: &Store, filter: &Arc<Filter>) {
    let scan = Scan::new(Arc::clone(filter), Shown::ALL);
    let mut steps = 0;
    while !scan.step(store, 500).done {
        steps += 1;
        assert!(steps < 1_000, "it does not get done");
    }
    let hits = scan.rows(0, usize::MAX);
    assert!(hits.is_sorted_by(|earlier, later| earlier < later));
}
