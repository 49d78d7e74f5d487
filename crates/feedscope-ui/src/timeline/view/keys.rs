//! Keys that move over the rows of a view and select them.

use egui::{Event, Key, Modifiers, Ui};
use feedscope_core::store::ListingIndex;

use super::{Reveal, TimelineView};
use crate::timeline::painted::Position;
use crate::timeline::places::Places;

impl TimelineView {
    /// Handles the keys that move over rows. It must be called only while no text field has the focus. Returns true if one
    /// was pressed.
    pub(in crate::timeline) fn keys(&mut self, ui: &Ui, places: &Places) -> bool {
        let pressed = |key| is_pressed(ui, Modifiers::NONE, key);
        if places.rows == 0 {
            return false;
        }
        // A selected row that is not listed is replaced by its place between its neighbors.
        let selected = self.selected().map(|item| places.listing.rank(item).0);
        let above = |view: &Self| match selected {
            Some(place) => place.saturating_sub(1),
            None => view.beginnings(places)[0],
        };
        let below = |view: &Self| match view.selected().zip(selected) {
            // A row that is not in the listing is between two places, so that the next one is at its own rank.
            Some((item, place)) => place + u64::from(places.listing.has(item)),
            None => view.beginnings(places)[1],
        };
        let pressed_with = |modifiers, key| is_pressed(ui, modifiers, key);
        if pressed_with(Modifiers::SHIFT, Key::ArrowUp) {
            self.extend(places, above(self));
        } else if pressed_with(Modifiers::SHIFT, Key::ArrowDown) {
            self.extend(places, below(self));
        } else if pressed_with(Modifiers::COMMAND, Key::A) {
            self.select_all(places);
        } else if pressed(Key::ArrowUp) {
            self.choose(places, above(self));
        } else if pressed(Key::ArrowDown) {
            self.choose(places, below(self));
        } else if pressed(Key::PageUp) {
            let top = self.top(places) - self.page as f64;
            self.move_to(places, top);
        } else if pressed(Key::PageDown) {
            let top = self.top(places) + self.page as f64;
            self.move_to(places, top);
        } else if pressed(Key::Home) {
            self.last_selected = None;
            self.move_to(places, 0.0);
            self.move_selection(places, 0);
        } else if pressed(Key::End) {
            self.position = Position::Following;
            self.move_selection(places, places.rows - 1);
        } else {
            return false;
        }
        true
    }

    /// Returns the places at which the keys up and down begin while no row is selected. A list that follows has both at the
    /// newest row. In a list that stands, it is the row that was selected last, or else the last and the first row in sight.
    fn beginnings(&self, places: &Places) -> [u64; 2] {
        /// Part of a row that may be out of sight, which covers rounding.
        const CUT: f64 = 0.05;
        let newest = places.rows - 1;
        if self.is_following() {
            return [newest; 2];
        }
        let top = self.top(places);
        let first = ((top - CUT).ceil().max(0.0) as u64).saturating_sub(places.lead);
        let end = ((top + places.fitting + CUT) as u64).saturating_sub(places.lead);
        let last = end.saturating_sub(1).min(newest);
        let first = first.min(last);
        let listing = &places.listing;
        let listed = self.last_selected.filter(|item| listing.has(*item));
        let before = listed.map(|item| listing.rank(item).0);
        match before.filter(|place| (first..=last).contains(place)) {
            Some(place) => [place; 2],
            None => [last, first],
        }
    }

    /// Selects the row at a place, or the last row if the place is behind it.
    fn choose(&mut self, places: &Places, place: u64) {
        let last = places.rows.saturating_sub(1);
        let item = places.listing.select(ListingIndex(place.min(last)));
        self.select(places, item.map(|item| item.id));
    }

    /// Moves a selection to the row at a place in sight, so that the next arrow key does not return to its old place. The
    /// list may go on following the newest row.
    fn move_selection(&mut self, places: &Places, place: u64) {
        if self.selected().is_some()
            && let Some(item) = places.listing.select(ListingIndex(place))
        {
            self.selection.set(Some(item.id));
        }
    }

    /// Selects the rows from the first selected one to the row at a place, or to the last row if the place is behind it.
    fn extend(&mut self, places: &Places, place: u64) {
        let last = places.rows.saturating_sub(1);
        if let Some(item) = places.listing.select(ListingIndex(place.min(last))) {
            self.stop_following(places);
            self.selection.extend_to(item.id, false);
            self.reveal = Reveal::Near;
        }
    }

    /// Selects all rows of the list.
    fn select_all(&mut self, places: &Places) {
        if let Some(first) = places.listing.select(ListingIndex(0)) {
            self.stop_following(places);
            self.selection.set_all(first.id..places.end.into());
        }
    }
}

/// Returns true if a key was pressed together with exactly these modifiers. They are those of the event, because a quick
/// hand has released them at the end of the pass.
fn is_pressed(ui: &Ui, modifiers: Modifiers, wanted: Key) -> bool {
    let is_wanted = |event: &Event| match event {
        Event::Key {
            key,
            pressed: true,
            modifiers: held,
            ..
        } => *key == wanted && held.matches_exact(modifiers),
        _ => false,
    };
    ui.input(|input| input.events.iter().any(is_wanted))
}
