//! The timeline: one row a record, drawn from the store for the rows in sight and for nothing else. Positions are row
//! numbers, never points, so that ten million rows scroll as exactly as ten.

mod rows;

use egui::{Id, Key, Rect, Sense, Ui, pos2, vec2};
use feedscope_core::feed::{FeedCommand, Protocol};
use feedscope_core::store::{Class, Extent, Shown};
use jiff::tz::TimeZone;

use super::theme::{Palette, font, size};
use super::widgets::icon::{self, Icon};
use super::widgets::{Look, Strip, bottom_line, button_width, chip, chip_width};
use super::{Command, FeedScene, PaneId, words};
use rows::Columns;

/// Where a view stands on a store.
pub(crate) struct TimelineView {
    shown: Shown,
    position: Position,
    /// Set while the view is paused: one past the newest row that it shows.
    paused_end: Option<u64>,
    /// The chosen row.
    pub(crate) selected: Option<u64>,
    /// How many rows fitted the last time, for Page Up and Page Down.
    page: u64,
    /// The chosen row is brought into sight in the next pass.
    reveal: bool,
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
            page: 1,
            reveal: false,
        }
    }
}

/// The rows that a view can scroll over, counted in places.
struct Places {
    extent: Extent,
    /// One past the newest row of the view.
    end: u64,
    /// A line that says how many records were let go stands above the first.
    lead: u64,
    /// Shown rows.
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
    fn places(&self, feed: &FeedScene, height: f32) -> Places {
        let extent = feed.store.extent();
        let end = self.paused_end.unwrap_or(extent.end);
        let queued = if self.paused_end.is_some() {
            0
        } else {
            feed.status.queue.len() as u64
        };
        let lead = u64::from(extent.first > 0);
        let rows = feed.store.rank(self.shown, end);
        Places {
            extent,
            end,
            lead,
            rows,
            queued,
            fitting: f64::from(height / size::ROW),
        }
    }

    /// The topmost place in sight, with its fraction.
    fn top(&self, feed: &FeedScene, places: &Places) -> f64 {
        match self.position {
            Position::Following => places.highest_top(),
            Position::Held { top, fraction, .. } => {
                // A row that was let go has no place any more: what is oldest now takes its stand.
                let place = if top < places.extent.first {
                    0
                } else {
                    places.lead + feed.store.rank(self.shown, top)
                };
                (place as f64 + fraction).min(places.highest_top())
            }
        }
    }

    /// Moves so that `top` is topmost; at the lower end the view follows again.
    fn move_to(&mut self, feed: &FeedScene, places: &Places, top: f64) {
        let top = top.max(0.0);
        if top >= places.highest_top() - 0.01 {
            self.position = Position::Following;
            return;
        }
        let place = top.floor();
        let newest = match self.position {
            Position::Held { newest, .. } => newest,
            Position::Following => places.end,
        };
        let nth = (place as u64).saturating_sub(places.lead);
        let row = if (place as u64) < places.lead {
            0
        } else {
            feed.store.select(self.shown, nth).unwrap_or(places.end)
        };
        self.position = Position::Held {
            top: row,
            fraction: top - place,
            newest,
        };
    }

    /// How many shown records came since the reader scrolled away or paused.
    fn unseen(&self, feed: &FeedScene, extent: Extent) -> u64 {
        let seen = match (self.paused_end, self.position) {
            (Some(end), _) => end,
            (None, Position::Held { newest, .. }) => newest,
            (None, Position::Following) => return 0,
        };
        feed.store
            .rank(self.shown, extent.end)
            .saturating_sub(feed.store.rank(self.shown, seen))
    }

    pub(crate) fn toggle_pause(&mut self, feed: &FeedScene) {
        self.paused_end = match self.paused_end {
            Some(_) => None,
            None => Some(feed.store.extent().end),
        };
    }

    fn choose(&mut self, feed: &FeedScene, places: &Places, place: u64) {
        let last = places.rows.saturating_sub(1);
        self.selected = feed.store.select(self.shown, place.min(last));
        self.reveal = self.selected.is_some();
    }

    /// Keys that move over rows; only while no text is being written.
    fn keys(&mut self, ui: &Ui, feed: &FeedScene, places: &Places) {
        if places.rows == 0 {
            return;
        }
        let selected = self.selected.map(|row| feed.store.rank(self.shown, row));
        let newest = places.rows - 1;
        let pressed = |key| ui.input(|input| input.modifiers.is_none() && input.key_pressed(key));
        if pressed(Key::ArrowUp) {
            self.choose(
                feed,
                places,
                selected.map_or(newest, |place| place.saturating_sub(1)),
            );
        } else if pressed(Key::ArrowDown) {
            self.choose(feed, places, selected.map_or(newest, |place| place + 1));
        } else if pressed(Key::PageUp) {
            let top = self.top(feed, places) - self.page as f64;
            self.move_to(feed, places, top);
        } else if pressed(Key::PageDown) {
            let top = self.top(feed, places) + self.page as f64;
            self.move_to(feed, places, top);
        } else if pressed(Key::Home) {
            self.move_to(feed, places, 0.0);
        } else if pressed(Key::End) {
            self.position = Position::Following;
        } else if pressed(Key::P) {
            self.toggle_pause(feed);
        }
    }

    /// Scrolls just as far as needed to see the chosen row whole.
    fn reveal_selected(&mut self, feed: &FeedScene, places: &Places) {
        let Some(selected) = self.selected.filter(|_| std::mem::take(&mut self.reveal)) else {
            return;
        };
        let place = (places.lead + feed.store.rank(self.shown, selected)) as f64;
        let top = self.top(feed, places);
        if place < top {
            self.move_to(feed, places, place);
        } else if place + 1.0 > top + places.fitting {
            self.move_to(feed, places, place + 1.0 - places.fitting);
        }
    }
}

/// Where a timeline is drawn and what it needs besides its feed.
pub(crate) struct Place<'a> {
    pub(crate) pane: PaneId,
    pub(crate) filter_row: Rect,
    pub(crate) rows: Rect,
    pub(crate) zone: &'a TimeZone,
    /// Whether keys go to this pane.
    pub(crate) keys: bool,
}

/// Draws chips and rows, and obeys wheel, handle and keys.
pub(crate) fn show(
    ui: &mut Ui,
    place: &Place<'_>,
    feed: &FeedScene,
    view: &mut TimelineView,
    commands: &mut Vec<Command>,
) {
    filter_row(ui, place, feed, view);
    let rect = place.rows;
    if rect.height() < size::ROW {
        return;
    }
    let places = view.places(feed, rect.height());
    view.page = (places.fitting as u64).max(2) - 1;
    if place.keys {
        view.keys(ui, feed, &places);
    }
    view.reveal_selected(feed, &places);
    wheel(ui, rect, feed, view, &places);
    handle(ui, place, feed, view, &places);
    let columns = Columns::new(rect, feed.spec.protocol());
    let drawing = rows::Drawing {
        place,
        columns: &columns,
        places: &places,
        top: view.top(feed, &places),
    };
    let clip = ui.clip_rect();
    ui.set_clip_rect(clip.intersect(rect));
    rows::paint(ui, &drawing, feed, view, commands);
    ui.set_clip_rect(clip);
    new_pill(ui, place, feed, view, &places);
}

fn wheel(ui: &Ui, rect: Rect, feed: &FeedScene, view: &mut TimelineView, places: &Places) {
    if !ui.rect_contains_pointer(rect) {
        return;
    }
    let moved = ui.input(|input| input.smooth_scroll_delta().y);
    if moved != 0.0 {
        let top = view.top(feed, places) - f64::from(moved / size::ROW);
        view.move_to(feed, places, top);
    }
}

/// Our own scroll handle: a drag counts in places, so it is exact to one pixel's share of them.
fn handle(ui: &Ui, place: &Place<'_>, feed: &FeedScene, view: &mut TimelineView, places: &Places) {
    if places.highest_top() <= 0.0 {
        return;
    }
    let palette = Palette::of(ui);
    let track = Rect::from_min_max(
        place.rows.right_top() + vec2(-12.0, 4.0),
        place.rows.right_bottom() + vec2(-3.0, -4.0),
    );
    let length = (track.height() * (places.fitting / places.total() as f64) as f32)
        .max(24.0)
        .min(track.height());
    let way = track.height() - length;
    let top = track.top() + way * (view.top(feed, places) / places.highest_top()) as f32;
    let thumb = Rect::from_min_size(
        pos2(track.left() + 1.0, top),
        vec2(track.width() - 2.0, length),
    );
    let id = Id::unique(("scroll", place.pane));
    let response = ui.interact(
        track.expand2(vec2(3.0, 0.0)),
        id,
        Sense::DRAG | Sense::CLICK,
    );
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::accesskit::Role::ScrollBar, true, "Timeline position")
    });
    if let Some(pointer) = response
        .interact_pointer_pos()
        .filter(|_| response.is_pointer_button_down_on())
    {
        let grab_id = id.with("grab");
        let grab = if response.drag_started() || ui.input(|input| input.pointer.any_pressed()) {
            let grab = if thumb.contains(pointer) {
                pointer.y - thumb.top()
            } else {
                length / 2.0
            };
            ui.data_mut(|data| data.insert_temp(grab_id, grab));
            grab
        } else {
            ui.data(|data| data.get_temp(grab_id))
                .unwrap_or(length / 2.0)
        };
        let part = f64::from((pointer.y - grab - track.top()) / way.max(1.0));
        view.move_to(feed, places, part.clamp(0.0, 1.0) * places.highest_top());
    }
    let lit = response.hovered() || response.dragged();
    ui.painter().rect_filled(track, 4.0, palette.raise);
    ui.painter().rect_filled(
        thumb,
        4.0,
        if lit {
            palette.dim
        } else {
            palette.faint.gamma_multiply(0.75)
        },
    );
}

fn filter_row(ui: &Ui, place: &Place<'_>, feed: &FeedScene, view: &mut TimelineView) {
    let rect = place.filter_row;
    let palette = Palette::of(ui);
    bottom_line(ui, rect);
    let mut strip = Strip::new(rect, size::PADDING, 6.0);
    pause_button(ui, &mut strip, place.pane, feed, view);
    let chips: &[(Class, &str, Option<Icon>)] = match feed.spec.protocol() {
        Protocol::EventStream => &[
            (Class::States, "states", None),
            (Class::Comments, "comments", None),
            (Class::Events, "events", None),
        ],
        Protocol::WebSocket => &[
            (Class::States, "states", None),
            (Class::PingPong, "ping / pong", None),
            (Class::Sent, "sent", Some(Icon::ArrowUp)),
            (Class::Received, "received", Some(Icon::ArrowDown)),
        ],
    };
    for &(class, text, icon) in chips {
        let width = chip_width(ui, text, icon.is_some());
        if strip.room() < width {
            break;
        }
        let on = view.shown.has(class);
        let icon = icon.map(|icon| {
            (
                icon,
                if icon == Icon::ArrowUp {
                    palette.outgoing
                } else {
                    palette.incoming
                },
            )
        });
        if chip(
            ui,
            strip.right(width, size::CHIP),
            Id::unique((text, place.pane)),
            icon,
            text,
            on,
        )
        .clicked()
        {
            view.shown = view.shown.with(class, !on);
        }
    }
}

fn pause_button(
    ui: &Ui,
    strip: &mut Strip,
    pane: PaneId,
    feed: &FeedScene,
    view: &mut TimelineView,
) {
    let palette = Palette::of(ui);
    let (name, shape) = if view.paused_end.is_some() {
        ("Resume", Icon::Play)
    } else {
        ("Pause", Icon::Pause)
    };
    // As wide as the longer word: nothing else moves when it changes.
    let rect = strip.right(button_width(ui, "Resume", Look::Ghost) + 16.0, size::BUTTON);
    let response = ui.interact(rect, Id::unique(("pause", pane)), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, name));
    let lit = response.hovered() || response.has_focus() || view.paused_end.is_some();
    if lit {
        ui.painter().rect_filled(rect, size::RADIUS, palette.raise);
    }
    let color = if view.paused_end.is_some() {
        palette.wait
    } else if lit {
        palette.text
    } else {
        palette.dim
    };
    icon::paint(
        ui.painter(),
        shape,
        pos2(rect.left() + 14.0, rect.center().y),
        color,
    );
    ui.painter().text(
        pos2(rect.left() + 24.0, rect.center().y),
        egui::Align2::LEFT_CENTER,
        name,
        font::label(),
        color,
    );
    if response.clicked() {
        view.toggle_pause(feed);
    }
    response.on_hover_text("Freezes the view, never the connection (P)");
}

/// Says how many records came below the edge, and leads there.
fn new_pill(
    ui: &Ui,
    place: &Place<'_>,
    feed: &FeedScene,
    view: &mut TimelineView,
    places: &Places,
) {
    let unseen = view.unseen(feed, places.extent);
    if unseen == 0 {
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
    let response = ui.interact(rect, Id::unique(("new", place.pane)), Sense::click());
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
