//! Compact list of the rows found so far. It grows at both ends and shrinks at the old one. It uses no store and no
//! filter.

use std::collections::VecDeque;

use feedscope_core::store::{ListingIndex, RowNumber};

/// Rows in order, with two bytes each. Searches by index use counts per block.
#[derive(Default)]
pub(crate) struct Hits {
    /// Blocks, oldest first. None is empty, and each spans at most 65,536 rows.
    blocks: VecDeque<Block>,
}

struct Block {
    /// Row from which the offsets count.
    from: RowNumber,
    /// Number of hits in the blocks before this one. It counts from an origin that does not move when blocks are added
    /// or removed.
    before: i64,
    offsets: Vec<u16>,
}

impl Block {
    fn first(&self) -> RowNumber {
        self.from + u64::from(self.offsets[0])
    }

    fn row(&self, at: usize) -> RowNumber {
        self.from + u64::from(self.offsets[at])
    }

    fn last(&self) -> RowNumber {
        self.row(self.offsets.len() - 1)
    }

    fn end(&self) -> i64 {
        self.before + self.offsets.len() as i64
    }

    /// Returns the number of its rows before `row`.
    fn rank(&self, row: RowNumber) -> usize {
        self.offsets
            .partition_point(|&offset| self.from + u64::from(offset) < row)
    }
}

impl Hits {
    pub(crate) fn count(&self) -> u64 {
        match (self.blocks.front(), self.blocks.back()) {
            (Some(front), Some(back)) => (back.end() - front.before) as u64,
            _ => 0,
        }
    }

    /// Returns the number of hits before `row`.
    pub(crate) fn rank(&self, row: RowNumber) -> ListingIndex {
        let at = self.blocks.partition_point(|block| block.first() < row);
        let Some((front, block)) = self
            .blocks
            .front()
            .zip(at.checked_sub(1).map(|at| &self.blocks[at]))
        else {
            return ListingIndex(0);
        };
        ListingIndex((block.before - front.before) as u64 + block.rank(row) as u64)
    }

    /// Returns the hit at `index`.
    pub(crate) fn select(&self, index: ListingIndex) -> Option<RowNumber> {
        self.rows_from(index).next()
    }

    /// Returns the hits from `index` on.
    pub(crate) fn rows_from(&self, index: ListingIndex) -> impl Iterator<Item = RowNumber> + '_ {
        let zero = self.blocks.front().map_or(0, |front| front.before);
        let place = zero.saturating_add_unsigned(index.0);
        let first = self.blocks.partition_point(|block| block.end() <= place);
        self.blocks.range(first..).flat_map(move |block| {
            let skipped = usize::try_from(place - block.before).unwrap_or(0);
            (skipped..block.offsets.len()).map(|at| block.row(at))
        })
    }

    /// Appends rows that are newer than all others, in order.
    pub(crate) fn extend_newest(&mut self, rows: &[RowNumber]) {
        for &row in rows {
            match self.blocks.back_mut() {
                Some(back) if u16::try_from(row - back.from).is_ok() => {
                    back.offsets.push((row - back.from) as u16);
                }
                back => {
                    let before = back.map_or(0, |back| back.end());
                    self.blocks.push_back(Block {
                        from: row,
                        before,
                        offsets: vec![0],
                    });
                }
            }
        }
    }

    /// Prepends rows that are older than all others, in order.
    pub(super) fn extend_oldest(&mut self, rows: &[RowNumber]) {
        let mut older = Self::default();
        older.extend_newest(rows);
        while let Some(mut block) = older.blocks.pop_back() {
            let next = self.blocks.front();
            // Older blocks have negative counts, so that newer blocks do not change.
            block.before = next.map_or(0, |next| next.before) - block.offsets.len() as i64;
            block.offsets.shrink_to_fit();
            match self.blocks.front_mut() {
                // Small steps create small blocks, which are joined while this is cheap. A block that let rows go may
                // still have an origin before the new block, and is not joined.
                Some(next)
                    if next.offsets.len() <= SMALL
                        && next.from >= block.from
                        && u16::try_from(next.last() - block.from).is_ok() =>
                {
                    let by = next.from - block.from;
                    block.offsets.extend(
                        next.offsets
                            .iter()
                            .map(|&offset| (u64::from(offset) + by) as u16),
                    );
                    *next = block;
                }
                _ => self.blocks.push_front(block),
            }
        }
    }

    /// Inserts a row among the others, unless it is there.
    pub(super) fn insert(&mut self, row: RowNumber) {
        let after = self.blocks.partition_point(|block| block.first() <= row);
        let fits = |at: &usize| u16::try_from(row - self.blocks[*at].from).is_ok();
        let changed = if let Some(at) = after.checked_sub(1).filter(fits) {
            let block = &mut self.blocks[at];
            let place = block.rank(row);
            if place < block.offsets.len() && block.row(place) == row {
                return;
            }
            let offset = (row - block.from) as u16;
            block.offsets.insert(place, offset);
            at
        } else {
            let next = self.blocks.get(after).map(|next| next.before);
            let last = self.blocks.back().map(Block::end);
            let block = Block {
                from: row,
                before: next.or(last).unwrap_or(0),
                offsets: vec![0],
            };
            self.blocks.insert(after, block);
            after
        };
        for block in self.blocks.range_mut(changed + 1..) {
            block.before += 1;
        }
    }

    /// Drops rows before `row`.
    pub(crate) fn let_go_before(&mut self, row: RowNumber) {
        while self.blocks.front().is_some_and(|front| front.last() < row) {
            self.blocks.pop_front();
        }
        if let Some(front) = self.blocks.front_mut() {
            let gone = front.rank(row);
            front.offsets.drain(..gone);
            // The origin stays, so that the dropped hits count as earlier ones.
            front.before += gone as i64;
        }
    }

    /// Memory in use, in bytes.
    pub(super) fn memory(&self) -> usize {
        let offsets: usize = self
            .blocks
            .iter()
            .map(|block| block.offsets.capacity() * size_of::<u16>())
            .sum();
        offsets + self.blocks.capacity() * size_of::<Block>()
    }
}

/// Maximum number of hits that are moved to join two blocks.
const SMALL: usize = 1_024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Newer(Vec<u32>),
        Older(Vec<u32>),
        LetGo(u32),
        Insert(u32),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        // Both kinds of strides: many rows in a block, and few.
        let strides = || proptest::collection::vec(prop_oneof![1..4_u32, 1..50_000_u32], 0..60);
        let step = prop_oneof![3 => strides().prop_map(Step::Newer), 3 => strides().prop_map(Step::Older), 1 => (0..100_u32).prop_map(Step::LetGo), 2 => (0..100_u32).prop_map(Step::Insert)];
        proptest::collection::vec(step, 0..20)
    }

    proptest! {
        #[test]
        fn hits_agree_with_a_plain_list(steps in steps(), probe in 0..100_u64) {
            let (mut hits, mut plain) = (Hits::default(), VecDeque::new());
            let (mut low, mut high) = (1_u64 << 40, 1_u64 << 40);
            for step in steps {
                match step {
                    Step::Newer(strides) => {
                        let rows: Vec<RowNumber> = strides.iter().map(|&stride| { high += u64::from(stride); RowNumber(high) }).collect();
                        hits.extend_newest(&rows);
                        plain.extend(rows);
                    }
                    Step::Older(strides) => {
                        let mut rows: Vec<RowNumber> = strides.iter().map(|&stride| { low -= u64::from(stride); RowNumber(low) }).collect();
                        rows.reverse();
                        hits.extend_oldest(&rows);
                        rows.iter().rev().for_each(|&row| plain.push_front(row));
                    }
                    Step::Insert(share) => {
                        let row = RowNumber(low + (high - low) * u64::from(share) / 100);
                        hits.insert(row);
                        let place = plain.partition_point(|&hit| hit < row);
                        if plain.get(place) != Some(&row) {
                            plain.insert(place, row);
                        }
                        high = high.max(row.0 + 1);
                    }
                    Step::LetGo(share) => {
                        let first = low + (high - low) * u64::from(share) / 100;
                        hits.let_go_before(RowNumber(first));
                        plain.retain(|&row| row >= RowNumber(first));
                        low = low.max(first);
                    }
                }
                prop_assert_eq!(hits.count(), plain.len() as u64);
            }
            prop_assert_eq!(hits.rows_from(ListingIndex(0)).collect::<Vec<_>>(), plain.iter().copied().collect::<Vec<_>>());
            for place in 0..=plain.len() {
                prop_assert_eq!(hits.select(ListingIndex(place as u64)), plain.get(place).copied());
            }
            let row = low + (high + 1 - low) * probe / 100;
            for row in [row, row + 1, 0, u64::MAX].map(RowNumber) {
                prop_assert_eq!(hits.rank(row).0, plain.iter().filter(|&&hit| hit < row).count() as u64);
            }
        }
    }

    #[test]
    fn ten_million_hits_take_little_more_than_two_bytes_each() {
        let mut hits = Hits::default();
        let rows: Vec<RowNumber> = (0..100_000).map(RowNumber).collect();
        for step in 0..10 {
            hits.extend_newest(
                &rows
                    .iter()
                    .map(|&row| row + step * 100_000)
                    .collect::<Vec<_>>(),
            );
        }
        assert_eq!(hits.count(), 1_000_000);
        assert!(hits.memory() < 3_000_000, "{} bytes", hits.memory());
    }
}
