//! An ASCII text in any case, found by the byte of it that is likely to be rarest. Knows nothing of rows.

use memchr::{memchr, memchr2};

use super::pattern::Pattern;

/// A text that is looked for in any case.
pub(in super::super) struct AnyCase {
    text: Box<[u8]>,
    /// Where its rarest byte is, and that byte in both cases.
    rare_at: usize,
    lower: u8,
    upper: u8,
    /// The same as a regular expression, for bytes in which the rarest one is not rare at all; `None` where the text is
    /// too long for one.
    pattern: Option<Pattern>,
}

/// So many of the rarest byte are looked at in vain before it is asked whether it is rare.
const PATIENCE: usize = 64;

/// A byte that comes up in vain as often as once in so many is not rare: a search for the whole text is faster then.
const RARE: usize = 16;

impl AnyCase {
    /// `text` is ASCII, and not empty; `pattern` finds the same.
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

    /// Where it begins for the first time at or after `from`.
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

/// How often a byte is likely to come up in JSON and text, in either case; only the order means something.
fn commonness(byte: u8) -> usize {
    /// From rare to common.
    const ORDER: &[u8] = b"zqjxkvwbyfgpmhculd.-_/987654321rsnioat0e{}[]:,\" ";
    let lower = byte.to_ascii_lowercase();
    let place = ORDER.iter().position(|&known| known == lower);
    // What is not even listed is rarest.
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
        /// Few letters, so that the rarest is everywhere and patience runs out.
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
