//! Difference of two decimal numbers, without the errors of binary fractions.
//!
//! It does not round; numbers that are too long for an exact result have no difference.

use std::cmp::Ordering;

/// Difference of a number from an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberChange {
    /// True if the number is greater than the earlier one.
    pub rises: bool,
    /// Absolute difference, without a sign: `0.04`.
    pub by: String,
}

/// Maximum number of digits, including the zeros of an exponent. Longer numbers are not compared.
const MOST_DIGITS: usize = 36;

/// Returns the difference of `new` from `old`, both in the form of JSON. It is `None` if they are equal or cannot be
/// compared exactly.
pub fn change(old: &str, new: &str) -> Option<NumberChange> {
    let (old, new) = (Decimal::of(old)?, Decimal::of(new)?);
    let scale = old.scale.max(new.scale);
    let (old, new) = (old.scaled(scale)?, new.scaled(scale)?);
    let rises = match new.cmp(&old) {
        Ordering::Equal => return None,
        Ordering::Greater => true,
        Ordering::Less => false,
    };
    Some(NumberChange {
        rises,
        by: written(new.abs_diff(old), scale),
    })
}

/// Number as its digits and the count of digits after the point.
struct Decimal {
    digits: i128,
    scale: usize,
}

impl Decimal {
    fn of(written: &str) -> Option<Self> {
        let (mantissa, exponent) = match written.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (written, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        // More digits could overflow 128 bits.
        if whole.len() + fraction.len() > MOST_DIGITS {
            return None;
        }
        let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
        // The exponent moves the point.
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        // A negative scale means zeros before the point.
        match usize::try_from(scale) {
            Ok(scale) => Some(Self { digits, scale }),
            Err(_) => Self { digits, scale: 0 }.scaled_by(scale.unsigned_abs() as usize),
        }
    }

    fn scaled_by(self, zeros: usize) -> Option<Self> {
        Some(Self {
            digits: self.digits.checked_mul(power_of_ten(zeros)?)?,
            ..self
        })
    }

    /// Returns its digits, with `scale` of them after the point.
    fn scaled(&self, scale: usize) -> Option<i128> {
        self.digits.checked_mul(power_of_ten(scale - self.scale)?)
    }
}

fn power_of_ten(zeros: usize) -> Option<i128> {
    10_i128.checked_pow(u32::try_from(zeros).ok()?)
}

fn written(digits: u128, scale: usize) -> String {
    // At least one digit must be before the point.
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change_of(old: &str, new: &str) -> Option<String> {
        change(old, new)
            .map(|change| format!("{}{}", if change.rises { '+' } else { '-' }, change.by))
    }

    #[test]
    fn a_difference_is_exact() {
        for (old, new, expected) in [
            ("55.12", "55.16", Some("+0.04")),
            ("55.16", "55.12", Some("-0.04")),
            ("0.1", "0.3", Some("+0.2")),
            ("1200", "1100", Some("-100")),
            ("-1.5", "2", Some("+3.5")),
            ("1e3", "1000.5", Some("+0.5")),
            ("1e3", "1000", None),
            ("1.50", "1.5", None),
            ("-0", "0", None),
            ("25e-1", "2", Some("-0.5")),
            ("12345678901234567890", "12345678901234567891", Some("+1")),
            ("1e400", "1", None),
            ("1", "1e-400", None),
            ("1", "1e99999999999", None),
        ] {
            assert_eq!(change_of(old, new).as_deref(), expected, "{old} to {new}");
        }
    }

    proptest! {
        /// For whole numbers, the result equals a subtraction.
        #[test]
        fn whole_numbers_differ_as_subtraction_says(old in any::<i64>(), new in any::<i64>()) {
            let expected = match new.cmp(&old) {
                Ordering::Equal => None,
                Ordering::Greater => Some(format!("+{}", new.abs_diff(old))),
                Ordering::Less => Some(format!("-{}", new.abs_diff(old))),
            };
            prop_assert_eq!(change_of(&old.to_string(), &new.to_string()), expected);
        }

        /// No text causes a panic.
        #[test]
        fn any_text_is_taken(old in "[-0-9.eE+]{0,50}", new in "[-0-9.eE+]{0,50}") {
            change(&old, &new);
        }
    }
}
