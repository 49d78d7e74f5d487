//! Differences of arrivals, as a distribution. It uses no records.

use crate::measures::Histogram;

/// Differences of arrivals in microseconds: the arrival in the other feed minus that in the base.
#[derive(Clone, Debug, Default)]
pub struct FeedDifference {
    /// Sizes of the negative ones.
    earlier: Histogram,
    /// The others.
    later: Histogram,
}

impl FeedDifference {
    /// Adds a difference in microseconds.
    pub(super) fn add(&mut self, micros: i64) {
        let size = micros.unsigned_abs();
        if micros < 0 {
            self.earlier.add(size);
        } else {
            self.later.add(size);
        }
    }

    /// Number of pairs.
    pub fn count(&self) -> u64 {
        self.earlier.count() + self.later.count()
    }

    /// Smallest difference.
    pub fn min(&self) -> Option<i64> {
        // The greatest advance is the smallest difference.
        let earlier = self.earlier.max().map(negative);
        earlier.or_else(|| self.later.min().map(positive))
    }

    /// Greatest difference.
    pub fn max(&self) -> Option<i64> {
        let later = self.later.max().map(positive);
        later.or_else(|| self.earlier.min().map(negative))
    }

    /// Difference of nearest rank: the smallest one that at least `percent` of the pairs do not exceed, within half a
    /// percent.
    pub fn percentile(&self, percent: u32) -> Option<i64> {
        // The product of two counts may exceed 64 bits.
        let rank = (u128::from(self.count()) * u128::from(percent)).div_ceil(100);
        let rank = u64::try_from(rank).unwrap_or(u64::MAX).max(1);
        // The advances come first in the order, from the greatest to the smallest.
        if let Some(rank @ 1..) = rank.checked_sub(self.earlier.count()) {
            return self.later.of_rank(rank).map(positive);
        }
        // The greatest size is the smallest difference.
        let rank = self.earlier.count() - rank + 1;
        self.earlier.of_rank(rank).map(negative)
    }
}

fn positive(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

fn negative(size: u64) -> i64 {
    -positive(size)
}
