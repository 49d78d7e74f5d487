//! Newest values of a column of the table. Their memory is reused, because every record may bring new ones.

use feedscope_core::Moment;

use crate::fields::{Value, is_decimal};

/// Longest text of a value in bytes. The rest of a longer one is in its record.
const LONGEST: usize = 256;

/// Value of a column in a record of a key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LatestValue {
    text: String,
    is_number: bool,
    at: Moment,
}

/// The newest value of a column and the one before.
#[derive(Clone, Debug, Default)]
pub(super) struct ColumnValues {
    newest: LatestValue,
    previous: LatestValue,
    /// Number of values, up to 2.
    count: u8,
}

impl LatestValue {
    /// A text as it is, a number exactly as it was received, and other values as JSON; the beginning of a long value.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The number, also of a decimal text.
    pub fn number(&self) -> Option<f64> {
        self.is_number.then(|| self.text.parse().ok()).flatten()
    }

    /// Time of its record.
    pub fn at(&self) -> Moment {
        self.at
    }

    fn set(&mut self, value: Value<'_>, at: Moment) {
        self.at = at;
        self.text.clear();
        match value {
            Value::Null => self.text.push_str("null"),
            Value::Bool(value) => self.text.push_str(if value { "true" } else { "false" }),
            Value::Number(number) => push_beginning(&mut self.text, number),
            Value::Text(text) => push_beginning(&mut self.text, &text.to_str()),
            Value::Array(json) | Value::Object(json) => {
                let beginning = &json[..json.len().min(LONGEST + 4)];
                push_beginning(&mut self.text, &String::from_utf8_lossy(beginning));
            }
        }
        // A number that is longer than this is no price, and a part of it is another number.
        let is_scalar = matches!(value, Value::Number(_) | Value::Text(_));
        let is_whole = self.text.len() < LONGEST;
        self.is_number = is_scalar && is_whole && is_decimal(&self.text);
    }
}

impl ColumnValues {
    pub(super) fn newest(&self) -> Option<&LatestValue> {
        (self.count > 0).then_some(&self.newest)
    }

    pub(super) fn previous(&self) -> Option<&LatestValue> {
        (self.count > 1).then_some(&self.previous)
    }

    /// Sets the newest value. The one before it becomes the previous one.
    pub(super) fn set(&mut self, value: Value<'_>, at: Moment) {
        std::mem::swap(&mut self.newest, &mut self.previous);
        self.newest.set(value, at);
        self.count = (self.count + 1).min(2);
    }
}

fn push_beginning(to: &mut String, text: &str) {
    to.push_str(&text[..text.floor_char_boundary(LONGEST)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_has_its_beginning_and_is_no_number() {
        let mut values = ColumnValues::default();
        let digits = "1".repeat(LONGEST + 50);
        values.set(Value::Number(&digits), Moment::default());
        let newest = values.newest().unwrap();
        assert_eq!((newest.text().len(), newest.number()), (LONGEST, None));
        let wide = format!("[\"{}\"]", "é".repeat(LONGEST));
        values.set(Value::Array(wide.as_bytes()), Moment::default());
        let newest = values.newest().unwrap();
        assert!(newest.text().starts_with("[\"éé") && newest.text().len() <= LONGEST);
        assert_eq!(values.previous().unwrap().text().len(), LONGEST);
    }
}
