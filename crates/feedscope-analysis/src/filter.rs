//! What a user typed to see fewer rows: words, patterns, qualifiers and a jq expression.
//!
//! All of them have to hold. Never starts a thread and never keeps a record; [`Scan`] goes through a store as far as it is told to.
//!
//! | typed | rows that match |
//! |---|---|
//! | `acme` | contain it, in any case; with an upper-case letter, in that case |
//! | `"two words"` | contain it, the space included |
//! | `/AC.E/`, `/ac.e/i` | match the regular expression; `i` in any case |
//! | `type:price` | have this event type, kind or note code |
//! | `id:1074` | have this last event ID |
//! | `is:in` | `in out event text binary state comment retry ping pong close gap note failed` |
//! | `size:>1k` | have a payload of such a size in bytes: `<` `<=` `>` `>=` `=`, `k m g` or `ki mi gi` |
//! | `after:05:49:10` | came at or after this time of day, or RFC 3339 time; `before:` before it |
//! | `.price > 100` | have JSON for a payload of which the jq expression is true |
//!
//! `-` before a word, pattern or qualifier takes what does not match. Text is looked for in payloads, close reasons and
//! notes; in state changes and gaps, in their JSON form.
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

mod field;
mod hits;
mod narrow;
mod needle;
mod offers;
mod parse;
mod problem;
mod scan;
mod term;
mod values;
mod when;

pub use narrow::narrowed;
pub use offers::{Found, Offers};
pub use parse::ParseContext;
pub use problem::{FilterProblem, ProblemKind};
pub use scan::{PAGE_HITS, Progress, Scan};
pub use values::{Counted, FieldPath, event_types, field_values, fields};

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use feedscope_core::record::{Kind, Record};
use feedscope_core::store::RowText;

use crate::interpret::Interpreter;
use field::Evaluator;
use needle::Needle;
pub(crate) use term::Is;
use term::{Term, Test, searched, size_of};
pub(crate) use when::When;

/// What was typed, understood.
pub struct Filter {
    /// Cheap ones first; shared with filters that are made of several.
    terms: Vec<Arc<Term>>,
}

/// Columns of a line that qualifiers match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NamedColumns {
    /// The event type, kind or note code.
    pub name: bool,
    /// The last event ID.
    pub id: bool,
    /// The size.
    pub size: bool,
}

impl Filter {
    /// Understands what was typed; an empty text matches every record.
    ///
    /// # Errors
    ///
    /// Says what is wrong, and where.
    pub fn parse(text: &str, context: &ParseContext) -> Result<Self, FilterProblem> {
        Ok(Self::with(parse::terms(text, *context)?))
    }

    /// A filter for what both let through.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self::with(self.terms.iter().chain(&other.terms).cloned().collect())
    }

    /// One that is not typed.
    pub(crate) fn of(is: Is) -> Self {
        let test = Test::Is(is);
        let negated = false;
        Self::with(vec![Arc::new(Term { negated, test })])
    }

    fn with(mut terms: Vec<Arc<Term>>) -> Self {
        terms.sort_by_key(|term| term.test.cost());
        Self { terms }
    }

    /// Whether it lets every record through.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether `record` is to be shown.
    pub fn matches(&self, record: &Record<'_>) -> bool {
        Matcher::new(self, &Interpreter::default()).matches(record, None)
    }

    /// Which parts of a payload's text the words and patterns match, in bytes: for marking them. Sorted, apart from each
    /// other, and between whole characters.
    pub fn highlights(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<_> = self
            .needles()
            .flat_map(|(_, needle)| needle.find_all(text))
            .collect();
        found.sort_unstable_by_key(|range| (range.start, range.end));
        let mut apart: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for range in found {
            match apart.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => apart.push(range),
            }
        }
        apart
    }

    /// Which columns of a line the qualifiers match: for marking them. Its payload is for [`highlights`](Self::highlights).
    pub fn named_columns(&self, line: &RowText) -> NamedColumns {
        let mut named = NamedColumns::default();
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

    /// The words and patterns that have to be there, with their places among the terms.
    fn needles(&self) -> impl Iterator<Item = (usize, &Needle)> {
        self.terms
            .iter()
            .enumerate()
            .filter_map(|(place, term)| match &term.test {
                Test::Text(needle) if !term.negated => Some((place, needle)),
                _ => None,
            })
    }

    /// How much longer a byte takes than one that is only searched.
    fn effort(&self) -> usize {
        /// Parsing JSON against scanning for bytes.
        const OF_FIELDS: usize = 32;
        if self
            .terms
            .iter()
            .any(|term| matches!(term.test, Test::Field(_)))
        {
            OF_FIELDS
        } else {
            1
        }
    }
}

/// Tries records, one after the other: what a jq expression needs to run is set up once for all of them.
struct Matcher<'a> {
    terms: &'a [Arc<Term>],
    interpreter: &'a Interpreter,
    /// One for each term that is a jq expression, in order.
    evaluators: Vec<Evaluator<'a>>,
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
        }
    }

    /// Whether there is no other term than the one at `known`.
    fn is_only(&self, known: Option<usize>) -> bool {
        self.terms.len() == usize::from(known.is_some())
    }

    /// The bytes that words and patterns are looked for in.
    fn searched<'k>(&self, kind: &Kind<'k>) -> Cow<'k, [u8]> {
        match self.interpreter.interpret(kind) {
            Some(read) if !self.interpreter.is_identity() => read.into_bytes(),
            _ => searched(kind),
        }
    }

    /// Whether all terms hold; the one at `known` is known to.
    fn matches(&self, record: &Record<'_>, known: Option<usize>) -> bool {
        let mut evaluators = self.evaluators.iter();
        self.terms.iter().enumerate().all(|(place, term)| {
            let holds = match &term.test {
                _ if known == Some(place) => return true,
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
                Test::Field(_) => evaluators.next().is_some_and(|field| {
                    let document = self.interpreter.document(&record.kind);
                    document.is_some_and(|document| field.is_true(document.bytes()))
                }),
            };
            holds != term.negated
        })
    }
}
