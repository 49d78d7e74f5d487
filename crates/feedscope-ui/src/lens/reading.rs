//! Choices about the payloads of a feed, and the decoders that are offered because they fit its first payloads.

use feedscope_analysis::analysis::Task;
use feedscope_analysis::decoders::{Chain, Schema, fitting_chain};
use feedscope_analysis::interpret::{Interpreter, begins_like_json};
use feedscope_analysis::job::Job;
use feedscope_analysis::lenses::Choice;
use feedscope_core::Direction;
use feedscope_core::store::Store;

use crate::words;

/// Reading of a feed's payloads: the decoders of both directions, and the lens.
#[derive(Clone, Debug, PartialEq)]
pub struct PayloadReading {
    /// Decoders of both directions.
    pub interpreter: Interpreter,
    /// Choice of the lens.
    pub lens: Choice,
}

impl Default for PayloadReading {
    fn default() -> Self {
        Self {
            interpreter: Interpreter::default(),
            lens: Choice::Auto,
        }
    }
}

/// Texts that describe a reading, as options have them. A usual choice has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadingTexts {
    /// Decoders of received payloads.
    pub received: Option<String>,
    /// Decoders of sent payloads.
    pub sent: Option<String>,
    /// Lens.
    pub lens: Option<String>,
    /// Path of the schema for the decoder protobuf.
    pub schema: Option<String>,
}

impl PayloadReading {
    /// Returns the choices that these texts describe, with the schema that they name. Without a text, a choice is the
    /// usual one.
    ///
    /// # Errors
    ///
    /// Returns a sentence about a text that is not understood.
    pub fn parse(texts: &ReadingTexts, schema: Option<&Schema>) -> Result<Self, String> {
        let chain = |text: &Option<String>| {
            let text = text.as_deref().unwrap_or_default();
            Chain::parse(text, schema).map_err(|problem| problem.to_string())
        };
        let lens = texts.lens.as_deref();
        Ok(Self {
            interpreter: Interpreter::new(chain(&texts.received)?, chain(&texts.sent)?),
            lens: lens.map_or(Ok(Choice::Auto), Choice::parse)?,
        })
    }

    /// Returns the choices as texts.
    pub fn texts(&self) -> ReadingTexts {
        let chains = [Direction::In, Direction::Out].map(|side| self.interpreter.chain(side));
        // The usual values are `None`, so that a session does not contain them.
        let [received, sent] = chains.map(|chain| (!chain.is_empty()).then(|| chain.to_string()));
        let schema = chains.into_iter().find_map(Chain::schema);
        ReadingTexts {
            received,
            sent,
            lens: match self.lens {
                Choice::Auto => None,
                Choice::Off => Some("none".to_owned()),
                Choice::Named(lens) => Some(lens.word().to_owned()),
            },
            schema: schema.map(str::to_owned),
        }
    }
}

/// Fields of the menu of the decoders and of the options: a chain for each direction, and the path of a schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TypedChains {
    pub(crate) received: String,
    pub(crate) sent: String,
    pub(crate) schema: String,
    /// Mistake in one of the texts.
    pub(crate) problem: Option<String>,
}

/// Result of typed chains.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Typed {
    /// Decoders that need no file.
    Decoders(Interpreter),
    /// Texts with the path of a schema, which is read elsewhere.
    WithSchema(ReadingTexts),
}

impl TypedChains {
    /// Returns what the user has typed.
    pub(crate) fn texts(&self) -> [&str; 3] {
        [&self.received, &self.sent, &self.schema]
    }

    /// Returns the texts of this reading.
    pub(crate) fn of(reading: &PayloadReading) -> Self {
        let ReadingTexts {
            received,
            sent,
            schema,
            lens: _,
        } = reading.texts();
        Self {
            received: received.unwrap_or_default(),
            sent: sent.unwrap_or_default(),
            schema: schema.unwrap_or_default(),
            problem: None,
        }
    }

    /// Returns the typed decoders. A mistake is kept to be shown. `lens` is the choice of the lens, which stays.
    pub(crate) fn parse(&mut self, lens: Choice) -> Option<Typed> {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let texts = ReadingTexts {
            received: text(&self.received),
            sent: text(&self.sent),
            schema: text(&self.schema),
            ..PayloadReading {
                lens,
                ..PayloadReading::default()
            }
            .texts()
        };
        let uses_schema = [&self.received, &self.sent]
            .into_iter()
            .any(|chain| chain.to_ascii_lowercase().contains("protobuf"));
        self.problem = None;
        // The file of the schema is read by the app.
        if texts.schema.is_some() && uses_schema {
            return Some(Typed::WithSchema(texts));
        }
        if texts.schema.is_some() {
            self.problem = Some(words::SCHEMA_WITHOUT_DECODER.to_owned());
            return None;
        }
        match PayloadReading::parse(&texts, None) {
            Ok(reading) => Some(Typed::Decoders(reading.interpreter)),
            Err(problem) => {
                self.problem = Some(problem);
                None
            }
        }
    }
}

/// Number of payloads that must fit. Two payloads of a feed are not enough to judge by.
const EXAMINED: usize = 3;

/// Maximum size of such a payload in bytes, and of the records that are searched for them.
const LONGEST: usize = 64 << 10;
const MOST_BYTES: usize = 256 << 10;

/// Decoders that fit the first payloads of a feed.
#[derive(Default)]
pub(super) enum ReadingOffer {
    /// Too few payloads have arrived.
    #[default]
    Waiting,
    /// The payloads are being decoded, or have been.
    Examined(Job<Option<Chain>>),
    /// The payloads need no decoder, or the user has chosen one.
    Nothing,
}

impl ReadingOffer {
    /// Examines the first payloads as soon as there are enough.
    pub(super) fn sync(&mut self, store: &Store, reading: &PayloadReading) {
        if !matches!(self, Self::Waiting) {
            return;
        }
        if !reading.interpreter.is_identity() {
            *self = Self::Nothing;
            return;
        }
        let Some(portion) = store.portion(store.extent().first, MOST_BYTES) else {
            return;
        };
        let records = portion.records();
        let payloads: Vec<Vec<u8>> = records
            .filter_map(|(_, record)| Some(record.kind.received()?.to_vec()))
            .filter(|payload| !payload.is_empty())
            .take(EXAMINED)
            .collect();
        // A payload that is JSON already needs no decoder.
        let is_excluded = |bytes: &Vec<u8>| begins_like_json(bytes) || bytes.len() > LONGEST;
        if payloads.iter().any(is_excluded) {
            *self = Self::Nothing;
        } else if payloads.len() == EXAMINED {
            *self = Self::Examined(Job::in_one_go(move |_wanted| {
                let payloads: Vec<&[u8]> = payloads.iter().map(Vec::as_slice).collect();
                Some(fitting_chain(&payloads))
            }));
        }
    }

    /// Returns the decoders that fit.
    pub(super) fn found(&self) -> Option<&Chain> {
        match self {
            Self::Examined(job) => job.get()?.as_ref(),
            Self::Waiting | Self::Nothing => None,
        }
    }

    /// Returns the analysis to run.
    pub(super) fn task(&self) -> Option<Task> {
        match self {
            Self::Examined(job) => job.task(),
            Self::Waiting | Self::Nothing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use feedscope_core::store::DEFAULT_BUDGET_BYTES;
    use feedscope_core::{Kind, Record, Sink as _, Stamp};

    use super::*;

    /// Returns the offer for these payloads.
    fn offer(payloads: &[&str]) -> Option<String> {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        let mut offer = ReadingOffer::default();
        for data in payloads {
            offer.sync(&store, &PayloadReading::default());
            let kind = Kind::Line {
                data: data.as_bytes(),
            };
            writer.push(&Record {
                stamp: Stamp::default(),
                connection: 1,
                kind,
            });
        }
        offer.sync(&store, &PayloadReading::default());
        while let Some(task) = offer.task() {
            task.step(1 << 20);
        }
        offer.found().map(ToString::to_string)
    }

    #[test]
    fn decoders_are_offered_where_all_first_payloads_fit() {
        // {"price":101.5} and similar ones.
        let encoded = [
            "eyJwcmljZSI6MTAxLjV9",
            "eyJwcmljZSI6MTAxLjZ9",
            "eyJwcmljZSI6MTAxLjd9",
        ];
        assert_eq!(offer(&encoded).as_deref(), Some("base64"));
        assert_eq!(offer(&encoded[..2]), None, "two payloads are too few");
        assert_eq!(offer(&[encoded[0], encoded[1], "hello"]), None);
        assert_eq!(offer(&[r#"{"price":1}"#, encoded[0], encoded[1]]), None);
    }

    #[test]
    fn choices_are_the_same_after_their_texts() {
        let texts = ReadingTexts {
            received: Some("base64,gzip".to_owned()),
            sent: Some("hex".to_owned()),
            lens: Some("json-rpc".to_owned()),
            schema: None,
        };
        let reading = PayloadReading::parse(&texts, None).unwrap();
        assert_eq!(reading.texts(), texts);
        let usual = PayloadReading::parse(&ReadingTexts::default(), None).unwrap();
        assert_eq!(usual, PayloadReading::default());
        assert_eq!(usual.texts(), ReadingTexts::default());
        let wrong = ReadingTexts {
            received: Some("rot13".to_owned()),
            ..ReadingTexts::default()
        };
        assert!(PayloadReading::parse(&wrong, None).is_err());
    }

    #[test]
    fn a_schema_is_named_by_the_texts() {
        let proto = "syntax = \"proto3\"; message A { uint32 id = 1; } message B {}";
        let schema = Schema::compile("a.proto", |_| Some(proto.to_owned())).unwrap();
        let schema = schema.named("/home/a.proto");
        let texts = ReadingTexts {
            received: Some("protobuf:A".to_owned()),
            schema: Some("/home/a.proto".to_owned()),
            ..ReadingTexts::default()
        };
        let reading = PayloadReading::parse(&texts, Some(&schema)).unwrap();
        assert_eq!(reading.texts(), texts);
        let mut typed = TypedChains::of(&reading);
        assert_eq!(typed.parse(Choice::Auto), Some(Typed::WithSchema(texts)));
        // The schema would be ignored silently.
        typed.received = "hex".to_owned();
        assert!(typed.parse(Choice::Auto).is_none() && typed.problem.is_some());
    }

    #[test]
    fn texts_name_the_decoders_of_both_directions() {
        let mut typed = TypedChains::of(&PayloadReading::default());
        assert_eq!((typed.received.as_str(), typed.sent.as_str()), ("", ""));
        typed.received = "base64, gzip".to_owned();
        let Some(Typed::Decoders(interpreter)) = typed.parse(Choice::Auto) else {
            panic!("the decoders were refused");
        };
        let read = PayloadReading {
            interpreter,
            ..PayloadReading::default()
        };
        assert_eq!(TypedChains::of(&read).received, "base64,gzip");
        typed.sent = "rot13".to_owned();
        assert!(typed.parse(Choice::Auto).is_none() && typed.problem.is_some());
    }
}
