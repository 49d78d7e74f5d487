//! Texts of rows in the timeline, and of the bar that goes to a row.

use std::time::Duration;

use feedscope_analysis::jump::JumpTarget;
use feedscope_analysis::row_parts::{Folding, FoldingDepth};
use feedscope_core::KindTag;
use feedscope_core::feed::Outgoing;
use feedscope_core::protocol::Protocol;
use feedscope_core::store::{Detail, Extent, ListingIndex, RowText};

use super::{
    bytes, count, counted, duration_exact, round_trip, transition, wait_words, whole_seconds,
};

/// Name of the column of the times while they are counted from a record.
pub(crate) const TIME_FROM_RECORD: &str = "from record";

/// Returns the name of a row by its number, which is counted from 1.
pub(crate) fn row_number(number: u64) -> String {
    format!("row {}", count(number))
}

/// Explains times that are counted from a record. `key` counts them, and ends it.
pub(crate) fn about_time_from_record(key: &str) -> String {
    let text = "Time after or before the record from which the times are counted. The menu of a row returns to the usual times";
    // A user may have removed the key.
    if key.is_empty() {
        format!("{text}.")
    } else {
        format!("{text}, and so does {key} on that record.")
    }
}

/// Reason that a chosen column is not visible in a narrow pane.
pub(crate) const TOO_NARROW: &str = "hidden: too narrow";

/// Returns the note about columns that have no room in a narrow pane, and its tooltip.
pub(crate) fn no_room_for(columns: &[&str]) -> [String; 2] {
    [
        format!("{} hidden", columns.len()),
        format!("No room for {}", columns.join(", ")),
    ]
}

/// Returns the text of the row in place of records that were let go. A problem of the disk history is the reason.
pub(crate) fn let_go(extent: &Extent, problem: Option<&str>) -> String {
    let why = match problem {
        Some(problem) => problem,
        None if extent.spilled > 0 => "the history on disk is full",
        None => "memory limit reached",
    };
    format!(
        "{} removed: {why}",
        counted(extent.missing(), "older record")
    )
}

/// Explains the list of marks while it is empty.
pub(crate) fn marks_hint(key: &str) -> String {
    // A user may have removed the key.
    let key = if key.is_empty() {
        "The command Mark"
    } else {
        key
    };
    format!(
        "{key} marks the selected row. The mark is in this list, in the strip and beside the rows."
    )
}

/// Returns the heading of the records that only one of two compared feeds has.
pub(crate) fn only_in(feed: &str, records: u64) -> String {
    format!("Only {feed}: {}", counted(records, "record"))
}

/// Returns the place from which two payloads are shown, so that their first difference is in sight: the number of bytes
/// that are left out of both.
pub(crate) fn difference_start(one: &str, other: &str, context: usize) -> usize {
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b);
    let start = same.count().saturating_sub(context);
    // Both have the same bytes up to here, so that a boundary of one is a boundary of the other.
    one.floor_char_boundary(start)
}

/// Returns the text of the switch for parts that payloads are shown without.
pub(crate) fn folded(folding: &Folding, is_off: bool) -> String {
    let state = if is_off { "shown" } else { "folded" };
    match folding.beginning() {
        Some(beginning) => {
            let count = beginning.chars().count() as u64;
            format!("{} {state}", counted(count, "equal character"))
        }
        None if folding.depth() < FoldingDepth::Identifiers => format!("equal parts {state}"),
        None => format!("less important parts {state}"),
    }
}

/// Returns the description of the parts that payloads are shown without.
pub(crate) fn left_out(folding: &Folding) -> String {
    if let Some(beginning) = folding.beginning() {
        return beginning.to_owned();
    }
    let parts = match folding.depth() {
        FoldingDepth::Beginnings | FoldingDepth::EqualParts => {
            "Parts that are equal in most rows are left out."
        }
        FoldingDepth::Identifiers => {
            "IDs, times and parts that are equal in most rows are left out."
        }
        FoldingDepth::ValuesBeforeText => {
            "IDs, times, short values and parts that are equal in most rows are left out, so that the text is visible."
        }
    };
    format!("{parts} Click to show whole payloads. Copies and filters always use whole payloads.")
}

/// Returns the sentence in place of a payload, for kinds that have no payload.
pub(crate) fn row_sentence(row: &RowText) -> Option<String> {
    Some(match &row.detail {
        Detail::State(change) => transition(change),
        Detail::Gap(gap) if gap.missing == Some(0) && gap.repeated.unwrap_or(0) == 0 => {
            format!("resumed after id {}: no event was missed", gap.from)
        }
        Detail::Gap(gap) => gap.to_string(),
        // A close frame without a reason has only its code.
        Detail::Close(code) if row.preview.is_empty() => {
            format!("{code} {}", code.meaning())
        }
        Detail::Close(code) => format!("{code} {}: {}", code.meaning(), row.preview),
        Detail::RoundTrip(rtt) => format!("rtt {}", round_trip(*rtt)),
        Detail::ReconnectionTime(ms) => {
            format!(
                "reconnection time {}",
                wait_words(Duration::from_millis(*ms))
            )
        }
        Detail::None if row.tag == KindTag::Note => row.preview.clone(),
        Detail::None => return None,
    })
}

/// Returns the name of a row. State rows have the name of the connection.
pub(crate) fn row_name(row: &RowText) -> &str {
    if row.tag == KindTag::State {
        "connection"
    } else {
        &row.name
    }
}

/// Explains why a feed whose records were cleared shows none.
pub(crate) const CLEARED: &str = "The records so far were cleared";

/// Explains why an open feed shows no payload: `Open for 17 s · 1 comment hidden · no event yet`. `others` are further
/// hidden records.
pub(crate) fn silence(open: Duration, comments: u64, others: u64, protocol: Protocol) -> String {
    let mut parts = vec![format!("Open for {}", whole_seconds(open))];
    if comments > 0 {
        parts.push(format!("{} hidden", counted(comments, "comment")));
    }
    if others > 0 {
        parts.push(format!("{} hidden", counted(others, "other record")));
    } else {
        parts.push(match protocol {
            Protocol::EventStream => "no event yet".to_owned(),
            Protocol::WebSocket => "no message yet".to_owned(),
        });
    }
    parts.join(" · ")
}

/// Returns the numbers of records that the chips hide, with their kinds: comments, pings and pongs, and others.
pub(crate) fn hidden_records(counts: [u64; 3]) -> Option<String> {
    let parts: Vec<String> = counts
        .into_iter()
        .zip(["comment", "ping/pong", "other"])
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| counted(count, noun))
        .collect();
    (!parts.is_empty()).then(|| format!("{} hidden", parts.join(" and ")))
}

/// Sentence about a record that is shown in the inspector only.
pub(crate) const HIDDEN_ROW: &str =
    "The list does not show this record: the filter or a kind that is switched off hides it.";

/// Sentence about an inspector that cannot be moved.
pub(crate) const NO_ROOM_BESIDE: &str = "This pane is too narrow for the inspector beside the rows. Make it wider, or close other panes.";

/// Returns the sentence about a part of a pane that has lost its room to another one.
pub(crate) fn lost_part(lost: &str, opened: &str) -> String {
    format!("No room for {lost} beside {opened}. It returns when {opened} closes.")
}

/// Describes several selected rows: `12 rows · 3.204 s · 1.4 kB`. The size is `None` while it is computed.
pub(crate) fn selected(rows: u64, span: Option<Duration>, size: Option<u64>) -> String {
    let rows = counted(rows, "row");
    let span = span.map_or_else(String::new, |it| format!(" · {}", duration_exact(it)));
    let size = size.map_or_else(|| "…".to_owned(), bytes);
    format!("{rows}{span} · {size}")
}

/// Returns the name and the text of a queued message.
pub(crate) fn queued(message: &Outgoing) -> (&'static str, String) {
    match message {
        Outgoing::Text(text) => ("text", text.clone()),
        Outgoing::Binary(bytes_out) => ("binary", bytes(bytes_out.len() as u64)),
        Outgoing::Ping(_) => ("ping", String::new()),
        Outgoing::Close { code, reason } => ("close", format!("{code} {reason}")),
    }
}

/// Returns the hint about the syntax of the jump bar, in a long and a short form.
pub(crate) fn jump_hint(rows: u64, has_times: bool) -> [String; 2] {
    let last = count(rows.max(1));
    if !has_times {
        let hint = format!("1 to {last} · 50 %");
        return [hint.clone(), hint];
    }
    [
        format!("1 to {last} · 50 % · 05:49:10 · 2026-11-21 05:49 · -5m"),
        format!("1 to {last} · 50 % · 05:49:10 · -5m"),
    ]
}

/// Returns the position of a row: `row 120,000 of 1,204,332`.
pub(crate) fn row_of(place: ListingIndex, rows: u64) -> String {
    format!("row {} of {}", count(place.0 + 1), count(rows))
}

/// Returns the sentence about a target after the last row.
pub(crate) fn beyond(target: JumpTarget, rows: u64) -> String {
    match target {
        JumpTarget::At(_) | JumpTarget::OfDay { .. } => {
            "After the last row. Enter goes to the last row".to_owned()
        }
        JumpTarget::Row(_) | JumpTarget::Part(_) => {
            format!(
                "There are only {}. Enter goes to the last row",
                counted(rows, "row")
            )
        }
    }
}

/// Sentence about a text that is neither a row nor a time, from the longest form to the shortest.
pub(crate) const JUMP_PROBLEM: [&str; 3] = [
    "Type a row number (120000), a percentage (50 %) or a time (05:49:10, 2026-11-21 05:49, -5m)",
    "Type a row number, a percentage or a time (-5m)",
    "Not a row, % or time",
];
/// Problem of a text in the jump bar of a file without times.
pub(crate) const JUMP_PROBLEM_WITHOUT_TIMES: &str =
    "Type a row number (120000) or a percentage (50 %)";
/// Sentence if there are no rows.
pub(crate) const NO_ROWS: &str = "there are no rows";
