//! Records that report an error of the server: events named `error`, and JSON objects with an `error` field. It reads the
//! top level of a payload only.

use feedscope_core::Kind;
use feedscope_core::store::{RowNumber, Store};
use memchr::memmem;

use crate::job::{Job, Progress};
use crate::listing::Listing;

/// Name of the event type and of the field.
const ERROR: &[u8] = b"error";

/// Direction of a search for an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Towards {
    /// To newer records.
    Newer,
    /// To older records.
    Older,
}

/// Returns true if a record reports an error.
pub fn is_error(kind: &Kind<'_>) -> bool {
    match kind {
        Kind::Event { event, data, .. } => *event == ERROR || has_error_field(data),
        Kind::Text { data, .. } => has_error_field(data),
        _ => false,
    }
}

/// Returns true if a JSON object has a field `error` at its top level that is neither `null` nor `false`. The text may be
/// cut.
pub fn has_error_field(text: &[u8]) -> bool {
    // Most payloads do not contain the name at all.
    let begins_like_object = text.trim_ascii_start().first() == Some(&b'{');
    if !begins_like_object || memmem::find(text, b"\"error\"").is_none() {
        return false;
    }
    let mut depth = 0_u32;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let end = end_of_string(text, at);
                let rest = text.get(end..).unwrap_or_default().trim_ascii_start();
                if depth == 1 && &text[at + 1..end.max(at + 2) - 1] == ERROR {
                    // A string before a colon is a name; other strings are values.
                    if let Some(value) = rest.strip_prefix(b":") {
                        let value = value.trim_ascii_start();
                        return !value.starts_with(b"null") && !value.starts_with(b"false");
                    }
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    false
}

/// Returns the index after a string that begins at `at`; the end of the text if the string is cut.
fn end_of_string(text: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(byte) = text.get(end) {
        match byte {
            b'\\' => end += 2,
            b'"' => return end + 1,
            _ => end += 1,
        }
    }
    text.len()
}

/// Finds the next error of a list from a row on. The search continues at the other end of the list, and ends at the row
/// where it began.
pub fn next_error(
    listing: &Listing,
    from: Option<RowNumber>,
    towards: Towards,
) -> Job<Option<RowNumber>> {
    let listing = listing.clone();
    let extent = listing.store().extent();
    let (first, end) = (extent.first, extent.end);
    // Ranges of rows that are left to search, in order.
    let mut ranges = match (from, towards) {
        (None, _) => vec![first..end],
        (Some(from), Towards::Newer) => vec![from + 1..end, first..from + 1],
        (Some(from), Towards::Older) => vec![first..from, from..end],
    };
    ranges.reverse();
    Job::in_steps(move |budget, _wanted| {
        let mut left = budget;
        while let Some(range) = ranges.last_mut() {
            if range.start >= range.end {
                ranges.pop();
                continue;
            }
            let found = match towards {
                Towards::Newer => search_newer(&listing, range, &mut left),
                Towards::Older => search_older(&listing, range, &mut left),
            };
            if found.is_some() {
                return Progress::Done(found);
            }
            if left == 0 {
                return Progress::Further;
            }
        }
        Progress::Done(None)
    })
}

/// Searches a part of a range from its start, and removes the part from the range.
fn search_newer(
    listing: &Listing,
    range: &mut std::ops::Range<RowNumber>,
    left: &mut usize,
) -> Option<RowNumber> {
    let store: &Store = listing.store();
    let Some(portion) = store.portion(range.start, (*left).max(1)) else {
        range.start = range.end;
        return None;
    };
    *left = left.saturating_sub(portion.size_bytes().max(1));
    let end = portion.numbers().end;
    let found = portion
        .records()
        .filter(|(row, _)| range.contains(row))
        .find(|(row, record)| is_error(&record.kind) && listing.has(*row));
    range.start = end.max(range.start + 1).min(range.end);
    found.map(|(row, _)| row)
}

/// Searches a part of a range from its end, and removes the part from the range.
fn search_older(
    listing: &Listing,
    range: &mut std::ops::Range<RowNumber>,
    left: &mut usize,
) -> Option<RowNumber> {
    let store: &Store = listing.store();
    let Some(portion) = store.portion_before(range.end, (*left).max(1)) else {
        range.end = range.start;
        return None;
    };
    *left = left.saturating_sub(portion.size_bytes().max(1));
    let start = portion.numbers().start;
    let found = portion
        .records()
        .rev()
        .filter(|(row, _)| range.contains(row))
        .find(|(row, record)| is_error(&record.kind) && listing.has(*row));
    range.end = start.min(range.end.saturating_sub(1)).max(range.start);
    found.map(|(row, _)| row)
}

#[cfg(test)]
mod tests {
    use feedscope_core::store::{DEFAULT_BUDGET_BYTES, Shown};
    use feedscope_core::{Record, Sink as _, Stamp};

    use super::*;

    #[test]
    fn an_error_field_is_at_the_top_level() {
        for (text, expected) in [
            (r#"{"error":"no"}"#, true),
            (r#" {"id":1, "error" : {"code":401}}"#, true),
            (r#"{"a":{"error":"inner"}}"#, false),
            (r#"{"a":"error","b":"\"error\":"}"#, false),
            (r#"{"error":null}"#, false),
            (r#"{"error": false,"id":2}"#, false),
            (r#"[{"error":1}]"#, false),
            (r#"{"a":[1,{"b":"}"}],"error":"cut in the mid"#, true),
            (r#"{"error"#, false),
            (r#"{"error""#, false),
            ("error", false),
            ("", false),
        ] {
            assert_eq!(has_error_field(text.as_bytes()), expected, "{text}");
        }
    }

    fn found(listing: &Listing, from: Option<u64>, towards: Towards) -> Option<u64> {
        let job = next_error(listing, from.map(RowNumber), towards);
        while let Some(task) = job.task() {
            task.step(100);
        }
        job.get().unwrap().map(|row| row.0)
    }

    #[test]
    fn errors_are_found_in_both_directions_and_around_the_ends() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        for row in 0..1_000_u64 {
            let (event, data): (&[u8], &[u8]) = match row {
                10 => (b"error", b"named"),
                700 => (b"", b"{\"error\":1}"),
                _ => (b"tick", b"{\"n\":1}"),
            };
            writer.push(&Record {
                stamp: Stamp::default(),
                connection: 1,
                kind: Kind::Event {
                    event,
                    id: b"",
                    data,
                },
            });
        }
        let listing = Listing::of_classes(&store, Shown::ALL);
        for (from, newer, older) in [
            (None, 10, 700),
            (Some(10), 700, 700),
            (Some(700), 10, 10),
            (Some(300), 700, 10),
            (Some(999), 10, 700),
            (Some(0), 10, 700),
        ] {
            assert_eq!(
                found(&listing, from, Towards::Newer),
                Some(newer),
                "{from:?}"
            );
            assert_eq!(
                found(&listing, from, Towards::Older),
                Some(older),
                "{from:?}"
            );
        }
        let (_, empty) = Store::new(DEFAULT_BUDGET_BYTES);
        let listing = Listing::of_classes(&empty, Shown::ALL);
        assert_eq!(found(&listing, None, Towards::Newer), None);
    }
}
