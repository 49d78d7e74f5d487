//! Tests of the values that are offered for a filter.

use std::sync::Arc;

use feedscope_analysis::filter::{
    FieldPath, Filter, ParseContext, Scan, event_types, field_values, fields,
};
use feedscope_analysis::interpret::Interpreter;
use feedscope_core::store::{ClassSet, DEFAULT_BUDGET_BYTES, Store};
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
        [("\"X\"", 2), ("7", 1), ("true", 1)]
    );
    assert_eq!(listed(&field_values(&store, &path, 7, 1)), [("\"X\"", 2)]);
    assert_eq!(
        listed(&field_values(
            &store,
            &FieldPath::parse(".s[]?").unwrap(),
            100,
            9
        )),
        [("\"X\"", 1)]
    );
    assert!(FieldPath::parse(".s[").is_err());
}

#[test]
fn fields_are_offered_as_jq_paths() {
    let store = store(&[
        ("a", r#"{"old":1}"#),
        ("a", r#"{"s":"X","odd key":1,"list":[{"no":1}]}"#),
        ("a", "[1]"),
        ("a", "7"),
        ("a", "no json"),
        ("a", r#"{"s":null,"b":{"c":{"d":1,"e":{"too deep":1}}}}"#),
    ]);
    let found = fields(&store, &Interpreter::default(), 5, 9);
    let counted: Vec<_> = found.iter().map(|it| (&*it.path, it.count)).collect();
    assert_eq!(counted, [(".s", 2), (".\"odd key\"", 1), (".b.c.d", 1)]);
    for field in found {
        assert!(FieldPath::parse(&field.path).is_ok(), "{}", field.path);
    }
}

#[test]
fn a_value_is_offered_as_it_is_typed() {
    let store = store(&[("a", r#"{"s":"a \"b\" \\(c)"}"#), ("a", r#"{"s":"é"}"#)]);
    let path = FieldPath::parse(".s").unwrap();
    for (value, _) in field_values(&store, &path, 9, 9) {
        let typed = format!(".s == {value}");
        let filter = Filter::parse(&typed, &ParseContext::default()).unwrap();
        let scan = Scan::new(&store, Arc::new(filter), ClassSet::ALL);
        while !scan.step(1 << 20).done {}
        assert_eq!(scan.count(), 1, "{typed}");
    }
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
