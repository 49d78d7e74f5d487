//! Names of the columns, by which the rows are ordered.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo};
use feedscope_analysis::fields::Path;

use super::columns::{LatestColumn, LatestLayout, about};
use super::state::LatestView;
use crate::side::place::SidePlace;
use crate::theme::{Palette, font};
use crate::widgets::{cut, paint_left, paint_right};

impl LatestView {
    /// Draws the names of the columns, which order the rows.
    pub(super) fn names(
        &mut self,
        ui: &Ui,
        place: &SidePlace<'_>,
        rect: Rect,
        layout: &LatestLayout,
    ) {
        crate::widgets::bottom_line(ui, rect);
        let key = self.key.as_ref().map(Path::to_string).unwrap_or_default();
        let number = self
            .number
            .as_ref()
            .map_or_else(|| "newest".to_owned(), Path::to_string);
        let columns = [
            (LatestColumn::Key, key, layout.key.0, layout.key.1, false),
            (
                LatestColumn::Value,
                number,
                layout.key.1 + 8.0,
                layout.value_right,
                true,
            ),
            (
                LatestColumn::Change,
                "change".to_owned(),
                layout.value_right + 8.0,
                layout.change_right.unwrap_or(0.0),
                true,
            ),
            (
                LatestColumn::Rate,
                "/s".to_owned(),
                layout.rate_right - 40.0,
                layout.rate_right,
                true,
            ),
            (
                LatestColumn::Age,
                "age".to_owned(),
                layout.rate_right + 8.0,
                layout.age_right,
                true,
            ),
        ];
        for (column, name, left, right, is_number) in columns {
            let area = Rect::from_x_y_ranges(left..=right, rect.y_range());
            if area.width() < 12.0 {
                continue;
            }
            let palette = Palette::of(ui);
            let is_on = self.column == column;
            let id = Id::unique(("latest column", column as u8, place.pane));
            let response = ui.interact(area, id, Sense::click());
            let label = format!("Order by {name}");
            response.widget_info(|| WidgetInfo::selected(Role::ColumnHeader, true, is_on, &label));
            let arrow = match (is_on, self.is_descending) {
                (true, true) => " ▾",
                (true, false) => " ▴",
                (false, _) => "",
            };
            let color = if is_on { palette.text } else { palette.dim };
            let galley = cut(
                ui,
                &format!("{name}{arrow}"),
                font::small(),
                color,
                area.width(),
            );
            if is_number {
                paint_right(ui, right, rect.center().y, galley);
            } else {
                paint_left(ui, left, rect.center().y, galley);
            }
            if response.clicked() {
                // Texts begin with the first letter, and numbers with the largest.
                self.is_descending = if is_on {
                    !self.is_descending
                } else {
                    column != LatestColumn::Key
                };
                self.column = column;
                self.ordered = None;
            }
            response.on_hover_text(about(column));
        }
    }
}
