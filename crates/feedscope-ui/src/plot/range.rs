//! Part of the time that a plot shows: it follows the newest record, or is held where the user moved it. The plot of a file
//! shows the whole file until the user moves it.

use std::ops::RangeInclusive;
use std::time::Duration;

use egui::{Response, Ui};
use feedscope_core::Moment;

/// Shortest span.
const SHORTEST: Duration = Duration::from_millis(10);

/// Shortest span that follows the newest record, because the marks of a shorter one would move too fast to be read.
const SHORTEST_YOUNG: Duration = Duration::from_secs(10);

/// Part of the width at the right end where the wheel does not end following.
const END: f64 = 0.95;

/// Largest change of the span by one input.
const MOST_ZOOM: f64 = 1e3;

/// Times that a plot can show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limits {
    first: Moment,
    last: Moment,
    /// No more records follow the last one.
    has_ended: bool,
}

/// Part of the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ShownRange {
    /// Span of a range that follows the newest record.
    span: Duration,
    /// Range where the user moved it; `None` while it follows, or shows a whole file.
    held: Option<(Moment, Moment)>,
}

impl Default for ShownRange {
    fn default() -> Self {
        Self {
            span: Duration::from_mins(2),
            held: None,
        }
    }
}

impl Limits {
    /// Creates the limits of the points from the `first` one to the present, or to the end of a file that has ended.
    pub(super) fn new(first: Option<Moment>, last: Moment, has_ended: bool) -> Self {
        let least = if has_ended { SHORTEST } else { SHORTEST_YOUNG };
        let first = first.unwrap_or(last).min(last - least);
        Self {
            first,
            last,
            has_ended,
        }
    }

    fn span(&self) -> Duration {
        self.last.since(self.first)
    }
}

impl ShownRange {
    /// Returns true if the user has not moved the range.
    pub(super) fn follows(&self) -> bool {
        self.held.is_none()
    }

    /// Holds the present range, or follows again. A file has nothing to follow, so that its whole range is shown.
    pub(super) fn toggle(&mut self, limits: &Limits) {
        self.held = match self.held {
            None if !limits.has_ended => Some(self.shown(limits).into_inner()),
            _ => None,
        };
    }

    /// Returns the range within these limits.
    pub(super) fn shown(&self, limits: &Limits) -> RangeInclusive<Moment> {
        match self.held {
            Some((start, end)) => start..=end,
            None if limits.has_ended => limits.first..=limits.last,
            None => (limits.last - self.span).max(limits.first)..=limits.last,
        }
    }

    /// Handles the wheel, which zooms around the time under the pointer, a drag, which moves the range, and a double
    /// click, which returns to the first range. `interval` returns the shortest time between two points in sight.
    pub(super) fn input(
        &mut self,
        ui: &Ui,
        response: &Response,
        pointed_at: Option<Moment>,
        limits: &Limits,
        interval: impl FnOnce() -> Option<Duration>,
    ) {
        let width = response.rect.width().max(1.0);
        if response.dragged() {
            let part = f64::from(response.drag_delta().x / width);
            self.pan(part, limits);
        }
        if let Some(at) = pointed_at {
            let scroll = ui.input(|input| input.smooth_scroll_delta().y);
            if scroll != 0.0 {
                let shortest = interval().unwrap_or(SHORTEST).max(SHORTEST);
                self.zoom(f64::from((-scroll / 200.0).exp()), at, limits, shortest);
            }
        }
        if response.double_clicked() {
            *self = Self::default();
        }
    }

    /// Moves the range by a part of its span, to older times for a positive part.
    fn pan(&mut self, part: f64, limits: &Limits) {
        let (start, end) = self.shown(limits).into_inner();
        let span = end.since(start);
        let moved = span.mul_f64(part.abs().min(MOST_ZOOM));
        let start = if part > 0.0 {
            start - moved
        } else {
            start + moved
        };
        self.set(start, span, limits);
    }

    /// Changes the span by a factor. The time `at` stays in its place.
    fn zoom(&mut self, factor: f64, at: Moment, limits: &Limits, shortest: Duration) {
        let (start, end) = self.shown(limits).into_inner();
        let span = end.since(start);
        let factor = factor.clamp(1.0 / MOST_ZOOM, MOST_ZOOM);
        // A range that is shorter or longer already does not jump.
        let zoomed = span
            .mul_f64(factor)
            .clamp(shortest.min(span), limits.span().max(span));
        let part = at.since(start).as_secs_f64() / span.as_secs_f64().max(f64::MIN_POSITIVE);
        let part = part.min(1.0);
        let is_at_end = self.follows() && !limits.has_ended && part > END;
        let part = if is_at_end { 1.0 } else { part };
        let fixed = start + span.mul_f64(part);
        self.set(fixed - zoomed.mul_f64(part), zoomed, limits);
    }

    /// Shows a range, which is moved into the limits. A range that reaches the present follows it.
    fn set(&mut self, start: Moment, span: Duration, limits: &Limits) {
        let latest = (limits.last - span).max(limits.first);
        // Computing with floats loses some nanoseconds.
        let slack = span / 1_000;
        let start = start.max(limits.first);
        let start = if start + slack >= latest {
            latest
        } else {
            start
        };
        let is_whole = start <= limits.first && start + span + slack >= limits.last;
        self.held = match limits.has_ended {
            true if is_whole => None,
            false if start >= latest => {
                // A young feed has no room for the chosen span yet.
                self.span = if is_whole { self.span.max(span) } else { span };
                None
            }
            _ => Some((start, start + span)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::from_millis(seconds * 1_000)
    }

    fn live(first: u64, now: u64) -> Limits {
        Limits::new(Some(at(first)), at(now), false)
    }

    fn file(first: u64, last: u64) -> Limits {
        Limits::new(Some(at(first)), at(last), true)
    }

    #[test]
    fn a_range_follows_until_it_is_moved() {
        let mut range = ShownRange::default();
        assert_eq!(range.shown(&live(0, 300)), at(180)..=at(300));
        range.pan(0.5, &live(0, 300));
        assert!(!range.follows());
        assert_eq!(range.shown(&live(0, 400)), at(120)..=at(240));
        range.pan(-2.0, &live(0, 400));
        assert!(range.follows());
        range.toggle(&live(0, 400));
        assert_eq!(range.shown(&live(0, 500)), at(280)..=at(400));
        range.toggle(&live(0, 500));
        assert!(range.follows());
    }

    #[test]
    fn zooming_keeps_the_time_under_the_pointer_and_ends_following() {
        let mut range = ShownRange::default();
        let limits = live(0, 300);
        range.zoom(0.5, at(240), &limits, SHORTEST);
        assert!(!range.follows());
        assert_eq!(range.shown(&limits), at(210)..=at(270));
        range.zoom(0.5, at(240), &limits, SHORTEST);
        assert_eq!(range.shown(&limits), at(225)..=at(255));
        for _ in 0..9 {
            range.zoom(1e-9, at(240), &limits, SHORTEST);
        }
        let shown = range.shown(&limits);
        assert_eq!(shown.end().since(*shown.start()), SHORTEST);
        for _ in 0..9 {
            range.zoom(1e9, at(240), &limits, SHORTEST);
        }
        assert_eq!(range.shown(&limits), at(0)..=at(300));
    }

    #[test]
    fn zooming_at_the_end_goes_on_following() {
        let mut range = ShownRange::default();
        range.zoom(0.5, at(299), &live(0, 300), SHORTEST);
        assert!(range.follows());
        assert_eq!(range.shown(&live(0, 400)), at(340)..=at(400));
    }

    #[test]
    fn a_short_file_is_shown_whole_and_the_first_notch_zooms_at_the_pointer() {
        let limits = file(1, 10);
        let mut range = ShownRange::default();
        assert_eq!(range.shown(&limits), at(1)..=at(10));
        let factor = (-0.25_f64).exp();
        range.zoom(factor, at(4), &limits, SHORTEST);
        let (start, end) = range.shown(&limits).into_inner();
        let expected = 9.0 * factor;
        assert!((end.since(start).as_secs_f64() - expected).abs() < 1e-6);
        let part = at(4).since(start).as_secs_f64() / expected;
        assert!((part - 3.0 / 9.0).abs() < 1e-6, "{part}");
        // A drag moves the range up to both ends of the data.
        range.pan(5.0, &limits);
        assert_eq!(*range.shown(&limits).start(), at(1));
        range.pan(-5.0, &limits);
        assert_eq!(*range.shown(&limits).end(), at(10));
        assert!(!range.follows());
        range.zoom(100.0, at(4), &limits, SHORTEST);
        assert!(range.follows());
        assert_eq!(range.shown(&limits), at(1)..=at(10));
    }

    #[test]
    fn a_young_feed_shows_its_data_and_zooms_at_once() {
        let mut range = ShownRange::default();
        assert_eq!(range.shown(&live(270, 300)), at(270)..=at(300));
        // Shorter times grow too fast to be read.
        assert_eq!(range.shown(&live(299, 300)), at(290)..=at(300));
        range.zoom(0.5, at(280), &live(270, 300), SHORTEST);
        assert_eq!(range.shown(&live(270, 310)), at(275)..=at(290));
        // The span of a young feed grows with it after the user zooms out.
        range.zoom(9.0, at(280), &live(270, 310), SHORTEST);
        assert!(range.follows());
        assert_eq!(range.shown(&live(270, 600)), at(480)..=at(600));
    }

    #[test]
    fn the_interval_of_the_points_is_the_shortest_span() {
        let limits = file(0, 100);
        let mut range = ShownRange::default();
        for _ in 0..40 {
            range.zoom(0.5, at(50), &limits, Duration::from_secs(4));
        }
        let shown = range.shown(&limits);
        assert_eq!(shown.end().since(*shown.start()), Duration::from_secs(4));
    }

    #[test]
    fn no_input_overflows() {
        let limits = file(3, 3);
        let mut range = ShownRange::default();
        for factor in [0.0, f64::INFINITY, 1.0] {
            range.zoom(factor, at(9), &limits, SHORTEST);
            range.pan(-factor, &limits);
            range.pan(factor, &limits);
        }
        assert!(*range.shown(&limits).end() >= at(3) - SHORTEST);
    }
}
