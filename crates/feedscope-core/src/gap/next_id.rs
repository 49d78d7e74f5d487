//! Text of the ID that follows in a count. Where IDs count up by one, comparing with it replaces parsing each of them.

use super::kept_ids::Words;

/// Number of digits of the longest number of 64 bits.
const MOST_DIGITS: usize = 20;

/// ID that follows after the last one in a count, written with as many digits; or nothing.
#[derive(Debug, Default)]
pub(super) struct NextId {
    /// The same ID in the form that compares without a loop; empty if there is none.
    words: Words,
    digits: [u8; MOST_DIGITS],
    len: usize,
}

impl NextId {
    /// Creates the ID that follows after `id`, which consists of digits; nothing if it is too long for a short ID.
    pub(super) fn after(id: &[u8]) -> Self {
        let mut next = Self::default();
        if let Some(digits) = next.digits.get_mut(..id.len()) {
            digits.copy_from_slice(id);
            next.len = id.len();
            next.advance();
        }
        next
    }

    /// Returns true if an ID in this form is the one that follows.
    #[inline]
    pub(super) fn is(&self, id: Words) -> bool {
        id == self.words && id.is_short_id()
    }

    /// Moves on by one.
    #[inline]
    pub(super) fn advance(&mut self) {
        let Some(last) = self.digits[..self.len].last_mut() else {
            return;
        };
        if *last < b'9' {
            *last += 1;
        } else {
            self.carry();
        }
        self.words = Words::of(&self.digits[..self.len]);
        if !self.words.is_short_id() {
            *self = Self::default();
        }
    }

    /// Turns nines at the end into zeros and adds one to the digit before them.
    #[cold]
    fn carry(&mut self) {
        let nines = self.digits[..self.len]
            .iter()
            .rev()
            .take_while(|digit| **digit == b'9')
            .count();
        let (rest, tail) = self.digits[..self.len].split_at_mut(self.len - nines);
        tail.fill(b'0');
        if let Some(digit) = rest.last_mut() {
            *digit += 1;
        } else if self.len < MOST_DIGITS {
            // All digits were nines, and are zeros now.
            self.digits[0] = b'1';
            self.digits[self.len] = b'0';
            self.len += 1;
        }
    }
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
            next.advance();
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
