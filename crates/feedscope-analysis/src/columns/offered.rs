//! Fields that are useful as columns: most payloads have them, they vary, and they are short.

use std::collections::{HashMap, HashSet};

use feedscope_core::payload::json::Shape;
use feedscope_core::store::{RowNumber, Store};

use crate::interpret::{Interpretation, received};

/// Number of the newest rows that are read.
const NEWEST: usize = 500;

/// Bytes of rows that are read at most, which takes a few milliseconds.
const MOST_BYTES: usize = 2 << 20;

/// Longest value in bytes, without quotation marks.
const LONGEST: usize = 24;

/// Longest payload in bytes that is read.
const LONGEST_PAYLOAD: usize = 16 << 10;

/// Deepest field.
const DEEPEST: u32 = 3;

/// Number of different values that are counted, which distinguishes fields that vary.
const MOST_VALUES: usize = 8;

/// Values of one field.
#[derive(Default)]
struct Field {
    count: usize,
    values: HashSet<Vec<u8>>,
    is_long: bool,
    /// Number of the field in the payload where it was first seen.
    place: usize,
}

/// Returns up to `most` paths of fields that are useful as columns, in the order of the payload.
pub fn offered(store: &Store, most: usize) -> Vec<String> {
    let mut fields: HashMap<String, Field> = HashMap::new();
    let mut payloads = 0;
    let (mut end, mut bytes_left) = (RowNumber::MAX, MOST_BYTES);
    while payloads < NEWEST && bytes_left > 0 {
        let Some(portion) = store.portion_before(end, bytes_left) else {
            break;
        };
        for (_, record) in portion.records().rev().take(NEWEST - payloads) {
            payloads +=
                usize::from(received(&record.kind).is_some_and(|data| add(&mut fields, data)));
        }
        // The newest rows are read first, because a feed may change.
        bytes_left = bytes_left.saturating_sub(portion.size_bytes());
        end = portion.numbers().start;
    }
    // A field of half of the records is useful, because feeds may mix several types.
    let mut useful: Vec<(usize, String)> = fields
        .into_iter()
        .filter(|(_, field)| {
            !field.is_long && field.values.len() > 1 && field.count * 2 >= payloads
        })
        .map(|(path, field)| (field.place, path))
        .collect();
    useful.sort_unstable();
    useful.truncate(most);
    useful.into_iter().map(|(_, path)| path).collect()
}

/// Counts the fields of a payload. Returns true for an object.
fn add(fields: &mut HashMap<String, Field>, data: &[u8]) -> bool {
    if data.len() > LONGEST_PAYLOAD || data.trim_ascii_start().first() != Some(&b'{') {
        return false;
    }
    let Ok(outline) = Interpretation::of_bytes(data).outline() else {
        return false;
    };
    let mut at = 1;
    while at < outline.len() {
        let node = outline.node(at);
        let next = match node.shape {
            // Elements of arrays have no fixed path.
            Shape::Array(_) => node.next,
            Shape::Object(_) if node.depth >= DEEPEST => node.next,
            Shape::Object(_) => at + 1,
            Shape::String | Shape::Number | Shape::Literal => {
                let field = fields.entry(outline.path(data, at)).or_default();
                if field.count == 0 {
                    field.place = at;
                }
                field.count += 1;
                let value = &data[outline.range(data, at)];
                field.is_long |= value.len() > LONGEST + 2;
                if field.values.len() < MOST_VALUES {
                    field.values.insert(value.to_vec());
                }
                at + 1
            }
        };
        at = next;
    }
    true
}

#[cfg(test)]
mod tests {
    use feedscope_core::store::DEFAULT_BUDGET_BYTES;
    use feedscope_core::{Kind, Record, Sink as _, Stamp};

    use super::*;

    #[test]
    fn fields_that_vary_and_are_short_are_offered_in_order() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        let long = "x".repeat(LONGEST + 1);
        for number in 0..20 {
            let rare = if number == 3 { ",\"rare\":1" } else { "" };
            let data = format!(
                "{{\"type\":\"tick\",\"symbol\":\"S{}\",\"book\":{{\"bid\":{number}}},\"list\":[{number}],\"note\":\"{long}{number}\",\"price\":\"{number}.5\"{rare}}}",
                number % 3
            );
            let kind = Kind::Line {
                data: data.as_bytes(),
            };
            writer.push(&Record {
                stamp: Stamp::default(),
                connection: 1,
                kind,
            });
        }
        assert_eq!(offered(&store, 9), [".symbol", ".book.bid", ".price"]);
        assert_eq!(offered(&store, 1), [".symbol"]);
        store.clear();
        assert!(offered(&store, 9).is_empty());
    }
}
