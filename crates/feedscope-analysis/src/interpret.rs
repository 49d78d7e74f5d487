//! The only interpretation of a record's payload: the meaning of its bytes after the decoders of its feed.
//!
//! The tree, the filter, the offered values, the difference to another record and the demo's comparison all use it, so
//! that they agree. It never changes stored data.
//!
//! ```
//! use feedscope_analysis::interpret::{Decoder, Interpreter};
//! use feedscope_core::Kind;
//!
//! let kind = Kind::Event { event: b"price", id: b"", data: b"eyJwcmljZSI6MTAxLjUsInF0eSI6N30=" };
//! let plain = Interpreter::default().interpret(&kind).unwrap();
//! assert!(plain.outline().is_err());
//! let decoded = Interpreter::new([Decoder::Base64]).interpret(&kind).unwrap();
//! assert_eq!(decoded.bytes(), br#"{"price":101.5,"qty":7}"#);
//! assert_eq!(decoded.outline().unwrap().len(), 3);
//! ```

mod beginning;
mod content;
mod decoded;
mod decoder;
mod interpretation;
mod outline;

pub use beginning::begins_like_json;
pub use content::Content;
pub use decoded::Decoded;
pub use decoder::Decoder;
pub use interpretation::Interpretation;
pub use outline::read_outline;

use std::borrow::Cow;
use std::sync::Arc;

use feedscope_core::Kind;

/// Interpreter for the payloads of a feed: a chain of decoders. It is cheap to clone. The default reads payloads as
/// received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interpreter {
    decoders: Arc<[Decoder]>,
}

impl Interpreter {
    /// Creates an interpreter with these decoders, each for the output of the one before it.
    pub fn new(decoders: impl IntoIterator<Item = Decoder>) -> Self {
        Self {
            decoders: decoders.into_iter().collect(),
        }
    }

    /// Returns true if payloads are read as received.
    pub fn is_identity(&self) -> bool {
        self.decoders.is_empty()
    }

    /// Returns the interpretation of a record's payload; `None` for kinds without a payload.
    pub fn interpret<'a>(&self, kind: &Kind<'a>) -> Option<Interpretation<'a>> {
        payload(kind).map(|bytes| self.decode(bytes))
    }

    /// Returns the interpretation of a payload that may be a document. It is also `None` for control frames, because
    /// their few bytes belong to the protocol.
    pub fn document<'a>(&self, kind: &Kind<'a>) -> Option<Interpretation<'a>> {
        match kind {
            Kind::Ping { .. } | Kind::Pong { .. } | Kind::Close { .. } => None,
            _ => self.interpret(kind),
        }
    }

    fn decode<'a>(&self, payload: &'a [u8]) -> Interpretation<'a> {
        let mut bytes = Cow::Borrowed(payload);
        for &decoder in &*self.decoders {
            match decoder.decode(&bytes) {
                Some(decoded) => bytes = Cow::Owned(decoded),
                None => {
                    // The output of the decoders before the failed one is kept.
                    return Interpretation {
                        bytes,
                        failed: Some(decoder),
                    };
                }
            }
        }
        Interpretation {
            bytes,
            failed: None,
        }
    }
}

/// Returns the payload of a record; `None` for kinds without a payload of their own.
fn payload<'a>(kind: &Kind<'a>) -> Option<&'a [u8]> {
    match *kind {
        Kind::Event { data, .. }
        | Kind::Comment { data }
        | Kind::Line { data }
        | Kind::Text { data, .. }
        | Kind::Binary { data, .. }
        | Kind::Ping { data, .. }
        | Kind::Pong { data, .. } => Some(data),
        Kind::Close { reason, .. } => Some(reason.as_bytes()),
        Kind::State(_) | Kind::Retry { .. } | Kind::Gap(_) | Kind::Note { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_core::Direction;

    fn text(data: &str) -> Kind<'_> {
        Kind::Text {
            direction: Direction::In,
            data: data.as_bytes(),
            failed: None,
            wire: None,
        }
    }

    #[test]
    fn decoders_work_on_the_output_of_the_one_before() {
        // "[1, 2, 3, \"four\"]", encoded twice.
        let twice = "V3pFc0lESXNJRE1zSUNKbWIzVnlJbDA9";
        let once = Interpreter::new([Decoder::Base64]);
        let both = Interpreter::new([Decoder::Base64, Decoder::Base64]);
        let kind = text(twice);
        let read = |interpreter: &Interpreter| interpreter.interpret(&kind).unwrap();
        assert_eq!(read(&once).text(), Some("WzEsIDIsIDMsICJmb3VyIl0="));
        assert_eq!(read(&both).text(), Some("[1, 2, 3, \"four\"]"));
        assert_eq!(read(&both).outline().unwrap().len(), 5);
    }

    #[test]
    fn a_payload_that_a_decoder_cannot_read_stays_as_it_was_before_it() {
        let both = Interpreter::new([Decoder::Base64, Decoder::Base64]);
        let kind = text("WzEsIDIsIDMsICJmb3VyIl0=");
        let read = both.interpret(&kind).unwrap();
        assert_eq!(read.failed(), Some(Decoder::Base64));
        assert_eq!(read.text(), Some("[1, 2, 3, \"four\"]"));
        let plain = Interpreter::default();
        assert!(plain.is_identity() && !both.is_identity());
        assert_eq!(plain.interpret(&kind).unwrap().failed(), None);
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
            code: "let_go",
            text: "7",
        };
        assert!(interpreter.interpret(&note).is_none());
    }
}
