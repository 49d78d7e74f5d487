//! What the inspector says of a record beside the record itself.

use std::time::Duration;

use feedscope_core::payload::json::Outline;
use feedscope_core::store::OwnedRecord;
use feedscope_core::{Kind, Timestamp};
use jiff::tz::TimeZone;

use super::{bytes, count, counted, duration, round_trip, time_of_day};

/// How long before or after its arrival a time was that a payload names, where it is one and near: `1.1 ms before arrival`.
pub(crate) fn against_arrival(text: &str, arrival: Timestamp) -> Option<String> {
    const NEAR_MICROS: u64 = 3_600_000_000;
    // Date and time in RFC 3339, with any fraction and offset.
    if !(20..=40).contains(&text.len()) || text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    let at: jiff::Timestamp = text.parse().ok()?;
    let before = arrival.as_micros().checked_sub(at.as_microsecond())?;
    if before.unsigned_abs() > NEAR_MICROS {
        return None;
    }
    let apart = round_trip(Duration::from_micros(before.unsigned_abs()));
    Some(if before >= 0 {
        format!("{apart} before arrival")
    } else {
        format!("{apart} after arrival")
    })
}

/// Equal lines that a comparison leaves out.
pub(crate) fn equal_lines(count: u64) -> String {
    format!("⋯ {}", counted(count, "equal line"))
}

/// What a record is compared with: `against 05:49:14.442, 82 ms earlier · id 1073`.
pub(crate) fn compared_with(
    previous: &OwnedRecord,
    record: &OwnedRecord,
    zone: &TimeZone,
) -> String {
    let (earlier, later) = (previous.record(), record.record());
    let apart = duration(later.stamp.moment.since(earlier.stamp.moment));
    let time = time_of_day(earlier.stamp.utc, zone);
    let id = match earlier.kind {
        Kind::Event { id, .. } if !id.is_empty() => {
            format!(" · id {}", String::from_utf8_lossy(id))
        }
        _ => String::new(),
    };
    format!("against {time}, {apart} earlier{id}")
}

/// What base64 was decoded, and what it is: `base64 of .data: 93 B of text`.
pub(crate) fn decoded_from(path: Option<&str>, size: u64, is_text: bool) -> String {
    let what = if is_text { " of text" } else { "" };
    format!(
        "base64 of {}: {}{what}",
        path.unwrap_or("the payload"),
        bytes(size)
    )
}

/// A payload is taken apart.
pub(crate) fn reading(size: u64) -> String {
    format!("reading {}…", bytes(size))
}

/// A text is made for the clipboard.
pub(crate) fn copying(size: u64) -> String {
    format!("copying {}…", bytes(size))
}

/// More was selected than is copied.
pub(crate) fn too_much_to_copy(most: u64) -> String {
    format!("more than {}: not copied", bytes(most))
}

/// A JSON text has more values than are shown as a tree.
pub(crate) fn too_many_values() -> String {
    format!(
        "more than {} values: too many for a tree. Text and Hex show them.",
        count(Outline::MOST_VALUES as u64)
    )
}

/// Payloads are larger than what is compared.
pub(crate) fn too_large_to_compare() -> String {
    "too large to compare".to_owned()
}

/// The record before is looked for.
pub(crate) const LOOKING_BACK: &str = "looking for the record before of the same type…";
/// There is no record before.
pub(crate) const NO_PREVIOUS: &str = "No earlier record of this type is kept.";
/// Nothing differs from the record before.
pub(crate) const NOTHING_CHANGED: &str = "Nothing changed.";
/// What wrapping is.
pub(crate) const WRAP_HINT: &str = "Long lines go on in the next row";
