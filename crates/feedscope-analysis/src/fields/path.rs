//! A path to a value in JSON, such as `.book.bid[0]`. Knows no payload.

use std::fmt;

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::load::{Lexer, Parser};
use jaq_core::path::{Opt, Part};

/// A path as in filters: `.price`, `.book.bid[0]`, `."two words"`. Cheap to clone.
///
/// `(.price|tonumber)` is read as the path `.price`, because readers of numbers take decimal text anyway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    steps: Vec<PathStep>,
    text: String,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PathStep {
    /// To the value of a key.
    Key(Box<str>),
    /// To an element of an array, counted from 0.
    Index(usize),
}

/// A text that is not a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAPath {
    text: String,
}

impl fmt::Display for NotAPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = feedscope_core::safe_text::safe(&self.text);
        write!(f, "`{text}` is not a path such as .time or .book.bid[0]")
    }
}

impl std::error::Error for NotAPath {}

/// Longest text of a path in bytes, as for filters.
const LONGEST: usize = 1_000;

impl Path {
    /// The path of the whole value.
    pub(crate) fn whole() -> Self {
        Self {
            steps: Vec::new(),
            text: ".".to_owned(),
        }
    }

    /// Parses what was typed.
    ///
    /// # Errors
    ///
    /// It is not a path: another expression, or one that yields several values.
    pub fn parse(text: &str) -> Result<Self, NotAPath> {
        let not_a_path = || NotAPath {
            text: text.to_owned(),
        };
        if text.len() > LONGEST {
            return Err(not_a_path());
        }
        let tokens = Lexer::new(text).lex().map_err(|_errors| not_a_path())?;
        let term = Parser::new(&tokens)
            .parse(Parser::term)
            .map_err(|_errors| not_a_path())?;
        // `tonumber` at the end changes no value here, because numbers in texts are read as numbers anyway.
        let term = match &term {
            Term::BinOp(path, BinaryOp::Pipe(None), call) if matches!(&**call, Term::Call("tonumber", arguments) if arguments.is_empty()) => {
                path
            }
            other => other,
        };
        let steps = steps(term).ok_or_else(not_a_path)?;
        Ok(Self {
            steps,
            text: text.to_owned(),
        })
    }

    /// The path that a term of jq stands for; `None` if it is none.
    pub(crate) fn of_term(term: &Term<&str>) -> Option<Self> {
        let steps = steps(term)?;
        let text = text_of(&steps);
        Some(Self { steps, text })
    }

    /// The path to a member of an object.
    pub(crate) fn of_key(key: String) -> Self {
        Self {
            steps: vec![PathStep::Key(key.into())],
            text: String::new(),
        }
    }

    pub(crate) fn steps(&self) -> &[PathStep] {
        &self.steps
    }
}

/// Returns the shortest text of a path.
fn text_of(steps: &[PathStep]) -> String {
    let is_plain = |key: &str| {
        let is_of_word = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
        key.chars().all(is_of_word)
            && !key.is_empty()
            && !key.starts_with(|it: char| it.is_ascii_digit())
    };
    let part = |(place, step): (usize, &PathStep)| match step {
        PathStep::Key(key) if is_plain(key) => format!(".{key}"),
        PathStep::Key(key) => format!(".{}", serde_json::Value::from(&**key)),
        // The path begins with a dot in any case.
        PathStep::Index(index) if place == 0 => format!(".[{index}]"),
        PathStep::Index(index) => format!("[{index}]"),
    };
    if steps.is_empty() {
        ".".to_owned()
    } else {
        steps.iter().enumerate().map(part).collect()
    }
}

impl fmt::Display for Path {
    /// As it was typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn steps(term: &Term<&str>) -> Option<Vec<PathStep>> {
    let (from, path) = match term {
        Term::Id => return Some(Vec::new()),
        Term::Path(from, path) => (from, path),
        _ => return None,
    };
    let mut steps = steps(from)?;
    for (part, optional) in &path.0 {
        // Ranges and `?` are left to jq.
        let (Part::Index(index), Opt::Essential) = (part, optional) else {
            return None;
        };
        steps.push(match index {
            Term::Str(None, parts) => PathStep::Key(key(parts)?.into()),
            Term::Num(number) => PathStep::Index(number.parse().ok()?),
            _ => return None,
        });
    }
    Some(steps)
}

/// A text of jq without expressions in it.
pub(crate) fn key(parts: &[StrPart<&str, Term<&str>>]) -> Option<String> {
    let mut key = String::new();
    for part in parts {
        match part {
            StrPart::Str(text) => key.push_str(text),
            StrPart::Char(char) => key.push(*char),
            // An interpolated expression has no fixed value.
            StrPart::Term(_) => return None,
        }
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_jq_writes_them() {
        let key = |key: &str| PathStep::Key(key.into());
        for (text, expected) in [
            (".", vec![]),
            (".a", vec![key("a")]),
            (".a.b", vec![key("a"), key("b")]),
            (".a[0].b", vec![key("a"), PathStep::Index(0), key("b")]),
            (".\"two words\"", vec![key("two words")]),
            (".[\"a\\\"b\"]", vec![key("a\"b")]),
            ("(.price|tonumber)", vec![key("price")]),
            ("( .a ).b", vec![key("a"), key("b")]),
        ] {
            let path = Path::parse(text).unwrap_or_else(|problem| panic!("{problem}"));
            assert_eq!(path.steps(), expected, "{text}");
            assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn other_expressions_are_refused() {
        for text in [
            "",
            "a",
            ".a?",
            ".[]",
            ".a[-1]",
            ".a[1:2]",
            ".a, .b",
            "..",
            ".a | length",
            ".a + 1",
            ".\"a\\(.b)\"",
            ".a[",
            ".[1.5]",
        ] {
            let problem = Path::parse(text).unwrap_err();
            assert!(problem.to_string().contains(text), "{problem}");
        }
        assert!(Path::parse(&format!(".{}", "a".repeat(LONGEST))).is_err());
    }
}
