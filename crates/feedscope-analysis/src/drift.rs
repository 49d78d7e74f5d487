//! Changes of the fields in the payloads of a feed: a field appears, vanishes or changes its type. Each change is reported
//! once, with the record that shows it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use feedscope_core::numbers::{counted, grouped};
use feedscope_core::payload::json::{Name, Outline, Shape};
use feedscope_core::store::{RowNumber, Store};
use feedscope_core::{Kind, Record, Stamp};

use crate::follow::{Fold, Following};
use crate::interpret::Interpreter;

/// Number of records of a type that are read before changes are reported.
const LEARNED_RECORDS: u64 = 50;

/// Number of changes that are kept.
pub const MOST_CHANGES: usize = 100;

/// Number of fields of one type that are compared.
const MOST_FIELDS: usize = 1_000;

/// Number of types that are compared.
const MOST_TYPES: usize = 64;

/// Number of known forms of one type. Beyond it, every record is compared field by field.
const MOST_FORMS: usize = 4_096;

/// Longest event type, and longest path of a field, that are compared. Both are kept, so that this bounds memory.
const LONGEST_NAME: usize = 1_000;

/// Longest payload in bytes. Longer ones are documents, whose fields vary.
const LONGEST_PAYLOAD: usize = 64 << 10;

/// Deepest field that is compared.
const DEEPEST: u32 = 4;

/// Type of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// An object.
    Object,
    /// An array.
    Array,
    /// A text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`, which is no change of a type.
    Null,
}

/// Change of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// A record has a field that no record before it had.
    Appeared,
    /// A record lacks a field that all records before it had.
    Vanished,
    /// A field has another type than before.
    Changed {
        /// Type of the records before.
        from: FieldType,
        /// Type of this record.
        to: FieldType,
    },
}

/// Change of a field, with the record that shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShapeChange {
    /// Row of the record.
    pub row: RowNumber,
    /// Time of its arrival.
    pub stamp: Stamp,
    /// Event type of the records; empty for messages and lines.
    pub event: String,
    /// Path of the field, as in filters.
    pub path: String,
    /// The change.
    pub kind: ChangeKind,
}

/// Fields of a feed so far, and their changes.
#[derive(Debug, Default)]
pub struct Drift {
    interpreter: Interpreter,
    types: HashMap<Box<[u8]>, TypeFields>,
    changes: Vec<ShapeChange>,
    /// Changes beyond [`MOST_CHANGES`].
    left_out: u64,
    /// Objects that were not compared, because of a limit of their length, of their type or of the number of types.
    not_compared: u64,
    /// True if some fields were not compared, because of a limit of their paths or of their number.
    has_skipped_fields: bool,
    /// Records that were let go before they were read.
    unread: u64,
}

/// Fields of the records of one event type.
#[derive(Debug, Default)]
struct TypeFields {
    records: u64,
    fields: BTreeMap<String, FieldState>,
    /// Hashes of the forms that were compared: their fields, types and order.
    forms: HashSet<u64>,
}

#[derive(Debug)]
struct FieldState {
    kind: FieldType,
    /// All records so far have the field.
    is_always: bool,
    /// Changes that were reported.
    has_vanished: bool,
    has_changed: bool,
}

/// Changes that follow a store. Clones share them.
pub type StoreDrift = Following<Drift>;

impl StoreDrift {
    /// Creates the changes of a store; empty until the first step.
    pub fn of_store(store: &Store) -> Self {
        Self::reading(store, Interpreter::default())
    }

    /// Creates the changes of a store whose payloads `interpreter` reads.
    pub fn reading(store: &Store, interpreter: Interpreter) -> Self {
        let drift = Drift {
            interpreter,
            ..Drift::default()
        };
        Self::new(store, drift)
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Object => "object",
            Self::Array => "array",
            Self::Text => "text",
            Self::Number => "number",
            Self::Bool => "true or false",
            Self::Null => "null",
        })
    }
}

impl fmt::Display for ShapeChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match self.kind {
            ChangeKind::Appeared => write!(f, "{path} appeared"),
            ChangeKind::Vanished => write!(f, "{path} vanished"),
            ChangeKind::Changed { from, to } => write!(f, "{path} changed from {from} to {to}"),
        }
    }
}

impl Drift {
    /// Changes in the order of their records.
    pub fn changes(&self) -> &[ShapeChange] {
        &self.changes
    }

    /// Returns sentences about everything that the limits left out.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.left_out > 0 {
            let changes = counted(self.left_out, "further change");
            notes.push(format!("{changes}: only the first {MOST_CHANGES} are kept"));
        }
        if self.not_compared > 0 {
            let payloads = counted(self.not_compared, "payload");
            notes.push(format!(
                "{payloads} not compared: longer than {} KiB, or of a type beyond {MOST_TYPES} types or {} bytes",
                LONGEST_PAYLOAD >> 10,
                grouped(LONGEST_NAME as u64),
            ));
        }
        if self.has_skipped_fields {
            notes.push(format!(
                "some fields not compared: beyond {} fields of a type, or with a path of more than {} bytes",
                grouped(MOST_FIELDS as u64),
                grouped(LONGEST_NAME as u64),
            ));
        }
        if self.unread > 0 {
            let records = counted(self.unread, "record");
            notes.push(format!("{records} let go before they were compared"));
        }
        notes
    }

    fn receive(&mut self, row: RowNumber, stamp: Stamp, event: &[u8], data: &[u8]) -> bool {
        // Arrays and single values have no named fields.
        if data.trim_ascii_start().first() != Some(&b'{') {
            return false;
        }
        if data.len() > LONGEST_PAYLOAD || event.len() > LONGEST_NAME {
            self.not_compared += 1;
            return true;
        }
        let Some(outline) = std::str::from_utf8(data)
            .ok()
            .and_then(|text| Outline::of(text).ok())
        else {
            return false;
        };
        if !self.types.contains_key(event) {
            // Types beyond the bound are not compared.
            if self.types.len() == MOST_TYPES {
                self.not_compared += 1;
                return true;
            }
            self.types.insert(event.into(), TypeFields::default());
        }
        let Some(of_type) = self.types.get_mut(event) else {
            return false;
        };
        // Most records have a form that was compared before.
        of_type.records += 1;
        let form = form(&outline, data);
        if of_type.forms.contains(&form) {
            return false;
        }
        if of_type.forms.len() < MOST_FORMS {
            of_type.forms.insert(form);
        }
        let (changes, has_skipped) = of_type.compare(&outline, data);
        let is_changed = !changes.is_empty() || has_skipped;
        self.has_skipped_fields |= has_skipped;
        for (path, kind) in changes {
            // Bounds memory when every record has another shape.
            if self.changes.len() == MOST_CHANGES {
                self.left_out += 1;
                continue;
            }
            self.changes.push(ShapeChange {
                row,
                stamp,
                event: String::from_utf8_lossy(event).into_owned(),
                path,
                kind,
            });
        }
        is_changed
    }
}

impl TypeFields {
    /// Compares the fields of a record with those of the records before it. Returns the changes to report, and true if a
    /// limit left out fields.
    fn compare(&mut self, outline: &Outline, data: &[u8]) -> (Vec<(String, ChangeKind)>, bool) {
        let is_learned = self.records > LEARNED_RECORDS;
        let mut changes = Vec::new();
        let mut has_skipped = false;
        let mut present = HashSet::new();
        each_field(outline, data, |number, kind| {
            // The text of a path is made only for records of a new form.
            let path = outline.path(data, number);
            if path.len() > LONGEST_NAME {
                has_skipped = true;
                return;
            }
            // A value of null does not change the type of a field.
            if let Some(field) = self.fields.get_mut(&path) {
                let is_typed = kind != FieldType::Null && field.kind != FieldType::Null;
                if is_typed && kind != field.kind && !field.has_changed {
                    field.has_changed = true;
                    if is_learned {
                        let from = field.kind;
                        changes.push((path.clone(), ChangeKind::Changed { from, to: kind }));
                    }
                }
                if field.kind == FieldType::Null {
                    field.kind = kind;
                }
            } else if self.fields.len() < MOST_FIELDS {
                let state = FieldState {
                    kind,
                    // A field that the first record lacks is optional.
                    is_always: self.records == 1,
                    has_vanished: false,
                    has_changed: false,
                };
                self.fields.insert(path.clone(), state);
                if is_learned {
                    changes.push((path.clone(), ChangeKind::Appeared));
                }
            } else {
                has_skipped = true;
            }
            // Fields that are missing from this set have vanished.
            present.insert(path);
        });
        for (path, field) in &mut self.fields {
            if !field.is_always || present.contains(path) {
                continue;
            }
            field.is_always = false;
            if is_learned && !field.has_vanished {
                field.has_vanished = true;
                changes.push((path.clone(), ChangeKind::Vanished));
            }
        }
        (changes, has_skipped)
    }
}

/// Passes the number and the type of each field outside of arrays.
fn each_field(outline: &Outline, data: &[u8], mut look_at: impl FnMut(usize, FieldType)) {
    let mut at = 1;
    while at < outline.len() {
        let node = outline.node(at);
        let kind = match node.shape {
            Shape::Object(_) => FieldType::Object,
            Shape::Array(_) => FieldType::Array,
            Shape::String => FieldType::Text,
            Shape::Number => FieldType::Number,
            Shape::Literal => match data.get(node.start) {
                Some(b'n') => FieldType::Null,
                _ => FieldType::Bool,
            },
        };
        look_at(at, kind);
        // Elements of arrays have no fixed path.
        let is_entered = kind == FieldType::Object && node.depth < DEEPEST;
        at = if is_entered { at + 1 } else { node.next };
    }
}

/// Hash of the fields of a record, their types and their order.
fn form(outline: &Outline, data: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    each_field(outline, data, |number, kind| {
        let node = outline.node(number);
        (node.depth, kind).hash(&mut hasher);
        if let Name::Key(_) = node.name {
            let key = outline.key(data, number).unwrap_or_default();
            data[key].hash(&mut hasher);
        }
    });
    hasher.finish()
}

impl Fold for Drift {
    const INTERVAL: Duration = Duration::from_millis(250);

    fn add(&mut self, row: RowNumber, record: &Record<'_>) -> bool {
        let event = match record.kind {
            Kind::Event { event, .. } => event,
            _ => b"",
        };
        match self.interpreter.received(&record.kind) {
            Some(data) => self.receive(row, record.stamp, event, &data),
            None => false,
        }
    }

    fn skip(&mut self, rows: u64) {
        self.unread += rows;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Feed {
        drift: Drift,
        row: u64,
    }

    impl Feed {
        /// A feed whose usual records were read.
        fn new(usual: &str) -> Self {
            let mut feed = Self {
                drift: Drift::default(),
                row: 0,
            };
            (0..LEARNED_RECORDS).for_each(|_| feed.add("tick", usual));
            feed
        }

        fn add(&mut self, event: &str, data: &str) {
            let record = Record {
                stamp: Stamp::default(),
                connection: 1,
                kind: Kind::Event {
                    event: event.as_bytes(),
                    id: b"",
                    data: data.as_bytes(),
                },
            };
            self.drift.add(RowNumber(self.row), &record);
            self.row += 1;
        }

        fn changes(&self) -> Vec<(u64, String)> {
            let changes = self.drift.changes().iter();
            changes
                .map(|change| (change.row.0, change.to_string()))
                .collect()
        }
    }

    #[test]
    fn each_change_is_reported_once_with_its_record() {
        let mut feed = Feed::new(r#"{"price":1,"book":{"bid":"2"},"list":[1]}"#);
        feed.add("tick", r#"{"price":7,"book":{"bid":"3"},"list":[]}"#);
        assert!(feed.changes().is_empty());
        for _ in 0..2 {
            feed.add(
                "tick",
                r#"{"price":"7","book":{"bid":"3","ask":1},"list":["a"]}"#,
            );
            feed.add("tick", r#"{"price":7,"list":[{"x":1}]}"#);
        }
        let expected = [
            (51, ".price changed from number to text"),
            (51, ".book.ask appeared"),
            (52, ".book vanished"),
            (52, ".book.bid vanished"),
        ];
        assert_eq!(
            feed.changes(),
            expected.map(|(row, text)| (row, text.to_owned()))
        );
    }

    #[test]
    fn null_and_other_types_of_events_are_no_change() {
        let mut feed = Feed::new(r#"{"price":null,"id":1}"#);
        feed.add("tick", r#"{"price":2,"id":1}"#);
        feed.add("tick", r#"{"price":null,"id":1}"#);
        // Another type of event has fields of its own.
        feed.add("heartbeat", r#"{"time":1}"#);
        feed.add("tick", "no JSON");
        feed.add("tick", "[1]");
        assert!(feed.changes().is_empty(), "{:?}", feed.changes());
        feed.add("tick", r#"{"price":"2","id":1}"#);
        assert_eq!(feed.changes()[0].1, ".price changed from number to text");
    }

    #[test]
    fn fields_that_vary_from_the_beginning_are_no_change() {
        let mut feed = Feed::new(r#"{"a":1}"#);
        let mut varied = Feed {
            drift: Drift::default(),
            row: 0,
        };
        for _ in 0..LEARNED_RECORDS {
            varied.add("tick", r#"{"a":1}"#);
            varied.add("tick", r#"{"b":"x"}"#);
        }
        varied.add("tick", r#"{"a":1,"b":"x"}"#);
        assert!(varied.changes().is_empty(), "{:?}", varied.changes());
        for field in 0..MOST_CHANGES + 7 {
            feed.add("tick", &format!("{{\"a\":1,\"f{field}\":1}}"));
        }
        assert_eq!(feed.changes().len(), MOST_CHANGES);
        assert_eq!(
            feed.drift.notes(),
            ["7 further changes: only the first 100 are kept"]
        );
    }

    #[test]
    fn long_names_are_not_kept_but_noted() {
        let long = "x".repeat(LONGEST_NAME + 1);
        let mut feed = Feed::new(r#"{"a":1}"#);
        feed.add("tick", &format!("{{\"a\":1,\"{long}\":1}}"));
        feed.add(&long, r#"{"a":1}"#);
        assert!(feed.changes().is_empty(), "{:?}", feed.changes());
        assert_eq!(feed.drift.types.len(), 1);
        assert!(feed.drift.types.values().all(|of| of.fields.len() == 1));
        let expected = [
            "1 payload not compared: longer than 64 KiB, or of a type beyond 64 types or 1,000 bytes",
            "some fields not compared: beyond 1,000 fields of a type, or with a path of more than 1,000 bytes",
        ];
        assert_eq!(feed.drift.notes(), expected);
    }

    #[test]
    fn everything_that_a_limit_leaves_out_is_noted() {
        let mut feed = Feed::new(r#"{"a":1}"#);
        assert!(feed.drift.notes().is_empty());
        for number in 0..MOST_TYPES {
            feed.add(&format!("type {number}"), r#"{"a":1}"#);
        }
        let long = " ".repeat(LONGEST_PAYLOAD);
        feed.add("tick", &format!("{{\"a\":1{long}}}"));
        // Neither has named fields.
        feed.add("tick", &format!("[{long}]"));
        feed.add("tick", "no JSON");
        feed.drift.skip(1_200);
        let expected = [
            "2 payloads not compared: longer than 64 KiB, or of a type beyond 64 types or 1,000 bytes",
            "1,200 records let go before they were compared",
        ];
        assert_eq!(feed.drift.notes(), expected);
        let mut wide = Feed::new(r#"{"a":1}"#);
        let fields: Vec<_> = (0..MOST_FIELDS)
            .map(|field| format!("\"f{field}\":1"))
            .collect();
        wide.add("tick", &format!("{{\"a\":1,{}}}", fields.join(",")));
        assert_eq!(wide.drift.notes().len(), 2, "{:?}", wide.drift.notes());
    }
}
