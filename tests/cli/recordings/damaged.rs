//! Recordings with damaged blocks.

use std::fs;
use std::path::Path;

use feedscope_core::record::{Kind, Record, Sink as _};
use feedscope_core::store::{RowNumber, Store};
use feedscope_core::time::Stamp;
use feedscope_files::recording::{
    Existing, FeedDescription, RecordedFeed, Recorder, RecordingTarget,
};

use super::{Folder, STREAM, record_stream, text, until};
use crate::support::program::{record, run};

/// Damages the last block of records in a file that was ended, or all of them.
fn damage(path: &Path, all: bool) {
    let mut bytes = fs::read(path).unwrap();
    let find = |magic: &[u8]| {
        let words = bytes.chunks(8).enumerate();
        let found = words.filter(|(_, word)| *word == magic);
        found.map(|(at, _)| at * 8).collect::<Vec<_>>()
    };
    let index = find(b"FEEDINDX")[0];
    let mut blocks = find(b"FEEDROWS");
    blocks.retain(|&at| at < index);
    let kept = if all { 0 } else { blocks.len() - 1 };
    for at in blocks.split_off(kept) {
        bytes[at + 200] ^= 1;
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn copies_in_a_damaged_recording_are_used_by_every_command() {
    let folder = Folder::new();
    let path = folder.path("a.feedscope");
    let (mut writer, store) = Store::new(1 << 20);
    let mut push = |rows: std::ops::Range<u64>| {
        for row in rows {
            writer.push(&Record {
                stamp: Stamp::default(),
                connection: 1,
                kind: Kind::Event {
                    event: b"message",
                    id: b"",
                    data: row.to_string().as_bytes(),
                },
            });
        }
        writer.flush();
    };
    let feed = RecordedFeed {
        description: FeedDescription {
            name: "events".to_owned(),
            protocol: "event-stream".to_owned(),
            ..FeedDescription::default()
        },
        store,
        from: RowNumber(0),
    };
    let target = RecordingTarget {
        path: path.clone(),
        existing: Existing::Refuse,
        left_free: 0,
    };
    let recorder = Recorder::start(target, None, vec![feed], || {}).unwrap();
    push(0..40);
    until("tail block", || recorder.progress().records == 40);
    push(40..43);
    assert_eq!(recorder.finish().records, 43);
    damage(&path, false);
    let out = folder.path("a.ndjson");
    for arguments in [
        &["tail", text(&path)][..],
        &["stats", text(&path)],
        &["convert", text(&path), text(&out)],
    ] {
        let ended = run(arguments);
        ended.expect_status(1);
        ended.expect_complaint(&["copies in the file replace 40 damaged records"]);
        ended.expect_complaint(&["3 records cannot be read, because the file is damaged"]);
    }
    let expected: Vec<String> = (0..40).map(|row| row.to_string()).collect();
    let data = |line: &str| record(line)["data"].as_str().map(str::to_owned);
    let printed = run(&["tail", text(&path)]);
    let printed: Vec<String> = printed.out.iter().filter_map(|line| data(line)).collect();
    assert_eq!(printed, expected);
    let converted = fs::read_to_string(&out).unwrap();
    let converted: Vec<String> = converted.lines().filter_map(data).collect();
    assert_eq!(converted, expected);
}

#[test]
fn damage_inside_is_reported_and_ends_with_1() {
    let folder = Folder::new();
    let path = folder.path("a.feedscope");
    record_stream(&path, STREAM);
    damage(&path, true);
    let ended = run(&["tail", text(&path)]);
    ended.expect_status(1);
    assert_eq!(
        ended.out.len(),
        1,
        "a damaged block is reported once: {ended:#?}"
    );
    assert_eq!(record(&ended.out[0])["code"], "damaged");
    ended.expect_complaint(&["records cannot be read, because the file is damaged"]);
    // The other commands report it, too, and a script notices it by the status.
    let out = folder.path("a.ndjson");
    for arguments in [
        &["convert", text(&path), text(&out)][..],
        &["stats", text(&path)],
    ] {
        let ended = run(arguments);
        ended.expect_status(1);
        ended.expect_complaint(&["records cannot be read, because the file is damaged"]);
    }
    assert!(fs::read_to_string(&out).unwrap().contains("damaged"));
}
