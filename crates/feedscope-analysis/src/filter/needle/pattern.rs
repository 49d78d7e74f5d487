//! Compiled regular expression, with properties of its matches. It uses no rows.

use std::ops::Range;

use regex_automata::Input;
use regex_automata::meta::{Config, Regex};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

use crate::filter::problem::ProblemKind;

/// Regular expression over bytes.
pub(in super::super) struct Pattern {
    regex: Box<Regex>,
    contained: bool,
}

/// Maximum length of a match that is searched across rows. It bounds the wasted search after a row's end.
const LONGEST_CONTAINED: usize = 4_096;

impl Pattern {
    /// Creates a pattern for a text in any case; `None` if the expression would be too large.
    pub(super) fn folded(text: &str) -> Option<Self> {
        // ASCII alone needs no Unicode tables. Then K does not match the Kelvin sign, and the search is several times
        // as fast.
        let mut parser = ParserBuilder::new();
        parser
            .case_insensitive(true)
            .unicode(!text.is_ascii())
            .utf8(false);
        let hir = parser.build().parse(&regex_syntax::escape(text));
        hir.ok().and_then(|hir| Self::of(&hir).ok())
    }

    /// Compiles the expression with this syntax tree.
    pub(super) fn of(hir: &Hir) -> Result<Self, ProblemKind> {
        /// Maximum size in memory, because a short text such as `\w{500}` can need a large automaton.
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
        Ok(Self {
            regex: Box::new(regex),
            contained,
        })
    }

    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        self.regex.is_match(bytes)
    }

    /// Returns true if a search in the bytes of many rows at once finds every match within a row. Such matches are
    /// short and do not depend on the bytes around them.
    pub(super) fn is_contained(&self) -> bool {
        self.contained
    }

    /// Returns the first match at or after `from`.
    pub(super) fn find(&self, bytes: &[u8], from: usize) -> Option<Range<usize>> {
        let found = self.regex.find(Input::new(bytes).range(from..))?;
        Some(found.range())
    }
}
