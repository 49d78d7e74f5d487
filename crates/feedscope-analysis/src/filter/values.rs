//! Values worth filtering on, with counts, over the newest rows: at a bounded number of rows and of bytes, and keeping no
//! row.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use feedscope_core::payload::json::Shape;
use feedscope_core::record::Kind;
use feedscope_core::store::{RowNumber, Store};
use jaq_json::Val;

use super::field::FieldTest;
use super::problem::FilterProblem;
use crate::interpret::Interpreter;

/// Values with their number of occurrences, the most frequent first, then in order.
pub type Counted = Vec<(String, u64)>;

/// A jq expression that names a field, such as `.symbol` or `.book.bid[0]`. Cheap to clone.
#[derive(Clone)]
pub struct FieldPath(Arc<FieldTest>);

impl FieldPath {
    /// Parses what was typed.
    ///
    /// # Errors
    ///
    /// The problem and its place in the text.
    pub fn parse(text: &str) -> Result<Self, FilterProblem> {
        FieldTest::parse(text)
            .map(|test| Self(Arc::new(test)))
            .map_err(|(at, kind)| FilterProblem { at, kind })
    }
}

/// Longest value in bytes that is offered in a list.
const LONGEST_VALUE: usize = 200;

/// The values that a field has most often in the `newest` rows, as JSON. Arrays and objects are no values to filter on.
pub fn field_values(store: &Store, path: &FieldPath, newest: usize, most: usize) -> Counted {
    let mut counts = ValueCounts::new(path.clone());
    let interpreter = Interpreter::default();
    Newest::new(store, newest).each(store, |kind| counts.add(kind, &interpreter));
    counts.most_often(most)
}

/// The fields that the JSON payloads of the `newest` rows have, as jq paths: those with a text, number or literal,
/// outside of arrays.
pub fn fields(store: &Store, newest: usize, most: usize) -> Counted {
    let mut counts = FieldCounts::default();
    let interpreter = Interpreter::default();
    Newest::new(store, newest).each(store, |kind| counts.add(kind, &interpreter));
    counts.most_often(most)
}

/// The event types that the `newest` rows have most often.
pub fn event_types(store: &Store, newest: usize, most: usize) -> Counted {
    let mut counts = TypeCounts::default();
    Newest::new(store, newest).each(store, |kind| counts.add(kind));
    counts.most_often(most)
}

/// A walk over the newest rows of a store, newest first, in steps.
pub(super) struct Newest {
    end: RowNumber,
    rows_left: usize,
    bytes_left: usize,
}

impl Newest {
    /// Bytes that a walk looks at, however large the rows are: they take some ten milliseconds.
    const MOST_BYTES: usize = 8 << 20;
    const PORTION_BYTES: usize = 1 << 20;

    pub(super) fn new(store: &Store, rows: usize) -> Self {
        Self {
            end: store.extent().end,
            rows_left: rows,
            bytes_left: Self::MOST_BYTES,
        }
    }

    /// Passes about `budget_bytes` more of the rows to `look_at`; returns false when there are no more.
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

/// Occurrences of each value of a field.
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

/// A short text, a number or a literal, as JSON.
fn json_of(value: &Val) -> Option<String> {
    match value {
        Val::TStr(text) if text.len() <= LONGEST_VALUE => {
            serde_json::to_string(std::str::from_utf8(text).ok()?).ok()
        }
        Val::Num(_) | Val::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Occurrences of each field.
#[derive(Default)]
pub(super) struct FieldCounts(HashMap<String, u64>);

impl FieldCounts {
    /// Longer payloads are documents, not messages.
    const LONGEST_PAYLOAD: usize = 64 << 10;
    /// Deeper fields are seldom worth a filter.
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
                Shape::Array(_) => at = node.next,
                Shape::Object(_) if node.depth >= Self::DEEPEST => at = node.next,
                Shape::Object(_) => at += 1,
                Shape::String | Shape::Number | Shape::Literal => {
                    // The payload itself is no field.
                    if node.depth > 0 {
                        let path = outline.path(document.bytes(), at);
                        *self.0.entry(path).or_insert(0) += 1;
                    }
                    at += 1;
                }
            }
        }
    }

    pub(super) fn most_often(self, most: usize) -> Counted {
        most_often(self.0, most)
    }
}

/// Occurrences of each event type.
#[derive(Default)]
pub(super) struct TypeCounts(HashMap<Vec<u8>, u64>);

impl TypeCounts {
    pub(super) fn add(&mut self, kind: &Kind<'_>) {
        let Kind::Event { event, .. } = kind else {
            return;
        };
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
