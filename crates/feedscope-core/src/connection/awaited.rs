//! Sentences about an attempt whose request was sent and has no answer yet.

use std::time::Duration;

use super::Wait;
use crate::protocol::Protocol;

/// Minimum wait after which the possible cause is shown.
pub const SLOW_ANSWER: Duration = Duration::from_secs(5);

/// Returns the sentence about the wait so far, such as `asked 17 s ago, no answer yet`.
pub fn awaited_answer(waited: Duration) -> String {
    // Whole seconds, because tenths would change too fast to read.
    let whole_seconds = Duration::from_secs(waited.as_secs().max(1));
    format!("asked {} ago, no answer yet", Wait(whole_seconds))
}

/// Returns the possible cause of a slow answer.
pub fn slow_answer_cause(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::EventStream => {
            "Many servers send the head of the response together with the first event, so that a quiet feed looks like this."
        }
        Protocol::WebSocket => {
            "The server accepted the connection, but does not answer the WebSocket handshake. It may expect another path or protocol."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_written_in_whole_seconds() {
        for (millis, words) in [
            (200, "asked 1 s ago, no answer yet"),
            (17_900, "asked 17 s ago, no answer yet"),
            (252_000, "asked 4 min 12 s ago, no answer yet"),
        ] {
            assert_eq!(awaited_answer(Duration::from_millis(millis)), words);
        }
    }
}
