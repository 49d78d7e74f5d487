//! Useful values for a filter, with counts over the newest rows. It reads a bounded number of rows and bytes, and keeps
//! no row.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use feedscope_core::payload::json::Shape;
use feedscope_core::record::Kind;
use feedscope_core::store::{RowNumber, Store};
use jaq_json::Val;

use super::field::FieldTest;
use super::problem::FilterProblem;
use crate::fields::is_decimal;
use crate::interpret::Interpreter;

/// Values with their number of occurrences, the most frequent first, then in order.
pub type Counted = Vec<(String, u64)>;

/// Field of the newest payloads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownField {
    /// Its jq path.
    pub path: String,
    /// Number of payloads that have it.
    pub count: u64,
    /// Most of its values are texts of decimal numbers, such as `"101.50"`. jq compares them as texts.
    pub is_decimal_text: bool,
}

/// jq expression that names a field, such as `.symbol` or `.book.bid[0]`. Cheap to clone.
#[derive(Clone)]
pub struct FieldPath(Arc<FieldTest>);

impl FieldPath {
    /// Parses typed text.
    ///
    /// # Errors
    ///
    /// Returns the problem and its position in the text.
    pub fn parse(text: &str) -> Result<Self, FilterProblem> {
        FieldTest::parse(text)
            .map(|test| Self(Arc::new(test)))
            .map_err(|(at, kind)| FilterProblem { at, kind })
    }
}

/// Maximum length in bytes of a value in a list.
const LONGEST_VALUE: usize = 200;

/// Returns the most frequent values of a field in the `newest` rows, as JSON. Arrays and objects are not suitable
/// values for a filter.
pub fn field_values(store: &Store, path: &FieldPath, newest: usize, most: usize) -> Counted {
    let mut counts = ValueCounts::new(path.clone());
    let interpreter = Interpreter::default();
    Newest::new(store, newest).each(store, |kind| counts.add(kind, &interpreter));
    counts.most_often(most)
}

/// Returns the fields of the JSON payloads of the `newest` rows, as `interpreter` reads them, with their jq paths. They
/// contain a string, number or literal and are outside of arrays.
pub fn fields(
    store: &Store,
    interpreter: &Interpreter,
    newest: usize,
    most: usize,
) -> Vec<KnownField> {
    let mut counts = FieldCounts::default();
    Newest::new(store, newest).each(store, |kind| counts.add(kind, interpreter));
    counts.most_often(most)
}

/// Returns the most frequent event types of the `newest` rows.
pub fn event_types(store: &Store, newest: usize, most: usize) -> Counted {
    let mut counts = TypeCounts::default();
    Newest::new(store, newest).each(store, |kind| counts.add(kind));
    counts.most_often(most)
}

/// Traversal of the newest rows of a store, newest first, in steps.
pub(super) struct Newest {
    end: RowNumber,
    rows_left: usize,
    bytes_left: usize,
}

impl Newest {
    /// Maximum number of bytes of a traversal for any size of rows. It takes about ten milliseconds.
    const MOST_BYTES: usize = 8 << 20;
    const PORTION_BYTES: usize = 1 << 20;

    pub(super) fn new(store: &Store, rows: usize) -> Self {
        Self {
            end: store.extent().end,
            rows_left: rows,
            bytes_left: Self::MOST_BYTES,
        }
    }

    /// Passes about `budget_bytes` more of the rows to `look_at`. Returns false if there are no more.
    pub(super) fn step(
        &mut self,
        store: &Store,
        budget_bytes: usize,
        mut look_at: impl FnMut(&Kind<'_>),
    ) -> bool {
        if self.rows_left == 0 || self.bytes_left == 0 {
            return false;
        }
        let Some(portion) = store.portion_before(self.end, budget_bytes) else {
            return false;
        };
        let newest_first = portion.records().rev().take(self.rows_left);
        newest_first.for_each(|(_, record)| look_at(&record.kind));
        self.rows_left = self.rows_left.saturating_sub(portion.row_count());
        self.bytes_left = self.bytes_left.saturating_sub(portion.size_bytes());
        self.end = portion.numbers().start;
        true
    }

    fn each(mut self, store: &Store, mut look_at: impl FnMut(&Kind<'_>)) {
        while self.step(store, Self::PORTION_BYTES, &mut look_at) {}
    }
}

/// Number of occurrences of each value of a field.
pub(super) struct ValueCounts {
    path: FieldPath,
    counts: HashMap<String, u64>,
}

impl ValueCounts {
    pub(super) fn new(path: FieldPath) -> Self {
        Self {
            path,
            counts: HashMap::new(),
        }
    }

    pub(super) fn add(&mut self, kind: &Kind<'_>, interpreter: &Interpreter) {
        let Some(document) = interpreter.document(kind) else {
            return;
        };
        let Self { path, counts } = self;
        path.0.evaluator().outputs(document.bytes(), &mut |value| {
            if let Some(json) = json_of(&value).filter(|json| json.len() <= LONGEST_VALUE) {
                *counts.entry(json).or_insert(0) += 1;
            }
            true
        });
    }

    pub(super) fn most_often(self, most: usize) -> Counted {
        most_often(self.counts, most)
    }
}

/// Returns a short string, a number or a literal as JSON.
fn json_of(value: &Val) -> Option<String> {
    match value {
        Val::TStr(text) if text.len() <= LONGEST_VALUE => {
            serde_json::to_string(std::str::from_utf8(text).ok()?).ok()
        }
        Val::Num(_) | Val::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Number of occurrences of each field.
#[derive(Default)]
pub(super) struct FieldCounts(HashMap<String, FieldCount>);

#[derive(Clone, Copy, Default)]
struct FieldCount {
    all: u64,
    /// Values that are texts of decimal numbers.
    decimal_texts: u64,
}

impl FieldCounts {
    /// Maximum length of a payload. Longer ones are documents, not messages.
    const LONGEST_PAYLOAD: usize = 64 << 10;
    /// Maximum depth of a field. Deeper ones are rarely useful in a filter.
    const DEEPEST: u32 = 3;

    pub(super) fn add(&mut self, kind: &Kind<'_>, interpreter: &Interpreter) {
        let document = interpreter.document(kind);
        let Some(document) = document.filter(|it| it.bytes().len() <= Self::LONGEST_PAYLOAD) else {
            return;
        };
        let Ok(outline) = document.outline() else {
            return;
        };
        let mut at = 0;
        while at < outline.len() {
            let node = outline.node(at);
            match node.shape {
                // Elements of arrays have no fixed path.
                Shape::Array(_) => at = node.next,
                Shape::Object(_) if node.depth >= Self::DEEPEST => at = node.next,
                Shape::Object(_) => at += 1,
                Shape::String | Shape::Number | Shape::Literal => {
                    // The payload itself is not a field.
                    if node.depth > 0 {
                        let path = outline.path(document.bytes(), at);
                        let count = self.0.entry(path).or_default();
                        count.all += 1;
                        let written = &document.bytes()[outline.range(document.bytes(), at)];
                        count.decimal_texts += u64::from(is_decimal_text(written));
                    }
                    at += 1;
                }
            }
        }
    }

    pub(super) fn most_often(self, most: usize) -> Vec<KnownField> {
        let counts = self.0.iter().map(|(path, count)| (path.clone(), count.all));
        let fields = most_often(counts.collect(), most).into_iter();
        let field = |(path, count): (String, u64)| {
            let texts = self.0.get(&path).map_or(0, |count| count.decimal_texts);
            KnownField {
                is_decimal_text: texts * 2 > count,
                path,
                count,
            }
        };
        fields.map(field).collect()
    }
}

/// Returns true for a JSON string that contains a decimal number.
fn is_decimal_text(written: &[u8]) -> bool {
    let text = written
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""));
    text.and_then(|text| std::str::from_utf8(text).ok())
        .is_some_and(is_decimal)
}

/// Number of occurrences of each event type.
#[derive(Default)]
pub(super) struct TypeCounts(HashMap<Vec<u8>, u64>);

impl TypeCounts {
    pub(super) fn add(&mut self, kind: &Kind<'_>) {
        let Kind::Event { event, .. } = kind else {
            return;
        };
        // This avoids a copy of a type that is already known.
        match self.0.get_mut(*event) {
            Some(count) => *count += 1,
            None => drop(self.0.insert(event.to_vec(), 1)),
        }
    }

    pub(super) fn most_often(self, most: usize) -> Counted {
        let text =
            |(event, count): (Vec<u8>, u64)| (String::from_utf8_lossy(&event).into_owned(), count);
        most_often(self.0, most).into_iter().map(text).collect()
    }
}

fn most_often<T: Hash + Ord>(counts: HashMap<T, u64>, most: usize) -> Vec<(T, u64)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b)));
    counts.truncate(most);
    counts
}
