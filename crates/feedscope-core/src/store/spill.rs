//! Transfer of chunks that exceed the memory budget to another place, such as a file.
//!
//! This code does not access files: it returns the bytes to store, and accepts a view of the stored bytes.
//!
//! Chunks are offered oldest first, some time before memory is full. They stay readable from memory until they are
//! readable at their new place. Therefore the writer never waits for a disk. A source that can wait is notified early;
//! see [`Sink::has_room`](crate::Sink::has_room).

use std::sync::{Arc, Weak};

use super::chunk::{BlockBytes, Chunk, SharedBytes};

/// Receiver of chunks that leave memory.
pub trait Spill: Send + Sync {
    /// Maximum number of stored bytes, which never changes.
    fn limit(&self) -> u64;

    /// Accepts a chunk, or returns it if too many jobs are waiting.
    ///
    /// It is called while the store is locked. Therefore it must not wait and must not read the job.
    ///
    /// # Errors
    ///
    /// Returns the job, which is offered again later.
    fn take(&self, job: SpillJob) -> Result<(), SpillJob>;
}

/// Chunk on its way out of memory.
pub struct SpillJob {
    pub(super) owner: Weak<dyn ChunkOwner>,
    pub(super) chunk: Arc<Chunk>,
}

/// Store to which a chunk belongs while it is being stored elsewhere.
pub(super) trait ChunkOwner: Send + Sync {
    /// Returns true if the chunk was neither cleared nor let go.
    fn waits_for(&self, chunk: &Arc<Chunk>) -> bool;

    /// Reads `there` instead of the chunk from now on.
    fn read_at(&self, chunk: &Arc<Chunk>, there: Chunk);

    /// Lets the oldest stored chunks go, at least `bytes` of them, and notes the reason. Returns true if there were any.
    fn make_room(&self, bytes: u64, why: &str) -> bool;

    /// Stores no further chunks, and notes the reason.
    fn stop(&self, why: &str);
}

/// State of the transfer.
pub(super) struct Spilling {
    pub(super) spill: Box<dyn Spill>,
    /// Number of the oldest chunks that are already stored.
    pub(super) there: usize,
    /// Number of the following chunks that are being stored.
    pub(super) under_way: usize,
    pub(super) owner: Weak<dyn ChunkOwner>,
}

impl SpillJob {
    /// Returns the bytes to store.
    pub fn block(&self) -> BlockBytes<'_> {
        self.chunk.block()
    }

    /// Returns true while the store exists and the chunk was neither cleared nor let go.
    pub fn is_wanted(&self) -> bool {
        let owner = self.owner.upgrade();
        owner.is_some_and(|owner| owner.waits_for(&self.chunk))
    }

    /// Reports that the block is stored at `at` in these bytes. From now on, it is read there.
    pub fn done(self, bytes: SharedBytes, at: usize) {
        match Chunk::open(bytes, at) {
            Ok(there) => {
                // The store may have ended meanwhile.
                if let Some(owner) = self.owner.upgrade() {
                    owner.read_at(&self.chunk, there);
                }
            }
            Err(problem) => self.failed(&format!("what was written does not read back: {problem}")),
        }
    }

    /// Reports that there is no room. The oldest stored chunks are let go, at least `bytes` of them, and the timeline
    /// gets a note with the reason. Returns true if there were any, so that another try is useful.
    pub fn make_room(&self, bytes: u64, why: &str) -> bool {
        let owner = self.owner.upgrade();
        owner.is_some_and(|owner| owner.make_room(bytes, why))
    }

    /// Reports that no more chunks can be stored. From now on, chunks that exceed the budget are let go, and the
    /// timeline gets a note with the reason.
    pub fn failed(self, why: &str) {
        if let Some(owner) = self.owner.upgrade() {
            owner.stop(why);
        }
    }
}

impl Spilling {
    /// Resets the counts after the store was cleared.
    pub(super) fn start_afresh(&mut self) {
        (self.there, self.under_way) = (0, 0);
    }
}
