//! Answers of language models beside the rows, put together while they grow: text, reasoning, tool calls, stop reason,
//! usage and times. A part leads to its record, and the selected record marks its part.

mod calls;
mod facts;
mod head;
mod lines;
mod markdown;
mod state;

use std::ops::Range;

use egui::{Align, Layout, Rect, ScrollArea, Ui, UiBuilder, vec2};
use feedscope_analysis::assembled::{Document, PartKind};
use feedscope_analysis::lenses::{Assembled, AssembledAnswer, LensName, LensPass};
use feedscope_core::Moment;
use feedscope_core::store::RowNumber;

use crate::ids::PaneId;
use crate::theme::{Palette, size};
use crate::widgets::{bottom_line, panel};
use crate::words;
use lines::AssembledLines;
pub(crate) use state::{AnswerWish, AssembledView};
use state::{AssembledForm, sentence};

/// Smallest width of a pane that shows the answers beside the rows. In a narrower one they are a tab.
const BESIDE_FROM: f32 = 900.0;

/// Share of the width that the answers take.
const SHARE: f32 = 0.48;

/// Maximum number of answers that are drawn. Earlier ones are named by their number.
const MOST_ANSWERS: usize = 20;

/// Place of the answers in this pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Room {
    /// They are not shown.
    None,
    /// They are beside the rows.
    Beside(Rect),
    /// A row of tabs chooses between them and the rows.
    Tabs(Rect),
}

/// Area and data of the answers.
pub(crate) struct AssembledPlace {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    /// Time up to which the feed is shown.
    pub(crate) now: Moment,
    /// Record whose part is marked.
    pub(crate) selected: Option<RowNumber>,
}

impl AssembledView {
    /// Shows or hides the answers. In a narrow pane, which has tabs for them, it shows the other tab.
    pub(crate) fn toggle(&mut self) {
        if self.has_tabs && !self.is_closed {
            self.is_tab_chosen = !self.is_tab_chosen;
            return;
        }
        self.is_closed = !self.is_closed;
        self.is_tab_chosen = !self.is_closed;
    }

    /// Takes the room of the answers off `area`, if the lens puts answers together.
    pub(crate) fn take_room(&mut self, area: &mut Rect, lens: Option<&LensPass>) -> Room {
        self.has_tabs = area.width() < BESIDE_FROM;
        let is_llm = lens.is_some_and(|lens| lens.lens() == Some(LensName::Llm));
        if !is_llm || self.is_closed || area.height() < 2.0 * size::TABS {
            return Room::None;
        }
        if self.has_tabs {
            return Room::Tabs(crate::widgets::take_top(area, size::TABS));
        }
        let left = (area.width() * (1.0 - SHARE)).round();
        let beside = area.with_min_x(area.left() + left);
        area.set_right(beside.left());
        Room::Beside(beside)
    }

    /// Draws the tabs of a narrow pane. Returns true if the answers replace the rows.
    pub(crate) fn show_tabs(&mut self, ui: &Ui, pane: PaneId, rect: Rect) -> bool {
        head::tabs(ui, pane, rect, &mut self.is_tab_chosen);
        self.is_tab_chosen
    }

    /// Draws the answers.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        place: &AssembledPlace,
        lens: &LensPass,
    ) -> Option<AnswerWish> {
        let assembled = lens.assembled();
        let mut rect = place.rect;
        panel(ui, rect);
        ui.painter().vline(
            rect.left() + 0.5,
            rect.y_range(),
            egui::Stroke::new(1.0, Palette::of(ui).line),
        );
        let top = crate::widgets::take_top(&mut rect, 34.0);
        head::show(ui, place.pane, top, &assembled, self);
        bottom_line(ui, top);
        let mut wish = None;
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(rect.shrink2(vec2(1.0, 0.0)))
                .id_salt(("assembled", place.pane))
                .layout(Layout::top_down(Align::LEFT)),
        );
        child.set_clip_rect(ui.clip_rect().intersect(rect));
        ScrollArea::vertical()
            .id_salt(("assembled", place.pane))
            .auto_shrink(false)
            // The end stays in sight until the reader scrolls.
            .stick_to_bottom(true)
            .show(&mut child, |ui| {
                wish = self.show_all(ui, place, &assembled);
            });
        wish
    }

    fn show_all(
        &mut self,
        ui: &mut Ui,
        place: &AssembledPlace,
        assembled: &Assembled,
    ) -> Option<AnswerWish> {
        let mut wish = None;
        // The newest answers are drawn, because a reader follows them.
        let earlier = assembled.answers.len().saturating_sub(MOST_ANSWERS);
        let hidden = assembled.let_go + earlier as u64;
        if hidden > 0 {
            sentence(ui, &words::earlier_answers(hidden));
        }
        if self.form == AssembledForm::Compared
            && let [.., one, other] = &assembled.answers[..]
        {
            lines::compare(ui, place.pane, one, other);
            return None;
        }
        for answer in &assembled.answers[earlier..] {
            wish = self.show_answer(ui, place, answer).or(wish);
        }
        if let Some(since) = assembled.awaited_since {
            let waited = place.now.since(since);
            sentence(ui, &words::waiting_for_part(waited));
            ui.ctx()
                .request_repaint_after(std::time::Duration::from_millis(100));
        } else if assembled.answers.is_empty() {
            sentence(ui, words::NO_ANSWER);
        }
        wish
    }

    fn show_answer(
        &mut self,
        ui: &mut Ui,
        place: &AssembledPlace,
        answer: &AssembledAnswer,
    ) -> Option<AnswerWish> {
        let document = &answer.document;
        let mut wish = head::answer(ui, place.pane, answer);
        facts::show(ui, place.pane, answer);
        let marked = |kind| place.selected.and_then(|row| part_of(document, row, kind));
        if !document.reasoning().is_empty() {
            let is_open = self.unfolded.contains(&answer.number);
            if head::reasoning(ui, place.pane, answer, is_open) {
                // Each click changes the state.
                if !self.unfolded.remove(&answer.number) {
                    self.unfolded.insert(answer.number);
                }
            }
            if is_open {
                let reasoning = AssembledLines {
                    answer,
                    kind: PartKind::Reasoning,
                    text: document.reasoning(),
                    is_markdown: false,
                    marked: marked(PartKind::Reasoning),
                };
                wish = reasoning
                    .show(ui, place.pane)
                    .map(AnswerWish::GoTo)
                    .or(wish);
            }
        }
        let text = AssembledLines {
            answer,
            kind: PartKind::Text,
            text: document.text(),
            is_markdown: self.form == AssembledForm::Markdown,
            marked: marked(PartKind::Text),
        };
        wish = text.show(ui, place.pane).map(AnswerWish::GoTo).or(wish);
        for (number, call) in document.tool_calls().iter().enumerate() {
            let parts = document.parts().iter();
            let mut own = parts.filter(|part| part.kind == PartKind::ToolCall(number));
            let first = own.next().map(|part| part.row);
            if calls::show(ui, (place.pane, answer.number, number), call) {
                wish = first.map(AnswerWish::GoTo).or(wish);
            }
        }
        if let Some(error) = document.error() {
            head::failure(ui, place.pane, answer.number, error);
        }
        ui.add_space(10.0);
        wish
    }
}

/// Returns the bytes of a document that a record has added to its text or reasoning.
fn part_of(document: &Document, row: RowNumber, kind: PartKind) -> Option<Range<usize>> {
    let parts = document.parts();
    // Parts are in the order of their records.
    let from = parts.partition_point(|part| part.row < row);
    let mut own = parts[from..].iter().take_while(|part| part.row == row);
    let start = own.find(|part| part.kind == kind)?.start;
    let end = match kind {
        PartKind::Reasoning => document.reasoning().len(),
        PartKind::Text => document.text().len(),
        PartKind::ToolCall(_) => return None,
    };
    let mut later = parts[from..].iter().filter(|part| part.kind == kind);
    let next = later.find(|part| part.row > row);
    Some(start..next.map_or(end, |part| part.start))
}
