//! Numbers of payloads of each type. Bounds its memory, whatever types arrive.

use std::collections::HashMap;

use super::text_ends::TextEnds;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// Bounds memory when every event has a new type.
const MOST_TYPES: usize = 1_000;

/// Longest name in bytes that is kept.
const LONGEST_NAME: usize = 256;

/// Number of types that are compared one after the other, which is faster than hashing.
const FIRST: usize = 8;

/// Numbers of payloads of each type, in the order of their first arrival.
#[derive(Clone, Debug, Default)]
pub(super) struct TypeCounts {
    counts: Vec<(Box<[u8]>, u64)>,
    /// Ends of the names of the first types, which decide without a look at the names in most cases.
    first: [TextEnds; FIRST],
    /// Places of the types after the first ones.
    places: HashMap<Box<[u8]>, usize>,
    /// Payloads of types that are not kept.
    others: u64,
}

/// Numbers of payloads of each type, the most frequent first. Serialized as an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Types(pub Vec<(String, u64)>);

impl TypeCounts {
    /// Counts a payload of this type.
    #[inline]
    pub(super) fn add(&mut self, name: &[u8]) {
        let ends = TextEnds::of(name);
        let mut first = self.first.iter().zip(&mut self.counts);
        let is_same = |known: &(Box<[u8]>, u64)| ends.are_whole() || *known.0 == *name;
        match first.find(|(known, count)| **known == ends && is_same(count)) {
            Some((_, (_, count))) => *count += 1,
            None => self.add_other(name, ends),
        }
    }

    fn add_other(&mut self, name: &[u8], ends: TextEnds) {
        if let Some(place) = self.places.get(name).copied() {
            self.counts[place].1 += 1;
        } else if self.counts.len() == MOST_TYPES || name.len() > LONGEST_NAME {
            self.others += 1;
        } else {
            let place = self.counts.len();
            match self.first.get_mut(place) {
                Some(first) => *first = ends,
                None => drop(self.places.insert(name.into(), place)),
            }
            self.counts.push((name.into(), 1));
        }
    }

    /// Payloads of types beyond the limits.
    pub(super) fn others(&self) -> u64 {
        self.others
    }

    /// The counts for people and machines; equal numbers are in the order of their names.
    pub(super) fn types(&self) -> Types {
        let mut types: Vec<(String, u64)> = Vec::with_capacity(self.counts.len());
        for (name, count) in &self.counts {
            let name = String::from_utf8_lossy(name).into_owned();
            // Names that are not UTF-8 may look alike.
            match types.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known += count,
                None => types.push((name, *count)),
            }
        }
        types.sort_by(|(one, count), (other, others)| others.cmp(count).then(one.cmp(other)));
        Types(types)
    }
}

impl Serialize for Types {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, count) in &self.0 {
            map.serialize_entry(name, count)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_counted_and_sorted_by_their_number() {
        let mut counts = TypeCounts::default();
        for name in ["b", "a", "c", "c", "b", "c"] {
            counts.add(name.as_bytes());
        }
        counts.add(b"\xff");
        counts.add(b"\xfe");
        let types = counts.types();
        let json = serde_json::to_string(&types).unwrap();
        assert_eq!(json, "{\"c\":3,\"b\":2,\"\u{fffd}\":2,\"a\":1}");
        assert_eq!(counts.others(), 0);
    }

    #[test]
    fn memory_is_bounded_however_many_types_there_are() {
        let mut counts = TypeCounts::default();
        for round in 0..2 {
            for number in 0..MOST_TYPES + 5 {
                counts.add(number.to_string().as_bytes());
            }
            counts.add(&[b'x'; LONGEST_NAME + 1]);
            assert_eq!(counts.others(), 6 * (round + 1));
        }
        let Types(types) = counts.types();
        assert_eq!(types.len(), MOST_TYPES);
        assert!(types.iter().all(|&(_, count)| count == 2));
    }
}
