//! Pane without a feed: instructions, examples that work, saved connections and recent URLs.

use egui::{Id, Rect, Response, RichText, ScrollArea, Ui, UiBuilder, vec2};

use crate::command::{Command, PaneCommand, SavedCommand};
use crate::connection_bar::{UrlField, url_id};
use crate::focus_ring::reveal_focus;
use crate::ids::PaneId;
use crate::scene::Scene;
use crate::theme::{Palette, font};
use crate::words;

/// Maximum number of saved connections and of recent URLs. The field of the URL offers all of them.
const MOST_LISTED: usize = 8;

/// Draws the content of the pane.
pub(crate) fn show(
    ui: &mut Ui,
    pane: PaneId,
    rect: Rect,
    scene: &Scene<'_>,
    field: &mut UrlField,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let inner = rect.shrink2(vec2((rect.width() * 0.1).min(48.0), 24.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt(("empty", pane)));
    ScrollArea::vertical().id_salt(("empty scroll", pane)).show(&mut child, |ui| {
        ui.label(egui::RichText::new("Connect to a feed").font(font::title()).color(palette.text));
        ui.label(egui::RichText::new("Type or paste a URL above and press Enter. http and https read Server-Sent Events, ws and wss open a WebSocket.").color(palette.dim));
        ui.label(RichText::new(words::OPEN_BY_KEY).color(palette.dim));
        urls(ui, pane, "Examples", scene.examples, field, commands);
        saved(ui, pane, scene, commands);
        urls(ui, pane, "Recent", scene.recent, field, commands);
        reveal_focus(ui);
    });
}

/// Draws the list of saved connections. A click opens one in the pane.
fn saved(ui: &mut Ui, pane: PaneId, scene: &Scene<'_>, commands: &mut Vec<Command>) {
    let connections = &scene.saved.connections;
    if connections.is_empty() {
        return;
    }
    title(ui, "Saved");
    for connection in connections.iter().take(MOST_LISTED) {
        let name = &connection.form.name;
        let opened = link(ui, ("Saved", name, pane), name);
        if opened.on_hover_text(&connection.shown_url).clicked() {
            commands.push(Command::Saved(SavedCommand::Open {
                name: name.clone(),
                pane: Some(pane),
                values: Vec::new(),
                is_allowed: false,
            }));
        }
    }
}

/// Draws the title of a list.
fn title(ui: &mut Ui, title: &str) {
    ui.add_space(12.0);
    let text = RichText::new(title).font(font::label());
    ui.label(text.color(Palette::of(ui).dim));
}

/// Draws an entry of a list.
fn link(ui: &mut Ui, id: (&str, &str, PaneId), text: &str) -> Response {
    let text = RichText::new(text).font(font::mono());
    let text = text.color(Palette::of(ui).incoming);
    ui.push_id(Id::unique(id), |ui| ui.add(egui::Link::new(text)))
        .inner
}

/// Draws a list of URLs under a title. A click connects the pane.
fn urls(
    ui: &mut Ui,
    pane: PaneId,
    name: &str,
    urls: &[String],
    field: &mut UrlField,
    commands: &mut Vec<Command>,
) {
    if urls.is_empty() {
        return;
    }
    title(ui, name);
    // Few examples are enough; of the recent URLs, more are useful.
    let most = if name == "Recent" { MOST_LISTED } else { 3 };
    for url in urls.iter().take(most) {
        if !link(ui, (name, url, pane), url).clicked() {
            continue;
        }
        // A recent URL with masked secrets must be completed by the user, so that it goes into the field.
        if let Some(url) = feedscope_core::url_text::complete_url(url) {
            commands.push(Command::Pane(PaneCommand::ConnectTo { pane, url }));
        } else {
            field.set(url);
            ui.memory_mut(|memory| memory.request_focus(url_id(pane)));
        }
    }
}
