//! Folded values of a tree, with the conversion between values and rows. The cost depends on the number of folds, not
//! on the size of the tree.

use std::collections::BTreeMap;

/// Folded values of a tree. Values are numbered in the order of their text.
#[derive(Default)]
pub(super) struct Folds {
    /// Each folded value, with the value after its last descendant.
    folded: BTreeMap<usize, usize>,
    /// Folded values that are not inside another one, in order, each with the number of values that it and those before
    /// hide.
    outermost: Vec<(usize, usize)>,
}

impl Folds {
    /// Returns true if a value is folded.
    pub(super) fn is_folded(&self, node: usize) -> bool {
        self.folded.contains_key(&node)
    }

    /// Folds or unfolds a value whose descendants end before `next`.
    pub(super) fn toggle(&mut self, node: usize, next: usize) {
        if self.folded.remove(&node).is_none() {
            self.folded.insert(node, next);
        }
        // A fold inside another one hides nothing more, so that it is skipped.
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

    /// Returns the number of hidden values.
    pub(super) fn hidden(&self) -> usize {
        self.outermost.last().map_or(0, |(_, hidden)| *hidden)
    }

    /// Returns the value in a row. Both are counted from the first value.
    pub(super) fn node(&self, row: usize) -> usize {
        // The row of a folded value is its number minus the number of values hidden before it.
        let before = self.folded_before(|(at, node)| node - self.hidden_by(at) < row);
        row + self.hidden_by(before)
    }

    /// Returns the row of a value, or of the folded value that hides it.
    pub(super) fn row(&self, node: usize) -> usize {
        let before = self.folded_before(|(_, folded)| folded < node);
        let last = before.checked_sub(1).map(|at| self.outermost[at].0);
        match last {
            Some(folded) if self.folded[&folded] > node => folded - self.hidden_by(before - 1),
            _ => node - self.hidden_by(before),
        }
    }

    /// Returns the number of leading outermost folds for which `is_before` holds. It receives their index and value.
    fn folded_before(&self, is_before: impl Fn((usize, usize)) -> bool) -> usize {
        // This is a binary search, because `is_before` holds for a prefix of the list only.
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

    /// Returns the number of values that the first `count` outermost folds hide.
    fn hidden_by(&self, count: usize) -> usize {
        count.checked_sub(1).map_or(0, |at| self.outermost[at].1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Creates a tree from the depth requested for each value. Returns the ends of the values' descendants.
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
        /// Compares the rows with a plain walk after arbitrary folding.
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
