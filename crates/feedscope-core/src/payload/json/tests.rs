//! Tests of outlines with tables, and with the results of another JSON parser.

use proptest::prelude::*;

use super::*;

/// Returns the depth, path and text of each value.
fn lines(text: &str) -> Vec<(u32, String, &str)> {
    let outline = Outline::of(text).unwrap();
    let bytes = text.as_bytes();
    (0..outline.len())
        .map(|number| {
            let path = outline.path(bytes, number);
            let value = &text[outline.range(bytes, number)];
            (outline.node(number).depth, path, value)
        })
        .collect()
}

#[test]
fn values_stand_in_order_with_their_paths() {
    let text = r#"{"id": 12345678901234567890, "book": {"bid": [55.10, 900], "odd key": null}, "end": []}"#;
    let expected = [
        (0, ".", text),
        (1, ".id", "12345678901234567890"),
        (1, ".book", r#"{"bid": [55.10, 900], "odd key": null}"#),
        (2, ".book.bid", "[55.10, 900]"),
        (3, ".book.bid[0]", "55.10"),
        (3, ".book.bid[1]", "900"),
        (2, r#".book."odd key""#, "null"),
        (1, ".end", "[]"),
    ];
    assert_eq!(
        lines(text),
        expected.map(|(depth, path, text)| (depth, path.to_owned(), text))
    );
    assert_eq!(lines("[[1]]")[2].1, ".[0][0]");
}

#[test]
fn a_subtree_ends_where_the_next_value_begins() {
    let outline = Outline::of(r#"[{"a":1,"b":[2,3]},4]"#).unwrap();
    let nodes: Vec<_> = (0..outline.len())
        .map(|number| outline.node(number))
        .collect();
    assert_eq!(
        nodes.iter().map(|node| node.next).collect::<Vec<_>>(),
        [7, 6, 3, 6, 5, 6, 7]
    );
    assert_eq!(nodes[1].shape, Shape::Object(2));
    assert_eq!(nodes[0].shape, Shape::Array(2));
    let parents: Vec<_> = (0..outline.len())
        .map(|number| outline.parent(number))
        .collect();
    assert_eq!(
        parents,
        [None, Some(0), Some(1), Some(1), Some(3), Some(3), Some(0)]
    );
}

#[test]
fn what_is_no_json_is_told_with_its_place() {
    for (text, at) in [
        ("", 0),
        ("[1,]", 3),
        ("[,1]", 1),
        ("{\"a\" 1}", 5),
        ("{\"a\":1,}", 7),
        ("[1 2]", 3),
        ("[1]x", 3),
        ("\"a\nb\"", 2),
        ("\"\\x\"", 2),
        ("01", 1),
        ("1.", 2),
        ("nul", 3),
        ("[DONE]", 1),
        ("{\"a\":1]", 6),
    ] {
        assert_eq!(Outline::of(text), Err(NoOutline::NotJson { at }), "{text}");
    }
}

#[test]
fn depth_costs_no_stack() {
    let text = "[".repeat(200_000) + &"]".repeat(200_000);
    assert_eq!(Outline::of(&text).unwrap().len(), 200_000);
}

#[test]
fn escapes_are_resolved_for_reading() {
    assert_eq!(unescaped(r#""a\u00e9\n""#), "aé\n");
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".*".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            proptest::collection::hash_map(".*", inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Returns a value and all values in it, in the order in which they are written.
fn plain_values(value: &serde_json::Value) -> Vec<&serde_json::Value> {
    let inner: Vec<_> = match value {
        serde_json::Value::Array(elements) => elements.iter().collect(),
        serde_json::Value::Object(members) => members.values().collect(),
        _ => Vec::new(),
    };
    let mut values = vec![value];
    values.extend(inner.into_iter().flat_map(plain_values));
    values
}

proptest! {
    /// The output of a JSON writer has an outline, and every range parses to its value.
    #[test]
    fn what_is_written_is_outlined(value in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let outline = Outline::of(&text).unwrap();
        // The other parser rounds numbers, so that its result is compared with its own result.
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let values = plain_values(&value);
        prop_assert_eq!(outline.len(), values.len());
        for (number, expected) in values.iter().enumerate() {
            let written = &text[outline.range(text.as_bytes(), number)];
            let read: serde_json::Value = serde_json::from_str(written).unwrap();
            prop_assert_eq!(&read, *expected);
        }
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&super::pretty(&text)).unwrap(), value);
    }

    /// A text parsed in steps has the same outline as one parsed at once.
    #[test]
    fn portions_make_the_same_outline(value in any_json(), portion in 0_usize..9) {
        let text = value.to_string();
        let mut reading = Reading::default();
        while !reading.advance(text.as_bytes(), portion).unwrap() {}
        prop_assert_eq!(reading.outline(), Outline::of(&text).unwrap());
    }

    /// No text causes a panic, and the verdict equals that of another parser.
    #[test]
    fn any_text_gets_the_verdict_of_a_parser(text in r#"[\[\]{}",:0-9a-z\\ .eE+-]{0,40}"#) {
        let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        prop_assert_eq!(Outline::of(&text).is_ok(), theirs, "{}", text);
    }
}
