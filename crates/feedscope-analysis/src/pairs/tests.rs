//! Tests of the comparison by a key.

use feedscope_core::store::{DEFAULT_BUDGET_BYTES, StoreWriter};
use feedscope_core::{Kind, Moment, Record, Sink as _, Timestamp};

use super::feed_pairs::MOST_WAITING;
use super::*;

/// Beginning of the wall clock in the tests.
const BEGIN: i64 = 1_000_000_000;

fn push(writer: &mut StoreWriter, ms: u64, data: &str) {
    let stamp = Stamp {
        moment: Moment::from_millis(ms),
        utc: Timestamp::from_micros(BEGIN + ms as i64 * 1_000),
    };
    writer.push(&Record {
        stamp,
        connection: 1,
        kind: Kind::Line {
            data: data.as_bytes(),
        },
    });
}

/// Compares two feeds by `.k`. Each record is a time in milliseconds with its key and another value.
fn compare(base: &[(u64, &str, u32)], other: &[(u64, &str, u32)]) -> FeedComparison {
    let stores = [base, other].map(|records| {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        for (ms, key, value) in records {
            push(&mut writer, *ms, &format!(r#"{{"k":{key},"v":{value}}}"#));
        }
        store
    });
    let key = RecordKey::parse(".k").unwrap();
    let comparison = FeedComparison::by_key([&stores[0], &stores[1]], key);
    while !comparison.task().step(1 << 20).is_done {}
    comparison
}

fn rows(pairs: &FeedPairs, side: ComparedSide) -> Vec<u64> {
    pairs.only_in(side).map(|(row, _)| row.0).collect()
}

#[test]
fn records_with_the_same_key_are_pairs() {
    let comparison = compare(
        &[(0, "1", 0), (10, "2", 0), (20, "3", 0)],
        &[(5, "1", 0), (8, "2", 0), (120, "3", 0)],
    );
    let pairs = comparison.pairs();
    let difference = pairs.difference();
    assert_eq!(difference.count(), 3);
    assert_eq!(difference.min(), Some(-2_000));
    assert_eq!(difference.max(), Some(100_000));
    // Percentiles are within half a percent.
    let median = difference.percentile(50).unwrap();
    assert!((4_975..=5_025).contains(&median), "{median}");
    assert_eq!(difference.percentile(1), Some(-2_000));
    assert_eq!(pairs.changed(), 0);
    assert_eq!(pairs.notes(), Vec::<String>::new());
    let range = Moment::START..=Moment::from_millis(100);
    let points = pairs.points().sampled(range, 100);
    let values: Vec<f64> = points.iter().map(|point| point.value).collect();
    assert_eq!(values, [5.0, -2.0, 100.0]);
}

#[test]
fn percentiles_cross_zero() {
    let mut difference = FeedDifference::default();
    for micros in -50..50 {
        difference.add(micros);
    }
    for (percent, expected) in [(1, -50), (50, -1), (51, 0), (99, 48), (100, 49)] {
        assert_eq!(difference.percentile(percent), Some(expected), "{percent}");
    }
    assert_eq!(FeedDifference::default().percentile(50), None);
}

#[test]
fn a_record_that_only_one_feed_has_is_between_pairs() {
    let comparison = compare(
        // The first one arrived before the other feed began, and the last one may still arrive there.
        &[
            (0, "1", 0),
            (10, "2", 0),
            (20, "3", 0),
            (30, "4", 0),
            (40, "5", 0),
        ],
        &[(11, "2", 0), (12, "2.5", 0), (31, "4", 0)],
    );
    let pairs = comparison.pairs();
    assert_eq!(rows(&pairs, ComparedSide::Base), [2]);
    assert_eq!(rows(&pairs, ComparedSide::Other), [1]);
    assert_eq!(pairs.only_in_count(ComparedSide::Base), 1);
    assert_eq!(pairs.waiting(ComparedSide::Base), 2);
    let (_, alone) = pairs.only_in(ComparedSide::Other).next().unwrap();
    assert_eq!(&*alone.key, "2.5");
}

#[test]
fn the_first_different_payload_is_found() {
    let comparison = compare(
        &[(0, "1", 7), (10, "2", 7), (20, "3", 7)],
        &[(0, "1", 7), (10, "2", 8), (20, "3", 9)],
    );
    let pairs = comparison.pairs();
    assert_eq!(pairs.changed(), 2);
    assert_eq!(pairs.first_change(), Some([RowNumber(1), RowNumber(1)]));
}

#[test]
fn repeated_keys_are_pairs_in_their_order() {
    let comparison = compare(
        &[(0, "\"a\"", 1), (10, "\"a\"", 2)],
        &[(3, "\"a\"", 1), (14, "\"a\"", 2), (20, "\"a\"", 3)],
    );
    let pairs = comparison.pairs();
    assert_eq!(pairs.difference().count(), 2);
    assert_eq!(pairs.difference().max(), Some(4_000));
    assert_eq!(pairs.changed(), 0);
    assert_eq!(pairs.waiting(ComparedSide::Other), 1);
}

#[test]
fn records_without_the_field_are_counted() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    push(&mut writer, 0, "no JSON");
    push(&mut writer, 1, r#"{"other":1}"#);
    let (_, empty) = Store::new(DEFAULT_BUDGET_BYTES);
    let comparison = FeedComparison::by_key([&store, &empty], RecordKey::parse(".k").unwrap());
    while !comparison.task().step(1 << 20).is_done {}
    let pairs = comparison.pairs();
    assert_eq!(
        pairs.notes(),
        ["2 records have no value of the key, or a long one"]
    );
    assert_eq!(pairs.difference().min(), None);
    assert_eq!(pairs.only_in_count(ComparedSide::Base), 0);
}

#[test]
fn long_feeds_are_read_side_by_side() {
    // More records than may wait, in two feeds of different days.
    const RECORDS: u64 = 120_000;
    let stores = [0, 86_400_000].map(|begin| {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        for number in 0..RECORDS {
            push(&mut writer, begin + number, &format!(r#"{{"k":{number}}}"#));
        }
        store
    });
    let key = RecordKey::parse(".k").unwrap();
    let comparison = FeedComparison::by_key([&stores[0], &stores[1]], key);
    while !comparison.task().step(1 << 20).is_done {}
    let pairs = comparison.pairs();
    assert_eq!(pairs.difference().count(), RECORDS);
    assert_eq!(pairs.difference().min(), Some(86_400_000_000));
    assert_eq!(pairs.waiting(ComparedSide::Base), 0);
}

#[test]
fn memory_for_records_without_a_partner_is_bounded() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    let most = MOST_WAITING as u64;
    for number in 0..most + 10 {
        push(&mut writer, number, &format!(r#"{{"k":{number}}}"#));
    }
    let (_, empty) = Store::new(DEFAULT_BUDGET_BYTES);
    let comparison = FeedComparison::by_key([&store, &empty], RecordKey::parse(".k").unwrap());
    while !comparison.task().step(1 << 20).is_done {}
    let pairs = comparison.pairs();
    assert_eq!(pairs.waiting.len(), MOST_WAITING);
    assert_eq!(pairs.only_in_count(ComparedSide::Base), 10);
    assert_eq!(pairs.notes().len(), 1);
}
