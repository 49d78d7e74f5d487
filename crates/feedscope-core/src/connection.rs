//! Connection life of a feed. The state machine makes every transition, without I/O and without a clock.
//!
//! The caller passes [`Input`]s and the time `now`. The machine returns [`Action`]s, and the network code only executes
//! them.
//!
//! ```
//! use feedscope_core::connection::{
//!     Action, ConnectionState, Ending, Input, LifeRules, Machine, ProtocolRules, ReconnectPolicy,
//! };
//! use feedscope_core::time::Moment;
//!
//! let rules = LifeRules {
//!     protocol: ProtocolRules::EVENT_STREAM,
//!     policy: ReconnectPolicy::Persistent,
//!     max_reconnects: None,
//!     sent_once: None,
//! };
//! let mut machine = Machine::new(rules, 42);
//! let mut actions = Vec::new();
//! machine.step(Moment::START, Input::Connect, &mut actions);
//! assert_eq!(actions[0], Action::Open { connection: 1 });
//! machine.step(Moment::from_millis(5), Input::Opened { status: 200, detail: None }, &mut actions);
//! machine.step(Moment::from_millis(900), Input::Ended(Ending::EndOfStream), &mut actions);
//! assert_eq!(machine.state(), ConnectionState::Reconnecting);
//! assert!(machine.retry_at() >= Some(Moment::from_millis(900 + 3_000)));
//! ```

mod advice;
mod awaited;
mod backoff;
mod ending;
mod failure;
mod http_status;
mod machine;
mod policy;
mod protocol_rules;

use serde::{Deserialize, Serialize};

pub use advice::Advice;
pub use awaited::{SLOW_ANSWER, awaited_answer, slow_answer_cause};
pub use backoff::{LONGEST_DELAY, LONGEST_WAIT, SHORTEST_DELAY};
pub use ending::Ending;
pub use failure::{
    CertificateProblem, Challenge, Failure, Http2Error, Http2Origin, Wait, is_page, without_remarks,
};
pub use http_status::reason_phrase;
pub use machine::Machine;
pub use policy::ReconnectPolicy;
pub use protocol_rules::ProtocolRules;

use crate::time::Moment;

/// State of a feed's connection. People and machines see the same words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConnectionState {
    /// No connection was ever requested. A record with this state stands between two recordings of a feed: nothing is known
    /// of the time between them.
    #[default]
    Idle,
    /// An attempt to connect is running.
    Connecting,
    /// The connection is open and records arrive.
    Open,
    /// The feed waits before the next attempt.
    Reconnecting,
    /// The closing handshake is running.
    Closing,
    /// The connection ended in order, or because the user requested it.
    Closed,
    /// The connection ended for a reason that requires an action by a person.
    Failed,
}

impl ConnectionState {
    /// Word for the state in the window and in JSON lines.
    pub fn word(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Connecting => "connecting",
            Self::Open => "open",
            Self::Reconnecting => "reconnecting",
            Self::Closing => "closing",
            Self::Closed => "closed",
            Self::Failed => "failed",
        }
    }

    /// Returns true while an attempt, a connection or a wait exists that the user can end.
    pub fn is_live(self) -> bool {
        matches!(
            self,
            Self::Connecting | Self::Open | Self::Reconnecting | Self::Closing
        )
    }
}

/// One transition, with the fields of a record of kind `state` in the timeline and in JSON lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateChange {
    /// New state.
    pub state: ConnectionState,
    /// Number of attempts since the feed was last open, from 1; on `connecting` and `reconnecting`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Total number of reconnections so far; on `connecting` and `reconnecting`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reconnects: Option<u64>,
    /// Length of the wait that has begun, in milliseconds; on `reconnecting`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// HTTP status; on `open` and on refusals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Reason for the transition, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl StateChange {
    /// Returns the transition to a state, without any details.
    pub fn to(state: ConnectionState) -> Self {
        Self {
            state,
            attempt: None,
            reconnects: None,
            delay_ms: None,
            status: None,
            reason: None,
        }
    }
}

/// Settings for the life of a feed. They do not change during it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifeRules {
    /// Rules that differ between protocols.
    pub protocol: ProtocolRules,
    /// Policy that selects the endings after which the feed reconnects.
    pub policy: ReconnectPolicy,
    /// Limit on the total number of reconnections; `None` for no limit.
    pub max_reconnects: Option<u64>,
    /// Method of a request that is sent only once, because a repetition may have another effect (RFC 9110 9.2.2). It is
    /// `None` for a request that every reconnection repeats.
    pub sent_once: Option<String>,
}

/// Event that the state machine processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The user requests a connection. It has no effect while one exists.
    Connect,
    /// The user requests the end of the feed, which is a neutral close. During a wait, `Stop` has the same effect.
    Disconnect,
    /// The user ends the current wait early.
    RetryNow,
    /// A connection to the server exists and receives the request of this attempt. From here on, the server may act on
    /// the request.
    RequestSent,
    /// The answer to the request was a redirect. The attempt continues with a connection to another URL.
    Redirected,
    /// The attempt succeeded, with this HTTP status (200 or 101).
    Opened {
        /// HTTP status.
        status: u16,
        /// Additional information, such as the selected subprotocol. It becomes the `reason` of the `open` record.
        detail: Option<String>,
    },
    /// The open connection delivered a record or a sign of life.
    Delivered,
    /// All requested data has arrived, such as the complete answer of a language model. If the server then ends the
    /// stream, the feed is closed and does not reconnect.
    Finished,
    /// The server set the reconnection time (HTML 9.2.6, field `retry`).
    ReconnectionTime {
        /// Reconnection time in milliseconds, saturated.
        ms: u64,
    },
    /// The attempt or connection that the last [`Action::Open`] began has ended.
    Ended(Ending),
    /// The time of the last [`Action::SetTimer`] has come.
    TimerFired,
}

/// Work that the machine requests from its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Begin an attempt. The caller reports the result with [`Input::Opened`] or [`Input::Ended`].
    Open {
        /// Number of the connection, from 1. A failed attempt uses up its number.
        connection: u32,
    },
    /// End the current attempt or connection in order and within a few seconds, with a closing handshake where the
    /// protocol has one. The caller reports the end with [`Input::Ended`].
    Close,
    /// Append this transition to the timeline.
    Record(StateChange),
    /// Send [`Input::TimerFired`] at this moment. It replaces an earlier timer.
    SetTimer(Moment),
    /// Cancel the timer.
    CancelTimer,
}
