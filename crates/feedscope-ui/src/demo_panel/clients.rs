//! Page of the demo panel with the clients of the demo server, one in each line.

use egui::accesskit::Role;
use egui::{Id, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, vec2};

use super::place::{DemoPagePlace, paragraph};
use crate::demo_scene::ClientScene;
use crate::theme::{Palette, font};
use crate::widgets::{cut, paint_left, take_top};
use crate::words;

/// Left edges of the columns, as fractions of the width.
const COLUMNS: [f32; 5] = [0.0, 0.27, 0.54, 0.70, 0.86];
/// Height of a line in points.
const LINE: f32 = 20.0;

/// Draws the page.
pub(super) fn show(ui: &mut Ui, place: &DemoPagePlace<'_>) {
    let mut area = place.rect;
    let palette = Palette::of(ui);
    if place.demo.clients.is_empty() {
        paragraph(ui, area.shrink(6.0), words::NO_CLIENTS, palette.dim);
        return;
    }
    let width = area.width().min(900.0);
    let heads = ["address", "feed", "since", "sent", "waiting"].map(str::to_owned);
    line(ui, take_top(&mut area, LINE), width, &heads, true);
    let mut child = ui.new_child(UiBuilder::new().max_rect(area).id_salt("clients"));
    let lines = place.demo.clients.len();
    ScrollArea::vertical()
        .id_salt("clients scroll")
        .auto_shrink(false)
        .show_rows(&mut child, LINE, lines, |ui, range| {
            for client in &place.demo.clients[range] {
                let size = vec2(ui.available_width(), LINE - ui.spacing().item_spacing.y);
                let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
                let cells = cells(client, place);
                let id = Id::unique(("client", &client.address));
                let told = format!(
                    "Client {}: {}, since {}, {} sent, {} waiting",
                    cells[0], cells[1], cells[2], cells[3], cells[4]
                );
                ui.interact(rect, id, Sense::hover())
                    .widget_info(|| WidgetInfo::labeled(Role::Label, true, &told));
                line(ui, rect, width, &cells, false);
            }
        });
}

/// Returns the texts of a client's line.
fn cells(client: &ClientScene, place: &DemoPagePlace<'_>) -> [String; 5] {
    [
        client.address.clone(),
        client.feed.clone(),
        // Hours, minutes and seconds are enough here.
        words::time_in_seconds(client.since, place.zone),
        words::bytes(client.sent),
        words::bytes(client.waiting),
    ]
}

/// Draws a line of the table.
fn line(ui: &Ui, rect: egui::Rect, width: f32, cells: &[String; 5], is_head: bool) {
    let palette = Palette::of(ui);
    for (i, cell) in cells.iter().enumerate() {
        let left = rect.left() + COLUMNS[i] * width;
        let right = rect.left() + COLUMNS.get(i + 1).copied().unwrap_or(1.0) * width - 8.0;
        let (font, color) = if is_head {
            (font::label(), palette.dim)
        } else {
            (font::mono(), palette.text)
        };
        let galley = cut(ui, cell, font, color, right - left);
        paint_left(ui, left, rect.center().y, galley);
    }
}
