//! Rates and states of a store whose rows were not pushed.

use super::*;

/// Records of eight minutes, with a state once a minute.
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
        } else if second % 2 == 0 {
            Kind::Line { data: b"a line" }
        } else {
            Kind::Text {
                direction: Direction::In,
                data: b"a text",
                failed: None,
                wire: None,
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
    let ((counted, last), (exact, pushed_last)) = (store.received(), pushed.received());
    assert_eq!((counted.records, last), (exact.records, pushed_last));
    // Headers of earlier blocks also count the bytes of other records.
    assert!(counted.bytes >= exact.bytes && counted.bytes < exact.bytes + 1_000);
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
