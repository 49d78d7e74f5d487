//! Values of several columns in a payload, read in as few passes as possible. It draws nothing.

mod filled;
mod offered;

pub use filled::{FilledColumns, TypeColumns, filled_columns};
pub use offered::{
    offered, offered_keys, offered_numbers, offered_record_keys, offered_sequences, offered_times,
};

use feedscope_core::record::Kind;

use crate::fields::{FieldReader, FoundValue, MOST_PATHS, Path, Value};
use crate::filter::{Column, ColumnValue, FilterProblem};
use crate::interpret::Interpreter;

/// Columns that a user requests, with the readers of their paths.
///
/// Paths such as `.price` are read without a tree, up to [`MOST_PATHS`] in one pass. Other expressions, and payloads
/// that the fast reader refuses, are evaluated by jq, so that the values are the same.
///
/// ```
/// use feedscope_analysis::columns::Columns;
/// use feedscope_analysis::filter::ColumnValue;
/// use feedscope_core::Kind;
///
/// let columns = Columns::parse(".symbol,half=(.price/2)").unwrap();
/// let kind = Kind::Line { data: br#"{"symbol":"ACME","price":3}"# };
/// let values = columns.values(&kind);
/// assert_eq!(values[0], ColumnValue::Text("ACME".to_owned()));
/// assert_eq!(values[1], ColumnValue::Number("1.5".to_owned()));
/// ```
#[derive(Default)]
pub struct Columns {
    list: Vec<Column>,
    passes: Vec<Pass>,
    interpreter: Interpreter,
}

/// Paths that are read in one pass, and the places of their columns.
struct Pass {
    reader: FieldReader,
    places: Vec<usize>,
}

impl Columns {
    /// Parses columns with commas between them, as [`Column::parse_list`] does.
    ///
    /// # Errors
    ///
    /// Names the mistake and its place in `text`.
    pub fn parse(text: &str) -> Result<Self, FilterProblem> {
        Column::parse_list(text).map(Self::new)
    }

    /// Creates the readers of these columns.
    pub fn new(columns: Vec<Column>) -> Self {
        let with_paths: Vec<(usize, Path)> = columns
            .iter()
            .enumerate()
            .filter_map(|(place, column)| Some((place, column.path()?.clone())))
            .collect();
        let pass = |chunk: &[(usize, Path)]| Pass {
            reader: FieldReader::new(chunk.iter().map(|(_, path)| path.clone()))
                .unwrap_or_default(),
            places: chunk.iter().map(|(place, _)| *place).collect(),
        };
        Self {
            passes: with_paths.chunks(MOST_PATHS).map(pass).collect(),
            list: columns,
            interpreter: Interpreter::default(),
        }
    }

    /// Returns these columns of payloads as `interpreter` reads them.
    #[must_use]
    pub fn with_interpreter(self, interpreter: Interpreter) -> Self {
        Self {
            interpreter,
            ..self
        }
    }

    /// Returns true if there are no columns.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Names of the columns, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(Column::name)
    }

    /// Returns the values of all columns in the payload of a record, in order.
    pub fn values(&self, kind: &Kind<'_>) -> Vec<ColumnValue> {
        self.values_as(kind, &self.interpreter)
    }

    /// Returns the values of all columns in the payload of a record as `interpreter` reads it.
    pub fn values_as(&self, kind: &Kind<'_>, interpreter: &Interpreter) -> Vec<ColumnValue> {
        match interpreter.document(kind) {
            Some(document) => self.values_in(document.bytes()),
            None => vec![ColumnValue::Missing; self.list.len()],
        }
    }

    /// Returns the values of all columns in these bytes, in order.
    pub fn values_in(&self, json: &[u8]) -> Vec<ColumnValue> {
        // Values that no pass could read are left to jq.
        let mut values = vec![None; self.list.len()];
        for Pass { reader, places } in &self.passes {
            // A payload that one pass refuses is refused by all of them.
            let Ok(found) = reader.read(json) else { break };
            for (place, found) in places.iter().zip(found) {
                values[*place] = of_found(found);
            }
        }
        let evaluated = values.into_iter().zip(&self.list);
        evaluated
            .map(|(value, column)| value.unwrap_or_else(|| column.value_in(json)))
            .collect()
    }
}

/// Returns the value of a column; `None` for arrays and objects, because jq writes them in its own form.
fn of_found(found: FoundValue<'_>) -> Option<ColumnValue> {
    Some(match found {
        FoundValue::Missing | FoundValue::NoParts | FoundValue::Value(Value::Null) => {
            ColumnValue::Missing
        }
        FoundValue::Value(Value::Bool(value)) => ColumnValue::Bool(value),
        FoundValue::Value(Value::Number(number)) if is_written_alike(number) => {
            ColumnValue::Number(number.to_owned())
        }
        FoundValue::Value(Value::Text(text)) => ColumnValue::Text(text.to_str().into_owned()),
        FoundValue::Value(Value::Number(_) | Value::Array(_) | Value::Object(_)) => return None,
    })
}

/// Returns true for a number that jq writes as it was received.
fn is_written_alike(number: &str) -> bool {
    !number.contains(['e', 'E']) && number != "-0"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn more_columns_than_one_pass_reads_are_read() {
        let names: Vec<String> = (0..20).map(|number| format!(".c{number}")).collect();
        let columns = Columns::parse(&names.join(",")).unwrap();
        let members: Vec<String> = (0..20).map(|n| format!("\"c{n}\":{n}.50")).collect();
        let values = columns.values_in(format!("{{{}}}", members.join(",")).as_bytes());
        for (number, value) in values.iter().enumerate() {
            assert_eq!(*value, ColumnValue::Number(format!("{number}.50")));
        }
        assert_eq!(columns.names().next(), Some("c0"));
        assert!(!columns.is_empty() && Columns::default().is_empty());
    }

    #[test]
    fn payloads_beyond_the_fast_reader_have_the_values_of_jq() {
        let columns = Columns::parse(".a,.b").unwrap();
        // A surrogate pair, which the fast reader leaves to jq.
        let values = columns.values_in(br#"{"a":"\ud83d\ude00","b":1e2}"#);
        assert_eq!(values[0], ColumnValue::Text("😀".to_owned()));
        let missing = columns.values_in(b"no JSON");
        assert_eq!(missing, [ColumnValue::Missing, ColumnValue::Missing]);
        let ping = Kind::Ping {
            direction: feedscope_core::Direction::In,
            data: br#"{"a":1}"#,
        };
        assert_eq!(columns.values(&ping)[0], ColumnValue::Missing);
    }

    proptest! {
        #[test]
        fn the_fast_values_are_those_of_jq(
            a in "(-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?|\"[a-zé\\\\n]{0,4}\"|null|true|\\[1, 2\\]|\\{\"b\": 1\\})",
            path in "(\\.a|\\.a\\.b|\\.a\\[0\\]|\\.b)",
        ) {
            let json = format!("{{\"a\":{a}}}");
            let column = Column::parse_list(&path).unwrap();
            let slow = column[0].value_in(json.as_bytes());
            let fast = Columns::new(column).values_in(json.as_bytes());
            prop_assert_eq!(&fast[0], &slow, "{} in {}", path, json);
        }
    }
}
