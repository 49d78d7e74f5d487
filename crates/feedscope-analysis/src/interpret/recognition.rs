//! Recognition of encoded text within a payload, such as base64 in a field of JSON. It is stricter than the decoders of
//! a chain, because the encoding is not named.

use feedscope_core::payload::base64_text;

use super::beginning::beginning;
use super::{Content, Decoded};
use crate::decoders::Decoder;

impl Decoder {
    /// Decodes for a view, which also needs the form in which the bytes are shown. Returns `None` if `encoded` does not
    /// look like this encoding.
    pub fn decode_to_show(&self, encoded: &[u8]) -> Option<Decoded> {
        let decoded = match self {
            Self::Base64 => base64_text::decoded(encoded)?,
            _ => self.decode(encoded).ok()?,
        };
        let is_text = std::str::from_utf8(&decoded).is_ok_and(is_printable);
        Some(Decoded {
            content: Content::Made(decoded.into()),
            is_text,
        })
    }

    /// Returns false if the beginning of `encoded` excludes this encoding.
    pub fn may_fit(&self, encoded: &[u8]) -> bool {
        let near = beginning(encoded);
        match self {
            Self::Base64 => {
                let is_of_alphabet =
                    |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=\r\n \t".contains(byte);
                near.len() >= base64_text::SHORTEST && near.iter().all(is_of_alphabet)
            }
            _ => true,
        }
    }
}

/// Returns true if a text contains no control characters besides line ends and tabs.
fn is_printable(text: &str) -> bool {
    !text
        .chars()
        .any(|sign| sign.is_control() && !matches!(sign, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_shows_what_is_not_base64() {
        assert!(Decoder::Base64.may_fit(b"  SGVsbG8sIGJhc2U2NCB3b3JsZD8+"));
        assert!(!Decoder::Base64.may_fit(b"{\"price\":101.5,\"qty\":7}"));
        assert!(!Decoder::Base64.may_fit(b"SGVsbG8="));
    }

    #[test]
    fn decoded_bytes_are_text_or_not() {
        let text = Decoder::Base64.decode_to_show(b"SGVsbG8sIGJhc2U2NCB3b3JsZD8+");
        let text = text.unwrap();
        assert_eq!(text.content.bytes(), b"Hello, base64 world?>");
        assert!(text.is_text);
        let binary = Decoder::Base64.decode_to_show(b"AAECAwQFBgcICQoLDA0ODw==");
        assert!(!binary.unwrap().is_text);
        assert!(Decoder::Base64.decode_to_show(b"not base64").is_none());
    }
}
