//! Percentiles and times as figures.

use std::time::Duration;

use serde::Serialize;

use super::histogram::Histogram;

/// Percentiles of nearest rank, each within 1 % of the true one. The greatest value is exact.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "each is the percentile of this name")]
pub struct Percentiles {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub max: f64,
}

/// Times in milliseconds: their number, the newest one, and the median and the greatest one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the type's own text describes them")]
pub struct Times {
    pub count: u64,
    pub last: f64,
    pub p50: f64,
    pub max: f64,
}

impl Percentiles {
    /// The percentiles of values in `units` for each 1 of the figure; `None` if there are no values.
    pub(crate) fn of(values: &Histogram, units: f64) -> Option<Self> {
        let figure = |percent| Some(values.percentile(percent)? as f64 / units);
        Some(Self {
            p50: figure(50)?,
            p90: figure(90)?,
            p99: figure(99)?,
            max: values.max()? as f64 / units,
        })
    }
}

impl Times {
    /// The figures of times in nanoseconds; `None` if there are none.
    pub(super) fn of(times: &Histogram, last: Option<Duration>) -> Option<Self> {
        Some(Self {
            count: times.count(),
            last: millis(last?),
            p50: times.percentile(50)? as f64 / NANOS_PER_MILLI,
            max: times.max()? as f64 / NANOS_PER_MILLI,
        })
    }
}

/// Nanoseconds of a millisecond.
pub(super) const NANOS_PER_MILLI: f64 = 1e6;

/// A time in milliseconds.
pub(super) fn millis(time: Duration) -> f64 {
    time.as_nanos() as f64 / NANOS_PER_MILLI
}
