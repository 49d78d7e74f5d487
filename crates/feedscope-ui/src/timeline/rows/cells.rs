//! Texts of the columns of a row.

use std::ops::{Range, RangeInclusive};

use egui::{Color32, FontId, Id, Rect, Sense, Ui};
use feedscope_analysis::filter::ColumnValue;
use feedscope_analysis::listing::ItemId;
use feedscope_core::KindTag;
use feedscope_core::store::RowText;

use crate::columns::Column;
use crate::field_columns;
use crate::theme::{Palette, font};
use crate::timeline::TimelinePlace;
use crate::timeline::columns::{self, RowColumns};
use crate::timeline::marks::Marks;
use crate::timeline::texts::{self, Paint, TextSide};
use crate::widgets::glyph_run::GlyphRuns;
use crate::widgets::{cut, cut_middle, one_line, paint_left, paint_right, shortened_sentence};

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

/// Draws the parts of a text that are shown, with a mark in place of each part that is left out. Returns the right edge
/// of the first mark.
pub(super) fn folded_payload(
    ui: &Ui,
    runs: &mut GlyphRuns,
    ((left, right), y): ((f32, f32), f32),
    (line, whole, parts): (&RowText, &str, &[Range<usize>]),
    marks: &Marks<'_>,
    character: f32,
) -> f32 {
    let palette = Palette::of(ui);
    let right = right_of_payload(ui, (left, right), y, line);
    let mut x = left;
    let mut end = 0;
    let mut first_mark = None;
    let mut mark = |runs: &mut GlyphRuns, x: &mut f32| {
        let paint = Paint {
            color: palette.faint,
            ground: None,
        };
        texts::mono(ui, runs, (TextSide::Left, *x, y), "…", paint, character);
        *x += character;
        first_mark.get_or_insert(*x);
    };
    for part in parts {
        if x + character > right {
            break;
        }
        if part.start > end {
            mark(runs, &mut x);
        }
        let text = &whole[part.clone()];
        let content = (text, palette.text);
        x += texts::payload(ui, runs, (x, y), content, marks, right - x);
        end = part.end;
    }
    if end < whole.len() && x + character <= right {
        mark(runs, &mut x);
    }
    first_mark.unwrap_or(left)
}

/// Shows the whole payload while the pointer is at the first mark of a row.
pub(super) fn fold_hint(
    ui: &Ui,
    (place, item): (&TimelinePlace<'_>, ItemId),
    area: Rect,
    text: &str,
) {
    /// Number of bytes in a hint.
    const MOST: usize = 600;
    let id = Id::unique(("folded", place.pane, place.list, item));
    let response = ui.interact(area.intersect(place.rows), id, Sense::hover());
    response.on_hover_ui(|ui| {
        let end = text.floor_char_boundary(MOST);
        let more = if end < text.len() { "…" } else { "" };
        ui.label(format!("{}{more}", &text[..end]));
    });
}

/// Draws the last column: a sentence, or the payload as it was received.
pub(super) fn payload(
    ui: &Ui,
    runs: &mut GlyphRuns,
    (room, y): (RangeInclusive<f32>, f32),
    line: &RowText,
    sentence: Option<&str>,
    marks: &Marks<'_>,
    dim: Color32,
) {
    let palette = Palette::of(ui);
    let width = room.end() - room.start();
    let shortened = sentence.and_then(|it| shortened_sentence(ui, it, font::label(), width));
    let sentence = shortened.as_deref().or(sentence);
    let (text, font_id, color) = match sentence {
        Some(sentence) => (sentence, font::label(), dim),
        None if line.tag == KindTag::Comment => (line.preview.as_str(), font::mono(), dim),
        None => (line.preview.as_str(), font::mono(), palette.text),
    };
    // Bytes are shown as hexadecimal, and a match of the bytes is not a match of that text.
    let is_dump = line.tag == KindTag::Binary && sentence.is_none();
    let no_marks = Marks::default();
    let marks = if is_dump { &no_marks } else { marks };
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
    let (left, right) = room.into_inner();
    let width = right_of_payload(ui, (left, right), y, line) - left;
    if font_id == font::mono() {
        let at = (left, y);
        texts::payload(ui, runs, at, (text, color), marks, width);
        return;
    }
    let mut job = marks.job(ui, text, &font_id, color);
    job.wrap = one_line(width);
    paint_left(ui, left, y, ui.painter().layout_job(job));
}

/// Draws the reason of a message that was not sent. Returns the right edge of the payload before it.
fn right_of_payload(ui: &Ui, (left, right): (f32, f32), y: f32, line: &RowText) -> f32 {
    let palette = Palette::of(ui);
    let width = right - left;
    if let Some(failed) = &line.failed {
        // The reason takes at most half of the width; the payload gets the rest.
        let reason = cut(
            ui,
            &format!("not sent: {failed}"),
            font::label(),
            palette.fail,
            width / 2.0,
        );
        let end = right - reason.size().x - 10.0;
        paint_right(ui, right, y, reason);
        return end;
    }
    right
}
