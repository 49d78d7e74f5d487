//! Formats of times.

use std::time::Duration;

use feedscope_core::{Moment, Timestamp};
use jiff::tz::TimeZone;

use super::amounts::signed;
use super::{duration, duration_exact};

/// Formats the time of day with milliseconds: `05:49:14.524`.
pub(crate) fn time_of_day(at: Timestamp, zone: &TimeZone) -> String {
    in_zone(at, zone).map_or_else(
        || at.to_string(),
        |zoned| zoned.strftime("%H:%M:%S.%3f").to_string(),
    )
}

/// Cuts a time of day for an axis whose marks are some seconds apart: without milliseconds from one second on.
pub(crate) fn axis_time(time_of_day: &str, step_seconds: f64) -> String {
    let is_fine = step_seconds < 1.0;
    let end = if is_fine {
        time_of_day.len()
    } else {
        "05:49:14".len().min(time_of_day.len())
    };
    time_of_day.get(..end).unwrap_or(time_of_day).to_owned()
}

/// Formats the time of day without milliseconds: `05:49:14`.
pub(crate) fn time_in_seconds(at: Timestamp, zone: &TimeZone) -> String {
    in_zone(at, zone).map_or_else(
        || at.to_string(),
        |zoned| zoned.strftime("%H:%M:%S").to_string(),
    )
}

/// Formats the time since the row above: `+82 ms`, `+1.042 s`.
pub(crate) fn since_above(at: Moment, above: Moment) -> String {
    signed(&difference(at.since(above)), false)
}

/// Formats the difference of two times without its sign.
fn difference(since: Duration) -> String {
    // The shorter the time, the more decimals are shown.
    if since < Duration::from_millis(10) {
        format!("{:.1} ms", since.as_secs_f64() * 1e3)
    } else if since < Duration::from_mins(1) {
        duration_exact(since)
    } else {
        duration(since)
    }
}

/// Formats the time before or after a reference: `-82 ms`, `+1.042 s`.
pub(crate) fn since_reference(at: Moment, reference: Moment) -> String {
    let since = at.since(reference).max(reference.since(at));
    signed(&difference(since), at < reference)
}

/// Describes the zone of the displayed times, and the other one.
pub(crate) fn other_times(utc: bool) -> &'static str {
    if utc {
        "UTC. Click for local time"
    } else {
        "Local time. Click for UTC"
    }
}

/// Formats date, time with microseconds and zone: `2026-11-21 05:49:14.524118 UTC`.
pub(crate) fn date_and_time(at: Timestamp, zone: &TimeZone) -> String {
    in_zone(at, zone).map_or_else(
        || at.to_string(),
        |zoned| zoned.strftime("%Y-%m-%d %H:%M:%S.%6f %Z").to_string(),
    )
}

/// Converts a timestamp to a zone. Returns `None` if it is outside the range of `jiff`.
fn in_zone(at: Timestamp, zone: &TimeZone) -> Option<jiff::Zoned> {
    let timestamp = jiff::Timestamp::from_microsecond(at.as_micros()).ok()?;
    Some(timestamp.to_zoned(zone.clone()))
}

/// Returns the offset of a zone from UTC in seconds.
pub(crate) fn offset_seconds(at: Timestamp, zone: &TimeZone) -> i32 {
    jiff::Timestamp::from_microsecond(at.as_micros())
        .map_or(0, |timestamp| zone.to_offset(timestamp).seconds())
}
