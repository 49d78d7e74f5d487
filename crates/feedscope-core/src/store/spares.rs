//! Memory of chunks that nobody reads any more, for the next chunks. The pages of new memory cost more than the records
//! that are written to them, and a full store lets a chunk go for each one that it fills.

use super::live::LiveChunk;

/// Empty chunks with buffers.
#[derive(Default)]
pub(super) struct Spares {
    chunks: Vec<LiveChunk>,
}

/// Maximum number of chunks from the writer, which lets one go for each one that it fills.
pub(super) const MAX_OF_WRITER: usize = 1;

/// Maximum number of chunks with those from a reader that was behind, which gives several back at once.
pub(super) const MAX_OF_FOLLOWER: usize = 4;

impl Spares {
    /// Takes out an empty chunk, which has no buffers if none is left.
    pub(super) fn take(&mut self) -> LiveChunk {
        self.chunks.pop().unwrap_or_default()
    }

    /// Keeps an empty chunk, or returns it if there are `max` already.
    pub(super) fn add(&mut self, emptied: LiveChunk, max: usize) -> Option<LiveChunk> {
        if self.chunks.len() < max {
            self.chunks.push(emptied);
            None
        } else {
            Some(emptied)
        }
    }

    /// Returns their memory in bytes.
    pub(super) fn memory(&self) -> u64 {
        self.chunks.iter().map(LiveChunk::memory).sum()
    }
}
