//! Decoders for payloads, from bytes to bytes. The work of each is bounded by the length of its input.

use feedscope_core::payload::base64_text;

use super::beginning::beginning;

/// One step from a payload to its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decoder {
    /// Base64 (RFC 4648), in the standard or the URL-safe alphabet.
    Base64,
}

impl Decoder {
    /// Decodes `encoded`; returns `None` if it does not have this encoding.
    pub fn decode(self, encoded: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Base64 => base64_text::decoded(encoded),
        }
    }

    /// Returns false if the beginning of `encoded` excludes this encoding.
    pub fn may_fit(self, encoded: &[u8]) -> bool {
        let near = beginning(encoded);
        match self {
            Self::Base64 => {
                let is_of_alphabet =
                    |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=\r\n \t".contains(byte);
                near.len() >= base64_text::SHORTEST && near.iter().all(is_of_alphabet)
            }
        }
    }
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
}
