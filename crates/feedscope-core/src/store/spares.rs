//! Memory of chunks that nobody reads any more, for the next chunks. The pages of new memory cost more than the records
//! that are written to them, and a full store lets a chunk go for each one that it fills.

use std::sync::Arc;

use parking_lot::Mutex;

use super::chunk::Chunk;
use super::live::LiveChunk;
use super::shared::SharedStore;

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

    /// Returns their memory in bytes.
    pub(super) fn memory(&self) -> u64 {
        self.chunks.iter().map(LiveChunk::memory).sum()
    }
}

/// Gives chunks back to their store. It keeps the memory of those that nobody reads, until it has `max` spare chunks. The
/// rest is freed.
pub(super) fn give_back(
    store: &Mutex<SharedStore>,
    chunks: impl IntoIterator<Item = Arc<Chunk>>,
    max: usize,
) {
    for chunk in chunks {
        let emptied = Arc::into_inner(chunk).and_then(Chunk::into_emptied);
        if let Some(emptied) = emptied {
            let mut shared = store.lock();
            if shared.spares.chunks.len() < max {
                shared.spares.chunks.push(emptied);
            } else {
                // Freeing memory takes time.
                drop(shared);
                drop(emptied);
            }
        }
    }
}
