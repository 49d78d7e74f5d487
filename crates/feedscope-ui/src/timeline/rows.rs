//! Drawing of the rows of a timeline, for each kind of record.

mod cells;
mod describe;
mod drawing;
mod lines;
mod look;
mod queued;

use std::ops::Range;

use egui::{PointerButton, Rect, Sense, Ui, pos2};
use feedscope_analysis::error_report::reports_error;
use feedscope_analysis::filter::ColumnValue;
use feedscope_analysis::listing::ListedLine;
use feedscope_core::store::{Extent, ListingIndex, RowText};
use feedscope_core::{KindTag, Moment};

use super::columns::{self, RowColumns};
use super::meaning::RowMeaning;
use super::notes;
use super::texts::{self, Paint, TextSide};
use super::{TimelinePlace, TimelineView, mouse};
use crate::columns::{Column, TimeForm};
use crate::command::Command;
use crate::scene::FeedScene;
use crate::theme::{Palette, font, size, tint};
use crate::widgets::glyph_run::GlyphRuns;
use crate::widgets::{cut_sentence, icon, paint_left};
use crate::words;
use cells::{column_text, field_cells, fold_hint, folded_payload, payload, row_text};
use describe::describe;
pub(super) use drawing::Drawing;
use drawing::SIGN_CENTER;
pub(super) use lines::TimelineLines;
use lines::{fitting, is_sentence};
use look::{ground, sign};
use queued::queued_row;

/// Draws the rows in sight: the line about missing records, the records, and the queued messages.
pub(super) fn paint(
    ui: &mut Ui,
    drawing: &Drawing<'_>,
    feed: &FeedScene,
    view: &mut TimelineView,
    commands: &mut Vec<Command>,
) {
    let places = drawing.places;
    let first = drawing.top.floor() as u64;
    let fitting = fitting(places);
    if first < places.lead {
        let problem = feed.store.spill_problem();
        lead_row(ui, drawing.rect(ui, 0), &places.extent, problem.as_deref());
    }
    let TimelineLines {
        index,
        listed: lines,
        values,
        ..
    } = drawing.lines;
    let at_cursor = notes::at_cursor(ui, drawing.place, lines);
    view.runs.begin(ui);
    let mut above = moment_above(drawing, *index);
    for (i, line) in lines.iter().enumerate() {
        let rect = drawing.rect(ui, places.lead + index.0 + i as u64);
        if rect.top() >= drawing.place.rows.bottom() {
            break;
        }
        view.painted.push(rect.top(), line.item.id);
        let values = values.get(i).map_or(&[][..], Vec::as_slice);
        let meaning = drawing.lines.meanings.of(i);
        let parts = drawing.lines.parts.get(i).and_then(Option::as_deref);
        let content = (above, values, meaning.as_ref(), parts);
        record_row(ui, drawing, rect, line, content, view);
        if at_cursor == Some(i) {
            notes::frame(ui, rect);
        }
        above = Some(line.text.stamp.moment);
    }
    view.runs.paint(ui);
    // Queued messages are below the last row, and only those in sight are drawn.
    let below = places.lead + places.rows;
    let waiting = feed.source.status().into_iter();
    let waiting = waiting.flat_map(|status| status.queue.iter());
    for (i, queued) in (0..places.queued).zip(waiting) {
        if below + i + 1 > first && below + i < first + fitting {
            queued_row(
                ui,
                drawing,
                drawing.rect(ui, below + i),
                feed,
                queued,
                commands,
            );
        }
    }
}

/// Returns the time of the record above the one at `index`, or `None` if there is none or the column does not show it.
fn moment_above(drawing: &Drawing<'_>, index: ListingIndex) -> Option<Moment> {
    let asked = drawing.place.columns.get().choice.time_form == TimeForm::SinceAbove;
    let above = index.checked_sub(1).filter(|_| asked)?;
    let places = drawing.places;
    let lines = places.listing.lines(above, places.end, 1, 0);
    lines.first().map(|line| line.text.stamp.moment)
}

/// Draws the line about records that were let go.
fn lead_row(ui: &Ui, rect: Rect, extent: &Extent, problem: Option<&str>) {
    let palette = Palette::of(ui);
    ui.painter()
        .rect_filled(rect, 0.0, palette.wait.gamma_multiply(tint::ROW));
    let text = words::let_go(extent, problem);
    paint_left(
        ui,
        rect.left() + size::PADDING,
        rect.center().y,
        cut_sentence(ui, &text, font::label(), palette.dim, rect.width() - 40.0),
    );
}

/// Time of the record above, values of the fields, meaning, and shown parts of the payload.
type RowContent<'a> = (
    Option<Moment>,
    &'a [ColumnValue],
    Option<&'a RowMeaning<'a>>,
    Option<&'a [Range<usize>]>,
);

/// Draws the row of a record and handles its input.
fn record_row(
    ui: &Ui,
    drawing: &Drawing<'_>,
    rect: Rect,
    listed: &ListedLine,
    (above, values, meaning, parts): RowContent<'_>,
    view: &mut TimelineView,
) {
    let palette = Palette::of(ui);
    let Drawing { place, .. } = drawing;
    let columns = &*drawing.columns_in(rect);
    let (item, line) = (listed.item.id, &listed.text);
    let visible = rect.intersect(place.rows);
    // The row is not focusable: the list has the focus for all rows, and arrow keys move over them.
    let response = ui.interact(
        // The right edge is left to the scroll handle.
        visible.with_max_x(visible.right() - mouse::HANDLE),
        mouse::row_id(place.pane, place.list, item),
        Sense::CLICK,
    );
    let time = time_of_day(place, line);
    let sentence = words::row_sentence(line);
    let selected = view.selection.contains(item);
    describe(
        &response,
        drawing.places,
        (listed, values, meaning),
        sentence.as_deref(),
        &time,
        selected,
    );
    // The mouse is handled before the rows are drawn. This is a click by a screen reader.
    if response.clicked() && !response.clicked_by(PointerButton::Primary) {
        let other = Some(item).filter(|item| !view.selection.is_only(*item));
        view.select(drawing.places, other);
    }
    if response.secondary_clicked() {
        view.menu.asked = Some(item);
    }
    if let Some(ground) = ground(palette, line, selected, response.hovered()) {
        ui.painter().rect_filled(rect, 0.0, ground);
    }
    let note = notes::paint(ui, place, columns, &response, rect, line, selected);
    let dim = palette.dim_in_row(selected);
    let y = rect.center().y;
    if let Some(left) = columns.sign {
        let (shape, color) = sign(palette, line);
        icon::paint(ui.painter(), shape, pos2(left + SIGN_CENTER, y), color);
    }
    let marked = place.marks.columns(palette, line);
    let is_error = is_error(line, meaning);
    let runs = &mut view.runs;
    let mut cell = |column, text: &str, ground| {
        let color = if is_error && column == Column::Type {
            palette.fail
        } else {
            dim
        };
        column_text(
            ui,
            runs,
            columns,
            (column, y),
            text,
            Paint { color, ground },
        );
    };
    let time = time_text(drawing, line, above, view.reference).unwrap_or(time);
    cell(Column::Time, &time, None);
    cell(Column::Connection, &line.connection.to_string(), None);
    let part = meaning.and_then(RowMeaning::part);
    let name = part.unwrap_or_else(|| words::row_name(line));
    let sentence = sentence.as_deref();
    let left = columns.text;
    let right = (left + columns.text_width - note).max(left);
    if is_sentence(line) {
        let paint = Paint {
            color: dim,
            ground: marked.name,
        };
        let left = sentence_start(ui, runs, columns, (name, y), paint, right);
        let room = left..=right.max(left);
        payload(ui, runs, (room, y), line, sentence, &place.marks, dim);
        return;
    }
    cell(Column::Type, name, marked.name);
    cell(Column::Id, &line.id, marked.id);
    if line.size > 0 || sentence.is_none() {
        cell(Column::Size, &words::bytes(line.size), marked.size);
    }
    field_cells(ui, runs, columns, values, y);
    if let (Some(meaning), None) = (meaning, parts) {
        let (font, color) = meaning.look(palette, dim);
        let look = (meaning.text.as_str(), font, color);
        return row_text(ui, runs, (left..=right, y), line, look, &place.marks);
    }
    let Some(parts) = parts else {
        let room = (left..=right, y);
        return payload(ui, runs, room, line, sentence, &place.marks, dim);
    };
    let at = ((left, right), y);
    let text = meaning.map_or(line.preview.as_str(), |meaning| meaning.text.as_str());
    let content = (line, text, parts);
    let folded = folded_payload(ui, runs, at, content, &place.marks, columns.character);
    fold_hint(
        ui,
        (*place, item),
        Rect::from_x_y_ranges(left..=folded, rect.y_range()),
        text,
    );
}

/// Returns true for a record that reports an error: by its type, its payload or its meaning.
fn is_error(line: &RowText, meaning: Option<&RowMeaning<'_>>) -> bool {
    line.tag == KindTag::Event && line.name == "error"
        || reports_error(line.preview.as_bytes())
        || meaning.is_some_and(RowMeaning::has_error)
}

/// Returns the time of day of a record; an empty text if its file has no times.
fn time_of_day(place: &TimelinePlace<'_>, line: &RowText) -> String {
    if place.columns.get().lacks_times {
        return String::new();
    }
    words::time_of_day(line.stamp.utc, place.zone)
}

/// Returns the text of the time column; `None` for the time of day with milliseconds.
fn time_text(
    drawing: &Drawing<'_>,
    line: &RowText,
    above: Option<Moment>,
    reference: Option<Moment>,
) -> Option<String> {
    let Drawing { place, columns, .. } = drawing;
    Some(match (place.columns.get().choice.time_form, above) {
        _ if let Some(reference) = reference => {
            words::since_reference(line.stamp.moment, reference)
        }
        (TimeForm::Clock, _) if columns.has_milliseconds => return None,
        (TimeForm::Clock, _) => words::time_in_seconds(line.stamp.utc, place.zone),
        (TimeForm::SinceAbove, Some(above)) => words::since_above(line.stamp.moment, above),
        (TimeForm::SinceAbove, None) => String::new(),
    })
}

/// Draws the type of a row that consists of a sentence. Returns the left edge of the sentence, which follows the type and
/// takes the room of the ID, the size and the fields as well.
fn sentence_start(
    ui: &Ui,
    runs: &mut GlyphRuns,
    columns: &RowColumns,
    (name, y): (&str, f32),
    paint: Paint,
    right: f32,
) -> f32 {
    let Some(cell) = columns.cell(Column::Type) else {
        let field = columns.fields.first();
        return field.map_or(columns.text, |(_, cell)| cell.left);
    };
    let at = (TextSide::Left, cell.left, y);
    let width = texts::mono(ui, runs, at, name, paint, right - cell.left);
    cell.right().max(cell.left + width) + columns::GAP
}
