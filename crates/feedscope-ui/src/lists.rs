//! The rows of a pane: one list, or two where the hits of its filter stand below, each in step with the other. It owns no
//! filter and no find bar; it puts together what they say.

use std::cell::Cell;

use egui::accesskit::Role;
use egui::{CursorIcon, Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_core::Moment;
use feedscope_core::density::{Density, Wanted};
use feedscope_core::filter::ParseContext;
use feedscope_core::listing::Listing;
use jiff::tz::TimeZone;

use super::columns::ColumnChoice;
use super::filter::{Change, FilterView, Standing};
use super::find::{self, FindBar};
use super::search::{Hits, Search};
use super::theme::{Palette, font, size};
use super::timeline::{self, List, Marks, TimelineView};
use super::widgets::icon::Icon;
use super::widgets::{Strip, cut, icon_button, paint_left, panel, top_line};
use super::{Command, FeedScene, PaneId, words};

/// The lists below the rows of a pane.
pub(crate) struct Lists {
    /// What the rows were in the last pass.
    listing: Option<Listing>,
    density: Option<Density>,
    /// Where the list of hits stands.
    hits: TimelineView,
    /// How much of the room it takes.
    share: f32,
    /// Whether keys go to it.
    has_keys: bool,
}

impl Default for Lists {
    fn default() -> Self {
        Self {
            listing: None,
            density: None,
            hits: TimelineView::default(),
            share: 0.4,
            has_keys: false,
        }
    }
}

/// Where the lists are drawn.
pub(crate) struct Place<'a> {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    pub(crate) now: Moment,
    pub(crate) zone: &'a TimeZone,
    pub(crate) columns: &'a Cell<ColumnChoice>,
    pub(crate) context: ParseContext,
    /// Whether keys go to this pane.
    pub(crate) keys: bool,
}

/// The parts of a pane that the lists are made of.
pub(crate) struct Parts<'a> {
    pub(crate) timeline: &'a mut TimelineView,
    pub(crate) filter: &'a mut FilterView,
    pub(crate) find: &'a mut FindBar,
}

/// Says so where a filter has no hits.
fn say_nothing_found(ui: &Ui, rows: Rect, hits: &Hits) {
    if hits.scan.count() > 0 || rows.height() < 2.0 * size::ROW {
        return;
    }
    let text = words::no_hits(&hits.scan.progress());
    let color = Palette::of(ui).dim;
    let galley = cut(
        ui,
        &text,
        font::label(),
        color,
        rows.width() - 2.0 * size::PADDING,
    );
    let at = rows.center() - galley.size() / 2.0;
    paint_left(ui, at.x, rows.center().y, galley);
}

impl Lists {
    /// What the rows were in the last pass.
    pub(crate) fn listing(&self) -> Option<&Listing> {
        self.listing.as_ref()
    }

    /// What is to be looked for.
    pub(crate) fn searches(&self) -> impl Iterator<Item = Search> {
        self.density.clone().map(Search::Density).into_iter()
    }

    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        place: &Place<'_>,
        feed: &FeedScene,
        parts: Parts<'_>,
        commands: &mut Vec<Command>,
    ) {
        let Parts {
            timeline,
            filter,
            find,
        } = parts;
        let mut rows = place.rect;
        let room = self.take_place(&mut rows);
        filter.is_low = room.is_none();
        let listing = self.keep_up(place, feed, timeline, filter, find);
        let below = filter.hits_below().zip(room);
        let density = self.overview(feed, timeline, &listing, below, find.hits());
        let marks = Marks {
            filter: filter.hits().map(|hits| hits.scan.filter()),
            find: find.filter(),
        };
        let upper = timeline::Place {
            pane: place.pane,
            list: List::Rows,
            rows: if below.is_some() { rows } else { place.rect },
            listing,
            marks,
            density: Some(&density),
            zone: place.zone,
            columns: place.columns,
            keys: place.keys && !(self.has_keys && below.is_some()),
        };
        let before = timeline.selected;
        timeline::show(ui, &upper, feed, timeline, commands);
        if let Some(hits) = filter.hits_in_place() {
            say_nothing_found(ui, upper.rows, hits);
        }
        self.has_keys &= below.is_some() && timeline.selected == before;
        let Some((hits, rect)) = below else {
            return;
        };
        let lower = timeline::Place {
            list: List::Hits,
            rows: rect,
            listing: Listing::of_hits(&feed.store, &hits.scan),
            density: None,
            keys: place.keys && self.has_keys,
            ..upper
        };
        let stays = self.show_head(ui, place, rect, hits);
        self.show_hits(ui, lower, feed, timeline, commands);
        filter.is_below &= stays;
    }

    /// The list of hits, below its head, in step with the rows.
    fn show_hits(
        &mut self,
        ui: &mut Ui,
        mut lower: timeline::Place<'_>,
        feed: &FeedScene,
        timeline: &mut TimelineView,
        commands: &mut Vec<Command>,
    ) {
        super::take_top(&mut lower.rows, size::HITS_HEAD);
        if self.hits.selected != timeline.selected {
            self.hits.go_to(timeline.selected);
        }
        if ui.input(|input| input.pointer.any_pressed()) && ui.rect_contains_pointer(lower.rows) {
            self.has_keys = true;
        }
        self.hits.paused_end = timeline.paused_end;
        timeline::show(ui, &lower, feed, &mut self.hits, commands);
        timeline.paused_end = self.hits.paused_end;
        if self.hits.selected != timeline.selected {
            timeline.go_to(self.hits.selected);
            // The rows above are drawn already.
            ui.ctx().request_repaint();
        }
    }

    /// What stands above the hits: its edge is dragged to give them more room. Returns whether they stay there.
    fn show_head(&mut self, ui: &Ui, place: &Place<'_>, rect: Rect, hits: &Hits) -> bool {
        let rect = Rect::from_min_size(rect.min, vec2(rect.width(), size::HITS_HEAD));
        let pane = place.pane;
        let palette = Palette::of(ui);
        panel(ui, rect);
        top_line(ui, rect);
        let grip = Rect::from_min_size(rect.min - vec2(0.0, 3.0), vec2(rect.width(), 8.0));
        let response = ui.interact(grip, Id::unique(("hits edge", pane)), Sense::DRAG);
        response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, "Height of the hits"));
        if response.dragged() {
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
        let text = words::found(&hits.scan.progress());
        paint_left(
            ui,
            rest.left(),
            rest.center().y,
            cut(ui, &text, font::small(), palette.dim, rest.width()),
        );
        !close.clicked()
    }

    /// Room for the hits at the bottom of `area`, where there is enough for both lists.
    fn take_place(&self, area: &mut Rect) -> Option<Rect> {
        /// Rows that each list shows at least.
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

    /// What lies where among the rows; matches are those of the find bar, else those that stand below.
    fn overview(
        &mut self,
        feed: &FeedScene,
        view: &TimelineView,
        listing: &Listing,
        below: Option<(&Hits, Rect)>,
        found: Option<&Hits>,
    ) -> Density {
        let wanted = Wanted {
            listing: listing.clone(),
            end: view.paused_end,
            matches: found
                .or(below.map(|(hits, _)| hits))
                .map(|hits| hits.scan.clone()),
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

    /// Takes in what was typed, and what was found since the last pass; returns the rows to show.
    fn keep_up(
        &mut self,
        place: &Place<'_>,
        feed: &FeedScene,
        timeline: &mut TimelineView,
        filter: &mut FilterView,
        find: &mut FindBar,
    ) -> Listing {
        let change = filter.keep_up(&Standing {
            store: &feed.store,
            shown: timeline.shown,
            context: place.context,
            now: place.now,
            needed: timeline.needed(),
        });
        let in_place = filter.hits_in_place();
        let listing = match in_place {
            Some(hits) => Listing::of_hits(&feed.store, &hits.scan),
            None => Listing::of_classes(&feed.store, timeline.shown),
        };
        let before = self.listing.replace(listing.clone());
        if before.is_some_and(|before| !before.is(&listing)) {
            let is_partial = change == Change::Switched { is_complete: false };
            timeline.switch_to(&listing, !is_partial || in_place.is_none());
        }
        find.keep_up(&find::Standing {
            store: &feed.store,
            shown: timeline.shown,
            context: place.context,
            within: in_place.map(|hits| &hits.scan),
        });
        listing
    }
}
