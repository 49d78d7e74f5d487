//! WebSocket frames to messages and control frames, and back (RFC 6455 5, RFC 7692). Never opens, waits for or closes
//! anything, and knows no randomness: bytes and masking keys come in as values.
//!
//! Frame headers are read and written by `tungstenite`'s frame types; what they add up to is judged here, since its own
//! message layer refuses every reserved bit and with it `permessage-deflate`.

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

/// Which end of the connection we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// We opened the connection: what we send is masked, what comes is not (RFC 6455 5.1).
    Client,
    /// The connection was opened to us; tests play this part.
    Server,
}

impl Role {
    /// The other end.
    #[must_use]
    pub fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// What a message is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataOpcode {
    /// UTF-8.
    Text,
    /// Any bytes.
    Binary,
}

/// One thing that the peer said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireItem<'a> {
    /// A whole message.
    Message {
        /// Text or binary.
        opcode: DataOpcode,
        /// The payload, unmasked and inflated; UTF-8 where it is text.
        data: &'a [u8],
        /// How it came.
        wire: WireInfo,
    },
    /// A ping with its payload, which the pong is to repeat.
    Ping(&'a [u8]),
    /// A pong with its payload.
    Pong(&'a [u8]),
    /// A close frame; whatever comes after it is ignored.
    Close {
        /// The close code; none where the frame was empty.
        code: Option<u16>,
        /// The close reason; may be empty.
        reason: &'a str,
    },
}

/// How a message looks on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WireInfo {
    /// The frames that it takes: 1 where it is not fragmented.
    pub frames: u32,
    /// Whether `permessage-deflate` was applied.
    pub compressed: bool,
    /// The payload bytes of its frames: without headers, and before inflating.
    pub wire_bytes: u64,
}

impl WireInfo {
    /// Itself, unless there is nothing to tell: one frame, as long as the message.
    #[inline]
    #[must_use]
    pub fn unless_plain(self) -> Option<Self> {
        (self.frames > 1 || self.compressed).then_some(self)
    }
}

/// Room that a buffer may keep once its message is done with, so that one huge message does not occupy memory for ever.
const KEPT_CAPACITY: usize = 1 << 20;
