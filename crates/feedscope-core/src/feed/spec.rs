//! [`FeedSpec`]: the URL of a feed and its options, and the one way in which options are merged and compared.

use std::fmt;
use std::time::Duration;

use url::Url;

use super::{
    HttpChanges, HttpOptions, KeepingChanges, KeepingOptions, LifeChanges, LifeOptions,
    ReadingChanges, ReadingOptions, Resend, TransportChanges, TransportOptions, WebSocketChanges,
    WebSocketOptions,
};
use crate::connection::ProtocolRules;
use crate::protocol::{Engine, Protocol};
use crate::url_text::masked;

/// URL of a feed, with all options about the connection.
#[derive(Clone, PartialEq, Eq)]
pub struct FeedSpec {
    /// URL with the scheme `http`, `https`, `ws` or `wss`.
    pub url: Url,
    /// Way to the server.
    pub transport: TransportOptions,
    /// Request.
    pub http: HttpOptions,
    /// Options of a WebSocket.
    pub web_socket: WebSocketOptions,
    /// Reconnections.
    pub life: LifeOptions,
    /// Limits on what is kept.
    pub keeping: KeepingOptions,
    /// Engines and format that read the bytes.
    pub reading: ReadingOptions,
}

/// Changes to the options of a feed. An option that is `None` keeps its value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpecChanges {
    /// Way to the server.
    pub transport: TransportChanges,
    /// Request.
    pub http: HttpChanges,
    /// Options of a WebSocket.
    pub web_socket: WebSocketChanges,
    /// Reconnections.
    pub life: LifeChanges,
    /// Limits on what is kept.
    pub keeping: KeepingChanges,
    /// Engines and format that read the bytes.
    pub reading: ReadingChanges,
}

impl FeedSpec {
    /// Minimum memory budget: a few chunks of records.
    pub const LEAST_BUDGET: u64 = 16 << 20;
    /// Minimum size of a useful history on disk.
    pub const LEAST_DISK_HISTORY: u64 = 64 << 20;

    /// Creates the spec of a feed at `url` with all defaults.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            transport: TransportOptions::default(),
            http: HttpOptions::default(),
            web_socket: WebSocketOptions::default(),
            life: LifeOptions::default(),
            keeping: KeepingOptions::default(),
            reading: ReadingOptions::default(),
        }
    }

    /// Sets the options that the changes contain. The URL stays.
    pub fn merge(&mut self, changes: SpecChanges) {
        let SpecChanges {
            transport,
            http,
            web_socket,
            life,
            keeping,
            reading,
        } = changes;
        self.transport.merge(transport);
        self.http.merge(http);
        self.web_socket.merge(web_socket);
        self.life.merge(life);
        self.keeping.merge(keeping);
        self.reading.merge(reading);
    }

    /// Returns this spec after the changes.
    #[must_use]
    pub fn with(mut self, changes: SpecChanges) -> Self {
        self.merge(changes);
        self
    }

    /// Returns the options that differ from those of `base`. The URLs are not compared.
    pub fn diff(&self, base: &Self) -> SpecChanges {
        let Self {
            url: _,
            transport,
            http,
            web_socket,
            life,
            keeping,
            reading,
        } = self;
        SpecChanges {
            transport: transport.diff(&base.transport),
            http: http.diff(&base.http),
            web_socket: web_socket.diff(&base.web_socket),
            life: life.diff(&base.life),
            keeping: keeping.diff(&base.keeping),
            reading: reading.diff(&base.reading),
        }
    }

    /// Protocol of the URL. A URL with another scheme counts as an event stream, but parsing refuses such a URL.
    pub fn protocol(&self) -> Protocol {
        Protocol::of(&self.url).unwrap_or(Protocol::EventStream)
    }

    /// Returns the engine that reads the feed.
    pub fn engine(&self) -> Engine {
        self.reading.engine(self.protocol())
    }

    /// Returns the limit on the wait for the head of a response.
    ///
    /// Event streams have none by default, because many servers send the head with the first event.
    pub fn response_limit(&self) -> Option<Duration> {
        self.http
            .response_timeout
            .or(ProtocolRules::of(self.protocol()).response_limit)
    }

    /// Returns true if the user set headers, or userinfo in the URL that becomes a header.
    pub fn has_headers_of_the_user(&self) -> bool {
        let has_userinfo = !self.url.username().is_empty() || self.url.password().is_some();
        has_userinfo || !self.http.headers.is_empty()
    }

    /// Returns the method of the request.
    pub fn request_method(&self) -> &str {
        match (&self.http.method, &self.http.body) {
            // RFC 6455 4.1: the opening handshake is a GET.
            _ if self.protocol() == Protocol::WebSocket => "GET",
            (Some(method), _) => method,
            (None, Some(_)) => "POST",
            (None, None) => "GET",
        }
    }

    /// Returns the method of a request that is sent only once: any but `GET` and `HEAD`, unless
    /// [`resend`](LifeOptions::resend) allows more.
    pub fn sent_once(&self) -> Option<&str> {
        let method = self.request_method();
        let repeatable = self.life.resend == Resend::Always || matches!(method, "GET" | "HEAD");
        (!repeatable).then_some(method)
    }

    /// Returns the engine of the second opinion, if the user wants one.
    ///
    /// The offer of a WebSocket then has no compression, because the other engine does not support it.
    pub fn second_opinion(&self) -> Option<Engine> {
        // Each protocol has one further engine, so that a yes or no is enough.
        let protocol = self.protocol();
        let is_wanted = self.reading.has_second_opinion(protocol);
        is_wanted.then(|| protocol.other_engine())
    }
}

impl fmt::Debug for FeedSpec {
    /// Writes the URL without its secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            url,
            transport,
            http,
            web_socket,
            life,
            keeping,
            reading,
        } = self;
        f.debug_struct("FeedSpec")
            .field("url", &masked(url))
            .field("transport", transport)
            .field("http", http)
            .field("web_socket", web_socket)
            .field("life", life)
            .field("keeping", keeping)
            .field("reading", reading)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_that_are_not_safe_to_repeat_are_sent_once() {
        let spec = |url: &str, method: Option<&str>, body: Option<&str>| {
            let mut spec = FeedSpec::new(Url::parse(url).unwrap());
            spec.http.method = method.map(str::to_owned);
            spec.http.body = body.map(|body| body.as_bytes().to_vec().into());
            spec
        };
        let (http, ws) = ("http://a.test/", "ws://a.test/");
        for (mut spec, once) in [
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
            spec.life.resend = Resend::Always;
            assert_eq!(spec.sent_once(), None);
        }
    }

    #[test]
    fn a_spec_is_its_base_with_its_differences() {
        let base = FeedSpec::new(Url::parse("http://a.test/").unwrap());
        assert_eq!(base.diff(&base), SpecChanges::default());
        let mut spec = base.clone();
        spec.transport.insecure = true;
        spec.http.headers = vec![("X".to_owned(), "1".into())];
        spec.web_socket.keepalive = None;
        spec.life.max_reconnects = Some(3);
        spec.keeping.budget = Some(1 << 30);
        spec.reading.choose(Engine::TokioTungstenite);
        let changes = spec.diff(&base);
        // An option that has no value differs from one that was not changed.
        assert_eq!(changes.web_socket.keepalive, Some(None));
        assert_eq!(changes.transport.connect_timeout, None);
        assert_eq!(base.clone().with(changes), spec);
        assert_eq!(spec.clone().with(base.diff(&spec)), base);
    }

    #[test]
    fn an_engine_reads_the_feeds_of_its_protocol_only() {
        let mut spec = FeedSpec::new(Url::parse("http://a.test/").unwrap());
        spec.reading.choose(Engine::TokioTungstenite);
        spec.reading.set_second_opinion(Protocol::WebSocket, true);
        assert_eq!(
            (spec.engine(), spec.second_opinion()),
            (Engine::Native, None)
        );
        spec.url = Url::parse("ws://a.test/").unwrap();
        assert_eq!(spec.engine(), Engine::TokioTungstenite);
        assert_eq!(spec.second_opinion(), Some(Engine::TokioTungstenite));
    }

    #[test]
    fn the_debug_form_has_no_secrets() {
        let mut spec = FeedSpec::new(Url::parse("http://u:s3cret@a.test/?token=s3cret").unwrap());
        spec.http.headers = vec![("X-Key".to_owned(), "s3cret".into())];
        spec.http.body = Some(b"s3cret".to_vec().into());
        spec.transport.proxy = Some(Url::parse("http://u:s3cret@p.test/").unwrap().into());
        let written = format!("{spec:?}");
        assert!(!written.contains("s3cret"), "{written}");
        assert!(!written.contains("115, 51"), "{written}");
        assert!(written.contains("a.test") && written.contains("X-Key"));
    }
}
