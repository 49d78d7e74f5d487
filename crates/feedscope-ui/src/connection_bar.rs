//! The connection bar: the state in shape, color and word, the URL, and what can be done about the connection.

use std::borrow::Cow;

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Id, Key, Rect, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2};
use feedscope_core::feed::FeedCommand;
use feedscope_core::url_text::parse_url;
use feedscope_core::{ConnectionState, Moment};

use super::theme::{Palette, font, size};
use super::widgets::icon::{self, Icon};
use super::widgets::{
    ICON_BUTTON, Look, Strip, button, button_width, cut, field_ground, icon_button, measured,
    paint_left, select_all,
};
use super::{Command, FeedScene, PaneId, words};

/// What is typed into a pane's URL field.
#[derive(Default)]
pub(crate) struct UrlField {
    /// The text as typed; follows the feed's URL while nobody edits it.
    text: String,
    edited: bool,
    /// Why the text is no URL that can be connected to.
    pub(crate) problem: Option<String>,
}

impl UrlField {
    /// The text shows the feed's own URL again.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Puts another text in, as if it had been typed.
    pub(crate) fn set(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.edited = true;
    }
}

/// What the bar needs to know of its surroundings.
pub(crate) struct Place {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    pub(crate) now: Moment,
}

/// The id of a pane's URL field, so that a shortcut can focus it.
pub(crate) fn url_id(pane: PaneId) -> Id {
    Id::unique(("url", pane))
}

/// What was drawn, as far as others have to know.
pub(crate) struct Drawn {
    /// The button that opens the pane's menu.
    pub(crate) menu: egui::Response,
    /// What had no room as a button, and has to stand in the menu.
    pub(crate) folded: Vec<(&'static str, FeedCommand)>,
}

/// The URL field is not squeezed below this by a state's words or by secondary buttons, in points.
const LEAST_URL: f32 = 90.0;

/// The pill with the state's shape alone.
const LEAST_PILL: f32 = 26.0;

/// Draws the bar.
pub(crate) fn show(
    ui: &mut Ui,
    place: &Place,
    feed: Option<&FeedScene>,
    field: &mut UrlField,
    commands: &mut Vec<Command>,
) -> Drawn {
    let mut strip = Strip::new(place.rect, size::PADDING, 8.0);
    let menu = icon_button(
        ui,
        strip.right(ICON_BUTTON.x, ICON_BUTTON.y),
        Id::unique(("menu", place.pane)),
        Icon::Dots,
        "More",
    );
    let mut offers = offers(feed, field);
    let width = |offers: &[Offer]| -> f32 {
        let widths = offers
            .iter()
            .map(|offer| button_width(ui, offer.name, offer.look) + 8.0);
        widths.sum()
    };
    let mut folded = Vec::new();
    if feed.is_none() && strip.room() - width(&offers) < LEAST_URL {
        // Without a feed the field is what matters, and Enter does the same.
        offers.clear();
    }
    // The most wanted stands first, and stays.
    while offers.len() > 1 && strip.room() - width(&offers) < LEAST_PILL + 8.0 + LEAST_URL {
        if let Some(Offer {
            name,
            command: Some(command),
            ..
        }) = offers.pop()
        {
            folded.push((name, command));
        }
    }
    if let Some(feed) = feed {
        let insecure = if feed.spec.insecure {
            insecure_width(ui) + 8.0
        } else {
            0.0
        };
        let room = strip.room() - width(&offers) - insecure - LEAST_URL - 8.0;
        state_pill(ui, &mut strip, place, feed, room);
        if feed.spec.insecure {
            insecure_mark(ui, &mut strip, place.pane);
        }
    }
    for offer in offers.iter().rev() {
        let rect = strip.right(button_width(ui, offer.name, offer.look), size::BUTTON);
        let id = Id::unique((offer.name, place.pane));
        if !button(ui, rect, id, offer.name, offer.look).clicked() {
            continue;
        }
        match (&offer.command, feed) {
            (Some(command), Some(feed)) => commands.push(Command::Feed(feed.id, command.clone())),
            _ => connect(place.pane, feed, field, commands),
        }
    }
    if strip.room() > LEAST_PILL && url_field(ui, strip.rest(size::BUTTON), place.pane, feed, field)
    {
        connect(place.pane, feed, field, commands);
    }
    Drawn { menu, folded }
}

fn state_pill(ui: &Ui, strip: &mut Strip, place: &Place, feed: &FeedScene, room: f32) {
    let palette = Palette::of(ui);
    let status = &feed.status;
    let color = palette.state(status.state);
    // The width follows the widest digits, so that a countdown does not push the URL field to and fro.
    let width = |text: &str| {
        let steady = |sign: char| if sign.is_ascii_digit() { '0' } else { sign };
        let steady: String = text.chars().map(steady).collect();
        (measured(ui, &steady, font::strong(12.0)) + 32.0).ceil()
    };
    // The longest that has room; the shape alone where none has.
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
        .rect_filled(rect, 12.0, color.gamma_multiply(0.14));
    let turn = place.now.as_nanos() as f64 / 1.2e9;
    icon::paint(
        ui.painter(),
        Icon::of_state(status.state, turn.fract() as f32),
        pos2(rect.left() + 13.0, rect.center().y),
        color,
    );
    let galley = cut(ui, &text, font::strong(12.0), color, rect.width() - 24.0);
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

/// What the mark of an insecure feed says.
const INSECURE: &str = "not verified";

fn insecure_width(ui: &Ui) -> f32 {
    (measured(ui, INSECURE, font::strong(12.0)) + 18.0).ceil()
}

/// Nobody shall forget that they switched this off.
fn insecure_mark(ui: &Ui, strip: &mut Strip, pane: PaneId) {
    let palette = Palette::of(ui);
    let rect = strip.left(insecure_width(ui), 24.0);
    ui.painter().rect_filled(rect, 12.0, palette.fail);
    let galley = cut(
        ui,
        INSECURE,
        font::strong(12.0),
        palette.panel,
        rect.width(),
    );
    paint_left(ui, rect.left() + 9.0, rect.center().y, galley);
    let response = ui.interact(rect, Id::unique(("insecure", pane)), Sense::hover());
    response
        .widget_info(|| WidgetInfo::labeled(Role::Alert, true, "Certificates are not verified"));
    response.on_hover_text("Any certificate is accepted: whoever answers may be someone else");
}

/// A button of the bar.
struct Offer {
    name: &'static str,
    look: Look,
    /// What it asks of the feed; `None` connects to what stands in the field.
    command: Option<FeedCommand>,
}

/// The buttons that fit the state, the most wanted first.
fn offers(feed: Option<&FeedScene>, field: &UrlField) -> Vec<Offer> {
    let offer = |name, look, command| Offer {
        name,
        look,
        command,
    };
    let Some(feed) = feed.filter(|_| !field.edited) else {
        return vec![offer("Connect", Look::Primary, None)];
    };
    let (plain, primary) = (Look::Plain, Look::Primary);
    match feed.status.state {
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

/// Takes what stands in the field as the pane's URL, or says why it cannot.
fn connect(
    pane: PaneId,
    feed: Option<&FeedScene>,
    field: &mut UrlField,
    commands: &mut Vec<Command>,
) {
    match parse_url(&field.text) {
        Ok(url) => {
            match feed {
                Some(feed) if feed.spec.url == url => {
                    commands.push(Command::Feed(feed.id, FeedCommand::Connect));
                }
                _ => commands.push(Command::ConnectTo { pane, url }),
            }
            field.reset();
        }
        Err(problem) => field.problem = Some(problem.to_string()),
    }
}

/// The field; returns whether Enter was pressed in it.
fn url_field(
    ui: &mut Ui,
    rect: Rect,
    pane: PaneId,
    feed: Option<&FeedScene>,
    field: &mut UrlField,
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
    let inner = rect.shrink2(vec2(9.0, 0.0));
    let mut layouter = |ui: &Ui, buffer: &dyn egui::TextBuffer, _width: f32| {
        let shown = buffer.as_str();
        let shown = if focused {
            Cow::Borrowed(shown)
        } else {
            shortened(ui, shown, inner.width())
        };
        ui.painter().layout_job(url_job(&shown, dim, text))
    };
    let edit = TextEdit::singleline(&mut field.text)
        .id(id)
        .frame(egui::Frame::NONE)
        .font(font::mono())
        .hint_text(
            egui::RichText::new("http(s):// for events, ws(s):// for WebSocket")
                .color(palette.faint),
        )
        .layouter(&mut layouter)
        .desired_width(inner.width())
        .align(egui::Align2::LEFT_CENTER)
        .min_size(inner.size());
    let response = ui.place(inner, edit).accessible_name("URL");
    if response.gained_focus() {
        // A URL in an address bar is replaced more often than it is mended.
        select_all(ui, id, field.text.chars().count());
    }
    if response.changed() {
        field.edited = true;
        field.problem = None;
    }
    let accepted = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape)) {
        field.reset();
    }
    accepted
}

/// The URL as it is shown: what is secret in it is not.
fn shown_url(feed: &FeedScene) -> String {
    feedscope_core::url_text::masked(&feed.spec.url)
}

/// A URL too long for its field loses its beginning: the path tells feeds apart.
fn shortened<'a>(ui: &Ui, url: &'a str, width: f32) -> Cow<'a, str> {
    let sign = measured(ui, "0", font::mono());
    let fitting = (width / sign).floor().max(1.0) as usize;
    let signs = url.chars().count();
    if signs <= fitting {
        return Cow::Borrowed(url);
    }
    Cow::Owned(
        std::iter::once('…')
            .chain(url.chars().skip(signs - fitting + 1))
            .collect(),
    )
}

/// Scheme and host dim, so that the path stands out.
fn url_job(text: &str, dim: Color32, bright: Color32) -> LayoutJob {
    let after_scheme = text.find("://").map_or(0, |at| at + 3);
    let path = text[after_scheme..]
        .find('/')
        .map_or(text.len(), |at| after_scheme + at);
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
