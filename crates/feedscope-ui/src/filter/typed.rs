//! Text that is parsed as a filter while the user types.

use std::sync::Arc;

use feedscope_analysis::filter::{Filter, FilterProblem, ParseContext};

/// Text of a field with its parsed form.
#[derive(Default)]
pub(crate) struct Typed {
    pub(crate) text: String,
    /// Text and context that were parsed last.
    judged: Option<(String, ParseContext)>,
    /// Error in the present text.
    problem: Option<FilterProblem>,
    /// Last valid filter.
    understood: Option<Arc<Filter>>,
    /// Text of that filter.
    in_force: String,
}

impl Typed {
    /// Parses the text if it or the context has changed since the last pass.
    pub(crate) fn parse_if_changed(&mut self, context: ParseContext) {
        let is_known = self
            .judged
            .as_ref()
            .is_some_and(|(text, of)| *text == self.text && *of == context);
        if is_known {
            return;
        }
        match Filter::parse(&self.text, &context) {
            Ok(filter) => {
                self.problem = None;
                self.understood = (!filter.is_empty()).then(|| Arc::new(filter));
                self.text.clone_into(&mut self.in_force);
            }
            // An incomplete text must not change the view, so that the last valid filter stays.
            Err(problem) => self.problem = Some(problem),
        }
        self.judged = Some((self.text.clone(), context));
    }

    /// Returns the error in the present text.
    pub(crate) fn problem(&self) -> Option<&FilterProblem> {
        self.problem.as_ref()
    }

    /// Returns the text of the filter that [`understood`](Self::understood) returns; empty without one.
    pub(crate) fn in_force(&self) -> &str {
        self.in_force.trim()
    }

    /// Replaces the last valid filter by an earlier one, while the present text has an error.
    pub(super) fn fall_back(&mut self, earlier: Option<Arc<Filter>>, text: &str) {
        self.understood = earlier;
        text.clone_into(&mut self.in_force);
    }

    /// Returns the last valid filter. A text with an error does not change it; an empty text gives `None`.
    pub(crate) fn understood(&self) -> Option<&Arc<Filter>> {
        self.understood.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_a_problem_leaves_what_was_understood() {
        let mut typed = Typed::default();
        let context = ParseContext::default();
        let mut type_in = |text: &str| {
            text.clone_into(&mut typed.text);
            typed.parse_if_changed(context);
            (typed.understood().cloned(), typed.problem().is_some())
        };
        assert!(matches!(type_in(""), (None, false)));
        let (Some(first), false) = type_in("size:>1k") else {
            panic!("it is a filter");
        };
        let (still, is_wrong) = type_in("size:>");
        assert!(still.is_some_and(|still| Arc::ptr_eq(&still, &first)) && is_wrong);
        let (same, _) = type_in("size:>");
        assert!(same.is_some_and(|same| Arc::ptr_eq(&same, &first)));
        assert!(matches!(type_in(" "), (None, false)));
    }
}
