//! The one written form of a record: a line of JSON (design section 4). Reads nothing back and keeps nothing.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Kind, Record};
use crate::decode::WireInfo;

/// Appends `record` to `out` as one line of JSON with its line feed; `feed` names the feed where several are shown.
///
/// Text that is not UTF-8 is written with U+FFFD in place of what is wrong, as every decoder must show it.
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
        Kind::State(change) => flattened(out, change),
        Kind::Gap(gap) => flattened(out, gap),
        Kind::Event { event, id, data } => {
            text(out, "event", event);
            text(out, "id", id);
            text(out, "data", data);
        }
        Kind::Comment { data } => text(out, "data", data),
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
            text(out, "data", data);
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
            number(out, u64::from(*code));
            text(out, "reason", reason.as_bytes());
        }
        Kind::Note {
            code,
            text: sentence,
        } => {
            text(out, "code", code.as_bytes());
            text(out, "text", sentence.as_bytes());
        }
    }
}

/// The fields of a value that serializes to an object, without its braces. For rare kinds only.
fn flattened(out: &mut Vec<u8>, value: &impl serde::Serialize) {
    let object = serde_json::to_vec(value).expect("strings and numbers always serialize");
    let inner = &object[1..object.len() - 1];
    if !inner.is_empty() {
        out.push(b',');
        out.extend_from_slice(inner);
    }
}

fn failure(out: &mut Vec<u8>, failed: Option<&str>) {
    if let Some(reason) = failed {
        text(out, "failed", reason.as_bytes());
    }
}

/// Nothing for most messages: one frame, not compressed.
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

fn base64(out: &mut Vec<u8>, data: &[u8]) {
    key(out, "data_base64");
    out.push(b'"');
    let start = out.len();
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

/// Copies runs that need no escape whole: payloads are mostly such runs.
fn escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut done = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let escape = ESCAPES[usize::from(byte)];
        if escape == 0 {
            continue;
        }
        out.extend_from_slice(&bytes[done..at]);
        done = at + 1;
        if escape == b'u' {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        } else {
            out.extend_from_slice(&[b'\\', escape]);
        }
    }
    out.extend_from_slice(&bytes[done..]);
}

/// For each byte what follows the backslash, `u` for a code, 0 for none (RFC 8259 section 7; DEL as a courtesy to terminals).
static ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = b'u';
        byte += 1;
    }
    table[0x7f] = b'u';
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
    use crate::record::Direction;
    use crate::time::{Stamp, Timestamp};

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
        const HEAD: &str = "{\"at\":\"2026-11-21T05:49:14.524118Z\",\"connection\":2,\"kind\":";
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
                    code: 1001,
                    reason: "bye",
                },
                r#""close","direction":"in","code":1001,"reason":"bye"}"#,
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
        /// Whatever bytes come, the line is JSON and says what a decoder with replacement reads.
        #[test]
        fn any_bytes_make_a_line_that_reads_back(data in proptest::collection::vec(any::<u8>(), 0..200)) {
            let written = line(Kind::Event { event: b"message", id: b"", data: &data });
            prop_assert_eq!(written.matches('\n').count(), 1);
            let read: serde_json::Value = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(read["data"].as_str().unwrap(), String::from_utf8_lossy(&data));
        }
    }
}
