//! Table of the rules for a feed's life that differ between protocols. It makes no decisions.

use std::time::Duration;

use crate::protocol::Protocol;

/// Reconnection time of an event stream whose server has set none (HTML 9.2.2: "a few seconds").
const EVENT_STREAM_RECONNECTION_TIME: Duration = Duration::from_secs(3);

/// Reconnection time of a WebSocket, whose protocol cannot set one.
const WEB_SOCKET_RECONNECTION_TIME: Duration = Duration::from_secs(1);

/// Rules of one protocol. A new protocol needs a row here and no change to the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtocolRules {
    /// Reconnection time until the server sets another one.
    pub reconnection_time: Duration,
    /// True if the standard of the protocol defines reconnections. Otherwise the policy `browser` makes none.
    pub standard_reconnects: bool,
    /// Status of an answer that ends the feed in order (HTML 9.2.3: 204).
    pub final_status: Option<u16>,
    /// True if the bytes may end without a closing handshake, as an end in order.
    pub may_just_end: bool,
    /// Default limit on the wait for the head of the response.
    pub response_limit: Option<Duration>,
}

impl ProtocolRules {
    /// Rules for Server-Sent Events (HTML 9.2).
    pub const EVENT_STREAM: Self = Self {
        reconnection_time: EVENT_STREAM_RECONNECTION_TIME,
        standard_reconnects: true,
        final_status: Some(204),
        may_just_end: true,
        // No limit, because many servers send the head together with the first event.
        response_limit: None,
    };

    /// Rules for WebSocket (RFC 6455), whose standard defines no reconnection.
    pub const WEB_SOCKET: Self = Self {
        reconnection_time: WEB_SOCKET_RECONNECTION_TIME,
        standard_reconnects: false,
        final_status: None,
        // RFC 6455 7.1.5: without a close frame, the connection was closed abnormally.
        may_just_end: false,
        response_limit: Some(Duration::from_secs(15)),
    };

    /// Returns the rules of a protocol.
    pub const fn of(protocol: Protocol) -> Self {
        match protocol {
            Protocol::EventStream => Self::EVENT_STREAM,
            Protocol::WebSocket => Self::WEB_SOCKET,
        }
    }
}
