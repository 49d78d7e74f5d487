//! Top bar: the program's logo, and controls for the whole window.

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Id, Rect, Sense, Ui, WidgetInfo, pos2};

use crate::command::{Command, RecordingCommand, SettingCommand};
use crate::scene::{FeedScene, Scene};
use crate::shortcuts::{Shortcut, key_name, with_key};
use crate::theme::{self, Palette, font, size, tint};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{
    ICON_BUTTON, Look, Strip, bottom_line, button, button_width, cut, field_ground, icon_button,
    icon_text_button, name_on_hover, paint_left, paint_right, panel, take_top,
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
}

/// Results of drawing the bar.
pub(crate) struct Drawn {
    pub(crate) request: Option<TopBarRequest>,
    /// Area without a button.
    pub(crate) free: Rect,
    /// Area beside the buttons at the right end. The logo is in it, and the field for connections if there is room for it.
    pub(crate) beside_buttons: Rect,
}

/// Draws the bar. `utc` is true if times are shown in UTC.
pub(crate) fn show(
    ui: &Ui,
    rect: Rect,
    utc: bool,
    scene: &Scene<'_>,
    commands: &mut Vec<Command>,
) -> Drawn {
    let palette = Palette::of(ui);
    panel(ui, rect);
    bottom_line(ui, rect);
    let mut strip = Strip::new(rect, 12.0, 8.0);
    let mark = strip.left(22.0, 18.0);
    icon::logo(ui.painter(), mark.min, palette.open);
    let name = strip.left(90.0, 20.0);
    paint_left(
        ui,
        name.left(),
        name.center().y,
        cut(ui, "Feedscope", font::name(), palette.text, name.width()),
    );
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
    let (connections, free) = connections_field(ui, strip.rest(size::BUTTON));
    let free = free.with_min_y(rect.top()).with_max_y(rect.bottom());
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
        (connections, TopBarRequest::Connections),
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

/// Draws the field that opens the list of saved connections, if there is room. Returns true if it was clicked, and the room
/// beside it.
fn connections_field(ui: &Ui, room: Rect) -> (bool, Rect) {
    /// Greatest and least width in points.
    const WIDTHS: [f32; 2] = [320.0, 150.0];
    if room.width() < WIDTHS[1] {
        return (false, room);
    }
    let palette = Palette::of(ui);
    let rect = room.with_max_x(room.left() + room.width().min(WIDTHS[0]));
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
    (response.clicked(), room.with_min_x(rect.right() + 8.0))
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

/// Draws a message about the whole window until the user closes it, and takes its room off the top of `area`.
pub(crate) fn notice(ui: &Ui, area: &mut Rect, text: &str, commands: &mut Vec<Command>) {
    /// Lines that are shown. The tooltip has the others.
    const MOST_LINES: usize = 3;
    let palette = Palette::of(ui);
    let beside = 24.0 + ICON_BUTTON.x + 8.0 + 16.0;
    let format = TextFormat::simple(font::label(), palette.text);
    let mut job = LayoutJob::single_section(text.to_owned(), format);
    job.wrap = TextWrapping {
        max_width: (area.width() - beside).max(0.0),
        max_rows: MOST_LINES,
        overflow_character: Some('…'),
        ..TextWrapping::default()
    };
    let galley = ui.painter().layout_job(job);
    let rect = take_top(area, (galley.size().y + 12.0).max(size::BANNER).ceil());
    panel(ui, rect);
    ui.painter()
        .rect_filled(rect, 0.0, palette.wait.gamma_multiply(tint::NOTICE));
    bottom_line(ui, rect);
    let mut strip = Strip::new(rect, 12.0, 8.0);
    if icon_button(
        ui,
        strip.right(ICON_BUTTON.x, ICON_BUTTON.y),
        Id::unique("notice close"),
        Icon::Cross,
        "Close",
    )
    .clicked()
    {
        commands.push(Command::Setting(SettingCommand::DismissNotice));
    }
    let room = strip.rest(rect.height());
    let response = ui.interact(room, Id::unique("notice"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, text));
    icon::paint(
        ui.painter(),
        Icon::Dot,
        pos2(room.left() + 4.0, room.center().y),
        palette.wait,
    );
    let elided = galley.elided;
    paint_left(ui, room.left() + 14.0, room.center().y, galley);
    if elided {
        name_on_hover(response, text);
    }
}
