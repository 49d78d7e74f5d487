//! Numbers as text for people: with groups of digits, with significant digits, and with the noun that they count.

/// Returns a number with a comma before each group of three digits.
///
/// ```
/// assert_eq!(feedscope_core::numbers::grouped(1_204), "1,204");
/// ```
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        // Groups of three are counted from the right.
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a number and the noun that it counts: `1 byte`, `2,000 bytes`.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// Returns a number with three significant digits, or with all digits before the point.
///
/// ```
/// use feedscope_core::numbers::significant;
///
/// assert_eq!([0.02, 1.234, 12.0, 1_234.5].map(significant), ["0.02", "1.23", "12", "1,235"]);
/// ```
pub fn significant(number: f64) -> String {
    let magnitude = number.abs();
    let decimals = match magnitude {
        0.0 => 0,
        small if small < 1.0 => 3,
        small if small < 10.0 => 2,
        small if small < 100.0 => 1,
        _ => 0,
    };
    let text = if magnitude < 100.0 {
        format!("{magnitude:.decimals$}")
    } else {
        grouped(magnitude.round() as u64)
    };
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    // A number that rounds to zero has no sign.
    let sign = if number < 0.0 && text != "0" { "-" } else { "" };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_numbers_keep_their_sign_and_zero_has_none() {
        for (number, expected) in [
            (-0.0, "0"),
            (-0.000_4, "0"),
            (-0.02, "-0.02"),
            (-1.5, "-1.5"),
            (-99.99, "-100"),
            (-1_234.5, "-1,235"),
        ] {
            assert_eq!(significant(number), expected, "{number}");
        }
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), expected);
        }
    }
}
