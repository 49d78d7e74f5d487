//! The only interpretation of a record's payload: the meaning of its bytes after the decoders of its feed.
//!
//! The tree, the filter, the offered values, the difference to another record and the demo's comparison all use it, so
//! that they agree. It never changes stored data.
//!
//! ```
//! use feedscope_analysis::decoders::{Chain, Decoder};
//! use feedscope_analysis::interpret::Interpreter;
//! use feedscope_core::Kind;
//!
//! let kind = Kind::Event { event: b"price", id: b"", data: b"eyJwcmljZSI6MTAxLjUsInF0eSI6N30=" };
//! let plain = Interpreter::default().interpret(&kind).unwrap();
//! assert!(plain.outline().is_err());
//! let chain = Chain::new([Decoder::Base64]);
//! let decoded = Interpreter::for_received(chain).interpret(&kind).unwrap();
//! assert_eq!(decoded.bytes(), br#"{"price":101.5,"qty":7}"#);
//! assert_eq!(decoded.outline().unwrap().len(), 3);
//! ```

mod beginning;
mod content;
mod decoded;
mod interpretation;
mod outline;
mod recognition;

pub use crate::decoders::Decoder;
pub use beginning::begins_like_json;
pub use content::Content;
pub use decoded::Decoded;
pub use interpretation::Interpretation;
pub use outline::read_outline;

use std::borrow::Cow;

use feedscope_core::{Direction, Kind};

use crate::decoders::{Chain, MAX_OUTPUT_BYTES};

/// Interpreter for the payloads of a feed: a chain of decoders for each direction. It is cheap to clone. The default
/// reads payloads as received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interpreter {
    received: Chain,
    sent: Chain,
    /// Maximum number of bytes of an output, if it is lower than the usual one.
    limit: Option<usize>,
}

impl Interpreter {
    /// Creates an interpreter with a chain for received payloads, and one for sent payloads.
    pub fn new(received: Chain, sent: Chain) -> Self {
        Self {
            received,
            sent,
            limit: None,
        }
    }

    /// Returns an interpreter that decodes to at most `limit` bytes, for a view that must not wait. A payload with a
    /// larger output [is reported](Interpretation::exceeds).
    #[must_use]
    pub fn within(&self, limit: usize) -> Self {
        Self {
            limit: Some(limit),
            ..self.clone()
        }
    }

    /// Creates an interpreter that reads sent payloads as they are.
    pub fn for_received(received: Chain) -> Self {
        Self::new(received, Chain::default())
    }

    /// Returns true if payloads are read as received.
    pub fn is_identity(&self) -> bool {
        self.received.is_empty() && self.sent.is_empty()
    }

    /// Returns the chain for a direction.
    pub fn chain(&self, direction: Direction) -> &Chain {
        match direction {
            Direction::In => &self.received,
            Direction::Out => &self.sent,
        }
    }

    /// Returns the interpretation of a record's payload; `None` for kinds without a payload.
    ///
    /// The decoders apply to events, lines and messages. A text message stays as it is if the first decoder is for binary
    /// data. The bytes of other kinds belong to the protocol.
    pub fn interpret<'a>(&self, kind: &Kind<'a>) -> Option<Interpretation<'a>> {
        let chain = match kind {
            // Event streams have no direction; all of their payloads are received.
            Kind::Event { .. } | Kind::Line { .. } => &self.received,
            Kind::Text { direction, .. } if !self.chain(*direction).reads_text() => {
                return payload(kind).map(Interpretation::of_bytes);
            }
            Kind::Text { direction, .. } | Kind::Binary { direction, .. } => self.chain(*direction),
            _ => return payload(kind).map(Interpretation::of_bytes),
        };
        payload(kind).map(|bytes| {
            let limit = self.limit.unwrap_or(MAX_OUTPUT_BYTES);
            let (bytes, failed) = chain.decode_part(bytes, limit);
            Interpretation { bytes, failed }
        })
    }

    /// Returns the decoded payload of an event, a line or a message that arrived; `None` for other records. A payload that
    /// cannot be decoded is returned as the last successful decoder left it.
    pub fn received<'a>(&self, kind: &Kind<'a>) -> Option<Cow<'a, [u8]>> {
        let payload = kind.received()?;
        // The usual case borrows the payload.
        if self.received.is_empty() {
            return Some(Cow::Borrowed(payload));
        }
        self.interpret(kind).map(Interpretation::into_bytes)
    }

    /// Returns the interpretation of a payload that may be a document. It is also `None` for control frames, because
    /// their few bytes belong to the protocol.
    pub fn document<'a>(&self, kind: &Kind<'a>) -> Option<Interpretation<'a>> {
        match kind {
            Kind::Ping { .. } | Kind::Pong { .. } | Kind::Close { .. } => None,
            _ => self.interpret(kind),
        }
    }
}

/// Returns the payload of a record; `None` for kinds without a payload of their own.
fn payload<'a>(kind: &Kind<'a>) -> Option<&'a [u8]> {
    match *kind {
        Kind::Close { reason, .. } => Some(reason.as_bytes()),
        _ => kind.data(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_core::NoteCode;

    fn message(direction: Direction, data: &str) -> Kind<'_> {
        Kind::Text {
            direction,
            data: data.as_bytes(),
            failed: None,
            wire: None,
        }
    }

    fn text(data: &str) -> Kind<'_> {
        message(Direction::In, data)
    }

    fn interpreter(chain: &str) -> Interpreter {
        Interpreter::for_received(Chain::parse(chain, None).unwrap())
    }

    #[test]
    fn decoders_work_on_the_output_of_the_one_before() {
        // "[1, 2, 3, \"four\"]", encoded twice.
        let twice = "V3pFc0lESXNJRE1zSUNKbWIzVnlJbDA9";
        let kind = text(twice);
        let read = |chain: &str| interpreter(chain).interpret(&kind).unwrap();
        assert_eq!(read("base64").text(), Some("WzEsIDIsIDMsICJmb3VyIl0="));
        let both = read("base64,base64");
        assert_eq!(both.text(), Some("[1, 2, 3, \"four\"]"));
        assert_eq!(both.outline().unwrap().len(), 5);
    }

    #[test]
    fn text_messages_are_not_read_as_binary_data() {
        let hello = "{\"hello\":\"ws\"}";
        for chain in ["msgpack", "cbor", "protobuf", "gzip,msgpack", "brotli"] {
            let kind = text(hello);
            let read = interpreter(chain).interpret(&kind).unwrap();
            assert_eq!(read.text(), Some(hello), "{chain}");
            assert!(read.failed().is_none(), "{chain}");
        }
        let binary = Kind::Binary {
            direction: Direction::In,
            data: b"\x81\xa1a\x01",
            failed: None,
            wire: None,
        };
        let read = interpreter("msgpack").interpret(&binary).unwrap();
        assert_eq!(read.text(), Some("{\"a\":1}"));
    }

    #[test]
    fn a_payload_that_a_decoder_cannot_read_stays_as_it_was_before_it() {
        let both = interpreter("base64,base64");
        let kind = text("WzEsIDIsIDMsICJmb3VyIl0=");
        let read = both.interpret(&kind).unwrap();
        let failed = read.failed().unwrap();
        assert_eq!((failed.step, failed.byte), (2, 0));
        assert_eq!(read.text(), Some("[1, 2, 3, \"four\"]"));
        let plain = Interpreter::default();
        assert!(plain.is_identity() && !both.is_identity());
        assert_eq!(plain.interpret(&kind).unwrap().failed(), None);
    }

    #[test]
    fn each_direction_has_its_chain() {
        let chain = |text| Chain::parse(text, None).unwrap();
        let interpreter = Interpreter::new(chain("hex"), chain("base64"));
        let read = |direction, data: &'static str| {
            let kind = message(direction, data);
            String::from_utf8(interpreter.interpret(&kind).unwrap().into_bytes().into()).unwrap()
        };
        assert_eq!(read(Direction::In, "6131"), "a1");
        assert_eq!(read(Direction::Out, "YTE="), "a1");
        let ping = Kind::Ping {
            direction: Direction::In,
            data: b"6131",
        };
        assert_eq!(interpreter.interpret(&ping).unwrap().bytes(), b"6131");
    }

    #[test]
    fn only_documents_are_read_as_documents() {
        let interpreter = Interpreter::default();
        let ping = Kind::Ping {
            direction: Direction::In,
            data: b"7",
        };
        assert!(interpreter.interpret(&ping).is_some());
        assert!(interpreter.document(&ping).is_none());
        assert!(interpreter.document(&text("7")).is_some());
        let note = Kind::Note {
            code: NoteCode("let_go"),
            text: "7",
        };
        assert!(interpreter.interpret(&note).is_none());
    }
}
