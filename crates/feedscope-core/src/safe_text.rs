//! Text from outside the program, made safe for a terminal or a sentence.
//!
//! A visible mark replaces each character that could move the cursor, change colors or turn the reading direction.
//! Printable characters stay as they are.

mod excerpt;

use std::io::Write as _;

pub use excerpt::excerpt;

/// Appends `bytes` as UTF-8, with a mark for each unsafe character and U+FFFD for bytes that are not UTF-8.
pub fn write_safe(out: &mut Vec<u8>, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        let text = chunk.valid();
        let mut done = 0;
        for (at, c) in text.char_indices().filter(|&(_, c)| is_unsafe(c)) {
            // The text between two unsafe characters is copied as a whole.
            out.extend_from_slice(&text.as_bytes()[done..at]);
            write_mark(out, c);
            done = at + c.len_utf8();
        }
        out.extend_from_slice(&text.as_bytes()[done..]);
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

/// Returns the text with a mark for each unsafe character.
pub fn safe(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    write_safe(&mut out, text.as_bytes());
    String::from_utf8_lossy(&out).into_owned()
}

/// Returns finished JSON with escapes for the characters that a terminal would act on, as in the lines of records.
pub fn safe_json(json: &str) -> String {
    use std::fmt::Write as _;

    let mut out = String::with_capacity(json.len());
    for char in json.chars() {
        if matches!(char, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}') {
            // Such characters are inside strings only. Writing to a string cannot fail.
            write!(out, "\\u{:04x}", u32::from(char)).ok();
        } else {
            out.push(char);
        }
    }
    out
}

/// Returns true for control characters of both sets, line and paragraph separators, and characters that change the
/// reading direction (Unicode Standard Annex 9, section 2).
pub fn is_unsafe(c: char) -> bool {
    match c {
        ' '..='~' => false,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            true
        }
        c => c.is_control(),
    }
}

/// Appends a mark: the picture of a C0 control (U+2400 and following), or the number of any other character.
fn write_mark(out: &mut Vec<u8>, c: char) {
    let picture = match u32::from(c) {
        // U+2400 is the picture of U+0000.
        low @ 0..0x20 => char::from_u32(0x2400 + low),
        0x7f => Some('\u{2421}'),
        _ => None,
    };
    match picture {
        Some(picture) => out.extend_from_slice(picture.encode_utf8(&mut [0; 4]).as_bytes()),
        None => write!(out, "<U+{:04X}>", u32::from(c)).expect("a vector takes what it is given"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::{Kind, Record, write_json_line};
    use crate::time::Stamp;

    fn check(bytes: &[u8], expected: &str) {
        let mut out = Vec::new();
        write_safe(&mut out, bytes);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn unsafe_characters_become_marks() {
        check(b"plain", "plain");
        check("Привет, 世界 👋🏽 é".as_bytes(), "Привет, 世界 👋🏽 é");
        check(b"\x1b[31mred\x1b]0;title\x07", "␛[31mred␛]0;title␇");
        check(b"a\nb\r\n\tc\0\x7f", "a␊b␍␊␉c␀␡");
        check("\u{9b}31m\u{85}".as_bytes(), "<U+009B>31m<U+0085>");
        check(
            "abc\u{202e}def\u{2066}\u{200f}\u{2028}".as_bytes(),
            "abc<U+202E>def<U+2066><U+200F><U+2028>",
        );
        check(b"\xff\xe2\x82 \x9b", "\u{fffd}\u{fffd} \u{fffd}");
    }

    /// The lines of records escape their payloads while they write them.
    #[test]
    fn finished_json_has_the_escapes_of_the_lines_of_records() {
        for char in (' '..='\u{2100}').filter(|char| char.is_control() || *char > '\u{1fff}') {
            let text = format!("a{char}b");
            let mut line = Vec::new();
            let kind = Kind::Line {
                data: text.as_bytes(),
            };
            let record = Record {
                stamp: Stamp::default(),
                connection: 1,
                kind,
            };
            write_json_line(&mut line, &record, None);
            let line = String::from_utf8(line).unwrap();
            let json = serde_json::to_string(&text).unwrap();
            assert!(line.contains(&safe_json(&json)), "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_unsafe_character_passes(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let mut out = Vec::new();
            write_safe(&mut out, &bytes);
            let text = String::from_utf8(out).unwrap();
            prop_assert!(!text.chars().any(|c| is_unsafe(c) || c.is_control()), "{text:?}");
        }
    }
}
