//! Input of a feed ([`FeedSpec`], [`FeedCommand`]) and its output besides records ([`FeedStatus`]).
//!
//! These types are plain values. The window edits them, the network code executes them, and neither depends on the
//! other.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::connection::{Advice, ConnectionState, ProtocolRules, ReconnectPolicy};
use crate::decode::Traffic;
use crate::protocol::{Engine, Protocol, StreamFormat};
use crate::second_opinion::Opinion;
use crate::time::Moment;

/// Item to be sent over a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A ping with at most 125 bytes of payload.
    Ping(Vec<u8>),
    /// Start of the closing handshake.
    Close {
        /// Close code.
        code: u16,
        /// Close reason, at most 123 bytes.
        reason: String,
    },
}

impl Outgoing {
    /// Returns the length of the payload in bytes.
    pub fn payload_len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(data) | Self::Ping(data) => data.len(),
            Self::Close { reason, .. } => reason.len(),
        }
    }
}

/// Requests that reconnections repeat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resend {
    /// `GET` and `HEAD`. Any other request is sent once, because a repetition may have another effect.
    #[default]
    SafeRequests,
    /// Every request, with any method.
    Always,
}

/// URL of a feed, with all options about the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSpec {
    /// URL with the scheme `http`, `https`, `ws` or `wss`.
    pub url: Url,
    /// Engine that reads the feed.
    pub engine: Engine,
    /// Format of the body, for `http` and `https`.
    pub format: StreamFormat,
    /// Second engine that reads the same bytes for a comparison with [`Engine::Native`]. It is used only if it reads
    /// this protocol ([`second_opinion`](Self::second_opinion)).
    pub second_opinion: Option<Engine>,
    /// Request headers in order, as typed.
    pub headers: Vec<(String, String)>,
    /// Initial last event ID; empty for none.
    pub last_event_id: String,
    /// Subprotocols of the offer.
    pub subprotocols: Vec<String>,
    /// Messages that are sent after every opening handshake, before any queued message.
    pub send_on_connect: Vec<Outgoing>,
    /// True if every received message is sent back.
    pub echo: bool,
    /// Policy that selects the endings after which the feed reconnects.
    pub policy: ReconnectPolicy,
    /// Limit on the total number of reconnections; `None` for no limit.
    pub max_reconnects: Option<u64>,
    /// Requests that reconnections repeat.
    pub resend: Resend,
    /// Limit on the time to connect: name lookup, TCP, proxy and TLS.
    pub connect_timeout: Duration,
    /// Limit on the wait for the head of a response; `None` for the default of the protocol
    /// ([`response_limit`](Self::response_limit)).
    pub response_timeout: Option<Duration>,
    /// Interval between pings of a WebSocket; `None` for no pings.
    pub keepalive: Option<Duration>,
    /// Maximum length of a stored message or event block, in bytes.
    pub max_message: u64,
    /// Limit on the memory of its records, in bytes; `None` for the default.
    pub budget: Option<u64>,
    /// Number of bytes of older records on disk, in addition to the budget. `None` is the default, which may be no
    /// history.
    pub disk_history: Option<u64>,
    /// True if any certificate is accepted.
    pub insecure: bool,
    /// Proxy to use exactly as given; `None` for the proxy of the environment.
    pub proxy: Option<Url>,
    /// Method of an event stream's request; `None` for `GET`, or `POST` if there is a body.
    pub method: Option<String>,
    /// Body of an event stream's request.
    pub body: Option<Vec<u8>>,
    /// File with certificates (PEM) of authorities that are trusted in addition to those of the system.
    pub ca_file: Option<PathBuf>,
    /// File with the client certificate (PEM) and any certificates between it and its authority.
    pub client_certificate: Option<PathBuf>,
    /// File with the private key (PEM) of [`client_certificate`](Self::client_certificate); `None` if the same file
    /// contains it.
    pub client_key: Option<PathBuf>,
    /// Unix-domain socket to connect to, in place of the URL's host and port and of any proxy.
    pub unix_socket: Option<PathBuf>,
    /// Addresses that replace the name lookup of hosts.
    pub resolve: Vec<HostOverride>,
    /// True if compression is offered: of the body for event streams, of messages for WebSockets.
    pub compression: bool,
}

/// Addresses of a host and port that replace the name lookup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostOverride {
    /// Host as written in the URL.
    pub host: String,
    /// Port, even if it is the default of the scheme.
    pub port: u16,
    /// Addresses in the order in which they are tried.
    pub addresses: Vec<IpAddr>,
}

impl FromStr for HostOverride {
    type Err = String;

    /// Parses `HOST:PORT:ADDRESS[,ADDRESS]`, the form of curl's `--resolve`. IPv6 addresses may have brackets.
    ///
    /// # Errors
    ///
    /// Returns a sentence about the problem.
    fn from_str(typed: &str) -> Result<Self, String> {
        // An IPv6 address contains colons, so that only the first two separate parts.
        let mut parts = typed.splitn(3, ':');
        let (Some(host), Some(port), Some(addresses)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err("it is written HOST:PORT:ADDRESS".to_owned());
        };
        if host.is_empty() {
            return Err("it is written HOST:PORT:ADDRESS".to_owned());
        }
        let port = port
            .parse()
            .map_err(|_not_one| format!("`{port}` is no port"))?;
        let address = |text: &str| {
            let bare = text.trim_start_matches('[').trim_end_matches(']');
            bare.parse::<IpAddr>()
                .map_err(|_not_one| format!("`{text}` is no IP address"))
        };
        Ok(Self {
            host: host.to_owned(),
            port,
            addresses: addresses
                .split(',')
                .map(address)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl fmt::Display for HostOverride {
    /// Writes the form that `from_str` parses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:", self.host, self.port)?;
        for (i, address) in self.addresses.iter().enumerate() {
            let comma = if i > 0 { "," } else { "" };
            write!(f, "{comma}{address}")?;
        }
        Ok(())
    }
}

impl FeedSpec {
    /// Default limit on a message or event block: 64 MiB.
    pub const MAX_MESSAGE: u64 = 64 << 20;
    /// Minimum memory budget: a few chunks of records.
    pub const LEAST_BUDGET: u64 = 16 << 20;
    /// Minimum size of a useful history on disk.
    pub const LEAST_DISK_HISTORY: u64 = 64 << 20;
    /// Default limit on the time to connect.
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
    /// Default interval of keepalive pings.
    pub const KEEPALIVE: Duration = Duration::from_secs(20);

    /// Creates the spec of a feed at `url` with all defaults.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            engine: Engine::default(),
            format: StreamFormat::default(),
            second_opinion: None,
            headers: Vec::new(),
            last_event_id: String::new(),
            subprotocols: Vec::new(),
            send_on_connect: Vec::new(),
            echo: false,
            policy: ReconnectPolicy::default(),
            max_reconnects: None,
            resend: Resend::default(),
            connect_timeout: Self::CONNECT_TIMEOUT,
            response_timeout: None,
            keepalive: Some(Self::KEEPALIVE),
            max_message: Self::MAX_MESSAGE,
            budget: None,
            disk_history: None,
            insecure: false,
            proxy: None,
            method: None,
            body: None,
            ca_file: None,
            client_certificate: None,
            client_key: None,
            unix_socket: None,
            resolve: Vec::new(),
            compression: true,
        }
    }

    /// Protocol of the URL. A URL with another scheme counts as an event stream, but parsing refuses such a URL.
    pub fn protocol(&self) -> Protocol {
        Protocol::of(&self.url).unwrap_or(Protocol::EventStream)
    }

    /// Returns the limit on the wait for the head of a response.
    ///
    /// Event streams have none by default, because many servers send the head with the first event.
    pub fn response_limit(&self) -> Option<Duration> {
        self.response_timeout
            .or(ProtocolRules::of(self.protocol()).response_limit)
    }

    /// Returns true if the user set headers, or userinfo in the URL that becomes a header.
    pub fn has_headers_of_the_user(&self) -> bool {
        let has_userinfo = !self.url.username().is_empty() || self.url.password().is_some();
        has_userinfo || !self.headers.is_empty()
    }

    /// Returns the method of the request.
    pub fn request_method(&self) -> &str {
        match (&self.method, &self.body) {
            // RFC 6455 4.1: the opening handshake is a GET.
            _ if self.protocol() == Protocol::WebSocket => "GET",
            (Some(method), _) => method,
            (None, Some(_)) => "POST",
            (None, None) => "GET",
        }
    }

    /// Returns the method of a request that is sent only once: any but `GET` and `HEAD`, unless
    /// [`resend`](Self::resend) allows more.
    pub fn sent_once(&self) -> Option<&str> {
        let method = self.request_method();
        let repeatable = self.resend == Resend::Always || matches!(method, "GET" | "HEAD");
        (!repeatable).then_some(method)
    }

    /// Returns the engine of the second opinion, if it reads this protocol.
    ///
    /// The offer of a WebSocket then has no compression, because the other engine does not support it.
    pub fn second_opinion(&self) -> Option<Engine> {
        self.second_opinion
            .filter(|&engine| engine == self.protocol().other_engine())
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_that_are_not_safe_to_repeat_are_sent_once() {
        let spec = |url: &str, method: Option<&str>, body: Option<&str>| FeedSpec {
            method: method.map(str::to_owned),
            body: body.map(|body| body.as_bytes().to_vec()),
            ..FeedSpec::new(Url::parse(url).unwrap())
        };
        let (http, ws) = ("http://a.test/", "ws://a.test/");
        for (spec, once) in [
            (spec(http, None, None), None),
            (spec(http, Some("GET"), Some("x")), None),
            (spec(http, Some("HEAD"), None), None),
            (spec(http, None, Some("x")), Some("POST")),
            (spec(http, Some("POST"), None), Some("POST")),
            (spec(http, Some("PUT"), None), Some("PUT")),
            // Method names are case-sensitive (RFC 9110 9.1), so that this one is unknown.
            (spec(http, Some("get"), None), Some("get")),
            // The opening handshake is always a GET.
            (spec(ws, Some("POST"), Some("x")), None),
        ] {
            assert_eq!(spec.sent_once(), once, "{spec:?}");
            let resent = FeedSpec {
                resend: Resend::Always,
                ..spec
            };
            assert_eq!(resent.sent_once(), None);
        }
    }

    #[test]
    fn overrides_are_read_as_curl_writes_them() {
        let read: HostOverride = "a.test:443:127.0.0.1,[::1],::2".parse().unwrap();
        let addresses: Vec<String> = read.addresses.iter().map(IpAddr::to_string).collect();
        assert_eq!((read.host.as_str(), read.port), ("a.test", 443));
        assert_eq!(addresses, ["127.0.0.1", "::1", "::2"]);
        assert_eq!(read.to_string().parse(), Ok(read));
        for wrong in [
            "a.test",
            "a.test:443",
            ":1:::1",
            "a.test:x:::1",
            "a.test:1:b.test",
            "a.test:1:",
        ] {
            assert!(wrong.parse::<HostOverride>().is_err(), "{wrong}");
        }
    }
}
