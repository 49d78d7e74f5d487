//! Selected rows of a list, as ranges of items. Memory and time depend on the number of ranges, never on the number
//! of rows in them. It draws nothing.

use std::ops::Range;

use feedscope_analysis::listing::{ItemId, Listing};

/// Selected rows, and the current one among them.
///
/// A range may also contain rows that the list does not show. They are not selected: everything that is counted is
/// counted in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Row that the inspector shows, and that the arrow keys start from.
    current: Option<ItemId>,
    /// Row at which the range starts that Shift or a drag extends.
    anchor: Option<ItemId>,
    /// Selected rows apart from the range that is being extended; in order, with a gap between two ranges.
    fixed: Vec<Range<ItemId>>,
    /// All selected rows; in order, with a gap between two ranges.
    ranges: Vec<Range<ItemId>>,
}

impl Selection {
    /// Returns the current row.
    pub(crate) fn current(&self) -> Option<ItemId> {
        self.current
    }

    /// Returns the selected ranges of rows.
    pub(crate) fn ranges(&self) -> &[Range<ItemId>] {
        &self.ranges
    }

    /// Returns true if this row is selected.
    pub(crate) fn contains(&self, row: ItemId) -> bool {
        // The ranges are ordered and do not touch, so that only the last one that starts before the row can contain it.
        let after = self.ranges.partition_point(|range| range.start <= row);
        after
            .checked_sub(1)
            .is_some_and(|at| row < self.ranges[at].end)
    }

    /// Returns true if exactly this row is selected.
    pub(crate) fn is_only(&self, row: ItemId) -> bool {
        self.ranges == [row..after(row)]
    }

    /// Returns true if the ranges have room for more than one row.
    pub(crate) fn may_be_several(&self) -> bool {
        self.ranges.len() > 1
            || self
                .ranges
                .first()
                .is_some_and(|it| it.end != after(it.start))
    }

    /// Returns true if a line describes the selected rows: there may be several, and at least one is in the list.
    pub(crate) fn has_line(&self, listing: &Listing) -> bool {
        self.may_be_several() && self.first(listing).is_some()
    }

    /// Selects one row, or none.
    pub(crate) fn set(&mut self, row: Option<ItemId>) {
        self.current = row;
        self.anchor = row;
        self.fixed.clear();
        self.ranges.clear();
        self.ranges.extend(row.map(|row| row..after(row)));
    }

    /// Makes another selected row the current one.
    pub(crate) fn set_current(&mut self, row: Option<ItemId>) {
        self.current = row;
    }

    /// Selects or deselects a row besides the others. The row becomes the current one if it is selected now.
    pub(crate) fn toggle(&mut self, row: ItemId) {
        let mut ranges = std::mem::take(&mut self.ranges);
        if let Some(at) = ranges.iter().position(|range| range.contains(&row)) {
            let Range { start, end } = ranges[at];
            // The range is divided at the row. A part without rows is dropped.
            let rest = [start..row, after(row)..end];
            ranges.splice(at..=at, rest.into_iter().filter(|part| !part.is_empty()));
            self.current = self.current.filter(|current| *current != row);
        } else {
            ranges = joined(ranges, row..after(row));
            self.current = Some(row);
        }
        self.anchor = Some(row);
        self.fixed.clone_from(&ranges);
        self.ranges = ranges;
    }

    /// Selects the rows from the anchor to this one. Other rows stay selected if the range `adds`.
    pub(crate) fn extend_to(&mut self, row: ItemId, adds: bool) {
        let anchor = *self.anchor.get_or_insert(row);
        if !adds {
            self.fixed.clear();
        }
        let range = anchor.min(row)..after(anchor.max(row));
        self.ranges = joined(self.fixed.clone(), range);
        self.current = Some(row);
    }

    /// Selects all rows in this range. The current row stays the same.
    pub(crate) fn set_all(&mut self, rows: Range<ItemId>) {
        self.fixed.clear();
        self.anchor = self.current.or(Some(rows.start));
        self.ranges.clear();
        if !rows.is_empty() {
            self.ranges.push(rows);
        }
    }

    /// Returns the number of selected rows of this list.
    pub(crate) fn count(&self, listing: &Listing) -> u64 {
        let count =
            |range: &Range<ItemId>| listing.rank(range.end).since(listing.rank(range.start));
        self.ranges.iter().map(count).sum()
    }

    /// Returns the oldest selected row of this list.
    pub(crate) fn first(&self, listing: &Listing) -> Option<ItemId> {
        let first = |range: &Range<ItemId>| {
            // The start of a range may be hidden by a filter.
            let item = listing.select(listing.rank(range.start))?.id;
            (item < range.end).then_some(item)
        };
        self.ranges.iter().find_map(first)
    }

    /// Returns the newest selected row of this list.
    pub(crate) fn last(&self, listing: &Listing) -> Option<ItemId> {
        let last = |range: &Range<ItemId>| {
            let item = listing.select(listing.rank(range.end).checked_sub(1)?)?.id;
            (item >= range.start).then_some(item)
        };
        self.ranges.iter().rev().find_map(last)
    }
}

/// Returns the end of a range whose last item is this one.
fn after(item: ItemId) -> ItemId {
    ItemId {
        part: item.part + 1,
        ..item
    }
}

/// Returns the ranges with another one, joined where they touch.
fn joined(mut ranges: Vec<Range<ItemId>>, range: Range<ItemId>) -> Vec<Range<ItemId>> {
    // Ranges that overlap the new one or touch it become one with it.
    let first = ranges.partition_point(|it| it.end < range.start);
    let end = ranges.partition_point(|it| it.start <= range.end);
    let all = ranges[first..end].iter().fold(range, |all, it| {
        all.start.min(it.start)..all.end.max(it.end)
    });
    ranges.splice(first..end, [all]);
    ranges
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use feedscope_core::store::{ClassSet, RowNumber, Store};
    use feedscope_core::{Kind, Record, Sink as _, Stamp};
    use proptest::prelude::*;

    use super::*;

    fn item(row: u64) -> ItemId {
        RowNumber(row).into()
    }

    /// Returns the selected rows below 20.
    fn rows(selection: &Selection) -> Vec<u64> {
        (0..20)
            .filter(|&row| selection.contains(item(row)))
            .collect()
    }

    /// Creates a list of ten rows of which every third is hidden: 2, 5 and 8.
    fn listing() -> Listing {
        let (mut writer, store) = Store::new(1 << 20);
        for row in 0..10 {
            let kind = if row % 3 == 2 {
                Kind::Comment { data: b"" }
            } else {
                Kind::Event {
                    event: b"",
                    id: b"",
                    data: b"",
                }
            };
            writer.push(&Record {
                stamp: Stamp::default(),
                connection: 1,
                kind,
            });
        }
        Listing::of_classes(&store, ClassSet::USUAL)
    }

    #[test]
    fn a_range_starts_at_the_row_selected_last() {
        let mut selection = Selection::default();
        selection.set(Some(item(4)));
        assert!(selection.is_only(item(4)) && !selection.may_be_several());
        selection.extend_to(item(6), false);
        assert_eq!(
            (rows(&selection), selection.current()),
            (vec![4, 5, 6], Some(item(6)))
        );
        // The other way from the same row.
        selection.extend_to(item(1), false);
        assert_eq!(
            (rows(&selection), selection.current()),
            (vec![1, 2, 3, 4], Some(item(1)))
        );
        selection.toggle(item(9));
        assert_eq!(rows(&selection), [1, 2, 3, 4, 9]);
        selection.extend_to(item(7), true);
        assert_eq!(rows(&selection), [1, 2, 3, 4, 7, 8, 9]);
        selection.extend_to(item(7), false);
        assert_eq!(rows(&selection), [7, 8, 9]);
    }

    #[test]
    fn hidden_rows_are_not_counted() {
        let listing = listing();
        let mut selection = Selection::default();
        let ends = |selection: &Selection| (selection.first(&listing), selection.last(&listing));
        for (range, count, first_and_last) in [
            (0..10, 7, (Some(item(0)), Some(item(9)))),
            (2..9, 4, (Some(item(3)), Some(item(7)))),
            (2..3, 0, (None, None)),
        ] {
            selection.set_all(item(range.start)..item(range.end));
            assert_eq!(selection.count(&listing), count, "{range:?}");
            assert_eq!(ends(&selection), first_and_last, "{range:?}");
        }
    }

    #[test]
    fn a_deselected_row_is_current_no_more() {
        let mut selection = Selection::default();
        selection.set(Some(item(4)));
        selection.toggle(item(6));
        selection.toggle(item(6));
        assert!(selection.is_only(item(4)));
        assert_eq!(selection.current(), None);
        selection.toggle(item(4));
        assert!(selection.ranges().is_empty());
    }

    proptest! {
        /// The ranges contain the same rows as a plain set, in order and apart from each other.
        #[test]
        fn ranges_are_a_plain_set(steps in proptest::collection::vec((0..3_u8, 0..20_u64), 0..30)) {
            let mut selection = Selection::default();
            let mut plain = BTreeSet::new();
            let mut fixed = BTreeSet::new();
            let mut anchor = None;
            for (step, row) in steps {
                match step {
                    0 => {
                        selection.set(Some(item(row)));
                        plain = BTreeSet::from([row]);
                        fixed.clear();
                        anchor = Some(row);
                    }
                    1 => {
                        selection.toggle(item(row));
                        if !plain.remove(&row) {
                            plain.insert(row);
                        }
                        fixed.clone_from(&plain);
                        anchor = Some(row);
                    }
                    _ => {
                        selection.extend_to(item(row), true);
                        let from = *anchor.get_or_insert(row);
                        plain.clone_from(&fixed);
                        plain.extend(from.min(row)..=from.max(row));
                    }
                }
                prop_assert_eq!(rows(&selection), plain.iter().copied().collect::<Vec<_>>());
                let apart = selection.ranges().windows(2).all(|two| two[0].end < two[1].start);
                prop_assert!(apart && selection.ranges().iter().all(|range| !range.is_empty()));
            }
        }
    }
}
