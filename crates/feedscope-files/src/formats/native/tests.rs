//! Tests of the writer of recordings with many feeds at the same time.

use std::io::Cursor as Bytes;

use feedscope_core::time::Stamp;

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
