//! Reading of the payloads of a feed in its recording, and how it is used again when the recording is opened.

use std::path::Path;

use feedscope_analysis::decoders::Chain;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::Choice;
use feedscope_core::Direction;
use feedscope_files::recording::RecordedReading;

use super::{FeedReading, RunReading};
use crate::schema;

impl RunReading {
    /// Returns this reading for a recording.
    pub fn recorded(&self) -> RecordedReading {
        let chains = [Direction::In, Direction::Out].map(|side| self.interpreter.chain(side));
        let [decode, decode_sent] =
            chains.map(|chain| (!chain.is_empty()).then(|| chain.to_string()));
        let proto = chains.into_iter().find_map(Chain::schema);
        RecordedReading {
            decode,
            decode_sent,
            lens: match self.lens {
                Choice::Named(lens) => Some(lens.word().to_owned()),
                Choice::Auto => Some("auto".to_owned()),
                // It is the usual choice of a run.
                Choice::Off => None,
            },
            proto: proto.map(str::to_owned),
        }
    }

    /// Returns the interpretation for a feed in a recording. The choices of the user come before those in the file.
    ///
    /// # Errors
    ///
    /// Returns a sentence about a choice in the file that cannot be used, such as a schema that is gone.
    pub fn of_recording(&self, recorded: &RecordedReading) -> Result<Self, String> {
        if recorded.is_empty() {
            return Ok(self.clone());
        }
        let FeedReading {
            received,
            sent,
            lens,
        } = self.given.clone().over(recorded)?;
        Ok(Self {
            interpreter: Interpreter::new(received.unwrap_or_default(), sent.unwrap_or_default()),
            lens: lens.unwrap_or(self.lens),
            ..self.clone()
        })
    }
}

impl FeedReading {
    /// Returns these choices, and those of a recording where there is none. The schema is read if a decoder uses it.
    ///
    /// # Errors
    ///
    /// Returns a sentence about a choice in the recording that cannot be used.
    pub fn over(self, recorded: &RecordedReading) -> Result<Self, String> {
        let unless = |given: &Option<Chain>, text: &Option<String>| match given {
            Some(_) => None,
            None => text.clone(),
        };
        let texts = [
            unless(&self.received, &recorded.decode),
            unless(&self.sent, &recorded.decode_sent),
        ];
        // A schema that is gone does not matter where the user has chosen other decoders.
        let mut used = texts.iter().flatten();
        let uses_schema = used.any(|chain| chain.contains("protobuf"));
        let path = recorded.proto.as_deref().filter(|_| uses_schema);
        let schema = path.map(|path| schema::load(Path::new(path)));
        let schema = schema.transpose()?;
        let [received, sent] = texts.map(|text| {
            let chain = text.map(|text| Chain::parse(&text, schema.as_ref()));
            chain.transpose().map_err(|problem| problem.to_string())
        });
        let lens = recorded.lens.as_deref().map(Choice::parse);
        let lens = lens.filter(|_| self.lens.is_none()).transpose()?;
        Ok(self.or(&Self {
            received: received?,
            sent: sent?,
            lens,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(text: &str) -> Chain {
        Chain::parse(text, None).unwrap()
    }

    fn recorded() -> RecordedReading {
        RecordedReading {
            decode: Some("base64,gzip".to_owned()),
            decode_sent: Some("hex".to_owned()),
            lens: Some("json-rpc".to_owned()),
            proto: None,
        }
    }

    #[test]
    fn a_recording_gives_the_choices_that_the_user_leaves_out() {
        let reading = FeedReading::default().over(&recorded()).unwrap();
        assert_eq!(reading.received, Some(chain("base64,gzip")));
        assert_eq!(reading.sent, Some(chain("hex")));
        assert_eq!(reading.lens, Some(Choice::parse("json-rpc").unwrap()));
        let given = FeedReading {
            received: Some(chain("none")),
            lens: Some(Choice::Off),
            ..FeedReading::default()
        };
        let reading = given.over(&recorded()).unwrap();
        assert_eq!(reading.received, Some(Chain::default()));
        assert_eq!(reading.sent, Some(chain("hex")));
        assert_eq!(reading.lens, Some(Choice::Off));
    }

    #[test]
    fn a_recorded_reading_is_the_same_again() {
        let run = FeedReading::default().of_run(Choice::Off);
        let read = run.of_recording(&recorded()).unwrap();
        assert_eq!(read.recorded(), recorded());
        // The user of another run named no lens, so that the usual one of that run applies.
        let usual = FeedReading::default().of_run(Choice::Auto);
        let plain = usual.of_recording(&RecordedReading::default()).unwrap();
        assert_eq!(plain.lens, Choice::Auto);
        assert!(run.recorded().is_empty());
    }

    #[test]
    fn a_schema_that_is_gone_matters_only_where_it_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gone.proto");
        let recorded = RecordedReading {
            decode: Some("protobuf:A".to_owned()),
            proto: Some(path.display().to_string()),
            ..RecordedReading::default()
        };
        let problem = FeedReading::default().over(&recorded).unwrap_err();
        assert!(problem.contains("gone.proto"), "{problem}");
        let given = FeedReading {
            received: Some(chain("hex")),
            ..FeedReading::default()
        };
        assert_eq!(given.clone().over(&recorded).unwrap(), given);
    }
}
