//! Texts of the demo's suggestions and measurements.

/// Text for the tour's step that drops both connections.
pub(crate) const TRY_DROP: &str =
    "Both panes reconnect by themselves. On the left, the IDs continue without a gap.";
/// Text for the tour's step that greets the bot.
pub(crate) const TRY_HELLO: &str =
    "Your message and the answer share one connection. Only WebSocket can do that.";
/// Text for the tour's step that compares the protocols.
pub(crate) const TRY_COMPARE: &str =
    "/events left, /ticker right: compare bytes, latency, recovery and what a drop loses.";
/// Text for the tour's step with a flood.
pub(crate) const TRY_FLOOD: &str =
    "Floods the active pane. The window stays fast. Restore brings the pane's records back.";
/// Text for the tour's step that refuses connections.
pub(crate) const TRY_REFUSE: &str =
    "The server refuses connections for 10 s. Watch the retries wait longer each time.";
/// Text for the tour's step that cuts a stream within an event.
pub(crate) const TRY_CUT: &str = "The connection is cut in the middle of an event. The partial event is discarded and arrives again, complete.";

/// Tooltip of the button that drops connections.
pub(crate) const DROP_HINT: &str = "Cuts every connection. Both panes reconnect by themselves, and the ids continue without a gap.";
/// Tooltip of the button that refuses connections.
pub(crate) const REFUSE_HINT: &str =
    "Cuts every connection and accepts none. Each attempt waits longer than the one before.";
/// Tooltip of the button that starts a flood.
pub(crate) const FLOOD_HINT: &str = "Floods the active pane with 50,000 messages per second. A second click returns to its former feed.";
/// Tooltip of the button that opens the page of faults.
pub(crate) const FAULTS_HINT: &str = "All faults of the server, for one feed or for all feeds";
/// Tooltip of the button that hides the demo.
pub(crate) const HIDE_DEMO: &str = "Hide the demo";

/// Introduction to the page of faults.
pub(crate) const ABOUT_FAULTS: &str = "For each fault, the text describes the reaction of a correct client. Faults of new connections close the current ones first.";
/// Sentence of the page of clients when it is empty.
pub(crate) const NO_CLIENTS: &str = "No client is connected to the demo server.";

/// Introduction to the comparison.
pub(crate) const ABOUT_COMPARISON: &str =
    "The same ticks, sent at the same moments: once as events, once as messages.";
/// Description of a measurement, in a short and a full form.
pub(crate) struct How {
    /// Short form for the table.
    pub(crate) brief: &'static str,
    /// Sentences for a tooltip.
    pub(crate) full: &'static str,
}

/// Description of the bytes on the wire.
pub(crate) const HOW_WIRE: How = How {
    brief: "on the wire (payload + framing), heartbeats too",
    full: "On the wire (payload + framing): what the server wrote to the socket between two quiet moments, heartbeats too, \
           divided by the received messages. The headers of TCP and IP are not included. Each feed has its own quiet \
           moments, so that the averages may cover different ticks.",
};
/// Description of the latency.
pub(crate) const HOW_LATENCY: How = How {
    brief: "from sent_at to arrival, last 200 ticks of both",
    full: "From the tick's sent_at to the read that brought it, over the newest 200 ticks that both feeds have received. A \
           tick that a fault still holds back in one feed is left out in both. sent_at has whole milliseconds, so that up \
           to 1 ms of the result is not latency.",
};
/// Description of the rate.
pub(crate) const HOW_RATE: How = How {
    brief: "received in the last 4 seconds",
    full: "Received in the last 4 seconds.",
};
/// Description of the recovery.
pub(crate) const HOW_RECOVERY: How = How {
    brief: "last drop: from loss to open again, waiting included",
    full: "The last drop: time from the detected loss to the next open connection, the reconnection time included. The server asks for 1 s on \
           /events; on a WebSocket 1 s is our own.",
};
/// Description of the losses.
pub(crate) const HOW_LOST: How = How {
    brief: "missing tick numbers; SSE requests them again",
    full: "Numbers that the ticks of a feed skip, of all its ticks since its pane opened it. SSE asks for them again with \
           Last-Event-ID; a WebSocket cannot do that.",
};
