//! Feeds that end while a recording of several feeds continues.

use super::*;

#[test]
fn a_feed_that_nobody_uses_any_more_is_complete_and_gives_its_memory_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let (mut writer, store) = Store::new(16 << 20);
    let (mut other_writer, other) = Store::new(16 << 20);
    let feeds = vec![recorded("one", &store), recorded("two", &other)];
    let recorder = Recorder::start(target(&path), None, feeds, || {}).unwrap();
    for number in 0..3 {
        comment(&mut writer, number, "one");
        comment(&mut other_writer, number, "two");
    }
    drop((writer, store));
    let deadline = Instant::now() + DEADLINE;
    while recorder.progress().records < 3 {
        assert!(Instant::now() < deadline, "{:?}", recorder.progress());
        std::thread::yield_now();
    }
    comment(&mut other_writer, 3, "two");
    assert_eq!(recorder.finish().records, 7);
    let opened = open_one(&path);
    assert_eq!(texts(&opened.feeds[0]), ["one"; 3]);
    assert_eq!(texts(&opened.feeds[1]), ["two"; 4]);
}
