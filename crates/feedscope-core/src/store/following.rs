//! Progress of a reader that needs every row, as its store knows it.

use std::collections::VecDeque;

use super::distant::StoredChunk;
use super::number::RowNumber;

/// State of a follower in its store.
pub(super) struct FollowerState {
    pub(super) number: u64,
    /// First row that the follower has not taken.
    pub(super) next: RowNumber,
    /// Chunks from `next` on that the store has let go, oldest first.
    pub(super) held: VecDeque<StoredChunk>,
    /// End of the rows from `next` on that are lost.
    pub(super) lost_before: RowNumber,
    /// Function to call when a chunk is full.
    pub(super) on_full_chunk: Option<Box<dyn Fn() + Send>>,
}
