//! Protocols of a feed and the engines that read them. It contains no options and no life of a feed.

mod close_code;

pub use close_code::CloseCode;

use serde::{Deserialize, Serialize};
use url::Url;

/// Protocol on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Protocol {
    /// Server-Sent Events (HTML 9.2).
    EventStream,
    /// WebSocket (RFC 6455).
    WebSocket,
}

impl Protocol {
    /// Returns the protocol for a URL's scheme; `None` for any other scheme.
    pub fn of(url: &Url) -> Option<Self> {
        match url.scheme() {
            "http" | "https" => Some(Self::EventStream),
            "ws" | "wss" => Some(Self::WebSocket),
            _ => None,
        }
    }

    /// Returns the engine that also reads this protocol besides the native one.
    pub fn other_engine(self) -> Engine {
        match self {
            Self::EventStream => Engine::EventsourceClient,
            Self::WebSocket => Engine::TokioTungstenite,
        }
    }
}

/// Format in which the body of an HTTP feed is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StreamFormat {
    /// The content type of the answer decides. An answer that is neither an event stream nor lines is refused.
    #[default]
    Auto,
    /// Server-Sent Events, whatever the content type is.
    EventStream,
    /// Lines, whatever the content type is; a JSON text sequence (RFC 7464) if the type names one.
    Lines,
}

impl StreamFormat {
    /// Name by which people choose it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::EventStream => "event-stream",
            Self::Lines => "lines",
        }
    }
}

/// Implementation that reads a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// Own decoder for event streams, and own message layer with compression for WebSockets.
    #[default]
    Native,
    /// The `eventsource-client` crate for event streams, with Feedscope's HTTP stack and reconnections.
    ///
    /// It intentionally keeps the crate's differences from the standard. The crate accepts any status 2xx, follows only
    /// the redirects 301 and 307, reports `retry` only with an event, and gives up at data that it cannot parse. An
    /// event that is too long ends the connection.
    EventsourceClient,
    /// The `tokio-tungstenite` crate for WebSockets, on the upgraded stream. It has no compression.
    TokioTungstenite,
}

impl Engine {
    /// Returns the name with which people select the engine.
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::EventsourceClient => "eventsource-client",
            Self::TokioTungstenite => "tokio-tungstenite",
        }
    }
}

/// Engine of event streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EventStreamEngine {
    /// [`Engine::Native`].
    #[default]
    Native,
    /// [`Engine::EventsourceClient`].
    EventsourceClient,
}

/// Engine of WebSockets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WebSocketEngine {
    /// [`Engine::Native`].
    #[default]
    Native,
    /// [`Engine::TokioTungstenite`].
    TokioTungstenite,
}

impl EventStreamEngine {
    /// Engines in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Native, Self::EventsourceClient];
}

impl WebSocketEngine {
    /// Engines in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Native, Self::TokioTungstenite];
}

impl From<EventStreamEngine> for Engine {
    fn from(engine: EventStreamEngine) -> Self {
        match engine {
            EventStreamEngine::Native => Self::Native,
            EventStreamEngine::EventsourceClient => Self::EventsourceClient,
        }
    }
}

impl From<WebSocketEngine> for Engine {
    fn from(engine: WebSocketEngine) -> Self {
        match engine {
            WebSocketEngine::Native => Self::Native,
            WebSocketEngine::TokioTungstenite => Self::TokioTungstenite,
        }
    }
}
