//! Items of a decoder in an owned form.

use feedscope_core::decode::{DataOpcode, MessageDecoder, ProtocolError, WireInfo, WireItem};

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum MessageItem {
    Message {
        opcode: DataOpcode,
        data: Vec<u8>,
        wire: WireInfo,
    },
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close {
        code: Option<u16>,
        reason: String,
    },
}

/// All items of a connection, and its protocol error, if any.
pub(crate) type Decoded = (Vec<MessageItem>, Option<ProtocolError>);

/// Decodes the chunks of one connection, up to the first error.
pub(crate) fn decode<'a>(
    decoder: &mut MessageDecoder,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Decoded {
    let mut items = Vec::new();
    for chunk in chunks {
        let fed = decoder.feed(chunk, &mut |item: WireItem<'_>| items.push(item.into()));
        if let Err(error) = fed {
            return (items, Some(error));
        }
    }
    (items, None)
}

impl From<WireItem<'_>> for MessageItem {
    fn from(item: WireItem<'_>) -> Self {
        match item {
            WireItem::Message { opcode, data, wire } => Self::Message {
                opcode,
                data: data.to_vec(),
                wire,
            },
            WireItem::Ping(payload) => Self::Ping(payload.to_vec()),
            WireItem::Pong(payload) => Self::Pong(payload.to_vec()),
            WireItem::Close { code, reason } => Self::Close {
                code: code.map(|code| code.0),
                reason: reason.to_owned(),
            },
        }
    }
}

/// Shortens long payloads, so that the message of a failed test is readable.
impl std::fmt::Debug for MessageItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let short = |bytes: &[u8]| {
            let shown = &bytes[..bytes.len().min(60)];
            format!("{} bytes \"{}\"", bytes.len(), shown.escape_ascii())
        };
        match self {
            Self::Message { opcode, data, wire } => {
                write!(f, "{opcode:?} {} {wire:?}", short(data))
            }
            Self::Ping(payload) => write!(f, "Ping {}", short(payload)),
            Self::Pong(payload) => write!(f, "Pong {}", short(payload)),
            Self::Close { code, reason } => write!(f, "Close {code:?} {reason:?}"),
        }
    }
}
