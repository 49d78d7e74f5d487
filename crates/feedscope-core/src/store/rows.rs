//! Read access to the rows of a chunk, which may be in a live chunk, in a full one or in a file.
//!
//! It borrows all data. It relies on entries that this code wrote or that [`Rows::first_unsound`] checked.

use std::ops::Range;

use super::layout::{ANCHOR_LEN, ENTRY_LEN, TYPE_END_LEN, u32_at, u64_at};
use super::number::RowNumber;
use super::row::{Row, flag};
use super::shown::ClassSet;
use crate::note_code::NoteCode;
use crate::protocol::CloseCode;
use crate::record::{Direction, Kind, KindTag, Record};
use crate::time::{Moment, Stamp, Timestamp};

/// Successive rows with their bytes.
///
/// A row is addressed by its index among them, from 0.
#[derive(Clone, Copy, Default)]
pub struct Rows<'a> {
    /// Number of the first row in the store.
    pub(super) first_row: RowNumber,
    pub(super) entries: &'a [[u8; ENTRY_LEN]],
    pub(super) anchors: &'a [[u8; ANCHOR_LEN]],
    pub(super) type_ends: &'a [[u8; TYPE_END_LEN]],
    pub(super) type_names: &'a [u8],
    pub(super) bytes: &'a [u8],
}

impl<'a> Rows<'a> {
    /// Number of the first row in the store.
    pub fn first_row(&self) -> RowNumber {
        self.first_row
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns true if there are no rows.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the index of the row with this number.
    pub(super) fn place_of(&self, row: RowNumber) -> Option<usize> {
        let at = usize::try_from(row.checked_since(self.first_row)?).ok()?;
        (at < self.len()).then_some(at)
    }

    #[inline]
    pub(super) fn row(&self, at: usize) -> Row {
        Row::decode(&self.entries[at])
    }

    /// Returns the number of the [`Class`](super::Class) of the row at `at`.
    #[inline]
    pub fn class(&self, at: usize) -> u8 {
        Row::class_in(&self.entries[at])
    }

    /// Returns the start of the bytes of the row at `at`.
    #[inline]
    fn offset(&self, at: usize) -> usize {
        Row::offset_in(&self.entries[at])
    }

    /// Returns the bytes of the whole chunk, which contain the bytes of the rows in their order.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns the range of the payload of the row at `at` in [`bytes`](Self::bytes).
    #[inline]
    pub fn payload_place(&self, at: usize) -> Range<usize> {
        self.row(at).payload()
    }

    pub(super) fn payload(&self, at: usize) -> &'a [u8] {
        &self.bytes[self.payload_place(at)]
    }

    /// Returns the bytes of the payloads that were received.
    pub(super) fn received_bytes(&self) -> u64 {
        let rows = self.entries.iter().map(Row::decode);
        rows.map(|row| u64::from(row.received().unwrap_or_default()))
            .sum()
    }

    /// Returns the time at which the row at `at` arrived.
    pub(super) fn stamp(&self, at: usize) -> Stamp {
        self.stamp_of(at, self.row(at).moment)
    }

    fn stamp_of(&self, at: usize, moment: Moment) -> Stamp {
        let number = self.first_row + at as u64;
        // The last anchor at or before the row applies to it.
        let passed = self
            .anchors
            .partition_point(|anchor| anchor_row(anchor) <= number);
        let utc = passed.checked_sub(1).map_or(Timestamp::default(), |last| {
            anchor_stamp(&self.anchors[last]).utc_at(moment)
        });
        Stamp { moment, utc }
    }

    /// Returns the first row that arrived at `at` or later by the wall clock.
    pub(super) fn came_by(&self, at: Timestamp) -> Option<usize> {
        let place = |anchor: &[u8; ANCHOR_LEN]| {
            let from = anchor_row(anchor).since(self.first_row);
            usize::try_from(from).map_or(self.len(), |from| from.min(self.len()))
        };
        let ends = self.anchors.iter().skip(1).map(place);
        let ends = ends.chain(std::iter::once(self.len()));
        self.anchors.iter().zip(ends).find_map(|(anchor, end)| {
            // Between two anchors, the clock did not jump, so that the rows are in order.
            let rows = self.entries.get(place(anchor)..end)?;
            let anchor_stamp = anchor_stamp(anchor);
            let is_earlier =
                |entry: &[u8; ENTRY_LEN]| anchor_stamp.utc_at(Row::decode(entry).moment) < at;
            let first = rows.partition_point(is_earlier);
            (first < rows.len()).then(|| place(anchor) + first)
        })
    }

    /// Returns the latest wall-clock time at which one of the rows arrived.
    pub(super) fn latest(&self) -> Timestamp {
        // A clock that jumps may have been ahead earlier, so that the last row before each jump is checked too.
        let before_jump = self.anchors.iter().skip(1).filter_map(|anchor| {
            let row = anchor_row(anchor).checked_since(self.first_row + 1)?;
            usize::try_from(row).ok().filter(|&at| at < self.len())
        });
        before_jump
            .chain(self.len().checked_sub(1))
            .map(|at| self.stamp(at).utc)
            .max()
            .unwrap_or_default()
    }

    /// Returns the number of an event type, if the chunk has this type.
    pub(super) fn type_number(&self, name: &[u8]) -> Option<u16> {
        let numbers = 0..u16::try_from(self.type_ends.len()).unwrap_or(u16::MAX);
        numbers
            .into_iter()
            .find(|&number| self.type_name(number) == name)
    }

    /// Returns the event type with this number.
    pub(super) fn type_name(&self, number: u16) -> &'a [u8] {
        let end = |at: usize| self.type_ends.get(at).map(|end| u32_at(end, 0) as usize);
        let number = usize::from(number);
        let start = number.checked_sub(1).map_or(Some(0), end);
        start
            .zip(end(number))
            .and_then(|(start, end)| self.type_names.get(start..end))
            .unwrap_or_default()
    }

    /// Returns the moment at which the row at `at` arrived.
    pub fn moment(&self, at: usize) -> Moment {
        self.row(at).moment
    }

    /// Returns the record at `at`.
    pub fn record(&self, at: usize) -> Record<'a> {
        let row = self.row(at);
        Record {
            stamp: self.stamp_of(at, row.moment),
            connection: row.connection,
            kind: self.kind_of(&row),
        }
    }

    pub(super) fn kind_of(&self, row: &Row) -> Kind<'a> {
        let (head, data) = (&self.bytes[row.head()], &self.bytes[row.payload()]);
        let direction = row.direction().unwrap_or(Direction::In);
        let failed = (row.flags & flag::FAILED != 0).then(|| utf8(head));
        match row.tag {
            KindTag::Event => {
                let (event, id) = match self.inline_type(row) {
                    // A chunk numbers its frequent types. A rare one stands before the ID in the row itself.
                    Some(event) => (event, &head[event.len()..]),
                    None => (self.type_name(row.type_ref), head),
                };
                Kind::Event { event, id, data }
            }
            KindTag::Comment => Kind::Comment { data },
            KindTag::Line => Kind::Line { data },
            KindTag::Retry => Kind::Retry {
                ms: utf8(data).parse().unwrap_or_default(),
            },
            KindTag::Text => Kind::Text {
                direction,
                data,
                failed,
                wire: row.wire(head),
            },
            KindTag::Binary => Kind::Binary {
                direction,
                data,
                failed,
                wire: row.wire(head),
            },
            KindTag::Ping => Kind::Ping { direction, data },
            KindTag::Pong => Kind::Pong {
                direction,
                data,
                rtt: row.round_trip(),
            },
            KindTag::Close => Kind::Close {
                direction,
                code: CloseCode(row.extra as u16),
                reason: utf8(data),
            },
            KindTag::Note => Kind::Note {
                code: NoteCode(utf8(head)),
                text: utf8(data),
            },
            // The rows of a file may be damaged, so that these texts are not trusted.
            KindTag::State => serde_json::from_slice(data).map_or(DAMAGED, Kind::State),
            KindTag::Gap => serde_json::from_slice(data).map_or(DAMAGED, Kind::Gap),
        }
    }

    /// Returns the event type, if it is stored before the id.
    pub(super) fn inline_type(&self, row: &Row) -> Option<&'a [u8]> {
        let is_inline = row.tag == KindTag::Event && row.flags & flag::TYPE_INLINE != 0;
        is_inline.then(|| &self.bytes[row.head()][..row.extra as usize])
    }

    /// Returns the number of shown rows before `at`.
    pub(super) fn rank(&self, shown: ClassSet, at: usize) -> u64 {
        self.entries[..at.min(self.len())]
            .iter()
            .filter(|entry| shown.has_number(Row::class_in(entry)))
            .count() as u64
    }

    /// Returns the `nth` shown row, from 0.
    pub(super) fn select(&self, shown: ClassSet, nth: u64) -> Option<RowNumber> {
        let mut shown_rows = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| shown.has_number(Row::class_in(entry)));
        let (at, _) = shown_rows.nth(usize::try_from(nth).ok()?)?;
        Some(self.first_row + at as u64)
    }

    /// Returns the end of the rows that begin at `at` and need at most `most_bytes`; at least one row.
    pub(super) fn within(&self, at: usize, most_bytes: usize) -> usize {
        let most = self.cost_before(at).saturating_add(most_bytes);
        // Binary search for the last end within the limit.
        let (mut low, mut high) = (at + 1, self.len());
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

    /// Returns the first of the rows before `end` that need at most `most_bytes`; at least one row.
    pub(super) fn within_before(&self, end: usize, most_bytes: usize) -> usize {
        let least = self.cost_before(end).saturating_sub(most_bytes);
        // Binary search for the first start within the limit.
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

    /// Returns the memory of the rows before `at`.
    fn cost_before(&self, at: usize) -> usize {
        let bytes = if at < self.len() {
            self.offset(at)
        } else {
            self.bytes.len()
        };
        bytes + at * ENTRY_LEN
    }

    /// Returns a part of the rows. It still borrows the bytes of all rows.
    pub(super) fn part(&self, rows: Range<usize>) -> Self {
        Self {
            first_row: self.first_row + rows.start as u64,
            entries: &self.entries[rows],
            ..*self
        }
    }

    /// Returns the range of the bytes of all rows.
    pub fn span(&self) -> Range<usize> {
        match self.len().checked_sub(1) {
            Some(last) => self.offset(0)..self.row(last).whole().end,
            None => 0..0,
        }
    }

    /// Returns the row at or after `from` whose bytes contain the byte at `byte`.
    #[inline]
    pub fn holding(&self, byte: usize, from: usize) -> usize {
        let entries = &self.entries[from..];
        let begins_by = |entry: &[u8; ENTRY_LEN]| Row::offset_in(entry) <= byte;
        // The row is usually near. Strides that double find it in a few steps and shorten the binary search.
        let mut stride = 1;
        while stride < entries.len() && begins_by(&entries[stride]) {
            stride *= 2;
        }
        let (low, high) = (stride / 2, stride.min(entries.len()));
        from + low + entries[low..high].partition_point(begins_by) - 1
    }

    /// Returns the first invalid entry: its bytes are outside of the chunk, or overlap those of the entry before it.
    pub(super) fn first_unsound(&self) -> Option<usize> {
        let mut end = 0;
        self.entries.iter().position(|entry| {
            let row = Row::decode(entry);
            // The bytes of a row must follow those of the row before it.
            let sound = row.is_sound(end, self.bytes.len());
            if sound {
                end = row.whole().end;
            }
            !sound
        })
    }
}

/// Beginning of the note in place of a record that cannot be read.
pub(super) const UNREADABLE: &str = "this record cannot be read";

/// Replacement of a record that cannot be read.
pub(super) const DAMAGED: Kind<'static> = Kind::Note {
    code: NoteCode::DAMAGED,
    text: UNREADABLE,
};

/// Returns true for the note in place of a stored record that cannot be read.
pub fn is_unreadable(record: &Record<'_>) -> bool {
    match record.kind {
        Kind::Note { code, text } => code == NoteCode::DAMAGED && text.starts_with(UNREADABLE),
        _ => false,
    }
}

/// Encodes an anchor: the UTC time and the monotonic time at this row.
pub(super) fn anchor(row: RowNumber, stamp: Stamp) -> [u8; ANCHOR_LEN] {
    let mut anchor = [0; ANCHOR_LEN];
    anchor[..8].copy_from_slice(&row.0.to_le_bytes());
    anchor[8..16].copy_from_slice(&stamp.moment.as_nanos().to_le_bytes());
    anchor[16..].copy_from_slice(&stamp.utc.as_micros().to_le_bytes());
    anchor
}

/// Returns the first row to which an anchor applies.
pub(super) fn anchor_row(anchor: &[u8; ANCHOR_LEN]) -> RowNumber {
    RowNumber(u64_at(anchor, 0))
}

/// Returns the times of an anchor.
pub(super) fn anchor_stamp(anchor: &[u8; ANCHOR_LEN]) -> Stamp {
    Stamp {
        moment: Moment::from_nanos(u64_at(anchor, 8)),
        utc: Timestamp::from_micros(u64_at(anchor, 16) as i64),
    }
}

/// Returns bytes that were a `str` when they were appended.
fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}
