//! The protocols of a feed and the engines that read them. Knows nothing of a feed's options or its life.

use serde::{Deserialize, Serialize};
use url::Url;

/// What is spoken on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Protocol {
    /// Server-Sent Events (HTML 9.2).
    EventStream,
    /// WebSocket (RFC 6455).
    WebSocket,
}

impl Protocol {
    /// The protocol that a URL's scheme asks for; `None` for a scheme that is neither.
    pub fn of(url: &Url) -> Option<Self> {
        match url.scheme() {
            "http" | "https" => Some(Self::EventStream),
            "ws" | "wss" => Some(Self::WebSocket),
            _ => None,
        }
    }

    /// The engine that reads it besides the native one.
    pub fn other_engine(self) -> Engine {
        match self {
            Self::EventStream => Engine::EventsourceClient,
            Self::WebSocket => Engine::TokioTungstenite,
        }
    }
}

/// The implementation that reads a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// Our own decoder for event streams, our own message layer, with compression, for WebSockets.
    #[default]
    Native,
    /// The `eventsource-client` crate for event streams, over our HTTP stack and with our reconnections.
    ///
    /// What it does differently from the standard is there to be seen: it takes any answer of 2xx for a feed, follows
    /// redirects 301 and 307 only, tells `retry` only with an event, and gives up at what it cannot read. An event that
    /// is too long ends the connection.
    EventsourceClient,
    /// The `tokio-tungstenite` crate for WebSockets, on the upgraded stream; it has no compression.
    TokioTungstenite,
}

impl Engine {
    /// The name that people choose it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::EventsourceClient => "eventsource-client",
            Self::TokioTungstenite => "tokio-tungstenite",
        }
    }
}
