//! The timeline: one row a record, drawn from the store for the rows in sight and for nothing else. Positions are row
//! numbers, never points, so that ten million rows scroll as exactly as ten.

mod columns;
mod handle;
mod marks;
mod menu;
mod rows;

use std::cell::Cell;
use std::ops::Range;

use egui::{Id, Key, Rect, Sense, Ui, pos2, vec2};
use feedscope_core::density::Density;
use feedscope_core::feed::FeedCommand;
use feedscope_core::listing::Listing;
use feedscope_core::store::{Extent, Shown, Store};
use jiff::tz::TimeZone;

use super::columns::ColumnChoice;
use super::theme::{Palette, font, size};
use super::{Command, FeedScene, PaneId, words};
use columns::Columns;

pub(crate) use marks::Marks;

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
    page: u64,
    /// How the chosen row is brought into sight in the next pass.
    reveal: Reveal,
    /// Where the chosen row was in the last pass, in rows below the upper edge, if it was in sight.
    selected_at: Option<f64>,
    /// The rows that were in sight in the last pass.
    in_sight: Range<u64>,
    /// How many rows fitted in the last pass, with a fraction.
    fitting: f64,
    /// A row whose menu is asked for.
    menu_asked: Option<u64>,
    /// The row that the menu is about.
    menu_row: Option<u64>,
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
struct Places {
    listing: Listing,
    extent: Extent,
    /// One past the newest row of the view.
    end: u64,
    /// A line that says how many records were let go stands above the first.
    lead: u64,
    /// Rows of the listing.
    rows: u64,
    /// Queued messages, drawn below the last row.
    queued: u64,
    /// How many rows fit, with a fraction.
    fitting: f64,
}

impl Places {
    fn total(&self) -> u64 {
        self.lead + self.rows + self.queued
    }

    fn highest_top(&self) -> f64 {
        (self.total() as f64 - self.fitting).max(0.0)
    }
}

impl TimelineView {
    fn places(&self, feed: &FeedScene, place: &Place<'_>, height: f32) -> Places {
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
    fn top(&self, places: &Places) -> f64 {
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
    fn move_to(&mut self, places: &Places, top: f64) {
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
    fn unseen(&self, places: &Places) -> u64 {
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
    fn select(&mut self, places: &Places, row: Option<u64>) {
        if row.is_some() && self.position == Position::Following {
            self.hold(places, self.top(places));
            self.resumes = true;
        }
        self.selected = row;
        self.reveal = Reveal::Near;
    }

    /// Follows again where it did until the row was chosen that is no longer.
    fn resume(&mut self) {
        if self.selected.is_none() && std::mem::take(&mut self.resumes) {
            self.position = Position::Following;
        }
    }

    /// Keys that move over rows; only while no text is being written.
    fn keys(&mut self, ui: &Ui, feed: &FeedScene, places: &Places) {
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
    fn reveal_selected(&mut self, places: &Places) {
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

    fn note_sight(&mut self, places: &Places, top: f64) {
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

/// Where a timeline is drawn and what it needs besides its feed.
pub(crate) struct Place<'a> {
    pub(crate) pane: PaneId,
    /// Which of the pane's lists it is.
    pub(crate) list: List,
    pub(crate) rows: Rect,
    pub(crate) listing: Listing,
    /// What is marked in the rows.
    pub(crate) marks: Marks<'a>,
    /// What lies where, for the strip beside the handle.
    pub(crate) density: Option<&'a Density>,
    pub(crate) zone: &'a TimeZone,
    pub(crate) columns: &'a Cell<ColumnChoice>,
    /// Whether keys go to this pane.
    pub(crate) keys: bool,
}

/// The lists that a pane can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum List {
    /// The rows, or the hits of a filter in their place.
    Rows,
    /// The hits of a filter, below the rows.
    Hits,
}

/// Draws rows, and obeys wheel, handle and keys.
pub(crate) fn show(
    ui: &mut Ui,
    place: &Place<'_>,
    feed: &FeedScene,
    view: &mut TimelineView,
    commands: &mut Vec<Command>,
) {
    let rect = place.rows;
    if rect.height() < size::ROW {
        return;
    }
    let places = view.places(feed, place, rect.height());
    view.page = (places.fitting as u64).max(2) - 1;
    view.resume();
    if place.keys {
        view.keys(ui, feed, &places);
    }
    view.reveal_selected(&places);
    wheel(ui, rect, view, &places);
    handle::show(ui, place, view, &places);
    let columns = Columns::new(rect, feed.spec.protocol(), &place.columns.get());
    let top = view.top(&places);
    view.note_sight(&places, top);
    let drawing = rows::Drawing {
        place,
        columns: &columns,
        places: &places,
        top,
    };
    let clip = ui.clip_rect();
    ui.set_clip_rect(clip.intersect(rect));
    let ground = menu::ground(ui, place);
    rows::paint(ui, &drawing, feed, view, commands);
    columns.edges(ui, place, commands);
    ui.set_clip_rect(clip);
    menu::show(&ground, place, view, commands);
    new_pill(ui, place, view, &places);
}

fn wheel(ui: &Ui, rect: Rect, view: &mut TimelineView, places: &Places) {
    if !ui.rect_contains_pointer(rect) {
        return;
    }
    let moved = ui.input(|input| input.smooth_scroll_delta().y);
    if moved != 0.0 {
        let top = view.top(places) - f64::from(moved / size::ROW);
        view.move_to(places, top);
    }
}

/// Says how many records came below the edge, and leads there.
fn new_pill(ui: &Ui, place: &Place<'_>, view: &mut TimelineView, places: &Places) {
    /// It would cover what there is to see of a smaller list.
    const LEAST: f32 = 4.0 * size::ROW;
    let unseen = view.unseen(places);
    if unseen == 0 || (place.list == List::Hits && place.rows.height() < LEAST) {
        return;
    }
    let palette = Palette::of(ui);
    let text = format!("{} new", words::count(unseen));
    let galley = ui
        .painter()
        .layout_no_wrap(text.clone(), font::strong(12.0), palette.on_accent);
    let center = pos2(place.rows.center().x, place.rows.bottom() - 21.0);
    // Room for more digits, so that the pill does not grow with every record.
    let rect = Rect::from_center_size(
        center,
        vec2((galley.size().x / 16.0).ceil() * 16.0 + 26.0, 26.0),
    );
    let response = ui.interact(
        rect,
        Id::unique(("new", place.pane, place.list)),
        Sense::click(),
    );
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, &text));
    ui.painter().rect_filled(rect, 13.0, palette.open);
    ui.painter().galley(
        rect.center() - galley.size() / 2.0,
        galley,
        palette.on_accent,
    );
    if response.clicked() {
        view.paused_end = None;
        view.position = Position::Following;
    }
    response.on_hover_text("To the newest record (End)");
}

/// Gives up a queued message; the timeline keeps it, marked as failed.
fn give_up(feed: &FeedScene, number: u64) -> Command {
    Command::Feed(feed.id, FeedCommand::GiveUp(number))
}
