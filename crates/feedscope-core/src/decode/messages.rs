//! Conversion between WebSocket frames and messages or control frames (RFC 6455 5, RFC 7692).
//!
//! It does not open, wait for or close anything, and it creates no random values: bytes and masking keys are arguments.
//!
//! The frame types of `tungstenite` parse and format frame headers. This code checks the sequence of frames, because
//! the message layer of `tungstenite` refuses every reserved bit and therefore `permessage-deflate`.

use crate::protocol::CloseCode;

mod assembly;
mod decoder;
mod deflate;
mod encoder;
mod frame;
mod inflate;
mod mask;
mod output_buffer;
mod protocol_error;
mod traffic;
mod utf8;

pub use decoder::MessageDecoder;
pub use encoder::{EncodeError, MessageEncoder};
pub use protocol_error::ProtocolError;
pub use traffic::Traffic;

/// End of the connection that this program represents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// This end opened the connection. Frames that it sends are masked, and frames that it receives are not (RFC 6455
    /// 5.1).
    Client,
    /// The other end opened the connection. Tests use this role.
    Server,
}

impl Role {
    /// Returns the other end.
    #[must_use]
    pub fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// Kind of a message's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataOpcode {
    /// UTF-8 text.
    Text,
    /// Any bytes.
    Binary,
}

/// Item that the peer sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireItem<'a> {
    /// Complete message.
    Message {
        /// Text or binary.
        opcode: DataOpcode,
        /// Payload, unmasked and inflated. The payload of a text message is valid UTF-8.
        data: &'a [u8],
        /// Form of the message on the wire.
        wire: WireInfo,
    },
    /// Ping with its payload, which the pong must repeat.
    Ping(&'a [u8]),
    /// Pong with its payload.
    Pong(&'a [u8]),
    /// Close frame. All data after it is ignored.
    Close {
        /// Close code; `None` if the frame was empty.
        code: Option<CloseCode>,
        /// Close reason; may be empty.
        reason: &'a str,
    },
}

/// Form of a message on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WireInfo {
    /// Number of its frames; 1 if it is not fragmented.
    pub frames: u32,
    /// True if `permessage-deflate` was applied.
    pub compressed: bool,
    /// Number of payload bytes of its frames, without headers and before inflating.
    pub wire_bytes: u64,
}

impl WireInfo {
    /// Returns `None` for the plain form, which is one frame without compression.
    #[inline]
    #[must_use]
    pub fn unless_plain(self) -> Option<Self> {
        (self.frames > 1 || self.compressed).then_some(self)
    }
}

/// Maximum capacity that a buffer keeps after its message, so that one huge message does not occupy memory permanently.
const KEPT_CAPACITY: usize = 1 << 20;
