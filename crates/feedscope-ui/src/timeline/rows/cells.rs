//! Texts of the columns of a row.

use std::ops::RangeInclusive;

use egui::{Color32, FontId, Id, Rect, Sense, Ui, pos2, vec2};
use feedscope_analysis::filter::ColumnValue;
use feedscope_analysis::listing::ItemId;
use feedscope_core::KindTag;
use feedscope_core::store::RowText;

use crate::columns::Column;
use crate::field_columns;
use crate::theme::{Palette, font, size};
use crate::timeline::TimelinePlace;
use crate::timeline::columns::{self, RowColumns};
use crate::timeline::marks::Marks;
use crate::timeline::texts::{self, Paint, TextSide};
use crate::widgets::glyph_run::GlyphRuns;
use crate::widgets::{cut, cut_middle, one_line, paint_left, paint_right};

/// Draws the text of a column that is visible.
pub(super) fn column_text(
    ui: &Ui,
    runs: &mut GlyphRuns,
    columns: &RowColumns,
    (column, y): (Column, f32),
    text: &str,
    paint: Paint,
) {
    let Some(cell) = columns.cell(column) else {
        return;
    };
    // The beginning and the end of a name distinguish it from others.
    let text = cut_middle(text, columns.fitting(cell));
    let at = if columns::is_number(column) {
        (TextSide::Right, cell.right(), y)
    } else {
        (TextSide::Left, cell.left, y)
    };
    texts::mono(ui, runs, at, &text, paint, cell.width);
}

/// Draws the columns of fields.
pub(super) fn field_cells(
    ui: &Ui,
    runs: &mut GlyphRuns,
    columns: &RowColumns,
    values: &[ColumnValue],
    y: f32,
) {
    let paint = Paint {
        color: Palette::of(ui).text,
        ground: None,
    };
    for (place, cell) in &columns.fields {
        let value = values.get(*place).unwrap_or(&ColumnValue::Missing);
        let text = cut_middle(field_columns::text(value), columns.fitting(*cell));
        // Numbers are at the right, so that their digits are below each other.
        let at = if value.is_number() {
            (TextSide::Right, cell.right(), y)
        } else {
            (TextSide::Left, cell.left, y)
        };
        texts::mono(ui, runs, at, &text, paint, cell.width);
    }
}

/// Draws the mark of a beginning that is left out. The beginning is in its tooltip.
pub(super) fn fold_mark(
    ui: &Ui,
    left: f32,
    y: f32,
    color: Color32,
    (place, item): (&TimelinePlace<'_>, ItemId),
    folded: &str,
) {
    let galley = cut(ui, "…", font::mono(), color, f32::INFINITY);
    let area = Rect::from_min_size(pos2(left, y - size::ROW / 2.0), vec2(10.0, size::ROW));
    paint_left(ui, left, y, galley);
    let id = Id::unique(("folded", place.pane, place.list, item));
    let response = ui.interact(area.intersect(place.rows), id, Sense::hover());
    response.on_hover_text(folded);
}

/// Draws the last column: a sentence, or the payload as it was received, from byte `start` on.
pub(super) fn payload(
    ui: &Ui,
    runs: &mut GlyphRuns,
    (room, y): (RangeInclusive<f32>, f32),
    (line, start): (&RowText, usize),
    sentence: Option<&str>,
    marks: &Marks<'_>,
    dim: Color32,
) {
    let palette = Palette::of(ui);
    let (text, font_id, color) = match sentence {
        Some(sentence) => (sentence, font::label(), dim),
        None if line.tag == KindTag::Comment => (line.preview.as_str(), font::mono(), dim),
        None => (&line.preview[start..], font::mono(), palette.text),
    };
    row_text(ui, runs, (room, y), line, (text, font_id, color), marks);
}

/// Draws a text in the last column, beside the reason of a message that was not sent.
pub(super) fn row_text(
    ui: &Ui,
    runs: &mut GlyphRuns,
    (room, y): (RangeInclusive<f32>, f32),
    line: &RowText,
    (text, font_id, color): (&str, FontId, Color32),
    marks: &Marks<'_>,
) {
    let palette = Palette::of(ui);
    let (left, right) = room.into_inner();
    let mut width = right - left;
    if let Some(failed) = &line.failed {
        // The reason takes at most half of the width; the payload gets the rest.
        let reason = cut(
            ui,
            &format!("not sent: {failed}"),
            font::label(),
            palette.fail,
            width / 2.0,
        );
        width -= reason.size().x + 10.0;
        paint_right(ui, right, y, reason);
    }
    if font_id == font::mono() {
        let at = (left, y);
        return texts::payload(ui, runs, at, (line, text, color), marks, width);
    }
    let mut job = marks.job(ui, line, text, &font_id, color);
    job.wrap = one_line(width);
    paint_left(ui, left, y, ui.painter().layout_job(job));
}
