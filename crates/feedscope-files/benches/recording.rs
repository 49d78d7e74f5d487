//! Processor time that a recording costs for each record, without a network: the store that is filled for it, and the
//! recorder that reads the store and writes a file.
//!
//! `cargo bench -p feedscope-files --bench recording`, or with a folder for the file: `-- /dev/shm`. Records of 100
//! bytes come at a million a second, as many at once as one read from a socket brings. Each round passes them to nothing, to
//! a store, and to a store with a recorder. The medians of the differences are printed, and the exit status is
//! 1 if the aim of 100 ns is missed.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reads clocks, prints its results, and ends where it cannot begin"
)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use feedscope_core::store::{RowNumber, StagedWriter, Store};
use feedscope_core::{Direction, Kind, Moment, Record, Sink, Stamp, Timestamp};
use feedscope_files::recording::{
    Existing, FeedDescription, RecordedFeed, Recorder, RecordingTarget,
};

/// Number of records of a measure, which takes a fifth of a second; see [`write_space`].
const RECORDS: u64 = 200_000;
/// Number of bytes of a record's payload.
const PAYLOAD: usize = 100;
/// Number of records of one read from a socket.
const BATCH: u64 = 500;
const A_SECOND: u64 = 1_000_000;
const ROUNDS: usize = 25;
/// Space that is written before each measure, which is more than a recording needs.
const SPACE_BYTES: usize = 32 << 20;
/// Most nanoseconds for a record.
const AIM: f64 = 100.0;
/// Memory of the store, as `feedscope record` has it.
const STORE_BYTES: u64 = 2 << 20;

fn main() -> ExitCode {
    // Cargo passes options that begin with dashes.
    let folder = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let folder = folder.map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let path = folder.join("bench.feedscope");
    println!("a recording in {}", folder.display());
    let mut is_good = true;
    for (name, kind) in [
        ("events", event as fn(&str) -> Kind<'_>),
        ("messages", message),
    ] {
        let rounds: Vec<_> = (0..ROUNDS).map(|_| Round::run(kind, &path)).collect();
        let median = |cost: fn(&Round) -> f64| {
            let mut costs: Vec<_> = rounds.iter().map(cost).collect();
            costs.sort_by(f64::total_cmp);
            costs[ROUNDS / 2]
        };
        let store = median(|round| round.store - round.nothing);
        let recorder = median(|round| round.recording - round.store);
        let both = median(|round| round.recording - round.nothing);
        println!(
            "  {name:9} store {store:5.1} ns, recorder {recorder:5.1} ns, together {both:5.1} ns, at most {AIM} aimed at"
        );
        is_good &= both <= AIM;
    }
    if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Nanoseconds of processor time for a record, of all threads.
struct Round {
    nothing: f64,
    store: f64,
    recording: f64,
}

impl Round {
    fn run(kind: fn(&str) -> Kind<'_>, path: &Path) -> Self {
        let nothing = cost_of(path, || pour(&mut Nothing, kind));
        let store = cost_of(path, || {
            let (writer, _store) = Store::new(STORE_BYTES);
            pour(&mut StagedWriter::new(writer), kind);
        });
        let recording = cost_of(path, || {
            let (writer, store) = Store::new(STORE_BYTES);
            let recorder = recorder(store, path);
            pour(&mut StagedWriter::new(writer), kind);
            let progress = recorder.finish();
            assert_eq!((progress.records, progress.lost), (RECORDS, 0));
        });
        std::fs::remove_file(path).unwrap();
        Self {
            nothing,
            store,
            recording,
        }
    }
}

/// Sink that drops every record.
struct Nothing;

impl Sink for Nothing {
    fn push(&mut self, record: &Record<'_>) {
        black_box(record);
    }

    fn flush(&mut self) {}
}

fn recorder(store: Store, path: &Path) -> Recorder {
    let target = RecordingTarget {
        path: path.to_owned(),
        existing: Existing::Refuse,
        left_free: 0,
    };
    let feed = RecordedFeed {
        description: FeedDescription::default(),
        store,
        from: RowNumber(0),
    };
    Recorder::start(target, None, vec![feed], || {}).unwrap()
}

/// Passes the records to a sink at their rate.
fn pour(sink: &mut dyn Sink, kind: fn(&str) -> Kind<'_>) {
    // The records of a read are in a buffer that is used again for the next one.
    let buffer: String = vec!["x".repeat(PAYLOAD); BATCH as usize].concat();
    let begin = Instant::now();
    for batch in 0..RECORDS / BATCH {
        let passed = begin.elapsed();
        let moment = Moment::from_nanos(passed.as_nanos() as u64);
        let stamp = Stamp {
            moment,
            utc: Timestamp::from_micros(1_795_240_000_000_000 + passed.as_micros() as i64),
        };
        for place in 0..BATCH as usize {
            sink.push(&Record {
                stamp,
                connection: 1,
                kind: kind(&buffer[place * PAYLOAD..(place + 1) * PAYLOAD]),
            });
        }
        sink.flush();
        let due = Duration::from_nanos((batch + 1) * BATCH * 1_000_000_000 / A_SECOND);
        thread::sleep(due.saturating_sub(begin.elapsed()));
    }
}

fn event(data: &str) -> Kind<'_> {
    Kind::Event {
        event: b"price",
        id: &data.as_bytes()[..8],
        data: data.as_bytes(),
    }
}

fn message(data: &str) -> Kind<'_> {
    Kind::Text {
        direction: Direction::In,
        data: data.as_bytes(),
        failed: None,
        wire: None,
    }
}

/// Writes a file of the size of a recording and removes it, so that no measure contains a disk that grows. A virtual
/// machine may give free memory back to its host after two seconds. To get a page back costs ten times as much as the
/// recording of its records, so that the measure follows at once and is short.
fn write_space(path: &Path) {
    std::fs::write(path, vec![1; SPACE_BYTES]).unwrap();
    std::fs::remove_file(path).unwrap();
}

fn cost_of(path: &Path, run: impl FnOnce()) -> f64 {
    write_space(path);
    let before = processor_time();
    run();
    processor_time().saturating_sub(before).as_secs_f64() * 1e9 / RECORDS as f64
}

/// Returns the processor time of this process, or the elapsed time where the system does not report it.
#[cfg(target_os = "linux")]
fn processor_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap()
}

#[cfg(not(target_os = "linux"))]
fn processor_time() -> Duration {
    use std::sync::LazyLock;
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGAN.elapsed()
}
