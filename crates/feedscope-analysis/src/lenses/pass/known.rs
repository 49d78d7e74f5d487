//! Results of a pass that views read at any time: compact marks of rows, pairs, kept states of the lens, and texts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use feedscope_core::store::RowNumber;

use super::super::read::Read;
use super::super::reader::LensReader;
use super::super::recognition::{LensName, Recognized};
use super::super::{Lens, LensState};
use super::answers::Assembled;
use crate::filter::Hits;
use crate::listing::ItemId;

/// Maximum number of pairs that are kept. The oldest ones are removed first; their answers lose the time.
const MAX_PAIRS: usize = 500_000;

/// Number of rows whose texts are kept.
const MAX_TEXTS: usize = 1_024;

/// Number of the newest rows whose texts the pass keeps, so that a view that follows them need not read them again.
const NEWEST_TEXTS: usize = 128;

/// Number of rows between two kept states of the lens at first.
const STATE_INTERVAL: u64 = 256;

/// Maximum number of kept states. If there are more, every second one is removed.
const MAX_STATES: usize = 2_048;

#[derive(Default)]
pub(crate) struct Known {
    pub(super) lens: Option<LensName>,
    pub(super) recognized: Option<Recognized>,
    pub(super) read_to: RowNumber,
    pub(super) errors: Hits,
    pub(super) keep_alives: Hits,
    pub(super) unanswered: Arc<[ItemId]>,
    pub(super) assembled: Arc<Assembled>,
    /// Answers in order.
    pairs: VecDeque<Pair>,
    /// Number of pairs that were removed because of their limit.
    pub(super) pairs_let_go: u64,
    texts: BTreeMap<RowNumber, Arc<[Read]>>,
    /// Rows whose texts a view waits for.
    wanted: BTreeSet<RowNumber>,
    states: States,
    /// A view has shown rows that the pass had not read, so that their pairs were not known.
    pub(super) has_shown_unread: bool,
}

#[derive(Clone, Copy)]
struct Pair {
    answer: ItemId,
    request: ItemId,
}

/// States of the lens at some rows.
struct States {
    /// Rows with the state before them, in order.
    kept: Vec<(RowNumber, Box<dyn Lens>)>,
    interval: u64,
}

/// Results of one portion.
#[derive(Default)]
pub(super) struct PortionResults {
    errors: Vec<RowNumber>,
    keep_alives: Vec<RowNumber>,
    pairs: Vec<Pair>,
    newest: VecDeque<(RowNumber, Vec<Read>)>,
    states: Vec<(RowNumber, Box<dyn Lens>)>,
    last_state: Option<RowNumber>,
    /// Requests or answers are among the records.
    pub(super) has_pairs: bool,
    pub(super) is_document_changed: bool,
}

impl Default for States {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            interval: STATE_INTERVAL,
        }
    }
}

impl PortionResults {
    /// Adds the meaning of a record, and the state of the lens after it.
    pub(super) fn add(&mut self, row: RowNumber, mut reads: Vec<Read>, reader: &LensReader) {
        let is_due = self
            .last_state
            .is_none_or(|last| row - last >= STATE_INTERVAL);
        if is_due && let Some(LensState::Kept(state)) = reader.state() {
            self.last_state = Some(row);
            self.states.push((row + 1, state));
        }
        if reads.is_empty() {
            return;
        }
        if reads.iter().any(|read| read.error.is_some()) {
            self.errors.push(row);
        }
        if reads.iter().all(|read| read.is_keep_alive) {
            self.keep_alives.push(row);
        }
        for (part, read) in (0..).zip(&mut reads) {
            self.has_pairs |= read.is_request || read.answers.is_some();
            if let Some(request) = read.request {
                let answer = ItemId { row, part };
                self.pairs.push(Pair { answer, request });
            }
            shorten(read);
        }
        self.newest.push_back((row, reads));
        if self.newest.len() > NEWEST_TEXTS {
            self.newest.pop_front();
        }
    }
}

/// Shortens the content of a meaning, of which a row shows only the beginning.
pub(super) fn shorten(read: &mut Read) {
    /// Longest beginning in characters.
    const LONGEST: usize = 1_000;
    // The sentence about an error has its reason, and a keep-alive message has nothing to show.
    let is_shown = read.error.is_none() && !read.is_keep_alive;
    read.data = read
        .data
        .take()
        .filter(|_| is_shown)
        .map(|data| super::super::text::shortened(&data, LONGEST).to_owned());
}

impl Known {
    /// Creates the results of a pass that has read no rows.
    pub(super) fn new(
        lens: Option<LensName>,
        recognized: Option<Recognized>,
        read_to: RowNumber,
    ) -> Self {
        Self {
            lens,
            recognized,
            read_to,
            ..Self::default()
        }
    }

    /// Returns true if the row has an error.
    pub(crate) fn has_error(&self, row: RowNumber) -> bool {
        has(&self.errors, row)
    }

    /// Returns the first row with an error among these rows.
    pub(super) fn first_error(&self, rows: &Range<RowNumber>) -> Option<RowNumber> {
        let found = self.errors.select(self.errors.rank(rows.start));
        found.filter(|row| rows.contains(row))
    }

    /// Returns true if the row only keeps the connection open.
    pub(crate) fn is_keep_alive(&self, row: RowNumber) -> bool {
        has(&self.keep_alives, row)
    }

    /// Returns true if the row has a request without an answer.
    pub(crate) fn is_unanswered(&self, row: RowNumber) -> bool {
        let at = self.unanswered.partition_point(|item| item.row < row);
        self.unanswered.get(at).is_some_and(|item| item.row == row)
    }

    pub(super) fn request_of(&self, answer: ItemId) -> Option<ItemId> {
        let at = self.pairs.partition_point(|pair| pair.answer < answer);
        let pair = self.pairs.get(at).filter(|pair| pair.answer == answer)?;
        Some(pair.request)
    }

    pub(super) fn answer_to(&self, request: ItemId) -> Option<ItemId> {
        // An answer comes after its request, or is a later part of the same message.
        let from = self.pairs.partition_point(|pair| pair.answer <= request);
        let mut later = self.pairs.range(from..);
        let pair = later.find(|pair| pair.request == request)?;
        Some(pair.answer)
    }

    /// Adds the results of a portion that ends at `read_to`. Rows before `first` were let go.
    pub(super) fn take(&mut self, batch: PortionResults, read_to: RowNumber, first: RowNumber) {
        self.read_to = read_to;
        self.errors.extend_newest(&batch.errors);
        self.keep_alives.extend_newest(&batch.keep_alives);
        self.errors.let_go_before(first);
        self.keep_alives.let_go_before(first);
        self.pairs.extend(batch.pairs);
        // Pairs are in the order of their answers.
        let gone = self.pairs.partition_point(|pair| pair.answer.row < first);
        self.pairs.drain(..gone);
        let surplus = self.pairs.len().saturating_sub(MAX_PAIRS);
        self.pairs.drain(..surplus);
        self.pairs_let_go += surplus as u64;
        self.states.add(batch.states, first);
        for (row, reads) in batch.newest {
            self.keep_text(row, reads.into());
        }
    }

    pub(super) fn text(&self, row: RowNumber) -> Option<Arc<[Read]>> {
        self.texts.get(&row).cloned()
    }

    pub(super) fn keep_text(&mut self, row: RowNumber, reads: Arc<[Read]>) {
        self.wanted.remove(&row);
        self.texts.insert(row, reads);
        while self.texts.len() > MAX_TEXTS {
            // The row that is farthest from the new one is least likely to be in view.
            let ends = self
                .texts
                .first_key_value()
                .zip(self.texts.last_key_value());
            let Some(((first, _), (last, _))) = ends else {
                break;
            };
            let is_first = row.0.abs_diff(first.0) >= row.0.abs_diff(last.0);
            let farthest = if is_first { *first } else { *last };
            self.texts.remove(&farthest);
        }
    }

    /// Replaces the rows whose texts a view waits for.
    pub(super) fn want(&mut self, rows: &[RowNumber]) {
        self.wanted = rows.iter().copied().collect();
    }

    pub(super) fn has_wanted(&self) -> bool {
        !self.wanted.is_empty()
    }

    pub(super) fn take_wanted(&mut self) -> Vec<RowNumber> {
        std::mem::take(&mut self.wanted).into_iter().collect()
    }

    /// Returns the kept state nearest before a row, with its row.
    pub(super) fn state_before(&self, row: RowNumber) -> Option<(RowNumber, Box<dyn Lens>)> {
        // The state of row `of` is the one before it is read.
        let kept = &self.states.kept;
        let at = kept.partition_point(|(of, _)| *of <= row).checked_sub(1)?;
        let (of, lens) = &kept[at];
        match lens.state() {
            LensState::Kept(state) => Some((*of, state)),
            LensState::None | LensState::Unkept => None,
        }
    }
}

impl States {
    fn add(&mut self, states: Vec<(RowNumber, Box<dyn Lens>)>, first: RowNumber) {
        for (row, state) in states {
            let last = self.kept.last().map(|(last, _)| *last);
            if last.is_none_or(|last| row - last >= self.interval) {
                self.kept.push((row, state));
            }
        }
        // The newest state before the oldest row is still needed.
        let gone = self.kept.partition_point(|(row, _)| *row <= first);
        self.kept.drain(..gone.saturating_sub(1));
        if self.kept.len() > MAX_STATES {
            // The distances stay even, and the first state stays.
            let mut is_kept = false;
            self.kept.retain(|_| {
                is_kept = !is_kept;
                is_kept
            });
            self.interval *= 2;
        }
    }
}

fn has(rows: &Hits, row: RowNumber) -> bool {
    rows.select(rows.rank(row)) == Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removed_pairs_are_counted() {
        let mut known = Known::default();
        let item = |row| ItemId {
            row: RowNumber(row),
            part: 0,
        };
        let pairs = |rows: std::ops::Range<u64>| PortionResults {
            pairs: rows
                .map(|row| Pair {
                    answer: item(2 * row + 1),
                    request: item(2 * row),
                })
                .collect(),
            ..PortionResults::default()
        };
        let most = MAX_PAIRS as u64;
        known.take(pairs(0..most), RowNumber(2 * most), RowNumber(0));
        assert_eq!(known.pairs_let_go, 0);
        // Pairs of rows that the store has let go are no surplus.
        known.take(
            pairs(most..most + 7),
            RowNumber(2 * most + 14),
            RowNumber(4),
        );
        assert_eq!(known.pairs_let_go, 5);
        assert_eq!(known.request_of(item(13)), None);
        assert_eq!(known.request_of(item(15)), Some(item(14)));
    }
}
