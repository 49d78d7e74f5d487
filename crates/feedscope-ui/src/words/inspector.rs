//! Texts of the inspector about a record.

use std::borrow::Cow;
use std::time::Duration;

use feedscope_core::payload::json::Outline;
use feedscope_core::store::OwnedRecord;
use feedscope_core::{Kind, Timestamp};
use jiff::tz::TimeZone;

use super::{bytes, count, counted, duration, round_trip, row_number, time_of_day};

/// Number of bytes of a type or an ID that are laid out. More are wider than any screen, and a long text takes time in each
/// pass.
const LAID_OUT: usize = 1_000;

/// Compares a time in a payload with the record's arrival: `1.1 ms before arrival`. Returns `None` if the text is not a
/// time, or a time more than an hour away.
pub(crate) fn against_arrival(text: &str, arrival: Timestamp) -> Option<String> {
    /// One hour. A time that is further away has nothing to do with the arrival.
    const NEAR_MICROS: u64 = 3_600_000_000;
    // This cheap check excludes most strings before the parser runs.
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

/// Returns the clause behind a changed number about the earlier record of the comparison. The time between both records is
/// absent if the file has no times.
pub(crate) fn since_similar(before: Option<Duration>) -> String {
    let before = before.map_or_else(String::new, |it| format!(", {} before", round_trip(it)));
    format!(" · compared with the most similar record{before}")
}

/// Returns the line that replaces equal lines in a comparison.
pub(crate) fn equal_lines(count: u64) -> String {
    format!("⋯ {}", counted(count, "equal line"))
}

/// Returns the beginning of a type or an ID, which a server may send at any length.
pub(crate) fn beginning(text: &[u8]) -> Cow<'_, str> {
    match text.get(..LAID_OUT) {
        Some(part) if text.len() > LAID_OUT => {
            // A character may be cut at the end.
            let part = String::from_utf8_lossy(part);
            format!("{}…", part.trim_end_matches(char::REPLACEMENT_CHARACTER)).into()
        }
        _ => String::from_utf8_lossy(text),
    }
}

/// Describes the record of a comparison: `against 05:49:14.442, 82 ms earlier · id 1073`. Without a zone, the records have no
/// times, so that the row of the earlier one is named.
pub(crate) fn compared_with(
    previous: &OwnedRecord,
    record: &OwnedRecord,
    zone: Option<&TimeZone>,
) -> String {
    let (earlier, later) = (previous.record(), record.record());
    // The monotonic times are compared, because the wall clock may have been set in between.
    let apart = || duration(later.stamp.moment.since(earlier.stamp.moment));
    let other = match zone {
        Some(zone) => {
            let time = time_of_day(earlier.stamp.utc, zone);
            format!("{time}, {} earlier", apart())
        }
        None => row_number(previous.row().0 + 1),
    };
    let id = match earlier.kind {
        Kind::Event { id, .. } if !id.is_empty() => {
            format!(" · id {}", beginning(id))
        }
        _ => String::new(),
    };
    format!("against {other}{id}")
}

/// Describes decoded base64: `base64 of .data: 93 B of text`.
pub(crate) fn decoded_from(path: Option<&str>, size: u64, is_text: bool) -> String {
    let what = if is_text { " of text" } else { "" };
    format!(
        "base64 of {}: {}{what}",
        path.unwrap_or("the payload"),
        bytes(size)
    )
}

/// Returns the sentence while a payload is being parsed.
pub(crate) fn reading(size: u64) -> String {
    format!("reading {}…", bytes(size))
}

/// Part of the first line of a record while its payload is being decoded.
pub(crate) const DECODING: &str = " · decoding…";

/// Returns the sentence while a text is being prepared for the clipboard.
pub(crate) fn copying(size: u64) -> String {
    format!("copying {}…", bytes(size))
}

/// Returns the sentence if the selection is too large to be copied.
pub(crate) fn too_much_to_copy(most: u64) -> String {
    format!("more than {}: not copied", bytes(most))
}

/// Returns the sentence if a JSON text has too many values for a tree.
pub(crate) fn too_many_values() -> String {
    format!(
        "more than {} values: too many for a tree. Text and Hex show them.",
        count(Outline::MOST_VALUES as u64)
    )
}

/// Returns the words for a payload that begins like JSON and is not: the byte at which JSON ends, and the text there.
pub(crate) fn broken_json(at: usize, found: &str) -> String {
    if found.is_empty() {
        format!(" · JSON is not complete: it ends at byte {at}")
    } else {
        let found: String = found.chars().map(crate::payload_text::visible).collect();
        format!(" · not JSON from byte {at} on: {found}")
    }
}

/// Returns the sentence if payloads are too large to be compared.
pub(crate) fn too_large_to_compare() -> String {
    "too large to compare".to_owned()
}

/// Returns the message about a value that is no number and therefore has no plot. `what` describes the value.
pub(crate) fn not_plottable(path: &str, what: &str) -> String {
    let name = match path.trim_start_matches('.') {
        "" => "The payload",
        name => name,
    };
    format!("{name} is {what}; only numbers can be plotted")
}

/// Message if the user asks for something that needs the times of the records.
pub(crate) const FILE_HAS_NO_TIMES: &str = "The file has no times";

/// Returns the sentence in a plot if all its numbers need the times of the records, which the file does not have.
pub(crate) fn not_plotted_without_times(numbers: &[String]) -> String {
    let numbers = numbers.join(" and ");
    format!("The file has no times, so that {numbers} cannot be plotted. Choose a number:")
}

/// Sentence while the previous record is being searched.
pub(crate) const LOOKING_BACK: &str = "looking for the record before of the same type…";
/// Sentence if there is no previous record.
pub(crate) const NO_PREVIOUS: &str = "No earlier record of this type is in the list.";
/// Sentence if the record equals the previous one.
pub(crate) const NOTHING_CHANGED: &str = "Nothing changed.";
/// Tooltip of the chip that switches wrapping.
pub(crate) const WRAP_HINT: &str = "Wrap long lines";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_beginning_of_a_long_text_is_laid_out() {
        assert_eq!(beginning(b"price"), "price");
        assert_eq!(beginning(&[b'x'; LAID_OUT]).len(), LAID_OUT);
        let long = format!("{}č and more", "x".repeat(LAID_OUT - 1));
        assert_eq!(
            beginning(long.as_bytes()),
            format!("{}…", "x".repeat(LAID_OUT - 1))
        );
    }
}
