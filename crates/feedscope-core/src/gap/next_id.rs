//! Text of the ID that follows in a count. Where IDs count up by one, comparing with it replaces parsing each of them.

use super::kept_ids::Words;

/// ID that follows after the last one in a count, written with as many digits; or nothing.
#[derive(Debug, Default)]
pub(super) struct NextId {
    /// The ID in the form that compares without a loop; empty if there is none.
    words: Words,
    /// Value by which the words of the next ID are larger, if only the last digit differs.
    step: (u64, u64),
    /// Last digit as a number.
    last_digit: u8,
}

impl NextId {
    /// Creates the ID that follows after `id`, which consists of digits; nothing if it is too long for a short ID.
    pub(super) fn after(id: &[u8]) -> Self {
        let mut next = id.to_vec();
        increment(&mut next);
        let words = Words::of(&next);
        match next.last() {
            Some(last) if words.is_short_id() => Self {
                words,
                step: words.step_of_last_byte(),
                last_digit: last.saturating_sub(b'0'),
            },
            _ => Self::default(),
        }
    }

    /// Returns true if an ID in this form is the one that follows.
    #[inline]
    pub(super) fn is(&self, id: Words) -> bool {
        id == self.words && id.is_short_id()
    }

    /// Moves on by one.
    #[inline]
    pub(super) fn advance(&mut self) {
        if self.last_digit < 9 {
            self.last_digit += 1;
            self.words.add(self.step);
        } else {
            self.carry();
        }
    }

    #[cold]
    fn carry(&mut self) {
        *self = Self::after(&self.words.to_vec());
    }
}

/// Adds one to a number in digits. A number of nines gets another digit.
fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
    digits.insert(0, b'1');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Checks that the ID after each one is the next number with at least as many digits.
    fn check(first: u64, width: usize, steps: u64) {
        let text = |number: u64| format!("{number:0width$}").into_bytes();
        let mut next = NextId::after(&text(first));
        for number in first + 1..=first + steps {
            let is_short = text(number).len() <= 16;
            assert_eq!(next.is(Words::of(&text(number))), is_short, "{number}");
            assert!(!next.is(Words::of(&text(number + 1))));
            assert!(!next.is(Words::of(b"")));
            if is_short {
                next.advance();
            }
        }
    }

    #[test]
    fn carries_over_nines() {
        for (first, width) in [(0, 0), (7, 0), (8, 3), (95, 0), (998, 0), (998, 6)] {
            check(first, width, 30);
        }
        check(9_999_999_999_999_990, 0, 20);
        check(u64::MAX - 40, 0, 20);
    }

    #[test]
    fn an_id_that_is_too_long_has_no_next() {
        let next = NextId::after(&[b'1'; 30]);
        assert!(!next.is(Words::of(&[b'1'; 30])));
        assert!(!next.is(Words::of(b"")));
    }

    proptest! {
        #[test]
        fn counts_like_numbers(first in 0_u64..1 << 60, width in 0_usize..22) {
            check(first, width, 12);
        }
    }
}
