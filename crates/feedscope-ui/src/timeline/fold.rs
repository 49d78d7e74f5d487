//! The beginning that the payloads in sight have in common. It is left out of the rows, so that they begin where they
//! differ. Copies, filters and the inspector use whole payloads.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, pos2};
use feedscope_analysis::beginnings::{LONGEST, common_beginning};
use feedscope_analysis::listing::ListedLine;
use feedscope_core::KindTag;
use feedscope_core::store::{RowNumber, RowText};

use super::TimelinePlace;
use crate::theme::{Palette, font};
use crate::widgets::{cut, paint_right};
use crate::words;

/// Number of payloads in sight from which their beginnings are compared.
const LEAST_PAYLOADS: usize = 4;

/// Number of screens of new rows after which a moving view compares again.
const SCREENS: u64 = 4;

/// Minimum time between two comparisons in seconds, because they read more of each payload than a row shows.
const INTERVAL: f64 = 0.5;

/// Beginning that is left out, of one view.
#[derive(Default)]
pub(super) struct Fold {
    beginning: String,
    /// First and last row that were compared.
    compared: Option<(RowNumber, RowNumber)>,
    /// First and last row in sight in the last pass.
    in_sight: Option<(RowNumber, RowNumber)>,
    /// Time of the last comparison.
    compared_at: Option<f64>,
    /// The user sees whole payloads.
    is_off: bool,
}

impl Fold {
    /// Beginning that is left out; empty for none.
    pub(super) fn beginning(&self) -> &str {
        if self.is_off { "" } else { &self.beginning }
    }

    /// Returns the number of bytes to read from each payload besides those that a row shows, at this time in seconds.
    pub(super) fn needed_bytes(&self, now: f64) -> usize {
        if self.is_due(now) {
            LONGEST
        } else {
            self.beginning.len()
        }
    }

    fn is_due(&self, now: f64) -> bool {
        let last = self.compared_at;
        last.is_none_or(|last| now - last >= INTERVAL)
    }

    /// Compares the payloads in sight if the view has stopped, has moved far, or shows other payloads than before.
    pub(super) fn sync(&mut self, lines: &[ListedLine], now: f64) {
        let ends = lines.first().zip(lines.last());
        let in_sight = ends.map(|(first, last)| (first.text.row, last.text.row));
        let has_stopped = in_sight == self.in_sight;
        self.in_sight = in_sight;
        // A view of the same rows has the same beginning.
        if in_sight == self.compared || !self.is_due(now) {
            return;
        }
        let previews = || {
            let foldable = lines.iter().filter(|line| is_foldable(&line.text));
            foldable.map(|line| line.text.preview.as_str())
        };
        let count = previews().count();
        if count < LEAST_PAYLOADS {
            return;
        }
        let fitting = previews()
            .filter(|text| text.starts_with(&self.beginning))
            .count();
        let has_moved_far = match (self.compared, in_sight) {
            (Some((_, before)), Some((first, last))) => {
                let screens = last.since(first).max(1) * SCREENS;
                last.since(before).max(before.since(last)) >= screens
            }
            _ => true,
        };
        // The same beginning stays while the view moves, so that the rows do not jump.
        if has_stopped || has_moved_far || fitting * 4 < count * 3 {
            let shared = common_beginning(previews().map(str::as_bytes));
            self.beginning = String::from_utf8_lossy(shared).into_owned();
            self.compared = in_sight;
            self.compared_at = Some(now);
        }
    }

    /// Draws the switch at the right end of the header, where something is left out and there is room.
    pub(super) fn switch(&mut self, ui: &Ui, place: &TimelinePlace<'_>, header: Rect, left: f32) {
        if self.beginning.is_empty() {
            return;
        }
        let text = words::folded(self.beginning.chars().count(), self.is_off);
        let palette = Palette::of(ui);
        let galley = cut(ui, &text, font::small(), palette.dim, f32::INFINITY);
        // The scroll handle is at the right edge.
        let right = header.right() - 20.0;
        let area = Rect::from_min_max(
            pos2(right - galley.size().x, header.top()),
            pos2(right, header.bottom()),
        );
        if area.left() < left {
            return;
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
        response.on_hover_text(&self.beginning);
    }
}

/// Returns true for a row whose payload is text from the feed.
pub(super) fn is_foldable(line: &RowText) -> bool {
    matches!(line.tag, KindTag::Event | KindTag::Text | KindTag::Line)
}
