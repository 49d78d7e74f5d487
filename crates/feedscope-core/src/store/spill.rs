//! What happens to chunks past the memory budget where there is somewhere else for them, such as a file. Knows no file:
//! bytes are handed out, and a view on them where they lie is taken back.
//!
//! Chunks are offered oldest first, some time before memory runs out, and stay readable from memory until they are
//! readable where they went. So the writer never waits for a disk. A sink that is told in time can: see
//! [`Sink::has_room`](crate::Sink::has_room).

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::chunk::{BlockBytes, Chunk, SharedBytes};
use super::{Shared, Store, StoreWriter};

/// Takes chunks that are to go out of memory.
pub trait Spill: Send + Sync {
    /// How many bytes may be kept there; the same at all times.
    fn limit(&self) -> u64;

    /// Takes a chunk, or hands it back where there is enough to do already.
    ///
    /// It is called while the store is locked, so it neither waits for anything nor looks into the job.
    ///
    /// # Errors
    ///
    /// The job; it is offered again later.
    fn take(&self, job: SpillJob) -> Result<(), SpillJob>;
}

/// A chunk on its way out of memory.
pub struct SpillJob {
    store: Weak<Mutex<Shared>>,
    chunk: Arc<Chunk>,
}

/// How far memory may fill up beyond the budget while chunks are on their way out of it: who takes them has had
/// [`HEADROOM_BYTES`] and all of the writer's patience by then.
const SLACK_BYTES: u64 = 32 << 20;

/// How long before memory runs out chunks begin to go, but for small budgets, of which it is a quarter.
const HEADROOM_BYTES: u64 = 32 << 20;

/// At most so many chunks are on their way out at once.
const MOST_UNDER_WAY: usize = 64;

/// What a store knows of the place where its chunks go.
pub(super) struct Spilling {
    spill: Box<dyn Spill>,
    /// How many of the oldest chunks are there.
    there: usize,
    /// How many of the chunks after those are on their way.
    under_way: usize,
    store: Weak<Mutex<Shared>>,
}

impl Store {
    /// A store like one of [`new`](Self::new), whose oldest chunks are handed to `spill` before they would be let go. They
    /// are let go when there are more of them there than its limit allows.
    pub fn with_spill(budget: u64, spill: Box<dyn Spill>) -> (StoreWriter, Self) {
        Self::of_shared(Arc::new_cyclic(|store| {
            Mutex::new(Shared {
                budget,
                spilling: Some(Spilling {
                    spill,
                    there: 0,
                    under_way: 0,
                    store: Weak::clone(store),
                }),
                ..Shared::default()
            })
        }))
    }
}

impl SpillJob {
    /// The bytes to keep.
    pub fn block(&self) -> BlockBytes<'_> {
        self.chunk.block()
    }

    /// Whether anybody still wants it: the store is there, and its chunk was neither cleared nor let go.
    pub fn is_wanted(&self) -> bool {
        self.with_store(|shared| shared.next_under_way(&self.chunk).is_some())
            .unwrap_or_default()
    }

    /// The block lies at `at` in these bytes from now on, and is read there.
    pub fn done(self, bytes: SharedBytes, at: usize) {
        match Chunk::open(bytes, at) {
            Ok(there) => {
                // Handed out, so that memory and files are given back when nobody waits for the lock any more.
                let let_go = self.with_store(|shared| shared.arrived(&self.chunk, there));
                drop(let_go);
            }
            Err(problem) => self.failed(&format!("what was written does not read back: {problem}")),
        }
    }

    /// There is no room for it: the oldest chunks that are there are let go, `bytes` of them at least, and the timeline
    /// tells why. Whether there were any, so that it is worth trying again.
    pub fn make_room(&self, bytes: u64, why: &str) -> bool {
        let let_go = self.with_store(|shared| {
            shared.tell(why);
            shared.let_spilled_go(bytes)
        });
        let_go.is_some_and(|let_go| !let_go.is_empty())
    }

    /// It cannot be kept there, and no other can: from now on chunks past the budget are let go. The timeline tells why.
    pub fn failed(self, why: &str) {
        let let_go = self.with_store(|shared| {
            shared.tell(why);
            shared.stop_spilling()
        });
        drop(let_go);
    }

    fn with_store<T>(&self, act: impl FnOnce(&mut Shared) -> T) -> Option<T> {
        let store = self.store.upgrade()?;
        let result = act(&mut store.lock());
        Some(result)
    }
}

impl Shared {
    /// Whether the writer need not wait for chunks to be taken.
    pub(super) fn has_room(&self) -> bool {
        self.spilling.is_none() || self.kept.memory() <= self.budget
    }

    /// Memory is kept to the budget, by handing chunks over or by letting them go. Those that went are handed out.
    pub(super) fn keep_to_budget(&mut self) -> Vec<Arc<Chunk>> {
        if self.spilling.is_some() {
            self.offer();
            if self.kept.memory() <= self.budget.saturating_add(SLACK_BYTES) {
                return Vec::new();
            }
            self.tell("history on disk has ended: the disk takes less than the feed brings");
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
            // The newest stays: what just came is being looked at.
            if staying <= self.budget - headroom || next + 1 >= self.kept.len() {
                return;
            }
            let Some(chunk) = self.kept.get(next) else {
                return;
            };
            let job = SpillJob {
                store: Weak::clone(&spilling.store),
                chunk: Arc::clone(chunk),
            };
            if spilling.spill.take(job).is_err() {
                return;
            }
            spilling.under_way += 1;
        }
    }

    /// Where `chunk` is, if it is the oldest on its way.
    fn next_under_way(&self, chunk: &Arc<Chunk>) -> Option<usize> {
        let spilling = self.spilling.as_ref()?;
        let is_it = spilling.under_way > 0
            && self
                .kept
                .get(spilling.there)
                .is_some_and(|next| Arc::ptr_eq(next, chunk));
        is_it.then_some(spilling.there)
    }

    /// `there` is read in the place of `chunk` from now on. What went for it is handed out.
    fn arrived(&mut self, chunk: &Arc<Chunk>, there: Chunk) -> Vec<Arc<Chunk>> {
        let Some((at, spilling)) = self.next_under_way(chunk).zip(self.spilling.as_mut()) else {
            return Vec::new();
        };
        spilling.there += 1;
        spilling.under_way -= 1;
        let limit = spilling.spill.limit();
        let mut gone: Vec<_> = self.kept.replace(at, there).into_iter().collect();
        let excess = self.kept.spilled().saturating_sub(limit);
        gone.extend(self.let_spilled_go(excess));
        gone
    }

    /// Lets the oldest spilled chunks go, so many bytes of them at least.
    fn let_spilled_go(&mut self, bytes: u64) -> Vec<Arc<Chunk>> {
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
    fn stop_spilling(&mut self) -> Vec<Arc<Chunk>> {
        self.spilling = None;
        let mut gone = Vec::new();
        // The newest stays, however large: what just came is to be seen.
        while self.kept.memory() > self.budget && self.kept.len() > 1 {
            gone.extend(self.let_oldest_go());
        }
        gone
    }

    fn let_oldest_go(&mut self) -> Option<Arc<Chunk>> {
        let oldest = self.kept.pop_oldest()?;
        self.let_go += oldest.end_row() - oldest.first_row();
        Some(oldest)
    }

    /// The timeline says this with the next record; the same thing once only.
    fn tell(&mut self, why: &str) {
        if !self.told.iter().any(|told| told == why) {
            self.told.push(why.to_owned());
            self.to_tell = Some(why.to_owned());
            self.spill_problem = Some(why.into());
        }
    }
}

impl Spilling {
    /// The store was cleared.
    pub(super) fn start_afresh(&mut self) {
        (self.there, self.under_way) = (0, 0);
    }
}
