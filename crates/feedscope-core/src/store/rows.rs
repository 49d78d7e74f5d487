//! The rows of a chunk as they are read, wherever they lie: in a chunk that is being written, in a full one, in a file.
//! Borrows everything, and relies on entries that were either written here or looked through by [`Rows::first_unsound`].

use std::ops::Range;

use super::layout::{ANCHOR_LEN, ENTRY_LEN, TYPE_END_LEN, u32_at, u64_at};
use super::number::RowNumber;
use super::row::{Row, flag};
use super::shown::Shown;
use crate::record::{Direction, Kind, KindTag, Record};
use crate::time::{Moment, Stamp, Timestamp};

/// Rows one after the other, with the bytes that they point into.
///
/// A row is addressed by its place among them, counted from 0.
#[derive(Clone, Copy, Default)]
pub struct Rows<'a> {
    /// The store's number of the first row.
    pub(super) first_row: RowNumber,
    pub(super) entries: &'a [[u8; ENTRY_LEN]],
    pub(super) anchors: &'a [[u8; ANCHOR_LEN]],
    pub(super) type_ends: &'a [[u8; TYPE_END_LEN]],
    pub(super) type_names: &'a [u8],
    pub(super) bytes: &'a [u8],
}

impl<'a> Rows<'a> {
    /// The store's number of the first row.
    pub fn first_row(&self) -> RowNumber {
        self.first_row
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Where the row of this number is among them.
    pub(super) fn place_of(&self, row: RowNumber) -> Option<usize> {
        let at = usize::try_from(row.checked_since(self.first_row)?).ok()?;
        (at < self.len()).then_some(at)
    }

    pub(super) fn row(&self, at: usize) -> Row {
        Row::decode(&self.entries[at])
    }

    /// The number of the [`Class`](super::Class) of the row at `at`.
    pub fn class(&self, at: usize) -> u8 {
        Row::class_in(&self.entries[at])
    }

    /// Where the bytes of the row at `at` begin.
    fn offset(&self, at: usize) -> usize {
        Row::offset_in(&self.entries[at])
    }

    /// The bytes of the whole chunk, in which the rows' own lie one after the other.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Where the payload of the row at `at` lies in [`bytes`](Self::bytes).
    pub fn payload_place(&self, at: usize) -> Range<usize> {
        self.row(at).payload()
    }

    pub(super) fn payload(&self, at: usize) -> &'a [u8] {
        &self.bytes[self.payload_place(at)]
    }

    /// When the row at `at` arrived.
    pub(super) fn stamp(&self, at: usize) -> Stamp {
        self.stamp_of(at, self.row(at).moment)
    }

    fn stamp_of(&self, at: usize, moment: Moment) -> Stamp {
        let number = self.first_row + at as u64;
        let passed = self
            .anchors
            .partition_point(|anchor| anchor_row(anchor) <= number);
        let utc = passed.checked_sub(1).map_or(Timestamp::default(), |last| {
            utc_at(anchor_stamp(&self.anchors[last]), moment)
        });
        Stamp { moment, utc }
    }

    /// The first of them that came at `at` or later by the wall clock.
    pub(super) fn came_by(&self, at: Timestamp) -> Option<usize> {
        let place = |anchor: &[u8; ANCHOR_LEN]| {
            let from = anchor_row(anchor).since(self.first_row);
            usize::try_from(from).map_or(self.len(), |from| from.min(self.len()))
        };
        let ends = self.anchors.iter().skip(1).map(place);
        let ends = ends.chain(std::iter::once(self.len()));
        self.anchors.iter().zip(ends).find_map(|(anchor, end)| {
            // In between the clock did not jump, so that they are in order.
            let rows = self.entries.get(place(anchor)..end)?;
            let anchor_stamp = anchor_stamp(anchor);
            let is_earlier =
                |entry: &[u8; ENTRY_LEN]| utc_at(anchor_stamp, Row::decode(entry).moment) < at;
            let first = rows.partition_point(is_earlier);
            (first < rows.len()).then(|| place(anchor) + first)
        })
    }

    /// The latest time by the wall clock at which one of them came.
    pub(super) fn latest(&self) -> Timestamp {
        // A clock that jumps may have been ahead in the middle: the last row before each jump tells.
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

    /// The number of an event type, where one of the rows has it.
    pub(super) fn type_number(&self, name: &[u8]) -> Option<u16> {
        let numbers = 0..u16::try_from(self.type_ends.len()).unwrap_or(u16::MAX);
        numbers
            .into_iter()
            .find(|&number| self.type_name(number) == name)
    }

    /// The event type of this number.
    fn type_name(&self, number: u16) -> &'a [u8] {
        let end = |at: usize| self.type_ends.get(at).map(|end| u32_at(end, 0) as usize);
        let number = usize::from(number);
        let start = number.checked_sub(1).map_or(Some(0), end);
        start
            .zip(end(number))
            .and_then(|(start, end)| self.type_names.get(start..end))
            .unwrap_or_default()
    }

    /// The record at `at`.
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
                code: row.extra as u16,
                reason: utf8(data),
            },
            KindTag::Note => Kind::Note {
                code: utf8(head),
                text: utf8(data),
            },
            KindTag::State => serde_json::from_slice(data).map_or(DAMAGED, Kind::State),
            KindTag::Gap => serde_json::from_slice(data).map_or(DAMAGED, Kind::Gap),
        }
    }

    /// The event type, where it stands before the id.
    pub(super) fn inline_type(&self, row: &Row) -> Option<&'a [u8]> {
        let is_inline = row.tag == KindTag::Event && row.flags & flag::TYPE_INLINE != 0;
        is_inline.then(|| &self.bytes[row.head()][..row.extra as usize])
    }

    /// How many of the rows before `at` are shown.
    pub(super) fn rank(&self, shown: Shown, at: usize) -> u64 {
        self.entries[..at.min(self.len())]
            .iter()
            .filter(|entry| shown.has_number(Row::class_in(entry)))
            .count() as u64
    }

    /// The `nth` shown row, from 0.
    pub(super) fn select(&self, shown: Shown, nth: u64) -> Option<RowNumber> {
        let mut shown_rows = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| shown.has_number(Row::class_in(entry)));
        let (at, _) = shown_rows.nth(usize::try_from(nth).ok()?)?;
        Some(self.first_row + at as u64)
    }

    /// One past the last of the rows from `at` on that take at most `most_bytes`; at least one.
    pub(super) fn within(&self, at: usize, most_bytes: usize) -> usize {
        let most = self.cost_before(at).saturating_add(most_bytes);
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

    /// The first of the rows before `end` that take at most `most_bytes`; at least one.
    pub(super) fn within_before(&self, end: usize, most_bytes: usize) -> usize {
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
        let bytes = if at < self.len() {
            self.offset(at)
        } else {
            self.bytes.len()
        };
        bytes + at * ENTRY_LEN
    }

    /// Some of them; their bytes are still all there.
    pub(super) fn part(&self, rows: Range<usize>) -> Self {
        Self {
            first_row: self.first_row + rows.start as u64,
            entries: &self.entries[rows],
            ..*self
        }
    }

    /// Where the bytes of all of them lie.
    pub fn span(&self) -> Range<usize> {
        match self.len().checked_sub(1) {
            Some(last) => self.offset(0)..self.row(last).whole().end,
            None => 0..0,
        }
    }

    /// The row at or after `from` whose bytes hold the one at `byte`.
    pub fn holding(&self, byte: usize, from: usize) -> usize {
        let entries = &self.entries[from..];
        let begins_by = |entry: &[u8; ENTRY_LEN]| Row::offset_in(entry) <= byte;
        // What is looked for is mostly near: strides that double find it in a few steps, and cut the search short.
        let mut stride = 1;
        while stride < entries.len() && begins_by(&entries[stride]) {
            stride *= 2;
        }
        let (low, high) = (stride / 2, stride.min(entries.len()));
        from + low + entries[low..high].partition_point(begins_by) - 1
    }

    /// The first entry that cannot be what this module wrote, if there is one: its bytes lie outside, or where those of
    /// the one before lie.
    pub(super) fn first_unsound(&self) -> Option<usize> {
        let mut end = 0;
        self.entries.iter().position(|entry| {
            let row = Row::decode(entry);
            let sound = row.is_sound(end, self.bytes.len());
            if sound {
                end = row.whole().end;
            }
            !sound
        })
    }
}

/// What stands for a record that cannot be read.
pub(super) const DAMAGED: Kind<'static> = Kind::Note {
    code: "damaged",
    text: "this record cannot be read",
};

/// An anchor as bytes: from this row on, UTC stood so against the monotonic time.
pub(super) fn anchor(row: RowNumber, stamp: Stamp) -> [u8; ANCHOR_LEN] {
    let mut anchor = [0; ANCHOR_LEN];
    anchor[..8].copy_from_slice(&row.0.to_le_bytes());
    anchor[8..16].copy_from_slice(&stamp.moment.as_nanos().to_le_bytes());
    anchor[16..].copy_from_slice(&stamp.utc.as_micros().to_le_bytes());
    anchor
}

/// The row from which on an anchor counts.
fn anchor_row(anchor: &[u8; ANCHOR_LEN]) -> RowNumber {
    RowNumber(u64_at(anchor, 0))
}

/// What an anchor says.
pub(super) fn anchor_stamp(anchor: &[u8; ANCHOR_LEN]) -> Stamp {
    Stamp {
        moment: Moment::from_nanos(u64_at(anchor, 8)),
        utc: Timestamp::from_micros(u64_at(anchor, 16) as i64),
    }
}

/// UTC at `moment`, where it was told by `anchor`.
pub(super) fn utc_at(anchor: Stamp, moment: Moment) -> Timestamp {
    // Microseconds of each, not of their difference: UTC is derived from the monotonic time in just this way, and a
    // difference cut once would disagree by one microsecond every other time, with a new anchor for each.
    let micros = (moment.as_nanos() / 1_000) as i64 - (anchor.moment.as_nanos() / 1_000) as i64;
    Timestamp::from_micros(anchor.utc.as_micros().saturating_add(micros))
}

/// Bytes that were a `str` when they were appended.
fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}
