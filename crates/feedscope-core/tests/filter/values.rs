//! Values worth filtering on.

use feedscope_core::filter::{FieldPath, event_types, field_values};
use feedscope_core::store::{DEFAULT_BUDGET_BYTES, Store};
use feedscope_core::{Kind, Record, Sink as _, Stamp};

fn store(events: &[(&str, &str)]) -> Store {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    for (event, data) in events {
        let kind = Kind::Event {
            event: event.as_bytes(),
            id: b"",
            data: data.as_bytes(),
        };
        writer.push(&Record {
            stamp: Stamp::default(),
            connection: 1,
            kind,
        });
    }
    writer.flush();
    store
}

fn listed(values: &[(String, u64)]) -> Vec<(&str, u64)> {
    values
        .iter()
        .map(|(value, count)| (value.as_str(), *count))
        .collect()
}

#[test]
fn the_values_of_a_field_are_counted_over_the_newest_rows() {
    let store = store(&[
        ("a", r#"{"s":"OLD"}"#),
        ("a", r#"{"s":"X"}"#),
        ("a", "no json"),
        ("a", r#"{"s":7}"#),
        ("a", r#"{"s":["X"]}"#),
        ("a", r#"{"s":null}"#),
        ("a", r#"{"s":"X"}"#),
        ("a", r#"{"s":true}"#),
    ]);
    let path = FieldPath::parse(".s").unwrap();
    assert_eq!(
        listed(&field_values(&store, &path, 7, 9)),
        [("X", 2), ("7", 1), ("true", 1)]
    );
    assert_eq!(listed(&field_values(&store, &path, 7, 1)), [("X", 2)]);
    assert_eq!(
        listed(&field_values(
            &store,
            &FieldPath::parse(".s[]?").unwrap(),
            100,
            9
        )),
        [("X", 1)]
    );
    assert!(FieldPath::parse(".s[").is_err());
}

#[test]
fn event_types_are_counted_over_the_newest_rows() {
    let store = store(&[("old", ""), ("b", ""), ("a", ""), ("c", ""), ("c", "")]);
    assert_eq!(
        listed(&event_types(&store, 4, 9)),
        [("c", 2), ("a", 1), ("b", 1)]
    );
    assert_eq!(listed(&event_types(&store, 4, 2)), [("c", 2), ("a", 1)]);
}
