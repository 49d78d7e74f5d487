//! Signs of an error in a record: an event named `error`, or a JSON object with a field that names an error. It reads the
//! top level of a payload only.

use std::sync::LazyLock;

use feedscope_core::Kind;
use memchr::memmem::Finder;

use crate::interpret::Interpreter;

/// Name of the event type, of a field, and of a level.
const ERROR: &[u8] = b"error";

/// Returns true if a record reports an error.
pub fn is_error(kind: &Kind<'_>) -> bool {
    match kind {
        Kind::Event { event, data, .. } => *event == ERROR || reports_error(data),
        Kind::Text { data, .. } => reports_error(data),
        _ => false,
    }
}

/// Returns true if a record reports an error with its payload as `interpreter` reads it.
pub fn is_error_as(kind: &Kind<'_>, interpreter: &Interpreter) -> bool {
    if interpreter.is_identity() {
        return is_error(kind);
    }
    match kind {
        Kind::Event { event, .. } if *event == ERROR => true,
        Kind::Event { .. } | Kind::Line { .. } | Kind::Text { .. } | Kind::Binary { .. } => {
            let read = interpreter.interpret(kind);
            read.is_some_and(|read| reports_error(read.bytes()))
        }
        _ => false,
    }
}

/// Fields at the top level of a JSON object that may report an error.
const FIELDS: [&[u8]; 4] = [ERROR, b"level", b"severity", b"status"];

/// Values with which `level`, `severity` and `status` report an error, in any case.
const SEVERE: [&[u8]; 3] = [ERROR, b"fatal", b"critical"];

/// Searches for the names of the fields, with their quotation marks.
static NAMES: LazyLock<[Finder<'static>; 4]> =
    LazyLock::new(|| ["\"error\"", "\"level\"", "\"severity\"", "\"status\""].map(Finder::new));

/// Returns true if a JSON object, which may be cut, reports an error at its top level.
///
/// It does so by a field `error` that is neither `null` nor `false`, or by a field `level`, `severity` or `status` with
/// the text `error`, `fatal` or `critical`.
pub fn reports_error(text: &[u8]) -> bool {
    // Most payloads contain none of the names.
    let begins_like_object = text.trim_ascii_start().first() == Some(&b'{');
    if !begins_like_object || NAMES.iter().all(|name| name.find(text).is_none()) {
        return false;
    }
    let mut depth = 0_u32;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let end = end_of_string(text, at);
                let rest = text.get(end..).unwrap_or_default().trim_ascii_start();
                let name = &text[at + 1..end.max(at + 2) - 1];
                // A string before a colon is a name; other strings are values.
                if depth == 1
                    && FIELDS.contains(&name)
                    && let Some(value) = rest.strip_prefix(b":")
                    && is_error_value(name, value.trim_ascii_start())
                {
                    return true;
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    false
}

/// Returns true if the text at the beginning of `value` makes a field with this name report an error.
fn is_error_value(name: &[u8], value: &[u8]) -> bool {
    if name == ERROR {
        return !value.starts_with(b"null") && !value.starts_with(b"false");
    }
    let Some(word) = value.strip_prefix(b"\"") else {
        return false;
    };
    SEVERE.iter().any(|severe| {
        let (found, after) = word.split_at_checked(severe.len()).unwrap_or_default();
        found.eq_ignore_ascii_case(severe) && after.first() == Some(&b'"')
    })
}

/// Returns the index after a string that begins at `at`; the end of the text if the string is cut.
fn end_of_string(text: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(byte) = text.get(end) {
        match byte {
            b'\\' => end += 2,
            b'"' => return end + 1,
            _ => end += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_reported_at_the_top_level() {
        for (text, expected) in [
            (r#"{"error":"no"}"#, true),
            (r#" {"id":1, "error" : {"code":401}}"#, true),
            (r#"{"a":{"error":"inner"}}"#, false),
            (r#"{"a":"error","b":"\"error\":"}"#, false),
            (r#"{"error":null}"#, false),
            (r#"{"error": false,"id":2}"#, false),
            (r#"[{"error":1}]"#, false),
            (r#"{"a":[1,{"b":"}"}],"error":"cut in the mid"#, true),
            (r#"{"error"#, false),
            (r#"{"error""#, false),
            (r#"{"error":null,"level":"Error"}"#, true),
            (r#"{"ts":1,"level" : "error","msg":"x"}"#, true),
            (r#"{"severity":"CRITICAL"}"#, true),
            (r#"{"status":"fatal"}"#, true),
            (r#"{"level":"info","status":"ok"}"#, false),
            (r#"{"level":"errors"}"#, false),
            (r#"{"level":"err"#, false),
            (r#"{"status":500}"#, false),
            (r#"{"message":"error"}"#, false),
            (r#"{"log":{"level":"error"}}"#, false),
            ("error", false),
            ("", false),
        ] {
            assert_eq!(reports_error(text.as_bytes()), expected, "{text}");
        }
    }
}
