//! Readers that need every row of a store in order, such as a recorder. Rows that such a reader has not taken yet are
//! kept a while longer than others, but never hold up the writer.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use parking_lot::Mutex;

use super::chunk::Chunk;
use super::distant::StoredChunk;
use super::following::FollowerState;
use super::give_back::give_back;
use super::number::RowNumber;
use super::portion::Portion;
use super::spares::MAX_OF_FOLLOWER;
use super::{SharedStore, Store};

/// Number of chunks that are kept for a follower after the store has let them go. With the size of a chunk, it limits
/// the memory that a slow follower takes to about 64 MiB.
const MOST_HELD: usize = 64;

/// Reader that is given every row once, in order.
pub struct Follower {
    shared: Arc<Mutex<SharedStore>>,
    number: u64,
}

/// Rows for a follower.
pub enum Followed {
    /// Rows of one full chunk.
    Rows(Portion),
    /// Rows that the store has let go before the follower took them.
    Lost(Range<RowNumber>),
}

impl Store {
    /// Returns a reader of every row from `from` on, or from the oldest kept row where `from` was let go.
    pub fn follow(&self, from: RowNumber) -> Follower {
        let mut shared = self.shared.lock();
        let next = from.max(shared.first_row());
        let number = shared.followers.last().map_or(0, |last| last.number + 1);
        shared.followers.push(FollowerState {
            number,
            next,
            held: VecDeque::new(),
            lost_before: next,
            on_full_chunk: None,
        });
        Follower {
            shared: Arc::clone(&self.shared),
            number,
        }
    }
}

impl Follower {
    /// Sets a function that is called whenever a chunk is full, so that its reader need not look often.
    ///
    /// It is called while the store is locked. Therefore it must not wait, and must not use the store.
    pub fn on_full_chunk(&mut self, wake: impl Fn() + Send + 'static) {
        let mut shared = self.shared.lock();
        let mut following = shared.followers.iter_mut();
        if let Some(own) = following.find(|own| own.number == self.number) {
            own.on_full_chunk = Some(Box::new(wake));
        }
    }

    /// Returns the next rows of a full chunk; `None` where the next row is not in a full chunk yet.
    pub fn take(&mut self) -> Option<Followed> {
        let mut guard = self.shared.lock();
        let shared = &mut *guard;
        let following = shared.followers.iter_mut();
        let following = following
            .into_iter()
            .find(|own| own.number == self.number)?;
        let next = following.next;
        if next < following.lost_before {
            following.next = following.lost_before;
            return Some(Followed::Lost(next..following.lost_before));
        }
        let chunk = match following.held.pop_front() {
            Some(held) => held,
            None => shared.kept.find(next)?.clone(),
        };
        following.next = chunk.end_row();
        following.lost_before = following.next;
        drop(guard);
        Portion::of_chunk(&chunk.load(), next).map(Followed::Rows)
    }

    /// Gives rows back that [`take`](Self::take) returned. If nobody else reads them, the store uses their memory again.
    pub fn give_back(&self, portion: Portion) {
        give_back(&self.shared, [portion.into_chunk()], MAX_OF_FOLLOWER);
    }

    /// Returns a copy of the rows from `from` on that are not in a full chunk yet; `None` where there are none.
    ///
    /// They are part of a later result of [`take`](Self::take) again.
    pub fn newest(&self, from: RowNumber) -> Option<Portion> {
        let shared = self.shared.lock();
        let rows = shared.live.rows();
        let at = from.max(rows.first_row()).since(rows.first_row()) as usize;
        (at < rows.len()).then(|| Portion::of_live(&shared.live, at..rows.len()))
    }

    /// Returns true if only followers use the store, so that no row can be added any more.
    pub fn is_alone(&self) -> bool {
        let shared = self.shared.lock();
        Arc::strong_count(&self.shared) == shared.followers.len()
    }

    /// First row that [`take`](Self::take) has not returned.
    pub fn position(&self) -> RowNumber {
        let shared = self.shared.lock();
        let following = shared
            .followers
            .iter()
            .find(|own| own.number == self.number);
        following.map_or(RowNumber(0), |following| following.next)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut shared = self.shared.lock();
        let position = shared
            .followers
            .iter()
            .position(|own| own.number == self.number);
        let following = position.map(|position| shared.followers.remove(position));
        drop(shared);
        // Up to 64 chunks, whose memory is given back after the lock.
        drop(following);
    }
}

impl SharedStore {
    /// Notifies the followers that a chunk is full.
    pub(super) fn wake_followers(&self) {
        for following in &self.followers {
            if let Some(wake) = &following.on_full_chunk {
                wake();
            }
        }
    }

    /// Keeps all rows for the followers that have not taken them, because the store is cleared.
    pub(super) fn hold_all_for_followers(&mut self) {
        if self.followers.is_empty() {
            return;
        }
        let live = self.live.rows().len();
        let newest = (live > 0).then(|| Chunk::sealed(self.live.copy_of(0..live)).into());
        let kept = (0..self.kept.len()).filter_map(|at| self.kept.get(at).cloned());
        let leaving: Vec<StoredChunk> = kept.chain(newest).collect();
        for chunk in &leaving {
            self.hold_for_followers(chunk);
        }
    }

    /// Keeps a chunk that leaves the store for the followers that have not taken it.
    pub(super) fn hold_for_followers(&mut self, leaving: &StoredChunk) {
        for following in &mut self.followers {
            if following.next >= leaving.end_row() {
                continue;
            }
            following.held.push_back(leaving.clone());
            // The oldest are lost, so that the lost rows are one range.
            while following.held.len() > MOST_HELD
                && let Some(lost) = following.held.pop_front()
            {
                following.lost_before = lost.end_row();
            }
        }
    }
}
