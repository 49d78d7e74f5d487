//! Life of a connection as spans of time, for the strip under the trace. It keeps states and reasons, but no records.

use std::collections::VecDeque;

use crate::connection::{ConnectionState, StateChange};
use crate::time::{Moment, Stamp};

/// Span of the connection's life, up to the start of the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Start of the span.
    pub from: Stamp,
    /// State during the span.
    pub state: ConnectionState,
    /// True if the span began with a failure, so that its start gets a mark.
    pub failure: bool,
    /// Reason for the state, as a sentence.
    pub reason: Option<String>,
}

/// Newest spans of a feed's life, oldest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    spans: VecDeque<Span>,
}

impl History {
    /// Maximum number of spans. A server that drops the connection ten times a second fills it in under a minute; the
    /// strip shows two minutes.
    const KEPT: usize = 2_048;

    /// Begins a new span with this transition.
    pub fn enter(&mut self, at: Stamp, change: &StateChange) {
        // Both states begin after a lost or refused connection.
        let failure = matches!(
            change.state,
            ConnectionState::Reconnecting | ConnectionState::Failed
        );
        self.spans.push_back(Span {
            from: at,
            state: change.state,
            failure,
            reason: change.reason.clone(),
        });
        if self.spans.len() > Self::KEPT {
            self.spans.pop_front();
        }
    }

    /// Returns the spans that overlap the time after `from`, oldest first.
    pub fn since(&self, from: Moment) -> impl Iterator<Item = &Span> {
        // The span before the first later start is still active at `from`.
        let first = self
            .spans
            .partition_point(|span| span.from.moment <= from)
            .saturating_sub(1);
        self.spans.range(first..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(state: ConnectionState) -> StateChange {
        StateChange::to(state)
    }

    #[test]
    fn the_span_that_began_before_the_window_reaches_into_it() {
        let mut history = History::default();
        for (ms, state) in [
            (0, ConnectionState::Connecting),
            (10, ConnectionState::Open),
            (90, ConnectionState::Closed),
        ] {
            let at = Stamp {
                moment: Moment::from_millis(ms),
                ..Stamp::default()
            };
            history.enter(at, &change(state));
        }
        let states = |ms| {
            history
                .since(Moment::from_millis(ms))
                .map(|span| span.state.word())
                .collect::<Vec<_>>()
        };
        assert_eq!(states(0), ["connecting", "open", "closed"]);
        assert_eq!(states(50), ["open", "closed"]);
        assert_eq!(states(500), ["closed"]);
    }

    #[test]
    fn a_life_of_many_drops_stays_bounded() {
        let mut history = History::default();
        for _ in 0..3 * History::KEPT {
            history.enter(Stamp::default(), &change(ConnectionState::Reconnecting));
        }
        assert_eq!(history.spans.len(), History::KEPT);
    }
}
