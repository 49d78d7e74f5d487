//! Damaged chunks whose tail blocks are still in the file: their rows are used, and only all others are lost.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use feedscope_core::store::{DamagedRows, is_unreadable};

use super::*;
use crate::formats::{FeedReader as _, StoreReader};

/// Rows of a chunk in these recordings.
const ROWS: u64 = 500;

/// Rows of a tail block.
const TAIL: u64 = 20;

/// Rows of a chunk that are in its tail blocks. The last ones arrived less than a second before the chunk was full.
const IN_TAILS: u64 = 480;

/// Writes recordings of two feeds, whose blocks alternate: `chunks` chunks of each, each one after its tail blocks. Returns the
/// starts of the chunks of the first feed.
fn write(path: &Path, chunks: u64, is_ended: bool) -> Vec<u64> {
    let mut file = FileWriter::create(&target(path)).unwrap();
    let feeds = ["a", "b"].map(|name| (name, file.write_feed(&description(name)).unwrap()));
    let mut starts = Vec::new();
    for first in (0..chunks).map(|chunk| chunk * ROWS) {
        for tail in (first..first + IN_TAILS).step_by(TAIL as usize) {
            for (name, feed) in feeds {
                append(&mut file, feed, name, tail..tail + TAIL, true);
            }
        }
        starts.push(file.bytes());
        for (name, feed) in feeds {
            append(&mut file, feed, name, first..first + ROWS, false);
        }
    }
    if is_ended {
        file.finish().unwrap();
    }
    starts
}

fn flip(path: &Path, at: u64) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at as usize] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn expected(name: &str, rows: u64) -> Vec<String> {
    (0..rows).map(|row| format!("{name}{row}")).collect()
}

#[test]
fn tail_blocks_replace_a_damaged_chunk_of_an_ended_file() {
    let folder = tempfile::tempdir().unwrap();
    for (what, place) in [("header", 20), ("rows", 200), ("checksum", 184)] {
        let path = folder.path().join(format!("{what}.feedscope"));
        let starts = write(&path, 3, true);
        flip(&path, starts[1] + place);
        let opened = open_one(&path);
        assert_eq!(opened.damaged_records(), DamagedRows::default(), "{what}");
        let found = texts(&opened.feeds[0]);
        let mut rows = expected("a", 3 * ROWS);
        rows[(ROWS + IN_TAILS) as usize..2 * ROWS as usize].fill("note damaged".to_owned());
        assert!(found == rows, "{what}");
        assert!(texts(&opened.feeds[1]) == expected("b", 3 * ROWS), "{what}");
        let damaged = DamagedRows {
            restored: IN_TAILS,
            unreadable: ROWS - IN_TAILS,
        };
        assert_eq!(opened.damaged_records(), damaged, "{what}");
        // Rows have their times, and a row without a copy has the time of the row before it.
        let store = &opened.feeds[0].store;
        for row in 0..3 * ROWS {
            let own = if (ROWS + IN_TAILS..2 * ROWS).contains(&row) {
                ROWS + IN_TAILS - 1
            } else {
                row
            };
            let found = store.stamp(RowNumber(row)).unwrap();
            assert_eq!(found.utc, stamp(own).utc, "{what} {row}");
        }
    }
}

#[test]
fn a_damaged_tail_block_costs_only_its_own_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let starts = write(&path, 1, true);
    flip(&path, starts[0] + 200);
    let tails: Vec<u64> = {
        let bytes = fs::read(&path).unwrap();
        let words = bytes.chunks(8).enumerate();
        let blocks = words.filter(|(_, word)| *word == b"FEEDROWS");
        blocks.map(|(at, _)| at as u64 * 8).collect()
    };
    // The tail blocks of the feeds alternate: one has a damaged header, the other one damaged rows.
    flip(&path, tails[4] + 30);
    flip(&path, tails[8] + 210);
    let opened = open_one(&path);
    let mut rows = expected("a", ROWS);
    for lost in [2 * TAIL..3 * TAIL, 4 * TAIL..5 * TAIL, IN_TAILS..ROWS] {
        rows[lost.start as usize..lost.end as usize].fill("note damaged".to_owned());
    }
    assert!(texts(&opened.feeds[0]) == rows);
}

#[test]
fn a_file_that_grows_restores_the_rows_of_its_newest_chunk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let mut file = FileWriter::create(&target(&path)).unwrap();
    let feed = file.write_feed(&description("a")).unwrap();
    let mut opened = open_one(&path);
    for first in [0, ROWS] {
        append(&mut file, feed, "a", first..first + IN_TAILS, true);
        let start = file.bytes();
        append(&mut file, feed, "a", first..first + ROWS, false);
        flip(&path, start + 200);
        opened.refresh().unwrap();
        let restored = first / ROWS * IN_TAILS + IN_TAILS;
        assert_eq!(opened.ending, RecordingEnd::BeingWritten);
        let found = texts(&opened.feeds[0]);
        assert_eq!(found.len() as u64, first + ROWS);
        assert_eq!(opened.damaged_records().restored, restored);
    }
}

#[test]
fn a_converted_recording_reports_restored_and_lost_records() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let starts = write(&path, 2, true);
    flip(&path, starts[0] + 200);
    let mut reader = StoreReader::of_recording(&open_one(&path));
    let mut items = CountedItems::default();
    while reader.read(&mut items).unwrap() {}
    // Records in a row that cannot be read have one note.
    assert_eq!(items.0, 4 * ROWS - (ROWS - IN_TAILS) + 1);
    let remarks = [
        "copies in the file replace 480 damaged records",
        "20 records cannot be read, because the file is damaged",
    ];
    assert_eq!(reader.remarks(), remarks);
    assert!(reader.is_damaged());
}

#[derive(Default)]
struct CountedItems(u64);

impl crate::formats::ItemSink for CountedItems {
    fn add_feed(&mut self, _feed: &crate::formats::FeedInfo) {}

    fn push(&mut self, _item: crate::formats::FileItem<'_>) {
        self.0 += 1;
    }
}

#[test]
fn records_of_a_damaged_end_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let mut file = FileWriter::create(&target(&path)).unwrap();
    let feed = file.write_feed(&description("a")).unwrap();
    append(&mut file, feed, "a", 0..7, true);
    let start = file.bytes();
    append(&mut file, feed, "a", 0..9, false);
    drop(file);
    flip(&path, start + 200);
    let opened = open_one(&path);
    let found = counted(&opened);
    assert_eq!(found.rows["a"], expected("a", 7));
    assert_eq!(found.lost, 2);
}

/// Records of a recording, and the number of lost ones that its notes report.
struct Found {
    rows: BTreeMap<String, Vec<String>>,
    lost: u64,
    /// Number of records at their own places.
    in_place: u64,
}

fn counted(opened: &OpenedRecording) -> Found {
    let mut found = Found {
        rows: BTreeMap::new(),
        lost: 0,
        in_place: 0,
    };
    for feed in &opened.feeds {
        for row in RowNumber::each(RowNumber(0)..feed.store.extent().end) {
            let owned = feed.store.record(row).unwrap();
            let record = owned.record();
            match record.kind {
                Kind::Comment { data } => {
                    let text = String::from_utf8(data.to_vec()).unwrap();
                    let (name, number) = text.split_at(1);
                    found.in_place += u64::from(number == row.0.to_string());
                    let rows = found.rows.entry(name.to_owned()).or_default();
                    rows.push(text);
                }
                Kind::Note { .. } if is_unreadable(&record) => found.lost += 1,
                Kind::Note { text, .. } => found.lost += reported(text),
                other => panic!("{other:?}"),
            }
        }
    }
    found
}

/// Number of lost records that a note reports: at its beginning, or at its end.
fn reported(text: &str) -> u64 {
    let number = |word: &str| word.replace(',', "").parse().ok();
    let first = text.split(' ').next().and_then(number);
    let behind = text.split_once(" left out, with ");
    let last = behind.and_then(|(_, rest)| rest.split(' ').next().and_then(number));
    first.or(last).unwrap_or_default()
}

/// Recordings of some thousand rows: one that was ended, and one that was not.
fn recordings() -> &'static [Vec<u8>; 2] {
    static RECORDINGS: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    RECORDINGS.get_or_init(|| {
        [true, false].map(|is_ended| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.feedscope");
            write(&path, 4, is_ended);
            fs::read(&path).unwrap()
        })
    })
}

/// Returns true if these texts are in the original, in the same order.
fn is_subsequence(found: &[String], original: &[String]) -> bool {
    let mut original = original.iter();
    found.iter().all(|text| original.any(|other| other == text))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn after_any_damaged_byte_all_records_are_there_or_counted(
        is_ended in any::<bool>(),
        at in any::<prop::sample::Index>(),
        change in 1_u8..,
    ) {
        let mut bytes = recordings()[usize::from(!is_ended)].clone();
        let at = at.index(bytes.len());
        bytes[at] ^= change;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.feedscope");
        fs::write(&path, bytes).unwrap();
        // A file of another kind, or of a later version, is refused with a sentence.
        let Ok(opened) = open(&[path]) else {
            return Ok(());
        };
        let all = 4 * ROWS;
        let found = counted(&opened);
        let mut present = 0;
        for (name, rows) in &found.rows {
            prop_assert!(is_subsequence(rows, &expected(name, all)), "{}", name);
            present += rows.len() as u64;
        }
        // Without an index, a damaged header at the end of a feed leaves unknown how many rows its block had.
        let is_number_unknown = !is_ended
            && (!opened.damage.is_empty() || opened.ending != RecordingEnd::Torn { bytes: 0 });
        let reported = present + found.lost;
        prop_assert!(
            reported == 2 * all || is_number_unknown && reported == 2 * all - (ROWS - IN_TAILS),
            "byte {}: {} and {}", at, present, found.lost
        );
        // Only the rows that arrived after the last tail block can be lost.
        prop_assert!(found.lost <= ROWS - IN_TAILS, "{} are lost", found.lost);
        if is_ended {
            prop_assert_eq!(found.in_place, present);
        }
    }
}
