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
    primary_icon_button, steady_width,
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

/// Number of characters of a URL that distinguish most feeds. The words of the state and of the buttons give way to them.
const READABLE_URL: f32 = 20.0;

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
    let recorded = feed.map(|feed| (feed, record::take_place(ui, &mut strip, feed, place.now)));
    let status = feed.and_then(|feed| feed.source.status());
    let is_insecure = feed
        .and_then(|feed| feed.source.spec())
        .is_some_and(|spec| spec.transport.insecure);
    let insecure = if is_insecure {
        insecure_width(ui) + 8.0
    } else {
        0.0
    };
    let pill = status.map_or(0.0, |status| {
        let short = words::state_short(status, place.now);
        let least = words::state_least(status, place.now);
        // The countdown says more than the word of the state.
        let text = if least.is_empty() { short } else { least };
        pill_width(ui, &text) + 8.0
    });
    let room = strip.room() - insecure - readable_url(ui);
    let folded = fit(ui, &mut offers, room - pill, room - LEAST_PILL - 8.0);
    if feed.is_none() && room < width_of(ui, &offers) {
        // Without a feed, only the field matters. Enter in it has the same effect as the button.
        offers.clear();
    }
    if let Some(status) = status {
        // The pill gets the room that remains beside the buttons, the mark and the URL.
        let room = room - width_of(ui, &offers) - 8.0;
        state_pill(ui, &mut strip, place, status, room);
    }
    if is_insecure {
        insecure_mark(ui, &mut strip, place.pane);
    }
    // Each button takes the right end of the strip, so that the last one comes first.
    let mut rects: Vec<Rect> = offers
        .iter()
        .rev()
        .map(|offer| strip.right(offer.width(ui), size::BUTTON))
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
        if !offer.show(ui, rect, id).clicked() {
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
    let width = |text: &str| pill_width(ui, text);
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

/// Returns the width of the pill with this text. It is that of the widest digits, so that a countdown does not move the URL
/// field back and forth.
fn pill_width(ui: &Ui, text: &str) -> f32 {
    (steady_width(ui, text, font::strong()) + 32.0).ceil()
}

/// Returns the width of a URL field that shows enough of a URL.
fn readable_url(ui: &Ui) -> f32 {
    (READABLE_URL * measured(ui, "0", font::mono()) + 2.0 * url_field::MARGIN).ceil()
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
    /// Icon in place of the name where the bar is narrow.
    icon: Icon,
    is_icon: bool,
    /// Style of the button; at most one is primary.
    look: Look,
    /// Command to the feed; `None` connects to the URL in the field.
    command: Option<FeedCommand>,
}

impl OfferedButton {
    fn width(&self, ui: &Ui) -> f32 {
        if self.is_icon {
            ICON_BUTTON.x
        } else {
            button_width(ui, self.name, self.look)
        }
    }

    fn show(&self, ui: &Ui, rect: Rect, id: Id) -> egui::Response {
        match (self.is_icon, self.look) {
            (false, look) => button(ui, rect, id, self.name, look),
            (true, Look::Primary) => {
                primary_icon_button(ui, rect, id, self.icon, self.name, self.name)
            }
            (true, _) => icon_button(ui, rect, id, self.icon, self.name),
        }
    }
}

/// Returns the width of buttons with the gaps beside them.
fn width_of(ui: &Ui, offers: &[OfferedButton]) -> f32 {
    offers.iter().map(|offer| offer.width(ui) + 8.0).sum()
}

/// Makes buttons fit into `room`, the least important one first: they become icons. Those that do not even fit into
/// `most` are taken out and returned for the menu, apart from the first one.
fn fit(
    ui: &Ui,
    offers: &mut Vec<OfferedButton>,
    room: f32,
    most: f32,
) -> Vec<(&'static str, FeedCommand)> {
    for at in (0..offers.len()).rev() {
        offers[at].is_icon = width_of(ui, offers) > room;
    }
    let mut folded = Vec::new();
    while offers.len() > 1 && width_of(ui, offers) > most {
        let last = offers.pop();
        folded.extend(last.and_then(|offer| Some((offer.name, offer.command?))));
    }
    folded
}

/// Returns the buttons for the feed's state, the most important one first.
fn offers(feed: Option<&FeedScene>, field: &UrlField) -> Vec<OfferedButton> {
    let offer = |name, icon, look, command| OfferedButton {
        name,
        icon,
        is_icon: false,
        look,
        command,
    };
    // An edited URL is about to replace the feed, so that only connecting makes sense.
    let feed = feed.filter(|_| !field.edited);
    let Some(state) = feed.and_then(|feed| feed.source.state()) else {
        return vec![offer("Connect", Icon::Play, Look::Primary, None)];
    };
    let (plain, primary) = (Look::Plain, Look::Primary);
    let off = |name| offer(name, Icon::Off, plain, Some(FeedCommand::Disconnect));
    let connect = |name, icon| offer(name, icon, primary, Some(FeedCommand::Connect));
    match state {
        ConnectionState::Reconnecting => vec![
            offer(
                "Retry now",
                Icon::Retry,
                primary,
                Some(FeedCommand::RetryNow),
            ),
            off("Stop"),
        ],
        ConnectionState::Connecting | ConnectionState::Open | ConnectionState::Closing => {
            vec![off("Disconnect")]
        }
        ConnectionState::Failed => vec![connect("Try again", Icon::Retry)],
        ConnectionState::Idle | ConnectionState::Closed => vec![connect("Connect", Icon::Play)],
    }
}
