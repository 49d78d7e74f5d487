//! Sheet for text of any length. Only the rows in sight are laid out. It can be scrolled to a fraction of a row, and
//! its text can be selected and copied. [`SheetRows`] supplies the content.
//!
//! A place is the position of a character from the beginning of the sheet: a byte of a text, or a character of a
//! hexadecimal dump. It is never stored in 32 bits, so that positions beyond a hundred megabytes are exact.
//!
//! The vertical position is the place where the topmost row starts and a fraction of that row. The number of rows is
//! unknown, because counting the wrapped rows of a large text would take too long.

mod hex;
mod keys;
mod pointer;
mod text;

pub(super) use hex::HexRows;
pub(super) use text::{Ink, TextLines};

use std::ops::Range;
use std::sync::Arc;

use egui::accesskit::Role;
use egui::text::CCursor;
use egui::{Color32, Galley, Id, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::theme::{Palette, size, tint};
use crate::widgets::scroll_bar;

/// Height of a row in points.
const ROW: f32 = size::LINE;

/// Content of a sheet, as rows.
pub(super) trait SheetRows {
    /// Returns one past the last place.
    fn end(&self) -> u64;
    /// Returns the start of the row that contains `place`.
    fn start_of(&self, place: u64) -> u64;
    /// Returns the content of the row that starts at `start`, and the start of the next row.
    fn row(&self, start: u64) -> (Range<u64>, Option<u64>);
    /// Returns the start of the row that is `rows` above the one at `start`. If there are fewer rows, it returns the
    /// first one and the number of missing rows.
    fn back(&self, start: u64, rows: usize) -> (u64, usize);
    /// Lays out a row that is scrolled by `left` points to the right.
    fn line(&self, ui: &Ui, content: Range<u64>, left: f32) -> SheetLine;
    /// Returns the width of a row, or 0 if rows are never wider than the sheet.
    fn width(&self, content: Range<u64>) -> f32;
    /// Returns the place of the character after or before `place`.
    fn step(&self, place: u64, forward: bool) -> u64;
    /// Returns the word around `place`.
    fn word(&self, place: u64) -> Range<u64>;
    /// Returns the text between two places, for screen readers.
    fn text(&self, range: Range<u64>) -> String;
}

/// Laid-out row.
pub(super) struct SheetLine {
    pub(super) galley: Arc<Galley>,
    /// Left edge relative to the sheet's edge.
    pub(super) x: f32,
    /// Characters of the galley that start a character of the sheet: their number in the galley and their place. The
    /// list is empty if both have the same characters from `first` on.
    pub(super) marks: Vec<(usize, u64)>,
    /// Place of the galley's first character.
    pub(super) first: u64,
    /// Background color of the row, if it has one.
    pub(super) ground: Option<Color32>,
    /// Emphasized parts with their colors, such as the changed part of a line.
    pub(super) emphasis: Vec<(Range<u64>, Color32)>,
    /// Matches with their background colors.
    pub(super) matched: Vec<(Range<u64>, Color32)>,
}

impl SheetLine {
    /// Returns the place of the character at `index` of the galley.
    fn place(&self, index: usize) -> u64 {
        match self.marks.partition_point(|(at, _)| *at <= index) {
            0 => self.first + index as u64,
            next => self.marks[next - 1].1,
        }
    }

    /// Returns the horizontal position of a place in the sheet.
    fn x_of(&self, place: u64) -> f32 {
        let index = match self.marks.partition_point(|(_, at)| *at < place) {
            _ if self.marks.is_empty() => place.saturating_sub(self.first) as usize,
            at => self
                .marks
                .get(at)
                .map_or(usize::MAX / 2, |(index, _)| *index),
        };
        let cursor = CCursor::new(index.min(self.galley.text().len()));
        self.x + self.galley.pos_from_cursor(cursor).left()
    }
}

/// Position and selection of a sheet.
#[derive(Default)]
pub(super) struct TextSheet {
    /// Start of the topmost row in sight.
    top: u64,
    /// Part of this row above the edge, in rows.
    above: f64,
    /// Horizontal scroll position in points.
    left: f32,
    /// Width of the widest row that has been in sight.
    widest: f32,
    /// Start and end of the selection. The end is the position of the text cursor.
    selection: Option<(u64, u64)>,
    /// The text cursor must become visible in the next pass.
    reveal: bool,
    /// Place that must become visible in the next pass.
    sought: Option<u64>,
    /// The whole content was visible in the last pass.
    shows_all: bool,
    /// Horizontal position of the text cursor when it started to move up and down.
    column: Option<f32>,
}

/// Row in sight.
struct VisibleRow {
    rect: Rect,
    /// Places of the row's characters, without a line feed at its end.
    content: Range<u64>,
    /// Start of the next row, if there is one.
    next: Option<u64>,
    line: SheetLine,
}

impl TextSheet {
    /// Draws the sheet and handles pointer and keys. Returns the range to copy.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        id: Id,
        rect: Rect,
        rows: &dyn SheetRows,
    ) -> Option<Range<u64>> {
        let page = rect.with_max_x(rect.right() - scroll_bar::WIDTH);
        let response = ui.interact(page, id, Sense::click_and_drag());
        // The width may have changed, and with it the starts of rows.
        self.top = rows.start_of(self.top.min(rows.end()));
        // A low pane may have no room for a whole row.
        let fitting = f64::from(rect.height() / ROW).max(1.0);
        let lowest = lowest(rows, fitting);
        let mut copied = self.keys(ui, id, rows, fitting);
        self.wheel(ui, rect, rows);
        self.reveal(rows, fitting);
        self.show_sought(rows, (page.width(), fitting));
        self.hold(lowest);
        self.bar(ui, id, rect, rows, lowest);
        let seen = self.in_sight(ui, page, rows);
        self.shows_all = lowest <= (0, 0.0) && self.widest <= page.width();
        self.pointer(ui, &response, &seen, rows);
        copied = self.menu(&response, rows).or(copied);
        response.widget_info(|| {
            let text = text_of(&seen, rows);
            let mut info = WidgetInfo::labeled(Role::MultilineTextInput, true, "Payload");
            info.current_text_value = Some(text);
            info
        });
        self.paint(ui, response.has_focus(), page, &seen);
        copied
    }

    /// Returns the selected range in order, or `None` if it is empty.
    fn selected(&self) -> Option<Range<u64>> {
        self.selection
            .map(|(from, to)| from.min(to)..from.max(to))
            .filter(|range| !range.is_empty())
    }

    /// Scrolls by a number of rows.
    fn scroll(&mut self, rows: &dyn SheetRows, by: f64) {
        self.above += by;
        while self.above >= 1.0 {
            let Some(next) = rows.row(self.top).1 else {
                self.above = 0.0;
                break;
            };
            self.top = next;
            self.above -= 1.0;
        }
        if self.above < 0.0 {
            // Scrolling up past the edge goes back whole rows, and keeps the fraction.
            let up = (-self.above).ceil();
            let (top, missing) = rows.back(self.top, up as usize);
            self.top = top;
            self.above = if missing > 0 { 0.0 } else { self.above + up };
        }
    }

    /// Limits the position, so that the last row is not above the bottom.
    fn hold(&mut self, (top, above): (u64, f64)) {
        if (self.top, self.above) > (top, above) {
            (self.top, self.above) = (top, above);
        }
    }

    /// Handles the mouse wheel.
    fn wheel(&mut self, ui: &Ui, rect: Rect, rows: &dyn SheetRows) {
        if !ui.rect_contains_pointer(rect) {
            return;
        }
        let moved = ui.input(egui::InputState::smooth_scroll_delta);
        if moved.y != 0.0 {
            self.scroll(rows, -f64::from(moved.y / ROW));
        }
        let farthest = (self.widest - rect.width() + scroll_bar::WIDTH + 8.0).max(0.0);
        self.left = (self.left - moved.x).clamp(0.0, farthest);
    }

    /// Scrolls as far as necessary to show the text cursor.
    fn reveal(&mut self, rows: &dyn SheetRows, fitting: f64) {
        let Some((_, place)) = self.selection.filter(|_| std::mem::take(&mut self.reveal)) else {
            return;
        };
        // Above the view, the row of the cursor becomes the topmost one.
        let row = rows.start_of(place);
        if row <= self.top {
            (self.top, self.above) = (row, 0.0);
            return;
        }
        // The row moves to the lower edge of the sheet, unless it is visible already.
        let with_row_last = lowest_for(rows, row, fitting);
        if with_row_last > (self.top, self.above) {
            (self.top, self.above) = with_row_last;
        }
    }

    /// Makes a part visible in the next pass, and selects it if `is_selected`.
    pub(super) fn seek(&mut self, range: Range<u64>, is_selected: bool) {
        self.sought = Some(range.start);
        if is_selected {
            self.selection = Some((range.start, range.end));
        }
    }

    /// Returns true if the whole content was visible in the last pass.
    pub(super) fn shows_all(&self) -> bool {
        self.shows_all
    }

    /// Scrolls to the requested place unless it is visible. A third of the sheet shows what is above it.
    fn show_sought(&mut self, rows: &dyn SheetRows, (width, fitting): (f32, f64)) {
        let Some(place) = self.sought.take() else {
            return;
        };
        let row = rows.start_of(place.min(rows.end()));
        let with_row_last = lowest_for(rows, row, fitting);
        if (row, 0.0) < (self.top, self.above) || with_row_last > (self.top, self.above) {
            (self.top, self.above) = (rows.back(row, (fitting / 3.0) as usize).0, 0.0);
        }
        // A row that is not wrapped is scrolled sideways as well.
        let x = rows.width(row..place.max(row));
        if x < self.left || x > self.left + width * 0.9 {
            self.left = (x - width / 3.0).max(0.0);
            self.widest = self.widest.max(self.left + width);
        }
    }

    /// Draws the scroll bar. It maps positions to places, because the number of rows is not known.
    fn bar(&mut self, ui: &Ui, id: Id, rect: Rect, rows: &dyn SheetRows, lowest: (u64, f64)) {
        if lowest <= (0, 0.0) {
            return;
        }
        // Between two rows, the position is interpolated, so that the bar moves smoothly.
        let exact = |(top, above): (u64, f64)| {
            let next = rows.row(top).1.unwrap_or(top);
            top as f64 + above * (next - top) as f64
        };
        let way = exact(lowest);
        let share = 1.0 - way / rows.end().max(1) as f64;
        let part = exact((self.top, self.above)) / way.max(f64::MIN_POSITIVE);
        let dragged = scroll_bar::show(ui, rect, id.with("bar"), "Payload position", share, part);
        if let Some(part) = dragged {
            let place = part * way;
            self.top = rows.start_of(place as u64);
            let next = rows.row(self.top).1.unwrap_or(self.top + 1);
            self.above = (place - self.top as f64) / (next - self.top) as f64;
            self.hold(lowest);
        }
    }

    /// Lays out the rows in sight.
    fn in_sight(&mut self, ui: &Ui, page: Rect, rows: &dyn SheetRows) -> Vec<VisibleRow> {
        let mut seen = Vec::new();
        let mut next = Some(self.top);
        let scale = ui.ctx().pixels_per_point();
        let mut y = page.top() - (self.above * f64::from(ROW)) as f32;
        while let Some(start) = next.filter(|_| y < page.bottom()) {
            let (content, after) = rows.row(start);
            let line = rows.line(ui, content.clone(), self.left);
            // The width of rows out of sight is unknown, so that the range grows while the user scrolls.
            self.widest = self.widest.max(rows.width(content.clone()));
            let top = (y * scale).round() / scale;
            seen.push(VisibleRow {
                rect: Rect::from_min_size(pos2(page.left(), top), vec2(page.width(), ROW)),
                content,
                next: after,
                line,
            });
            next = after;
            y += ROW;
        }
        seen
    }

    /// Paints the rows with their backgrounds, marks and selection, and the text cursor.
    fn paint(&self, ui: &Ui, focused: bool, page: Rect, seen: &[VisibleRow]) {
        let palette = Palette::of(ui);
        let painter = ui.painter().with_clip_rect(ui.clip_rect().intersect(page));
        let selected = self.selected();
        for row in seen {
            let SheetLine {
                ground,
                emphasis,
                matched,
                ..
            } = &row.line;
            if let Some(ground) = ground {
                painter.rect_filled(row.rect, 0.0, *ground);
            }
            for (range, color) in matched {
                let part = row.part(range.clone(), 0.0);
                painter.rect_filled(part, 2.0, *color);
            }
            for (range, color) in emphasis {
                let part = row.part(range.clone(), 0.0);
                painter.rect_filled(part, 2.0, color.gamma_multiply(tint::CHANGED_PART));
                // The background is so faint that the text can be read, so that a line shows the part as well.
                painter.hline(
                    part.x_range(),
                    part.bottom() - 1.0,
                    Stroke::new(1.0, *color),
                );
            }
            if let Some(selected) = &selected {
                let part = selected.start.max(row.content.start)..selected.end.min(row.content.end);
                // A selected line feed is shown as a narrow area behind the line.
                let feed = row
                    .next
                    .is_some_and(|next| next > row.content.end && selected.end > row.content.end);
                let feed = if feed { 5.0 } else { 0.0 };
                if part.start < part.end || (feed > 0.0 && selected.start <= row.content.end) {
                    let start = part.start.min(row.content.end);
                    let rect = row.part(start..part.end.max(start), feed);
                    painter.rect_filled(rect, 0.0, ui.visuals().selection.bg_fill);
                }
            }
            let galley = &row.line.galley;
            let at = pos2(
                page.left() + row.line.x,
                row.rect.center().y - galley.size().y / 2.0,
            );
            painter.galley(at.round_to_pixels(ui), Arc::clone(galley), palette.text);
        }
        // The text cursor is drawn only while nothing is selected.
        let caret = self
            .selection
            .filter(|(from, to)| focused && from == to)
            .map(|(_, to)| to);
        if let Some((row, place)) = caret.and_then(|place| Some((row_of(seen, place)?, place))) {
            let rect = row.part(place..place, 0.0);
            let stroke = ui.visuals().text_cursor.stroke;
            painter.vline(rect.left(), rect.y_range(), stroke);
        }
    }
}

impl VisibleRow {
    /// Returns the area of a row between two places, extended by `more` points to the right.
    fn part(&self, range: Range<u64>, more: f32) -> Rect {
        let x = |place| self.rect.left() + self.line.x_of(place);
        let (left, right) = (x(range.start), x(range.end) + more);
        Rect::from_x_y_ranges(left..=right.max(left), self.rect.y_range())
    }
}

/// Returns the row in sight that contains a place. A place behind the last character belongs to the row only if no
/// other row starts there.
fn row_of(seen: &[VisibleRow], place: u64) -> Option<&VisibleRow> {
    let is_in = |row: &&VisibleRow| {
        row.content.contains(&place) || (row.content.end == place && row.next != Some(place))
    };
    seen.iter().find(is_in)
}

/// Returns the topmost row and its part above the edge when the last row is at the bottom.
fn lowest(rows: &dyn SheetRows, fitting: f64) -> (u64, f64) {
    lowest_for(rows, rows.start_of(rows.end()), fitting)
}

/// Returns the same for the row that starts at `last` at the bottom.
fn lowest_for(rows: &dyn SheetRows, last: u64, fitting: f64) -> (u64, f64) {
    let whole = fitting.ceil().max(1.0);
    match rows.back(last, whole as usize - 1) {
        (top, 0) => (top, whole - fitting),
        (top, _) => (top, 0.0),
    }
}

/// Returns the text in sight.
fn text_of(seen: &[VisibleRow], rows: &dyn SheetRows) -> String {
    match (seen.first(), seen.last()) {
        (Some(first), Some(last)) => rows.text(first.content.start..last.content.end),
        _ => String::new(),
    }
}

/// Extension for positions on whole pixels.
trait OnPixels {
    fn round_to_pixels(self, ui: &Ui) -> Self;
}

impl OnPixels for egui::Pos2 {
    /// Rounds to whole pixels, so that text does not shift and stays sharp.
    fn round_to_pixels(self, ui: &Ui) -> Self {
        let scale = ui.ctx().pixels_per_point();
        pos2(
            (self.x * scale).round() / scale,
            (self.y * scale).round() / scale,
        )
    }
}
