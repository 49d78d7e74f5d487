//! Decoders for payloads, from bytes to bytes. The work of each is bounded by the length of its input.

use feedscope_core::payload::base64_text;

use super::Content;

/// One step from a payload to its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decoder {
    /// Base64 (RFC 4648), in the standard or the URL-safe alphabet.
    Base64,
}

/// Output of a decoder for a view.
#[derive(Clone)]
pub struct Decoded {
    /// Decoded bytes.
    pub content: Content,
    /// True if they are printable text.
    pub is_text: bool,
}

impl Decoder {
    /// Decodes `encoded`; returns `None` if it does not have this encoding.
    pub fn decode(self, encoded: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Base64 => base64_text::decoded(encoded),
        }
    }

    /// Decodes for a view, which also needs the form in which the bytes are shown.
    pub fn decode_to_show(self, encoded: &[u8]) -> Option<Decoded> {
        let decoded = self.decode(encoded)?;
        let is_text = std::str::from_utf8(&decoded).is_ok_and(is_printable);
        Some(Decoded {
            content: Content::Made(decoded.into()),
            is_text,
        })
    }

    /// Returns false if the beginning of `encoded` excludes this encoding.
    pub fn may_fit(self, encoded: &[u8]) -> bool {
        let near = super::outline::beginning(encoded);
        match self {
            Self::Base64 => {
                let is_of_alphabet =
                    |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=\r\n \t".contains(byte);
                near.len() >= base64_text::SHORTEST && near.iter().all(is_of_alphabet)
            }
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
    fn decoded_bytes_are_text_or_not() {
        let text = Decoder::Base64.decode_to_show(b"SGVsbG8sIGJhc2U2NCB3b3JsZD8+");
        let text = text.unwrap();
        assert_eq!(text.content.bytes(), b"Hello, base64 world?>");
        assert!(text.is_text);
        let binary = Decoder::Base64.decode_to_show(b"AAECAwQFBgcICQoLDA0ODw==");
        assert!(!binary.unwrap().is_text);
        assert!(Decoder::Base64.decode_to_show(b"not base64").is_none());
    }

    #[test]
    fn the_beginning_shows_what_is_not_base64() {
        assert!(Decoder::Base64.may_fit(b"  SGVsbG8sIGJhc2U2NCB3b3JsZD8+"));
        assert!(!Decoder::Base64.may_fit(b"{\"price\":101.5,\"qty\":7}"));
        assert!(!Decoder::Base64.may_fit(b"SGVsbG8="));
    }
}
