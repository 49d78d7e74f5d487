//! Marks, colors and findings of the rows, as they are drawn in a row, and the time under the pointer.

use egui::accesskit::Role;
use egui::{Id, Rect, Response, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2};
use feedscope_analysis::listing::ListedLine;
use feedscope_core::store::RowText;

use super::TimelinePlace;
use super::columns::RowColumns;
use crate::annotations::NoteKind;
use crate::theme::{Palette, font};
use crate::time_cursor;
use crate::widgets::{cut, paint_right};

/// Width of the payload below which a note has no room.
const LEAST_TEXT: f32 = 160.0;

/// Share of a color in the background of a row that a filter gives it.
const GROUND: f32 = 0.07;

/// Draws the color, the mark and the note of a row, and shows its time in all panes while the pointer is on it. Returns the width that the note takes from the payload.
pub(super) fn paint(
    ui: &Ui,
    place: &TimelinePlace<'_>,
    columns: &RowColumns,
    response: &Response,
    rect: Rect,
    line: &RowText,
    is_selected: bool,
) -> f32 {
    let palette = Palette::of(ui);
    let row = line.row;
    let has_times = !place.columns.get().lacks_times;
    if response.hovered() && has_times {
        time_cursor::set(ui, line.stamp.utc);
    }
    let notes = &place.notes;
    // Whole records are read only if a filter needs them.
    if !notes.of_view.rules().is_empty()
        && let Some(record) = place.listing.store().record(row)
        && let Some(color) = notes.of_view.color(&record.record())
    {
        let color = palette.series[color];
        if !is_selected {
            ui.painter()
                .rect_filled(rect, 0.0, color.gamma_multiply(GROUND));
        }
        ui.painter()
            .rect_filled(rect.with_max_x(rect.left() + 4.0), 0.0, color);
    }
    let y = rect.center().y;
    if notes.is_marked(row) {
        flag(ui, rect.left() + 4.0, y);
    }
    let Some((kind, text)) = notes.note(row).filter(|_| columns.text_width >= LEAST_TEXT) else {
        return 0.0;
    };
    let color = match kind {
        NoteKind::Mark => palette.flag,
        NoteKind::Finding => palette.wait,
    };
    // The note takes at most half of the width; the payload gets the rest.
    let galley = cut(ui, &text, font::label(), color, columns.text_width / 2.0);
    let width = galley.size().x;
    let right = columns.text + columns.text_width;
    let area = Rect::from_x_y_ranges(right - width..=right, rect.y_range());
    let id = Id::unique(("row note", place.pane, place.list, row.0));
    let response = ui.interact(area.intersect(place.rows), id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
    paint_right(ui, right, y, galley);
    width + 10.0
}

/// Draws a flag.
fn flag(ui: &Ui, left: f32, y: f32) {
    let color = Palette::of(ui).flag;
    let cloth = [(0.0, -5.0), (7.0, -2.0), (0.0, 1.0)].map(|(x, up)| pos2(left + x, y + up));
    ui.painter()
        .add(Shape::convex_polygon(cloth.to_vec(), color, Stroke::NONE));
    let pole = Stroke::new(1.5, color);
    ui.painter().vline(left, y - 5.0..=y + 6.0, pole);
}

/// Returns the row in sight at the time under the pointer, or the last one before it, while the pointer is elsewhere.
pub(super) fn at_cursor(ui: &Ui, place: &TimelinePlace<'_>, lines: &[ListedLine]) -> Option<usize> {
    let cursor = time_cursor::get(ui)?;
    if place.columns.get().lacks_times {
        return None;
    }
    // Under the pointer, the row has another background already.
    if ui.rect_contains_pointer(place.rows) {
        return None;
    }
    let after = lines.iter().position(|line| line.text.stamp.utc > cursor)?;
    after.checked_sub(1)
}

/// Draws the frame of the row at the time under the pointer.
pub(super) fn frame(ui: &Ui, rect: Rect) {
    let stroke = Stroke::new(1.0, Palette::of(ui).dim);
    ui.painter()
        .rect_stroke(rect, 0.0, stroke, StrokeKind::Inside);
}
