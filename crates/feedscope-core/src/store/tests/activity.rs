//! Rates and states of a store whose rows were not pushed.

use super::*;
use crate::decode::WireInfo;

/// Records of eight minutes, with a state once a minute. Most payloads have a head, such as an ID, that does not count.
fn records() -> Vec<(u64, Kind<'static>)> {
    let mut records = Vec::new();
    for second in 0..480_u64 {
        let kind = if second % 60 == 0 {
            Kind::State(StateChange {
                state: ConnectionState::Open,
                attempt: None,
                reconnects: None,
                delay_ms: None,
                status: None,
                reason: Some(format!("minute {}", second / 60)),
            })
        } else {
            match second % 4 {
                0 => Kind::Line { data: b"a line" },
                1 => Kind::Text {
                    direction: Direction::In,
                    data: b"a text",
                    failed: None,
                    wire: Some(WireInfo {
                        frames: 1,
                        compressed: true,
                        wire_bytes: 9,
                    }),
                },
                2 => Kind::Event {
                    event: b"price",
                    id: b"an ID that is longer than the data",
                    data: b"data",
                },
                _ => Kind::Text {
                    direction: Direction::Out,
                    data: b"a text that was sent",
                    failed: None,
                    wire: None,
                },
            }
        };
        records.push((second * 1_000, kind));
    }
    records
}

fn record((ms, kind): &(u64, Kind<'static>)) -> Record<'static> {
    Record {
        stamp: Stamp {
            moment: Moment::from_millis(*ms),
            utc: Timestamp::from_micros(*ms as i64 * 1_000),
        },
        connection: 1,
        kind: kind.clone(),
    }
}

/// Store of chunks of ten records each.
fn of_chunks(records: &[(u64, Kind<'static>)]) -> Store {
    let chunks = records.chunks(10).enumerate().map(|(nth, part)| {
        let first = RowNumber(10 * nth as u64);
        Chunk::of_records(first, part.iter().map(record))
    });
    Store::of_chunks(chunks).ok().unwrap()
}

fn assert_same(store: &Store, pushed: &Store) {
    let end = Moment::from_millis(480_000);
    assert_eq!(store.slices(end), pushed.slices(end));
    assert_eq!(store.received(), pushed.received());
    assert_eq!(
        store.history(Moment::default()),
        pushed.history(Moment::default())
    );
}

#[test]
fn activity_of_rows_is_that_of_the_same_rows_when_they_were_pushed() {
    let records = records();
    let (mut writer, pushed) = Store::new(DEFAULT_BUDGET_BYTES);
    for it in &records {
        writer.push(&record(it));
    }
    let store = of_chunks(&records);
    assert_eq!(store.received().0.records, 0);
    store.derive_activity();
    assert_same(&store, &pushed);
    store.derive_activity();
    assert_same(&store, &pushed);
}

#[test]
fn a_store_takes_over_the_rows_that_were_added_to_its_file() {
    let records = records();
    let (mut writer, pushed) = Store::new(DEFAULT_BUDGET_BYTES);
    for it in &records {
        writer.push(&record(it));
    }
    let store = of_chunks(&records[..333]);
    store.derive_activity();
    store.take_over(&of_chunks(&records));
    store.derive_activity();
    assert_same(&store, &pushed);
    let (first, last) = store.span().unwrap();
    assert_eq!(
        (first.moment, last.moment),
        (Moment::START, Moment::from_millis(479_000))
    );
    assert_eq!(of_chunks(&[]).span(), None);
}
