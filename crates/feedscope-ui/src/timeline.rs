//! Timeline: one row for each record. It reads only the rows in sight from the store.
//!
//! Positions are row numbers and not points, so that ten million rows scroll as exactly as ten.
//!
//! A *place* is the position of a row in the listing of a view. The line about records that were let go has the first
//! place, if it is shown, and queued messages have the last ones. With 3 records let go, 2 rows and 1 queued message,
//! the places are 0 (that line), 1 and 2 (rows), and 3 (message).

mod action;
mod columns;
mod fold;
mod handle;
mod marks;
mod meaning;
mod menu;
mod mouse;
mod notes;
mod painted;
mod place;
mod places;
mod replay_state;
mod replayed;
mod row_menu;
mod rows;
mod selection;
mod texts;
mod view;

use egui::accesskit::Role;
use egui::{
    FocusDirection, Id, Memory, Rect, Response, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::command::Command;
use crate::scene::FeedScene;
use crate::theme::{Palette, font, size};
use crate::widgets::measured;
use crate::widgets::text_field::keep_keys;
use crate::words;
use columns::RowColumns;

pub(crate) use action::RowAction;
pub(crate) use marks::Marks;
use place::focused_list;
pub(crate) use place::{List, TimelinePlace, focus, has_focus, list_id};
use places::Places;
pub(crate) use selection::Selection;
pub(crate) use view::TimelineView;

/// Number of times that the rows are read again in one pass.
const MOST_REREADS: usize = 3;

/// Draws the rows, and handles the wheel, the scroll handle and the keys.
pub(crate) fn show(
    ui: &mut Ui,
    place: &TimelinePlace<'_>,
    feed: &FeedScene,
    view: &mut TimelineView,
    commands: &mut Vec<Command>,
) {
    let rect = place.rows;
    if rect.height() < size::ROW {
        return;
    }
    // Input moves the view first, so that the rows are drawn at their final position.
    let mut places = view.places(feed, place, rect.height());
    view.page = (places.fitting as u64).max(2) - 1;
    let is_used = view.handle_mouse(ui, place, &places);
    view.resume();
    let moved = place.keys && view.keys(ui, &places);
    view.reveal_selected(&places);
    wheel(ui, rect, view, &places);
    let bar = handle::drag(ui, place, view, &places);
    let mut top = view.top(&places);
    view.note_sight(&places, top, rect);
    let widths = || place.fields.borrow().widths();
    let mut columns = RowColumns::new(ui, rect, &place.columns.get(), &widths());
    let now = ui.input(|input| input.time);
    let width = columns.text_width;
    let mut lines = rows::TimelineLines::new(place, &places, top, width, (&mut view.fold, now));
    // The store may have let records go meanwhile, so that the same places belong to other rows.
    for _ in 0..MOST_REREADS {
        if place.listing.store().extent().first == places.extent.first {
            break;
        }
        places = view.places(feed, place, rect.height());
        top = view.top(&places);
        view.note_sight(&places, top, rect);
        lines = rows::TimelineLines::new(place, &places, top, width, (&mut view.fold, now));
    }
    if lines.widen(place) {
        columns = RowColumns::new(ui, rect, &place.columns.get(), &widths());
    }
    let pill = NewPill::of(ui, place, view, &places);
    let drawing = rows::Drawing {
        place,
        pill: pill.as_ref().map(|pill| pill.rect),
        columns: &columns,
        places: &places,
        top,
        lines: &lines,
    };
    let has_reference = view.reference.is_some();
    let header = place
        .header
        .map(|rect| columns.header(ui, (place, has_reference), rect, commands));
    let ground = ground(ui, place);
    // egui has taken the focus from the list if a row above it was clicked. Another part may have asked for it meanwhile.
    let keeps_focus = is_used && ui.memory(Memory::focused).is_none();
    if moved || keeps_focus {
        // A screen reader follows the selection, because the list has the focus.
        ground.request_focus();
        ui.data_mut(|data| data.insert_temp(focused_list(), ground.id));
    }
    if moved {
        // egui would move the focus from the list at once, because of the same arrow key.
        ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    }
    let mut child = ui.new_child(
        UiBuilder::new()
            .max_rect(rect)
            .id_salt(("list", place.pane, place.list))
            .accessibility_parent(ground.id),
    );
    // Without clipping, the half-visible rows at both edges would cover their neighbors.
    child.set_clip_rect(ui.clip_rect().intersect(rect));
    rows::paint(&mut child, &drawing, feed, view, commands);
    if let Some(bar) = bar {
        // The ground of a row must not cover it.
        bar.paint(ui, place, view, &places);
    }
    describe(ui, place, &ground, view);
    menu::show(&ground, place, view, &columns, commands);
    if let Some((header, rect)) = header.zip(place.header) {
        // The name of the payload keeps its room.
        let left = columns.text + columns::NAME_OF_PAYLOAD;
        let right = view.fold.switch(ui, place, rect, left);
        columns.note_hidden(ui, place, rect, right);
        menu::of_columns(&header, place, view, &columns, commands);
    }
    if let Some(pill) = pill {
        pill.show(ui, place, view);
    }
}

/// Creates the area behind the rows, which has the keyboard focus for all of them. The menu belongs to it, because rows
/// move away.
fn ground(ui: &Ui, place: &TimelinePlace<'_>) -> Response {
    let id = list_id(place.pane, place.list);
    let response = ui.interact(place.rows, id, Sense::click());
    response.widget_info(|| {
        let name = match place.list {
            List::Rows => "Records",
            List::Hits => "Hits",
        };
        WidgetInfo::labeled(Role::ListBox, true, name)
    });
    if response.has_focus() {
        keep_keys(ui, id);
        ui.data_mut(|data| data.insert_temp(focused_list(), id));
    }
    response
}

/// Connects the focused list with its selected row for screen readers.
fn describe(ui: &Ui, place: &TimelinePlace<'_>, ground: &Response, view: &TimelineView) {
    let selected = view.selected().filter(|item| view.painted.shows(*item));
    if let Some(item) = selected {
        let row = mouse::row_id(place.pane, place.list, item).accesskit_id();
        let describe = |node: &mut egui::accesskit::Node| node.set_active_descendant(row);
        ui.ctx().accesskit_node_builder(ground.id, describe);
    }
}

/// Scrolls by the mouse wheel.
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

/// Number of new records below the view, with its place at the foot of the list. A click goes to the newest.
struct NewPill {
    rect: Rect,
    text: String,
}

impl NewPill {
    /// Returns the pill if there are new records below the view.
    fn of(
        ui: &Ui,
        place: &TimelinePlace<'_>,
        view: &TimelineView,
        places: &Places,
    ) -> Option<Self> {
        /// Minimum height of a smaller list, because the pill would take too much of it.
        const LEAST: f32 = 4.0 * size::ROW;
        let unseen = view.unseen(places, view.top(places));
        let is_low = place.list == List::Hits && place.rows.height() < LEAST;
        if unseen == 0 || is_low {
            return None;
        }
        let text = format!("{} new", words::count(unseen));
        let width = measured(ui, &text, font::strong());
        // The width grows in steps, so that the pill does not change with every record.
        let size = vec2((width / 16.0).ceil() * 16.0 + 26.0, 24.0);
        let corner = pos2(
            place.rows.right() - mouse::HANDLE - 6.0,
            place.rows.bottom() - 6.0,
        );
        let rect = Rect::from_min_max(corner - size, corner);
        Some(Self { rect, text })
    }

    fn show(self, ui: &Ui, place: &TimelinePlace<'_>, view: &mut TimelineView) {
        let Self { rect, text } = self;
        let palette = Palette::of(ui);
        let id = Id::unique(("new", place.pane, place.list));
        let response = ui.interact(rect, id, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &text));
        ui.painter().rect_filled(rect, 13.0, palette.open);
        let galley = ui
            .painter()
            .layout_no_wrap(text, font::strong(), palette.on_accent);
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
}
