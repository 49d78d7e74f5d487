//! A block of a feed's bytes with the entries of its rows. Knows nothing of budgets or of other chunks.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::row::{Row, WIRE_HEAD_BYTES, flag};
use super::shown::{Class, Shown};
use crate::record::{Direction, Kind, Record};

/// Big enough that a gigabyte is a thousand chunks, small enough that letting one go is not missed.
const CHUNK_BYTES: usize = 1 << 20;
/// Bounds the scan for the n-th shown row of a chunk.
const CHUNK_ROWS: usize = 1 << 15;

/// Rows one after the other with the bytes they point into. A payload larger than a chunk gets one of its own.
#[derive(Default)]
pub(super) struct Chunk {
    /// The store's number of the first row.
    pub(super) first_row: u64,
    pub(super) rows: Vec<Row>,
    pub(super) bytes: Vec<u8>,
    /// How many rows of each class it holds.
    pub(super) counts: [u32; Class::COUNT],
}

impl Chunk {
    pub(super) fn starting_at(first_row: u64) -> Self {
        Self {
            first_row,
            ..Self::default()
        }
    }

    /// One past the last row.
    pub(super) fn end_row(&self) -> u64 {
        self.first_row + self.rows.len() as u64
    }

    /// What it holds of memory, in bytes.
    pub(super) fn memory(&self) -> u64 {
        (self.bytes.capacity() + self.rows.capacity() * size_of::<Row>()) as u64
    }

    /// Whether a record with this many bytes may still go in.
    pub(super) fn has_room_for(&self, bytes: usize) -> bool {
        self.rows.is_empty()
            || (self.bytes.len() + bytes <= CHUNK_BYTES && self.rows.len() < CHUNK_ROWS)
    }

    /// Gives back what was reserved for rows and bytes that did not come.
    pub(super) fn seal(&mut self) {
        self.bytes.shrink_to_fit();
        self.rows.shrink_to_fit();
    }

    /// Appends one record; `type_number` is what [`Types`] know its event type by.
    pub(super) fn push(&mut self, record: &Record<'_>, type_number: Option<u16>) {
        let offset = self.bytes.len() as u32;
        let tag = record.kind.tag();
        let direction = record.kind.direction();
        let class = Class::of(tag, direction);
        let mut row = Row {
            moment: record.stamp.moment,
            offset,
            payload_len: 0,
            head_len: 0,
            connection: record.connection,
            extra: 0,
            type_ref: 0,
            tag,
            flags: (class as u8) << flag::CLASS_SHIFT,
        };
        row.flags |= match direction {
            Some(Direction::In) => flag::IN,
            Some(Direction::Out) => flag::OUT,
            None => 0,
        };
        let payload_start = self.push_bytes(&record.kind, &mut row, type_number);
        row.payload_len = (self.bytes.len() - payload_start) as u32;
        self.counts[class as usize] += 1;
        self.rows.push(row);
    }

    /// Appends what `kind` holds, head first; returns where the payload begins.
    fn push_bytes(&mut self, kind: &Kind<'_>, row: &mut Row, type_number: Option<u16>) -> usize {
        let mut wire_head = [0; WIRE_HEAD_BYTES];
        let (head, payload): (&[u8], &[u8]) = match kind {
            Kind::Event { event, id, data } => {
                if let Some(number) = type_number {
                    row.type_ref = number;
                } else {
                    // Too long or too many to be worth a number: it stands before the id.
                    row.flags |= flag::TYPE_INLINE;
                    row.extra = event.len() as u32;
                    row.head_len = event.len() as u32;
                    self.bytes.extend_from_slice(event);
                }
                (id, data)
            }
            Kind::Text {
                data, failed, wire, ..
            }
            | Kind::Binary {
                data, failed, wire, ..
            } => match (failed, wire) {
                (Some(failed), _) => {
                    row.flags |= flag::FAILED;
                    (failed.as_bytes(), data)
                }
                (None, Some(wire)) => {
                    row.flags |= flag::WIRE;
                    row.extra = u32::try_from(wire.wire_bytes).unwrap_or(u32::MAX);
                    wire_head[0] = u8::from(wire.compressed);
                    wire_head[1..].copy_from_slice(&wire.frames.to_le_bytes());
                    (&wire_head, data)
                }
                (None, None) => (&[], data),
            },
            Kind::Comment { data } | Kind::Ping { data, .. } => (&[], data),
            Kind::Pong { data, rtt, .. } => {
                // Microseconds plus one: 0 is "none", and a round trip of more than an hour is as good as one.
                row.extra = rtt.map_or(0, |rtt| {
                    u32::try_from(rtt.as_micros() + 1).unwrap_or(u32::MAX)
                });
                (&[], data)
            }
            Kind::Close { code, reason, .. } => {
                row.extra = u32::from(*code);
                (&[], reason.as_bytes())
            }
            Kind::Note { code, text } => (code.as_bytes(), text.as_bytes()),
            // Digits, so that whoever searches a chunk's bytes finds what a reader sees.
            Kind::Retry { ms } => return self.push_payload(ms.to_string().as_bytes()),
            Kind::State(change) => return self.push_payload(&json(change)),
            Kind::Gap(gap) => return self.push_payload(&json(gap)),
        };
        row.head_len += head.len() as u32;
        self.bytes.extend_from_slice(head);
        self.push_payload(payload)
    }

    fn push_payload(&mut self, payload: &[u8]) -> usize {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(payload);
        start
    }

    /// A chunk of one row, for a reader that wants to keep a record of a chunk that is still being written.
    pub(super) fn single(&self, at: usize) -> Self {
        let mut row = self.rows[at];
        let bytes = self.bytes[row.whole()].to_vec();
        row.offset = 0;
        Self {
            first_row: self.first_row + at as u64,
            rows: vec![row],
            bytes,
            counts: [0; Class::COUNT],
        }
    }

    /// A copy of some of its rows, for a reader of a chunk that is still being written.
    pub(super) fn copy_of(&self, rows: Range<usize>) -> Self {
        let Some((first, last)) = self.rows[rows.clone()]
            .first()
            .zip(self.rows[rows.clone()].last())
        else {
            return Self::starting_at(self.first_row + rows.start as u64);
        };
        let bytes = self.bytes[first.offset as usize..last.whole().end].to_vec();
        let from = first.offset;
        let moved = |row: &Row| Row {
            offset: row.offset - from,
            ..*row
        };
        let first_row = self.first_row + rows.start as u64;
        Self {
            first_row,
            rows: self.rows[rows].iter().map(moved).collect(),
            bytes,
            counts: [0; Class::COUNT],
        }
    }

    /// One past the last of the rows from `at` on that take at most `most_bytes`; at least one.
    pub(super) fn rows_within(&self, at: usize, most_bytes: usize) -> usize {
        let most = self.cost_before(at).saturating_add(most_bytes);
        let (mut low, mut high) = (at + 1, self.rows.len());
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if self.cost_before(middle) <= most {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        low
    }

    /// The first of the rows before `end` that take at most `most_bytes`; at least one.
    pub(super) fn rows_within_before(&self, end: usize, most_bytes: usize) -> usize {
        let least = self.cost_before(end).saturating_sub(most_bytes);
        let (mut low, mut high) = (0, end - 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.cost_before(middle) >= least {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// What the rows before `at` take of memory.
    fn cost_before(&self, at: usize) -> usize {
        let bytes = self
            .rows
            .get(at)
            .map_or(self.bytes.len(), |row| row.offset as usize);
        bytes + at * size_of::<Row>()
    }

    /// Whether none of its rows is hidden, as in most chunks: then places need no counting.
    fn shows_all(&self, shown: Shown) -> bool {
        shown.sum(&self.counts) == self.rows.len() as u64
    }

    /// How many of the rows before `at` are shown.
    pub(super) fn rank(&self, shown: Shown, at: usize) -> u64 {
        if self.shows_all(shown) {
            return at.min(self.rows.len()) as u64;
        }
        self.rows[..at.min(self.rows.len())]
            .iter()
            .filter(|row| shown.has_number(row.class()))
            .count() as u64
    }

    /// Where the `nth` shown row is, from 0.
    pub(super) fn select(&self, shown: Shown, nth: u64) -> Option<usize> {
        if self.shows_all(shown) {
            return usize::try_from(nth).ok().filter(|&at| at < self.rows.len());
        }
        let mut shown_rows = self
            .rows
            .iter()
            .enumerate()
            .filter(|(_, row)| shown.has_number(row.class()));
        shown_rows.nth(usize::try_from(nth).ok()?).map(|(at, _)| at)
    }
}

/// Whether a record with this many bytes gets a chunk of its own.
pub(super) fn is_oversized(bytes: usize) -> bool {
    bytes > CHUNK_BYTES
}

/// The longest a record's bytes get, so that a chunk's offsets fit; see [`super::StoreWriter`].
pub(super) fn size_of_record(kind: &Kind<'_>) -> usize {
    match kind {
        Kind::Event { event, id, data } => event.len() + id.len() + data.len(),
        Kind::Comment { data } | Kind::Ping { data, .. } | Kind::Pong { data, .. } => data.len(),
        Kind::Text { data, failed, .. } | Kind::Binary { data, failed, .. } => {
            // A message that went out or came in may have something to tell of how it did.
            data.len() + failed.map_or(WIRE_HEAD_BYTES, str::len)
        }
        Kind::Close { reason, .. } => reason.len(),
        Kind::Note { code, text } => code.len() + text.len(),
        Kind::State(_) | Kind::Gap(_) | Kind::Retry { .. } => 256,
    }
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("strings and numbers always serialize")
}

/// The event types of a feed, each kept once and known by a number.
#[derive(Default)]
pub(super) struct Types {
    /// Shared with readers; copied when a type comes up for the first time while one of them looks.
    names: Arc<Vec<Arc<[u8]>>>,
    numbers: HashMap<Arc<[u8]>, u16>,
    last: Option<u16>,
}

impl Types {
    /// A feed that makes up a new type for every event shall not fill memory with them.
    const MOST: usize = 4_096;
    /// Longer ones are no names.
    const LONGEST: usize = 64;

    /// The number of an event's type; `None` where its type stands inline, and for what is no event.
    pub(super) fn number_of(&mut self, kind: &Kind<'_>) -> Option<u16> {
        let &Kind::Event { event: name, .. } = kind else {
            return None;
        };
        // Feeds repeat themselves: the last type is the likeliest next one.
        if let Some(last) = self.last
            && *self.names[usize::from(last)] == *name
        {
            return Some(last);
        }
        let number = match self.numbers.get(name) {
            Some(&number) => number,
            None if name.len() > Self::LONGEST || self.names.len() >= Self::MOST => return None,
            None => {
                let number = self.names.len() as u16;
                let name: Arc<[u8]> = name.into();
                Arc::make_mut(&mut self.names).push(Arc::clone(&name));
                self.numbers.insert(name, number);
                number
            }
        };
        self.last = Some(number);
        Some(number)
    }

    pub(super) fn names(&self) -> Arc<Vec<Arc<[u8]>>> {
        Arc::clone(&self.names)
    }

    pub(super) fn name(&self, number: u16) -> Arc<[u8]> {
        self.names
            .get(usize::from(number))
            .map_or_else(|| Arc::from(*b""), Arc::clone)
    }
}
