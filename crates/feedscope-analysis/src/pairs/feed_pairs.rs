//! Pairs of records, and those without a partner so far. It reads no store.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Bound;
use std::sync::Arc;

use feedscope_core::Stamp;
use feedscope_core::store::RowNumber;

use super::difference::FeedDifference;
use super::side::ComparedSide;
use crate::series::{Point, Pyramid};

/// Number of records of each feed that may wait for their partners. A record that has waited for longer is given up.
pub(super) const MOST_WAITING: usize = 50_000;

/// Longest text of a key in bytes. A longer one is a document, not a name.
const LONGEST_KEY: usize = 256;

/// Pairs of two feeds so far.
#[derive(Debug, Default)]
pub struct FeedPairs {
    /// Records without a partner, by their keys. All of a key are from the same feed.
    pub(super) waiting: HashMap<Arc<str>, Waiting>,
    /// The same records of each feed, by their rows.
    alone: [BTreeMap<RowNumber, Alone>; 2],
    /// Rows of each feed that have a partner: the first one and the last one.
    paired: [Option<(RowNumber, RowNumber)>; 2],
    /// Records of each feed without a partner between these rows, as counted after the last step.
    between: [u64; 2],
    difference: FeedDifference,
    points: Pyramid,
    /// Pairs with different payloads.
    changed: u64,
    first_change: Option<[RowNumber; 2]>,
    /// Records of each feed that were given up.
    given_up: [u64; 2],
    /// Records of each feed with and without a value of the key.
    with_key: [u64; 2],
    without_key: [u64; 2],
    /// Records of each feed that were let go before they were read.
    pub(super) unread: [u64; 2],
}

#[derive(Debug)]
pub(super) struct Waiting {
    side: ComparedSide,
    rows: VecDeque<RowNumber>,
}

/// Record without a partner.
#[derive(Clone, Debug, PartialEq)]
pub struct Alone {
    /// Its key.
    pub key: Arc<str>,
    /// Its arrival.
    pub stamp: Stamp,
    payload_hash: u64,
}

impl FeedPairs {
    /// Differences of arrivals.
    pub fn difference(&self) -> &FeedDifference {
        &self.difference
    }

    /// Differences in milliseconds over the arrivals in the base, whose rows they have.
    pub fn points(&self) -> &Pyramid {
        &self.points
    }

    /// Number of pairs with different payloads.
    pub fn changed(&self) -> u64 {
        self.changed
    }

    /// Rows of the first pair with different payloads, in the base and in the other feed.
    pub fn first_change(&self) -> Option<[RowNumber; 2]> {
        self.first_change
    }

    /// Records that only this feed has, oldest first: those between its first and its last record with a partner.
    ///
    /// Records outside of this range arrived before the other feed began, or their partners may still arrive.
    pub fn only_in(&self, side: ComparedSide) -> impl Iterator<Item = (RowNumber, &Alone)> {
        let between = self.paired[side as usize];
        // Without pairs, the range is empty.
        let (first, last) = between.unwrap_or_default();
        let range = (Bound::Included(first), Bound::Excluded(last));
        let alone = &self.alone[side as usize];
        let is_range = first < last;
        is_range
            .then(|| alone.range(range))
            .into_iter()
            .flatten()
            .map(|(row, alone)| (*row, alone))
    }

    /// Number of records that only this feed has, with those that are not listed any more.
    pub fn only_in_count(&self, side: ComparedSide) -> u64 {
        self.between[side as usize] + self.given_up[side as usize]
    }

    /// Number of records that have no partner yet, outside of the range with pairs.
    pub fn waiting(&self, side: ComparedSide) -> u64 {
        let alone = self.alone[side as usize].len() as u64;
        // Between two parts of a step, records may have got a partner since the last count.
        alone.saturating_sub(self.between[side as usize])
    }

    /// Counts the records of [`Self::only_in`]. They may be many, so that no pass of a window counts them.
    pub(super) fn count_between(&mut self) {
        self.between = ComparedSide::BOTH.map(|side| self.only_in(side).count() as u64);
    }

    /// Sentences about records that the comparison leaves out.
    pub fn notes(&self) -> Vec<String> {
        let sum = |counts: [u64; 2]| counts[0] + counts[1];
        let mut notes = Vec::new();
        for (count, text) in [
            (
                sum(self.without_key),
                "records have no value of the key, or a long one",
            ),
            (
                sum(self.given_up),
                "records waited for a partner among 50,000 others and are only counted",
            ),
            (
                sum(self.unread),
                "records were let go before they were read",
            ),
        ] {
            if count > 0 {
                notes.push(format!("{count} {text}"));
            }
        }
        notes
    }

    /// Returns true if records of a feed were read and none of them has the key.
    pub fn lacks_key(&self, side: ComparedSide) -> bool {
        self.with_key[side as usize] == 0 && self.without_key[side as usize] > 0
    }

    /// Adds a received payload with its key.
    pub(super) fn add(
        &mut self,
        side: ComparedSide,
        (row, stamp): (RowNumber, Stamp),
        data: &[u8],
        key: Option<&str>,
    ) {
        let Some(key) = key.filter(|key| key.len() <= LONGEST_KEY) else {
            self.without_key[side as usize] += 1;
            return;
        };
        self.with_key[side as usize] += 1;
        // Only a hash is kept, because the payloads of waiting records may be large.
        let arrival = Alone {
            key: Arc::from(key),
            stamp,
            payload_hash: hash(data),
        };
        let partner = self.partner(side, key);
        match partner {
            Some((partner, before)) => self.pair(side, (row, &arrival), (partner, &before)),
            None => self.wait(side, row, arrival),
        }
    }

    /// Takes the oldest record of the opposite feed with this key.
    fn partner(&mut self, side: ComparedSide, key: &str) -> Option<(RowNumber, Alone)> {
        let waiting = self.waiting.get_mut(key)?;
        // The same key again from the same feed is no partner.
        if waiting.side == side {
            return None;
        }
        let row = waiting.rows.pop_front()?;
        if waiting.rows.is_empty() {
            self.waiting.remove(key);
        }
        // The oldest waiting record of the other feed is the partner.
        let alone = self.alone[side.opposite() as usize].remove(&row)?;
        Some((row, alone))
    }

    fn pair(&mut self, side: ComparedSide, new: (RowNumber, &Alone), before: (RowNumber, &Alone)) {
        let ((base_row, base), (other_row, other)) = match side {
            ComparedSide::Base => (new, before),
            ComparedSide::Other => (before, new),
        };
        let micros = other.stamp.utc.as_micros() - base.stamp.utc.as_micros();
        self.difference.add(micros);
        self.points.push(Point {
            at: base.stamp.moment,
            value: micros as f64 / 1_000.0,
            row: base_row,
        });
        // The same key with other content is a change between the feeds.
        if base.payload_hash != other.payload_hash {
            self.changed += 1;
            self.first_change.get_or_insert([base_row, other_row]);
        }
        for (paired, row) in self.paired.iter_mut().zip([base_row, other_row]) {
            let (first, last) = paired.get_or_insert((row, row));
            *first = row.min(*first);
            *last = row.max(*last);
        }
    }

    fn wait(&mut self, side: ComparedSide, row: RowNumber, arrival: Alone) {
        let waiting = self
            .waiting
            .entry(Arc::clone(&arrival.key))
            .or_insert_with(|| Waiting {
                side,
                rows: VecDeque::new(),
            });
        waiting.rows.push_back(row);
        let alone = &mut self.alone[side as usize];
        alone.insert(row, arrival);
        if alone.len() <= MOST_WAITING {
            return;
        }
        // Above the limit, the oldest record gives up its wait.
        if let Some((row, oldest)) = alone.pop_first() {
            self.given_up[side as usize] += 1;
            if let Some(waiting) = self.waiting.get_mut(&oldest.key) {
                waiting.rows.retain(|it| *it != row);
                if waiting.rows.is_empty() {
                    self.waiting.remove(&oldest.key);
                }
            }
        }
    }
}

fn hash(data: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    hasher.finish()
}
