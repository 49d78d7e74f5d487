//! Searches of the views, as values. The app runs their steps on another thread.

use feedscope_analysis::density::Density;
use feedscope_analysis::filter::Scan;
use feedscope_core::store::Store;

use crate::filter::Values;

/// Bytes to scan in one step, which takes about a millisecond.
const STEP_BYTES: usize = 1 << 20;

/// Number of hits that certainly fill a view.
pub(crate) const PAGE: u64 = 256;

/// Search of a view. It is cheap to clone.
#[derive(Clone)]
pub enum Search {
    /// Hits of a filter.
    Hits(Hits),
    /// Density of records, gaps and errors over a whole view.
    Density(Density),
    /// Values to offer for filtering.
    Values(Values),
}

/// Scan of a store with a filter.
#[derive(Clone)]
pub struct Hits {
    /// Store to scan.
    pub store: Store,
    /// Filter and progress of the scan.
    pub scan: Scan,
}

/// Result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Visible effect of the step.
    pub news: News,
    /// Nothing is left to do until more records arrive.
    pub is_done: bool,
}

/// Urgency of drawing the result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum News {
    /// Nothing has changed.
    None,
    /// Counts have increased.
    Progress,
    /// The result may be in sight, or the search has ended.
    Visible,
}

impl Search {
    /// Runs one step. It takes about a millisecond, or about ten for values.
    pub fn step(&self) -> Step {
        let visible = |is_visible| {
            if is_visible {
                News::Visible
            } else {
                News::None
            }
        };
        match self {
            Self::Hits(hits) => hits.step(),
            Self::Density(density) => {
                let update = density.update(STEP_BYTES);
                Step {
                    news: visible(update.is_changed),
                    is_done: update.is_done,
                }
            }
            Self::Values(values) => Step {
                news: visible(values.look()),
                is_done: true,
            },
        }
    }

    /// Returns true if the search has work to do even though no record has arrived.
    pub fn is_fresh(&self) -> bool {
        match self {
            Self::Hits(hits) => !hits.scan.progress().done,
            Self::Density(density) => density.is_outdated(),
            Self::Values(values) => values.is_asked(),
        }
    }
}

impl Hits {
    /// Scans some bytes and classifies the result.
    fn step(&self) -> Step {
        let before = self.scan.progress();
        let now = self.scan.step(&self.store, STEP_BYTES);
        let has_more = now.hits_found != before.hits_found;
        // Only the first page of hits can be in sight; later hits just increase the count.
        let news = if !has_more && (now == before || before.done) {
            News::None
        } else if now.done || (has_more && before.hits_found < PAGE) {
            News::Visible
        } else {
            News::Progress
        };
        Step {
            news,
            is_done: now.done,
        }
    }
}
