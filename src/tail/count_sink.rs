//! Sink of `--count-only`. It counts what was received and stores nothing.

use std::sync::Arc;
use std::time::Duration;

use feedscope_analysis::lenses::FeedAddress;
use feedscope_core::ConnectionState;
use feedscope_core::record::{Kind, Record, Sink};
use feedscope_core::time::Moment;
use parking_lot::Mutex;

use super::meaning::RecordReader;
use super::watch::Reporter;
use crate::awaited::{Awaited, Decided};
use crate::reading::RunReading;
use crate::typed_filter::TypedFilter;

/// Sum of what all feeds of a run received.
#[derive(Debug, Default)]
pub(super) struct Totals {
    counts: Mutex<RecordCounts>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct RecordCounts {
    events: u64,
    bytes: u64,
    /// Times of the first and the newest record.
    span: Option<(Moment, Moment)>,
}

impl Totals {
    /// Returns the line of JSON with the totals; its kind is `summary`.
    pub(super) fn summary(&self) -> String {
        let RecordCounts {
            events,
            bytes,
            span,
        } = *self.counts.lock();
        let seconds = span
            .map_or(Duration::ZERO, |(first, last)| last.since(first))
            .as_secs_f64();
        format!(
            "{{\"kind\":\"summary\",\"events\":{events},\"bytes\":{bytes},\"seconds\":{seconds:.6}}}\n"
        )
    }

    fn add(&self, counts: RecordCounts) {
        self.counts.lock().add(counts);
    }
}

impl RecordCounts {
    /// Returns the counts of one record. Every record extends the span, but only received data is counted.
    fn of(record: &Record<'_>) -> Self {
        let now = record.stamp.moment;
        let received = record.kind.received().map(|data| data.len() as u64);
        Self {
            events: u64::from(received.is_some()),
            bytes: received.unwrap_or_default(),
            span: Some((now, now)),
        }
    }

    /// Adds other counts, which may be of earlier records.
    fn add(&mut self, other: Self) {
        self.events += other.events;
        self.bytes += other.bytes;
        self.span = match (self.span, other.span) {
            (Some((first, last)), Some((other_first, other_last))) => {
                Some((first.min(other_first), last.max(other_last)))
            }
            // At most one side has a span.
            (one, other) => one.or(other),
        };
    }
}

/// Counts the records of one feed, and adds the counts to [`Totals`] once for each batch.
pub(super) struct CountSink {
    totals: Arc<Totals>,
    batch: RecordCounts,
    /// Only records that match are counted.
    filter: Option<TypedFilter>,
    /// Interpretation of the payloads for the filter.
    reading: Option<RecordReader>,
    /// Counts of requests that may stay without an answer.
    waiting: Awaited<RecordCounts>,
    reporter: Reporter,
}

impl CountSink {
    pub(super) fn new(
        totals: Arc<Totals>,
        filter: Option<TypedFilter>,
        reporter: Reporter,
    ) -> Self {
        Self {
            totals,
            batch: RecordCounts::default(),
            waiting: Awaited::new(filter.as_ref()),
            filter,
            reading: None,
            reporter,
        }
    }

    /// Interprets the payloads of the feed at this address for the filter.
    pub(super) fn with_reading(mut self, reading: &RunReading, address: &FeedAddress) -> Self {
        if self.filter.is_some() {
            self.reading = RecordReader::new(reading, address);
        }
        self
    }

    /// Counts a record that may match the filter.
    fn count(&mut self, record: &Record<'_>) {
        let Some(filter) = &self.filter else {
            return self.batch.add(RecordCounts::of(record));
        };
        let Some(reading) = &mut self.reading else {
            if filter.matches(record) {
                self.batch.add(RecordCounts::of(record));
            }
            return;
        };
        let read = reading.read(record);
        let is_shown = filter.matches_read(record, reading.interpreter(), &read.meanings);
        let has_request = read.meanings.iter().any(|read| read.is_request);
        let waits = has_request && (filter.is_about_unanswered() || filter.excludes_unanswered());
        let answered = self.waiting.answer(&read.meanings);
        self.add_decided(answered);
        if let Kind::State(change) = &record.kind
            && change.state != ConnectionState::Open
        {
            self.end();
        }
        if is_shown && waits {
            let counts = RecordCounts::of(record);
            let oldest = self.waiting.keep(read.row, &read.meanings, counts);
            self.add_decided(oldest);
        } else if is_shown {
            self.batch.add(RecordCounts::of(record));
        }
    }

    /// Ends the wait for answers.
    fn end(&mut self) {
        let ended = self.waiting.end();
        self.add_decided(ended);
    }

    fn add_decided(&mut self, decided: impl IntoIterator<Item = Decided<RecordCounts>>) {
        for counts in decided.into_iter().filter(|counts| counts.is_shown) {
            self.batch.add(counts.item);
        }
    }
}

/// Requests of a source that ends without a change of state, such as a file, are counted when its sink is dropped.
impl Drop for CountSink {
    fn drop(&mut self) {
        self.end();
        self.totals.add(self.batch);
    }
}

impl Sink for CountSink {
    fn push(&mut self, record: &Record<'_>) {
        if let Kind::State(change) = &record.kind {
            self.reporter.note(change);
        }
        self.count(record);
    }

    fn flush(&mut self) {
        self.totals.add(std::mem::take(&mut self.batch));
        self.reporter.report();
    }
}

#[cfg(test)]
mod tests {
    use feedscope_core::time::Stamp;

    use feedscope_core::Direction;

    use super::super::watch::RunWatch;
    use super::*;

    #[test]
    fn what_was_received_counts_and_every_record_makes_the_span() {
        let totals = Arc::new(Totals::default());
        let reporter = Reporter::new(Arc::new(RunWatch::new(1)), 0);
        let mut sink = CountSink::new(Arc::clone(&totals), None, reporter);
        let direction = Direction::In;
        for (ms, kind) in [
            (
                1_000,
                Kind::Comment {
                    data: b"not counted",
                },
            ),
            (
                1_500,
                Kind::Event {
                    event: b"message",
                    id: b"7",
                    data: b"abc",
                },
            ),
            (
                1_500,
                Kind::Text {
                    direction,
                    data: b"de",
                    failed: None,
                    wire: None,
                },
            ),
            (
                2_000,
                Kind::Text {
                    direction: Direction::Out,
                    data: b"not counted",
                    failed: None,
                    wire: None,
                },
            ),
            (
                2_250,
                Kind::Binary {
                    direction,
                    data: b"f",
                    failed: None,
                    wire: None,
                },
            ),
            (
                3_250,
                Kind::Ping {
                    direction,
                    data: b"not counted",
                },
            ),
        ] {
            let stamp = Stamp {
                moment: Moment::from_millis(ms),
                ..Stamp::default()
            };
            sink.push(&Record {
                stamp,
                connection: 1,
                kind,
            });
            sink.flush();
        }
        let expected = "{\"kind\":\"summary\",\"events\":3,\"bytes\":6,\"seconds\":2.250000}\n";
        assert_eq!(totals.summary(), expected);
    }

    #[test]
    fn a_run_without_records_took_no_time() {
        let expected = "{\"kind\":\"summary\",\"events\":0,\"bytes\":0,\"seconds\":0.000000}\n";
        assert_eq!(Totals::default().summary(), expected);
    }
}
