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
        let below = |place: u64| match self.selected() {
            // A row that is not in the listing is between two places, so that the next one is at its own rank.
            Some(item) if !places.listing.has(item) => place,
            _ => place + 1,
        };
        let newest = places.rows - 1;
        let pressed_with = |modifiers, key| is_pressed(ui, modifiers, key);
        if pressed_with(Modifiers::SHIFT, Key::ArrowUp) {
            let above = selected.map_or(newest, |place| place.saturating_sub(1));
            self.extend(places, above);
        } else if pressed_with(Modifiers::SHIFT, Key::ArrowDown) {
            self.extend(places, selected.map_or(newest, below));
        } else if pressed_with(Modifiers::COMMAND, Key::A) {
            self.select_all(places);
        } else if pressed(Key::ArrowUp) {
            self.choose(
                places,
                selected.map_or(newest, |place| place.saturating_sub(1)),
            );
        } else if pressed(Key::ArrowDown) {
            self.choose(places, selected.map_or(newest, below));
        } else if pressed(Key::PageUp) {
            let top = self.top(places) - self.page as f64;
            self.move_to(places, top);
        } else if pressed(Key::PageDown) {
            let top = self.top(places) + self.page as f64;
            self.move_to(places, top);
        } else if pressed(Key::Home) {
            self.move_to(places, 0.0);
        } else if pressed(Key::End) {
            self.position = Position::Following;
        } else {
            return false;
        }
        true
    }

    /// Selects the row at a place, or the last row if the place is behind it.
    fn choose(&mut self, places: &Places, place: u64) {
        let last = places.rows.saturating_sub(1);
        let item = places.listing.select(ListingIndex(place.min(last)));
        self.select(places, item.map(|item| item.id));
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
