//! Return of a view to its place. A filter reads the newest rows first, so that its hits may be shown before those around
//! the place of the view are found. The view then stands at another place, until they are found or the filter is cleared.

use feedscope_analysis::listing::Listing;
use feedscope_core::store::RowNumber;

use super::{Reveal, TimelineView};
use crate::timeline::painted::{Position, Return};

impl TimelineView {
    /// Prepares for a change of the listing. A selected row that is visible stays at its position. `is_complete` is true if
    /// the rows around the place of the view are listed already.
    pub(crate) fn switch_to(&mut self, listing: &Listing, is_complete: bool) {
        self.return_to_place();
        if let Some(offset) = self.selected_at {
            self.reveal = Reveal::At(offset);
        }
        let place = self.position;
        if let Position::Held { top, .. } = &mut self.position
            && !is_complete
            && let Some(item) = listing.select(listing.rank(*top))
        {
            // More hits will be found above, and must be inserted above the edge.
            *top = item.id;
            self.back = Some(Return {
                place,
                selected_at: self.selected_at,
                waits_at: self.position,
                selected: self.selected(),
            });
        }
    }

    /// Returns to the place at which the view stood before hits were shown that did not reach it. A view that the user has
    /// moved since then, or in which another row is selected, stays.
    pub(crate) fn return_to_place(&mut self) {
        let Some(back) = self.back.take().filter(|back| self.waits_for(back)) else {
            return;
        };
        self.position = back.place;
        self.selected_at = back.selected_at;
        if let Some(offset) = back.selected_at {
            self.reveal = Reveal::At(offset);
        }
    }

    /// Returns true if the view waits for hits around its place.
    pub(crate) fn is_away(&self) -> bool {
        self.back.as_ref().is_some_and(|back| self.waits_for(back))
    }

    /// Returns the oldest row in sight that must stay visible; `None` if the view follows the newest row and no visible
    /// row is selected. For a view that waits, it is the one at the place to which it returns.
    pub(crate) fn needed(&self) -> Option<RowNumber> {
        let back = self.back.as_ref().filter(|back| self.waits_for(back));
        let (position, selected_at) = back.map_or((self.position, self.selected_at), |back| {
            (back.place, back.selected_at)
        });
        let selected = self.selected().filter(|_| selected_at.is_some());
        let selected = selected.map(|item| item.row);
        match position {
            Position::Following => selected,
            Position::Held { top, .. } => Some(selected.map_or(top.row, |row| row.min(top.row))),
        }
    }

    fn waits_for(&self, back: &Return) -> bool {
        self.position == back.waits_at && self.selected() == back.selected
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use feedscope_analysis::filter::{Filter, ParseContext, Scan};
    use feedscope_analysis::listing::ItemId;
    use feedscope_core::store::{ClassSet, Store};
    use feedscope_core::{Direction, Kind, Moment, Record, Sink as _, Stamp, Timestamp};

    use super::*;
    use crate::timeline::places::Places;

    /// Number of rows that fit into the list.
    const FITTING: f64 = 10.0;

    fn filled(rows: u64) -> Store {
        let (mut writer, store) = Store::new(u64::MAX);
        for number in 0..rows {
            writer.push(&Record {
                stamp: Stamp {
                    moment: Moment::from_nanos(number),
                    utc: Timestamp::from_micros(0),
                },
                connection: 1,
                kind: Kind::Text {
                    direction: Direction::In,
                    data: format!(
                        "{}{}",
                        if number % 3 == 0 { "a" } else { "b" },
                        " ".repeat(600)
                    )
                    .as_bytes(),
                    failed: None,
                    wire: None,
                },
            });
        }
        store
    }

    fn places(store: &Store, listing: &Listing) -> Places {
        let extent = store.extent();
        Places {
            listing: listing.clone(),
            extent,
            end: extent.end,
            lead: 0,
            rows: listing.rank(extent.end).0,
            queued: 0,
            fitting: FITTING,
        }
    }

    /// Begins a filter that has not reached the rows in sight of a view, in which row 9 is selected below row 3.
    fn waiting() -> (TimelineView, Store, Listing, Scan) {
        let store = filled(20_000);
        let all = Listing::of_classes(&store, ClassSet::ALL);
        let mut view = TimelineView::default();
        view.hold(&places(&store, &all), 3.0);
        view.selection.set(Some(RowNumber(9).into()));
        view.selected_at = Some(6.0);
        let filter = Filter::parse("a", &ParseContext::default()).unwrap();
        let hits = Scan::new(&store, Arc::new(filter), ClassSet::ALL);
        while hits.step(1).hits_found == 0 {}
        assert!(!hits.progress().done);
        view.switch_to(&Listing::of_hits(&hits), false);
        (view, store, all, hits)
    }

    fn is_same(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-9
    }

    fn is_in_place(view: &mut TimelineView, store: &Store, listing: &Listing) -> bool {
        let places = places(store, listing);
        view.reveal_selected(&places);
        is_same(
            view.top(&places),
            places.place_of(RowNumber(9)) as f64 - 6.0,
        )
    }

    #[test]
    fn a_view_returns_when_the_hits_around_its_place_are_found() {
        let (mut view, store, all, hits) = waiting();
        assert!(view.is_away());
        assert_eq!(view.needed(), Some(RowNumber(3)));
        let listing = Listing::of_hits(&hits);
        while !hits.step(1 << 20).done {}
        // The selected row is hit 3 of the filter, so that the first hit is at the upper edge.
        view.return_to_place();
        let places = places(&store, &listing);
        view.reveal_selected(&places);
        assert!(is_same(view.top(&places), 0.0));
        assert!(!view.is_away());
        // Without the filter, the row is where it was before.
        view.switch_to(&all, true);
        assert_eq!(view.needed(), Some(RowNumber(0)));
    }

    #[test]
    fn a_view_returns_when_the_filter_is_cleared_or_replaced_before() {
        let (mut view, store, all, _hits) = waiting();
        view.switch_to(&all, true);
        assert!(is_in_place(&mut view, &store, &all));

        let (mut view, store, all, hits) = waiting();
        view.switch_to(&Listing::of_hits(&hits), false);
        assert_eq!(view.needed(), Some(RowNumber(3)));
        view.switch_to(&all, true);
        assert!(is_in_place(&mut view, &store, &all));
    }

    #[test]
    fn a_view_that_the_user_has_moved_stays() {
        let (mut view, store, _all, hits) = waiting();
        let listing = Listing::of_hits(&hits);
        let moved = places(&store, &listing);
        view.move_to(&moved, moved.highest_top() / 2.0);
        let top = view.top(&moved);
        view.return_to_place();
        assert!(is_same(view.top(&moved), top));

        let (mut view, _store, _all, hits) = waiting();
        let at = view.position;
        view.selection
            .set(hits.select(hits.rank(RowNumber(15_000))).map(ItemId::from));
        view.return_to_place();
        assert!(view.position == at);
    }
}
