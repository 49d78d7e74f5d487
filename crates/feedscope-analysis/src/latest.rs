//! The newest record of each value of a key, such as the last price of each symbol. Memory is bounded, and the newest
//! records of a rare key stay when a busy key has pushed out everything else.
//!
//! ```
//! use feedscope_analysis::fields::Path;
//! use feedscope_analysis::latest::StoreLatest;
//! use feedscope_core::store::{DEFAULT_BUDGET_BYTES, Store};
//! use feedscope_core::{Kind, Moment, Record, Sink as _, Stamp};
//!
//! let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
//! for data in [&br#"{"s":"A","p":1}"#[..], br#"{"s":"B","p":7}"#, br#"{"s":"A","p":2}"#] {
//!     writer.push(&Record { stamp: Stamp::default(), connection: 1, kind: Kind::Line { data } });
//! }
//! let path = |text: &str| Path::parse(text).unwrap();
//! let latest = StoreLatest::by_key(&store, path(".s"), vec![path(".p")]);
//! while !latest.task().step(1 << 20).is_done {}
//! let table = latest.value();
//! let a = table.key("A").unwrap();
//! assert_eq!((a.count(), a.newest().payload()), (2, &br#"{"s":"A","p":2}"#[..]));
//! assert_eq!((a.value(0).unwrap().text(), a.previous_value(0).unwrap().text()), ("2", "1"));
//! ```

mod order;
#[cfg(test)]
mod tests;
mod values;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use feedscope_core::numbers::{counted, grouped};
use feedscope_core::store::{RowNumber, Store};
use feedscope_core::{Moment, Record, Stamp};

use crate::fields::{FieldReader, MOST_PATHS, Path};
use crate::follow::{Fold, Following};
use crate::interpret::Interpreter;
use crate::record_key::RecordKey;

pub use order::{KeyOrder, OrderBy, OrderedKeys, WantedOrder};
pub use values::LatestValue;

use values::ColumnValues;

/// Number of columns of values beside the key.
pub const MOST_COLUMNS: usize = MOST_PATHS - 1;

/// Number of keys of a table.
pub const MOST_KEYS: usize = 10_000;

/// Number of the newest records of a key that are kept, unless all keys together need too much memory.
const KEPT_RECORDS: usize = 4;

/// Longest payload that is kept, in bytes. A longer one is read from the store while it is there.
const LONGEST_PAYLOAD: usize = 4 << 10;

/// Memory for the payloads of all keys, in bytes.
const MOST_BYTES: usize = 32 << 20;

/// Longest text of a key in bytes. A longer one is a document, not a name.
const LONGEST_KEY: usize = 256;

/// Length of a slot of the recent past.
const SLOT: Duration = Duration::from_secs(5);

/// Number of slots: two minutes.
pub const SLOTS: usize = 24;

/// Table of the newest records, by the values of a field.
#[derive(Debug)]
pub struct Latest {
    /// Path of the key if it is a field, then those of the columns.
    reader: FieldReader,
    interpreter: Interpreter,
    key: RecordKey,
    columns: usize,
    keys: Vec<KeyRecords>,
    /// Places of the keys.
    places: HashMap<Box<str>, usize>,
    /// Bytes of all kept payloads.
    bytes: usize,
    /// Records that each key keeps at present.
    kept_records: usize,
    /// Records with keys beyond [`MOST_KEYS`], or longer than [`LONGEST_KEY`].
    left_out: u64,
    /// Records without the key.
    without_key: u64,
    /// Records that were let go before they were read.
    unread: u64,
    /// Number of times that all records were forgotten.
    restarts: u64,
}

/// The newest records of one key.
#[derive(Clone, Debug)]
pub struct KeyRecords {
    name: Box<str>,
    count: u64,
    first: Moment,
    /// The newest record last; never empty.
    kept: VecDeque<KeptRecord>,
    /// Longest time between two records so far.
    longest_interval: Duration,
    recent: Recent,
    /// Values of the columns, which may be in records before the newest one.
    values: Box<[ColumnValues]>,
}

/// A record that stays when the store lets it go.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptRecord {
    row: RowNumber,
    stamp: Stamp,
    payload: Box<[u8]>,
    /// The payload is longer than a kept one may be.
    is_left_out: bool,
}

/// Counts and values of the last two minutes.
///
/// Values are `f32`, because they are only drawn a few points high.
#[derive(Clone, Debug, Default)]
struct Recent {
    /// Number of the newest slot since the epoch.
    slot: u64,
    counts: [u32; SLOTS],
    values: [Option<f32>; SLOTS],
}

/// Table that follows a store. Clones share it.
pub type StoreLatest = Following<Latest>;

impl StoreLatest {
    /// Creates the table of a store by the values at `key`, as [`Latest::new`] does; empty until the first step.
    pub fn by_key(store: &Store, key: impl Into<RecordKey>, columns: Vec<Path>) -> Self {
        Self::new(store, Latest::new(key, columns))
    }

    /// Creates the table of a store whose payloads `interpreter` reads.
    pub fn reading(
        store: &Store,
        key: impl Into<RecordKey>,
        columns: Vec<Path>,
        interpreter: Interpreter,
    ) -> Self {
        let latest = Latest {
            interpreter,
            ..Latest::new(key, columns)
        };
        Self::new(store, latest)
    }

    /// Sets the number after the last row whose record is in the table; [`RowNumber::MAX`] for all rows. The next steps
    /// read up to it, from the oldest row on if later rows have been read already.
    pub fn set_limit(&self, end: RowNumber) {
        self.set_end(end);
    }
}

impl KeptRecord {
    /// Its row.
    pub fn row(&self) -> RowNumber {
        self.row
    }

    /// Time of its arrival.
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Its decoded payload; empty if it is too long to be kept.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Returns true if the payload is too long to be kept.
    pub fn is_left_out(&self) -> bool {
        self.is_left_out
    }
}

impl KeyRecords {
    /// Value of the key: a text as it is, other values as JSON.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of its records so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Its newest record.
    pub fn newest(&self) -> &KeptRecord {
        // A key exists only with a record, and one record is always kept.
        &self.kept[self.kept.len() - 1]
    }

    /// Its record before the newest one, while it is kept.
    pub fn previous(&self) -> Option<&KeptRecord> {
        self.kept.iter().rev().nth(1)
    }

    /// The newest value of a column. A feed may mix types of messages, so that the newest record may have none.
    pub fn value(&self, column: usize) -> Option<&LatestValue> {
        self.values.get(column)?.newest()
    }

    /// The value of a column before the newest one.
    pub fn previous_value(&self, column: usize) -> Option<&LatestValue> {
        self.values.get(column)?.previous()
    }

    /// Its kept records, newest first.
    pub fn kept(&self) -> impl Iterator<Item = &KeptRecord> {
        self.kept.iter().rev()
    }

    /// Records in each second over the last two minutes, or since the first record.
    pub fn rate(&self, now: Moment) -> f64 {
        // The slots are counted back from now, so that an old key has a rate of 0.
        let slot = slot_of(now);
        let count: u64 = (0..SLOTS)
            .filter_map(|back| self.recent.place(slot, back))
            .map(|place| u64::from(self.recent.counts[place]))
            .sum();
        let whole = SLOT * SLOTS as u32;
        let span = now.since(self.first).clamp(Duration::from_secs(1), whole);
        count as f64 / span.as_secs_f64()
    }

    /// Last number of the first column in each slot of the last two minutes, oldest first.
    pub fn spark(&self, now: Moment) -> [Option<f32>; SLOTS] {
        let slot = slot_of(now);
        std::array::from_fn(|at| {
            let place = self.recent.place(slot, SLOTS - 1 - at)?;
            self.recent.values[place]
        })
    }

    /// Time since the newest record.
    pub fn age(&self, now: Moment) -> Duration {
        now.since(self.newest().stamp.moment)
    }

    /// Returns true if the key has been silent for longer than ever before.
    pub fn is_late(&self, now: Moment) -> bool {
        self.count > 2 && self.age(now) > self.longest_interval
    }
}

impl Recent {
    fn add(&mut self, slot: u64, value: Option<f32>) {
        // Slots without a record since the last one are empty.
        for empty in (self.slot + 1..=slot).rev().take(SLOTS) {
            let place = (empty % SLOTS as u64) as usize;
            self.counts[place] = 0;
            self.values[place] = None;
        }
        self.slot = self.slot.max(slot);
        let place = (self.slot % SLOTS as u64) as usize;
        self.counts[place] = self.counts[place].saturating_add(1);
        if value.is_some() {
            self.values[place] = value;
        }
    }

    /// Returns the place of the slot that is `back` slots before `slot`; `None` if it is not counted.
    fn place(&self, slot: u64, back: usize) -> Option<usize> {
        let wanted = slot.checked_sub(back as u64)?;
        let is_counted = wanted <= self.slot && self.slot - wanted < SLOTS as u64;
        is_counted.then_some((wanted % SLOTS as u64) as usize)
    }
}

fn slot_of(at: Moment) -> u64 {
    at.as_nanos() / SLOT.as_nanos() as u64
}

impl Latest {
    /// Creates an empty table by the values at `key`, with the newest values at `columns`, of which [`MOST_COLUMNS`]
    /// are read. The recent past of the first column is in the table as well.
    pub fn new(key: impl Into<RecordKey>, mut columns: Vec<Path>) -> Self {
        let key = key.into();
        columns.truncate(MOST_COLUMNS);
        let count = columns.len();
        let paths = key.field().cloned().into_iter().chain(columns);
        Self {
            reader: FieldReader::new(paths).unwrap_or_default(),
            interpreter: Interpreter::default(),
            key,
            columns: count,
            keys: Vec::new(),
            places: HashMap::new(),
            bytes: 0,
            kept_records: KEPT_RECORDS,
            left_out: 0,
            without_key: 0,
            unread: 0,
            restarts: 0,
        }
    }

    /// The key.
    pub fn record_key(&self) -> &RecordKey {
        &self.key
    }

    /// Returns true if records were read and none of them has the key.
    pub fn lacks_key(&self) -> bool {
        self.keys.is_empty() && self.left_out == 0 && self.without_key > 0
    }

    /// Keys in the order of their first records.
    pub fn keys(&self) -> &[KeyRecords] {
        &self.keys
    }

    /// The records of one key.
    pub fn key(&self, name: &str) -> Option<&KeyRecords> {
        self.keys.get(*self.places.get(name)?)
    }

    /// Sentences about records that the table does not contain.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.left_out > 0 {
            let records = counted(self.left_out, "record");
            let most = grouped(MOST_KEYS as u64);
            notes.push(format!(
                "{records} not in the table: with keys beyond the first {most}, or of more than {LONGEST_KEY} bytes"
            ));
        }
        if self.kept_records < KEPT_RECORDS {
            let count = self.kept_records;
            notes.push(format!(
                "{count} of the newest {KEPT_RECORDS} records of each key are kept, because the payloads are long"
            ));
        }
        if self.unread > 0 {
            let count = self.unread;
            notes.push(format!("{count} records were let go before they were read"));
        }
        notes
    }

    fn receive(&mut self, row: RowNumber, record: &Record<'_>, data: &[u8]) -> bool {
        let stamp = record.stamp;
        // A payload that is no JSON has no fields, but the record may have an ID.
        let found = self.reader.read(data).unwrap_or_default();
        let of_key = self.key.field().map(|_| found[0]);
        let first = usize::from(of_key.is_some());
        let found = &found[first..first + self.columns];
        // A record without the key belongs to no row of the table.
        let Some(name) = self.key.text(&record.kind, of_key) else {
            self.without_key += 1;
            // The first one changes the state of the table.
            return self.without_key == 1;
        };
        if name.len() > LONGEST_KEY {
            self.left_out += 1;
            return true;
        }
        let number = found.first().and_then(|value| value.value()?.float());
        let place = match self.places.get(&*name) {
            Some(place) => *place,
            None if self.keys.len() == MOST_KEYS => {
                self.left_out += 1;
                return true;
            }
            None => {
                let place = self.keys.len();
                self.keys.push(KeyRecords {
                    name: (*name).into(),
                    count: 0,
                    first: stamp.moment,
                    kept: VecDeque::new(),
                    longest_interval: Duration::ZERO,
                    recent: Recent::default(),
                    values: vec![ColumnValues::default(); self.columns].into(),
                });
                self.places.insert(name.into(), place);
                place
            }
        };
        let keys = &mut self.keys[place];
        if let Some(last) = keys.kept.back() {
            let interval = stamp.moment.since(last.stamp.moment);
            keys.longest_interval = keys.longest_interval.max(interval);
        }
        keys.count += 1;
        let number = number.map(|number| number as f32);
        keys.recent.add(slot_of(stamp.moment), number);
        for (values, found) in keys.values.iter_mut().zip(found) {
            if let Some(value) = found.value() {
                values.set(value, stamp.moment);
            }
        }
        // A copy is kept, because the store may let go of the record.
        let is_left_out = data.len() > LONGEST_PAYLOAD;
        let kept = KeptRecord {
            row,
            stamp,
            payload: if is_left_out {
                Box::default()
            } else {
                data.into()
            },
            is_left_out,
        };
        // The new payload counts before the oldest one is dropped.
        self.bytes += kept.payload.len();
        keys.kept.push_back(kept);
        self.bytes -= drop_excess(&mut keys.kept, self.kept_records);
        self.keep_within(MOST_BYTES);
        true
    }

    /// Reduces the number of records of every key until all payloads need at most `most` bytes, or one record is left.
    fn keep_within(&mut self, most: usize) {
        while self.bytes > most && self.kept_records > 1 {
            self.kept_records -= 1;
            for key in &mut self.keys {
                self.bytes -= drop_excess(&mut key.kept, self.kept_records);
            }
        }
    }
}

/// Drops the oldest records beyond `most`. Returns the bytes of their payloads.
fn drop_excess(kept: &mut VecDeque<KeptRecord>, most: usize) -> usize {
    let excess = kept.len().saturating_sub(most);
    kept.drain(..excess)
        .map(|record| record.payload.len())
        .sum()
}

impl Fold for Latest {
    const INTERVAL: Duration = Duration::from_millis(50);

    fn add(&mut self, row: RowNumber, record: &Record<'_>) -> bool {
        match self.interpreter.received(&record.kind) {
            Some(data) => self.receive(row, record, &data),
            None => false,
        }
    }

    fn skip(&mut self, rows: u64) {
        self.unread += rows;
    }

    fn restart(&mut self) {
        self.keys.clear();
        self.places.clear();
        self.bytes = 0;
        self.kept_records = KEPT_RECORDS;
        self.left_out = 0;
        self.without_key = 0;
        self.unread = 0;
        self.restarts += 1;
    }
}
