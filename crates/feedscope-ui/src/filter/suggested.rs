//! Suggestions for the end of the typed filter: event types, fields, and the values of a field.

use feedscope_analysis::filter::{FoundOffers, ParseContext, narrowed};

use crate::suggestions::Suggestion;
use crate::words;

/// Number of fields that are suggested at once.
const MOST_FIELDS: usize = 14;

/// Comparison that follows a suggested field.
const EQUALS: &str = " == ";

/// Suggestion with the text that it makes of the filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SuggestedText {
    pub(super) shown: Suggestion,
    pub(super) result: String,
    /// A value is still missing.
    pub(super) is_partial: bool,
}

/// Suggestions for a typed text.
#[derive(Default)]
pub(super) struct Suggested {
    pub(super) entries: Vec<SuggestedText>,
    /// Field whose values complete the text.
    pub(super) field: Option<String>,
}

/// Returns the suggestions for a text among what was found in the feed.
pub(super) fn suggested(text: &str, found: &FoundOffers, context: ParseContext) -> Suggested {
    if let Some((field, start)) = compared_field(text) {
        let values = found.values.get(field).and_then(Option::as_ref);
        let typed = text[start..].trim();
        let is_known =
            |values: &&Vec<(String, u64)>| values.iter().any(|(value, _)| value == typed);
        let entries = match values {
            Some(values) if !is_known(&values) => values
                .iter()
                .filter(|(value, _)| contains(value, typed.trim_matches('"')))
                .map(|(value, count)| {
                    let result = format!("{}{value}", &text[..start]);
                    entry(words::shortened(value), *count, result, false)
                })
                .collect(),
            _ => Vec::new(),
        };
        return Suggested {
            entries,
            field: Some(field.to_owned()),
        };
    }
    let start = text
        .rfind(|sign: char| sign.is_whitespace() || sign == '(')
        .map_or(0, |at| at + 1);
    let (before, word) = text.split_at(start);
    let typed_type = word.strip_prefix("type:");
    let of_types = typed_type.unwrap_or(word);
    let types = found.types.iter().filter(|(name, _)| {
        !word.starts_with('.') && typed_type != Some(name.as_str()) && contains(name, of_types)
    });
    let types = types.map(|(name, count)| {
        let chosen = words::qualified_type(name);
        let result = with_term(before, word, &chosen, context);
        entry(chosen, *count, result, false)
    });
    let fields = found.fields.iter();
    let fields = fields.filter(|field| typed_type.is_none() && contains(&field.path, word));
    let fields = fields.take(MOST_FIELDS).map(|field| {
        let mut result = with_term(before, word, &field.path, context);
        result.push_str(EQUALS);
        entry(field.path.clone(), field.count, result, true)
    });
    Suggested {
        entries: types.chain(fields).collect(),
        field: None,
    }
}

/// Returns the text with a term in place of the word that is typed, or added to a complete text.
fn with_term(before: &str, word: &str, chosen: &str, context: ParseContext) -> String {
    if word.is_empty() && chosen.starts_with("type:") {
        // It takes the place of another type.
        return narrowed(before, chosen, &context);
    }
    format!("{before}{chosen}")
}

fn entry(text: String, count: u64, result: String, is_partial: bool) -> SuggestedText {
    SuggestedText {
        shown: Suggestion {
            text,
            detail: words::count(count),
        },
        result,
        is_partial,
    }
}

/// Returns the field that the end of the text compares, and the offset of the compared value.
fn compared_field(text: &str) -> Option<(&str, usize)> {
    let at = text.rfind("==").max(text.rfind("!="))?;
    let field = text[..at].trim_end();
    let start = field.rfind(|sign: char| sign.is_whitespace() || sign == '(');
    let field = &field[start.map_or(0, |at| at + 1)..];
    let rest = &text[at + 2..];
    let value = rest.trim_start();
    // A further word follows a value that is complete, unless it belongs to a string.
    let is_ended = !value.starts_with('"') && value.contains(char::is_whitespace)
        || value.starts_with('"') && value[1..].contains("\" ");
    let is_field = field.starts_with('.') && !is_ended;
    is_field.then(|| (field, text.len() - value.len()))
}

/// Returns true if a name contains the typed letters, in any case.
fn contains(name: &str, typed: &str) -> bool {
    typed.is_empty() || name.to_lowercase().contains(&typed.to_lowercase())
}

#[cfg(test)]
mod tests {
    use feedscope_analysis::filter::KnownField;

    use super::*;

    fn found() -> FoundOffers {
        let counted = |names: &[&str]| -> Vec<(String, u64)> {
            let counts = names.iter().zip(1_u64..);
            counts
                .map(|(name, count)| ((*name).to_owned(), count))
                .collect()
        };
        let values = counted(&["\"ACME\"", "\"HOOLI\"", "\"UMBRELLA\""]);
        FoundOffers {
            types: counted(&["price", "news"]),
            fields: counted(&[".symbol", ".price", ".book.bid"])
                .into_iter()
                .map(|(path, count)| KnownField {
                    path,
                    count,
                    is_decimal_text: false,
                })
                .collect(),
            values: [(".symbol".to_owned(), Some(values))].into(),
            is_answered: true,
        }
    }

    fn results(text: &str) -> Vec<String> {
        let suggested = suggested(text, &found(), ParseContext::default());
        suggested.entries.into_iter().map(|it| it.result).collect()
    }

    #[test]
    fn an_empty_text_offers_types_and_fields() {
        let expected = [
            "type:price",
            "type:news",
            ".symbol == ",
            ".price == ",
            ".book.bid == ",
        ];
        assert_eq!(results(""), expected);
        assert_eq!(results("acme ").len(), 5);
        assert_eq!(results("acme ")[0], "type:price acme");
        assert_eq!(results("acme ")[2], "acme .symbol == ");
        assert_eq!(results("type:price ")[1], "type:news");
    }

    #[test]
    fn a_partial_word_is_completed() {
        assert_eq!(results(".sy"), [".symbol == "]);
        assert_eq!(
            results("acme .b"),
            ["acme .symbol == ", "acme .book.bid == "][1..]
        );
        assert_eq!(results("PRI"), ["type:price", ".price == "]);
        assert_eq!(results("type:n"), ["type:news"]);
        assert_eq!(
            results(".price > 1 and .sy"),
            [".price > 1 and .symbol == "]
        );
        assert_eq!(results("(.sy"), ["(.symbol == "]);
        assert_eq!(results("type:price"), [""; 0]);
        assert_eq!(results("nothing like it"), [""; 0]);
    }

    #[test]
    fn values_follow_a_comparison() {
        let all = [
            ".symbol == \"ACME\"",
            ".symbol == \"HOOLI\"",
            ".symbol == \"UMBRELLA\"",
        ];
        assert_eq!(results(".symbol == "), all);
        assert_eq!(results(".symbol == \"l"), all[1..]);
        assert_eq!(results(".symbol == hoo"), [all[1]]);
        // A complete value offers nothing more.
        assert_eq!(results(all[0]), [""; 0]);
        assert_eq!(
            results(".symbol == \"ACME\" and .pri"),
            [".symbol == \"ACME\" and .price == "]
        );
        // The values of this field are not known yet.
        assert_eq!(results(".price != "), [""; 0]);
        let asked = suggested("x .price != ", &found(), ParseContext::default());
        assert_eq!(asked.field.as_deref(), Some(".price"));
    }
}
