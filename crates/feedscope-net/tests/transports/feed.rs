//! Feed under test. Its records are available as the lines of JSON that `tail` would print, and tests can wait for
//! them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use feedscope_core::connection::ReconnectPolicy;
use feedscope_core::feed::{FeedCommand, FeedSpec};
use feedscope_core::record::write_json_line;
use feedscope_core::{Record, Sink};
use feedscope_net::{FeedHandle, Net};
use parking_lot::{Condvar, Mutex};
use serde_json::Value;

/// Longest wait for anything that a test expects.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

pub(crate) struct Feed {
    pub(crate) handle: FeedHandle,
    seen: Arc<Seen>,
    // Declared after the handle, because dropping it ends the runtime.
    net: Net,
}

#[derive(Default)]
struct Seen {
    flushed: Mutex<Vec<Value>>,
    changed: Condvar,
}

impl Seen {
    fn wait_for(&self, what: &str, condition: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let until = Instant::now() + DEADLINE;
        let mut flushed = self.flushed.lock();
        while !condition(&flushed) {
            let waited = self.changed.wait_until(&mut flushed, until);
            assert!(!waited.timed_out(), "no {what} in {:#?}", *flushed);
        }
        flushed.clone()
    }
}

/// Sink that publishes only flushed records, so that a test sees the same records as a reader.
struct Keep {
    lines: Vec<u8>,
    seen: Arc<Seen>,
}

impl Sink for Keep {
    fn push(&mut self, record: &Record<'_>) {
        write_json_line(&mut self.lines, record, None);
    }

    fn flush(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        let values = lines
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty());
        self.seen
            .flushed
            .lock()
            .extend(values.map(|line| serde_json::from_slice::<Value>(line).unwrap()));
        self.seen.changed.notify_all();
    }
}

/// Returns a spec that connects once, for tests of a single attempt.
pub(crate) fn once(url: &str) -> FeedSpec {
    let mut spec = FeedSpec::new(url.parse().unwrap());
    spec.life.policy = ReconnectPolicy::Never;
    spec.web_socket.keepalive = None;
    spec
}

/// Returns a spec that reconnects `times` times.
pub(crate) fn again(url: &str, times: u64) -> FeedSpec {
    let mut spec = once(url);
    spec.life.policy = ReconnectPolicy::Persistent;
    spec.life.max_reconnects = Some(times);
    spec
}

impl Feed {
    /// Opens a feed and connects it.
    pub(crate) fn connect(spec: FeedSpec) -> Self {
        let feed = Self::open(spec);
        feed.handle.command(FeedCommand::Connect);
        feed
    }

    /// Opens a feed and leaves it idle.
    pub(crate) fn open(spec: FeedSpec) -> Self {
        let net = Net::start(1).unwrap();
        let seen = Arc::new(Seen::default());
        let keep = Keep {
            lines: Vec::new(),
            seen: Arc::clone(&seen),
        };
        let waker = Arc::clone(&seen);
        let handle = net.open(spec, keep, move || {
            // The lock is held, so that no waiting thread misses this change between its check and its wait.
            let _seen = waker.flushed.lock();
            waker.changed.notify_all();
        });
        Self { handle, seen, net }
    }

    /// Drops the handle and nothing else.
    pub(crate) fn drop_handle(self) -> Net {
        self.net
    }

    /// Drops the handle, and waits until the records flushed after that satisfy `condition`.
    pub(crate) fn drop_handle_and_wait_for(self, what: &str, condition: impl Fn(&[Value]) -> bool) {
        let Self {
            handle,
            seen,
            net: _net,
        } = self;
        drop(handle);
        seen.wait_for(what, condition);
    }

    /// Drops everything but the handle.
    pub(crate) fn drop_net(self) -> FeedHandle {
        self.handle
    }

    /// Waits for the end of the feed and returns all records.
    pub(crate) fn to_end(&self) -> Vec<Value> {
        assert!(
            self.handle.wait_ended(DEADLINE),
            "still alive: {:#?}",
            self.records()
        );
        self.records()
    }

    /// Waits for the end and returns the word of the last state, with its reason.
    pub(crate) fn end_reason(&self) -> String {
        let records = self.to_end();
        let last = records.last().unwrap();
        assert_eq!(last["kind"], "state", "{records:#?}");
        format!(
            "{}: {}",
            word(last, "state"),
            last["reason"].as_str().unwrap_or_default()
        )
    }

    pub(crate) fn records(&self) -> Vec<Value> {
        self.seen.flushed.lock().clone()
    }

    /// Waits until the flushed records satisfy `condition`.
    pub(crate) fn wait_for(&self, what: &str, condition: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        self.seen.wait_for(what, condition)
    }

    pub(crate) fn wait_for_state(&self, state: &str) -> Vec<Value> {
        self.wait_for(state, |records| {
            records.iter().any(|record| record["state"] == state)
        })
    }

    /// Waits until the published status satisfies `condition`.
    pub(crate) fn wait_for_status(
        &self,
        what: &str,
        condition: impl Fn(&feedscope_core::feed::FeedStatus) -> bool,
    ) {
        let until = Instant::now() + DEADLINE;
        let mut flushed = self.seen.flushed.lock();
        while !condition(&self.handle.status()) {
            let waited = self.seen.changed.wait_until(&mut flushed, until);
            assert!(
                !waited.timed_out(),
                "no {what} in {:#?}",
                self.handle.status()
            );
        }
    }
}

/// Returns a text field of a record; empty if the record does not have it.
pub(crate) fn word<'a>(record: &'a Value, field: &str) -> &'a str {
    record[field].as_str().unwrap_or_default()
}

/// Returns the records of one kind, in order.
pub(crate) fn of_kind<'a>(records: &'a [Value], kind: &str) -> Vec<&'a Value> {
    records
        .iter()
        .filter(|record| record["kind"] == kind)
        .collect()
}

/// Returns the states of a feed, in order.
pub(crate) fn states(records: &[Value]) -> Vec<&str> {
    of_kind(records, "state")
        .into_iter()
        .map(|record| word(record, "state"))
        .collect()
}

/// Returns kind, direction and payload of each record that is no state, so that whole conversations can be compared.
pub(crate) fn summaries(records: &[Value]) -> Vec<String> {
    let others = records.iter().filter(|record| record["kind"] != "state");
    others
        .map(|record| {
            let parts = [
                "kind",
                "direction",
                "event",
                "id",
                "data",
                "failed",
                "reason",
            ]
            .map(|field| word(record, field).to_owned());
            let code = record["code"]
                .as_u64()
                .map(|code| code.to_string())
                .unwrap_or_default();
            let base64 = word(record, "data_base64").to_owned();
            let all: Vec<_> = parts
                .into_iter()
                .chain([code, base64])
                .filter(|part| !part.is_empty())
                .collect();
            all.join(" ")
        })
        .collect()
}
