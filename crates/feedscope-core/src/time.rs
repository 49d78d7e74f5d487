//! Two forms in which time is passed in: a monotonic [`Moment`] for order, rates and plots, and a UTC [`Timestamp`] for
//! people. This code never reads a clock.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// Monotonic instant: nanoseconds since an epoch that the program selects at its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

impl Moment {
    /// Epoch of the program.
    pub const START: Self = Self(0);

    /// Creates a moment from nanoseconds since the epoch.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Creates a moment from milliseconds since the epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000_000)
    }

    /// Returns the nanoseconds since the epoch.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Returns the duration since `earlier`; zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    /// Adds a duration and saturates after more than five hundred years.
    fn add(self, wait: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX)),
        )
    }
}

impl Sub<Duration> for Moment {
    type Output = Self;

    /// Subtracts a duration and saturates at the epoch.
    fn sub(self, wait: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX)),
        )
    }
}

/// UTC time in microseconds since 1970-01-01T00:00:00Z. It is shown as `2026-11-21T05:49:14.524118Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Number of bytes of a [`Timestamp`] in its written form.
pub const TIMESTAMP_LEN: usize = 27;

impl Timestamp {
    /// Creates a timestamp from microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Returns the microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Parses a time of RFC 3339, such as `2026-11-21T05:49:14.524118Z` or `2026-11-21T06:49:14+01:00`. Digits after the
    /// microseconds are ignored.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let (date, time) = text.split_once(['T', 't', ' '])?;
        let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
        let (time, offset_minutes) = if let Some(time) = time.strip_suffix(['Z', 'z']) {
            (time, 0)
        } else {
            let at = time.rfind(['+', '-'])?;
            let [hours, minutes] = numbers(&time[at + 1..], ':', [2, 2])?;
            let ahead = hours * 60 + minutes;
            let is_behind = time[at..].starts_with('-');
            (&time[..at], if is_behind { -ahead } else { ahead })
        };
        let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
        if fraction.is_empty() || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let fraction: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
        // 60 is a leap second.
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let days = days_from_civil(year, month, day)?;
        let seconds = ((days * 24 + hour) * 60 + minute - offset_minutes) * 60 + second;
        Some(Self(seconds * 1_000_000 + fraction))
    }

    /// Returns the written form: RFC 3339 in UTC with microseconds.
    ///
    /// Years outside 0000 to 9999 are clamped, because no real clock reaches them.
    pub fn to_rfc3339(self) -> [u8; TIMESTAMP_LEN] {
        /// Start of the year 0000 and end of the year 9999, in microseconds.
        const RANGE: (i64, i64) = (-62_167_219_200_000_000, 253_402_300_799_999_999);
        let micros = self.0.clamp(RANGE.0, RANGE.1);
        let (days, of_day) = (
            micros.div_euclid(86_400_000_000),
            micros.rem_euclid(86_400_000_000),
        );
        let (year, month, day) = civil_from_days(days);
        let mut out = *b"0000-00-00T00:00:00.000000Z";
        // Writes a number below 100 with two digits.
        let mut pair = |at: usize, value: u64| {
            out[at..at + 2].copy_from_slice(&DIGITS[value as usize % 100]);
        };
        let (seconds, fraction) = (of_day as u64 / 1_000_000, of_day as u64 % 1_000_000);
        let year = year as u64;
        pair(0, year / 100);
        pair(2, year % 100);
        pair(5, month);
        pair(8, day);
        pair(11, seconds / 3_600);
        pair(14, seconds / 60 % 60);
        pair(17, seconds % 60);
        pair(20, fraction / 10_000);
        pair(22, fraction / 100 % 100);
        pair(24, fraction % 100);
        out
    }
}

/// The numbers from 0 to 99 as two digits.
static DIGITS: [[u8; 2]; 100] = {
    let mut digits = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        digits[number] = [b'0' + number as u8 / 10, b'0' + number as u8 % 10];
        number += 1;
    }
    digits
};

/// Parses numbers of fixed widths between separators.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut all = [0; N];
    for (number, width) in all.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !part.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(all)
}

/// Returns the number of days from 1970-01-01 to a date; `None` for a date that does not exist.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || day < 1 {
        return None;
    }
    // As in `civil_from_days`, a year begins on 1 March.
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    // A day that its month does not have becomes a day of another month.
    let (_, back_month, back_day) = civil_from_days(days);
    (back_month as i64 == month && back_day as i64 == day).then_some(days)
}

/// Returns year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
///
/// It counts in eras of 400 years that begin on 1 March, so that the leap day is the last of its year.
fn civil_from_days(days: i64) -> (i64, u64, u64) {
    // Days from 0000-03-01 to 1970-01-01.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    // Without the leap days, every year of the era has 365 days.
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // From March on, the lengths of the months repeat with 153 days in five months.
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u64, day as u64)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.to_rfc3339()).expect("digits and ASCII signs only"))
    }
}

/// Time of an occurrence in both forms. They are taken together, once for each read from a socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Monotonic time, for order and rates.
    pub moment: Moment,
    /// UTC time, for people.
    pub utc: Timestamp,
}

impl Stamp {
    /// Returns the UTC time at another moment, by the clock of this stamp.
    pub fn utc_at(self, moment: Moment) -> Timestamp {
        // Divide each time, and not their difference, because UTC is derived from the monotonic time in the same way. A
        // divided difference would often be wrong by one microsecond, and the store would note the clock anew for each.
        let micros = (moment.as_nanos() / 1_000) as i64 - (self.moment.as_nanos() / 1_000) as i64;
        Timestamp::from_micros(self.utc.as_micros().saturating_add(micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_written_as_rfc_3339_in_utc() {
        for (micros, written) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1_795_240_154_524_118, "2026-11-21T05:49:14.524118Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (i64::MIN, "0000-01-01T00:00:00.000000Z"),
            (i64::MAX, "9999-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(Timestamp::from_micros(micros).to_string(), written);
        }
    }

    #[test]
    fn timestamps_are_read_as_they_are_written() {
        for micros in [
            0,
            -1,
            1_795_240_154_524_118,
            951_782_400_000_000,
            4_107_542_399_999_999,
            -62_167_219_200_000_000,
            253_402_300_799_999_999,
        ] {
            let at = Timestamp::from_micros(micros);
            assert_eq!(Timestamp::from_rfc3339(&at.to_string()), Some(at));
        }
        for (text, micros) in [
            ("2026-11-21T06:49:14.5+01:00", 1_795_240_154_500_000),
            ("2026-11-21t00:19:14-05:30", 1_795_240_154_000_000),
            ("2026-11-21 05:49:14.1234567899Z", 1_795_240_154_123_456),
        ] {
            assert_eq!(
                Timestamp::from_rfc3339(text),
                Some(Timestamp(micros)),
                "{text}"
            );
        }
        for wrong in [
            "",
            "2026-11-21",
            "2026-11-21T05:49:14",
            "2026-02-29T05:49:14Z",
            "2026-13-01T05:49:14Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T05:49:14.Z",
            "2026-11-21T05:49:14.5x+01:00",
            "26-11-21T05:49:14Z",
            "2026-11-21T05:49:14+1:00",
        ] {
            assert_eq!(Timestamp::from_rfc3339(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn moments_saturate() {
        assert_eq!(Moment::START - Duration::from_secs(1), Moment::START);
        assert_eq!(
            Moment::from_nanos(u64::MAX) + Duration::MAX,
            Moment::from_nanos(u64::MAX)
        );
        assert_eq!(Moment::START.since(Moment::from_millis(5)), Duration::ZERO);
    }
}
