//! Texts about the state of a connection, its transitions and its end.

use std::time::Duration;

use feedscope_core::connection::{
    SLOW_ANSWER, StateChange, Wait, awaited_answer, slow_answer_cause,
};
use feedscope_core::feed::FeedStatus;
use feedscope_core::history::Span;
use feedscope_core::protocol::{Protocol, StreamFormat};
use feedscope_core::{ConnectionState, Moment};
use jiff::tz::TimeZone;

use super::{counted, time_of_day, wait_words};
use crate::feed_source::FeedSource;

/// Tooltip and name of the grip of a pane.
pub(crate) const MOVE_PANE: &str = "Drag to move the pane";

/// Returns the text of the state pill.
pub(crate) fn state(status: &FeedStatus, now: Moment) -> String {
    match (status.state, status.retry_at) {
        (ConnectionState::Reconnecting, Some(at)) => {
            let attempt = next_attempt(status.attempt);
            format!("reconnecting: {attempt} in {}", wait_words(at.since(now)))
        }
        (ConnectionState::Connecting, _) => {
            let waited = awaited(status, now).map(awaited_answer);
            let waited = waited.map_or_else(String::new, |waited| format!(": {waited}"));
            // The first attempt needs no number.
            let attempt = if status.attempt > 1 {
                format!(" · attempt {}", status.attempt)
            } else {
                String::new()
            };
            format!("connecting{waited}{attempt}")
        }
        (state, _) => state.word().to_owned(),
    }
}

/// Returns the time since the request was sent whose answer is awaited, once it is worth mentioning.
fn awaited(status: &FeedStatus, now: Moment) -> Option<Duration> {
    const WORTH_MENTIONING: Duration = Duration::from_secs(1);
    let waited = now.since(status.asked_at?);
    (waited >= WORTH_MENTIONING).then_some(waited)
}

/// Returns sentences for the wait for a slow answer, and for its possible cause.
pub(crate) fn slow_answer(
    status: &FeedStatus,
    protocol: Protocol,
    now: Moment,
) -> Option<(String, &'static str)> {
    let waited = awaited(status, now).filter(|waited| *waited >= SLOW_ANSWER)?;
    let mut sentence = awaited_answer(waited);
    sentence[..1].make_ascii_uppercase();
    Some((sentence, slow_answer_cause(protocol)))
}

/// Returns a shorter text of the state pill.
pub(crate) fn state_short(status: &FeedStatus, now: Moment) -> String {
    match (status.state, status.retry_at) {
        (ConnectionState::Reconnecting, Some(at)) => {
            format!("reconnecting {}", wait_words(at.since(now)))
        }
        (state, _) => match awaited(status, now) {
            Some(waited) => {
                let whole_seconds = Duration::from_secs(waited.as_secs());
                format!("{} {}", state.word(), Wait(whole_seconds))
            }
            None => state.word().to_owned(),
        },
    }
}

/// Returns the shortest text of the state pill: the time until the next attempt, or nothing.
pub(crate) fn state_least(status: &FeedStatus, now: Moment) -> String {
    let at = status
        .retry_at
        .filter(|_| status.state == ConnectionState::Reconnecting);
    at.map_or_else(String::new, |at| wait_words(at.since(now)))
}

/// Names the attempt that is waited for. The first one after each open needs no number, which would be the same after each.
fn next_attempt(attempt: u32) -> String {
    if attempt == 1 {
        "next attempt".to_owned()
    } else {
        format!("attempt {attempt}")
    }
}

/// Returns the text of a row about a state transition.
pub(crate) fn transition(change: &StateChange) -> String {
    let reason = change.reason.as_deref();
    // A transition records the delay before the next attempt.
    let wait = change
        .delay_ms
        .map(|ms| wait_words(Duration::from_millis(ms)));
    let attempt = change.attempt.unwrap_or(1);
    match change.state {
        ConnectionState::Reconnecting => {
            let next = format!("{} in {}", next_attempt(attempt), wait.unwrap_or_default());
            format!("{}; {next}", reason.unwrap_or("ended"))
        }
        ConnectionState::Connecting if change.reconnects.unwrap_or(0) > 0 => {
            if attempt == 1 {
                return "connecting again".to_owned();
            }
            format!("connecting again: attempt {attempt}")
        }
        ConnectionState::Open => {
            let status = change
                .status
                .map_or_else(String::new, |status| format!(": {}", status_words(status)));
            let detail = reason.map_or_else(String::new, |detail| format!(", {detail}"));
            format!("open{status}{detail}")
        }
        state => match reason {
            None => state.word().to_owned(),
            Some(ON_REQUEST) => format!("{}: you disconnected", state.word()),
            Some(STOPPED_WAITING) => format!("{}: you stopped reconnecting", state.word()),
            Some(reason) => format!("{}: {reason}", state.word()),
        },
    }
}

/// Describes a state that began at a time, with its reason.
pub(crate) fn state_since(span: &Span, zone: &TimeZone) -> String {
    let (state, at) = (span.state.word(), time_of_day(span.from.utc, zone));
    match &span.reason {
        Some(reason) => format!("{state} since {at}: {reason}"),
        None => format!("{state} since {at}"),
    }
}

/// Describes the states of a connection in their order. Only the newest ones are named, because a listener waits for the end.
pub(crate) fn connection_history(spans: &[Span], zone: &TimeZone) -> String {
    const NAMED: usize = 5;
    let count = counted(spans.len() as u64, "change");
    let earlier = spans.len().saturating_sub(NAMED);
    let named = spans[earlier..].iter().map(|span| state_since(span, zone));
    let named = named.collect::<Vec<_>>().join("; ");
    match (spans.is_empty(), earlier) {
        (true, _) => format!("Connection history: {count}"),
        (false, 0) => format!("Connection history: {count}: {named}"),
        (false, _) => format!("Connection history: {count}, the last {NAMED}: {named}"),
    }
}

/// Reason in a record of an end that the user has requested.
const ON_REQUEST: &str = "on request";
/// The same while the feed waited for its next attempt.
const STOPPED_WAITING: &str = "on request, while waiting to reconnect";

/// Formats an HTTP status. The two usual ones have their reason phrase.
fn status_words(status: u16) -> String {
    match status {
        200 => "200 OK".to_owned(),
        101 => "101 Switching Protocols".to_owned(),
        other => other.to_string(),
    }
}

/// Formats of an HTTP feed, with their explanations.
pub(crate) const FORMATS: [(StreamFormat, &str); 3] = [
    (StreamFormat::Auto, "The content type of the answer decides"),
    (
        StreamFormat::EventStream,
        "Server-Sent Events, whatever the content type is",
    ),
    (
        StreamFormat::Lines,
        "One record per line, whatever the content type is. Asks the server for lines.",
    ),
];

/// Reason that a URL with a mask is not opened.
pub(crate) const SECRET_IS_MASKED: &str =
    "*** stands for a secret, which is not kept: type the secret in its place";

/// Reason that typed text in the list of connections has no form. Its secrets are found when it is open.
pub(crate) const SAVED_AFTER_OPENING: &str = "Open it first: a connection is saved from its pane";

/// Question before changed options are dropped.
pub(crate) const CHANGES_NOT_APPLIED: &str = "Your changes were not applied.";

/// Option that allows a request such as a POST to be repeated.
pub(crate) const RESEND: &str = "Send the request again on every reconnection";

/// Explanation of that option.
pub(crate) const RESEND_HINT: &str = "Without it, only GET and HEAD requests are repeated. Any other request, such as a POST, is sent once for each click on Connect.";

/// Returns the sentence about messages that are lost with a pane: those that wait, and the text in the composer.
pub(crate) fn what_closing_loses(waiting: u64, writing: bool) -> String {
    let messages = counted(waiting, "message");
    match (waiting, writing) {
        (0, _) => "You have an unsent message.".to_owned(),
        (_, false) => format!("{messages} waiting to be sent will not be."),
        (_, true) => {
            format!("{messages} waiting to be sent, and the one that you are writing, will not be.")
        }
    }
}

/// Returns the reason that no message can be written in a pane with this source.
pub(crate) fn not_sendable(source: Option<&FeedSource>) -> &'static str {
    match source {
        None => "This pane has no feed to send to.",
        Some(FeedSource::File(_)) => "Nothing can be sent to a file.",
        Some(FeedSource::Live(_)) => "Nothing can be sent to an event stream.",
    }
}

/// Texts of the question about values that look like secrets.
pub(crate) struct FoundSecrets {
    /// Sentence that names their places.
    pub(crate) sentence: String,
    /// Answer that writes variables.
    pub(crate) variable: String,
    /// Answer that writes the values.
    pub(crate) value: &'static str,
}

/// Returns the question about values that look like secrets, with their places and the names of their variables.
pub(crate) fn found_secrets(secrets: &[(&str, &str)]) -> FoundSecrets {
    let listed = |texts: Vec<String>| match &texts[..] {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => texts.concat(),
    };
    let places = listed(
        secrets
            .iter()
            .map(|(place, _)| (*place).to_owned())
            .collect(),
    );
    // A place may begin with an article.
    let mut signs = places.chars();
    let first = signs.next().map(char::to_uppercase);
    let places: String = first.into_iter().flatten().chain(signs).collect();
    let variables = secrets.iter().map(|(_, name)| format!("${{{name}}}"));
    let variables = listed(variables.collect());
    if secrets.len() > 1 {
        FoundSecrets {
            sentence: format!("{places} look like secrets."),
            variable: format!(
                "Write {variables} in their places, and ask for them when they are not set"
            ),
            value: "Write the values into the file",
        }
    } else {
        FoundSecrets {
            sentence: format!("{places} looks like a secret."),
            variable: format!("Write {variables} in its place, and ask for it when it is not set"),
            value: "Write the value into the file",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_secrets_are_in_one_sentence() {
        let (token, header) = (
            ("`token` in the URL", "TOKEN"),
            ("the header Authorization", "A"),
        );
        for (secrets, sentence, variables) in [
            (
                &[header][..],
                "The header Authorization looks like a secret.",
                "Write ${A} in its place",
            ),
            (
                &[token, header],
                "`token` in the URL and the header Authorization look like secrets.",
                "Write ${TOKEN} and ${A} in their places",
            ),
            (
                &[header, token, token],
                "The header Authorization, `token` in the URL and `token` in the URL look like secrets.",
                "Write ${A}, ${TOKEN} and ${TOKEN} in their places",
            ),
        ] {
            let found = found_secrets(secrets);
            assert_eq!(found.sentence, sentence);
            assert!(found.variable.starts_with(variables), "{}", found.variable);
        }
    }
}
