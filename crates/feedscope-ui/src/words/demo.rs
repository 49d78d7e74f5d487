//! What the demo suggests, and how it measures.

/// What to watch when both connections are dropped.
pub(crate) const TRY_DROP: &str =
    "Both panes come back by themselves; on the left the ids go on without a gap.";
/// What to watch when the bot is greeted.
pub(crate) const TRY_HELLO: &str =
    "Your message goes up the connection that the answer comes down: only WebSocket can.";
/// What to watch when both protocols carry the same ticks.
pub(crate) const TRY_COMPARE: &str =
    "/events left, /ticker right: compare bytes, latency, recovery and what a drop loses.";
/// What to watch in a flood.
pub(crate) const TRY_FLOOD: &str =
    "The chosen pane takes every message, and the window stays as quick as before.";
/// What to watch while connections are refused.
pub(crate) const TRY_REFUSE: &str =
    "Each attempt waits longer than the one before, counted down; then both are back.";
/// What to watch when the stream is cut within an event.
pub(crate) const TRY_CUT: &str =
    "The half of an event that came is thrown away; it comes whole after the reconnection.";

/// What the demo strip's buttons do.
pub(crate) const DROP_HINT: &str =
    "Cuts every connection. Both panes come back by themselves; the ids go on without a gap.";
/// See [`DROP_HINT`].
pub(crate) const REFUSE_HINT: &str =
    "Cuts every connection and accepts none. Each attempt waits longer than the one before.";
/// See [`DROP_HINT`].
pub(crate) const FLOOD_HINT: &str =
    "Points the chosen pane at 50,000 messages a second; a second click returns to what it showed.";
/// See [`DROP_HINT`].
pub(crate) const FAULTS_HINT: &str =
    "Everything that the server can do wrong, for one feed or for all";
/// See [`DROP_HINT`].
pub(crate) const HIDE_DEMO: &str =
    "Hide the demo's strip and panel; the help sheet (F1) brings them back";

/// How faults work.
pub(crate) const ABOUT_FAULTS: &str = "Each says what a well-behaved client does. What only a new connection meets drops those there are.";
/// Nobody listens to the demo server.
pub(crate) const NO_CLIENTS: &str = "No client is connected to the demo server.";

/// What the comparison is.
pub(crate) const ABOUT_COMPARISON: &str =
    "The same ticks, sent at the same moments: once as events, once as messages.";
/// How a number is measured: in brief, and in full.
pub(crate) struct How {
    pub(crate) brief: &'static str,
    pub(crate) full: &'static str,
}

/// How bytes on the wire are measured.
pub(crate) const HOW_WIRE: How = How {
    brief: "on the wire (payload + framing), heartbeats too",
    full: "On the wire (payload + framing): what the server wrote to the socket between two quiet moments, heartbeats too, \
           by the messages that came. TCP and IP come on top of both.",
};
/// How latency is measured.
pub(crate) const HOW_LATENCY: How = How {
    brief: "from the tick's sent_at to the read that brought it; the newest 200",
    full: "From the tick's sent_at to the read that brought it, over the newest 200 ticks. sent_at has whole milliseconds, \
           so up to 1 ms of it is none.",
};
/// How the rate is measured.
pub(crate) const HOW_RATE: How = How {
    brief: "received in the last 4 seconds",
    full: "Received in the last 4 seconds.",
};
/// How the recovery is measured.
pub(crate) const HOW_RECOVERY: How = How {
    brief: "the newest: from noticing the loss until open again, the wait included",
    full: "The newest: from noticing the loss until open again, the reconnection time included. The server asks for 1 s on \
           /events; on a WebSocket 1 s is our own.",
};
/// How losses are measured.
pub(crate) const HOW_LOST: How = How {
    brief: "numbers that the ticks skip; SSE asks for them again",
    full: "Numbers that the ticks skip. SSE asks for them again with Last-Event-ID; a WebSocket has no such thing.",
};
