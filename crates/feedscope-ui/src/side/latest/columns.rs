//! Columns of the table, and their places.

use std::ops::RangeInclusive;

use egui::Rect;
use feedscope_analysis::latest::OrderBy;

use crate::widgets::scroll_bar;

/// Height of a row.
pub(super) const ROW: f32 = 22.0;

/// Height of the names of the columns, and of the line with the field that finds keys.
pub(super) const NAMES: f32 = 24.0;
pub(super) const FIND: f32 = 32.0;

/// Width that each value after the first one takes at least, with the gap before it. The part beside the rows grows by it.
pub(in crate::side) const NEXT_VALUE: f32 = 84.0;

/// Gap between two columns.
const GAP: f32 = 12.0;

/// Width of the column of the change, and of the sparkline.
const CHANGE: f32 = 78.0;
const SPARK: f32 = 56.0;

/// Width of a key that a long number leaves.
const SHORT_KEY: f32 = 56.0;

/// Largest width that a number gets.
const WIDEST: f32 = 200.0;

/// Edges of a column.
type Edges = (f32, f32);

/// Positions of the columns.
pub(super) struct LatestLayout {
    pub(super) key: Edges,
    /// Values from left to right, as far as they have room. The first one always has.
    pub(super) values: Vec<Edges>,
    pub(super) change: Option<Edges>,
    pub(super) spark: Option<Edges>,
    /// Rate and age; `None` if the records have no times.
    pub(super) times: Option<(Edges, Edges)>,
}

/// Returns the meaning of a column, with its span and unit.
pub(super) fn about(column: OrderBy) -> &'static str {
    match column {
        OrderBy::Key => "Values of the field. A click on a row filters the records by its value.",
        OrderBy::Value(0) => {
            "Number in the newest record of the key that has it, or another value. It is marked for half a second after a \
             change."
        }
        OrderBy::Value(_) => {
            "Value in the newest record of the key that has it. It is marked for half a second after a change."
        }
        OrderBy::Change => {
            "Difference of the number and the one in the record of the same key before."
        }
        OrderBy::Rate => "Records of the key per second, over the last two minutes.",
        OrderBy::Age => {
            "Time since the newest record of the key, in the unit that follows it. It has a color if the key was never silent for so long."
        }
    }
}

impl LatestLayout {
    /// Returns the columns of values that have room, with their edges.
    pub(super) fn cells(&self) -> impl Iterator<Item = (OrderBy, RangeInclusive<f32>)> {
        let values = self.values.iter().enumerate();
        let values = values.map(|(place, edges)| (OrderBy::Value(place), *edges));
        let change = self.change.map(|edges| (OrderBy::Change, edges));
        let times = self.times.into_iter();
        let times = times.flat_map(|(rate, age)| [(OrderBy::Rate, rate), (OrderBy::Age, age)]);
        let columns = values.chain(change).chain(times);
        columns.map(|(column, (left, right))| (column, left..=right))
    }

    /// Divides the width between the key, whose longest name has this width, and the values, at least one, whose longest
    /// numbers have these widths. Without times, no column is about them. The sparkline gives way first, then the change, and then the values from the right.
    pub(super) fn of(area: Rect, key_width: f32, wanted: &[f32], has_times: bool) -> Self {
        let width = area.width();
        let values = wanted.len();
        // A wide table has wide columns.
        let step = (width / (values as f32 + 7.0)).clamp(NEXT_VALUE, 160.0);
        let steps: Vec<f32> = wanted
            .iter()
            .map(|it| (it + GAP).clamp(step, WIDEST))
            .collect();
        // The first value is a number of this width behind a short key.
        let first = wanted.first().map_or(0.0, |it| it.clamp(32.0, WIDEST));
        let short_key = key_width.clamp(40.0, SHORT_KEY);
        let left = area.left() + 12.0;
        let age_right = area.right() - scroll_bar::WIDTH - 4.0;
        let rate_right = age_right - 60.0;
        // Wide enough for `12,345`.
        let mut right = if has_times {
            rate_right - 44.0
        } else {
            age_right
        };
        // Returns true if `others` points remain for other columns beside this number of next values. `least` is the width
        // of a table with one value and these columns.
        let has_room = |least: f32, others: f32, next: usize| {
            let next: f32 = steps.iter().skip(1).take(next).sum();
            width >= least + next && right - others - next - left >= short_key + 8.0 + first
        };
        let next = (1..values).rev().find(|next| has_room(300.0, 0.0, *next));
        let next = next.unwrap_or(0);
        let has_change = has_room(330.0, CHANGE, next);
        let has_spark = has_times && has_room(390.0, CHANGE + SPARK, next);
        let spark = has_spark.then(|| {
            right -= SPARK;
            (right + 4.0, right + 52.0)
        });
        let mut places: Vec<Edges> = Vec::with_capacity(next + 1);
        for step in steps[1..=next].iter().rev() {
            places.push((right - step + GAP, right));
            right -= step;
        }
        let change_right = has_change.then_some(right);
        let value_right = change_right.map_or(right, |right| right - CHANGE);
        // The first value has the room that the names do not need, and at least that of its number.
        let key_width = key_width
            .min((value_right - left) * 0.55)
            .min(value_right - left - 8.0 - first)
            .max(40.0);
        let key_right = left + key_width;
        places.push((key_right + 8.0, value_right));
        places.reverse();
        Self {
            key: (left, key_right),
            values: places,
            change: change_right.map(|right| (value_right + 8.0, right)),
            spark,
            times: has_times.then_some((
                (rate_right - 40.0, rate_right),
                (rate_right + 8.0, age_right),
            )),
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
            let layout = LatestLayout::of(area, 300.0, &[0.0], true);
            assert_eq!(layout.change.is_some(), width >= 330.0);
            assert_eq!(layout.spark.is_some(), width >= 390.0);
            let [(left, right)] = layout.values[..] else {
                panic!("{width}");
            };
            assert!(
                layout.key.1 - layout.key.0 >= 40.0 && right - left >= 32.0,
                "{width}"
            );
        }
    }

    #[test]
    fn columns_do_not_overlap_however_many_there_are() {
        for (values, wanted) in (1..=7).flat_map(|values| [0.0, 90.0, 400.0].map(|it| (values, it)))
        {
            for width in [280.0, 416.0, 584.0, 640.0, 1_000.0, 2_000.0] {
                let area = Rect::from_min_size(pos2(100.0, 0.0), vec2(width, 200.0));
                let layout = LatestLayout::of(area, 90.0, &vec![wanted; values], true);
                let mut edges: Vec<Edges> = layout.cells().map(|(_, it)| it.into_inner()).collect();
                edges.extend([layout.key].into_iter().chain(layout.spark));
                edges.sort_by(|one, other| one.0.total_cmp(&other.0));
                for pair in edges.windows(2) {
                    assert!(pair[0].1 <= pair[1].0, "{values} {width}: {edges:?}");
                }
                assert!(
                    edges.iter().all(|(left, right)| right - left >= 30.0),
                    "{edges:?}"
                );
            }
        }
        let wide = Rect::from_min_size(pos2(0.0, 0.0), vec2(2_000.0, 200.0));
        assert_eq!(
            LatestLayout::of(wide, 90.0, &[0.0; 7], true).values.len(),
            7
        );
    }

    #[test]
    fn other_columns_give_way_to_a_long_number() {
        let area = Rect::from_min_size(pos2(0.0, 0.0), vec2(416.0, 200.0));
        let room = |wanted: f32| {
            let layout = LatestLayout::of(area, 120.0, &[wanted], true);
            let (left, right) = layout.values[0];
            (
                right - left,
                layout.spark.is_some(),
                layout.change.is_some(),
            )
        };
        assert!(matches!(room(80.0), (80.0.., true, true)));
        assert!(matches!(room(110.0), (110.0.., false, true)));
        assert!(matches!(room(190.0), (190.0.., false, false)));
    }
}
