//! Files of this version of the format, which every later version must open: `tests/recordings/*.feedscope`.
//!
//! `FEEDSCOPE_WRITE_RECORDINGS=1 cargo test -p feedscope-files golden` writes them again. Files of a released version are
//! never written again: a new version of the format gets new files.

use super::*;

/// Folder of the files.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

fn sample_store() -> (StoreWriter, Store) {
    let (mut writer, store) = Store::new(16 << 20);
    for (nth, kind) in samples().into_iter().enumerate() {
        push(&mut writer, nth as u64 * 250, kind);
    }
    (writer, store)
}

/// Writes the files: one that was ended, one with two sessions, and one that was killed between two tail blocks.
fn write_files(folder: &Path) {
    let (_writer, store) = sample_store();
    let feeds = || vec![recorded("one", &store), recorded("two", &store)];
    let target = |name: &str, existing| RecordingTarget {
        existing,
        ..target(&folder.join(name))
    };
    let start =
        |name, existing| Recorder::start(target(name, existing), None, feeds(), || {}).unwrap();
    start("v2-ended.feedscope", Existing::Replace).finish();
    start("v2-two-sessions.feedscope", Existing::Replace).finish();
    start("v2-two-sessions.feedscope", Existing::Append).finish();
    let mut file = FileWriter::create(&target("v2-killed.feedscope", Existing::Replace)).unwrap();
    let feed = file.write_feed(&description("one")).unwrap();
    let tags = feedscope_core::store::BlockTags {
        feed,
        is_tail: true,
        clock_domain: 1,
    };
    let follower = store.follow(RowNumber(0));
    for row in [0, 5] {
        let portion = follower.newest(RowNumber(row)).unwrap();
        file.write_rows(&portion.to_chunk(), tags).unwrap();
    }
}

/// Records of a feed without their rows.
fn records(feed: &OpenedFeed) -> Vec<String> {
    let rows = RowNumber::each(RowNumber(0)..feed.store.extent().end);
    let line = |row| {
        let mut line = Vec::new();
        let owned = feed.store.record(row).unwrap();
        feedscope_core::record::write_json_line(&mut line, &owned.record(), None);
        String::from_utf8(line).unwrap()
    };
    rows.map(line).collect()
}

#[test]
fn golden_files_of_every_version_open() {
    if std::env::var_os("FEEDSCOPE_WRITE_RECORDINGS").is_some() {
        fs::create_dir_all(folder()).unwrap();
        write_files(&folder());
    }
    let expected: Vec<String> = samples()
        .into_iter()
        .enumerate()
        .map(|(nth, kind)| {
            let mut line = Vec::new();
            let record = Record {
                stamp: stamp(nth as u64 * 250),
                connection: 1,
                kind,
            };
            feedscope_core::record::write_json_line(&mut line, &record, None);
            String::from_utf8(line).unwrap()
        })
        .collect();
    let between = {
        let mut line = Vec::new();
        let record = Record {
            stamp: stamp((samples().len() as u64 - 1) * 250),
            connection: 1,
            kind: Kind::State(StateChange {
                reason: Some("another recording begins".to_owned()),
                ..StateChange::to(ConnectionState::Idle)
            }),
        };
        feedscope_core::record::write_json_line(&mut line, &record, None);
        String::from_utf8(line).unwrap()
    };
    let twice = [&expected[..], &[between], &expected].concat();
    for (name, feeds, ending, lines) in [
        ("v2-ended.feedscope", 2, RecordingEnd::Clean, &expected),
        ("v2-two-sessions.feedscope", 2, RecordingEnd::Clean, &twice),
        (
            "v2-killed.feedscope",
            1,
            RecordingEnd::Torn { bytes: 0 },
            &expected,
        ),
    ] {
        let opened = open_one(&folder().join(name));
        assert_eq!(
            (opened.feeds.len(), opened.ending),
            (feeds, ending),
            "{name}"
        );
        for feed in &opened.feeds {
            let mut found = records(feed);
            if ending != RecordingEnd::Clean {
                assert!(
                    found.pop().unwrap().contains(NoteCode::TORN_END.as_str()),
                    "{name}"
                );
            }
            assert_eq!(found, *lines, "{name}");
        }
    }
}
