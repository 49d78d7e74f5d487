//! Numbered messages that contain the time at which they were sent, as in both tickers of the demo. They give the
//! number of lost and repeated messages, and the latency.
//!
//! This code keeps no record.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use feedscope_core::store::{RowNumber, Store};
use feedscope_core::{Kind, Record};
use serde::Deserialize;

use crate::analysis::Task;
use crate::filter::When;
use crate::follow::{Fold, Following};

/// Number of the newest ticks that the latency is computed from.
const NEWEST: usize = 200;

/// Number of the newest ticks whose latency is kept, because another feed may be behind: more than three minutes of the
/// demo's ticks.
const KEPT: usize = 1_000;

/// Maximum length of a tick in bytes.
const LONGEST: usize = 1_024;

/// Ticks of one feed, from its first stored row on. Clones share one state.
#[derive(Clone)]
pub struct Ticks {
    following: Following<TickCount>,
}

/// Counts so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TickCount {
    /// Number in the newest tick.
    last_number: Option<u64>,
    /// Number of missing ticks.
    pub lost: u64,
    /// Number of repeated ticks.
    pub repeated: u64,
    /// Number of ticks, without the repeated ones.
    pub received: u64,
    /// Numbers of the newest ticks, with their latencies in microseconds, the newest last.
    latencies: VecDeque<(u64, i64)>,
}

/// Latencies of the newest ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TickLatency {
    /// Latency that half of them do not exceed.
    pub median: Duration,
    /// Latency that 95 % of them do not exceed.
    pub p95: Duration,
}

/// Fields that the ticks of both feeds have in common.
#[derive(Deserialize)]
struct Tick<'a> {
    id: u64,
    sent_at: &'a str,
}

impl Ticks {
    /// Creates the ticks of a store, without any counts before the first step.
    pub fn new(store: &Store) -> Self {
        Self {
            following: Following::new(store, TickCount::default()),
        }
    }

    /// Returns the counts so far.
    pub fn count(&self) -> TickCount {
        self.following.value().clone()
    }

    /// Returns the task for the host.
    pub fn task(&self) -> Task {
        self.following.task()
    }
}

impl TickLatency {
    /// Returns the latencies of these values in microseconds; `None` without a value.
    fn of(mut values: Vec<i64>) -> Option<Self> {
        values.sort_unstable();
        // Value at a percentile of the sorted latencies.
        let at = |part: usize| {
            let micros = *values.get(values.len() * part / 100)?;
            Some(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
        };
        Some(Self {
            median: at(50)?,
            p95: at(95)?,
        })
    }
}

impl TickCount {
    /// Returns the latencies of the newest ticks; `None` before the first one.
    pub fn latency(&self) -> Option<TickLatency> {
        let newest = self.latencies.iter().rev().take(NEWEST);
        TickLatency::of(newest.map(|(_, latency)| *latency).collect())
    }

    /// Returns the latencies of the newest ticks that both feeds have received, so that the same ticks are compared while
    /// one of both feeds is late; `None` without such a tick.
    pub fn common_latencies(counts: [&Self; 2]) -> [Option<TickLatency>; 2] {
        let [one, other] = counts;
        // The last latency of a repeated tick replaces the earlier ones.
        let others: HashMap<u64, i64> = other.latencies.iter().copied().collect();
        let both = one.latencies.iter().rev().filter_map(|(number, latency)| {
            let other = others.get(number)?;
            Some((*latency, *other))
        });
        let (one, other) = both.take(NEWEST).unzip();
        [TickLatency::of(one), TickLatency::of(other)]
    }

    fn count(&mut self, number: u64, latency: Option<i64>) {
        self.latencies.extend(latency.map(|it| (number, it)));
        let excess = self.latencies.len().saturating_sub(KEPT);
        // Only the newest latencies are kept.
        self.latencies.drain(..excess);
        match self.last_number {
            // A reconnection may repeat ticks.
            Some(last) if number <= last => {
                self.repeated += 1;
                return;
            }
            Some(last) => self.lost += number - last - 1,
            None => {}
        }
        self.last_number = Some(number);
        self.received += 1;
    }
}

impl Fold for TickCount {
    const INTERVAL: Duration = Duration::from_millis(100);

    fn add(&mut self, _row: RowNumber, record: &Record<'_>) -> bool {
        let Some((number, latency)) = tick(record) else {
            return false;
        };
        self.count(number, latency);
        true
    }
}

/// Returns the number of a tick and its latency in microseconds; `None` for a record that is not a received tick.
fn tick(record: &Record<'_>) -> Option<(u64, Option<i64>)> {
    // Ticks that this program sends do not count.
    let payload = record
        .kind
        .received()
        .filter(|payload| payload.len() <= LONGEST)?;
    let Ok(tick) = serde_json::from_slice::<Tick<'_>>(payload) else {
        return Some((damaged_number(&record.kind, payload)?, None));
    };
    let latency = match When::parse(tick.sent_at, 0) {
        Some(When::At(sent)) => Some(record.stamp.utc.as_micros() - sent.as_micros()),
        _ => None,
    };
    Some((tick.id, latency))
}

/// Returns the number of a tick whose text is damaged: the ID of its event. It was received, and is not lost.
fn damaged_number(kind: &Kind<'_>, payload: &[u8]) -> Option<u64> {
    let Kind::Event { id, .. } = kind else {
        return None;
    };
    let is_damaged = std::str::from_utf8(payload).is_err();
    std::str::from_utf8(id)
        .ok()
        .filter(|_| is_damaged)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use feedscope_core::store::{DEFAULT_BUDGET_BYTES, StoreWriter};
    use feedscope_core::{Direction, Kind, Moment, Sink as _, Stamp, Timestamp};

    use super::*;
    use crate::analysis::News;

    /// 2026-11-21T05:49:14Z.
    const START: i64 = 1_795_240_154_000_000;

    /// Appends a tick that was sent `ms` milliseconds after the start and arrived 2 ms later.
    fn push(writer: &mut StoreWriter, ms: u64, number: u64, direction: Direction) {
        let sent_at = Timestamp::from_micros(START + ms as i64 * 1_000);
        let json = format!("{{\"id\":{number},\"symbol\":\"ACME\",\"sent_at\":\"{sent_at}\"}}");
        writer.push(&Record {
            stamp: Stamp {
                moment: Moment::from_millis(ms + 2),
                utc: Timestamp::from_micros(START + (ms as i64 + 2) * 1_000),
            },
            connection: 1,
            kind: Kind::Text {
                direction,
                data: json.as_bytes(),
                failed: None,
                wire: None,
            },
        });
    }

    #[test]
    fn numbers_that_are_skipped_or_come_again_are_counted() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        let ticks = Ticks::new(&store);
        let task = ticks.task();
        assert!(task.step(300).is_done && !task.is_stale());
        for (i, number) in [7, 8, 12, 11, 12, 13].into_iter().enumerate() {
            push(&mut writer, i as u64 * 100, number, Direction::In);
            push(&mut writer, i as u64 * 100, 99, Direction::Out);
        }
        // A step with few bytes reads only a few rows.
        assert!(!task.step(300).is_done && task.is_stale());
        while !task.step(300).is_done {}
        let count = ticks.count();
        assert_eq!((count.lost, count.repeated, count.received), (3, 2, 4));
        let latency = count.latency().unwrap();
        assert_eq!(latency.median, Duration::from_millis(2));
        let rest = task.step(300);
        assert_eq!((rest.news, rest.is_done), (News::None, true));
        push(&mut writer, 1_000, 15, Direction::In);
        assert_eq!(task.step(300).news, News::Visible);
        assert_eq!(ticks.count().lost, 4);
    }

    #[test]
    fn a_damaged_tick_is_not_lost() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        let ticks = Ticks::new(&store);
        let mut event = |id: &str, data: &[u8]| {
            let kind = Kind::Event {
                event: b"price",
                id: id.as_bytes(),
                data,
            };
            let stamp = Stamp {
                moment: Moment::from_millis(1),
                utc: Timestamp::from_micros(START),
            };
            writer.push(&Record {
                stamp,
                connection: 1,
                kind,
            });
        };
        event("7", b"{\"id\":7,\"sent_at\":\"\"}");
        event("8", b"{\"id\":8,\"sent_at\":\"\xff\"}");
        // Another event has the id in force, but it is no tick.
        event("8", b"news");
        event("9", b"{\"id\":9,\"sent_at\":\"\"}");
        while !ticks.task().step(300).is_done {}
        let count = ticks.count();
        assert_eq!((count.lost, count.repeated, count.received), (0, 0, 3));
    }

    #[test]
    fn only_the_newest_ticks_count_for_the_latency() {
        let mut count = TickCount::default();
        assert_eq!(count.latency(), None);
        (0..NEWEST as u64).for_each(|number| count.count(number, Some(1_000_000)));
        (0..NEWEST as u64).for_each(|number| count.count(1_000 + number, Some(number as i64)));
        let latency = count.latency().unwrap();
        assert_eq!(latency.median, Duration::from_micros(100));
        assert_eq!(latency.p95, Duration::from_micros(190));
    }

    #[test]
    fn both_feeds_are_compared_by_the_same_ticks() {
        let [mut late, mut current] = [TickCount::default(), TickCount::default()];
        (1..=300).for_each(|number| late.count(number, Some(2_000)));
        (1..=300).for_each(|number| current.count(number, Some(1_000)));
        // While one feed is held back, the ticks of the other one are not compared.
        (301..=800).for_each(|number| current.count(number, Some(9_000)));
        let medians = |late: &TickCount, current: &TickCount| {
            let latencies = TickCount::common_latencies([late, current]);
            latencies.map(|it| it.unwrap().median.as_micros())
        };
        assert_eq!(medians(&late, &current), [2_000, 1_000]);
        assert_eq!(current.latency().unwrap().median.as_micros(), 9_000);
        // Then its ticks arrive late, and the same ticks count for the other feed.
        (301..=800).for_each(|number| late.count(number, Some(60_000)));
        assert_eq!(medians(&late, &current), [60_000, 9_000]);
        let other = TickCount::default();
        assert_eq!(TickCount::common_latencies([&late, &other]), [None, None]);
    }
}
