//! Sentences and formatted numbers of the window. The reasons for a failure are sentences of `core`.
//!
//! The files are divided by subject. A function formats a value; a constant is a fixed text.

mod amounts;
mod columns;
mod connection;
mod decoders;
mod demo;
mod files;
mod filter;
mod inspector;
mod keeper;
mod lens;
mod links;
mod messages;
mod replay;
mod rows;
mod session_recordings;
mod times;
mod wire;

pub(crate) use amounts::{
    axis_number, bytes, copied, count, counted, duration, duration_exact, fitting_number,
    histogram_summary, plot_summary, plotted_number, rate, round_trip, seconds_words, short_rate,
    signed_ms, significant, wait_words, whole_seconds, without_bars,
};
pub(crate) use columns::{
    ID_AS_KEY, NO_FILLED_COLUMN, TYPE_AS_KEY, choose_key, columns_for, columns_of,
    condition_of_type, no_such_field,
};
pub(crate) use connection::{
    CHANGES_NOT_APPLIED, FORMATS, FoundSecrets, MOVE_PANE, RESEND, RESEND_HINT,
    SAVED_AFTER_OPENING, SECRET_IS_MASKED, connection_history, found_secrets, not_sendable,
    slow_answer, state, state_least, state_short, state_since, transition, what_closing_loses,
};
pub(crate) use decoders::{
    ABOUT_SCHEMA, APPLY_DECODERS, CHAIN_HINT, DECODER_NAMES, DECODERS_OF_RECEIVED,
    DECODERS_OF_SENT, DO_NOT_DECODE, SCHEMA, SCHEMA_HINT, SCHEMA_WITHOUT_DECODER, about_decoders,
    decode_with, decoders_chip,
};
pub(crate) use demo::{
    ABOUT_COMPARISON, ABOUT_FAULTS, DROP_HINT, FAULTS_HINT, FLOOD_HINT, HIDE_DEMO, HOW_LATENCY,
    HOW_LOST, HOW_RATE, HOW_RECOVERY, HOW_WIRE, How, NO_CLIENTS, REFUSE_HINT, TRY_COMPARE, TRY_CUT,
    TRY_DROP, TRY_FLOOD, TRY_HELLO, TRY_REFUSE,
};
pub(crate) use files::{
    ENDING, NO_PATH, OPEN_BY_KEY, OPEN_RECORDING, OTHER_FILE_NAME, RECORD, RECORD_ALL,
    REPLACE_FILE, file_exists, file_stage, file_stage_hint, in_folder, other_ending, path_dialog,
    recorded, recorded_panes, recording_ended, recording_failed, recording_hint, recording_starts,
    recording_would_end, saves, saving, source_state, stop_recording, written_only,
};
pub(crate) use filter::{
    FIELDS_OFFERED, FILTER_HELP, FILTER_HINTS, LOOKING_FOR_VALUES, MEANT_KEY, NO_VALUES,
    NOT_APPLIED, TAKES_MEANT, TYPES_OFFERED, did_you_mean, found, found_at, found_short,
    found_within, no_hits, no_such_path, not_applied, qualified_id, qualified_type, shortened,
};
pub(crate) use inspector::{
    DECODING, FILE_HAS_NO_TIMES, LOOKING_BACK, NO_PREVIOUS, NOTHING_CHANGED, WRAP_HINT,
    against_arrival, beginning, broken_json, compared_with, copying, decoded_from, equal_lines,
    not_plottable, not_plotted_without_times, reading, since_similar, too_large_to_compare,
    too_many_values, too_much_to_copy,
};
pub(crate) use keeper::{KEEPER_CHIP, about_keeper, add_keeper, keeper_message};
pub(crate) use lens::{
    COMPARE_ANSWERS, NO_ANSWER, RAW_ROWS, READ_ROWS, answer_facts, answer_title, answers,
    earlier_answers, further_records, hide_keep_alives, lens_chip, lens_choice, lens_errors,
    meaning_line, not_shown, part_with_signs, parts_plot, reasoning, removed_pairs, row_of_reads,
    stall, stop_reason, to_partner, unanswered, waiting_for_part, why_lens,
};
pub(crate) use links::{LINK_HINT, link_effects, link_question, link_warning};
pub(crate) use messages::{
    CLEAR_FILTER, GO_TO_NEWEST, NEW_TAB, RESTORE, SENT_BELOW, SENT_UNDER_FILTER, closed,
    flood_stopped, message_action, message_chip, message_key, reconnected, remove_message,
    replaced, replaces_connection, saved_with_message, sending, sent_hidden,
};
pub(crate) use replay::{played_of, skip_silence, speed};
pub(crate) use rows::{
    CLEARED, HIDDEN_ROW, JUMP_PROBLEM, JUMP_PROBLEM_WITHOUT_TIMES, NO_ROOM_BESIDE, NO_ROWS,
    TIME_FROM_RECORD, TOO_NARROW, about_time_from_record, beyond, difference_start, folded,
    hidden_records, jump_hint, left_out, let_go, lost_part, marks_hint, no_room_for, only_in,
    queued, row_name, row_number, row_of, row_sentence, selected, silence,
};
pub(crate) use session_recordings::{
    INTERRUPTED, KEEP_RECORDING, NO_SESSIONS, REMOVE_NOTICE, deleted_sessions, first_notice,
    interrupted_recording, notices, record_sessions, session_facts, session_time, show_notices,
};
pub(crate) use times::{
    axis_time, date_and_time, offset_seconds, other_times, since_above, since_reference,
    time_in_seconds, time_of_day,
};
pub(crate) use wire::{
    comparison_offer, comparison_standing, message_size, second_engine, wire_facts,
};

#[cfg(test)]
mod tests;
