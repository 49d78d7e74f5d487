//! The server's time in a payload, in the formats that feeds use. Reads no clock.

use crate::fields::{Value, is_decimal};

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// A time that a payload names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ServerTime {
    /// Microseconds since 1970 in UTC.
    pub(crate) micros: i64,
    /// False if it is written with parts of a second.
    pub(super) is_whole_second: bool,
}

impl ServerTime {
    /// Reads ISO 8601 (UTC if it names no zone), RFC 2822, and seconds, milliseconds, microseconds or nanoseconds since
    /// 1970, as a number or text. The magnitude of a number shows its unit.
    pub(crate) fn parse(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Number(number) => of_number(number),
            Value::Text(text) => {
                let text = text.to_str();
                let text = text.trim();
                if is_decimal(text) {
                    of_number(text)
                } else {
                    of_iso_8601(text).or_else(|| of_rfc_2822(text))
                }
            }
            _ => None,
        }
    }
}

/// A number since 1970, exact to the microsecond.
fn of_number(number: &str) -> Option<ServerTime> {
    if number.contains(['e', 'E']) {
        // Written out; a float of 64 bits is exact to a microsecond for seconds of this century.
        return of_number(&format!("{:.6}", number.parse::<f64>().ok()?));
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: i64 = whole.parse().ok()?;
    // Seconds reach to the year 5138 below this limit, milliseconds from 1973 on lie above it, and so on.
    let (micros_per_unit, decimals) = match whole.unsigned_abs() {
        0..100_000_000_000 => (MICROS_PER_SECOND, 6),
        100_000_000_000..100_000_000_000_000 => (1_000, 3),
        100_000_000_000_000..100_000_000_000_000_000 => (1, 0),
        _ => {
            return Some(ServerTime {
                micros: whole / 1_000,
                is_whole_second: false,
            });
        }
    };
    let digits: String = fraction.chars().take(decimals).collect();
    let part = format!("{digits:0<decimals$}").parse().unwrap_or(0);
    Some(ServerTime {
        micros: whole.checked_mul(micros_per_unit)?.checked_add(part)?,
        is_whole_second: micros_per_unit == MICROS_PER_SECOND && fraction.is_empty(),
    })
}

/// `2026-11-21T05:49:14.524118Z`, with or without separators, parts of a second and zone; a date alone is midnight.
fn of_iso_8601(text: &str) -> Option<ServerTime> {
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time.trim_start())),
        None => (text, None),
    };
    let days = match date.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _] => days(
            number(&date[..4])?,
            number(&date[5..7])?,
            number(&date[8..])?,
        )?,
        [_, _, _, _, _, _, _, _] if date.is_ascii() => days(
            number(&date[..4])?,
            number(&date[4..6])?,
            number(&date[6..])?,
        )?,
        _ => return None,
    };
    let Some(time) = time else {
        return Some(at(days, (0, None), 0));
    };
    let (time, ahead) = match time.strip_suffix(['Z', 'z']) {
        Some(time) => (time, 0),
        None => match time.rfind(['+', '-']) {
            Some(sign) => (&time[..sign], zone(&time[sign..])?),
            None => (time, 0),
        },
    };
    Some(at(days, time_of_day(time.trim_end())?, ahead))
}

/// `Sat, 21 Nov 2026 05:49:14 +0100`; the day of the week and the seconds may be missing.
fn of_rfc_2822(text: &str) -> Option<ServerTime> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let date = text.split_once(',').map_or(text, |(_, date)| date);
    let mut parts = date.split_ascii_whitespace();
    let day = number(parts.next()?)?;
    let month = parts.next()?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|known| *known == month)? as i64 + 1;
    let year = parts
        .next()
        .filter(|year| year.len() == 4)
        .and_then(number)?;
    let time = time_of_day(parts.next()?)?;
    let ahead = zone(parts.next()?)?;
    // A comment such as `(CET)` may follow.
    Some(at(days(year, month, day)?, time, ahead))
}

fn at(days: i64, (seconds, micros): (i64, Option<i64>), ahead: i64) -> ServerTime {
    let seconds = days * SECONDS_PER_DAY + seconds - ahead;
    ServerTime {
        micros: seconds * MICROS_PER_SECOND + micros.unwrap_or(0),
        is_whole_second: micros.is_none(),
    }
}

/// Seconds since midnight of `05:49:14.524118`, `05:49` or `054914`, and the microseconds if there is a fraction.
fn time_of_day(text: &str) -> Option<(i64, Option<i64>)> {
    let (clock, fraction) = match text.split_once(['.', ',']) {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let (hours, minutes, seconds) = match clock.as_bytes() {
        [_, _, b':', _, _] => (&clock[..2], &clock[3..], "0"),
        [_, _, b':', _, _, b':', _, _] => (&clock[..2], &clock[3..5], &clock[6..]),
        [_, _, _, _] if clock.is_ascii() => (&clock[..2], &clock[2..], "0"),
        [_, _, _, _, _, _] if clock.is_ascii() => (&clock[..2], &clock[2..4], &clock[4..]),
        _ => return None,
    };
    let within = |text, most| number(text).filter(|&number| number <= most);
    // 24:00 is the end of a day, and 60 is a leap second.
    let (hours, minutes, seconds) = (
        within(hours, 24)?,
        within(minutes, 59)?,
        within(seconds, 60)?,
    );
    let micros = match fraction {
        None => None,
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            let digits: String = digits.chars().take(6).collect();
            Some(format!("{digits:0<6}").parse().ok()?)
        }
        Some(_) => return None,
    };
    Some(((hours * 60 + minutes) * 60 + seconds, micros))
}

/// Seconds ahead of UTC of `+01:00`, `+0100`, `+01`, `GMT` or a zone of the United States in RFC 2822.
fn zone(text: &str) -> Option<i64> {
    const HOUR: i64 = 3_600;
    // The zones of RFC 5322, section 4.3. Other letters have no certain meaning.
    let hours = match text {
        "Z" | "GMT" | "UT" | "UTC" => Some(0),
        "EDT" => Some(-4),
        "EST" | "CDT" => Some(-5),
        "CST" | "MDT" => Some(-6),
        "MST" | "PDT" => Some(-7),
        "PST" => Some(-8),
        _ => None,
    };
    if let Some(hours) = hours {
        return Some(hours * HOUR);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = text[1..].replace(':', "");
    let (hours, minutes) = match digits.len() {
        2 => (number(&digits)?, 0),
        4 => (number(digits.get(..2)?)?, number(digits.get(2..)?)?),
        _ => return None,
    };
    Some(sign * (hours * HOUR + minutes * 60))
}

/// Digits alone.
fn number(text: &str) -> Option<i64> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_digits)
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar.
///
/// Years begin in March here, so that the leap day is the last of its year.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use feedscope_core::time::Timestamp;
    use proptest::prelude::*;

    use crate::fields::{FieldReader, Path};

    use super::*;

    fn parse(json: &str) -> Option<ServerTime> {
        let reader = FieldReader::new([Path::parse(".").unwrap()]).unwrap();
        let values = reader.read(json.as_bytes()).unwrap();
        values[0].value().and_then(ServerTime::parse)
    }

    fn text(text: &str) -> Option<(i64, bool)> {
        let time = parse(&serde_json::to_string(text).unwrap())?;
        Some((time.micros, time.is_whole_second))
    }

    /// 2026-11-21T05:49:14Z.
    const SECONDS: i64 = 1_795_240_154;
    const MICROS: i64 = SECONDS * MICROS_PER_SECOND;

    #[test]
    fn every_format_is_read() {
        for (written, micros, is_whole_second) in [
            ("2026-11-21T05:49:14Z", MICROS, true),
            ("2026-11-21T05:49:14", MICROS, true),
            ("2026-11-21 05:49:14", MICROS, true),
            ("2026-11-21T06:49:14+01:00", MICROS, true),
            ("2026-11-21T00:19:14-0530", MICROS, true),
            ("2026-11-21T06:49:14+01", MICROS, true),
            ("20261121T054914Z", MICROS, true),
            ("2026-11-21T05:49:14.524118Z", MICROS + 524_118, false),
            ("2026-11-21T05:49:14,5Z", MICROS + 500_000, false),
            ("2026-11-21T05:49:14.524118999Z", MICROS + 524_118, false),
            ("2026-11-21T05:49:14.0Z", MICROS, false),
            ("2026-11-21T05:49Z", MICROS - 14_000_000, true),
            ("2026-11-21", MICROS - 20_954_000_000, true),
            ("Sat, 21 Nov 2026 05:49:14 GMT", MICROS, true),
            ("21 Nov 2026 05:49:14 +0000", MICROS, true),
            ("Sat, 21 Nov 2026 06:49:14 +0100 (CET)", MICROS, true),
            ("Fri, 20 Nov 2026 21:49:14 PST", MICROS, true),
            ("1795240154", MICROS, true),
            ("1795240154.524118", MICROS + 524_118, false),
            ("1795240154524", MICROS + 524_000, false),
            ("1795240154524.118", MICROS + 524_118, false),
            ("1795240154524118", MICROS + 524_118, false),
            ("1795240154524118999", MICROS + 524_118, false),
        ] {
            assert_eq!(text(written), Some((micros, is_whole_second)), "{written}");
        }
        assert_eq!(
            parse("1795240154.5").map(|time| time.micros),
            Some(MICROS + 500_000)
        );
        assert_eq!(
            parse("1.795240154524e12").map(|time| time.micros),
            Some(MICROS + 524_000)
        );
        assert_eq!(
            parse("1795240154").map(|time| time.is_whole_second),
            Some(true)
        );
    }

    #[test]
    fn other_values_are_no_times() {
        for written in [
            "",
            "now",
            "05:49:14",
            "2026-13-01T00:00:00Z",
            "2026-11-21T25:00:00Z",
            "2026-11-21T05:49:14.Z",
            "2026-11-21T05:49:14+1:00",
            "21 Nov 26 05:49:14 GMT",
            "21 Foo 2026 05:49:14 GMT",
            "éééé",
            "2026-11-21Tééé",
            "99999999999999999999",
        ] {
            assert_eq!(text(written), None, "{written}");
        }
        for json in ["null", "true", "[1795240154]", "{}"] {
            assert_eq!(parse(json), None, "{json}");
        }
    }

    proptest! {
        #[test]
        fn timestamps_are_read_as_they_are_written(micros in 0..200_000_000_000_000_000_i64) {
            let written = Timestamp::from_micros(micros).to_string();
            prop_assert_eq!(text(&written), Some((micros, false)));
        }

        #[test]
        fn any_text_is_taken(written in "[-+0-9TZ:., A-Za-zé]{0,40}") {
            text(&written);
        }
    }
}
