//! What filter and find say of their work, and how filters are written.

use feedscope_core::filter::Progress;

use super::{count, counted};

/// What a filter has found: `1,204 hits`, and `searched 43 %` before it has looked at everything.
pub(crate) fn found(progress: &Progress) -> String {
    let hits = counted(progress.hits_found, "hit");
    if progress.done {
        hits
    } else {
        format!("{hits} · searched {} %", percent(progress))
    }
}

/// The same where there is little room.
pub(crate) fn found_short(progress: &Progress) -> String {
    let hits = count(progress.hits_found);
    if progress.done {
        hits
    } else {
        format!("{hits} · {} %", percent(progress))
    }
}

fn percent(progress: &Progress) -> u64 {
    // Cut: it is not 100 before it is done.
    progress.looked_at * 100 / progress.total.max(1)
}

/// In place of rows, where a filter has no hits.
pub(crate) fn no_hits(progress: &Progress) -> String {
    if progress.done {
        "No record matches the filter".to_owned()
    } else {
        format!("Nothing found yet · searched {} %", percent(progress))
    }
}

/// Where a find bar stands: `3 of 1,204`, where a match is chosen and all are known.
pub(crate) fn found_at(nth: Option<u64>, progress: &Progress) -> String {
    match nth {
        _ if progress.done && progress.hits_found == 0 => "nothing found".to_owned(),
        Some(nth) if progress.done => {
            format!("{} of {}", count(nth + 1), count(progress.hits_found))
        }
        _ if progress.done => format!("{} found", count(progress.hits_found)),
        _ => format!(
            "{} found · searched {} %",
            count(progress.hits_found),
            percent(progress)
        ),
    }
}

/// A term of a filter that lets one event type through.
pub(crate) fn qualified_type(name: &str) -> String {
    if name.contains(char::is_whitespace) || name.contains('"') || name.is_empty() {
        let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
        format!("type:\"{escaped}\"")
    } else {
        format!("type:{name}")
    }
}

/// A value in a menu, cut where it is long.
pub(crate) fn shortened(value: &str) -> String {
    const LONGEST: usize = 40;
    if value.chars().count() <= LONGEST {
        return value.to_owned();
    }
    value.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// What stands in an empty filter field: the longest that there is room for.
pub(crate) const FILTER_HINTS: [&str; 3] = [
    "Filter: text, /regex/, type:price, .symbol == \"ACME\"",
    "Filter: text, /regex/, .price > 100",
    "Filter",
];
/// How a filter is written.
pub(crate) const FILTER_HELP: &str = "\
acme  \"two words\"  /AC.E/i: payloads with this text, in this pattern
type:price  id:1074: event type, kind or note; last event ID
is:out  is:failed: direction, kind, whether it failed
size:>1k  after:05:49  before:06:00: size and time
.price > 100: a jq expression that is true of JSON payloads
-acme: what does not match
All have to hold.";
/// Above the event types of a menu of values.
pub(crate) const TYPES_OFFERED: &str = "Types in the newest records";
/// Above the fields of a menu of values.
pub(crate) const FIELDS_OFFERED: &str = "Fields of JSON payloads";
/// There is nothing to offer.
pub(crate) const NO_VALUES: &str = "Nothing to choose from yet";
/// It is not known yet what there is to offer.
pub(crate) const LOOKING_FOR_VALUES: &str = "Looking…";
