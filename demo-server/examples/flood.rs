//! Cost of a flood for the server, compared with the cost for a client that only reads it.
//!
//! `cargo run --release -p demo-server --example flood` sends messages of 1,000 bytes over a WebSocket, which a bare
//! loop on `tokio-tungstenite` reads. It prints the CPU time of the threads of either side (Linux only) and the
//! throughput. The best of several runs counts.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measuring tool prints, and stops where it cannot measure"
)]

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use demo_server::{DemoServer, Options};
use futures_util::StreamExt as _;
use tokio::net::TcpStream;
use tokio::runtime::Builder;

const RUNS: usize = 5;
const SIZE: u64 = 1_000;
/// Number of messages that are read before the measurement begins, so that both sides are warm and the socket is full.
const AHEAD: u64 = 50_000;
const MESSAGES: u64 = 1_000_000;

fn main() {
    let server = DemoServer::start(Options::default()).unwrap();
    let best = (0..RUNS)
        .map(|_| read_flood(&server))
        .min_by_key(|cost| cost.server)
        .unwrap();
    let each = |time: Duration| time.as_secs_f64() * 1e9 / (MESSAGES * SIZE) as f64;
    println!("{MESSAGES} messages of {SIZE} bytes, best of {RUNS} runs");
    println!("server {:.3} ns CPU a byte", each(best.server));
    println!("client {:.3} ns CPU a byte", each(best.client));
    println!(
        "ratio {:.2}, {:.2} GB/s",
        best.server.as_secs_f64() / best.client.as_secs_f64(),
        1.0 / each(best.wall)
    );
}

struct Cost {
    server: Duration,
    client: Duration,
    wall: Duration,
}

/// Measures the reading from one connection. The measurement begins and ends while the connection is open, because the
/// system does not report the CPU time of ended threads.
fn read_flood(server: &DemoServer) -> Cost {
    let url = format!("{}/flood?size={SIZE}", server.ws_url());
    let address = server.ws_url().replace("ws://", "");
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("bare-client")
        .enable_all()
        .build()
        .unwrap();
    let reading = runtime.spawn(async move {
        let socket = TcpStream::connect(address).await.unwrap();
        let (mut messages, _) = tokio_tungstenite::client_async(url, socket).await.unwrap();
        for _ in 0..AHEAD {
            black_box(messages.next().await.unwrap().unwrap());
        }
        let (server, client, wall) = (cpu_of("demo-"), cpu_of("bare-client"), Instant::now());
        for _ in 0..MESSAGES {
            black_box(messages.next().await.unwrap().unwrap());
        }
        Cost {
            server: cpu_of("demo-").saturating_sub(server),
            client: cpu_of("bare-client").saturating_sub(client),
            wall: wall.elapsed(),
        }
    });
    runtime.block_on(reading).unwrap()
}

/// Returns the CPU time that threads with this name have used so far; zero if the system does not provide it.
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
