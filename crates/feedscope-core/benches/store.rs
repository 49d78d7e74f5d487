//! Benchmark of a store with records of 100 bytes: the time to append them, and the memory besides their payloads, with
//! and without a reader.
//!
//! Run it with `cargo bench -p feedscope-core --bench store`. It prints the best of a few runs. The exit status is 1 if
//! a goal is missed: five million records per second, and at most 40 bytes per record besides its payload.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a benchmark asks the time, starts a reader beside the writer, and prints what it found"
)]

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use feedscope_core::store::{ClassSet, DEFAULT_BUDGET_BYTES, Store};
use feedscope_core::{Direction, Kind, Moment, Record, Sink as _, Stamp, Timestamp};

const RECORDS: u64 = 10_000_000;
const PAYLOAD: [u8; 100] = [b'x'; 100];
/// Number of records in one read from a socket.
const BATCH: u64 = 500;
const RUNS: usize = 3;

fn main() -> ExitCode {
    let mut good = true;
    for (name, with_ids, budget, judged) in [
        ("messages, all kept", false, u64::MAX, true),
        ("events with ids, all kept", true, u64::MAX, false),
        (
            "messages, budget of 512 MiB",
            false,
            DEFAULT_BUDGET_BYTES,
            true,
        ),
    ] {
        let runs: Vec<_> = (0..RUNS).map(|_| append(with_ids, budget, false)).collect();
        let time = runs.iter().map(|run| run.0).min().unwrap_or_default();
        let rate = RECORDS as f64 / time.as_secs_f64();
        let overhead = runs[0].1;
        println!(
            "{name:28} {:5.2} M records/s, {overhead:5.1} B a record above its payload",
            rate / 1e6
        );
        good &= !judged || (rate >= 5e6 && overhead <= 40.0);
    }
    let (time, _) = append(false, DEFAULT_BUDGET_BYTES, true);
    println!(
        "{:28} {:5.2} M records/s",
        "while a window draws",
        RECORDS as f64 / time.as_secs_f64() / 1e6
    );
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Returns the time of a run, and the number of bytes that each stored record needs besides its payload.
fn append(with_ids: bool, budget: u64, with_reader: bool) -> (Duration, f64) {
    let (mut writer, store) = Store::new(budget);
    let ended = AtomicBool::new(false);
    let time = thread::scope(|scope| {
        if with_reader {
            scope.spawn(|| draw(&store, &ended));
        }
        let start = Instant::now();
        let mut digits = *b"0000000000";
        for number in 0..RECORDS {
            let moment = Moment::from_nanos(number / BATCH * 100_000);
            let stamp = Stamp {
                moment,
                utc: Timestamp::from_micros(moment.as_nanos() as i64 / 1_000),
            };
            let kind = if with_ids {
                let mut rest = number;
                digits
                    .iter_mut()
                    .rev()
                    .for_each(|digit| (*digit, rest) = (b'0' + (rest % 10) as u8, rest / 10));
                Kind::Event {
                    event: b"price",
                    id: &digits,
                    data: &PAYLOAD,
                }
            } else {
                Kind::Text {
                    direction: Direction::In,
                    data: &PAYLOAD,
                    failed: None,
                    wire: None,
                }
            };
            writer.push(&Record {
                stamp,
                connection: 1,
                kind,
            });
            if number % BATCH == BATCH - 1 {
                writer.flush();
            }
        }
        writer.flush();
        ended.store(true, Ordering::Relaxed);
        start.elapsed()
    });
    let extent = store.extent();
    let kept = extent.end - extent.first;
    (
        time,
        extent.memory as f64 / kept as f64 - PAYLOAD.len() as f64,
    )
}

/// Executes the requests of a window in each pass, a hundred times per second.
fn draw(store: &Store, ended: &AtomicBool) {
    while !ended.load(Ordering::Relaxed) {
        let extent = store.extent();
        let places = store.rank(ClassSet::USUAL, extent.end);
        let top = store
            .select(ClassSet::USUAL, places.saturating_sub(40))
            .unwrap_or_default();
        assert!(store.rows(ClassSet::USUAL, top, extent.end, 40, 200).len() <= 40);
        thread::sleep(Duration::from_millis(10));
    }
}
