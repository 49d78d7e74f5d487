//! A regular expression, compiled, with what its form says about where its matches can lie. Knows nothing of rows.

use std::ops::Range;

use regex_automata::Input;
use regex_automata::meta::{Config, Regex};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

use crate::filter::problem::ProblemKind;

/// A regular expression over bytes.
pub(in super::super) struct Pattern {
    regex: Box<Regex>,
    contained: bool,
}

/// A match up to this long may be looked for across rows: what is searched in vain beyond a row's end stays small.
const LONGEST_CONTAINED: usize = 4_096;

impl Pattern {
    /// A text in any case; `None` where that is too large an expression.
    pub(super) fn folded(text: &str) -> Option<Self> {
        // ASCII alone needs no Unicode tables: K is then not the Kelvin sign, and the search several times as fast.
        let mut parser = ParserBuilder::new();
        parser
            .case_insensitive(true)
            .unicode(!text.is_ascii())
            .utf8(false);
        let hir = parser.build().parse(&regex_syntax::escape(text));
        hir.ok().and_then(|hir| Self::of(&hir).ok())
    }

    /// The expression with this syntax tree.
    pub(super) fn of(hir: &Hir) -> Result<Self, ProblemKind> {
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
        Ok(Self {
            regex: Box::new(regex),
            contained,
        })
    }

    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        self.regex.is_match(bytes)
    }

    /// Whether looking for it in the bytes of many rows at once misses nothing that is in one of them: a match is short,
    /// and does not depend on what stands around it.
    pub(super) fn is_contained(&self) -> bool {
        self.contained
    }

    /// The first match at or after `from`.
    pub(super) fn find(&self, bytes: &[u8], from: usize) -> Option<Range<usize>> {
        let found = self.regex.find(Input::new(bytes).range(from..))?;
        Some(found.range())
    }
}
