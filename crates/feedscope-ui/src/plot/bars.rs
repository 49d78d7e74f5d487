//! Counted bars of a histogram.

use std::ops::RangeInclusive;

use egui::Color32;
use feedscope_analysis::series::Distribution;
use feedscope_core::Moment;

/// Bars that have been counted.
#[derive(Default)]
pub(super) struct Bars {
    pub(super) counted: Option<Counted>,
}

pub(super) struct Counted {
    pub(super) of: Contents,
    /// Time of the window, in seconds.
    pub(super) at: f64,
    /// Width of a bar: its length on the axis of the heights.
    pub(super) step: f64,
    /// Heights from the lowest to the highest bar.
    pub(super) extent: RangeInclusive<f64>,
    pub(super) lines: Vec<LineBars>,
    pub(super) notes: Vec<String>,
}

/// Bars of one line.
pub(super) struct LineBars {
    pub(super) name: String,
    pub(super) color: Color32,
    pub(super) bars: Distribution,
}

/// Contents that the bars depend on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Contents {
    pub(super) start: Moment,
    pub(super) end: Moment,
    /// Number of points of all lines.
    pub(super) points: u64,
    pub(super) columns: u32,
    pub(super) is_logarithmic: bool,
}
