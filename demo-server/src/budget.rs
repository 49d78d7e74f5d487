//! Memory for waiting bytes, counted for all WebSockets of a server together. This module uses neither sockets nor
//! frames.
//!
//! The answers to a client that does not read wait, and a message without an end waits for its rest. Each holder
//! reports such bytes to its [`Account`]. If the sum exceeds the limit, the holder with the most bytes is evicted, so
//! that clients which hold little are not affected.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// Limit for one server in bytes. It is enough for five messages of the greatest length. Together with the threads and
/// buffers of 800 clients, a process stays below 256 MB.
pub(crate) const SERVER_LIMIT: usize = 80 << 20;

/// Holder of bytes that can be made to release them.
pub(crate) trait Holder: Send + Sync {
    /// Ends the connection and releases as much as possible at once.
    fn evict(&self);
}

/// Sum of all accounts, with its limit.
pub(crate) struct Budget {
    limit: usize,
    state: Mutex<BudgetState>,
    changed: Condvar,
}

#[derive(Default)]
struct BudgetState {
    last_id: u64,
    /// Accounts in the order in which they were opened, so that the oldest of several equal ones is evicted.
    entries: BTreeMap<u64, AccountEntry>,
    used: usize,
    /// Part of `used` that belongs to evicted holders that have not released it yet.
    leaving: usize,
}

struct AccountEntry {
    bytes: usize,
    evicted: bool,
    holder: Weak<dyn Holder>,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            state: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// Opens an account for `holder`. Dropping the account closes it and releases the rest of its bytes.
    pub(crate) fn open(self: &Arc<Self>, holder: Weak<dyn Holder>) -> Account {
        let mut state = self.state.lock();
        state.last_id += 1;
        let id = state.last_id;
        state.entries.insert(
            id,
            AccountEntry {
                bytes: 0,
                evicted: false,
                holder,
            },
        );
        Account {
            budget: Arc::clone(self),
            id,
        }
    }

    /// Returns the number of bytes that are held at this moment.
    #[cfg(test)]
    fn used(&self) -> usize {
        self.state.lock().used
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl BudgetState {
    fn add(&mut self, id: u64, bytes: usize) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.bytes += bytes;
            self.used += bytes;
            // An evicted holder may still write until it notices. Its bytes must not evict others.
            self.leaving += if entry.evicted { bytes } else { 0 };
        }
    }

    fn release(&mut self, id: u64, bytes: usize) {
        if let Some(entry) = self.entries.get_mut(&id) {
            let bytes = bytes.min(entry.bytes);
            entry.bytes -= bytes;
            self.used -= bytes;
            self.leaving -= if entry.evicted { bytes } else { 0 };
        }
    }

    /// Marks the largest holders as evicted, until the others are within `limit`.
    fn take_victims(&mut self, limit: usize) -> Vec<Arc<dyn Holder>> {
        let mut victims = Vec::new();
        while self.used - self.leaving > limit {
            let staying = self.entries.values_mut().filter(|entry| !entry.evicted);
            // The last of several maxima is returned, so that the order is reversed.
            let Some(largest) = staying.rev().max_by_key(|entry| entry.bytes) else {
                break;
            };
            largest.evicted = true;
            self.leaving += largest.bytes;
            victims.extend(largest.holder.upgrade());
        }
        victims
    }
}

/// Bytes of one holder.
#[derive(Debug)]
pub(crate) struct Account {
    budget: Arc<Budget>,
    id: u64,
}

impl Account {
    /// Counts bytes that the holder has begun to hold. If the sum exceeds the limit, the largest holders are evicted,
    /// which may include this one. The caller must not hold a lock that an eviction needs.
    pub(crate) fn add(&self, bytes: usize) {
        let mut state = self.budget.state.lock();
        state.add(self.id, bytes);
        let victims = state.take_victims(self.budget.limit);
        // An eviction releases bytes, which needs the lock.
        drop(state);
        for victim in victims {
            victim.evict();
        }
    }

    /// Counts bytes that the holder no longer holds.
    pub(crate) fn release(&self, bytes: usize) {
        self.budget.state.lock().release(self.id, bytes);
        self.budget.changed.notify_all();
    }

    /// Waits until evicted holders have released their bytes, so that the sum is within the limit again, or until
    /// `is_over` returns true.
    pub(crate) fn wait_for_room(&self, is_over: impl Fn() -> bool) {
        /// Interval between two calls of `is_over`, whose result changes without a notification.
        const LOOK: Duration = Duration::from_millis(100);
        let mut state = self.budget.state.lock();
        while state.used > self.budget.limit && !is_over() {
            self.budget.changed.wait_for(&mut state, LOOK);
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let mut state = self.budget.state.lock();
        state.release(self.id, usize::MAX);
        state.entries.remove(&self.id);
        drop(state);
        self.budget.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[derive(Default)]
    struct Client {
        evicted: AtomicBool,
    }

    impl Holder for Client {
        fn evict(&self) {
            self.evicted.store(true, Ordering::Relaxed);
        }
    }

    fn open(budget: &Arc<Budget>) -> (Arc<Client>, Account) {
        let client = Arc::new(Client::default());
        let holder: Arc<dyn Holder> = Arc::clone(&client) as _;
        let account = budget.open(Arc::downgrade(&holder));
        (client, account)
    }

    fn is_evicted(client: &Client) -> bool {
        client.evicted.load(Ordering::Relaxed)
    }

    #[test]
    fn the_largest_holder_is_evicted() {
        let budget = Budget::new(100);
        let (small, small_account) = open(&budget);
        let (large, large_account) = open(&budget);
        let (middle, middle_account) = open(&budget);
        large_account.add(60);
        middle_account.add(30);
        small_account.add(10);
        assert!(![&small, &large, &middle].into_iter().any(|c| is_evicted(c)));
        small_account.add(1);
        assert!(is_evicted(&large) && !is_evicted(&small) && !is_evicted(&middle));
        // The bytes of the evicted holder will be released, so that no other one is evicted for them.
        middle_account.add(20);
        assert!(!is_evicted(&middle));
        assert_eq!(budget.used(), 121);
        drop(large_account);
        assert_eq!(budget.used(), 61);
    }

    #[test]
    fn several_are_evicted_where_one_is_not_enough() {
        let budget = Budget::new(100);
        let clients: Vec<_> = (0..10).map(|_| open(&budget)).collect();
        for (_, account) in &clients {
            account.add(10);
        }
        let (huge, huge_account) = open(&budget);
        huge_account.add(9);
        huge_account.add(101);
        assert!(is_evicted(&huge));
        let evicted = clients.iter().filter(|(client, _)| is_evicted(client));
        assert_eq!(
            evicted.count(),
            1,
            "the one whose bytes the first nine took"
        );
    }

    #[test]
    fn room_comes_when_an_evicted_holder_lets_go() {
        let budget = Budget::new(100);
        let (_large, large_account) = open(&budget);
        let (_small, small_account) = open(&budget);
        large_account.add(101);
        std::thread::scope(|scope| {
            scope.spawn(|| small_account.wait_for_room(|| false));
            large_account.release(1);
        });
        large_account.add(1);
        small_account.wait_for_room(|| true);
        assert_eq!(budget.used(), 101);
    }
}
