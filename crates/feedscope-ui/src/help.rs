//! Help sheet: an introduction to the two protocols, and the keys.

use egui::{Id, Key, RichText, ScrollArea, Ui};

use crate::theme::{Palette, font};
use crate::widgets::sheet;
use crate::words;

/// Request of the user who reads the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Keep the sheet open.
    Stay,
    /// Close the sheet.
    Close,
    /// Show the demo's tour.
    Tour,
}

/// Draws the sheet. `has_demo` adds a button for the demo's tour.
pub(crate) fn show(ui: &Ui, has_demo: bool) -> Wish {
    let palette = Palette::of(ui);
    let modal = sheet(ui, Id::unique("help sheet")).show(ui.ctx(), |ui| {
        ui.set_width(490.0_f32.min(ui.ctx().content_rect().width() - 60.0));
        ui.label(RichText::new("Feedscope").font(font::strong(16.0)));
        ui.label(RichText::new("An oscilloscope for live feeds. Server-Sent Events are a solo performance: the server plays, you listen. A WebSocket is a jam session: both play.").color(palette.dim));
        ui.add_space(4.0);
        // The list of keys scrolls, so that the buttons below it stay in a low window.
        let height = (ui.ctx().content_rect().height() - 220.0).max(120.0);
        ScrollArea::vertical().max_height(height).show(ui, |ui| {
            egui::Grid::new("keys").num_columns(2).spacing([20.0, 5.0]).show(ui, |ui| {
                for (keys, what) in words::KEYS {
                    ui.label(RichText::new(keys).font(font::mono()).color(palette.text));
                    ui.label(RichText::new(what).color(palette.dim));
                    ui.end_row();
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
        Wish::Tour
    } else if close || modal.should_close() || escape {
        Wish::Close
    } else {
        Wish::Stay
    }
}
