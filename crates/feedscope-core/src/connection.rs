//! A feed's life: the state machine that decides every transition, without I/O and without a clock.
//!
//! [`Input`]s and `now` come in, [`Action`]s come out, and the network code only executes them (design section 3).
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
mod failure;
mod http_status;
mod machine;
mod policy;
mod protocol_rules;

use serde::{Deserialize, Serialize};

pub use advice::Advice;
pub use awaited::{SLOW_ANSWER, awaited_answer, slow_answer_cause};
pub use backoff::{LONGEST_DELAY, LONGEST_WAIT, SHORTEST_DELAY};
pub use failure::{CertificateProblem, Challenge, Failure, Wait};
pub use http_status::reason_phrase;
pub use machine::Machine;
pub use policy::ReconnectPolicy;
pub use protocol_rules::ProtocolRules;

use crate::time::Moment;

/// Where a feed's connection stands. The same words for people and for machines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConnectionState {
    /// Never asked to connect. Never written as a record.
    #[default]
    Idle,
    /// An attempt to open is under way.
    Connecting,
    /// Open: records arrive.
    Open,
    /// Waiting before the next attempt.
    Reconnecting,
    /// The closing handshake is under way.
    Closing,
    /// Ended in order, or because the user asked for it.
    Closed,
    /// Ended for a reason that someone has to act on.
    Failed,
}

impl ConnectionState {
    /// The word that the window and JSON lines use.
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

    /// Whether an attempt, a connection or a wait is alive, so that there is something to disconnect.
    pub fn is_live(self) -> bool {
        matches!(
            self,
            Self::Connecting | Self::Open | Self::Reconnecting | Self::Closing
        )
    }
}

/// One transition, as the timeline and JSON lines tell it (design section 4, kind `state`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateChange {
    /// The state entered.
    pub state: ConnectionState,
    /// Tries since the feed was last open, from 1; on `connecting` and `reconnecting`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Reconnections so far, in total; on `connecting` and `reconnecting`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reconnects: Option<u64>,
    /// The wait that has begun, in milliseconds; on `reconnecting`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// The HTTP status; on `open` and on refusals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a feed's life depends on and does not change during it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifeRules {
    /// The rules that differ between protocols.
    pub protocol: ProtocolRules,
    /// Which endings are retried.
    pub policy: ReconnectPolicy,
    /// How many reconnections in total; `None` is without end.
    pub max_reconnects: Option<u64>,
    /// Method of a request that is sent once, because a repetition may have an effect of its own (RFC 9110 9.2.2);
    /// `None` for a request that every reconnection repeats.
    pub sent_once: Option<String>,
}

/// How an attempt or a connection came to its end. Nothing of it lives any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The event stream's body ended in order.
    EndOfStream,
    /// The peer sent a close frame and the closing handshake was made.
    ClosedByPeer {
        /// The close code; 1005 where there was none.
        code: u16,
        /// The close reason.
        reason: String,
    },
    /// We closed it, as [`Action::Close`] asked.
    ClosedByUs,
    /// Anything else.
    Failed(Failure),
}

/// What the machine is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The user wants the feed connected. Does nothing while one lives.
    Connect,
    /// The user wants it to end: a neutral close. Also what `Stop` during a wait means.
    Disconnect,
    /// The user does not want to wait any longer.
    RetryNow,
    /// A connection to the server exists and takes the request of this attempt. From here on the server may act on it.
    RequestSent,
    /// The answer to the request was a redirect: the attempt goes on with a connection to another URL.
    Redirected,
    /// The attempt succeeded, with this HTTP status (200 or 101).
    Opened {
        /// The HTTP status.
        status: u16,
        /// What else is worth saying, such as the subprotocol chosen; becomes the `reason` of the `open` record.
        detail: Option<String>,
    },
    /// The open connection delivered something.
    Delivered,
    /// Everything that was asked for has arrived, such as the whole answer of a language model. If the server then ends
    /// the stream, the feed is closed and not requested again.
    Finished,
    /// The server set the reconnection time (HTML 9.2.6, field `retry`).
    ReconnectionTime {
        /// Milliseconds, saturated.
        ms: u64,
    },
    /// The attempt or connection that the last [`Action::Open`] began is over.
    Ended(Ending),
    /// The time that the last [`Action::SetTimer`] asked for has come.
    TimerFired,
}

/// What the machine wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Begin an attempt. Answered by [`Input::Opened`] or [`Input::Ended`].
    Open {
        /// The feed's connections are numbered from 1; a failed attempt uses up its number.
        connection: u32,
    },
    /// End the attempt or connection that lives, in order (a closing handshake where there is one), within a few
    /// seconds. Answered by [`Input::Ended`].
    Close,
    /// Write this into the timeline.
    Record(StateChange),
    /// Send [`Input::TimerFired`] at this moment; replaces an earlier one.
    SetTimer(Moment),
    /// Forget the timer.
    CancelTimer,
}
