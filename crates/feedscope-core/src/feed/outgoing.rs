//! [`Outgoing`]: an item that a person or a program sends over a WebSocket.

use crate::protocol::CloseCode;

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
        code: CloseCode,
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
