//! Columns of the table, and their places.

use std::ops::RangeInclusive;

use egui::Rect;

use crate::widgets::scroll_bar;

/// Height of a row.
pub(super) const ROW: f32 = 22.0;

/// Height of the names of the columns, and of the line with the field that finds keys.
pub(super) const NAMES: f32 = 24.0;
pub(super) const FIND: f32 = 32.0;

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

/// Returns the meaning of a column, with its span and unit.
pub(super) fn about(column: LatestColumn) -> &'static str {
    match column {
        LatestColumn::Key => {
            "Values of the field. A click on a row filters the records by its value."
        }
        LatestColumn::Value => {
            "Number in the newest record of the key that has it. It is marked for half a second after a change."
        }
        LatestColumn::Change => {
            "Difference of the number and the one in the record of the same key before."
        }
        LatestColumn::Rate => "Records of the key per second, over the last two minutes.",
        LatestColumn::Age => {
            "Time since the newest record of the key, in the unit that follows it. It has a color if the key was never silent for so long."
        }
    }
}

impl LatestLayout {
    /// Returns the columns of numbers that have room, with their edges.
    pub(super) fn numbers(&self) -> impl Iterator<Item = (LatestColumn, RangeInclusive<f32>)> {
        let value = (LatestColumn::Value, self.key.1 + 8.0, self.value_right);
        let change = self
            .change_right
            .map(|right| (LatestColumn::Change, self.value_right + 8.0, right));
        let rate = (LatestColumn::Rate, self.rate_right - 40.0, self.rate_right);
        let age = (LatestColumn::Age, self.rate_right + 8.0, self.age_right);
        let columns = [Some(value), change, Some(rate), Some(age)];
        let columns = columns.into_iter().flatten();
        columns.map(|(column, left, right)| (column, left..=right))
    }

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
