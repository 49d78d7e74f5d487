//! Second opinion on a feed: the native engine and another engine decode the same bytes side by side, and their results
//! are compared.
//!
//! The comparison does not affect the connection or its records. It costs nothing unless it was requested.

mod event_stream;
mod messages;
mod reader;
mod tee;

use feedscope_core::NoteCode;
use feedscope_core::feed::FeedSpec;
use feedscope_core::protocol::Protocol;
use feedscope_core::record::Sink;
use feedscope_core::second_opinion::{EngineAgreement, MOST_BYTES, Opinion, OpinionState};

use self::reader::EngineReader;
pub(crate) use self::tee::Tee;
use crate::batch::Batch;
use crate::engine::Attempt;

/// Second opinion on one feed, over all its connections.
pub(crate) struct SecondOpinion {
    opinion: Opinion,
    /// Connection that is being compared.
    reading: Option<ComparedConnection>,
}

/// One connection, read by two engines.
struct ComparedConnection {
    tee: Tee,
    native: Box<dyn EngineReader>,
    other: Box<dyn EngineReader>,
    comparison: EngineAgreement,
}

impl SecondOpinion {
    /// Returns the second opinion that the feed requests, if it does.
    pub(crate) fn of(spec: &FeedSpec) -> Option<Self> {
        Some(Self {
            opinion: Opinion::of(spec.second_opinion()?),
            reading: None,
        })
    }

    /// Returns a new tee for the bytes of the next connection; `None` after a difference, because only the first one
    /// counts.
    pub(crate) fn tee(&self) -> Option<Tee> {
        let differs = matches!(self.opinion.standing, OpinionState::Differs(_));
        (!differs).then(|| Tee::new(MOST_BYTES))
    }

    /// Begins to compare a connection, whose bytes are copied into the attempt's tee.
    pub(crate) fn begin(&mut self, attempt: &Attempt) {
        // Without a copy of the received bytes, there is nothing that another engine could read.
        let Some(tee) = attempt.tee.clone() else {
            return;
        };
        let spec = &attempt.spec;
        let (native, other): (Box<dyn EngineReader>, Box<dyn EngineReader>) = match spec.protocol()
        {
            Protocol::EventStream => {
                let last_event_id = &attempt.last_event_id;
                let Some(other) = event_stream::CrateReader::new(last_event_id) else {
                    return;
                };
                let native =
                    event_stream::NativeReader::new(last_event_id, spec.keeping.max_message);
                (Box::new(native), Box::new(other))
            }
            Protocol::WebSocket => {
                let Some(other) = messages::CrateReader::new(spec) else {
                    return;
                };
                let native = messages::NativeReader::new(spec.keeping.max_message);
                (Box::new(native), Box::new(other))
            }
        };
        self.opinion.standing = OpinionState::Comparing;
        self.reading = Some(ComparedConnection {
            tee,
            native,
            other,
            comparison: EngineAgreement::new(spec.protocol()),
        });
    }

    /// Sentence on a connection that is not compared, because its body is read by lines.
    pub(crate) fn not_for_lines(&self) -> String {
        let other = self.opinion.engine.name();
        format!("{other} reads event streams only, and this answer is read by lines")
    }

    /// Compares the bytes that arrived since the last call.
    pub(crate) fn advance<S: Sink>(&mut self, batch: &mut Batch<S>) {
        let Some(reading) = &mut self.reading else {
            return;
        };
        let before = reading.comparison.agreed();
        let cut = reading.read();
        self.note_agreement(before, batch);
        if cut {
            self.settle(OpinionState::Limit, batch);
        }
    }

    /// Ends the comparison of this connection.
    pub(crate) fn end<S: Sink>(&mut self, batch: &mut Batch<S>) {
        self.advance(batch);
        let Some(reading) = &mut self.reading else {
            return;
        };
        let before = reading.comparison.agreed();
        // The end of the stream can reveal a difference too, for instance in the last event ID.
        reading.end();
        self.note_agreement(before, batch);
        self.settle(OpinionState::Ended, batch);
    }

    /// Returns the current opinion.
    pub(crate) fn opinion(&self) -> Opinion {
        self.opinion.clone()
    }

    /// Returns true while a connection is compared.
    pub(crate) fn is_reading(&self) -> bool {
        self.reading.is_some()
    }

    fn note_agreement<S: Sink>(&mut self, before: u64, batch: &mut Batch<S>) {
        let Some(reading) = &self.reading else {
            return;
        };
        let more = reading.comparison.agreed() - before;
        self.opinion.agreed += more;
        if let Some(difference) = reading.comparison.difference() {
            let standing = OpinionState::Differs(difference.clone());
            self.settle(standing, batch);
        }
    }

    /// Finishes the comparison of this connection, and reports its result in the timeline.
    fn settle<S: Sink>(&mut self, standing: OpinionState, batch: &mut Batch<S>) {
        if self.reading.take().is_none() {
            return;
        }
        self.opinion.standing = standing;
        batch.note(NoteCode::SECOND_OPINION, &self.opinion.to_string());
    }
}

impl ComparedConnection {
    /// Compares the bytes that arrived. Returns true if no more bytes of this connection are compared.
    fn read(&mut self) -> bool {
        let Self {
            tee,
            native,
            other,
            comparison,
        } = self;
        let (pieces, cut) = tee.take();
        for piece in pieces {
            native.read(&piece, &mut |report| comparison.add_native(report));
            other.read(&piece, &mut |report| comparison.add_other(report));
            // The engines may differ for ever after the first difference.
            if comparison.difference().is_some() {
                return true;
            }
        }
        cut
    }

    fn end(&mut self) {
        let comparison = &mut self.comparison;
        self.native.end(&mut |report| comparison.add_native(report));
        self.other.end(&mut |report| comparison.add_other(report));
        comparison.end();
    }
}
