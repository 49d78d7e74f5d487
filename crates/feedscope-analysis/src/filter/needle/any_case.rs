//! Search for an ASCII text in any case, by its byte that is probably the rarest. It uses no rows.

use memchr::{memchr, memchr2};

use super::pattern::Pattern;

/// Text that is searched in any case.
pub(in super::super) struct AnyCase {
    text: Box<[u8]>,
    /// Position of its rarest byte, and this byte in both cases.
    rare_at: usize,
    lower: u8,
    upper: u8,
    /// Regular expression for the same text, for data in which the rarest byte is frequent. It is `None` if the text is
    /// too long for one.
    pattern: Option<Pattern>,
}

/// Number of failed candidates after which the frequency of the byte is checked.
const PATIENCE: usize = 64;

/// Minimum mean distance between failed candidates. With a smaller distance, a search for the whole text is faster.
const RARE: usize = 16;

impl AnyCase {
    /// Creates a search. `text` is ASCII and not empty, and `pattern` finds the same text.
    pub(super) fn new(text: &str, pattern: Option<Pattern>) -> Self {
        let text = text.as_bytes();
        let rare_at = (0..text.len())
            .min_by_key(|&at| commonness(text[at]))
            .unwrap_or_default();
        Self {
            text: text.into(),
            rare_at,
            lower: text[rare_at].to_ascii_lowercase(),
            upper: text[rare_at].to_ascii_uppercase(),
            pattern,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Returns the start of the first match at or after `from`.
    pub(super) fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from + self.rare_at;
        let mut vain = 0..PATIENCE;
        let mut since = at;
        loop {
            let found = at + self.next(bytes.get(at..)?)?;
            let start = found - self.rare_at;
            let whole = bytes.get(start..start + self.text.len())?;
            if whole.eq_ignore_ascii_case(&self.text) {
                return Some(start);
            }
            at = found + 1;
            if vain.next().is_none() {
                // The byte is frequent here, so that the regular expression continues the search.
                if found - since < PATIENCE * RARE
                    && let Some(pattern) = &self.pattern
                {
                    return Some(pattern.find(bytes, start + 1)?.start);
                }
                (vain, since) = (0..PATIENCE, found);
            }
        }
    }

    fn next(&self, bytes: &[u8]) -> Option<usize> {
        if self.lower == self.upper {
            memchr(self.lower, bytes)
        } else {
            memchr2(self.lower, self.upper, bytes)
        }
    }
}

/// Returns the rank of a byte by its expected frequency in JSON and text, in either case.
fn commonness(byte: u8) -> usize {
    /// Bytes from rare to frequent.
    const ORDER: &[u8] = b"zqjxkvwbyfgpmhculd.-_/987654321rsnioat0e{}[]:,\" ";
    let lower = byte.to_ascii_lowercase();
    let place = ORDER.iter().position(|&known| known == lower);
    // A byte that is not in the list is rarest.
    place.map_or(0, |place| place + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Needle;
    use super::*;

    fn plain(text: &[u8], bytes: &[u8], from: usize) -> Option<usize> {
        (from..bytes.len()).find(|&at| {
            bytes
                .get(at..at + text.len())
                .is_some_and(|part| part.eq_ignore_ascii_case(text))
        })
    }

    fn any_case(text: &str) -> AnyCase {
        match Needle::word(text) {
            Needle::AnyCase(any_case) => any_case,
            _ => panic!("{text:?} is searched in another way"),
        }
    }

    proptest! {
        /// The text has few different letters, so that its rarest byte is frequent and the limit on candidates is
        /// reached.
        #[test]
        fn it_is_found_where_a_plain_search_finds_it(
            text in "[za][zaZ1]{0,3}[a-z]",
            bytes in "[zZaA1]{0,40}",
            times in 1..80_usize,
            end in "[zZaAb]{0,9}",
            from in 0..200_usize,
        ) {
            let text = text.to_ascii_lowercase();
            let bytes = format!("{}{end}", bytes.repeat(times)).into_bytes();
            prop_assert_eq!(any_case(&text).find(&bytes, from), plain(text.as_bytes(), &bytes, from));
        }
    }

    #[test]
    fn the_rarest_byte_is_looked_for() {
        for (text, rarest) in [
            ("symbol", b'b'),
            ("zeta-1", b'z'),
            ("\"qty\":7", b'q'),
            ("e", b'e'),
            ("tin#", b'#'),
        ] {
            assert_eq!(any_case(text).lower, rarest, "{text}");
        }
    }
}
