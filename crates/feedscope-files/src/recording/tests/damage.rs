//! Files that were cut or damaged: all other records are there, and the place of the damage is reported.

mod copies;

use proptest::prelude::*;

use super::*;

/// A file with a block of one comment for each text, without a clean end, and the start of each block.
fn blocks(path: &Path, texts: &[&str]) -> Vec<u64> {
    let mut file = FileWriter::create(&target(path)).unwrap();
    let feed = file.write_feed(&description("one")).unwrap();
    let mut starts = Vec::new();
    for (row, text) in texts.iter().enumerate() {
        let data = text.as_bytes();
        let record = Record {
            stamp: stamp(row as u64),
            connection: 3,
            kind: Kind::Comment { data },
        };
        let chunk = feedscope_core::store::Chunk::of_records(RowNumber(row as u64), [record]);
        let tags = feedscope_core::store::BlockTags {
            feed,
            is_tail: false,
            clock_domain: 7,
        };
        starts.push(file.bytes());
        file.write_rows(&chunk, tags).unwrap();
    }
    starts.push(file.bytes());
    starts
}

#[test]
fn a_torn_end_is_left_out_at_every_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let starts = blocks(&path, &["one", "two"]);
    for len in starts[0]..=starts[2] {
        let cut = cut(&path, &folder, len);
        let opened = open_one(&cut);
        let whole = starts
            .iter()
            .filter(|&&start| start > starts[0] && start <= len)
            .count();
        let bytes = len - starts[whole];
        assert_eq!(opened.ending, RecordingEnd::Torn { bytes }, "{len}");
        let mut expected = ["one", "two"][..whole].to_vec();
        expected.push("note torn_end");
        assert_eq!(texts(&opened.feeds[0]), expected, "{len}");
        assert!(opened.damage.is_empty());
    }
    // A file that ends within its first block has no feed, but is no error.
    let opened = open_one(&cut(&path, &folder, starts[0] - 1));
    assert!(opened.feeds.is_empty());
    assert!(open(&[cut(&path, &folder, 0)]).is_ok());
}

#[test]
fn a_block_of_zeros_at_the_end_is_torn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let starts = blocks(&path, &["one", "two"]);
    let mut bytes = fs::read(&path).unwrap();
    // A power cut: the length of the file is on the disk, the bytes of its last block are not.
    let body = starts[1] as usize + 192;
    bytes[body..].fill(0);
    fs::write(&path, &bytes).unwrap();
    assert_eq!(texts(&open_one(&path).feeds[0]), ["one", "note torn_end"]);
    bytes[starts[1] as usize..].fill(0);
    fs::write(&path, &bytes).unwrap();
    assert_eq!(texts(&open_one(&path).feeds[0]), ["one", "note torn_end"]);
}

/// Appends a block of comments, as a tail block or as a chunk. Their texts are `name` and the number of the row.
fn append(file: &mut FileWriter, feed: u32, name: &str, rows: std::ops::Range<u64>, is_tail: bool) {
    let texts: Vec<String> = rows.clone().map(|row| format!("{name}{row}")).collect();
    let records = rows.clone().zip(&texts).map(|(row, text)| Record {
        stamp: stamp(row),
        connection: 1,
        kind: Kind::Comment {
            data: text.as_bytes(),
        },
    });
    let chunk = feedscope_core::store::Chunk::of_records(RowNumber(rows.start), records);
    let tags = feedscope_core::store::BlockTags {
        feed,
        is_tail,
        clock_domain: 7,
    };
    file.write_rows(&chunk, tags).unwrap();
}

#[test]
fn tail_blocks_of_a_damaged_chunk_at_the_end_count_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let mut file = FileWriter::create(&target(&path)).unwrap();
    let feed = file.write_feed(&description("one")).unwrap();
    // Enough tail blocks that the covered ones are dropped while the file is read.
    let rows = 3 * 4096;
    for row in 0..rows {
        append(&mut file, feed, "", row..row + 1, true);
        if row % 1000 == 999 {
            append(&mut file, feed, "", row - 999..row + 1, false);
        }
    }
    let last_chunk = file.bytes();
    append(&mut file, feed, "", rows / 1000 * 1000..rows, false);
    drop(file);
    let expected: Vec<String> = (0..rows)
        .map(|row| row.to_string())
        .chain(["note torn_end".to_owned()])
        .collect();
    let whole = open_one(&path);
    assert!(whole.feeds[0].blocks < 20, "{}", whole.feeds[0].blocks);
    assert!(texts(&whole.feeds[0]) == expected);

    let mut bytes = fs::read(&path).unwrap();
    bytes[last_chunk as usize + 200] ^= 1;
    fs::write(&path, bytes).unwrap();
    let damaged = open_one(&path);
    assert!(damaged.feeds[0].blocks > 200, "{}", damaged.feeds[0].blocks);
    assert!(texts(&damaged.feeds[0]) == expected);
}

#[test]
fn damage_inside_is_reported_at_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let starts = blocks(&path, &["one", "two", "three"]);
    let mut bytes = fs::read(&path).unwrap();
    // The header of the second block.
    bytes[starts[1] as usize + 20] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let opened = open_one(&path);
    let expected = ["one", "note damaged", "three", "note torn_end"];
    assert_eq!(texts(&opened.feeds[0]), expected);
    assert_eq!(opened.damage.len(), 1);
    let note = opened.feeds[0].store.record(RowNumber(1)).unwrap();
    let Kind::Note { text, .. } = note.record().kind else {
        panic!("it is a note")
    };
    assert!(text.starts_with("1 records are missing"), "{text}");
    assert!(text.contains(&format!("bytes {} to {}", starts[1], starts[2])));
    assert_eq!(note.record().connection, 3);
}

#[test]
fn a_torn_end_is_removed_before_a_session_is_added() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let starts = blocks(&path, &["one", "two"]);
    let cut = cut(&path, &folder, starts[2] - 3);
    let (mut writer, store) = Store::new(16 << 20);
    comment(&mut writer, 1, "three");
    let append = RecordingTarget {
        existing: Existing::Append,
        ..target(&cut)
    };
    Recorder::start(append, None, vec![recorded("one", &store)], || {})
        .unwrap()
        .finish();
    let opened = open_one(&cut);
    assert_eq!(opened.ending, RecordingEnd::Clean);
    // The clocks of both sessions begin anew in this test, so that no time is between them.
    let expected = ["one", "idle: another recording begins", "three"];
    assert_eq!(texts(&opened.feeds[0]), expected);
}

#[test]
fn of_two_blocks_with_common_rows_the_later_one_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let mut file = FileWriter::create(&target(&path)).unwrap();
    let feed = file.write_feed(&description("one")).unwrap();
    let mut write = |rows, name| append(&mut file, feed, name, rows, true);
    write(0..6, "a");
    write(2..4, "b");
    write(5..8, "c");
    write(7..9, "d");
    write(8..9, "e");
    let expected = ["a0", "a1", "b2", "b3", "a4", "c5", "c6", "d7", "e8"];
    let found = texts(&open_one(&path).feeds[0]);
    assert_eq!(found[..9], expected);
    // Moments stay those of the records, also in a part of a block.
    let store = &open_one(&path).feeds[0].store;
    for row in 0..9 {
        let found = store.stamp(RowNumber(row)).unwrap();
        assert_eq!(
            (found.moment, found.utc),
            (Moment::from_millis(row), stamp(row).utc)
        );
    }
}

#[test]
fn a_file_that_gets_shorter_while_it_is_open_is_an_error_not_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let starts = blocks(&path, &["one", "two", "three"]);
    let mut opened = open_one(&path);
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(starts[1] + 8).unwrap();
    // The last block was read to open the file, for its checksum.
    let expected = ["one", "note damaged", "three", "note torn_end"];
    assert_eq!(texts(&opened.feeds[0]), expected);
    opened.refresh().unwrap();
}

#[test]
fn files_of_other_kinds_and_of_later_versions_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    blocks(&path, &["one"]);
    let bytes = fs::read(&path).unwrap();
    let sentence = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = bytes.clone();
        change(&mut bytes);
        let other = folder.path().join("other.feedscope");
        fs::write(&other, bytes).unwrap();
        open(&[other]).err().unwrap().to_string()
    };
    let found = sentence(&|bytes| bytes[8] = 9);
    assert!(found.contains("version 9"), "{found}");
    let rows = bytes
        .windows(8)
        .position(|bytes| bytes == b"FEEDROWS")
        .unwrap();
    let found = sentence(&|bytes| bytes[rows + 8] = 3);
    assert!(found.contains("version 3"), "{found}");
    let found = sentence(&|bytes| bytes[..4].copy_from_slice(b"PAR1"));
    assert!(found.contains("not a recording"), "{found}");
    let missing = open(&[folder.path().join("missing")]).err().unwrap();
    assert!(missing.to_string().contains("No such file"), "{missing}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_make_a_reader_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
        len in any::<prop::sample::Index>(),
        is_clean in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.feedscope");
        if is_clean {
            let (mut writer, store) = Store::new(16 << 20);
            for ms in 0..4 {
                comment(&mut writer, ms, "text");
            }
            record(&path, vec![recorded("one", &store)]);
        } else {
            blocks(&path, &["one", "two", "three"]);
        }
        let mut bytes = fs::read(&path).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(len.index(bytes.len() + 1));
        fs::write(&path, bytes).unwrap();
        if let Ok(opened) = open(&[path]) {
            for feed in &opened.feeds {
                let end = feed.store.extent().end;
                for row in RowNumber::each(RowNumber(0)..end) {
                    let owned = feed.store.record(row).unwrap();
                    feedscope_core::record::write_json_line(&mut Vec::new(), &owned.record(), None);
                }
            }
        }
    }
}
