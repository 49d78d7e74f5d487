//! Where a view stands on a store, and what moves it. It draws nothing.

use std::ops::Range;

use egui::{Key, Ui};
use feedscope_core::listing::Listing;
use feedscope_core::store::{Extent, Shown, Store};

use super::super::FeedScene;
use super::super::theme::size;
use super::{List, Place};

/// Where a view stands on a store.
pub(crate) struct TimelineView {
    pub(crate) shown: Shown,
    position: Position,
    /// Set while the view is paused: one past the newest row that it shows.
    pub(crate) paused_end: Option<u64>,
    /// The chosen row.
    pub(crate) selected: Option<u64>,
    /// The view followed until a row was chosen, and the reader did not scroll since.
    resumes: bool,
    /// How many rows fitted the last time, for Page Up and Page Down.
    pub(super) page: u64,
    /// How the chosen row is brought into sight in the next pass.
    reveal: Reveal,
    /// Where the chosen row was in the last pass, in rows below the upper edge, if it was in sight.
    selected_at: Option<f64>,
    /// The rows that were in sight in the last pass.
    in_sight: Range<u64>,
    /// How many rows fitted in the last pass, with a fraction.
    fitting: f64,
    /// A row whose menu is asked for.
    pub(super) menu_asked: Option<u64>,
    /// The row that the menu is about.
    pub(super) menu_row: Option<u64>,
    /// The chosen row's payload is to be copied.
    pub(crate) wants_copy: bool,
}

/// How far a view moves for the chosen row to be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Reveal {
    /// Not at all.
    #[default]
    No,
    /// As far as needed.
    Near,
    /// To the middle, if it is not in sight: what stands around it is of interest.
    Amid,
    /// So many rows below the upper edge, where it was before the rows around it changed.
    At(f64),
}

/// Which rows are in sight.
#[derive(Clone, Copy, PartialEq)]
enum Position {
    /// The newest.
    Following,
    /// The reader scrolled away.
    Held {
        /// The topmost row in sight.
        top: u64,
        /// How much of it is above the edge, in rows.
        fraction: f64,
        /// One past the newest row when the reader scrolled away.
        newest: u64,
    },
}

impl Default for TimelineView {
    fn default() -> Self {
        Self {
            shown: Shown::USUAL,
            position: Position::Following,
            paused_end: None,
            selected: None,
            resumes: false,
            page: 1,
            reveal: Reveal::No,
            selected_at: None,
            in_sight: 0..0,
            fitting: 0.0,
            menu_asked: None,
            menu_row: None,
            wants_copy: false,
        }
    }
}

/// The rows that a view can scroll over, counted in places.
pub(super) struct Places {
    pub(super) listing: Listing,
    pub(super) extent: Extent,
    /// One past the newest row of the view.
    pub(super) end: u64,
    /// A line that says how many records were let go stands above the first.
    pub(super) lead: u64,
    /// Rows of the listing.
    pub(super) rows: u64,
    /// Queued messages, drawn below the last row.
    pub(super) queued: u64,
    /// How many rows fit, with a fraction.
    pub(super) fitting: f64,
}

impl Places {
    pub(super) fn total(&self) -> u64 {
        self.lead + self.rows + self.queued
    }

    pub(super) fn highest_top(&self) -> f64 {
        (self.total() as f64 - self.fitting).max(0.0)
    }
}

impl TimelineView {
    pub(super) fn places(&self, feed: &FeedScene, place: &Place<'_>, height: f32) -> Places {
        let extent = feed.store.extent();
        let end = self.paused_end.unwrap_or(extent.end);
        let is_main = place.list == List::Rows;
        let queued = if self.paused_end.is_some() || !is_main {
            0
        } else {
            feed.status.queue.len() as u64
        };
        let lead = u64::from(extent.missing() > 0 && is_main);
        let listing = place.listing.clone();
        let rows = listing.rank(end);
        Places {
            listing,
            extent,
            end,
            lead,
            rows,
            queued,
            fitting: f64::from(height / size::ROW),
        }
    }

    /// The topmost place in sight, with its fraction.
    pub(super) fn top(&self, places: &Places) -> f64 {
        match self.position {
            Position::Following => places.highest_top(),
            Position::Held { top, fraction, .. } => {
                // A row that was let go has no place any more: what is oldest now takes its stand.
                let place = if top < places.extent.first {
                    0
                } else {
                    places.lead + places.listing.rank(top)
                };
                (place as f64 + fraction).min(places.highest_top())
            }
        }
    }

    /// Moves so that `top` is topmost; at the lower end the view follows again.
    pub(super) fn move_to(&mut self, places: &Places, top: f64) {
        self.resumes = false;
        let top = top.max(0.0);
        if top >= places.highest_top() - 0.01 {
            self.position = Position::Following;
            return;
        }
        self.hold(places, top);
    }

    /// Stays at `top`, also where that is the lower end.
    fn hold(&mut self, places: &Places, top: f64) {
        let place = top.floor();
        let newest = match self.position {
            Position::Held { newest, .. } => newest,
            Position::Following => places.end,
        };
        let nth = (place as u64).saturating_sub(places.lead);
        let row = if (place as u64) < places.lead {
            0
        } else {
            places.listing.select(nth).unwrap_or(places.end)
        };
        self.position = Position::Held {
            top: row,
            fraction: top - place,
            newest,
        };
    }

    /// How many shown records came since the reader scrolled away or paused.
    pub(super) fn unseen(&self, places: &Places) -> u64 {
        let seen = match (self.paused_end, self.position) {
            (Some(end), _) => end,
            (None, Position::Held { newest, .. }) => newest,
            (None, Position::Following) => return 0,
        };
        places
            .listing
            .rank(places.extent.end)
            .saturating_sub(places.listing.rank(seen))
    }

    pub(crate) fn toggle_pause(&mut self, feed: &FeedScene) {
        self.paused_end = match self.paused_end {
            Some(_) => None,
            None => Some(feed.store.extent().end),
        };
    }

    fn choose(&mut self, places: &Places, place: u64) {
        let last = places.rows.saturating_sub(1);
        self.select(places, places.listing.select(place.min(last)));
    }

    /// Chooses a row, or none. A view that follows stays where it is meanwhile: what is read shall not run away.
    pub(super) fn select(&mut self, places: &Places, row: Option<u64>) {
        if row.is_some() && self.position == Position::Following {
            self.hold(places, self.top(places));
            self.resumes = true;
        }
        self.selected = row;
        self.reveal = Reveal::Near;
    }

    /// Goes to the newest row and follows it, also where the view was paused.
    pub(super) fn follow(&mut self) {
        self.paused_end = None;
        self.position = Position::Following;
    }

    /// Follows again where it did until the row was chosen that is no longer.
    pub(super) fn resume(&mut self) {
        if self.selected.is_none() && std::mem::take(&mut self.resumes) {
            self.position = Position::Following;
        }
    }

    /// Keys that move over rows; only while no text is being written.
    pub(super) fn keys(&mut self, ui: &Ui, feed: &FeedScene, places: &Places) {
        let pressed = |key| ui.input(|input| input.modifiers.is_none() && input.key_pressed(key));
        if pressed(Key::P) {
            self.toggle_pause(feed);
        }
        if places.rows == 0 {
            return;
        }
        let selected = self.selected.map(|row| places.listing.rank(row));
        let below = |place: u64| match self.selected {
            // A row that is none of them has its place between two.
            Some(row) if !places.listing.has(row) => place,
            _ => place + 1,
        };
        let newest = places.rows - 1;
        if pressed(Key::ArrowUp) {
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
        }
    }

    /// Scrolls as far as is wanted to see the chosen row whole.
    pub(super) fn reveal_selected(&mut self, places: &Places) {
        let mut reveal = std::mem::take(&mut self.reveal);
        let fitted = std::mem::replace(&mut self.fitting, places.fitting);
        let has_other_room = (fitted - places.fitting).abs() > 0.01;
        if reveal == Reveal::No && has_other_room && self.selected_at.is_some() {
            // As when the inspector opens for a row at the lower end.
            reveal = Reveal::Near;
        }
        let Some(selected) = self.selected.filter(|_| reveal != Reveal::No) else {
            return;
        };
        let Some(to) = self.revealing_top(places, selected, reveal, has_other_room) else {
            return;
        };
        let is_held = self.position != Position::Following;
        if reveal == Reveal::Amid || is_held {
            // What was gone to shall not run away with the newest.
            self.hold(places, to.clamp(0.0, places.highest_top()));
        } else {
            self.move_to(places, to);
        }
    }

    /// The topmost place with which `selected` is in sight as wanted; `None` where that is so already.
    fn revealing_top(
        &self,
        places: &Places,
        selected: u64,
        reveal: Reveal,
        has_other_room: bool,
    ) -> Option<f64> {
        /// The row that the inspector opened for shall not lie under what says how many are new.
        const KEPT_BELOW: f64 = 2.0;
        let place = (places.lead + places.listing.rank(selected)) as f64;
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

    /// Chooses a row and brings it into sight, with what stands around it.
    pub(crate) fn go_to(&mut self, row: Option<u64>) {
        self.resumes &= row.is_none();
        self.selected = row;
        self.reveal = Reveal::Amid;
    }

    /// Chooses a row and makes it the topmost one, as far as there are rows below it. The view no longer follows.
    pub(crate) fn jump_to(&mut self, store: &Store, row: Option<u64>) {
        let Some(row) = row else {
            return;
        };
        let newest = match self.position {
            Position::Held { newest, .. } => newest,
            Position::Following => self.end(store),
        };
        self.position = Position::Held {
            top: row,
            fraction: 0.0,
            newest,
        };
        self.resumes = false;
        self.selected = Some(row);
        self.reveal = Reveal::Near;
    }

    /// One past the newest row of the view.
    pub(crate) fn end(&self, store: &Store) -> u64 {
        self.paused_end.unwrap_or_else(|| store.extent().end)
    }

    /// The rows that were in sight in the last pass.
    pub(crate) fn in_sight(&self) -> Range<u64> {
        self.in_sight.clone()
    }

    /// The oldest row that the reader looks at; `None` while the view follows the newest and none is chosen in sight.
    pub(crate) fn needed(&self) -> Option<u64> {
        let selected = self.selected.filter(|_| self.selected_at.is_some());
        match self.position {
            Position::Following => selected,
            Position::Held { top, .. } => Some(selected.map_or(top, |row| row.min(top))),
        }
    }

    /// Other rows are shown from here on: the chosen one stays where it is if it was in sight.
    pub(crate) fn switch_to(&mut self, listing: &Listing, is_complete: bool) {
        if let Some(offset) = self.selected_at {
            self.reveal = Reveal::At(offset);
        }
        if let Position::Held { top, .. } = &mut self.position
            && !is_complete
            && let Some(row) = listing.select(listing.rank(*top))
        {
            // Older ones are still found: they shall come in above the edge.
            *top = row;
        }
    }

    pub(super) fn note_sight(&mut self, places: &Places, top: f64) {
        let row_at = |place: f64| {
            let nth = (place.max(0.0) as u64).saturating_sub(places.lead);
            places.listing.select(nth).unwrap_or(places.end)
        };
        self.in_sight = row_at(top.ceil())..row_at((top + places.fitting).floor());
        let place = |row| (places.lead + places.listing.rank(row)) as f64 - top;
        self.selected_at = self
            .selected
            .map(place)
            .filter(|&offset| offset >= 0.0 && offset + 1.0 <= places.fitting);
    }
}
