//! Texts about the replay of a recording.

use std::time::Duration;

use feedscope_core::replay::{LONGEST_SILENCE, Speed};

use super::whole_seconds;

/// Returns the text of the switch that skips silence.
pub(crate) fn skip_silence() -> String {
    format!("Skip silence over {}", whole_seconds(LONGEST_SILENCE))
}

/// Formats a speed: `0.5 ×`, `1 ×`, `1000 ×`.
pub(crate) fn speed(speed: Speed) -> String {
    format!("{} ×", speed.factor())
}

/// Formats the played part of a recording: `4 h 41 min of 6 h 14 min`.
pub(crate) fn played_of(played: Duration, whole: Duration) -> String {
    format!("{} of {}", whole_seconds(played), whole_seconds(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

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
