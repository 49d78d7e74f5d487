//! The one interpretation of a record's payload: the meaning of its bytes after the decoders of its feed.
//!
//! The tree, the filter, the offered values, the difference to another record and the demo's comparison all ask here, so that they
//! agree. Never changes what is stored.
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

mod content;
mod decoder;
mod outline;

pub use content::Content;
pub use decoder::{Decoded, Decoder};
pub use outline::{begins_like_json, read_outline};

use std::borrow::Cow;
use std::sync::Arc;

use feedscope_core::Kind;
use feedscope_core::payload::json::{NoOutline, Outline};

/// The way in which the payloads of a feed are read: a chain of decoders. Cheap to clone; the default reads payloads as
/// they were received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interpreter {
    decoders: Arc<[Decoder]>,
}

/// The meaning of one payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpretation<'a> {
    bytes: Cow<'a, [u8]>,
    /// The decoder that could not read the payload; those after it were not tried.
    failed: Option<Decoder>,
}

impl Interpreter {
    /// Reads payloads with these decoders, each on the output of the one before it.
    pub fn new(decoders: impl IntoIterator<Item = Decoder>) -> Self {
        Self {
            decoders: decoders.into_iter().collect(),
        }
    }

    /// Returns true if payloads are read as they were received.
    pub fn is_identity(&self) -> bool {
        self.decoders.is_empty()
    }

    /// The interpretation of a record's payload; `None` for kinds that have none.
    pub fn interpret<'a>(&self, kind: &Kind<'a>) -> Option<Interpretation<'a>> {
        payload(kind).map(|bytes| self.decode(bytes))
    }

    /// The interpretation of a payload that may be a document; `None` for control frames too, whose few bytes belong to
    /// the protocol.
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

impl<'a> Interpretation<'a> {
    /// Bytes that were received or made elsewhere, read as they are.
    pub fn of_bytes(bytes: &'a [u8]) -> Self {
        Self {
            bytes: Cow::Borrowed(bytes),
            failed: None,
        }
    }

    /// The output of the last decoder that could read its input.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, without copying those that were not decoded.
    pub fn into_bytes(self) -> Cow<'a, [u8]> {
        self.bytes
    }

    /// The decoder that could not read its input.
    pub fn failed(&self) -> Option<Decoder> {
        self.failed
    }

    /// The bytes as text; `None` where they are not UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    /// The values of a JSON text, read at once: for payloads that a person reads. [`read_outline`] reads large ones in
    /// steps.
    ///
    /// # Errors
    ///
    /// The bytes are not JSON, or hold too many values.
    pub fn outline(&self) -> Result<Outline, NoOutline> {
        let not_text = |error: std::str::Utf8Error| NoOutline::NotJson {
            at: error.valid_up_to(),
        };
        Outline::of(std::str::from_utf8(&self.bytes).map_err(not_text)?)
    }
}

/// The payload of a record; `None` for kinds that have none of their own.
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
