//! Parts that the rows in sight are shown without, so that rows show what distinguishes them. Copies, filters and the
//! inspector use whole payloads.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, pos2};
use feedscope_analysis::listing::ListedLine;
use feedscope_analysis::row_parts::{Folding, LONGEST};
use feedscope_core::store::RowNumber;

use super::TimelinePlace;
use super::columns;
use super::meaning::Meanings;
use crate::theme::{Palette, font};
use crate::widgets::{cut, paint_right};
use crate::words;

/// Number of payloads in sight from which they are compared.
const LEAST_PAYLOADS: usize = 4;

/// Number of payloads that are compared at most, the newest ones in sight.
const MOST_PAYLOADS: usize = 48;

/// Minimum time between two comparisons in seconds, because they read more of each payload than a row shows.
const INTERVAL: f64 = 0.5;

/// Parts that are left out of the rows of one view.
#[derive(Default)]
pub(super) struct Fold {
    folding: Folding,
    /// Texts that were compared.
    compared: Option<Compared>,
    /// Time of the last comparison.
    compared_at: Option<f64>,
    /// The user sees whole payloads.
    is_off: bool,
}

/// Texts that were compared: the first and the last row in sight, the number of texts, and that of characters of a row. Texts
/// of decoders come later than their rows.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Compared {
    first: RowNumber,
    last: RowNumber,
    texts: usize,
    room: usize,
}

impl Fold {
    /// Returns the parts that are left out; `None` if there are none, or while the user sees whole payloads.
    pub(super) fn folding(&self) -> Option<&Folding> {
        Some(&self.folding).filter(|folding| !self.is_off && !folding.is_empty())
    }

    /// Returns the number of bytes to read from each payload besides those that a row shows, at this time in seconds.
    pub(super) fn needed_bytes(&self, now: f64) -> usize {
        if self.is_due(now) {
            LONGEST
        } else {
            self.folding.needed_bytes()
        }
    }

    fn is_due(&self, now: f64) -> bool {
        let last = self.compared_at;
        last.is_none_or(|last| now - last >= INTERVAL)
    }

    /// Compares the payloads in sight, which have room for this number of characters, if the view shows other ones than
    /// before. The rows keep their form as long as it distinguishes them, so that they do not jump.
    pub(super) fn sync(
        &mut self,
        lines: &[ListedLine],
        meanings: &Meanings,
        room: usize,
        now: f64,
    ) {
        if !self.is_due(now) {
            return;
        }
        let newest = lines.iter().enumerate().rev();
        let foldable = newest.filter_map(|(at, line)| meanings.foldable(at, &line.text));
        let texts: Vec<&str> = foldable.take(MOST_PAYLOADS).collect();
        let ends = lines.first().zip(lines.last());
        let in_sight = ends.map(|(first, last)| Compared {
            first: first.text.row,
            last: last.text.row,
            texts: texts.len(),
            room,
        });
        if in_sight == self.compared || texts.len() < LEAST_PAYLOADS {
            return;
        }
        if have_room(&texts, room, !self.folding.is_empty()) {
            self.folding = Folding::default();
        } else if !self.folding.suits(&texts, room) {
            self.folding = Folding::of(&texts, room);
        }
        self.compared = in_sight;
        self.compared_at = Some(now);
    }

    /// Leaves nothing out, because the rows show texts of a lens.
    pub(super) fn clear(&mut self) {
        self.folding = Folding::default();
        self.compared = None;
    }

    /// Draws the switch at the right end of the header, where something is left out and there is room. Returns the
    /// right end of the remaining room.
    pub(super) fn switch(
        &mut self,
        ui: &Ui,
        place: &TimelinePlace<'_>,
        header: Rect,
        left: f32,
    ) -> f32 {
        // The scroll handle is at the right edge.
        let right = header.right() - 20.0;
        if self.folding.is_empty() {
            return right;
        }
        let text = words::folded(&self.folding, self.is_off);
        let palette = Palette::of(ui);
        let galley = cut(ui, &text, font::small(), palette.dim, f32::INFINITY);
        let area = Rect::from_min_max(
            pos2(right - galley.size().x, header.top()),
            pos2(right, header.bottom()),
        );
        if area.left() < left {
            return right;
        }
        let id = Id::unique(("fold", place.pane, place.list));
        let response = ui.interact(area, id, Sense::click());
        let is_on = !self.is_off;
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, &text));
        paint_right(ui, right, header.center().y, galley);
        if response.hovered() || response.has_focus() {
            let line = egui::Stroke::new(1.0, palette.dim);
            ui.painter()
                .hline(area.x_range(), header.center().y + 8.0, line);
        }
        if response.clicked() {
            self.is_off = !self.is_off;
        }
        response.on_hover_text(words::left_out(&self.folding));
        area.left() - columns::GAP
    }
}

/// Returns true if each text has room as a whole, so that nothing need be left out. Rows without some parts get them back only
/// if a quarter of the room is left, because payloads with lengths near the limit would change the form of the rows often.
fn have_room(texts: &[&str], room: usize, is_folded: bool) -> bool {
    let most = if is_folded { room - room / 4 } else { room };
    // Characters that take the room of two have more than two bytes.
    texts.iter().all(|text| text.len() <= most)
}
