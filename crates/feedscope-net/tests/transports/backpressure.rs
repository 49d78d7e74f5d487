//! Backpressure: a feed is not read while its sink has no room. It loses nothing, and it can still be ended.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use feedscope_core::feed::FeedCommand;
use feedscope_core::{Kind, Record, Sink};
use feedscope_net::{FeedHandle, Net};
use parking_lot::{Condvar, Mutex};

use crate::feed::{DEADLINE, once};
use crate::server::Server;

const EVENTS: u64 = 100_000;
/// Number of events from which the sink has no room, until the test gives it room.
const ROOM: usize = 1_000;

#[derive(Default)]
struct Seen {
    ids: Mutex<Vec<u64>>,
    changed: Condvar,
    has_room: AtomicBool,
    refusals: AtomicUsize,
}

struct Narrow(Arc<Seen>);

impl Sink for Narrow {
    fn push(&mut self, record: &Record<'_>) {
        if let Kind::Event { id, .. } = record.kind {
            let id = std::str::from_utf8(id).unwrap().parse().unwrap();
            self.0.ids.lock().push(id);
        }
    }

    fn flush(&mut self) {}

    fn has_room(&self) -> bool {
        let ids = self.0.ids.lock();
        let has_room = ids.len() < ROOM || self.0.has_room.load(Ordering::Acquire);
        if !has_room {
            self.0.refusals.fetch_add(1, Ordering::AcqRel);
            self.0.changed.notify_all();
        }
        has_room
    }
}

impl Seen {
    /// Waits until the sink has refused this number of times. Returns its number of events.
    fn after_refusals(&self, count: usize) -> usize {
        let until = Instant::now() + DEADLINE;
        let mut ids = self.ids.lock();
        while self.refusals.load(Ordering::Acquire) < count {
            let waited = self.changed.wait_until(&mut ids, until);
            assert!(!waited.timed_out(), "nobody asks");
        }
        ids.len()
    }
}

/// Starts a server with more events than the system buffers for a slow reader, and a feed that reads from it.
fn flood() -> (Server, Net, FeedHandle, Arc<Seen>) {
    let server = Server::start(|_, peer| {
        let mut body =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
                .to_owned();
        for id in 0..EVENTS {
            write!(body, "id: {id}\ndata: {id:500}\n\n").unwrap();
        }
        peer.send(body.as_bytes());
    });
    let net = Net::start(1).unwrap();
    let seen = Arc::new(Seen::default());
    let handle = net.open(once(&server.http()), Narrow(Arc::clone(&seen)), || {});
    handle.command(FeedCommand::Connect);
    (server, net, handle, seen)
}

#[test]
fn a_sink_without_room_is_not_read_for_and_nothing_is_lost() {
    let (_server, _net, handle, seen) = flood();
    let held = seen.after_refusals(2);
    assert!(held < EVENTS as usize / 2, "it read on: {held} events");
    assert_eq!(seen.after_refusals(20), held, "it read on");
    seen.has_room.store(true, Ordering::Release);
    assert!(handle.wait_ended(DEADLINE));
    let ids = seen.ids.lock();
    assert!(ids.iter().copied().eq(0..EVENTS), "{} events", ids.len());
}

#[test]
fn a_feed_that_waits_can_be_ended() {
    let (_server, _net, handle, seen) = flood();
    seen.after_refusals(2);
    handle.command(FeedCommand::Disconnect);
    assert!(handle.wait_ended(DEADLINE));
    assert!(seen.ids.lock().len() < EVENTS as usize);
}
