//! The only written form of a record: a line of JSON. This code does not parse such a line, and keeps nothing.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Kind, Record};
use crate::decode::WireInfo;

/// Appends `record` to `out` as one line of JSON with a line feed. `feed` is the name of the feed if several are shown.
///
/// Data that is not UTF-8 is written as `data_base64` in place of `data`, so that no byte is lost. In other texts, such
/// as an event's type, U+FFFD replaces bytes that are not UTF-8.
pub fn write_json_line(out: &mut Vec<u8>, record: &Record<'_>, feed: Option<&str>) {
    out.extend_from_slice(b"{\"at\":\"");
    out.extend_from_slice(&record.stamp.utc.to_rfc3339());
    out.extend_from_slice(b"\",\"connection\":");
    number(out, u64::from(record.connection));
    if let Some(feed) = feed {
        text(out, "feed", feed.as_bytes());
    }
    out.extend_from_slice(b",\"kind\":\"");
    out.extend_from_slice(record.kind.word().as_bytes());
    out.push(b'"');
    fields(out, &record.kind);
    out.extend_from_slice(b"}\n");
}

fn fields(out: &mut Vec<u8>, kind: &Kind<'_>) {
    match kind {
        // States and gaps have members of their own, with the names of their fields.
        Kind::State(change) => flattened(out, change),
        Kind::Gap(gap) => flattened(out, gap),
        Kind::Event { event, id, data } => {
            text(out, "event", event);
            text(out, "id", id);
            payload(out, data);
        }
        Kind::Comment { data } | Kind::Line { data } => payload(out, data),
        Kind::Retry { ms } => {
            key(out, "ms");
            number(out, *ms);
        }
        Kind::Text {
            direction,
            data,
            failed,
            wire,
        } => {
            text(out, "direction", direction.word().as_bytes());
            payload(out, data);
            failure(out, *failed);
            on_the_wire(out, *wire);
        }
        Kind::Binary {
            direction,
            data,
            failed,
            wire,
        } => {
            text(out, "direction", direction.word().as_bytes());
            base64(out, data);
            failure(out, *failed);
            on_the_wire(out, *wire);
        }
        Kind::Ping { direction, data } => {
            text(out, "direction", direction.word().as_bytes());
            base64(out, data);
        }
        Kind::Pong {
            direction,
            data,
            rtt,
        } => {
            text(out, "direction", direction.word().as_bytes());
            base64(out, data);
            if let Some(rtt) = rtt {
                key(out, "rtt_ms");
                let micros = rtt.as_micros();
                // A fraction in microseconds, without the rounding of a floating-point number.
                write!(out, "{}.{:03}", micros / 1000, micros % 1000)
                    .expect("a vector takes what it is given");
            }
        }
        Kind::Close {
            direction,
            code,
            reason,
        } => {
            text(out, "direction", direction.word().as_bytes());
            key(out, "code");
            number(out, u64::from(code.0));
            text(out, "reason", reason.as_bytes());
        }
        Kind::Note {
            code,
            text: sentence,
        } => {
            text(out, "code", code.as_str().as_bytes());
            text(out, "text", sentence.as_bytes());
        }
    }
}

/// Appends the fields of a value that serializes to an object, without its braces. It is slow, and used only for rare
/// kinds.
fn flattened(out: &mut Vec<u8>, value: &impl serde::Serialize) {
    let object = serde_json::to_string(value).expect("strings and numbers always serialize");
    let inner = &object[1..object.len() - 1];
    if inner.is_empty() {
        return;
    }
    out.push(b',');
    for char in inner.chars() {
        // serde_json escapes only the characters that JSON requires.
        if matches!(char, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}') {
            code(out, char as u16);
        } else {
            out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

fn failure(out: &mut Vec<u8>, failed: Option<&str>) {
    if let Some(reason) = failed {
        text(out, "failed", reason.as_bytes());
    }
}

/// Appends the form on the wire. Most messages have one uncompressed frame, for which it appends nothing.
fn on_the_wire(out: &mut Vec<u8>, wire: Option<WireInfo>) {
    let Some(wire) = wire else { return };
    if wire.frames > 1 {
        key(out, "frames");
        number(out, u64::from(wire.frames));
    }
    if wire.compressed {
        key(out, "compressed_bytes");
        number(out, wire.wire_bytes);
    }
}

fn key(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn number(out: &mut Vec<u8>, value: u64) {
    // A number of 64 bits has at most 20 digits.
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = value;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends data as text if it is UTF-8, or in base64.
fn payload(out: &mut Vec<u8>, data: &[u8]) {
    if std::str::from_utf8(data).is_ok() {
        key(out, "data");
        out.push(b'"');
        escaped(out, data);
        out.push(b'"');
    } else {
        base64(out, data);
    }
}

fn base64(out: &mut Vec<u8>, data: &[u8]) {
    key(out, "data_base64");
    out.push(b'"');
    let start = out.len();
    // Base64 encodes three bytes in four characters.
    out.resize(start + data.len().div_ceil(3) * 4, 0);
    let written = STANDARD
        .encode_slice(data, &mut out[start..])
        .expect("room was made for all of it");
    out.truncate(start + written);
    out.push(b'"');
}

fn text(out: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    key(out, name);
    out.push(b'"');
    for chunk in bytes.utf8_chunks() {
        escaped(out, chunk.valid().as_bytes());
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    out.push(b'"');
}

/// Appends UTF-8 text with escapes. Eight bytes are examined at once. JSON in a payload has a quote in most of these
/// words, hence those are written without a branch for each byte.
fn escaped(out: &mut Vec<u8>, text: &[u8]) {
    // A quarter more is enough for the quotes of most JSON. The last word needs sixteen bytes for a moment.
    out.reserve(text.len() + text.len() / 4 + 16);
    let (mut rest, mut plain) = (text, 0);
    while let Some(word) = rest[plain..].first_chunk::<8>() {
        let value = u64::from_le_bytes(*word);
        if rare(value) != 0 {
            // It appends what was passed over as well.
            rest = escaped_run(out, rest, plain);
            plain = 0;
        } else if quotes(value) != 0 {
            out.extend_from_slice(&rest[..plain]);
            quoted(out, *word);
            rest = &rest[plain + 8..];
            plain = 0;
        } else {
            plain += 8;
        }
    }
    while !rest.is_empty() {
        rest = escaped_run(out, rest, plain);
        plain = 0;
    }
}

/// Appends eight bytes of which only quotes and backslashes need an escape.
fn quoted(out: &mut Vec<u8>, word: [u8; 8]) {
    let begin = out.len();
    out.extend_from_slice(&[0; 16]);
    let Some(room) = out.last_chunk_mut::<16>() else {
        return;
    };
    let mut at = 0;
    for byte in word {
        let is_quote = usize::from(byte == b'"') | usize::from(byte == b'\\');
        // The byte itself overwrites the backslash if it needs none. Eight bytes end below sixteen.
        room[at & 15] = b'\\';
        room[(at + is_quote) & 15] = byte;
        at += 1 + is_quote;
    }
    out.truncate(begin + at);
}

/// Appends the run of bytes that need no escape and the escape after it. Returns the bytes after them. The first
/// `plain` bytes belong to the run. It may end early, where text that [`escaped`] passes over faster begins.
fn escaped_run<'a>(out: &mut Vec<u8>, bytes: &'a [u8], plain: usize) -> &'a [u8] {
    let mut at = plain;
    let (number, length) = loop {
        let Some(&byte) = bytes.get(at) else {
            out.extend_from_slice(bytes);
            return &[];
        };
        match (ESCAPES[usize::from(byte)], &bytes[at + 1..]) {
            (0, after) if byte < 0x80 => {
                // An ASCII byte mostly ends a word of a script with several bytes a character.
                if let Some((word, _)) = after.split_first_chunk::<8>()
                    && rare(u64::from_le_bytes(*word)) == 0
                {
                    out.extend_from_slice(&bytes[..=at]);
                    return after;
                }
            }
            (0, _) => {}
            // U+0080 to U+009F, and U+2028 and U+2029, have two and three bytes in UTF-8.
            (LEAD, &[second @ 0x80..=0x9f, ..]) if byte == 0xc2 => break (u16::from(second), 2),
            (LEAD, &[0x80, third @ 0xa8..=0xa9, ..]) if byte == 0xe2 => {
                break (0x2000 | u16::from(third & 0x3f), 3);
            }
            (LEAD, _) => {}
            _ => break (u16::from(byte), 1),
        }
        at += 1;
    };
    out.extend_from_slice(&bytes[..at]);
    match ESCAPES[usize::from(bytes[at])] {
        b'u' | LEAD => code(out, number),
        escape => out.extend_from_slice(&[b'\\', escape]),
    }
    &bytes[at + length..]
}

const ONES: u64 = u64::MAX / 0xff;

/// Returns a word that is not 0 if one of the eight bytes is a control character, U+007F or not ASCII.
fn rare(word: u64) -> u64 {
    (below(word, 0x20) | below(word ^ (ONES * 0x7f), 1) | word) & (ONES * 0x80)
}

/// Returns a word that is not 0 if one of the eight bytes is a quote or a backslash. The bytes are ASCII.
fn quotes(word: u64) -> u64 {
    (below(word ^ (ONES * 0x22), 1) | below(word ^ (ONES * 0x5c), 1)) & (ONES * 0x80)
}

/// Subtracts `limit` from each byte. The highest bit of a byte below `limit` is set then. It can also be set in a byte
/// above such a byte, but not if no byte is below `limit` and all bytes are ASCII.
fn below(word: u64, limit: u64) -> u64 {
    word.wrapping_sub(ONES * limit)
}

/// Appends an escape such as `\u001b`.
fn code(out: &mut Vec<u8>, number: u16) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digit = |shift: u16| HEX[usize::from(number >> shift & 15)];
    out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
}

/// Mark of bytes that begin a character which may need an escape.
const LEAD: u8 = 1;

/// Escape of each byte, after the backslash: `u` for a code, 0 for no escape.
///
/// RFC 8259 7 requires escapes below U+0020. U+007F to U+009F affect terminals, and U+2028 and U+2029 end a line in
/// some readers of lines.
static ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = b'u';
        byte += 1;
    }
    table[0x7f] = b'u';
    table[0xc2] = LEAD;
    table[0xe2] = LEAD;
    table[0x08] = b'b';
    table[0x09] = b't';
    table[0x0a] = b'n';
    table[0x0c] = b'f';
    table[0x0d] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table
};

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::connection::{ConnectionState, StateChange};
    use crate::protocol::CloseCode;
    use crate::record::Direction;
    use crate::time::{Stamp, Timestamp};

    const HEAD: &str = "{\"at\":\"2026-11-21T05:49:14.524118Z\",\"connection\":2,\"kind\":";

    fn line(kind: Kind<'_>) -> String {
        let stamp = Stamp {
            utc: Timestamp::from_micros(1_795_240_154_524_118),
            ..Stamp::default()
        };
        let mut out = Vec::new();
        write_json_line(
            &mut out,
            &Record {
                stamp,
                connection: 2,
                kind,
            },
            None,
        );
        String::from_utf8(out).unwrap()
    }

    fn wire(frames: u32, compressed: bool, wire_bytes: u64) -> WireInfo {
        WireInfo {
            frames,
            compressed,
            wire_bytes,
        }
    }

    #[test]
    fn each_kind_has_its_fields() {
        let change = StateChange {
            state: ConnectionState::Reconnecting,
            attempt: Some(2),
            reconnects: Some(5),
            delay_ms: Some(3000),
            status: None,
            reason: Some("lost".to_owned()),
        };
        let (direction, rtt) = (Direction::In, Some(Duration::from_micros(1_042)));
        for (kind, tail) in [
            (
                Kind::State(change),
                r#""state","state":"reconnecting","attempt":2,"reconnects":5,"delay_ms":3000,"reason":"lost"}"#,
            ),
            (
                Kind::Event {
                    event: b"price",
                    id: b"7",
                    data: b"a\nb",
                },
                r#""event","event":"price","id":"7","data":"a\nb"}"#,
            ),
            (Kind::Comment { data: b"x" }, r#""comment","data":"x"}"#),
            (
                Kind::Comment {
                    data: "\x1b\u{7f}\u{80}\u{9f}\u{a0}\u{2027}\u{2028}\u{2029}\u{202a}".as_bytes(),
                },
                "\"comment\",\"data\":\"\\u001b\\u007f\\u0080\\u009f\u{a0}\u{2027}\\u2028\\u2029\u{202a}\"}",
            ),
            (
                Kind::Retry { ms: u64::MAX },
                r#""retry","ms":18446744073709551615}"#,
            ),
            (
                Kind::Text {
                    direction: Direction::Out,
                    data: b"hi",
                    failed: Some("stopped"),
                    wire: None,
                },
                r#""text","direction":"out","data":"hi","failed":"stopped"}"#,
            ),
            (
                Kind::Binary {
                    direction,
                    data: &[0, 255, 16, 1],
                    failed: None,
                    wire: None,
                },
                r#""binary","direction":"in","data_base64":"AP8QAQ=="}"#,
            ),
            (
                Kind::Text {
                    direction,
                    data: b"hi",
                    failed: None,
                    wire: Some(wire(2, false, 2)),
                },
                r#""text","direction":"in","data":"hi","frames":2}"#,
            ),
            (
                Kind::Binary {
                    direction,
                    data: b"",
                    failed: None,
                    wire: Some(wire(1, true, 1)),
                },
                r#""binary","direction":"in","data_base64":"","compressed_bytes":1}"#,
            ),
            (
                Kind::Pong {
                    direction,
                    data: b"",
                    rtt,
                },
                r#""pong","direction":"in","data_base64":"","rtt_ms":1.042}"#,
            ),
            (
                Kind::Close {
                    direction,
                    code: CloseCode(1001),
                    reason: "bye",
                },
                r#""close","direction":"in","code":1001,"reason":"bye"}"#,
            ),
        ] {
            assert_eq!(line(kind), format!("{HEAD}{tail}\n"));
        }
    }

    #[test]
    fn data_that_is_not_utf_8_is_written_in_base64() {
        let direction = Direction::In;
        for (kind, tail) in [
            (
                Kind::Line { data: b"{\"a\":1}" },
                r#""line","data":"{\"a\":1}"}"#,
            ),
            (
                Kind::Line { data: b"a\xff" },
                r#""line","data_base64":"Yf8="}"#,
            ),
            (
                Kind::Event {
                    event: b"a\xff",
                    id: b"\xff",
                    data: b"\xff",
                },
                "\"event\",\"event\":\"a\u{fffd}\",\"id\":\"\u{fffd}\",\"data_base64\":\"/w==\"}",
            ),
            (
                Kind::Text {
                    direction,
                    data: b"\xff",
                    failed: None,
                    wire: None,
                },
                r#""text","direction":"in","data_base64":"/w=="}"#,
            ),
        ] {
            assert_eq!(line(kind), format!("{HEAD}{tail}\n"));
        }
    }

    #[test]
    fn a_feed_is_named_where_several_are_shown() {
        let record = Record {
            stamp: Stamp::default(),
            connection: 1,
            kind: Kind::Comment { data: b"" },
        };
        let mut out = Vec::new();
        write_json_line(&mut out, &record, Some("events"));
        assert!(
            String::from_utf8(out)
                .unwrap()
                .contains("\"connection\":1,\"feed\":\"events\",\"kind\":\"comment\"")
        );
    }

    proptest! {
        /// Any bytes give one line of JSON, from which they can be read again as text or as base64.
        #[test]
        fn any_bytes_make_a_line_that_reads_back(data in proptest::collection::vec(any::<u8>(), 0..200)) {
            let written = line(Kind::Event { event: b"message", id: b"", data: &data });
            prop_assert_eq!(written.matches('\n').count(), 1);
            let read: serde_json::Value = serde_json::from_str(&written).unwrap();
            let bytes = match read["data"].as_str() {
                Some(text) => text.as_bytes().to_vec(),
                None => STANDARD.decode(read["data_base64"].as_str().unwrap()).unwrap(),
            };
            prop_assert_eq!(read["data"].is_string(), std::str::from_utf8(&data).is_ok());
            prop_assert_eq!(bytes, data);
        }

        /// Text that is escaped by words equals text that is escaped by characters.
        #[test]
        fn escapes_are_the_same_at_every_place_in_a_word(
            text in "([ -~]{1,9}|[\"\\\\a:]{1,9}|[\u{0}-\u{a0}]|[\u{2027}-\u{202a}]|[а-я]{1,9}|\u{1f600}){0,9}",
        ) {
            let mut expected = Vec::new();
            for c in text.chars() {
                let bytes = c.to_string().into_bytes();
                match (c, ESCAPES[usize::from(bytes[0])]) {
                    ('\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}', _) | (_, b'u') => {
                        expected.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes());
                    }
                    (_, 0 | LEAD) => expected.extend_from_slice(&bytes),
                    (_, escape) => expected.extend_from_slice(&[b'\\', escape]),
                }
            }
            let mut out = b"before".to_vec();
            escaped(&mut out, text.as_bytes());
            prop_assert_eq!(&out[6..], expected);
        }

        /// No character of a line affects a terminal or ends the line for a reader.
        #[test]
        fn any_text_makes_one_line_for_every_reader(
            text in "[a\u{7f}-\u{a0}\u{2027}-\u{202a}\u{e9}\u{20ac}\u{1f600}\"\\\\]{0,20}",
        ) {
            let data = text.as_bytes();
            let change = StateChange { reason: Some(text.clone()), ..StateChange::to(ConnectionState::Closed) };
            for (kind, field) in [
                (Kind::Comment { data }, "data"),
                (Kind::State(change), "reason"),
            ] {
                let written = line(kind);
                let is_bad = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
                prop_assert!(!written.contains(is_bad), "{written:?}");
                let read: serde_json::Value = serde_json::from_str(&written).unwrap();
                prop_assert_eq!(read[field].as_str().unwrap(), &text);
            }
        }
    }
}
