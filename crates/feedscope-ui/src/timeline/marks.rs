//! Marks in a row: the parts that the view's filter and the find bar match.

use std::ops::Range;
use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId, Galley, Ui};
use feedscope_analysis::filter::{Filter, NamedColumns};
use feedscope_core::store::RowText;

use crate::payload_text::append_line;
use crate::theme::Palette;
use crate::widgets::glyph_run::MarkedPart;
use crate::widgets::one_line;

/// Filters whose matches are marked in the rows of a view.
#[derive(Clone, Copy, Default)]
pub(crate) struct Marks<'a> {
    /// Filter of the view.
    pub(crate) filter: Option<&'a Filter>,
    /// Filter of the find bar, whose marks cover those of the view's filter.
    pub(crate) find: Option<&'a Filter>,
}

/// Background colors of columns that a qualifier matches.
#[derive(Default)]
pub(super) struct Grounds {
    pub(super) name: Option<Color32>,
    pub(super) id: Option<Color32>,
    pub(super) size: Option<Color32>,
}

impl Marks<'_> {
    /// Returns both filters with their background colors, the one drawn last first.
    fn grounds(&self, palette: &Palette) -> impl Iterator<Item = (&Filter, Color32)> {
        let find = self.find.map(|filter| (filter, palette.found));
        let filter = self.filter.map(|filter| (filter, palette.mark));
        find.into_iter().chain(filter)
    }

    /// Returns the background colors of a row's columns other than the payload.
    pub(super) fn columns(&self, palette: &Palette, line: &RowText) -> Grounds {
        let mut grounds = Grounds::default();
        for (filter, ground) in self.grounds(palette) {
            let NamedColumns { name, id, size } = filter.named_columns(line);
            let mark = |place: &mut Option<Color32>, is_named: bool| {
                if is_named {
                    place.get_or_insert(ground);
                }
            };
            mark(&mut grounds.name, name);
            mark(&mut grounds.id, id);
            mark(&mut grounds.size, size);
        }
        grounds
    }

    /// Lays out a row's payload, or the sentence in its place, with the matches marked.
    pub(super) fn job(&self, ui: &Ui, text: &str, font: &FontId, color: Color32) -> LayoutJob {
        let palette = Palette::of(ui);
        let mut job = LayoutJob::default();
        for (part, ground) in self.parts(palette, text) {
            let format = format(palette, font.clone(), color, ground);
            append_line(ui, &mut job, &text[part], &format, palette.faint);
        }
        job
    }

    /// Appends a text of one line with the matches marked.
    pub(crate) fn append(&self, ui: &Ui, job: &mut LayoutJob, text: &str, plain: &TextFormat) {
        let palette = Palette::of(ui);
        for (part, ground) in self.parts(palette, text) {
            let format = format(palette, plain.font_id.clone(), plain.color, ground);
            append_line(ui, job, &text[part], &format, palette.faint);
        }
    }

    /// Splits a row's payload, or the sentence in its place, into parts with their background colors, in order.
    pub(super) fn parts(&self, palette: &Palette, text: &str) -> Vec<MarkedPart> {
        let mut parts = vec![(0..text.len(), None)];
        let mut grounds: Vec<_> = self.grounds(palette).collect();
        // Later filters cover earlier ones, so that the find bar must come last.
        grounds.reverse();
        for (filter, ground) in grounds {
            for range in filter.highlights(text) {
                parts = covered(parts, &range, ground);
            }
        }
        parts
    }
}

/// Returns the parts with `range` cut out and inserted with another background color.
fn covered(parts: Vec<MarkedPart>, range: &Range<usize>, ground: Color32) -> Vec<MarkedPart> {
    let mut covered = Vec::with_capacity(parts.len() + 2);
    let mut add = |part: Range<usize>, ground| {
        if !part.is_empty() {
            covered.push((part, ground));
        }
    };
    // Each part is split into what is before, in and after the range. Empty pieces are dropped.
    for (part, of) in parts {
        add(part.start..part.end.min(range.start), of);
        add(
            part.start.max(range.start)..part.end.min(range.end),
            Some(ground),
        );
        add(part.start.max(range.end)..part.end, of);
    }
    covered
}

/// Returns the format of a part. Marked text is bright, so that it is readable on its background.
fn format(palette: &Palette, font: FontId, color: Color32, ground: Option<Color32>) -> TextFormat {
    TextFormat {
        background: ground.unwrap_or(Color32::TRANSPARENT),
        ..TextFormat::simple(font, ground.map_or(color, |_| palette.text))
    }
}

/// Lays out one line of text with a background if it is marked. A text that is too wide ends with an ellipsis.
pub(super) fn cut_marked(
    ui: &Ui,
    text: &str,
    font: FontId,
    color: Color32,
    ground: Option<Color32>,
    width: f32,
) -> Arc<Galley> {
    let format = format(Palette::of(ui), font, color, ground);
    let mut job = LayoutJob::single_section(text.to_owned(), format);
    job.wrap = one_line(width);
    ui.painter().layout_job(job)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_mark_covers_an_earlier_one() {
        let (one, other) = (Color32::RED, Color32::BLUE);
        let parts = covered(vec![(0..10, None)], &(2..5), one);
        let parts = covered(parts, &(4..7), other);
        let expected = [
            (0..2, None),
            (2..4, Some(one)),
            (4..5, Some(other)),
            (5..7, Some(other)),
            (7..10, None),
        ];
        assert_eq!(parts, expected);
        assert_eq!(covered(Vec::new(), &(0..1), one), []);
    }
}
