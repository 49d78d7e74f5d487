//! Parser for typed filters: words, quoted text, patterns, qualifiers, and a jq expression. It does not evaluate them.

use std::ops::Range;
use std::sync::Arc;

use super::brackets::Brackets;
use super::field::FieldTest;
use super::needle::Needle;
use super::problem::{FilterProblem, ProblemKind};
use super::term::{Is, NumberTest, Term, Test, Word};
use super::when::When;
use feedscope_core::record::{Direction, KindTag};

/// Information for the parser besides the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParseContext {
    /// Offset of the window's time zone from UTC, in seconds; positive if it is ahead.
    pub zone_offset_seconds: i32,
}

/// Words with a meaning before a colon. Other words are text, as in `http://`.
pub(super) const QUALIFIERS: [&str; 7] = ["type", "id", "is", "size", "after", "before", "text"];

/// Parses all terms of a text, in order.
pub(super) fn terms(text: &str, context: ParseContext) -> Result<Vec<Arc<Term>>, FilterProblem> {
    let placed = ranges(text, context)?;
    Ok(placed.into_iter().map(|(term, _)| Arc::new(term)).collect())
}

/// Parses all terms of a text with their ranges, in order.
pub(super) fn ranges(
    text: &str,
    context: ParseContext,
) -> Result<Vec<(Term, Range<usize>)>, FilterProblem> {
    let mut terms = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| !c.is_whitespace()) {
        at += start;
        // A hyphen negates the term only if a term follows directly.
        let negated = text[at..].starts_with('-') && !ends_word(&text[at + 1..]);
        let start = at + usize::from(negated);
        let (test, end) = test(text, start, context)?;
        if negated && matches!(test, Test::Field(_)) {
            return Err(FilterProblem {
                at: at..start,
                kind: ProblemKind::NegatedField,
            });
        }
        terms.push((Term { negated, test }, at..end));
        at = end;
    }
    Ok(terms)
}

/// Returns the words that may follow `is:`.
fn is_words() -> impl Iterator<Item = &'static str> {
    [Direction::In, Direction::Out]
        .map(Direction::word)
        .into_iter()
        .chain(["failed", "error", "unanswered", "keep-alive"])
        .chain(KindTag::ALL.map(KindTag::word))
}

/// Parses the test that begins at `start`, and returns its end too.
fn test(text: &str, start: usize, context: ParseContext) -> Result<(Test, usize), FilterProblem> {
    let rest = &text[start..];
    // The order matters, because a jq expression may contain a slash, and a pattern a colon.
    if begins_field(rest) {
        let end = start + field_length(rest);
        let code = text[start..end].trim_end();
        let test = FieldTest::parse(code).map_err(|(at, kind)| moved(at, start, kind))?;
        return Ok((Test::Field(Box::new(test)), end));
    }
    if let Some((pattern, any_case, length)) = pattern(rest) {
        let needle =
            Needle::pattern(pattern, any_case).map_err(|(at, kind)| moved(at, start + 1, kind))?;
        return Ok((Test::Text(needle), start + length));
    }
    if let Some(name) = qualifier(rest) {
        let value_start = start + name.len() + 1;
        // `text:=` compares the whole payload, which may be empty.
        let is_whole = name == "text" && text[value_start..].starts_with('=');
        let (value, end) = value(text, value_start + usize::from(is_whole))?;
        if is_whole {
            return Ok((Test::Whole(value.into_bytes()), end));
        }
        if value.is_empty() {
            return Err(FilterProblem {
                at: start..value_start,
                kind: ProblemKind::NoValue(name),
            });
        }
        let test = qualified(name, &value, context).map_err(|kind| FilterProblem {
            at: value_start..end,
            kind,
        })?;
        return Ok((test, end));
    }
    let (value, end) = value(text, start)?;
    // `""` matches every payload.
    Ok((Test::Text(Needle::word(&value)), end))
}

fn moved(at: Range<usize>, by: usize, kind: ProblemKind) -> FilterProblem {
    FilterProblem {
        at: at.start + by..at.end + by,
        kind,
    }
}

fn qualified(name: &str, value: &str, context: ParseContext) -> Result<Test, ProblemKind> {
    let time = || {
        When::parse(value, context.zone_offset_seconds)
            .ok_or_else(|| ProblemKind::BadTime(value.to_owned()))
    };
    match name {
        "type" => Ok(Test::Type(Word::new(value))),
        "id" => Ok(Test::Id(value.as_bytes().to_vec())),
        "is" => is(value)
            .map(Test::Is)
            .ok_or_else(|| ProblemKind::UnknownIs {
                word: value.to_owned(),
                known: is_words().collect(),
            }),
        "size" => {
            let (comparison, size) =
                size(value).ok_or_else(|| ProblemKind::BadSize(value.to_owned()))?;
            Ok(Test::Size(comparison, size))
        }
        "text" => Ok(Test::Text(Needle::word(value))),
        "after" => Ok(Test::After(time()?)),
        _ => Ok(Test::Before(time()?)),
    }
}

fn is(word: &str) -> Option<Is> {
    let word = word.to_ascii_lowercase();
    let direction = [Direction::In, Direction::Out]
        .into_iter()
        .find(|direction| direction.word() == word);
    let kind = KindTag::ALL.into_iter().find(|kind| kind.word() == word);
    let failed = (word == "failed").then_some(Is::Failed);
    let failed = failed.or((word == "error").then_some(Is::Error));
    let failed = failed.or((word == "unanswered").then_some(Is::Unanswered));
    let failed = failed.or((word == "keep-alive").then_some(Is::KeepAlive));
    direction
        .map(Is::Direction)
        .or(kind.map(Is::Kind))
        .or(failed)
}

fn size(text: &str) -> Option<(NumberTest, u64)> {
    let comparisons = [
        ("<=", NumberTest::LessOrEqual),
        (">=", NumberTest::GreaterOrEqual),
        ("<", NumberTest::Less),
        (">", NumberTest::Greater),
        ("=", NumberTest::Equal),
    ];
    let sign = comparisons
        .iter()
        .find_map(|&(sign, comparison)| Some((comparison, text.strip_prefix(sign)?)));
    // A size without a sign must be equal.
    let (comparison, text) = sign.unwrap_or((NumberTest::Equal, text));
    let unit_at = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "ki" | "kib" => 1 << 10,
        "mi" | "mib" => 1 << 20,
        "gi" | "gib" => 1 << 30,
        _ => return None,
    };
    // A whole number is computed exactly; a fraction is rounded.
    if let Ok(whole) = number.parse::<u64>() {
        return Some((comparison, whole.checked_mul(factor)?));
    }
    let bytes = number.parse::<f64>().ok()? * factor as f64;
    Some((comparison, bytes.round() as u64))
}

/// Parses a word up to the next space, or text in quotation marks. Returns its end too.
///
/// Quotation marks count only around the whole value, so that `"price":1` is searched as typed.
fn value(text: &str, start: usize) -> Result<(String, usize), FilterProblem> {
    let rest = &text[start..];
    let word_end = start + rest.find(char::is_whitespace).unwrap_or(rest.len());
    if !rest.starts_with('"') {
        return Ok((text[start..word_end].to_owned(), word_end));
    }
    let mut quoted = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' if ends_word(&rest[at + 1..]) => return Ok((quoted, start + at + 1)),
            // Text follows the closing mark directly, so that the marks are a part of the word.
            '"' => return Ok((text[start..word_end].to_owned(), word_end)),
            '\\' => match chars.next() {
                Some((_, escaped @ ('"' | '\\'))) => quoted.push(escaped),
                // Only a quotation mark and a backslash can be quoted.
                Some((_, other)) => quoted.extend(['\\', other]),
                None => break,
            },
            _ => quoted.push(c),
        }
    }
    Err(FilterProblem {
        at: start..start + 1,
        kind: ProblemKind::UnclosedQuote,
    })
}

/// Parses a pattern between slashes. Returns the pattern, true if it matches any case, and its length with both slashes
/// and the `i`. If no slash closes it at the end of a word, it is text, as in `/api/events`.
fn pattern(rest: &str) -> Option<(&str, bool, usize)> {
    let inner = rest.strip_prefix('/')?;
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        let after = &inner[at + c.len_utf8()..];
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            // An empty pattern is text.
            '/' if at > 0 && ends_word(after) => return Some((&inner[..at], false, at + 2)),
            '/' if at > 0 && after.strip_prefix('i').is_some_and(ends_word) => {
                return Some((&inner[..at], true, at + 3));
            }
            _ => {}
        }
    }
    None
}

fn qualifier(rest: &str) -> Option<&'static str> {
    QUALIFIERS.into_iter().find(|name| {
        rest.strip_prefix(name)
            .is_some_and(|after| after.starts_with(':'))
    })
}

/// Returns true if an expression ends with a string, a number, `true`, `false` or `null`. Its last string begins at `string`.
fn ends_value(code: &str, string: usize) -> bool {
    if code.ends_with('"') {
        // `."key"` is a path.
        return !code[..string].ends_with('.');
    }
    let is_sign = |c: char| c.is_whitespace() || "=<>!+-*/%,|(:".contains(c);
    let word = code.rsplit(is_sign).next().unwrap_or_default();
    matches!(word, "true" | "false" | "null")
        || (word.starts_with(|c: char| c.is_ascii_digit()) && word.parse::<f64>().is_ok())
}

fn ends_word(rest: &str) -> bool {
    rest.chars().next().is_none_or(char::is_whitespace)
}

/// Returns true if a jq expression begins here: a path, optionally after parentheses. `.5` and `...` are text.
fn begins_field(rest: &str) -> bool {
    let Some(path) = rest.trim_start_matches('(').strip_prefix('.') else {
        return false;
    };
    match path.strip_prefix('.') {
        Some(after) => ends_word(after) || after.starts_with('|'),
        None => {
            ends_word(path)
                || path.starts_with(|c: char| {
                    c.is_ascii_alphabetic() || matches!(c, '_' | '[' | '"' | '|')
                })
        }
    }
}

/// Returns the length of the jq expression at the beginning: up to the end, up to a qualifier outside of all brackets and
/// strings, or up to a path after a value. jq would look for the path in the value, where it never is.
fn field_length(rest: &str) -> usize {
    let mut brackets = Brackets::default();
    let mut after_space = false;
    let mut string = 0;
    for (at, c) in rest.char_indices() {
        if c == '"' && !brackets.is_in_string() {
            string = at;
        }
        let is_outside = brackets.is_outside(c);
        if is_outside && after_space && c == '.' && ends_value(rest[..at].trim_end(), string) {
            return at;
        }
        // A qualifier ends the expression only at the start of a word.
        if is_outside && after_space && qualifier(rest[at..].trim_start_matches('-')).is_some() {
            return at;
        }
        after_space = c.is_whitespace();
    }
    rest.len()
}
