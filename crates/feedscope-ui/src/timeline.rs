//! The timeline: one row a record, drawn from the store for the rows in sight and for nothing else. Positions are row
//! numbers, never points, so that ten million rows scroll as exactly as ten.

mod columns;
mod handle;
mod marks;
mod menu;
mod rows;
mod view;

use std::cell::Cell;

use egui::{Id, Rect, Sense, Ui, pos2, vec2};
use feedscope_core::density::Density;
use feedscope_core::feed::FeedCommand;
use feedscope_core::listing::Listing;
use jiff::tz::TimeZone;

use super::columns::ColumnChoice;
use super::theme::{Palette, font, size};
use super::{Command, FeedScene, PaneId, words};
use columns::Columns;

pub(crate) use marks::Marks;
use view::Places;
pub(crate) use view::TimelineView;

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
        view.follow();
    }
    response.on_hover_text("To the newest record (End)");
}

/// Gives up a queued message; the timeline keeps it, marked as failed.
fn give_up(feed: &FeedScene, number: u64) -> Command {
    Command::Feed(feed.id, FeedCommand::GiveUp(number))
}
