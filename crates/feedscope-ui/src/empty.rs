//! Pane without a feed: instructions, examples that work, and recent URLs.

use egui::{Id, Rect, RichText, ScrollArea, Ui, UiBuilder, vec2};

use crate::command::{Command, PaneCommand};
use crate::connection_bar::{UrlField, url_id};
use crate::focus_ring::reveal_focus;
use crate::ids::PaneId;
use crate::scene::Scene;
use crate::theme::{Palette, font};
use crate::words;

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
        urls(ui, pane, "Recent", scene.recent, field, commands);
        reveal_focus(ui);
    });
}

/// Draws a list of URLs under a title. A click connects the pane.
fn urls(
    ui: &mut Ui,
    pane: PaneId,
    title: &str,
    urls: &[String],
    field: &mut UrlField,
    commands: &mut Vec<Command>,
) {
    if urls.is_empty() {
        return;
    }
    let palette = Palette::of(ui);
    ui.add_space(12.0);
    ui.label(
        egui::RichText::new(title)
            .font(font::label())
            .color(palette.dim),
    );
    // Few examples are enough; of the recent URLs, more are useful.
    for url in urls.iter().take(if title == "Recent" { 8 } else { 3 }) {
        let text = egui::RichText::new(url)
            .font(font::mono())
            .color(palette.incoming);
        let link = ui
            .push_id(Id::unique((title, url, pane)), |ui| {
                ui.add(egui::Link::new(text))
            })
            .inner;
        if !link.clicked() {
            continue;
        }
        // A recent URL with masked secrets must be completed by the user, so that it goes into the field.
        if let Ok(parsed) = feedscope_core::url_text::parse_url(url)
            && !url.contains("***")
        {
            commands.push(Command::Pane(PaneCommand::ConnectTo { pane, url: parsed }));
        } else {
            field.set(url);
            ui.memory_mut(|memory| memory.request_focus(url_id(pane)));
        }
    }
}
