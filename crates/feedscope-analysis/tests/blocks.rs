//! Tests of analyses on damaged blocks of records: none panics, and each ends.

#[path = "support/blocks.rs"]
mod analyzing;
#[path = "../../feedscope-core/tests/support/every_kind.rs"]
mod every_kind;

use std::sync::Arc;

use analyzing::analyze_everything;
use every_kind::every_kind;
use feedscope_analysis::filter::{Filter, ParseContext, Scan};
use feedscope_core as under_test;
use feedscope_core::store::{Chunk, ClassSet, ListingIndex, RowNumber, Spill, SpillJob, Store};
use feedscope_core::{Kind, Moment, Record, Sink as _, Stamp, Timestamp};
use parking_lot::Mutex;
use proptest::prelude::*;

/// Length of a block's header.
const HEADER_LEN: usize = 192;
/// Length of a row's entry. The entries of all rows follow the header.
const ENTRY_LEN: usize = 32;

/// Receiver for the block of the first chunk that leaves memory.
#[derive(Clone, Default)]
struct FirstBlock(Arc<Mutex<Option<Vec<u8>>>>);

impl Spill for FirstBlock {
    fn limit(&self) -> u64 {
        u64::MAX
    }

    fn take(&self, job: SpillJob) -> Result<(), SpillJob> {
        let mut first = self.0.lock();
        first.get_or_insert_with(|| job.block().parts().flatten().copied().collect());
        Ok(())
    }
}

/// Returns the block of a chunk with the sample records at `picks`.
fn block(picks: &[usize]) -> Vec<u8> {
    let first = FirstBlock::default();
    let (mut writer, _store) = Store::with_spill(0, Box::new(first.clone()));
    // The last record has a chunk of its own, which completes the chunk before it.
    let large = vec![b'.'; 2 << 20];
    let last = Kind::Comment { data: &large };
    let picked = picks.iter().map(|&pick| every_kind().swap_remove(pick));
    for (kind, number) in picked.chain([last]).zip(0..) {
        // The clock jumps at some records.
        let jump = if number % 5 > 2 { 7_000_000 } else { 1_000 };
        writer.push(&Record {
            stamp: Stamp {
                moment: Moment::from_millis(number),
                utc: Timestamp::from_micros(number as i64 * jump),
            },
            connection: number as u32 / 3,
            kind,
        });
    }
    let block = first.0.lock().take();
    block.expect("the first chunk left memory")
}

fn store_of(block: Vec<u8>) -> Store {
    let chunk = Chunk::open(Arc::new(block), 0).expect("its header is good");
    Store::of_chunks([chunk])
        .ok()
        .expect("one chunk follows no other")
}

proptest! {
    #[test]
    fn no_bytes_make_an_analysis_panic(
        picks in proptest::collection::vec(0..every_kind().len(), 1..30),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..40),
        only_entries in any::<bool>(),
    ) {
        let mut block = block(&picks);
        let end = if only_entries { HEADER_LEN + picks.len() * ENTRY_LEN } else { block.len() };
        let changeable = HEADER_LEN..end;
        for (at, byte) in changes {
            block[changeable.start + at.index(changeable.len())] = byte;
        }
        analyze_everything(&store_of(block));
    }
}

/// Regression test: a scan never ended at bytes that belong to no remaining row.
#[test]
fn bytes_between_two_rows_are_passed_over() {
    let mut block = block(&[4, 2, 4]);
    let payload_len = HEADER_LEN + 12..HEADER_LEN + 16;
    assert_eq!(block[payload_len.clone()], 10_u32.to_le_bytes());
    block[payload_len].copy_from_slice(&2_u32.to_le_bytes());
    let store = store_of(block);
    assert_eq!(store.record(RowNumber(0)).unwrap().payload(), b"st");
    for (typed, rows) in [("here", [2].as_slice()), ("st", &[0, 2]), ("still", &[2])] {
        let filter = Filter::parse(typed, &ParseContext::default()).unwrap();
        let scan = Scan::new(&store, Arc::new(filter), ClassSet::ALL);
        while !scan.step(1 << 20).done {}
        let hits = scan.rows(ListingIndex(0), usize::MAX);
        assert!(
            hits.iter().map(|row| row.0).eq(rows.iter().copied()),
            "{typed}: {hits:?}"
        );
    }
}
