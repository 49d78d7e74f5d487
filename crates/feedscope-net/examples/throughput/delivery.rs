//! Time that a message takes from the server's write into a store, at a thousand messages a second. Bare loops are
//! measured for comparison.

use std::io::Write as _;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use feedscope_core::connection::ReconnectPolicy;
use feedscope_core::feed::{FeedCommand, FeedSpec};
use feedscope_core::store::{DEFAULT_BUDGET_BYTES, Store, StoreWriter};
use feedscope_core::{Direction, Kind, Record, Sink};
use feedscope_net::Net;
use futures_util::StreamExt as _;
use parking_lot::Mutex;
use tokio_tungstenite::WebSocketStream;
use tungstenite::protocol::Role;

use crate::bare;
use crate::server::{CLOSE, Server, write_message};

const INTERVAL: Duration = Duration::from_millis(1);
const LIMIT: Duration = Duration::from_mins(2);

/// Sends `messages` messages over each protocol to each reader, and prints the times.
pub(crate) fn run(messages: u64) {
    let epoch = Instant::now();
    let server = pacing(epoch, messages);
    for (scheme, what) in [("http", "event stream"), ("ws", "WebSocket")] {
        print(what, "bare loop", bare_loop(&server, scheme, epoch));
        print(what, "feedscope", feed(&server, scheme, epoch));
    }
}

fn print(what: &str, who: &str, mut waits: Vec<Duration>) {
    waits.sort_unstable();
    let at = |percent: usize| waits[(waits.len() * percent).div_ceil(100) - 1].as_secs_f64() * 1e3;
    println!(
        "{what:14} {who:14} p50 {:.3} ms, p99 {:.3} ms, max {:.3} ms of {}",
        at(50),
        at(99),
        at(100),
        waits.len()
    );
}

/// Starts a server that sends one message each millisecond. Each message contains the time at which it was sent.
fn pacing(epoch: Instant, messages: u64) -> Server {
    Server::start(Arc::new(move |socket, upgraded| {
        let start = Instant::now();
        for number in 0..messages {
            let due = start + INTERVAL * u32::try_from(number).unwrap();
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let mut out = Vec::new();
            let data = epoch.elapsed().as_nanos().to_string();
            write_message(&mut out, &data, upgraded);
            socket.write_all(&out).unwrap();
        }
        if upgraded {
            socket.write_all(&CLOSE).unwrap();
        }
    }))
}

/// Returns the time since this message was sent.
fn wait(data: &[u8], epoch: Instant) -> Duration {
    let sent: u64 = str::from_utf8(data).unwrap().parse().unwrap();
    epoch.elapsed().saturating_sub(Duration::from_nanos(sent))
}

/// Store that records the time that each message took to reach it.
struct Timed {
    writer: StoreWriter,
    epoch: Instant,
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl Sink for Timed {
    fn push(&mut self, record: &Record<'_>) {
        self.writer.push(record);
        if let Kind::Event { data, .. }
        | Kind::Text {
            direction: Direction::In,
            data,
            ..
        } = &record.kind
        {
            let wait = wait(data, self.epoch);
            self.waits.lock().push(wait);
        }
    }

    fn flush(&mut self) {
        self.writer.flush();
    }
}

fn feed(server: &Server, scheme: &str, epoch: Instant) -> Vec<Duration> {
    let net = Net::start(1).unwrap();
    let mut spec = FeedSpec::new(server.url(scheme).parse().unwrap());
    spec.life.policy = ReconnectPolicy::Never;
    let waits = Arc::new(Mutex::new(Vec::new()));
    let (writer, _store) = Store::new(DEFAULT_BUDGET_BYTES);
    let timed = Timed {
        writer,
        epoch,
        waits: Arc::clone(&waits),
    };
    let feed = net.open(spec, timed, || {});
    feed.command(FeedCommand::Connect);
    assert!(feed.wait_ended(LIMIT));
    std::mem::take(&mut *waits.lock())
}

fn bare_loop(server: &Server, scheme: &str, epoch: Instant) -> Vec<Duration> {
    let runtime = bare::runtime();
    let address = server.address.clone();
    let upgraded = scheme == "ws";
    let reading = runtime.spawn(async move {
        let mut waits = Vec::new();
        if upgraded {
            let socket = bare::upgraded(&address).await;
            let mut messages = WebSocketStream::from_raw_socket(socket, Role::Client, None).await;
            while let Some(Ok(message)) = messages.next().await {
                if let Ok(text) = message.to_text()
                    && message.is_text()
                {
                    waits.push(wait(text.as_bytes(), epoch));
                }
            }
        } else {
            let events = bare::get(&address).await.bytes_stream();
            let mut events = sse_stream::SseByteStream::new(events);
            while let Some(Ok(event)) = events.next().await {
                waits.push(wait(event.data.unwrap().as_bytes(), epoch));
            }
        }
        waits
    });
    runtime.block_on(reading).unwrap()
}
