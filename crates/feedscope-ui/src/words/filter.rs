//! Texts of filter and find: their results, hints and help.

use feedscope_analysis::filter::{FilterProblem, ScanProgress};
use feedscope_core::store::ListingIndex;

use super::{count, counted};

/// Returns the result of a filter: `1,204 hits`, with `searched 43 %` while the search is running.
pub(crate) fn found(progress: &ScanProgress) -> String {
    let hits = counted(progress.hits_found, "hit");
    if progress.done {
        hits
    } else {
        format!("{hits} · searched {} %", percent(progress))
    }
}

/// Returns a shorter form of the result.
pub(crate) fn found_short(progress: &ScanProgress) -> String {
    let hits = count(progress.hits_found);
    if progress.done {
        hits
    } else {
        format!("{hits} · {} %", percent(progress))
    }
}

/// Short form of [`not_applied`].
pub(crate) const NOT_APPLIED: &str = "not applied";

/// Returns sentences about a typed filter with an error, and about the filter that is in force meanwhile.
pub(crate) fn not_applied(problem: &FilterProblem, in_force: &str) -> String {
    format!("Not applied: {problem} · {}", in_force_words(in_force))
}

/// Returns sentences about a typed path that no record has, and about the filter that is in force meanwhile.
pub(crate) fn no_such_path(path: &str, in_force: &str) -> String {
    let path = shortened(path);
    format!(
        "Not applied: no record has a value at {path} · {}",
        in_force_words(in_force)
    )
}

/// Asks if the user means another filter.
pub(crate) fn did_you_mean(filter: &str) -> String {
    format!("Did you mean {filter}?")
}

/// Key that takes the other filter.
pub(crate) const MEANT_KEY: &str = "Tab";
/// Effect of the button with the other filter.
pub(crate) const TAKES_MEANT: &str = "Replaces the typed filter. Tab in the field does the same.";

fn in_force_words(text: &str) -> String {
    match text {
        "" => "All records are shown.".to_owned(),
        text => format!("In force: {}", shortened(text)),
    }
}

/// Returns the percentage of rows that have been searched.
fn percent(progress: &ScanProgress) -> u64 {
    // The value is cut and not rounded, so that it is not 100 before the search has ended.
    progress.looked_at * 100 / progress.total.max(1)
}

/// Returns the sentence in place of rows if a filter has no hits.
pub(crate) fn no_hits(progress: &ScanProgress) -> String {
    if progress.done {
        "No record matches the filter".to_owned()
    } else {
        format!("Nothing found yet · searched {} %", percent(progress))
    }
}

/// Returns the position of the find bar: `3 of 1,204` if a match is selected and the search has ended.
pub(crate) fn found_at(index: Option<ListingIndex>, progress: &ScanProgress) -> String {
    match index {
        _ if progress.done && progress.hits_found == 0 => "nothing found".to_owned(),
        Some(index) if progress.done => {
            format!("{} of {}", count(index.0 + 1), count(progress.hits_found))
        }
        _ if progress.done => format!("{} found", count(progress.hits_found)),
        _ => format!(
            "{} found · searched {} %",
            count(progress.hits_found),
            percent(progress)
        ),
    }
}

/// Returns the position of the find bar within the payload of the selected record: ` · 3 of 35 in the record`. `current` is
/// counted from 0. If the count is capped, there may be more matches.
pub(crate) fn found_within(current: Option<usize>, matches: usize, is_capped: bool) -> String {
    let more = if is_capped { "more than " } else { "" };
    let matches = count(matches as u64);
    match current {
        Some(current) => {
            let current = count(current as u64 + 1);
            format!(" · {current} of {more}{matches} in the record")
        }
        None => format!(" · {more}{matches} in the record"),
    }
}

/// Returns the term of a filter for one event type.
pub(crate) fn qualified_type(name: &str) -> String {
    qualified("type", name)
}

fn qualified(qualifier: &str, value: &str) -> String {
    // A value that would be split or end a quotation is written in quotation marks.
    if value.contains(char::is_whitespace) || value.contains('"') || value.is_empty() {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
        format!("{qualifier}:\"{escaped}\"")
    } else {
        format!("{qualifier}:{value}")
    }
}

/// Returns the term of a filter for one last event ID.
pub(crate) fn qualified_id(id: &str) -> String {
    qualified("id", id)
}

/// Shortens a long value for a menu.
pub(crate) fn shortened(value: &str) -> String {
    /// Maximum number of characters.
    const LONGEST: usize = 40;
    if value.chars().count() <= LONGEST {
        return value.to_owned();
    }
    value.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// Hints in an empty filter field. The longest one that fits is shown.
pub(crate) const FILTER_HINTS: [&str; 3] = [
    "Filter: text, /regex/, type:price, .symbol == \"ACME\"",
    "Filter: text, /regex/, .price > 100",
    "Filter",
];
/// Help about the syntax of a filter.
pub(crate) const FILTER_HELP: &str = "\
acme  \"two words\"  /AC.E/i: payloads with this text, in this pattern
type:price  id:1074: event type, kind or note; last event ID
is:out  is:failed  is:error: direction, kind, whether it failed or reports an error
size:>1k  after:05:49  before:06:00: size and time
.price > 100: a jq expression that is true for the payload
-acme: what does not match
A record must match all of these terms.";
/// Title of the event types in a menu of values.
pub(crate) const TYPES_OFFERED: &str = "Types in the newest records";
/// Title of the fields in a menu of values.
pub(crate) const FIELDS_OFFERED: &str = "Fields of JSON payloads";
/// Text of a menu without values.
pub(crate) const NO_VALUES: &str = "Nothing to choose from yet";
/// Text of a menu whose values are not known yet.
pub(crate) const LOOKING_FOR_VALUES: &str = "Looking…";
