//! Tests of chunks as blocks of bytes: a written block is read in place, and no bytes cause a panic.

use proptest::prelude::*;

use super::super::layout::{ENTRY_LEN, HEADER_LEN};
use super::*;
use reading::{open, read_everything};

/// Returns the bytes of a file with the sample records at `picks`, from row `first` on, and the records themselves.
fn file(picks: &[usize], first: u64) -> (Vec<u8>, Vec<Record<'static>>) {
    let (mut file, mut records) = (Vec::new(), Vec::new());
    // Every seven records have a chunk, so that there are several chunks.
    for (nth, part) in picks.chunks(7).enumerate() {
        let mut live = LiveChunk::starting_at(RowNumber(first + 7 * nth as u64));
        for &pick in part {
            let at = records.len() as u64;
            // The clock jumps at some records.
            let mut stamp = stamp(at);
            if at % 5 > 2 {
                stamp.utc = Timestamp::from_micros(at as i64 * 7_000_000);
            }
            let record = Record {
                stamp,
                connection: at as u32 / 3,
                kind: every_kind().swap_remove(pick),
            };
            live.push(&record);
            records.push(record);
        }
        let chunk = Chunk::sealed(live);
        assert_eq!(chunk.block().len() % 8, 0);
        chunk
            .block()
            .parts()
            .for_each(|part| file.extend_from_slice(part));
    }
    (file, records)
}

proptest! {
    #[test]
    fn a_file_of_blocks_is_read_in_place(
        picks in proptest::collection::vec(0..every_kind().len(), 1..60),
        first in prop_oneof![Just(0_u64), 0..1_u64 << 40],
    ) {
        let (file, records) = file(&picks, first);
        let len = file.len();
        let chunks = open(file);
        prop_assert!(chunks.iter().all(Chunk::is_whole));
        prop_assert_eq!(chunks.iter().map(|chunk| chunk.block().len()).sum::<usize>(), len);
        let store = Store::of_chunks(chunks).ok().unwrap();
        let extent = store.extent();
        prop_assert_eq!((extent.first.0, extent.end.0), (first, first + records.len() as u64));
        prop_assert_eq!((extent.missing(), extent.let_go), (0, 0));
        for (at, record) in records.iter().enumerate() {
            let owned = store.record(RowNumber(first + at as u64)).unwrap();
            prop_assert_eq!(&owned.record(), record);
        }
        let lines = store.rows(ClassSet::ALL, RowNumber(0), RowNumber::MAX, records.len() + 1, 99);
        prop_assert_eq!(lines.len(), records.len());
    }

    /// Random bytes never begin a block. Therefore this test also changes bytes after a header with a matching
    /// checksum.
    #[test]
    fn no_bytes_make_a_reader_panic(
        picks in proptest::collection::vec(0..every_kind().len(), 1..30),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..40),
        only_entries in any::<bool>(),
        header_agrees in any::<bool>(),
        cut in proptest::option::of(any::<proptest::sample::Index>()),
    ) {
        let (mut file, _) = file(&picks, 3);
        let entries = HEADER_LEN..HEADER_LEN + picks.len().min(7) * ENTRY_LEN;
        for (at, byte) in changes {
            let at = if only_entries { entries.start + at.index(entries.len()) } else { at.index(file.len()) };
            file[at] = byte;
        }
        if header_agrees {
            let checksum = checksum([&file[..HEADER_LEN - 4]]);
            file[HEADER_LEN - 4..HEADER_LEN].copy_from_slice(&checksum.to_le_bytes());
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len()));
        }
        read_everything(open(file));
    }

    #[test]
    fn random_bytes_are_no_block(mut bytes in proptest::collection::vec(any::<u8>(), 0..400), with_magic in any::<bool>()) {
        if with_magic && bytes.len() >= HEADER_LEN {
            bytes[..8].copy_from_slice(b"FEEDROWS");
            bytes[8..12].copy_from_slice(&2_u32.to_le_bytes());
            let checksum = checksum([&bytes[..HEADER_LEN - 4]]);
            bytes[HEADER_LEN - 4..HEADER_LEN].copy_from_slice(&checksum.to_le_bytes());
        }
        prop_assert!(open(bytes).is_empty());
    }
}

#[test]
fn only_headers_are_looked_at_to_open_a_file() {
    let (mut file, records) = file(&[2; 21], 0);
    let mut at = 0;
    for chunk in open(file.clone()) {
        let end = at + chunk.block().len();
        file[at + HEADER_LEN..end].fill(0xff);
        at = end;
    }
    let chunks = open(file);
    assert!(chunks.iter().all(|chunk| !chunk.is_whole()));
    let store = Store::of_chunks(chunks).ok().unwrap();
    assert_eq!(store.extent().end, RowNumber(records.len() as u64));
    assert_eq!(store.rank(ClassSet::ALL, RowNumber(20)), ListingIndex(20));
    // Each damaged row is reported.
    let lines = store.rows(ClassSet::ALL, RowNumber(14), RowNumber::MAX, 100, 100);
    assert_eq!(lines.len(), 7);
    assert!(lines.iter().all(|line| line.name == "damaged"));
}

#[test]
fn why_bytes_are_no_block_is_told() {
    let (file, _) = file(&[2, 3], 0);
    let open = |bytes: &[u8]| Chunk::open(Arc::new(bytes.to_vec()), 0).err();
    let needed = file.len() as u64;
    assert_eq!(open(&file), None);
    assert_eq!(
        open(&file[..file.len() - 1]),
        Some(BlockProblem::Cut { needed })
    );
    assert_eq!(
        open(&file[..100]),
        Some(BlockProblem::Cut {
            needed: HEADER_LEN as u64
        })
    );
    assert_eq!(open(b""), Some(BlockProblem::Cut { needed: 192 }));
    assert_eq!(open(b"{\"kind\":"), Some(BlockProblem::NotABlock));
    let mut changed = file.clone();
    changed[40] ^= 1;
    assert_eq!(open(&changed), Some(BlockProblem::Damaged));
    changed[8] = 3;
    assert_eq!(open(&changed), Some(BlockProblem::LaterVersion(3)));
    changed[8] = 1;
    assert_eq!(
        open(&changed),
        Some(BlockProblem::Damaged),
        "no file has it"
    );
    let with_flags = |flags: u32| {
        let mut changed = file.clone();
        changed[92..96].copy_from_slice(&flags.to_le_bytes());
        let checksum = checksum([&changed[..HEADER_LEN - 4]]);
        changed[HEADER_LEN - 4..HEADER_LEN].copy_from_slice(&checksum.to_le_bytes());
        open(&changed)
    };
    assert_eq!(with_flags(1 << 15), None, "a reader ignores it");
    assert_eq!(
        with_flags(1 << 16 | 1),
        Some(BlockProblem::UnknownFlags(1 << 16))
    );
}

/// A file with holes may be long enough for such a block, and the reader must not fill its memory with it.
#[test]
fn a_block_of_too_many_rows_is_no_block() {
    let (file, _) = file(&[2, 3], 0);
    let with_rows = |rows: u32| {
        let mut header = BlockHeader::decode(&file).unwrap();
        header.rows = rows;
        header.counts = [0; Class::NUMBERS];
        header.counts[0] = rows;
        BlockHeader::decode(&header.encode()).err()
    };
    assert_eq!(with_rows(1 << 20), None);
    assert_eq!(with_rows((1 << 20) + 1), Some(BlockProblem::Damaged));
    assert_eq!(with_rows(u32::MAX), Some(BlockProblem::Damaged));
    let mut header = BlockHeader::decode(&file).unwrap();
    header.anchors = u32::MAX;
    assert_eq!(
        BlockHeader::decode(&header.encode()),
        Err(BlockProblem::Damaged)
    );
}

#[test]
fn the_header_tells_when_its_rows_came_and_of_what_class_they_are() {
    let (file, records) = file(&[1, 2, 4, 6], 9);
    let header = BlockHeader::decode(&file).unwrap();
    assert_eq!((header.first_row.0, header.rows), (9, 4));
    assert_eq!(
        (header.first, header.last),
        (records[0].stamp, records[3].stamp)
    );
    assert_eq!(header.counts[..7], [2, 1, 1, 0, 0, 0, 0]);
    assert_eq!(header.counts[7..], [0; 9]);
    assert_eq!(header.types, 2);
}

/// Files contain these numbers, so that a change would break every existing file.
#[test]
fn the_numbers_of_classes_and_kinds_never_change() {
    let classes = [
        Class::Events,
        Class::Comments,
        Class::Received,
        Class::Sent,
        Class::PingPong,
        Class::States,
    ];
    assert_eq!(classes.map(|class| class as u8), [0, 1, 2, 3, 4, 5]);
    let kinds = [
        "state", "event", "comment", "retry", "text", "binary", "ping", "pong", "close", "gap",
        "note",
    ];
    for (number, word) in kinds.into_iter().enumerate() {
        let tag = KindTag::of_number(number as u8).unwrap();
        assert_eq!((tag.word(), tag.number()), (word, number as u8));
    }
}

#[test]
fn kinds_and_classes_of_later_versions_are_read() {
    let (mut file, _) = file(&[4], 0);
    let entry = HEADER_LEN;
    // Class 15 and kind 200.
    file[entry + 29] = 0xf0;
    file[entry + 30] = 200;
    let counts = 104;
    file.copy_within(counts + 4..counts + 8, counts + 60);
    file[counts + 4..counts + 8].fill(0);
    let body_checksum = checksum([&file[HEADER_LEN..]]);
    file[HEADER_LEN - 8..HEADER_LEN - 4].copy_from_slice(&body_checksum.to_le_bytes());
    let head_checksum = checksum([&file[..HEADER_LEN - 4]]);
    file[HEADER_LEN - 4..HEADER_LEN].copy_from_slice(&head_checksum.to_le_bytes());
    let store = read_everything(open(file)).unwrap();
    let line = &store.rows(ClassSet::ALL, RowNumber(0), RowNumber::MAX, 9, 99)[0];
    assert_eq!(line.preview, "still here");
    assert_eq!(store.rank(ClassSet::ALL, RowNumber(1)), ListingIndex(1));
    assert_eq!(store.rank(ClassSet::NONE, RowNumber(1)), ListingIndex(0));
}

#[test]
fn the_properties_of_a_block_in_a_file_are_in_its_header() {
    let (file, _) = file(&[1, 2], 0);
    let tags = BlockTags {
        feed: 7,
        is_tail: true,
        clock_domain: u64::MAX - 1,
    };
    let chunk = &open(file)[0];
    let block: Vec<u8> = chunk.block_with(tags).parts().flatten().copied().collect();
    assert_eq!(BlockHeader::decode(&block).unwrap().tags(), tags);
    let again = Chunk::open(Arc::new(block), 0).unwrap();
    assert!(again.is_whole());
}
