//! Times between the server's time in a payload and its arrival, also where the two clocks differ. Keeps no record.

use std::collections::HashMap;

use serde::Serialize;

use super::percentiles::Percentiles;
use super::server_time::ServerTime;

/// Number of counters. Beyond it, neighbors share one, so that memory is bounded.
const MOST_COUNTERS: usize = 1 << 16;

/// A smallest latency above this one shows a clock that is wrong, as a negative one does.
const LONGEST_BELIEVED_MICROS: i64 = 10_000_000;

const MICROS_PER_MILLI: f64 = 1e3;

/// Latencies of one feed, in microseconds.
///
/// The counters have equal widths, so that the percentiles stay as exact after a correction by the offset of the clocks.
#[derive(Clone, Debug, Default)]
pub(super) struct Latencies {
    /// Numbers of latencies by their value, shifted right by [`shift`](Self::shift).
    counts: HashMap<i64, u64>,
    shift: u32,
    count: u64,
    min: i64,
    max: i64,
    has_parts_of_seconds: bool,
}

/// Latencies as figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Latency {
    /// The path of the server's time.
    pub field: String,
    /// Number of payloads with a time.
    pub count: u64,
    /// The smallest difference of arrival and server's time, never corrected.
    pub min: f64,
    /// Percentiles, corrected by [`offset_ms`](Self::offset_ms) where there is one.
    #[serde(flatten)]
    pub percentiles: Percentiles,
    /// The server's clock minus ours, minus the smallest true latency; only where the clocks evidently differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_ms: Option<f64>,
    /// The server writes whole seconds, so that each latency is uncertain by one second.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub whole_seconds: bool,
}

impl Latencies {
    /// Counts the latency of a payload that arrived at this time.
    pub(super) fn add(&mut self, arrival_micros: i64, time: ServerTime) {
        let latency = arrival_micros.saturating_sub(time.micros);
        if self.count == 0 {
            (self.min, self.max) = (latency, latency);
        }
        self.min = self.min.min(latency);
        self.max = self.max.max(latency);
        self.count += 1;
        self.has_parts_of_seconds |= !time.is_whole_second;
        *self.counts.entry(latency >> self.shift).or_insert(0) += 1;
        // One step may not be enough, if few latencies are neighbors.
        while self.counts.len() > MOST_COUNTERS {
            self.widen();
        }
    }

    /// Doubles the width of the counters.
    fn widen(&mut self) {
        self.shift += 1;
        let narrow = std::mem::take(&mut self.counts);
        for (latency, count) in sorted(narrow) {
            *self.counts.entry(latency >> 1).or_insert(0) += count;
        }
    }

    /// The figures for the field with this path; `None` if no payload had a time.
    pub(super) fn figures(&self, field: String) -> Option<Latency> {
        if self.count == 0 {
            return None;
        }
        // A plausible latency is not corrected, so that equal clocks show the true latency.
        let is_believed = (0..=LONGEST_BELIEVED_MICROS).contains(&self.min);
        let offset = if is_believed {
            0
        } else {
            self.min.saturating_neg()
        };
        let millis = |latency: i64| latency.saturating_add(offset) as f64 / MICROS_PER_MILLI;
        let counts = sorted(self.counts.clone());
        let percentile = |percent: u128| {
            let rank = (u128::from(self.count) * percent).div_ceil(100).max(1);
            let mut passed = 0;
            let found = counts.iter().find(|(_, count)| {
                passed += u128::from(*count);
                passed >= rank
            });
            let start = found.map_or(self.max, |&(latency, _)| latency << self.shift);
            let middle = start.saturating_add((1 << self.shift) / 2);
            millis(middle.clamp(self.min, self.max))
        };
        Some(Latency {
            field,
            count: self.count,
            min: self.min as f64 / MICROS_PER_MILLI,
            percentiles: Percentiles {
                p50: percentile(50),
                p90: percentile(90),
                p99: percentile(99),
                max: millis(self.max),
            },
            offset_ms: (!is_believed).then_some(offset as f64 / MICROS_PER_MILLI),
            whole_seconds: !self.has_parts_of_seconds,
        })
    }
}

fn sorted(counts: HashMap<i64, u64>) -> Vec<(i64, u64)> {
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_unstable();
    sorted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn latency(latencies: &[i64]) -> Latency {
        let mut all = Latencies::default();
        for &latency in latencies {
            let time = ServerTime {
                micros: 1_000_000_000,
                is_whole_second: false,
            };
            all.add(1_000_000_000 + latency, time);
        }
        all.figures(".t".to_owned()).unwrap()
    }

    /// Whether two times in milliseconds are the same to the microsecond.
    fn is_near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-3
    }

    #[test]
    fn latencies_with_equal_clocks_are_not_corrected() {
        let latency = latency(&[200_000, 190_000, 210_000, 0]);
        assert_eq!((latency.count, latency.offset_ms), (4, None));
        assert!(is_near(latency.percentiles.p50, 190.0) && is_near(latency.percentiles.max, 210.0));
        assert!(is_near(latency.min, 0.0));
    }

    #[test]
    fn a_wrong_clock_is_corrected_by_the_smallest_latency() {
        // The clock is 90 s ahead, and the true latencies are 50 to 250 ms.
        let ahead: Vec<_> = (50..=250).map(|ms| ms * 1_000 - 90_000_000).collect();
        // 90 s behind.
        let behind: Vec<_> = (50..=250).map(|ms| ms * 1_000 + 90_000_000).collect();
        for (latencies, offset) in [(ahead, 89_950.0), (behind, -90_050.0)] {
            let latency = latency(&latencies);
            assert!(is_near(latency.offset_ms.unwrap(), offset), "{latency:?}");
            assert!(is_near(latency.min, -offset), "{latency:?}");
            assert!(is_near(latency.percentiles.p50, 100.0), "{latency:?}");
            assert!(is_near(latency.percentiles.max, 200.0), "{latency:?}");
        }
    }

    #[test]
    fn whole_seconds_are_reported_unless_one_time_is_finer() {
        let mut all = Latencies::default();
        let time = |is_whole_second| ServerTime {
            micros: 0,
            is_whole_second,
        };
        all.add(500_000, time(true));
        assert!(all.figures(String::new()).unwrap().whole_seconds);
        all.add(500_000, time(false));
        assert!(!all.figures(String::new()).unwrap().whole_seconds);
        assert_eq!(Latencies::default().figures(String::new()), None);
    }

    #[test]
    fn memory_is_bounded_and_the_error_small() {
        let spread: Vec<_> = (0..400_000).map(|number| number * 7).collect();
        let mut all = Latencies::default();
        for &latency in &spread {
            all.add(
                latency,
                ServerTime {
                    micros: 0,
                    is_whole_second: false,
                },
            );
        }
        assert!(all.counts.len() <= MOST_COUNTERS);
        let latency = all.figures(String::new()).unwrap();
        assert!(
            (latency.percentiles.p50 - 1_400.0).abs() < 0.1,
            "{latency:?}"
        );
    }

    proptest! {
        #[test]
        fn percentiles_are_of_nearest_rank(latencies in proptest::collection::vec(0..9_000_000_i64, 1..200)) {
            let figures = latency(&latencies).percentiles;
            let mut sorted = latencies;
            sorted.sort_unstable();
            for (percent, figure) in [(50, figures.p50), (90, figures.p90), (99, figures.p99)] {
                let plain = sorted[(sorted.len() * percent).div_ceil(100) - 1];
                prop_assert!(is_near(figure, plain as f64 / 1e3), "{} {}", figure, plain);
            }
        }

        #[test]
        fn any_times_are_taken(times in proptest::collection::vec((any::<i64>(), any::<i64>()), 1..20)) {
            let mut all = Latencies::default();
            for (arrival, micros) in times {
                all.add(arrival, ServerTime { micros, is_whole_second: true });
            }
            all.figures(String::new());
        }
    }
}
