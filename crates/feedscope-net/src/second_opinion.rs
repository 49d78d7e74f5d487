//! A connection's bytes as they came, read by the native engine and by another one, side by side. It touches neither
//! the connection nor its records; where nobody asked for it, there is nothing of it.

mod event_stream;
mod messages;
mod tee;

use bytes::Bytes;
use feedscope_core::feed::FeedSpec;
use feedscope_core::protocol::Protocol;
use feedscope_core::record::Sink;
use feedscope_core::second_opinion::{Comparison, MOST_BYTES, Opinion, Standing, Told};

pub(crate) use self::tee::Tee;
use crate::batch::Batch;
use crate::engine::Attempt;

/// The second opinion on one feed, over its connections.
pub(crate) struct SecondOpinion {
    opinion: Opinion,
    /// The connection that is being compared.
    reading: Option<Reading>,
    /// Whether the opinion changed since it was last told.
    changed: bool,
}

/// One connection, read twice.
struct Reading {
    tee: Tee,
    native: Box<dyn Reader>,
    other: Box<dyn Reader>,
    comparison: Comparison,
}

/// An engine that is handed bytes and tells what it makes of them, without waiting for anything.
trait Reader: Send {
    /// The next bytes came.
    fn read(&mut self, bytes: &Bytes, tell: &mut dyn FnMut(Told));

    /// No more will come.
    fn end(&mut self, tell: &mut dyn FnMut(Told));
}

impl SecondOpinion {
    /// What the feed asks for, if it does.
    pub(crate) fn of(spec: &FeedSpec) -> Option<Self> {
        Some(Self {
            opinion: Opinion::of(spec.second_opinion()?),
            reading: None,
            changed: false,
        })
    }

    /// Where the bytes of the next connection go; `None` once there was a difference: the first one is what counts.
    pub(crate) fn tee(&self) -> Option<Tee> {
        let differs = matches!(self.opinion.standing, Standing::Differs(_));
        (!differs).then(|| Tee::new(MOST_BYTES))
    }

    /// A connection is open, whose bytes go into the attempt's tee.
    pub(crate) fn begin(&mut self, attempt: &Attempt) {
        let Some(tee) = attempt.tee.clone() else {
            return;
        };
        let spec = &attempt.spec;
        let (native, other): (Box<dyn Reader>, Box<dyn Reader>) = match spec.protocol() {
            Protocol::EventStream => {
                let last_event_id = &attempt.last_event_id;
                let Some(other) = event_stream::CrateReader::new(last_event_id) else {
                    return;
                };
                let native = event_stream::NativeReader::new(last_event_id, spec.max_message);
                (Box::new(native), Box::new(other))
            }
            Protocol::WebSocket => {
                let Some(other) = messages::CrateReader::new(spec) else {
                    return;
                };
                let native = messages::NativeReader::new(spec.max_message);
                (Box::new(native), Box::new(other))
            }
        };
        self.opinion.standing = Standing::Comparing;
        self.changed = true;
        self.reading = Some(Reading {
            tee,
            native,
            other,
            comparison: Comparison::new(spec.protocol()),
        });
    }

    /// Reads what came since it was last asked.
    pub(crate) fn advance<S: Sink>(&mut self, batch: &mut Batch<S>) {
        let Some(reading) = &mut self.reading else {
            return;
        };
        let before = reading.comparison.agreed();
        let cut = reading.read();
        self.note_agreement(before, batch);
        if cut {
            self.settle(Standing::Limit, batch);
        }
    }

    /// The connection is no more.
    pub(crate) fn end<S: Sink>(&mut self, batch: &mut Batch<S>) {
        self.advance(batch);
        let Some(reading) = &mut self.reading else {
            return;
        };
        let before = reading.comparison.agreed();
        reading.end();
        self.note_agreement(before, batch);
        self.settle(Standing::Ended, batch);
    }

    /// What it is so far; that counts as told.
    pub(crate) fn tell(&mut self) -> Opinion {
        self.changed = false;
        self.opinion.clone()
    }

    /// Whether it changed since it was last told.
    pub(crate) fn changed(&self) -> bool {
        self.changed
    }

    fn note_agreement<S: Sink>(&mut self, before: u64, batch: &mut Batch<S>) {
        let Some(reading) = &self.reading else {
            return;
        };
        let more = reading.comparison.agreed() - before;
        self.opinion.agreed += more;
        self.changed |= more > 0;
        if let Some(difference) = reading.comparison.difference() {
            let standing = Standing::Differs(difference.clone());
            self.settle(standing, batch);
        }
    }

    /// The comparison of this connection is over; the timeline says how it ended.
    fn settle<S: Sink>(&mut self, standing: Standing, batch: &mut Batch<S>) {
        if self.reading.take().is_none() {
            return;
        }
        self.opinion.standing = standing;
        self.changed = true;
        batch.note("second_opinion", &self.opinion.to_string());
    }
}

impl Reading {
    /// Reads what came; returns whether that was the last that is compared.
    fn read(&mut self) -> bool {
        let Self {
            tee,
            native,
            other,
            comparison,
        } = self;
        let (pieces, cut) = tee.take();
        for piece in pieces {
            native.read(&piece, &mut |told| comparison.native_tells(told));
            other.read(&piece, &mut |told| comparison.other_tells(told));
            if comparison.difference().is_some() {
                return true;
            }
        }
        cut
    }

    fn end(&mut self) {
        let comparison = &mut self.comparison;
        self.native.end(&mut |told| comparison.native_tells(told));
        self.other.end(&mut |told| comparison.other_tells(told));
        comparison.end();
    }
}
