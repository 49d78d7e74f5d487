//! Files while they are written: existing ones, second writers, sessions, divided files, full disks.

use super::*;

fn start(path: &Path, existing: Existing, store: &Store) -> Result<Recorder, CreateError> {
    let target = RecordingTarget {
        existing,
        ..target(path)
    };
    Recorder::start(target, None, vec![recorded("one", store)], || {})
}

#[cfg(unix)]
#[test]
fn only_its_user_can_read_a_recording() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let (_writer, store) = Store::new(16 << 20);
    for existing in [Existing::Refuse, Existing::Append, Existing::Replace] {
        start(&path, existing, &store).unwrap().finish();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{existing:?}");
    }
}

#[test]
fn an_existing_file_is_refused_added_to_or_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let (mut writer, store) = Store::new(16 << 20);
    comment(&mut writer, 1, "first");
    start(&path, Existing::Refuse, &store).unwrap().finish();
    let refused = start(&path, Existing::Refuse, &store).err().unwrap();
    assert!(matches!(refused, CreateError::Stays(_)), "{refused}");
    // Another session has a store, a clock and feed numbers of its own.
    let (mut writer, store) = Store::new(16 << 20);
    comment(&mut writer, 1, "second");
    start(&path, Existing::Append, &store).unwrap().finish();
    let opened = open_one(&path);
    assert_eq!(opened.ending, RecordingEnd::Clean);
    assert_eq!(opened.feeds.len(), 1, "one feed of this name");
    let between = "idle: another recording begins";
    assert_eq!(texts(&opened.feeds[0]), ["first", between, "second"]);
    assert_eq!(opened.feeds[0].description.feed, 2);
    start(&path, Existing::Replace, &store).unwrap().finish();
    assert_eq!(texts(&open_one(&path).feeds[0]), ["second"]);
}

#[test]
fn a_file_that_is_no_recording_is_never_added_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    fs::write(&path, "Dear Sir or Madam, this is a letter.").unwrap();
    let (_writer, store) = Store::new(16 << 20);
    let refused = start(&path, Existing::Append, &store).err().unwrap();
    assert!(refused.to_string().contains("not a recording"), "{refused}");
    assert!(fs::read_to_string(&path).unwrap().starts_with("Dear"));
    let refused = start(folder.path(), Existing::Replace, &store)
        .err()
        .unwrap();
    assert!(matches!(refused, CreateError::Exists(_)), "{refused}");
}

#[test]
fn a_second_writer_is_kept_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let (_writer, store) = Store::new(16 << 20);
    let first = start(&path, Existing::Refuse, &store).unwrap();
    for existing in [Existing::Refuse, Existing::Append, Existing::Replace] {
        let refused = start(&path, existing, &store).err().unwrap();
        assert!(
            matches!(refused, CreateError::InUse(_)),
            "{existing:?}: {refused}"
        );
        assert!(refused.to_string().contains("a.feedscope"));
    }
    assert_eq!(open_one(&path).ending, RecordingEnd::BeingWritten);
    first.finish();
    assert_eq!(open_one(&path).ending, RecordingEnd::Clean);
}

#[test]
fn rows_are_in_the_file_within_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let (mut writer, store) = Store::new(16 << 20);
    let recorder = start(&path, Existing::Refuse, &store).unwrap();
    let mut opened = open_one(&path);
    for (ms, text) in ["one", "two", "three"].into_iter().enumerate() {
        comment(&mut writer, ms as u64, text);
        let written = recorder.progress().records;
        until("tail block", || recorder.progress().records > written);
        opened.refresh().unwrap();
        let found = texts(&opened.feeds[0]);
        assert_eq!(found.last().map(String::as_str), Some(text));
        assert_eq!(found.len(), ms + 1, "nothing is there twice");
    }
    recorder.finish();
    opened.refresh().unwrap();
    assert_eq!(opened.ending, RecordingEnd::Clean);
    assert_eq!(texts(&opened.feeds[0]), ["one", "two", "three"]);
    // The index leaves out the tail blocks, because the last block contains their rows again.
    assert_eq!(open_one(&path).feeds[0].blocks, 1);
}

#[test]
fn feeds_join_a_running_recording() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let (mut writer, store) = Store::new(16 << 20);
    let recorder = start(&path, Existing::Refuse, &store).unwrap();
    comment(&mut writer, 1, "one");
    let (mut other_writer, other) = Store::new(16 << 20);
    comment(&mut other_writer, 1, "before");
    let from = other.extent().end;
    comment(&mut other_writer, 2, "after");
    recorder.add(RecordedFeed {
        from,
        ..recorded("two", &other)
    });
    let progress = recorder.finish();
    assert_eq!(progress.records, 2);
    let opened = open_one(&path);
    assert_eq!(texts(&opened.feeds[0]), ["one"]);
    assert_eq!(
        texts(&opened.feeds[1]),
        ["after"],
        "nothing is missing in front of it"
    );
}

#[test]
fn a_divided_recording_is_opened_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let (mut writer, store) = Store::new(16 << 20);
    let feeds = vec![recorded("one", &store)];
    let recorder =
        Recorder::start(target(&path), Some(Roll::Bytes(400_000)), feeds, || {}).unwrap();
    let mut expected = Vec::new();
    for ms in 0..60 {
        let text = format!("{ms} {}", "x".repeat(50_000));
        comment(&mut writer, ms, &text);
        expected.push(text);
        if ms % 10 == 9 {
            until("records", || recorder.progress().records == ms + 1);
        }
    }
    let progress = recorder.finish();
    assert!(progress.files >= 3, "{progress:?}");
    let paths: Vec<PathBuf> = (1..=progress.files)
        .map(|number| Roll::path(&path, number))
        .collect();
    assert!(paths[0].ends_with("a-0001.feedscope"));
    let mut count = 0;
    for path in &paths {
        let opened = open_one(path);
        assert_eq!(opened.ending, RecordingEnd::Clean);
        count += texts(&opened.feeds[0]).len();
    }
    assert_eq!(
        count, 60,
        "each is complete in itself, and no record is in two of them"
    );
    let reversed: Vec<PathBuf> = paths.into_iter().rev().collect();
    let opened = open(&reversed).unwrap();
    assert_eq!(texts(&opened.feeds[0]), expected);
    let moments: Vec<_> = (0..60)
        .map(|row| opened.feeds[0].store.stamp(RowNumber(row)).unwrap().moment)
        .collect();
    assert!(moments.is_sorted());
}

#[test]
fn an_almost_full_disk_ends_the_recording_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let (mut writer, store) = Store::new(16 << 20);
    let full = RecordingTarget {
        left_free: u64::MAX >> 1,
        ..target(&path)
    };
    let recorder = Recorder::start(full, None, vec![recorded("one", &store)], || {}).unwrap();
    let failure = recorder.progress().failure.unwrap();
    assert!(failure.contains("the disk is almost full"), "{failure}");
    comment(&mut writer, 1, "the feed goes on");
    assert_eq!(store.extent().end, RowNumber(1));
    assert_eq!(recorder.finish().records, 0);
}

#[test]
fn rows_that_were_not_read_in_time_are_counted_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let (mut writer, store) = Store::new(2 << 20);
    let mut follower = store.follow(RowNumber(0));
    // A recorder that was stuck for a while: its follower lost most of these rows.
    for ms in 0..300 {
        comment(
            &mut writer,
            ms,
            &format!("{ms} {}", "x".repeat((1 << 20) - 100)),
        );
    }
    let Some(feedscope_core::store::Followed::Lost(lost)) = follower.take() else {
        panic!("nothing is lost")
    };
    let mut file = FileWriter::create(&target(&path)).unwrap();
    let feed = file.write_feed(&description("one")).unwrap();
    let tags = feedscope_core::store::BlockTags {
        feed,
        is_tail: false,
        clock_domain: 1,
    };
    while let Some(feedscope_core::store::Followed::Rows(portion)) = follower.take() {
        file.write_rows(&portion.to_chunk(), tags).unwrap();
    }
    file.finish().unwrap();
    let opened = open_one(&path);
    let found = texts(&opened.feeds[0]);
    assert_eq!(found[0], format!("note {}", NoteCode::NOT_RECORDED));
    assert!(found[1].starts_with(&format!("{} ", lost.end)));
    let note = opened.feeds[0].store.record(RowNumber(0)).unwrap();
    let Kind::Note { text, .. } = note.record().kind else {
        panic!("it is a note")
    };
    assert!(
        text.starts_with(&format!("{} records", lost.end.0)),
        "{text}"
    );
}

#[test]
fn recordings_of_different_feeds_are_side_by_side_in_time() {
    let folder = TempDir::new().unwrap();
    let mut paths = Vec::new();
    for (name, first, last) in [("a", 0, 2_000), ("b", 500, 1_500)] {
        let (mut writer, store) = Store::new(1 << 20);
        for ms in [first, last] {
            push(&mut writer, ms, Kind::Comment { data: b"x" });
        }
        let path = folder.path().join(format!("{name}.feedscope"));
        record(&path, vec![recorded(name, &store)]);
        paths.push(path);
    }
    let opened = open(&paths).unwrap();
    for (feed, path) in opened.feeds.iter().zip(&paths) {
        assert_eq!(feed.path, *path);
        let (first, last) = feed.store.span().unwrap();
        let since = |at: Stamp| at.utc.as_micros() - super::stamp(0).utc.as_micros();
        assert_eq!(first.moment.as_nanos() / 1_000, since(first) as u64);
        assert_eq!(last.moment.as_nanos() / 1_000, since(last) as u64);
    }
}

#[test]
fn each_file_of_a_divided_recording_has_the_right_times() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let (mut writer, store) = Store::new(16 << 20);
    let feeds = vec![recorded("one", &store)];
    let recorder = Recorder::start(target(&path), Some(Roll::Bytes(10_000)), feeds, || {}).unwrap();
    let text = "x".repeat(20_000);
    for ms in [1_000, 2_500, 4_000] {
        let before = recorder.progress().records;
        comment(&mut writer, ms, &text);
        until("record", || recorder.progress().records > before);
    }
    assert!(recorder.finish().files >= 2);
    // The later files begin within a chunk of the store, whose clock was noted before their first records.
    let mut found = Vec::new();
    for number in 1.. {
        let path = Roll::path(&path, number);
        if !path.exists() {
            break;
        }
        let feed = &open_one(&path).feeds[0];
        let rows = RowNumber::each(RowNumber(0)..feed.store.extent().end);
        found.extend(rows.map(|row| feed.store.stamp(row).unwrap().utc));
    }
    assert_eq!(found, [1_000, 2_500, 4_000].map(|ms| stamp(ms).utc));
}
