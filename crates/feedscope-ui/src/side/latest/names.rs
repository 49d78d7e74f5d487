//! Names of the columns, by which the rows are ordered.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo};
use feedscope_analysis::fields::Path;
use feedscope_analysis::latest::OrderBy;
use feedscope_analysis::record_key::RecordKey;

use super::columns::{LatestLayout, about};
use super::state::LatestView;
use crate::side::place::SidePlace;
use crate::theme::{Palette, font};
use crate::widgets::{cut, paint_left, paint_right};

impl LatestView {
    /// Draws the names of the columns, which order the rows. `texts` are the places of the values that are no numbers.
    pub(super) fn names(
        &mut self,
        ui: &Ui,
        place: &SidePlace<'_>,
        rect: Rect,
        layout: &LatestLayout,
        texts: &[usize],
    ) {
        crate::widgets::bottom_line(ui, rect);
        let key = (OrderBy::Key, layout.key.0..=layout.key.1);
        for (column, edges) in std::iter::once(key).chain(layout.cells()) {
            let area = Rect::from_x_y_ranges(edges, rect.y_range());
            if area.width() < 12.0 {
                continue;
            }
            let name = self.name_of(column);
            let palette = Palette::of(ui);
            let is_on = self.by == column;
            let id = Id::unique(("latest column", column, place.pane));
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
            let is_left = match column {
                OrderBy::Key => true,
                OrderBy::Value(value) => texts.contains(&value),
                OrderBy::Change | OrderBy::Rate | OrderBy::Age => false,
            };
            if is_left {
                paint_left(ui, area.left(), rect.center().y, galley);
            } else {
                paint_right(ui, area.right(), rect.center().y, galley);
            }
            if response.clicked() {
                // Texts begin with the first letter, and numbers with the largest.
                self.is_descending = if is_on {
                    !self.is_descending
                } else {
                    column != OrderBy::Key
                };
                self.by = column;
                self.order_again();
            }
            response.on_hover_text(about(column));
        }
    }

    fn name_of(&self, column: OrderBy) -> String {
        match column {
            OrderBy::Key => self
                .key
                .as_ref()
                .map(RecordKey::to_string)
                .unwrap_or_default(),
            OrderBy::Value(value) => {
                let path = self.columns.get(value);
                path.map_or_else(|| "newest".to_owned(), Path::to_string)
            }
            OrderBy::Change => "change".to_owned(),
            OrderBy::Rate => "/s".to_owned(),
            OrderBy::Age => "age".to_owned(),
        }
    }
}
