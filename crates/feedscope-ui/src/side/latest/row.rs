//! Row of the table: texts of a key, and their drawing.

use std::cmp::Ordering;
use std::time::Duration;

use egui::{Color32, Id, Rect, Ui, vec2};
use feedscope_analysis::fields::Path;
use feedscope_analysis::latest::{KeyRecords, LatestValue, OrderBy};
use feedscope_core::Moment;

use super::columns::{LatestLayout, about};
use crate::numbers::{Number, name_number};
use crate::side::parts::line_in;
use crate::theme::{Palette, font};
use crate::widgets::{cut, cut_middle, measured, paint_left, paint_right};
use crate::words;

/// Time for which a changed value is marked.
const MARKED: Duration = Duration::from_millis(500);

/// Row of the table.
pub(super) struct LatestRow {
    pub(super) name: String,
    /// Values of the columns; the beginning of the newest payload without columns.
    values: Vec<ValueCell>,
    change: Option<ValueChange>,
    /// `None` if the records have no times.
    times: Option<RowTimes>,
    /// Time for which a value stays marked, because it has changed a moment ago.
    pub(super) marked_for: Option<Duration>,
}

/// Contents of a row that depend on the times of the records.
struct RowTimes {
    spark: Vec<f32>,
    rate: f64,
    age: Duration,
    is_late: bool,
}

/// Value of a column.
#[derive(Default)]
struct ValueCell {
    text: String,
    is_number: bool,
    /// Direction of a change that is marked; `Equal` for a text that has changed.
    mark: Option<Ordering>,
}

/// Difference of the newest number and the one before.
struct ValueChange {
    text: String,
    direction: Ordering,
}

impl LatestRow {
    /// Returns the row of a key, with this number of columns of values. Without a present time, the records have no times.
    pub(super) fn of(key: &KeyRecords, columns: usize, now: Option<Moment>) -> Self {
        let mut marked_for = None;
        let mut cell = |column: usize| {
            let Some(value) = key.value(column) else {
                return ValueCell::default();
            };
            // Records without the value do not remove the mark of a change.
            let rest = now.and_then(|now| MARKED.checked_sub(now.since(value.at())));
            let previous = key.previous_value(column).filter(|_| rest.is_some());
            let mark = previous.and_then(|previous| direction(previous, value));
            if mark.is_some() {
                marked_for = marked_for.max(rest);
            }
            ValueCell {
                text: value.text().to_owned(),
                is_number: value.number().is_some(),
                mark,
            }
        };
        let mut values: Vec<ValueCell> = (0..columns).map(&mut cell).collect();
        if columns == 0 {
            // Without a column, the beginning of the payload stands for the values.
            let text = String::from_utf8_lossy(key.newest().payload());
            let text = text.chars().take(60).map(crate::payload_text::visible);
            values.push(ValueCell {
                text: text.collect(),
                ..ValueCell::default()
            });
        }
        let number = |value: Option<&LatestValue>| {
            let value = value.filter(|value| value.number().is_some())?;
            Some(value.text().to_owned())
        };
        let before = number(key.previous_value(0));
        let change = before.zip(number(key.value(0)));
        Self {
            name: key.name().to_owned(),
            values,
            change: change.and_then(|(before, now)| change_of(&before, &now)),
            times: now.map(|now| RowTimes {
                spark: key.spark(now).into_iter().flatten().collect(),
                rate: key.rate(now),
                age: key.age(now),
                is_late: key.is_late(now),
            }),
            marked_for,
        }
    }

    /// Returns true if the value of a column is a text; `None` without a value.
    pub(super) fn is_text(&self, column: usize) -> Option<bool> {
        let cell = self.values.get(column)?;
        (!cell.text.is_empty()).then_some(!cell.is_number)
    }

    /// Returns the number of characters of the number in a column; `None` for other values.
    pub(super) fn number_length(&self, column: usize) -> Option<usize> {
        let cell = self.values.get(column)?;
        // One more, because the width of a character is rounded.
        cell.is_number.then(|| cell.text.chars().count() + 1)
    }

    /// Returns the text for screen readers.
    pub(super) fn label(&self) -> String {
        let change = self.change.as_ref().map_or_else(String::new, |change| {
            format!(", {} {}", direction_word(change.direction), change.text)
        });
        let mut values = self.values.iter().map(|cell| cell.text.as_str());
        let first = values.next().unwrap_or_default();
        let others = values.fold(String::new(), |others, text| others + ", " + text);
        let times = self.times.as_ref().map_or_else(String::new, |times| {
            let (rate, age) = (words::significant(times.rate), words::duration(times.age));
            format!(", {rate} per second, {age} ago")
        });
        format!("{} {first}{change}{others}{times}", self.name)
    }

    /// Gives each value of the row a node of the accessibility tree. Returns the column under the pointer.
    pub(super) fn name_numbers(
        &self,
        ui: &Ui,
        id: Id,
        row: Rect,
        layout: &LatestLayout,
        columns: &[Path],
    ) -> Option<OrderBy> {
        // Thousands of nodes cost time, so that they exist only for a program that reads them.
        let is_read = ui.ctx().has_accesskit_node(id);
        let pointer = ui.input(|input| input.pointer.latest_pos());
        let mut pointed_at = None;
        for (column, edges) in layout.cells() {
            let area = Rect::from_x_y_ranges(edges, row.y_range());
            if pointer.is_some_and(|at| area.contains(at)) {
                pointed_at = Some(column);
            }
            if is_read && let Some(text) = self.text_of(column) {
                let name = match column {
                    OrderBy::Value(value) => match columns.get(value) {
                        Some(path) => format!("{path} of {}", self.name),
                        None => format!("newest of {}", self.name),
                    },
                    OrderBy::Change => format!("change of {}", self.name),
                    OrderBy::Rate => format!("records per second of {}", self.name),
                    OrderBy::Age | OrderBy::Key => {
                        format!("time since the newest record of {}", self.name)
                    }
                };
                let number = Number::new(name, text, about(column));
                name_number(ui, area, id.with(column), &number);
            }
        }
        pointed_at
    }

    /// Returns the explanation of a cell, with its whole value.
    pub(super) fn explanation(&self, column: OrderBy) -> String {
        match column {
            OrderBy::Value(_) => match self.text_of(column) {
                Some(text) => format!("{text}\n\n{}", about(column)),
                None => about(column).to_owned(),
            },
            _ => about(column).to_owned(),
        }
    }

    /// Returns the value of a column.
    fn text_of(&self, column: OrderBy) -> Option<String> {
        match column {
            OrderBy::Key => None,
            OrderBy::Value(value) => {
                let cell = self.values.get(value)?;
                (!cell.text.is_empty()).then(|| cell.text.clone())
            }
            OrderBy::Change => {
                let change = self.change.as_ref()?;
                let word = direction_word(change.direction);
                Some(format!("{word} {}", change.text))
            }
            OrderBy::Rate => Some(words::significant(self.times.as_ref()?.rate)),
            OrderBy::Age => Some(words::duration(self.times.as_ref()?.age)),
        }
    }

    pub(super) fn paint(
        &self,
        ui: &Ui,
        rect: Rect,
        layout: &LatestLayout,
        is_chosen: bool,
        is_lit: bool,
    ) {
        let palette = Palette::of(ui);
        if is_chosen {
            ui.painter().rect_filled(rect, 0.0, palette.selection);
        } else if is_lit {
            ui.painter().rect_filled(rect, 0.0, palette.raise);
        }
        let y = rect.center().y;
        let dim = palette.dim_in_row(is_chosen);
        let character = measured(ui, "0", font::mono());
        let mono = |text: &str, color: Color32, width: f32| {
            let fitting = (width / character).floor().max(1.0) as usize;
            cut(ui, &cut_middle(text, fitting), font::mono(), color, width)
        };
        let small =
            |text: &str, color: Color32, width: f32| cut(ui, text, font::small(), color, width);
        let (left, right) = layout.key;
        paint_left(ui, left, y, mono(&self.name, palette.text, right - left));
        for (place, (cell, (left, right))) in self.values.iter().zip(&layout.values).enumerate() {
            // The change beside the first number has its mark.
            let has_change = place == 0 && self.change.is_some() && layout.change.is_some();
            if let Some(direction) = cell.mark.filter(|_| !has_change) {
                mark(ui, rect, (*left, *right), direction);
            }
            let width = right - left;
            if cell.is_number {
                let text = words::fitting_number(&cell.text, (width / character) as usize);
                paint_right(ui, *right, y, mono(&text, palette.text, width));
            } else {
                paint_left(ui, *left, y, mono(&cell.text, palette.text, width));
            }
        }
        if let (Some((left, right)), Some(change)) = (layout.change, &self.change) {
            let is_marked = self.values.first().is_some_and(|cell| cell.mark.is_some());
            let (sign, color) = match change.direction {
                Ordering::Greater => ("▴", palette.open),
                Ordering::Less => ("▾", palette.fail),
                Ordering::Equal => ("", dim),
            };
            if is_marked {
                mark(ui, rect, (left, right), change.direction);
            }
            let color = if is_marked { palette.text } else { color };
            let fitting = ((right - left) / character) as usize;
            let number = words::fitting_number(&change.text, fitting.saturating_sub(2));
            let text = format!("{sign} {number}");
            paint_right(ui, right, y, mono(text.trim_start(), color, right - left));
        }
        let Some((times, (rate_edges, age_edges))) = self.times.as_ref().zip(layout.times) else {
            return;
        };
        if let Some((left, right)) = layout.spark {
            let area = Rect::from_x_y_ranges(left..=right, rect.top() + 5.0..=rect.bottom() - 5.0);
            line_in(ui, area, &times.spark, dim);
        }
        let (left, right) = rate_edges;
        let rate = words::significant(times.rate);
        paint_right(ui, right, y, small(&rate, dim, right - left));
        let color = if times.is_late { palette.wait } else { dim };
        let age = words::duration(times.age);
        let (left, right) = age_edges;
        paint_right(ui, right, y, small(&age, color, right - left));
    }
}

/// Draws the ground of a value that has changed.
fn mark(ui: &Ui, row: Rect, (left, right): (f32, f32), direction: Ordering) {
    let palette = Palette::of(ui);
    let color = match direction {
        Ordering::Greater => palette.open,
        Ordering::Less => palette.fail,
        Ordering::Equal => palette.key,
    };
    let ground = Rect::from_x_y_ranges(left - 2.0..=right + 4.0, row.y_range());
    let ground = ground.shrink2(vec2(0.0, 2.0));
    ui.painter()
        .rect_filled(ground, 3.0, color.gamma_multiply(0.18));
}

/// Returns the direction of a change; `Equal` if the values are no numbers, and `None` without a change.
fn direction(before: &LatestValue, now: &LatestValue) -> Option<Ordering> {
    match before.number().zip(now.number()) {
        Some((before, now)) => before
            .partial_cmp(&now)
            .map(Ordering::reverse)
            .filter(|direction| direction.is_ne()),
        None => (before.text() != now.text()).then_some(Ordering::Equal),
    }
}

/// Returns the difference of two numbers with as many decimals as the longer one has.
fn change_of(before: &str, now: &str) -> Option<ValueChange> {
    let (old, new): (f64, f64) = (before.parse().ok()?, now.parse().ok()?);
    let decimals = |text: &str| {
        text.split_once('.')
            .map_or(0, |(_, decimals)| decimals.len())
    };
    // A float has no more exact decimals.
    let most = decimals(before).max(decimals(now)).min(9);
    let text = if before.contains(['e', 'E']) || now.contains(['e', 'E']) {
        words::axis_number((new - old).abs(), "")
    } else {
        format!("{:.most$}", (new - old).abs())
    };
    Some(ValueChange {
        text,
        direction: new.partial_cmp(&old)?,
    })
}

fn direction_word(direction: Ordering) -> &'static str {
    match direction {
        Ordering::Greater => "up",
        Ordering::Less => "down",
        Ordering::Equal => "unchanged",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_the_decimals_of_its_numbers() {
        for (before, now, text, direction) in [
            ("0.7913", "0.7938", "0.0025", Ordering::Greater),
            ("7441.5", "5200", "2241.5", Ordering::Less),
            ("3", "3.0", "0.0", Ordering::Equal),
            ("1", "12", "11", Ordering::Greater),
        ] {
            let change = change_of(before, now).unwrap();
            assert_eq!((change.text.as_str(), change.direction), (text, direction));
        }
        assert!(change_of("1", "x").is_none());
    }
}
