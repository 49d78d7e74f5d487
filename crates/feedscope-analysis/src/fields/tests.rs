//! The reader against a tree, on tables and on random payloads.

use proptest::prelude::*;

use super::*;

fn path(text: &str) -> Path {
    Path::parse(text).unwrap_or_else(|problem| panic!("{problem}"))
}

fn read<'a>(paths: &[&str], json: &'a [u8]) -> Result<FoundValues<'a>, Unread> {
    let paths = paths.iter().map(|text| path(text));
    FieldReader::new(paths).unwrap().read(json)
}

#[test]
fn values_are_found_where_a_tree_has_them() {
    let json = br#" {"a": {"b": [1, {"c": "x"}], "b2": null}, "n": -1.5e3, "t": true, "a\u0062": "k", "": []} "#;
    let values = |text| read(&[text], json).unwrap()[0];
    assert_eq!(values(".a.b[0]"), FoundValue::Value(Value::Number("1")));
    assert_eq!(values(".n"), FoundValue::Value(Value::Number("-1.5e3")));
    assert_eq!(values(".t"), FoundValue::Value(Value::Bool(true)));
    assert_eq!(values(".a.b2"), FoundValue::Value(Value::Null));
    assert_eq!(values(".a.b2.x[3]"), FoundValue::Missing);
    assert_eq!(
        values(".a.b[1]"),
        FoundValue::Value(Value::Object(br#"{"c": "x"}"#))
    );
    assert_eq!(values(".[\"\"]"), FoundValue::Value(Value::Array(b"[]")));
    assert_eq!(values(".a.b[7]"), FoundValue::Missing);
    assert_eq!(values(".nothing.at.all"), FoundValue::Missing);
    // jq has an error for these, and `null` for an index of an object.
    assert_eq!(values(".n.x"), FoundValue::NoParts);
    assert_eq!(values(".a.b.x"), FoundValue::NoParts);
    assert_eq!(values(".a[0]"), FoundValue::Missing);
    let FoundValue::Value(Value::Text(text)) = values(".ab") else {
        panic!("a key with an escape was not found");
    };
    assert_eq!(text.to_str(), "k");
}

#[test]
fn the_last_of_equal_keys_counts_for_every_path_through_it() {
    let json = br#"{"a":{"b":1},"a":5,"a":{"c":2}}"#;
    let found = read(&[".a.b", ".a.c", ".a"], json).unwrap();
    assert_eq!(found[0], FoundValue::Missing);
    assert_eq!(found[1], FoundValue::Value(Value::Number("2")));
    assert_eq!(found[2], FoundValue::Value(Value::Object(br#"{"c":2}"#)));
}

#[test]
fn what_is_not_strict_json_is_refused() {
    for json in [
        "",
        " ",
        "{",
        "}",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "nul",
        "NaN",
        "\"a",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\ud83d\\ude00\"",
        "\"\t\"",
        "1 2",
        "[1 2]",
        "{\"a\" 1}",
        "# c\n1",
        "\u{c}1",
    ] {
        assert_eq!(read(&["."], json.as_bytes()), Err(Unread), "{json}");
    }
    assert_eq!(read(&["."], b"\"\xff\""), Err(Unread));
    assert_eq!(read(&["."], b"\"1234567\xc3(\""), Err(Unread));
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read(&["."], deep(128).as_bytes()).is_ok());
    assert_eq!(read(&["."], deep(129).as_bytes()), Err(Unread));
    assert_eq!(read(&["."], "9".repeat(301).as_bytes()), Err(Unread));
}

#[test]
fn decimal_text_is_a_number() {
    let found = read(&[".a", ".b", ".c"], br#"{"a":"14.7775","b":14.7,"c":"x"}"#).unwrap();
    let number = |place: usize| found[place].value().and_then(Value::number);
    assert_eq!(number(0).as_deref(), Some("14.7775"));
    assert_eq!(number(1).as_deref(), Some("14.7"));
    assert_eq!(number(2), None);
    for text in ["0", "-1", "007", "1.5", "1e5", "1.5E-7"] {
        assert!(is_decimal(text), "{text}");
    }
    for text in ["", "-", "1.", ".5", "1e", "+1", "0x1", " 1", "1_000", "NaN"] {
        assert!(!is_decimal(text), "{text}");
    }
}

#[test]
fn a_reader_takes_a_bounded_number_of_paths() {
    let paths = |count| (0..count).map(|number| path(&format!(".f{number}")));
    let json = br#"{"f7":7,"f0":0}"#;
    let eight = FieldReader::new(paths(8)).unwrap();
    let found = eight.read(json).unwrap();
    assert_eq!(found[7], FoundValue::Value(Value::Number("7")));
    assert!(FieldReader::new(paths(9)).is_none());
    assert!(FieldReader::default().is_empty() && FieldReader::default().read(json).is_ok());
}

/// A path leads into a value without parts.
#[derive(Debug)]
struct NoParts;

/// The value of a tree at the end of a path.
fn in_tree<'t>(
    tree: &'t serde_json::Value,
    steps: &[PathStep],
) -> Result<Option<&'t serde_json::Value>, NoParts> {
    let mut value = tree;
    for step in steps {
        let inner = match (value, step) {
            (serde_json::Value::Null, _) | (serde_json::Value::Object(_), PathStep::Index(_)) => {
                None
            }
            (serde_json::Value::Object(map), PathStep::Key(key)) => map.get(&**key),
            (serde_json::Value::Array(items), PathStep::Index(index)) => items.get(*index),
            _ => return Err(NoParts),
        };
        match inner {
            Some(inner) => value = inner,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

fn agrees(found: FoundValue<'_>, tree: Result<Option<&serde_json::Value>, NoParts>) -> bool {
    let parsed = |json: &[u8]| serde_json::from_slice::<serde_json::Value>(json).ok();
    match (found, tree) {
        (FoundValue::NoParts, Err(NoParts)) | (FoundValue::Missing, Ok(None)) => true,
        (FoundValue::Value(value), Ok(Some(tree))) => match value {
            Value::Null => tree.is_null(),
            Value::Bool(bool) => tree.as_bool() == Some(bool),
            Value::Number(number) => parsed(number.as_bytes()).as_ref() == Some(tree),
            Value::Text(text) => {
                tree.as_str() == Some(&text.to_str()) && text.is(tree.as_str().unwrap())
            }
            Value::Array(json) | Value::Object(json) => parsed(json).as_ref() == Some(tree),
        },
        _ => false,
    }
}

/// JSON that is mostly strict, with equal keys, escapes and space.
fn json() -> impl Strategy<Value = String> {
    let text = || {
        prop_oneof![
            "[a-c]{0,2}".prop_map(|text| format!("\"{text}\"")),
            "[ -~é€𝄞]{0,20}".prop_map(|text| serde_json::to_string(&text).unwrap()),
            Just("\"\\u0061\\n\\/\"".to_owned()),
        ]
    };
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,18})(\\.[0-9]{1,4})?(e[+-]?[0-9]{1,2})?",
        text(),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let pair = (
            prop_oneof![3 => Just("\"a\"".to_owned()), 3 => Just("\"b\"".to_owned()), 1 => text()],
            inner.clone(),
        );
        prop_oneof![
            proptest::collection::vec(inner, 0..5)
                .prop_map(|items| format!("[{}]", items.join(" , "))),
            proptest::collection::vec(pair, 0..5).prop_map(|pairs| {
                let pairs: Vec<_> = pairs
                    .iter()
                    .map(|(key, value)| format!("{key}: {value}"))
                    .collect();
                format!("{{{}}}", pairs.join(","))
            }),
        ]
    })
}

fn steps_text() -> impl Strategy<Value = String> {
    let step = prop_oneof![
        Just(".a"),
        Just(".b"),
        Just("[0]"),
        Just("[1]"),
        Just(".\"c\"")
    ];
    proptest::collection::vec(step, 0..4).prop_map(|steps| {
        let text = steps.concat();
        if text.starts_with('.') {
            text
        } else {
            format!(".{text}")
        }
    })
}

proptest! {
    #[test]
    fn the_reader_finds_what_a_tree_has(
        json in json(),
        texts in proptest::collection::vec(steps_text(), 1..MOST_PATHS),
    ) {
        let paths: Vec<_> = texts.iter().map(|text| path(text)).collect();
        let reader = FieldReader::new(paths.clone()).unwrap();
        let found = reader.read(json.as_bytes());
        let tree = serde_json::from_str::<serde_json::Value>(&json).unwrap();
        let found = found.unwrap();
        for (path, found) in paths.iter().zip(found) {
            prop_assert!(agrees(found, in_tree(&tree, path.steps())), "{}: {:?}", path, found);
        }
    }

    #[test]
    fn any_bytes_are_refused_or_read_as_a_parser_reads_them(
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..40),
            "[\\[\\]{}\",:0-9.eE+\\-tfnul\\\\ a]{0,24}".prop_map(String::into_bytes),
        ],
    ) {
        let reader = FieldReader::new([path(".a[0]")]).unwrap();
        let tree = serde_json::from_slice::<serde_json::Value>(&bytes);
        match (reader.read(&bytes), tree) {
            (Ok(found), Ok(tree)) => {
                prop_assert!(agrees(found[0], in_tree(&tree, path(".a[0]").steps())));
            }
            // Numbers outside the range of a float are not values to serde_json.
            (Ok(_), Err(error)) => prop_assert!(error.to_string().contains("out of range"), "{}", error),
            (Err(Unread), tree) => {
                let is_surrogate = bytes.windows(2).any(|pair| pair == b"\\u");
                prop_assert!(tree.is_err() || is_surrogate);
            }
        }
    }
}
