//! Filter that a user probably means: a field without its dot, a text without quotation marks, a misspelled path or
//! qualifier, or a comparison of a number with the text of a number. It reads no record.

use std::ops::Range;

use super::parse::QUALIFIERS;
use super::values::KnownField;
use super::{Filter, ParseContext};
use crate::fields::{is_decimal, nearest};

/// Number of comparisons that are corrected.
const MOST: usize = 8;

/// Corrected filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant {
    /// Its text.
    pub text: String,
    /// The typed filter has the wrong hits: it compares numbers with texts.
    pub is_certain: bool,
}

/// Comparison in a typed text.
struct Comparison<'a> {
    name: Range<usize>,
    sign: &'a str,
    value: Range<usize>,
}

/// Returns the filter that a user probably means by a text with few or no hits; `None` if there is no better one. `known` are
/// the fields of the newest records.
///
/// ```
/// use feedscope_analysis::filter::{KnownField, ParseContext, meant};
///
/// let price = KnownField { path: ".price".to_owned(), count: 7, is_decimal_text: false };
/// let meant = meant("price > 140", &[price], &ParseContext::default()).unwrap();
/// assert_eq!(meant.text, ".price > 140");
/// ```
pub fn meant(typed: &str, known: &[KnownField], context: &ParseContext) -> Option<Meant> {
    let mut text = with_jq_words(typed);
    let mut is_certain = false;
    let mut from = 0;
    for _ in 0..MOST {
        let Some(comparison) = comparison(&text, from) else {
            break;
        };
        let Comparison { name, sign, value } = comparison;
        let corrected = corrected((&text[name.clone()], sign, &text[value.clone()]), known);
        let Some((written, is_of_texts)) = corrected else {
            from = value.end;
            continue;
        };
        is_certain |= is_of_texts;
        let range = name.start..value.end;
        from = range.start + written.len();
        text.replace_range(range, &written);
    }
    if text == typed && ends_in_open_pattern(typed) {
        text.push('/');
    }
    if text == typed {
        // A path alone is compared with nothing.
        let path = typed_path(typed)?;
        let found = nearest(&typed[path.clone()], known.iter().map(|it| &*it.path))?;
        text.replace_range(path, found);
    }
    (text != typed && Filter::parse(&text, context).is_ok()).then_some(Meant { text, is_certain })
}

/// Returns true if the last word begins like a pattern and has no slash at its end.
fn ends_in_open_pattern(typed: &str) -> bool {
    let last = typed.rsplit(char::is_whitespace).next().unwrap_or_default();
    last.strip_prefix('/')
        .is_some_and(|pattern| !pattern.is_empty() && !pattern.contains('/'))
}

/// Returns a text with the words of jq in place of the signs and the capital words that other languages have between
/// conditions. A text without a comparison is a search, and stays.
fn with_jq_words(typed: &str) -> String {
    const OTHERS: [(&str, &str); 4] = [("&&", "and"), ("||", "or"), ("AND", "and"), ("OR", "or")];
    if comparison(typed, 0).is_none() {
        return typed.to_owned();
    }
    let words = typed.split(' ').scan(false, |is_quoted, word| {
        let was_quoted = *is_quoted;
        *is_quoted ^= word.matches('"').count() % 2 == 1;
        let found = OTHERS.into_iter().find(|(other, _)| *other == word);
        Some(found.filter(|_| !was_quoted).map_or(word, |(_, jq)| jq))
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Returns the comparison as it should be written, and whether it compares numbers with texts; `None` if it needs no
/// correction.
fn corrected(
    (name, sign, value): (&str, &str, &str),
    known: &[KnownField],
) -> Option<(String, bool)> {
    let is_path = name.starts_with('.');
    if sign == ":" && (is_path || QUALIFIERS.contains(&name)) {
        return None;
    }
    let field = match field_of(name, is_path, sign == ":", known) {
        Some(field) => field,
        None if sign == ":" => return Some((format!("{}:{value}", meant_qualifier(name)?), false)),
        None => return None,
    };
    let written = match sign {
        "=" | ":" => "==",
        sign => sign,
    };
    let is_number = is_decimal(value);
    let is_of_texts = field.is_decimal_text && is_number;
    let is_complete = is_number
        || value.starts_with(['"', '.', '(', '['])
        || ["true", "false", "null"].contains(&value);
    let value = if is_complete {
        value.to_owned()
    } else {
        serde_json::to_string(value).ok()?
    };
    let path = if is_of_texts {
        format!("({}|tonumber)", field.path)
    } else {
        field.path.clone()
    };
    let is_correct = path == name && written == sign && is_complete;
    (!is_correct).then(|| (format!("{path} {written} {value}"), is_path && is_of_texts))
}

/// Returns the qualifier that a misspelled one stands for.
fn meant_qualifier(name: &str) -> Option<&'static str> {
    // In a shorter word, any letter would be a mistake.
    let is_long = name.chars().count() >= 3;
    let is_written_large = QUALIFIERS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name));
    nearest(name, QUALIFIERS).filter(|_| is_long || is_written_large)
}

/// Returns the field that a name stands for.
fn field_of<'a>(
    name: &str,
    is_path: bool,
    is_exact: bool,
    known: &'a [KnownField],
) -> Option<&'a KnownField> {
    let path = if is_path {
        name.to_owned()
    } else {
        format!(".{name}")
    };
    let same = known.iter().find(|field| field.path == path);
    if same.is_some() || is_exact {
        return same;
    }
    // A path into a list is known only by its beginning.
    if path.contains('[') {
        return None;
    }
    let found = nearest(&path, known.iter().map(|field| &*field.path))?;
    known.iter().find(|field| field.path == found)
}

/// Returns the first comparison from an offset on. Quoted texts and patterns are passed over.
fn comparison(text: &str, from: usize) -> Option<Comparison<'_>> {
    /// Longer signs come first.
    const SIGNS: [&str; 8] = ["==", "!=", "<=", ">=", "=", "<", ">", ":"];
    let mut at = from;
    let mut is_quoted = false;
    while let Some(character) = text[at..].chars().next() {
        let rest = &text[at..];
        match character {
            '\\' if is_quoted => {
                at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8);
                continue;
            }
            '"' => is_quoted = !is_quoted,
            '/' if !is_quoted && begins_word(text, at) => {
                // A pattern ends at the next slash.
                at += 1 + rest[1..].find('/').map_or(rest.len() - 1, |end| end + 1);
                continue;
            }
            _ => {}
        }
        let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
        if let Some(sign) = sign.filter(|_| !is_quoted) {
            let name = name_before(text, at);
            let value = value_after(text, at + sign.len());
            // `12:30` and `http://` are no comparisons of fields, and neither is a sign without both sides.
            let is_pair = sign != ":" || value.start == at + 1 && name.end == at;
            if !name.is_empty() && !value.is_empty() && is_pair && name.start >= from {
                return Some(Comparison { name, sign, value });
            }
            at += sign.len();
            continue;
        }
        at += character.len_utf8();
    }
    None
}

fn begins_word(text: &str, at: usize) -> bool {
    text[..at].ends_with(char::is_whitespace) || at == 0
}

fn is_of_name(sign: char) -> bool {
    sign.is_alphanumeric() || "._-[]".contains(sign)
}

/// Returns the range of the name before a sign.
fn name_before(text: &str, at: usize) -> Range<usize> {
    let end = text[..at].trim_end().len();
    let start = text[..end]
        .rfind(|sign: char| !is_of_name(sign))
        .map_or(0, |found| {
            found + text[found..].chars().next().map_or(1, char::len_utf8)
        });
    let is_name = text[start..end]
        .starts_with(|sign: char| sign.is_alphabetic() || sign == '_' || sign == '.');
    if is_name { start..end } else { end..end }
}

/// Returns the range of the value after a sign.
fn value_after(text: &str, at: usize) -> Range<usize> {
    let start = text.len() - text[at..].trim_start().len();
    let rest = &text[start..];
    if let Some(inner) = rest.strip_prefix('"') {
        let mut is_escaped = false;
        let end = inner.find(|sign: char| {
            let ends = sign == '"' && !is_escaped;
            is_escaped = sign == '\\' && !is_escaped;
            ends
        });
        return start..end.map_or(text.len(), |end| start + end + 2);
    }
    let end = rest.find(|sign: char| sign.is_whitespace() || sign == ')');
    start..end.map_or(text.len(), |end| start + end)
}

/// Returns the range of a path at the end of a text that is compared with nothing.
fn typed_path(text: &str) -> Option<Range<usize>> {
    let end = text.trim_end().len();
    let start = text[..end]
        .rfind(char::is_whitespace)
        .map_or(0, |at| at + 1);
    let path = &text[start..end];
    let is_path = path.len() > 1 && path.starts_with('.') && path.chars().all(is_of_name);
    is_path.then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<KnownField> {
        let field = |path: &str, is_decimal_text| KnownField {
            path: path.to_owned(),
            count: 1,
            is_decimal_text,
        };
        vec![
            field(".price", false),
            field(".symbol", false),
            field(".size", true),
            field(".book.bid", false),
            field(".open", false),
        ]
    }

    fn text(typed: &str) -> Option<String> {
        meant(typed, &known(), &ParseContext::default()).map(|meant| meant.text)
    }

    #[test]
    fn a_missing_dot_and_quotation_marks_are_added() {
        for (typed, expected) in [
            ("price > 140", ".price > 140"),
            ("price>140", ".price > 140"),
            ("price >= -1.5", ".price >= -1.5"),
            ("price = 140", ".price == 140"),
            ("symbol:ACME", ".symbol == \"ACME\""),
            ("symbol == ACME", ".symbol == \"ACME\""),
            (".symbol == ACME", ".symbol == \"ACME\""),
            (".symbol = \"A B\"", ".symbol == \"A B\""),
            ("symbol != \"A \\\" B\"", ".symbol != \"A \\\" B\""),
            ("bid > 3", ".book.bid > 3"),
            ("book.bid > 3", ".book.bid > 3"),
            ("open == true", ".open == true"),
            ("acme price > 3", "acme .price > 3"),
            (
                "price > 3 and symbol == ACME",
                ".price > 3 and .symbol == \"ACME\"",
            ),
            (".pirce > 3", ".price > 3"),
            ("prise > 3", ".price > 3"),
            ("(price > 3)", "(.price > 3)"),
        ] {
            assert_eq!(text(typed).as_deref(), Some(expected), "{typed}");
        }
    }

    #[test]
    fn a_pattern_that_is_not_closed_is_closed() {
        for (typed, expected) in [
            ("/S[12]", Some("/S[12]/")),
            ("type:price /AC.E", Some("type:price /AC.E/")),
            // It is no pattern, closed or not.
            ("/S[1", None),
            ("/", None),
            ("/AC.E/", None),
            ("/a/b", None),
        ] {
            assert_eq!(text(typed).as_deref(), expected, "{typed}");
        }
    }

    #[test]
    fn conditions_are_joined_by_the_words_of_jq() {
        for (typed, expected) in [
            (
                ".price > 3 && symbol == ACME",
                ".price > 3 and .symbol == \"ACME\"",
            ),
            ("price > 3 || .open", ".price > 3 or .open"),
            (
                ".price > 3 AND .symbol == \"A && OR\"",
                ".price > 3 and .symbol == \"A && OR\"",
            ),
        ] {
            assert_eq!(text(typed).as_deref(), Some(expected), "{typed}");
        }
        assert_eq!(text("cats AND dogs"), None);
    }

    #[test]
    fn a_path_that_no_record_has_is_replaced_by_the_nearest_one() {
        assert_eq!(text(".sy").as_deref(), Some(".symbol"));
        assert_eq!(text("acme .bid").as_deref(), Some("acme .book.bid"));
        assert_eq!(text(".symbol"), None);
    }

    #[test]
    fn a_misspelled_qualifier_is_replaced_by_the_nearest_one() {
        for (typed, expected) in [
            ("tipe:error", "type:error"),
            ("tpye:error", "type:error"),
            ("Type:error", "type:error"),
            ("typ:price acme", "type:price acme"),
            ("acme tipe:\"a b\"", "acme type:\"a b\""),
            ("siez:>1k", "size:>1k"),
            ("befor:06:00", "before:06:00"),
            ("IS:failed", "is:failed"),
        ] {
            assert_eq!(text(typed).as_deref(), Some(expected), "{typed}");
        }
        // What is no filter is not offered.
        for typed in [
            "siez:big",
            "site:example.org",
            "user:7",
            "in:failed",
            "12:30",
        ] {
            assert_eq!(text(typed), None, "{typed}");
        }
    }

    #[test]
    fn numbers_are_not_compared_with_texts() {
        let of = |typed: &str| meant(typed, &known(), &ParseContext::default());
        let expected = |text: &str, is_certain| {
            let text = text.to_owned();
            Some(Meant { text, is_certain })
        };
        assert_eq!(of(".size > 5"), expected("(.size|tonumber) > 5", true));
        assert_eq!(of("size > 5"), expected("(.size|tonumber) > 5", false));
        assert_eq!(of(".size == \"5\""), None);
        assert_eq!(of("(.size|tonumber) > 5"), None);
    }

    #[test]
    fn other_texts_are_left_alone() {
        for typed in [
            "",
            "acme",
            "type:price",
            "size:>1k",
            "after:05:49",
            "http://example.org",
            ".price > 140",
            ".symbol == \"ACME\"",
            ".quantity > 3",
            "\"price > 140\"",
            "/price > 140/",
            ".list[0] > 3",
            "price >",
            "> 3",
            "é > 3",
            "price: 140",
        ] {
            assert_eq!(text(typed), None, "{typed}");
        }
    }
}
