//! A histogram of whole numbers: exact counts in log-linear buckets, so that a percentile is within half a percent of
//! the true one. Keeps no value.

use std::ops::Range;

/// Number of bits below the highest one that a bucket keeps: 128 buckets for each power of two.
const KEPT_BITS: u32 = 7;

/// Values below this one have a bucket each.
const EXACT_BELOW: u64 = 1 << (KEPT_BITS + 1);

/// Counts of values, with the smallest and the greatest one.
///
/// It grows with the greatest value, up to 57 KiB for a value of 64 bits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    counts: Vec<u64>,
    count: u64,
    min: u64,
    max: u64,
}

impl Histogram {
    /// Counts a value.
    #[inline]
    pub fn add(&mut self, value: u64) {
        let bucket = bucket_of(value);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        if self.count == 0 {
            (self.min, self.max) = (value, value);
        }
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.count += 1;
    }

    /// Adds the values of another histogram.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        if self.count == 0 {
            (self.min, self.max) = (other.min, other.max);
        }
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.count += other.count;
    }

    /// Number of values.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The greatest value.
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// The smallest value.
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    /// The value of nearest rank: the smallest one that at least `percent` of the values do not exceed.
    pub fn percentile(&self, percent: u32) -> Option<u64> {
        let rank = (u128::from(self.count) * u128::from(percent)).div_ceil(100);
        let rank = u64::try_from(rank).unwrap_or(self.count);
        self.of_rank(rank)
    }

    /// The value with this place in their order, counted from 1; `None` for a place beyond the last.
    pub(crate) fn of_rank(&self, rank: u64) -> Option<u64> {
        let rank = rank.max(1);
        let mut passed = 0;
        let bucket = self.counts.iter().position(|count| {
            passed += count;
            passed >= rank
        })?;
        let Range { start, end } = values_of(bucket);
        let middle = start + (end - start) / 2;
        Some(middle.clamp(self.min, self.max))
    }
}

/// The bucket of a value.
#[inline]
fn bucket_of(value: u64) -> usize {
    if value < EXACT_BELOW {
        return value as usize;
    }
    // The highest bits select the bucket; the bits below them are dropped.
    let shift = value.ilog2() - KEPT_BITS;
    ((shift as usize) << KEPT_BITS) + (value >> shift) as usize
}

/// The values of a bucket.
fn values_of(bucket: usize) -> Range<u64> {
    let bucket = bucket as u64;
    if bucket < EXACT_BELOW {
        return bucket..bucket + 1;
    }
    let shift = (bucket >> KEPT_BITS) - 1;
    let start = (bucket - (shift << KEPT_BITS)) << shift;
    start..start.saturating_add(1 << shift)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        for &value in values {
            histogram.add(value);
        }
        histogram
    }

    /// The value of nearest rank, from the sorted values themselves.
    fn plain_percentile(values: &[u64], percent: usize) -> Option<u64> {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied()
    }

    #[test]
    fn nothing_has_no_percentiles() {
        let empty = Histogram::default();
        assert_eq!(
            (empty.percentile(50), empty.min(), empty.max()),
            (None, None, None)
        );
    }

    #[test]
    fn small_and_equal_values_are_exact() {
        let small = of(&(1..=200).collect::<Vec<_>>());
        assert_eq!(small.percentile(50), Some(100));
        assert_eq!(small.percentile(99), Some(198));
        assert_eq!(small.percentile(100), Some(200));
        assert_eq!(small.percentile(0), Some(1));
        let equal = of(&[1_000_001; 3]);
        assert_eq!(equal.percentile(50), Some(1_000_001));
    }

    #[test]
    fn every_value_lies_in_its_bucket() {
        for value in [0, 255, 256, 257, 1_023, 1_024, 1 << 40, u64::MAX - 1] {
            let values = values_of(bucket_of(value));
            assert!(values.contains(&value), "{value}: {values:?}");
        }
        assert_eq!(of(&[u64::MAX]).percentile(50), Some(u64::MAX));
    }

    fn value() -> impl Strategy<Value = u64> {
        (0..64_u32, any::<u64>()).prop_map(|(shift, value)| value >> shift)
    }

    proptest! {
        #[test]
        fn percentiles_are_within_one_percent_of_the_plain_ones(
            values in proptest::collection::vec(value(), 1..300),
            percent in 0..=100_u32,
        ) {
            let found = of(&values).percentile(percent).unwrap();
            let plain = plain_percentile(&values, percent as usize).unwrap();
            prop_assert!(found.abs_diff(plain) as f64 <= plain as f64 * 0.01, "{} {}", found, plain);
        }

        #[test]
        fn merged_is_the_same_as_added(
            one in proptest::collection::vec(value(), 0..50),
            other in proptest::collection::vec(value(), 0..50),
        ) {
            let mut merged = of(&one);
            merged.merge(&of(&other));
            prop_assert_eq!(merged, of(&[one, other].concat()));
        }
    }
}
