//! Bytes that are written as text: base64 (RFC 4648) and hexadecimal digits.

use base64::DecodeError;
use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::failure::{DecodeProblem, StepFailure};

/// Decodes base64 in either alphabet, with or without padding. White space has no meaning.
pub(super) fn base64(encoded: &[u8]) -> Result<Vec<u8>, StepFailure> {
    // Both alphabets of RFC 4648 occur, and only two characters differ.
    let is_url_safe = encoded.iter().any(|byte| b"-_".contains(byte));
    let engine = engine(if is_url_safe { &URL_SAFE } else { &STANDARD });
    // Long texts are often divided into lines.
    let has_space = encoded.iter().any(u8::is_ascii_whitespace);
    let unbroken: Vec<u8>;
    let text = if has_space {
        let signs = encoded.iter().copied();
        unbroken = signs.filter(|byte| !byte.is_ascii_whitespace()).collect();
        &unbroken[..]
    } else {
        encoded
    };
    engine.decode(text).map_err(|error| {
        let (at, problem) = match error {
            DecodeError::InvalidByte(at, _) => (
                at,
                DecodeProblem::Wrong("this character is not in the alphabet"),
            ),
            DecodeError::InvalidLength(_) => (text.len(), DecodeProblem::Cut),
            DecodeError::InvalidLastSymbol { offset, .. } => (
                offset,
                DecodeProblem::Wrong("the last character has bits that belong to no byte"),
            ),
            DecodeError::InvalidPadding => {
                (text.len(), DecodeProblem::Wrong("the padding is wrong"))
            }
        };
        StepFailure::new(place_with_space(encoded, at), problem)
    })
}

/// Returns the position of the `nth` byte that is no white space.
fn place_with_space(encoded: &[u8], nth: usize) -> usize {
    let signs = encoded.iter().enumerate();
    let mut signs = signs.filter(|(_, byte)| !byte.is_ascii_whitespace());
    signs.nth(nth).map_or(encoded.len(), |(place, _)| place)
}

fn engine(alphabet: &Alphabet) -> GeneralPurpose {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(alphabet, config)
}

/// Decodes pairs of hexadecimal digits in either case, optionally after `0x`. White space has no meaning.
pub(super) fn hex(encoded: &[u8]) -> Result<Vec<u8>, StepFailure> {
    let start = encoded.len() - encoded.trim_ascii_start().len();
    let has_prefix = matches!(encoded.get(start..start + 2), Some(b"0x" | b"0X"));
    let mut bytes = Vec::with_capacity(encoded.len() / 2);
    let mut high = None;
    let digits = encoded.iter().enumerate();
    for (at, byte) in digits.skip(if has_prefix { start + 2 } else { start }) {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ if byte.is_ascii_whitespace() => continue,
            _ => return Err(StepFailure::wrong(at, "this is no hexadecimal digit")),
        };
        match high.take() {
            None => high = Some(digit),
            Some(high) => bytes.push(high << 4 | digit),
        }
    }
    match high {
        Some(_) => Err(StepFailure::new(encoded.len(), DecodeProblem::Cut)),
        None => Ok(bytes),
    }
}
