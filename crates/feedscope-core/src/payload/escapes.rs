//! Escapes for characters that a keyboard does not have, such as the record separator `\\u001e`.

use std::fmt;

/// Reason that a text with escapes is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EscapeProblem {
    /// The text ends with a single backslash.
    Unfinished,
    /// `\\x` without two hexadecimal digits.
    NoByte,
    /// `\\u` without the number of a character.
    NoCharacter,
    /// Another character after the backslash.
    Unknown(char),
    /// The bytes are not UTF-8.
    NotText {
        /// Offset of the first byte that is not valid.
        at: usize,
    },
}

impl fmt::Display for EscapeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unfinished => {
                f.write_str("the text ends with a single `\\`; write `\\\\` for one")
            }
            Self::NoByte => f.write_str("`\\x` needs two hexadecimal digits, as in `\\x1e`"),
            Self::NoCharacter => f.write_str(
                "`\\u` needs the number of a character, as in `\\u001e` or, in braces, `\\u{1f600}`",
            ),
            Self::Unknown(sign) => write!(
                f,
                "`\\{}` is no escape; the escapes are \\0 \\n \\r \\t \\\\ \\xHH \\uHHHH \\u{{…}}",
                sign.escape_debug()
            ),
            Self::NotText { at } => write!(f, "the message is not UTF-8 from byte {at} on"),
        }
    }
}

impl std::error::Error for EscapeProblem {}

/// Replaces the escapes `\\0 \\n \\r \\t \\\\ \\xHH \\uHHHH \\u{…}` of a text.
///
/// # Errors
///
/// An escape has another form, or the bytes are not UTF-8.
pub fn unescaped(text: &str) -> Result<String, EscapeProblem> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        out.extend_from_slice(before.as_bytes());
        let kind = escape.chars().next().ok_or(EscapeProblem::Unfinished)?;
        rest = &escape[kind.len_utf8()..];
        match kind {
            '0' => out.push(0),
            'n' => out.push(b'\n'),
            'r' => out.push(b'\r'),
            't' => out.push(b'\t'),
            '\\' => out.push(b'\\'),
            'x' => {
                let digits = rest.get(..2).and_then(number);
                out.push(digits.ok_or(EscapeProblem::NoByte)? as u8);
                rest = &rest[2..];
            }
            'u' => {
                let (sign, after) = character(rest).ok_or(EscapeProblem::NoCharacter)?;
                out.extend_from_slice(sign.encode_utf8(&mut [0; 4]).as_bytes());
                rest = after;
            }
            other => return Err(EscapeProblem::Unknown(other)),
        }
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8(out).map_err(|error| EscapeProblem::NotText {
        at: error.utf8_error().valid_up_to(),
    })
}

/// Parses `{…}` or exactly four digits at the start of a text. Returns the character and the text after it.
fn character(text: &str) -> Option<(char, &str)> {
    let (digits, after) = match text.strip_prefix('{') {
        Some(braced) => braced.split_once('}')?,
        // With a fifth digit, it is not clear where the number ends.
        None if text.bytes().take_while(u8::is_ascii_hexdigit).count() > 4 => return None,
        None => (text.get(..4)?, &text[4..]),
    };
    Some((char::from_u32(number(digits)?)?, after))
}

fn number(digits: &str) -> Option<u32> {
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hexadecimal.then(|| u32::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_characters() {
        for (typed, text) in [
            ("plain", "plain"),
            (r"a\0b", "a\0b"),
            (r#"{"a":1}\u001e"#, "{\"a\":1}\u{1e}"),
            (r"\u{1f600}\u00e4\xc3\xa4", "\u{1f600}\u{e4}\u{e4}"),
            (r"\\u001e\n\r\t", "\\u001e\n\r\t"),
        ] {
            assert_eq!(unescaped(typed).as_deref(), Ok(text), "{typed}");
        }
    }

    #[test]
    fn other_escapes_are_refused() {
        for (typed, problem) in [
            ("a\\", EscapeProblem::Unfinished),
            (r"\x1", EscapeProblem::NoByte),
            (r"\xg0", EscapeProblem::NoByte),
            (r"\u12", EscapeProblem::NoCharacter),
            (r"\u1f600", EscapeProblem::NoCharacter),
            (r"\u+123", EscapeProblem::NoCharacter),
            (r"\ud800", EscapeProblem::NoCharacter),
            (r"\u{}", EscapeProblem::NoCharacter),
            (r"\u{1e", EscapeProblem::NoCharacter),
            (r"\q", EscapeProblem::Unknown('q')),
            (r"a\xff", EscapeProblem::NotText { at: 1 }),
        ] {
            assert_eq!(unescaped(typed), Err(problem), "{typed}");
        }
    }
}
