//! Fields of records by their names in the lines of JSON, for tables.

use std::borrow::Cow;
use std::time::Duration;

use feedscope_core::record::Kind;

/// Value of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum FieldValue<'a> {
    Text(Cow<'a, str>),
    /// Bytes that are not text.
    Bytes(&'a [u8]),
    Number(u64),
    Duration(Duration),
}

/// Returns the fields of a record besides those that all records have.
pub(super) fn fields<'a>(kind: &'a Kind<'_>) -> Vec<(&'static str, FieldValue<'a>)> {
    let mut all = Vec::new();
    // The direction of these kinds is always the same, so that lines do not contain it.
    if let Some(direction) = kind.direction()
        && !matches!(
            kind,
            Kind::Event { .. } | Kind::Comment { .. } | Kind::Retry { .. } | Kind::Line { .. }
        )
    {
        all.push(("direction", text(direction.word())));
    }
    match kind {
        Kind::State(change) => {
            all.push(("state", text(change.state.word())));
            let numbers = [
                ("attempt", change.attempt.map(u64::from)),
                ("reconnects", change.reconnects),
                ("delay_ms", change.delay_ms),
                ("status", change.status.map(u64::from)),
            ];
            for (column, number) in numbers {
                all.extend(number.map(|number| (column, FieldValue::Number(number))));
            }
            all.extend(
                change
                    .reason
                    .as_deref()
                    .map(|reason| ("reason", text(reason))),
            );
        }
        Kind::Event { event, id, data } => {
            all.push(("event", lossy(event)));
            all.push(("id", lossy(id)));
            all.push(("data", payload(data)));
        }
        Kind::Comment { data } | Kind::Line { data } => all.push(("data", payload(data))),
        Kind::Retry { ms } => all.push(("ms", FieldValue::Number(*ms))),
        Kind::Text {
            data, failed, wire, ..
        }
        | Kind::Binary {
            data, failed, wire, ..
        } => {
            // A binary message stays one, also where its bytes happen to be text.
            let data = match kind {
                Kind::Text { .. } => payload(data),
                _ => FieldValue::Bytes(data),
            };
            all.push(("data", data));
            all.extend(failed.map(|reason| ("failed", text(reason))));
            if let Some(wire) = wire {
                all.push(("frames", FieldValue::Number(u64::from(wire.frames))));
                // Only a compressed message differs from its payload.
                if wire.compressed {
                    all.push(("compressed_bytes", FieldValue::Number(wire.wire_bytes)));
                }
            }
        }
        Kind::Ping { data, .. } => all.push(("data", FieldValue::Bytes(data))),
        Kind::Pong { data, rtt, .. } => {
            all.push(("data", FieldValue::Bytes(data)));
            all.extend(rtt.map(|rtt| ("rtt_ms", FieldValue::Duration(rtt))));
        }
        Kind::Close { code, reason, .. } => {
            // A close frame without a code has 1005, as in the lines.
            all.push(("code", FieldValue::Number(u64::from(code.0))));
            all.push(("reason", text(reason)));
        }
        Kind::Gap(gap) => {
            for (column, number) in [("missing", gap.missing), ("repeated", gap.repeated)] {
                all.extend(number.map(|number| (column, FieldValue::Number(number))));
            }
            all.push(("from", text(&gap.from)));
            all.push(("to", text(&gap.to)));
        }
        Kind::Note { code, text: note } => {
            all.push(("code", text(code.as_str())));
            all.push(("text", text(note)));
        }
    }
    all
}

fn text(text: &str) -> FieldValue<'_> {
    FieldValue::Text(Cow::Borrowed(text))
}

fn lossy(bytes: &[u8]) -> FieldValue<'_> {
    FieldValue::Text(String::from_utf8_lossy(bytes))
}

/// Returns a payload as text, or as bytes where it is not UTF-8.
fn payload(data: &[u8]) -> FieldValue<'_> {
    std::str::from_utf8(data).map_or(FieldValue::Bytes(data), text)
}
