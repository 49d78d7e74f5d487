//! The sink of `feedscope stats`: it measures the records of one feed and forgets them.

use feedscope_core::record::{Kind, Record, Sink};

use super::watch::Reporter;
use crate::stats::FeedMeasures;
use crate::typed_filter::TypedFilter;

/// Measures one feed's records.
pub(super) struct MeasureSink {
    feed: FeedMeasures,
    /// Payloads that do not match are not measured.
    filter: Option<TypedFilter>,
    reporter: Reporter,
}

impl MeasureSink {
    pub(super) fn new(feed: FeedMeasures, filter: Option<TypedFilter>, reporter: Reporter) -> Self {
        Self {
            feed,
            filter,
            reporter,
        }
    }
}

impl Sink for MeasureSink {
    fn push(&mut self, record: &Record<'_>) {
        let is_payload = matches!(
            record.kind,
            Kind::Event { .. } | Kind::Line { .. } | Kind::Text { .. } | Kind::Binary { .. }
        );
        let reads = self.feed.read(record);
        let is_left_out =
            |filter: &TypedFilter| is_payload && !self.feed.matches(filter, record, &reads);
        if !self.filter.as_ref().is_some_and(is_left_out) {
            self.feed.add(record);
        }
        if let Kind::State(change) = &record.kind {
            self.reporter.note(change);
        }
    }

    fn flush(&mut self) {
        self.reporter.report();
    }
}
