//! Decoders for payloads: a chain of steps from the received bytes to JSON text or other bytes. The output of each step
//! is bounded. This module reads no file; schemas are passed in as text.
//!
//! ```
//! use feedscope_analysis::decoders::Chain;
//!
//! let chain = Chain::parse("base64,msgpack", None).unwrap();
//! let decoded = chain.decode(b"gaFhzwAgAAAAAAAB").unwrap();
//! assert_eq!(*decoded, *br#"{"a":9007199254740993}"#);
//! let failure = chain.decode(b"gaFhzw==").unwrap_err();
//! assert_eq!((failure.decoder, failure.step, failure.byte), ("msgpack", 2, 4));
//! ```

mod cbor;
mod chain;
mod compressed;
mod cursor;
mod decoder;
mod encoded_text;
mod failure;
mod guess;
mod json_text;
mod message_pack;
mod protobuf;
mod schema;
mod wire;

pub use chain::{Chain, ChainProblem};
pub use decoder::{Decoder, MAX_OUTPUT_BYTES};
pub use failure::{DecodeFailure, DecodeProblem};
pub use guess::fitting_chain;
pub use schema::{MessageType, Schema};

#[cfg(test)]
mod tests;
