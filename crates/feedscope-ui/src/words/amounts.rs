//! Formats of counts, rates, sizes and durations.

use std::borrow::Cow;
use std::time::Duration;

use feedscope_core::connection::Wait;
pub(crate) use feedscope_core::numbers::{counted, grouped as count, significant};

/// Formats a rate: `12.0`, `36,356`.
pub(crate) fn rate(value: f64) -> String {
    if value < 1_000.0 {
        format!("{value:.1}")
    } else {
        count(value.round() as u64)
    }
}

/// Formats a rate in at most five characters: `17`, `2.5`, `198`, `50.2k`, `1.2M`.
pub(crate) fn short_rate(value: f64) -> String {
    let (value, unit) = match value {
        value if value >= 999_950.0 => (value / 1e6, "M"),
        value if value >= 9_999.5 => (value / 1e3, "k"),
        value => (value, ""),
    };
    let rounded = value.round();
    if value >= 100.0 || (value - rounded).abs() < 0.05 {
        format!("{rounded:.0}{unit}")
    } else {
        format!("{value:.1}{unit}")
    }
}

/// Formats the error of a clock: `-1.2 s`, `+90.0 s`. A difference that rounds to zero has no sign.
pub(crate) fn signed_ms(value: f64) -> String {
    let length = Duration::try_from_secs_f64(value.abs() / 1_000.0).unwrap_or_default();
    let text = duration(length);
    if is_zero(&text) {
        text
    } else {
        signed(&text, value < 0.0)
    }
}

/// Puts the sign of a difference before its text. Zero is never negative.
pub(super) fn signed(text: &str, is_negative: bool) -> String {
    let sign = if is_negative && !is_zero(text) {
        '-'
    } else {
        '+'
    };
    format!("{sign}{text}")
}

/// Returns true if the number in a text rounds to zero.
fn is_zero(text: &str) -> bool {
    !text.contains(|sign: char| ('1'..='9').contains(&sign))
}

/// Formats a size in decimal units: `118 B`, `1.4 kB`, `12.3 MB`.
pub(crate) fn bytes(value: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if value < 1_000 {
        return format!("{value} B");
    }
    let mut scaled = value as f64 / 1_000.0;
    let mut unit = 0;
    // 999.95 rounds to 1000.0, so that it must have the next unit.
    while scaled >= 999.95 && unit + 1 < UNITS.len() {
        scaled /= 1_000.0;
        unit += 1;
    }
    format!("{scaled:.1} {}", UNITS[unit])
}

/// Confirms a copy: `Copied 1.4 kB`, or the text itself if it is short and plain.
pub(crate) fn copied(text: &str) -> String {
    /// Maximum length of a text that is repeated, in bytes.
    const SHORT: usize = 40;
    let is_plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if text.len() <= SHORT && text.bytes().all(is_plain) {
        format!("Copied {text}")
    } else {
        format!("Copied {}", bytes(text.len() as u64))
    }
}

/// Formats a duration with two digits of interest: `61 ms`, `6.9 s`, `4 min 12 s`, `2 h 3 min`.
pub(crate) fn duration(value: Duration) -> String {
    let seconds = value.as_secs();
    match value.as_millis() {
        0..1_000 => format!("{} ms", value.as_millis()),
        1_000..60_000 => seconds_words(value),
        60_000..3_600_000 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600_000..86_400_000 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// Formats a duration in whole seconds: `0 s`, `59 s`, `4 min 12 s`.
pub(crate) fn whole_seconds(value: Duration) -> String {
    if value < Duration::from_mins(1) {
        format!("{} s", value.as_secs())
    } else {
        duration(value)
    }
}

/// Formats seconds with one decimal: `2.4 s`.
pub(crate) fn seconds_words(value: Duration) -> String {
    // The value is cut and not rounded, because 59.99 s would otherwise read 60.0 s before the minute is full.
    format!("{}.{} s", value.as_secs(), value.subsec_millis() / 100)
}

/// Formats the time until something happens: `2.4 s`, `4 min 12 s`, `2 h 3 min`, `3 days 4 h`.
pub(crate) fn wait_words(value: Duration) -> String {
    match value.as_secs() {
        0..60 => seconds_words(value),
        60..172_800 => duration(value),
        _ => Wait(value).to_string(),
    }
}

/// Formats a duration with milliseconds: `61 ms`, `1.042 s`.
pub(crate) fn duration_exact(value: Duration) -> String {
    if value < Duration::from_secs(1) {
        format!("{} ms", value.as_millis())
    } else {
        format!("{}.{:03} s", value.as_secs(), value.subsec_millis())
    }
}

/// Formats a round-trip time: `0.4 ms`.
pub(crate) fn round_trip(value: Duration) -> String {
    if value < Duration::from_millis(100) {
        format!("{:.1} ms", value.as_secs_f64() * 1e3)
    } else {
        duration(value)
    }
}

/// Formats a number at the axis of a plot, with its unit.
pub(crate) fn axis_number(value: f64, unit: &str) -> String {
    let magnitude = value.abs();
    let number = if magnitude >= 1e6 || (magnitude > 0.0 && magnitude < 1e-3) {
        // Zeros at the end of the digits give no information.
        let text = format!("{value:.2e}");
        match text.split_once('e') {
            Some((digits, exponent)) => {
                let digits = digits.trim_end_matches('0').trim_end_matches('.');
                format!("{digits}e{exponent}")
            }
            None => text,
        }
    } else {
        // Rounding removes the errors of computing with floats, and the sum has no negative zero.
        format!("{}", (value * 1e6).round() / 1e6 + 0.0)
    };
    if unit.is_empty() {
        number
    } else {
        format!("{number} {unit}")
    }
}

/// Formats a plotted number with its unit and at most this many digits; with the digits before its point, if these are more.
/// A plot has no room for the digits with which a computer stores a fraction.
pub(crate) fn plotted_number(value: f64, unit: &str, digits: usize) -> String {
    let magnitude = value.abs();
    // Numbers of other magnitudes have an exponent and few digits.
    if !(1e-3..1e6).contains(&magnitude) {
        return axis_number(value, unit);
    }
    let before_point = magnitude.log10().floor() as i32 + 1;
    let scale = 10_f64.powi((digits as i32 - before_point).max(0));
    axis_number((value * scale).round() / scale, unit)
}

/// Returns the sentence about a number that a histogram of other numbers leaves out.
pub(crate) fn without_bars(number: &str) -> String {
    format!("{number} has no bars, because a histogram has one axis")
}

/// Returns the description of a histogram for people who do not see it.
pub(crate) fn histogram_summary(lines: usize, notes: &[String]) -> String {
    let mut text = format!("Histogram of {}", counted(lines as u64, "line"));
    for note in notes {
        text.push_str("; ");
        text.push_str(note);
    }
    text
}

/// Returns a decimal number in at most this many characters, if possible: without zeros at its end, or with an exponent and
/// all digits. A number without room for its digits has an ellipsis in the place of the last ones, so that no two numbers
/// look alike without a sign of it.
pub(crate) fn fitting_number(text: &str, fitting: usize) -> Cow<'_, str> {
    /// Number of decimal digits that each float keeps.
    const EXACT: usize = 15;
    /// Significant digits before an ellipsis.
    const LEAST: usize = 2;

    if text.len() <= fitting {
        return Cow::Borrowed(text);
    }
    let Ok(number) = text.parse::<f64>() else {
        return Cow::Borrowed(text);
    };
    let is_plain = !text.contains(['e', 'E']);
    let short = if is_plain && text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    };
    if short.len() <= fitting {
        return Cow::Borrowed(short);
    }
    let exact = format!("{number:e}");
    // Zeros at both ends are no digits of the exponential form.
    let digits: String = short.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_matches('0').len();
    if digits <= EXACT && exact.len() <= fitting {
        return Cow::Owned(exact);
    }
    let Some(kept) = fitting.checked_sub(1) else {
        return Cow::Borrowed(text);
    };
    // Only decimals can be cut, because a number without its last digits is a smaller one.
    let beginning = &short[..kept];
    let significant = beginning.trim_start_matches(['-', '0', '.']);
    let significant = significant.bytes().filter(u8::is_ascii_digit).count();
    if is_plain && beginning.contains('.') && significant >= LEAST {
        return Cow::Owned(format!("{beginning}…"));
    }
    let (digits, exponent) = exact.split_once('e').unwrap_or((&exact, "0"));
    match kept.checked_sub(exponent.len() + 1) {
        Some(room @ 1..) if room < digits.len() => {
            Cow::Owned(format!("{}…e{exponent}", &digits[..room]))
        }
        _ => Cow::Borrowed(text),
    }
}

/// Returns the description of a plot for people who do not see it.
pub(crate) fn plot_summary(lines: usize, notes: &[String]) -> String {
    let mut text = format!("Plot of {}", counted(lines as u64, "line"));
    for note in notes {
        text.push_str("; ");
        text.push_str(note);
    }
    text
}
