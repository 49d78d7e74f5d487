//! Encoder from messages and control frames to bytes (RFC 6455 5). It does not send the bytes.

use std::error::Error;
use std::fmt;

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::deflate::Deflater;
use super::frame::MAX_CONTROL_BYTES;
use super::mask::apply_mask;
use super::{DataOpcode, KEPT_CAPACITY, Role, Traffic, WireInfo};
use crate::decode::DeflateAgreement;
use crate::protocol::CloseCode;

/// Default minimum length of a compressed message. Below it, compression has little effect on the wire, because headers
/// and packets also need bytes.
const COMPRESSED_FROM: usize = 64;

/// Source of masking keys, one for each frame. RFC 6455 5.3 requires unpredictable keys.
type Keys = Box<dyn FnMut() -> [u8; 4] + Send>;

/// Encoder for the messages of one connection. It appends each frame to the bytes that wait to be written.
///
/// Each message is one frame, unless [`fragment_at`](Self::fragment_at) sets another limit.
pub struct MessageEncoder {
    /// `None` for a server, which does not mask.
    keys: Option<Keys>,
    deflater: Option<Deflater>,
    compress_from: usize,
    fragment_at: usize,
    traffic: Traffic,
}

/// Error for a control frame that cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// The payload is longer than 125 bytes, or a close reason longer than 123 (RFC 6455 5.5).
    ControlFrameTooLong {
        /// Length of the payload.
        bytes: usize,
    },
    /// The close code must not be sent (RFC 6455 7.4).
    CloseCode {
        /// Requested close code.
        code: CloseCode,
    },
}

impl MessageEncoder {
    /// Creates an encoder for a client. `keys` returns a masking key for each frame, from an unpredictable source.
    pub fn client(
        deflate: Option<DeflateAgreement>,
        keys: impl FnMut() -> [u8; 4] + Send + 'static,
    ) -> Self {
        Self::new(Role::Client, deflate, Some(Box::new(keys)))
    }

    /// Creates an encoder for a server, which does not mask. Tests use it.
    pub fn server(deflate: Option<DeflateAgreement>) -> Self {
        Self::new(Role::Server, deflate, None)
    }

    /// Sets the minimum length of compressed messages.
    #[must_use]
    pub fn compress_from(mut self, bytes: usize) -> Self {
        self.compress_from = bytes;
        self
    }

    /// Sets the maximum length of a frame's payload, which is at least one byte.
    #[must_use]
    pub fn fragment_at(mut self, bytes: usize) -> Self {
        self.fragment_at = bytes.max(1);
        self
    }

    /// Appends a message and returns its form on the wire. The caller guarantees that text is UTF-8.
    pub fn encode_message(
        &mut self,
        opcode: DataOpcode,
        data: &[u8],
        out: &mut Vec<u8>,
    ) -> WireInfo {
        let Self {
            keys,
            deflater,
            compress_from,
            fragment_at,
            traffic,
        } = self;
        let compressed = match deflater {
            Some(deflater) if data.len() >= *compress_from => deflater.compress(data),
            _ => None,
        };
        let payload = compressed.unwrap_or(data);
        // An empty message also needs a frame.
        let frames = payload.len().div_ceil(*fragment_at).max(1);
        for index in 0..frames {
            let start = index * *fragment_at;
            let end = payload.len().min(start.saturating_add(*fragment_at));
            let first = index == 0;
            let header = FrameHeader {
                is_final: index + 1 == frames,
                // RFC 7692 6.1: only the first frame of a message is marked as compressed.
                rsv1: first && compressed.is_some(),
                opcode: OpCode::Data(if first {
                    opcode.on_wire()
                } else {
                    Data::Continue
                }),
                ..FrameHeader::default()
            };
            write_frame(header, &payload[start..end], keys.as_mut(), out);
        }
        let wire = WireInfo {
            frames: u32::try_from(frames).unwrap_or(u32::MAX),
            compressed: compressed.is_some(),
            wire_bytes: payload.len() as u64,
        };
        traffic.count_message(data.len(), wire);
        if let Some(deflater) = deflater {
            deflater.let_go(KEPT_CAPACITY);
        }
        wire
    }

    /// Appends a ping.
    ///
    /// # Errors
    /// Returns an error and appends nothing if the payload is too long.
    pub fn encode_ping(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode_control(Control::Ping, payload, out)
    }

    /// Appends a pong, which repeats the payload of its ping.
    ///
    /// # Errors
    /// Returns an error and appends nothing if the payload is too long.
    pub fn encode_pong(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode_control(Control::Pong, payload, out)
    }

    /// Appends a close frame, with a close code and a reason that may be empty, or without both.
    ///
    /// # Errors
    /// Returns an error and appends nothing if the code must not be sent or the reason is too long.
    pub fn encode_close(
        &mut self,
        close: Option<(CloseCode, &str)>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let mut payload = Vec::new();
        if let Some((code, reason)) = close {
            // RFC 6455 7.4.1: some codes must not be in a frame, such as 1005 and 1006.
            if !code.may_be_sent() {
                return Err(EncodeError::CloseCode { code });
            }
            payload.extend_from_slice(&code.0.to_be_bytes());
            payload.extend_from_slice(reason.as_bytes());
        }
        self.encode_control(Control::Close, &payload, out)
    }

    /// Returns the counts of encoded data.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    fn new(role: Role, deflate: Option<DeflateAgreement>, keys: Option<Keys>) -> Self {
        let deflater = deflate.map(|agreement| {
            Deflater::new(
                // Sent messages are compressed by this end.
                agreement.max_window_bits(role),
                !agreement.no_context_takeover(role),
            )
        });
        Self {
            keys,
            deflater,
            compress_from: COMPRESSED_FROM,
            fragment_at: usize::MAX,
            traffic: Traffic::default(),
        }
    }

    fn encode_control(
        &mut self,
        control: Control,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        if payload.len() > MAX_CONTROL_BYTES {
            let bytes = payload.len();
            return Err(EncodeError::ControlFrameTooLong { bytes });
        }
        let header = FrameHeader {
            opcode: OpCode::Control(control),
            ..FrameHeader::default()
        };
        write_frame(header, payload, self.keys.as_mut(), out);
        self.traffic.control_frames += 1;
        Ok(())
    }
}

fn write_frame(
    mut header: FrameHeader,
    payload: &[u8],
    keys: Option<&mut Keys>,
    out: &mut Vec<u8>,
) {
    // RFC 6455 5.3: every frame needs a new key.
    header.mask = keys.map(|keys| keys());
    let length = payload.len() as u64;
    out.reserve(header.len(length) + payload.len());
    header
        .format(length, out)
        .expect("a Vec takes everything that is written to it");
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(key) = header.mask {
        apply_mask(&mut out[start..], key, 0);
    }
}

impl DataOpcode {
    fn on_wire(self) -> Data {
        match self {
            Self::Text => Data::Text,
            Self::Binary => Data::Binary,
        }
    }
}

impl fmt::Debug for MessageEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageEncoder")
            .field("deflater", &self.deflater)
            .field("compress_from", &self.compress_from)
            .field("fragment_at", &self.fragment_at)
            .field("traffic", &self.traffic)
            .finish_non_exhaustive()
    }
}

impl Error for EncodeError {}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ControlFrameTooLong { bytes } => write!(
                f,
                "a control frame holds {MAX_CONTROL_BYTES} bytes, these are {bytes}"
            ),
            Self::CloseCode { code } => write!(f, "{code} is no close code that may be sent"),
        }
    }
}
