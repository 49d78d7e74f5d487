//! What an event costs on its way from a loopback socket into a sink, beside a bare loop over the same libraries.
//!
//! `cargo run --release -p feedscope-net --example throughput -- [EVENTS]`. Prints CPU time of the reading threads
//! (Linux only) and wall time, per event; each line is the best of several runs.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measuring tool prints, and stops where it cannot measure"
)]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use feedscope_core::connection::ReconnectPolicy;
use feedscope_core::decode::{EventStreamDecoder, EventStreamItem};
use feedscope_core::feed::{FeedCommand, FeedSpec};
use feedscope_core::{Record, Sink};
use feedscope_net::Net;
use futures_util::StreamExt as _;
use tokio::runtime::{Builder, Runtime};
use tokio_tungstenite::WebSocketStream;
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::Role;

const RUNS: usize = 5;
const LIMIT: Duration = Duration::from_mins(2);

fn main() {
    let events: u64 = std::env::args()
        .nth(1)
        .map_or(1_000_000, |count| count.parse().unwrap());
    let stream = Server::start(&event_stream_ticks(events));
    let messages = Server::start(&web_socket_ticks(events));
    println!("{events} ticks of about 100 bytes, best of {RUNS} runs");
    compare(
        "event stream",
        events,
        || feed(&stream.url("http"), events),
        || bare_event_stream(&stream.url("http")),
    );
    compare(
        "WebSocket",
        events,
        || feed(&messages.url("ws"), events),
        || bare_web_socket(&messages.address),
    );
}

fn compare(what: &str, events: u64, feed: impl Fn() -> Cost, bare: impl Fn() -> Cost) {
    let (mut best_feed, mut best_bare) = (Cost::MAX, Cost::MAX);
    // By turns, so that a busy moment of the machine hits both.
    for _ in 0..RUNS {
        best_bare = best_bare.min(bare());
        best_feed = best_feed.min(feed());
    }
    let each = |time: Duration| time.as_secs_f64() * 1e6 / events as f64;
    for (who, cost) in [("bare loop", best_bare), ("feedscope-net", best_feed)] {
        println!(
            "{what:14} {who:14} {:.3} µs CPU, {:.3} µs wall",
            each(cost.cpu),
            each(cost.wall)
        );
    }
    println!(
        "{what:14} CPU ratio {:.2}",
        best_feed.cpu.as_secs_f64() / best_bare.cpu.as_secs_f64()
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

/// Runs `work` and tells what it cost the threads whose names begin so.
fn measure(threads: &str, work: impl FnOnce()) -> Cost {
    let (cpu, wall) = (cpu_of(threads), Instant::now());
    work();
    Cost {
        cpu: cpu_of(threads).saturating_sub(cpu),
        wall: wall.elapsed(),
    }
}

/// CPU time that threads of this name have used so far; zero where the system does not tell.
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

/// The way that records go in the program.
fn feed(url: &str, events: u64) -> Cost {
    let net = Net::start(1).unwrap();
    let mut spec = FeedSpec::new(url.parse().unwrap());
    spec.policy = ReconnectPolicy::Never;
    let counter = Counter {
        expected: events,
        ..Counter::default()
    };
    let feed = net.open(spec, counter, || {});
    measure("feedscope-net", || {
        feed.command(FeedCommand::Connect);
        assert!(feed.wait_ended(LIMIT));
    })
}

/// The body's chunks through the same decoder, and nothing else.
fn bare_event_stream(url: &str) -> Cost {
    let runtime = bare_runtime();
    measure("bare", || {
        let url = url.to_owned();
        let reading = runtime.spawn(async move {
            rustls::crypto::ring::default_provider()
                .install_default()
                .ok();
            let client = reqwest::Client::builder()
                .no_proxy()
                .tls_certs_only([])
                .build()
                .unwrap();
            let mut response = client.get(url).send().await.unwrap();
            let mut decoder = EventStreamDecoder::new(FeedSpec::MAX_MESSAGE);
            let mut events = 0_u64;
            while let Some(chunk) = response.chunk().await.unwrap() {
                decoder.feed(&chunk, &mut |item: EventStreamItem<'_>| {
                    black_box(item);
                    events += 1;
                });
            }
            black_box(events);
        });
        runtime.block_on(reading).unwrap();
    })
}

/// The crate's own stream on a plain socket, and nothing else.
fn bare_web_socket(address: &str) -> Cost {
    let runtime = bare_runtime();
    measure("bare", || {
        let address = address.to_owned();
        let reading = runtime.spawn(async move {
            let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
            let request = "GET / HTTP/1.1\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
            tokio::io::AsyncWriteExt::write_all(&mut socket, request.as_bytes())
                .await
                .unwrap();
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") {
                tokio::io::AsyncReadExt::read_exact(&mut socket, &mut byte)
                    .await
                    .unwrap();
                head.push(byte[0]);
            }
            let mut messages = WebSocketStream::from_raw_socket(socket, Role::Client, None).await;
            let mut events = 0_u64;
            while let Some(Ok(message)) = messages.next().await {
                black_box(message);
                events += 1;
            }
            black_box(events);
        });
        runtime.block_on(reading).unwrap();
    })
}

fn bare_runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("bare")
        .enable_all()
        .build()
        .unwrap()
}

/// Sends the same bytes to everybody who connects.
struct Server {
    address: String,
}

impl Server {
    fn start(body: &[u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let body: Arc<[u8]> = body.into();
        thread::Builder::new()
            .name("server".into())
            .spawn(move || {
                for socket in listener.incoming() {
                    serve(socket.unwrap(), &body);
                }
            })
            .unwrap();
        Self { address }
    }

    fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}/", self.address)
    }
}

fn serve(mut socket: TcpStream, body: &[u8]) {
    let (mut request, mut byte) = (Vec::new(), [0]);
    while !request.ends_with(b"\r\n\r\n") {
        socket.read_exact(&mut byte).unwrap();
        request.push(byte[0]);
    }
    let request = String::from_utf8(request).unwrap();
    let key = request.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("sec-websocket-key")
            .then_some(value)
    });
    let head = match key {
        Some(key) => format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n\r\n",
            derive_accept_key(key.as_bytes())
        ),
        None => "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n".to_owned(),
    };
    socket.write_all(head.as_bytes()).unwrap();
    socket.write_all(body).unwrap();
}

fn tick(number: u64) -> String {
    let price = 100 + number % 37;
    format!(
        r#"{{"symbol":"ACME","price":{price}.25,"volume":{number},"at":"2026-11-21T05:49:14.524118Z"}}"#
    )
}

fn event_stream_ticks(events: u64) -> Vec<u8> {
    let mut body = String::new();
    for number in 0..events {
        write!(body, "id: {number}\ndata: {}\n\n", tick(number)).unwrap();
    }
    body.into_bytes()
}

fn web_socket_ticks(events: u64) -> Vec<u8> {
    let mut body = Vec::new();
    for number in 0..events {
        let tick = tick(number);
        body.extend([0x81, u8::try_from(tick.len()).unwrap()]);
        body.extend(tick.as_bytes());
    }
    // Close with 1000.
    body.extend([0x88, 2, 3, 0xe8]);
    body
}
