//! Requests that wait for their answers, in both directions. Their number is bounded.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use feedscope_core::Direction;
use feedscope_core::time::Moment;

use super::frame::Key;
use crate::listing::ItemId;

/// Maximum number of requests that wait. The oldest ones are given up first.
const MAX_WAITING: usize = 10_000;

/// Maximum length of a key that is kept. Longer keys are not paired.
const MAX_KEY_BYTES: usize = 1 << 10;

/// Maximum number of requests without an answer that are remembered after the end of their connection.
const MAX_LOST: usize = 10_000;

/// A request that waits for its answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    pub(super) item: ItemId,
    pub(super) at: Moment,
    /// ID as JSON text, for the text of the answer.
    pub(super) id: Option<String>,
    /// Name, which an answer does not repeat.
    pub(super) name: Option<Cow<'static, str>>,
    pub(super) was_answered: bool,
}

/// Requests of one connection.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    waiting: HashMap<(bool, Key), Request>,
    /// Keys in the order of their requests. Keys of answered requests may still be here.
    order: VecDeque<((bool, Key), ItemId)>,
    /// Requests of ended connections, and replaced ones, without an answer.
    lost: BTreeSet<ItemId>,
    /// Number of requests that were given up for want of room.
    pub(super) let_go: u64,
}

impl Pairs {
    /// Adds a request from this direction. Returns the unanswered request with the same key that it replaces.
    pub(super) fn ask(&mut self, from: Direction, key: Key, request: Request) -> Option<Request> {
        // A long key would make the limit of waiting requests a limit of nothing.
        if key.len() > MAX_KEY_BYTES {
            self.let_go += 1;
            return None;
        }
        // Both sides may use the same IDs for requests of their own.
        let key = (from == Direction::Out, key);
        self.order.push_back((key.clone(), request.item));
        let replaced = self.waiting.insert(key, request);
        // The order also contains requests that were answered, which are removed from it here.
        while self.waiting.len() > MAX_WAITING || self.order.len() > 2 * MAX_WAITING {
            let Some((oldest, item)) = self.order.pop_front() else {
                break;
            };
            // A later request may have the key of an answered one.
            let is_same = self.waiting.get(&oldest).is_some_and(|of| of.item == item);
            if is_same {
                self.waiting.remove(&oldest);
                self.let_go += 1;
            }
        }
        let replaced = replaced.filter(|request| !request.was_answered);
        if let Some(replaced) = &replaced {
            self.lose(replaced.item);
        }
        replaced
    }

    /// Returns the request that a record from this direction answers, with the time since it. `has_more` keeps it.
    pub(super) fn answer(
        &mut self,
        from: Direction,
        key: &str,
        at: Moment,
        has_more: bool,
    ) -> Option<(Request, Duration)> {
        // The request went in the opposite direction.
        let key = (from == Direction::In, key.to_owned());
        let request = if has_more {
            let request = self.waiting.get_mut(&key)?;
            let before = request.clone();
            request.was_answered = true;
            before
        } else {
            self.waiting.remove(&key)?
        };
        let wait = at.since(request.at);
        Some((request, wait))
    }

    /// Removes a request that its own side gave up. Returns it.
    pub(super) fn cancel(&mut self, from: Direction, key: &str) -> Option<Request> {
        self.waiting
            .remove(&(from == Direction::Out, key.to_owned()))
    }

    /// Returns the number of requests without an answer.
    pub(super) fn unanswered(&self) -> u64 {
        self.waiting
            .values()
            .filter(|request| !request.was_answered)
            .count() as u64
    }

    /// Returns the items of requests without an answer, also of ended connections, oldest first.
    pub(super) fn unanswered_items(&self) -> Vec<ItemId> {
        let mut items = self.lost.clone();
        items.extend(self.waiting_items());
        items.into_iter().collect()
    }

    /// Returns the items of requests that still wait for their answer.
    fn waiting_items(&self) -> impl Iterator<Item = ItemId> + '_ {
        let unanswered = self
            .waiting
            .values()
            .filter(|request| !request.was_answered);
        unanswered.map(|request| request.item)
    }

    /// Remembers a request that no answer can follow any more.
    fn lose(&mut self, item: ItemId) {
        self.lost.insert(item);
        if self.lost.len() > MAX_LOST {
            self.lost.pop_first();
        }
    }

    /// Ends the wait of all requests, because their connection ended. Returns the number without an answer.
    pub(super) fn clear(&mut self) -> u64 {
        let unanswered: Vec<_> = self.waiting_items().collect();
        for item in &unanswered {
            self.lose(*item);
        }
        self.waiting.clear();
        self.order.clear();
        unanswered.len() as u64
    }
}
