//! Recognition of a format by the beginning of a file whose name shows none. It is strict, because a wrong format would show
//! any text as records.

use std::io::Read as _;

use serde::de::IgnoredAny;

use super::format::Format;
use super::input::FileInput;

/// Number of bytes that are looked at, which have room for the first line of almost any file of lines.
const LOOKED_AT: usize = 256 << 10;

/// Number of lines of an event stream that are looked at.
const LINES: usize = 64;

/// Byte order mark that some programs write at the start of a text file.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns the format that the beginning of the input has, if it is a format of text.
pub(super) fn recognized(input: &mut FileInput) -> Option<Format> {
    let mut begin = Vec::new();
    let bytes = input.bytes().ok()?;
    let read = bytes.take(LOOKED_AT as u64).read_to_end(&mut begin).ok()?;
    format_of(&begin, read < LOOKED_AT)
}

/// Returns the format of a text. `is_whole` means that the text does not go on.
fn format_of(text: &[u8], is_whole: bool) -> Option<Format> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if is_archive(text) {
        return Some(Format::Har);
    }
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    if !is_whole {
        // The last line may be cut.
        lines.pop();
    }
    if is_json_line(&lines) {
        Some(Format::Ndjson)
    } else {
        is_event_stream(&lines).then_some(Format::Sse)
    }
}

/// Returns true for an object whose first member is the log of an HTTP archive.
fn is_archive(text: &[u8]) -> bool {
    let after = |text: &'_ [u8], token: &[u8]| -> Option<usize> {
        let blank = text.len() - text.trim_ascii_start().len();
        let rest = &text[blank..];
        rest.starts_with(token).then_some(blank + token.len())
    };
    let mut at = 0;
    for token in [&b"{"[..], b"\"log\"", b":", b"{"] {
        match after(&text[at..], token) {
            Some(length) => at += length,
            None => return false,
        }
    }
    // A line of another program may have a member of this name.
    [&b"\"entries\""[..], b"\"creator\""]
        .iter()
        .any(|member| memchr::memmem::find(&text[at..], member).is_some())
}

/// Returns true if the first line with a text is a JSON object.
fn is_json_line(lines: &[&[u8]]) -> bool {
    let mut lines = lines.iter().map(|line| line.trim_ascii());
    let first = lines.find(|line| !line.is_empty());
    first.is_some_and(|line| {
        line.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(line).is_ok()
    })
}

/// Returns true if all lines are fields, comments or blank lines of an event stream, and one of them has data.
fn is_event_stream(lines: &[&[u8]]) -> bool {
    const FIELDS: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];
    let mut has_data = false;
    for line in lines.iter().take(LINES) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let colon = memchr::memchr(b':', line);
        let name = &line[..colon.unwrap_or(line.len())];
        if !name.is_empty() && !FIELDS.contains(&name) {
            return false;
        }
        has_data |= name == b"data" && colon.is_some();
    }
    has_data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_text_are_recognized_by_their_beginning() {
        let (ndjson, sse, har) = (Some(Format::Ndjson), Some(Format::Sse), Some(Format::Har));
        for (text, expected) in [
            ("{\"a\":1}\n{\"a\":2}\n", ndjson),
            ("\n {\"a\":1}\r\nno JSON\n", ndjson),
            ("{\"a\":1}", ndjson),
            ("\u{feff}{\"a\":1}\n", ndjson),
            ("{\"log\":{\"level\":3}}\n", ndjson),
            ("{\n  \"log\": {\n \"creator\": {}", har),
            ("{\"log\":{\"version\":\"1.2\",\"entries\":[", har),
            ("data: a\n\ndata: b\n\n", sse),
            (": welcome\r\nid: 1\r\nevent: x\r\ndata: {}\r\n\r\n", sse),
            ("retry: 3000\ndata\n\n", None),
            ("id: 3\nname: x\ndata: y\n", None),
            (": a comment\n: another one\n", None),
            ("2026-11-28 06:00:00 INFO data: a\n", None),
            ("{\n  \"a\": 1\n}\n", None),
            ("[1,2]\n", None),
            ("{\"a\":", None),
            ("", None),
        ] {
            assert_eq!(format_of(text.as_bytes(), true), expected, "{text:?}");
        }
        // A cut line decides nothing.
        assert_eq!(format_of(b"data: a\nda", false), sse);
        assert_eq!(format_of(b"{\"a\":1}", false), None);
    }
}
