//! Fuzz target for JSON texts of any bytes.
//!
//! The verdict equals that of another parser, and every value is within its holder. Parsing in steps and formatting in
//! lines do not change the result. An input with U+0001, which never occurs in JSON, contains two texts for a
//! comparison.

#![no_main]

use feedscope_core::payload::json::{
    NoOutline, Outline, Reading, Shape, changed_numbers, likeness, pretty, unescaped,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (old, new) = text.split_once('\u{1}').unwrap_or(("0", text));
    let outline = Outline::of(new);
    let theirs = serde_json::from_str::<serde::de::IgnoredAny>(new);
    assert_eq!(outline.is_ok(), theirs.is_ok(), "{theirs:?}");
    for portion in [0, 7] {
        assert_eq!(outline, read_in_portions(new, portion));
    }
    let spread = pretty(new);
    let Ok(outline) = outline else { return };
    look_at_all(&outline, new);

    let same = Outline::of(&spread).expect("a text spread over lines is the same text");
    assert_eq!(outline.len(), same.len());
    assert_eq!(changed_numbers((&outline, new), (&same, &spread)), []);
    if let Ok(before) = Outline::of(old) {
        for changed in changed_numbers((&before, old), (&outline, new)) {
            assert_eq!(outline.node(changed.node).shape, Shape::Number);
        }
        let alike = likeness((&before, old), (&outline, new));
        assert!(alike.equal <= alike.of);
    }
});

fn read_in_portions(text: &str, portion: usize) -> Result<Outline, NoOutline> {
    let mut reading = Reading::default();
    while !reading.advance(text.as_bytes(), portion)? {}
    Ok(reading.outline())
}

/// Calls all functions for each value.
fn look_at_all(outline: &Outline, text: &str) {
    // The paths and parents of all values would take quadratic time.
    const MOST: usize = 200;
    let bytes = text.as_bytes();
    for number in 0..outline.len().min(MOST) {
        let range = outline.range(bytes, number);
        let value = text.get(range.clone()).expect("whole characters");
        assert!(!value.is_empty());
        if let Some(parent) = outline.parent(number) {
            let around = outline.range(bytes, parent);
            assert!(around.start < range.start && range.end < around.end);
            assert!(number < outline.node(parent).next);
        }
        if let Some(key) = outline.key(bytes, number) {
            assert!(key.end < range.start);
            unescaped(text.get(key).expect("whole characters"));
        }
        assert!(outline.path(bytes, number).starts_with('.'));
        if outline.node(number).shape == Shape::String {
            assert_eq!(Outline::string_end(bytes, range.start), Some(range.end));
        }
    }
}
