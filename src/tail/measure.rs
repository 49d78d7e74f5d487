//! The sink of `feedscope stats`: it measures the records of one feed and forgets them.

use feedscope_core::record::{Kind, Record, Sink};

use super::watch::Teller;
use crate::stats::FeedMeasures;

/// Measures one feed's records.
pub(super) struct MeasureSink {
    feed: FeedMeasures,
    teller: Teller,
}

impl MeasureSink {
    pub(super) fn new(feed: FeedMeasures, teller: Teller) -> Self {
        Self { feed, teller }
    }
}

impl Sink for MeasureSink {
    fn push(&mut self, record: &Record<'_>) {
        self.feed.add(record);
        if let Kind::State(change) = &record.kind {
            self.teller.note(change);
        }
    }

    fn flush(&mut self) {
        self.teller.tell();
    }
}
