//! A JSON text in its bytes, whose escapes are replaced on demand.

use std::borrow::Cow;

/// The contents of a JSON text between its quotation marks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Text<'a> {
    /// UTF-8, checked by the scan. A `str` is made only of texts that are asked for.
    raw: &'a [u8],
    has_escapes: bool,
}

impl<'a> Text<'a> {
    /// `raw` holds valid escapes only, without surrogates.
    #[inline]
    pub(super) fn new(raw: &'a [u8], has_escapes: bool) -> Self {
        Self { raw, has_escapes }
    }

    /// The text with its escapes replaced.
    pub fn to_str(self) -> Cow<'a, str> {
        let raw = std::str::from_utf8(self.raw).unwrap_or_default();
        if self.has_escapes {
            Cow::Owned(unescaped(raw))
        } else {
            Cow::Borrowed(raw)
        }
    }

    /// Returns true if this is the text.
    #[inline]
    pub fn is(self, text: &str) -> bool {
        if self.has_escapes {
            self.to_str() == text
        } else {
            self.raw == text.as_bytes()
        }
    }
}

fn unescaped(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let escape = rest.as_bytes().get(at + 1).copied();
        let mut end = at + 2;
        text.push(match escape {
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let digits = rest.get(end..end + 4).unwrap_or_default();
                end += 4;
                let code = u32::from_str_radix(digits, 16).ok();
                code.and_then(char::from_u32)
                    .unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            // `"`, `\` and `/` stand for themselves.
            Some(other) => char::from(other),
            None => char::REPLACEMENT_CHARACTER,
        });
        rest = rest.get(end..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_replaced() {
        let text = Text::new(r#"a\"\\\/\b\f\n\r\té\u20ac"#.as_bytes(), true);
        assert_eq!(text.to_str(), "a\"\\/\u{8}\u{c}\n\r\té€");
        assert!(text.is("a\"\\/\u{8}\u{c}\n\r\té€"));
        assert!(Text::new(b"plain", false).is("plain"));
    }
}
