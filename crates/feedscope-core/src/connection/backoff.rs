//! Wait before the next attempt, computed from the reconnection time, doubling, jitter and bounds.
//!
//! It does not decide if there is a next attempt; see [`policy`](super::policy).

use std::time::Duration;

/// Lower bound of every wait. The server cannot change it, so that `retry: 0` does not cause a busy loop.
pub const SHORTEST_DELAY: Duration = Duration::from_millis(100);

/// Upper bound of the doubling. A longer `retry` of the server raises it.
pub const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// Upper bound of every wait, including a wait that the server requests with `retry` or `Retry-After`. Every JSON
/// reader and every timer can represent this number of milliseconds.
pub const LONGEST_WAIT: Duration = Duration::from_hours(365 * 24);

/// Divisor of the jitter: jitter adds at most this fraction of the delay, which is a quarter.
const JITTER_PART: u64 = 4;

/// Generator of the delays of one feed.
///
/// The n-th wait since the doubling was last reset lies between `low` and `high`, where
///
/// - `time` is the reconnection time, at least [`SHORTEST_DELAY`];
/// - `cap` is [`LONGEST_DELAY`] or `time`, whichever is longer;
/// - `low` is `time` doubled n − 1 times, at most `cap`;
/// - `high` is `low` and a quarter more, at most `cap`.
///
/// Therefore jitter never shortens a delay and never exceeds the cap. Feeds that reach the cap are already scattered by
/// their earlier waits. A longer `Retry-After` replaces the delay, rounded up to whole milliseconds. No delay exceeds
/// [`LONGEST_WAIT`].
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    /// Reconnection time in milliseconds, from the server or the default. [`Self::next_delay`] applies the lower bound.
    reconnection_time: u64,
    /// Number of waits since the doubling was last reset.
    waits: u32,
    /// State of the generator for the jitter.
    random: SplitMix64,
}

impl Backoff {
    /// Creates the delays of a feed with this reconnection time. `seed` determines only the jitter.
    pub(super) fn new(reconnection_time: Duration, seed: u64) -> Self {
        Self {
            reconnection_time: whole_millis(reconnection_time),
            waits: 0,
            random: SplitMix64(seed),
        }
    }

    /// Sets the reconnection time that the server sent, in milliseconds (HTML 9.2.6, field `retry`).
    pub(super) fn set_reconnection_time(&mut self, ms: u64) {
        self.reconnection_time = ms;
    }

    /// Resets the doubling, so that the next wait is the first one again.
    pub(super) fn reset(&mut self) {
        self.waits = 0;
    }

    /// Returns the next delay in whole milliseconds, so that the delay in the record is exact.
    pub(super) fn next_delay(&mut self, retry_after: Duration) -> u64 {
        // HTML 9.2.6 allows any `retry` value, so the bounds apply here.
        let time = self.reconnection_time.max(whole_millis(SHORTEST_DELAY));
        let cap = time.max(whole_millis(LONGEST_DELAY));
        // After 64 waits, the power overflows, and the cap applies in any case.
        let doublings = 2_u64.checked_pow(self.waits).unwrap_or(u64::MAX);
        self.waits = self.waits.saturating_add(1);
        let low = time.saturating_mul(doublings).min(cap);
        let jitter = self.random.up_to(low / JITTER_PART);
        let delay = low.saturating_add(jitter).min(cap);
        delay
            .max(whole_millis(retry_after))
            .min(whole_millis(LONGEST_WAIT))
    }
}

/// Converts a duration to milliseconds, rounded up and saturated, so that a wait is never shorter than requested.
fn whole_millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

/// Generator splitmix64 by Steele, Lea and Flood with 64 bits of state. It is good enough to scatter clients, but not
/// for secrets.
#[derive(Clone, Debug)]
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number from 0 to `most`, both included.
    fn up_to(&mut self, most: u64) -> u64 {
        // Multiply and shift: maps the 64-bit number to the range without a division.
        ((u128::from(self.next()) * (u128::from(most) + 1)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::ProtocolRules;
    use super::*;

    const EVENT_STREAM: Duration = ProtocolRules::EVENT_STREAM.reconnection_time;
    const WEB_SOCKET: Duration = ProtocolRules::WEB_SOCKET.reconnection_time;

    const NONE: Duration = Duration::ZERO;

    /// A year in milliseconds.
    const A_YEAR: u64 = 31_536_000_000;

    /// Asserts that the waits of many seeds are within these bounds, and that together they reach both halves.
    fn check(reconnection_time: Duration, retry: Option<u64>, expected: &[(u64, u64)]) {
        let mut least = vec![u64::MAX; expected.len()];
        let mut most = vec![0; expected.len()];
        for seed in 0..200 {
            let mut backoff = Backoff::new(reconnection_time, seed);
            if let Some(ms) = retry {
                backoff.set_reconnection_time(ms);
            }
            for (i, &(low, high)) in expected.iter().enumerate() {
                let delay = backoff.next_delay(NONE);
                assert!((low..=high).contains(&delay), "wait {} was {delay}", i + 1);
                least[i] = least[i].min(delay);
                most[i] = most[i].max(delay);
            }
        }
        for (i, &(low, high)) in expected.iter().enumerate() {
            let middle = low + (high - low) / 2;
            assert!(
                least[i] <= middle,
                "jitter of wait {} never stays low",
                i + 1
            );
            assert!(
                most[i] >= middle,
                "jitter of wait {} never goes high",
                i + 1
            );
        }
    }

    #[test]
    fn waits_double_up_to_half_a_minute() {
        check(
            EVENT_STREAM,
            None,
            &[
                (3_000, 3_750),
                (6_000, 7_500),
                (12_000, 15_000),
                (24_000, 30_000),
                (30_000, 30_000),
                (30_000, 30_000),
            ],
        );
        check(
            WEB_SOCKET,
            None,
            &[
                (1_000, 1_250),
                (2_000, 2_500),
                (4_000, 5_000),
                (8_000, 10_000),
                (16_000, 20_000),
                (30_000, 30_000),
            ],
        );
    }

    #[test]
    fn the_servers_reconnection_time_is_kept_within_reason() {
        check(EVENT_STREAM, Some(0), &[(100, 125), (200, 250), (400, 500)]);
        check(EVENT_STREAM, Some(99), &[(100, 125)]);
        check(EVENT_STREAM, Some(250), &[(250, 312), (500, 625)]);
        check(
            EVENT_STREAM,
            Some(28_000),
            &[(28_000, 30_000), (30_000, 30_000)],
        );
        check(
            EVENT_STREAM,
            Some(90_000),
            &[(90_000, 90_000), (90_000, 90_000)],
        );
        check(
            EVENT_STREAM,
            Some(u64::MAX),
            &[(A_YEAR, A_YEAR), (A_YEAR, A_YEAR)],
        );
    }

    #[test]
    fn a_reset_waits_the_reconnection_time_again() {
        let mut backoff = Backoff::new(EVENT_STREAM, 1);
        backoff.set_reconnection_time(1_000);
        for _ in 0..10 {
            backoff.next_delay(NONE);
        }
        backoff.reset();
        assert!((1_000..=1_250).contains(&backoff.next_delay(NONE)));
        assert!((2_000..=2_500).contains(&backoff.next_delay(NONE)));
    }

    #[test]
    fn retry_after_is_a_least_wait_and_counts_as_one() {
        let mut backoff = Backoff::new(WEB_SOCKET, 7);
        assert_eq!(backoff.next_delay(Duration::from_hours(1)), 3_600_000);
        assert!((2_000..=2_500).contains(&backoff.next_delay(Duration::from_millis(1_500))));
        assert_eq!(
            backoff.next_delay(Duration::from_nanos(9_000_000_001)),
            9_001
        );
        assert_eq!(backoff.next_delay(Duration::from_hours(72)), 259_200_000);
        for endless in [Duration::from_secs(9_999_999_999), Duration::MAX] {
            assert_eq!(backoff.next_delay(endless), A_YEAR);
        }
    }

    #[test]
    fn the_seed_decides_the_jitter() {
        let waits = |seed| {
            let mut backoff = Backoff::new(EVENT_STREAM, seed);
            [NONE; 4].map(|none| backoff.next_delay(none))
        };
        assert_eq!(waits(1), waits(1));
        assert_ne!(waits(1), waits(2));
    }

    proptest! {
        #[test]
        fn waits_never_leave_their_bounds(
            seed: u64,
            retry in prop_oneof![0..200_u64, 0..100_000_u64, Just(u64::MAX)],
            waits in 1..200_u32,
        ) {
            let mut backoff = Backoff::new(EVENT_STREAM, seed);
            backoff.set_reconnection_time(retry);
            for _ in 0..waits {
                let delay = backoff.next_delay(NONE);
                prop_assert!(delay >= retry.clamp(100, A_YEAR));
                prop_assert!(delay <= retry.clamp(30_000, A_YEAR));
            }
        }
    }
}
