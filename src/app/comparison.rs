//! The demo's same ticks over both protocols, measured from what arrived and from what the server says it wrote. It
//! connects to nothing and draws nothing.
//!
//! How each number comes about:
//! - **wire bytes**: what the server wrote to a client's socket between two moments at which nothing was on its way,
//!   framing and heartbeat comments included, divided by the messages that arrived between them. TCP and IP come on top
//!   and are the same for both.
//! - **latency**: the time at which a tick's bytes were read, less the time that stands in the tick, which has whole
//!   milliseconds; over the newest 200 ticks, those replayed after a drop among them.
//! - **recovery**: from the record that tells the loss to the one that tells the feed open again.
//! - **lost**: numbers that the ticks skip; a number that came before is a repetition.

use std::collections::VecDeque;
use std::time::Duration;

use feedscope_core::store::{Class, Shown, Store};
use feedscope_core::{ConnectionState, Direction, KindTag, Moment};
use serde::Deserialize;

use crate::ui::{FeedId, FeedScene, Latency, Measured};

/// So many of the newest ticks tell the latency.
const NEWEST: usize = 200;

/// After this long without a message nothing is on its way: ticks are further apart, and loopback is faster.
const QUIET: Duration = Duration::from_millis(20);

/// Records looked at in one pass; a longer timeline is caught up with over several.
const A_PASS: usize = 4_000;

/// More of a tick is not looked at.
const TICK_BYTES: usize = 1_024;

/// What the server says of the client that it has at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// Which client it is; another connection is another client.
    pub(super) client: u64,
    /// Bytes written to it so far.
    pub(super) bytes: u64,
}

/// One of the two feeds, followed.
#[derive(Default)]
pub(super) struct Side {
    feed: Option<FeedId>,
    next_row: u64,
    last_number: Option<u64>,
    lost: u64,
    repeated: u64,
    ticks: u64,
    /// In microseconds, newest last.
    latencies: VecDeque<i64>,
    first: Option<Sample>,
    newest: Option<Sample>,
}

/// What had been sent and received when nothing was on its way.
#[derive(Clone, Copy)]
struct Sample {
    sent: Sent,
    records: u64,
    payload: u64,
}

/// What both feeds' ticks have in common.
#[derive(Deserialize)]
struct Tick<'a> {
    id: u64,
    sent_at: &'a str,
}

impl Side {
    /// Takes in what came since it was last asked, and says how things stand. Another feed starts it again.
    pub(super) fn look(
        &mut self,
        feed: Option<&FeedScene>,
        sent: Option<Sent>,
        now: Moment,
    ) -> Measured {
        let Some(feed) = feed else {
            *self = Self::default();
            return Measured::default();
        };
        if self.feed != Some(feed.id) {
            *self = Self::default();
            self.feed = Some(feed.id);
        }
        self.read(&feed.store);
        self.weigh(&feed.store, sent, now);
        let (drops, recovery) = drops(&feed.store);
        let (wire_bytes, payload_bytes) = self.bytes().unzip();
        Measured {
            shown: true,
            wire_bytes,
            payload_bytes,
            latency: self.latency(),
            per_second: feed.store.per_second(now, Duration::from_secs(4)).0,
            drops,
            recovery,
            lost: self.lost,
            repeated: self.repeated,
            received: self.ticks,
        }
    }

    fn read(&mut self, store: &Store) {
        let extent = store.extent();
        let wanted = Shown::ALL
            .with(Class::States, false)
            .with(Class::Comments, false)
            .with(Class::PingPong, false)
            .with(Class::Sent, false);
        let rows = store.rows(wanted, self.next_row, extent.end, A_PASS, TICK_BYTES);
        self.next_row = match rows.last() {
            Some(last) if rows.len() == A_PASS => last.row + 1,
            _ => extent.end,
        };
        for row in rows {
            let is_message = row.tag == KindTag::Event || row.direction == Some(Direction::In);
            if let (true, Ok(tick)) = (is_message, serde_json::from_str::<Tick<'_>>(&row.preview)) {
                self.count(tick.id);
                if let Ok(sent_at) = tick.sent_at.parse::<jiff::Timestamp>() {
                    let late = row.stamp.utc.as_micros() - sent_at.as_microsecond();
                    self.latencies.push_back(late);
                }
            }
        }
        let excess = self.latencies.len().saturating_sub(NEWEST);
        self.latencies.drain(..excess);
    }

    fn count(&mut self, number: u64) {
        match self.last_number {
            Some(last) if number <= last => {
                self.repeated += 1;
                return;
            }
            Some(last) => self.lost += number - last - 1,
            None => {}
        }
        self.last_number = Some(number);
        self.ticks += 1;
    }

    /// Notes how much was sent and received, if that is the same thing now.
    fn weigh(&mut self, store: &Store, sent: Option<Sent>, now: Moment) {
        let (received, last) = store.received();
        let Some(sent) = sent else { return };
        if last.is_none_or(|last| now.since(last) < QUIET) {
            return;
        }
        let sample = Sample {
            sent,
            records: received.records,
            payload: received.bytes,
        };
        if self
            .first
            .is_none_or(|first| first.sent.client != sent.client)
        {
            self.first = Some(sample);
        }
        self.newest = Some(sample);
    }

    /// Bytes of a message: on the wire, and its payload.
    fn bytes(&self) -> Option<(f64, f64)> {
        let (first, newest) = (self.first?, self.newest?);
        let records = newest.records.checked_sub(first.records)?;
        let sent = newest.sent.bytes.checked_sub(first.sent.bytes)?;
        let payload = newest.payload.checked_sub(first.payload)?;
        (records > 0).then(|| {
            let records = records as f64;
            (sent as f64 / records, payload as f64 / records)
        })
    }

    fn latency(&self) -> Option<Latency> {
        let mut sorted: Vec<_> = self.latencies.iter().copied().collect();
        sorted.sort_unstable();
        let at = |part: usize| {
            let micros = *sorted.get(sorted.len() * part / 100)?;
            Some(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
        };
        Some(Latency {
            median: at(50)?,
            p95: at(95)?,
        })
    }
}

/// How often the connection was lost, and how long the newest loss that is over took.
fn drops(store: &Store) -> (u64, Option<Duration>) {
    let (mut count, mut recovery, mut lost_at) = (0, None, None);
    for span in store.history(Moment::START) {
        match span.state {
            ConnectionState::Reconnecting if lost_at.is_none() => {
                count += 1;
                lost_at = Some(span.from.moment);
            }
            ConnectionState::Open => {
                if let Some(lost) = lost_at.take() {
                    recovery = Some(span.from.moment.since(lost));
                }
            }
            ConnectionState::Closed | ConnectionState::Failed => lost_at = None,
            _ => {}
        }
    }
    (count, recovery)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use feedscope_core::connection::StateChange;
    use feedscope_core::feed::{FeedSpec, FeedStatus};
    use feedscope_core::store::StoreWriter;
    use feedscope_core::{Kind, Record, Sink as _, Stamp, Timestamp};

    use super::*;

    /// 2026-11-21T05:49:14Z.
    const START: i64 = 1_795_240_154_000_000;

    fn feed() -> (StoreWriter, FeedScene) {
        let (writer, store) = Store::new(1 << 20);
        let spec = FeedSpec::new(url::Url::parse("ws://127.0.0.1/ticker").unwrap());
        let scene = FeedScene {
            id: FeedId(1),
            spec: Arc::new(spec),
            status: Arc::new(FeedStatus::default()),
            store,
        };
        (writer, scene)
    }

    fn push(writer: &mut StoreWriter, ms: u64, kind: Kind<'_>) {
        let stamp = Stamp {
            moment: Moment::from_millis(ms),
            utc: Timestamp::from_micros(START + ms as i64 * 1_000),
        };
        writer.push(&Record {
            stamp,
            connection: 1,
            kind,
        });
    }

    /// A tick that says it was sent at the start, plus these milliseconds, arrives 2 ms later.
    fn tick(writer: &mut StoreWriter, ms: u64, number: u64) {
        let sent_at = Timestamp::from_micros(START + ms as i64 * 1_000);
        let json = format!("{{\"id\":{number},\"symbol\":\"ACME\",\"sent_at\":\"{sent_at}\"}}");
        let kind = Kind::Text {
            direction: Direction::In,
            data: json.as_bytes(),
            failed: None,
            wire: None,
        };
        push(writer, ms + 2, kind);
    }

    fn state(writer: &mut StoreWriter, ms: u64, state: ConnectionState) {
        let change = StateChange {
            state,
            attempt: None,
            reconnects: None,
            delay_ms: None,
            status: None,
            reason: None,
        };
        push(writer, ms, Kind::State(change));
    }

    fn sent(client: u64, bytes: u64) -> Sent {
        Sent { client, bytes }
    }

    #[test]
    fn numbers_tell_what_was_lost_and_what_came_again() {
        let (mut writer, feed) = feed();
        let mut side = Side::default();
        for (i, number) in [7, 8, 12, 11, 12, 13].into_iter().enumerate() {
            tick(&mut writer, i as u64 * 100, number);
        }
        let told = side.look(Some(&feed), None, Moment::from_millis(900));
        assert_eq!((told.lost, told.repeated, told.received), (3, 2, 4));
        tick(&mut writer, 1_000, 15);
        let told = side.look(Some(&feed), None, Moment::from_millis(1_100));
        assert_eq!((told.lost, told.repeated, told.received), (4, 2, 5));
        assert_eq!(told.latency.unwrap().median, Duration::from_millis(2));
        let none = side.look(None, None, Moment::from_millis(1_200));
        assert_eq!(none, Measured::default());
    }

    #[test]
    fn bytes_are_weighed_between_quiet_moments_of_one_connection() {
        let (mut writer, feed) = feed();
        let mut side = Side::default();
        let look = |side: &mut Side, ms, sent| {
            let told = side.look(Some(&feed), sent, Moment::from_millis(ms));
            told.wire_bytes
        };
        // The head and the first tick are no part of it.
        tick(&mut writer, 0, 1);
        assert_eq!(look(&mut side, 50, Some(sent(1, 900))), None);
        tick(&mut writer, 100, 2);
        tick(&mut writer, 200, 3);
        // Something may still be on its way.
        assert_eq!(look(&mut side, 210, Some(sent(1, 1_500))), None);
        assert_eq!(look(&mut side, 250, Some(sent(1, 1_100))), Some(100.0));
        // Another connection starts it again.
        assert_eq!(look(&mut side, 260, Some(sent(2, 700))), None);
        tick(&mut writer, 300, 4);
        assert_eq!(look(&mut side, 350, Some(sent(2, 820))), Some(120.0));
    }

    #[test]
    fn recovery_lasts_from_the_loss_until_it_is_open_again() {
        let (mut writer, feed) = feed();
        for (ms, to) in [
            (0, ConnectionState::Connecting),
            (5, ConnectionState::Open),
            (100, ConnectionState::Reconnecting),
            (1_100, ConnectionState::Connecting),
            (1_101, ConnectionState::Reconnecting),
            (3_100, ConnectionState::Connecting),
            (3_104, ConnectionState::Open),
        ] {
            state(&mut writer, ms, to);
        }
        let told = Side::default().look(Some(&feed), None, Moment::from_millis(4_000));
        assert_eq!(
            (told.drops, told.recovery),
            (1, Some(Duration::from_millis(3_004)))
        );
    }
}
