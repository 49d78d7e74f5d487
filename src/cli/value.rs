//! Values of options: parses text into numbers, sizes and durations, or returns a sentence about the mistake.
//!
//! The option's name is added by the caller.

use std::fmt;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use demo_server::{Fault, Feed};
use feedscope_analysis::fields::Path as FieldPath;
use feedscope_core::ThemeChoice;
use feedscope_core::feed::{FeedSpec, KeepingOptions};
use feedscope_core::size_text::{format_size, parse_size};
use feedscope_files::recording::Roll;

use crate::plan::SMALLEST_WINDOW;

/// Greatest value of `--max-message`: 2 GiB.
pub(super) const LONGEST_MESSAGE: u64 = 2 << 30;

/// Length of time as the command line shows it, in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seconds(pub(super) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_secs_f64().fmt(f)
    }
}

/// Number of bytes as the command line shows it, with a suffix.
#[derive(Clone, Copy, Debug)]
pub(super) struct ByteSize(pub(super) u64);

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_size(self.0))
    }
}

/// Parses [`seconds`] of an option with a default.
pub(super) fn time(typed: &str) -> Result<Seconds, String> {
    seconds(typed).map(Seconds)
}

/// Parses [`some_seconds`] of an option with a default.
pub(super) fn some_time(typed: &str) -> Result<Seconds, String> {
    some_seconds(typed).map(Seconds)
}

/// Parses the greatest size of a message.
pub(super) fn message_size(typed: &str) -> Result<ByteSize, String> {
    bytes(typed).map(ByteSize)
}

/// Parses seconds with an optional fraction, such as `5` or `0.25`. Negative numbers and numbers that are too large for
/// a `Duration` are refused.
pub(super) fn seconds(typed: &str) -> Result<Duration, String> {
    let seconds: f64 = typed
        .parse()
        .map_err(|_error| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|_error| "not a length of time".to_owned())
}

/// Parses seconds that are more than 0.
pub(super) fn some_seconds(typed: &str) -> Result<Duration, String> {
    match seconds(typed)? {
        Duration::ZERO => Err("more than 0 seconds are needed".to_owned()),
        some => Ok(some),
    }
}

/// Parses a path to a field of JSON payloads, such as `.book.bid[0]`.
pub(super) fn path(typed: &str) -> Result<FieldPath, String> {
    FieldPath::parse(typed).map_err(|problem| problem.to_string())
}

/// Parses a number of bytes. The suffixes `K`, `M` and `G` are powers of 1024: `65536`, `64M`.
pub(super) fn bytes(typed: &str) -> Result<u64, String> {
    match parse_size(typed) {
        Some(0) => Err(format!(
            "at least 1 byte is needed; {} is the default",
            KeepingOptions::MAX_MESSAGE
        )),
        Some(bytes) if bytes <= LONGEST_MESSAGE => Ok(bytes),
        Some(_) => Err("at most 2G".to_owned()),
        None => Err("not a number of bytes such as 65536 or 64M".to_owned()),
    }
}

/// Parses a memory budget.
pub(super) fn budget(typed: &str) -> Result<u64, String> {
    match parse_size(typed) {
        Some(bytes) if bytes >= FeedSpec::LEAST_BUDGET => Ok(bytes),
        Some(_) => Err(format!("at least {}", format_size(FeedSpec::LEAST_BUDGET))),
        None => Err("not a size such as 512M".to_owned()),
    }
}

/// Returns the parser of a theme. There is no name for the desktop's theme, because it is the default.
pub(super) fn theme() -> impl TypedValueParser<Value = ThemeChoice> {
    let names = [ThemeChoice::Light, ThemeChoice::Dark].map(ThemeChoice::name);
    PossibleValuesParser::new(names).try_map(|name| name.parse())
}

/// Parses the limit of a history on disk; 0 turns it off.
pub(super) fn disk_history(typed: &str) -> Result<u64, String> {
    match parse_size(typed) {
        Some(bytes) if bytes == 0 || bytes >= FeedSpec::LEAST_DISK_HISTORY => Ok(bytes),
        Some(_) => Err(format!(
            "at least {}, or 0 for none",
            format_size(FeedSpec::LEAST_DISK_HISTORY)
        )),
        None => Err("not a size such as 8G".to_owned()),
    }
}

/// Parses a size of any number of bytes.
pub(super) fn any_size(typed: &str) -> Result<u64, String> {
    parse_size(typed).ok_or_else(|| "not a size such as 512M".to_owned())
}

/// Parses a length of time with a unit: `500ms`, `30s`, `5m`, `1h`, `7d`.
pub(super) fn duration(typed: &str) -> Result<Duration, String> {
    const UNITS: [(&str, f64); 5] = [
        ("ms", 0.001),
        ("s", 1.0),
        ("m", 60.0),
        ("h", 3_600.0),
        ("d", 86_400.0),
    ];
    let wrong = || "not a length of time such as 30s, 5m or 1h".to_owned();
    let unit = UNITS.iter().find_map(|(unit, seconds)| {
        let number = typed.strip_suffix(unit)?;
        // `5ms` ends with `s` too, so that the first unit whose rest is a number counts.
        let number: f64 = number.trim_end().parse().ok()?;
        Some(number * seconds)
    });
    Duration::try_from_secs_f64(unit.ok_or_else(wrong)?).map_err(|_error| wrong())
}

/// Parses the limit of one file of a recording: a length of time or a size.
pub(super) fn roll(typed: &str) -> Result<Roll, String> {
    match (duration(typed), parse_size(typed)) {
        // Small letters are units of time: `5m` is 5 minutes, and `5M` is 5 MiB.
        (Ok(after), _) if after >= LEAST_ROLL => Ok(Roll::After(after)),
        (Ok(_), _) => Err("at least 1s".to_owned()),
        (Err(_), Some(bytes)) if bytes >= LEAST_ROLL_BYTES => Ok(Roll::Bytes(bytes)),
        (Err(_), Some(_)) => Err(format!("at least {}", format_size(LEAST_ROLL_BYTES))),
        (Err(_), None) => Err("not a length of time or a size, such as 1h or 1G".to_owned()),
    }
}

/// Shortest time for one file.
const LEAST_ROLL: Duration = Duration::from_secs(1);

/// Least size of one file.
const LEAST_ROLL_BYTES: u64 = 64 << 10;

/// Faults of one `--fault`. They are several if several feeds have the same path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FaultList(pub(super) Vec<(Option<Feed>, Fault)>);

/// Parses `NAME` for every feed, or `NAME@/FEED` for the feeds with this path.
pub(super) fn faults(typed: &str) -> Result<FaultList, String> {
    let (name, path) = match typed.split_once('@') {
        Some((name, path)) => (name, Some(path)),
        None => (typed, None),
    };
    // The error lists the names of all faults.
    let fault: Fault = name.parse().map_err(|problem| format!("{problem}"))?;
    let Some(path) = path else {
        return Ok(FaultList(vec![(None, fault)]));
    };
    // The floods of both protocols have the same path, `/flood`.
    let feeds = Feed::ALL.into_iter().filter(|feed| feed.path() == path);
    let faults: Vec<_> = feeds.map(|feed| (Some(feed), fault)).collect();
    if faults.is_empty() {
        return Err(format!("the demo has no feed {path:?}"));
    }
    Ok(FaultList(faults))
}

/// Parses a window's size in points: `1280x800`.
pub(super) fn size(typed: &str) -> Result<[f32; 2], String> {
    const LARGEST: u16 = 16_384;
    let (width, height) = typed
        .split_once(['x', 'X'])
        .ok_or("not a size such as 1280x800")?;
    let side = |typed: &str| match typed.parse::<u16>() {
        Ok(points) if points <= LARGEST => Ok(f32::from(points)),
        Ok(_) => Err(format!("at most {LARGEST}x{LARGEST}")),
        Err(_) => Err("not a size such as 1280x800".to_owned()),
    };
    let size = [side(width)?, side(height)?];
    if size[0] < SMALLEST_WINDOW[0] || size[1] < SMALLEST_WINDOW[1] {
        return Err(format!(
            "at least {}x{}",
            SMALLEST_WINDOW[0], SMALLEST_WINDOW[1]
        ));
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_may_have_a_fraction() {
        assert_eq!(seconds("2"), Ok(Duration::from_secs(2)));
        assert_eq!(seconds("0.25"), Ok(Duration::from_millis(250)));
        assert_eq!(seconds("0"), Ok(Duration::ZERO));
        for wrong in ["", "x", "-1", "NaN", "inf", "1e30", "5s"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
        assert!(some_seconds("0").is_err());
    }

    #[test]
    fn bytes_may_have_a_suffix_and_an_end() {
        for (typed, expected) in [
            ("1", 1),
            ("65536", 65_536),
            ("64K", 65_536),
            ("64k", 65_536),
            ("64M", 64 << 20),
            ("64MiB", 64 << 20),
            ("1 kB", 1024),
            ("2G", 2 << 30),
        ] {
            assert_eq!(bytes(typed), Ok(expected), "{typed}");
        }
        for wrong in [
            "",
            "0",
            "-1",
            "K",
            "1T",
            "3G",
            "2147483649",
            "99999999999999999999",
            "9999999999G",
        ] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_budget_and_a_history_have_a_least_size() {
        assert_eq!(budget("512M"), Ok(512 << 20));
        assert_eq!(budget("15M"), Err("at least 16M".to_owned()));
        assert_eq!(disk_history("8G"), Ok(8 << 30));
        assert_eq!(disk_history("0"), Ok(0));
        assert_eq!(
            disk_history("1M"),
            Err("at least 64M, or 0 for none".to_owned())
        );
        assert!(budget("much").is_err() && disk_history("much").is_err());
    }

    #[test]
    fn a_file_is_limited_by_time_or_size() {
        for (typed, expected) in [
            ("1h", Ok(Roll::After(Duration::from_hours(1)))),
            ("5m", Ok(Roll::After(Duration::from_mins(5)))),
            ("5M", Ok(Roll::Bytes(5 << 20))),
            ("1.5s", Ok(Roll::After(Duration::from_millis(1_500)))),
            ("2000ms", Ok(Roll::After(Duration::from_secs(2)))),
            ("1G", Ok(Roll::Bytes(1 << 30))),
            ("1d", Ok(Roll::After(Duration::from_hours(24)))),
            ("65536", Ok(Roll::Bytes(1 << 16))),
            ("10ms", Err("at least 1s".to_owned())),
            ("1K", Err("at least 64K".to_owned())),
        ] {
            assert_eq!(roll(typed), expected, "{typed}");
        }
        for wrong in ["", "h", "-1h", "NaNs", "1w"] {
            assert!(roll(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_fault_is_for_all_feeds_or_for_those_of_a_path() {
        assert_eq!(faults("cut"), Ok(FaultList(vec![(None, Fault::Cut)])));
        assert_eq!(
            faults("status-503@/events"),
            Ok(FaultList(vec![(Some(Feed::Events), Fault::Status(503))]))
        );
        let flood = [Feed::EventFlood, Feed::MessageFlood].map(|feed| (Some(feed), Fault::Split));
        assert_eq!(faults("split@/flood"), Ok(FaultList(flood.to_vec())));
        for (wrong, named) in [
            ("", "stall"),
            ("cuts", "cuts"),
            ("cut@", "no feed"),
            ("cut@/", "/"),
        ] {
            let problem = faults(wrong).unwrap_err();
            assert!(problem.contains(named), "{wrong}: {problem}");
        }
    }

    #[test]
    fn sizes_have_both_ends() {
        assert_eq!(size("1280x800"), Ok([1280.0, 800.0]));
        assert_eq!(size("480X360"), Ok([480.0, 360.0]));
        for wrong in [
            "",
            "1280",
            "x",
            "1280x",
            "479x360",
            "480x359",
            "16385x400",
            "1x2x3",
            "1280 x 800",
            "-1x400",
        ] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
