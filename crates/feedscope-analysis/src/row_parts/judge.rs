//! Judgment of a folding: the part of the payloads that can be told apart in the rows.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::iter;
use std::ops::Range;

use super::folding::Folding;
use super::pieces::Pieces;
use super::value_statistics::Statistics;

/// Payloads by which foldings are judged.
pub(super) struct Judge<'a> {
    payloads: &'a [&'a str],
    all: &'a [Pieces],
    statistics: &'a Statistics,
    /// Number of different payloads.
    distinct: usize,
    /// Number of characters of a row.
    room: usize,
}

/// Parts of the payloads in percent.
#[derive(Clone, Copy)]
pub(super) struct Verdict {
    /// Payloads that differ in sight, of those that differ.
    distinct: usize,
    /// Texts that begin in the first half of the row.
    texts: usize,
}

impl Verdict {
    /// Returns true if the rows can be told apart and read.
    pub(super) fn is_sufficient(self) -> bool {
        self.distinct >= 80 && self.texts >= 75
    }

    /// Returns true if another folding would hardly be better. The limits are lower, so that rows do not change their form
    /// again and again.
    pub(super) fn is_acceptable(self) -> bool {
        self.distinct >= 60 && self.texts >= 50
    }

    /// Returns a number by which verdicts are compared.
    pub(super) fn score(self) -> usize {
        self.distinct + self.texts
    }
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        payloads: &'a [&'a str],
        all: &'a [Pieces],
        statistics: &'a Statistics,
        room: usize,
    ) -> Self {
        let mut judge = Self {
            payloads,
            all,
            statistics,
            distinct: 0,
            room,
        };
        let whole = |text: &str| iter::once(0..text.len()).collect();
        judge.distinct = judge.distinct(whole, usize::MAX);
        judge
    }

    pub(super) fn verdict(&self, folding: &Folding) -> Verdict {
        let distinct = self.distinct(|text| folding.shown(text, self.room), self.room);
        Verdict {
            distinct: percent(distinct, self.distinct),
            texts: self.texts_in_sight(folding),
        }
    }

    /// Returns the number of payloads that differ in their shown parts. Identifiers and times do not count, because
    /// they differ always.
    fn distinct(&self, shown: impl Fn(&str) -> Vec<Range<usize>>, room: usize) -> usize {
        let payloads = self.payloads.iter().zip(self.all);
        let mut hashes: Vec<u64> = payloads
            .map(|(text, pieces)| {
                let parts = cut(text, shown(text), room);
                let mut hasher = DefaultHasher::new();
                for piece in &pieces.list {
                    if self.statistics.is_identifier((pieces.shape, piece.path)) {
                        continue;
                    }
                    for part in &parts {
                        let range = part.start.max(piece.value)..part.end.min(piece.end);
                        text.get(range).unwrap_or_default().hash(&mut hasher);
                    }
                }
                hasher.finish()
            })
            .collect();
        hashes.sort_unstable();
        hashes.dedup();
        hashes.len()
    }

    /// Returns the percentage of the texts that begin in the first half of the row.
    fn texts_in_sight(&self, folding: &Folding) -> usize {
        let texts: Vec<_> = self.statistics.texts().map(|(_, text)| text.key).collect();
        let (mut all, mut in_sight) = (0, 0);
        for (text, pieces) in self.payloads.iter().zip(self.all) {
            let is_text = |path: u64| texts.contains(&(pieces.shape, path));
            let Some(piece) = pieces.list.iter().find(|piece| is_text(piece.path)) else {
                continue;
            };
            all += 1;
            let parts = cut(text, folding.shown(text, self.room), self.room / 2);
            in_sight += usize::from(parts.iter().any(|part| part.contains(&piece.value)));
        }
        percent(in_sight, all)
    }
}

/// Returns the parts that have room for this number of characters with the marks between them.
fn cut(text: &str, parts: Vec<Range<usize>>, room: usize) -> Vec<Range<usize>> {
    let (mut end, mut left) = (0, room);
    let fits = |mut part: Range<usize>| {
        left = left.saturating_sub(usize::from(part.start > end));
        end = part.end;
        let mut rest = text[part.clone()].char_indices();
        if let Some((length, _)) = rest.nth(left) {
            part.end = part.start + length;
        }
        left -= text[part.clone()].chars().count();
        part
    };
    parts.into_iter().map(fits).collect()
}

/// Returns a part in percent; 100 of nothing.
fn percent(part: usize, of: usize) -> usize {
    (part * 100).checked_div(of).unwrap_or(100)
}
