//! Protocol Buffers with a schema to JSON text. Fields have the names of the schema, and defaults are left out.

use prost_reflect::{DynamicMessage, Kind, MapKey, ReflectMessage as _, Value};

use super::failure::StepFailure;
use super::json_text::JsonText;
use super::schema::MessageType;
use super::wire;

/// Message of Google's own types that is a time.
const TIMESTAMP: &str = "google.protobuf.Timestamp";

/// Returns the JSON text of a message of this type.
pub(super) fn to_json(
    message: &MessageType,
    input: &[u8],
    limit: usize,
) -> Result<Vec<u8>, StepFailure> {
    let decoded = DynamicMessage::decode(message.descriptor.clone(), input)
        .map_err(|_error| failure(message, input))?;
    let mut out = JsonText::new(limit, input.len());
    write_message(&mut out, &decoded)?;
    out.check(input.len())?;
    Ok(out.into_bytes())
}

/// Finds the field at which a message could not be decoded, because the library does not report it.
fn failure(message: &MessageType, input: &[u8]) -> StepFailure {
    let (ranges, damage) = wire::fields(input);
    let is_bad = |range: &std::ops::Range<usize>| {
        DynamicMessage::decode(message.descriptor.clone(), &input[range.clone()]).is_err()
    };
    match (ranges.into_iter().find(is_bad), damage) {
        (Some(range), _) => StepFailure::wrong(
            range.start,
            "the field does not have the type of the schema",
        ),
        (None, Some(damage)) => damage,
        (None, None) => StepFailure::wrong(0, "the message does not have the type of the schema"),
    }
}

fn write_message(out: &mut JsonText, message: &DynamicMessage) -> Result<(), StepFailure> {
    if message.descriptor().full_name() == TIMESTAMP {
        let field = |name| message.get_field_by_name(name);
        let seconds = field("seconds").and_then(|value| value.as_i64());
        let nanos = field("nanos").and_then(|value| value.as_i32());
        let nanos = u32::try_from(nanos.unwrap_or(0)).unwrap_or(u32::MAX);
        if out.time(seconds.unwrap_or(0), nanos) {
            return Ok(());
        }
    }
    out.push(b'{');
    let start = out.len();
    let next = |out: &mut JsonText| {
        if out.len() > start {
            out.push(b',');
        }
        out.check(0)
    };
    for (field, value) in message.fields() {
        next(out)?;
        out.text(field.name());
        out.push(b':');
        write_value(out, value, &field.kind())?;
    }
    for (extension, value) in message.extensions() {
        next(out)?;
        out.text(&format!("[{}]", extension.full_name()));
        out.push(b':');
        write_value(out, value, &extension.kind())?;
    }
    // Fields that the schema lacks are shown as on the wire.
    let mut unknown = Vec::new();
    for field in message.unknown_fields() {
        field.encode(&mut unknown);
    }
    if !unknown.is_empty() {
        let fields = wire::to_json(&unknown, out.limit())?;
        next(out)?;
        // The braces of the fields are left out.
        out.raw(&fields[1..fields.len() - 1]);
    }
    out.push(b'}');
    Ok(())
}

fn write_value(out: &mut JsonText, value: &Value, kind: &Kind) -> Result<(), StepFailure> {
    match value {
        Value::Bool(value) => out.raw(if *value { b"true" } else { b"false" }),
        Value::I32(value) => out.signed(i64::from(*value)),
        Value::I64(value) => out.signed(*value),
        Value::U32(value) => out.unsigned(u64::from(*value)),
        Value::U64(value) => out.unsigned(*value),
        Value::F32(value) => out.float32(*value),
        Value::F64(value) => out.float(*value),
        Value::String(text) => out.text(text),
        Value::Bytes(bytes) => out.blob(bytes),
        Value::EnumNumber(number) => {
            let value = kind.as_enum().and_then(|kind| kind.get_value(*number));
            match value {
                Some(value) => out.text(value.name()),
                // A later version of the schema may have more values.
                None => out.signed(i64::from(*number)),
            }
        }
        Value::Message(message) => write_message(out, message)?,
        Value::List(values) => {
            out.push(b'[');
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write_value(out, value, kind)?;
            }
            out.push(b']');
        }
        Value::Map(map) => {
            let entry = kind.as_message();
            let value_kind =
                entry.map_or(kind.clone(), |entry| entry.map_entry_value_field().kind());
            // The order of a hash map is not the same in two runs.
            let mut keys: Vec<&MapKey> = map.keys().collect();
            keys.sort();
            out.push(b'{');
            for (place, key) in keys.into_iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                match key {
                    MapKey::Bool(key) => out.name(key.to_string().as_bytes()),
                    MapKey::I32(key) => out.name(key.to_string().as_bytes()),
                    MapKey::I64(key) => out.name(key.to_string().as_bytes()),
                    MapKey::U32(key) => out.name(key.to_string().as_bytes()),
                    MapKey::U64(key) => out.name(key.to_string().as_bytes()),
                    MapKey::String(key) => {
                        out.text(key);
                        out.push(b':');
                    }
                }
                write_value(out, &map[key], &value_kind)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}
