//! Rows of a hexadecimal dump. A place is a character of the dump.

use std::ops::Range;

use egui::Ui;
use egui::text::{LayoutJob, TextFormat};
use feedscope_core::payload::hex::{ROW_LEN, dump, dump_len, write_row};

use super::{SheetLine, SheetRows};
use crate::theme::{Palette, font};

/// Bytes as a dump.
pub(in super::super) struct HexRows<'a> {
    pub(in super::super) bytes: &'a [u8],
    /// Width of a character in points.
    pub(in super::super) column: f32,
}

impl SheetRows for HexRows<'_> {
    fn end(&self) -> u64 {
        dump_len(self.bytes.len())
    }

    fn start_of(&self, place: u64) -> u64 {
        place.min(self.end().saturating_sub(1)) / ROW_LEN * ROW_LEN
    }

    fn row(&self, start: u64) -> (Range<u64>, Option<u64>) {
        let next = start + ROW_LEN;
        if next < self.end() {
            (start..next - 1, Some(next))
        } else {
            (start..self.end().max(start), None)
        }
    }

    fn back(&self, start: u64, rows: usize) -> (u64, usize) {
        let row = start / ROW_LEN;
        let back = row.saturating_sub(rows as u64);
        (back * ROW_LEN, rows - (row - back) as usize)
    }

    fn line(&self, ui: &Ui, content: Range<u64>, left: f32) -> SheetLine {
        /// Length of the offset and the space behind it.
        const OFFSET: usize = 10;
        /// Column where the bytes as text start.
        const TEXT: usize = 58;
        let palette = Palette::of(ui);
        let mut text = String::with_capacity(ROW_LEN as usize);
        write_row(self.bytes, (content.start / ROW_LEN) as usize, &mut text);
        let mut job = LayoutJob::default();
        job.wrap.max_width = f32::INFINITY;
        let mut add = |range: Range<usize>, color| {
            let format = TextFormat::simple(font::mono(), color);
            job.append(text.get(range).unwrap_or_default(), 0.0, format);
        };
        add(0..OFFSET, palette.dim);
        add(OFFSET..TEXT, palette.text);
        add(TEXT..text.len(), palette.dim);
        SheetLine {
            galley: ui.painter().layout_job(job),
            x: -left,
            marks: Vec::new(),
            first: content.start,
            ground: None,
            emphasis: Vec::new(),
            matched: Vec::new(),
        }
    }

    fn width(&self, content: Range<u64>) -> f32 {
        (content.end - content.start) as f32 * self.column
    }

    fn step(&self, place: u64, forward: bool) -> u64 {
        if forward {
            (place + 1).min(self.end())
        } else {
            place.saturating_sub(1)
        }
    }

    fn word(&self, place: u64) -> Range<u64> {
        let row = self.row(self.start_of(place)).0;
        let text = dump(self.bytes, row.clone());
        // A word of a dump is a group without spaces, such as one byte.
        let at = (place - row.start) as usize;
        let is_space = |byte: &u8| *byte == b' ';
        let bytes = text.as_bytes();
        let at = at.min(bytes.len());
        let start = bytes[..at]
            .iter()
            .rposition(is_space)
            .map_or(0, |at| at + 1);
        let end = bytes[at..]
            .iter()
            .position(is_space)
            .map_or(bytes.len(), |end| at + end);
        row.start + start as u64..row.start + end as u64
    }

    fn text(&self, range: Range<u64>) -> String {
        dump(self.bytes, range)
    }
}
