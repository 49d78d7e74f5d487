//! Word or regular expression, and its positions in bytes. It uses no rows.

mod any_case;
mod pattern;

use std::ops::Range;

use memchr::memmem::Finder;
use regex_syntax::ParserBuilder;

use super::problem::ProblemKind;
use any_case::AnyCase;
use pattern::Pattern;

/// Text or pattern that is searched in payloads.
pub(super) enum Needle {
    /// Exactly these bytes.
    Exact(Box<Finder<'static>>),
    /// This text in any case.
    AnyCase(AnyCase),
    /// Regular expression, or a word in any case.
    Pattern(Pattern),
}

impl Needle {
    /// Creates a needle for a word. The case counts only if the word has an upper-case letter.
    pub(super) fn word(text: &str) -> Self {
        let cased = text.chars().any(|c| c.is_lowercase() || c.is_uppercase());
        // An upper-case letter makes the case significant. A text without letters has no case.
        if !cased || text.contains(char::is_uppercase) {
            return Self::exact(text);
        }
        // The pattern is also the fallback for a text whose rarest byte is frequent.
        let pattern = Pattern::folded(text);
        if text.is_ascii() {
            return Self::AnyCase(AnyCase::new(text, pattern));
        }
        pattern.map_or_else(|| Self::exact(text), Self::Pattern)
    }

    fn exact(text: &str) -> Self {
        Self::Exact(Box::new(Finder::new(text.as_bytes()).into_owned()))
    }

    /// Creates a needle for a regular expression. An error contains its position in `pattern`.
    pub(super) fn pattern(
        pattern: &str,
        any_case: bool,
    ) -> Result<Self, (Range<usize>, ProblemKind)> {
        /// Maximum nesting, which is deeper than people type.
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
        Pattern::of(&hir)
            .map(Self::Pattern)
            .map_err(|problem| (0..pattern.len(), problem))
    }

    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Exact(finder) => finder.find(bytes).is_some(),
            Self::AnyCase(any_case) => any_case.find(bytes, 0).is_some(),
            Self::Pattern(pattern) => pattern.is_in(bytes),
        }
    }

    /// Returns true if a search in the bytes of many rows at once finds every match within a row. Such matches are
    /// short and do not depend on the bytes around them.
    pub(super) fn is_contained(&self) -> bool {
        match self {
            Self::Exact(finder) => !finder.needle().is_empty(),
            Self::AnyCase(_) => true,
            Self::Pattern(pattern) => pattern.is_contained(),
        }
    }

    /// Returns true if the search is faster than for any pattern.
    pub(super) fn is_exact(&self) -> bool {
        matches!(self, Self::Exact(_))
    }

    /// Returns the first match at or after `from`.
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
            Self::Pattern(pattern) => pattern.find(bytes, from),
        }
    }

    /// Returns all matches in a text, extended to whole characters, without empty ones.
    pub(super) fn find_first(&self, text: &str, max: usize) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(range) = (from <= text.len() && found.len() < max)
            .then(|| self.find(text.as_bytes(), from))
            .flatten()
        {
            // After an empty match, the search must move by one byte.
            from = range.end.max(range.start + 1);
            if !range.is_empty() {
                // A match over bytes may begin or end within a character.
                found.push(
                    text.floor_char_boundary(range.start)..text.ceil_char_boundary(range.end),
                );
            }
        }
        found
    }
}
