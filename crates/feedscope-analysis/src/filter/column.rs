//! Columns that a user requests: a jq expression with a name, run on payloads.

use std::fmt::Write as _;

use feedscope_core::record::Kind;
use jaq_json::Val;

use super::brackets::Brackets;
use super::field::FieldTest;
use super::problem::FilterProblem;
use crate::fields::{Path, is_decimal};
use crate::interpret::Interpreter;

/// Column of a table: the value of a jq expression in each payload.
///
/// ```
/// use feedscope_analysis::filter::{Column, ColumnValue};
/// use feedscope_core::Kind;
///
/// let columns = Column::parse_list("price=.price,.book.bid[0]").unwrap();
/// assert_eq!((columns[0].name(), columns[1].name()), ("price", "book.bid[0]"));
/// let kind = Kind::Line { data: br#"{"price":1.50,"book":{"bid":["x"]}}"# };
/// assert_eq!(columns[0].value(&kind), ColumnValue::Number("1.50".to_owned()));
/// assert_eq!(columns[1].value(&kind), ColumnValue::Text("x".to_owned()));
/// ```
pub struct Column {
    name: String,
    expression: FieldTest,
    /// Path to the same value; `None` for other expressions.
    path: Option<Path>,
}

/// Value of a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ColumnValue {
    /// The payload is no JSON, or the expression yields nothing or `null`.
    #[default]
    Missing,
    /// A number as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// An array or an object as JSON.
    Json(String),
}

impl Column {
    /// Parses columns with commas between them, each an expression or `NAME=EXPRESSION`. A column without a name is called
    /// as its expression, without the first dot.
    ///
    /// # Errors
    ///
    /// Names the mistake and its place in `text`.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, FilterProblem> {
        let mut columns = Vec::new();
        for (end, part) in Self::parts(text) {
            let (name, code) = match part.split_once('=') {
                Some((name, code)) if !name.trim().is_empty() && is_name(name.trim()) => {
                    (name.trim(), code)
                }
                _ => ("", part),
            };
            // Problems are reported by their places in the whole text.
            let code_start = end - code.len() + (code.len() - code.trim_start().len());
            let code = code.trim();
            let expression = FieldTest::parse(code).map_err(|(at, kind)| FilterProblem {
                at: at.start + code_start..at.end + code_start,
                kind,
            })?;
            let name = if name.is_empty() {
                code.strip_prefix('.').unwrap_or(code)
            } else {
                name
            };
            columns.push(Self {
                name: name.to_owned(),
                expression,
                // A path in parentheses has another name, so that jq evaluates it.
                path: Path::parse(code).ok().filter(|_| !code.starts_with('(')),
            });
        }
        Ok(columns)
    }

    /// Divides a list at the commas outside of brackets and strings. Each part has the place of its end in `text`.
    pub fn parts(text: &str) -> Vec<(usize, &str)> {
        let mut parts = Vec::new();
        let mut start = 0;
        for end in commas(text).into_iter().chain([text.len()]) {
            parts.push((end, &text[start..end]));
            start = end + 1;
        }
        parts
    }

    /// Name of the column.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Path to the value; `None` for other expressions.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_ref()
    }

    /// Returns the first value that the expression yields for the payload of a record.
    pub fn value(&self, kind: &Kind<'_>) -> ColumnValue {
        self.value_as(kind, &Interpreter::default())
    }

    /// Returns the first value for the payload of a record as `interpreter` reads it.
    pub fn value_as(&self, kind: &Kind<'_>, interpreter: &Interpreter) -> ColumnValue {
        let document = interpreter.document(kind);
        document.map_or(ColumnValue::Missing, |document| {
            self.value_in(document.bytes())
        })
    }

    /// Returns the first value that the expression yields for these bytes.
    pub(crate) fn value_in(&self, json: &[u8]) -> ColumnValue {
        let mut first = ColumnValue::Missing;
        self.expression.evaluator().outputs(json, &mut |value| {
            first = ColumnValue::of(&value);
            false
        });
        first
    }
}

impl ColumnValue {
    /// Returns true for a number, also for one in decimal text, as exchanges send prices.
    pub fn is_number(&self) -> bool {
        match self {
            Self::Number(_) => true,
            Self::Text(text) => is_decimal(text),
            Self::Missing | Self::Bool(_) | Self::Json(_) => false,
        }
    }

    fn of(value: &Val) -> Self {
        let mut text = String::new();
        // Writing to a string cannot fail.
        write!(text, "{value}").ok();
        match value {
            Val::Null => Self::Missing,
            Val::Bool(value) => Self::Bool(*value),
            Val::Num(_) => Self::Number(text),
            Val::BStr(bytes) | Val::TStr(bytes) => {
                Self::Text(String::from_utf8_lossy(bytes).into_owned())
            }
            Val::Arr(_) | Val::Obj(_) => Self::Json(text),
        }
    }
}

/// Returns the places of commas outside of brackets and strings.
fn commas(text: &str) -> Vec<usize> {
    let mut brackets = Brackets::default();
    let characters = text.char_indices();
    // A comma within a string or in brackets belongs to the expression.
    let outside = characters.filter(|&(_, c)| brackets.is_outside(c) && c == ',');
    outside.map(|(at, _)| at).collect()
}

/// Returns true for a text that can stand before the `=` of a column. An expression begins with a dot or a bracket.
fn is_name(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(list: &str, payload: &str) -> Vec<ColumnValue> {
        let columns = Column::parse_list(list).unwrap();
        let kind = Kind::Line {
            data: payload.as_bytes(),
        };
        columns.iter().map(|column| column.value(&kind)).collect()
    }

    #[test]
    fn values_keep_their_types_and_digits() {
        let payload =
            r#"{"n":12345678901234567890123,"f":0.10,"t":"a","b":true,"a":[1,"x"],"z":null}"#;
        assert_eq!(
            values(".n,.f,.t,.b,.a,.z,.missing,.t.x", payload),
            [
                ColumnValue::Number("12345678901234567890123".to_owned()),
                ColumnValue::Number("0.10".to_owned()),
                ColumnValue::Text("a".to_owned()),
                ColumnValue::Bool(true),
                ColumnValue::Json("[1,\"x\"]".to_owned()),
                ColumnValue::Missing,
                ColumnValue::Missing,
                ColumnValue::Missing,
            ]
        );
        assert_eq!(values(".a", "no json"), [ColumnValue::Missing]);
    }

    #[test]
    fn commas_in_brackets_belong_to_an_expression() {
        let columns = Column::parse_list(r#"pair=[.a,.b], .["x,y"],is=(.a == 1)"#).unwrap();
        let names: Vec<_> = columns.iter().map(Column::name).collect();
        assert_eq!(names, ["pair", "[\"x,y\"]", "is"]);
        let problem = Column::parse_list("ok=.a, bad=.b |").err().unwrap();
        assert!(problem.at.start >= 7, "{problem:?}");
    }
}
