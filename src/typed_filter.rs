//! A filter of the command line or of a file of connections, with its text, so that plans can be compared and printed.

use std::fmt;
use std::sync::Arc;

use feedscope_analysis::filter::{Filter, Meaning, ParseContext};
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::Read;
use feedscope_core::record::Record;

/// A filter and its text. Filters are equal if their texts are. Cheap to clone.
#[derive(Clone)]
pub struct TypedFilter {
    text: String,
    filter: Arc<Filter>,
}

impl TypedFilter {
    /// Parses a filter as in the window, with times in UTC.
    ///
    /// # Errors
    ///
    /// A sentence about what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let filter = Filter::parse(text, &ParseContext::default())
            .map_err(|problem| format!("the filter `{text}`: {}", problem.kind))?;
        Ok(Self {
            text: text.to_owned(),
            filter: Arc::new(filter),
        })
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns true if the record is shown.
    pub fn matches(&self, record: &Record<'_>) -> bool {
        self.filter.matches(record)
    }

    /// Returns true if only requests without an answer are shown.
    pub fn is_about_unanswered(&self) -> bool {
        self.filter.is_about_unanswered()
    }

    /// Returns true if requests are shown only once they have an answer.
    pub fn excludes_unanswered(&self) -> bool {
        self.filter.excludes_unanswered()
    }

    /// Returns true if the record is shown, with its payload and meaning as they are read. A request is tested as one
    /// without an answer, or as one with an answer if only those are shown.
    pub fn matches_read(
        &self,
        record: &Record<'_>,
        interpreter: &Interpreter,
        reads: &[Read],
    ) -> bool {
        let meaning = Meaning {
            has_error: reads.iter().any(|read| read.error.is_some()),
            has_request: !self.excludes_unanswered() && reads.iter().any(|read| read.is_request),
            is_keep_alive: !reads.is_empty() && reads.iter().all(|read| read.is_keep_alive),
        };
        self.filter.matches_read(record, interpreter, meaning)
    }
}

impl fmt::Debug for TypedFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl PartialEq for TypedFilter {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_told_apart_by_their_text() {
        let filter = |text| TypedFilter::parse(text);
        assert_eq!(filter(".a > 1"), filter(".a > 1"));
        assert_ne!(filter("a"), filter("b"));
        assert_eq!(format!("{:?}", filter("a").unwrap()), "\"a\"");
        let problem = filter("size:big").unwrap_err();
        assert!(problem.contains("the filter `size:big`"), "{problem}");
    }
}
