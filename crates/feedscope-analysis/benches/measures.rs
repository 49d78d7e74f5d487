//! The cost of the measures for each record, without fields, beside the aim of 20 ns.
//!
//! `cargo bench -p feedscope-analysis --bench measures`. The best of a few runs is printed for each feed, without the time
//! that the benchmark needs to make its records; the exit status is 1 where the aim is missed. On Linux it is the time of
//! the processor, so that other programs have less influence.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a benchmark reads the clock and prints its results"
)]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use feedscope_analysis::measures::Measures;
use feedscope_core::{Direction, Kind, Moment, Record, Stamp, Timestamp};

const RECORDS: u64 = 2_000_000;
const RUNS: usize = 5;
/// Most nanoseconds of a record.
const AIM: f64 = 20.0;

fn main() -> ExitCode {
    let data = [b'x'; 100];
    let ids: Vec<String> = (0..RECORDS).map(|number| number.to_string()).collect();
    let event = |number: u64, event, id| Record {
        stamp: stamp(number),
        connection: 1,
        kind: Kind::Event {
            event,
            id,
            data: &data[..50 + number as usize % 50],
        },
    };
    let id = |number: u64| ids[number as usize].as_bytes();
    let message = |number: u64| Record {
        stamp: stamp(number),
        connection: 1,
        kind: Kind::Text {
            direction: Direction::In,
            data: &data[..50 + number as usize % 50],
            failed: None,
            wire: None,
        },
    };
    let types: [&[u8]; 4] = [b"price", b"trade", b"book", b"heartbeat"];
    let results = [
        (
            "events without ids",
            best(|number| event(number, b"price", b"")),
        ),
        (
            "events with ids that count up",
            best(|number| event(number, b"price", id(number))),
        ),
        (
            "events of four types",
            best(|number| event(number, types[number as usize % 4], id(number))),
        ),
        ("messages", best(message)),
    ];
    let mut good = true;
    for (name, nanos) in results {
        println!("  {name:32} {nanos:5.1} ns a record, at most {AIM} aimed at");
        good &= nanos <= AIM;
    }
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A million records a second, a hundred in each read.
fn stamp(number: u64) -> Stamp {
    Stamp {
        moment: Moment::from_nanos(number / 100 * 100_000),
        utc: Timestamp::from_micros(1_790_000_000_000_000 + number as i64 / 100 * 100),
    }
}

/// Returns the least time in nanoseconds that the measures take for a record.
fn best<'a>(record: impl Fn(u64) -> Record<'a>) -> f64 {
    let nothing = best_of_runs(|| {
        for number in 0..RECORDS {
            black_box(record(number));
        }
    });
    let measured = best_of_runs(|| {
        let mut measures = Measures::default();
        for number in 0..RECORDS {
            measures.add(black_box(&record(number)));
        }
        assert_eq!(measures.figures(None).records, RECORDS);
    });
    measured - nothing
}

/// Returns the least time in nanoseconds of a run for each of its records.
fn best_of_runs(run: impl Fn()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        let start_of_thread = processor_nanos();
        run();
        let of_thread = processor_nanos();
        let nanos = match start_of_thread.zip(of_thread) {
            Some((start, end)) => end - start,
            None => start.elapsed().as_nanos() as u64,
        };
        nanos as f64 / RECORDS as f64
    };
    (0..RUNS).map(time).fold(f64::INFINITY, f64::min)
}

/// Returns the time for which this thread has run; `None` on systems other than Linux.
fn processor_nanos() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}
