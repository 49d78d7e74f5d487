//! Tests of the store against a plain list of the pushed records.

mod activity;
mod blocks;
mod distant;
mod following;
mod moments;
mod spilling;

use std::ops::Range;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate as under_test;
use crate::connection::{ConnectionState, StateChange};
use crate::record::{Direction, Kind, KindTag};
use crate::time::{Stamp, Timestamp};

#[path = "../../tests/support/every_kind.rs"]
mod every_kind;
#[path = "../../tests/support/blocks.rs"]
mod reading;

use every_kind::every_kind;

fn stamp(ms: u64) -> Stamp {
    Stamp {
        moment: Moment::from_millis(ms),
        utc: Timestamp::from_micros(1_000_000 + ms as i64 * 1_000),
    }
}

fn event(ms: u64, id: &str, data: &[u8], writer: &mut StoreWriter) {
    let kind = Kind::Event {
        event: b"price",
        id: id.as_bytes(),
        data,
    };
    writer.push(&Record {
        stamp: stamp(ms),
        connection: 1,
        kind,
    });
}

fn name_of(kind: &Kind<'_>) -> Vec<u8> {
    match kind {
        Kind::Event { event, .. } => event.to_vec(),
        _ => Vec::new(),
    }
}

#[test]
fn the_samples_contain_every_kind() {
    let samples = every_kind();
    for tag in KindTag::ALL {
        assert!(samples.iter().any(|kind| kind.tag() == tag), "{tag:?}");
    }
}

#[test]
fn every_kind_reads_back_as_it_was_pushed() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    for (i, kind) in every_kind().into_iter().enumerate() {
        writer.push(&Record {
            stamp: stamp(i as u64),
            connection: 3,
            kind,
        });
    }
    for (i, kind) in every_kind().into_iter().enumerate() {
        let owned = store.record(RowNumber(i as u64)).unwrap();
        assert_eq!(
            owned.record(),
            Record {
                stamp: stamp(i as u64),
                connection: 3,
                kind
            }
        );
        assert_eq!(owned.row(), RowNumber(i as u64));
    }
    assert!(store.record(RowNumber(every_kind().len() as u64)).is_none());
}

#[test]
fn a_full_store_lets_the_oldest_go_and_counts_them() {
    let (mut writer, store) = Store::new(8 << 20);
    let payload = vec![b'x'; 1_000];
    for i in 0..20_000_u64 {
        event(i, &i.to_string(), &payload, &mut writer);
    }
    let extent = store.extent();
    assert_eq!(extent.end, RowNumber(20_000));
    assert_eq!(
        (extent.let_go, extent.missing(), extent.cleared()),
        (extent.first.0, extent.first.0, 0)
    );
    assert!(extent.first > RowNumber(10_000), "20 MB do not fit into 8");
    assert!(
        extent.memory <= (8 << 20) + (3 << 20),
        "{} bytes",
        extent.memory
    );
    assert!(store.record(RowNumber(extent.first.0 - 1)).is_none());
    for row in [extent.first, RowNumber(19_999)] {
        let owned = store.record(row).unwrap();
        let Kind::Event { id, .. } = owned.record().kind else {
            panic!("an event was pushed")
        };
        assert_eq!(id, row.0.to_string().as_bytes());
    }
    assert_eq!(
        store.rank(ClassSet::ALL, extent.end).0,
        extent.end - extent.first
    );
    assert_eq!(store.rank(ClassSet::ALL, RowNumber(0)), ListingIndex(0));
    assert_eq!(
        store.select(ClassSet::ALL, ListingIndex(0)),
        Some(extent.first)
    );
}

#[test]
fn a_payload_larger_than_a_chunk_is_whole() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    let payload: Vec<u8> = (0..5 << 20).map(|i: u32| i as u8).collect();
    event(1, "1", b"before", &mut writer);
    event(2, "2", &payload, &mut writer);
    event(3, "3", b"after", &mut writer);
    assert_eq!(store.record(RowNumber(1)).unwrap().payload(), payload);
    assert_eq!(store.record(RowNumber(2)).unwrap().payload(), b"after");
    let lines = store.rows(ClassSet::ALL, RowNumber(0), RowNumber::MAX, 10, 8);
    assert_eq!(
        lines.iter().map(|line| line.size).collect::<Vec<_>>(),
        [6, 5 << 20, 5]
    );
    assert!(lines[1].preview.len() <= 24);
}

#[test]
fn what_is_cleared_is_not_counted_as_let_go_and_numbers_run_on() {
    let (mut writer, store) = Store::new(8 << 20);
    let payload = vec![b'x'; 1_000];
    for i in 0..20_000 {
        event(i, "1", &payload, &mut writer);
    }
    let let_go = store.extent().let_go;
    store.clear();
    let cleared = store.extent();
    assert_eq!((cleared.first.0, cleared.end.0), (20_000, 20_000));
    assert_eq!(
        (cleared.let_go, cleared.missing(), cleared.cleared()),
        (let_go, 0, 20_000 - let_go)
    );
    assert_eq!(cleared.memory, 0);
    event(20_000, "2", b"b", &mut writer);
    let rows = store.rows(ClassSet::ALL, RowNumber(0), RowNumber::MAX, 9, 9);
    assert_eq!(
        rows.iter().map(|line| line.row.0).collect::<Vec<_>>(),
        [20_000]
    );
    for i in 20_001..40_000 {
        event(i, "1", &payload, &mut writer);
    }
    let extent = store.extent();
    assert_eq!(extent.missing(), extent.first.0 - 20_000);
    assert_eq!(extent.let_go, let_go + extent.missing());
    assert_eq!(extent.cleared(), 20_000 - let_go);
}

#[test]
fn a_clock_that_jumps_keeps_earlier_times() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    let jumped = Stamp {
        utc: Timestamp::from_micros(99_000_000),
        ..stamp(20)
    };
    let stamps = [stamp(0), stamp(10), jumped];
    for at in stamps {
        writer.push(&Record {
            stamp: at,
            connection: 1,
            kind: Kind::Comment { data: b"" },
        });
    }
    for (row, at) in stamps.into_iter().enumerate() {
        assert_eq!(
            store.record(RowNumber(row as u64)).unwrap().record().stamp,
            at
        );
    }
}

#[test]
fn a_payload_of_its_own_chunk_pushes_the_oldest_out() {
    let (mut writer, store) = Store::new(8 << 20);
    for i in 0..4 {
        event(i, &i.to_string(), &vec![b'x'; 3 << 20], &mut writer);
    }
    let extent = store.extent();
    assert_eq!((extent.first.0, extent.end.0), (2, 4));
    assert!(extent.memory <= 8 << 20, "{} bytes", extent.memory);
    assert_eq!(
        store.rows(ClassSet::ALL, RowNumber(0), RowNumber::MAX, 9, 9)[0].name,
        "price"
    );
}

#[test]
fn a_time_leads_to_the_first_row_from_then_on() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    for ms in [10, 20, 20, 30] {
        event(ms, "", b"", &mut writer);
    }
    let row_at = |micros| store.row_at(Timestamp::from_micros(1_000_000 + micros)).0;
    assert_eq!(row_at(i64::MIN / 2), 0);
    assert_eq!(row_at(10_000), 0);
    assert_eq!(row_at(10_001), 1);
    assert_eq!(row_at(20_000), 1);
    assert_eq!(row_at(20_001), 3);
    assert_eq!(row_at(30_001), 4);
    assert_eq!(row_at(i64::MAX / 2), 4);
    store.clear();
    assert_eq!(row_at(0), 4);
}

proptest! {
    /// Times and similarity agree with a plain list, for a clock that jumps and for cleared records.
    #[test]
    fn rows_are_found_as_in_a_plain_list(
        pushed in proptest::collection::vec((0..15_usize, 0..50_u64, prop_oneof![4 => Just(0_i64), 1 => -90..90_i64]), 1..120),
        cleared in 0..60_usize,
        asked in 0..6_000_i64,
        portion in 1..40_u64,
    ) {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        let (mut moment, mut shift) = (0, 0);
        let mut plain = Vec::new();
        for (i, &(pick, step, jump)) in pushed.iter().enumerate() {
            (moment, shift) = (moment + step, shift + jump);
            let at = Stamp {
                moment: Moment::from_millis(moment),
                utc: Timestamp::from_micros((moment as i64 + shift) * 1_000),
            };
            let kind = every_kind().swap_remove(pick);
            plain.push((at.utc, (kind.tag(), kind.direction(), name_of(&kind))));
            writer.push(&Record { stamp: at, connection: 1, kind });
            if i == cleared {
                store.clear();
            }
        }
        let first = store.extent().first.0 as usize;
        let asked = Timestamp::from_micros(asked * 1_000);
        let found = (first..plain.len()).find(|&row| plain[row].0 >= asked).unwrap_or(plain.len());
        // A jump divides the rows; within a part, they are in order.
        prop_assert_eq!(store.row_at(asked), RowNumber(found as u64));
        for row in first..plain.len() {
            let record = store.record(RowNumber(row as u64)).unwrap();
            let mut found = store.earlier_like(&record, RowNumber(row as u64), portion);
            while let Lookback::Further(before) = found {
                found = store.earlier_like(&record, before, portion);
            }
            let expected = (first..row).rev().find(|&earlier| plain[earlier].1 == plain[row].1);
            prop_assert_eq!(found, expected.map_or(Lookback::Nothing, |row| Lookback::Row(RowNumber(row as u64))));
        }
    }

    /// Rank and select agree with a plain list, for any kinds and any set of shown classes.
    #[test]
    fn places_agree_with_a_plain_list(
        picks in proptest::collection::vec(0..every_kind().len(), 0..300),
        hidden in proptest::collection::vec(any::<bool>(), Class::COUNT),
        row in 0..310_u64,
    ) {
        let row = RowNumber(row);
        let classes = [Class::Events, Class::Comments, Class::Received, Class::Sent, Class::PingPong, Class::States, Class::Lines];
        let shown = classes.iter().zip(&hidden).fold(ClassSet::ALL, |set, (&class, &hide)| set.with(class, !hide));
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        let mut plain = Vec::new();
        for (i, &pick) in picks.iter().enumerate() {
            let kind = every_kind().swap_remove(pick);
            if shown.has(Class::of(kind.tag(), kind.direction())) {
                plain.push(RowNumber(i as u64));
            }
            writer.push(&Record { stamp: stamp(i as u64), connection: 1, kind });
        }
        prop_assert_eq!(store.rank(shown, row).0, plain.iter().filter(|&&at| at < row).count() as u64);
        for nth in 0..=plain.len() {
            prop_assert_eq!(store.select(shown, ListingIndex(nth as u64)), plain.get(nth).copied());
        }
        let lines: Vec<RowNumber> = store.rows(shown, row, RowNumber::MAX, 20, 50).iter().map(|line| line.row).collect();
        let expected: Vec<RowNumber> = plain.iter().copied().filter(|&at| at >= row).take(20).collect();
        prop_assert_eq!(lines, expected);
    }
}
