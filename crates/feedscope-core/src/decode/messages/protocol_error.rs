//! How a peer can break the protocol: the close code that answers it, and the words that people read. It never decides
//! whether something is broken.

use std::error::Error;
use std::fmt;

/// What was wrong with what the peer sent. [`Display`](fmt::Display) says it to people.
///
/// The connection cannot go on: nothing after the fault can be told apart. Whoever holds it sends a close frame with
/// [`close_code`](Self::close_code) and closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolError {
    /// A reserved bit that nothing negotiated gives a meaning to (RFC 6455 5.2, RFC 7692 6).
    ReservedBit {
        /// 1, 2 or 3: the first of those that are set in vain.
        bit: u8,
    },
    /// RSV1, which marks a compressed message, on a connection without compression (RFC 7692 6).
    CompressedWithoutAgreement,
    /// An opcode that has no meaning (RFC 6455 5.2).
    ReservedOpcode {
        /// 3 to 7 or 11 to 15.
        opcode: u8,
    },
    /// A length in more bytes than it needs (RFC 6455 5.2).
    LengthNotMinimal,
    /// A length of 2^63 or more (RFC 6455 5.2).
    LengthOutOfRange,
    /// A server masked its frame (RFC 6455 5.1).
    Masked,
    /// A client did not mask its frame (RFC 6455 5.1).
    Unmasked,
    /// A control frame in fragments (RFC 6455 5.5).
    FragmentedControlFrame,
    /// A control frame of more than 125 bytes (RFC 6455 5.5).
    ControlFrameTooLong {
        /// What its header says.
        bytes: u64,
    },
    /// A continuation without a message to continue (RFC 6455 5.4).
    NothingToContinue,
    /// A new message before the fragments of another were complete (RFC 6455 5.4).
    MessageInsideMessage,
    /// A close frame of one byte, which is no close code (RFC 6455 5.5.1).
    HalfCloseCode,
    /// A close code that nobody may send (RFC 6455 7.4).
    CloseCode {
        /// What was sent.
        code: u16,
    },
    /// A close reason that is not UTF-8 (RFC 6455 5.5.1).
    CloseReasonNotUtf8,
    /// A text message that is not UTF-8 (RFC 6455 8.1).
    TextNotUtf8 {
        /// Where in the message the bytes begin that are none, counted from 0.
        at: u64,
    },
    /// A compressed message that cannot be inflated (RFC 7692 7.2.2).
    BadDeflate,
    /// A message of more bytes than are accepted, as it came or inflated.
    TooLong {
        /// How many are.
        limit: u64,
    },
}

impl ProtocolError {
    /// The close code that tells the peer (RFC 6455 7.4.1).
    pub fn close_code(&self) -> u16 {
        match self {
            Self::CloseReasonNotUtf8 | Self::TextNotUtf8 { .. } | Self::BadDeflate => 1007,
            Self::TooLong { .. } => 1009,
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
            | Self::CloseCode { .. } => 1002,
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
                write!(f, "a close frame with code {code}, which nobody may send")
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
