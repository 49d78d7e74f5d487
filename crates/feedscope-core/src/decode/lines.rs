//! Where lines begin and end (HTML 9.2.6): one byte order mark at the start, then lines ended by CR, LF or CRLF, cut
//! anywhere. Never looks at what a line says.

use memchr::memchr2;

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// How many bytes are looked at one word at a time before [`memchr2`] is worth its call.
const SHORT_LINE: usize = 16;

/// What has to be remembered between two chunks about the bytes that are done with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Edge {
    /// Only this many bytes of a byte order mark have come on this connection.
    ByteOrderMark(usize),
    /// The last byte was a CR. It has ended its line already; a LF that follows belongs to it.
    AfterCr,
    /// Nothing.
    Plain,
}

impl Edge {
    /// What stands before a connection's first byte.
    pub(super) const START: Self = Self::ByteOrderMark(0);

    /// What remains of a chunk without the end of a byte order mark, or of a CRLF, that began in an earlier one.
    ///
    /// The first slice holds bytes of earlier chunks that had been taken for a byte order mark and are none.
    pub(super) fn enter<'a>(&mut self, chunk: &'a [u8]) -> (&'static [u8], &'a [u8]) {
        match *self {
            Self::Plain => (&[], chunk),
            Self::AfterCr => (&[], chunk.strip_prefix(b"\n").unwrap_or(chunk)),
            Self::ByteOrderMark(seen) => {
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

    /// The first bytes of the connection while they may still be the beginning of a byte order mark.
    pub(super) fn pending(self) -> &'static [u8] {
        match self {
            Self::ByteOrderMark(seen) => &BYTE_ORDER_MARK[..seen],
            Self::AfterCr | Self::Plain => b"",
        }
    }

    /// Takes note of how a chunk ended.
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

/// A line's end within some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LineEnd {
    /// How long the line is, without its end.
    pub(super) content: usize,
    /// Where the next line begins. A CR ends its line at once, even as the last byte: [`Edge`] knows of the rest.
    pub(super) next: usize,
}

impl LineEnd {
    /// The end of the line that begins with `bytes`, which is likely to be far away.
    #[inline]
    pub(super) fn far(bytes: &[u8]) -> Option<Self> {
        memchr2(b'\n', b'\r', bytes).map(|content| Self::at(bytes, content))
    }

    /// The end of the line that begins with `bytes`, which is likely to be near.
    #[inline]
    pub(super) fn near(bytes: &[u8]) -> Option<Self> {
        match first_line_end(bytes) {
            Some(content) => Some(Self::at(bytes, content)),
            None => Self::far(bytes),
        }
    }

    /// The same end for a line of which these bytes stand before the ones that were looked at.
    #[inline]
    pub(super) fn after(self, start: &[u8]) -> Self {
        Self {
            content: start.len() + self.content,
            next: start.len() + self.next,
        }
    }

    /// The end whose first byte, CR or LF, is at `content`.
    #[inline]
    pub(super) fn at(bytes: &[u8], content: usize) -> Self {
        let crlf = bytes[content] == b'\r' && bytes.get(content + 1) == Some(&b'\n');
        Self {
            content,
            next: content + 1 + usize::from(crlf),
        }
    }
}

/// The position of the first CR or LF among the first [`SHORT_LINE`] bytes; `None` also where there are fewer.
#[inline]
fn first_line_end(bytes: &[u8]) -> Option<usize> {
    let (words, _) = bytes.first_chunk::<SHORT_LINE>()?.as_chunks::<8>();
    let first = line_ends(words[0]);
    if first != 0 {
        return Some(first.trailing_zeros() as usize / 8);
    }
    let second = line_ends(words[1]);
    (second != 0).then(|| 8 + second.trailing_zeros() as usize / 8)
}

/// Marks the bytes of a word that are CR or LF; the lowest mark is exact.
#[inline]
const fn line_ends(word: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(word);
    zero_bytes(word ^ repeat(b'\n')) | zero_bytes(word ^ repeat(b'\r'))
}

/// The high bit of each byte that is zero. Bytes above the lowest zero may be marked wrongly; that one is exact.
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
