//! Records that are measured later, because only an answer decides if the filter `is:unanswered` or `-is:unanswered` shows
//! a request. The records behind it wait too, so that they are measured in the order of their times.

use std::collections::BTreeSet;

use feedscope_analysis::lenses::Read;
use feedscope_analysis::measures::Measures;
use feedscope_core::ConnectionState;
use feedscope_core::record::{Kind, Record, Sink as _};
use feedscope_core::store::{RowNumber, Store, StoreWriter};

use crate::awaited::{Awaited, Decided};
use crate::typed_filter::TypedFilter;

/// Memory for the records that wait. If they need more, the oldest request counts as unanswered.
const MAX_BYTES: u64 = 32 << 20;

/// Memory that each record takes beside its payload.
const RECORD_BYTES: u64 = 128;

/// Records are measured together when they take so much memory.
const BATCH_BYTES: u64 = 1 << 20;

/// Records from the oldest undecided request on.
pub(super) struct MeasureQueue {
    undecided: Awaited<RowNumber>,
    /// Numbers of the undecided requests in the store.
    undecided_rows: BTreeSet<RowNumber>,
    /// Numbers of the requests that are not measured.
    left_out: BTreeSet<RowNumber>,
    writer: StoreWriter,
    store: Store,
    /// Number of the next record in the store.
    end: RowNumber,
    /// Number of the first record that is not measured yet.
    first: RowNumber,
    /// Bytes of the records since the last ones were measured.
    bytes: u64,
    /// Number of the next record, as the lens counts them.
    next_row: u64,
}

impl MeasureQueue {
    /// Creates an empty queue for this filter.
    pub(super) fn new(filter: &TypedFilter) -> Self {
        let (writer, store) = store();
        Self {
            undecided: Awaited::new(Some(filter)),
            undecided_rows: BTreeSet::new(),
            left_out: BTreeSet::new(),
            writer,
            store,
            end: RowNumber(0),
            first: RowNumber(0),
            bytes: 0,
            next_row: 0,
        }
    }

    /// Takes the next record. `is_shown` is the result of the filter before an answer can be known.
    pub(super) fn push(
        &mut self,
        record: &Record<'_>,
        reads: &[Read],
        is_shown: bool,
        measures: &mut Measures,
    ) {
        let row = self.next_row;
        self.next_row += 1;
        let answered = self.undecided.answer(reads);
        self.decide(answered);
        if let Kind::State(change) = &record.kind
            && change.state != ConnectionState::Open
        {
            let ended = self.undecided.end();
            self.decide(ended);
        }
        if is_shown {
            let has_request = reads.iter().any(|read| read.is_request);
            if !has_request && self.first == self.end {
                // Nothing waits before it.
                measures.add(record);
            } else {
                self.keep(record);
                if has_request {
                    let number = RowNumber(self.end.0 - 1);
                    self.undecided_rows.insert(number);
                    let oldest = self.undecided.keep(row, reads, number);
                    self.decide(oldest);
                }
            }
        }
        while self.bytes > MAX_BYTES && !self.undecided.is_empty() {
            let oldest = self.undecided.give_up_oldest();
            self.decide(oldest);
            self.measure_decided(measures);
        }
        if self.bytes >= BATCH_BYTES {
            self.measure_decided(measures);
        }
    }

    /// Measures all records, because no answer follows any more.
    pub(super) fn finish(&mut self, measures: &mut Measures) {
        let ended = self.undecided.end();
        self.decide(ended);
        self.measure_decided(measures);
    }

    fn keep(&mut self, record: &Record<'_>) {
        self.writer.push(record);
        self.end += 1;
        let payload = record.kind.data().map_or(0, <[u8]>::len);
        self.bytes += RECORD_BYTES + payload as u64;
    }

    fn decide(&mut self, decided: impl IntoIterator<Item = Decided<RowNumber>>) {
        for Decided { item, is_shown } in decided {
            self.undecided_rows.remove(&item);
            if !is_shown {
                self.left_out.insert(item);
            }
        }
    }

    /// Measures the records before the oldest undecided request.
    fn measure_decided(&mut self, measures: &mut Measures) {
        let oldest = self.undecided_rows.first();
        let end = oldest.copied().unwrap_or(self.end);
        while self.first < end
            && let Some(portion) = self.store.portion(self.first, BATCH_BYTES as usize)
        {
            for (row, record) in portion.records().take_while(|(row, _)| *row < end) {
                if !self.left_out.remove(&row) {
                    measures.add(&record);
                }
                let payload = record.kind.data().map_or(0, <[u8]>::len);
                self.bytes -= RECORD_BYTES + payload as u64;
                self.first = row + 1;
            }
        }
        if self.first == self.end {
            // The store keeps what was measured until it needs the room.
            (self.writer, self.store) = store();
            (self.first, self.end) = (RowNumber(0), RowNumber(0));
        }
    }
}

/// Returns a store that keeps more than may wait, so that it lets go only what was measured.
fn store() -> (StoreWriter, Store) {
    Store::new(2 * MAX_BYTES)
}

#[cfg(test)]
mod tests {
    use feedscope_analysis::interpret::Interpreter;
    use feedscope_analysis::lenses::{Choice, FeedAddress, LensReader};
    use feedscope_core::connection::StateChange;
    use feedscope_core::{Direction, Moment, Stamp};

    use super::*;

    /// Feed of JSON-RPC that is measured through a filter.
    struct Feed {
        filter: TypedFilter,
        reader: LensReader,
        queue: MeasureQueue,
        measures: Measures,
        millis: u64,
    }

    impl Feed {
        fn new(filter: &str) -> Self {
            let filter = TypedFilter::parse(filter).unwrap();
            let lens = Choice::parse("json-rpc").unwrap();
            Self {
                queue: MeasureQueue::new(&filter),
                filter,
                reader: LensReader::new(lens, FeedAddress::default(), Interpreter::default()),
                measures: Measures::default(),
                millis: 0,
            }
        }

        fn push(&mut self, kind: Kind<'_>) {
            self.millis += 100;
            let record = Record {
                stamp: Stamp {
                    moment: Moment::from_millis(self.millis),
                    ..Stamp::default()
                },
                connection: 1,
                kind,
            };
            let reads = self.reader.read(&record);
            let is_shown = matches!(record.kind, Kind::State(_))
                || self
                    .filter
                    .matches_read(&record, &Interpreter::default(), &reads);
            self.queue
                .push(&record, &reads, is_shown, &mut self.measures);
        }

        fn message(&mut self, direction: Direction, data: &str) {
            self.push(Kind::Text {
                direction,
                data: data.as_bytes(),
                failed: None,
                wire: None,
            });
        }

        fn call(&mut self, id: u32) {
            let call = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"a"}}"#);
            self.message(Direction::In, &call);
        }

        fn answer(&mut self, id: u32) {
            let answer = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":1}}"#);
            self.message(Direction::Out, &answer);
        }

        /// Returns the number of messages, and the percentiles of the times between received ones.
        fn finish(mut self) -> (u64, Option<f64>) {
            self.queue.finish(&mut self.measures);
            let figures = self.measures.figures(None);
            (figures.records, figures.interval_ms.map(|times| times.max))
        }
    }

    #[test]
    fn only_requests_without_an_answer_are_measured() {
        let mut feed = Feed::new("is:unanswered");
        for id in 1..=4 {
            feed.call(id);
        }
        feed.answer(2);
        feed.push(Kind::State(StateChange::to(ConnectionState::Reconnecting)));
        // No answer reaches a request of an ended connection.
        feed.answer(1);
        feed.call(5);
        let (records, longest) = feed.finish();
        assert_eq!(records, 4);
        assert!((longest.unwrap() - 400.0).abs() < 10.0);
    }

    #[test]
    fn requests_with_an_answer_are_measured_in_the_order_of_time() {
        let mut feed = Feed::new("-is:unanswered");
        feed.call(1);
        feed.call(2);
        feed.call(3);
        feed.answer(3);
        feed.answer(1);
        // Calls 1 and 3 and two answers. The calls are 200 ms apart.
        let (records, longest) = feed.finish();
        assert_eq!(records, 4);
        assert!((longest.unwrap() - 200.0).abs() < 10.0);
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut feed = Feed::new("-is:unanswered");
        feed.call(1);
        let long = "x".repeat(1 << 20);
        for _ in 0..40 {
            feed.message(Direction::In, &long);
            assert!(feed.queue.bytes <= MAX_BYTES + (2 << 20));
        }
        // The request was given up, so that its answer comes too late.
        feed.answer(1);
        assert_eq!(feed.finish().0, 41);
    }
}
