//! Recognition and decoding of base64 (RFC 4648) in the place of text.
//!
//! It distinguishes base64 from words that use the same letters. It does not guess the meaning of the bytes.

use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Minimum length of base64. Shorter texts are usually words.
pub const SHORTEST: usize = 16;

/// Decodes a text that looks like base64, in the standard or the URL-safe alphabet, with or without padding, in one or
/// several lines.
///
/// Words, numbers and hexadecimal digits use the same letters. Therefore a text must contain a character that is not a
/// hexadecimal digit. In addition, it must have padding, or two of capital letters, small letters and digits.
pub fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    if text.len() < SHORTEST || !looks_so(text) {
        return None;
    }
    let unbroken: Vec<u8>;
    let text = if text.contains(&b'\n') {
        // Line ends are not part of the alphabet.
        unbroken = text
            .iter()
            .copied()
            .filter(|byte| !b"\r\n".contains(byte))
            .collect();
        &unbroken[..]
    } else {
        text
    };
    // The two alphabets differ only in two characters.
    let is_url_safe = text.iter().any(|byte| b"-_".contains(byte));
    engine(if is_url_safe { &URL_SAFE } else { &STANDARD })
        .decode(text)
        .ok()
}

fn engine(alphabet: &Alphabet) -> GeneralPurpose {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(alphabet, config)
}

/// Returns true if all bytes are of the alphabet, and the text is not likely a word, a number or a hash.
fn looks_so(text: &[u8]) -> bool {
    let (mut capitals, mut small, mut digits, mut other) = (false, false, false, false);
    for byte in text {
        match byte {
            b'A'..=b'Z' => capitals = true,
            b'a'..=b'z' => small = true,
            b'0'..=b'9' => digits = true,
            b'+' | b'/' | b'-' | b'_' | b'=' | b'\r' | b'\n' => {}
            _ => return false,
        }
        other |= !byte.is_ascii_hexdigit() && !b"-\r\n".contains(byte);
    }
    let kinds = u8::from(capitals) + u8::from(small) + u8::from(digits);
    other && (kinds >= 2 || text.ends_with(b"="))
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn base64_is_told_from_words_and_hashes() {
        let hello = b"Hello, base64 world?>".to_vec();
        for text in [
            "SGVsbG8sIGJhc2U2NCB3b3JsZD8+",
            "SGVsbG8sIGJhc2U2NCB3b3JsZD8-",
            " SGVsbG8sIGJh\r\nc2U2NCB3b3Js\r\nZD8+\r\n",
        ] {
            assert_eq!(decoded(text.as_bytes()), Some(hello.clone()), "{text}");
        }
        assert_eq!(
            decoded(b"SGVsbG8sIGJhc2U2NA=="),
            decoded(b"SGVsbG8sIGJhc2U2NA")
        );
        for text in [
            "",
            "SGVsbG8=",
            "internationalization",
            "INTERNATIONALIZATION",
            "12345678901234567890",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "123e4567-e89b-12d3-a456-426614174000",
            "2026-11-21T05:49:14.524118Z",
            "Hello base64 world of words",
            "SGVsbG8sIGJhc2U2N",
            "SGVsbG8sIGJhc2+2-_A/",
            "====================",
        ] {
            assert_eq!(decoded(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        /// Encoded bytes are decoded to themselves, if the text is recognized as base64.
        #[test]
        fn what_was_encoded_is_decoded(bytes in proptest::collection::vec(any::<u8>(), 32..200)) {
            for text in [BASE64_STANDARD.encode(&bytes), BASE64_URL_SAFE_NO_PAD.encode(&bytes)] {
                if let Some(decoded) = decoded(text.as_bytes()) {
                    prop_assert_eq!(&decoded, &bytes);
                }
            }
        }

        /// No text causes a panic.
        #[test]
        fn any_text_is_taken(text in "[-A-Za-z0-9+/_=\r\n .]{0,60}") {
            decoded(text.as_bytes());
        }
    }
}
