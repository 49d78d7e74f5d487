//! Strings of a JSON text: their ends and their contents.

/// Returns the offset after the closing quotation mark of the string that begins at `start` (RFC 8259 7), or the offset
/// of the error.
pub(super) fn string_end(bytes: &[u8], start: usize) -> Result<usize, usize> {
    let mut at = start;
    if bytes.get(at) != Some(&b'"') {
        return Err(at);
    }
    at += 1;
    loop {
        match bytes.get(at).ok_or(at)? {
            b'"' => return Ok(at + 1),
            b'\\' => at = escape_end(bytes, at + 1)?,
            // RFC 8259 7: control characters must be escaped.
            0..0x20 => return Err(at),
            _ => at += 1,
        }
    }
}

/// Returns the offset after the string that begins at `start`, or the length of the text if the string does not end.
///
/// The content is not checked: the text was checked before, or another reader reports its errors.
#[inline]
pub fn unchecked_string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = next_special(bytes, at) {
        if bytes[found] == b'"' {
            return found + 1;
        }
        // The character after a backslash ends nothing.
        at = found + 2;
    }
    bytes.len()
}

/// Returns the offset of the first quotation mark or backslash at `at` or later.
#[inline]
fn next_special(bytes: &[u8], mut at: usize) -> Option<usize> {
    /// Number of words that are compared before a search of the rest, because names and most values are short.
    const FEW: usize = 4;
    for _ in 0..FEW {
        let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) else {
            break;
        };
        let found = specials(u64::from_le_bytes(*word));
        if found != 0 {
            return Some(at + (found.trailing_zeros() / u8::BITS) as usize);
        }
        at += size_of::<u64>();
    }
    let rest = bytes.get(at..)?;
    let found = if rest.len() < size_of::<u64>() {
        rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))
    } else {
        memchr::memchr2(b'"', b'\\', rest)
    };
    found.map(|found| at + found)
}

/// Returns a word that is not 0 if one of eight bytes is a quotation mark or a backslash. Its lowest bit is in the first
/// such byte.
#[inline]
fn specials(word: u64) -> u64 {
    const fn repeated(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    // A borrow goes only into bytes after a zero, so that the lowest bit is right.
    let zeros = |word: u64| word.wrapping_sub(repeated(1)) & !word & repeated(0x80);
    zeros(word ^ repeated(b'"')) | zeros(word ^ repeated(b'\\'))
}

/// Returns the offset after the escape whose character after the backslash is at `at`.
fn escape_end(bytes: &[u8], at: usize) -> Result<usize, usize> {
    match bytes.get(at).ok_or(at)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at + 1),
        b'u' => {
            // RFC 8259 7: four hexadecimal digits follow.
            for digit in at + 1..at + 5 {
                if !bytes.get(digit).ok_or(digit)?.is_ascii_hexdigit() {
                    return Err(digit);
                }
            }
            Ok(at + 5)
        }
        _ => Err(at),
    }
}

/// Returns the content of a string, given with its quotation marks, with resolved escapes.
pub fn unescaped(quoted: &str) -> String {
    serde_json::from_str(quoted).unwrap_or_else(|_| quoted.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ends_are_those_of_a_plain_scan(
            before in 0..10_usize,
            text in prop::collection::vec(prop_oneof![12 => any::<u8>(), 1 => Just(b'"'), 1 => Just(b'\\'), 4 => Just(b'a')], 0..100),
        ) {
            let mut bytes = vec![b'x'; before];
            bytes.push(b'"');
            bytes.extend(&text);
            let (mut plain, mut is_escaped) = (bytes.len(), false);
            for (at, byte) in bytes.iter().enumerate().skip(before + 1) {
                if is_escaped {
                    is_escaped = false;
                } else if *byte == b'"' {
                    plain = at + 1;
                    break;
                } else {
                    is_escaped = *byte == b'\\';
                }
            }
            prop_assert_eq!(unchecked_string_end(&bytes, before), plain);
        }
    }
}
