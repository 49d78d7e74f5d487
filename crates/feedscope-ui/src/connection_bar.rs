//! Connection bar: the state as shape, color and word, the URL field, and buttons for the connection.

mod offered;

use std::borrow::Cow;

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, CursorIcon, Id, Key, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_core::feed::{FeedCommand, FeedStatus};
use feedscope_core::url_text::parse_url;
use feedscope_core::{ConnectionState, Moment};

use offered::{OfferedUrls, UrlChoice};

use crate::command::{Command, PaneCommand, SavedCommand};
use crate::ids::PaneId;
use crate::pane_request::PaneDirection;
use crate::pointer::is_dragged_away;
use crate::scene::{FeedScene, Scene};
use crate::shortcuts::{KeyMap, Shortcut, joined};
use crate::suggestions::{SuggestionKey, Suggestions};
use crate::theme::{Palette, font, size, tint};
use crate::widgets::icon::{self, Icon};
use crate::widgets::text_field::text_field;
use crate::widgets::{
    ICON_BUTTON, Look, Strip, button, button_width, cursor_to_end, cut, field_ground, icon_button,
    measured, paint_left, select_all,
};
use crate::{record, words};

/// State of a pane's URL field.
#[derive(Default)]
pub(crate) struct UrlField {
    /// Text in the field. It follows the feed's URL until the user edits it.
    text: String,
    /// The user has edited the text, so that it does not follow the feed any more.
    edited: bool,
    /// Command line of curl as it was pasted, with its line ends, which the field cannot contain.
    curl: Option<String>,
    /// List of saved connections and URLs below the field.
    suggestions: Suggestions,
    /// Reason that the text is not a URL to connect to.
    pub(crate) problem: Option<String>,
}

impl UrlField {
    /// Shows the feed's own URL again.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Returns the command line of curl in the field, if it contains one.
    fn curl_line(&self) -> Option<String> {
        let text = self.curl.as_ref().unwrap_or(&self.text).trim();
        let first = text.split_whitespace().next();
        let is_curl = matches!(first, Some("curl" | "curl.exe"));
        is_curl.then(|| text.to_owned())
    }

    /// Takes a command line of curl from the clipboard, before the field replaces its line ends.
    fn take_pasted_curl(&mut self, ui: &Ui) {
        let is_curl = |event: &egui::Event| match event {
            egui::Event::Paste(text) => text.trim_start().starts_with("curl"),
            _ => false,
        };
        let pasted = ui.input_mut(|input| {
            let at = input.events.iter().position(is_curl)?;
            match input.events.remove(at) {
                egui::Event::Paste(text) => Some(text),
                _ => None,
            }
        });
        if let Some(text) = pasted {
            self.set(
                text.split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
                    .as_str(),
            );
            self.curl = Some(text);
        }
    }

    /// Sets the text as if the user had typed it.
    pub(crate) fn set(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.edited = true;
    }
}

/// Area of the bar, and the data that it needs from its pane.
pub(crate) struct ConnectionBarPlace<'a> {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    /// The pane can be dragged to another place.
    pub(crate) movable: bool,
    pub(crate) now: Moment,
    pub(crate) scene: &'a Scene<'a>,
}

/// Returns the ID of a pane's URL field, so that a shortcut can focus it.
pub(crate) fn url_id(pane: PaneId) -> Id {
    Id::unique(("url", pane))
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

/// Minimum width of a URL field with a button for its list, and the side of that button, in points.
const LEAST_WITH_OPENER: f32 = 150.0;
const OPENER: f32 = 20.0;

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
    response.on_hover_text("Any certificate is accepted: whoever answers may be someone else");
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

/// Connects the pane to the URL in the field, or stores the reason that it is not a URL. In that case the field keeps the
/// focus.
fn connect(
    ui: &Ui,
    pane: PaneId,
    feed: Option<&FeedScene>,
    field: &mut UrlField,
    commands: &mut Vec<Command>,
) {
    if let Some(line) = field.curl_line() {
        commands.push(Command::Saved(SavedCommand::OpenCurl { pane, line }));
        field.reset();
        ui.memory_mut(|memory| memory.surrender_focus(url_id(pane)));
        return;
    }
    match parse_url(&field.text) {
        Ok(url) => {
            // The same URL keeps the feed with its records; another one opens a new feed.
            match feed {
                Some(feed) if feed.source.url() == Some(&url) => {
                    commands.push(Command::Feed(feed.id, FeedCommand::Connect));
                }
                _ => commands.push(Command::Pane(PaneCommand::ConnectTo { pane, url })),
            }
            field.reset();
            ui.memory_mut(|memory| memory.surrender_focus(url_id(pane)));
        }
        Err(problem) => {
            field.problem = Some(problem.to_string());
            let id = url_id(pane);
            ui.memory_mut(|memory| memory.request_focus(id));
            // The next letters replace it, and an arrow key leads to the mistake.
            select_all(ui, id, field.text.chars().count());
        }
    }
}

/// Draws the URL field. Returns true if Enter was pressed in it.
fn url_field(
    ui: &mut Ui,
    rect: Rect,
    (pane, scene): (PaneId, &Scene<'_>),
    feed: Option<&FeedScene>,
    field: &mut UrlField,
    commands: &mut Vec<Command>,
) -> bool {
    let id = url_id(pane);
    let focused = ui.memory(|memory| memory.has_focus(id));
    if let Some(feed) = feed
        && !field.edited
    {
        field.text = shown_url(feed);
    }
    field_ground(ui, rect, focused);
    let palette = Palette::of(ui);
    let (dim, text) = (palette.dim, palette.text);
    let mut inner = rect.shrink2(vec2(9.0, 0.0));
    let opener = (rect.width() >= LEAST_WITH_OPENER).then(|| {
        inner.set_right(rect.right() - OPENER - 6.0);
        let right = pos2(rect.right() - 3.0, rect.center().y);
        Rect::from_min_size(right - vec2(OPENER, OPENER / 2.0), vec2(OPENER, OPENER))
    });
    // Without the focus, a long URL is shortened; with it, all of it can be edited.
    let mut layouter = |ui: &Ui, buffer: &dyn egui::TextBuffer, _width: f32| {
        let shown = buffer.as_str();
        let shown = if focused {
            Cow::Borrowed(shown)
        } else {
            shortened(ui, shown, inner.width())
        };
        ui.painter().layout_job(url_job(&shown, dim, text))
    };
    if focused {
        field.take_pasted_curl(ui);
    }
    let typed = if field.edited {
        field.text.as_str()
    } else {
        ""
    };
    let is_asked = ui.input(|input| input.key_pressed(Key::ArrowDown));
    let offered = (focused && (is_asked || field.suggestions.is_open())).then(|| {
        let shown = feed.map(shown_url).unwrap_or_default();
        OfferedUrls::new(scene, typed, &shown)
    });
    let key = if let Some(offered) = &offered {
        // Without an entry, the list says so.
        let count = offered.shown.len().max(1);
        field.suggestions.keys(ui, &field.text, count)
    } else {
        field.suggestions.close();
        SuggestionKey::None
    };
    // Enter is taken before the field sees it, because egui would take the focus from the field. It stays there if the
    // text is no URL.
    let accepted =
        focused && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Enter));
    let edit = text_field(&mut field.text, id, inner)
        .font(font::mono())
        .hint_text(
            egui::RichText::new("http(s):// for events, ws(s):// for WebSocket").color(palette.dim),
        )
        .layouter(&mut layouter);
    let response = ui.place(inner, edit).accessible_name("URL");
    if response.gained_focus() {
        // A URL in an address bar is replaced more often than corrected, so that all of it is selected.
        select_all(ui, id, field.text.chars().count());
    }
    if response.changed() {
        field.curl = None;
        field.edited = true;
        field.problem = None;
    }
    if focused && ui.input(|input| input.key_pressed(Key::Escape)) {
        field.reset();
        response.surrender_focus();
    }
    // The list comes after the field, which loses the focus by a click outside of it.
    if let Some(offered) = &offered {
        suggest(ui, (id, rect), pane, (offered, key), field, commands);
    }
    if let Some(rect) = opener {
        let opener = Id::unique(("url suggestions", pane));
        let name = "Recent and saved URLs";
        if icon_button(ui, rect, opener, Icon::Unfolded, name).clicked() {
            ui.memory_mut(|memory| memory.request_focus(id));
            field.suggestions.open();
        }
    }
    accepted
}

/// Draws the list of saved connections and URLs below the field, and carries out the choice.
fn suggest(
    ui: &Ui,
    (id, rect): (Id, Rect),
    pane: PaneId,
    (offered, key): (&OfferedUrls, SuggestionKey),
    field: &mut UrlField,
    commands: &mut Vec<Command>,
) {
    let name = "Saved connections and URLs";
    let empty = "No saved connection and no recent URL matches";
    let clicked = field
        .suggestions
        .show(ui, (id, rect), name, &offered.shown, empty);
    let accepted = match key {
        SuggestionKey::Accepted(index) => Some(index),
        SuggestionKey::None => clicked,
    };
    match accepted.and_then(|index| offered.choose(index, pane)) {
        Some(UrlChoice::Run(command)) => {
            commands.push(command);
            field.reset();
            ui.memory_mut(|memory| memory.surrender_focus(id));
        }
        Some(UrlChoice::Complete(url)) => {
            field.suggestions.close();
            field.set(&url);
            cursor_to_end(ui, id, field.text.chars().count());
            ui.memory_mut(|memory| memory.request_focus(id));
        }
        None => {}
    }
}

/// Returns the URL with its secrets masked.
fn shown_url(feed: &FeedScene) -> String {
    feed.source
        .url()
        .map(feedscope_core::url_text::masked)
        .unwrap_or_default()
}

/// Shortens a URL that does not fit into its field.
fn shortened<'a>(ui: &Ui, url: &'a str, width: f32) -> Cow<'a, str> {
    // All characters of this font have the same width.
    let sign = measured(ui, "0", font::mono());
    cut_url(url, (width / sign).floor().max(1.0) as usize)
}

/// Cuts a URL in its middle to this number of characters. The scheme and the host stay if they leave room for the end
/// of the path, because both distinguish feeds.
fn cut_url(url: &str, fitting: usize) -> Cow<'_, str> {
    let signs = url.chars().count();
    if signs <= fitting {
        return Cow::Borrowed(url);
    }
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let path = url[after_scheme..].find('/');
    let head = path.map_or(signs, |at| url[..=after_scheme + at].chars().count());
    // One character is the ellipsis.
    let room = fitting.saturating_sub(1);
    let head = if head <= room * 2 / 3 { head } else { room / 2 };
    let mut cut: String = url.chars().take(head).collect();
    cut.push('…');
    cut.extend(url.chars().skip(signs - (room - head)));
    Cow::Owned(cut)
}

/// Lays out a URL with a dim scheme and host, so that the path stands out.
fn url_job(text: &str, dim: Color32, bright: Color32) -> LayoutJob {
    let after_scheme = text.find("://").map_or(0, |at| at + 3);
    let path = text[after_scheme..]
        .find('/')
        .map_or(text.len(), |at| after_scheme + at);
    // A text without a scheme is still being typed and stays bright.
    let split = if after_scheme == 0 { 0 } else { path };
    let mut job = LayoutJob::default();
    job.wrap.max_rows = 1;
    job.wrap.max_width = f32::INFINITY;
    job.append(&text[..split], 0.0, TextFormat::simple(font::mono(), dim));
    job.append(
        &text[split..],
        0.0,
        TextFormat::simple(font::mono(), bright),
    );
    job
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_url_is_cut_between_its_host_and_its_end() {
        let url = "http://127.0.0.1:9101/anthropic/search?rate=15";
        for (fitting, expected) in [
            (46, url),
            (40, "http://127.0.0.1:9101/…ic/search?rate=15"),
            (34, "http://127.0.0.1:9101/…rch?rate=15"),
            (20, "http://12…ch?rate=15"),
            (1, "…"),
        ] {
            let cut = cut_url(url, fitting);
            assert_eq!(cut, expected, "{fitting}");
            assert!(cut.chars().count() <= fitting);
        }
        assert_eq!(cut_url("wss://größe.example", 9), "wss:…mple");
    }
}
