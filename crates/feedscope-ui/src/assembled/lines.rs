//! Text of an answer in lines. A click on a part leads to its record; the part of the selected record is marked.

use std::ops::Range;
use std::time::Duration;

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Color32, FontId, Id, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::assembled::PartKind;
use feedscope_analysis::lenses::AssembledAnswer;
use feedscope_core::store::RowNumber;

use super::markdown::{self, MarkdownLine, Style};
use super::state::sentence;
use super::{facts, head};
use crate::ids::PaneId;
use crate::theme::{Palette, font, size, tint};
use crate::words;

/// Maximum bytes of a text that are laid out. Copies and saved files have the whole.
const SHOWN_BYTES: usize = 64 << 10;

/// Text of an answer.
pub(super) struct AssembledLines<'a> {
    pub(super) answer: &'a AssembledAnswer,
    pub(super) kind: PartKind,
    pub(super) text: &'a str,
    pub(super) is_markdown: bool,
    /// Bytes of the part of the selected record.
    pub(super) marked: Option<Range<usize>>,
}

/// Laid-out line with the places of its characters.
struct Laid {
    job: LayoutJob,
    /// Byte of the text at which each section begins; `None` for signs that are not in the text.
    sources: Vec<Option<usize>>,
}

impl AssembledLines<'_> {
    /// Draws the lines. Returns the record of the part that was clicked.
    pub(super) fn show(&self, ui: &mut Ui, pane: PaneId) -> Option<RowNumber> {
        let mut start = self.text.len().saturating_sub(SHOWN_BYTES);
        if start > 0 {
            // The shown part begins with a whole line, or at least with a whole character.
            start = self.text.ceil_char_boundary(start);
            start += self.text[start..].find('\n').map_or(0, |at| at + 1);
            sentence(ui, &words::not_shown(start as u64));
        }
        let pauses = self.pauses();
        let mut is_code = false;
        let mut chosen = None;
        while start < self.text.len() {
            let end = self.text[start..]
                .find('\n')
                .map_or(self.text.len(), |at| start + at);
            let line = self.text[start..end].trim_end_matches('\r');
            let read = if self.is_markdown {
                markdown::line(line, is_code)
            } else {
                MarkdownLine {
                    runs: vec![(0..line.len(), Style::default())],
                    ..MarkdownLine::default()
                }
            };
            is_code ^= read.is_fence;
            if !read.is_fence {
                chosen = self
                    .line(ui, pane, (start, line), &read, &pauses)
                    .or(chosen);
            }
            start = end + 1;
        }
        chosen
    }

    /// Returns the places and lengths of the pauses in this text.
    fn pauses(&self) -> Vec<(usize, Duration)> {
        let pauses = self.answer.document.pauses();
        let own = pauses.filter(|(part, _)| part.kind == self.kind);
        own.map(|(part, pause)| (part.start, pause)).collect()
    }

    fn line(
        &self,
        ui: &mut Ui,
        pane: PaneId,
        (start, line): (usize, &str),
        read: &MarkdownLine,
        pauses: &[(usize, Duration)],
    ) -> Option<RowNumber> {
        let left = 22.0 + 8.0 * read.indent.min(16) as f32;
        let width = (ui.available_width() - left - 22.0).max(40.0);
        let mut laid = self.lay_out(ui, (start, line), read, pauses);
        laid.job.wrap = TextWrapping {
            max_width: width,
            ..TextWrapping::default()
        };
        // The layout takes the job, and a click needs the places of its sections.
        let sections: Vec<usize> = laid
            .job
            .sections
            .iter()
            .map(|it| it.byte_range.start.0)
            .collect();
        let whole = laid.job.text.clone();
        let galley = ui.painter().layout_job(laid.job);
        let height = galley
            .size()
            .y
            .max(if line.is_empty() { 10.0 } else { 22.0 });
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        // A line out of sight only takes its room.
        if !ui.is_rect_visible(rect) {
            return None;
        }
        let id = Id::unique((
            "answer line",
            pane,
            self.answer.number,
            self.kind_number(),
            start,
        ));
        let response = ui.interact(rect, id, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, line));
        let at = pos2(rect.left() + left, rect.top());
        let palette = Palette::of(ui);
        ui.painter().galley(at, galley.clone(), palette.text);
        let pointer = response.interact_pointer_pos()?;
        if !response.clicked() {
            return None;
        }
        let index = galley.cursor_from_pos(pointer - at).index;
        let byte = whole
            .char_indices()
            .nth(index.into())
            .map_or(whole.len(), |(byte, _)| byte);
        let section = sections
            .partition_point(|from| *from <= byte)
            .checked_sub(1)?;
        let source = laid.sources[section]? + (byte - sections[section]);
        self.row_of(source)
    }

    /// Returns the record that has added a byte of the text.
    fn row_of(&self, byte: usize) -> Option<RowNumber> {
        let parts = self.answer.document.parts().iter();
        let own = parts.filter(|part| part.kind == self.kind);
        own.take_while(|part| part.start <= byte)
            .last()
            .map(|part| part.row)
    }

    fn kind_number(&self) -> u8 {
        u8::from(self.kind == PartKind::Reasoning)
    }

    /// Lays out a line, with the marked part and the pauses.
    fn lay_out(
        &self,
        ui: &Ui,
        (start, line): (usize, &str),
        read: &MarkdownLine,
        pauses: &[(usize, Duration)],
    ) -> Laid {
        let palette = Palette::of(ui);
        let mut laid = Laid {
            job: LayoutJob::default(),
            sources: Vec::new(),
        };
        if let Some(bullet) = read.bullet {
            laid.add(
                bullet,
                None,
                format(font_of(Style::default(), 0), palette.dim),
            );
        }
        for (range, style) in &read.runs {
            let font = font_of(*style, read.heading);
            let color = if self.kind == PartKind::Reasoning {
                palette.dim
            } else {
                palette.text
            };
            let run = start + range.start..start + range.end;
            // The run is divided where the marked part begins and ends, and where a pause was.
            let mut cuts: Vec<usize> = pauses.iter().map(|(at, _)| *at).collect();
            cuts.extend(
                self.marked
                    .iter()
                    .flat_map(|marked| [marked.start, marked.end]),
            );
            cuts.retain(|at| run.contains(at));
            cuts.extend([run.start, run.end]);
            cuts.sort_unstable();
            cuts.dedup();
            for piece in cuts.windows(2) {
                let (from, to) = (piece[0], piece[1]);
                if let Some((_, pause)) = pauses.iter().find(|(at, _)| *at == from) {
                    let mut stall = format(font::small(), palette.wait);
                    stall.background = palette.wait.gamma_multiply(2.0 * tint::ROW);
                    laid.add(&words::stall(*pause), None, stall);
                }
                let mut look = format(font.clone(), color);
                if style.is_code {
                    look.background = palette.raise;
                }
                let is_marked = self.marked.as_ref().is_some_and(|it| it.contains(&from));
                if is_marked {
                    look.background = palette.selection;
                    look.underline = Stroke::new(1.0, palette.incoming);
                }
                laid.add(&line[from - start..to - start], Some(from), look);
            }
        }
        laid
    }
}

impl Laid {
    fn add(&mut self, text: &str, source: Option<usize>, format: TextFormat) {
        if !text.is_empty() {
            self.job.append(text, 0.0, format);
            self.sources.push(source);
        }
    }
}

/// Returns the font of a run.
fn font_of(style: Style, heading: usize) -> FontId {
    if style.is_code {
        return font::mono();
    }
    font::answer(heading, style.is_strong)
}

fn format(font: FontId, color: Color32) -> TextFormat {
    TextFormat {
        line_height: Some(size::ROW),
        ..TextFormat::simple(font, color)
    }
}

/// Draws two answers beside each other.
pub(super) fn compare(ui: &mut Ui, pane: PaneId, one: &AssembledAnswer, other: &AssembledAnswer) {
    ui.columns(2, |columns| {
        for (ui, answer) in columns.iter_mut().zip([one, other]) {
            head::answer(ui, pane, answer);
            facts::show(ui, pane, answer);
            let lines = AssembledLines {
                answer,
                kind: PartKind::Text,
                text: answer.document.text(),
                is_markdown: false,
                marked: None,
            };
            lines.show(ui, pane);
        }
    });
}
