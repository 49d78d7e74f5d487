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
        // Writes a number of a fixed width, with leading zeros.
        let mut put = |at: usize, width: usize, mut value: u64| {
            for i in (at..at + width).rev() {
                out[i] = b'0' + (value % 10) as u8;
                value /= 10;
            }
        };
        let of_day = of_day as u64;
        put(0, 4, year as u64);
        put(5, 2, month);
        put(8, 2, day);
        put(11, 2, of_day / 3_600_000_000);
        put(14, 2, of_day / 60_000_000 % 60);
        put(17, 2, of_day / 1_000_000 % 60);
        put(20, 6, of_day % 1_000_000);
        out
    }
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
    fn moments_saturate() {
        assert_eq!(Moment::START - Duration::from_secs(1), Moment::START);
        assert_eq!(
            Moment::from_nanos(u64::MAX) + Duration::MAX,
            Moment::from_nanos(u64::MAX)
        );
        assert_eq!(Moment::START.since(Moment::from_millis(5)), Duration::ZERO);
    }
}
