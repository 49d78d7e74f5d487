//! Fields that fill the columns of a list. A field that only a rare type of messages has would leave most cells empty.
//!
//! If the types of a feed have different fields, those of each type are offered as well.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use feedscope_core::Kind;
use feedscope_core::store::RowNumber;

use super::offered::{
    Fields, LEAST_OF_FORM, OfferedContent, OfferedField, Useful, is_kind, newest_payloads,
};
use crate::fields::{FieldReader, Path, Value};
use crate::interpret::Interpreter;
use crate::listing::Listing;
use crate::measures::key_text;

/// Part of the records that must have a field: one of this number.
const LEAST_SHARE: usize = 3;

/// Number of the newest hits of a filter that are read. Each one is read on its own.
const NEWEST_HITS: usize = 300;

/// Number of types that a feed has at most. A field with more values is no type.
const MOST_TYPES: usize = 40;

/// Number of types whose columns are offered.
const OFFERED_TYPES: usize = 5;

/// Columns for the records of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilledColumns {
    /// Paths of fields that at least a third of the records has, the fullest column first.
    pub paths: Vec<String>,
    /// Columns of the types that have other fields, the most frequent type first.
    pub of_types: Vec<TypeColumns>,
}

/// Columns for the records of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeColumns {
    /// Name of the type.
    pub name: String,
    /// Path of the field that contains the name; `None` if it is the type of the events.
    pub field: Option<String>,
    /// Paths of fields that at least a third of the records of the type has, the fullest column first.
    pub paths: Vec<String>,
}

/// Origin of the type of a record.
enum TypeSource {
    Event,
    Field(String, FieldReader),
}

/// Returns up to `most` columns for the newest records of a list, and for their types.
pub fn filled_columns(listing: &Listing, interpreter: &Interpreter, most: usize) -> FilledColumns {
    let hits = listing
        .newest_hits(NEWEST_HITS)
        .filter(|hits| !hits.is_empty());
    let mut all = Fields::default();
    let mut events: HashSet<Vec<u8>> = HashSet::new();
    each(listing, interpreter, hits.as_deref(), |kind, data| {
        all.add(data);
        if let Kind::Event { event, .. } = kind
            && events.len() <= MOST_TYPES
            && !events.contains(*event)
        {
            events.insert(event.to_vec());
        }
    });
    let paths = filled(&all, most);
    let Some(source) = TypeSource::of(&all, events.len()) else {
        let of_types = Vec::new();
        return FilledColumns { paths, of_types };
    };
    let mut types: HashMap<String, Fields> = HashMap::new();
    each(listing, interpreter, hits.as_deref(), |kind, data| {
        let Some(name) = source.name(kind, data) else {
            return;
        };
        if types.len() < MOST_TYPES || types.contains_key(&name) {
            types.entry(name).or_default().add(data);
        }
    });
    let mut types: Vec<(String, Fields)> = types.into_iter().collect();
    types.sort_by(|(name, of), (other, to)| (to.records, name).cmp(&(of.records, other)));
    let columns = types.into_iter().filter_map(|(name, fields)| {
        let of_type = filled(&fields, most);
        // Columns that are among those of all records need no further offer.
        let is_other = of_type.iter().any(|path| !paths.contains(path));
        (is_other && fields.records >= LEAST_OF_FORM).then(|| TypeColumns {
            name,
            field: source.field(),
            paths: of_type,
        })
    });
    let of_types = columns.take(OFFERED_TYPES).collect();
    FilledColumns { paths, of_types }
}

/// Passes the payloads of the hits, or else of the newest records, to `each`.
fn each(
    listing: &Listing,
    interpreter: &Interpreter,
    hits: Option<&[RowNumber]>,
    mut each: impl FnMut(&Kind<'_>, &[u8]),
) {
    let Some(hits) = hits else {
        return newest_payloads(listing.store(), interpreter, each);
    };
    for row in hits {
        // The store may have let go of the row meanwhile.
        let Some(record) = listing.store().record(*row) else {
            continue;
        };
        let record = record.record();
        if let Some(data) = interpreter.received(&record.kind) {
            each(&record.kind, &data);
        }
    }
}

/// Returns up to `most` useful fields that fill a third of the cells, the fullest first, and then in the order of the
/// payload.
fn filled(fields: &Fields, most: usize) -> Vec<String> {
    let records = fields.records.max(1);
    let mut useful = fields.useful();
    useful.retain(|field| field.count * LEAST_SHARE >= records);
    // A difference of a few percent cannot be seen. Of equally full columns, the most useful ones are chosen.
    let fullness = |field: &Useful| Reverse((field.count * 10).div_ceil(records));
    useful.sort_by_key(fullness);
    useful.truncate(most);
    useful.sort_by(|one, other| {
        let by_fullness = fullness(one).cmp(&fullness(other));
        by_fullness.then_with(|| (one.place, &one.path).cmp(&(other.place, &other.path)))
    });
    useful.into_iter().map(|field| field.path).collect()
}

impl TypeSource {
    /// Returns the origin of the types; `None` for a feed without types.
    fn of(fields: &Fields, events: usize) -> Option<Self> {
        if (2..=MOST_TYPES).contains(&events) {
            return Some(Self::Event);
        }
        let is_type = |path: &str, field: &OfferedField| {
            field.content() == OfferedContent::Names
                && field.count * 10 >= fields.records * 9
                && (2..=MOST_TYPES).contains(&field.values.len())
                && (is_kind(path) || !field.varies_in_form)
        };
        let found = fields.by_path.iter().filter(|(path, it)| is_type(path, it));
        let (path, _) = found.min_by_key(|(path, _)| (!is_kind(path), path.len(), *path))?;
        let reader = FieldReader::new([Path::parse(path).ok()?])?;
        Some(Self::Field(path.clone(), reader))
    }

    fn name(&self, kind: &Kind<'_>, data: &[u8]) -> Option<String> {
        match (self, kind) {
            (Self::Event, Kind::Event { event, .. }) => {
                Some(String::from_utf8_lossy(event).into_owned())
            }
            (Self::Event, _) => None,
            (Self::Field(_, reader), _) => {
                let [value, ..] = reader.read(data).ok()?;
                // A number or a truth value names no type.
                let value = value.value().filter(|it| matches!(it, Value::Text(_)))?;
                Some(key_text(Some(value)).into_owned())
            }
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::Event => None,
            Self::Field(path, _) => Some(path.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use feedscope_core::store::{ClassSet, DEFAULT_BUDGET_BYTES, Store};
    use feedscope_core::{Record, Sink as _, Stamp};

    use super::*;
    use crate::filter::{Filter, ParseContext, Scan};
    use crate::test_store::push_line;

    /// Store of an exchange whose messages are mostly changes of a book.
    fn exchange() -> Store {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        for number in 0..400_u32 {
            let symbol = ["ACME", "ACNE", "APEX"][number as usize % 3];
            let other = number * 7 % 11;
            let data = match number % 20 {
                3 => format!(
                    "{{\"type\":\"match\",\"side\":\"{}\",\"size\":\"{other}.5\",\"price\":\"1{other}.25\",\"product\":\"{symbol}\"}}",
                    ["buy", "sell"][(number / 20 % 2) as usize]
                ),
                7 => format!(
                    "{{\"type\":\"ticker\",\"product\":\"{symbol}\",\"price\":\"1{other}.25\",\"open_24h\":\"{other}.75\"}}"
                ),
                _ => format!(
                    "{{\"type\":\"l2update\",\"product\":\"{symbol}\",\"changes\":[[\"buy\",\"{other}\"]]}}"
                ),
            };
            push_line(&mut writer, &data);
        }
        store
    }

    fn listing(store: &Store) -> Listing {
        Listing::of_classes(store, ClassSet::ALL)
    }

    #[test]
    fn a_field_that_only_a_rare_type_has_is_offered_for_this_type() {
        let store = exchange();
        let offered = filled_columns(&listing(&store), &Interpreter::default(), 6);
        assert_eq!(offered.paths, [".type", ".product"]);
        let types = offered.of_types.iter();
        let types: Vec<_> = types
            .map(|it| (it.name.as_str(), it.field.as_deref(), it.paths.join(" ")))
            .collect();
        assert_eq!(
            types,
            [
                (
                    "match",
                    Some(".type"),
                    ".side .size .price .product".to_owned()
                ),
                (
                    "ticker",
                    Some(".type"),
                    ".product .price .open_24h".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn the_columns_of_a_filtered_list_are_those_of_its_hits() {
        let store = exchange();
        let filter = Filter::parse(".type == \"ticker\"", &ParseContext::default()).unwrap();
        let scan = Scan::new(&store, Arc::new(filter), ClassSet::ALL);
        while !scan.step(1 << 20).done {}
        let hits = Listing::of_hits(&scan);
        let offered = filled_columns(&hits, &Interpreter::default(), 6);
        assert_eq!(offered.paths, [".product", ".price", ".open_24h"]);
        assert_eq!(offered.of_types, []);
        assert_eq!(
            filled_columns(&hits, &Interpreter::default(), 1).paths,
            [".product"]
        );
    }

    #[test]
    fn events_of_several_types_have_columns_for_each_type() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        for number in 0..40_u32 {
            let data = format!(
                "{{\"{}\":{number}.5,\"same\":{}}}",
                ["bid", "ask", "home", "away"][number as usize % 4],
                number % 7
            );
            writer.push(&Record {
                stamp: Stamp::default(),
                connection: 1,
                kind: Kind::Event {
                    event: [&b"quote"[..], b"score"][number as usize % 4 / 2],
                    id: b"",
                    data: data.as_bytes(),
                },
            });
        }
        let offered = filled_columns(&listing(&store), &Interpreter::default(), 6);
        assert_eq!(offered.paths, [".same"]);
        let types = offered.of_types.iter();
        let types: Vec<_> = types
            .map(|it| (it.name.as_str(), it.field.is_none(), it.paths.join(" ")))
            .collect();
        assert_eq!(
            types,
            [
                ("quote", true, ".same .ask .bid".to_owned()),
                ("score", true, ".same .away .home".to_owned()),
            ]
        );
        store.clear();
        let empty = filled_columns(&listing(&store), &Interpreter::default(), 6);
        assert_eq!(empty, FilledColumns::default());
    }
}
