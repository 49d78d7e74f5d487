//! Rows in place of a block that cannot be read: copies of them from other blocks, and notes in place of all others. It
//! reads no block.

use super::chunk::Chunk;
use super::layout::BlockHeader;
use super::live::LiveChunk;
use super::number::RowNumber;
use super::row::Row;
use super::rows::{Rows, UNREADABLE};
use super::shown::ClassCounts;
use crate::note_code::NoteCode;
use crate::record::{Kind, Record};
use crate::time::Stamp;

/// Maximum number of bytes that are copied. The offsets of a chunk have 32 bits, of which the notes need the rest.
const MOST_BYTES: usize = 1 << 31;

/// Rows of a block that cannot be read.
pub(super) struct RestoredRows {
    rows: LiveChunk,
    /// Time of the first row.
    first: Stamp,
    /// One past the last row.
    end: RowNumber,
    /// Text of the notes.
    text: String,
    /// Number of rows of each class that are not restored yet.
    missing: ClassCounts,
    /// Number of bytes that the copies may still have.
    bytes_left: usize,
    /// Places of the notes.
    notes: Vec<usize>,
}

impl RestoredRows {
    /// Begins with no copy of the rows of the block with this header.
    pub(super) fn of_block(header: &BlockHeader, why: &str) -> Self {
        Self {
            rows: LiveChunk::starting_at(header.first_row),
            first: header.first,
            end: header.end_row(),
            text: format!("{UNREADABLE}: {why}"),
            missing: header.counts,
            bytes_left: (header.bytes_len as usize).min(MOST_BYTES),
            notes: Vec::new(),
        }
    }

    /// Adds copies of some rows. Copies come in the order of their rows; another one is left out.
    pub(super) fn add(&mut self, copy: &Chunk) {
        let rows = copy.rows();
        let bytes = rows.span().len();
        let is_next = self.rows.end_row() <= copy.first_row() && copy.end_row() <= self.end;
        if !is_next || bytes > self.bytes_left {
            return;
        }
        // Readers find rows by the counts of the header, so that other classes would lead them to wrong rows.
        let Some(missing) = without(self.missing, rows) else {
            return;
        };
        self.fill_up_to(copy.first_row());
        if self.rows.append_rows(rows) {
            self.missing = missing;
            self.bytes_left -= bytes;
        }
    }

    /// Returns all rows, and the number of those that have a copy.
    pub(super) fn finish(mut self) -> (Chunk, u64) {
        self.fill_up_to(self.end);
        // The class of each missing row is unknown, but the number of them in each class is not.
        let numbers = (0..).zip(self.missing);
        let classes = numbers.flat_map(|(class, count)| (0..count).map(move |_| class));
        self.rows.reclassify(self.notes.iter().copied(), classes);
        let restored = self.rows.rows().len() - self.notes.len();
        (Chunk::sealed(self.rows), restored as u64)
    }

    /// Appends notes in place of the rows before `end`. They have the time of the row before them.
    fn fill_up_to(&mut self, end: RowNumber) {
        let rows = self.rows.rows();
        let places = rows.len()..rows.len() + end.since(self.rows.end_row()) as usize;
        let last = places.start.checked_sub(1);
        let note = Record {
            stamp: last.map_or(self.first, |last| rows.stamp(last)),
            connection: 0,
            kind: Kind::Note {
                code: NoteCode::DAMAGED,
                text: &self.text,
            },
        };
        for place in places {
            self.rows.push(&note);
            self.notes.push(place);
        }
    }
}

/// Returns these counts without the given rows; `None` where a class has fewer rows.
fn without(mut counts: ClassCounts, rows: Rows<'_>) -> Option<ClassCounts> {
    for entry in rows.entries {
        let count = &mut counts[usize::from(Row::class_in(entry))];
        *count = count.checked_sub(1)?;
    }
    Some(counts)
}
