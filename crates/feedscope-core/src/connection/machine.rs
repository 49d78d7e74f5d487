//! The state machine of one feed: the one place where a feed's state changes. It holds no record and no payload, and
//! opens, closes and waits for nothing itself.

use std::time::Duration;

use super::backoff::Backoff;
use super::policy::{Outcome, Verdict};
use super::{Action, ConnectionState, Ending, Failure, Input, LifeRules, StateChange};
use crate::time::Moment;

/// What the records say where the user (or `--duration`) asked for the end.
const ON_REQUEST: &str = "on request";

/// What the records say where an event stream's body ended.
const END_OF_STREAM: &str = "the server ended the stream";

/// A connection that ended sooner and delivered nothing counts as one more failed attempt.
const SHORT_CONNECTION: Duration = Duration::from_secs(5);

/// The state machine of one feed.
///
/// An input that does not fit the state, because it came late or twice, changes nothing. What holds whatever comes in:
///
/// - between two [`Action::Open`] there is an [`Input::Ended`];
/// - a timer runs in `reconnecting` and in no other state;
/// - a step enters at most one state, and writes one record for it.
///
/// An [`Action::Open`] stands before the `connecting` record of the connection that it begins, so that whoever numbers
/// records by the newest connection numbers that one right.
#[derive(Debug)]
pub struct Machine {
    rules: LifeRules,
    phase: Phase,
    since: Moment,
    connection: u32,
    attempt: u32,
    reconnects: u64,
    backoff: Backoff,
    reason: Option<String>,
    http_status: Option<u16>,
    failure: Option<Failure>,
}

/// A [`ConnectionState`] with what is only true in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Connecting {
        /// Time at which the request was sent that has no answer yet.
        asked_at: Option<Moment>,
        /// A request of this attempt was sent, to this URL or to one that redirected here.
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

/// What the open connection brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Deliveries {
    /// A record or a sign of life.
    any: bool,
    /// A reconnection time of the server's own.
    reconnection_time: bool,
    /// The end of the one document that was asked for.
    whole_document: bool,
}

/// Consequence of an ending, after every limit on reconnections.
enum Next {
    Wait,
    End(Outcome),
}

/// What a record says about a state besides the counters.
#[derive(Debug, Default)]
struct Told {
    delay_ms: Option<u64>,
    status: Option<u16>,
    reason: Option<String>,
}

impl Told {
    fn reason(reason: impl Into<String>) -> Self {
        Self {
            reason: Some(reason.into()),
            ..Self::default()
        }
    }
}

impl Machine {
    /// A feed that was never asked to connect. `seed` chooses the jitter of its waits and nothing else.
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
            reason: None,
            http_status: None,
            failure: None,
        }
    }

    /// Takes one input in and appends what is to be done, in order.
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
            // The next connection that the user asks for keeps to it.
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
                self.enter(now, Phase::Closing, Told::reason(ON_REQUEST), actions);
                actions.push(Action::Close);
            }
            // Whatever went wrong on the way out: an end that was asked for is neutral.
            (Phase::Closing, Input::Ended(_)) => self.close(now, Told::reason(ON_REQUEST), actions),
            (Phase::Reconnecting { .. }, Input::Disconnect) => {
                actions.push(Action::CancelTimer);
                self.close(now, Told::reason(ON_REQUEST), actions);
            }
            (Phase::Reconnecting { .. }, Input::RetryNow) => {
                actions.push(Action::CancelTimer);
                self.open(now, actions);
            }
            (Phase::Reconnecting { retry_at }, Input::TimerFired) => {
                if now >= retry_at {
                    self.open(now, actions);
                } else {
                    // A timer of an earlier wait, or one that runs fast: the wait told is the wait kept.
                    actions.push(Action::SetTimer(retry_at));
                }
            }
            _ => {}
        }
    }

    /// Where the feed stands.
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

    /// When it entered that state.
    pub fn since(&self) -> Moment {
        self.since
    }

    /// The number of its newest connection; 0 before the first.
    pub fn connection(&self) -> u32 {
        self.connection
    }

    /// The number of the try that is waited for, under way or done, counted from 1 since the feed was last open or the
    /// user last asked to connect; 0 before the first.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Reconnections so far, in total, the one that is waited for included.
    pub fn reconnects(&self) -> u64 {
        self.reconnects
    }

    /// When the wait of `reconnecting` ends; `None` in every other state.
    pub fn retry_at(&self) -> Option<Moment> {
        match self.phase {
            Phase::Reconnecting { retry_at } => Some(retry_at),
            _ => None,
        }
    }

    /// Time at which the request was sent whose answer is awaited; `None` before it, and once there is an answer.
    pub fn asked_at(&self) -> Option<Moment> {
        match self.phase {
            Phase::Connecting { asked_at, .. } => asked_at,
            _ => None,
        }
    }

    /// Why it is in this state, in words: what the state's record said.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// The HTTP status that the newest attempt was answered with.
    pub fn http_status(&self) -> Option<u16> {
        self.http_status
    }

    /// What last went wrong, until the feed is open again or ends in order.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The user wants it connected: a new beginning for everything but the total of reconnections and what the server
    /// said about the reconnection time.
    fn start(&mut self, now: Moment, actions: &mut Vec<Action>) {
        self.backoff.reset();
        self.attempt = 1;
        self.failure = None;
        self.open(now, actions);
    }

    fn open(&mut self, now: Moment, actions: &mut Vec<Action>) {
        self.connection = self.connection.saturating_add(1);
        self.http_status = None;
        actions.push(Action::Open {
            connection: self.connection,
        });
        let phase = Phase::Connecting {
            asked_at: None,
            sent: false,
        };
        self.enter(now, phase, Told::default(), actions);
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
            Told {
                status: Some(status),
                reason: detail,
                ..Told::default()
            },
            actions,
        );
    }

    /// An attempt or a connection ended without having been asked to.
    fn ended(&mut self, now: Moment, ending: Ending, actions: &mut Vec<Action>) {
        let ending = ending.normalized(&self.rules.protocol);
        let verdict = self.verdict(&ending);
        if self.resets_doubling(now, &ending) {
            self.backoff.reset();
        }
        let (mut reason, failure) = explained(ending);
        let next = match verdict {
            Verdict::Reconnect { or_else } if !self.has_reconnects_left() => Next::End(or_else),
            Verdict::Reconnect { or_else } => match self.spent_method() {
                None => Next::Wait,
                Some(method) => {
                    if or_else == Outcome::Failed {
                        reason.push_str(&sent_once_note(method));
                    }
                    Next::End(or_else)
                }
            },
            Verdict::End(outcome) => Next::End(outcome),
        };
        let status = failure.as_ref().and_then(Failure::status);
        let told = Told {
            status,
            ..Told::reason(reason)
        };
        self.http_status = status.or(self.http_status);
        self.failure = failure;
        match next {
            Next::Wait => self.wait(now, told, actions),
            Next::End(Outcome::Closed) => self.close(now, told, actions),
            Next::End(Outcome::Failed) => self.enter(now, Phase::Failed, told, actions),
        }
    }

    /// The policy's verdict, unless the feed has brought all that was asked for.
    fn verdict(&self, ending: &Ending) -> Verdict {
        match (self.phase, ending) {
            (Phase::Open(deliveries), Ending::EndOfStream) if deliveries.whole_document => {
                Verdict::End(Outcome::Closed)
            }
            _ => self.rules.policy.verdict(&self.rules.protocol, ending),
        }
    }

    /// Returns true where the connection that ends was good enough for the next wait to be the first one again.
    fn resets_doubling(&self, now: Moment, ending: &Ending) -> bool {
        let Phase::Open(deliveries) = self.phase else {
            return false;
        };
        // The server has named the wait that it expects, so that doubling it would only be wrong.
        if deliveries.reconnection_time {
            return true;
        }
        let was_useful = deliveries.any || now.since(self.since) >= SHORT_CONNECTION;
        was_useful && !ending.sends_away()
    }

    /// Method of this attempt's request, where the server may have acted on it and it must not be sent again.
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

    /// A reconnection begins with its wait.
    fn wait(&mut self, now: Moment, told: Told, actions: &mut Vec<Action>) {
        self.attempt = if matches!(self.phase, Phase::Open(_)) {
            1
        } else {
            self.attempt.saturating_add(1)
        };
        self.reconnects = self.reconnects.saturating_add(1);
        let retry_after = self.failure.as_ref().and_then(Failure::retry_after);
        let delay_ms = self.backoff.next_delay(retry_after.unwrap_or_default());
        let retry_at = now + Duration::from_millis(delay_ms);
        let told = Told {
            delay_ms: Some(delay_ms),
            ..told
        };
        self.enter(now, Phase::Reconnecting { retry_at }, told, actions);
        actions.push(Action::SetTimer(retry_at));
    }

    fn close(&mut self, now: Moment, told: Told, actions: &mut Vec<Action>) {
        self.failure = None;
        self.enter(now, Phase::Closed, told, actions);
    }

    /// Enters a state and writes its record.
    fn enter(&mut self, now: Moment, phase: Phase, told: Told, actions: &mut Vec<Action>) {
        self.phase = phase;
        self.since = now;
        self.reason.clone_from(&told.reason);
        let state = self.state();
        let counted = matches!(
            state,
            ConnectionState::Connecting | ConnectionState::Reconnecting
        );
        actions.push(Action::Record(StateChange {
            state,
            attempt: counted.then_some(self.attempt),
            reconnects: counted.then_some(self.reconnects),
            delay_ms: told.delay_ms,
            status: told.status,
            reason: told.reason,
        }));
    }
}

/// End of the reason where a reconnection was refused because the request is sent only once.
fn sent_once_note(method: &str) -> String {
    format!(
        "; the {method} request is sent only once: Connect in the window sends it again, and --resend sends it again on every reconnection"
    )
}

/// The sentence for an ending, and the failure behind it where there is one.
fn explained(ending: Ending) -> (String, Option<Failure>) {
    let failure = match ending {
        Ending::EndOfStream => return (END_OF_STREAM.to_owned(), None),
        Ending::ClosedByUs => return (ON_REQUEST.to_owned(), None),
        Ending::ClosedByPeer { code, reason } => Failure::ClosedByPeer { code, reason },
        Ending::Failed(failure) => failure,
    };
    (failure.to_string(), Some(failure))
}
