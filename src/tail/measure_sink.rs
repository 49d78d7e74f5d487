//! The sink of `feedscope stats`: it measures the records of one feed and forgets them.

use feedscope_core::record::{Kind, Record, Sink};

use super::watch::Reporter;
use crate::stats::FeedMeasures;

/// Measures one feed's records.
pub(super) struct MeasureSink {
    feed: FeedMeasures,
    reporter: Reporter,
}

impl MeasureSink {
    pub(super) fn new(feed: FeedMeasures, reporter: Reporter) -> Self {
        Self { feed, reporter }
    }
}

impl Sink for MeasureSink {
    fn push(&mut self, record: &Record<'_>) {
        self.feed.add(record);
        if let Kind::State(change) = &record.kind {
            self.reporter.note(change);
        }
    }

    fn flush(&mut self) {
        self.reporter.report();
    }
}
