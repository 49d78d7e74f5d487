//! Order of the keys.

use std::time::Duration;

use egui::Ui;
use feedscope_analysis::latest::{KeptNumber, KeyRecords, Latest};
use feedscope_core::Moment;

use super::columns::LatestColumn;
use super::state::LatestView;

/// Minimum time between two orders of the rows, in seconds.
const ORDERED_EVERY: f64 = 1.0;

impl LatestView {
    /// Orders the keys. The order changes at most once a second, and never while the user reads the table: under the pointer, or with
    /// the keyboard focus in it.
    pub(super) fn order(&mut self, ui: &Ui, table: &Latest, now: Moment, is_read: bool) {
        let time = ui.input(|input| input.time);
        let keys = table.keys();
        if let Some((ordered_at, count)) = self.ordered {
            let next = ordered_at + ORDERED_EVERY;
            if time < next {
                // Values that arrived since the last order count in the next one, also if nothing arrives any more.
                let wait = Duration::from_secs_f64((next - time).max(0.0));
                ui.ctx().request_repaint_after(wait);
                return;
            }
            if is_read {
                // New keys come last, so that no row moves.
                let typed = &self.typed;
                let new = count..keys.len();
                self.order
                    .extend(new.filter(|at| is_shown(&keys[*at], typed)));
                self.ordered = Some((time, keys.len()));
                return;
            }
        }
        let parsed = |number: Option<&KeptNumber>| number?.text.parse::<f64>().ok();
        let value = |key: &KeyRecords| parsed(key.number());
        let change = |key: &KeyRecords| Some(value(key)? - parsed(key.previous_number())?);
        let rank: Vec<f64> = keys
            .iter()
            .map(|key| match self.column {
                LatestColumn::Key => 0.0,
                LatestColumn::Value => value(key).unwrap_or(f64::NEG_INFINITY),
                LatestColumn::Change => change(key).unwrap_or(f64::NEG_INFINITY),
                LatestColumn::Rate => key.rate(now),
                LatestColumn::Age => key.age(now).as_secs_f64(),
            })
            .collect();
        self.order = (0..keys.len())
            .filter(|at| is_shown(&keys[*at], &self.typed))
            .collect();
        let (column, is_descending) = (self.column, self.is_descending);
        self.order.sort_by(|one, other| {
            let by_name = keys[*one].name().cmp(keys[*other].name());
            match (column, is_descending) {
                (LatestColumn::Key, true) => by_name.reverse(),
                (LatestColumn::Key, false) => by_name,
                (_, true) => rank[*other].total_cmp(&rank[*one]).then(by_name),
                (_, false) => rank[*one].total_cmp(&rank[*other]).then(by_name),
            }
        });
        self.ordered = Some((time, keys.len()));
    }
}

/// Returns true if the name of a key contains the typed text, in letters of any case.
fn is_shown(key: &KeyRecords, typed: &str) -> bool {
    let typed = typed.trim();
    typed.is_empty() || key.name().to_lowercase().contains(&typed.to_lowercase())
}
