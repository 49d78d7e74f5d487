//! Demo server as the window shows it: plain values, collected once a pass. The user's requests go out as
//! [`DemoCommand`]s.

use std::time::Duration;

use feedscope_analysis::ticks::TickLatency;
use feedscope_core::Timestamp;

use crate::ids::PaneId;

/// Demo server in one pass.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DemoScene {
    /// Host and port of its HTTP side, such as `127.0.0.1:41270`.
    pub address: String,
    /// The user has hidden the demo's strip and panel.
    pub hidden: bool,
    /// The user has dismissed the tour, so that it does not open by itself.
    pub tour_dismissed: bool,
    /// Remaining time in which the server refuses connections.
    pub refusing_for: Option<Duration>,
    /// All its streams are held back.
    pub stalled: bool,
    /// Pane that shows a flood.
    pub flooded: Option<PaneId>,
    /// Names of its feeds.
    pub feeds: Vec<String>,
    /// Faults that can be switched on.
    pub faults: Vec<OfferedFault>,
    /// Faults that are on.
    pub active: Vec<ActiveFault>,
    /// Clients in the order of their connections. The list is filled only while it is visible.
    pub clients: Vec<ClientScene>,
    /// Comparison of the same ticks over both protocols. It is filled only while it is visible.
    pub comparison: DemoComparison,
}

/// Fault that can be switched on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedFault {
    /// Name, as on the command line.
    pub name: String,
    /// Reaction of a well-behaved client, as a sentence.
    pub expectation: &'static str,
}

/// Fault that is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveFault {
    /// Name, as on the command line.
    pub name: String,
    /// Feed with the fault; `None` stands for all feeds.
    pub feed: Option<String>,
}

/// Client of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientScene {
    /// Address of the client.
    pub address: String,
    /// Name of the feed that it reads.
    pub feed: String,
    /// Time of its connection.
    pub since: Timestamp,
    /// Bytes sent to it so far, including framing.
    pub sent: u64,
    /// Bytes that wait to be sent to it.
    pub waiting: u64,
}

/// Measurements of the same ticks over both protocols.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DemoComparison {
    /// `/events`, over Server-Sent Events.
    pub event_stream: MeasuredFeed,
    /// `/ticker`, over WebSocket.
    pub web_socket: MeasuredFeed,
}

/// Measurements of one feed. `None` means that the value is not known yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeasuredFeed {
    /// A pane shows the feed.
    pub shown: bool,
    /// Mean bytes of a message on the wire, including framing.
    pub wire_bytes: Option<f64>,
    /// Mean bytes of a message's payload.
    pub payload_bytes: Option<f64>,
    /// Time from the tick's timestamp to its arrival, over the newest ticks.
    pub latency: Option<TickLatency>,
    /// Messages per second.
    pub per_second: f64,
    /// Number of lost connections.
    pub drops: u64,
    /// Duration of the newest loss until the feed was open again.
    pub recovery: Option<Duration>,
    /// Number of ticks that were skipped.
    pub lost: u64,
    /// Number of ticks that arrived again.
    pub repeated: u64,
    /// Number of ticks received, not counting repeated ones.
    pub received: u64,
}

/// Request of the user to the demo server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DemoCommand {
    /// Cuts every connection.
    Drop,
    /// Cuts every connection and accepts none for this time.
    Refuse(Duration),
    /// Holds all streams back, or lets them continue.
    Stall(bool),
    /// Points this pane to a flood; `None` points the flooded pane back to its former feed.
    Flood(Option<PaneId>),
    /// Sends a greeting in the chat, in the pane that shows it or else in the last one.
    Hello,
    /// Opens the same ticks over both protocols in the first two panes.
    Compare,
    /// Opens the ticker and the chat in the first two panes.
    Usual,
    /// Switches a fault on or off.
    Fault {
        /// Name of the fault.
        name: String,
        /// Name of the feed; `None` stands for all feeds.
        feed: Option<String>,
        /// The fault is to be on.
        on: bool,
    },
    /// Switches every fault off.
    ClearFaults,
    /// Sets whether the tour opens by itself when the demo starts. The settings store it.
    TourAtStart(bool),
    /// Shows the server's strip, or hides it for this run.
    Show(bool),
}
