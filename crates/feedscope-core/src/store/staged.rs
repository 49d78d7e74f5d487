//! Writer that appends its records to the store in groups.

use super::live::{LiveChunk, size_of_record};
use super::{StoreWriter, live};
use crate::rates::Slice;
use crate::record::{Kind, Record, Sink};
use crate::time::Moment;

/// Number of bytes after which a group is appended without waiting for its end. A group of this size stays in the nearest
/// cache of a processor.
const MOST_BYTES: usize = 16 << 10;

/// Writer of a store whose readers see a record after the next flush at the latest.
///
/// Taking the lock of a store for each record makes the processor wait for the memory to which the record before it was
/// written. A group of records takes the lock once.
pub struct StagedWriter {
    writer: StoreWriter,
    /// Records that are not in the store yet.
    group: LiveChunk,
    /// Amounts received at successive moments within the group. Many records have the same moment.
    received: Vec<(Moment, Slice)>,
}

impl StagedWriter {
    /// Returns a writer in front of this one.
    pub fn new(writer: StoreWriter) -> Self {
        Self {
            writer,
            group: LiveChunk::default(),
            received: Vec::new(),
        }
    }

    #[inline]
    fn count(&mut self, at: Moment, bytes: u64) {
        match self.received.last_mut() {
            Some((last, slice)) if *last == at => {
                slice.records += 1;
                slice.bytes += bytes;
            }
            _ => self.received.push((at, Slice { records: 1, bytes })),
        }
    }
}

impl Sink for StagedWriter {
    fn push(&mut self, record: &Record<'_>) {
        let bytes = size_of_record(&record.kind);
        // States are part of the history of the store, and a large record has a chunk of its own.
        if matches!(record.kind, Kind::State(_)) || live::is_oversized(bytes) {
            self.flush();
            self.writer.push(record);
            return;
        }
        if let Some(bytes) = self.group.push(record) {
            self.count(record.stamp.moment, u64::from(bytes));
        }
        if self.group.content_bytes() >= MOST_BYTES {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.group.rows().is_empty() {
            return;
        }
        let let_go = {
            let mut shared = self.writer.shared.lock();
            shared.append_group(&self.group, &self.received)
        };
        self.received.clear();
        self.writer.free(let_go);
        self.group.begin_next_group();
    }

    fn has_room(&self) -> bool {
        self.writer.has_room()
    }
}

impl Drop for StagedWriter {
    fn drop(&mut self) {
        self.flush();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::connection::{ConnectionState, StateChange};
    use crate::note_code::NoteCode;
    use crate::record::Direction;
    use crate::store::{RowNumber, Store};
    use crate::time::{Moment, Stamp, Timestamp};

    /// Step of a feed: a record of some kind, or the end of a group.
    #[derive(Clone, Debug)]
    enum Step {
        Event { event: usize, bytes: usize },
        Text { bytes: usize, is_sent: bool },
        State,
        Note,
        Flush,
    }

    fn steps() -> impl Strategy<Value = Vec<(Step, u64, i64)>> {
        let step = prop_oneof![
            8 => (0..2_000_usize, 0..300_usize).prop_map(|(event, bytes)| Step::Event { event: event.saturating_sub(400), bytes }),
            4 => (0..30_000_usize, any::<bool>()).prop_map(|(bytes, is_sent)| Step::Text { bytes, is_sent }),
            1 => Just(Step::State),
            1 => Just(Step::Note),
            2 => Just(Step::Flush),
            // A record with a chunk of its own.
            1 => Just(Step::Text { bytes: 1_100_000, is_sent: false }),
        ];
        let jump = prop_oneof![20 => Just(0_i64), 1 => -5_000_000..5_000_000_i64];
        prop::collection::vec((step, 0..3_000_000_u64, jump), 1..400)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn groups_make_the_same_store_as_single_records(steps in steps()) {
            const BUDGET: u64 = 8 << 20;
            let (mut single, expected) = Store::new(BUDGET);
            let (writer, found) = Store::new(BUDGET);
            let mut staged = StagedWriter::new(writer);
            let mut nanos = 1_000_000_500;
            let mut offset = 1_790_000_000_000_000;
            for (step, later, jump) in &steps {
                nanos += later;
                offset += jump;
                let moment = Moment::from_nanos(nanos);
                let stamp = Stamp { moment, utc: Timestamp::from_micros(offset + (nanos / 1_000) as i64) };
                let mut push = |kind| {
                    let record = Record { stamp, connection: 1, kind };
                    single.push(&record);
                    staged.push(&record);
                };
                match step {
                    Step::Event { event, bytes } => push(Kind::Event {
                        event: format!("type-{event}").as_bytes(),
                        id: b"7",
                        data: &vec![b'x'; *bytes],
                    }),
                    Step::Text { bytes, is_sent } => push(Kind::Text {
                        direction: if *is_sent { Direction::Out } else { Direction::In },
                        data: &vec![b'y'; *bytes],
                        failed: None,
                        wire: None,
                    }),
                    Step::State => push(Kind::State(StateChange::to(ConnectionState::Open))),
                    Step::Note => push(Kind::Note { code: NoteCode::DAMAGED, text: "n" }),
                    Step::Flush => staged.flush(),
                }
            }
            staged.flush();
            prop_assert_eq!(found.extent().end, expected.extent().end);
            prop_assert_eq!(found.received(), expected.received());
            let first = found.extent().first.max(expected.extent().first);
            let mut row = first;
            while row < expected.extent().end {
                let (a, b) = (expected.record(row).unwrap(), found.record(row).unwrap());
                prop_assert!(a.record() == b.record(), "row {}", row);
                row = RowNumber(row.0 + 1);
            }
            for store in [&found, &expected] {
                prop_assert!(store.extent().memory <= 2 * BUDGET);
            }
        }
    }

    #[test]
    fn more_types_than_a_chunk_can_number_stay_as_they_are() {
        let (writer, store) = Store::new(8 << 20);
        let mut staged = StagedWriter::new(writer);
        let types = 2 * u64::from(u16::MAX) / 16;
        for number in 0..types {
            staged.push(&Record {
                stamp: Stamp::default(),
                connection: 1,
                kind: Kind::Event {
                    event: number.to_string().as_bytes(),
                    id: b"",
                    data: b"x",
                },
            });
        }
        staged.flush();
        assert_eq!(store.extent().end, RowNumber(types));
        for number in 0..types {
            let found = store.record(RowNumber(number)).unwrap();
            let Kind::Event { event, .. } = found.record().kind else {
                panic!("row {number} is no event");
            };
            assert_eq!(event, number.to_string().as_bytes());
        }
    }

    #[test]
    fn records_of_a_writer_that_is_dropped_are_in_the_store() {
        let (writer, store) = Store::new(1 << 20);
        let mut staged = StagedWriter::new(writer);
        let line = Record {
            stamp: Stamp::default(),
            connection: 1,
            kind: Kind::Line { data: b"x" },
        };
        staged.push(&line);
        assert_eq!(store.extent().end, RowNumber(0));
        staged.flush();
        assert_eq!(store.extent().end, RowNumber(1));
        staged.push(&line);
        drop(staged);
        assert_eq!(store.extent().end, RowNumber(2));
    }
}
