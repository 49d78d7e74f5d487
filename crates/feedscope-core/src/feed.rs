//! Input of a feed ([`FeedSpec`], [`FeedCommand`]) and its output besides records ([`FeedStatus`]).
//!
//! These types are plain values. The window edits them, the network code executes them, and neither depends on the
//! other.

mod host_override;
mod options;
mod outgoing;
mod spec;

pub use host_override::HostOverride;
pub use options::{
    HttpChanges, HttpOptions, KeepingChanges, KeepingOptions, LifeChanges, LifeOptions,
    ReadingChanges, ReadingOptions, Resend, TransportChanges, TransportOptions, WebSocketChanges,
    WebSocketOptions,
};
pub use outgoing::Outgoing;
pub use spec::{FeedSpec, SpecChanges};

use std::sync::Arc;
use std::time::Duration;

use crate::connection::{Advice, ConnectionState};
use crate::decode::Traffic;
use crate::second_opinion::Opinion;
use crate::time::Moment;

/// User's request to a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedCommand {
    /// Connect, unless a connection exists.
    Connect,
    /// End the feed in order and keep its records. During a wait, `Stop` also sends this command.
    Disconnect,
    /// End the current wait early.
    RetryNow,
    /// Send this item, or queue it while the feed is not open.
    Send(Outgoing),
    /// Remove the queued message with this number.
    GiveUp(u64),
}

/// Message that waits for the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMessage {
    /// Number of the message, unique within the feed.
    pub number: u64,
    /// Item to be sent. It is shared, because a status is copied often and a message may be long.
    pub message: Arc<Outgoing>,
}

/// Traffic of a WebSocket in both directions: its frames, and the effect of compression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WireTraffic {
    /// Received traffic.
    pub received: Traffic,
    /// Traffic that was passed to the socket.
    pub sent: Traffic,
}

/// Current status of a feed, in addition to its records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeedStatus {
    /// State of its connection.
    pub state: ConnectionState,
    /// Time at which it entered that state.
    pub since: Moment,
    /// Number of its newest connection; 0 before the first.
    pub connection: u32,
    /// Time at which the unanswered request was sent.
    pub asked_at: Option<Moment>,
    /// Number of attempts since it was last open, from 1.
    pub attempt: u32,
    /// Total number of reconnections so far.
    pub reconnects: u64,
    /// End of the wait in `reconnecting`.
    pub retry_at: Option<Moment>,
    /// Reason for the state, as a sentence.
    pub reason: Option<String>,
    /// Advice on the newest failure; `None` if nothing failed.
    pub advice: Option<Advice>,
    /// HTTP status of the newest answer.
    pub http_status: Option<u16>,
    /// Last event ID in force.
    pub last_event_id: String,
    /// Newest round-trip time.
    pub rtt: Option<Duration>,
    /// Subprotocol in use.
    pub subprotocol: Option<String>,
    /// True if the newest answer was read by lines, and not as an event stream.
    pub reads_lines: bool,
    /// Properties of the open connection, as names and values for people, in the order of display: `HTTP version`,
    /// `remote address` or `socket`, `proxy`, `certificate`, `subprotocol`, `extensions`, `format`,
    /// `engine`. Only known properties are listed, and none while the feed is not open.
    pub negotiated: Vec<(String, String)>,
    /// Traffic of the open WebSocket so far. It is `None` for event streams, while the feed is not open, and if the
    /// engine does not report it.
    pub wire: Option<WireTraffic>,
    /// Result of the comparison with another engine, if the user requested it.
    pub second_opinion: Option<Opinion>,
    /// Number of records that resumes lost so far; `None` until the ids allow a count.
    pub missed: Option<u64>,
    /// Number of records that resumes repeated so far.
    pub repeated: Option<u64>,
    /// Messages that wait for the connection, oldest first.
    pub queue: Arc<[QueuedMessage]>,
}
