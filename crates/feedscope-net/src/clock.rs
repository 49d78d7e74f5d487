//! Clock of the program: one monotonic clock, and UTC that is derived from it. No other module reads the time. This
//! module makes no decisions that depend on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use feedscope_core::time::{Moment, Stamp, Timestamp};

/// Shortest interval between two checks of the wall clock. A check is only needed to detect jumps.
const CHECK_INTERVAL: Duration = Duration::from_millis(5);

/// Difference between the wall clock and the derived time from which it counts as a jump, in microseconds.
const TOLERANCE_MICROS: u64 = 100_000;

/// Clock of the program. Clones refer to the same clock.
///
/// UTC is derived from the monotonic time, so that two stamps never contradict each other. If the wall clock differs by
/// more than 100 ms, the clock follows it, and every feed reports this in a `note` with the code `clock_jump`.
#[derive(Clone, Debug)]
pub struct Clock {
    shared: Arc<ClockOrigin>,
}

#[derive(Debug)]
struct ClockOrigin {
    start: Instant,
    anchor: Anchor,
}

impl Clock {
    /// Creates a clock whose first moment is now.
    pub fn new() -> Self {
        Self {
            shared: Arc::new(ClockOrigin {
                start: Instant::now(),
                anchor: Anchor::new(wall_micros()),
            }),
        }
    }

    /// Returns the current time in both forms.
    pub fn now(&self) -> Stamp {
        let ClockOrigin { start, anchor } = &*self.shared;
        let moment =
            Moment::from_nanos(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX));
        // The wall clock is not read for every stamp, because a second clock costs time.
        if anchor.is_check_due(moment) {
            anchor.check(moment, wall_micros());
        }
        Stamp {
            moment,
            utc: anchor.utc(moment),
        }
    }

    /// Returns `moment` on the clock of the timers. The result is at most one year in the future, which is as good as
    /// never.
    pub(crate) fn instant(&self, moment: Moment) -> tokio::time::Instant {
        const FAR: Duration = Duration::from_hours(365 * 24);
        let wait = moment.since(Moment::START);
        let start = self.shared.start;
        // A timer that is too far in the future would overflow.
        start
            .checked_add(wait)
            .unwrap_or_else(|| start + FAR)
            .min(Instant::now() + FAR)
            .into()
    }

    /// Returns the number of jumps of the wall clock so far, and the size of the last one.
    pub(crate) fn jumps(&self) -> Jumps {
        self.shared.anchor.jumps()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

/// Jumps of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Jumps {
    /// Number of jumps.
    pub(crate) count: u64,
    /// Size of the last jump in microseconds. A jump forward is positive.
    pub(crate) last_micros: i64,
}

/// Relation between UTC and the monotonic time. It uses no lock, because every read of every feed needs it.
#[derive(Debug)]
struct Anchor {
    /// UTC at [`Moment::START`], in microseconds.
    utc_at_start: AtomicI64,
    /// Time of the last check of the wall clock, in nanoseconds since [`Moment::START`].
    checked_at: AtomicU64,
    jump_count: AtomicU64,
    last_jump_micros: AtomicI64,
}

impl Anchor {
    fn new(wall_micros: i64) -> Self {
        Self {
            utc_at_start: AtomicI64::new(wall_micros),
            checked_at: AtomicU64::new(0),
            jump_count: AtomicU64::new(0),
            last_jump_micros: AtomicI64::new(0),
        }
    }

    fn utc(&self, moment: Moment) -> Timestamp {
        Timestamp::from_micros(
            self.utc_at_start
                .load(Ordering::Relaxed)
                .saturating_add(micros(moment)),
        )
    }

    /// Returns true if a check of the wall clock is due. If several threads ask at once, only one of them receives
    /// true.
    fn is_check_due(&self, moment: Moment) -> bool {
        let checked_at = self.checked_at.load(Ordering::Relaxed);
        moment.since(Moment::from_nanos(checked_at)) >= CHECK_INTERVAL
            && self
                .checked_at
                .compare_exchange(
                    checked_at,
                    moment.as_nanos(),
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                )
                .is_ok()
    }

    fn check(&self, moment: Moment, wall_micros: i64) {
        let utc_at_start = wall_micros.saturating_sub(micros(moment));
        let jump = utc_at_start.saturating_sub(self.utc_at_start.load(Ordering::Relaxed));
        if jump.unsigned_abs() > TOLERANCE_MICROS {
            self.utc_at_start.store(utc_at_start, Ordering::Relaxed);
            self.last_jump_micros.store(jump, Ordering::Relaxed);
            // The count is written last. A reader that sees the new count also sees the other values.
            self.jump_count.fetch_add(1, Ordering::Release);
        }
    }

    fn jumps(&self) -> Jumps {
        let count = self.jump_count.load(Ordering::Acquire);
        Jumps {
            count,
            last_micros: self.last_jump_micros.load(Ordering::Relaxed),
        }
    }
}

fn micros(moment: Moment) -> i64 {
    i64::try_from(moment.as_nanos() / 1_000).unwrap_or(i64::MAX)
}

fn wall_micros() -> i64 {
    let micros = |wait: Duration| i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => micros(after),
        Err(before) => -micros(before.duration()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_clock_is_followed_when_it_jumps_and_only_then() {
        let anchor = Anchor::new(1_000_000);
        let at = Moment::from_millis(2_000);
        anchor.check(at, 3_000_000 + 100_000);
        assert_eq!(
            anchor.jumps(),
            Jumps {
                count: 0,
                last_micros: 0
            }
        );
        assert_eq!(anchor.utc(at), Timestamp::from_micros(3_000_000));
        anchor.check(at, 3_000_000 - 100_001);
        assert_eq!(
            anchor.jumps(),
            Jumps {
                count: 1,
                last_micros: -100_001
            }
        );
        assert_eq!(anchor.utc(at), Timestamp::from_micros(2_899_999));
    }

    #[test]
    fn the_wall_clock_is_looked_at_every_few_milliseconds_by_one_caller() {
        let anchor = Anchor::new(0);
        assert!(!anchor.is_check_due(Moment::from_millis(4)));
        assert!(anchor.is_check_due(Moment::from_millis(5)));
        assert!(!anchor.is_check_due(Moment::from_millis(5)));
        assert!(anchor.is_check_due(Moment::from_millis(10)));
    }

    #[test]
    fn moments_never_go_back_and_timers_never_overflow() {
        let clock = Clock::new();
        let (first, second) = (clock.now(), clock.now());
        assert!(second.moment >= first.moment);
        assert!(clock.instant(Moment::from_nanos(u64::MAX)) > clock.instant(second.moment));
    }
}
