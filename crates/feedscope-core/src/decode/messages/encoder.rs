//! Messages and control frames to bytes (RFC 6455 5). It sends nothing and answers nothing.

use std::error::Error;
use std::fmt;

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::decoder::may_be_sent;
use super::deflate::Deflater;
use super::frame::MAX_CONTROL_BYTES;
use super::mask::apply_mask;
use super::{DataOpcode, KEPT_CAPACITY, Role, Traffic, WireInfo};
use crate::decode::DeflateAgreement;

/// Messages shorter than this are not compressed unless told: it would hardly show on the wire, where headers and
/// packets count too.
const COMPRESSED_FROM: usize = 64;

/// Makes the masking key of a frame; RFC 6455 5.3 wants it unpredictable.
type Keys = Box<dyn FnMut() -> [u8; 4] + Send>;

/// Encodes what is sent over one connection, each frame appended to the bytes that wait to be written.
///
/// Messages are sent in one frame each, unless [`fragment_at`](Self::fragment_at) says otherwise.
pub struct MessageEncoder {
    /// None where we are the server, which masks nothing.
    keys: Option<Keys>,
    deflater: Option<Deflater>,
    compress_from: usize,
    fragment_at: usize,
    traffic: Traffic,
}

/// Why a control frame cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// Its payload is longer than 125 bytes, a close reason longer than 123 (RFC 6455 5.5).
    ControlFrameTooLong {
        /// What it would have been.
        bytes: usize,
    },
    /// A close code that nobody may send (RFC 6455 7.4).
    CloseCode {
        /// What was asked for.
        code: u16,
    },
}

impl MessageEncoder {
    /// An encoder for a client; `keys` makes a masking key for each frame, from a source that nobody can predict.
    pub fn client(
        deflate: Option<DeflateAgreement>,
        keys: impl FnMut() -> [u8; 4] + Send + 'static,
    ) -> Self {
        Self::new(Role::Client, deflate, Some(Box::new(keys)))
    }

    /// An encoder for a server, which masks nothing; tests play this part.
    pub fn server(deflate: Option<DeflateAgreement>) -> Self {
        Self::new(Role::Server, deflate, None)
    }

    /// Leaves messages of fewer than this many bytes uncompressed.
    #[must_use]
    pub fn compress_from(mut self, bytes: usize) -> Self {
        self.compress_from = bytes;
        self
    }

    /// Sends messages in frames of up to this many bytes each, at least one.
    #[must_use]
    pub fn fragment_at(mut self, bytes: usize) -> Self {
        self.fragment_at = bytes.max(1);
        self
    }

    /// Appends a message; returns what it looks like on the wire. Text is UTF-8; that is the caller's to see to.
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
        let frames = payload.len().div_ceil(*fragment_at).max(1);
        for index in 0..frames {
            let start = index * *fragment_at;
            let end = payload.len().min(start.saturating_add(*fragment_at));
            let first = index == 0;
            let header = FrameHeader {
                is_final: index + 1 == frames,
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
    /// The payload is too long; nothing was appended.
    pub fn encode_ping(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode_control(Control::Ping, payload, out)
    }

    /// Appends a pong, which repeats the payload of the ping that it answers.
    ///
    /// # Errors
    /// The payload is too long; nothing was appended.
    pub fn encode_pong(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode_control(Control::Pong, payload, out)
    }

    /// Appends a close frame with a close code and a reason, which may be empty, or with neither.
    ///
    /// # Errors
    /// The code is none to be sent, or the reason too long; nothing was appended.
    pub fn encode_close(
        &mut self,
        close: Option<(u16, &str)>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let mut payload = Vec::new();
        if let Some((code, reason)) = close {
            if !may_be_sent(code) {
                return Err(EncodeError::CloseCode { code });
            }
            payload.extend_from_slice(&code.to_be_bytes());
            payload.extend_from_slice(reason.as_bytes());
        }
        self.encode_control(Control::Close, &payload, out)
    }

    /// What was encoded so far.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    fn new(role: Role, deflate: Option<DeflateAgreement>, keys: Option<Keys>) -> Self {
        let deflater = deflate.map(|agreement| {
            Deflater::new(
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
