//! Kept records of the chosen key.

use std::borrow::Cow;

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo};
use feedscope_analysis::latest::KeptRecord;

use super::columns::{NAMES, ROW};
use super::state::LatestView;
use crate::side::place::{SidePlace, SideWish};
use crate::theme::{Palette, font};
use crate::widgets::{cut, paint_left, take_bottom, take_top};

impl LatestView {
    /// Draws the kept records of the chosen key at the bottom, because the store may have let go of them.
    pub(super) fn chosen_records(
        &mut self,
        ui: &Ui,
        place: &SidePlace<'_>,
        area: &mut Rect,
        kept: &[KeptRecord],
    ) -> Option<SideWish> {
        let name = self.chosen.clone()?;
        let height = NAMES + kept.len() as f32 * ROW;
        // A low part keeps its table.
        if kept.is_empty() || area.height() < height + 4.0 * ROW {
            return None;
        }
        let palette = Palette::of(ui);
        let mut rect = take_bottom(area, height);
        crate::widgets::top_line(ui, rect);
        let title = take_top(&mut rect, NAMES);
        let text = format!("Last records of {name}");
        paint_left(
            ui,
            title.left() + 12.0,
            title.center().y,
            cut(ui, &text, font::small(), palette.dim, title.width() - 24.0),
        );
        let mut wish = None;
        for record in kept {
            let line = take_top(&mut rect, ROW);
            let time = place.time_or_row(record.stamp().utc, record.row());
            let payload = if record.is_left_out() {
                Cow::Borrowed("too long to be kept here")
            } else {
                String::from_utf8_lossy(record.payload())
            };
            let id = Id::unique(("kept record", record.row().0, place.pane));
            let response = ui.interact(line, id, Sense::click());
            response.widget_info(|| {
                WidgetInfo::labeled(Role::Button, true, format!("{time} {payload}"))
            });
            if response.hovered() || response.has_focus() {
                ui.painter().rect_filled(line, 0.0, palette.raise);
            }
            let y = line.center().y;
            let time = cut(ui, &time, font::mono(), palette.dim, line.width());
            let left = line.left() + 12.0;
            let next = left + time.size().x + 12.0;
            paint_left(ui, left, y, time);
            // The layout of a row must not cost more than its visible part.
            let payload = &payload[..payload.floor_char_boundary(400)];
            let mut job = crate::payload_text::line_job(
                ui,
                payload,
                &font::mono(),
                palette.text,
                palette.faint,
            );
            job.wrap = crate::widgets::one_line(line.right() - next - 12.0);
            paint_left(ui, next, y, ui.painter().layout_job(job));
            if response.clicked() {
                wish = Some(SideWish::GoTo(record.row()));
            }
        }
        wish
    }
}
