//! Tests that no record is lost. A server sends numbered records at full speed over both protocols, into a store that
//! is too small for them. Each record is in the store in order, or was let go and counted. If the store can move its
//! oldest records elsewhere, it keeps every record.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;

use feedscope_core::feed::FeedCommand;
use feedscope_core::protocol::Engine;
use feedscope_core::store::{Extent, Spill, SpillJob, Store, StoreWriter};
use feedscope_core::{Kind, Record};
use feedscope_net::Net;

use crate::feed::{DEADLINE, once};
use crate::server::{Peer, Server, close, text};

const RECORDS: u64 = 200_000;
/// Room for a fifth of the records, in bytes.
const BUDGET: u64 = 8 << 20;

#[test]
fn every_event_is_kept_in_order_or_counted_as_let_go() {
    for engine in [Engine::Native, Engine::EventsourceClient] {
        let (writer, store) = Store::new(BUDGET);
        pour(&event_stream(), "http", engine, writer, &store);
        assert_most_let_go(&store);
    }
}

#[test]
fn every_message_is_kept_in_order_or_counted_as_let_go() {
    for engine in [Engine::Native, Engine::TokioTungstenite] {
        let (writer, store) = Store::new(BUDGET);
        pour(&web_socket(), "ws", engine, writer, &store);
        assert_most_let_go(&store);
    }
}

#[test]
fn with_somewhere_else_for_the_oldest_every_record_is_kept() {
    for (server, scheme) in [(event_stream(), "http"), (web_socket(), "ws")] {
        let (writer, store) = Store::with_spill(BUDGET, Box::new(Elsewhere::start()));
        pour(&server, scheme, Engine::Native, writer, &store);
        let extent = store.extent();
        assert_eq!((extent.first.0, extent.let_go), (0, 0), "{scheme}");
        assert!(extent.spilled > BUDGET, "{extent:?}");
        assert_eq!(numbers(&store), (0, RECORDS - 1), "{scheme}");
    }
}

/// Reads everything that the server sends.
fn pour(server: &Server, scheme: &str, engine: Engine, writer: StoreWriter, store: &Store) {
    let mut spec = once(&server.url(scheme, "/"));
    spec.reading.choose(engine);
    let net = Net::start(1).unwrap();
    let handle = net.open(spec, writer, || {});
    handle.command(FeedCommand::Connect);
    assert!(handle.wait_ended(DEADLINE), "{:?}", store.extent());
}

fn assert_most_let_go(store: &Store) {
    let extent = store.extent();
    let Extent { let_go, end, .. } = extent;
    assert!(let_go > RECORDS / 2, "{extent:?}");
    let (first, last) = numbers(store);
    assert_eq!(last, RECORDS - 1);
    // The store contains numbered records and the states at the end. It let go of numbered records and the states at
    // the beginning.
    let states_at_the_end = end.0 - let_go - (RECORDS - first);
    assert!(states_at_the_end <= 4, "closes and closed: {extent:?}");
    let states_at_the_beginning = let_go - first;
    assert_eq!(states_at_the_beginning, 2, "connecting and open");
}

/// Returns the first and the last number in the store. Fails if a number between them is missing.
fn numbers(store: &Store) -> (u64, u64) {
    let mut known: Option<(u64, u64)> = None;
    let mut at = store.extent().first;
    while let Some(portion) = store.portion(at, 1 << 20) {
        assert_eq!(portion.numbers().start, at);
        for (_, record) in portion.records() {
            if let Some(number) = number(&record) {
                let first = known.map_or(number, |(first, last)| {
                    assert_eq!(number, last + 1);
                    first
                });
                known = Some((first, number));
            }
        }
        at = portion.numbers().end;
    }
    known.unwrap()
}

fn number(record: &Record<'_>) -> Option<u64> {
    let (Kind::Event { data, .. } | Kind::Text { data, .. }) = record.kind else {
        return None;
    };
    let digits = data.split(|byte| *byte == b' ').next()?;
    std::str::from_utf8(digits).unwrap().parse().ok()
}

fn data(number: u64) -> String {
    format!("{number} {:80}", "of many")
}

fn event_stream() -> Server {
    Server::start(|_, peer: &mut Peer| {
        peer.send_feed_head();
        let mut body = String::new();
        for number in 0..RECORDS {
            write!(body, "data: {}\n\n", data(number)).unwrap();
        }
        peer.send(body);
    })
}

fn web_socket() -> Server {
    Server::start(|_, peer: &mut Peer| {
        peer.accept("", &[]);
        let mut body = Vec::new();
        (0..RECORDS).for_each(|number| body.extend(text(&data(number))));
        body.extend(close(1000, ""));
        peer.send(body);
        peer.wait_for_end();
    })
}

/// Destination that keeps the store's chunks in memory, outside of the store's budget.
struct Elsewhere(SyncSender<SpillJob>);

impl Elsewhere {
    fn start() -> Self {
        let (sender, jobs) = sync_channel::<SpillJob>(4);
        let keep = move || {
            for job in jobs {
                let bytes = job.block().parts().collect::<Vec<_>>().concat();
                job.done(Arc::new(bytes), 0);
            }
        };
        let thread = thread::Builder::new().name("elsewhere".into());
        thread.spawn(keep).unwrap();
        Self(sender)
    }
}

impl Spill for Elsewhere {
    fn limit(&self) -> u64 {
        u64::MAX
    }

    fn take(&self, job: SpillJob) -> Result<(), SpillJob> {
        self.0.try_send(job).map_err(|error| match error {
            TrySendError::Full(job) | TrySendError::Disconnected(job) => job,
        })
    }
}
