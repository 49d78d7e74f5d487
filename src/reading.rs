//! Interpretation of the payloads of a run: decoders, lens, and documents that are put together. Plain values.
//! Only `recorded` reads a file, which is the schema that a recording names.

mod of_feed;
mod recorded;

use feedscope_analysis::assembled::Documents;
use feedscope_analysis::decoders::Chain;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::{Choice, FeedAddress, LensReader};

pub use of_feed::keeper_messages;

/// Reading of the payloads of one feed, as its own options name it. The reading of the run applies where one is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeedReading {
    /// Decoders of received payloads.
    pub received: Option<Chain>,
    /// Decoders of sent payloads.
    pub sent: Option<Chain>,
    /// Choice of the lens.
    pub lens: Option<Choice>,
}

impl FeedReading {
    /// Returns these choices, and those of `usual` where there is none.
    #[must_use]
    pub fn or(self, usual: &Self) -> Self {
        Self {
            received: self.received.or_else(|| usual.received.clone()),
            sent: self.sent.or_else(|| usual.sent.clone()),
            lens: self.lens.or(usual.lens),
        }
    }

    /// Returns these choices for all feeds of a run, which uses this lens unless another is chosen.
    #[must_use]
    pub fn of_run(self, usual_lens: Choice) -> RunReading {
        let given = self.clone();
        RunReading {
            interpreter: Interpreter::new(
                self.received.unwrap_or_default(),
                self.sent.unwrap_or_default(),
            ),
            lens: self.lens.unwrap_or(usual_lens),
            given,
            ..RunReading::default()
        }
    }
}

/// Interpretation of the payloads of a run. The default leaves them as they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunReading {
    /// Decoders of both directions.
    pub interpreter: Interpreter,
    /// Lens of each feed.
    pub lens: Choice,
    /// Choices of the user, which come before those in a recording.
    pub given: FeedReading,
    /// Parts of documents are put together.
    pub is_assembled: bool,
    /// The messages that the protocol requires are sent.
    pub is_kept: bool,
}

impl RunReading {
    /// Returns the reader for a feed; `None` if nothing is interpreted.
    pub fn reader(&self, address: &FeedAddress) -> Option<LensReader> {
        let reader = LensReader::new(self.lens, address.clone(), self.interpreter.clone());
        (!reader.is_idle()).then_some(reader)
    }

    /// Returns the documents of a feed.
    pub fn documents(&self, address: &FeedAddress) -> Documents {
        Documents::new(self.lens, address, self.interpreter.clone())
    }
}
