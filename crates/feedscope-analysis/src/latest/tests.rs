//! Tables of newest records against expectations by hand: rare keys, silences and limits.

use feedscope_core::{Kind, Sink as _, Timestamp};

use super::*;

struct Table {
    latest: Latest,
    row: u64,
}

impl Table {
    fn new() -> Self {
        let path = |text: &str| Path::parse(text).unwrap();
        Self {
            latest: Latest::new(path(".s"), vec![path(".p"), path(".side")]),
            row: 0,
        }
    }

    fn add(&mut self, seconds: u64, data: &str) {
        let record = Record {
            stamp: Stamp {
                moment: Moment::from_millis(seconds * 1_000),
                utc: Timestamp::default(),
            },
            connection: 1,
            kind: Kind::Line {
                data: data.as_bytes(),
            },
        };
        self.latest.add(RowNumber(self.row), &record);
        self.row += 1;
    }

    fn key(&self, name: &str) -> &KeyRecords {
        self.latest.key(name).unwrap()
    }
}

fn at(seconds: u64) -> Moment {
    Moment::from_millis(seconds * 1_000)
}

#[test]
fn a_rare_key_keeps_its_records() {
    let mut table = Table::new();
    table.add(0, r#"{"s":"rare","p":1}"#);
    table.add(1, r#"{"s":"rare","p":2}"#);
    for second in 2..1_000 {
        table.add(second, r#"{"s":"busy","p":"3.5"}"#);
    }
    table.add(1_000, r#"{"p":3}"#);
    table.add(1_000, r#"{"s":null}"#);
    table.add(1_000, "no JSON");
    let (rare, busy) = (table.key("rare"), table.key("busy"));
    assert_eq!(rare.newest().payload(), br#"{"s":"rare","p":2}"#);
    assert_eq!(rare.previous().unwrap().row(), RowNumber(0));
    assert_eq!((rare.count(), busy.count()), (2, 998));
    assert_eq!(
        (rare.kept().count(), busy.kept().count()),
        (2, KEPT_RECORDS)
    );
    assert_eq!(
        (rare.rate(at(1_000)), rare.age(at(1_000)).as_secs()),
        (0.0, 999)
    );
    assert_eq!(table.latest.keys().len(), 2);
    assert!(table.latest.notes().is_empty() && table.latest.key("other").is_none());
}

#[test]
fn a_record_with_a_long_key_is_noted() {
    let mut table = Table::new();
    table.add(0, r#"{"s":"A","p":1}"#);
    table.add(
        1,
        &format!(r#"{{"s":"{}","p":2}}"#, "x".repeat(LONGEST_KEY + 1)),
    );
    assert_eq!(table.latest.keys().len(), 1);
    let expected =
        "1 record not in the table: with keys beyond the first 10,000, or of more than 256 bytes";
    assert_eq!(table.latest.notes(), [expected]);
}

#[test]
fn a_value_stays_while_records_without_it_arrive() {
    let mut table = Table::new();
    table.add(1, r#"{"s":"A","p":"1.50","side":"buy"}"#);
    table.add(2, r#"{"s":"A","p":7}"#);
    table.add(3, r#"{"s":"A","changes":[]}"#);
    let key = table.key("A");
    let told =
        |value: Option<&LatestValue>| value.map(|it| (it.text().to_owned(), it.number(), it.at()));
    assert_eq!(told(key.value(0)), Some(("7".to_owned(), Some(7.0), at(2))));
    let before = Some(("1.50".to_owned(), Some(1.5), at(1)));
    assert_eq!(told(key.previous_value(0)), before);
    assert_eq!(told(key.value(1)), Some(("buy".to_owned(), None, at(1))));
    assert_eq!(told(key.previous_value(1)), None);
    assert_eq!(told(key.value(2)), None);
}

#[test]
fn more_columns_than_a_reader_takes_are_left_out() {
    let path = |text: &str| Path::parse(text).unwrap();
    let columns = (0..20).map(|number| path(&format!(".c{number}"))).collect();
    let mut table = Table {
        latest: Latest::new(path(".s"), columns),
        row: 0,
    };
    table.add(0, r#"{"s":"A","c6":6,"c7":7}"#);
    assert_eq!(table.key("A").value(6).unwrap().text(), "6");
    assert_eq!(table.key("A").value(7), None);
}

#[test]
fn rate_and_spark_are_those_of_two_minutes() {
    let mut table = Table::new();
    for second in 0..200 {
        table.add(second, &format!("{{\"s\":7,\"p\":{second}}}"));
    }
    let key = table.key("7");
    // The 24 slots end at second 199, the end of a slot.
    assert!(
        (key.rate(at(199)) - 1.0).abs() < 1e-9,
        "{}",
        key.rate(at(199))
    );
    let spark = key.spark(at(199));
    assert_eq!((spark[0], spark[SLOTS - 1]), (Some(84.0), Some(199.0)));
    // A minute later, half of the slots are empty.
    let spark = key.spark(at(259));
    assert_eq!(
        (spark[0], spark[11], spark[12]),
        (Some(144.0), Some(199.0), None)
    );
    assert!((key.rate(at(259)) - 0.5).abs() < 1e-9);
    assert_eq!(key.spark(at(9_999)), [None; SLOTS]);
}

#[test]
fn a_key_is_late_after_its_longest_silence() {
    let mut table = Table::new();
    for second in [0, 4, 5] {
        table.add(second, r#"{"s":"A","p":1}"#);
    }
    let key = table.key("A");
    assert!(!key.is_late(at(9)) && key.is_late(at(10)));
}

#[test]
fn bounds_are_kept_and_reported() {
    let mut table = Table::new();
    let padding = "x".repeat(3_000);
    for round in 0..2 {
        for key in 0..MOST_KEYS + 5 {
            table.add(round, &format!("{{\"s\":{key},\"p\":\"{padding}\"}}"));
        }
    }
    assert_eq!(table.latest.keys().len(), MOST_KEYS);
    assert!(table.latest.bytes <= MOST_BYTES, "{}", table.latest.bytes);
    assert_eq!(table.key("0").kept().count(), 1);
    let notes = table.latest.notes();
    assert!(
        notes[0].starts_with("10 records not in the table: with keys beyond"),
        "{notes:?}"
    );
    assert!(notes[1].starts_with("1 of the newest 4"), "{notes:?}");
    let long = format!("{{\"s\":3,\"p\":\"{}\"}}", "x".repeat(LONGEST_PAYLOAD));
    table.add(5, &long);
    let newest = table.key("3").newest();
    assert!(newest.is_left_out() && newest.payload().is_empty());
}

#[test]
fn the_table_has_the_rows_before_its_limit() {
    let (mut writer, store) = Store::new(feedscope_core::store::DEFAULT_BUDGET_BYTES);
    for number in 0..100_u64 {
        let data = format!(
            r#"{{"s":"{}","p":{number}}}"#,
            ["a", "b"][number as usize % 2]
        );
        writer.push(&Record {
            stamp: Stamp {
                moment: at(number),
                utc: Timestamp::default(),
            },
            connection: 1,
            kind: Kind::Line {
                data: data.as_bytes(),
            },
        });
    }
    let path = |text: &str| Path::parse(text).unwrap();
    let latest = StoreLatest::by_key(&store, path(".s"), vec![path(".p")]);
    let order = KeyOrder::new(&latest);
    // Forward, back, to the same row, before the first row, and to the end.
    for (limit, a, b) in [
        (10, Some((5, 8)), Some((5, 9))),
        (51, Some((26, 50)), Some((25, 49))),
        (50, Some((25, 48)), Some((25, 49))),
        (50, Some((25, 48)), Some((25, 49))),
        (1, Some((1, 0)), None),
        (0, None, None),
        (u64::MAX, Some((50, 98)), Some((50, 99))),
        (3, Some((2, 2)), Some((1, 1))),
    ] {
        let was_same = latest.value().key("a").map(KeyRecords::count) == a.map(|(count, _)| count);
        latest.set_limit(RowNumber(limit));
        assert!(was_same || latest.task().is_stale(), "{limit}");
        while !latest.task().step(100).is_done {}
        assert!(!latest.task().is_stale(), "{limit}");
        let table = latest.value();
        for (name, expected) in [("a", a), ("b", b)] {
            let key = table.key(name);
            let found = key.map(|key| (key.count(), key.newest().row().0));
            assert_eq!(found, expected, "{name} before {limit}");
            if let Some(key) = key {
                let row = key.newest().row().0;
                assert_eq!(key.value(0).unwrap().text(), row.to_string());
                assert_eq!(key.kept().count() as u64, key.count().min(4));
            }
        }
        let keys = table.keys().len();
        drop(table);
        // The order has the present keys alone.
        order.request(WantedOrder {
            by: OrderBy::Rate,
            is_descending: true,
            typed: String::new(),
            now: at(limit.min(100)),
        });
        order.task().step(1);
        assert_eq!(
            (order.value().places.len(), order.value().keys),
            (keys, keys)
        );
    }
    // Rows that arrive later are beyond the limit.
    writer.push(&Record {
        stamp: Stamp::default(),
        connection: 1,
        kind: Kind::Line {
            data: br#"{"s":"a","p":-1}"#,
        },
    });
    assert!(latest.task().step(100).is_done);
    assert_eq!(latest.value().key("a").unwrap().count(), 2);
}
