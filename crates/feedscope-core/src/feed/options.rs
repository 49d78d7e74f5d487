//! Options of a feed in groups. Each option has its name, its type and its default here, once.
//!
//! Each group has *changes*: the same options, each of which may be absent. Code that sets, writes or copies options
//! takes the changes apart without `..`, so that it does not compile until it handles a new option.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::{HostOverride, Outgoing};
use crate::connection::ReconnectPolicy;
use crate::protocol::{Engine, EventStreamEngine, Protocol, StreamFormat, WebSocketEngine};
use crate::secret::Secret;

/// Requests that reconnections repeat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resend {
    /// `GET` and `HEAD`. Any other request is sent once, because a repetition may have another effect.
    #[default]
    SafeRequests,
    /// Every request, with any method.
    Always,
}

/// Defines a group of options, with its defaults, and the changes to it.
macro_rules! group {
    (
        $(#[$about:meta])*
        $group:ident, changed by $changes:ident {
            $($(#[$doc:meta])* $option:ident: $kind:ty = $usual:expr,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $group {
            $($(#[$doc])* pub $option: $kind,)*
        }

        impl Default for $group {
            fn default() -> Self {
                Self { $($option: $usual,)* }
            }
        }

        #[doc = concat!("Changes to [`", stringify!($group), "`]. An option that is `None` keeps its value.")]
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $changes {
            $($(#[$doc])* pub $option: Option<$kind>,)*
        }

        impl $group {
            /// Sets the options that the changes contain.
            pub(super) fn merge(&mut self, changes: $changes) {
                // Without `..`, as everywhere: the compiler finds an option that is not handled.
                let $changes { $($option),* } = changes;
                $(if let Some($option) = $option {
                    self.$option = $option;
                })*
            }

            /// Returns the options that differ from those of `base`.
            pub(super) fn diff(&self, base: &Self) -> $changes {
                let Self { $($option),* } = self;
                $changes {
                    $($option: (*$option != base.$option).then(|| $option.clone()),)*
                }
            }
        }
    };
}

group! {
    /// Way to the server: name lookup, TCP, proxy and TLS.
    TransportOptions, changed by TransportChanges {
        /// Limit on the time to connect.
        connect_timeout: Duration = Self::CONNECT_TIMEOUT,
        /// Proxy to use exactly as given; `None` for the proxy of the environment.
        proxy: Option<Secret<Url>> = None,
        /// Unix-domain socket to connect to, in place of the URL's host and port and of any proxy.
        unix_socket: Option<PathBuf> = None,
        /// Addresses that replace the name lookup of hosts.
        resolve: Vec<HostOverride> = Vec::new(),
        /// File with certificates (PEM) of authorities that are trusted in addition to those of the system.
        ca_file: Option<PathBuf> = None,
        /// File with the client certificate (PEM) and any certificates between it and its authority.
        client_certificate: Option<PathBuf> = None,
        /// File with the private key (PEM) of the client certificate; `None` if the same file contains it.
        client_key: Option<PathBuf> = None,
        /// True if any certificate is accepted.
        insecure: bool = false,
        /// True if compression is offered: of the body for event streams, of messages for WebSockets.
        compression: bool = true,
    }
}

group! {
    /// Request of a feed. The opening handshake of a WebSocket is a request too, with its headers and its time limit.
    HttpOptions, changed by HttpChanges {
        /// Request headers in order, as typed.
        headers: Vec<(String, Secret)> = Vec::new(),
        /// Method of an event stream's request; `None` for `GET`, or `POST` if there is a body.
        method: Option<String> = None,
        /// Body of an event stream's request.
        body: Option<Secret<Vec<u8>>> = None,
        /// Initial last event ID; empty for none.
        last_event_id: String = String::new(),
        /// Limit on the wait for the head of a response; `None` for the default of the protocol
        /// ([`FeedSpec::response_limit`](super::FeedSpec::response_limit)).
        response_timeout: Option<Duration> = None,
    }
}

group! {
    /// Options of a WebSocket.
    WebSocketOptions, changed by WebSocketChanges {
        /// Subprotocols of the offer.
        subprotocols: Vec<String> = Vec::new(),
        /// Messages that are sent after every opening handshake, before any queued message.
        send_on_connect: Vec<Outgoing> = Vec::new(),
        /// True if every received message is sent back.
        echo: bool = false,
        /// Interval between pings; `None` for no pings.
        keepalive: Option<Duration> = Some(Self::KEEPALIVE),
    }
}

group! {
    /// Reconnections of a feed.
    LifeOptions, changed by LifeChanges {
        /// Policy that selects the endings after which the feed reconnects.
        policy: ReconnectPolicy = ReconnectPolicy::default(),
        /// Limit on the total number of reconnections; `None` for no limit.
        max_reconnects: Option<u64> = None,
        /// Requests that reconnections repeat.
        resend: Resend = Resend::default(),
    }
}

group! {
    /// Limits on what is kept of a feed.
    KeepingOptions, changed by KeepingChanges {
        /// Maximum length of a stored message or event block, in bytes.
        max_message: u64 = Self::MAX_MESSAGE,
        /// Limit on the memory of its records, in bytes; `None` for the default.
        budget: Option<u64> = None,
        /// Number of bytes of older records on disk, in addition to the budget. `None` is the default, which may be no
        /// history.
        disk_history: Option<u64> = None,
    }
}

group! {
    /// Engines and format that read the bytes of a feed. Each protocol has its own engines, so that none can be chosen
    /// for the other protocol.
    ReadingOptions, changed by ReadingChanges {
        /// Engine of event streams.
        event_stream_engine: EventStreamEngine = EventStreamEngine::default(),
        /// True if an event stream is also read by the other engine, for a comparison.
        event_stream_second_opinion: bool = false,
        /// Engine of WebSockets.
        web_socket_engine: WebSocketEngine = WebSocketEngine::default(),
        /// True if a WebSocket is also read by the other engine, for a comparison.
        web_socket_second_opinion: bool = false,
        /// Format of the body, for `http` and `https`.
        format: StreamFormat = StreamFormat::default(),
    }
}

impl TransportOptions {
    /// Default limit on the time to connect.
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
}

impl WebSocketOptions {
    /// Default interval of keepalive pings.
    pub const KEEPALIVE: Duration = Duration::from_secs(20);
}

impl KeepingOptions {
    /// Default limit on a message or event block: 64 MiB.
    pub const MAX_MESSAGE: u64 = 64 << 20;
}

impl ReadingOptions {
    /// Returns the engine of a protocol.
    pub fn engine(&self, protocol: Protocol) -> Engine {
        match protocol {
            Protocol::EventStream => self.event_stream_engine.into(),
            Protocol::WebSocket => self.web_socket_engine.into(),
        }
    }

    /// Sets the engine of the protocols that it reads. The engines of other protocols stay.
    pub fn choose(&mut self, engine: Engine) {
        self.merge(ReadingChanges::of_engine(engine));
    }

    /// Returns true if feeds of a protocol are also read by its other engine.
    pub fn has_second_opinion(&self, protocol: Protocol) -> bool {
        match protocol {
            Protocol::EventStream => self.event_stream_second_opinion,
            Protocol::WebSocket => self.web_socket_second_opinion,
        }
    }

    /// Sets if feeds of a protocol are also read by its other engine.
    pub fn set_second_opinion(&mut self, protocol: Protocol, is_wanted: bool) {
        match protocol {
            Protocol::EventStream => self.event_stream_second_opinion = is_wanted,
            Protocol::WebSocket => self.web_socket_second_opinion = is_wanted,
        }
    }
}

impl ReadingChanges {
    /// Returns the choice of an engine for the protocols that it reads.
    pub fn of_engine(engine: Engine) -> Self {
        // The native engine reads both protocols. The others leave the choice for the other protocol as it is.
        let (event_stream_engine, web_socket_engine) = match engine {
            Engine::Native => (
                Some(EventStreamEngine::Native),
                Some(WebSocketEngine::Native),
            ),
            Engine::EventsourceClient => (Some(EventStreamEngine::EventsourceClient), None),
            Engine::TokioTungstenite => (None, Some(WebSocketEngine::TokioTungstenite)),
        };
        Self {
            event_stream_engine,
            web_socket_engine,
            ..Self::default()
        }
    }
}
