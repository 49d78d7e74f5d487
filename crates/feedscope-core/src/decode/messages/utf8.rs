//! Check of UTF-8 while it arrives (RFC 6455 8.1). It keeps only an incomplete character.

use std::str::Utf8Error;

/// Check of one text, for any division into chunks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Utf8Check {
    /// Bytes of a character that is not complete yet.
    cut: [u8; 4],
    cut_length: u8,
    /// Number of bytes of complete characters.
    whole: u64,
}

/// Error with the offset of the first byte that is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotUtf8 {
    pub(super) at: u64,
}

/// Checks a complete text. Most feeds contain only ASCII, which has a faster check.
#[inline]
pub(super) fn check_whole(bytes: &[u8]) -> Result<(), Utf8Error> {
    if bytes.is_ascii() {
        return Ok(());
    }
    std::str::from_utf8(bytes).map(|_| ())
}

impl Utf8Check {
    /// Checks the next bytes. Returns an error at the first byte that is not valid there.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), NotUtf8> {
        let rest = self.finish_cut(bytes)?;
        let Err(error) = check_whole(rest) else {
            self.whole += rest.len() as u64;
            return Ok(());
        };
        self.whole += error.valid_up_to() as u64;
        // An error without a length means an incomplete character at the end.
        if error.error_len().is_some() {
            return Err(NotUtf8 { at: self.whole });
        }
        // The rest is the beginning of a character, which has at most three bytes.
        let cut = &rest[error.valid_up_to()..];
        self.cut[..cut.len()].copy_from_slice(cut);
        self.cut_length = cut.len() as u8;
        Ok(())
    }

    /// Ends the text. Returns an error if it ends inside a character.
    pub(super) fn finish(self) -> Result<(), NotUtf8> {
        if self.cut_length == 0 {
            Ok(())
        } else {
            Err(NotUtf8 { at: self.whole })
        }
    }

    /// Completes the incomplete character byte by byte. Returns the bytes after it.
    fn finish_cut<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], NotUtf8> {
        let mut rest = bytes;
        while self.cut_length > 0 {
            let Some((&next, after)) = rest.split_first() else {
                break;
            };
            self.cut[usize::from(self.cut_length)] = next;
            self.cut_length += 1;
            rest = after;
            match std::str::from_utf8(&self.cut[..usize::from(self.cut_length)]) {
                Ok(_) => {
                    self.whole += u64::from(self.cut_length);
                    self.cut_length = 0;
                }
                // The character is still incomplete.
                Err(error) if error.error_len().is_none() => {}
                Err(_) => return Err(NotUtf8 { at: self.whole }),
            }
        }
        Ok(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(chunks: &[&[u8]]) -> Result<(), NotUtf8> {
        let mut check = Utf8Check::default();
        for chunk in chunks {
            check.push(chunk)?;
        }
        check.finish()
    }

    /// Tests all sequences of up to three bytes from those at which the rules of UTF-8 change.
    #[test]
    fn any_cut_agrees_with_the_whole() {
        let edges = [
            0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
            0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF_u8,
        ];
        for a in edges {
            for b in edges {
                for c in edges {
                    for text in [[a, b, c, 0x80], [b'x', a, b, c]] {
                        let expected = match std::str::from_utf8(&text) {
                            Ok(_) => Ok(()),
                            Err(error) => Err(NotUtf8 {
                                at: error.valid_up_to() as u64,
                            }),
                        };
                        assert_eq!(check(&[&text]), expected, "{text:x?}");
                        let [a, b, c, d] = text;
                        assert_eq!(check(&[&[a], &[b], &[c], &[], &[d]]), expected, "{text:x?}");
                        assert_eq!(check(&[&[a, b], &[c, d]]), expected, "{text:x?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_first_impossible_byte_fails() {
        let mut check = Utf8Check::default();
        check.push("κόσμε".as_bytes()).unwrap();
        check.push(&[0xF4]).unwrap();
        assert_eq!(check.push(&[0x90]), Err(NotUtf8 { at: 10 }));
    }
}
