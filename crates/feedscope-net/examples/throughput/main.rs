//! Cost of an event on its way from a loopback socket into a sink, and the time that it takes. Bare loops over the
//! libraries that other programs use are measured for comparison.
//!
//! `cargo run --release -p feedscope-net --example throughput -- [EVENTS]` prints for each event the CPU time of the
//! reading threads (Linux only) and the elapsed time. Each line is the best of several runs. `scripts/bench` uses the
//! other commands:
//!
//! - `serve EVENTS` prints the URL of a server of ticks and runs until its standard input ends;
//! - `read NAME HOST:PORT` runs one bare loop as a separate program;
//! - `delivery MESSAGES` prints the time that messages take into a store, at a thousand messages a second.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measuring tool prints, and stops where it cannot measure"
)]

mod bare;
mod delivery;
mod server;

use std::fs;
use std::hint::black_box;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use feedscope_core::connection::ReconnectPolicy;
use feedscope_core::feed::{FeedCommand, FeedSpec};
use feedscope_core::protocol::Engine;
use feedscope_core::{Record, Sink};
use feedscope_net::Net;

use self::bare::Bare;
use self::server::Server;

const RUNS: usize = 5;
const LIMIT: Duration = Duration::from_mins(2);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", events] => serve(events.parse().unwrap()),
        ["read", name, address] => {
            let (_, bare) = Bare::ALL.into_iter().find(|(it, _)| *it == name).unwrap();
            println!("{}", bare.read(&bare::runtime(), address));
        }
        ["delivery", messages] => delivery::run(messages.parse().unwrap()),
        [] => compare_all(1_000_000),
        [events] => compare_all(events.parse().unwrap()),
        _ => panic!("what this file begins with tells what can be asked for"),
    }
}

fn serve(events: u64) {
    let server = Server::ticks(events);
    println!("{}", server.address);
    io::copy(&mut io::stdin(), &mut io::sink()).unwrap();
}

fn compare_all(events: u64) {
    let server = Server::ticks(events);
    println!("{events} ticks of about 100 bytes, best of {RUNS} runs");
    for (what, scheme, other, peers) in [
        (
            "event stream",
            "http",
            Engine::EventsourceClient,
            [Bare::SseStream, Bare::OwnDecoder],
        ),
        (
            "WebSocket",
            "ws",
            Engine::TokioTungstenite,
            [Bare::TokioTungstenite, Bare::Frames],
        ),
    ] {
        let url = server.url(scheme);
        let mut best = [Cost::MAX; 4];
        // The readers take turns, so that other load on the machine affects all of them.
        for _ in 0..RUNS {
            let costs = [
                feed(&url, events, Engine::Native),
                feed(&url, events, other),
                bare(peers[0], &server.address, events),
                bare(peers[1], &server.address, events),
            ];
            for (best, cost) in best.iter_mut().zip(costs) {
                *best = best.min(cost);
            }
        }
        let names = [
            "native engine".to_owned(),
            format!("{} engine", other.name()),
            format!("bare loop, {:?}", peers[0]),
            format!("bare loop, {:?}", peers[1]),
        ];
        for (name, cost) in names.iter().zip(best) {
            print(what, name, events, cost, best[0]);
        }
    }
}

fn print(what: &str, who: &str, events: u64, cost: Cost, native: Cost) {
    let each = |time: Duration| time.as_secs_f64() * 1e6 / events as f64;
    println!(
        "{what:12} {who:26} {:.3} µs CPU, {:.3} µs wall; the native engine takes {:.2} of that CPU",
        each(cost.cpu),
        each(cost.wall),
        native.cpu.as_secs_f64() / cost.cpu.as_secs_f64(),
    );
}

#[derive(Clone, Copy)]
struct Cost {
    cpu: Duration,
    wall: Duration,
}

impl Cost {
    const MAX: Self = Self {
        cpu: Duration::MAX,
        wall: Duration::MAX,
    };

    fn min(self, other: Self) -> Self {
        Self {
            cpu: self.cpu.min(other.cpu),
            wall: self.wall.min(other.wall),
        }
    }
}

/// Runs `work`. Returns its cost for the threads whose names begin with `threads`.
fn measure(threads: &str, work: impl FnOnce()) -> Cost {
    let (cpu, wall) = (cpu_of(threads), Instant::now());
    work();
    Cost {
        cpu: cpu_of(threads).saturating_sub(cpu),
        wall: wall.elapsed(),
    }
}

/// Returns the CPU time that threads of this name have used so far; zero if the system does not provide it.
fn cpu_of(threads: &str) -> Duration {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else {
        return Duration::ZERO;
    };
    let nanos = tasks.flatten().filter_map(|task| {
        let name = fs::read_to_string(task.path().join("comm")).ok()?;
        let stat = fs::read_to_string(task.path().join("schedstat")).ok()?;
        name.starts_with(threads)
            .then(|| stat.split(' ').next()?.parse::<u64>().ok())
            .flatten()
    });
    Duration::from_nanos(nanos.sum())
}

#[derive(Default)]
struct Counter {
    records: u64,
    bytes: u64,
    expected: u64,
}

impl Sink for Counter {
    #[inline]
    fn push(&mut self, record: &Record<'_>) {
        self.records += 1;
        self.bytes += black_box(record).stamp.moment.as_nanos() & 1;
    }

    fn flush(&mut self) {
        black_box((self.records, self.bytes));
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        assert!(
            self.records >= self.expected,
            "only {} records",
            self.records
        );
    }
}

/// Reads with an engine, as the program does.
fn feed(url: &str, events: u64, engine: Engine) -> Cost {
    let net = Net::start(1).unwrap();
    let mut spec = FeedSpec::new(url.parse().unwrap());
    spec.life.policy = ReconnectPolicy::Never;
    spec.reading.choose(engine);
    let counter = Counter {
        expected: events,
        ..Counter::default()
    };
    let feed = net.open(spec, counter, || {});
    let cost = measure("feedscope-net", || {
        feed.command(FeedCommand::Connect);
        assert!(feed.wait_ended(LIMIT));
    });
    drop(net);
    // Dropping the runtime does not wait for its threads, and the next measurement must not include them.
    while cpu_of("feedscope-net") > Duration::ZERO {
        thread::sleep(Duration::from_millis(1));
    }
    cost
}

fn bare(bare: Bare, address: &str, events: u64) -> Cost {
    let runtime = bare::runtime();
    let cost = measure(bare::THREAD, || {
        assert_eq!(bare.read(&runtime, address), events);
    });
    drop(runtime);
    cost
}
