//! State machine of one feed. Only this code changes the state of a feed.
//!
//! It contains no record and no payload, and it does not open, close or wait itself.

use std::time::Duration;

use super::backoff::Backoff;
use super::policy::{EndOutcome, Verdict};
use super::{Action, ConnectionState, Ending, Failure, Input, LifeRules, StateChange};
use crate::time::Moment;

/// Reason in the records if the user (or `--duration`) requested the end.
const ON_REQUEST: &str = "on request";
/// Reason of a feed that the user stopped while it waited for its next attempt.
const STOPPED_WAITING: &str = "on request, while waiting to reconnect";

/// Reason in the records if the body of an event stream ended.
const END_OF_STREAM: &str = "the server ended the stream";

/// Minimum length of a connection that delivered nothing. A shorter one counts as one more failed attempt.
const SHORT_CONNECTION: Duration = Duration::from_secs(5);

/// The number of connections in a row that may end with a fault and deliver nothing. The feed fails with the last.
const MOST_DOUBTFUL: u32 = 3;

/// State machine of one feed.
///
/// An input that does not match the state came late or twice, and changes nothing. These rules hold for any sequence
/// of inputs:
///
/// - between two [`Action::Open`] there is an [`Input::Ended`];
/// - a timer runs only in `reconnecting`;
/// - a step enters at most one state, and writes one record for it.
///
/// An [`Action::Open`] precedes the `connecting` record of its connection. Therefore code that numbers records by the
/// newest connection assigns the right number to that record.
#[derive(Debug)]
pub struct Machine {
    rules: LifeRules,
    phase: Phase,
    since: Moment,
    connection: u32,
    attempt: u32,
    reconnects: u64,
    backoff: Backoff,
    /// Connections in a row that ended with a fault and delivered nothing.
    doubtful: u32,
    reason: Option<String>,
    http_status: Option<u16>,
    failure: Option<Failure>,
}

/// A [`ConnectionState`] with the data that exists only in this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Connecting {
        /// Time at which the unanswered request was sent.
        asked_at: Option<Moment>,
        /// True if a request of this attempt was sent, to this URL or to one that redirected here.
        sent: bool,
    },
    Open(Deliveries),
    Reconnecting {
        retry_at: Moment,
    },
    Closing,
    Closed,
    Failed,
}

/// Data that the open connection has delivered so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Deliveries {
    /// A record or a sign of life arrived.
    any: bool,
    /// The server set a reconnection time.
    reconnection_time: bool,
    /// The one requested document is complete.
    whole_document: bool,
}

/// Consequence of an ending, after all limits on reconnections.
enum Next {
    Wait,
    End(EndOutcome),
}

/// Fields of a state record in addition to the counters.
#[derive(Debug, Default)]
struct ChangeDetail {
    delay_ms: Option<u64>,
    status: Option<u16>,
    reason: Option<String>,
}

impl ChangeDetail {
    fn reason(reason: impl Into<String>) -> Self {
        Self {
            reason: Some(reason.into()),
            ..Self::default()
        }
    }
}

impl Machine {
    /// Creates a feed for which no connection was requested yet. `seed` determines only the jitter of its waits.
    pub fn new(rules: LifeRules, seed: u64) -> Self {
        let backoff = Backoff::new(rules.protocol.reconnection_time, seed);
        Self {
            rules,
            phase: Phase::Idle,
            since: Moment::START,
            connection: 0,
            attempt: 0,
            reconnects: 0,
            backoff,
            doubtful: 0,
            reason: None,
            http_status: None,
            failure: None,
        }
    }

    /// Processes one input and appends the requested actions in order.
    pub fn step(&mut self, now: Moment, input: Input, actions: &mut Vec<Action>) {
        match (self.phase, input) {
            (Phase::Idle | Phase::Closed | Phase::Failed, Input::Connect) => {
                self.start(now, actions);
            }
            (Phase::Connecting { .. }, Input::RequestSent) => {
                self.phase = Phase::Connecting {
                    asked_at: Some(now),
                    sent: true,
                };
            }
            (Phase::Connecting { sent, .. }, Input::Redirected) => {
                self.phase = Phase::Connecting {
                    asked_at: None,
                    sent,
                };
            }
            (Phase::Connecting { .. }, Input::Opened { status, detail }) => {
                self.opened(now, status, detail, actions);
            }
            (Phase::Open(deliveries), Input::Delivered) => {
                self.phase = Phase::Open(Deliveries {
                    any: true,
                    ..deliveries
                });
            }
            (Phase::Open(deliveries), Input::ReconnectionTime { ms }) => {
                self.backoff.set_reconnection_time(ms);
                self.phase = Phase::Open(Deliveries {
                    reconnection_time: true,
                    ..deliveries
                });
            }
            // The value applies to the next connection that the user requests.
            (Phase::Closing, Input::ReconnectionTime { ms }) => {
                self.backoff.set_reconnection_time(ms);
            }
            (Phase::Open(deliveries), Input::Finished) => {
                self.phase = Phase::Open(Deliveries {
                    whole_document: true,
                    ..deliveries
                });
            }
            (Phase::Connecting { .. } | Phase::Open(_), Input::Ended(ending)) => {
                self.ended(now, ending, actions);
            }
            (Phase::Connecting { .. } | Phase::Open(_), Input::Disconnect) => {
                self.enter(
                    now,
                    Phase::Closing,
                    ChangeDetail::reason(ON_REQUEST),
                    actions,
                );
                actions.push(Action::Close);
            }
            // A requested end is neutral, even if an error occurs while closing.
            (Phase::Closing, Input::Ended(_)) => {
                self.close(now, ChangeDetail::reason(ON_REQUEST), actions);
            }
            (Phase::Reconnecting { .. }, Input::Disconnect) => {
                actions.push(Action::CancelTimer);
                self.close(now, ChangeDetail::reason(STOPPED_WAITING), actions);
            }
            (Phase::Reconnecting { .. }, Input::RetryNow) => {
                actions.push(Action::CancelTimer);
                self.open(now, actions);
            }
            (Phase::Reconnecting { retry_at }, Input::TimerFired) => {
                if now >= retry_at {
                    self.open(now, actions);
                } else {
                    // The timer belongs to an earlier wait or runs fast. The recorded wait must be kept.
                    actions.push(Action::SetTimer(retry_at));
                }
            }
            // Any other input came late or twice.
            _ => {}
        }
    }

    /// State of the feed.
    pub fn state(&self) -> ConnectionState {
        match self.phase {
            Phase::Idle => ConnectionState::Idle,
            Phase::Connecting { .. } => ConnectionState::Connecting,
            Phase::Open(_) => ConnectionState::Open,
            Phase::Reconnecting { .. } => ConnectionState::Reconnecting,
            Phase::Closing => ConnectionState::Closing,
            Phase::Closed => ConnectionState::Closed,
            Phase::Failed => ConnectionState::Failed,
        }
    }

    /// Time at which the feed entered its state.
    pub fn since(&self) -> Moment {
        self.since
    }

    /// Number of the newest connection; 0 before the first.
    pub fn connection(&self) -> u32 {
        self.connection
    }

    /// Number of the attempt that is waited for, running or complete. It counts from 1 since the feed was last open or
    /// since the user last requested a connection. It is 0 before the first attempt.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Total number of reconnections so far, including the one that is waited for.
    pub fn reconnects(&self) -> u64 {
        self.reconnects
    }

    /// End of the wait in `reconnecting`; `None` in every other state.
    pub fn retry_at(&self) -> Option<Moment> {
        match self.phase {
            Phase::Reconnecting { retry_at } => Some(retry_at),
            _ => None,
        }
    }

    /// Time at which the unanswered request was sent. It is `None` before the request and after the answer.
    pub fn asked_at(&self) -> Option<Moment> {
        match self.phase {
            Phase::Connecting { asked_at, .. } => asked_at,
            _ => None,
        }
    }

    /// Reason for the state, from the record of the state.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// HTTP status of the answer to the newest attempt.
    pub fn http_status(&self) -> Option<u16> {
        self.http_status
    }

    /// Last failure. It is cleared when the feed is open again or ends in order.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Starts a new series of attempts at the user's request. Only the total of reconnections and the reconnection time
    /// of the server are kept.
    fn start(&mut self, now: Moment, actions: &mut Vec<Action>) {
        self.backoff.reset();
        self.doubtful = 0;
        self.attempt = 1;
        self.failure = None;
        self.open(now, actions);
    }

    fn open(&mut self, now: Moment, actions: &mut Vec<Action>) {
        self.connection = self.connection.saturating_add(1);
        self.http_status = None;
        // The action precedes the record; see [`Machine`].
        actions.push(Action::Open {
            connection: self.connection,
        });
        let phase = Phase::Connecting {
            asked_at: None,
            sent: false,
        };
        self.enter(now, phase, ChangeDetail::default(), actions);
    }

    fn opened(
        &mut self,
        now: Moment,
        status: u16,
        detail: Option<String>,
        actions: &mut Vec<Action>,
    ) {
        self.http_status = Some(status);
        self.failure = None;
        self.enter(
            now,
            Phase::Open(Deliveries::default()),
            ChangeDetail {
                status: Some(status),
                reason: detail,
                ..ChangeDetail::default()
            },
            actions,
        );
    }

    /// Processes an ending that nobody requested.
    fn ended(&mut self, now: Moment, ending: Ending, actions: &mut Vec<Action>) {
        let ending = ending.normalized(&self.rules.protocol);
        let verdict = self.verdict(&ending);
        if self.resets_doubling(now, &ending) {
            self.backoff.reset();
        }
        self.count_doubtful(&ending);
        let (mut reason, failure) = explained(ending);
        let next = match verdict {
            Verdict::Reconnect { or_else } if !self.has_reconnects_left() => Next::End(or_else),
            Verdict::Reconnect { or_else } if self.doubtful >= MOST_DOUBTFUL => {
                reason.push_str(DOUBTFUL_NOTE);
                Next::End(or_else)
            }
            Verdict::Reconnect { or_else } => match self.spent_method() {
                None => Next::Wait,
                Some(method) => {
                    // After an end in order, a hint about repeating the request has no use.
                    if or_else == EndOutcome::Failed {
                        reason.push_str(&sent_once_note(method));
                    }
                    Next::End(or_else)
                }
            },
            Verdict::End(outcome) => Next::End(outcome),
        };
        let status = failure.as_ref().and_then(Failure::status);
        let detail = ChangeDetail {
            status,
            ..ChangeDetail::reason(reason)
        };
        // An ending without a status keeps the status of the answer.
        self.http_status = status.or(self.http_status);
        self.failure = failure;
        match next {
            Next::Wait => self.wait(now, detail, actions),
            Next::End(EndOutcome::Closed) => self.close(now, detail, actions),
            Next::End(EndOutcome::Failed) => self.enter(now, Phase::Failed, detail, actions),
        }
    }

    /// Returns the verdict of the policy, unless the complete document has arrived.
    fn verdict(&self, ending: &Ending) -> Verdict {
        match (self.phase, ending) {
            (Phase::Open(deliveries), Ending::EndOfStream) if deliveries.whole_document => {
                Verdict::End(EndOutcome::Closed)
            }
            _ => self.rules.policy.verdict(&self.rules.protocol, ending),
        }
    }

    /// Returns true if the ended connection was useful enough to restart the doubling of the waits.
    fn resets_doubling(&self, now: Moment, ending: &Ending) -> bool {
        let Phase::Open(deliveries) = self.phase else {
            return false;
        };
        // The server has set the expected wait, so that a doubled one would be wrong.
        if deliveries.reconnection_time {
            return true;
        }
        let was_useful = deliveries.any || now.since(self.since) >= SHORT_CONNECTION;
        was_useful && !ending.sends_away()
    }

    /// Counts the connections in a row that ended with a fault and delivered nothing.
    fn count_doubtful(&mut self, ending: &Ending) {
        let delivered = matches!(self.phase, Phase::Open(Deliveries { any: true, .. }));
        self.doubtful = if ending.is_doubtful() && !delivered {
            self.doubtful.saturating_add(1)
        } else {
            0
        };
    }

    /// Returns the method of this attempt's request if it must not be sent again, because the server may have acted on
    /// it.
    fn spent_method(&self) -> Option<&str> {
        let sent = match self.phase {
            Phase::Connecting { sent, .. } => sent,
            _ => true,
        };
        self.rules.sent_once.as_deref().filter(|_| sent)
    }

    fn has_reconnects_left(&self) -> bool {
        self.rules
            .max_reconnects
            .is_none_or(|most| self.reconnects < most)
    }

    /// Begins a reconnection, which starts with a wait.
    fn wait(&mut self, now: Moment, detail: ChangeDetail, actions: &mut Vec<Action>) {
        // A lost open connection starts a new count of attempts.
        self.attempt = if matches!(self.phase, Phase::Open(_)) {
            1
        } else {
            self.attempt.saturating_add(1)
        };
        self.reconnects = self.reconnects.saturating_add(1);
        let retry_after = self.failure.as_ref().and_then(Failure::retry_after);
        let delay_ms = self.backoff.next_delay(retry_after.unwrap_or_default());
        let retry_at = now + Duration::from_millis(delay_ms);
        let detail = ChangeDetail {
            delay_ms: Some(delay_ms),
            ..detail
        };
        self.enter(now, Phase::Reconnecting { retry_at }, detail, actions);
        actions.push(Action::SetTimer(retry_at));
    }

    fn close(&mut self, now: Moment, detail: ChangeDetail, actions: &mut Vec<Action>) {
        self.failure = None;
        self.enter(now, Phase::Closed, detail, actions);
    }

    /// Enters a state and appends its record.
    fn enter(
        &mut self,
        now: Moment,
        phase: Phase,
        detail: ChangeDetail,
        actions: &mut Vec<Action>,
    ) {
        self.phase = phase;
        self.since = now;
        self.reason.clone_from(&detail.reason);
        let state = self.state();
        let counted = matches!(
            state,
            ConnectionState::Connecting | ConnectionState::Reconnecting
        );
        actions.push(Action::Record(StateChange {
            state,
            attempt: counted.then_some(self.attempt),
            reconnects: counted.then_some(self.reconnects),
            delay_ms: detail.delay_ms,
            status: detail.status,
            reason: detail.reason,
        }));
    }
}

/// End of the reason where a fault came too often in a row.
const DOUBTFUL_NOTE: &str =
    "; three connections in a row ended with such a fault and delivered nothing";

/// End of the reason if a reconnection was refused because the request is sent only once.
fn sent_once_note(method: &str) -> String {
    format!(
        "; the {method} request is sent only once: Connect in the window sends it again, and --resend sends it again on every reconnection"
    )
}

/// Returns the sentence for an ending, and the failure that caused it, if any.
fn explained(ending: Ending) -> (String, Option<Failure>) {
    let failure = match ending {
        Ending::EndOfStream => return (END_OF_STREAM.to_owned(), None),
        Ending::ClosedByUs => return (ON_REQUEST.to_owned(), None),
        Ending::ClosedByPeer { code, reason } => Failure::ClosedByPeer { code, reason },
        Ending::Failed(failure) => failure,
    };
    (failure.to_string(), Some(failure))
}
