//! The help sheet: what the two protocols are, and the keys.

use egui::{Id, Key, Modal, RichText, ScrollArea, Ui};

use super::theme::{Palette, font};
use super::words;

/// Draws the sheet; returns whether it stays open.
pub(crate) fn show(ui: &Ui) -> bool {
    let palette = Palette::of(ui);
    let modal = Modal::new(Id::unique("help sheet")).show(ui.ctx(), |ui| {
        ui.set_width(460.0_f32.min(ui.ctx().content_rect().width() - 60.0));
        ui.label(RichText::new("Feedscope").font(font::strong(16.0)));
        ui.label(RichText::new("An oscilloscope for live feeds. Server-Sent Events are a solo performance: the server plays, you listen. A WebSocket is a jam session: both play.").color(palette.dim));
        ui.add_space(4.0);
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
        ui.button("Close").clicked()
    });
    let escape = ui.input(|input| input.key_pressed(Key::Escape));
    !(modal.inner || modal.should_close() || escape)
}
