//! Comparison of the demo's two protocols, which carry the same ticks. It uses the received records and the server's
//! counters.
//!
//! Definition of each number:
//! - **wire bytes**: bytes that the server wrote to a client's socket between two quiet moments (with no bytes on their
//!   way), divided by the number of messages that arrived in between. They include framing and heartbeat comments, but
//!   not TCP and IP, whose cost is the same for both.
//! - **latency**: time of reading a tick's bytes minus the time in the tick, which has whole milliseconds. It covers
//!   the newest 200 ticks that both feeds have received, including ticks that were replayed after a drop. While only
//!   one of both feeds is shown, it covers the newest 200 ticks of this feed.
//! - **recovery**: time from the record of a loss to the record of the next open connection.
//! - **lost**: numbers that the ticks skip. A number that is not greater than the last one counts as repeated.

use std::time::Duration;

use feedscope_analysis::analysis::Task;
use feedscope_analysis::ticks::{TickCount, Ticks};
use feedscope_core::store::Store;
use feedscope_core::{ConnectionState, Moment};
use feedscope_ui::{FeedId, FeedScene, MeasuredFeed};

/// Minimum time without a message after which no bytes are on their way. Ticks are further apart, and loopback is
/// faster.
const QUIET: Duration = Duration::from_millis(20);

/// Server's counter for the client at the other end of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// Number of the client. Each connection is a new client.
    pub(super) client: u64,
    /// Bytes written to this client so far.
    pub(super) bytes: u64,
}

/// State of the measurement of one of the two feeds.
#[derive(Default)]
pub(super) struct MeasuredSide {
    feed: Option<FeedId>,
    /// Ticks of the feed, which an analysis counts.
    ticks: Option<Ticks>,
    /// First quiet moment of this client.
    first: Option<Sample>,
    /// Newest quiet moment of this client.
    newest: Option<Sample>,
}

/// Amounts sent and received at a quiet moment.
#[derive(Clone, Copy)]
struct Sample {
    sent: Sent,
    records: u64,
    payload: u64,
}

impl MeasuredSide {
    /// Returns the present numbers. A different feed resets them.
    pub(super) fn look(
        &mut self,
        feed: Option<&FeedScene>,
        sent: Option<Sent>,
        now: Moment,
    ) -> MeasuredFeed {
        let Some(feed) = feed else {
            *self = Self::default();
            return MeasuredFeed::default();
        };
        if self.feed != Some(feed.id) {
            *self = Self::default();
            self.feed = Some(feed.id);
        }
        let ticks = self.ticks.get_or_insert_with(|| Ticks::new(&feed.store));
        let count = ticks.count();
        self.weigh(&feed.store, sent, now);
        let (drops, recovery) = drops(&feed.store);
        let (wire_bytes, payload_bytes) = self.bytes().unzip();
        MeasuredFeed {
            shown: true,
            wire_bytes,
            payload_bytes,
            latency: count.latency(),
            per_second: feed.store.per_second(now, Duration::from_secs(4)).0,
            drops,
            recovery,
            lost: count.lost,
            repeated: count.repeated,
            received: count.received,
        }
    }

    /// Replaces the latencies of both feeds by those of the ticks that both have received. Otherwise a feed that is late would
    /// be compared by other ticks.
    pub(super) fn compare_latencies(sides: [&Self; 2], feeds: [&mut MeasuredFeed; 2]) {
        let [Some(one), Some(other)] = sides.map(|side| side.ticks.as_ref()) else {
            return;
        };
        let latencies = TickCount::common_latencies([&one.count(), &other.count()]);
        for (feed, latency) in feeds.into_iter().zip(latencies) {
            feed.latency = latency;
        }
    }

    /// Returns the analysis to run.
    pub(super) fn task(&self) -> Option<Task> {
        self.ticks.as_ref().map(Ticks::task)
    }

    /// Takes a sample of the amounts sent and received if no bytes are on their way.
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
            // The server counts per client, so that a new connection starts a new measurement.
            .first
            .is_none_or(|first| first.sent.client != sent.client)
        {
            self.first = Some(sample);
        }
        self.newest = Some(sample);
    }

    /// Returns the average bytes of a message: on the wire, and of its payload.
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
}

/// Returns the number of lost connections, and the duration of the newest loss that has ended.
fn drops(store: &Store) -> (u64, Option<Duration>) {
    let (mut count, mut recovery, mut lost_at) = (0, None, None);
    for span in store.history(Moment::START) {
        match span.state {
            // One loss may consist of several attempts; only its start counts.
            ConnectionState::Reconnecting if lost_at.is_none() => {
                count += 1;
                lost_at = Some(span.from.moment);
            }
            ConnectionState::Open => {
                if let Some(lost) = lost_at.take() {
                    recovery = Some(span.from.moment.since(lost));
                }
            }
            // The user ended the connection, so that it has no recovery.
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
    use feedscope_core::feed::FeedSpec;
    use feedscope_core::store::StoreWriter;
    use feedscope_core::{Direction, Kind, Record, Sink as _, Stamp, Timestamp};

    use feedscope_ui::{FeedSource, LiveSource};

    use super::*;

    /// 2026-11-21T05:49:14Z.
    const START: i64 = 1_795_240_154_000_000;

    fn feed() -> (StoreWriter, FeedScene) {
        let (writer, store) = Store::new(1 << 20);
        let spec = FeedSpec::new(url::Url::parse("ws://127.0.0.1/ticker").unwrap());
        let source = FeedSource::Live(LiveSource {
            spec: Arc::new(spec),
            status: Arc::default(),
        });
        (writer, FeedScene::new(FeedId(1), source, store))
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

    /// Pushes a tick that arrives 2 ms after the time in it, which is `ms` milliseconds after the start.
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
        let change = StateChange::to(state);
        push(writer, ms, Kind::State(change));
    }

    fn sent(client: u64, bytes: u64) -> Sent {
        Sent { client, bytes }
    }

    /// Returns the numbers after the ticks have been counted, which happens between two passes.
    fn counted(side: &mut MeasuredSide, feed: &FeedScene, ms: u64) -> MeasuredFeed {
        side.look(Some(feed), None, Moment::from_millis(ms));
        let task = side.task().unwrap();
        while !task.step(1 << 20).is_done {}
        side.look(Some(feed), None, Moment::from_millis(ms))
    }

    #[test]
    fn numbers_tell_what_was_lost_and_what_came_again() {
        let (mut writer, feed) = feed();
        let mut side = MeasuredSide::default();
        for (i, number) in [7, 8, 12, 11, 12, 13].into_iter().enumerate() {
            tick(&mut writer, i as u64 * 100, number);
        }
        let told = counted(&mut side, &feed, 900);
        assert_eq!((told.lost, told.repeated, told.received), (3, 2, 4));
        tick(&mut writer, 1_000, 15);
        let told = counted(&mut side, &feed, 1_100);
        assert_eq!((told.lost, told.repeated, told.received), (4, 2, 5));
        assert_eq!(told.latency.unwrap().median, Duration::from_millis(2));
        let none = side.look(None, None, Moment::from_millis(1_200));
        assert_eq!(none, MeasuredFeed::default());
    }

    #[test]
    fn bytes_are_weighed_between_quiet_moments_of_one_connection() {
        let (mut writer, feed) = feed();
        let mut side = MeasuredSide::default();
        let look = |side: &mut MeasuredSide, ms, sent| {
            let told = side.look(Some(&feed), sent, Moment::from_millis(ms));
            told.wire_bytes
        };
        // The response head and the first tick come before the first sample and do not count.
        tick(&mut writer, 0, 1);
        assert_eq!(look(&mut side, 50, Some(sent(1, 900))), None);
        tick(&mut writer, 100, 2);
        tick(&mut writer, 200, 3);
        // Bytes may still be on their way, so that no sample is taken.
        assert_eq!(look(&mut side, 210, Some(sent(1, 1_500))), None);
        assert_eq!(look(&mut side, 250, Some(sent(1, 1_100))), Some(100.0));
        // A new connection starts a new measurement.
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
        let told = MeasuredSide::default().look(Some(&feed), None, Moment::from_millis(4_000));
        assert_eq!(
            (told.drops, told.recovery),
            (1, Some(Duration::from_millis(3_004)))
        );
    }
}
