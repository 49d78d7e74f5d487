//! State that the writer and the readers of a store share, and the way of a new record into it.

use std::sync::Arc;

use super::chunk::Chunk;
use super::distant::StoredChunk;
use super::following::FollowerState;
use super::kept::KeptChunks;
use super::live::{LiveChunk, size_of_record};
use super::number::RowNumber;
use super::spares::Spares;
use super::spill::Spilling;
use crate::NoteCode;
use crate::history::History;
use crate::rates::{Rates, Slice};
use crate::record::{Kind, Record};
use crate::time::Moment;

/// Rows of a store, counts and figures about them, and the readers that need every row.
#[derive(Default)]
pub(super) struct SharedStore {
    pub(super) kept: KeptChunks,
    pub(super) live: LiveChunk,
    /// Memory for the next chunks.
    pub(super) spares: Spares,
    pub(super) budget: u64,
    pub(super) cleared_before: RowNumber,
    pub(super) let_go: u64,
    pub(super) rates: Rates,
    pub(super) history: History,
    /// End of the rows that are part of the rates and the history, for a store whose rows were not pushed.
    pub(super) activity_until: RowNumber,
    pub(super) followers: Vec<FollowerState>,
    /// Receiver of chunks that exceed the budget; `None` if such chunks are dropped.
    pub(super) spilling: Option<Spilling>,
    /// Text of the note to append before the next record.
    pub(super) scheduled_note: Option<String>,
    /// Texts of all notes appended so far.
    pub(super) noted: Vec<String>,
    /// Newest of these texts.
    pub(super) spill_problem: Option<Arc<str>>,
}

impl SharedStore {
    /// Appends a record. Returns the chunks that were dropped to make room.
    pub(super) fn push(&mut self, record: &Record<'_>) -> Vec<StoredChunk> {
        if self.scheduled_note.is_none() {
            return self.append(record);
        }
        let mut gone = self.push_scheduled_note(record);
        gone.extend(self.append(record));
        gone
    }

    /// Appends a record that has a chunk of its own.
    pub(super) fn push_alone(&mut self, alone: LiveChunk, record: &Record<'_>) -> Vec<StoredChunk> {
        let mut gone = self.push_scheduled_note(record);
        // Seal the current chunk, if it has rows, so that the rows stay in order.
        if self.live.first_row < self.live.end_row() {
            gone.extend(self.seal());
        }
        self.count(record);
        self.live = alone.moved_to(self.live.end_row());
        gone.extend(self.seal());
        gone
    }

    fn push_scheduled_note(&mut self, before: &Record<'_>) -> Vec<StoredChunk> {
        let Some(text) = self.scheduled_note.take() else {
            return Vec::new();
        };
        self.append(&Record {
            stamp: before.stamp,
            connection: before.connection,
            kind: Kind::Note {
                code: NoteCode::HISTORY_ON_DISK,
                text: &text,
            },
        })
    }

    fn append(&mut self, record: &Record<'_>) -> Vec<StoredChunk> {
        let mut gone = Vec::new();
        if !self.live.has_room_for(size_of_record(&record.kind)) {
            gone = self.seal();
        }
        self.count(record);
        self.live.push(record);
        gone
    }

    /// Appends the records of a group, none of which has a chunk of its own, and counts what they received. Returns the
    /// chunks that were dropped to make room.
    pub(super) fn append_group(
        &mut self,
        group: &LiveChunk,
        received: &[(Moment, Slice)],
    ) -> Vec<StoredChunk> {
        let rows = group.rows();
        let mut gone = self.push_scheduled_note(&rows.record(0));
        if !self.live.has_room_for_rows(group) {
            gone.extend(self.seal());
        }
        if self.live.append(group) {
            // A follower writes the rows to a file, with their checksum.
            if !self.followers.is_empty() {
                self.live.add_to_checksums();
            }
            for (at, slice) in received {
                self.rates.add(*at, slice.records, slice.bytes);
            }
        } else {
            // The types of the events would be too many for one chunk, of which some rows then contain their type.
            for at in 0..rows.len() {
                gone.extend(self.append(&rows.record(at)));
            }
        }
        gone
    }

    /// Seals the full live chunk, so that it can be read without a copy, and drops the oldest chunks if necessary.
    fn seal(&mut self) -> Vec<StoredChunk> {
        let next = self.live.next(self.spares.take());
        let full = std::mem::replace(&mut self.live, next);
        self.kept.push(Chunk::sealed(full).into());
        self.wake_followers();
        self.keep_to_budget()
    }

    fn count(&mut self, record: &Record<'_>) {
        if let Kind::State(change) = &record.kind {
            self.history.enter(record.stamp, change);
        } else if let Some(data) = record.kind.received() {
            // Only received data counts for the rates.
            self.rates.add(record.stamp.moment, 1, data.len() as u64);
        }
    }

    pub(super) fn first_row(&self) -> RowNumber {
        self.kept.first_row().unwrap_or(self.live.first_row)
    }
}
