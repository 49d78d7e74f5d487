//! Scale of the traces: the span of time and the upper limit of the rate. All panes have the same span, so that their
//! traces can be compared.

use std::time::Duration;

use egui::{Id, Rect, Stroke, Ui};
use feedscope_analysis::measures::StoreGapRows;
use feedscope_core::rates::Rates;
use feedscope_core::{Moment, Stamp, Timestamp};
use jiff::tz::TimeZone;

use crate::annotations::Annotations;
use crate::ids::PaneId;
use crate::theme::Palette;

/// Width of the scale at the left of the trace.
pub(super) const GUTTER: f32 = 84.0;

/// Area of the trace with its statistics, and the data that they need.
pub(crate) struct TracePlace<'a> {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    /// Present time, or the time at which a recording is read.
    pub(crate) now: Stamp,
    pub(crate) zone: &'a TimeZone,
    /// Time of a silence that is longer than all before.
    pub(crate) quiet: Option<Duration>,
    /// Rows with faults of a chosen sequence.
    pub(crate) gaps: Option<&'a StoreGapRows>,
    pub(crate) marks: &'a Annotations,
    /// Time between two rows, for the end of the statistics.
    pub(crate) difference: Option<(String, &'static str)>,
    /// Numbers of records that the chips hide: comments, pings and pongs, and others.
    pub(crate) hidden: [u64; 3],
}

/// Span of time that a trace covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TraceSpan {
    TenSeconds,
    HalfMinute,
    #[default]
    TwoMinutes,
    TenMinutes,
    Hour,
}

impl TraceSpan {
    /// All spans, the shortest first.
    pub(crate) const ALL: [Self; 5] = [
        Self::TenSeconds,
        Self::HalfMinute,
        Self::TwoMinutes,
        Self::TenMinutes,
        Self::Hour,
    ];

    /// Returns the length of the span.
    pub(crate) fn duration(self) -> Duration {
        Duration::from_secs(match self {
            Self::TenSeconds => 10,
            Self::HalfMinute => 30,
            Self::TwoMinutes => 120,
            Self::TenMinutes => 600,
            Self::Hour => 3_600,
        })
    }

    /// Returns the shortest span that contains this time, or the longest one.
    fn that_holds(content: Duration) -> Self {
        // The newest slice is not drawn, and is after the last record.
        let length = content + Rates::SLICE;
        let holds = |span: &Self| span.duration() >= length;
        Self::ALL.into_iter().find(holds).unwrap_or(Self::Hour)
    }

    /// Returns the length in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::TenSeconds => "10 s",
            Self::HalfMinute => "30 s",
            Self::TwoMinutes => "2 min",
            Self::TenMinutes => "10 min",
            Self::Hour => "1 h",
        }
    }

    /// Returns the next longer span, or the next shorter one. The longest and the shortest stay.
    fn next(self, is_longer: bool) -> Self {
        let at = self as usize;
        let next = if is_longer {
            at + 1
        } else {
            at.saturating_sub(1)
        };
        Self::ALL.get(next).copied().unwrap_or(self)
    }
}

/// Scale that the traces of all panes share.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TraceScale {
    /// Span that the user has chosen.
    chosen: Option<TraceSpan>,
    /// Span until the user chooses one.
    first: TraceSpan,
    /// The user has chosen one limit of the rate for all panes.
    is_common: bool,
    /// The panes are compared, which needs one limit as well.
    is_compared: bool,
    /// Number of the pass to which `highest` belongs.
    pass: u64,
    /// Highest rate of the traces that were drawn in this pass, in records per second.
    highest: f32,
    /// Highest rate of all traces in the pass before.
    before: f32,
}

impl TraceScale {
    /// Returns the scale of the window.
    pub(crate) fn of(ui: &Ui) -> Self {
        ui.data(|data| data.get_temp(Id::NULL)).unwrap_or_default()
    }

    fn keep(self, ui: &Ui) {
        ui.data_mut(|data| data.insert_temp(Id::NULL, self));
    }

    /// Returns the span of time.
    pub(crate) fn span(self) -> TraceSpan {
        self.chosen.unwrap_or(self.first)
    }

    /// Returns true if all panes have the same limit of the rate.
    pub(crate) fn has_one_limit(self) -> bool {
        self.is_common || self.is_compared
    }

    /// Sets the span of time.
    pub(crate) fn set_span(ui: &Ui, span: TraceSpan) {
        Self {
            chosen: Some(span),
            ..Self::of(ui)
        }
        .keep(ui);
        // Panes that are drawn already follow in the next pass.
        ui.ctx().request_repaint();
    }

    /// Makes the span of time longer or shorter.
    pub(crate) fn step(ui: &Ui, is_longer: bool) {
        Self::set_span(ui, Self::of(ui).span().next(is_longer));
    }

    /// Gives all panes the same limit of the rate, or each its own.
    pub(crate) fn set_common(ui: &Ui, is_common: bool) {
        Self {
            is_common,
            ..Self::of(ui)
        }
        .keep(ui);
        ui.ctx().request_repaint();
    }

    /// Sets the span until the user chooses one: the shortest that holds all files, of which the longest is `longest`. It is
    /// the usual span if the files are not complete or there are live feeds.
    pub(crate) fn set_longest(ui: &Ui, longest: Option<Duration>) {
        let scale = Self::of(ui);
        let first = longest.map_or_else(TraceSpan::default, TraceSpan::that_holds);
        if scale.first != first {
            Self { first, ..scale }.keep(ui);
        }
    }

    /// States whether the panes are compared in this pass.
    pub(crate) fn set_compared(ui: &Ui, is_compared: bool) {
        let scale = Self::of(ui);
        if scale.is_compared != is_compared {
            Self {
                is_compared,
                ..scale
            }
            .keep(ui);
        }
    }

    /// Returns the highest rate that decides the limit of a trace, whose own highest rate is `own`.
    pub(super) fn highest(ui: &Ui, own: f32) -> f32 {
        let mut scale = Self::of(ui);
        let pass = ui.ctx().cumulative_pass_nr();
        // The first trace of a pass begins a new maximum. The limit is that of the pass before, which knew all traces.
        if scale.pass != pass {
            scale.before = scale.highest;
            scale.highest = 0.0;
            scale.pass = pass;
        }
        scale.highest = scale.highest.max(own);
        scale.keep(ui);
        if !scale.has_one_limit() {
            return own;
        }
        if own > scale.before {
            // Traces that are drawn already follow in the next pass.
            ui.ctx().request_repaint();
        }
        own.max(scale.before)
    }
}

/// Axis of time of a trace and its strip.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeAxis {
    pub(super) left: f32,
    pub(super) right: f32,
    /// Moment at the right edge.
    pub(super) until: Moment,
    /// Time in UTC at the right edge.
    pub(super) utc: Timestamp,
    /// Time between the edges.
    pub(super) span: Duration,
}

impl TimeAxis {
    /// Returns the position of a moment. An earlier one than at the left edge has the position of this edge.
    pub(super) fn x_of(&self, at: Moment) -> f32 {
        // The newest moment is at the right edge.
        let share = self.until.since(at).as_secs_f32() / self.span.as_secs_f32();
        self.right - (self.right - self.left) * share.min(1.0)
    }

    /// Returns the time before the right edge at a position.
    fn before(&self, x: f32) -> Duration {
        let share = (self.right - x) / (self.right - self.left);
        self.span.mul_f32(share.clamp(0.0, 1.0))
    }

    /// Returns the moment at a position.
    pub(super) fn moment_at(&self, x: f32) -> Moment {
        self.until - self.before(x)
    }

    /// Returns the time in UTC at a position.
    pub(super) fn utc_at(&self, x: f32) -> Timestamp {
        let before = i64::try_from(self.before(x).as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(self.utc.as_micros().saturating_sub(before))
    }

    /// Draws the line at the time under the pointer, also if the pointer is in another pane.
    pub(super) fn paint_cursor(&self, ui: &Ui, rect: Rect) {
        let Some(at) = crate::time_cursor::get(ui) else {
            return;
        };
        let micros = self.utc.as_micros().saturating_sub(at.as_micros());
        let Ok(before) = u64::try_from(micros).map(Duration::from_micros) else {
            return;
        };
        // The cursor belongs to all panes, so that its time may be outside of this axis.
        if before <= self.span {
            let share = before.as_secs_f32() / self.span.as_secs_f32();
            let x = self.right - (self.right - self.left) * share;
            let line = Stroke::new(1.0, Palette::of(ui).text);
            ui.painter().vline(x.round() + 0.5, rect.y_range(), line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_changes_by_steps_and_ends_at_both_ends() {
        let mut span = TraceSpan::default();
        for expected in ["10 min", "1 h", "1 h"] {
            span = span.next(true);
            assert_eq!(span.words(), expected);
        }
        for expected in ["10 min", "2 min", "30 s", "10 s", "10 s"] {
            span = span.next(false);
            assert_eq!(span.words(), expected);
        }
    }

    #[test]
    fn the_first_span_of_a_file_is_the_shortest_that_holds_it() {
        for (seconds, words) in [
            (0, "10 s"),
            (3, "10 s"),
            // The slice after the last record needs room, too.
            (10, "30 s"),
            (100, "2 min"),
            (1_000, "1 h"),
            (90_000, "1 h"),
        ] {
            let span = TraceSpan::that_holds(Duration::from_secs(seconds));
            assert_eq!(span.words(), words, "{seconds}");
        }
    }

    #[test]
    fn positions_and_moments_agree() {
        let axis = TimeAxis {
            left: 100.0,
            right: 340.0,
            until: Moment::from_millis(500_000),
            utc: Timestamp::from_micros(1_000_000_000),
            span: Duration::from_mins(2),
        };
        let quarter = Moment::from_millis(410_000);
        assert!((axis.x_of(quarter) - 160.0).abs() < 0.01);
        assert_eq!(axis.moment_at(160.0).as_nanos() / 1_000_000, 410_000);
        assert_eq!(axis.utc_at(160.0).as_micros(), 910_000_000);
        assert!((axis.x_of(Moment::default()) - 100.0).abs() < 0.01);
        assert_eq!(axis.moment_at(900.0), axis.until);
    }
}
