//! Rows of a pane: one list, or two if the hits of its filter are below the rows. Both lists show the same selection.
//!
//! In each pass, the typed filter and the finished searches decide which rows are listed. Then the upper list is drawn
//! with its density, and the hits below it if they are shown there.

use std::cell::{Cell, RefCell};

use egui::accesskit::Role;
use egui::{CursorIcon, Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::density::{Density, WantedParts};
use feedscope_analysis::filter::{ParseContext, Scan};
use feedscope_analysis::lenses::LensPass;
use feedscope_analysis::listing::Listing;
use feedscope_core::store::{Class, ClassSet, ListingIndex, RowNumber};
use feedscope_core::{ConnectionState, Moment};
use jiff::tz::TimeZone;

use crate::annotations::RowNotes;
use crate::columns::FeedColumns;
use crate::command::Command;
use crate::field_columns::FieldColumns;
use crate::filter::{FilterChange, FilterContext, FilterView, has_reached};
use crate::find::{self, FindBar};
use crate::ids::PaneId;
use crate::pointer::presses;
use crate::scene::FeedScene;
use crate::theme::{Palette, font, size};
use crate::timeline::{self, List, Marks, RowAction, Selection, TimelineView};
use crate::widgets::icon::Icon;
use crate::widgets::{
    Look, Strip, button, button_width, cut, cut_sentence, icon_button, name_on_hover, paint_left,
    panel, take_top, top_line,
};
use crate::words;

/// State of the lists of a pane.
pub(crate) struct Lists {
    /// Listing of the rows in the last pass.
    listing: Option<Listing>,
    /// Density of the rows, for the strip beside the scroll handle.
    density: Option<Density>,
    /// View of the list of hits.
    hits: TimelineView,
    /// Share of the height that the hits take.
    share: f32,
    /// Listing of the hits below the rows in the last pass, if they were shown there.
    hits_listing: Option<Listing>,
    /// The list of hits receives the keys.
    has_keys: bool,
}

impl Default for Lists {
    fn default() -> Self {
        Self {
            listing: None,
            density: None,
            hits: TimelineView::default(),
            hits_listing: None,
            share: 0.4,
            has_keys: false,
        }
    }
}

/// Minimum height of the rows below a header. In a lower list, the header would take too much of it.
const LEAST_WITH_HEADER: f32 = 2.0 * size::ROW;

/// Area and data of the lists.
pub(crate) struct ListsPlace<'a> {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    pub(crate) now: Moment,
    pub(crate) zone: &'a TimeZone,
    pub(crate) columns: &'a Cell<FeedColumns>,
    pub(crate) fields: &'a RefCell<FieldColumns>,
    /// Pass of the lens over the records of the feed.
    pub(crate) lens: Option<&'a LensPass>,
    pub(crate) context: ParseContext,
    /// This pane receives the keys.
    pub(crate) keys: bool,
    /// Marks, colors and findings of the rows.
    pub(crate) notes: RowNotes<'a>,
}

/// Parts of a pane that the lists use.
pub(crate) struct ListParts<'a> {
    pub(crate) timeline: &'a mut TimelineView,
    pub(crate) filter: &'a mut FilterView,
    pub(crate) find: &'a mut FindBar,
}

/// Draws a sentence in place of the rows if a filter has no hits.
/// Returns true if the user clears the filter with the button below it.
fn show_nothing_found(ui: &Ui, pane: PaneId, rows: Rect, hits: &Scan) -> bool {
    if hits.count() > 0 || rows.height() < size::ROW {
        return false;
    }
    let text = words::no_hits(&hits.progress());
    explain(ui, rows, &text, Some("Clear filter"), pane)
}

/// Draws a sentence in the middle of an area, with a button below it, or beside it in a low area. Returns true if the button
/// was clicked.
fn explain(ui: &Ui, area: Rect, text: &str, name: Option<&str>, pane: PaneId) -> bool {
    /// Distance of the button from the sentence below and beside it, in points.
    const GAPS: [f32; 2] = [8.0, 12.0];
    let color = Palette::of(ui).dim;
    let button_height = size::BUTTON.min(area.height());
    let button_area = name.map(|name| vec2(button_width(ui, name, Look::Plain), button_height));
    let whole = area.width() - 2.0 * size::PADDING;
    let sentence = |width: f32| cut(ui, text, font::label(), color, width);
    let mut galley = sentence(whole);
    let mut at = area.center() - galley.size() / 2.0;
    let mut button_rect = None;
    if let Some(button_area) = button_area {
        let height = galley.size().y + GAPS[0] + button_area.y;
        if height <= area.height() {
            at.y = area.center().y - height / 2.0;
            let left = area.center().x - button_area.x / 2.0;
            let top = at.y + galley.size().y + GAPS[0];
            button_rect = Some(Rect::from_min_size(pos2(left, top), button_area));
        } else {
            galley = sentence(whole - button_area.x - GAPS[1]);
            at.x = area.center().x - (galley.size().x + GAPS[1] + button_area.x) / 2.0;
            let left = at.x + galley.size().x + GAPS[1];
            let top = area.center().y - button_area.y / 2.0;
            button_rect = Some(Rect::from_min_size(pos2(left, top), button_area));
        }
    }
    let line = Rect::from_min_size(at, galley.size());
    let response = ui.interact(line, Id::unique(("explanation", pane)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    let is_cut = galley.elided;
    paint_left(ui, at.x, line.center().y, galley);
    if is_cut {
        name_on_hover(response, text);
    }
    let button = name.zip(button_rect).map(|(name, rect)| {
        let id = Id::unique((name, pane));
        button(ui, rect, id, name, Look::Plain)
    });
    button.is_some_and(|button| button.clicked())
}

/// Returns the numbers of records that the chips hide: comments, pings and pongs, and others.
pub(crate) fn hidden_records(feed: &FeedScene, shown: ClassSet) -> [u64; 3] {
    let end = feed.store.extent().end;
    let count = |shown: ClassSet| feed.store.rank(shown, end).0;
    let hidden = |class: Class| {
        if shown.has(class) {
            0
        } else {
            count(ClassSet::NONE.with(class, true))
        }
    };
    let (comments, pings) = (hidden(Class::Comments), hidden(Class::PingPong));
    let all = count(ClassSet::ALL) - count(shown);
    [comments, pings, all - comments - pings]
}

/// Draws the reason that an open feed shows no payloads, in the empty space below its rows, and a button that shows hidden
/// records.
fn explain_silence(
    ui: &Ui,
    pane: PaneId,
    list: &timeline::TimelinePlace<'_>,
    feed: &FeedScene,
    now: Moment,
    view: &mut TimelineView,
) {
    let shown = view.shown;
    let end = feed.store.extent().end;
    let count = |shown: ClassSet| feed.store.rank(shown, end).0;
    let without_states = shown.with(Class::States, false);
    let taken = (count(shown) as f32 * size::ROW).min(list.rows.height());
    let room = list.rows.with_min_y(list.rows.top() + taken);
    let status = feed.source.status();
    let Some(status) = status.filter(|status| status.state == ConnectionState::Open) else {
        return;
    };
    if count(without_states) > 0 || room.height() < size::ROW {
        return;
    }
    if feed.store.extent().cleared_before > RowNumber(0) {
        explain(ui, room, words::CLEARED, None, pane);
        return;
    }
    let [comments, pings, others] = hidden_records(feed, shown);
    let hidden = pings + others;
    let text = words::silence(
        now.since(status.since),
        comments,
        hidden,
        feed.source.protocol(),
    );
    let (name, with_hidden) = match (comments, hidden) {
        (0, 0) => (None, shown),
        (_, 0) => (Some("Show comments"), shown.with(Class::Comments, true)),
        _ => (Some("Show all kinds"), ClassSet::ALL),
    };
    if explain(ui, room, &text, name, pane) {
        view.shown = with_hidden;
    }
}

impl Lists {
    /// Returns the listing of the rows in the last pass.
    pub(crate) fn listing(&self) -> Option<&Listing> {
        self.listing.as_ref()
    }

    /// Returns the selected rows, with the list in which they are selected.
    pub(crate) fn selected<'a>(
        &'a self,
        timeline: &'a TimelineView,
    ) -> Option<(&'a Listing, &'a Selection)> {
        match &self.hits_listing {
            Some(listing) if self.has_keys => Some((listing, self.hits.selection())),
            _ => Some((self.listing.as_ref()?, timeline.selection())),
        }
    }

    /// Returns the list that has the keys.
    pub(crate) fn with_keys(&self) -> List {
        if self.has_keys && self.hits_listing.is_some() {
            List::Hits
        } else {
            List::Rows
        }
    }

    /// Opens the menu of the selected row, in the list that has the keys.
    pub(crate) fn open_menu(&mut self, timeline: &mut TimelineView) {
        if self.has_keys {
            self.hits.open_menu();
        } else {
            timeline.open_menu();
        }
    }

    /// Takes out the request about the selected rows of either list.
    pub(crate) fn take_action(&mut self, timeline: &mut TimelineView) -> Option<RowAction> {
        timeline.take_action().or_else(|| self.hits.take_action())
    }

    /// Ends the selection in both lists, which stay where they are.
    pub(crate) fn deselect(&mut self, timeline: &mut TimelineView) {
        timeline.deselect_in_place();
        self.hits.deselect_in_place();
    }

    /// Gives the keys to the hits of the filter, or to the rows without a filter. Unless one of them is selected already,
    /// the first one in sight is.
    pub(crate) fn enter(&mut self, ui: &Ui, pane: PaneId, timeline: &mut TimelineView) {
        let (listing, list, in_sight) = match (&self.hits_listing, &self.listing) {
            (Some(hits), _) => (hits, List::Hits, self.hits.in_sight()),
            (None, Some(rows)) => (rows, List::Rows, timeline.in_sight()),
            (None, None) => return,
        };
        timeline::focus(ui, pane, list);
        if timeline.selected().is_some_and(|item| listing.has(item)) {
            return;
        }
        let first = listing.rank(in_sight.start);
        if let Some(item) = listing
            .select(first)
            .or_else(|| listing.select(ListingIndex(0)))
        {
            timeline.go_to(Some(item.id));
            // The rows have been drawn already.
            ui.ctx().request_repaint();
        }
    }

    /// Returns the analyses to run.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = Task> {
        self.density.as_ref().map(Density::task).into_iter()
    }

    /// Draws the rows, and the hits below them if they are shown there.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        place: &ListsPlace<'_>,
        feed: &FeedScene,
        parts: ListParts<'_>,
        commands: &mut Vec<Command>,
    ) {
        let ListParts {
            timeline,
            filter,
            find,
        } = parts;
        let mut rows = place.rect;
        // Without room for a second list, the hits of the filter replace the rows.
        let room = self.take_place(&mut rows);
        filter.is_low = room.is_none();
        let listing = self.sync(place, feed, timeline, filter, find);
        let action = timeline.sync_replay(feed, &listing);
        commands.extend(action.map(|action| Command::Replay(feed.id, action)));
        let below = filter.hits_below().zip(room);
        let density = self.overview(feed, timeline, &listing, below, (find.hits(), place.lens));
        let marks = Marks {
            filter: filter.hits().map(|hits| &**hits.filter()),
            find: find.filter(),
        };
        let mut rows = if below.is_some() { rows } else { place.rect };
        let has_header = rows.height() >= size::COLUMN_HEADER + LEAST_WITH_HEADER;
        let header = has_header.then(|| take_top(&mut rows, size::COLUMN_HEADER));
        // The list of hits below copies these values, apart from its rows and keys.
        let upper = timeline::TimelinePlace {
            pane: place.pane,
            feed: feed.id,
            list: List::Rows,
            header,
            rows,
            listing,
            marks,
            density: Some(&density),
            zone: place.zone,
            columns: place.columns,
            fields: place.fields,
            notes: place.notes,
            lens: place
                .lens
                .filter(|lens| !timeline.is_raw && !lens.is_idle()),
            keys: place.keys && !(self.has_keys && below.is_some()),
        };
        timeline::show(ui, &upper, feed, timeline, commands);
        // Before anything has come, the filter has no part in the silence.
        let payloads = ClassSet::ALL.with(Class::States, false);
        let end = feed.store.extent().end;
        let state = feed.source.status().map(|status| status.state);
        let is_explained = end == RowNumber(0) || state == Some(ConnectionState::Open);
        let is_silent = is_explained && feed.store.rank(payloads, end).0 == 0;
        let is_cleared = filter
            .hits_in_place()
            .filter(|_| !is_silent)
            .is_some_and(|hits| show_nothing_found(ui, place.pane, upper.rows, hits));
        if filter.hits().is_none() || is_silent {
            explain_silence(ui, place.pane, &upper, feed, place.now, timeline);
        }
        // A click into the upper list or its focus moves the keys back to it.
        let is_used = is_pressed(ui, upper.rows) || is_focused(ui, &upper);
        self.has_keys &= below.is_some() && !is_used;
        self.hits_listing = below.map(|(hits, _)| Listing::of_hits(hits));
        let Some((hits, rect)) = below else {
            if is_cleared {
                filter.set("");
                ui.ctx().request_repaint();
            }
            return;
        };
        let lower = timeline::TimelinePlace {
            list: List::Hits,
            header: None,
            rows: rect,
            listing: Listing::of_hits(hits),
            density: None,
            keys: place.keys && self.has_keys,
            ..upper
        };
        let stays = self.show_head(ui, place, rect, hits);
        self.show_hits(ui, lower, feed, timeline, commands);
        filter.is_below &= stays;
    }

    /// Draws the hits below their head. The selection of both lists is the same.
    fn show_hits(
        &mut self,
        ui: &mut Ui,
        mut lower: timeline::TimelinePlace<'_>,
        feed: &FeedScene,
        timeline: &mut TimelineView,
        commands: &mut Vec<Command>,
    ) {
        take_top(&mut lower.rows, size::HITS_HEAD);
        // While a button is down, the other list stays as it is. It follows when the button is released.
        if !self.hits.is_pressed() {
            self.hits.mirror(timeline);
        }
        // A click into the lower list or its focus moves the keys to it.
        self.has_keys |= is_pressed(ui, lower.rows) || is_focused(ui, &lower);
        // Both views pause together, by the key in either list.
        self.hits.paused_end = timeline.paused_end;
        self.hits.reference = timeline.reference;
        timeline::show(ui, &lower, feed, &mut self.hits, commands);
        timeline.paused_end = self.hits.paused_end;
        timeline.reference = self.hits.reference;
        if !self.hits.is_pressed() && timeline.mirror(&self.hits) {
            // The rows above have already been drawn, so that they need another pass.
            ui.ctx().request_repaint();
        }
    }

    /// Draws the head of the hits, whose edge can be dragged. Returns false if the user closes the list.
    fn show_head(&mut self, ui: &Ui, place: &ListsPlace<'_>, rect: Rect, hits: &Scan) -> bool {
        let rect = Rect::from_min_size(rect.min, vec2(rect.width(), size::HITS_HEAD));
        let pane = place.pane;
        let palette = Palette::of(ui);
        panel(ui, rect);
        top_line(ui, rect);
        let grip = Rect::from_min_size(rect.min - vec2(0.0, 3.0), vec2(rect.width(), 8.0));
        let response = ui.interact(grip, Id::unique(("hits edge", pane)), Sense::DRAG);
        response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, "Height of the hits"));
        if response.dragged() {
            // The share is kept and not the height, so that it survives a resized window.
            let moved = response.drag_delta().y / place.rect.height().max(1.0);
            self.share = (self.share - moved).clamp(0.1, 0.9);
        }
        response.on_hover_and_drag_cursor(CursorIcon::ResizeVertical);
        let mut strip = Strip::new(rect, size::PADDING, 6.0);
        let close = icon_button(
            ui,
            strip.right(20.0, 20.0),
            Id::unique(("hits close", pane)),
            Icon::Cross,
            "Hits in place of the rows",
        );
        let rest = strip.rest(16.0);
        let text = words::found(&hits.progress());
        paint_left(
            ui,
            rest.left(),
            rest.center().y,
            cut_sentence(ui, &text, font::small(), palette.dim, rest.width()),
        );
        !close.clicked()
    }

    /// Cuts an area for the hits off the bottom of `area`, if both lists have enough room.
    fn take_place(&self, area: &mut Rect) -> Option<Rect> {
        /// Minimum height of each list in points.
        const LEAST: f32 = 2.0 * size::ROW;
        let most = area.height() - LEAST;
        let least = size::HITS_HEAD + LEAST;
        if most < least {
            return None;
        }
        let height = (area.height() * self.share).clamp(least, most).round();
        let rect = Rect::from_min_max(pos2(area.left(), area.bottom() - height), area.max);
        area.set_bottom(rect.top());
        Some(rect)
    }

    /// Returns the density of the rows. Its matches are those of the find bar, or else the hits below.
    fn overview(
        &mut self,
        feed: &FeedScene,
        view: &TimelineView,
        listing: &Listing,
        below: Option<(&Scan, Rect)>,
        (found, lens): (Option<&Scan>, Option<&LensPass>),
    ) -> Density {
        let wanted = WantedParts {
            listing: listing.clone(),
            end: view.last_end(),
            matches: found.or(below.map(|(hits, _)| hits)).cloned(),
            lens: lens.filter(|lens| !lens.is_idle()).cloned(),
        };
        match &self.density {
            Some(density) => {
                density.want(wanted);
                density.clone()
            }
            None => self
                .density
                .insert(Density::new(&feed.store, wanted))
                .clone(),
        }
    }

    /// Updates the filter and the find bar for this pass. Returns the listing to show.
    fn sync(
        &mut self,
        place: &ListsPlace<'_>,
        feed: &FeedScene,
        timeline: &mut TimelineView,
        filter: &mut FilterView,
        find: &mut FindBar,
    ) -> Listing {
        let change = filter.sync(&FilterContext {
            store: &feed.store,
            shown: timeline.shown,
            context: place.context,
            now: place.now,
            needed: timeline.needed(),
            lens: place.lens,
        });
        let in_place = filter.hits_in_place();
        let listing = match in_place {
            Some(hits) => Listing::of_hits(hits),
            None => Listing::of_classes(&feed.store, timeline.shown),
        };
        let before = self.listing.replace(listing.clone());
        // The rows have changed, so that the view keeps the selected row where it was.
        if before.is_some_and(|before| !before.is(&listing)) {
            let is_partial = change == FilterChange::Switched { is_complete: false };
            timeline.switch_to(&listing, !is_partial || in_place.is_none());
        } else if timeline.is_away()
            && in_place.is_none_or(|hits| has_reached(&hits.progress(), timeline.needed()))
        {
            timeline.return_to_place();
        }
        find.sync(&find::FindContext {
            store: &feed.store,
            shown: timeline.shown,
            context: place.context,
            within: in_place,
            lens: place.lens,
        });
        listing
    }
}

/// Returns true if a list has the keyboard focus.
fn is_focused(ui: &Ui, list: &timeline::TimelinePlace<'_>) -> bool {
    let id = timeline::list_id(list.pane, list.list);
    ui.memory(|memory| memory.has_focus(id))
}

/// Returns true if a mouse button was pressed on this area.
fn is_pressed(ui: &Ui, area: Rect) -> bool {
    presses(ui).iter().any(|press| area.contains(press.at))
}
