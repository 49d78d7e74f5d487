//! Opening of a file of blocks, and calls of all functions of its store. It does not check the bytes.
//!
//! A module that includes this file must import core as `under_test`, because core's own tests and other tests use
//! different names for it.

use std::sync::Arc;

use super::under_test::record::write_json_line;
use super::under_test::store::{Chunk, Class, ClassSet, RowNumber, SharedBytes, Store};

/// Opens all blocks, one after the other.
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

/// Calls all functions of a store of these chunks and returns the store; `None` if the chunks do not follow each other.
pub(super) fn read_everything(chunks: Vec<Chunk>) -> Option<Store> {
    for chunk in &chunks {
        let _either: bool = chunk.is_whole();
    }
    let store = Store::of_chunks(chunks).ok()?;
    read_store(&store);
    Some(store)
}

/// Reads whatever a store can be asked for.
pub(super) fn read_store(store: &Store) {
    let extent = store.extent();
    let sent = ClassSet::ALL.with(Class::Events, false);
    for shown in [ClassSet::ALL, ClassSet::USUAL, sent] {
        for row in RowNumber::each(extent.first..extent.end + 1) {
            store.select(shown, store.rank(shown, row));
            store.rows(shown, row, RowNumber::MAX, 5, 40);
        }
    }
    for row in RowNumber::each(extent.first..extent.end) {
        let owned = store.record(row).expect("the header tells of it");
        write_json_line(&mut Vec::new(), &owned.record(), Some("feed"));
        assert!(owned.payload().len() <= 1 << 20);
        let stamp = store.stamp(row).expect("it is there");
        assert!(store.row_at(stamp.utc) <= extent.end);
        store.earlier_like(&owned, row, 10);
    }
    let rows: Vec<RowNumber> = RowNumber::each(extent.first..extent.end).rev().collect();
    assert_eq!(store.lines(&rows, 40).len(), rows.len());
}
