//! Tests of the threads that run analyses.

use std::sync::mpsc;

use feedscope_analysis::filter::{Filter, ParseContext, Scan};
use feedscope_analysis::job::Job;
use feedscope_core::store::{ClassSet, DEFAULT_BUDGET_BYTES, Store, StoreWriter};
use feedscope_core::{Kind, Record, Sink as _, Stamp};

use super::*;

/// Time limit that is long enough for a thread to run on a busy machine.
const LONG: Duration = Duration::from_mins(1);

fn push(writer: &mut StoreWriter, data: &str, times: usize) {
    for _ in 0..times {
        let kind = Kind::Event {
            event: b"price",
            id: b"",
            data: data.as_bytes(),
        };
        writer.push(&Record {
            stamp: Stamp::default(),
            connection: 1,
            kind,
        });
    }
}

fn scan(store: &Store, typed: &str) -> Scan {
    let filter = Filter::parse(typed, &ParseContext::default()).unwrap();
    Scan::new(store, Arc::new(filter), ClassSet::ALL)
}

/// Returns a runner, and the receiver of its wake-ups.
fn runner() -> (Runner, mpsc::Receiver<()>) {
    let (told, wakes) = mpsc::sync_channel(1);
    // The queue has one place, so that wake-ups that were not received count once.
    let wake = move || told.try_send(()).unwrap_or(());
    (Runner::start(wake).unwrap(), wakes)
}

/// Waits for wake-ups until `holds` returns true.
fn wait(wakes: &mpsc::Receiver<()>, holds: impl Fn() -> bool) {
    let limit = Instant::now() + LONG;
    while !holds() {
        wakes
            .recv_timeout(limit.saturating_duration_since(Instant::now()))
            .unwrap();
    }
}

#[test]
fn what_is_there_is_found_and_what_comes_is_found_when_told() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    push(&mut writer, "hay", 1_000);
    push(&mut writer, "needle", 2);
    let (runner, wakes) = runner();
    let hits = scan(&store, "needle");
    runner.run(vec![hits.task()]);
    wait(&wakes, || hits.progress().done);
    assert_eq!(hits.count(), 2);
    push(&mut writer, "needle", 3);
    runner.waker()();
    wait(&wakes, || hits.count() == 5);
}

#[test]
fn a_search_that_nobody_wants_any_more_is_given_up() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    // A jq expression over many rows is slow.
    push(&mut writer, r#"{"n":1}"#, 200_000);
    let (runner, wakes) = runner();
    let slow = scan(&store, ".n == 1");
    runner.run(vec![slow.task()]);
    wait(&wakes, || slow.count() > 0);
    let quick = scan(&store, "is:comment");
    runner.run(vec![quick.task()]);
    wait(&wakes, || quick.progress().done);
    let far = slow.progress();
    assert!(!far.done);
    // A step that was running may still end. No other step starts.
    push(&mut writer, "{}", 1);
    runner.waker()();
    let other = scan(&store, "is:text");
    runner.run(vec![other.task()]);
    wait(&wakes, || other.progress().done);
    assert_eq!(slow.progress(), far);
}

#[test]
fn the_threads_end_with_their_runner() {
    let (runner, wakes) = runner();
    drop(runner);
    // The threads drop their ends of the queue when they end.
    assert_eq!(
        wakes.recv_timeout(LONG),
        Err(mpsc::RecvTimeoutError::Disconnected)
    );
}

#[test]
fn work_that_cannot_be_divided_keeps_no_search_waiting() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    push(&mut writer, "needle", 1);
    let (runner, wakes) = runner();
    let (go_on, waits) = mpsc::sync_channel(0);
    let waits = Mutex::new(waits);
    let long = Job::in_one_go(move |_wanted| waits.lock().recv_timeout(LONG).ok());
    let hits = scan(&store, "needle");
    runner.run(vec![long.task().unwrap(), hits.task()]);
    wait(&wakes, || hits.progress().done);
    assert!(long.get().is_none());
    go_on.send("result").unwrap();
    wait(&wakes, || long.get().is_some());
    assert_eq!(long.get(), Some(&"result"));
}
