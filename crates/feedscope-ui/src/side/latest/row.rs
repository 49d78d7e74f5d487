//! Row of the table: texts of a key, and their drawing.

use std::cmp::Ordering;
use std::time::Duration;

use egui::{Color32, Id, Rect, Ui, vec2};
use feedscope_analysis::fields::Path;
use feedscope_analysis::latest::KeyRecords;
use feedscope_core::Moment;

use super::columns::{LatestColumn, LatestLayout, about};
use crate::numbers::{Number, name_number};
use crate::side::parts::line_in;
use crate::theme::{Palette, font};
use crate::widgets::{cut, cut_middle, measured, paint_left, paint_right};
use crate::words;

/// Time for which a changed number is marked.
const MARKED: Duration = Duration::from_millis(500);

/// Row of the table.
pub(super) struct LatestRow {
    pub(super) name: String,
    value: String,
    change: Option<ValueChange>,
    spark: Vec<f32>,
    rate: f64,
    age: Duration,
    is_late: bool,
    /// Time for which the number stays marked, because it has changed a moment ago.
    pub(super) marked_for: Option<Duration>,
}

/// Difference of the newest number and the one before.
struct ValueChange {
    text: String,
    direction: Ordering,
}

impl LatestRow {
    pub(super) fn of(key: &KeyRecords, now: Moment) -> Self {
        let (number, before) = (key.number(), key.previous_number());
        let change = before
            .zip(number)
            .and_then(|(before, number)| change(&before.text, &number.text));
        let age = key.age(now);
        // Records without the number do not remove the mark of a change.
        let number_age = number.map_or(age, |number| now.since(number.at));
        let has_changed = change
            .as_ref()
            .is_some_and(|change| change.direction != Ordering::Equal);
        let number = number.map(|number| number.text.to_string());
        let value = number.unwrap_or_else(|| {
            // Without a number, the beginning of the payload stands for it.
            let text = String::from_utf8_lossy(key.newest().payload());
            text.chars()
                .take(60)
                .map(crate::payload_text::visible)
                .collect()
        });
        Self {
            name: key.name().to_owned(),
            value,
            change,
            spark: key.spark(now).into_iter().flatten().collect(),
            rate: key.rate(now),
            age,
            is_late: key.is_late(now),
            marked_for: MARKED.checked_sub(number_age).filter(|_| has_changed),
        }
    }

    /// Returns the text for screen readers.
    pub(super) fn label(&self) -> String {
        let change = self.change.as_ref().map_or_else(String::new, |change| {
            format!(", {} {}", direction_word(change.direction), change.text)
        });
        format!(
            "{} {}{change}, {} per second, {} ago",
            self.name,
            self.value,
            words::significant(self.rate),
            words::duration(self.age)
        )
    }

    /// Gives each number of the row a node of the accessibility tree. Returns the column under the pointer.
    pub(super) fn name_numbers(
        &self,
        ui: &Ui,
        id: Id,
        row: Rect,
        layout: &LatestLayout,
        number: Option<&Path>,
    ) -> Option<LatestColumn> {
        // Thousands of nodes cost time, so that they exist only for a program that reads them.
        let is_read = ui.ctx().has_accesskit_node(id);
        let pointer = ui.input(|input| input.pointer.latest_pos());
        let mut pointed_at = None;
        for (column, edges) in layout.numbers() {
            let area = Rect::from_x_y_ranges(edges, row.y_range());
            if pointer.is_some_and(|at| area.contains(at)) {
                pointed_at = Some(column);
            }
            if is_read && let Some(text) = self.text_of(column) {
                let name = match (column, number) {
                    (LatestColumn::Value, Some(path)) => format!("{path} of {}", self.name),
                    (LatestColumn::Value, None) => format!("newest of {}", self.name),
                    (LatestColumn::Change, _) => format!("change of {}", self.name),
                    (LatestColumn::Rate, _) => format!("records per second of {}", self.name),
                    (LatestColumn::Age | LatestColumn::Key, _) => {
                        format!("time since the newest record of {}", self.name)
                    }
                };
                let number = Number::new(name, text, about(column));
                name_number(ui, area, id.with(column as u8), &number);
            }
        }
        pointed_at
    }

    /// Returns the number of a column.
    fn text_of(&self, column: LatestColumn) -> Option<String> {
        match column {
            LatestColumn::Key => None,
            LatestColumn::Value => Some(self.value.clone()),
            LatestColumn::Change => {
                let change = self.change.as_ref()?;
                let word = direction_word(change.direction);
                Some(format!("{word} {}", change.text))
            }
            LatestColumn::Rate => Some(words::significant(self.rate)),
            LatestColumn::Age => Some(words::duration(self.age)),
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
        let (left, right) = layout.key;
        paint_left(ui, left, y, mono(&self.name, palette.text, right - left));
        if let (Some(right), Some(change)) = (layout.change_right, &self.change) {
            let (sign, color) = match change.direction {
                Ordering::Greater => ("▴", palette.open),
                Ordering::Less => ("▾", palette.fail),
                Ordering::Equal => ("", dim),
            };
            if self.marked_for.is_some() {
                let ground =
                    Rect::from_x_y_ranges(layout.value_right + 6.0..=right + 4.0, rect.y_range());
                ui.painter().rect_filled(
                    ground.shrink2(vec2(0.0, 2.0)),
                    3.0,
                    color.gamma_multiply(0.18),
                );
            }
            let color = if self.marked_for.is_some() {
                palette.text
            } else {
                color
            };
            let text = format!("{sign} {}", change.text);
            paint_right(
                ui,
                right,
                y,
                mono(text.trim_start(), color, right - layout.value_right - 8.0),
            );
        }
        let room = layout.value_right - layout.key.1 - 8.0;
        paint_right(
            ui,
            layout.value_right,
            y,
            mono(&self.value, palette.text, room),
        );
        if let Some((left, right)) = layout.spark {
            let area = Rect::from_x_y_ranges(left..=right, rect.top() + 5.0..=rect.bottom() - 5.0);
            line_in(ui, area, &self.spark, dim);
        }
        let rate = words::significant(self.rate);
        paint_right(
            ui,
            layout.rate_right,
            y,
            cut(ui, &rate, font::small(), dim, 40.0),
        );
        let color = if self.is_late { palette.wait } else { dim };
        let age = words::duration(self.age);
        paint_right(
            ui,
            layout.age_right,
            y,
            cut(ui, &age, font::small(), color, 56.0),
        );
    }
}

/// Returns the difference of two numbers with as many decimals as the longer one has.
fn change(before: &str, now: &str) -> Option<ValueChange> {
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
            let change = change(before, now).unwrap();
            assert_eq!((change.text.as_str(), change.direction), (text, direction));
        }
        assert!(change("1", "x").is_none());
    }
}
