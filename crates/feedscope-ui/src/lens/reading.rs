//! Choices about the payloads of a feed, and the decoders that are offered because they fit its first payloads.

use feedscope_analysis::analysis::Task;
use feedscope_analysis::decoders::{Chain, ChainProblem, fitting_chain};
use feedscope_analysis::interpret::{Interpreter, begins_like_json, received};
use feedscope_analysis::job::Job;
use feedscope_analysis::lenses::Choice;
use feedscope_core::Direction;
use feedscope_core::store::Store;

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

impl PayloadReading {
    /// Returns the choices that these texts describe. Without a text, a choice is the usual one.
    ///
    /// # Errors
    ///
    /// Returns a sentence about a text that is not understood.
    pub fn parse(
        received: Option<&str>,
        sent: Option<&str>,
        lens: Option<&str>,
    ) -> Result<Self, String> {
        let [received, sent] = [received, sent].map(Option::unwrap_or_default);
        Ok(Self {
            interpreter: interpreter(received, sent).map_err(|problem| problem.to_string())?,
            lens: lens.map_or(Ok(Choice::Auto), Choice::parse)?,
        })
    }

    /// Returns the decoders of received and of sent payloads, and the lens, as texts. A usual choice has none.
    pub fn texts(&self) -> [Option<String>; 3] {
        let chain = |direction| chain_text(&self.interpreter, direction);
        let lens = match self.lens {
            Choice::Auto => None,
            Choice::Off => Some("none".to_owned()),
            Choice::Named(lens) => Some(lens.word().to_owned()),
        };
        [chain(Direction::In), chain(Direction::Out), lens]
    }
}

/// Texts of the two chains in the menu of the decoders.
#[derive(Debug)]
pub(crate) struct TypedChains {
    pub(crate) received: String,
    pub(crate) sent: String,
    /// Mistake in one of the texts.
    pub(crate) problem: Option<ChainProblem>,
}

impl TypedChains {
    /// Returns the texts of these decoders.
    pub(super) fn of(interpreter: &Interpreter) -> Self {
        let text = |direction| chain_text(interpreter, direction).unwrap_or_default();
        Self {
            received: text(Direction::In),
            sent: text(Direction::Out),
            problem: None,
        }
    }

    /// Returns the decoders that the texts name. A mistake is kept to be shown.
    pub(crate) fn parse(&mut self) -> Option<Interpreter> {
        let read = interpreter(&self.received, &self.sent);
        self.problem = read.as_ref().err().cloned();
        read.ok()
    }
}

/// Returns the text of the decoders of a direction; `None` without decoders.
fn chain_text(interpreter: &Interpreter, direction: Direction) -> Option<String> {
    let chain = interpreter.chain(direction);
    (!chain.is_empty()).then(|| chain.to_string())
}

/// Returns the decoders that these texts name. An empty text names none.
fn interpreter(received: &str, sent: &str) -> Result<Interpreter, ChainProblem> {
    let [received, sent] = [received, sent].map(|text| Chain::parse(text, None));
    Ok(Interpreter::new(received?, sent?))
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
            .filter_map(|(_, record)| Some(received(&record.kind)?.to_vec()))
            .filter(|payload| !payload.is_empty())
            .take(EXAMINED)
            .collect();
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
        let texts = [Some("base64,gzip"), Some("hex"), Some("json-rpc")];
        let [received, sent, lens] = texts;
        let reading = PayloadReading::parse(received, sent, lens).unwrap();
        assert_eq!(reading.texts(), texts.map(|text| text.map(str::to_owned)));
        assert_eq!(PayloadReading::default().texts(), [None, None, None]);
        let usual = PayloadReading::parse(None, None, None).unwrap();
        assert_eq!(usual, PayloadReading::default());
        assert!(PayloadReading::parse(Some("rot13"), None, None).is_err());
    }

    #[test]
    fn texts_name_the_decoders_of_both_directions() {
        let mut typed = TypedChains::of(&Interpreter::default());
        assert_eq!((typed.received.as_str(), typed.sent.as_str()), ("", ""));
        typed.received = "base64, gzip".to_owned();
        let read = typed.parse().unwrap();
        assert_eq!(TypedChains::of(&read).received, "base64,gzip");
        typed.sent = "rot13".to_owned();
        assert!(typed.parse().is_none() && typed.problem.is_some());
    }
}
