//! Texts about decoders.

use feedscope_analysis::decoders::Chain;
use feedscope_analysis::interpret::Interpreter;
use feedscope_core::Direction;

/// Entries of the menu.
pub(crate) const DO_NOT_DECODE: &str = "Show payloads as received";
pub(crate) const APPLY_DECODERS: &str = "Decode";

/// Explanation of the fields.
pub(crate) const DECODER_NAMES: &str = "Decoders in their order, with commas between them: base64, hex, gzip, zlib, deflate, zstd, brotli, msgpack, cbor, protobuf";

/// Explanation of the field for a schema.
pub(crate) const ABOUT_SCHEMA: &str = "Path of a .proto file or a descriptor set for the decoder protobuf. protobuf:shop.Order names the message; a schema with one message needs no name.";
pub(crate) const SCHEMA_WITHOUT_DECODER: &str =
    "the schema is for the decoder protobuf, which is in no chain";

/// Examples in the empty fields.
pub(crate) const CHAIN_HINT: &str = "base64,gzip,msgpack";
pub(crate) const SCHEMA_HINT: &str = "shop.proto";

/// Names of the fields.
pub(crate) const DECODERS_OF_RECEIVED: &str = "Decoders of received payloads";
pub(crate) const DECODERS_OF_SENT: &str = "Decoders of sent payloads";
pub(crate) const SCHEMA: &str = "Schema of Protocol Buffers, file";

/// Longest chain in the chip, in characters.
const LONGEST: usize = 24;

/// Returns the text of the chip.
pub(crate) fn decoders_chip(interpreter: &Interpreter, offered: Option<&Chain>) -> String {
    if interpreter.is_identity() {
        let sign = if offered.is_some() {
            "decode?"
        } else {
            "decode: none"
        };
        return format!("{sign} ▾");
    }
    let chains = [Direction::In, Direction::Out].map(|direction| interpreter.chain(direction));
    let count: usize = chains.iter().map(|chain| chain.decoders().len()).sum();
    match chains {
        [received, sent] if sent.is_empty() && received.to_string().len() <= LONGEST => {
            format!("decode: {received} ▾")
        }
        _ => format!("decode: {} ▾", super::counted(count as u64, "step")),
    }
}

/// Returns a sentence about the decoders in use, or about those that fit.
pub(crate) fn about_decoders(interpreter: &Interpreter, offered: Option<&Chain>) -> String {
    if let Some(chain) = offered {
        return format!(
            "The first payloads are JSON after {chain}. Rows, filter, columns and plots can use this JSON. Stored data does not change."
        );
    }
    if interpreter.is_identity() {
        return "Payloads are read as received.".to_owned();
    }
    let mut sentences = Vec::new();
    for (direction, name) in [(Direction::In, "Received"), (Direction::Out, "Sent")] {
        let chain = interpreter.chain(direction);
        if !chain.is_empty() {
            sentences.push(format!("{name} payloads are read after {chain}."));
        }
    }
    sentences.push("Stored data does not change.".to_owned());
    sentences.join(" ")
}

/// Returns the entry that uses decoders that fit.
pub(crate) fn decode_with(chain: &Chain) -> String {
    format!("Decode received payloads: {chain}")
}
