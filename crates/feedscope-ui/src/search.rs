//! What views want looked for, to be done off the window's thread. Whoever runs the window gets it as values and steps
//! them; nothing is started here.

use feedscope_core::density::Density;
use feedscope_core::filter::Scan;
use feedscope_core::store::Store;

use super::filter::Values;

/// How much is looked at in one step: a matter of a millisecond.
const STEP_BYTES: usize = 1 << 20;

/// As many hits are surely more than are in sight.
pub(crate) const PAGE: u64 = 256;

/// Something to be looked for; cheap to clone.
#[derive(Clone)]
pub enum Search {
    /// The hits of a filter.
    Hits(Hits),
    /// What lies where over the whole of a view.
    Density(Density),
    /// Values worth filtering on.
    Values(Values),
}

/// A filter at work on a store.
#[derive(Clone)]
pub struct Hits {
    /// Where it looks.
    pub store: Store,
    /// What for, and how far it has looked.
    pub scan: Scan,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What there is to be seen of it.
    pub news: News,
    /// Whether there is nothing left to do until more records arrive.
    pub is_done: bool,
}

/// How urgently the window wants to show what a step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum News {
    /// Nothing changed.
    None,
    /// Counts went up.
    Progress,
    /// It may be in sight, or is the end of a search.
    Visible,
}

impl Search {
    /// Looks for about a millisecond; for some ten, where values are wanted.
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

    /// Whether there is something to do though no record arrived.
    pub fn is_fresh(&self) -> bool {
        match self {
            Self::Hits(hits) => !hits.scan.progress().done,
            Self::Density(density) => density.is_outdated(),
            Self::Values(values) => values.is_asked(),
        }
    }
}

impl Hits {
    fn step(&self) -> Step {
        let before = self.scan.progress();
        let now = self.scan.step(&self.store, STEP_BYTES);
        let has_more = now.hits_found != before.hits_found;
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
