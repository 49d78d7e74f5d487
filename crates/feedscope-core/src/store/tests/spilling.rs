//! Tests of chunks that leave memory: they stay readable in all cases.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::super::spill::{Spill, SpillJob};
use super::*;

const BUDGET: u64 = 4 << 20;

/// Queue of jobs, for which the test decides the result.
#[derive(Clone, Default)]
struct Desk {
    jobs: Arc<Mutex<VecDeque<SpillJob>>>,
    limit: u64,
}

impl Spill for Desk {
    fn limit(&self) -> u64 {
        self.limit
    }

    fn take(&self, job: SpillJob) -> Result<(), SpillJob> {
        let mut jobs = self.jobs.lock();
        if jobs.len() == 20 {
            return Err(job);
        }
        jobs.push_back(job);
        Ok(())
    }
}

impl Desk {
    fn next(&self) -> Option<SpillJob> {
        self.jobs.lock().pop_front()
    }

    fn do_all(&self) {
        while let Some(job) = self.next() {
            keep(job);
        }
    }
}

/// Stores the bytes of a job after some other bytes.
fn keep(job: SpillJob) {
    let mut bytes = b"others' bytes".to_vec();
    let at = bytes.len();
    job.block()
        .parts()
        .for_each(|part| bytes.extend_from_slice(part));
    job.done(Arc::new(bytes), at);
}

fn store(limit: u64) -> (StoreWriter, Store, Desk) {
    let desk = Desk {
        limit,
        ..Desk::default()
    };
    let (writer, store) = Store::with_spill(BUDGET, Box::new(desk.clone()));
    (writer, store, desk)
}

/// Returns about half a chunk of bytes, with the number at the start.
fn payload(number: u64) -> Vec<u8> {
    let mut payload = vec![b'.'; 400_000 + number as usize * 7919 % 300_000];
    payload[..8].copy_from_slice(&number.to_le_bytes());
    payload
}

fn push(writer: &mut StoreWriter, number: u64) {
    event(number, &number.to_string(), &payload(number), writer);
}

fn notes(store: &Store) -> Vec<String> {
    let states = [
        Class::Events,
        Class::Comments,
        Class::Received,
        Class::Sent,
        Class::PingPong,
    ];
    let only_states = states
        .iter()
        .fold(ClassSet::ALL, |shown, &class| shown.with(class, false));
    let lines = store.rows(only_states, RowNumber(0), RowNumber::MAX, 99, 200);
    lines.into_iter().map(|line| line.preview).collect()
}

#[test]
fn what_leaves_memory_is_read_where_it_went() {
    let (mut writer, store, desk) = store(u64::MAX);
    for number in 0..60 {
        push(&mut writer, number);
        desk.do_all();
    }
    let extent = store.extent();
    assert_eq!((extent.first.0, extent.end.0, extent.let_go), (0, 60, 0));
    assert!(extent.memory <= BUDGET, "{} bytes", extent.memory);
    assert!(extent.spilled > 20 << 20, "{} bytes", extent.spilled);
    assert_eq!(store.rank(ClassSet::ALL, RowNumber(60)), ListingIndex(60));
    for number in 0..60 {
        let row = RowNumber(number);
        assert_eq!(store.select(ClassSet::ALL, ListingIndex(number)), Some(row));
        assert_eq!(store.record(row).unwrap().payload(), payload(number));
    }
    assert_eq!(store.lines(&[0, 30, 59].map(RowNumber), 9).len(), 3);
    assert_eq!(notes(&store), Vec::<String>::new());
    store.clear();
    assert_eq!(store.extent().spilled, 0);
    assert_eq!(store.extent().cleared(), 60);
}

#[test]
fn past_the_limit_the_oldest_are_let_go_and_counted() {
    let (mut writer, store, desk) = store(8 << 20);
    for number in 0..60 {
        push(&mut writer, number);
        desk.do_all();
        assert!(store.extent().spilled <= 8 << 20);
    }
    let extent = store.extent();
    assert!(extent.first > RowNumber(20));
    assert_eq!(
        (extent.let_go, extent.missing()),
        (extent.first.0, extent.first.0)
    );
    assert!(store.record(RowNumber(extent.first.0 - 1)).is_none());
    let oldest = store.record(extent.first).unwrap();
    assert_eq!(oldest.payload(), payload(extent.first.0));
}

#[test]
fn chunks_go_before_memory_runs_out_and_the_writer_is_told_when_it_has() {
    let (mut writer, store, desk) = store(u64::MAX);
    let mut number = 0;
    while desk.jobs.lock().is_empty() {
        push(&mut writer, number);
        number += 1;
    }
    assert!(writer.has_room(), "there is some left");
    while writer.has_room() {
        push(&mut writer, number);
        number += 1;
        assert!(number < 100, "it never fills up");
    }
    assert_eq!(store.extent().let_go, 0);
    desk.do_all();
    assert!(writer.has_room());
    assert!(notes(&store).is_empty());
}

#[test]
fn who_never_takes_anything_is_given_up() {
    let (mut writer, store, _desk) = store(u64::MAX);
    while store.extent().let_go == 0 {
        push(&mut writer, store.extent().end.0);
        assert!(store.extent().end < RowNumber(200), "it waits for ever");
    }
    push(&mut writer, 0);
    let extent = store.extent();
    assert!(extent.memory <= BUDGET + (2 << 20), "{}", extent.memory);
    assert!(writer.has_room());
    assert_eq!(
        notes(&store),
        ["history on disk has ended: the disk takes less than the feed brings"]
    );
}

#[test]
fn where_there_is_no_room_the_oldest_make_some() {
    let (mut writer, store, desk) = store(u64::MAX);
    for number in 0..30 {
        push(&mut writer, number);
        desk.do_all();
    }
    let before = store.extent();
    while desk.jobs.lock().is_empty() {
        push(&mut writer, store.extent().end.0);
    }
    let job = desk.next().unwrap();
    assert!(job.make_room(3 << 20, "the disk is full"));
    let after = store.extent();
    assert!(before.spilled - after.spilled >= 3 << 20);
    assert_eq!(after.let_go, after.first.0);
    keep(job);
    push(&mut writer, after.end.0);
    assert_eq!(notes(&store), ["the disk is full"]);
    store.clear();
    for number in 0..30 {
        push(&mut writer, number);
    }
    let job = desk.next().unwrap();
    assert!(!job.make_room(1, "the disk is full"), "nothing is there");
    job.failed("it failed");
    assert!(store.extent().memory <= BUDGET + (2 << 20));
    push(&mut writer, 0);
    assert_eq!(notes(&store), ["it failed"], "the same is noted once");
}

#[test]
fn what_was_cleared_is_not_wanted_any_more() {
    let (mut writer, store, desk) = store(u64::MAX);
    while desk.jobs.lock().is_empty() {
        push(&mut writer, store.extent().end.0);
    }
    let job = desk.next().unwrap();
    assert!(job.is_wanted());
    store.clear();
    assert!(!job.is_wanted());
    keep(job);
    assert_eq!((store.extent().spilled, store.extent().memory), (0, 0));
    drop((writer, store));
    assert!(desk.jobs.lock().iter().all(|job| !job.is_wanted()));
}

#[test]
fn what_does_not_read_back_ends_it() {
    let (mut writer, store, desk) = store(u64::MAX);
    while desk.jobs.lock().is_empty() {
        push(&mut writer, store.extent().end.0);
    }
    desk.next()
        .unwrap()
        .done(Arc::new(b"something else".to_vec()), 0);
    push(&mut writer, store.extent().end.0);
    let notes = notes(&store);
    assert_eq!(notes.len(), 1);
    assert!(notes[0].contains("does not read back"), "{notes:?}");
    assert_eq!(store.extent().let_go, 0);
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Push,
    Small,
    Keep,
    Drop,
    MakeRoom(u64),
    Fail,
    Clear,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => Just(Act::Push),
        4 => Just(Act::Small),
        9 => Just(Act::Keep),
        1 => Just(Act::Drop),
        1 => (0..4_000_000_u64).prop_map(Act::MakeRoom),
        1 => Just(Act::Fail),
        1 => Just(Act::Clear),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn every_row_is_kept_let_go_or_cleared(acts in proptest::collection::vec(act(), 0..120), limit in 0..20_u64 << 20) {
        let (mut writer, store, desk) = store(limit);
        // Number of rows that the test cleared.
        let mut cleared = 0;
        for act in acts {
            match act {
                Act::Push => push(&mut writer, store.extent().end.0),
                Act::Small => event(0, "", b"small", &mut writer),
                Act::Keep => desk.next().into_iter().for_each(keep),
                Act::Drop => drop(desk.next()),
                Act::MakeRoom(bytes) => if let Some(job) = desk.next() {
                    job.make_room(bytes, "no room");
                    keep(job);
                },
                Act::Fail => if let Some(job) = desk.next() {
                    job.failed("no disk");
                },
                Act::Clear => {
                    cleared += store.rank(ClassSet::ALL, RowNumber::MAX).0;
                    store.clear();
                }
            }
            let extent = store.extent();
            prop_assert_eq!(extent.cleared(), cleared);
            prop_assert_eq!(extent.let_go + cleared + store.rank(ClassSet::ALL, RowNumber::MAX).0, extent.end.0);
            prop_assert!(extent.spilled <= limit.max(2 << 20));
            prop_assert!(extent.memory <= BUDGET + (34 << 20));
        }
        let extent = store.extent();
        for row in RowNumber::each(extent.first..extent.end) {
            let owned = store.record(row).unwrap();
            let bytes = owned.payload();
            if bytes.len() > 400_000 {
                prop_assert_eq!(bytes, payload(u64::from_le_bytes(bytes[..8].try_into().unwrap())));
            }
        }
        let lines = store.rows(ClassSet::ALL, RowNumber(0), RowNumber::MAX, 1_000, 9);
        let numbers: Vec<RowNumber> = lines.iter().map(|line| line.row).collect();
        prop_assert_eq!(numbers, RowNumber::each(extent.first..extent.end).collect::<Vec<_>>());
    }
}
