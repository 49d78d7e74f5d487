//! What a feed is told ([`FeedSpec`], [`FeedCommand`]) and what it tells besides its records ([`FeedStatus`]).
//!
//! Plain values: the window edits them, the network code obeys them, and neither knows the other.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use url::Url;

use crate::connection::{Advice, ConnectionState, ProtocolRules, ReconnectPolicy};
use crate::decode::Traffic;
use crate::protocol::{Engine, Protocol};
use crate::second_opinion::Opinion;
use crate::time::Moment;

/// Something to be sent over a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A ping with at most 125 bytes.
    Ping(Vec<u8>),
    /// Start the closing handshake.
    Close {
        /// The close code.
        code: u16,
        /// The close reason, at most 123 bytes.
        reason: String,
    },
}

/// The requests that reconnections repeat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resend {
    /// `GET` and `HEAD`. Any other request is sent once, because a repetition may have an effect of its own.
    #[default]
    SafeRequests,
    /// Every request, whatever its method.
    Always,
}

/// A URL and how to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSpec {
    /// The URL; its scheme is `http`, `https`, `ws` or `wss`.
    pub url: Url,
    /// Who reads it.
    pub engine: Engine,
    /// Who reads the same bytes besides, to be compared with [`Engine::Native`]; heeded where it reads this protocol
    /// ([`second_opinion`](Self::second_opinion)).
    pub second_opinion: Option<Engine>,
    /// Request headers in order, as typed.
    pub headers: Vec<(String, String)>,
    /// The last event ID to begin with; empty for none.
    pub last_event_id: String,
    /// Subprotocols to offer.
    pub subprotocols: Vec<String>,
    /// Messages sent after every opening handshake, before anything that waits.
    pub send_on_connect: Vec<Outgoing>,
    /// Send every received message back.
    pub echo: bool,
    /// Which endings are retried.
    pub policy: ReconnectPolicy,
    /// How many reconnections in total; `None` is without end.
    pub max_reconnects: Option<u64>,
    /// The requests that reconnections repeat.
    pub resend: Resend,
    /// Limit on making one connection: name lookup, TCP, proxy and TLS.
    pub connect_timeout: Duration,
    /// Limit on the wait for the head of a response; `None` uses the protocol's own
    /// ([`response_limit`](Self::response_limit)).
    pub response_timeout: Option<Duration>,
    /// How often a WebSocket is pinged; `None` for never.
    pub keepalive: Option<Duration>,
    /// The longest message or event block that is kept, in bytes.
    pub max_message: u64,
    /// How much memory its records may take, in bytes; `None` is as much as usual.
    pub budget: Option<u64>,
    /// How many bytes of older records are kept on disk, past the budget; `None` is as many as usual, which may be none.
    pub disk_history: Option<u64>,
    /// Accept any certificate.
    pub insecure: bool,
    /// The proxy to use, to the letter; `None` takes the environment's.
    pub proxy: Option<Url>,
    /// The method of an event stream's request; `None` is `GET`, or `POST` where there is a body.
    pub method: Option<String>,
    /// The body of an event stream's request.
    pub body: Option<Vec<u8>>,
    /// A file with the certificates (PEM) of authorities to be trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// A file with the certificate (PEM) that says who we are, and any between it and its authority.
    pub client_certificate: Option<PathBuf>,
    /// A file with the private key (PEM) of [`client_certificate`](Self::client_certificate); `None` where it stands in
    /// the same file.
    pub client_key: Option<PathBuf>,
    /// The Unix-domain socket to connect to in place of the URL's host and port, and of any proxy.
    pub unix_socket: Option<PathBuf>,
    /// Addresses to use for hosts instead of looking them up.
    pub resolve: Vec<HostOverride>,
    /// Offer compression: of the body for event streams, of messages for WebSockets.
    pub compression: bool,
}

/// The addresses to use for a host and port instead of looking them up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostOverride {
    /// The host as the URL names it.
    pub host: String,
    /// The port, also where it is the scheme's own.
    pub port: u16,
    /// The addresses, tried in order.
    pub addresses: Vec<IpAddr>,
}

impl FromStr for HostOverride {
    type Err = String;

    /// Reads `HOST:PORT:ADDRESS[,ADDRESS]`, as curl's `--resolve` is written; IPv6 addresses with or without brackets.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong.
    fn from_str(typed: &str) -> Result<Self, String> {
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
    /// As it is read.
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
    /// The least memory budget: a few chunks of records.
    pub const LEAST_BUDGET: u64 = 16 << 20;
    /// The least history on disk that is worth one.
    pub const LEAST_DISK_HISTORY: u64 = 64 << 20;
    /// Default limit on making a connection.
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
    /// Default interval of keepalive pings.
    pub const KEEPALIVE: Duration = Duration::from_secs(20);

    /// A feed at `url` with every default.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            engine: Engine::default(),
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

    /// What is spoken there. A scheme that is neither counts as an event stream; parsing URLs refuses those.
    pub fn protocol(&self) -> Protocol {
        Protocol::of(&self.url).unwrap_or(Protocol::EventStream)
    }

    /// Limit on the wait for the head of a response.
    ///
    /// Event streams have none by default, because many servers send the head with the first event.
    pub fn response_limit(&self) -> Option<Duration> {
        self.response_timeout
            .or(ProtocolRules::of(self.protocol()).response_limit)
    }

    /// Returns true where the user set headers, or userinfo in the URL that becomes one.
    pub fn has_headers_of_the_user(&self) -> bool {
        let has_userinfo = !self.url.username().is_empty() || self.url.password().is_some();
        has_userinfo || !self.headers.is_empty()
    }

    /// Method of the request.
    pub fn request_method(&self) -> &str {
        match (&self.method, &self.body) {
            _ if self.protocol() == Protocol::WebSocket => "GET",
            (Some(method), _) => method,
            (None, Some(_)) => "POST",
            (None, None) => "GET",
        }
    }

    /// Method of a request that is sent once: any but `GET` and `HEAD`, unless [`resend`](Self::resend) allows more.
    pub fn sent_once(&self) -> Option<&str> {
        let method = self.request_method();
        let repeatable = self.resend == Resend::Always || matches!(method, "GET" | "HEAD");
        (!repeatable).then_some(method)
    }

    /// The engine whose second opinion is asked for, where it is one for this protocol.
    ///
    /// A WebSocket is then asked for without compression: the other engine has none.
    pub fn second_opinion(&self) -> Option<Engine> {
        self.second_opinion
            .filter(|&engine| engine == self.protocol().other_engine())
    }
}

/// What a user asks of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedCommand {
    /// Connect, if nothing lives.
    Connect,
    /// End it in order; the records stay. Also `Stop` during a wait.
    Disconnect,
    /// Do not wait any longer.
    RetryNow,
    /// Send this, or queue it while the feed is not open.
    Send(Outgoing),
    /// Give up the queued message of this number.
    GiveUp(u64),
}

/// A message that waits for the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMessage {
    /// Its number, unique within the feed.
    pub number: u64,
    /// What will be sent.
    pub message: Outgoing,
}

/// What went over a WebSocket, both ways: its frames, and what compression saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WireTraffic {
    /// What came.
    pub received: Traffic,
    /// What was handed to the socket.
    pub sent: Traffic,
}

/// What a feed tells besides its records: where it stands now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeedStatus {
    /// Where its connection stands.
    pub state: ConnectionState,
    /// When it entered that state.
    pub since: Moment,
    /// The number of its newest connection; 0 before the first.
    pub connection: u32,
    /// Time at which the request was sent whose answer is awaited.
    pub asked_at: Option<Moment>,
    /// Tries since it was last open, from 1.
    pub attempt: u32,
    /// Reconnections so far, in total.
    pub reconnects: u64,
    /// When the wait of `reconnecting` ends.
    pub retry_at: Option<Moment>,
    /// Why it is in this state, in words.
    pub reason: Option<String>,
    /// What a person can do about the newest failure; `None` where nothing failed.
    pub advice: Option<Advice>,
    /// The HTTP status of the newest answer.
    pub http_status: Option<u16>,
    /// The last event ID in force.
    pub last_event_id: String,
    /// The newest round-trip time.
    pub rtt: Option<Duration>,
    /// The subprotocol in use.
    pub subprotocol: Option<String>,
    /// What the open connection uses, as names and values for people, in the order to show them: `HTTP version`,
    /// `remote address` or `socket`, `proxy`, `certificate`, `subprotocol`, `extensions`, `engine`. Only what is known is there;
    /// empty while nothing is open.
    pub negotiated: Vec<(String, String)>,
    /// What went over the open WebSocket so far; `None` for event streams, where nothing is open, and where the engine
    /// does not tell.
    pub wire: Option<WireTraffic>,
    /// How far another engine agrees on the same bytes, where that was asked for.
    pub second_opinion: Option<Opinion>,
    /// What resumes lost so far; `None` while ids have not told.
    pub missed: Option<u64>,
    /// What resumes brought twice so far.
    pub repeated: Option<u64>,
    /// Messages that wait for the connection, oldest first.
    pub queue: Vec<QueuedMessage>,
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
            // Method names are case-sensitive (RFC 9110 9.1): this one is unknown.
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
