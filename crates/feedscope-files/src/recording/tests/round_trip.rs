//! Everything that was recorded is restored.

use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_field_of_every_record_is_restored(
        picks in proptest::collection::vec((0..every_kind().len(), 0..3_u64, 0..2_usize), 1..60),
        jump in 0..40_u64,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.feedscope");
        let mut feeds = [Store::new(16 << 20), Store::new(16 << 20)];
        let mut expected = [Vec::new(), Vec::new()];
        for (nth, &(pick, connection, feed)) in picks.iter().enumerate() {
            let nth = nth as u64;
            let mut stamp = stamp(nth * 3);
            // The wall clock jumps once.
            if nth > jump {
                stamp.utc = Timestamp::from_micros(stamp.utc.as_micros() - 5_000_000);
            }
            let record = Record { stamp, connection: connection as u32, kind: every_kind().swap_remove(pick) };
            feeds[feed].0.push(&record);
            expected[feed].push(record);
        }
        let sources = ["one", "two"].iter().zip(&feeds).map(|(name, (_, store))| recorded(name, store));
        let progress = record(&path, sources.collect());
        prop_assert_eq!((progress.records, progress.lost), (picks.len() as u64, 0));
        prop_assert_eq!(progress.failure, None);
        let opened = open_one(&path);
        prop_assert_eq!(opened.ending, RecordingEnd::Clean);
        let names: Vec<_> = opened.feeds.iter().map(|feed| feed.description.name.as_str()).collect();
        prop_assert_eq!(names, ["one", "two"]);
        for (feed, expected) in opened.feeds.iter().zip(&expected) {
            prop_assert_eq!(feed.store.extent().end.0, expected.len() as u64);
            for (row, record) in expected.iter().enumerate() {
                let found = feed.store.record(RowNumber(row as u64)).unwrap();
                let found = found.record();
                prop_assert_eq!(&found.kind, &record.kind);
                prop_assert_eq!((found.connection, found.stamp.utc), (record.connection, record.stamp.utc));
            }
        }
        // All feeds are on one time line, which begins at the earliest record.
        let firsts = expected.iter().flatten().map(|record| record.stamp.moment).min().unwrap();
        for (feed, expected) in opened.feeds.iter().zip(&expected) {
            for (row, record) in expected.iter().enumerate() {
                let found = feed.store.stamp(RowNumber(row as u64)).unwrap().moment;
                prop_assert_eq!(found.since(Moment::START), record.stamp.moment.since(firsts));
            }
        }
    }
}

#[test]
fn descriptions_are_restored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let (_writer, store) = Store::new(16 << 20);
    record(&path, vec![recorded("one", &store)]);
    let opened = open_one(&path);
    let found = &opened.feeds[0].description;
    assert_eq!((found.feed, found.first_row), (1, 0));
    assert!(found.program.starts_with("feedscope "));
    assert!(found.started.ends_with('Z'), "{}", found.started);
    let expected = FeedDescription {
        feed: 1,
        started: found.started.clone(),
        program: found.program.clone(),
        ..description("one")
    };
    assert_eq!(*found, expected);
}

#[test]
fn feeds_of_several_files_are_one_feed_only_if_they_have_the_same_url() {
    let folder = tempfile::tempdir().unwrap();
    let urls = [
        "http://one/prices",
        "http://two/prices",
        "http://one/prices",
    ];
    let mut paths = Vec::new();
    for (number, url) in urls.into_iter().enumerate() {
        let (mut writer, store) = Store::new(16 << 20);
        comment(&mut writer, number as u64, url);
        let mut feed = recorded("prices", &store);
        feed.description.url = Some(url.to_owned());
        let path = folder.path().join(format!("{number}.feedscope"));
        record(&path, vec![feed]);
        paths.push(path);
    }
    let opened = open(&paths).unwrap();
    let names = opened.feeds.iter().map(|feed| &*feed.description.name);
    assert_eq!(names.collect::<Vec<_>>(), ["prices", "prices-2"]);
    let between = "idle: another recording begins";
    assert_eq!(texts(&opened.feeds[0]), [urls[0], between, urls[2]]);
    assert_eq!(texts(&opened.feeds[1]), [urls[1]]);
}

#[test]
fn only_headers_are_read_to_open_a_recording() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let (mut writer, store) = Store::new(64 << 20);
    let long = "x".repeat(100_000);
    for ms in 0..100 {
        comment(&mut writer, ms, &long);
    }
    record(&path, vec![recorded("one", &store)]);
    let opened = open_one(&path);
    assert_eq!(opened.feeds[0].blocks, 10);
    assert_eq!(opened.feeds[0].store.extent().end, RowNumber(100));
    // A payload that is damaged is noticed only by its reader.
    let mut bytes = fs::read(&path).unwrap();
    bytes[500_000] ^= 1;
    fs::write(&path, bytes).unwrap();
    let opened = open_one(&path);
    assert_eq!(
        (opened.ending, opened.damage.len()),
        (RecordingEnd::Clean, 0)
    );
    let texts = texts(&opened.feeds[0]);
    let damaged = texts.iter().filter(|text| *text == "note damaged").count();
    assert_eq!(damaged, 10, "the rows of one block");
    assert_eq!(texts[99], long);
}
