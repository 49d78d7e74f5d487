//! Floods into the whole app without a screen: the records kept and let go, and the memory used.
//!
//! `cargo bench --bench soak` runs all of them, and `cargo bench --bench soak -- messages` runs one by its name. 20
//! million records are sent over either protocol; `FEEDSCOPE_SOAK_RECORDS` sets another number. Each soak runs in a
//! process of its own, so that its memory can be measured. The exit status is 1 if an aim is missed.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a soak prints what it found, and ends where it cannot begin"
)]

#[path = "soak/account.rs"]
mod account;
#[path = "soak/headless.rs"]
mod headless;
#[path = "soak/server.rs"]
mod server;

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use egui::Key;
use feedscope_core::ConnectionState;
use feedscope_core::store::{DEFAULT_BUDGET_BYTES, RowNumber};
use feedscope_ui::FeedScene;

use account::account;
use headless::{Headless, Memory};
use server::{Pour, Server};

/// Minimum records a second. The constants below are the other aims.
const RECORDS_A_SECOND: f64 = 1e6;
const ABOVE_BUDGET: u64 = 64 << 20;
const SMALL_MESSAGES: u64 = 300_000_000;
const BURST: Duration = Duration::from_secs(1);
const DISCONNECT: Duration = Duration::from_millis(100);

const MIB: f64 = 1_048_576.0;

/// Name of a soak, and the function that runs it and returns true if all aims are reached.
type Soak = (&'static str, fn() -> bool);

const SOAKS: &[Soak] = &[
    ("events", || flood(false, 0)),
    ("messages", || flood(true, 0)),
    ("history", || flood(true, 32 << 30)),
    ("small-messages", small_messages),
    ("large-messages", large_messages),
    ("burst", burst),
    ("disconnect", disconnect),
];

fn main() -> ExitCode {
    // The window sets up the allocator in the same way.
    feedscope::app::give_back_at_once();
    // Cargo adds the argument `--bench`.
    let mut names = std::env::args().skip(1).filter(|name| name != "--bench");
    let good = if let Some(name) = names.next() {
        let Some((_, run)) = SOAKS.iter().find(|(known, _)| *known == name) else {
            println!("there is no soak {name:?}");
            return ExitCode::from(2);
        };
        run()
    } else {
        // All soaks run, even if one fails.
        let ended_well = |name: &str| {
            let program = std::env::current_exe().unwrap();
            Command::new(program).arg(name).status().unwrap().success()
        };
        SOAKS.iter().filter(|(name, _)| !ended_well(name)).count() == 0
    };
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Returns true if the feed has ended.
fn is_over(feed: &FeedScene) -> bool {
    matches!(
        feed.source.state(),
        Some(ConnectionState::Closed | ConnectionState::Failed)
    )
}

/// Sends records of 100 bytes as fast as the machine can.
fn flood(web_socket: bool, disk_history: u64) -> bool {
    let records = std::env::var("FEEDSCOPE_SOAK_RECORDS").ok();
    let pour = Pour {
        web_socket,
        records: records
            .and_then(|records| records.parse().ok())
            .unwrap_or(20_000_000),
        bytes: 100,
        binary: false,
    };
    let server = Server::start(pour);
    let started = Instant::now();
    let before = Memory::now();
    let mut app = Headless::connect(server.url(), DEFAULT_BUDGET_BYTES, disk_history);
    app.pass_until(is_over);
    let seconds = started.elapsed().as_secs_f64();
    let rate = pour.records as f64 / seconds;
    let told = account(&app.feed().store, pour.records);
    // Mapped files are left out, because the system can reuse their memory for other processes.
    let above = (app.peak.own - before.own).saturating_sub(DEFAULT_BUDGET_BYTES);
    println!(
        "{} {} of 100 B{}: {:.2} M/s, {}; {:.1} MiB above the budget at most, {:.0} MiB resident",
        pour.records,
        if web_socket { "messages" } else { "events" },
        if disk_history > 0 {
            ", older ones on disk"
        } else {
            ""
        },
        rate / 1e6,
        told.sentence,
        above as f64 / MIB,
        app.peak.all as f64 / MIB,
    );
    told.is_good
        && above <= ABOVE_BUDGET
        && rate >= RECORDS_A_SECOND
        && (disk_history == 0 || told.let_go == 0)
}

/// Sends 720,000 messages of 100 bytes, which all must be kept.
fn small_messages() -> bool {
    let pour = Pour {
        web_socket: true,
        records: 720_000,
        bytes: 100,
        binary: false,
    };
    let server = Server::start(pour);
    let mut app = Headless::connect(server.url(), DEFAULT_BUDGET_BYTES, 0);
    app.pass_until(is_over);
    let told = account(&app.feed().store, pour.records);
    println!(
        "{} messages of 100 B: {}; {:.0} MB resident",
        pour.records,
        told.sentence,
        app.peak.all as f64 / 1e6
    );
    told.is_good && told.let_go == 0 && app.peak.all <= SMALL_MESSAGES
}

/// Sends a gigabyte in messages of a megabyte, and then clears them.
fn large_messages() -> bool {
    let pour = Pour {
        web_socket: true,
        records: 1_024,
        bytes: 1 << 20,
        binary: true,
    };
    let server = Server::start(pour);
    let before = Memory::now();
    let mut app = Headless::connect(server.url(), DEFAULT_BUDGET_BYTES, 0);
    app.pass_until(is_over);
    let told = account(&app.feed().store, pour.records);
    let above = (app.peak.all - before.all).saturating_sub(DEFAULT_BUDGET_BYTES);
    app.feed().store.clear();
    app.pass_until(|_| true);
    let left = Memory::now().all - before.all;
    println!(
        "{} messages of 1 MiB: {}; {:.1} MiB above the budget at most, {:.1} MiB left when cleared",
        pour.records,
        told.sentence,
        above as f64 / MIB,
        left as f64 / MIB
    );
    told.is_good && above <= ABOVE_BUDGET && left <= ABOVE_BUDGET
}

/// Sends 10,000 events at once.
fn burst() -> bool {
    let pour = Pour {
        web_socket: false,
        records: 10_000,
        bytes: 310,
        binary: false,
    };
    let server = Server::start(pour);
    let mut app = Headless::connect(server.url(), DEFAULT_BUDGET_BYTES, 0);
    // The pass that sees the end also shows the last row, because the view follows the newest row.
    app.pass_until(is_over);
    let took = server.finished().unwrap().elapsed();
    let told = account(&app.feed().store, pour.records);
    println!(
        "{} events of 310 B: {}; the last in sight {:.0} ms after its last byte was sent",
        pour.records,
        told.sentence,
        took.as_secs_f64() * 1e3
    );
    told.is_good && took <= BURST
}

/// Disconnects during an endless flood.
fn disconnect() -> bool {
    let pour = Pour {
        web_socket: false,
        records: u64::MAX >> 1,
        bytes: 100,
        binary: false,
    };
    let mut longest = Duration::ZERO;
    for _ in 0..20 {
        let server = Server::start(pour);
        let mut app = Headless::connect(server.url(), DEFAULT_BUDGET_BYTES, 0);
        app.pass_until(|feed| feed.store.extent().end > RowNumber(200_000));
        let pressed = Instant::now();
        app.press_ctrl(Key::D);
        app.pass_until(|feed| feed.source.state() == Some(ConnectionState::Closed));
        longest = longest.max(pressed.elapsed());
    }
    println!(
        "Disconnect during a flood: answered within {:.0} ms, 20 times",
        longest.as_secs_f64() * 1e3
    );
    longest <= DISCONNECT
}
