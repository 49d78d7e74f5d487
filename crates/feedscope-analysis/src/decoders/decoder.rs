//! One step of a chain, and the limit of its output.

use super::failure::StepFailure;
use super::schema::MessageType;
use super::{cbor, compressed, encoded_text, message_pack, protobuf, wire};

/// Maximum size of the output of one step. A small payload can contain a huge amount of compressed zeros.
pub const MAX_OUTPUT_BYTES: usize = 64 << 20;

/// One step of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoder {
    /// Base64 (RFC 4648), in the standard or the URL-safe alphabet.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// gzip (RFC 1952), also of several members.
    Gzip,
    /// zlib (RFC 1950).
    Zlib,
    /// deflate (RFC 1951), raw or in zlib's form.
    Deflate,
    /// Zstandard (RFC 8878).
    Zstd,
    /// brotli (RFC 7932).
    Brotli,
    /// `MessagePack`, to JSON text.
    MessagePack,
    /// CBOR (RFC 8949), to JSON text.
    Cbor,
    /// Protocol Buffers, to JSON text. Without a type, fields are named by their numbers.
    Protobuf(Option<MessageType>),
}

impl Decoder {
    /// Decoders that need no schema.
    pub const WITHOUT_SCHEMA: [Self; 10] = [
        Self::Base64,
        Self::Hex,
        Self::Gzip,
        Self::Zlib,
        Self::Deflate,
        Self::Zstd,
        Self::Brotli,
        Self::MessagePack,
        Self::Cbor,
        Self::Protobuf(None),
    ];

    /// Name of the decoder in a chain.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Deflate => "deflate",
            Self::Zstd => "zstd",
            Self::Brotli => "brotli",
            Self::MessagePack => "msgpack",
            Self::Cbor => "cbor",
            Self::Protobuf(_) => "protobuf",
        }
    }

    /// Returns true if its input is text. The input of the others is binary data, although some of them accept almost any
    /// bytes: `{` is the number 123 in `MessagePack`.
    pub fn reads_text(&self) -> bool {
        matches!(self, Self::Base64 | Self::Hex)
    }

    /// Returns true if its output is JSON text.
    pub fn writes_json(&self) -> bool {
        match self {
            Self::MessagePack | Self::Cbor | Self::Protobuf(_) => true,
            Self::Base64
            | Self::Hex
            | Self::Gzip
            | Self::Zlib
            | Self::Deflate
            | Self::Zstd
            | Self::Brotli => false,
        }
    }

    /// Decodes the output of the step before.
    pub(crate) fn decode(&self, encoded: &[u8]) -> Result<Vec<u8>, StepFailure> {
        self.decode_within(encoded, MAX_OUTPUT_BYTES)
    }

    /// Decodes the output of the step before to at most `limit` bytes.
    pub(crate) fn decode_within(
        &self,
        encoded: &[u8],
        limit: usize,
    ) -> Result<Vec<u8>, StepFailure> {
        match self {
            Self::Base64 => encoded_text::base64(encoded),
            Self::Hex => encoded_text::hex(encoded),
            Self::Gzip => compressed::gzip(encoded, limit),
            Self::Zlib => compressed::zlib(encoded, limit),
            Self::Deflate => compressed::deflate(encoded, limit),
            Self::Zstd => compressed::zstd(encoded, limit),
            Self::Brotli => compressed::brotli(encoded, limit),
            Self::MessagePack => message_pack::to_json(encoded, limit),
            Self::Cbor => cbor::to_json(encoded, limit),
            Self::Protobuf(None) => wire::to_json(encoded, limit),
            Self::Protobuf(Some(message)) => protobuf::to_json(message, encoded, limit),
        }
    }
}
