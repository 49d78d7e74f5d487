//! CPU time of a pass of the window: logic, layout and tessellation, without painting.
//!
//! `cargo bench --bench frame`, or with the names of scenes: `-- following large plot keys columns lens messages`. A view
//! follows 50,000 records a second, with ten thousand and with ten million rows behind it. Two views on a screen of 3840 ×
//! 2160 points follow as many each. A plot of ten million points, a table of ten thousand keys and twenty columns from
//! fields are open while a view follows, and the lens of JSON-RPC reads as many records a second. Then messages of 100 MB
//! are opened and scrolled in each form. The exit status is 1 if an aim is missed: 99 of 100 passes take at most 4 ms, and
//! with ten million rows or points at most 1.2 times as long as with ten thousand.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints what it found, and ends where it cannot begin"
)]

#[path = "frame/ticks.rs"]
mod ticks;
#[path = "frame/window.rs"]
mod window;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use egui::{Event, Key, Modifiers};

use window::Bench;

/// Maximum cost of 99 of 100 passes in milliseconds. The constant below is the other aim.
const MOST_MS: f64 = 4.0;
const MOST_GROWTH: f64 = 1.2;

const FEW: u64 = 10_000;
const MANY: u64 = 10_000_000;
const A_SECOND: u64 = 50_000;
const PASSES: usize = 300;
const RUNS: usize = 3;
const MESSAGE_BYTES: usize = 100_000_000;

/// Measures a scene, and returns true if its aims are reached.
type Scene = fn() -> bool;

fn main() -> ExitCode {
    let scenes: [(&str, Scene); 7] = [
        ("following", following),
        ("large", large_screen),
        ("plot", plot),
        ("keys", keys),
        ("columns", columns),
        ("lens", lens),
        ("messages", messages),
    ];
    // Cargo passes options that begin with dashes.
    let chosen: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let mut good = true;
    for (name, scene) in scenes {
        if chosen.is_empty() || chosen.iter().any(|it| it == name) {
            good &= scene();
        }
    }
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Follows a feed with few and with many rows. Returns true if the aims are reached.
fn following() -> bool {
    println!("following {A_SECOND} records a second, {PASSES} passes at 60 a second");
    few_and_many(Bench::with_ticks)
}

/// Follows a feed while a number of few and of many rows is plotted. Returns true if the aims are reached.
fn plot() -> bool {
    println!("a plot of all rows, while a view follows {A_SECOND} records a second");
    few_and_many(Bench::with_plot)
}

/// Follows a feed with a table of the newest values by key. Returns true if the aim is reached.
fn keys() -> bool {
    println!(
        "a table of {} keys, while a view follows {A_SECOND} records a second",
        ticks::KEYS
    );
    one(&mut Bench::with_keys(5 * FEW))
}

/// Follows a feed with many columns from fields. Returns true if the aim is reached.
fn columns() -> bool {
    println!(
        "{} columns from fields, while a view follows {A_SECOND} records a second",
        ticks::FIELDS
    );
    one(&mut Bench::with_columns(FEW))
}

/// Follows a feed whose rows are texts of a lens. Returns true if the aim is reached.
fn lens() -> bool {
    println!("{A_SECOND} records a second of JSON-RPC through its lens");
    one(&mut Bench::with_lens(FEW))
}

/// Measures windows over few and over many rows. Returns true if the aims are reached.
fn few_and_many(window: fn(u64) -> Bench) -> bool {
    let (mut few, mut many) = (window(FEW), window(MANY));
    // Both are measured alternately, and the best of a few runs counts, so that other load has less influence.
    let runs: Vec<_> = (0..RUNS)
        .map(|_| (follow(&mut few), follow(&mut many)))
        .collect();
    let best = |cost: fn(&(Cost, Cost)) -> f64| runs.iter().map(cost).fold(f64::MAX, f64::min);
    let (few_p50, few_p99) = (best(|run| run.0.p50), best(|run| run.0.p99));
    let (many_p50, many_p99) = (best(|run| run.1.p50), best(|run| run.1.p99));
    println!("  {FEW:>10} rows  p50 {few_p50:5.2} ms  p99 {few_p99:5.2} ms");
    println!("  {MANY:>10} rows  p50 {many_p50:5.2} ms  p99 {many_p99:5.2} ms");
    let growth = (many_p50 / few_p50).max(many_p99 / few_p99);
    println!("  grows by {growth:.2}");
    many_p99 <= MOST_MS && growth <= MOST_GROWTH
}

/// Follows two feeds on a large screen. Returns true if the aim is reached.
fn large_screen() -> bool {
    println!("two panes at 3840 × 2160, each following {A_SECOND} records a second");
    one(&mut Bench::with_two_panes(FEW))
}

/// Measures a window that follows its feeds. Returns true if the aim is reached.
fn one(bench: &mut Bench) -> bool {
    let rows = bench.store().extent().end.0;
    let runs: Vec<_> = (0..RUNS).map(|_| follow(bench)).collect();
    let best = |cost: fn(&Cost) -> f64| runs.iter().map(cost).fold(f64::MAX, f64::min);
    let (p50, p99) = (best(|cost| cost.p50), best(|cost| cost.p99));
    println!("  {rows:>10} rows  p50 {p50:5.2} ms  p99 {p99:5.2} ms");
    p99 <= MOST_MS
}

/// Opens large messages. Returns true if the aim is reached.
fn messages() -> bool {
    println!(
        "a message of {} MB, opened and scrolled",
        MESSAGE_BYTES / 1_000_000
    );
    let mut good = true;
    for (name, message, tabs) in [
        ("JSON", json(), &["JSON", "Text", "Hex"][..]),
        (
            "one line of text",
            vec![b'x'; MESSAGE_BYTES],
            &["Text", "Hex"],
        ),
    ] {
        let mut bench = Bench::with_message(&message);
        drop(message);
        for tab in tabs {
            let (cost, waited) = look_at(&mut bench, tab);
            let Cost { p50, p99, max } = cost;
            println!(
                "  {name:16} {tab:4}  p50 {p50:5.2} ms  p99 {p99:5.2} ms  max {max:5.2} ms  there after {:4.0} ms",
                waited.as_secs_f64() * 1e3
            );
            good &= p99 <= MOST_MS;
        }
    }
    good
}

struct Cost {
    p50: f64,
    p99: f64,
    max: f64,
}

impl Cost {
    fn of(mut passes: Vec<Duration>) -> Self {
        passes.sort_unstable();
        let ms = |percent: usize| {
            let rank = (passes.len() * percent).div_ceil(100).max(1);
            passes[rank - 1].as_secs_f64() * 1e3
        };
        Self {
            p50: ms(50),
            p99: ms(99),
            max: ms(100),
        }
    }
}

/// Runs sixty passes a second while records arrive.
fn follow(bench: &mut Bench) -> Cost {
    const PASS: Duration = Duration::from_micros(16_667);
    const BATCH: u64 = 50;
    let mut writers = std::mem::take(&mut bench.writers);
    let tick = bench.tick;
    let over = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&over);
    let mut number = bench.store().extent().end.0;
    let pouring = thread::Builder::new()
        .name("feed".to_owned())
        .spawn(move || {
            let mut due = Instant::now();
            while !is_over.load(Ordering::Acquire) {
                for _ in 0..BATCH {
                    for writer in &mut writers {
                        tick(writer, number);
                    }
                    number += 1;
                }
                due += Duration::from_secs(1) * BATCH as u32 / A_SECOND as u32;
                thread::sleep(due.saturating_duration_since(Instant::now()));
            }
            writers
        })
        .unwrap();
    let mut passes = Vec::with_capacity(PASSES);
    let mut due = Instant::now();
    for _ in 0..PASSES {
        passes.push(bench.pass(Vec::new()));
        bench.search_for(PASS / 2);
        due += PASS;
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    over.store(true, Ordering::Release);
    bench.writers = pouring.join().unwrap();
    Cost::of(passes)
}

/// Opens a form of the message and moves through it: by the wheel, by keys, and by a drag of the bar over its whole
/// length. Returns the costs, and the time until the form was visible.
fn look_at(bench: &mut Bench, tab: &str) -> (Cost, Duration) {
    let mut passes = Vec::new();
    let began = Instant::now();
    if !bench.is_looking() {
        passes.push(bench.press(Key::ArrowUp, Modifiers::NONE));
    }
    passes.extend(bench.click_tab(tab));
    while !bench.shows(tab) {
        assert!(began.elapsed() < Duration::from_mins(1), "{tab} never came");
        passes.push(bench.pass(Vec::new()));
        // The inspector prepares large payloads as a task.
        bench.search();
        thread::sleep(Duration::from_millis(1));
    }
    let waited = began.elapsed();
    for _ in 0..100 {
        passes.push(bench.wheel(tab, -57.0));
    }
    passes.extend(bench.drag_bar(tab, 100));
    bench.focus(tab);
    for key in [Key::End, Key::PageUp, Key::PageUp, Key::Home, Key::PageDown] {
        let modifiers = if tab == "JSON" || matches!(key, Key::PageUp | Key::PageDown) {
            Modifiers::NONE
        } else {
            Modifiers::COMMAND
        };
        passes.push(bench.press(key, modifiers));
        passes.push(bench.pass(Vec::new()));
        bench.search();
    }
    passes.push(bench.pass(vec![Event::PointerGone]));
    (Cost::of(passes), waited)
}

/// Returns an array of objects, as feeds send them.
fn json() -> Vec<u8> {
    let mut text = b"[".to_vec();
    let mut number = 0_u64;
    while text.len() < MESSAGE_BYTES {
        let item = format!(
            "{{\"id\":{number},\"symbol\":\"ACME\",\"price\":{}.{:02},\"book\":{{\"bid\":[1,2],\"ask\":null}}}},",
            number % 997,
            number % 100
        );
        text.extend_from_slice(item.as_bytes());
        number += 1;
    }
    text.pop();
    text.push(b']');
    text
}
