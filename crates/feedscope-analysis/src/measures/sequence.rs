//! Numbers in payloads that should count up, for each key: the holes, repetitions and disorder among them. Bounds its
//! memory.

use std::collections::HashMap;

use serde::Serialize;

use super::missing::Missing;

/// Number of keys that are followed.
const MOST_KEYS: usize = 100_000;

/// Bytes of these keys together.
const MOST_KEY_BYTES: usize = 32 << 20;

/// Number of ranges of missing numbers that all keys keep together. Beyond it the key that gets another one forgets its own.
const MOST_RANGES_OF_ALL: usize = 1 << 20;

/// Number of keys with faults that are listed.
const MOST_LISTED: usize = 100;

/// The sequences of a feed, one for each key.
#[derive(Clone, Debug, Default)]
pub(super) struct Sequences {
    of_keys: HashMap<Box<str>, Sequence>,
    all: FaultCounts,
    numbers: u64,
    /// Bytes of the keys.
    key_bytes: usize,
    /// Ranges of missing numbers that are kept for all keys.
    ranges: usize,
    /// Numbers of keys beyond the limit.
    left_out: u64,
}

/// One sequence.
#[derive(Clone, Debug, Default)]
struct Sequence {
    /// The highest and the newest number.
    highest: Option<i128>,
    last: Option<i128>,
    /// The newest number was lower than the highest one, and was not missing: a reset may begin there.
    is_lower: bool,
    missing: Missing,
    faults: FaultCounts,
}

/// Numbers of faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FaultCounts {
    /// Numbers that were skipped and did not arrive later.
    pub missing: u64,
    /// Numbers that arrived again at once.
    pub repeated: u64,
    /// Numbers that arrived after a higher one, and restarts of the count.
    pub out_of_order: u64,
}

/// The faults of one key, or of all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SequenceFaults {
    /// The path of the number.
    pub field: String,
    /// The key; absent for the sum of all keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The faults.
    #[serde(flatten)]
    pub faults: FaultCounts,
}

/// A fault that a number shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NumberFault {
    /// So many numbers before it are missing.
    Missing(u64),
    Repeated,
    /// It is lower than the highest one. `was_missing` if it had been skipped.
    OutOfOrder {
        was_missing: bool,
    },
}

impl Sequences {
    /// Takes the next number of a key; the key is empty where no key is named. Returns its fault, and the number before it.
    pub(super) fn add(&mut self, key: &str, number: i128) -> Option<(FaultCounts, i128)> {
        self.numbers += 1;
        let Some(sequence) = self.of_keys.get_mut(key) else {
            if self.of_keys.len() == MOST_KEYS || self.key_bytes + key.len() > MOST_KEY_BYTES {
                self.left_out += 1;
                return None;
            }
            self.key_bytes += key.len();
            let mut sequence = Sequence::default();
            sequence.take(number);
            self.of_keys.insert(key.into(), sequence);
            return None;
        };
        // A hole lies after the highest number, and other faults follow the newest one.
        let (highest, newest) = (sequence.highest, sequence.last);
        let ranges_before = sequence.missing.ranges();
        let fault = sequence.take(number);
        self.ranges = self.ranges + sequence.missing.ranges() - ranges_before;
        if self.ranges > MOST_RANGES_OF_ALL {
            self.ranges -= sequence.missing.ranges();
            sequence.missing.clear();
        }
        let fault = fault?;
        sequence.faults.add(fault);
        self.all.add(fault);
        let mut alone = FaultCounts::default();
        alone.add(fault);
        let before = match fault {
            NumberFault::Missing(_) => highest,
            NumberFault::Repeated | NumberFault::OutOfOrder { .. } => newest,
        };
        Some((alone, before.unwrap_or(number)))
    }

    /// Number of numbers so far.
    pub(super) fn numbers(&self) -> u64 {
        self.numbers
    }

    /// Numbers of keys beyond the limit, which were not followed.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The keys with faults, worst first, and the sum of all keys. Without keys only the sum.
    pub(super) fn faults(&self, field: &str, has_keys: bool) -> Vec<SequenceFaults> {
        let with_faults = self
            .of_keys
            .iter()
            .filter(|(_, sequence)| has_keys && sequence.faults != FaultCounts::default());
        let mut listed: Vec<_> = with_faults
            .map(|(key, sequence)| (key, sequence.faults))
            .collect();
        // The order of a hash map is not stable, so that keys decide between equal sums.
        listed.sort_by(|(one, faults), (other, others)| {
            others.sum().cmp(&faults.sum()).then(one.cmp(other))
        });
        let named = |key: Option<String>, faults| SequenceFaults {
            field: field.to_owned(),
            key,
            faults,
        };
        let listed = listed.into_iter().take(MOST_LISTED);
        listed
            .map(|(key, faults)| named(Some(key.to_string()), faults))
            .chain([named(None, self.all)])
            .collect()
    }
}

impl Sequence {
    /// Takes the next number, and returns its fault. A reset has none, because the number before it was out of order.
    fn take(&mut self, number: i128) -> Option<NumberFault> {
        let last = self.last.replace(number);
        let Some(highest) = self.highest else {
            self.highest = Some(number);
            return None;
        };
        // A reset needs two lower numbers in a row.
        let was_lower = std::mem::take(&mut self.is_lower);
        if number > highest {
            self.highest = Some(number);
            // The difference of two numbers may exceed 128 bits.
            let skipped = number
                .checked_sub(highest)
                .map_or(i128::MAX, |step| step - 1);
            if skipped == 0 {
                return None;
            }
            self.missing.add(highest + 1, number - 1);
            return Some(NumberFault::Missing(
                u64::try_from(skipped).unwrap_or(u64::MAX),
            ));
        }
        if last == Some(number) {
            // A repetition does not end the wait for a reset.
            self.is_lower = was_lower;
            return Some(NumberFault::Repeated);
        }
        // A late number is no beginning of a reset.
        if self.missing.remove(number) {
            return Some(NumberFault::OutOfOrder { was_missing: true });
        }
        if was_lower && last.and_then(|last| last.checked_add(1)) == Some(number) {
            self.highest = Some(number);
            // The numbers before the reset are never completed.
            self.missing.clear();
            return None;
        }
        self.is_lower = true;
        Some(NumberFault::OutOfOrder { was_missing: false })
    }
}

impl FaultCounts {
    fn add(&mut self, fault: NumberFault) {
        match fault {
            NumberFault::Missing(numbers) => self.missing = self.missing.saturating_add(numbers),
            NumberFault::Repeated => self.repeated += 1,
            NumberFault::OutOfOrder { was_missing } => {
                self.out_of_order += 1;
                // Saturated sums cannot be reduced one by one; they stay about right.
                self.missing = self.missing.saturating_sub(u64::from(was_missing));
            }
        }
    }

    fn sum(&self) -> u64 {
        let Self {
            missing,
            repeated,
            out_of_order,
        } = self;
        missing
            .saturating_add(*repeated)
            .saturating_add(*out_of_order)
    }
}

/// A decimal number as a whole number; `None` if it has a fraction or more than 38 digits.
pub(super) fn whole_number(text: &str) -> Option<i128> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    // Digits behind the point lower the exponent: 1.5e1 is 15 with no zeros behind it.
    let zeros = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    if let Ok(zeros) = u32::try_from(zeros) {
        return digits.checked_mul(10_i128.checked_pow(zeros)?);
    }
    // 1200e-2 is whole, 1201e-2 is not.
    let divisor = 10_i128.checked_pow(zeros.unsigned_abs())?;
    (digits % divisor == 0).then_some(digits / divisor)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Missing, repeated and out of order among numbers of one sequence.
    fn faults(numbers: &[i128]) -> (u64, u64, u64) {
        let mut sequences = Sequences::default();
        for &number in numbers {
            sequences.add("", number);
        }
        let FaultCounts {
            missing,
            repeated,
            out_of_order,
        } = sequences.faults(".n", false)[0].faults;
        (missing, repeated, out_of_order)
    }

    #[test]
    fn each_fault_is_counted_by_its_rule() {
        let large = 1_i128 << 100;
        for (numbers, expected) in [
            (&[][..], (0, 0, 0)),
            (&[7, 8, 9], (0, 0, 0)),
            (&[1, 2, 5], (2, 0, 0)),
            (&[1, 2, 2, 2, 3], (0, 2, 0)),
            // A late number is out of order, and no longer missing.
            (&[1, 2, 5, 3, 6], (1, 0, 1)),
            (&[1, 5, 2, 3, 4, 6], (0, 0, 3)),
            // One lower number is out of order; two that count up are a reset.
            (&[10, 11, 3, 12], (0, 0, 1)),
            (&[10, 11, 1, 2, 3, 4], (0, 0, 1)),
            (&[10, 11, 1, 2, 3, 5], (1, 0, 1)),
            (&[10, 11, 1, 1, 2, 3], (0, 1, 1)),
            (&[10, 11, 1, 3, 4, 5], (0, 0, 2)),
            (&[-2, -1, 0, 2], (1, 0, 0)),
            (&[large, large + 1, large + 3], (1, 0, 0)),
            (&[i128::MIN, i128::MAX], (u64::MAX, 0, 0)),
        ] {
            assert_eq!(faults(numbers), expected, "{numbers:?}");
        }
    }

    #[test]
    fn keys_are_apart_and_the_worst_are_first() {
        let mut sequences = Sequences::default();
        for (key, number) in [("b", 1), ("a", 1), ("c", 7), ("b", 3), ("a", 5), ("c", 8)] {
            sequences.add(key, number);
        }
        let faults = sequences.faults(".seq", true);
        let listed: Vec<_> = faults
            .iter()
            .map(|of| (of.key.as_deref(), of.faults.missing))
            .collect();
        assert_eq!(listed, [(Some("a"), 3), (Some("b"), 1), (None, 4)]);
        let json = serde_json::to_string(&faults[1]).unwrap();
        let expected = r#"{"field":".seq","key":"b","missing":1,"repeated":0,"out_of_order":0}"#;
        assert_eq!(json, expected);
    }

    #[test]
    fn the_number_of_keys_is_bounded() {
        let mut sequences = Sequences::default();
        for key in 0..MOST_KEYS + 2 {
            sequences.add(&key.to_string(), 1);
            sequences.add(&key.to_string(), 3);
        }
        assert_eq!(sequences.left_out(), 4);
        let faults = sequences.faults(".n", true);
        assert_eq!(faults.len(), MOST_LISTED + 1);
        assert_eq!(faults[MOST_LISTED].faults.missing, MOST_KEYS as u64);
    }

    #[test]
    fn the_memory_of_all_keys_is_bounded() {
        let mut sequences = Sequences::default();
        let long = "x".repeat(MOST_KEY_BYTES - 4);
        sequences.add(&long, 1);
        sequences.add("a key", 1);
        assert_eq!(sequences.left_out(), 1);
        let mut sequences = Sequences::default();
        for key in 0..1_100 {
            let key = key.to_string();
            for number in 0..1_024 {
                sequences.add(&key, 2 * number);
            }
        }
        assert!(sequences.ranges <= MOST_RANGES_OF_ALL);
        let kept = sequences.of_keys.values().map(|of| of.missing.ranges());
        assert_eq!(sequences.ranges, kept.sum::<usize>());
    }

    #[test]
    fn whole_numbers_are_exact_at_any_size() {
        let large = "170141183460469231731687303715884105727";
        assert_eq!(whole_number(large), Some(i128::MAX));
        for (text, expected) in [
            ("12", Some(12)),
            ("-12.00", Some(-12)),
            ("1.2e3", Some(1_200)),
            ("1200e-2", Some(12)),
            ("0012", Some(12)),
            ("12.5", None),
            ("1201e-2", None),
            ("1e99", None),
            ("1e-99999999999", None),
        ] {
            assert_eq!(whole_number(text), expected, "{text}");
        }
    }

    proptest! {
        /// Without resets, what is missing at the end is what a set does not have.
        #[test]
        fn holes_equal_those_of_a_set(
            steps in proptest::collection::vec(0..4_u8, 1..100),
            late in proptest::collection::vec(any::<proptest::sample::Index>(), 0..5),
        ) {
            let mut number = 0_i128;
            let mut numbers = vec![0];
            for step in steps {
                number += i128::from(step.max(1));
                numbers.push(number);
            }
            let (first, highest) = (0, number);
            let skipped: Vec<_> = (first..highest).filter(|number| !numbers.contains(number)).collect();
            if !skipped.is_empty() {
                let mut seen = BTreeSet::new();
                let late = late.iter().map(|late| *late.get(&skipped));
                numbers.extend(late.filter(|&number| seen.insert(number)));
            }
            let present: BTreeSet<_> = numbers.iter().copied().collect();
            let missing = (first..=highest).filter(|number| !present.contains(number)).count() as u64;
            prop_assert_eq!(faults(&numbers).0, missing);
        }
    }
}
