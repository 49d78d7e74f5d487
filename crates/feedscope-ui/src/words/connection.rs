//! Texts about the state of a connection, its transitions and its end.

use std::time::Duration;

use feedscope_core::connection::StateChange;
use feedscope_core::feed::FeedStatus;
use feedscope_core::{ConnectionState, Moment};

use super::{counted, seconds_words};

/// Tooltip and name of the grip of a pane.
pub(crate) const MOVE_PANE: &str = "Drag to move the pane (Ctrl Shift ← → ↑ ↓)";

/// Returns the text of the state pill.
pub(crate) fn state(status: &FeedStatus, now: Moment) -> String {
    match (status.state, status.retry_at) {
        (ConnectionState::Reconnecting, Some(at)) => {
            format!(
                "reconnecting in {} · attempt {}",
                seconds_words(at.since(now)),
                status.attempt
            )
        }
        // The first attempt needs no number.
        (ConnectionState::Connecting, _) if status.attempt > 1 => {
            format!("connecting · attempt {}", status.attempt)
        }
        (state, _) => state.word().to_owned(),
    }
}

/// Returns a shorter text of the state pill.
pub(crate) fn state_short(status: &FeedStatus, now: Moment) -> String {
    match (status.state, status.retry_at) {
        (ConnectionState::Reconnecting, Some(at)) => {
            format!("reconnecting {}", seconds_words(at.since(now)))
        }
        (state, _) => state.word().to_owned(),
    }
}

/// Returns the shortest text of the state pill: the time until the next attempt, or nothing.
pub(crate) fn state_least(status: &FeedStatus, now: Moment) -> String {
    let at = status
        .retry_at
        .filter(|_| status.state == ConnectionState::Reconnecting);
    at.map_or_else(String::new, |at| seconds_words(at.since(now)))
}

/// Returns the text of a row about a state transition.
pub(crate) fn transition(change: &StateChange) -> String {
    let reason = change.reason.as_deref();
    // A transition records the delay before the next attempt.
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

/// Formats an HTTP status. The two usual ones have their reason phrase.
fn status_words(status: u16) -> String {
    match status {
        200 => "200 OK".to_owned(),
        101 => "101 Switching Protocols".to_owned(),
        other => other.to_string(),
    }
}

/// Option that allows a request such as a POST to be repeated.
pub(crate) const RESEND: &str = "Send the request again on every reconnection";

/// Explanation of that option.
pub(crate) const RESEND_HINT: &str = "Without it only GET and HEAD are repeated. Any other request, such as a POST, is sent once for each Connect.";

/// Returns the sentence about messages that are lost with a pane: those that wait, and the text in the composer.
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
