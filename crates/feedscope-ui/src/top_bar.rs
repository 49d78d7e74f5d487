//! Top bar: the program's logo, and controls for the whole window.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, vec2};

use crate::command::{Command, RecordingCommand, SettingCommand};
use crate::notices::{self, Notice};
use crate::scene::{FeedScene, Scene};
use crate::shortcuts::{Shortcut, key_name, with_key};
use crate::theme::{self, Palette, font, size};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{
    ICON_BUTTON, Look, Strip, bottom_line, button, button_width, cut, field_ground, icon_button,
    icon_text_button, paint_left, paint_right, panel,
};
use crate::{record, words};

/// Request of the bar that concerns the window itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TopBarRequest {
    /// Opens the help sheet.
    Help,
    /// Opens another pane.
    Pane,
    /// Opens the dialog for a file.
    Open,
    /// Opens the list of saved connections.
    Connections,
    /// Opens the sheet with the messages about the whole window.
    Notices,
}

/// Results of drawing the bar.
pub(crate) struct Drawn {
    pub(crate) request: Option<TopBarRequest>,
    /// Area without a button and without the number of messages about the whole window.
    pub(crate) free: Rect,
    /// Area beside the buttons at the right end and that number. The logo is in it, and the field for connections if there
    /// is room for it.
    pub(crate) beside_buttons: Rect,
}

/// Width of the messages about the whole window beside the field for connections, in points.
const NOTICES: f32 = 200.0;

/// Minimum width of the number of these messages.
const LEAST_NOTICES: f32 = 100.0;

/// Width of their number alone, beside a short message.
const NUMBER: f32 = 48.0;

/// Draws the bar with the messages about the whole window. `utc` is true if times are shown in UTC. `toast` is the right
/// end of a short message that covers a part of the bar.
pub(crate) fn show(
    ui: &Ui,
    rect: Rect,
    (utc, toast): (bool, Option<f32>),
    (scene, notices): (&Scene<'_>, &[Notice]),
    commands: &mut Vec<Command>,
) -> Drawn {
    let palette = Palette::of(ui);
    panel(ui, rect);
    bottom_line(ui, rect);
    let mut strip = Strip::new(rect, 12.0, 8.0);
    let mark = strip.left(22.0, 18.0);
    icon::logo(ui.painter(), mark.min, palette.open);
    let name = strip.left(90.0, 20.0);
    let title = ui.interact(mark.union(name), Id::unique("title"), Sense::hover());
    title.widget_info(|| WidgetInfo::labeled(Role::Heading, true, "Feedscope"));

    // The places are taken from the right, and the buttons are made from the left, because Tab visits them in this order.
    let help = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
    let theme = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
    // The button is as wide as the longer word, so that the bar does not move when the word changes.
    let clock = strip.right(button_width(ui, "Local time", Look::Ghost), size::BUTTON);
    let width = button_width(ui, "Pane", Look::Ghost) + 16.0;
    let pane = strip.right(width, size::BUTTON);
    let open = strip.right(button_width(ui, "Open…", Look::Ghost), size::BUTTON);

    let record = take_record_place(ui, &mut strip, scene);
    let beside_buttons = strip.rest(rect.height()).with_min_x(rect.left() + 8.0);
    let room = strip.rest(size::BUTTON);
    let for_notices = if notices.is_empty() { 0.0 } else { NOTICES };
    let (connections, free) = connections_field(ui, room, for_notices);
    let free = free.with_min_y(rect.top()).with_max_y(rect.bottom());
    // In a narrow window, the messages take the place of the name as well.
    let place = match connections {
        None => free.with_min_x(name.left()),
        Some(_) if free.width() < LEAST_NOTICES => name,
        Some(_) => free,
    };
    // The number of messages stays in sight beside a short message.
    let number = if place.right() <= name.right() {
        place
    } else {
        place.with_min_x(place.left().max(place.right() - NUMBER))
    };
    let beside_number = |area: Rect| {
        if notices.is_empty() {
            area
        } else if number == name {
            area.with_min_x(area.left().max(number.right() + 8.0))
        } else {
            area.with_max_x(number.left() - 8.0)
        }
    };
    let [free, beside_buttons] = [free, beside_buttons].map(beside_number);
    let has_name = place.left() > name.right();
    let place = match toast {
        // The messages keep the room that the short one leaves.
        Some(end) => place.with_min_x(place.left().max(end + 8.0).min(number.left())),
        None => place,
    };
    let place = place.with_min_y(rect.top()).with_max_y(rect.bottom());
    let place = place.shrink2(vec2(0.0, (rect.height() - size::BUTTON) / 2.0));
    if notices.is_empty() || has_name {
        let galley = cut(ui, "Feedscope", font::name(), palette.text, name.width());
        paint_left(ui, name.left(), name.center().y, galley);
    }
    let asks_for_notices = notices::show_line(ui, place, notices, commands);
    if let Some(rect) = record {
        record_button(ui, rect, scene, commands);
    }
    let hint = with_key(ui, "Open a recording or another file", Shortcut::OpenFile);
    let open = button(ui, open, Id::unique("open file"), "Open…", Look::Ghost).on_hover_text(hint);
    let hint = with_key(ui, "Another pane beside this one", Shortcut::OpenPane);
    let pane =
        icon_text_button(ui, pane, Id::unique("new pane"), Icon::Panes, "Pane").on_hover_text(hint);
    let text = if utc { "UTC" } else { "Local time" };
    let hint = with_key(ui, words::other_times(utc), Shortcut::SwitchTimeZone);
    let clock = button(ui, clock, Id::unique("clock"), text, Look::Ghost).on_hover_text(hint);
    if clock.clicked() {
        commands.push(Command::Setting(SettingCommand::Utc(!utc)));
    }
    let hint = if ui.visuals().dark_mode {
        "Light theme"
    } else {
        "Dark theme"
    };
    let hint = with_key(ui, hint, Shortcut::SwitchTheme);
    if icon_button(ui, theme, Id::unique("theme"), Icon::Contrast, &hint).clicked() {
        commands.push(Command::Setting(SettingCommand::Theme(theme::other(ui))));
    }
    let hint = with_key(ui, "Help and keys", Shortcut::ToggleHelp);
    let help = icon_button(ui, help, Id::unique("help"), Icon::Question, &hint);
    let requests = [
        (open.clicked(), TopBarRequest::Open),
        (connections == Some(true), TopBarRequest::Connections),
        (asks_for_notices, TopBarRequest::Notices),
        (help.clicked(), TopBarRequest::Help),
        (pane.clicked(), TopBarRequest::Pane),
    ];
    let requested = requests.into_iter().find(|(is_requested, _)| *is_requested);
    Drawn {
        request: requested.map(|(_, request)| request),
        free,
        beside_buttons,
    }
}

/// Draws the field that opens the list of saved connections, if there is room. It leaves so much room beside it if it can.
/// Returns true if it was clicked, or `None` without the field, and the room beside it.
fn connections_field(ui: &Ui, room: Rect, beside: f32) -> (Option<bool>, Rect) {
    /// Greatest and least width in points.
    const WIDTHS: [f32; 2] = [320.0, 150.0];
    if room.width() < WIDTHS[1] {
        return (None, room);
    }
    let palette = Palette::of(ui);
    let width = (room.width() - beside - 8.0).clamp(WIDTHS[1], WIDTHS[0]);
    let rect = room.with_max_x(room.left() + width.min(room.width()));
    let response = ui.interact(rect, Id::unique("open connections"), Sense::click());
    let text = "Open a saved connection or a URL";
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, text));
    field_ground(ui, rect, response.hovered() || response.has_focus());
    let y = rect.center().y;
    let key = key_name(ui, Shortcut::OpenConnections);
    let key = cut(ui, &key, font::small(), palette.dim, 90.0);
    let width = rect.width() - key.size().x - 30.0;
    paint_right(ui, rect.right() - 10.0, y, key);
    let galley = cut(ui, text, font::label(), palette.dim, width);
    paint_left(ui, rect.left() + 10.0, y, galley);
    let beside = (rect.right() + 8.0).min(room.right());
    (Some(response.clicked()), room.with_min_x(beside))
}

/// Takes the place of the button that records all feeds, if there are any. A narrow window has the buttons of the panes.
fn take_record_place(ui: &Ui, strip: &mut Strip, scene: &Scene<'_>) -> Option<Rect> {
    let has_feeds = scene.feeds().any(|feed| feed.source.is_live());
    let recorded = scene.feeds().filter(|feed| feed.is_recorded()).count();
    (has_feeds && strip.room() >= 150.0).then(|| record::take_place_for_all(ui, strip, recorded))
}

/// Draws the button that records all feeds.
fn record_button(ui: &Ui, rect: Rect, scene: &Scene<'_>, commands: &mut Vec<Command>) {
    let recorded: Vec<&FeedScene> = scene.feeds().filter(|feed| feed.is_recorded()).collect();
    if !record::show_all_button(ui, rect, recorded.len()) {
        return;
    }
    if recorded.is_empty() {
        let live = scene.feeds().filter(|feed| feed.source.is_live());
        commands.push(Command::Recording(RecordingCommand::Start {
            feeds: live.map(|feed| feed.id).collect(),
            file: None,
            from_now: false,
        }));
    } else {
        let stops = recorded
            .iter()
            .map(|feed| Command::Recording(RecordingCommand::Stop(feed.id)));
        commands.extend(stops);
    }
}
