//! Row above a timeline: the filter, chips for the classes of records, and the pause button.

use egui::{Id, Rect, Sense, Ui, pos2};
use feedscope_analysis::filter::ParseContext;
use feedscope_analysis::lenses::LensName;
use feedscope_core::protocol::Protocol;
use feedscope_core::store::Class;

use crate::decoders;
use crate::filter::{self, FilterView};
use crate::ids::PaneId;
use crate::keeper::KeeperOffer;
use crate::lens::{self, FeedLens, LensWish, ReadingMenu, ReadingTexts};
use crate::scene::FeedScene;
use crate::shortcuts::{Shortcut, ViewShortcut, with_key};
use crate::theme::{Palette, font, size};
use crate::timeline::TimelineView;
use crate::widgets::icon::{self, Icon};
use crate::widgets::menu;
use crate::widgets::{Look, Strip, bottom_line, button, button_width, chip, chip_width};

/// Minimum widths of the filter field in points: while it is empty, and while it is used. Chips move into a menu before
/// they take this room.
const LEAST_FILTER: f32 = 150.0;
const LEAST_USED_FILTER: f32 = 420.0;

/// Area and data of the row.
pub(crate) struct FilterRowPlace<'a> {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    pub(crate) context: ParseContext,
    pub(crate) lens: Option<&'a FeedLens>,
    /// This menu opens in this pass.
    pub(crate) opened_menu: Option<ReadingMenu>,
}

/// Request from a menu of the row.
pub(crate) enum RowWish {
    /// From the menu of the lens.
    Lens(LensWish),
    /// Reads payloads with a schema.
    Read(ReadingTexts),
    /// Sends the messages that the protocol of this lens requires.
    Keep(LensName),
}

/// Draws the row and handles its input. Returns the request from a menu.
pub(crate) fn show(
    ui: &mut Ui,
    place: &FilterRowPlace<'_>,
    feed: &FeedScene,
    view: &mut TimelineView,
    filter: &mut FilterView,
) -> Option<RowWish> {
    let FilterRowPlace { pane, rect, .. } = *place;
    bottom_line(ui, rect);
    let mut strip = Strip::new(rect, size::PADDING, 6.0);
    let chips = chips_of(feed.source.protocol(), feed.source.reads_lines());
    let is_focused = ui.memory(|memory| memory.has_focus(filter::field_id(pane)));
    let least = if is_focused || !filter.is_empty() {
        LEAST_USED_FILTER
    } else {
        LEAST_FILTER
    };
    let opens_lens = place.opened_menu == Some(ReadingMenu::Lens);
    let opens_decoders = place.opened_menu == Some(ReadingMenu::Decoders);
    let lens_width = |lens| lens::chip_width(ui, pane, lens, opens_lens);
    let lens_width = place
        .lens
        .and_then(lens_width)
        .map_or(0.0, |width| width + 6.0);
    let decoders_width = |lens| decoders::chip_width(ui, pane, lens, opens_decoders);
    let decoders_width = place
        .lens
        .and_then(decoders_width)
        .map_or(0.0, |width| width + 6.0);
    let offer = place.lens.and_then(|lens| KeeperOffer::of(feed, lens));
    let offer_width = offer.as_ref().map_or(0.0, |_| KeeperOffer::width(ui) + 6.0);
    let menu_width = button_width(ui, CLASSES, Look::Ghost);
    // A recording has the time bar in the place of the button.
    let has_pause = feed.replay.is_none() || view.paused_end.is_some();
    // The button is as wide as the longer word, so that the row does not move when the word changes.
    let worded = button_width(ui, "Resume", Look::Ghost) + 16.0;
    let taken = menu_width + lens_width + decoders_width + offer_width + 12.0;
    let has_words = strip.room() >= 320.0 && strip.room() - taken - worded >= LEAST_FILTER;
    let pause_width = if has_words { worded } else { 28.0 };
    // The places are taken from the right, and the widgets are made from the left, because Tab visits them in this order.
    let pause = has_pause.then(|| strip.right(pause_width, size::BUTTON));
    // Without room for the filter, the offer is in the menu of the classes.
    let in_menu = strip.room() - taken < LEAST_FILTER && offer.is_some();
    let offer_width = if in_menu { 0.0 } else { offer_width };
    // The chips are drawn only if all of them fit beside the filter.
    let width = |&(_, text, icon): &Chip| chip_width(ui, text, icon.is_some());
    let widths = || chips.iter().map(width);
    let has_chips = strip.room()
        - offer_width
        - lens_width
        - decoders_width
        - widths().map(|width| width + 6.0).sum::<f32>()
        >= least;
    let rects: Vec<Rect> = if has_chips {
        widths()
            .map(|width| strip.right(width, size::CHIP))
            .collect()
    } else {
        vec![strip.right(menu_width, size::BUTTON)]
    };
    let offer_rect = (offer_width > 0.0).then(|| strip.right(offer_width - 6.0, size::CHIP));
    // The lens is beside the filter, because its menu narrows the rows as well.
    let lens = (lens_width > 0.0).then(|| strip.right(lens_width - 6.0, size::CHIP));
    // The decoders come before the lens, which reads their output.
    let decoders = (decoders_width > 0.0).then(|| strip.right(decoders_width - 6.0, size::CHIP));
    let field = strip.rest(size::BUTTON);
    filter::show_field(ui, pane, field, feed, filter, place.context);
    let texts = decoders
        .zip(place.lens)
        .and_then(|(rect, lens)| decoders::show_chip(ui, rect, pane, lens, opens_decoders));
    let wish = lens
        .zip(place.lens)
        .and_then(|(rect, lens)| lens::show_chip(ui, rect, pane, (lens, view.is_raw), opens_lens));
    let mut kept = offer_rect
        .zip(offer.as_ref())
        .and_then(|(rect, offer)| offer.show_chip(ui, rect, pane));
    if has_chips {
        for (chip, rect) in chips.iter().zip(rects).rev() {
            class_chip(ui, rect, pane, *chip, view);
        }
    } else if let [rect] = rects[..] {
        let offer = offer.as_ref().filter(|_| in_menu);
        kept = kept.or(class_menu(ui, rect, pane, (chips, offer), view));
    }
    if let Some(rect) = pause {
        pause_button(ui, rect, has_words, pane, feed, view);
    }
    let wish = wish.map(RowWish::Lens);
    let wish = wish.or_else(|| texts.map(RowWish::Read));
    wish.or_else(|| kept.map(RowWish::Keep))
}

/// Name of the menu of classes.
const CLASSES: &str = "Show ▾";

/// Class of records, with the text and the icon of its chip.
type Chip = (Class, &'static str, Option<Icon>);

/// Returns the chips of a protocol from right to left.
fn chips_of(protocol: Protocol, reads_lines: bool) -> &'static [Chip] {
    match protocol {
        Protocol::EventStream if reads_lines => &[
            (Class::States, "states", None),
            (Class::Lines, "lines", None),
        ],
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
    }
}

/// Draws the chip of a class.
fn class_chip(ui: &Ui, rect: Rect, pane: PaneId, one: Chip, view: &mut TimelineView) {
    let palette = Palette::of(ui);
    let (class, text, icon) = one;
    let on = view.shown.has(class);
    let icon = icon.map(|icon| match icon {
        Icon::ArrowUp => (icon, palette.outgoing),
        _ => (icon, palette.incoming),
    });
    if chip(ui, rect, Id::unique((text, pane)), icon, text, on).clicked() {
        view.shown = view.shown.with(class, !on);
    }
}

/// Draws a menu of the classes, for a row without room for chips, with the offer if it has no room either. Returns the lens
/// whose messages the user adds.
fn class_menu(
    ui: &Ui,
    rect: Rect,
    pane: PaneId,
    (chips, offer): (&[Chip], Option<&KeeperOffer>),
    view: &mut TimelineView,
) -> Option<LensName> {
    let response = button(ui, rect, Id::unique(("kinds", pane)), CLASSES, Look::Ghost);
    let mut kept = None;
    menu::lasting(&response).show(|ui| {
        for (class, text, _) in chips.iter().rev() {
            let mut on = view.shown.has(*class);
            if ui.checkbox(&mut on, *text).clicked() {
                view.shown = view.shown.with(*class, on);
            }
        }
        if let Some(offer) = offer {
            ui.separator();
            kept = offer.show_entries(ui);
        }
    });
    kept
}

/// Draws the button that pauses the view.
fn pause_button(
    ui: &Ui,
    rect: Rect,
    has_words: bool,
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
    if has_words {
        ui.painter().text(
            pos2(rect.left() + 24.0, rect.center().y),
            egui::Align2::LEFT_CENTER,
            name,
            font::label(),
            color,
        );
    }
    if response.clicked() {
        view.toggle_pause(feed);
    }
    let pause = Shortcut::View(ViewShortcut::Pause);
    response.on_hover_text(with_key(ui, "Pause the view; records still arrive", pause));
}
