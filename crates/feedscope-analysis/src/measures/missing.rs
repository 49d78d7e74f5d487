//! Numbers that were skipped and may still arrive late. Bounds its memory.

use std::collections::BTreeMap;

/// Number of ranges that are kept. Beyond it the lowest range is dropped: its numbers stay missing.
const MOST_RANGES: usize = 1_024;

/// Ranges of skipped numbers, apart from each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Missing {
    /// The last number of each range, by its first one.
    ranges: BTreeMap<i128, i128>,
}

impl Missing {
    /// Adds the numbers from `first` to `last`, which are above all others.
    pub(super) fn add(&mut self, first: i128, last: i128) {
        self.insert(first, last);
    }

    fn insert(&mut self, first: i128, last: i128) {
        self.ranges.insert(first, last);
        if self.ranges.len() > MOST_RANGES {
            self.ranges.pop_first();
        }
    }

    /// Returns the number of ranges that are kept.
    pub(super) fn ranges(&self) -> usize {
        self.ranges.len()
    }

    /// Removes a number that arrived. Returns false if it was not missing.
    pub(super) fn remove(&mut self, number: i128) -> bool {
        let Some((&first, &last)) = self.ranges.range(..=number).next_back() else {
            return false;
        };
        if number > last {
            return false;
        }
        self.ranges.remove(&first);
        if first < number {
            self.insert(first, number - 1);
        }
        if number < last {
            self.insert(number + 1, last);
        }
        true
    }

    /// Forgets all of them, because the numbers begin anew.
    pub(super) fn clear(&mut self) {
        self.ranges.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_missing_number_is_removed_once() {
        let mut missing = Missing::default();
        missing.add(5, 9);
        missing.add(12, 12);
        for (number, was_missing) in [
            (4, false),
            (7, true),
            (7, false),
            (5, true),
            (6, true),
            (12, true),
            (10, false),
            (9, true),
            (8, true),
            (8, false),
        ] {
            assert_eq!(missing.remove(number), was_missing, "{number}");
        }
        assert!(missing.ranges.is_empty());
    }

    #[test]
    fn the_lowest_ranges_are_dropped_beyond_the_limit() {
        let mut missing = Missing::default();
        for number in 0..=MOST_RANGES as i128 {
            missing.add(2 * number, 2 * number);
        }
        assert!(!missing.remove(0) && missing.remove(2));
    }

    #[test]
    fn late_numbers_that_divide_a_range_are_bounded_too() {
        let mut missing = Missing::default();
        missing.add(0, 1 << 40);
        for number in 0..2 * MOST_RANGES as i128 {
            assert!(missing.remove(2 * number + 1));
        }
        assert_eq!(missing.ranges(), MOST_RANGES);
        assert!(!missing.remove(0) && missing.remove(1 << 40));
    }
}
