//! Reason for which typed text is not a filter, with its position in the text. It never concerns a record.

use std::fmt;
use std::ops::Range;

/// Problem with a typed filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterProblem {
    /// Range in bytes of the text, between whole characters. It is empty if something is missing.
    pub at: Range<usize>,
    /// Kind of the problem.
    pub kind: ProblemKind,
}

/// Kind of a problem. Its text is a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A quotation mark is not closed.
    UnclosedQuote,
    /// A qualifier has no value after its colon.
    NoValue(&'static str),
    /// The word after `is:` is unknown.
    UnknownIs {
        /// Typed word.
        word: String,
        /// Known words.
        known: Vec<&'static str>,
    },
    /// The text after `size:` is not a size.
    BadSize(String),
    /// The text after `after:` or `before:` is not a time.
    BadTime(String),
    /// The regular expression cannot be used. The value is the reason of its parser.
    BadPattern(String),
    /// A `-` precedes a jq expression.
    NegatedField,
    /// The jq expression cannot be parsed. The value is the expected token.
    FieldSyntax(String),
    /// The jq expression ends where it needs a value.
    FieldEnds,
    /// A jq expression calls an unknown function.
    UnknownFunction(String),
    /// A jq expression uses a function that may never end, that changes values, or that needs data a filter does not
    /// have.
    NotInFilters(String),
    /// The jq expression is too long or too deeply nested.
    FieldTooLong,
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnclosedQuote => f.write_str("This quotation mark is not closed"),
            Self::NoValue(name) => write!(f, "Something has to follow {name}:"),
            Self::UnknownIs { word, known } => {
                write!(f, "is:{word} is not known; there are {}", known.join(", "))
            }
            Self::BadSize(text) => write!(f, "{text} is no size; write >1k, <=100 or =0"),
            Self::BadTime(text) => write!(
                f,
                "{text} is no time; write 05:49, 05:49:10 or 2026-11-21T05:49:10Z"
            ),
            Self::BadPattern(reason) => {
                write!(f, "The regular expression cannot be used: {reason}")
            }
            Self::NegatedField => f.write_str("To negate a jq expression, end it with | not"),
            Self::FieldSyntax(expected) if expected == "nothing" => {
                f.write_str("The jq expression should end here")
            }
            Self::FieldSyntax(expected) if expected == "term" => {
                f.write_str("Incomplete jq expression: a value is missing here")
            }
            Self::FieldEnds => {
                f.write_str("Incomplete jq expression: a value is missing at the end")
            }
            Self::FieldSyntax(expected) => {
                write!(f, "Incomplete jq expression: {expected} is missing here")
            }
            Self::UnknownFunction(name) => write!(f, "jq has no {name} that fits here"),
            Self::NotInFilters(what) => write!(
                f,
                "{what} is not for filters: it may never end, or changes what it looks at"
            ),
            Self::FieldTooLong => f.write_str("The jq expression is too long or too deeply nested"),
        }
    }
}

impl fmt::Display for FilterProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for FilterProblem {}
