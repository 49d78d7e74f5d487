//! Readers that are given every row once: rows that the store lets go are kept for them, up to a limit.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

/// Payload that fills a chunk alone.
const LARGE: usize = (1 << 20) - 100;

fn push(writer: &mut StoreWriter, number: u64) {
    let mut payload = vec![b'.'; LARGE];
    payload[..8].copy_from_slice(&number.to_le_bytes());
    event(number, "", &payload, writer);
}

/// Takes everything there is; returns the rows taken and the rows lost.
fn take(follower: &mut Follower) -> (Vec<u64>, Vec<Range<u64>>) {
    let (mut rows, mut lost) = (Vec::new(), Vec::new());
    while let Some(followed) = follower.take() {
        match followed {
            Followed::Rows(portion) => {
                for (row, record) in portion.records() {
                    let Kind::Event { data, .. } = record.kind else {
                        panic!("an event was pushed")
                    };
                    assert_eq!(data[..8], row.0.to_le_bytes());
                    rows.push(row.0);
                }
            }
            Followed::Lost(range) => lost.push(range.start.0..range.end.0),
        }
    }
    (rows, lost)
}

#[test]
fn rows_that_the_store_lets_go_are_kept_for_a_follower() {
    let (mut writer, store) = Store::new(4 << 20);
    let mut follower = store.follow(RowNumber(0));
    for number in 0..60 {
        push(&mut writer, number);
    }
    assert!(store.extent().let_go > 50, "the store itself keeps four");
    let (rows, lost) = take(&mut follower);
    assert_eq!((rows.len(), rows[0], lost.len()), (59, 0, 0));
    let newest = follower.newest(follower.position()).unwrap();
    assert_eq!(newest.numbers(), RowNumber(59)..RowNumber(60));
    assert!(follower.newest(RowNumber(60)).is_none());
}

#[test]
fn what_exceeds_the_limit_is_reported_as_one_range() {
    let (mut writer, store) = Store::new(4 << 20);
    let mut follower = store.follow(RowNumber(0));
    for number in 0..200 {
        push(&mut writer, number);
    }
    let extent = store.extent();
    let (rows, lost) = take(&mut follower);
    let first_held = extent.first.0 - 64;
    assert_eq!((lost.len(), lost[0].clone()), (1, 0..first_held));
    assert_eq!(rows, (first_held..199).collect::<Vec<_>>());
    // Nothing is kept for a follower that is gone.
    drop(follower);
    push(&mut writer, 200);
    assert!(store.shared.lock().followers.is_empty());
}

#[test]
fn a_cleared_store_keeps_its_rows_for_a_follower() {
    let (mut writer, store) = Store::new(64 << 20);
    let mut follower = store.follow(RowNumber(0));
    for number in 0..10 {
        push(&mut writer, number);
    }
    store.clear();
    assert_eq!(store.extent().first, RowNumber(10));
    let (rows, lost) = take(&mut follower);
    assert_eq!((rows, lost.len()), ((0..10).collect::<Vec<_>>(), 0));
    push(&mut writer, 10);
    push(&mut writer, 11);
    assert_eq!(take(&mut follower).0, [10]);
}

#[test]
fn a_follower_can_begin_within_a_chunk() {
    let (mut writer, store) = Store::new(64 << 20);
    for number in 0..10 {
        event(number, "", &number.to_le_bytes(), &mut writer);
    }
    let mut follower = store.follow(RowNumber(4));
    assert!(follower.take().is_none(), "no chunk is full");
    let newest = follower.newest(RowNumber(7)).unwrap().to_chunk();
    assert_eq!((newest.first_row().0, newest.end_row().0), (7, 10));
    // A record without room in the chunk completes it.
    event(10, "", &vec![b'.'; LARGE + 50], &mut writer);
    let Some(Followed::Rows(portion)) = follower.take() else {
        panic!("the chunk is full")
    };
    let chunk = portion.to_chunk();
    assert_eq!((chunk.first_row().0, chunk.end_row().0), (4, 10));
    let block: Vec<u8> = chunk.block().parts().flatten().copied().collect();
    let read = Arc::new(Chunk::open(Arc::new(block), 0).unwrap());
    assert!(read.is_whole());
    let store = Store::of_chunks([StoredChunk::AtHand(read)]).ok().unwrap();
    for row in 4..10_u64 {
        let record = store.record(RowNumber(row)).unwrap();
        assert_eq!(record.payload(), row.to_le_bytes());
        assert_eq!(record.record().stamp, stamp(row));
    }
}

#[test]
fn a_follower_is_notified_of_each_full_chunk() {
    let (mut writer, store) = Store::new(4 << 20);
    let mut follower = store.follow(RowNumber(0));
    let calls = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&calls);
    follower.on_full_chunk(move || {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    for number in 0..10 {
        push(&mut writer, number);
    }
    // The last record is in a chunk that is not full.
    assert_eq!(calls.load(Ordering::Relaxed), 9);
    drop(follower);
    push(&mut writer, 10);
    assert_eq!(calls.load(Ordering::Relaxed), 9);
}

#[test]
fn memory_of_rows_that_are_given_back_is_used_again() {
    let (mut writer, store) = Store::new(4 << 20);
    let mut follower = store.follow(RowNumber(0));
    let mut memory = 0;
    for number in 0..40 {
        push(&mut writer, number);
        if number % 10 == 9 {
            while let Some(Followed::Rows(portion)) = follower.take() {
                follower.give_back(portion);
            }
            memory = store.extent().memory;
        }
        let newest = store.record(RowNumber(number)).unwrap();
        assert_eq!(newest.payload()[..8], number.to_le_bytes());
    }
    // Four chunks of the budget, the one that is written, and four that wait for the next records.
    let expected = 8 << 20..=10 << 20;
    assert!(expected.contains(&memory), "{memory} bytes");
    store.clear();
    assert_eq!(store.extent().memory, 0);
}

#[test]
fn memory_that_a_reader_still_uses_is_not_used_again() {
    let (mut writer, store) = Store::new(4 << 20);
    push(&mut writer, 0);
    let held = store.record(RowNumber(0)).unwrap();
    push(&mut writer, 1);
    let in_chunk = store.record(RowNumber(0)).unwrap();
    for number in 2..20 {
        push(&mut writer, number);
        let newest = store.record(RowNumber(number)).unwrap();
        assert_eq!(newest.payload()[..8], number.to_le_bytes());
    }
    assert!(store.record(RowNumber(0)).is_none(), "it was let go");
    for owned in [held, in_chunk] {
        assert_eq!(owned.payload()[..8], 0_u64.to_le_bytes());
    }
}

#[test]
fn blocks_of_followed_rows_have_their_checksum() {
    let (writer, store) = Store::new(64 << 20);
    let mut staged = StagedWriter::new(writer);
    let mut follower = None;
    let payload = [b'x'; 90];
    for number in 0..100_000_usize {
        // The checksum begins within a chunk, and includes rows that come alone.
        if number == 1_000 {
            follower = Some(store.follow(RowNumber(0)));
        }
        let kind = if number % 5_000 == 4_999 {
            Kind::State(StateChange::to(ConnectionState::Open))
        } else {
            Kind::Event {
                event: [&b"price"[..], b"news", b"trade"][number % 3],
                id: b"7",
                data: &payload[..number % 90],
            }
        };
        staged.push(&Record {
            stamp: stamp(number as u64),
            connection: 1,
            kind,
        });
        if number % 77 == 0 {
            staged.flush();
        }
    }
    staged.flush();
    let mut follower = follower.unwrap();
    let mut chunks = 0;
    while let Some(followed) = follower.take() {
        let Followed::Rows(portion) = followed else {
            panic!("the store has room for all")
        };
        let chunk = portion.to_chunk();
        let block: Vec<u8> = chunk.block().parts().flatten().copied().collect();
        assert!(Chunk::open(Arc::new(block), 0).unwrap().is_whole());
        chunks += 1;
    }
    assert!(chunks > 1);
}
