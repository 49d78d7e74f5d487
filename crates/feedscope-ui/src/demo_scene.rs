//! The embedded demo server as the window shows it: plain values, taken once a pass. They are shown and never reckoned
//! with; what the user wants of the server goes out as a [`DemoCommand`].

use std::time::Duration;

use feedscope_core::Timestamp;

use super::PaneId;

/// The demo server in one pass.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DemoScene {
    /// Host and port of its HTTP side, such as `127.0.0.1:41270`.
    pub address: String,
    /// Taken off the screen by the user.
    pub hidden: bool,
    /// The user does not want the tour to open by itself.
    pub tour_dismissed: bool,
    /// For how long it still refuses connections.
    pub refusing_for: Option<Duration>,
    /// Whether all its streams are held back.
    pub stalled: bool,
    /// The pane that is flooded.
    pub flooded: Option<PaneId>,
    /// The names of its feeds.
    pub feeds: Vec<String>,
    /// Everything that it can do wrong.
    pub faults: Vec<OfferedFault>,
    /// What it does wrong now.
    pub active: Vec<ActiveFault>,
    /// Who listens, in the order in which they came; only taken while they are looked at.
    pub clients: Vec<ClientScene>,
    /// The same ticks over both protocols; only measured while it is looked at.
    pub comparison: Comparison,
}

/// A fault that can be switched on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedFault {
    /// Its name, the same as on the command line.
    pub name: String,
    /// What a well-behaved client does, in a sentence.
    pub expectation: &'static str,
}

/// A fault that is switched on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveFault {
    /// Its name.
    pub name: String,
    /// The feed that has it; `None` is all.
    pub feed: Option<String>,
}

/// One client of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientScene {
    /// Where it connects from.
    pub address: String,
    /// The name of the feed that it reads.
    pub feed: String,
    /// Since when.
    pub since: Timestamp,
    /// Bytes sent to it so far, framing included.
    pub sent: u64,
    /// Bytes that wait to be sent to it.
    pub waiting: u64,
}

/// The same ticks over both protocols, measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// `/events`, over Server-Sent Events.
    pub event_stream: Measured,
    /// `/ticker`, over WebSocket.
    pub web_socket: Measured,
}

/// What was measured on one feed. `None` is not known yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// Whether a pane shows the feed.
    pub shown: bool,
    /// Bytes of a message on the wire, framing included, in the mean.
    pub wire_bytes: Option<f64>,
    /// Bytes of its payload, in the mean.
    pub payload_bytes: Option<f64>,
    /// From the time in the tick to its arrival, over the newest ticks.
    pub latency: Option<Latency>,
    /// Messages a second.
    pub per_second: f64,
    /// How often the connection was lost.
    pub drops: u64,
    /// From the newest loss until the feed was open again.
    pub recovery: Option<Duration>,
    /// Ticks whose numbers never came.
    pub lost: u64,
    /// Ticks whose numbers came again.
    pub repeated: u64,
    /// Ticks received, each number once.
    pub received: u64,
}

/// How late ticks arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// Half of them are no later.
    pub median: Duration,
    /// Nineteen in twenty are no later.
    pub p95: Duration,
}

/// What the user wants of the demo server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DemoCommand {
    /// Cut every connection.
    Drop,
    /// Cut every connection and accept none for this long.
    Refuse(Duration),
    /// Hold all streams back, or let them go on.
    Stall(bool),
    /// Point this pane at a flood; `None` returns it to what it showed.
    Flood(Option<PaneId>),
    /// Say hello in the chat, in the pane that shows it or else in the last one.
    Hello,
    /// Open the same ticks over both protocols, in the first two panes.
    Compare,
    /// Open the ticker and the chat again, in the first two panes.
    Usual,
    /// Switch a fault on or off, for one feed or, where that is `None`, for all.
    Fault {
        /// Its name.
        name: String,
        /// The feed's name.
        feed: Option<String>,
        /// On or off.
        on: bool,
    },
    /// Switch every fault off.
    ClearFaults,
    /// Open the tour by itself when the demo starts, or not; kept in the settings.
    TourAtStart(bool),
    /// Show the server's strip, or hide it for this run.
    Show(bool),
}
