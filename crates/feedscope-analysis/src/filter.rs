//! Text that a user types to see fewer rows: words, patterns, qualifiers and a jq expression.
//!
//! A row must match all of them. This code starts no thread and keeps no record; [`Scan`] reads a store only in steps.
//!
//! | typed | rows that match |
//! |---|---|
//! | `acme` | contain it, in any case; with an upper-case letter, exactly in this case |
//! | `"two words"` | contain it, including the space |
//! | `/AC.E/`, `/ac.e/i` | match the regular expression; `i` in any case |
//! | `text:=3` | are this text as a whole; `text:3` contain it, also where it looks like another term |
//! | `type:price` | have this event type, kind or note code |
//! | `id:1074` | have this last event ID |
//! | `is:in` | `in out event line text binary state comment retry ping pong close gap note failed error unanswered keep-alive` |
//! | `size:>1k` | have a payload of such a size in bytes: `<` `<=` `>` `>=` `=`, `k m g` or `ki mi gi` |
//! | `after:05:49:10` | came at or after this time of day, or RFC 3339 time; `before:` before it |
//! | `.price > 100` | have a JSON payload for which the jq expression is true |
//!
//! `-` before a word, pattern or qualifier negates it. Text is searched in payloads, close reasons and notes, and in
//! the JSON form of state changes and gaps.
//!
//! ```
//! use feedscope_analysis::filter::{Filter, ParseContext};
//! use feedscope_core::{Kind, Record, Stamp};
//!
//! let filter = Filter::parse("type:price .price > 100", &ParseContext::default()).unwrap();
//! let kind = Kind::Event { event: b"price", id: b"7", data: br#"{"price":101.5}"# };
//! assert!(filter.matches(&Record { stamp: Stamp::default(), connection: 1, kind }));
//! assert!(Filter::parse("size:big", &ParseContext::default()).is_err());
//! ```

mod brackets;
mod column;
mod field;
mod hits;
mod meant;
mod narrow;
mod needle;
mod number_texts;
mod offers;
mod parse;
mod problem;
mod scan;
mod term;
mod values;
mod when;

pub use column::{Column, ColumnValue};
pub use meant::{Meant, meant};
pub use narrow::narrowed;
pub use number_texts::{ComparedText, NumberComparisons};
pub use offers::{FoundOffers, Offers};
pub use parse::ParseContext;
pub use problem::{FilterProblem, ProblemKind};
pub use scan::{PAGE_HITS, Scan, ScanProgress};
pub use values::{Counted, FieldPath, KnownField, event_types, field_values, fields};

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use feedscope_core::record::{Kind, Record};
use feedscope_core::store::RowText;

use crate::error_report::is_error_as;
use crate::interpret::Interpreter;
use field::Evaluator;
pub(crate) use hits::Hits;
use needle::Needle;
pub(crate) use term::Is;
use term::{Term, Test, searched, size_of};
pub(crate) use when::{MICROS_PER_DAY, When};

/// Parsed filter.
pub struct Filter {
    /// Terms with the cheap ones first. A term may be shared with other filters.
    terms: Vec<Arc<Term>>,
}

/// Columns of a line that the qualifiers match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NamedColumns {
    /// Event type, kind or note code.
    pub name: bool,
    /// Last event ID.
    pub id: bool,
    /// Size of the payload.
    pub size: bool,
}

/// Facts about a record that only a lens knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// The record has an error of the protocol.
    pub has_error: bool,
    /// The record has a request.
    pub has_request: bool,
    /// The record only keeps the connection open.
    pub is_keep_alive: bool,
}

impl Filter {
    /// Parses typed text. An empty text matches every record.
    ///
    /// # Errors
    ///
    /// Returns the problem with its position in the text.
    pub fn parse(text: &str, context: &ParseContext) -> Result<Self, FilterProblem> {
        Ok(Self::with(parse::terms(text, *context)?))
    }

    /// Returns a filter for records that match both filters.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self::with(self.terms.iter().chain(&other.terms).cloned().collect())
    }

    /// Creates a filter that the program uses without a typed text.
    pub(crate) fn of(is: Is) -> Self {
        let test = Test::Is(is);
        let negated = false;
        Self::with(vec![Arc::new(Term { negated, test })])
    }

    fn with(mut terms: Vec<Arc<Term>>) -> Self {
        // Cheap tests run first, so that expensive ones often do not run.
        terms.sort_by_key(|term| term.test.cost());
        Self { terms }
    }

    /// Returns true if every record matches.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Returns true if `record` matches.
    pub fn matches(&self, record: &Record<'_>) -> bool {
        self.matches_as(record, &Interpreter::default())
    }

    /// Returns true if `record` matches with its payload as `interpreter` reads it.
    pub fn matches_as(&self, record: &Record<'_>, interpreter: &Interpreter) -> bool {
        Matcher::new(self, interpreter).matches(record, None)
    }

    /// Returns true if `record` matches with its payload and meaning as they are read.
    pub fn matches_read(
        &self,
        record: &Record<'_>,
        interpreter: &Interpreter,
        meaning: Meaning,
    ) -> bool {
        let mut matcher = Matcher::new(self, interpreter);
        matcher.meaning = meaning;
        matcher.matches(record, None)
    }

    /// Returns true if only requests without an answer match. Such a request matches when it is sent; the caller leaves
    /// it out as soon as its answer arrives.
    pub fn is_about_unanswered(&self) -> bool {
        let is_unanswered = |term: &Arc<Term>| matches!(term.test, Test::Is(Is::Unanswered));
        self.terms
            .iter()
            .any(|term| !term.negated && is_unanswered(term))
    }

    /// Returns true if requests without an answer do not match. Such a request matches as soon as its answer arrives.
    pub fn excludes_unanswered(&self) -> bool {
        let is_unanswered = |term: &Arc<Term>| matches!(term.test, Test::Is(Is::Unanswered));
        self.terms
            .iter()
            .any(|term| term.negated && is_unanswered(term))
    }

    /// Returns true if the match depends on facts that only a lens knows.
    pub fn needs_meaning(&self) -> bool {
        let is_of_lens = |term: &Arc<Term>| {
            matches!(
                term.test,
                Test::Is(Is::Error | Is::Unanswered | Is::KeepAlive)
            )
        };
        self.terms.iter().any(is_of_lens)
    }

    /// Returns the ranges of a payload's text that the words and patterns match, in bytes, for marks. They are sorted,
    /// do not touch, and end between whole characters.
    pub fn highlights(&self, text: &str) -> Vec<Range<usize>> {
        self.first_highlights(text, usize::MAX)
    }

    /// Returns the [`highlights`](Self::highlights) of at most `max` matches of each word and pattern.
    pub fn first_highlights(&self, text: &str, max: usize) -> Vec<Range<usize>> {
        let mut found: Vec<_> = self
            .needles()
            .flat_map(|(_, needle)| needle.find_first(text, max))
            .collect();
        found.sort_unstable_by_key(|range| (range.start, range.end));
        // Ranges that overlap or touch are joined.
        let mut apart: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for range in found {
            match apart.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => apart.push(range),
            }
        }
        apart
    }

    /// Returns the columns of a line that the qualifiers match, for marks. [`highlights`](Self::highlights) does the
    /// same for its payload.
    pub fn named_columns(&self, line: &RowText) -> NamedColumns {
        let mut named = NamedColumns::default();
        // A negated term matches no column.
        for term in self.terms.iter().filter(|term| !term.negated) {
            match &term.test {
                Test::Type(word) => named.name |= word.is(line.name.as_bytes()),
                Test::Id(id) => named.id |= *id == line.id.as_bytes(),
                Test::Size(comparison, size) => {
                    named.size |= line.size > 0 && comparison.holds(line.size, *size);
                }
                _ => {}
            }
        }
        named
    }

    /// Returns the required words and patterns, with their indexes among the terms.
    fn needles(&self) -> impl Iterator<Item = (usize, &Needle)> {
        self.terms
            .iter()
            .enumerate()
            .filter_map(|(place, term)| match &term.test {
                Test::Text(needle) if !term.negated => Some((place, needle)),
                _ => None,
            })
    }

    /// Factor by which a byte takes longer than one that is only searched.
    fn effort(&self) -> usize {
        /// Running jq against scanning for bytes.
        const OF_JQ: usize = 32;
        /// Reading fields against scanning for bytes.
        const OF_FIELDS: usize = 4;
        let effort = |term: &Arc<Term>| match &term.test {
            Test::Field(test) if test.is_quick() => OF_FIELDS,
            Test::Field(_) => OF_JQ,
            _ => 1,
        };
        self.terms.iter().map(effort).max().unwrap_or(1)
    }
}

/// Tests records one after the other. The state that a jq expression needs is created once for all of them.
struct Matcher<'a> {
    terms: &'a [Arc<Term>],
    interpreter: &'a Interpreter,
    /// Evaluators of the terms that are jq expressions, in order.
    evaluators: Vec<Evaluator<'a>>,
    meaning: Meaning,
}

impl<'a> Matcher<'a> {
    fn new(filter: &'a Filter, interpreter: &'a Interpreter) -> Self {
        let evaluators = filter.terms.iter().filter_map(|term| match &term.test {
            Test::Field(test) => Some(test.evaluator()),
            _ => None,
        });
        Self {
            terms: &filter.terms,
            interpreter,
            evaluators: evaluators.collect(),
            meaning: Meaning::default(),
        }
    }

    /// Returns true if there is no other term than the one at `known`.
    fn is_only(&self, known: Option<usize>) -> bool {
        self.terms.len() == usize::from(known.is_some())
    }

    /// Returns the bytes in which words and patterns are searched.
    fn searched<'k>(&self, kind: &Kind<'k>) -> Cow<'k, [u8]> {
        // Most feeds have no decoders, and this is called for each row.
        if self.interpreter.is_identity() {
            return searched(kind);
        }
        match self.interpreter.interpret(kind) {
            Some(read) => read.into_bytes(),
            None => searched(kind),
        }
    }

    /// Returns true if all terms match. The term at `known` is not tested, because its match is known.
    fn matches(&self, record: &Record<'_>, known: Option<usize>) -> bool {
        let mut evaluators = self.evaluators.iter();
        self.terms.iter().enumerate().all(|(place, term)| {
            let holds = match &term.test {
                // The search through the bytes has checked this term already.
                _ if known == Some(place) => return true,
                Test::Is(Is::Error) => {
                    self.meaning.has_error
                        || Is::Error.holds(&record.kind)
                        // Encoded bytes do not contain the report.
                        || (!self.interpreter.is_identity()
                            && is_error_as(&record.kind, self.interpreter))
                }
                Test::Is(Is::Unanswered) => self.meaning.has_request,
                Test::Is(Is::KeepAlive) => self.meaning.is_keep_alive,
                Test::Is(is) => is.holds(&record.kind),
                Test::Type(word) => word.names(&record.kind),
                Test::Id(id) => {
                    matches!(record.kind, Kind::Event { id: of_event, .. } if of_event == id)
                }
                Test::Size(comparison, size) => {
                    size_of(&record.kind).is_some_and(|of| comparison.holds(of, *size))
                }
                Test::After(when) => !when.is_after(record.stamp.utc),
                Test::Before(when) => when.is_after(record.stamp.utc),
                Test::Text(needle) => needle.is_in(&self.searched(&record.kind)),
                Test::Whole(text) => *text == *self.searched(&record.kind),
                Test::Field(_) => evaluators.next().is_some_and(|field| {
                    let document = self.interpreter.document(&record.kind);
                    document.is_some_and(|document| field.is_true(document.bytes()))
                }),
            };
            holds != term.negated
        })
    }
}
