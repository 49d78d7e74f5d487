//! Form of a body, guessed from its first lines. It is used only in sentences.

use std::fmt;

/// Form of a body that is not an event stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyForm {
    Utf16,
    Gzip,
    Zstd,
    Binary,
    JsonError,
    JsonLines,
    Json,
    HtmlPage,
    Xml,
    CapitalFields,
    IndentedFields,
    PlainLines,
}

impl BodyForm {
    /// Returns the form of a body that begins with `sample`.
    pub(super) fn of(sample: &[u8]) -> Self {
        Self::of_bytes(sample).unwrap_or_else(|| Self::of_text(&String::from_utf8_lossy(sample)))
    }

    /// Returns the form of a body that is not UTF-8 text.
    fn of_bytes(sample: &[u8]) -> Option<Self> {
        const TEXT_CONTROLS: [u8; 5] = *b"\t\n\x0c\r\x1b";
        match sample {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Some(Self::Utf16),
            [0x1f, 0x8b, ..] => return Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => return Some(Self::Zstd),
            _ => {}
        }
        // Most characters of a feed are ASCII, so that every second byte of UTF-16 is zero.
        let is_zero_at = |parity| {
            sample
                .iter()
                .skip(parity)
                .step_by(2)
                .take(4)
                .all(|&b| b == 0)
        };
        if sample.len() >= 8 && (is_zero_at(0) != is_zero_at(1)) {
            return Some(Self::Utf16);
        }
        let is_control = |byte: &u8| *byte < b' ' && !TEXT_CONTROLS.contains(byte);
        sample.iter().any(is_control).then_some(Self::Binary)
    }

    fn of_text(text: &str) -> Self {
        // A byte order mark and white space may precede any form.
        let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
        let first_line = text.lines().next().unwrap_or_default();
        let start: String = text.chars().take(16).collect();
        let start = start.to_ascii_lowercase();
        if start.starts_with(['{', '[']) {
            // A complete JSON value on the first of several lines indicates JSON lines.
            let is_json = |line: &str| serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok();
            let has_more_lines = text.lines().nth(1).is_some();
            return if has_more_lines && is_json(first_line) {
                Self::JsonLines
            } else if text.contains("\"error") {
                Self::JsonError
            } else {
                Self::Json
            };
        }
        if ["<!doctype html", "<html", "<head", "<body"]
            .iter()
            .any(|tag| start.starts_with(tag))
        {
            return Self::HtmlPage;
        }
        if start.starts_with('<') {
            return Self::Xml;
        }
        match first_line.split_once(':') {
            Some((name, _)) if is_field(name) => Self::IndentedFields,
            Some((name, _)) if is_field(&name.to_ascii_lowercase()) => Self::CapitalFields,
            _ => Self::PlainLines,
        }
    }
}

fn is_field(name: &str) -> bool {
    matches!(name, "data" | "event" | "id" | "retry")
}

impl fmt::Display for BodyForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf16 => "UTF-16 text; an event stream is always UTF-8",
            Self::Gzip => "gzip data; the answer has no Content-Encoding header for it",
            Self::Zstd => "zstd data; the answer has no Content-Encoding header for it",
            Self::Binary => "binary data",
            Self::JsonError => "a JSON error",
            Self::JsonLines => "JSON lines",
            Self::Json => "a JSON document",
            Self::HtmlPage => "an HTML page",
            Self::Xml => "XML",
            Self::CapitalFields => {
                "an event stream with capital letters in its field names; they are always in lower case"
            }
            Self::IndentedFields => {
                "an event stream with indented lines; a field begins at the start of its line"
            }
            Self::PlainLines => "lines of plain text",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::BodyForm;

    #[test]
    fn forms_are_recognized_by_their_first_bytes() {
        for (sample, expected) in [
            (
                &b"{\"error\":{\"message\":\"x\"}}\n"[..],
                BodyForm::JsonError,
            ),
            (b"{\n  \"errors\": []\n}\n", BodyForm::JsonError),
            (b"{\"a\":1}\n{\"a\":2}\n", BodyForm::JsonLines),
            (b"{\"error\":1}\n{\"error\":2}\n", BodyForm::JsonLines),
            (b"{\"a\":1}\n", BodyForm::Json),
            (b"[\n1,\n2\n]\n", BodyForm::Json),
            (b"  \r\n<!DOCTYPE HTML>\n<title>x", BodyForm::HtmlPage),
            (b"<html><body>Log in</body></html>\n", BodyForm::HtmlPage),
            (b"<?xml version='1.0'?>\n", BodyForm::Xml),
            (b"\xff\xfed\0a\0t\0a\0", BodyForm::Utf16),
            (b"d\0a\0t\0a\0:\0", BodyForm::Utf16),
            (b"\0d\0a\0t\0a\0:", BodyForm::Utf16),
            (b"\x1f\x8b\x08\0\0\0\0\0", BodyForm::Gzip),
            (b"\x28\xb5\x2f\xfd\0", BodyForm::Zstd),
            (b"\0\0\0\0\0\0\0\0\0\0", BodyForm::Binary),
            (b"\x08\x01\x12\x03abc", BodyForm::Binary),
            (b"DATA: x\n", BodyForm::CapitalFields),
            (b"  data: x\n", BodyForm::IndentedFields),
            (b"Hello: world\n", BodyForm::PlainLines),
            (b"Internal error\n", BodyForm::PlainLines),
            (b"\xff\n", BodyForm::PlainLines),
            (b"", BodyForm::PlainLines),
        ] {
            let text = String::from_utf8_lossy(sample);
            assert_eq!(BodyForm::of(sample), expected, "{text:?}");
        }
    }
}
