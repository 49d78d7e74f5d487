//! Fields that are useful as values, lines of a plot or keys: they vary, they are short, and a part of the payloads that
//! is alike has them.
//!
//! A feed may mix several types of messages. Payloads with the same members have the same *form*, and a field is offered
//! if one form that is not rare has it. Columns of rows have a stricter rule, see `filled`.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use feedscope_core::Kind;
use feedscope_core::payload::json::{Outline, Shape};
use feedscope_core::store::{RowNumber, Store};

use crate::fields::{FieldReader, Path, is_decimal};
use crate::interpret::{Interpretation, Interpreter};
use crate::measures::ServerTime;
use crate::record_key::RecordKey;

/// Number of the newest rows that are read.
const NEWEST: usize = 1_500;

/// Bytes of rows that are read at most, which takes a few milliseconds.
const MOST_BYTES: usize = 2 << 20;

/// Longest value in bytes, without quotation marks.
const LONGEST: usize = 24;

/// Longest payload in bytes that is read.
const LONGEST_PAYLOAD: usize = 16 << 10;

/// Deepest field.
const DEEPEST: u32 = 3;

/// Number of different values that are counted, which distinguishes names from numbers.
const MOST_VALUES: usize = 64;

/// Number of payloads that a form needs, so that a single odd record offers nothing. Trades may be 1 % of a feed.
pub(super) const LEAST_OF_FORM: usize = 3;

/// Content of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OfferedContent {
    /// Texts that occur again and again, such as a symbol or a type.
    Names,
    /// Numbers, also as text.
    Numbers,
    /// Whole numbers that only grow, such as an ID, and other texts.
    Others,
}

/// Numbers among the values of a field, also as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Numbers {
    /// All values are whole numbers.
    #[default]
    Whole,
    /// All values are numbers.
    Decimal,
    /// Some values are no numbers.
    Few,
}

/// Values of one field.
#[derive(Default)]
pub(super) struct OfferedField {
    pub(super) count: usize,
    /// Number of payloads of each form that have the field.
    forms: HashMap<u64, usize>,
    pub(super) values: HashSet<Vec<u8>>,
    /// Length of the longest value in bytes.
    longest: usize,
    numbers: Numbers,
    /// Number of values that are not `null`, and of those among them that are numbers.
    valued: usize,
    numeric: usize,
    /// All values are whole numbers, each below the one read before it. The newest record is read first.
    is_counter: bool,
    /// All values are times of this century.
    is_time: bool,
    last: Option<f64>,
    /// First value of each form. A field with one value for each form names the form, and not the subject of a record.
    first_of_form: HashMap<u64, Vec<u8>>,
    /// Payloads of one form have different values.
    pub(super) varies_in_form: bool,
    /// Number of the field in the payload where it was first seen.
    place: usize,
}

/// Fields of the newest payloads of a store.
pub(super) struct Fields {
    /// All payloads.
    pub(super) records: usize,
    /// Payloads that are objects.
    payloads: usize,
    forms: HashMap<u64, usize>,
    pub(super) by_path: HashMap<String, OfferedField>,
    /// Reader of a single value.
    whole: FieldReader,
}

/// Field that is offered.
pub(super) struct Useful {
    pub(super) path: String,
    content: OfferedContent,
    forms: usize,
    pub(super) count: usize,
    pub(super) place: usize,
    varies_in_form: bool,
    /// Number of different values.
    values: usize,
    /// The values are times, or the name is that of a time.
    is_time: bool,
}

/// Returns up to `most` paths of fields whose newest values are useful, in the order of the payload.
pub fn offered(store: &Store, interpreter: &Interpreter, most: usize) -> Vec<String> {
    let mut useful = Fields::of(store, interpreter).useful();
    useful.truncate(most);
    useful.sort_by(|one, other| (one.place, &one.path).cmp(&(other.place, &other.path)));
    useful.into_iter().map(|field| field.path).collect()
}

/// Returns up to `most` paths of fields that contain numbers, the most useful one first and times last.
pub fn offered_numbers(store: &Store, interpreter: &Interpreter, most: usize) -> Vec<String> {
    let mut useful = Fields::of(store, interpreter).useful();
    // A counter has no shape worth a plot.
    useful.retain(|field| field.content == OfferedContent::Numbers);
    // The plot of a time is a straight line.
    useful.sort_by_key(|field| field.is_time);
    useful.truncate(most);
    useful.into_iter().map(|field| field.path).collect()
}

/// Returns up to `most` paths of fields that name the subject of a record, the most useful one first.
pub fn offered_keys(store: &Store, interpreter: &Interpreter, most: usize) -> Vec<String> {
    Fields::of(store, interpreter).keys(most)
}

/// Returns up to `most` keys of records, the most useful one first: fields, and then the `type` and the `id` of the records
/// where these distinguish them.
pub fn offered_record_keys(store: &Store, interpreter: &Interpreter, most: usize) -> Vec<String> {
    let mut fields = Fields::default();
    let mut types: HashSet<Vec<u8>> = HashSet::new();
    let mut has_ids = false;
    newest_payloads(store, interpreter, |kind, data| {
        fields.add(data);
        let name = match kind {
            Kind::Event { event, id, .. } => {
                has_ids |= !id.is_empty();
                *event
            }
            kind => kind.word().as_bytes(),
        };
        if types.len() < 2 && !types.contains(name) {
            types.insert(name.to_vec());
        }
    });
    let of_type = (types.len() > 1).then_some(RecordKey::Type);
    let others = of_type.into_iter().chain(has_ids.then_some(RecordKey::Id));
    let others: Vec<String> = others.map(|key| key.to_string()).collect();
    let mut keys = fields.keys(most.saturating_sub(others.len()));
    keys.extend(others);
    keys
}

impl Fields {
    /// Returns up to `most` fields that name the subject of a record.
    fn keys(&self, most: usize) -> Vec<String> {
        let mut useful = self.useful();
        // A time is no subject, even if several records have the same one.
        useful.retain(|field| field.content == OfferedContent::Names && !field.is_time);
        // The type of a message is a key as well, but the last one. Types may share a form, so that names count as well.
        useful.sort_by_key(|field| {
            let is_kind = !field.varies_in_form || is_kind(&field.path);
            // A subject has more values than a side.
            (is_kind, Reverse(field.forms), Reverse(field.values))
        });
        useful.truncate(most);
        useful.into_iter().map(|field| field.path).collect()
    }
}

/// Returns up to `most` paths of fields that contain a time of the server, the most frequent one first.
pub fn offered_times(store: &Store, interpreter: &Interpreter, most: usize) -> Vec<String> {
    Fields::of(store, interpreter).paths(most, |field| field.is_time)
}

/// Returns up to `most` paths of fields that contain whole numbers, which may count up, the most frequent one first.
pub fn offered_sequences(store: &Store, interpreter: &Interpreter, most: usize) -> Vec<String> {
    let is_sequence =
        |field: &OfferedField| field.numbers == Numbers::Whole && field.values.len() > 1;
    Fields::of(store, interpreter).paths(most, is_sequence)
}

/// Passes the newest decoded payloads of a store to `each`, the newest one first, because a feed may change.
pub(super) fn newest_payloads(
    store: &Store,
    interpreter: &Interpreter,
    mut each: impl FnMut(&Kind<'_>, &[u8]),
) {
    let (mut end, mut bytes_left, mut rows_left) = (RowNumber::MAX, MOST_BYTES, NEWEST);
    while rows_left > 0 && bytes_left > 0 {
        let Some(portion) = store.portion_before(end, bytes_left) else {
            break;
        };
        for (_, record) in portion.records().rev() {
            let Some(data) = interpreter.received(&record.kind) else {
                continue;
            };
            each(&record.kind, &data);
            rows_left -= 1;
            if rows_left == 0 {
                return;
            }
        }
        bytes_left = bytes_left.saturating_sub(portion.size_bytes());
        end = portion.numbers().start;
    }
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            records: 0,
            payloads: 0,
            forms: HashMap::new(),
            by_path: HashMap::new(),
            whole: FieldReader::new([Path::whole()]).unwrap_or_default(),
        }
    }
}

impl Fields {
    fn of(store: &Store, interpreter: &Interpreter) -> Self {
        let mut fields = Self::default();
        newest_payloads(store, interpreter, |_, data| fields.add(data));
        fields
    }

    /// Counts the fields of a payload that is an object.
    pub(super) fn add(&mut self, data: &[u8]) {
        self.records += 1;
        if data.len() > LONGEST_PAYLOAD || data.trim_ascii_start().first() != Some(&b'{') {
            return;
        }
        let Ok(outline) = Interpretation::of_bytes(data).outline() else {
            return;
        };
        self.payloads += 1;
        let form = form(&outline, data);
        *self.forms.entry(form).or_default() += 1;
        let mut at = 1;
        while at < outline.len() {
            let node = outline.node(at);
            let next = match node.shape {
                // Elements of arrays have no fixed path.
                Shape::Array(_) => node.next,
                Shape::Object(_) if node.depth >= DEEPEST => node.next,
                Shape::Object(_) => at + 1,
                Shape::String | Shape::Number | Shape::Literal => {
                    let field = self.by_path.entry(outline.path(data, at)).or_default();
                    field.add(&self.whole, (form, at), &data[outline.range(data, at)]);
                    at + 1
                }
            };
            at = next;
        }
    }

    /// Returns the useful fields, the most useful one first.
    pub(super) fn useful(&self) -> Vec<Useful> {
        let fields = self.by_path.iter();
        let useful = fields.filter(|(_, field)| {
            field.longest <= LONGEST + 2 && field.values.len() > 1 && self.is_frequent(field)
        });
        let mut useful: Vec<Useful> = useful
            .map(|(path, field)| Useful {
                path: path.clone(),
                content: field.content(),
                forms: field.forms.len(),
                count: field.count,
                place: field.place,
                varies_in_form: field.varies_in_form,
                values: field.values.len(),
                is_time: field.is_time || is_named_time(path),
            })
            .collect();
        // A field of several forms is more general. Main fields have short names: `.price`, but `.price_24h`. Numbers of
        // records are of less interest than prices and sizes.
        useful.sort_by(|one, other| {
            let by_use = one.content.cmp(&other.content);
            let by_forms = other.forms.cmp(&one.forms);
            let by_count = other.count.cmp(&one.count);
            let by_name = (one.path.len(), one.place, &one.path).cmp(&(
                other.path.len(),
                other.place,
                &other.path,
            ));
            // A name such as `.product_id` is a subject.
            let numbers = |field: &Useful| {
                field.content != OfferedContent::Names && is_numbering(&field.path)
            };
            let by_role = numbers(one).cmp(&numbers(other));
            by_use
                .then(by_role)
                .then(by_forms)
                .then(by_count)
                .then(by_name)
        });
        useful
    }

    /// Returns the paths of frequent fields with a property.
    fn paths(&self, most: usize, has: impl Fn(&OfferedField) -> bool) -> Vec<String> {
        let fields = self.by_path.iter();
        let mut found: Vec<_> = fields
            .filter(|(_, field)| has(field) && self.is_frequent(field))
            .collect();
        found.sort_by_key(|(path, field)| (Reverse(field.count), path.len(), *path));
        found.truncate(most);
        found.into_iter().map(|(path, _)| path.clone()).collect()
    }

    /// Returns true if half of all payloads have the field, or most payloads of a form that is not rare.
    fn is_frequent(&self, field: &OfferedField) -> bool {
        let is_in_form = |(form, count): (&u64, &usize)| {
            let all = self.forms.get(form).copied().unwrap_or_default();
            all >= LEAST_OF_FORM && count * 2 >= all
        };
        field.count * 2 >= self.payloads || field.forms.iter().any(is_in_form)
    }
}

impl OfferedField {
    fn add(&mut self, reader: &FieldReader, (form, place): (u64, usize), value: &[u8]) {
        let is_first = self.count == 0;
        if is_first {
            self.place = place;
            (self.is_counter, self.is_time) = (true, true);
        }
        self.count += 1;
        *self.forms.entry(form).or_default() += 1;
        self.longest = self.longest.max(value.len());
        if value != b"null" {
            let number = number(value);
            self.valued += 1;
            self.numeric += usize::from(number.is_some());
            self.numbers = match number {
                None => Numbers::Few,
                Some(number) if number.fract() != 0.0 && self.numbers == Numbers::Whole => {
                    Numbers::Decimal
                }
                Some(_) => self.numbers,
            };
            self.is_time = self.is_time && is_time(reader, value);
            // Each value must be below the one before, because the newest record is read first.
            let is_below = self.last.zip(number).is_none_or(|(last, now)| now < last);
            self.is_counter &= is_below && number.is_some_and(|number| number.fract() == 0.0);
            self.last = number.or(self.last);
        }
        if !self.varies_in_form {
            let first = self.first_of_form.entry(form);
            self.varies_in_form = first.or_insert_with(|| value.to_vec()) != value;
        }
        if self.values.len() < MOST_VALUES {
            self.values.insert(value.to_vec());
        }
    }

    pub(super) fn content(&self) -> OfferedContent {
        // Some numbers of a feed may be texts such as `n/a`, which make no names of the others.
        let is_numeric = self.numbers != Numbers::Few || self.numeric * 2 > self.valued;
        match (is_numeric, self.is_counter) {
            (true, false) => OfferedContent::Numbers,
            (false, _) if self.values.len() * 2 <= self.count => OfferedContent::Names,
            (true, true) | (false, _) => OfferedContent::Others,
        }
    }
}

/// Returns true for the path of a field that usually names the type of a message, and not its subject.
pub(super) fn is_kind(path: &str) -> bool {
    const NAMES: [&str; 9] = [
        "type", "kind", "event", "op", "action", "method", "status", "state", "level",
    ];
    let name = path.rsplit('.').next().unwrap_or(path);
    NAMES.iter().any(|kind| name.eq_ignore_ascii_case(kind))
}

/// Returns true for the path of a field that usually numbers records or dates them, such as `.trade_id` or `.sequence`.
fn is_numbering(path: &str) -> bool {
    const ENDS: [&str; 9] = [
        "id",
        "seq",
        "sequence",
        "nonce",
        "cursor",
        "offset",
        "number",
        "time",
        "timestamp",
    ];
    ends_with_word(path, &ENDS)
}

/// Returns true for the path of a field that usually contains a time, such as `.time` or `.created_at`.
fn is_named_time(path: &str) -> bool {
    ends_with_word(path, &["time", "timestamp", "ts", "at", "date"])
}

/// Returns true if the name at the end of a path ends with one of these words.
fn ends_with_word(path: &str, words: &[&str]) -> bool {
    let name = path.rsplit('.').next().unwrap_or(path);
    // `.trade_id` and `.tradeId` end with the word `id`, but `.bid` and `.paid` do not.
    words.iter().any(|end| {
        let before = name.len().checked_sub(end.len());
        before.is_some_and(|at| {
            let is_end = name.is_char_boundary(at) && name[at..].eq_ignore_ascii_case(end);
            let is_word = at == 0
                || name[..at].ends_with('_')
                || name[at..].starts_with(|first: char| first.is_ascii_uppercase());
            is_end && is_word
        })
    })
}

/// Returns the number of a value, also of decimal text.
fn number(value: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(value).ok()?.trim_matches('"');
    is_decimal(text).then(|| text.parse().ok()).flatten()
}

/// Returns true for a time from 2001 to 2100. Other numbers are rarely times.
fn is_time(reader: &FieldReader, value: &[u8]) -> bool {
    const TIMES: std::ops::Range<i64> = 978_307_200_000_000..4_102_444_800_000_000;
    let Ok([value, ..]) = reader.read(value) else {
        return false;
    };
    let time = value.value().and_then(ServerTime::parse);
    time.is_some_and(|time| TIMES.contains(&time.micros))
}

/// Returns the hash of the names of the members, in any order.
fn form(outline: &Outline, data: &[u8]) -> u64 {
    let mut form = 0_u64;
    let mut at = 1;
    while at < outline.len() {
        let node = outline.node(at);
        if let Some(key) = outline.key(data, at) {
            // The sum does not depend on the order of the members.
            let mut hasher = DefaultHasher::new();
            (node.depth, &data[key]).hash(&mut hasher);
            form = form.wrapping_add(hasher.finish());
        }
        let is_entered = matches!(node.shape, Shape::Object(_)) && node.depth < DEEPEST;
        at = if is_entered { at + 1 } else { node.next };
    }
    form
}

#[cfg(test)]
mod tests;
