//! Parts of sentences: durations for people, and foreign text without harmful characters. It depends on no failure.

use std::fmt::{self, Write as _};
use std::time::Duration;

/// Duration in a form for people: `250 ms`, `1.5 s`, `90 s`, `5 min 30 s`, `2 h`, `3 days 4 h`, `317 years`.
#[derive(Clone, Copy, Debug)]
pub struct Wait(pub Duration);

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (millis, seconds) = (self.0.as_millis(), self.0.as_secs());
        let (tenths, minutes, hours) = (millis / 100 % 10, seconds / 60, seconds / 3_600);
        let days = hours / 24;
        match (hours, minutes, seconds) {
            // Days and hours of such a long wait have no use.
            (TWO_YEARS_IN_HOURS.., ..) => write!(f, "{} years", days / 365),
            (48.., ..) => parts(f, (days, "days"), (hours % 24, "h")),
            (_, _, 0) => write!(f, "{millis} ms"),
            (_, 0..2, _) if tenths > 0 => write!(f, "{seconds}.{tenths} s"),
            (_, 0..2, _) => write!(f, "{seconds} s"),
            (0..2, ..) => parts(f, (minutes, "min"), (seconds % 60, "s")),
            _ => parts(f, (hours, "h"), (minutes % 60, "min")),
        }
    }
}

/// Number of hours from which a duration is written in years.
const TWO_YEARS_IN_HOURS: u64 = 2 * 365 * 24;

/// Writes two units. The smaller one is left out if it is zero.
fn parts(f: &mut fmt::Formatter<'_>, large: (u64, &str), small: (u64, &str)) -> fmt::Result {
    write!(f, "{} {}", large.0, large.1)?;
    if small.0 > 0 {
        write!(f, " {} {}", small.0, small.1)?;
    }
    Ok(())
}

/// Detail after a colon; empty if there is no detail.
pub(super) struct Because<'a>(pub(super) &'a str);

impl fmt::Display for Because<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.trim() {
            "" => Ok(()),
            detail => write!(f, ": {}", OutsideText(detail)),
        }
    }
}

/// Returns a sentence about a failure without the remarks at its end, in which the words of the server may be anything.
pub fn without_remarks(sentence: &str) -> &str {
    // `; it says: …`, `; its title is …`, `; it asks to wait …`
    sentence.split_once("; it").map_or(sentence, |(own, _)| own)
}

/// Text from outside for one line of a terminal. It contains only the first line, which is cut if it is long, and no
/// character that moves a cursor or changes the text direction.
pub(super) struct OutsideText<'a>(pub(super) &'a str);

/// Maximum number of characters of a text from outside in a sentence.
const SAID_CHARS: usize = 200;

impl fmt::Display for OutsideText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.0.trim().lines().next().unwrap_or_default();
        for (taken, char) in line.chars().enumerate() {
            if taken == SAID_CHARS {
                return f.write_char('…');
            }
            f.write_char(if is_plain(char) {
                char
            } else {
                char::REPLACEMENT_CHARACTER
            })?;
        }
        Ok(())
    }
}

/// Returns true for a character without side effects: no control, no line or paragraph separator, no bidirectional
/// formatting.
fn is_plain(char: char) -> bool {
    !char.is_control()
        && !matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_read_as_people_say_them() {
        for (millis, said) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_000, "1 s"),
            (1_540, "1.5 s"),
            (119_000, "119 s"),
            (120_000, "2 min"),
            (330_999, "5 min 30 s"),
            (7_140_000, "119 min"),
            (7_200_000, "2 h"),
            (90_060_000, "25 h 1 min"),
        ] {
            assert_eq!(Wait(Duration::from_millis(millis)).to_string(), said);
        }
    }

    #[test]
    fn words_from_elsewhere_stay_harmless() {
        for (said, shown) in [
            (
                "plain, with \u{e9} and \u{1f3b7}",
                "plain, with \u{e9} and \u{1f3b7}",
            ),
            (" first line \r\nsecond line", "first line "),
            (
                "\u{1b}[31mred\u{202e}der\u{7}",
                "\u{fffd}[31mred\u{fffd}der\u{fffd}",
            ),
            ("one\u{2028}two\u{2069}", "one\u{fffd}two\u{fffd}"),
            ("\n \n", ""),
        ] {
            assert_eq!(OutsideText(said).to_string(), shown);
        }
        let long = "\u{e9}".repeat(SAID_CHARS);
        assert_eq!(OutsideText(&long).to_string(), long);
        assert_eq!(
            OutsideText(&(long.clone() + "!")).to_string(),
            long + "\u{2026}"
        );
        assert_eq!(Because("").to_string(), "");
        assert_eq!(Because(" why ").to_string(), ": why");
    }
}
