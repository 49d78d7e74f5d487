//! Lines about the selected record as the lens reads it: one for each record within it, with a link to the other end of
//! its pair.

use egui::accesskit::Role;
use egui::{CursorIcon, Id, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::lenses::{LensPass, Read};
use feedscope_analysis::listing::ItemId;
use feedscope_core::store::RowNumber;

use crate::ids::PaneId;
use crate::lens::Partner;
use crate::theme::{Palette, font};
use crate::widgets::{cut, paint_left};
use crate::words;

/// Height of a line in points.
const LINE: f32 = 20.0;

/// Number of records whose lines are shown, beside the number of the others.
const MOST: usize = 4;

/// Draws the lines below `top`. Returns the height that they take, and the item that the user goes to.
pub(super) fn show(
    ui: &Ui,
    pane: PaneId,
    room: Rect,
    pass: &LensPass,
    row: RowNumber,
) -> (f32, Option<ItemId>) {
    let Some(reads) = pass.meanings(&[row]).pop().flatten() else {
        return (0.0, None);
    };
    let mut chosen = None;
    let mut y = room.top();
    let shown = (0..).zip(reads.iter()).take(MOST);
    for (part, read) in shown.filter(|(_, read)| !read.title.is_empty()) {
        // The rest of the inspector is for the payload.
        if y + LINE > room.bottom() {
            break;
        }
        let rect = Rect::from_min_size(pos2(room.left(), y), vec2(room.width(), LINE));
        let item = ItemId { row, part };
        chosen = line(ui, (pane, item), rect, pass, read).or(chosen);
        y += LINE;
    }
    if reads.len() > MOST && y + LINE <= room.bottom() {
        let text = words::further_records(reads.len() - MOST);
        let galley = cut(ui, &text, font::label(), Palette::of(ui).dim, room.width());
        paint_left(ui, room.left(), y + LINE / 2.0, galley);
        y += LINE;
    }
    (y - room.top(), chosen)
}

/// Draws the line of one record. Returns the other end of its pair if it was clicked.
fn line(
    ui: &Ui,
    (pane, item): (PaneId, ItemId),
    rect: Rect,
    pass: &LensPass,
    read: &Read,
) -> Option<ItemId> {
    let palette = Palette::of(ui);
    let partner = Partner::of(pass, item);
    let text = words::meaning_line(read, partner);
    let color = if read.error.is_some() {
        palette.fail
    } else {
        palette.text
    };
    let color = if partner.is_some() {
        palette.incoming
    } else {
        color
    };
    let galley = cut(ui, &text, font::label(), color, rect.width());
    let area = Rect::from_min_size(rect.min, vec2(galley.size().x, LINE));
    let width = galley.size().x;
    paint_left(ui, rect.left(), rect.center().y, galley);
    let id = Id::unique(("meaning", pane, item));
    // Without a partner, there is nothing to click.
    let Some(partner) = partner else {
        let response = ui.interact(area, id, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
        return None;
    };
    let response = ui.interact(area, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, &text));
    if response.hovered() || response.has_focus() {
        let under = rect.center().y + 8.0;
        let stroke = Stroke::new(1.0, palette.incoming);
        ui.painter()
            .hline(rect.left()..=rect.left() + width, under, stroke);
    }
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.clicked().then(|| partner.item())
}
