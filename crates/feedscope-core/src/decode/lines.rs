//! Division of a stream into lines (HTML 9.2.6): one byte order mark at the start, then lines that end with CR, LF or
//! CRLF, for any division into chunks.
//!
//! It does not read the content of a line.

use memchr::memchr2;

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Number of bytes that are searched word by word before a call of [`memchr2`] is faster.
const SHORT_LINE: usize = 16;

/// State between two chunks about the bytes that were already processed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Edge {
    /// Only this many bytes of a byte order mark have arrived on this connection.
    ByteOrderMark(usize),
    /// The last byte was a CR. It has already ended its line, and a LF that follows belongs to it.
    AfterCr,
    /// No special state.
    Plain,
}

impl Edge {
    /// State before the first byte of a connection.
    pub(super) const START: Self = Self::ByteOrderMark(0);

    /// Removes the end of a byte order mark or of a CRLF that began in an earlier chunk, and returns the rest of the
    /// chunk.
    ///
    /// The first slice contains bytes of earlier chunks that seemed to begin a byte order mark but do not.
    pub(super) fn enter<'a>(&mut self, chunk: &'a [u8]) -> (&'static [u8], &'a [u8]) {
        match *self {
            Self::Plain => (&[], chunk),
            Self::AfterCr => (&[], chunk.strip_prefix(b"\n").unwrap_or(chunk)),
            Self::ByteOrderMark(seen) => {
                // The mark may arrive in several chunks.
                let (mark_before, mark_after) = BYTE_ORDER_MARK.split_at(seen);
                if let Some(rest) = chunk.strip_prefix(mark_after) {
                    *self = Self::Plain;
                    (&[], rest)
                } else if mark_after.starts_with(chunk) {
                    *self = Self::ByteOrderMark(seen + chunk.len());
                    (&[], &[])
                } else {
                    *self = Self::Plain;
                    (mark_before, chunk)
                }
            }
        }
    }

    /// Returns the first bytes of the connection while they may still begin a byte order mark.
    pub(super) fn pending(self) -> &'static [u8] {
        match self {
            Self::ByteOrderMark(seen) => &BYTE_ORDER_MARK[..seen],
            Self::AfterCr | Self::Plain => b"",
        }
    }

    /// Records the last byte of a chunk.
    pub(super) fn leave(&mut self, chunk: &[u8]) {
        if !matches!(self, Self::ByteOrderMark(_)) {
            *self = if chunk.last() == Some(&b'\r') {
                Self::AfterCr
            } else {
                Self::Plain
            };
        }
    }
}

/// End of a line within some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LineEnd {
    /// Length of the line without its end.
    pub(super) content: usize,
    /// Start of the next line. A CR ends its line at once, even as the last byte; [`Edge`] handles a LF that follows.
    pub(super) next: usize,
}

impl LineEnd {
    /// Finds the end of the line that begins with `bytes`. This search is fast for long lines.
    #[inline]
    pub(super) fn far(bytes: &[u8]) -> Option<Self> {
        memchr2(b'\n', b'\r', bytes).map(|content| Self::at(bytes, content))
    }

    /// Finds the end of the line that begins with `bytes`. This search is fast for short lines.
    #[inline]
    pub(super) fn near(bytes: &[u8]) -> Option<Self> {
        match first_line_end(bytes) {
            Some(content) => Some(Self::at(bytes, content)),
            None => Self::far(bytes),
        }
    }

    /// Returns the same end for a line that begins with `start` before the searched bytes.
    #[inline]
    pub(super) fn after(self, start: &[u8]) -> Self {
        Self {
            content: start.len() + self.content,
            next: start.len() + self.next,
        }
    }

    /// Returns the end whose first byte, a CR or LF, is at `content`.
    #[inline]
    pub(super) fn at(bytes: &[u8], content: usize) -> Self {
        // If the LF is in the next chunk, `Edge` removes it there.
        let crlf = bytes[content] == b'\r' && bytes.get(content + 1) == Some(&b'\n');
        Self {
            content,
            next: content + 1 + usize::from(crlf),
        }
    }
}

/// Returns the position of the first CR or LF among the first [`SHORT_LINE`] bytes. It is also `None` if there are
/// fewer bytes.
#[inline]
fn first_line_end(bytes: &[u8]) -> Option<usize> {
    let (words, _) = bytes.first_chunk::<SHORT_LINE>()?.as_chunks::<8>();
    let first = line_ends(words[0]);
    if first != 0 {
        // The lowest marked byte is the first one, because the word is little-endian.
        return Some(first.trailing_zeros() as usize / 8);
    }
    let second = line_ends(words[1]);
    (second != 0).then(|| 8 + second.trailing_zeros() as usize / 8)
}

/// Marks the bytes of a word that are CR or LF. The lowest mark is exact.
#[inline]
const fn line_ends(word: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(word);
    zero_bytes(word ^ repeat(b'\n')) | zero_bytes(word ^ repeat(b'\r'))
}

/// Sets the high bit of each zero byte. Bytes above the lowest zero byte may be marked wrongly; the lowest mark is
/// exact.
#[inline]
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(repeat(0x01)) & !word & repeat(0x80)
}

#[inline]
const fn repeat(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

#[cfg(test)]
mod tests {
    use super::{Edge, LineEnd};

    #[test]
    fn the_first_line_end_is_found_wherever_it_is() {
        for length in 0..40 {
            for (end, width) in [(&b"\n"[..], 1), (b"\r", 1), (b"\r\n", 2)] {
                let mut bytes = vec![b'\x0B'; length];
                bytes.extend(end);
                bytes.extend(b"more\r\n\nthan enough to fill a word");
                let expected = Some(LineEnd {
                    content: length,
                    next: length + width,
                });
                assert_eq!(
                    LineEnd::near(&bytes),
                    expected,
                    "{length} bytes, then {end:?}"
                );
                assert_eq!(
                    LineEnd::far(&bytes),
                    expected,
                    "{length} bytes, then {end:?}"
                );
            }
            assert_eq!(
                LineEnd::near(&vec![b'\x0E'; length]),
                None,
                "{length} bytes"
            );
        }
    }

    #[test]
    fn a_cr_at_the_end_ends_its_line_at_once() {
        assert_eq!(
            LineEnd::near(b"data\r"),
            Some(LineEnd {
                content: 4,
                next: 5
            })
        );
    }

    #[test]
    fn a_byte_order_mark_may_come_byte_by_byte() {
        let mut edge = Edge::START;
        assert_eq!(edge.enter(b"\xEF"), (&b""[..], &b""[..]));
        assert_eq!(edge.enter(b""), (&b""[..], &b""[..]));
        assert_eq!(edge.enter(b"\xBB"), (&b""[..], &b""[..]));
        assert_eq!(edge.enter(b"\xBFdata"), (&b""[..], &b"data"[..]));
        assert_eq!(
            edge.enter(b"\xEF\xBB\xBF"),
            (&b""[..], &b"\xEF\xBB\xBF"[..]),
            "the second is content"
        );
    }

    #[test]
    fn half_a_byte_order_mark_is_content() {
        let mut edge = Edge::START;
        assert_eq!(edge.enter(b"\xEF\xBB"), (&b""[..], &b""[..]));
        assert_eq!(edge.enter(b"data"), (&b"\xEF\xBB"[..], &b"data"[..]));
    }

    #[test]
    fn the_lf_of_a_cut_crlf_is_no_line() {
        let mut edge = Edge::Plain;
        edge.leave(b"data\r");
        assert_eq!(edge.enter(b"\n\n"), (&b""[..], &b"\n"[..]));
    }
}
