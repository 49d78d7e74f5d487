//! Columns of the table: their names, by which the rows are ordered, and their places.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo};
use feedscope_analysis::fields::Path;

use super::LatestView;
use crate::side::place::SidePlace;
use crate::theme::{Palette, font};
use crate::widgets::{cut, paint_left, paint_right, scroll_bar};

/// Column by which the rows are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LatestColumn {
    Key,
    Value,
    Change,
    Rate,
    Age,
}

/// Positions of the columns, from left to right.
pub(super) struct LatestLayout {
    pub(super) key: (f32, f32),
    pub(super) value_right: f32,
    pub(super) change_right: Option<f32>,
    pub(super) spark: Option<(f32, f32)>,
    pub(super) rate_right: f32,
    pub(super) age_right: f32,
}

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

/// Returns the meaning of a column, with its span and unit.
fn about(column: LatestColumn) -> &'static str {
    match column {
        LatestColumn::Key => {
            "Values of the field. A click on a row filters the records by its value."
        }
        LatestColumn::Value => {
            "Number in the newest record of the key. It is marked for half a second after a change."
        }
        LatestColumn::Change => {
            "Difference of the number and the one in the record of the same key before."
        }
        LatestColumn::Rate => "Records of the key per second, over the last two minutes.",
        LatestColumn::Age => {
            "Time since the newest record of the key. It has a color if the key was never silent for so long."
        }
    }
}

impl LatestLayout {
    /// Divides the width. The sparkline gives way first, then the change.
    pub(super) fn of(area: Rect) -> Self {
        let age_right = area.right() - scroll_bar::WIDTH - 4.0;
        let rate_right = age_right - 60.0;
        // Wide enough for `12,345`.
        let mut right = rate_right - 44.0;
        let spark = (area.width() >= 390.0).then(|| {
            right -= 56.0;
            (right + 4.0, right + 52.0)
        });
        let change_right = (area.width() >= 330.0).then_some(right);
        let value_right = change_right.map_or(right, |right| right - 78.0);
        let left = area.left() + 12.0;
        let key_right = left + ((value_right - left) * 0.55).max(40.0);
        Self {
            key: (left, key_right),
            value_right,
            change_right,
            spark,
            rate_right,
            age_right,
        }
    }
}

#[cfg(test)]
mod tests {
    use egui::{pos2, vec2};

    use super::*;

    #[test]
    fn a_narrow_table_keeps_its_key_and_value() {
        for width in [280.0, 340.0, 416.0, 900.0] {
            let area = Rect::from_min_size(pos2(100.0, 0.0), vec2(width, 200.0));
            let layout = LatestLayout::of(area);
            assert_eq!(layout.change_right.is_some(), width >= 330.0);
            assert_eq!(layout.spark.is_some(), width >= 390.0);
            assert!(
                layout.key.1 - layout.key.0 >= 40.0 && layout.value_right - layout.key.1 >= 40.0,
                "{width}"
            );
        }
    }
}
