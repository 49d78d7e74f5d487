//! A filter of the command line or of a file of connections, with its text, so that plans can be compared and printed.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use feedscope_analysis::filter::{Filter, Meaning, NumberComparisons, ParseContext};
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::Read;
use feedscope_core::record::Record;

use crate::complaint::complain;

/// A filter and its text. Filters are equal if their texts are. Cheap to clone.
#[derive(Clone)]
pub struct TypedFilter {
    text: String,
    filter: Arc<Filter>,
    text_check: Option<Arc<TextCheck>>,
}

/// Check of the first payloads for texts that the filter compares with numbers.
struct TextCheck {
    comparisons: NumberComparisons,
    /// Number of payloads that are still checked.
    left: AtomicU32,
}

impl TextCheck {
    /// Number of payloads that are checked. A feed that sends numbers as text does so from its beginning, and the check
    /// costs as much as the filter.
    const PAYLOADS: u32 = 1_000;

    /// Returns the sentence about the first payload with such a text, once.
    fn check(&self, record: &Record<'_>, interpreter: &Interpreter) -> Option<String> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return None;
        }
        let payload = interpreter.received(&record.kind)?;
        let Some(found) = self.comparisons.find_text(&payload) else {
            // Another thread may have counted or reported in the meantime.
            let counted = (left, left - 1, Ordering::Relaxed);
            self.left
                .compare_exchange(counted.0, counted.1, counted.2, counted.2)
                .ok();
            return None;
        };
        // Several threads may have found a text, and one of them reports it.
        (self.left.swap(0, Ordering::Relaxed) > 0).then(|| found.to_string())
    }
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
        let comparisons = NumberComparisons::of(&filter);
        let check = |comparisons| {
            Arc::new(TextCheck {
                comparisons,
                left: AtomicU32::new(TextCheck::PAYLOADS),
            })
        };
        Ok(Self {
            text: text.to_owned(),
            filter: Arc::new(filter),
            text_check: comparisons.map(check),
        })
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns true if the record is shown.
    pub fn matches(&self, record: &Record<'_>) -> bool {
        self.check_texts(record, &Interpreter::default());
        self.filter.matches(record)
    }

    /// Writes a sentence to standard error at the first payload with a text that is compared with a number.
    fn check_texts(&self, record: &Record<'_>, interpreter: &Interpreter) {
        let check = self.text_check.as_ref();
        if let Some(sentence) = check.and_then(|check| check.check(record, interpreter)) {
            complain(&format!("the filter `{}`", self.text), &sentence);
        }
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
        self.check_texts(record, interpreter);
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
