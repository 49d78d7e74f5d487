//! Feed that runs with or without clients: its numbered items, a limited history of them, and the clients that follow
//! it. This module does not create items.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::Mutex;

use crate::connection::Connection;
use crate::faults::Fault;
use crate::source::{Due, Put, Source, SourceItem};

/// Number of items that a hub keeps for clients that reconnect: 13 minutes of ticks at five ticks a second.
const HISTORY: usize = 4_096;

/// Number of items that a follower takes at once.
const AT_ONCE: usize = 128;

/// Interval of items with a fault, if a fault is on.
const FAULTY: u64 = 10;

/// Published item.
#[derive(Debug)]
pub(crate) struct PublishedItem {
    event: &'static str,
    data: String,
}

/// Running feed.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    /// Newest ID; 0 before the first item.
    newest: AtomicU64,
    history: Mutex<VecDeque<Arc<PublishedItem>>>,
    followers: Mutex<Vec<Weak<Connection>>>,
}

impl Hub {
    /// Returns the ID of the next published item.
    pub(crate) fn next_id(&self) -> u64 {
        self.newest.load(Ordering::Acquire) + 1
    }

    /// Publishes the item for which [`next_id`](Self::next_id) was called. Only one thread does this for a hub.
    pub(crate) fn publish(&self, event: &'static str, data: String) {
        let mut history = self.history.lock();
        if history.len() == HISTORY {
            history.pop_front();
        }
        history.push_back(Arc::new(PublishedItem { event, data }));
        self.newest.fetch_add(1, Ordering::Release);
        drop(history);
        self.followers.lock().retain(|follower| {
            let living = follower.upgrade();
            living.as_ref().inspect(|c| c.poke()).is_some()
        });
    }

    /// Follows the hub for `connection`. The first item is the one after `last_event_id`, if that is an ID of this hub,
    /// or otherwise the newest item.
    pub(crate) fn follow(
        self: &Arc<Self>,
        connection: &Arc<Connection>,
        last_event_id: Option<&str>,
    ) -> Follower {
        self.followers.lock().push(Arc::downgrade(connection));
        let (oldest, newest) = self.kept();
        let next = last_event_id
            .and_then(|id| id.parse::<u64>().ok())
            .filter(|id| *id <= newest)
            .map_or(newest, |id| id + 1);
        Follower {
            hub: Arc::clone(self),
            connection: Arc::downgrade(connection),
            next: next.max(oldest),
            begun: false,
            lost: false,
        }
    }

    /// Returns the IDs of the oldest stored item and of the newest one. If no item is stored, the first ID is greater
    /// by one.
    fn kept(&self) -> (u64, u64) {
        let history = self.history.lock();
        let newest = self.newest.load(Ordering::Acquire);
        (newest + 1 - history.len() as u64, newest)
    }

    /// Returns the ID of the oldest stored item, and a few items from `id` on or, if that is gone, from the oldest on.
    fn entries_from(&self, id: u64) -> (u64, Vec<Arc<PublishedItem>>) {
        let history = self.history.lock();
        let oldest = self.newest.load(Ordering::Acquire) + 1 - history.len() as u64;
        let skip = id.saturating_sub(oldest) as usize;
        let entries = history.iter().skip(skip).take(AT_ONCE).cloned().collect();
        (oldest, entries)
    }
}

/// Position of one connection in a hub.
#[derive(Debug)]
pub(crate) struct Follower {
    hub: Arc<Hub>,
    connection: Weak<Connection>,
    next: u64,
    /// True after the first item was passed on. From then on, a gap would be an error of this feed.
    begun: bool,
    lost: bool,
}

impl Source for Follower {
    fn due(&self, _now: Instant) -> Due {
        if self.lost {
            Due::Lost
        } else if self.hub.newest.load(Ordering::Acquire) >= self.next {
            Due::Now
        } else {
            Due::WhenPoked
        }
    }

    fn fill(&mut self, _now: Instant, put: Put<'_>) -> io::Result<()> {
        let (oldest, entries) = self.hub.entries_from(self.next);
        // The history no longer contains the next item, because the client reads too slowly.
        if oldest > self.next && self.begun {
            self.lost = true;
            return Ok(());
        }
        // Before the stream began, the oldest item at the time of the request may have been removed.
        self.next = self.next.max(oldest);
        self.begun = true;
        for entry in entries {
            let faulty = self
                .next
                .is_multiple_of(FAULTY)
                .then(|| self.fault())
                .flatten();
            put_entry(self.next, &entry, faulty, put)?;
            self.next += 1;
        }
        Ok(())
    }

    fn waiting(&self) -> usize {
        /// Usual length of an item in bytes, including the framing.
        const USUAL: u64 = 200;
        let behind = (self.hub.newest.load(Ordering::Acquire) + 1).saturating_sub(self.next);
        (behind * USUAL) as usize
    }
}

impl Follower {
    fn fault(&self) -> Option<Fault> {
        let connection = self.connection.upgrade()?;
        connection.faults().find(connection.feed(), |fault| {
            matches!(fault, Fault::BadUtf8 | Fault::RepeatIds | Fault::SkipIds).then_some(fault)
        })
    }
}

fn put_entry(id: u64, entry: &PublishedItem, fault: Option<Fault>, put: Put<'_>) -> io::Result<()> {
    let id = id.to_string();
    let mut data = Cow::Borrowed(entry.data.as_bytes());
    if fault == Some(Fault::BadUtf8) {
        // The byte is inserted in the middle, even if that is inside of a character. 0xFF never occurs in UTF-8.
        let middle = data.len() / 2;
        data.to_mut().insert(middle, 0xFF);
    }
    let item = SourceItem {
        event: Some(entry.event),
        id: id.as_bytes(),
        data: data.as_ref().into(),
    };
    let times = match fault {
        Some(Fault::SkipIds) => 0,
        Some(Fault::RepeatIds) => 2,
        _ => 1,
    };
    (0..times).try_for_each(|_| put(item))
}
