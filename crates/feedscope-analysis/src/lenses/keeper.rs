//! Messages that a protocol requires from its client: on connect, as answers, and at an interval. They are only
//! described here; the caller sends them.

use std::time::Duration;

use super::LensName;
use super::recognition::FeedAddress;

/// Message that a protocol requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeeperMessage {
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

/// Returns the messages that the client of this protocol must send; none for protocols that need none.
pub fn keeper(lens: LensName, address: &FeedAddress) -> Vec<KeeperMessage> {
    let message = |reason, trigger, text: &str| KeeperMessage {
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
            "In Engine.IO 3, the client sends pings.",
            KeeperTrigger::Every(USUAL_INTERVAL),
            "2",
        )],
        LensName::SocketIo => vec![
            message(
                "The client joins the main namespace after the handshake.",
                greeting("text:\"0{\""),
                "40",
            ),
            message(
                "Each ping of Engine.IO needs a pong.",
                answer("text:=2"),
                "3",
            ),
        ],
        LensName::GraphqlWs if address.subprotocols.iter().any(|name| name == "graphql-ws") => {
            vec![message(
                "The server expects the first message at once.",
                KeeperTrigger::OnConnect,
                r#"{"type":"connection_init","payload":{}}"#,
            )]
        }
        LensName::GraphqlWs => vec![
            message(
                "The server expects the first message at once.",
                KeeperTrigger::OnConnect,
                r#"{"type":"connection_init"}"#,
            ),
            message(
                "Each ping needs a pong.",
                answer(".type == \"ping\""),
                r#"{"type":"pong"}"#,
            ),
        ],
        LensName::Signalr => vec![
            message(
                "The handshake selects JSON.",
                KeeperTrigger::OnConnect,
                "{\"protocol\":\"json\",\"version\":1}\u{1e}",
            ),
            message(
                "The server closes a connection that is silent for 30 seconds.",
                KeeperTrigger::Every(USUAL_INTERVAL),
                "{\"type\":6}\u{1e}",
            ),
        ],
        LensName::Stomp => vec![
            message(
                "The first frame asks for the version and for heart-beats.",
                KeeperTrigger::OnConnect,
                &format!(
                    "CONNECT\naccept-version:1.0,1.1,1.2\nhost:{}\nheart-beat:10000,10000\n\n\0",
                    host(&address.url)
                ),
            ),
            message(
                "A line feed keeps the connection open.",
                // Before the 10 seconds that the first frame offers.
                KeeperTrigger::Every(Duration::from_secs(8)),
                "\n",
            ),
        ],
        LensName::Phoenix => {
            let is_version_1 = address.url.contains("vsn=1.0.0");
            vec![message(
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

/// Returns the host of a URL.
fn host(url: &str) -> &str {
    let after = url.split_once("://").map_or(url, |(_, after)| after);
    let authority = after.split(['/', '?', '#']).next().unwrap_or(after);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    match host.split_once(']') {
        // The port is not a part of the host.
        Some((address, _)) => address.trim_start_matches('['),
        None => host.split(':').next().unwrap_or(host),
    }
}
