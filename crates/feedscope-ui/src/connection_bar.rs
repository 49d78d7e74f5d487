//! Connection bar: the state as shape, color and word, the URL field, and buttons for the connection.

mod offered;
mod url_field;

use egui::accesskit::Role;
use egui::{CursorIcon, Id, Rect, Sense, Ui, WidgetInfo, pos2};
use feedscope_core::feed::{FeedCommand, FeedStatus};
use feedscope_core::{ConnectionState, Moment};

use crate::command::Command;
use crate::ids::PaneId;
use crate::pane_request::PaneDirection;
use crate::pointer::is_dragged_away;
use crate::scene::{FeedScene, Scene};
use crate::shortcuts::{KeyMap, Shortcut, joined};
use crate::theme::{Palette, font, size, tint};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{
    ICON_BUTTON, Look, Strip, button, button_width, cut, icon_button, measured, paint_left,
};
use crate::{record, words};
pub(crate) use url_field::{UrlField, url_id};
use url_field::{connect, url_field};

/// Area of the bar, and the data that it needs from its pane.
pub(crate) struct ConnectionBarPlace<'a> {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    /// The pane can be dragged to another place.
    pub(crate) movable: bool,
    pub(crate) now: Moment,
    pub(crate) scene: &'a Scene<'a>,
}

/// Results of drawing the bar that the pane needs.
pub(crate) struct Drawn {
    /// Button that opens the pane's menu.
    pub(crate) menu: egui::Response,
    /// Buttons without room in the bar, which the menu contains instead.
    pub(crate) folded: Vec<(&'static str, FeedCommand)>,
    /// The pane is dragged by its grip.
    pub(crate) is_dragged: bool,
}

/// Minimum width of the URL field in points. The state's words and secondary buttons give way to it.
const LEAST_URL: f32 = 90.0;

/// Width of a state pill that contains only the shape, in points.
const LEAST_PILL: f32 = 26.0;

/// Draws the bar.
pub(crate) fn show(
    ui: &mut Ui,
    place: &ConnectionBarPlace<'_>,
    feed: Option<&FeedScene>,
    field: &mut UrlField,
    commands: &mut Vec<Command>,
) -> Drawn {
    let mut strip = Strip::new(place.rect, size::PADDING, 8.0);
    let is_dragged = place.movable && grip(ui, &mut strip, place.pane);
    // The places are taken from the right, and the widgets are made from the left, because Tab visits them in this order.
    let menu = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
    let mut offers = offers(feed, field);
    let width = |offers: &[OfferedButton]| -> f32 {
        let widths = offers
            .iter()
            .map(|offer| button_width(ui, offer.name, offer.look) + 8.0);
        widths.sum()
    };
    // Buttons that do not fit move into the menu, the least important one first.
    let mut folded = Vec::new();
    if feed.is_none() && strip.room() - width(&offers) < LEAST_URL {
        // Without a feed, only the field matters. Enter in it has the same effect as the button.
        offers.clear();
    }
    // The first button is the most important one and always stays.
    while offers.len() > 1 && strip.room() - width(&offers) < LEAST_PILL + 8.0 + LEAST_URL {
        if let Some(OfferedButton {
            name,
            command: Some(command),
            ..
        }) = offers.pop()
        {
            folded.push((name, command));
        }
    }
    let recorded = feed.map(|feed| (feed, record::take_place(ui, &mut strip, feed)));
    if let Some(feed) = feed {
        let insecure = if feed
            .source
            .spec()
            .is_some_and(|spec| spec.transport.insecure)
        {
            insecure_width(ui) + 8.0
        } else {
            0.0
        };
        // The pill gets the room that remains beside buttons, mark and the narrowest URL field.
        let room = strip.room() - width(&offers) - insecure - LEAST_URL - 8.0;
        if let Some(status) = feed.source.status() {
            state_pill(ui, &mut strip, place, status, room);
        }
        if feed
            .source
            .spec()
            .is_some_and(|spec| spec.transport.insecure)
        {
            insecure_mark(ui, &mut strip, place.pane);
        }
    }
    // Each button takes the right end of the strip, so that the last one comes first.
    let mut rects: Vec<Rect> = offers
        .iter()
        .rev()
        .map(|offer| strip.right(button_width(ui, offer.name, offer.look), size::BUTTON))
        .collect();
    rects.reverse();
    if strip.room() > LEAST_PILL
        && url_field(
            ui,
            strip.rest(size::BUTTON),
            (place.pane, place.scene),
            feed,
            field,
            commands,
        )
    {
        connect(ui, place.pane, feed, field, commands);
    }
    for (offer, rect) in offers.iter().zip(rects) {
        let id = Id::unique((offer.name, place.pane));
        if !button(ui, rect, id, offer.name, offer.look).clicked() {
            continue;
        }
        match (&offer.command, feed) {
            (Some(command), Some(feed)) => commands.push(Command::Feed(feed.id, command.clone())),
            _ => connect(ui, place.pane, feed, field, commands),
        }
    }
    if let Some((feed, rect)) = recorded {
        record::show_button(ui, rect, place.pane, feed, place.now, commands);
    }
    let menu_id = Id::unique(("menu", place.pane));
    let menu = icon_button(ui, menu, menu_id, Icon::Dots, "More");
    Drawn {
        menu,
        folded,
        is_dragged,
    }
}

/// The handle at the left end of the bar. It is the only part of a pane that drags it, so that a button never does.
/// Returns true if it is dragged.
pub(crate) fn grip(ui: &Ui, strip: &mut Strip, pane: PaneId) -> bool {
    let rect = strip.left(12.0, size::BUTTON);
    // Not focusable, because keys move a pane in another way.
    let response = ui.interact(rect, Id::unique(("grip", pane)), Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words::MOVE_PANE));
    let palette = Palette::of(ui);
    let color = if response.hovered() || response.dragged() {
        palette.text
    } else {
        palette.dim
    };
    icon::paint(ui.painter(), Icon::Grip, rect.center(), color);
    let is_dragged = is_dragged_away(&response);
    response
        .on_hover_text(move_hint(ui))
        .on_hover_and_drag_cursor(CursorIcon::Grab);
    is_dragged
}

/// Returns the tooltip of the grip, with the keys that move the pane as well.
fn move_hint(ui: &Ui) -> String {
    let keys: Vec<_> = PaneDirection::ALL
        .into_iter()
        .filter_map(|direction| KeyMap::of(ui).first(Shortcut::MovePane(direction)))
        .collect();
    if keys.is_empty() {
        return words::MOVE_PANE.to_owned();
    }
    format!("{} ({})", words::MOVE_PANE, joined(&keys))
}

/// Draws the pill with the state's shape and the longest text that fits into `room`.
fn state_pill(
    ui: &Ui,
    strip: &mut Strip,
    place: &ConnectionBarPlace<'_>,
    status: &FeedStatus,
    room: f32,
) {
    let palette = Palette::of(ui);
    let color = palette.state(status.state);
    // The width is that of the widest digits, so that a countdown does not move the URL field back and forth.
    let width = |text: &str| {
        let steady = |sign: char| if sign.is_ascii_digit() { '0' } else { sign };
        let steady: String = text.chars().map(steady).collect();
        (measured(ui, &steady, font::strong()) + 32.0).ceil()
    };
    // The longest text that fits is shown, or the shape alone if none fits.
    let texts = [
        words::state(status, place.now),
        words::state_short(status, place.now),
        words::state_least(status, place.now),
    ];
    let text = texts.into_iter().find(|text| width(text) <= room);
    let text = text.unwrap_or_default();
    let wide = if text.is_empty() {
        LEAST_PILL
    } else {
        width(&text)
    };
    let rect = strip.left(wide, 24.0);
    ui.painter()
        .rect_filled(rect, 12.0, color.gamma_multiply(tint::PILL));
    // The arc of a connecting feed turns once in 1.2 seconds.
    let turn = place.now.as_nanos() as f64 / 1.2e9;
    icon::paint(
        ui.painter(),
        Icon::of_state(status.state, turn.fract() as f32),
        pos2(rect.left() + 13.0, rect.center().y),
        color,
    );
    let galley = cut(ui, &text, font::strong(), color, rect.width() - 24.0);
    paint_left(ui, rect.left() + 23.0, rect.center().y, galley);
    let response = ui.interact(rect, Id::unique(("state", place.pane)), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Status,
            true,
            format!("State: {}", status.state.word()),
        )
    });
    let whole = words::state(status, place.now);
    match &status.reason {
        Some(reason) => response.on_hover_text(format!("{whole}: {reason}")),
        None => response.on_hover_text(whole),
    };
}

/// Text of the mark for a feed whose certificates are not verified.
const INSECURE: &str = "not verified";

/// Returns the width of that mark in points.
fn insecure_width(ui: &Ui) -> f32 {
    (measured(ui, INSECURE, font::strong()) + 18.0).ceil()
}

/// Draws a mark that reminds the user that verification is switched off.
fn insecure_mark(ui: &Ui, strip: &mut Strip, pane: PaneId) {
    let palette = Palette::of(ui);
    let rect = strip.left(insecure_width(ui), 24.0);
    ui.painter().rect_filled(rect, 12.0, palette.fail);
    let galley = cut(ui, INSECURE, font::strong(), palette.panel, rect.width());
    paint_left(ui, rect.left() + 9.0, rect.center().y, galley);
    let response = ui.interact(rect, Id::unique(("insecure", pane)), Sense::hover());
    response
        .widget_info(|| WidgetInfo::labeled(Role::Alert, true, "Certificates are not verified"));
    response.on_hover_text("Any certificate is accepted: the server may not be the one in the URL");
}

/// Button of the bar.
struct OfferedButton {
    name: &'static str,
    /// Style of the button; at most one is primary.
    look: Look,
    /// Command to the feed; `None` connects to the URL in the field.
    command: Option<FeedCommand>,
}

/// Returns the buttons for the feed's state, the most important one first.
fn offers(feed: Option<&FeedScene>, field: &UrlField) -> Vec<OfferedButton> {
    let offer = |name, look, command| OfferedButton {
        name,
        look,
        command,
    };
    // An edited URL is about to replace the feed, so that only connecting makes sense.
    let feed = feed.filter(|_| !field.edited);
    let Some(state) = feed.and_then(|feed| feed.source.state()) else {
        return vec![offer("Connect", Look::Primary, None)];
    };
    let (plain, primary) = (Look::Plain, Look::Primary);
    match state {
        ConnectionState::Reconnecting => vec![
            offer("Retry now", primary, Some(FeedCommand::RetryNow)),
            offer("Stop", plain, Some(FeedCommand::Disconnect)),
        ],
        ConnectionState::Connecting | ConnectionState::Open | ConnectionState::Closing => {
            vec![offer("Disconnect", plain, Some(FeedCommand::Disconnect))]
        }
        ConnectionState::Failed => vec![offer("Try again", primary, Some(FeedCommand::Connect))],
        ConnectionState::Idle | ConnectionState::Closed => {
            vec![offer("Connect", primary, Some(FeedCommand::Connect))]
        }
    }
}
