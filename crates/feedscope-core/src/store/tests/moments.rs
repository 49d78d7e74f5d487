//! Rows by their moments: the answers from headers are those of the rows themselves.

use super::*;

/// Pushes an event at each of these times in milliseconds, and a state every tenth row.
fn push(writer: &mut StoreWriter, times: &[u64]) {
    for (nth, &ms) in times.iter().enumerate() {
        let kind = if nth % 10 == 9 {
            Kind::State(StateChange {
                state: ConnectionState::Open,
                attempt: None,
                reconnects: None,
                delay_ms: None,
                status: None,
                reason: Some(format!("row {nth}")),
            })
        } else {
            Kind::Line { data: b"a line" }
        };
        writer.push(&Record {
            stamp: stamp_of(ms),
            connection: 1,
            kind,
        });
    }
}

fn stamp_of(ms: u64) -> Stamp {
    Stamp {
        moment: Moment::from_millis(ms),
        utc: Timestamp::from_micros(1_000_000 + ms as i64 * 1_000),
    }
}

/// The same rows: pushed, and as chunks of seven rows each.
fn both(times: &[u64]) -> [Store; 2] {
    let (mut writer, pushed) = Store::new(DEFAULT_BUDGET_BYTES);
    push(&mut writer, times);
    let mut chunks = Vec::new();
    let mut first = RowNumber(0);
    while let Some(portion) = pushed.portion(first, 1 << 20) {
        for part in portion.records().collect::<Vec<_>>().chunks(7) {
            let records = part.iter().map(|(_, record)| record.clone());
            chunks.push(Chunk::of_records(part[0].0, records));
        }
        first = portion.numbers().end;
    }
    [pushed, Store::of_chunks(chunks).ok().unwrap()]
}

/// Times with several rows at once, and with silence.
fn times() -> Vec<u64> {
    let mut times = Vec::new();
    for second in 0..300_u64 {
        if !(100..160).contains(&second) {
            let rows = 1 + second % 4;
            times.extend((0..rows).map(|nth| 1_000 + second * 1_000 + nth / 2 * 10));
        }
    }
    times
}

#[test]
fn a_moment_has_the_rows_up_to_it() {
    let times = times();
    for store in both(&times) {
        for ms in [
            0, 999, 1_000, 1_001, 3_010, 50_000, 120_000, 300_000, 400_000,
        ] {
            let moment = Moment::from_millis(ms);
            let end = times.partition_point(|&time| time <= ms);
            assert_eq!(store.end_at(moment), RowNumber(end as u64), "at {ms}");
            let at = |nth: usize| times.get(nth).map(|&ms| Moment::from_millis(ms));
            let around = (end.checked_sub(1).and_then(at), at(end));
            assert_eq!(store.moments_around(moment), around, "at {ms}");
        }
    }
}

#[test]
fn a_moment_without_a_row_has_a_time_of_day() {
    for store in both(&times()) {
        for ms in [0, 1_000, 120_500, 999_000] {
            let utc = store.utc_at(Moment::from_millis(ms));
            assert_eq!(utc, Some(stamp_of(ms).utc), "at {ms}");
        }
    }
    assert_eq!(Store::new(0).1.utc_at(Moment::START), None);
}

#[test]
fn received_records_are_counted_over_time() {
    let times = times();
    let is_received = |nth: usize| nth % 10 != 9;
    for store in both(&times) {
        let (from, to) = (1_000, 301_000);
        let counted = store.received_over(Moment::from_millis(from), Moment::from_millis(to), 30);
        let exact: Vec<u64> = (0..30)
            .map(|column| {
                let part = from + column * 10_000..from + (column + 1) * 10_000;
                let rows = times.iter().enumerate();
                rows.filter(|&(nth, time)| is_received(nth) && part.contains(time))
                    .count() as u64
            })
            .collect();
        // What came before the first column belongs to none, and the first row is exactly on its border.
        assert_eq!(counted, exact);
        assert!(counted[10..15].iter().all(|&count| count == 0));
    }
    let empty = Store::new(0).1;
    assert_eq!(empty.received_over(Moment::START, Moment::START, 3), [0; 3]);
}

#[test]
fn the_trace_of_a_moment_is_that_of_a_live_feed() {
    let times = times();
    for until in [0, 1_000, 60_300, 130_000, 299_010] {
        let now = Moment::from_millis(until);
        let (mut writer, live) = Store::new(DEFAULT_BUDGET_BYTES);
        let passed = times.partition_point(|&time| time <= until);
        push(&mut writer, &times[..passed]);
        let counts =
            |slices: Vec<Slice>| -> Vec<u64> { slices.iter().map(|slice| slice.records).collect() };
        for store in both(&times) {
            assert_eq!(
                counts(store.slices_until(now, now)),
                counts(live.slices(now)),
                "at {until}"
            );
            let from = now - Duration::from_mins(2);
            assert_eq!(store.history_between(from, now), live.history(from));
        }
    }
}
