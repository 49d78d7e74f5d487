//! Beginning of received bytes for a sentence: one line of limited length, with marks in place of unsafe characters.
//! Values whose names announce a secret are masked.

use super::safe;
use crate::url_text::{is_secret_header, is_secret_name, masked_text};

/// Maximum number of characters of an excerpt.
const EXCERPT_CHARS: usize = 120;

/// Number of bytes that are read. They are enough for the excerpt and for the recognition of secrets.
const EXCERPT_BYTES: usize = 1 << 10;

/// Text in place of a secret.
const MASK: &str = "***";

/// Returns the first characters of `bytes`, with an ellipsis if there are more.
pub fn excerpt(bytes: &[u8]) -> String {
    let start = &bytes[..bytes.len().min(EXCERPT_BYTES)];
    let text = String::from_utf8_lossy(start);
    let text = safe(&mask_header(&mask_members(&masked_text(&text))));
    match text.char_indices().nth(EXCERPT_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None if start.len() < bytes.len() => text + "…",
        None => text,
    }
}

/// Masks the value of a line such as `Authorization: Bearer abc`.
fn mask_header(line: &str) -> String {
    match line.split_once(':') {
        Some((name, value)) if is_plain_name(name) && is_secret_header(name) => {
            let masked = if value.trim().is_empty() { "" } else { MASK };
            format!("{name}: {masked}")
        }
        _ => line.to_owned(),
    }
}

fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// Masks the strings of JSON members whose names announce a secret, as in `{"access_token":"abc"}`.
///
/// It works on text, because the excerpt may end inside a string, and the line may not be JSON.
fn mask_members(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, name, after)) = next_string(rest) {
        out.push_str(before);
        out.push_str(name);
        rest = after;
        let value = after.trim_start().strip_prefix(':').map(str::trim_start);
        if let Some(value) = value
            && is_secret_name(name.trim_matches('"'))
            && let Some(("", string, after_value)) = next_string(value)
        {
            out.push_str(&after[..after.len() - value.len()]);
            out.push('"');
            out.push_str(MASK);
            // A string that is cut at the end of the excerpt has no closing quote.
            if string.len() > 1 && string.ends_with('"') {
                out.push('"');
            }
            rest = after_value;
        }
    }
    out + rest
}

/// Returns the first string in quotes, with the text before and after it. The quotes belong to the string.
fn next_string(text: &str) -> Option<(&str, &str, &str)> {
    let start = text.find('"')?;
    let mut escaped = false;
    let length = text[start + 1..]
        .find(|c| {
            let is_end = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            is_end
        })
        .map_or(text.len() - start, |inside| inside + 2);
    let end = start + length;
    Some((&text[..start], &text[start..end], &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::{EXCERPT_CHARS, excerpt};

    #[test]
    fn an_excerpt_is_one_safe_line_of_limited_length() {
        assert_eq!(excerpt(b"plain"), "plain");
        assert_eq!(excerpt(b"a\nb\x1b[2J\xff"), "a␊b␛[2J\u{fffd}");
        let long = "é".repeat(EXCERPT_CHARS);
        assert_eq!(excerpt(long.as_bytes()), long);
        assert_eq!(excerpt(format!("{long}!").as_bytes()), format!("{long}…"));
        let longer = excerpt("é".repeat(5_000).as_bytes());
        assert_eq!(longer, format!("{long}…"));
    }

    #[test]
    fn announced_secrets_are_masked() {
        for (bytes, expected) in [
            (
                r#"{"access_token":"ab\"c","n":1}"#,
                r#"{"access_token":"***","n":1}"#,
            ),
            (
                r#"{"a":"token","b" : "x","password" : "hunter2"}"#,
                r#"{"a":"token","b" : "x","password" : "***"}"#,
            ),
            (r#"{"secret":"cut of"#, r#"{"secret":"***"#),
            (r#"{"key":5,"token":null}"#, r#"{"key":5,"token":null}"#),
            (
                r#"{"error":"invalid token"}"#,
                r#"{"error":"invalid token"}"#,
            ),
            ("Set-Cookie: sid=abc", "Set-Cookie: ***"),
            ("Cookie:", "Cookie: "),
            ("X-Request-Id: 7", "X-Request-Id: 7"),
            (
                "see https://me:hunter2@example.com/?token=abc",
                "see https://me:***@example.com/?token=***",
            ),
        ] {
            assert_eq!(excerpt(bytes.as_bytes()), expected);
        }
    }
}
