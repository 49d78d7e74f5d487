//! Decoded bytes in the form in which a view shows them.

use super::{Content, Decoder};

/// Output of a decoder for a view.
#[derive(Clone)]
pub struct Decoded {
    /// Decoded bytes.
    pub content: Content,
    /// True if they are printable text.
    pub is_text: bool,
}

impl Decoder {
    /// Decodes for a view, which also needs the form in which the bytes are shown.
    pub fn decode_to_show(self, encoded: &[u8]) -> Option<Decoded> {
        let decoded = self.decode(encoded)?;
        let is_text = std::str::from_utf8(&decoded).is_ok_and(is_printable);
        Some(Decoded {
            content: Content::Made(decoded.into()),
            is_text,
        })
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
}
