//! A word or regular expression, and where it is in bytes. Knows nothing of rows.

mod any_case;

use std::ops::Range;

use memchr::memmem::Finder;
use regex_automata::Input;
use regex_automata::meta::{Config, Regex};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

use super::problem::ProblemKind;
use any_case::AnyCase;

/// Something that is looked for in payloads.
pub(super) enum Needle {
    /// These very bytes.
    Exact(Box<Finder<'static>>),
    /// This text in any case.
    AnyCase(AnyCase),
    /// A regular expression, or a word in any case.
    Pattern { regex: Box<Regex>, contained: bool },
}

/// A match up to this long may be looked for across rows: what is searched in vain beyond a row's end stays small.
const LONGEST_CONTAINED: usize = 4_096;

impl Needle {
    /// A word, looked for in any case unless it has an upper-case letter.
    pub(super) fn word(text: &str) -> Self {
        let cased = text.chars().any(|c| c.is_lowercase() || c.is_uppercase());
        if !cased || text.contains(char::is_uppercase) {
            return Self::exact(text);
        }
        let pattern = Self::folded(text);
        if text.is_ascii() {
            Self::AnyCase(AnyCase::new(text, pattern))
        } else {
            pattern
        }
    }

    /// A text in any case, as a regular expression.
    fn folded(text: &str) -> Self {
        // ASCII alone needs no Unicode tables: K is then not the Kelvin sign, and the search several times as fast.
        let mut parser = ParserBuilder::new();
        parser
            .case_insensitive(true)
            .unicode(!text.is_ascii())
            .utf8(false);
        let hir = parser.build().parse(&regex_syntax::escape(text));
        let needle = hir.ok().and_then(|hir| Self::of(&hir).ok());
        needle.unwrap_or_else(|| Self::exact(text))
    }

    fn exact(text: &str) -> Self {
        Self::Exact(Box::new(Finder::new(text.as_bytes()).into_owned()))
    }

    /// A regular expression; of a problem, its place in `pattern` too.
    pub(super) fn pattern(
        pattern: &str,
        any_case: bool,
    ) -> Result<Self, (Range<usize>, ProblemKind)> {
        /// Deeper ones are not typed by people.
        const NESTING: u32 = 50;
        let parsed = ParserBuilder::new()
            .case_insensitive(any_case)
            .utf8(false)
            .nest_limit(NESTING)
            .build()
            .parse(pattern);
        let hir = parsed.map_err(|error| {
            let (span, reason) = match &error {
                regex_syntax::Error::Parse(error) => (*error.span(), error.kind().to_string()),
                regex_syntax::Error::Translate(error) => (*error.span(), error.kind().to_string()),
                _ => {
                    return (
                        0..pattern.len(),
                        ProblemKind::BadPattern(String::from("it is not understood")),
                    );
                }
            };
            (
                span.start.offset..span.end.offset,
                ProblemKind::BadPattern(reason),
            )
        })?;
        Self::of(&hir).map_err(|problem| (0..pattern.len(), problem))
    }

    fn of(hir: &Hir) -> Result<Self, ProblemKind> {
        /// `\w{500}` and the like shall not eat memory.
        const SIZE_BYTES: usize = 4 << 20;
        let properties = hir.properties();
        let bounded = properties
            .maximum_len()
            .is_some_and(|len| len <= LONGEST_CONTAINED);
        let contained =
            bounded && properties.look_set().is_empty() && properties.minimum_len() > Some(0);
        let config = Config::new()
            .nfa_size_limit(Some(SIZE_BYTES))
            .hybrid_cache_capacity(SIZE_BYTES)
            .utf8_empty(false);
        let regex = regex_automata::meta::Builder::new()
            .configure(config)
            .build_from_hir(hir);
        let regex =
            regex.map_err(|_too_large| ProblemKind::BadPattern(String::from("it is too large")))?;
        Ok(Self::Pattern {
            regex: Box::new(regex),
            contained,
        })
    }

    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Exact(finder) => finder.find(bytes).is_some(),
            Self::AnyCase(any_case) => any_case.find(bytes, 0).is_some(),
            Self::Pattern { regex, .. } => regex.is_match(bytes),
        }
    }

    /// Whether looking for it in the bytes of many rows at once misses nothing that is in one of them: a match is short,
    /// and does not depend on what stands around it.
    pub(super) fn is_contained(&self) -> bool {
        match self {
            Self::Exact(finder) => !finder.needle().is_empty(),
            Self::AnyCase(_) => true,
            Self::Pattern { contained, .. } => *contained,
        }
    }

    /// Whether it is found faster than any pattern.
    pub(super) fn is_exact(&self) -> bool {
        matches!(self, Self::Exact(_))
    }

    /// The first place at or after `from`.
    pub(super) fn find(&self, bytes: &[u8], from: usize) -> Option<Range<usize>> {
        match self {
            Self::Exact(finder) => {
                let start = from + finder.find(&bytes[from..])?;
                Some(start..start + finder.needle().len())
            }
            Self::AnyCase(any_case) => {
                let start = any_case.find(bytes, from)?;
                Some(start..start + any_case.len())
            }
            Self::Pattern { regex, .. } => regex
                .find(Input::new(bytes).range(from..))
                .map(|found| found.range()),
        }
    }

    /// Every place in a text, widened to whole characters; no empty ones.
    pub(super) fn find_all(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(range) = (from <= text.len())
            .then(|| self.find(text.as_bytes(), from))
            .flatten()
        {
            from = range.end.max(range.start + 1);
            if !range.is_empty() {
                found.push(
                    text.floor_char_boundary(range.start)..text.ceil_char_boundary(range.end),
                );
            }
        }
        found
    }
}
