//! Violations of the protocol by a peer, with the close code for the answer and the text for people. It performs no
//! checks.

use std::error::Error;
use std::fmt;

use crate::protocol::CloseCode;

/// Violation of the protocol by the peer. [`Display`](fmt::Display) writes it for people.
///
/// The connection cannot continue, because the bytes after the error have no reliable frame limits. The owner of the
/// connection sends a close frame with [`close_code`](Self::close_code) and closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolError {
    /// A reserved bit is set that no negotiated extension uses (RFC 6455 5.2, RFC 7692 6).
    ReservedBit {
        /// Number of the first such bit: 1, 2 or 3.
        bit: u8,
    },
    /// RSV1, which marks a compressed message, is set on a connection without compression (RFC 7692 6).
    CompressedWithoutAgreement,
    /// The opcode is reserved (RFC 6455 5.2).
    ReservedOpcode {
        /// Opcode from 3 to 7 or 11 to 15.
        opcode: u8,
    },
    /// A length uses more bytes than necessary (RFC 6455 5.2).
    LengthNotMinimal,
    /// A length is 2^63 or more (RFC 6455 5.2).
    LengthOutOfRange,
    /// A server masked its frame (RFC 6455 5.1).
    Masked,
    /// A client did not mask its frame (RFC 6455 5.1).
    Unmasked,
    /// A control frame is fragmented (RFC 6455 5.5).
    FragmentedControlFrame,
    /// A control frame has more than 125 bytes (RFC 6455 5.5).
    ControlFrameTooLong {
        /// Length in its header.
        bytes: u64,
    },
    /// A continuation frame has no message to continue (RFC 6455 5.4).
    NothingToContinue,
    /// A new message began before the fragments of another were complete (RFC 6455 5.4).
    MessageInsideMessage,
    /// A close frame has only one byte, which is not a close code (RFC 6455 5.5.1).
    HalfCloseCode,
    /// The close code must not be sent (RFC 6455 7.4).
    CloseCode {
        /// Received close code.
        code: CloseCode,
    },
    /// The close reason is not UTF-8 (RFC 6455 5.5.1).
    CloseReasonNotUtf8,
    /// A text message is not UTF-8 (RFC 6455 8.1).
    TextNotUtf8 {
        /// Offset of the first invalid byte in the message, from 0.
        at: u64,
    },
    /// A compressed message cannot be inflated (RFC 7692 7.2.2).
    BadDeflate,
    /// A message exceeds the limit, on the wire or inflated.
    TooLong {
        /// Limit in bytes.
        limit: u64,
    },
}

impl ProtocolError {
    /// Returns the close code that informs the peer (RFC 6455 7.4.1).
    pub fn close_code(&self) -> CloseCode {
        match self {
            Self::CloseReasonNotUtf8 | Self::TextNotUtf8 { .. } | Self::BadDeflate => {
                CloseCode::INVALID_PAYLOAD
            }
            Self::TooLong { .. } => CloseCode::MESSAGE_TOO_BIG,
            Self::ReservedBit { .. }
            | Self::CompressedWithoutAgreement
            | Self::ReservedOpcode { .. }
            | Self::LengthNotMinimal
            | Self::LengthOutOfRange
            | Self::Masked
            | Self::Unmasked
            | Self::FragmentedControlFrame
            | Self::ControlFrameTooLong { .. }
            | Self::NothingToContinue
            | Self::MessageInsideMessage
            | Self::HalfCloseCode
            | Self::CloseCode { .. } => CloseCode::PROTOCOL_ERROR,
        }
    }
}

impl Error for ProtocolError {}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReservedBit { bit } => {
                write!(f, "a frame with RSV{bit} set, which means nothing here")
            }
            Self::CompressedWithoutAgreement => f.write_str(
                "a frame with RSV1 set, as compressed messages have it, although no compression was agreed on",
            ),
            Self::ReservedOpcode { opcode } => {
                write!(f, "a frame with opcode {opcode}, which means nothing")
            }
            Self::LengthNotMinimal => {
                f.write_str("a frame whose length is written in more bytes than it needs")
            }
            Self::LengthOutOfRange => f.write_str("a frame length of 2^63 or more"),
            Self::Masked => f.write_str("a masked frame from a server"),
            Self::Unmasked => f.write_str("an unmasked frame from a client"),
            Self::FragmentedControlFrame => f.write_str("a control frame in fragments"),
            Self::ControlFrameTooLong { bytes } => {
                write!(f, "a control frame of {bytes} bytes; 125 are allowed")
            }
            Self::NothingToContinue => {
                f.write_str("a continuation frame without a message to continue")
            }
            Self::MessageInsideMessage => {
                f.write_str("a new message before the last fragment of another")
            }
            Self::HalfCloseCode => f.write_str("a close frame with one byte in place of a code"),
            Self::CloseCode { code } => {
                write!(f, "a close frame with code {code}, which must not be sent")
            }
            Self::CloseReasonNotUtf8 => f.write_str("a close reason that is not UTF-8"),
            Self::TextNotUtf8 { at } => {
                write!(f, "a text message that is not UTF-8 from byte {at} on")
            }
            Self::BadDeflate => f.write_str("a compressed message that cannot be inflated"),
            Self::TooLong { limit } => write!(f, "more than {limit} bytes"),
        }
    }
}
