//! Tests of the writer of recordings with many feeds at the same time.

use std::io::Cursor as Bytes;

use feedscope_core::Sink as _;
use feedscope_core::store::RowNumber;
use feedscope_core::time::{Moment, Stamp};

use super::super::tests::{feed, read};
use super::super::{FileItem, Format};
use super::*;

/// Returns a record of which the payload begins with these numbers.
fn write(writer: &mut NativeWriter<Bytes<Vec<u8>>>, feed: usize, number: usize) {
    let text = format!("{feed} {number} {}", "x".repeat(400));
    let record = Record {
        stamp: Stamp::default(),
        connection: 1,
        kind: Kind::Line {
            data: text.as_bytes(),
        },
    };
    let item = FileItem::Record {
        feed,
        record,
        extra: "",
    };
    writer.write(&item, &[]).unwrap();
}

#[test]
fn records_that_wait_for_full_chunks_stay_within_a_limit() {
    const FEEDS: usize = 50;
    const RECORDS: usize = 40;
    const LIMIT: usize = 256 << 10;
    let mut writer = NativeWriter {
        max_pending_bytes: LIMIT,
        ..NativeWriter::new(Bytes::new(Vec::new()))
    };
    for number in 0..FEEDS {
        writer.add_feed(&feed(&format!("feed {number}"))).unwrap();
    }
    let mut highest = 0;
    for number in 0..RECORDS {
        for feed in 0..FEEDS {
            // The first feed has more records than the others.
            for _ in 0..if feed == 0 { 10 } else { 1 } {
                write(&mut writer, feed, number);
            }
            highest = highest.max(writer.pending_bytes);
        }
    }
    assert!(highest <= LIMIT, "{highest} bytes");
    assert!(highest > LIMIT / 2, "the limit was never needed");
    let (file, remarks) = writer.complete().unwrap();
    assert!(remarks.is_empty(), "{remarks:?}");
    let (read, remarks) = read(Format::Feedscope, file.get_ref());
    assert!(remarks.is_empty(), "{remarks:?}");
    let mut next = vec![0; FEEDS];
    for line in &read.lines {
        let text = line.split_once("\"data\":\"").unwrap().1;
        let mut words = text.split(' ').map(|word| word.parse::<usize>().ok());
        let (feed, number) = (
            words.next().flatten().unwrap(),
            words.next().flatten().unwrap(),
        );
        let place = if feed == 0 { next[0] / 10 } else { next[feed] };
        assert_eq!(number, place, "of feed {feed}");
        next[feed] += 1;
    }
    assert_eq!(next[0], 10 * RECORDS);
    assert!(next[1..].iter().all(|count| *count == RECORDS));
}

#[test]
fn chunks_of_a_file_whose_feeds_are_read_together_stay_small() {
    const LIMIT: usize = 16 << 10;
    const RECORDS: usize = 200;
    let mut writer = NativeWriter::new(Bytes::new(Vec::new())).with_chunk_bytes(LIMIT);
    // One feed after the other, as the connections of an archive.
    for feed_number in 0..3 {
        writer
            .add_feed(&feed(&format!("feed {feed_number}")))
            .unwrap();
        for number in 0..RECORDS {
            write(&mut writer, feed_number, number);
        }
    }
    let (bytes, _) = writer.complete().unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes.get_ref()).unwrap();
    let opened = open_files([(file, "x".into())]).unwrap();
    for feed in &opened.feeds {
        let mut row = feed.store.extent().first;
        let mut portions = 0;
        while let Some(portion) = feed.store.portion(row, usize::MAX) {
            row = portion.numbers().end;
            portions += 1;
        }
        let least = RECORDS * 400 / LIMIT;
        assert!(portions >= least, "{portions} chunks");
    }
}

#[test]
fn records_of_all_feeds_come_in_the_order_of_their_times() {
    let mut writers = Vec::new();
    let mut records = MergedRecords::default();
    let mut expected = Vec::new();
    for feed in 0..5_u64 {
        let (mut store_writer, store) = Store::new(1 << 20);
        for number in 0..50 {
            // Some moments are those of several feeds, of which the first one comes first.
            let moment = Moment::from_millis(number * (feed + 1));
            expected.push((moment, feed as usize, number));
            store_writer.push(&Record {
                stamp: Stamp {
                    moment,
                    ..Stamp::default()
                },
                connection: 1,
                kind: Kind::Line { data: b"x" },
            });
        }
        store_writer.flush();
        writers.push(store_writer);
        records.add(feed as usize, store, RowNumber(0));
    }
    expected.sort();
    let mut found = Vec::new();
    let mut ends = 0;
    while let Some(was_last) = records.with_next(|feed, row, record| {
        found.push((record.stamp.moment, feed, row.0));
    }) {
        ends += usize::from(was_last);
    }
    assert_eq!(found, expected);
    assert_eq!(ends, 5);
}
