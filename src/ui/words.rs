//! Every sentence and every written number of the window. Core's reasons for failure have their own sentences.

mod wire;

use std::time::Duration;

use feedscope_core::connection::StateChange;
use feedscope_core::decode::close_code_meaning;
use feedscope_core::feed::{FeedStatus, Outgoing};
use feedscope_core::filter::Progress;
use feedscope_core::jump::Target;
use feedscope_core::payload::json::Outline;
use feedscope_core::store::{Detail, Extent, OwnedRecord, RowText};
use feedscope_core::{ConnectionState, Kind, KindTag, Moment, Timestamp};
use jiff::tz::TimeZone;

pub(crate) use wire::{comparison_offer, comparison_standing, message_size, wire_facts};

/// A count with separators: `1,204`.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 reconnect`, `2 reconnects`.
pub(crate) fn counted(value: u64, noun: &str) -> String {
    if value == 1 {
        format!("1 {noun}")
    } else {
        format!("{} {noun}s", count(value))
    }
}

/// What stands in the place of records that were let go.
pub(crate) fn let_go(extent: &Extent) -> String {
    let why = if extent.spilled > 0 {
        "the history on disk is as large as it may get"
    } else {
        "the memory budget is full"
    };
    format!(
        "{} let go: {why}",
        counted(extent.missing(), "older record")
    )
}

/// A rate: `12.0`, `36,356`.
pub(crate) fn rate(value: f64) -> String {
    if value < 1_000.0 {
        format!("{value:.1}")
    } else {
        count(value.round() as u64)
    }
}

/// A size: `118 B`, `1.4 kB`, `12.3 MB`.
pub(crate) fn bytes(value: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if value < 1_000 {
        return format!("{value} B");
    }
    let mut scaled = value as f64 / 1_000.0;
    let mut unit = 0;
    while scaled >= 999.95 && unit + 1 < UNITS.len() {
        scaled /= 1_000.0;
        unit += 1;
    }
    format!("{scaled:.1} {}", UNITS[unit])
}

/// A length of time that is only looked at: `61 ms`, `6.9 s`, `4 m 12 s`, `2 h 3 m`.
pub(crate) fn duration(value: Duration) -> String {
    let seconds = value.as_secs();
    match value.as_millis() {
        0..1_000 => format!("{} ms", value.as_millis()),
        1_000..60_000 => seconds_words(value),
        60_000..3_600_000 => format!("{} m {} s", seconds / 60, seconds % 60),
        3_600_000..86_400_000 => format!("{} h {} m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// Seconds with a tenth: `2.4 s`.
pub(crate) fn seconds_words(value: Duration) -> String {
    // Cut, not rounded: 59.99 s shall not read 60.0 s before its minute is full.
    format!("{}.{} s", value.as_secs(), value.subsec_millis() / 100)
}

/// A length of time to the millisecond: `61 ms`, `1.042 s`.
pub(crate) fn duration_exact(value: Duration) -> String {
    if value < Duration::from_secs(1) {
        format!("{} ms", value.as_millis())
    } else {
        format!("{}.{:03} s", value.as_secs(), value.subsec_millis())
    }
}

/// A round trip: `0.4 ms`.
pub(crate) fn round_trip(value: Duration) -> String {
    if value < Duration::from_millis(100) {
        format!("{:.1} ms", value.as_secs_f64() * 1e3)
    } else {
        duration(value)
    }
}

/// The time of day with milliseconds: `05:49:14.524`.
pub(crate) fn time_of_day(at: Timestamp, zone: &TimeZone) -> String {
    in_zone(at, zone).map_or_else(
        || at.to_string(),
        |zoned| zoned.strftime("%H:%M:%S.%3f").to_string(),
    )
}

/// How long after the row above a record came: `+82 ms`, `+1.042 s`.
pub(crate) fn since_above(at: Moment, above: Moment) -> String {
    let since = at.since(above);
    let told = if since < Duration::from_millis(10) {
        format!("{:.1} ms", since.as_secs_f64() * 1e3)
    } else if since < Duration::from_mins(1) {
        duration_exact(since)
    } else {
        duration(since)
    };
    format!("+{told}")
}

/// Date, time of day with microseconds and the zone: `2026-11-21 05:49:14.524118 UTC`.
pub(crate) fn date_and_time(at: Timestamp, zone: &TimeZone) -> String {
    in_zone(at, zone).map_or_else(
        || at.to_string(),
        |zoned| zoned.strftime("%Y-%m-%d %H:%M:%S.%6f %Z").to_string(),
    )
}

fn in_zone(at: Timestamp, zone: &TimeZone) -> Option<jiff::Zoned> {
    let timestamp = jiff::Timestamp::from_microsecond(at.as_micros()).ok()?;
    Some(timestamp.to_zoned(zone.clone()))
}

/// How far a zone is ahead of UTC.
pub(crate) fn offset_seconds(at: Timestamp, zone: &TimeZone) -> i32 {
    jiff::Timestamp::from_microsecond(at.as_micros())
        .map_or(0, |timestamp| zone.to_offset(timestamp).seconds())
}

/// What the state pill says.
pub(crate) fn state(status: &FeedStatus, now: Moment) -> String {
    match (status.state, status.retry_at) {
        (ConnectionState::Reconnecting, Some(at)) => {
            format!(
                "reconnecting in {} · attempt {}",
                seconds_words(at.since(now)),
                status.attempt
            )
        }
        (ConnectionState::Connecting, _) if status.attempt > 1 => {
            format!("connecting · attempt {}", status.attempt)
        }
        (state, _) => state.word().to_owned(),
    }
}

/// The state pill where there is little room.
pub(crate) fn state_short(status: &FeedStatus, now: Moment) -> String {
    match (status.state, status.retry_at) {
        (ConnectionState::Reconnecting, Some(at)) => {
            format!("reconnecting {}", seconds_words(at.since(now)))
        }
        (state, _) => state.word().to_owned(),
    }
}

/// The state where there is hardly room: the time until the next attempt, or nothing.
pub(crate) fn state_least(status: &FeedStatus, now: Moment) -> String {
    let at = status
        .retry_at
        .filter(|_| status.state == ConnectionState::Reconnecting);
    at.map_or_else(String::new, |at| seconds_words(at.since(now)))
}

/// A row of the timeline that tells a transition.
pub(crate) fn transition(change: &StateChange) -> String {
    let reason = change.reason.as_deref();
    let wait = change
        .delay_ms
        .map(|ms| seconds_words(Duration::from_millis(ms)));
    let attempt = change.attempt.unwrap_or(1);
    match change.state {
        ConnectionState::Reconnecting => {
            let next = format!("attempt {attempt} in {}", wait.unwrap_or_default());
            reason.map_or_else(
                || format!("ended; {next}"),
                |reason| format!("{reason}; {next}"),
            )
        }
        ConnectionState::Connecting if change.reconnects.unwrap_or(0) > 0 => {
            format!("attempt {attempt}")
        }
        ConnectionState::Open => {
            let status = change
                .status
                .map_or_else(String::new, |status| format!(": {}", status_words(status)));
            let detail = reason.map_or_else(String::new, |detail| format!(", {detail}"));
            format!("open{status}{detail}")
        }
        state => reason.map_or_else(
            || state.word().to_owned(),
            |reason| format!("{}: {reason}", state.word()),
        ),
    }
}

fn status_words(status: u16) -> String {
    match status {
        200 => "200 OK".to_owned(),
        101 => "101 Switching Protocols".to_owned(),
        other => other.to_string(),
    }
}

/// What a row says where its payload would stand, for kinds that have none.
pub(crate) fn row_sentence(row: &RowText) -> Option<String> {
    Some(match &row.detail {
        Detail::State(change) => transition(change),
        Detail::Gap(gap) => gap.to_string(),
        Detail::Close(code) if row.preview.is_empty() => {
            format!("{code} {}", close_code_meaning(*code))
        }
        Detail::Close(code) => format!("{code} {}: {}", close_code_meaning(*code), row.preview),
        Detail::RoundTrip(rtt) => format!("rtt {}", round_trip(*rtt)),
        Detail::ReconnectionTime(ms) => {
            format!("reconnection time {}", duration(Duration::from_millis(*ms)))
        }
        Detail::None if row.tag == KindTag::Note => row.preview.clone(),
        Detail::None => return None,
    })
}

/// The name a row goes by: states are the connection's.
pub(crate) fn row_name(row: &RowText) -> &str {
    if row.tag == KindTag::State {
        "connection"
    } else {
        &row.name
    }
}

/// What a queued message is, in a line.
pub(crate) fn queued(message: &Outgoing) -> (&'static str, String) {
    match message {
        Outgoing::Text(text) => ("text", text.clone()),
        Outgoing::Binary(bytes_out) => ("binary", bytes(bytes_out.len() as u64)),
        Outgoing::Ping(_) => ("ping", String::new()),
        Outgoing::Close { code, reason } => ("close", format!("{code} {reason}")),
    }
}

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

/// What can be typed to go to a row.
pub(crate) fn jump_hint(rows: u64) -> String {
    let last = count(rows.max(1));
    format!("1 to {last} · 50 % · 05:49:10 · 2026-11-21 05:49 · -5m")
}

/// Which of how many rows: `row 120,000 of 1,204,332`.
pub(crate) fn row_of(place: u64, rows: u64) -> String {
    format!("row {} of {}", count(place + 1), count(rows))
}

/// What was typed leads past the last row.
pub(crate) fn beyond(target: Target, rows: u64) -> String {
    match target {
        Target::At(_) => "later than the last row: Enter leads to that".to_owned(),
        Target::Row(_) | Target::Part(_) => {
            format!(
                "there are {}: Enter leads to the last",
                counted(rows, "row")
            )
        }
    }
}

/// What was typed is no row and no time.
pub(crate) const JUMP_PROBLEM: &str =
    "neither a row (120000, 50 %) nor a time (05:49:10, 2026-11-21 05:49, -5m)";
/// There is nothing to go to.
pub(crate) const NO_ROWS: &str = "there are no rows";

/// What to check when a feed failed; an empty pane shows it below the reason.
pub(crate) const WHAT_TO_CHECK: &str = "Check the address and the path, that the server runs and can be reached from here, and that it serves this kind of feed.";

/// What to watch when both connections are dropped.
pub(crate) const TRY_DROP: &str =
    "Both panes come back by themselves; on the left the ids go on without a gap.";
/// What to watch when the bot is greeted.
pub(crate) const TRY_HELLO: &str =
    "Your message goes up the connection that the answer comes down: only WebSocket can.";
/// What to watch when both protocols carry the same ticks.
pub(crate) const TRY_COMPARE: &str =
    "/events left, /ticker right: compare bytes, latency, recovery and what a drop loses.";
/// What to watch in a flood.
pub(crate) const TRY_FLOOD: &str =
    "The chosen pane takes every message, and the window stays as quick as before.";
/// What to watch while connections are refused.
pub(crate) const TRY_REFUSE: &str =
    "Each attempt waits longer than the one before, counted down; then both are back.";
/// What to watch when the stream is cut within an event.
pub(crate) const TRY_CUT: &str =
    "The half of an event that came is thrown away; it comes whole after the reconnection.";

/// What the demo strip's buttons do.
pub(crate) const DROP_HINT: &str =
    "Cuts every connection. Both panes come back by themselves; the ids go on without a gap.";
/// See [`DROP_HINT`].
pub(crate) const REFUSE_HINT: &str =
    "Cuts every connection and accepts none. Each attempt waits longer than the one before.";
/// See [`DROP_HINT`].
pub(crate) const FLOOD_HINT: &str =
    "Points the chosen pane at 50,000 messages a second; a second click returns to what it showed.";
/// See [`DROP_HINT`].
pub(crate) const FAULTS_HINT: &str =
    "Everything that the server can do wrong, for one feed or for all";
/// See [`DROP_HINT`].
pub(crate) const HIDE_DEMO: &str =
    "Hide the demo's strip and panel; the help sheet (F1) brings them back";

/// How faults work.
pub(crate) const ABOUT_FAULTS: &str = "Each says what a well-behaved client does. What only a new connection meets drops those there are.";
/// Nobody listens to the demo server.
pub(crate) const NO_CLIENTS: &str = "No client is connected to the demo server.";

/// What the comparison is.
pub(crate) const ABOUT_COMPARISON: &str =
    "The same ticks, sent at the same moments: once as events, once as messages.";
/// How a number is measured: in brief, and in full.
pub(crate) struct How {
    pub(crate) brief: &'static str,
    pub(crate) full: &'static str,
}

/// How bytes on the wire are measured.
pub(crate) const HOW_WIRE: How = How {
    brief: "on the wire (payload + framing), heartbeats too",
    full: "On the wire (payload + framing): what the server wrote to the socket between two quiet moments, heartbeats too, \
           by the messages that came. TCP and IP come on top of both.",
};
/// How latency is measured.
pub(crate) const HOW_LATENCY: How = How {
    brief: "from the tick's sent_at to the read that brought it; the newest 200",
    full: "From the tick's sent_at to the read that brought it, over the newest 200 ticks. sent_at has whole milliseconds, \
           so up to 1 ms of it is none.",
};
/// How the rate is measured.
pub(crate) const HOW_RATE: How = How {
    brief: "received in the last 4 seconds",
    full: "Received in the last 4 seconds.",
};
/// How the recovery is measured.
pub(crate) const HOW_RECOVERY: How = How {
    brief: "the newest: from noticing the loss until open again, the wait included",
    full: "The newest: from noticing the loss until open again, the reconnection time included. The server asks for 1 s on \
           /events; on a WebSocket 1 s is our own.",
};
/// How losses are measured.
pub(crate) const HOW_LOST: How = How {
    brief: "numbers that the ticks skip; SSE asks for them again",
    full: "Numbers that the ticks skip. SSE asks for them again with Last-Event-ID; a WebSocket has no such thing.",
};

/// What is lost with a pane: messages that wait, and what is being written.
pub(crate) fn what_closing_loses(waiting: u64, writing: bool) -> String {
    let messages = counted(waiting, "message");
    match (waiting, writing) {
        (0, _) => "The message that you are writing was not sent.".to_owned(),
        (_, false) => format!("{messages} waiting to be sent will not be."),
        (_, true) => {
            format!("{messages} waiting to be sent, and the one that you are writing, will not be.")
        }
    }
}

/// The keys, for the help sheet: what is pressed, what it does.
pub(crate) const KEYS: [(&str, &str); 32] = [
    ("F1", "this sheet"),
    ("F2", "the demo's panel of things to try"),
    ("Ctrl 1 … Ctrl 9", "go to that pane"),
    (
        "Ctrl Tab",
        "go to the next pane; with Shift, to the one before",
    ),
    ("Alt ← → ↑ ↓", "go to the pane on that side"),
    (
        "Ctrl N",
        "another pane beside this one; with Shift, as a tab",
    ),
    ("Ctrl \\", "a second view of this pane's feed"),
    ("Ctrl W", "close the pane"),
    ("Ctrl Shift ← → ↑ ↓", "move the pane to that side"),
    ("Alt Shift ← → ↑ ↓", "move the pane's edge that way"),
    ("Ctrl L", "edit the URL; Enter connects"),
    ("Ctrl D", "disconnect, or connect again"),
    ("Ctrl R", "retry now, while reconnecting"),
    ("Ctrl M", "write a message"),
    ("Ctrl T", "dark or light"),
    ("Ctrl U", "UTC or local time"),
    ("↑  ↓", "choose the record above, below"),
    ("Page Up, Page Down", "a page up, down"),
    ("Home, End", "the oldest record; the newest, and follow it"),
    (
        "/, Ctrl Shift F",
        "filter; Esc empties the field, then leaves it",
    ),
    ("Ctrl F", "find without filtering; Esc closes"),
    ("F3, Shift F3", "the next match, the one before; also Enter"),
    (
        "Ctrl G",
        "go to a row: its number, 50 %, a time, or -5m for five minutes ago",
    ),
    ("P", "pause the view; the connection goes on"),
    ("Ctrl C", "copy the chosen record's payload"),
    ("Enter", "into the inspector; Esc leads back"),
    (
        "← → ↑ ↓ in JSON",
        "walk, fold and unfold values; Ctrl C copies one, with Shift its path",
    ),
    (
        "Shift ← → ↑ ↓ in Text",
        "select; Ctrl A selects all, Ctrl C copies",
    ),
    ("Esc", "close the sheet, the inspector, the error"),
    ("Enter in the composer", "send the message"),
    ("Shift Enter", "break the line in the message"),
    ("↑ in the composer", "recall an earlier message"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_204), "1,204");
        assert_eq!(count(12_345_678), "12,345,678");
        assert_eq!(counted(1, "reconnect"), "1 reconnect");
        assert_eq!(counted(0, "reconnect"), "0 reconnects");
        assert_eq!(rate(11.96), "12.0");
        assert_eq!(rate(36_356.4), "36,356");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_400), "1.4 kB");
        assert_eq!(bytes(999_999), "1.0 MB");
        assert_eq!(bytes(12_300_000), "12.3 MB");
    }

    #[test]
    fn what_was_found_is_said_as_far_as_it_is_known() {
        let so_far = Progress {
            hits_found: 1_204,
            looked_at: 439,
            total: 1_000,
            ..Progress::default()
        };
        assert_eq!(found(&so_far), "1,204 hits · searched 43 %");
        assert_eq!(found_short(&so_far), "1,204 · 43 %");
        assert_eq!(found_at(Some(2), &so_far), "1,204 found · searched 43 %");
        let done = Progress {
            looked_at: 1_000,
            done: true,
            ..so_far
        };
        assert_eq!(found(&done), "1,204 hits");
        assert_eq!(found_short(&done), "1,204");
        assert_eq!(found_at(Some(2), &done), "3 of 1,204");
        assert_eq!(found_at(None, &done), "1,204 found");
        let nothing = Progress {
            done: true,
            ..Progress::default()
        };
        assert_eq!(found_at(None, &nothing), "nothing found");
    }

    #[test]
    fn a_type_is_written_as_a_filter_reads_it() {
        use feedscope_core::filter::{Filter, ParseContext};
        use feedscope_core::{Kind, Record, Stamp};

        for name in ["price", "two words", "a \"b\" \\", "-x", "/a/"] {
            let filter = Filter::parse(&qualified_type(name), &ParseContext::default()).unwrap();
            let kind = Kind::Event {
                event: name.as_bytes(),
                id: b"",
                data: b"",
            };
            let stamp = Stamp::default();
            let connection = 1;
            assert!(
                filter.matches(&Record {
                    stamp,
                    connection,
                    kind
                }),
                "{name}"
            );
        }
    }

    #[test]
    fn lengths_of_time_are_written_for_people() {
        for (ms, words) in [
            (61, "61 ms"),
            (6_949, "6.9 s"),
            (59_999, "59.9 s"),
            (252_000, "4 m 12 s"),
            (7_380_000, "2 h 3 m"),
            (93_600_000, "1 d 2 h"),
        ] {
            assert_eq!(duration(Duration::from_millis(ms)), words);
        }
        assert_eq!(round_trip(Duration::from_micros(420)), "0.4 ms");
    }

    #[test]
    fn a_row_tells_how_long_after_the_one_above_it_came() {
        for (nanos, words) in [
            (0, "+0.0 ms"),
            (1_140_000, "+1.1 ms"),
            (82_400_000, "+82 ms"),
            (1_042_000_000, "+1.042 s"),
            (252_000_000_000, "+4 m 12 s"),
        ] {
            let at = Moment::from_nanos(5 + nanos);
            assert_eq!(since_above(at, Moment::from_nanos(5)), words);
        }
    }

    #[test]
    fn a_time_near_the_arrival_is_told_against_it() {
        let arrival = Timestamp::from_micros(1_795_240_154_524_118);
        let told = |text: &str| against_arrival(text, arrival);
        for (text, words) in [
            ("2026-11-21T05:49:14.523Z", "1.1 ms before arrival"),
            ("2026-11-21T06:49:14.524118+01:00", "0.0 ms before arrival"),
            ("2026-11-21T05:49:20Z", "5.4 s after arrival"),
        ] {
            assert_eq!(told(text).as_deref(), Some(words), "{text}");
        }
        for text in ["2026-11-21T07:49:14Z", "2026-11-21", "05:49:14", "noon", ""] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_shown_in_the_zone_asked_for() {
        let at = Timestamp::from_micros(1_795_240_154_524_118);
        assert_eq!(time_of_day(at, &TimeZone::UTC), "05:49:14.524");
        assert_eq!(
            date_and_time(at, &TimeZone::UTC),
            "2026-11-21 05:49:14.524118 UTC"
        );
        let east = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(time_of_day(at, &east), "07:49:14.524");
    }

    #[test]
    fn a_transition_reads_as_a_sentence() {
        let change = |state, attempt, delay_ms, status, reason: Option<&str>| {
            let reason = reason.map(str::to_owned);
            transition(&StateChange {
                state,
                attempt,
                reconnects: attempt.map(u64::from),
                delay_ms,
                status,
                reason,
            })
        };
        let lost = change(
            ConnectionState::Reconnecting,
            Some(2),
            Some(3_000),
            None,
            Some("connection lost"),
        );
        assert_eq!(lost, "connection lost; attempt 2 in 3.0 s");
        assert_eq!(
            change(ConnectionState::Connecting, Some(2), None, None, None),
            "attempt 2"
        );
        assert_eq!(
            change(ConnectionState::Open, None, None, Some(200), None),
            "open: 200 OK"
        );
        assert_eq!(
            change(ConnectionState::Closed, None, None, None, None),
            "closed"
        );
    }
}
