//! Selection of a lens: by the user, by the address of a feed, or by its first messages.

use feedscope_core::feed::FeedSpec;

use super::json::Json;
use super::{Lens, Message, graphql, json_rpc, llm, phoenix, signalr, socket_io, stomp};

/// Name of a lens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the protocol of this name")]
pub enum LensName {
    SocketIo,
    GraphqlWs,
    JsonRpc,
    Signalr,
    Stomp,
    Phoenix,
    Llm,
}

impl LensName {
    /// All lenses. Those that are recognized by the clearest signs come first.
    pub const ALL: [Self; 7] = [
        Self::SocketIo,
        Self::GraphqlWs,
        Self::Signalr,
        Self::Stomp,
        Self::Phoenix,
        Self::JsonRpc,
        Self::Llm,
    ];

    /// Returns the word on the command line and in JSON lines.
    pub fn word(self) -> &'static str {
        match self {
            Self::SocketIo => "socket.io",
            Self::GraphqlWs => "graphql-ws",
            Self::JsonRpc => "json-rpc",
            Self::Signalr => "signalr",
            Self::Stomp => "stomp",
            Self::Phoenix => "phoenix",
            Self::Llm => "llm",
        }
    }

    /// Returns the lens of this name.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|name| name.word().eq_ignore_ascii_case(word))
    }

    pub(super) fn lens(self, address: &FeedAddress) -> Box<dyn Lens> {
        match self {
            Self::SocketIo => Box::new(socket_io::SocketIo::new(&address.url)),
            Self::GraphqlWs => Box::new(graphql::GraphqlWs),
            Self::JsonRpc => Box::new(json_rpc::JsonRpc),
            Self::Signalr => Box::new(signalr::Signalr),
            Self::Stomp => Box::new(stomp::Stomp),
            Self::Phoenix => Box::new(phoenix::Phoenix),
            Self::Llm => Box::new(llm::Llm::default()),
        }
    }

    /// Returns the reason for which a message is of this protocol.
    fn sign_in(self, message: &Message<'_>, json: Option<Json<'_>>) -> Option<&'static str> {
        match self {
            Self::SocketIo => socket_io::sign(message),
            Self::GraphqlWs => graphql::sign(message, json?),
            Self::JsonRpc => json_rpc::sign(message, json),
            Self::Signalr => signalr::sign(message),
            Self::Stomp => stomp::sign(message),
            Self::Phoenix => phoenix::sign(message, json?),
            Self::Llm => llm::sign(message, json?),
        }
    }
}

/// Choice of a lens by the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// No lens.
    #[default]
    Off,
    /// The lens that fits.
    Auto,
    /// This lens.
    Named(LensName),
}

impl Choice {
    /// Parses the name of a lens, `auto`, or `off` or `none`.
    ///
    /// # Errors
    ///
    /// Returns a sentence with the names that exist.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "auto" => Ok(Self::Auto),
            "off" | "none" => Ok(Self::Off),
            word => LensName::of_word(word).map(Self::Named).ok_or_else(|| {
                let names = LensName::ALL.map(LensName::word).join(", ");
                format!("there is no lens `{text}`; there are auto, off, {names}")
            }),
        }
    }
}

/// Facts about a feed that are known before its first message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedAddress {
    /// URL of the feed; empty if it is not known.
    pub url: String,
    /// Subprotocols that the client offers, or the one in force.
    pub subprotocols: Vec<String>,
}

impl FeedAddress {
    /// Returns the address of a feed with a connection.
    pub fn of(spec: &FeedSpec) -> Self {
        Self {
            url: spec.url.to_string(),
            subprotocols: spec.web_socket.subprotocols.clone(),
        }
    }

    /// Returns the lens that the address alone determines.
    pub fn lens(&self) -> Option<Recognized> {
        let by_subprotocol = self.subprotocols.iter().find_map(|name| {
            let lens = match name.to_ascii_lowercase().as_str() {
                "graphql-transport-ws" | "graphql-ws" => LensName::GraphqlWs,
                "v10.stomp" | "v11.stomp" | "v12.stomp" | "stomp" => LensName::Stomp,
                "mcp" => LensName::JsonRpc,
                _ => return None,
            };
            Some(Recognized::new(
                lens,
                format!("the subprotocol is `{name}`"),
            ))
        });
        // A subprotocol is agreed on, whereas a URL only suggests a protocol.
        by_subprotocol.or_else(|| {
            let (path, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
            let mut pairs = query.split('&');
            if let Some(version) = pairs
                .clone()
                .find(|pair| matches!(*pair, "EIO=3" | "EIO=4"))
            {
                return Some(Recognized::new(
                    LensName::SocketIo,
                    format!("the URL has `{version}`"),
                ));
            }
            if path.trim_end_matches('/').ends_with("/socket.io") {
                return Some(Recognized::new(
                    LensName::SocketIo,
                    "the path of the URL is `socket.io`".to_owned(),
                ));
            }
            // Clients of Phoenix add their version of the serializer to the URL.
            let is_phoenix = pairs.any(|pair| matches!(pair, "vsn=1.0.0" | "vsn=2.0.0"));
            is_phoenix.then(|| {
                Recognized::new(
                    LensName::Phoenix,
                    "the URL has a `vsn` of Phoenix".to_owned(),
                )
            })
        })
    }
}

/// Lens that was selected without the user, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognized {
    /// The lens.
    pub lens: LensName,
    /// End of the sentence "This lens was selected because …".
    pub reason: String,
}

impl Recognized {
    pub(super) fn new(lens: LensName, reason: String) -> Self {
        Self { lens, reason }
    }

    /// Returns the lens of the first protocol that a message has signs of.
    pub(super) fn of_message(message: &Message<'_>) -> Option<Self> {
        // The payload is parsed once for all lenses.
        let json = Json::document(message.bytes);
        LensName::ALL.into_iter().find_map(|lens| {
            let sign = lens.sign_in(message, json)?;
            Some(Self::new(lens, sign.to_owned()))
        })
    }
}
