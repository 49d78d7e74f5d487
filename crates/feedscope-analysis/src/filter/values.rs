//! Values worth filtering on, with counts, over the newest rows. Looks at a bounded number of them and of bytes, and keeps
//! none.

use std::collections::HashMap;
use std::hash::Hash;

use jaq_json::Val;

use super::field::FieldTest;
use super::json_payload;
use super::problem::FilterProblem;
use feedscope_core::payload::json::{Outline, Shape};
use feedscope_core::record::Kind;
use feedscope_core::store::Store;

/// A jq expression that names a field, such as `.symbol` or `.book.bid[0]`.
pub struct FieldPath(FieldTest);

impl FieldPath {
    /// Understands what was typed.
    ///
    /// # Errors
    ///
    /// Says what is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, FilterProblem> {
        FieldTest::parse(text)
            .map(Self)
            .map_err(|(at, kind)| FilterProblem { at, kind })
    }
}

/// Longer ones are nothing to choose from a list.
const LONGEST_VALUE: usize = 200;

/// The values that a field has most often in the `newest` rows, as JSON, with how often.
///
/// Arrays and objects are no values to filter on. At most `most`, most often first, then in order.
pub fn field_values(
    store: &Store,
    path: &FieldPath,
    newest: usize,
    most: usize,
) -> Vec<(String, u64)> {
    let evaluator = path.0.evaluator();
    let mut counts = HashMap::new();
    each_newest(store, newest, |kind| {
        let Some(payload) = json_payload(kind) else {
            return;
        };
        evaluator.outputs(payload, &mut |value| {
            let json = match &value {
                Val::TStr(text) if text.len() <= LONGEST_VALUE => std::str::from_utf8(text)
                    .ok()
                    .and_then(|text| serde_json::to_string(text).ok()),
                Val::Num(_) | Val::Bool(_) => Some(value.to_string()),
                _ => None,
            };
            if let Some(json) = json.filter(|json| json.len() <= LONGEST_VALUE) {
                *counts.entry(json).or_insert(0) += 1;
            }
            true
        });
    });
    most_often(counts, most)
}

/// The fields that JSON payloads of the `newest` rows have, as jq paths, with how often: those with a text, number or
/// literal, outside of arrays. At most `most`, most often first, then in order.
pub fn fields(store: &Store, newest: usize, most: usize) -> Vec<(String, u64)> {
    /// Longer payloads are documents.
    const LONGEST_PAYLOAD: usize = 64 << 10;
    /// Deeper ones are seldom worth a filter.
    const DEEPEST: u32 = 3;
    let mut counts: HashMap<String, u64> = HashMap::new();
    each_newest(store, newest, |kind| {
        let Some(text) = json_payload(kind)
            .filter(|payload| payload.len() <= LONGEST_PAYLOAD)
            .and_then(|payload| std::str::from_utf8(payload).ok())
        else {
            return;
        };
        let Ok(outline) = Outline::of(text) else {
            return;
        };
        let mut at = 0;
        while at < outline.len() {
            let node = outline.node(at);
            match node.shape {
                Shape::Array(_) => at = node.next,
                Shape::Object(_) if node.depth >= DEEPEST => at = node.next,
                Shape::Object(_) => at += 1,
                Shape::String | Shape::Number | Shape::Literal => {
                    if node.depth > 0 {
                        *counts.entry(outline.path(text.as_bytes(), at)).or_insert(0) += 1;
                    }
                    at += 1;
                }
            }
        }
    });
    most_often(counts, most)
}

/// The event types that the `newest` rows have most often, with how often. At most `most`, most often first, then in
/// order.
pub fn event_types(store: &Store, newest: usize, most: usize) -> Vec<(String, u64)> {
    let mut counts: HashMap<Vec<u8>, u64> = HashMap::new();
    each_newest(store, newest, |kind| {
        let Kind::Event { event, .. } = kind else {
            return;
        };
        match counts.get_mut(*event) {
            Some(count) => *count += 1,
            None => drop(counts.insert(event.to_vec(), 1)),
        }
    });
    let text =
        |(event, count): (Vec<u8>, u64)| (String::from_utf8_lossy(&event).into_owned(), count);
    most_often(counts, most).into_iter().map(text).collect()
}

fn each_newest(store: &Store, newest: usize, mut look_at: impl FnMut(&Kind<'_>)) {
    const PORTION_BYTES: usize = 1 << 20;
    /// However large the rows are: a matter of some ten milliseconds.
    const MOST_BYTES: usize = 8 << 20;
    let mut end = store.extent().end;
    let mut left = newest;
    let mut bytes_left = MOST_BYTES;
    while left > 0
        && bytes_left > 0
        && let Some(portion) = store.portion_before(end, PORTION_BYTES)
    {
        portion
            .records()
            .rev()
            .take(left)
            .for_each(|(_, record)| look_at(&record.kind));
        left = left.saturating_sub(portion.row_count());
        bytes_left = bytes_left.saturating_sub(portion.size_bytes());
        end = portion.numbers().start;
    }
}

fn most_often<T: Hash + Ord>(counts: HashMap<T, u64>, most: usize) -> Vec<(T, u64)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b)));
    counts.truncate(most);
    counts
}
