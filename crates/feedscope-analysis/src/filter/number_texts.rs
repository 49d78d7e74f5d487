//! Comparisons of a filter with numbers, and the texts that payloads have in their place. jq orders every text above every
//! number, so that such a comparison does not do what most people expect.

use std::fmt;

use super::Filter;
use super::term::Test;
use crate::fields::{FieldReader, FoundValue, MOST_PATHS, Path, Value, is_decimal};

/// Fields that a filter compares with numbers.
///
/// ```
/// use feedscope_analysis::filter::{Filter, NumberComparisons, ParseContext};
///
/// let filter = Filter::parse(".price > 1", &ParseContext::default()).unwrap();
/// let comparisons = NumberComparisons::of(&filter).unwrap();
/// assert!(comparisons.find_text(br#"{"price":0.43}"#).is_none());
/// let found = comparisons.find_text(br#"{"price":"0.43"}"#).unwrap();
/// assert!(found.to_string().starts_with("jq compares .price as text"));
/// ```
#[derive(Debug)]
pub struct NumberComparisons {
    paths: Vec<Path>,
    reader: FieldReader,
}

/// Text of a decimal number that is compared with a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedText {
    path: String,
    text: String,
}

impl NumberComparisons {
    /// Returns the fields that a filter compares with numbers by their order; `None` if there are none.
    pub fn of(filter: &Filter) -> Option<Self> {
        let mut paths: Vec<Path> = Vec::new();
        for term in &filter.terms {
            let Test::Field(test) = &term.test else {
                continue;
            };
            for path in test.number_paths() {
                if !paths.contains(path) {
                    paths.push(path.clone());
                }
            }
        }
        paths.truncate(MOST_PATHS);
        let reader = FieldReader::new(paths.iter().cloned())?;
        (!paths.is_empty()).then_some(Self { paths, reader })
    }

    /// Returns the first of the fields that is the text of a decimal number in a payload.
    pub fn find_text(&self, payload: &[u8]) -> Option<ComparedText> {
        let values = self.reader.read(payload).ok()?;
        self.paths.iter().zip(values).find_map(|(path, found)| {
            let FoundValue::Value(Value::Text(text)) = found else {
                return None;
            };
            let text = text.to_str();
            is_decimal(&text).then(|| ComparedText {
                path: path.to_string(),
                text: text.into_owned(),
            })
        })
    }
}

impl fmt::Display for ComparedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, text } = self;
        write!(
            f,
            "jq compares {path} as text, such as \"{text}\", and text is above all numbers. ({path}|tonumber) in place of \
             {path} compares numbers."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::ParseContext;
    use super::*;

    fn paths(filter: &str) -> String {
        let filter = Filter::parse(filter, &ParseContext::default()).unwrap();
        let comparisons = NumberComparisons::of(&filter);
        let paths = comparisons.map_or_else(Vec::new, |it| it.paths);
        let paths: Vec<String> = paths.iter().map(Path::to_string).collect();
        paths.join(" ")
    }

    #[test]
    fn comparisons_of_fields_with_numbers_are_found() {
        for (filter, expected) in [
            (".price > 1", ".price"),
            (".a or 1 >= .price", ".price"),
            (
                ".price > -1.5 and .size < 2 or (.a.b <= 3 | not)",
                ".price .size .a.b",
            ),
            ("acme .price > 1 type:tick", ".price"),
            (".price > 1 and .price < 2", ".price"),
            (".type == \"ticker\" and .price > 0.5", ".price"),
            (".data[0].price > 1", ".data[0].price"),
            (".\"two words\" > 1", ".\"two words\""),
            (".[0] > 1", ".[0]"),
            // A text equals no number, which is also what people expect of jq.
            (".price == 1", ""),
            ("(.price|tonumber) > 1", ""),
            (".name > \"a\"", ""),
            (".price", ""),
            ("acme", ""),
        ] {
            assert_eq!(paths(filter), expected, "{filter}");
        }
    }

    #[test]
    fn only_texts_of_numbers_are_reported() {
        let filter = Filter::parse(".price > 1 or .size > 1", &ParseContext::default()).unwrap();
        let comparisons = NumberComparisons::of(&filter).unwrap();
        for payload in [
            "{\"price\":2,\"size\":0.5}",
            "{\"price\":\"high\"}",
            "{\"price\":null}",
            "{}",
            "no json",
        ] {
            assert_eq!(comparisons.find_text(payload.as_bytes()), None, "{payload}");
        }
        let found = comparisons.find_text(b"{\"price\":2,\"size\":\"1e-3\"}");
        assert_eq!(
            found.unwrap().to_string(),
            "jq compares .size as text, such as \"1e-3\", and text is above all numbers. (.size|tonumber) in place of .size \
             compares numbers."
        );
    }
}
