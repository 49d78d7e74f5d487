//! Texts about the replay of a recording.

use std::time::Duration;

use feedscope_core::replay::{LONGEST_SILENCE, Speed};

use super::{seconds_words, whole_seconds};

/// Returns the text of the switch that skips silence.
pub(crate) fn skip_silence() -> String {
    format!("Skip silence over {}", whole_seconds(LONGEST_SILENCE))
}

/// Formats a speed: `0.5 ×`, `1 ×`, `1000 ×`.
pub(crate) fn speed(speed: Speed) -> String {
    format!("{} ×", speed.factor())
}

/// Formats the played part of a recording: `4 h 41 min of 6 h 14 min`, `1.2 s of 2.5 s`, `120 ms of 327 ms`.
pub(crate) fn played_of(played: Duration, whole: Duration) -> String {
    let text = |value: Duration| {
        if whole < Duration::from_secs(1) {
            format!("{} ms", value.as_millis())
        } else if whole < Duration::from_mins(1) {
            seconds_words(value)
        } else {
            whole_seconds(value)
        }
    };
    format!("{} of {}", text(played), text(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_played_part_of_a_short_recording_has_its_digits() {
        for (played, whole, expected) in [
            (0, 327, "0 ms of 327 ms"),
            (120, 327, "120 ms of 327 ms"),
            (400, 2_560, "0.4 s of 2.5 s"),
            (59_940, 59_940, "59.9 s of 59.9 s"),
            (7_000, 65_000, "7 s of 1 min 5 s"),
        ] {
            let [played, whole] = [played, whole].map(Duration::from_millis);
            assert_eq!(played_of(played, whole), expected);
        }
    }

    #[test]
    fn speeds_have_no_needless_digits() {
        let texts: Vec<String> = Speed::all().map(speed).collect();
        assert_eq!(texts[0], "0.1 ×");
        assert_eq!(texts[1], "0.25 ×");
        assert_eq!(texts[3], "1 ×");
        assert_eq!(texts.last().unwrap(), "1000 ×");
        assert_eq!(skip_silence(), "Skip silence over 5 s");
    }
}
