//! UTF-8, checked while it arrives (RFC 6455 8.1). It keeps nothing but a character that was cut.

use std::str::Utf8Error;

/// Checks one text, however its bytes are cut.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Utf8Check {
    /// Bytes of a character that is not complete yet.
    cut: [u8; 4],
    cut_length: u8,
    /// How many bytes of whole characters came.
    whole: u64,
}

/// Where the bytes begin that are no UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotUtf8 {
    pub(super) at: u64,
}

/// Checks a text that is all there. Most feeds are ASCII throughout, for which there is a faster way.
#[inline]
pub(super) fn check_whole(bytes: &[u8]) -> Result<(), Utf8Error> {
    if bytes.is_ascii() {
        return Ok(());
    }
    std::str::from_utf8(bytes).map(|_| ())
}

impl Utf8Check {
    /// Takes the next bytes; fails with the first that no text can have there.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), NotUtf8> {
        let rest = self.finish_cut(bytes)?;
        let Err(error) = check_whole(rest) else {
            self.whole += rest.len() as u64;
            return Ok(());
        };
        self.whole += error.valid_up_to() as u64;
        if error.error_len().is_some() {
            return Err(NotUtf8 { at: self.whole });
        }
        let cut = &rest[error.valid_up_to()..];
        self.cut[..cut.len()].copy_from_slice(cut);
        self.cut_length = cut.len() as u8;
        Ok(())
    }

    /// Ends the text; fails where it ends inside a character.
    pub(super) fn finish(self) -> Result<(), NotUtf8> {
        if self.cut_length == 0 {
            Ok(())
        } else {
            Err(NotUtf8 { at: self.whole })
        }
    }

    /// Completes the character that was cut, byte by byte; returns the bytes after it.
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

    /// All sequences of up to three bytes out of those at which the rules of UTF-8 change.
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
