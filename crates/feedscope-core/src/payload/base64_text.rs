//! Base64 (RFC 4648) that stands where text does: told from words that happen to use its letters, and decoded. Never
//! guesses at what the bytes mean.

use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Shorter texts are words more often than not.
pub const SHORTEST: usize = 16;

/// The bytes that a text stands for, where it looks like base64: the standard or the URL-safe alphabet, with or without
/// padding, in one line or broken into several.
///
/// Words, numbers and hexadecimal digits use the same letters, so a text has to have two of capitals, small letters and
/// digits among others than hexadecimal ones, or padding.
pub fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    if text.len() < SHORTEST || !looks_so(text) {
        return None;
    }
    let unbroken: Vec<u8>;
    let text = if text.contains(&b'\n') {
        unbroken = text
            .iter()
            .copied()
            .filter(|byte| !b"\r\n".contains(byte))
            .collect();
        &unbroken[..]
    } else {
        text
    };
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

/// Whether all bytes are of the alphabet, and not what words, numbers and hashes are made of.
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
        /// What was encoded is decoded to itself, where it is told as base64 at all.
        #[test]
        fn what_was_encoded_is_decoded(bytes in proptest::collection::vec(any::<u8>(), 32..200)) {
            for text in [BASE64_STANDARD.encode(&bytes), BASE64_URL_SAFE_NO_PAD.encode(&bytes)] {
                if let Some(decoded) = decoded(text.as_bytes()) {
                    prop_assert_eq!(&decoded, &bytes);
                }
            }
        }

        /// Any text: no panic.
        #[test]
        fn any_text_is_taken(text in "[-A-Za-z0-9+/_=\r\n .]{0,60}") {
            decoded(text.as_bytes());
        }
    }
}
