//! A sheet of text of any length, of which only the rows in sight are made. Scrolled to the row and a part of it, and
//! selected and copied like any text. It knows no payload: what its rows are is told by [`Rows`].
//!
//! A place is where a character stands, counted from the sheet's beginning: a byte of a text, a character of a
//! hexadecimal dump. It never goes through a 32-bit number, so that nothing is rounded at a hundred megabytes.

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
use egui::{Color32, Galley, Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::super::theme::{Palette, size};
use super::super::widgets::scroll_bar;

/// The height of a row.
const ROW: f32 = size::LINE;

/// What a sheet shows.
pub(super) trait Rows {
    /// One past the last place.
    fn end(&self) -> u64;
    /// Where the row begins that `place` is in.
    fn start_of(&self, place: u64) -> u64;
    /// What stands in the row that begins at `start`, and where the next one begins.
    fn row(&self, start: u64) -> (Range<u64>, Option<u64>);
    /// Where the row begins that stands `rows` above the one that begins at `start`. Where there are fewer, the first, and
    /// how many are missing.
    fn back(&self, start: u64, rows: usize) -> (u64, usize);
    /// A row as it is drawn where `left` points of it are scrolled away.
    fn line(&self, ui: &Ui, content: Range<u64>, left: f32) -> Line;
    /// How wide a row is, where rows may be wider than the sheet.
    fn width(&self, content: Range<u64>) -> f32;
    /// The place of the character before or after the one at `place`.
    fn step(&self, place: u64, forward: bool) -> u64;
    /// The word around `place`.
    fn word(&self, place: u64) -> Range<u64>;
    /// What stands between two places, for those who hear it.
    fn text(&self, range: Range<u64>) -> String;
}

/// A row, laid out.
pub(super) struct Line {
    pub(super) galley: Arc<Galley>,
    /// Where it begins, to the right of the sheet's edge.
    pub(super) x: f32,
    /// The place of each of the galley's characters that begins another one of the sheet, with its number in the galley;
    /// empty where they are one for one from `first` on.
    pub(super) marks: Vec<(usize, u64)>,
    /// The place of the galley's first character.
    pub(super) first: u64,
    /// Behind the row, where it is not the text's own color.
    pub(super) ground: Option<Color32>,
    /// What is marked in it, with its color.
    pub(super) emphasis: Vec<(Range<u64>, Color32)>,
}

impl Line {
    /// The place of the character at `index` of the galley.
    fn place(&self, index: usize) -> u64 {
        match self.marks.partition_point(|(at, _)| *at <= index) {
            0 => self.first + index as u64,
            next => self.marks[next - 1].1,
        }
    }

    /// How far right in the sheet a place is.
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

/// What of a sheet is in sight, and what is selected.
#[derive(Default)]
pub(super) struct Sheet {
    /// Where the topmost row in sight begins.
    top: u64,
    /// How much of it is above the edge, in rows.
    above: f64,
    /// How far it is scrolled to the right, in points.
    left: f32,
    /// The widest row that was in sight so far.
    widest: f32,
    /// From where to where is selected; the second is where the keyboard is.
    selection: Option<(u64, u64)>,
    /// The keyboard's place is brought into sight.
    reveal: bool,
    /// How far right the keyboard was when it began to go up and down.
    column: Option<f32>,
}

/// A row in sight.
struct Seen {
    rect: Rect,
    content: Range<u64>,
    next: Option<u64>,
    line: Line,
}

impl Sheet {
    /// Draws it and obeys pointer and keys; returns what is to be copied.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        id: Id,
        rect: Rect,
        rows: &dyn Rows,
    ) -> Option<Range<u64>> {
        let page = rect.with_max_x(rect.right() - scroll_bar::WIDTH);
        let response = ui.interact(page, id, Sense::click_and_drag());
        // Another width has other rows.
        self.top = rows.start_of(self.top.min(rows.end()));
        let fitting = f64::from(rect.height() / ROW);
        let lowest = lowest(rows, fitting);
        let mut copied = self.keys(ui, id, rows, fitting);
        self.wheel(ui, rect, rows);
        self.reveal(rows, fitting);
        self.hold(lowest);
        self.bar(ui, id, rect, rows, lowest);
        let seen = self.in_sight(ui, page, rows);
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

    /// What is selected, in order; `None` where nothing is.
    fn selected(&self) -> Option<Range<u64>> {
        self.selection
            .map(|(from, to)| from.min(to)..from.max(to))
            .filter(|range| !range.is_empty())
    }

    /// Scrolls by so many rows.
    fn scroll(&mut self, rows: &dyn Rows, by: f64) {
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
            let up = (-self.above).ceil();
            let (top, missing) = rows.back(self.top, up as usize);
            self.top = top;
            self.above = if missing > 0 { 0.0 } else { self.above + up };
        }
    }

    /// Keeps the last row at the bottom, or lower.
    fn hold(&mut self, (top, above): (u64, f64)) {
        if (self.top, self.above) > (top, above) {
            (self.top, self.above) = (top, above);
        }
    }

    fn wheel(&mut self, ui: &Ui, rect: Rect, rows: &dyn Rows) {
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

    /// Scrolls just as far as needed to see where the keyboard is.
    fn reveal(&mut self, rows: &dyn Rows, fitting: f64) {
        let Some((_, place)) = self.selection.filter(|_| std::mem::take(&mut self.reveal)) else {
            return;
        };
        let row = rows.start_of(place);
        if row <= self.top {
            (self.top, self.above) = (row, 0.0);
            return;
        }
        // The row's lower edge is the sheet's, unless it is in sight already.
        let with_row_last = lowest_for(rows, row, fitting);
        if with_row_last > (self.top, self.above) {
            (self.top, self.above) = with_row_last;
        }
    }

    fn bar(&mut self, ui: &Ui, id: Id, rect: Rect, rows: &dyn Rows, lowest: (u64, f64)) {
        if lowest <= (0, 0.0) {
            return;
        }
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
    fn in_sight(&mut self, ui: &Ui, page: Rect, rows: &dyn Rows) -> Vec<Seen> {
        let mut seen = Vec::new();
        let mut next = Some(self.top);
        let scale = ui.ctx().pixels_per_point();
        let mut y = page.top() - (self.above * f64::from(ROW)) as f32;
        while let Some(start) = next.filter(|_| y < page.bottom()) {
            let (content, after) = rows.row(start);
            let line = rows.line(ui, content.clone(), self.left);
            self.widest = self.widest.max(rows.width(content.clone()));
            let top = (y * scale).round() / scale;
            seen.push(Seen {
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

    fn paint(&self, ui: &Ui, focused: bool, page: Rect, seen: &[Seen]) {
        let palette = Palette::of(ui);
        let painter = ui.painter().with_clip_rect(ui.clip_rect().intersect(page));
        let selected = self.selected();
        for row in seen {
            let Line {
                ground, emphasis, ..
            } = &row.line;
            if let Some(ground) = ground {
                painter.rect_filled(row.rect, 0.0, *ground);
            }
            for (range, color) in emphasis {
                painter.rect_filled(row.part(range.clone(), 0.0), 2.0, *color);
            }
            if let Some(selected) = &selected {
                let part = selected.start.max(row.content.start)..selected.end.min(row.content.end);
                // A line feed that is selected is seen too.
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

impl Seen {
    /// The part of the row between two places, and `more` to the right.
    fn part(&self, range: Range<u64>, more: f32) -> Rect {
        let x = |place| self.rect.left() + self.line.x_of(place);
        let (left, right) = (x(range.start), x(range.end) + more);
        Rect::from_x_y_ranges(left..=right.max(left), self.rect.y_range())
    }
}

/// The row in sight that a place is in: behind its last character only where no other row begins there.
fn row_of(seen: &[Seen], place: u64) -> Option<&Seen> {
    let is_in = |row: &&Seen| {
        row.content.contains(&place) || (row.content.end == place && row.next != Some(place))
    };
    seen.iter().find(is_in)
}

/// The topmost row, and how much of it is above the edge, where the last row is at the bottom.
fn lowest(rows: &dyn Rows, fitting: f64) -> (u64, f64) {
    lowest_for(rows, rows.start_of(rows.end()), fitting)
}

/// The same, where the row that begins at `last` is at the bottom.
fn lowest_for(rows: &dyn Rows, last: u64, fitting: f64) -> (u64, f64) {
    let whole = fitting.ceil().max(1.0);
    match rows.back(last, whole as usize - 1) {
        (top, 0) => (top, whole - fitting),
        (top, _) => (top, 0.0),
    }
}

/// What is in sight, as text.
fn text_of(seen: &[Seen], rows: &dyn Rows) -> String {
    match (seen.first(), seen.last()) {
        (Some(first), Some(last)) => rows.text(first.content.start..last.content.end),
        _ => String::new(),
    }
}

trait OnPixels {
    fn round_to_pixels(self, ui: &Ui) -> Self;
}

impl OnPixels for egui::Pos2 {
    /// Text on whole pixels stands still and stays sharp.
    fn round_to_pixels(self, ui: &Ui) -> Self {
        let scale = ui.ctx().pixels_per_point();
        pos2(
            (self.x * scale).round() / scale,
            (self.y * scale).round() / scale,
        )
    }
}
