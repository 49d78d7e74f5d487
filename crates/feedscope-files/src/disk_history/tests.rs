//! Tests of a store over its budget, with its history in a temporary folder of the test.

use std::time::{Duration, Instant};

use feedscope_core::store::{ClassSet, Extent, RowNumber, Store, StoreWriter};
use feedscope_core::{Kind, Moment, Record, Sink as _, Stamp, Timestamp};
use tempfile::TempDir;

use super::*;

const BUDGET: u64 = 4 << 20;
const DEADLINE: Duration = Duration::from_mins(1);

struct Fixture {
    folder: TempDir,
    writer: StoreWriter,
    store: Store,
}

impl Fixture {
    fn new(limit: u64, left_free: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = HistoryFolder::at(folder.path().join("made")).leaving_free(left_free);
        Self::at(folder, place, limit)
    }

    fn at(folder: TempDir, place: HistoryFolder, limit: u64) -> Self {
        let (writer, store) = Store::with_spill(BUDGET, start(place, limit).unwrap());
        Self {
            folder,
            writer,
            store,
        }
    }

    /// Pushes `count` records of 100 kB. It waits for room before each, as a feed does.
    fn push(&mut self, count: u64) {
        for _ in 0..count {
            until("room", || self.writer.has_room());
            let number = self.store.extent().end.0;
            let moment = Moment::from_millis(number);
            self.writer.push(&Record {
                stamp: Stamp {
                    moment,
                    utc: Timestamp::from_micros(0),
                },
                connection: 1,
                kind: Kind::Comment {
                    data: &payload(number),
                },
            });
        }
    }

    /// Waits until memory is back within the budget, and returns the extent.
    fn settled(&self) -> Extent {
        until("memory within its budget", || {
            // The chunk that is being written may come on top.
            self.store.extent().memory <= BUDGET + (2 << 20)
        });
        self.store.extent()
    }

    fn notes(&self) -> Vec<String> {
        let lines = self
            .store
            .rows(ClassSet::ALL, RowNumber(0), RowNumber::MAX, 10_000, 200);
        let notes = lines
            .into_iter()
            .filter(|line| line.name == "history_on_disk");
        notes.map(|line| line.preview).collect()
    }
}

fn payload(number: u64) -> Vec<u8> {
    let mut payload = vec![b'.'; 100_000];
    payload[..8].copy_from_slice(&number.to_le_bytes());
    payload
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "no {what}");
        thread::yield_now();
    }
}

/// Number of mapped files in `folder`.
#[cfg(target_os = "linux")]
fn mapped(folder: &Path) -> usize {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let folder = folder.to_str().unwrap();
    maps.lines().filter(|line| line.contains(folder)).count()
}

#[test]
fn records_past_the_budget_are_read_from_files_without_a_name() {
    let mut fixture = Fixture::new(1 << 30, 0);
    fixture.push(400);
    let extent = fixture.settled();
    assert_eq!((extent.first.0, extent.end.0, extent.let_go), (0, 400, 0));
    assert!(extent.spilled > 30 << 20, "{} bytes", extent.spilled);
    for number in 0..400 {
        let record = fixture.store.record(RowNumber(number)).unwrap();
        assert_eq!(record.payload(), payload(number));
    }
    let made = fixture.folder.path().join("made");
    assert_eq!(fs::read_dir(made).unwrap().count(), 0, "it has a name");
    assert!(fixture.notes().is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn room_comes_back_when_records_go() {
    let mut fixture = Fixture::new(160 << 20, 0);
    fixture.push(300);
    fixture.settled();
    let folder = fixture.folder.path().to_owned();
    assert!(mapped(&folder) >= 4, "files of 5 MiB");
    fixture.store.clear();
    until("room", || mapped(&folder) <= 1);
    fixture.push(100);
    fixture.settled();
    let Fixture { writer, store, .. } = fixture;
    drop((writer, store));
    until("end", || mapped(&folder) == 0);
}

#[test]
fn past_its_limit_the_oldest_go() {
    let mut fixture = Fixture::new(32 << 20, 0);
    fixture.push(600);
    let extent = fixture.settled();
    assert!(extent.spilled <= 32 << 20, "{} bytes", extent.spilled);
    assert!(extent.spilled > 20 << 20, "{} bytes", extent.spilled);
    assert!(extent.first > RowNumber(100));
    assert_eq!(extent.let_go, extent.first.0);
    let oldest = fixture.store.record(extent.first).unwrap();
    assert_eq!(oldest.payload(), payload(extent.first.0));
    assert!(fixture.notes().is_empty(), "that is what was asked for");
}

#[test]
fn a_disk_that_is_almost_full_is_left_alone() {
    let mut fixture = Fixture::new(1 << 30, u64::MAX >> 1);
    while fixture.notes().is_empty() {
        fixture.push(1);
        assert!(
            fixture.store.extent().end < RowNumber(200),
            "it is not told"
        );
    }
    assert_eq!(fixture.notes(), [SHORT]);
    fixture.push(100);
    let extent = fixture.settled();
    assert_eq!(extent.spilled, 0);
    assert!(extent.let_go > 40);
    assert_eq!(extent.let_go, extent.first.0);
}

#[test]
fn why_history_ends_is_told_in_the_timeline() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let mut fixture = Fixture::at(folder, HistoryFolder::at(file), 1 << 30);
    while fixture.notes().is_empty() {
        fixture.push(1);
        assert!(
            fixture.store.extent().end < RowNumber(200),
            "it is not told"
        );
    }
    let notes = fixture.notes();
    assert!(notes[0].contains("cannot be written"), "{notes:?}");
    fixture.push(100);
    assert_eq!(fixture.settled().spilled, 0);
}
