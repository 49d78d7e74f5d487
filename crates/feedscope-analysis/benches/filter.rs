//! Benchmark of a filter on ten million rows of 100 bytes, compared with `rg -c` on the same bytes, with one line for
//! each row.
//!
//! Run it with `cargo bench -p feedscope-analysis --bench filter`. Typed filters behind `--` select these cases.
//! `FEEDSCOPE_BENCH_ROWS` sets another number of rows.
//! It prints the best of a few runs for each case. The exit status is 1 if a goal is missed: the first matches within
//! 50 ms if the newest million rows contain one, all matches within twice the time of `rg`, and all matches of a whole jq
//! expression within the time of `jaq`, which uses one processor. A program that is not installed is reported, and its
//! goals are not checked.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a benchmark asks the time, starts what it is measured against, and prints what it found"
)]

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

use feedscope_analysis::density::{Density, WantedParts};
use feedscope_analysis::filter::{Filter, ParseContext, Scan};
use feedscope_analysis::listing::Listing;
use feedscope_core::store::{ClassSet, RowNumber, Store};
use feedscope_core::{Kind, Moment, Record, Sink as _, Stamp, Timestamp};

const ROWS: u64 = 10_000_000;
/// Number of bytes in one step of the app's thread.
const STEP_BYTES: usize = 1 << 20;
const RUNS: usize = 3;

/// Typed filter, arguments of `rg`, and true if the case counts for the exit status.
const CASES: &[(&str, &[&str], bool)] = &[
    ("\"qty\":77,", &["-F", "\"qty\":77,"], true),
    ("ACME-9", &["-F", "ACME-9"], true),
    ("zeta-1", &["-i", "-F", "zeta-1"], true),
    ("Nowhere", &["-F", "Nowhere"], false),
    ("symbol", &["-i", "-F", "symbol"], false),
    ("/qty\":7[0-9],/", &["qty\":7[0-9],"], false),
    ("type:price ACME-9", &["-F", "ACME-9"], false),
    ("-symbol", &["-v", "-i", "symbol"], false),
    (".qty == 77", &["-F", "\"qty\":77,"], false),
    (".price > 100", &["-F", "\"price\""], false),
    (
        ".symbol == \"ACME-9\" and .price > 990",
        &["-F", "\"price\":99"],
        false,
    ),
    ("(.price * 2) > 1980", &["-F", "\"price\":99"], false),
];

/// Expressions beyond comparisons of a path with a constant. `jaq` selects the same lines.
const EXPRESSIONS: &[&str] = &[
    "(.price * 2) > 1980",
    "(.price + .qty) > 10900",
    "(.symbol | startswith(\"ACME\")) and (.seq % 7 == 0)",
    ".qty < 100 and (to_entries | length) == 6",
];

fn main() -> ExitCode {
    let rows = std::env::var("FEEDSCOPE_BENCH_ROWS")
        .ok()
        .and_then(|rows| rows.parse().ok())
        .unwrap_or(ROWS);
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let lines = folder.path().join("lines");
    let store = fill(rows, &lines);
    let size = store.extent().memory;
    println!(
        "{rows} rows of about 100 B, {:.2} GB of memory",
        size as f64 / 1e9
    );

    let mut good = true;
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |typed: &str| {
        let mut wanted = wanted.iter().filter(|it| *it != "--bench").peekable();
        wanted.peek().is_none() || wanted.any(|it| it == typed)
    };
    for &(typed, arguments, judged) in CASES.iter().filter(|case| is_wanted(case.0)) {
        let (filter, parsed) = parse(typed);
        let runs: Vec<_> = (0..RUNS).map(|_| scan(&filter, &store)).collect();
        let first = runs.iter().filter_map(|run| run.first).min();
        let all = runs.iter().map(|run| run.all).min().unwrap_or_default();
        let rg = (0..RUNS).filter_map(|_| rg(arguments, &lines)).min();
        let said = match rg {
            Some(rg) => format!(
                "rg -c {:7.1} ms, {:.2} of it",
                millis(rg),
                all.as_secs_f64() / rg.as_secs_f64()
            ),
            None => String::from("SKIPPED: rg is not at hand"),
        };
        let first_said = first.map_or(String::from("none"), |first| {
            format!("{:.2} ms", millis(first))
        });
        println!(
            "  {typed:24} parsed {:5.2} ms  {:>9} hits  first {first_said:>9}  all {:7.1} ms  {said}",
            millis(parsed),
            runs[0].hits,
            millis(all)
        );
        let in_time = first.is_none_or(|first| first <= Duration::from_millis(50))
            && rg.is_none_or(|rg| all <= rg * 2);
        good &= in_time || !judged;
    }
    for typed in EXPRESSIONS.iter().filter(|typed| is_wanted(typed)) {
        good &= expression(typed, &store, &lines);
    }
    density(&store);
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Measures an expression beside `jaq` on the same bytes. Returns false if it takes longer than `jaq`, or has other hits.
fn expression(typed: &str, store: &Store, lines: &Path) -> bool {
    let (filter, _) = parse(typed);
    let runs: Vec<_> = (0..RUNS).map(|_| scan(&filter, store)).collect();
    let all = runs.iter().map(|run| run.all).min().unwrap_or_default();
    let hits = runs[0].hits;
    let start = Instant::now();
    // One run is enough, because it takes many seconds.
    let output = Command::new("jaq")
        .args(["-c", &format!("select({typed}) | 0")])
        .arg(lines)
        .output();
    let Ok(output) = output else {
        println!(
            "  {typed}: {hits} hits, all {:.1} ms, SKIPPED: jaq is not at hand",
            millis(all)
        );
        return true;
    };
    let jaq = start.elapsed();
    let selected = String::from_utf8_lossy(&output.stdout).lines().count();
    println!(
        "  {typed}: {hits} hits, all {:.1} ms, jaq {:.1} ms, {:.2} of it",
        millis(all),
        millis(jaq),
        all.as_secs_f64() / jaq.as_secs_f64()
    );
    if selected as u64 != hits {
        println!("  jaq selects {selected} lines");
    }
    all <= jaq && selected as u64 == hits
}

/// Parses a filter, and measures the time, because parsing happens between two passes.
fn parse(typed: &str) -> (Arc<Filter>, Duration) {
    let parsed = |_| {
        let start = Instant::now();
        let filter = Filter::parse(typed, &ParseContext::default()).expect("it is a filter");
        (Arc::new(filter), start.elapsed())
    };
    let runs = (0..RUNS).map(parsed);
    runs.min_by_key(|(_, time)| *time).expect("there was a run")
}

/// Measures the time of a density: the first one, and one after a new record.
fn density(store: &Store) {
    let wanted = |end| WantedParts {
        listing: Listing::of_classes(store, ClassSet::USUAL),
        end: Some(end),
        matches: None,
        lens: None,
    };
    let end = store.extent().end;
    let density = Density::new(store, wanted(RowNumber(end.0 - 1)));
    let start = Instant::now();
    while !density.update(STEP_BYTES).is_done {}
    let first = start.elapsed();
    density.want(wanted(end));
    let start = Instant::now();
    density.update(STEP_BYTES);
    println!(
        "  density: {:.1} ms for the first time, {:.2} ms anew",
        millis(first),
        millis(start.elapsed())
    );
}

struct Run {
    first: Option<Duration>,
    all: Duration,
    hits: u64,
}

fn scan(filter: &Arc<Filter>, store: &Store) -> Run {
    let scan = Scan::new(store, Arc::clone(filter), ClassSet::ALL);
    let start = Instant::now();
    let mut first = None;
    loop {
        let progress = scan.step(STEP_BYTES);
        if first.is_none() && progress.hits_found > 0 {
            first = Some(start.elapsed());
        }
        if progress.done {
            return Run {
                first,
                all: start.elapsed(),
                hits: progress.hits_found,
            };
        }
    }
}

fn rg(arguments: &[&str], lines: &Path) -> Option<Duration> {
    let start = Instant::now();
    // `rg` uses one thread, as a scan does, and fails if nothing matches.
    Command::new("rg")
        .args(["-c", "-j1", "--no-config"])
        .args(arguments)
        .arg(lines)
        .output()
        .ok()?;
    Some(start.elapsed())
}

/// Creates a store of ticks, and a file with the same payloads as lines.
fn fill(rows: u64, lines: &Path) -> Store {
    let (mut writer, store) = Store::new(u64::MAX);
    let mut file = BufWriter::new(File::create(lines).expect("a file can be made"));
    for number in 0..rows {
        let symbol =
            ["ACME-9", "BETA-12", "gamma-3", "Zeta-1", "theta-44"][number as usize * 7919 % 50 % 5];
        let price = number * 7919 % 100_000;
        let data = format!(
            "{{\"symbol\":\"{symbol}\",\"price\":{}.{:02},\"qty\":{},\"venue\":\"XPAR\",\"at\":{},\"seq\":{}}}",
            price / 100,
            price % 100,
            number * 104_729 % 9_973,
            1_790_000_000_000 + number * 137,
            // Numbers of one length, so that all payloads have about the same size.
            1_000_000_000 + number,
        );
        let id = number.to_string();
        let kind = Kind::Event {
            event: b"price",
            id: id.as_bytes(),
            data: data.as_bytes(),
        };
        let moment = Moment::from_nanos(number * 1_000);
        let stamp = Stamp {
            moment,
            utc: Timestamp::from_micros(1_790_000_000_000_000 + number as i64),
        };
        writer.push(&Record {
            stamp,
            connection: 1,
            kind,
        });
        file.write_all(data.as_bytes())
            .and_then(|()| file.write_all(b"\n"))
            .expect("the disk has room");
    }
    writer.flush();
    file.flush().expect("the disk has room");
    store
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
