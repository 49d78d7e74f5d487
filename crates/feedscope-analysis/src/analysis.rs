//! The form that every value computed from a store has: an [`Analysis`] is stepped by its host, and read by views at any
//! time. Nothing here starts a thread or reads a clock.

use std::sync::Arc;
use std::time::Duration;

/// Amount of a store that one step looks at: it takes about a millisecond.
pub const STEP_BYTES: usize = 1 << 20;

/// A value that is computed from stores, step by step.
///
/// An analysis holds the stores that it reads, because one that compares feeds reads several. Views read its result
/// while it is stepped, so a step takes `&self` and holds its locks for moments only.
pub trait Analysis: Send + Sync {
    /// Looks at about `budget_bytes` of what is left to look at, and at one record at least.
    fn step(&self, budget_bytes: usize) -> Step;

    /// Returns true if a step is useful although no record arrived since the last one.
    fn is_stale(&self) -> bool;

    /// The time at which new records are worth a step.
    fn cadence(&self) -> Cadence {
        Cadence::EachRound
    }

    /// The kind of work that a step is.
    fn effort(&self) -> Effort {
        Effort::Short
    }
}

/// An analysis that a host is asked to run. Its identity is that of the allocation.
pub type Task = Arc<dyn Analysis>;

/// The result of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The part of the change that a view may show.
    pub news: News,
    /// True if nothing is left to do until more records arrive.
    pub is_done: bool,
}

/// The urgency with which a view should show the result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum News {
    /// Nothing changed.
    None,
    /// Counts increased.
    Progress,
    /// The change may be in sight, or the analysis came to its end.
    Visible,
}

impl News {
    /// [`Visible`](Self::Visible) where something changed.
    pub fn visible_if(is_changed: bool) -> Self {
        if is_changed {
            Self::Visible
        } else {
            Self::None
        }
    }
}

/// The time at which new records are worth a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cadence {
    /// Every round: somebody waits for the result.
    EachRound,
    /// At most once in this time. The passes that the records themselves cause show the result.
    Every(Duration),
    /// Never: only [`Analysis::is_stale`] asks for steps.
    OnDemand,
}

/// The kind of work that a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// About a millisecond; many analyses take turns.
    Short,
    /// As long as the work takes, because it cannot be divided. Other analyses must not wait for it.
    Long,
}
