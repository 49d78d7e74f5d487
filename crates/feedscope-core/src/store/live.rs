//! Chunk that is being written: records are appended at its end until it is full. It does not use the budget or other
//! chunks.

use std::ops::Range;

use crc32fast::Hasher;

use super::layout::{ANCHOR_LEN, ENTRY_LEN, GrowingChecksum};
use super::number::RowNumber;
use super::row::{Row, WIRE_HEAD_BYTES, flag};
use super::rows::{Rows, anchor, anchor_row, anchor_stamp};
use super::shown::{Class, ClassCounts, ClassSet};
use super::types::Types;
use crate::record::{Direction, Kind, KindTag, Record};
use crate::time::Stamp;

/// Maximum number of bytes in a chunk. A gigabyte has only a thousand chunks, and the loss of one chunk is small.
const CHUNK_BYTES: usize = 1 << 20;
/// Maximum number of rows in a chunk. It bounds the scan for the n-th shown row.
const CHUNK_ROWS: usize = 1 << 15;

/// Successive rows with their bytes. A payload larger than a chunk has a chunk of its own.
#[derive(Default)]
pub(super) struct LiveChunk {
    /// Number of the first row in the store.
    pub(super) first_row: RowNumber,
    entries: Vec<[u8; ENTRY_LEN]>,
    anchors: Vec<[u8; ANCHOR_LEN]>,
    /// Content of the newest anchor.
    anchor: Stamp,
    /// Time of the newest row, which many rows have in common.
    newest: Stamp,
    types: Types,
    bytes: Vec<u8>,
    /// Number of rows of each class.
    pub(super) counts: ClassCounts,
    /// Bytes of the payloads that were received.
    pub(super) received_bytes: u32,
    /// Checksums of the entries and of the bytes, as far as they are known.
    entries_checksum: GrowingChecksum,
    bytes_checksum: GrowingChecksum,
}

impl LiveChunk {
    pub(super) fn starting_at(first_row: RowNumber) -> Self {
        Self {
            first_row,
            ..Self::default()
        }
    }

    /// Creates the chunk after this one in the buffers of `spare`, which is empty.
    ///
    /// If this chunk is full, the next one reserves the same room and a little more: a feed usually continues in the same
    /// way, and a buffer that grows step by step is copied each time.
    pub(super) fn next(&self, spare: Self) -> Self {
        let mut next = Self {
            first_row: self.end_row(),
            ..spare
        };
        let is_full_of_rows = self.entries.len() == CHUNK_ROWS;
        if is_full_of_rows || self.bytes.len() > CHUNK_BYTES / 2 {
            let bytes = if is_full_of_rows {
                with_allowance(self.bytes.len()).min(CHUNK_BYTES)
            } else {
                CHUNK_BYTES
            };
            next.bytes.reserve_exact(bytes);
            let rows = with_allowance(self.entries.len()).min(CHUNK_ROWS);
            next.entries.reserve_exact(rows);
        }
        next
    }

    /// Returns an empty chunk with the large buffers of this one, so that they need not be allocated again. A buffer of
    /// an oversized record is not kept.
    pub(super) fn emptied(self) -> Self {
        let Self {
            mut entries,
            mut anchors,
            mut bytes,
            ..
        } = self;
        entries.clear();
        anchors.clear();
        bytes.clear();
        if bytes.capacity() > CHUNK_BYTES {
            bytes = Vec::new();
        }
        Self {
            entries,
            anchors,
            bytes,
            ..Self::default()
        }
    }

    /// Creates a chunk with a single record. Its position in the store is not known yet.
    pub(super) fn alone(record: &Record<'_>) -> Self {
        let mut alone = Self::default();
        alone.push(record);
        alone
    }

    /// Moves a chunk with a single anchor to this first row.
    pub(super) fn moved_to(mut self, first_row: RowNumber) -> Self {
        self.first_row = first_row;
        self.anchors = vec![anchor(first_row, self.anchor)];
        self
    }

    pub(super) fn rows(&self) -> Rows<'_> {
        Rows {
            first_row: self.first_row,
            entries: &self.entries,
            anchors: &self.anchors,
            type_ends: &self.types.ends,
            type_names: &self.types.names,
            bytes: &self.bytes,
        }
    }

    /// Number of its rows before `row` that are shown.
    pub(super) fn rank(&self, shown: ClassSet, row: RowNumber) -> u64 {
        let before = row.since(self.first_row);
        if self.shows_all(shown) {
            return before.min(self.entries.len() as u64);
        }
        self.rows().rank(shown, before as usize)
    }

    /// Returns the row at place `nth` among those shown, from 0.
    pub(super) fn select(&self, shown: ClassSet, nth: u64) -> Option<RowNumber> {
        if self.shows_all(shown) {
            return Some(self.first_row + nth).filter(|&row| row < self.end_row());
        }
        self.rows().select(shown, nth)
    }

    /// Returns true if none of its rows is hidden. Then no row is read to find a place: a view of a fast feed asks for
    /// hundreds of places in each pass, while the writer waits for the lock.
    fn shows_all(&self, shown: ClassSet) -> bool {
        let numbers = 0..Class::NUMBERS as u8;
        let mut counts = numbers.zip(&self.counts);
        counts.all(|(class, &count)| count == 0 || shown.has_number(class))
    }

    /// Number after the last row.
    pub(super) fn end_row(&self) -> RowNumber {
        self.first_row + self.entries.len() as u64
    }

    /// Returns its memory in bytes.
    pub(super) fn memory(&self) -> u64 {
        let bytes = self.bytes.capacity()
            + self.entries.capacity() * ENTRY_LEN
            + self.anchors.capacity() * ANCHOR_LEN
            + self.types.memory();
        bytes as u64
    }

    /// Returns the number of bytes of its records, with their rows.
    pub(super) fn content_bytes(&self) -> usize {
        self.bytes.len() + self.entries.len() * ENTRY_LEN
    }

    /// Returns true if a record with this many bytes fits.
    pub(super) fn has_room_for(&self, bytes: usize) -> bool {
        self.entries.is_empty()
            || (self.bytes.len() + bytes <= CHUNK_BYTES && self.entries.len() < CHUNK_ROWS)
    }

    /// Returns true if the rows of a group fit.
    pub(super) fn has_room_for_rows(&self, group: &Self) -> bool {
        self.entries.is_empty()
            || (self.bytes.len() + group.bytes.len() <= CHUNK_BYTES
                && self.entries.len() + group.entries.len() <= CHUNK_ROWS)
    }

    /// Appends the rows of a group, which are numbered from 0. Returns false, and appends nothing, if the types of its
    /// events are too many.
    pub(super) fn append(&mut self, group: &Self) -> bool {
        let Some(numbers) = self.types.numbers_of(&group.types) else {
            return false;
        };
        let first = self.end_row();
        for bytes in &group.anchors {
            let (row, stamp) = (first + anchor_row(bytes).0, anchor_stamp(bytes));
            self.note_anchor_at(row, stamp);
        }
        let start = self.bytes.len() as u32;
        let place = self.entries.len();
        self.entries.extend(group.entries.iter().map(|entry| {
            let mut moved = *entry;
            Row::move_by(&mut moved, start);
            moved
        }));
        // Types usually have the same numbers in both.
        let is_same = numbers.iter().copied().eq(0..numbers.len() as u16);
        if !is_same {
            for entry in &mut self.entries[place..] {
                Row::renumber_type(entry, &numbers);
            }
        }
        self.bytes.extend_from_slice(&group.bytes);
        for (count, more) in self.counts.iter_mut().zip(group.counts) {
            *count += more;
        }
        self.received_bytes += group.received_bytes;
        true
    }

    /// Removes the rows of a group after it was appended. The times of the next group follow from those of this one.
    pub(super) fn begin_next_group(&mut self) {
        self.entries.clear();
        self.bytes.clear();
        self.anchors.clear();
        self.anchors.push(anchor(RowNumber(0), self.anchor));
        self.counts = ClassCounts::default();
        self.received_bytes = 0;
        if self.types.ends.len() > Types::FEW {
            self.types = Types::default();
        }
    }

    /// Frees memory that was reserved for more rows and bytes.
    pub(super) fn seal(&mut self) {
        shrink(&mut self.bytes);
        shrink(&mut self.entries);
        self.anchors.shrink_to_fit();
        self.types.seal();
    }

    /// Brings the checksums up to the last row. The bytes of a group that was just appended are in the nearest cache of
    /// the processor, so that this costs less than later.
    pub(super) fn add_to_checksums(&mut self) {
        self.entries_checksum.catch_up(self.entries.as_flattened());
        self.bytes_checksum.catch_up(&self.bytes);
    }

    /// Returns the checksum of the parts of its block in their order, with this padding.
    pub(super) fn checksum(&self, padding: &[u8]) -> u32 {
        let rows = self.rows();
        let mut crc = Hasher::new();
        self.entries_checksum
            .append_to(&mut crc, rows.entries.as_flattened());
        crc.update(rows.anchors.as_flattened());
        crc.update(rows.type_ends.as_flattened());
        crc.update(rows.type_names);
        self.bytes_checksum.append_to(&mut crc, rows.bytes);
        crc.update(padding);
        crc.finalize()
    }

    /// Appends one record. Returns the length of the payload, if it was received.
    pub(super) fn push(&mut self, record: &Record<'_>) -> Option<u32> {
        let class = Class::of(record.kind.tag(), record.kind.direction()) as u8;
        // A row keeps only its moment. The wall clock is noted where it does not follow from the one before.
        self.note_anchor(record.stamp);
        let direction = record.kind.direction();
        let tag = record.kind.tag();
        let mut row = Row {
            moment: record.stamp.moment,
            offset: self.bytes.len() as u32,
            payload_len: 0,
            head_len: 0,
            connection: record.connection,
            extra: 0,
            type_ref: 0,
            class,
            tag,
            flags: 0,
        };
        row.flags |= match direction {
            Some(Direction::In) => flag::IN,
            Some(Direction::Out) => flag::OUT,
            None => 0,
        };
        let payload_start = self.push_bytes(&record.kind, &mut row);
        row.payload_len = (self.bytes.len() - payload_start) as u32;
        self.counts[usize::from(class)] += 1;
        let received = row.received();
        self.received_bytes += received.unwrap_or_default();
        self.entries.push(row.encode());
        received
    }

    /// Adds an anchor if the relation of UTC to the monotonic time has changed.
    fn note_anchor(&mut self, stamp: Stamp) {
        // The times of one read from a socket are equal.
        if stamp == self.newest && !self.anchors.is_empty() {
            return;
        }
        self.newest = stamp;
        if self.anchors.is_empty() || self.anchor.utc_at(stamp.moment) != stamp.utc {
            self.anchors.push(anchor(self.end_row(), stamp));
            self.anchor = stamp;
        }
    }

    /// Adds this anchor for the rows from `row` on, unless it is the current one.
    fn note_anchor_at(&mut self, row: RowNumber, stamp: Stamp) {
        if !self.anchors.is_empty() && self.anchor == stamp {
            return;
        }
        // No row is between two anchors for the same row.
        if self
            .anchors
            .last()
            .is_some_and(|last| anchor_row(last) == row)
        {
            self.anchors.pop();
        }
        self.anchors.push(anchor(row, stamp));
        self.anchor = stamp;
        self.newest = stamp;
    }

    /// Appends the bytes of `kind`, head first. Returns the start of the payload.
    fn push_bytes(&mut self, kind: &Kind<'_>, row: &mut Row) -> usize {
        let mut wire_head = [0; WIRE_HEAD_BYTES];
        let (head, payload): (&[u8], &[u8]) = match kind {
            Kind::Event { event, id, data } => {
                if let Some(number) = self.types.number_of(event) {
                    row.type_ref = number;
                } else {
                    // The type is too long, or there are too many types. It is stored before the id.
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
            Kind::Comment { data } | Kind::Line { data } | Kind::Ping { data, .. } => (&[], data),
            Kind::Pong { data, rtt, .. } => {
                // Microseconds plus one, because 0 means none. A round-trip time of more than an hour is capped.
                row.extra = rtt.map_or(0, |rtt| {
                    u32::try_from(rtt.as_micros() + 1).unwrap_or(u32::MAX)
                });
                (&[], data)
            }
            Kind::Close { code, reason, .. } => {
                row.extra = u32::from(code.0);
                (&[], reason.as_bytes())
            }
            Kind::Note { code, text } => (code.as_str().as_bytes(), text.as_bytes()),
            // Digits, so that a search in the chunk's bytes finds the text that a reader sees.
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

    /// Copies some of its rows for a reader, while this chunk receives more rows.
    pub(super) fn copy_of(&self, range: Range<usize>) -> Self {
        Self::of_rows(self.rows().part(range))
    }

    /// Returns a copy of these rows, without the bytes of others.
    pub(super) fn of_rows(rows: Rows<'_>) -> Self {
        let span = rows.span();
        // Offsets in the copy count from its own first byte.
        let moved = |entry: &[u8; ENTRY_LEN]| {
            // Only the place changes: a kind of a later version keeps its number.
            let mut moved = *entry;
            Row::set_offset(&mut moved, (Row::offset_in(entry) - span.start) as u32);
            moved
        };
        let mut counts = [0; Class::NUMBERS];
        for entry in rows.entries {
            counts[usize::from(Row::class_in(entry))] += 1;
        }
        Self {
            first_row: rows.first_row,
            entries: rows.entries.iter().map(moved).collect(),
            anchors: rows.anchors.to_vec(),
            anchor: rows.anchors.last().map(anchor_stamp).unwrap_or_default(),
            newest: rows.anchors.last().map(anchor_stamp).unwrap_or_default(),
            types: Types {
                ends: rows.type_ends.to_vec(),
                names: rows.type_names.to_vec(),
                ..Types::default()
            },
            bytes: rows.bytes[span].to_vec(),
            counts,
            received_bytes: u32::try_from(rows.received_bytes()).unwrap_or(u32::MAX),
            ..Self::default()
        }
    }

    /// Returns the same rows with numbers from `first_row` on.
    pub(super) fn renumbered(mut self, first_row: RowNumber) -> Self {
        for bytes in &mut self.anchors {
            let row = first_row + anchor_row(bytes).since(self.first_row);
            *bytes = anchor(row, anchor_stamp(bytes));
        }
        self.first_row = first_row;
        self
    }

    /// Appends copies of the rows of a block, whose entries were checked. Returns false, and appends nothing, if the types
    /// of its events are too many.
    pub(super) fn append_rows(&mut self, rows: Rows<'_>) -> bool {
        let span = rows.span();
        let start = self.bytes.len();
        let mut entries = Vec::with_capacity(rows.len());
        for entry in rows.entries {
            let row = Row::decode(entry);
            // A kind of a later version keeps its number, because the other parts of the entry stay.
            let mut moved = *entry;
            Row::set_offset(
                &mut moved,
                (row.offset as usize - span.start + start) as u32,
            );
            if row.tag == KindTag::Event && row.flags & flag::TYPE_INLINE == 0 {
                let Some(number) = self.types.number_of(rows.type_name(row.type_ref)) else {
                    return false;
                };
                Row::set_type(&mut moved, number);
            }
            entries.push(moved);
        }
        let first = self.end_row();
        for bytes in rows.anchors {
            let place = anchor_row(bytes).since(rows.first_row);
            if place < rows.len() as u64 {
                self.note_anchor_at(first + place, anchor_stamp(bytes));
            }
        }
        for entry in &entries {
            self.counts[usize::from(Row::class_in(entry))] += 1;
        }
        self.entries.append(&mut entries);
        self.bytes.extend_from_slice(&rows.bytes[span]);
        let received = u32::try_from(rows.received_bytes()).unwrap_or(u32::MAX);
        self.received_bytes = self.received_bytes.saturating_add(received);
        true
    }

    /// Moves the rows at these places to the classes with these numbers.
    pub(super) fn reclassify(
        &mut self,
        places: impl Iterator<Item = usize>,
        classes: impl Iterator<Item = u8>,
    ) {
        for (place, class) in places.zip(classes) {
            let entry = &mut self.entries[place];
            self.counts[usize::from(Row::class_in(entry))] -= 1;
            self.counts[usize::from(class)] += 1;
            Row::set_class(entry, class);
        }
    }

    /// Creates a chunk in place of a damaged one, with the same number of rows. It keeps the rows before `sound`.
    pub(super) fn repaired(rows: Rows<'_>, sound: usize) -> Self {
        let mut repaired = Self::starting_at(rows.first_row);
        for at in 0..rows.len() {
            // Times of damaged rows are unknown, so that they get the last sound time.
            let stamp = rows.stamp(at.min(sound.saturating_sub(1)));
            let mut record = Record {
                stamp,
                connection: 0,
                kind: super::rows::DAMAGED,
            };
            if at < sound {
                record = rows.record(at);
            }
            repaired.push(&record);
        }
        repaired.seal();
        repaired
    }
}

/// Returns true if a record with this many bytes needs a chunk of its own.
pub(super) fn is_oversized(bytes: usize) -> bool {
    bytes > CHUNK_BYTES
}

/// Returns an upper bound for the bytes of a record in a chunk; see [`super::StoreWriter`].
pub(super) fn size_of_record(kind: &Kind<'_>) -> usize {
    match kind {
        Kind::Event { event, id, data } => event.len() + id.len() + data.len(),
        Kind::Comment { data }
        | Kind::Line { data }
        | Kind::Ping { data, .. }
        | Kind::Pong { data, .. } => data.len(),
        Kind::Text { data, failed, .. } | Kind::Binary { data, failed, .. } => {
            // A message without a failure may have a head about its form on the wire.
            data.len() + failed.map_or(WIRE_HEAD_BYTES, str::len)
        }
        Kind::Close { reason, .. } => reason.len(),
        Kind::Note { code, text } => code.as_str().len() + text.len(),
        Kind::State(_) | Kind::Gap(_) | Kind::Retry { .. } => 256,
    }
}

/// Returns a length with an allowance for a chunk that holds a little more than the one before it.
fn with_allowance(len: usize) -> usize {
    len + len / 64
}

/// Gives unused memory back. A small rest stays, because each change of the size may copy the buffer.
fn shrink<T>(buffer: &mut Vec<T>) {
    let unused = buffer.capacity() - buffer.len();
    if unused > buffer.capacity() / 8 {
        buffer.shrink_to_fit();
    }
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("strings and numbers always serialize")
}
