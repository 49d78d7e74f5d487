//! Memory budget of a store: chunks beyond it are passed to a receiver, such as a file, or let go.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::chunk::Chunk;
use super::distant::StoredChunk;
use super::shared::SharedStore;
use super::spill::{ChunkOwner, Spill, SpillJob, Spilling};
use super::{Store, StoreWriter};

/// Maximum memory beyond the budget while chunks are being stored. At this point, the receiver has already had
/// [`HEADROOM_BYTES`] and the time in which the writer waited.
const SLACK_BYTES: u64 = 32 << 20;

/// Memory below the budget at which the transfer begins. For a small budget, it is a quarter of the budget.
const HEADROOM_BYTES: u64 = 32 << 20;

/// Maximum number of chunks that are being stored at the same time.
const MOST_UNDER_WAY: usize = 64;

impl Store {
    /// Creates a store as [`new`](Self::new) does, but passes the oldest chunks to `spill` before they would be let go.
    /// They are let go if the stored chunks exceed its limit.
    pub fn with_spill(budget: u64, spill: Box<dyn Spill>) -> (StoreWriter, Self) {
        Self::of_shared(Arc::new_cyclic(|store: &Weak<Mutex<SharedStore>>| {
            let owner: Weak<dyn ChunkOwner> = Weak::<Mutex<SharedStore>>::clone(store);
            Mutex::new(SharedStore {
                budget,
                spilling: Some(Spilling {
                    spill,
                    there: 0,
                    under_way: 0,
                    owner,
                }),
                ..SharedStore::default()
            })
        }))
    }
}

impl ChunkOwner for Mutex<SharedStore> {
    fn waits_for(&self, chunk: &Arc<Chunk>) -> bool {
        self.lock().next_under_way(chunk).is_some()
    }

    fn read_at(&self, chunk: &Arc<Chunk>, there: Chunk) {
        // The chunks are dropped after the lock is released, because freeing memory and files takes time.
        let let_go = self.lock().arrived(chunk, there);
        drop(let_go);
    }

    fn make_room(&self, bytes: u64, why: &str) -> bool {
        let let_go = {
            let mut shared = self.lock();
            shared.schedule_note(why);
            shared.let_spilled_go(bytes)
        };
        !let_go.is_empty()
    }

    fn stop(&self, why: &str) {
        let let_go = {
            let mut shared = self.lock();
            shared.schedule_note(why);
            shared.stop_spilling()
        };
        drop(let_go);
    }
}

impl SharedStore {
    /// Returns true if the writer does not have to wait for the transfer of chunks.
    pub(super) fn has_room(&self) -> bool {
        self.spilling.is_none() || self.kept.memory() <= self.budget
    }

    /// Memory is kept to the budget, by handing chunks over or by letting them go. Those that went are handed out.
    pub(super) fn keep_to_budget(&mut self) -> Vec<StoredChunk> {
        if self.spilling.is_some() {
            self.offer();
            if self.kept.memory() <= self.budget.saturating_add(SLACK_BYTES) {
                return Vec::new();
            }
            self.schedule_note(
                "history on disk has ended: the disk takes less than the feed brings",
            );
        }
        self.stop_spilling()
    }

    fn offer(&mut self) {
        let headroom = HEADROOM_BYTES.min(self.budget / 4);
        while let Some(spilling) = &mut self.spilling
            && spilling.under_way < MOST_UNDER_WAY
        {
            let next = spilling.there + spilling.under_way;
            let leaving = self.kept.memory_of(spilling.there..next);
            let staying = self.kept.memory() - leaving;
            // The newest chunk stays in memory, because its records are probably visible.
            if staying <= self.budget - headroom || next + 1 >= self.kept.len() {
                return;
            }
            // Only chunks in memory go there.
            let Some(StoredChunk::AtHand(chunk)) = self.kept.get(next) else {
                return;
            };
            let job = SpillJob {
                owner: Weak::clone(&spilling.owner),
                chunk: Arc::clone(chunk),
            };
            if spilling.spill.take(job).is_err() {
                return;
            }
            spilling.under_way += 1;
        }
    }

    /// Returns the index of `chunk` if it is the oldest chunk that is being stored.
    fn next_under_way(&self, chunk: &Arc<Chunk>) -> Option<usize> {
        let spilling = self.spilling.as_ref()?;
        let is_it = spilling.under_way > 0
            && self
                .kept
                .get(spilling.there)
                .is_some_and(|next| next.is(chunk));
        is_it.then_some(spilling.there)
    }

    /// `there` is read in the place of `chunk` from now on. What went for it is handed out.
    fn arrived(&mut self, chunk: &Arc<Chunk>, there: Chunk) -> Vec<StoredChunk> {
        let Some((at, spilling)) = self.next_under_way(chunk).zip(self.spilling.as_mut()) else {
            return Vec::new();
        };
        spilling.there += 1;
        spilling.under_way -= 1;
        let limit = spilling.spill.limit();
        let mut gone: Vec<_> = self.kept.replace(at, there.into()).into_iter().collect();
        let excess = self.kept.spilled().saturating_sub(limit);
        gone.extend(self.let_spilled_go(excess));
        gone
    }

    /// Lets the oldest spilled chunks go, so many bytes of them at least.
    fn let_spilled_go(&mut self, bytes: u64) -> Vec<StoredChunk> {
        let aim = self.kept.spilled().saturating_sub(bytes);
        let mut gone = Vec::new();
        while self.kept.spilled() > aim
            && let Some(spilling) = &mut self.spilling
            && spilling.there > 0
        {
            spilling.there -= 1;
            gone.extend(self.let_oldest_go());
        }
        gone
    }

    /// From now on the oldest chunks are let go.
    fn stop_spilling(&mut self) -> Vec<StoredChunk> {
        self.spilling = None;
        let mut gone = Vec::new();
        // The newest chunk stays, whatever its size, so that its records are visible.
        while self.kept.memory() > self.budget && self.kept.len() > 1 {
            gone.extend(self.let_oldest_go());
        }
        gone
    }

    fn let_oldest_go(&mut self) -> Option<StoredChunk> {
        let oldest = self.kept.pop_oldest()?;
        self.let_go += oldest.end_row() - oldest.first_row();
        self.hold_for_followers(&oldest);
        Some(oldest)
    }

    /// Schedules a note before the next record. The same text is scheduled only once.
    fn schedule_note(&mut self, why: &str) {
        if !self.noted.iter().any(|noted| noted == why) {
            self.noted.push(why.to_owned());
            self.scheduled_note = Some(why.to_owned());
            self.spill_problem = Some(why.into());
        }
    }
}
