//! Messages that a protocol requires from its client: on connect, as answers, and at an interval. They are only
//! described here; the caller sends them.

use std::time::Duration;

use super::LensName;
use super::recognition::FeedAddress;

/// Message that a protocol requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeeperMessage {
    /// Name of the message in its protocol.
    pub name: &'static str,
    /// Reason for the message, as a sentence.
    pub reason: &'static str,
    /// Occasion on which it is sent.
    pub trigger: KeeperTrigger,
    /// Text of the message. `${counter}` is the number of the message in its connection.
    pub text: String,
}

/// Occasion on which a message is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeeperTrigger {
    /// As soon as the connection is open.
    OnConnect,
    /// At this interval.
    Every(Duration),
    /// At the interval that the server announces, and at this one until then. [`announced_interval`](super::announced_interval) finds it.
    Announced(Duration),
    /// When a received message matches this filter; only the first time of a connection if `once`.
    Answer {
        /// Text of the filter.
        filter: &'static str,
        /// Only the first match of a connection is answered.
        once: bool,
    },
}

/// Interval of messages that keep a connection open where the server announces none: below the usual limit of 30
/// seconds.
const USUAL_INTERVAL: Duration = Duration::from_secs(15);

/// Interval of heart-beats that the first frame of STOMP offers.
pub(super) const OFFERED_HEART_BEAT: Duration = Duration::from_secs(10);

/// Returns an interval that is short enough for messages at least once in `limit`.
pub(super) fn early(limit: Duration) -> Duration {
    limit * 4 / 5
}

/// Returns the messages that the client of this protocol must send; none for protocols that need none.
pub fn keeper(lens: LensName, address: &FeedAddress) -> Vec<KeeperMessage> {
    let message = |name, reason, trigger, text: &str| KeeperMessage {
        name,
        reason,
        trigger,
        text: text.to_owned(),
    };
    let answer = |filter| KeeperTrigger::Answer {
        filter,
        once: false,
    };
    let greeting = |filter| KeeperTrigger::Answer { filter, once: true };
    match lens {
        LensName::SocketIo if address.url.contains("EIO=3") => vec![message(
            "ping",
            "In Engine.IO 3, the client sends pings.",
            KeeperTrigger::Announced(USUAL_INTERVAL),
            "2",
        )],
        LensName::SocketIo => vec![
            message(
                "join",
                "The client joins the main namespace after the handshake.",
                greeting("text:\"0{\""),
                "40",
            ),
            message(
                "pong",
                "Each ping of Engine.IO needs a pong.",
                answer("text:=2"),
                "3",
            ),
        ],
        LensName::GraphqlWs if address.subprotocols.iter().any(|name| name == "graphql-ws") => {
            vec![message(
                "connection_init",
                "The server expects the first message at once.",
                KeeperTrigger::OnConnect,
                r#"{"type":"connection_init","payload":{}}"#,
            )]
        }
        LensName::GraphqlWs => vec![
            message(
                "connection_init",
                "The server expects the first message at once.",
                KeeperTrigger::OnConnect,
                r#"{"type":"connection_init"}"#,
            ),
            message(
                "pong",
                "Each ping needs a pong.",
                answer(".type == \"ping\""),
                r#"{"type":"pong"}"#,
            ),
        ],
        LensName::Signalr => vec![
            message(
                "handshake",
                "The handshake selects JSON.",
                KeeperTrigger::OnConnect,
                "{\"protocol\":\"json\",\"version\":1}\u{1e}",
            ),
            message(
                "ping",
                "The server closes a connection that is silent for 30 seconds.",
                KeeperTrigger::Every(USUAL_INTERVAL),
                "{\"type\":6}\u{1e}",
            ),
        ],
        LensName::Stomp => vec![
            message(
                "CONNECT",
                "The first frame asks for the version and for heart-beats.",
                KeeperTrigger::OnConnect,
                &first_frame(),
            ),
            message(
                "heart-beat",
                "A line feed keeps the connection open.",
                KeeperTrigger::Announced(early(OFFERED_HEART_BEAT)),
                "\n",
            ),
        ],
        LensName::Phoenix => {
            let is_version_1 = address.url.contains("vsn=1.0.0");
            vec![message(
                "heartbeat",
                "The server closes a connection without a heartbeat in 60 seconds.",
                KeeperTrigger::Every(Duration::from_secs(30)),
                if is_version_1 || !address.url.contains("vsn=") {
                    r#"{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"keeper-${counter}"}"#
                } else {
                    r#"[null,"keeper-${counter}","phoenix","heartbeat",{}]"#
                },
            )]
        }
        LensName::JsonRpc | LensName::Llm => Vec::new(),
    }
}

/// Returns the first frame of STOMP.
fn first_frame() -> String {
    // It has no host, because RabbitMQ takes the host for the name of a virtual host. Servers for WebSockets require none.
    let beat = OFFERED_HEART_BEAT.as_millis();
    format!("CONNECT\naccept-version:1.0,1.1,1.2\nheart-beat:{beat},{beat}\n\n\0")
}
