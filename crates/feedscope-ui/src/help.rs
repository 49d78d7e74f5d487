//! Help sheet: an introduction to the two protocols, and the keys.

use egui::{Id, Key, KeyboardShortcut, RichText, ScrollArea, Ui};

use crate::shortcuts::{Group, KeyMap, LIST, joined};
use crate::theme::{Palette, font};
use crate::widgets::sheet_scroll::Content;
use crate::widgets::{sheet, sheet_scroll};

/// Request of the user who reads the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HelpRequest {
    /// Keep the sheet open.
    Stay,
    /// Close the sheet.
    Close,
    /// Show the demo's tour.
    Tour,
}

/// Draws the sheet. `has_demo` adds a button for the demo's tour.
pub(crate) fn show(ui: &Ui, has_demo: bool) -> HelpRequest {
    let palette = Palette::of(ui);
    let modal = sheet(ui, Id::unique("help sheet"), "Help and keys").show(ui.ctx(), |ui| {
        ui.set_width(560.0_f32.min(ui.ctx().content_rect().width() - 60.0));
        ui.label(RichText::new("Feedscope").font(font::title()));
        ui.label(RichText::new("An oscilloscope for live feeds. With Server-Sent Events (SSE), the server sends and you listen: a solo performance. With a WebSocket, both sides send: a jam session.").color(palette.dim));
        ui.add_space(4.0);
        // The list of keys scrolls, so that the buttons below it stay in a low window.
        let height = (ui.ctx().content_rect().height() - 220.0).max(120.0);
        let area = ScrollArea::vertical().max_height(height);
        sheet_scroll::show(ui, area, Content::Text, |ui| {
            egui::Grid::new("keys").num_columns(2).spacing([20.0, 5.0]).show(ui, |ui| {
                for group in Group::ALL {
                    ui.label(RichText::new(group.name()).font(font::heading()));
                    ui.end_row();
                    for (keys, effect) in keys_of(ui, group) {
                        ui.label(RichText::new(keys).font(font::mono()).color(palette.text));
                        ui.label(RichText::new(capitalized(effect)).color(palette.dim));
                        ui.end_row();
                    }
                }
            });
        });
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            let close = ui.button("Close").clicked();
            let tour = has_demo && ui.button("Show the demo's tour").clicked();
            (close, tour)
        })
        .inner
    });
    let escape = ui.input(|input| input.key_pressed(Key::Escape));
    let (close, tour) = modal.inner;
    if tour {
        HelpRequest::Tour
    } else if close || modal.should_close() || escape {
        HelpRequest::Close
    } else {
        HelpRequest::Stay
    }
}

/// Returns the keys of a group with their effects. Commands with the same effect in the list share a line.
fn keys_of(ui: &Ui, group: Group) -> Vec<(String, &'static str)> {
    let map = KeyMap::of(ui);
    let mut lines: Vec<(Vec<KeyboardShortcut>, &str)> = Vec::new();
    for (at, listed) in LIST.iter().enumerate() {
        let keys = map.keys_at(at);
        if listed.group != group || keys.is_empty() {
            continue;
        }
        // A command without a usual key may have got one from the settings.
        let effect = if listed.help.is_empty() {
            listed.name
        } else {
            listed.help
        };
        // Only neighbors are compared, so that the order of the list decides.
        match lines.last_mut() {
            Some((shared, same)) if *same == effect => shared.extend_from_slice(keys),
            _ => lines.push((keys.to_vec(), effect)),
        }
    }
    let written = lines
        .into_iter()
        .map(|(keys, effect)| (joined(&keys), effect));
    let fixed = group.fixed_keys().iter();
    let fixed = fixed.map(|(keys, effect)| ((*keys).to_owned(), *effect));
    written.chain(fixed).collect()
}

/// Returns a text with a capital letter at its beginning.
fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
