//! Why something typed is no filter, with its place in the text. Never about a record: those match or do not.

use std::fmt;
use std::ops::Range;

/// What is wrong with a filter that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterProblem {
    /// Where, in bytes of the text; between whole characters, and empty where something is missing.
    pub at: Range<usize>,
    /// What.
    pub kind: ProblemKind,
}

/// What may be wrong; its text is a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A quotation mark has no other.
    UnclosedQuote,
    /// Nothing stands behind a qualifier's colon.
    NoValue(&'static str),
    /// The word behind `is:` is none of those that are known.
    UnknownIs {
        /// The word that was typed.
        word: String,
        /// The words that can be used.
        known: Vec<&'static str>,
    },
    /// What stands behind `size:` is no size.
    BadSize(String),
    /// What stands behind `after:` or `before:` is no time.
    BadTime(String),
    /// The regular expression cannot be used; the reason of its parser.
    BadPattern(String),
    /// A `-` before a jq expression.
    NegatedField,
    /// The jq expression does not parse; what was expected.
    FieldSyntax(String),
    /// A jq expression calls what does not exist.
    UnknownFunction(String),
    /// A jq expression uses what may not end, or changes values, or asks for what a filter has not.
    NotInFilters(String),
    /// The jq expression is too long or too deep.
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
            Self::FieldSyntax(expected) => {
                write!(f, "The jq expression should go on with {expected} here")
            }
            Self::UnknownFunction(name) => write!(f, "jq knows no {name} that fits here"),
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
