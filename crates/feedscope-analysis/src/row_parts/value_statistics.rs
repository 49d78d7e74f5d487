//! Statistics about the values of several payloads, and the rules that follow from them.

use super::pieces::Pieces;
use super::rules::{FoldingDepth, LEAST_PAYLOADS, LEAST_VALUES, Rule, RuleKey, Rules};

/// Part of the payloads in which a value or a key must be equal so that it is left out, in percent.
const EQUAL_PERCENT: usize = 80;

/// Largest number of values of a field that names the types of messages.
const MOST_TYPES: usize = 12;

/// Statistics about several payloads.
pub(super) struct Statistics {
    /// Values of the shapes that enough payloads have, ordered by their keys.
    values: Vec<ValueStatistics>,
}

/// Statistics about the values with one path in the payloads of one shape.
pub(super) struct ValueStatistics {
    pub(super) key: RuleKey,
    /// Rule that leaves out its key and its value if they are equal.
    rule: Rule,
    /// Mean place among the values of a payload.
    place: usize,
    /// Number of different values.
    pub(super) distinct: usize,
    /// Mean number of bytes.
    length: usize,
    /// Number of payloads that have it.
    count: usize,
    /// The values are texts, by their name or because a good part of them has several words.
    pub(super) is_text: bool,
    /// Most values are identifiers or times.
    pub(super) is_identifier: bool,
}

/// Shape that enough payloads have.
struct Shape {
    id: u64,
    is_json: bool,
    /// Number of payloads.
    count: usize,
}

/// One value of a payload.
struct Entry<'a> {
    key: RuleKey,
    lead: u64,
    hash: u64,
    place: usize,
    text: &'a str,
    is_text: bool,
}

impl Statistics {
    pub(super) fn of(payloads: &[&str], all: &[Pieces]) -> Self {
        let mut shapes: Vec<(bool, u64)> = all.iter().map(|it| (it.is_json, it.shape)).collect();
        shapes.sort_unstable();
        let shapes: Vec<Shape> = shapes
            .chunk_by(|one, other| one == other)
            .map(|equal| Shape {
                id: equal[0].1,
                is_json: equal[0].0,
                count: equal.len(),
            })
            .filter(|shape| shape.count >= LEAST_PAYLOADS)
            .collect();
        let mut entries: Vec<Entry<'_>> = Vec::new();
        for (text, pieces) in payloads.iter().zip(all) {
            if !shapes.iter().any(|shape| shape.id == pieces.shape) {
                continue;
            }
            let entry = |(place, piece): (usize, &super::pieces::Piece)| Entry {
                key: (pieces.shape, piece.path),
                lead: piece.lead_hash(text),
                hash: piece.value_hash(text),
                place,
                text: &text[piece.value..piece.end],
                is_text: piece.is_text,
            };
            entries.extend(pieces.list.iter().enumerate().map(entry));
        }
        // JSON and words are told apart by their looks.
        let leads = [false, true].map(|is_json| leads_of_all(&mut entries, &shapes, is_json));
        let usual = usual_values(&mut entries);
        entries.sort_by_key(|entry| entry.key);
        let mut values: Vec<ValueStatistics> = Vec::new();
        for entries in entries.chunk_by(|one, other| one.key == other.key) {
            let (shape, path) = entries[0].key;
            let Some(of_shape) = shapes.iter().find(|it| it.id == shape) else {
                continue;
            };
            let mut one = ValueStatistics::of(entries, of_shape.count);
            if !leads[usize::from(of_shape.is_json)].allow(path) {
                one.rule.lead = None;
            }
            // Values that tell types of messages apart are shown, although they are equal within a type.
            let is_usual = |value: &u64| usual.binary_search(&(path, *value)).is_ok();
            one.rule.value = one.rule.value.filter(is_usual);
            values.push(one);
        }
        // Payloads that are all equal are shown as they are.
        let has_difference = |shape: u64| {
            let mut of_shape = values.iter().filter(|it| it.key.0 == shape);
            of_shape.any(ValueStatistics::is_varied)
        };
        let different: Vec<u64> = shapes
            .iter()
            .map(|it| it.id)
            .filter(|it| has_difference(*it))
            .collect();
        values.retain(|it| different.contains(&it.key.0));
        Self { values }
    }

    /// Returns the rules that leave out this much.
    pub(super) fn rules(&self, depth: FoldingDepth) -> Rules {
        let of_shape = |one: &ValueStatistics, other: &ValueStatistics| one.key.0 == other.key.0;
        let mut list = Vec::new();
        for values in self.values.chunk_by(of_shape) {
            let has_other = values.iter().any(|it| it.is_varied() && !it.is_identifier);
            let hides_identifiers = depth >= FoldingDepth::Identifiers && has_other;
            list.extend(values.iter().map(|it| {
                let mut rule = it.rule;
                rule.gives_way = hides_identifiers && it.is_identifier && it.is_varied();
                (it.key, rule)
            }));
        }
        Rules::new(list)
    }

    /// Leaves out values before the text of each shape until it begins after at most `room` characters. Values with the
    /// fewest differences for their length come first.
    pub(super) fn let_values_give_way(&self, rules: &mut Rules, room: usize) {
        for (shape, text) in self.texts() {
            let is_before = |it: &&ValueStatistics| it.key.0 == shape && it.place < text.place;
            let mut before: Vec<_> = self.values.iter().filter(is_before).collect();
            before.retain(|it| rules.get(it.key).is_some_and(Rule::shows_value));
            // The mark before each value counts, too.
            let mut used: usize = before.iter().map(|it| it.length + 1).sum();
            before.sort_by_key(|it| it.distinct * 100 / (it.length + 1));
            for value in before {
                if used <= room {
                    break;
                }
                used -= value.length + 1;
                rules.let_give_way(value.key);
            }
        }
    }

    /// Returns the text of each shape that has one: the first one of those that differ most.
    pub(super) fn texts(&self) -> impl Iterator<Item = (u64, &ValueStatistics)> {
        let of_shape = |one: &ValueStatistics, other: &ValueStatistics| one.key.0 == other.key.0;
        self.values.chunk_by(of_shape).filter_map(|values| {
            let texts = values.iter().filter(|it| it.is_text && it.is_varied());
            let text = texts.max_by_key(|it| (it.distinct, std::cmp::Reverse(it.place)))?;
            Some((text.key.0, text))
        })
    }

    /// Returns true if most values with this key are identifiers or times.
    pub(super) fn is_identifier(&self, key: RuleKey) -> bool {
        let at = self.values.binary_search_by_key(&key, |it| it.key);
        at.is_ok_and(|at| self.values[at].is_identifier)
    }
}

impl ValueStatistics {
    /// Returns the statistics about entries with one key, in a shape of `rows` payloads.
    fn of(entries: &[Entry<'_>], rows: usize) -> Self {
        let count = entries.len();
        let share = |is: fn(&str) -> bool| entries.iter().filter(|it| is(it.text)).count();
        let mut leads: Vec<u64> = entries.iter().map(|entry| entry.lead).collect();
        let mut hashes: Vec<u64> = entries.iter().map(|entry| entry.hash).collect();
        let (lead, _) = usual(&mut leads, rows);
        let (value, distinct) = usual(&mut hashes, rows);
        Self {
            key: entries[0].key,
            rule: Rule {
                lead,
                value,
                gives_way: false,
            },
            place: entries.iter().map(|entry| entry.place).sum::<usize>() / count,
            distinct,
            length: entries.iter().map(|entry| entry.text.len()).sum::<usize>() / count,
            count,
            is_text: entries[0].is_text || share(is_text) * 3 >= count,
            is_identifier: share(is_identifier) * 2 > count,
        }
    }

    /// Returns true if the values differ.
    pub(super) fn is_varied(&self) -> bool {
        self.rule.value.is_none() && self.distinct > 1 && self.count > 1
    }
}

/// Returns the value that most of `rows` payloads have, and the number of different values.
fn usual(hashes: &mut [u64], rows: usize) -> (Option<u64>, usize) {
    hashes.sort_unstable();
    let runs = || hashes.chunk_by(|one, other| one == other);
    let longest = runs().max_by_key(|run| run.len());
    let longest = longest.filter(|run| run.len() * 100 >= rows * EQUAL_PERCENT);
    (longest.map(|run| run[0]), runs().count())
}

/// Keys that may be left out although the payloads have several shapes.
struct Leads {
    /// Paths that almost all payloads have; `None` if a value that is shown names the shape of each payload.
    common: Option<Vec<u64>>,
}

impl Leads {
    fn allow(&self, path: u64) -> bool {
        self.common
            .as_ref()
            .is_none_or(|common| common.contains(&path))
    }
}

/// Returns the keys that may be left out. Rows of two shapes must not become equal without their keys.
fn leads_of_all(entries: &mut [Entry<'_>], shapes: &[Shape], is_json: bool) -> Leads {
    let shapes = shapes.iter().filter(|shape| shape.is_json == is_json);
    if shapes.clone().count() < 2 {
        return Leads { common: None };
    }
    let total: usize = shapes.map(|shape| shape.count).sum();
    // Paths of JSON and of words differ.
    entries.sort_by_key(|entry| (entry.key.1, entry.hash));
    let mut common = Vec::new();
    for of_path in entries.chunk_by(|one, other| one.key.1 == other.key.1) {
        if of_path.len() * 100 < total * EQUAL_PERCENT {
            continue;
        }
        common.push(of_path[0].key.1);
        let values = || of_path.chunk_by(|one, other| one.hash == other.hash);
        let has_one_shape =
            |of_value: &[Entry<'_>]| of_value.iter().all(|it| it.key.0 == of_value[0].key.0);
        let count = values().count();
        if (2..=MOST_TYPES).contains(&count) && values().all(has_one_shape) {
            return Leads { common: None };
        }
    }
    Leads {
        common: Some(common),
    }
}

/// Returns the values that most payloads of all shapes have, with their paths, in order.
fn usual_values(entries: &mut [Entry<'_>]) -> Vec<(u64, u64)> {
    entries.sort_by_key(|entry| (entry.key.1, entry.hash));
    let mut values = Vec::new();
    let paths = entries.chunk_by(|one, other| one.key.1 == other.key.1);
    for of_path in paths.filter(|of_path| of_path.len() >= LEAST_VALUES) {
        for equal in of_path.chunk_by(|one, other| one.hash == other.hash) {
            if equal.len() * 100 >= of_path.len() * EQUAL_PERCENT {
                values.push((equal[0].key.1, equal[0].hash));
            }
        }
    }
    values
}

/// Returns true for a text of several words.
fn is_text(value: &str) -> bool {
    let words = value
        .split(' ')
        .filter(|word| word.chars().any(char::is_alphabetic));
    words.count() >= 2
}

/// Returns true for an identifier or a time that only a program reads.
fn is_identifier(value: &str) -> bool {
    let value = value.trim_matches('"');
    let bytes = value.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':');
    let is_number = bytes.len() >= 10 && digits == bytes.len();
    let is_name = bytes.len() >= 16 && digits > 0 && bytes.iter().all(is_word);
    // A date and a time, as in `2026-11-21T05:49:14Z`.
    let is_time = bytes.len() >= 19 && digits >= 12 && bytes[4] == b'-' && bytes[13] == b':';
    is_number || is_name || is_time
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_texts_are_recognized() {
        for value in [
            "\"chatcmpl-4ef92b12-fb9d-486f\"",
            "1633998515570",
            "\"2026-11-21T05:49:14.524Z\"",
            "\"event_E6U11C2U3nYwvTrtPnQMR\"",
            "\"did:plc:4smmjsqf6l5jkzczvw6vsrqc\"",
        ] {
            assert!(is_identifier(value) && !is_text(value), "{value}");
        }
        for value in [
            "\"0.00033458\"",
            "142.08",
            "\"SKL-USD\"",
            "\"Hello\"",
            "28109484",
            "\"a-name-without-digits\"",
        ] {
            assert!(!is_identifier(value) && !is_text(value), "{value}");
        }
        assert!(is_text("\"Hello ada, ask me\"") && is_text(":xqc cares"));
    }
}
