//! Text that is parsed as a filter while the user types.

use std::sync::Arc;

use feedscope_analysis::filter::{Filter, FilterProblem, ParseContext};

/// Signs that compare a path or compute with it.
const COMPARISONS: [char; 11] = ['<', '>', '=', '!', '|', '+', '-', '*', '/', '%', ','];

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
            Err(problem) => {
                self.problem = Some(problem);
                self.drop_begun_word(context);
            }
        }
        self.judged = Some((self.text.clone(), context));
    }

    /// Leaves the last word out of the last valid filter if it is only the beginning of a longer word in the present text,
    /// which has an error: `size` was valid on the way to `size:abc`, but nobody searches for it. A path is complete before
    /// a sign that compares it, such as `.price` in `.price>`.
    fn drop_begun_word(&mut self, context: ParseContext) {
        let Some(rest) = self.text.strip_prefix(&self.in_force) else {
            return;
        };
        let next = rest.chars().next();
        let is_compared = next.is_some_and(|next| COMPARISONS.contains(&next))
            && typed_path(&self.in_force).is_some();
        let goes_on = next.is_some_and(|next| !next.is_whitespace()) && !is_compared;
        let word = self
            .in_force
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + 1);
        if !goes_on || word >= self.in_force.len() {
            return;
        }
        let before = self.in_force[..word].trim_end().to_owned();
        if let Ok(filter) = Filter::parse(&before, &context) {
            self.understood = (!filter.is_empty()).then(|| Arc::new(filter));
            self.in_force = before;
        }
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

/// Returns the path at the end of a typed text that is compared with nothing, such as `.pri` on the way to `.price > 100`.
pub(crate) fn typed_path(text: &str) -> Option<&str> {
    let start = text.rfind(|sign: char| sign.is_whitespace() || sign == '(');
    let (before, path) = text.split_at(start.map_or(0, |at| at + 1));
    let is_sign = |sign: char| sign.is_alphanumeric() || "._[]\"-".contains(sign);
    let is_path = path.starts_with('.') && path.chars().all(is_sign);
    let is_compared = before.trim_end().ends_with(['<', '>', '=', '|', '+', '*']);
    (is_path && !is_compared).then_some(path)
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

    #[test]
    fn the_beginning_of_a_word_with_an_error_is_no_filter() {
        let context = ParseContext::default();
        let in_force = |text: &str| {
            let mut typed = Typed::default();
            for (at, sign) in text.char_indices() {
                text[..at + sign.len_utf8()].clone_into(&mut typed.text);
                typed.parse_if_changed(context);
            }
            let is_filter = typed.understood().is_some();
            assert_eq!(is_filter, !typed.in_force().is_empty());
            (typed.problem().is_some(), typed.in_force().to_owned())
        };
        let is = |text: &str| (true, text.to_owned());
        assert_eq!(in_force("size:abc"), is(""));
        assert_eq!(in_force("btc size:abc"), is("btc"));
        // The complete word before the error stays.
        assert_eq!(in_force(".price >"), is(".price"));
        assert_eq!(in_force(".price>"), is(".price"));
        assert_eq!(in_force("btc .price>"), is("btc .price"));
    }

    #[test]
    fn a_path_that_is_compared_with_nothing_is_unfinished() {
        for (text, path) in [
            (".le", Some(".le")),
            ("acme .book.bid", Some(".book.bid")),
            ("/tick 5/ .price", Some(".price")),
            (".price > 1 and (.si", Some(".si")),
            (".list[0]", Some(".list[0]")),
            (".", Some(".")),
            (".price > 1", None),
            (".bid > .ask", None),
            ("acme", None),
            (".name|length", None),
            ("", None),
        ] {
            assert_eq!(typed_path(text), path, "{text}");
        }
    }
}
