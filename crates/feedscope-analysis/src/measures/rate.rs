//! The busiest whole second of a feed. Keeps one counter.

use std::time::Duration;

use feedscope_core::time::Moment;

const SECOND: Duration = Duration::from_secs(1);

/// Records in the current second and in the busiest one, counted from the first record of any kind.
#[derive(Clone, Debug, Default)]
pub(super) struct BusiestSecond {
    /// End of the current second; none before the first record.
    end: Option<Moment>,
    in_current: u64,
    most: u64,
}

impl BusiestSecond {
    /// Counts a record. `start` is the time of the feed's first record.
    #[inline]
    pub(super) fn add(&mut self, start: Moment, now: Moment) {
        match self.end {
            Some(end) if now < end => self.in_current += 1,
            _ => self.enter(start, now),
        }
    }

    fn enter(&mut self, start: Moment, now: Moment) {
        self.most = self.most();
        let passed = now.since(start).as_secs();
        self.end = Some(start + Duration::from_secs(passed) + SECOND);
        self.in_current = 1;
    }

    /// Records in the busiest second.
    pub(super) fn most(&self) -> u64 {
        self.most.max(self.in_current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_count_from_the_first_record() {
        let mut busiest = BusiestSecond::default();
        assert_eq!(busiest.most(), 0);
        let start = Moment::from_millis(700);
        for ms in [800, 1_600, 1_699, 1_700, 1_701, 5_600, 5_650, 5_699] {
            busiest.add(start, Moment::from_millis(ms));
        }
        assert_eq!(busiest.most(), 3);
        busiest.add(start, Moment::from_millis(5_699));
        assert_eq!(busiest.most(), 4);
    }
}
