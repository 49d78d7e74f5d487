//! Part of the time that a plot shows: it follows the newest record, or is held where the user moved it.

use std::ops::RangeInclusive;
use std::time::Duration;

use egui::{Response, Ui};
use feedscope_core::Moment;

/// Shortest and longest span.
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_hours(48);

/// Part of the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ShownRange {
    span: Duration,
    /// End of a held range; `None` while it follows.
    held_end: Option<Moment>,
}

impl Default for ShownRange {
    fn default() -> Self {
        Self {
            span: Duration::from_mins(2),
            held_end: None,
        }
    }
}

impl ShownRange {
    /// Returns true if the end is the present.
    pub(super) fn follows(&self) -> bool {
        self.held_end.is_none()
    }

    /// Holds the present range, or follows again.
    pub(super) fn toggle(&mut self, now: Moment) {
        self.held_end = match self.held_end {
            Some(_) => None,
            None => Some(now),
        };
    }

    /// Returns the range at this time.
    pub(super) fn shown(&self, now: Moment) -> RangeInclusive<Moment> {
        let end = self.held_end.unwrap_or(now);
        end - self.span..=end
    }

    /// Handles the wheel, which zooms around the time under the pointer, a drag, which moves the range, and a double
    /// click, which follows.
    pub(super) fn input(
        &mut self,
        ui: &Ui,
        response: &Response,
        pointed_at: Option<Moment>,
        now: Moment,
    ) {
        let width = response.rect.width().max(1.0);
        if response.dragged() {
            let part = f64::from(response.drag_delta().x / width);
            self.pan(part, now);
        }
        if let Some(at) = pointed_at {
            let scroll = ui.input(|input| input.smooth_scroll_delta().y);
            if scroll != 0.0 {
                let start = *self.shown(now).start();
                let part = at.since(start).as_secs_f64() / self.span.as_secs_f64();
                self.zoom(f64::from((-scroll / 200.0).exp()), part, now);
            }
        }
        if response.double_clicked() {
            *self = Self::default();
        }
    }

    /// Moves the range by a part of its span, to older times for a positive part.
    fn pan(&mut self, part: f64, now: Moment) {
        let end = self.held_end.unwrap_or(now);
        let moved = self.span.mul_f64(part.abs());
        let end = if part > 0.0 { end - moved } else { end + moved };
        // A range that reaches the present follows it.
        self.held_end = (end < now).then_some(end.max(Moment::START + self.span));
    }

    /// Changes the span by a factor. The time at `part` of the range stays in its place, unless the range follows.
    fn zoom(&mut self, factor: f64, part: f64, now: Moment) {
        let span = self.span.mul_f64(factor).clamp(SHORTEST, LONGEST);
        if let Some(end) = self.held_end {
            let after = self.span.mul_f64((1.0 - part).clamp(0.0, 1.0));
            let new_after = span.mul_f64((1.0 - part).clamp(0.0, 1.0));
            let fixed = end - after;
            self.held_end = Some((fixed + new_after).min(now));
        }
        self.span = span;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::from_millis(seconds * 1_000)
    }

    #[test]
    fn a_range_follows_until_it_is_moved() {
        let mut range = ShownRange::default();
        assert_eq!(range.shown(at(300)), at(180)..=at(300));
        range.pan(0.5, at(300));
        assert!(!range.follows());
        assert_eq!(range.shown(at(400)), at(120)..=at(240));
        range.pan(-2.0, at(400));
        assert!(range.follows());
        range.toggle(at(400));
        assert_eq!(range.shown(at(500)), at(280)..=at(400));
        range.toggle(at(500));
        assert!(range.follows());
    }

    #[test]
    fn zooming_keeps_the_time_under_the_pointer() {
        let mut range = ShownRange::default();
        range.zoom(0.5, 0.5, at(300));
        assert_eq!(range.shown(at(300)), at(240)..=at(300));
        range.toggle(at(300));
        // The middle of the held range is second 270.
        range.zoom(0.5, 0.5, at(400));
        assert_eq!(range.shown(at(400)), at(255)..=at(285));
        range.zoom(1e-9, 0.5, at(400));
        assert_eq!(range.span, SHORTEST);
    }
}
