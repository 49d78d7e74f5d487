//! Short texts as whole numbers, so that names are compared and ids are parsed without a loop over their bytes.

/// Number of bytes of the longest text that its ends contain completely.
const WHOLE: usize = 16;

/// First and last bytes of a text, with its length. The ends of a short text overlap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TextEnds {
    len: usize,
    first: u64,
    last: u64,
}

impl TextEnds {
    /// Returns the ends of a text.
    #[inline]
    pub(super) fn of(text: &[u8]) -> Self {
        let len = text.len();
        let (first, last) = if let (Some(first), Some(last)) =
            (text.first_chunk::<8>(), text.last_chunk::<8>())
        {
            (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
        } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>())
        {
            let [first, last] = [*first, *last].map(u32::from_le_bytes);
            (u64::from(first), u64::from(last))
        } else if len > 0 {
            // One to three bytes are covered by the first, the middle and the last one.
            let [first, middle, last] = [text[0], text[len / 2], text[len - 1]].map(u64::from);
            (first | middle << 8, last)
        } else {
            (0, 0)
        };
        Self { len, first, last }
    }

    /// Returns true if equal ends are equal texts.
    #[inline]
    pub(super) fn are_whole(self) -> bool {
        self.len <= WHOLE
    }
}

/// Parses decimal digits without leading zeros, up to `u64::MAX`.
#[inline]
pub(super) fn whole_number(digits: &[u8]) -> Option<u64> {
    match digits {
        [b'0', _, ..] | [] => None,
        _ if digits.len() <= 8 => eight_digits(padded(digits)?),
        _ if digits.len() <= WHOLE => {
            let (high, low) = digits.split_last_chunk()?;
            let low = eight_digits(u64::from_le_bytes(*low))?;
            Some(eight_digits(padded(high)?)? * 100_000_000 + low)
        }
        _ => {
            // Parsing accepts a sign, which is no digit.
            let is_plain = digits.iter().all(u8::is_ascii_digit);
            std::str::from_utf8(digits)
                .ok()
                .filter(|_| is_plain)?
                .parse()
                .ok()
        }
    }
}

/// Returns up to eight digits with zeros before them, the first one in the lowest byte.
#[inline]
fn padded(digits: &[u8]) -> Option<u64> {
    const ZEROS: u64 = u64::from_le_bytes(*b"00000000");
    let len = digits.len();
    let ends = TextEnds::of(digits);
    // The digits in the low bytes of a number, whose other bytes are zero.
    let text = match len {
        0 => return None,
        1..=3 => {
            let middle = if len == 3 { ends.first & 0xff00 } else { 0 };
            let first = if len == 1 { 0 } else { ends.first & 0xff };
            first | middle | ends.last << (8 * (len - 1))
        }
        4..=7 => ends.first | ends.last << (8 * (len - 4)),
        _ => return Some(ends.first),
    };
    // Bytes that overlap are equal in both ends, so that none is changed.
    let bits = 8 * (8 - len);
    Some(text << bits | ZEROS & ((1 << bits) - 1))
}

/// Parses eight digits, the first one in the lowest byte; `None` if a byte is no digit.
#[inline]
fn eight_digits(text: u64) -> Option<u64> {
    const LOW: u64 = 0x0f0f_0f0f_0f0f_0f0f;
    const SIXES: u64 = 0x0606_0606_0606_0606;
    const THREES: u64 = 0x3030_3030_3030_3030;
    // A digit has 3 in its high half, also after 6 is added. A sum that leaves its byte came from no digit.
    let is_digits = text & !LOW == THREES && text.wrapping_add(SIXES) & !LOW == THREES;
    if !is_digits {
        return None;
    }
    // Neighbors become numbers of two, four and eight digits.
    let pairs = (text & LOW).wrapping_mul(10 << 8 | 1) >> 8 & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000 << 32 | 1) >> 32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Parses a number digit by digit.
    fn plain_number(text: &[u8]) -> Option<u64> {
        if text.is_empty() || (text.len() > 1 && text[0] == b'0') {
            return None;
        }
        text.iter().try_fold(0_u64, |number, byte| {
            let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
            number.checked_mul(10)?.checked_add(digit)
        })
    }

    #[test]
    fn numbers_of_every_length_are_parsed() {
        for number in [
            "",
            "0",
            "7",
            "42",
            "100",
            "4096",
            "01",
            "-1",
            "+5",
            "1e3",
            "12345678",
            "123456789",
            "1234567890123456",
            "12345678901234567",
            "18446744073709551615",
            "18446744073709551616",
            "123456789012345678901",
            "1234:",
            "1234/",
            "\u{ff}",
            "12 ",
        ] {
            assert_eq!(
                whole_number(number.as_bytes()),
                plain_number(number.as_bytes()),
                "{number}"
            );
        }
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_a_plain_parser(text in "[0-9]{0,21}|[ -~]{1,9}|[0-9]{3,9}[/:a]?[0-9]{0,4}") {
            prop_assert_eq!(whole_number(text.as_bytes()), plain_number(text.as_bytes()), "{}", text);
        }

        #[test]
        fn whole_ends_are_equal_only_for_equal_texts(one in "[ab]{0,17}", other in "[ab]{0,17}") {
            let ends = [&one, &other].map(|text| TextEnds::of(text.as_bytes()));
            if ends[0].are_whole() {
                prop_assert_eq!(ends[0] == ends[1], one == other);
            } else {
                prop_assert!(ends[0] == ends[1] || one != other);
            }
        }
    }
}
