//! Chain of decoders, each for the output of the one before it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::decoder::{Decoder, MAX_OUTPUT_BYTES};
use super::failure::DecodeFailure;
use super::schema::{NoMessage, Schema};

/// Decoders in the order in which they are applied. It is cheap to clone. The empty chain returns its input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    decoders: Arc<[Decoder]>,
}

/// Maximum number of decoders. A real payload has two or three.
const MAX_STEPS: usize = 16;

/// Mistake in the text of a chain. Its text form is a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainProblem {
    /// No decoder has this name.
    Unknown(String),
    /// The schema has no message of this name; the names that it has follow.
    UnknownType(String, Vec<String>),
    /// A message type is named, and there is no schema.
    NoSchema(String),
    /// There are several messages in the schema, of which one must be named.
    SeveralTypes(Vec<String>),
    /// There are more decoders than this.
    TooLong(usize),
}

impl Chain {
    /// Creates a chain of these decoders.
    pub fn new(decoders: impl IntoIterator<Item = Decoder>) -> Self {
        Self {
            decoders: decoders.into_iter().collect(),
        }
    }

    /// Parses names with commas between them, such as `gzip,msgpack` or `protobuf:shop.Order`. `none` and an empty text
    /// are the empty chain.
    ///
    /// # Errors
    ///
    /// Returns the mistake in the text.
    pub fn parse(text: &str, schema: Option<&Schema>) -> Result<Self, ChainProblem> {
        let text = text.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("none") {
            return Ok(Self::default());
        }
        let decoders = text
            .split(',')
            .map(|name| step(name.trim(), schema))
            .collect::<Result<Vec<_>, _>>()?;
        if decoders.len() > MAX_STEPS {
            return Err(ChainProblem::TooLong(MAX_STEPS));
        }
        Ok(Self::new(decoders))
    }

    /// Returns true if payloads are read as received.
    pub fn is_empty(&self) -> bool {
        self.decoders.is_empty()
    }

    /// Returns true if it applies to a message that its sender marked as text. A feed may have messages of both kinds.
    pub fn reads_text(&self) -> bool {
        self.decoders.first().is_none_or(Decoder::reads_text)
    }

    /// Returns the decoders in order.
    pub fn decoders(&self) -> &[Decoder] {
        &self.decoders
    }

    /// Name of the schema of its messages, under which the schema can be read again.
    pub fn schema(&self) -> Option<&str> {
        self.decoders.iter().find_map(|decoder| match decoder {
            Decoder::Protobuf(Some(message)) => message.schema(),
            _ => None,
        })
    }

    /// Decodes a payload.
    ///
    /// # Errors
    ///
    /// Returns the step that failed, and the byte in its input.
    pub fn decode<'a>(&self, payload: &'a [u8]) -> Result<Cow<'a, [u8]>, DecodeFailure> {
        match self.decode_part(payload, MAX_OUTPUT_BYTES) {
            (bytes, None) => Ok(bytes),
            (_, Some(failure)) => Err(failure),
        }
    }

    /// Decodes a payload up to the first step that fails. The output of the steps before it is kept. `limit` is the
    /// maximum number of bytes of each output.
    pub(crate) fn decode_part<'a>(
        &self,
        payload: &'a [u8],
        limit: usize,
    ) -> (Cow<'a, [u8]>, Option<DecodeFailure>) {
        // Without decoders, the payload is returned without a copy.
        let mut bytes = Cow::Borrowed(payload);
        for (place, decoder) in self.decoders.iter().enumerate() {
            match decoder.decode_within(&bytes, limit) {
                Ok(decoded) => bytes = Cow::Owned(decoded),
                Err(failed) => {
                    let failure = DecodeFailure {
                        step: place + 1,
                        decoder: decoder.name(),
                        byte: failed.byte,
                        problem: failed.problem,
                    };
                    // The output of the steps before the failed one is still worth showing.
                    return (bytes, Some(failure));
                }
            }
        }
        (bytes, None)
    }
}

/// Parses one step.
fn step(text: &str, schema: Option<&Schema>) -> Result<Decoder, ChainProblem> {
    let (name, message) = match text.split_once(':') {
        Some((name, message)) => (name, Some(message)),
        None => (text, None),
    };
    // The name of a message is not changed, because Protocol Buffers distinguishes letters by case.
    let name = name.to_ascii_lowercase();
    if name == "protobuf" {
        return match (schema, message) {
            (None, None) => Ok(Decoder::Protobuf(None)),
            (None, Some(message)) => Err(ChainProblem::NoSchema(message.to_owned())),
            (Some(schema), message) => match schema.message(message) {
                Ok(message) => Ok(Decoder::Protobuf(Some(message))),
                Err(NoMessage::Unknown(name, known)) => Err(ChainProblem::UnknownType(name, known)),
                Err(NoMessage::Several(known)) => Err(ChainProblem::SeveralTypes(known)),
            },
        };
    }
    let known = Decoder::WITHOUT_SCHEMA.into_iter();
    let mut known = known.filter(|decoder| message.is_none() && decoder.name() == name);
    known
        .next()
        // The full name is common too.
        .or_else(|| {
            let is_full_name = message.is_none() && name == "messagepack";
            is_full_name.then_some(Decoder::MessagePack)
        })
        .ok_or_else(|| ChainProblem::Unknown(text.to_owned()))
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        for (place, decoder) in self.decoders.iter().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            f.write_str(decoder.name())?;
            if let Decoder::Protobuf(Some(message)) = decoder {
                write!(f, ":{}", message.name())?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for ChainProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => {
                write!(f, "there is no decoder `{name}`; there are ")?;
                for (place, decoder) in Decoder::WITHOUT_SCHEMA.iter().enumerate() {
                    let comma = if place > 0 { ", " } else { "" };
                    write!(f, "{comma}{}", decoder.name())?;
                }
                Ok(())
            }
            Self::UnknownType(name, known) => write!(
                f,
                "the schema has no message `{name}`; it has {}",
                listed(known)
            ),
            Self::NoSchema(name) => write!(
                f,
                "`protobuf:{name}` names a message, which requires a schema (--proto FILE)"
            ),
            Self::SeveralTypes(known) if known.is_empty() => {
                f.write_str("the schema has no message")
            }
            Self::SeveralTypes(known) => write!(
                f,
                "the schema has several messages; name one, as in `protobuf:{}`. It has {}",
                known.first().map_or("", String::as_str),
                listed(known)
            ),
            Self::TooLong(limit) => write!(f, "there are more than {limit} decoders in the chain"),
        }
    }
}

/// Returns the first names of a list that may be long.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = names
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > SHOWN {
        text.push_str(" and others");
    }
    text
}
