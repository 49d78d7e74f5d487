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
    /// Number of bytes that are compared one by one, because names and most values are short.
    const SHORT: usize = 16;
    let mut at = start + 1;
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\');
    while let Some(found) = bytes.get(at..).and_then(|rest| {
        let (short, long) = rest.split_at(rest.len().min(SHORT));
        let far = || memchr::memchr2(b'"', b'\\', long).map(|found| found + SHORT);
        short.iter().position(is_special).or_else(far)
    }) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        // The character after a backslash ends nothing.
        at += 2;
    }
    bytes.len()
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
