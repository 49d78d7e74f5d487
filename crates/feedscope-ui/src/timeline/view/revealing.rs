//! Scrolling that makes the selected row of a view visible, and keeps it there while the room for the rows changes.

use feedscope_analysis::listing::ItemId;

use super::{Reveal, TimelineView};
use crate::timeline::painted::Position;
use crate::timeline::places::Places;

impl TimelineView {
    /// Scrolls as far as necessary to show the whole selected row.
    pub(in crate::timeline) fn reveal_selected(&mut self, places: &Places) {
        let fitted = std::mem::replace(&mut self.fitting, places.fitting);
        // The height of the list has changed since the last pass.
        let has_other_room = (fitted - places.fitting).abs() > 0.01;
        let may_move = self.selected_at.is_some() && !self.is_away();
        if self.reveal == Reveal::No && has_other_room && may_move {
            // The inspector, for example, takes room when it opens for a row at the lower end.
            self.reveal = Reveal::Near;
        }
        if self.held.is_some() {
            // The rows stay under the pointer while a button is down.
            return;
        }
        let reveal = std::mem::take(&mut self.reveal);
        let Some(selected) = self.selected().filter(|_| reveal != Reveal::No) else {
            return;
        };
        let Some(to) = self.revealing_top(places, selected, reveal, has_other_room) else {
            return;
        };
        let is_held = self.position != Position::Following;
        if reveal == Reveal::Amid || is_held {
            // The position is held, so that newer rows do not move the row away.
            self.hold(places, to.clamp(0.0, places.highest_top()));
        } else {
            self.move_to(places, to);
        }
    }

    /// Returns the topmost place that shows `selected` as requested, or `None` if it is visible already.
    fn revealing_top(
        &self,
        places: &Places,
        selected: ItemId,
        reveal: Reveal,
        has_other_room: bool,
    ) -> Option<f64> {
        /// Number of rows to keep free below the selected row, which the pill with new records would cover.
        const KEPT_BELOW: f64 = 2.0;
        let place = places.place_of(selected) as f64;
        let top = self.top(places);
        let (is_above, is_below) = (place < top, place + 1.0 > top + places.fitting);
        match reveal {
            Reveal::At(offset) if places.listing.has(selected) => Some(place - offset),
            Reveal::Amid if is_above || is_below => Some(place + 0.5 - places.fitting / 2.0),
            Reveal::Near if is_above => Some(place),
            Reveal::Near if is_below => {
                let has_room = has_other_room && places.fitting >= 3.0 * KEPT_BELOW;
                let below = if has_room { KEPT_BELOW } else { 0.0 };
                Some(place + 1.0 + below - places.fitting)
            }
            Reveal::Amid => Some(top),
            _ => None,
        }
    }
}
