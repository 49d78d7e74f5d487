//! Blocks that are read when their rows are needed: the rows are the same, and damage becomes notes.

use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;

use super::super::layout::HEADER_LEN;
use super::*;
use crate::note_code::NoteCode;

/// Bytes in memory in place of a file. Counts the reads.
#[derive(Default)]
struct Memory {
    bytes: Mutex<Vec<u8>>,
    /// Starts of blocks with rows of the first one.
    copies: Vec<u64>,
    reads: AtomicU64,
}

impl BlockSource for Memory {
    fn read(&self, at: u64, len: usize) -> Result<Vec<u8>, String> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let bytes = self.bytes.lock();
        let found = bytes.get(at as usize..at as usize + len);
        found
            .map(<[u8]>::to_vec)
            .ok_or_else(|| "it ends before".to_owned())
    }

    fn copies(&self, _at: u64, _header: &BlockHeader) -> Vec<u64> {
        self.copies.clone()
    }
}

struct Fixture {
    source: Arc<Memory>,
    cache: Arc<ChunkCache>,
    headers: Vec<(u64, BlockHeader)>,
    records: Vec<Record<'static>>,
}

/// Blocks of five records each, the first of which has the number `first`. A record arrives every millisecond.
fn fixture(picks: &[usize], first: u64, cache_bytes: u64) -> Fixture {
    fixture_every(1, picks, first, cache_bytes)
}

/// Blocks of five records each. A record arrives every `step_ms` milliseconds.
fn fixture_every(step_ms: u64, picks: &[usize], first: u64, cache_bytes: u64) -> Fixture {
    let source = Arc::new(Memory::default());
    let (mut headers, mut records) = (Vec::new(), Vec::new());
    for (nth, part) in picks.chunks(5).enumerate() {
        let mut live = LiveChunk::starting_at(RowNumber(first + 5 * nth as u64));
        for &pick in part {
            let at = records.len() as u64;
            let mut stamp = stamp(at * step_ms);
            if at % 4 > 2 {
                stamp.utc = Timestamp::from_micros(at as i64 * 7_000_000);
            }
            let kind = every_kind().swap_remove(pick);
            let record = Record {
                stamp,
                connection: 1,
                kind,
            };
            live.push(&record);
            records.push(record);
        }
        let chunk = Chunk::sealed(live);
        let block: Vec<u8> = chunk.block().parts().flatten().copied().collect();
        let mut bytes = source.bytes.lock();
        headers.push((bytes.len() as u64, BlockHeader::decode(&block).unwrap()));
        bytes.extend(block);
    }
    Fixture {
        source,
        cache: Arc::new(ChunkCache::new(cache_bytes)),
        headers,
        records,
    }
}

impl Fixture {
    /// A store of the blocks from row 0 on, with every moment shifted.
    fn store(&self, shift: i64) -> Store {
        let mut first_row = RowNumber(0);
        let chunks = self.headers.iter().map(|&(at, header)| {
            let source: Arc<dyn BlockSource> = Arc::<Memory>::clone(&self.source);
            let chunk = DistantChunk::new(
                header,
                BlockPlace {
                    source,
                    at,
                    cache: Arc::clone(&self.cache),
                    first_row,
                    moment_shift_micros: shift,
                },
            );
            first_row = chunk.end_row();
            chunk
        });
        Store::of_chunks(chunks.collect::<Vec<_>>()).ok().unwrap()
    }

    /// Makes the headers those of an earlier version, which do not count the bytes of the payloads.
    fn forget_received_bytes(&mut self) {
        for (at, header) in &mut self.headers {
            header.received_bytes = None;
            let encoded = header.encode();
            let at = *at as usize;
            self.source.bytes.lock()[at..at + HEADER_LEN].copy_from_slice(&encoded);
        }
    }

    fn reads(&self) -> u64 {
        self.source.reads.load(Ordering::Relaxed)
    }
}

proptest! {
    #[test]
    fn rows_have_the_numbers_and_moments_of_the_store(
        picks in proptest::collection::vec(0..every_kind().len(), 1..40),
        first in 0..1_u64 << 40,
        shift in 0..1_i64 << 50,
        cache_bytes in 0..4_000_u64,
    ) {
        let fixture = fixture(&picks, first, cache_bytes);
        let store = fixture.store(shift);
        prop_assert_eq!((store.extent().first.0, store.extent().end.0), (0, picks.len() as u64));
        prop_assert_eq!(fixture.reads(), 0, "only headers are needed");
        for (at, record) in fixture.records.iter().enumerate() {
            let row = RowNumber(at as u64);
            let found = store.record(row).unwrap();
            let found = found.record();
            prop_assert_eq!(&found.kind, &record.kind);
            prop_assert_eq!(found.stamp.utc, record.stamp.utc);
            let passed = found.stamp.moment.as_nanos() - record.stamp.moment.as_nanos();
            prop_assert_eq!(passed, shift as u64 * 1_000);
            prop_assert_eq!(store.stamp(row), Some(found.stamp));
        }
        let lines = store.rows(ClassSet::ALL, RowNumber(0), RowNumber::MAX, 99, 9);
        prop_assert_eq!(lines.len(), picks.len());
        let largest = fixture.headers.iter().map(|(_, header)| header.block_len()).max();
        prop_assert!(fixture.cache.bytes() <= cache_bytes.max(largest.unwrap_or_default()));
        reading::read_store(&store);
    }
}

/// Samples of which some have a head, some are sent and some are no payloads.
fn mixed() -> Vec<usize> {
    (0..340).map(|at| at % 17).collect()
}

/// Bytes of the payloads that were received.
fn received_bytes(records: &[Record<'_>]) -> u64 {
    let received = records.iter().filter_map(|record| record.kind.received());
    received.map(|data| data.len() as u64).sum()
}

#[test]
fn the_received_bytes_of_a_file_are_those_of_its_payloads() {
    // Records of a third of a second, and of almost six minutes: the trace shows two minutes.
    for step_ms in [1, 1_000] {
        let mut fixture = fixture_every(step_ms, &mixed(), 0, 0);
        let exact = received_bytes(&fixture.records);
        let store = fixture.store(0);
        store.derive_activity();
        assert_eq!(store.received().0.bytes, exact);
        fixture.forget_received_bytes();
        let store = fixture.store(0);
        store.derive_activity();
        assert_eq!(store.received().0.bytes, exact, "of an earlier version");
    }
}

#[test]
fn a_block_is_read_once_while_the_cache_has_room() {
    let fixture = fixture(&[2; 15], 0, 1 << 20);
    let store = fixture.store(0);
    for row in RowNumber::each(RowNumber(0)..RowNumber(15)) {
        store.record(row).unwrap();
    }
    assert_eq!(fixture.reads(), 3);
}

#[test]
fn a_block_that_changed_is_damaged_in_the_classes_of_its_rows() {
    for what in ["payload", "header", "cut"] {
        let fixture = fixture(&[1, 4, 6, 11, 0, 2, 2, 2, 2, 2], 7, 0);
        let mut bytes = fixture.source.bytes.lock();
        let block = fixture.headers[0].1.block_len() as usize;
        match what {
            "payload" => bytes[block - 9] ^= 1,
            "header" => bytes[40] ^= 1,
            _ => bytes.truncate(block - 1),
        }
        drop(bytes);
        let store = fixture.store(0);
        let lines = store.rows(ClassSet::ALL, RowNumber(0), RowNumber::MAX, 5, 99);
        assert!(lines.iter().all(|line| line.name == "damaged"), "{what}");
        for class in [
            Class::Events,
            Class::Comments,
            Class::Received,
            Class::PingPong,
            Class::States,
        ] {
            let only = ClassSet::NONE.with(class, true);
            let row = store.select(only, ListingIndex(0)).unwrap();
            assert_eq!(store.rank(only, row), ListingIndex(0), "{what} {class:?}");
            assert_eq!(store.rows(only, row, row + 1, 9, 9).len(), 1, "{what}");
        }
        // What is sound is still read.
        let sound = store.record(RowNumber(9)).unwrap();
        let damaged = matches!(
            sound.record().kind,
            Kind::Note {
                code: NoteCode::DAMAGED,
                ..
            }
        );
        assert_eq!(damaged, what == "cut");
    }
}

#[test]
fn the_checksum_of_a_header_protects_its_length() {
    let fixture = fixture(&[2], 0, 0);
    let mut bytes = fixture.source.bytes.lock();
    bytes[16] = 0xff;
    assert_eq!(
        BlockHeader::decode(&bytes[..HEADER_LEN]),
        Err(BlockProblem::Damaged)
    );
}

/// Returns the bytes of a block of these records, the first of which has the number `first`.
fn block_of(first: u64, records: &[Record<'static>]) -> Vec<u8> {
    let chunk = Chunk::of_records(RowNumber(first), records.iter().cloned());
    chunk.block().parts().flatten().copied().collect()
}

proptest! {
    #[test]
    fn copies_replace_the_rows_of_a_damaged_block(
        picks in proptest::collection::vec(0..every_kind().len(), 1..60),
        // Length of each part, and if its copy is missing, sound or damaged.
        parts in proptest::collection::vec((1_usize..12, 0_u8..3), 8..20),
        first in 0..1_u64 << 40,
        shift in 0..1_i64 << 50,
    ) {
        let records: Vec<Record<'_>> = picks.iter().enumerate().map(|(at, &pick)| {
            let mut stamp = stamp(at as u64);
            if at % 7 > 4 {
                stamp.utc = Timestamp::from_micros(at as i64 * 7_000_000);
            }
            Record { stamp, connection: at as u32, kind: every_kind().swap_remove(pick) }
        }).collect();
        let mut bytes = block_of(first, &records);
        let header = BlockHeader::decode(&bytes).unwrap();
        let len = bytes.len();
        bytes[len - 9] ^= 1;
        let mut copies = Vec::new();
        let mut has_copy = vec![false; records.len()];
        let mut start = 0;
        for (len, state) in parts {
            let end = (start + len).min(records.len());
            if start < end && state > 0 {
                copies.push(bytes.len() as u64);
                let at = bytes.len();
                bytes.extend(block_of(first + start as u64, &records[start..end]));
                if state == 1 {
                    has_copy[start..end].fill(true);
                } else {
                    bytes[at + HEADER_LEN] ^= 1;
                }
            }
            start = end;
        }
        let cache = Arc::new(ChunkCache::new(1 << 20));
        let source = Arc::new(Memory { bytes: Mutex::new(bytes), copies, ..Memory::default() });
        let store = Store::of_chunks([DistantChunk::new(header, BlockPlace {
            source,
            at: 0,
            cache: Arc::clone(&cache),
            first_row: RowNumber(0),
            moment_shift_micros: shift,
        })]).ok().unwrap();
        let mut before = Moment::START;
        for (at, (record, has_copy)) in records.iter().zip(&has_copy).enumerate() {
            let found = store.record(RowNumber(at as u64)).unwrap();
            let found = found.record();
            prop_assert!(before <= found.stamp.moment, "the times are in order");
            before = found.stamp.moment;
            if *has_copy {
                prop_assert_eq!(&found.kind, &record.kind);
                prop_assert_eq!(found.connection, record.connection);
                prop_assert_eq!(found.stamp.utc, record.stamp.utc);
                let passed = found.stamp.moment.as_nanos() - record.stamp.moment.as_nanos();
                prop_assert_eq!(passed, shift as u64 * 1_000);
            } else {
                prop_assert!(is_unreadable(&found), "{:?}", found.kind);
            }
        }
        let restored = has_copy.iter().filter(|has_copy| **has_copy).count() as u64;
        let unreadable = records.len() as u64 - restored;
        prop_assert_eq!(cache.damaged_rows(), DamagedRows { restored, unreadable });
        // Each class has as many rows as the header counts.
        for (class, &count) in header.counts.iter().enumerate() {
            let only = ClassSet::of_bits(1 << class);
            let rows = store.rows(only, RowNumber(0), RowNumber::MAX, 99, 9);
            prop_assert_eq!(rows.len(), count as usize);
        }
        reading::read_store(&store);
    }
}

#[test]
fn a_block_of_other_rows_is_no_copy() {
    let record = |at: u64, data: &'static [u8]| Record {
        stamp: stamp(at),
        connection: 1,
        kind: Kind::Comment { data },
    };
    let own = [record(0, b"one"), record(1, b"two")];
    let event = Kind::Event {
        event: b"price",
        id: b"",
        data: b"",
    };
    let of_other_class = Record {
        kind: event,
        ..record(0, b"")
    };
    for (what, first, copy) in [
        ("before", 6, vec![record(0, b"x")]),
        ("behind", 9, vec![record(0, b"x")]),
        ("over the end", 8, vec![record(0, b"x"), record(1, b"x")]),
        ("another class", 7, vec![of_other_class]),
        ("longer", 7, vec![record(0, &[b'x'; 4_000])]),
    ] {
        let mut bytes = block_of(7, &own);
        let header = BlockHeader::decode(&bytes).unwrap();
        bytes[HEADER_LEN] ^= 1;
        let at = bytes.len() as u64;
        bytes.extend(block_of(first, &copy));
        let source = Arc::new(Memory {
            bytes: Mutex::new(bytes),
            // The same place twice, and one where no block is.
            copies: vec![at, at, 8, 1 << 40],
            ..Memory::default()
        });
        let cache = Arc::new(ChunkCache::new(1 << 20));
        let place = BlockPlace {
            source,
            at: 0,
            cache: Arc::clone(&cache),
            first_row: RowNumber(0),
            moment_shift_micros: 0,
        };
        let chunk = DistantChunk::new(header, place).load();
        assert_eq!(chunk.end_row(), RowNumber(2), "{what}");
        let expected = DamagedRows {
            restored: 0,
            unreadable: 2,
        };
        assert_eq!(cache.damaged_rows(), expected, "{what}");
    }
}
