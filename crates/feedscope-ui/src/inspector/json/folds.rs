//! What of a tree is folded, and with it which value stands in which row. The cost grows with what is folded by hand,
//! never with the tree.

use std::collections::BTreeMap;

/// The folded values of a tree whose values are numbered in the order in which they stand.
#[derive(Default)]
pub(super) struct Folds {
    /// Each folded value with the one after its last descendant.
    folded: BTreeMap<usize, usize>,
    /// The folded ones that stand in no other, in order, each with how many values it and those before it hide.
    outermost: Vec<(usize, usize)>,
}

impl Folds {
    pub(super) fn is_folded(&self, node: usize) -> bool {
        self.folded.contains_key(&node)
    }

    /// Folds a value, whose descendants end before `next`, or unfolds it.
    pub(super) fn toggle(&mut self, node: usize, next: usize) {
        if self.folded.remove(&node).is_none() {
            self.folded.insert(node, next);
        }
        self.outermost.clear();
        let (mut end, mut hidden) = (0, 0);
        for (&node, &next) in &self.folded {
            if node >= end {
                hidden += next - node - 1;
                self.outermost.push((node, hidden));
                end = next;
            }
        }
    }

    /// How many values are hidden.
    pub(super) fn hidden(&self) -> usize {
        self.outermost.last().map_or(0, |(_, hidden)| *hidden)
    }

    /// The value in a row, both counted from the first value.
    pub(super) fn node(&self, row: usize) -> usize {
        // A folded value stands in the row of its number less what is hidden before it.
        let before = self.folded_before(|(at, node)| node - self.hidden_by(at) < row);
        row + self.hidden_by(before)
    }

    /// The row of a value, or of the folded one that hides it.
    pub(super) fn row(&self, node: usize) -> usize {
        let before = self.folded_before(|(_, folded)| folded < node);
        let last = before.checked_sub(1).map(|at| self.outermost[at].0);
        match last {
            Some(folded) if self.folded[&folded] > node => folded - self.hidden_by(before - 1),
            _ => node - self.hidden_by(before),
        }
    }

    /// How many of the outermost folded ones come first, as long as `is_before` holds for their place and number.
    fn folded_before(&self, is_before: impl Fn((usize, usize)) -> bool) -> usize {
        let (mut low, mut high) = (0, self.outermost.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before((middle, self.outermost[middle].0)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// How many values the first so many of the outermost folded ones hide.
    fn hidden_by(&self, count: usize) -> usize {
        count.checked_sub(1).map_or(0, |at| self.outermost[at].1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A tree as the ends of its values' descendants, made from the depth that each would like to have.
    fn ends(wishes: &[usize]) -> Vec<usize> {
        let mut depths: Vec<usize> = Vec::new();
        for &wish in wishes {
            let deepest = depths.last().map_or(0, |depth| depth + 1);
            depths.push(wish.min(deepest));
        }
        let end = |node: usize| {
            (node + 1..depths.len())
                .find(|&later| depths[later] <= depths[node])
                .unwrap_or(depths.len())
        };
        (0..depths.len()).map(end).collect()
    }

    proptest! {
        /// Rows against a plain walk, after any folding and unfolding.
        #[test]
        fn rows_are_those_of_a_plain_walk(
            wishes in proptest::collection::vec(0..5_usize, 1..40),
            toggled in proptest::collection::vec(0..40_usize, 0..30),
        ) {
            let ends = ends(&wishes);
            let mut folds = Folds::default();
            for node in toggled.into_iter().filter(|&node| node < ends.len() && ends[node] > node + 1) {
                folds.toggle(node, ends[node]);
            }
            let mut plain = Vec::new();
            let mut node = 0;
            while node < ends.len() {
                plain.push(node);
                node = if folds.is_folded(node) { ends[node] } else { node + 1 };
            }
            prop_assert_eq!(ends.len() - folds.hidden(), plain.len());
            for (row, &node) in plain.iter().enumerate() {
                prop_assert_eq!(folds.node(row), node);
                let next = plain.get(row + 1).copied().unwrap_or(ends.len());
                for hidden in node..next {
                    prop_assert_eq!(folds.row(hidden), row);
                }
            }
        }
    }
}
