//! Rows of a text, wrapped at the width of the sheet or unwrapped.

use std::ops::Range;

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Ui};
use feedscope_analysis::diff::{DiffLine, LineKind};
use feedscope_core::payload::joiner::is_joined;
use feedscope_core::payload::text_rows::{TextRows, char_at, char_before};

use super::{SheetLine, SheetRows};
use crate::inspector::matches::MatchedParts;
use crate::payload_text::Signs;
use crate::theme::{Palette, font, tint};

/// Text as rows.
pub(in super::super) struct TextLines<'a> {
    pub(in super::super) bytes: &'a [u8],
    pub(in super::super) rows: TextRows<'a>,
    pub(in super::super) signs: &'a Signs,
    pub(in super::super) ink: Ink<'a>,
    /// Matches of the filter and of the find bar; `None` if they are not marked.
    pub(in super::super) matched: Option<&'a MatchedParts>,
    /// Width of the sheet in points if rows are cut at it instead of wrapped.
    pub(in super::super) cut: Option<f32>,
}

/// Colors of a text.
#[derive(Clone, Copy)]
pub(in super::super) enum Ink<'a> {
    /// One color.
    Plain,
    /// Colors of a difference's lines, with marked parts.
    Diff(&'a [DiffLine], &'a [Range<u64>]),
}

impl SheetRows for TextLines<'_> {
    fn end(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn start_of(&self, place: u64) -> u64 {
        self.rows.start_of(self.bytes, place as usize) as u64
    }

    fn row(&self, start: u64) -> (Range<u64>, Option<u64>) {
        let row = self.rows.row(self.bytes, start as usize);
        (
            row.content.start as u64..row.content.end as u64,
            row.next.map(|next| next as u64),
        )
    }

    fn back(&self, start: u64, rows: usize) -> (u64, usize) {
        let (start, missing) = self.rows.back(self.bytes, start as usize, rows);
        (start as u64, missing)
    }

    fn line(&self, ui: &Ui, content: Range<u64>, left: f32) -> SheetLine {
        let palette = Palette::of(ui);
        let (color, ground) = self.color(palette, content.start);
        let (range, x) = self.window(content.start as usize..content.end as usize, left);
        let first = range.start as u64;
        let mut job = LayoutJob::default();
        job.wrap.max_width = f32::INFINITY;
        let mut marks = Vec::new();
        let bytes = &self.bytes[range.clone()];
        if is_plain(bytes) {
            let text = std::str::from_utf8(bytes).unwrap_or_default();
            job.append(text, 0.0, TextFormat::simple(font::mono(), color));
        } else {
            self.append(ui, range, color, &mut job, &mut marks);
        }
        SheetLine {
            galley: ui.painter().layout_job(job),
            x,
            marks,
            first,
            ground,
            emphasis: self.emphasis(palette, &content),
            matched: self.matched(palette, &content),
        }
    }

    fn width(&self, content: Range<u64>) -> f32 {
        if self.cut.is_none() {
            return 0.0;
        }
        let range = content.start as usize..content.end as usize;
        if is_plain(&self.bytes[range.clone()]) {
            // Each ASCII character has the same width, so that the row need not be measured.
            return self.rows.ascii_width() * range.len() as f32;
        }
        let (mut at, mut width) = (range.start, 0.0);
        while at < range.end {
            let (advance, bytes) = self.rows.advance(self.bytes, at);
            width += advance;
            at += bytes;
        }
        width
    }

    fn step(&self, place: u64, forward: bool) -> u64 {
        let place = (place as usize).min(self.bytes.len());
        let there = if forward && place < self.bytes.len() {
            place + char_at(self.bytes, place).1
        } else if forward {
            place
        } else {
            char_before(self.bytes, place)
        };
        there as u64
    }

    fn word(&self, place: u64) -> Range<u64> {
        /// Maximum bytes of a word in each direction.
        const LONGEST: usize = 4_096;
        let is_word = |at: usize| {
            let sign = char_at(self.bytes, at).0;
            sign.is_alphanumeric() || sign == '_'
        };
        let place = (place as usize).min(self.bytes.len());
        let (mut start, mut end) = (place, place);
        while start > 0 && place - start < LONGEST {
            let before = char_before(self.bytes, start);
            if !is_word(before) {
                break;
            }
            start = before;
        }
        while end < self.bytes.len() && end - place < LONGEST && is_word(end) {
            end += char_at(self.bytes, end).1;
        }
        // Between words, the next character counts as a word.
        if start == end {
            end = self.step(place as u64, true) as usize;
        }
        start as u64..end as u64
    }

    fn text(&self, range: Range<u64>) -> String {
        String::from_utf8_lossy(&self.bytes[range.start as usize..range.end as usize]).into_owned()
    }
}

impl TextLines<'_> {
    /// Returns the visible part of a row and its left edge relative to the sheet's.
    fn window(&self, row: Range<usize>, left: f32) -> (Range<usize>, f32) {
        let Some(room) = self.cut else {
            return (row, 0.0);
        };
        if is_plain(&self.bytes[row.clone()]) {
            let ascii = self.rows.ascii_width();
            let skipped = ((left / ascii) as usize).min(row.len());
            let start = row.start + skipped;
            let shown = (room / ascii) as usize + 2;
            return (
                start..row.end.min(start + shown),
                skipped as f32 * ascii - left,
            );
        }
        // Other characters have different widths, so that they are added up from the start of the row.
        let (mut at, mut x) = (row.start, -left);
        let mut start = (at, x);
        while at < row.end && x < room {
            let (advance, bytes) = self.rows.advance(self.bytes, at);
            if x <= 0.0 {
                start = (at, x);
            }
            x += advance;
            at += bytes;
        }
        (start.0..at.min(row.end), start.1)
    }

    /// Appends characters. Those that cannot be drawn are replaced by their marks.
    fn append(
        &self,
        ui: &Ui,
        range: Range<usize>,
        color: Color32,
        job: &mut LayoutJob,
        marks: &mut Vec<(usize, u64)>,
    ) {
        let format = |color| TextFormat::simple(font::mono(), color);
        let faint = Palette::of(ui).faint;
        let (mut at, mut index) = (range.start, 0);
        let mut run = String::new();
        while at < range.end {
            let (sign, bytes) = char_at(&self.bytes[..range.end], at);
            marks.push((index, at as u64));
            let is_joined = is_joined(self.bytes, at);
            at += bytes;
            if is_joined {
                continue;
            }
            let mark = if sign.is_ascii_graphic() || sign == ' ' {
                None
            } else {
                self.signs.of(ui, sign).mark
            };
            if let Some(mark) = mark {
                // The run before the mark ends here, because the mark has another color.
                job.append(&run, 0.0, format(color));
                run.clear();
                job.append(&mark, 0.0, format(faint));
                index += mark.chars().count();
            } else {
                run.push(sign);
                index += 1;
            }
        }
        job.append(&run, 0.0, format(color));
        marks.push((index, range.end as u64));
    }

    /// Returns the color of a line and of its background.
    fn color(&self, palette: &Palette, start: u64) -> (Color32, Option<Color32>) {
        match self.ink {
            Ink::Plain => (palette.text, None),
            Ink::Diff(lines, _) => {
                let at = lines.partition_point(|line| line.start <= start);
                at.checked_sub(1)
                    .map_or((palette.text, None), |at| line_ink(lines[at].kind, palette))
            }
        }
    }

    /// Returns the marked parts of a line with their color.
    fn emphasis(&self, palette: &Palette, content: &Range<u64>) -> Vec<(Range<u64>, Color32)> {
        let Ink::Diff(_, marked) = self.ink else {
            return Vec::new();
        };
        let color = self.color(palette, content.start).0;
        parts_within(marked, content, color).collect()
    }

    /// Returns the matches in a line with their background colors. Those of the find bar cover those of the filter.
    fn matched(&self, palette: &Palette, content: &Range<u64>) -> Vec<(Range<u64>, Color32)> {
        let Some(MatchedParts { find, filter }) = self.matched else {
            return Vec::new();
        };
        let of_filter = parts_within(filter, content, palette.mark);
        of_filter
            .chain(parts_within(find, content, palette.found))
            .collect()
    }
}

/// Returns the parts of sorted ranges that are within a line, with a color.
fn parts_within<'a>(
    ranges: &'a [Range<u64>],
    content: &'a Range<u64>,
    color: Color32,
) -> impl Iterator<Item = (Range<u64>, Color32)> + 'a {
    let first = ranges.partition_point(|range| range.end <= content.start);
    ranges[first..]
        .iter()
        .take_while(|range| range.start < content.end)
        .map(move |range| {
            let part = range.start.max(content.start)..range.end.min(content.end);
            (part, color)
        })
}

/// Returns the colors of a line of a difference and of its background.
fn line_ink(kind: LineKind, palette: &Palette) -> (Color32, Option<Color32>) {
    let on_ground = |color: Color32| (color, Some(color.gamma_multiply(tint::DIFF)));
    match kind {
        LineKind::Old => on_ground(palette.fail),
        LineKind::New => on_ground(palette.open),
        LineKind::Equal | LineKind::LeftOut => (palette.dim, None),
    }
}

/// Returns true if the bytes are printable ASCII characters.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| (0x20..0x7f).contains(byte))
}
