//! Order of the keys, which another thread computes.

use std::time::Duration;

use egui::Ui;
use feedscope_analysis::latest::{Latest, WantedOrder};
use feedscope_core::Moment;

use super::state::LatestView;

/// Minimum time between two orders of the rows, in seconds.
const ORDERED_EVERY: f64 = 1.0;

impl LatestView {
    /// Orders the keys. The order changes at most once a second and never while the user reads the table: under the
    /// pointer, or with the keyboard focus in it.
    pub(super) fn order(&mut self, ui: &Ui, table: &Latest, now: Moment, is_read: bool) {
        let Some((_, key_order)) = &self.latest else {
            return;
        };
        let keys = table.keys();
        let ordered = key_order.value();
        let (number, known) = self.ordered;
        // The first order moves no row.
        if ordered.number != number && (!is_read || known == 0) {
            self.order.clone_from(&ordered.places);
            self.ordered = (ordered.number, ordered.keys);
        }
        let time = ui.input(|input| input.time);
        // The order of an empty table has no rows that could move.
        let requested = self
            .requested
            .filter(|_| self.ordered.1 > 0 || keys.is_empty());
        if let Some(requested_at) = requested {
            let next = requested_at + ORDERED_EVERY;
            if time < next {
                // Values that arrived since the last order count in the next one, also if nothing arrives any more.
                let wait = Duration::from_secs_f64((next - time).max(0.0));
                ui.ctx().request_repaint_after(wait);
                return;
            }
            if is_read {
                // New keys come last, so that no row moves.
                let typed = self.typed.trim().to_lowercase();
                let known = self.ordered.1;
                let new = known..keys.len();
                let is_listed = |at: &usize| keys[*at].name().to_lowercase().contains(&typed);
                self.order.extend(new.filter(is_listed));
                // A replay that went back has fewer keys for a time.
                self.ordered.1 = known.max(keys.len());
                return;
            }
        }
        key_order.request(WantedOrder {
            by: self.by,
            is_descending: self.is_descending,
            typed: self.typed.clone(),
            now,
        });
        self.requested = Some(time);
    }

    /// Requests another order as soon as possible.
    pub(super) fn order_again(&mut self) {
        self.requested = None;
    }
}
