//! Typed time: a time of day, or a moment. It reads no clock; the offset of the zone is an argument.

use feedscope_core::time::Timestamp;

const MICROS_PER_SECOND: i64 = 1_000_000;
pub(crate) const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// Time after `after:` or `before:`, or of a jump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Time of day on every day, in a zone that is `ahead_micros` ahead of UTC.
    OfDay { micros: i64, ahead_micros: i64 },
    /// Moment in UTC.
    At(Timestamp),
}

impl When {
    /// Parses `05:49`, `05:49:10`, `05:49:10.5` or an RFC 3339 time. A time without an offset is in the window's zone.
    pub(crate) fn parse(text: &str, zone_offset_seconds: i32) -> Option<Self> {
        let ahead_micros = i64::from(zone_offset_seconds) * MICROS_PER_SECOND;
        // Without a date, the text is a time of day.
        let Some((date, time)) = text.split_once(['T', 't', ' ']) else {
            return Some(Self::OfDay {
                micros: time_of_day(text)?,
                ahead_micros,
            });
        };
        let (time, ahead_micros) = split_offset(time, ahead_micros)?;
        let days = days_from_civil(date)?;
        Some(Self::At(Timestamp::from_micros(
            days * MICROS_PER_DAY + time_of_day(time)? - ahead_micros,
        )))
    }

    /// Returns the last occurrence of the time up to `now`. A moment is returned unchanged.
    pub(crate) fn last_before(self, now: Timestamp) -> Timestamp {
        match self {
            Self::OfDay {
                micros,
                ahead_micros,
            } => {
                let local = now.as_micros().saturating_add(ahead_micros);
                // The outer remainder moves a time later than now to the day before.
                let since = (local.rem_euclid(MICROS_PER_DAY) - micros).rem_euclid(MICROS_PER_DAY);
                Timestamp::from_micros(now.as_micros() - since)
            }
            Self::At(at) => at,
        }
    }

    /// Returns true if it is later than `utc`; for a time of day, later on the same day.
    pub(super) fn is_after(self, utc: Timestamp) -> bool {
        match self {
            Self::OfDay {
                micros,
                ahead_micros,
            } => {
                micros
                    > utc
                        .as_micros()
                        .saturating_add(ahead_micros)
                        .rem_euclid(MICROS_PER_DAY)
            }
            Self::At(at) => at > utc,
        }
    }
}

/// Removes the offset from the end of a time: `Z` or `+01:00`. Without an offset, it returns `otherwise`.
fn split_offset(time: &str, otherwise: i64) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else {
        return Some((time, otherwise));
    };
    let ahead = time_of_day(&time[at + 1..])?;
    Some((
        &time[..at],
        if time[at..].starts_with('-') {
            -ahead
        } else {
            ahead
        },
    ))
}

/// Parses the microseconds since midnight.
fn time_of_day(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let hours = number(parts.next()?, 2, 23)?;
    let minutes = number(parts.next()?, 2, 59)?;
    let (seconds, micros) = match parts.next() {
        None => (0, 0),
        Some(seconds) => {
            let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
            if fraction.is_empty()
                || fraction.len() > 9
                || !fraction.bytes().all(|digit| digit.is_ascii_digit())
            {
                return None;
            }
            // The fraction is filled or cut to six digits.
            let micros = format!("{fraction:0<6}")[..6].parse().ok()?;
            // 60 is a leap second.
            (number(seconds, 2, 60)?, micros)
        }
    };
    parts
        .next()
        .is_none()
        .then_some(((hours * 60 + minutes) * 60 + seconds) * MICROS_PER_SECOND + micros)
}

/// Returns the days from 1970-01-01 to a date such as `2026-11-21`.
fn days_from_civil(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let year = number(parts.next().filter(|year| year.len() == 4)?, 4, 9_999)?;
    let month = number(parts.next()?, 2, 12)?;
    let day = number(parts.next()?, 2, 31)?;
    if parts.next().is_some() || month == 0 || day == 0 {
        return None;
    }
    // The count starts on 1 March, so that the leap day is the last of its year.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468)
}

/// Parses a number of at most `digits` digits and at most `most`.
fn number(text: &str, digits: usize, most: i64) -> Option<i64> {
    let good = !text.is_empty()
        && text.len() <= digits
        && text.bytes().all(|digit| digit.is_ascii_digit());
    good.then(|| text.parse().ok())
        .flatten()
        .filter(|&number| number <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_it_is_written() {
        for (text, ahead, written) in [
            (
                "2026-11-21T05:49:14.524118Z",
                0,
                "2026-11-21T05:49:14.524118Z",
            ),
            ("2026-11-21t05:49:14z", 3_600, "2026-11-21T05:49:14.000000Z"),
            (
                "2026-11-21T05:49:14+01:30",
                0,
                "2026-11-21T04:19:14.000000Z",
            ),
            ("2026-11-21T05:49-02:00", 0, "2026-11-21T07:49:00.000000Z"),
            ("2026-11-21T05:49", 3_600, "2026-11-21T04:49:00.000000Z"),
            ("2000-02-29T23:59:60Z", 0, "2000-03-01T00:00:00.000000Z"),
            ("1969-12-31T23:59:59Z", 0, "1969-12-31T23:59:59.000000Z"),
        ] {
            let Some(When::At(at)) = When::parse(text, ahead) else {
                panic!("{text} is a moment")
            };
            assert_eq!(at.to_string(), written, "{text}");
        }
    }

    #[test]
    fn a_time_of_day_is_in_the_windows_zone() {
        let noon_in_utc = Timestamp::from_micros(12 * 3_600 * MICROS_PER_SECOND);
        for (text, ahead, after) in [
            ("12:00", 0, false),
            ("12:00:00.000001", 0, true),
            ("13:00", 3_600, false),
            ("13:01", 3_600, true),
        ] {
            assert_eq!(
                When::parse(text, ahead).unwrap().is_after(noon_in_utc),
                after,
                "{text}"
            );
        }
        let yesterday = Timestamp::from_micros(-3_600 * MICROS_PER_SECOND);
        assert!(!When::parse("22:59", 0).unwrap().is_after(yesterday));
        assert!(When::parse("23:01", 0).unwrap().is_after(yesterday));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "5",
            "24:00",
            "05:60",
            "05:49:61",
            "05:49:10.",
            "05:49:10.x",
            "+5:49",
            "05:49:10:1",
            "2026-13-01T05:49",
            "2026-00-01T05:49",
            "26-01-01T05:49",
            "2026-01-01T",
            "é:é",
        ] {
            assert_eq!(When::parse(text, 0), None, "{text}");
        }
    }
}
