//! Sentences and formatted numbers of the window. The reasons for a failure are sentences of `core`.
//!
//! The files are divided by subject. A function formats a value; a constant is a fixed text.

mod amounts;
mod connection;
mod demo;
mod files;
mod filter;
mod inspector;
mod messages;
mod rows;
mod times;
mod wire;

pub(crate) use amounts::{
    axis_number, bytes, copied, count, counted, duration, duration_exact, plot_summary, rate,
    round_trip, wait_words, whole_seconds,
};
pub(crate) use connection::{
    FORMATS, MOVE_PANE, RESEND, RESEND_HINT, slow_answer, state, state_least, state_short,
    transition, what_closing_loses,
};
pub(crate) use demo::{
    ABOUT_COMPARISON, ABOUT_FAULTS, DROP_HINT, FAULTS_HINT, FLOOD_HINT, HIDE_DEMO, HOW_LATENCY,
    HOW_LOST, HOW_RATE, HOW_RECOVERY, HOW_WIRE, How, NO_CLIENTS, REFUSE_HINT, TRY_COMPARE, TRY_CUT,
    TRY_DROP, TRY_FLOOD, TRY_HELLO, TRY_REFUSE,
};
pub(crate) use files::{
    ENDING, OPEN_BY_KEY, OPEN_RECORDING, RECORD, RECORD_ALL, file_stage, file_stage_hint,
    path_dialog, recorded, recorded_panes, recording_ended, recording_failed, recording_hint,
    saving, stop_recording,
};
pub(crate) use filter::{
    FIELDS_OFFERED, FILTER_HELP, FILTER_HINTS, LOOKING_FOR_VALUES, NO_VALUES, TYPES_OFFERED, found,
    found_at, found_short, no_hits, qualified_type, shortened,
};
pub(crate) use inspector::{
    LOOKING_BACK, NO_PREVIOUS, NOTHING_CHANGED, WRAP_HINT, against_arrival, compared_with, copying,
    decoded_from, equal_lines, reading, too_large_to_compare, too_many_values, too_much_to_copy,
};
pub(crate) use messages::{message_action, message_chip};
pub(crate) use rows::{
    JUMP_PROBLEM, NO_ROWS, beyond, folded, jump_hint, let_go, queued, row_name, row_of,
    row_sentence, selected, silence,
};
pub(crate) use times::{
    axis_time, date_and_time, offset_seconds, other_times, since_above, since_reference,
    time_in_seconds, time_of_day,
};
pub(crate) use wire::{comparison_offer, comparison_standing, message_size, wire_facts};

/// Keys and their effects, for the help sheet.
pub(crate) const KEYS: [(&str, &str); 43] = [
    ("F1", "this help"),
    ("F2", "demo panel"),
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
    (
        "Ctrl K",
        "saved connections and recent URLs; typing searches",
    ),
    ("Ctrl S", "save the connection of this pane"),
    ("Ctrl Shift S", "save the records in another format"),
    ("Ctrl O", "open a file, such as a recording"),
    (
        "Ctrl Shift R",
        "record the pane's feed, or stop the recording",
    ),
    ("Ctrl W", "close the pane"),
    (
        "Ctrl Shift T",
        "open the closed pane or the replaced feed again, with its records",
    ),
    ("Ctrl Shift ← → ↑ ↓", "move the pane to that side"),
    ("Alt Shift ← → ↑ ↓", "move the pane's edge that way"),
    ("Ctrl L", "edit the URL; Enter connects"),
    ("Ctrl D", "disconnect, or connect again"),
    ("Ctrl R", "retry now, while reconnecting"),
    ("Ctrl M", "write a message"),
    ("Alt 1 … Alt 9", "send that saved message"),
    ("Ctrl .", "stop all messages that are sent automatically"),
    ("Ctrl T", "dark or light"),
    ("Ctrl U", "UTC or local time"),
    ("↑  ↓", "choose the record above, below"),
    (
        "Shift ↑ ↓, Ctrl A",
        "select several records; also Shift click, Ctrl click, a drag",
    ),
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
    (
        "T",
        "count times from the selected record; again for the usual times",
    ),
    ("F8, Shift F8", "the next error, the one before"),
    ("P", "pause the view; the connection goes on"),
    ("Ctrl C", "copy the chosen record's payload"),
    ("Enter", "open the inspector; Esc returns"),
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
mod tests;
