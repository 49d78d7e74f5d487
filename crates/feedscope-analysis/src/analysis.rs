//! Common form of every value that is computed from a store: the host steps an [`Analysis`], and views read its result
//! at any time.
//!
//! This code starts no thread and reads no clock.

use std::sync::Arc;
use std::time::Duration;

/// Number of bytes of a store that one step reads, which takes about a millisecond.
pub const STEP_BYTES: usize = 1 << 20;

/// Value that is computed from stores, step by step.
///
/// An analysis holds the stores that it reads, because an analysis that compares feeds reads several. Views read its
/// result while it is stepped. Therefore a step takes `&self` and holds its locks only for a short time.
pub trait Analysis: Send + Sync {
    /// Reads about `budget_bytes` of the data that is left, and at least one record.
    fn step(&self, budget_bytes: usize) -> StepResult;

    /// Returns true if a step is useful although no record has arrived since the last one.
    fn is_stale(&self) -> bool;

    /// Returns the rule for steps after new records.
    fn cadence(&self) -> Cadence {
        Cadence::EachRound
    }

    /// Returns the duration of a step.
    fn effort(&self) -> Effort {
        Effort::Short
    }
}

/// Analysis that a host runs. Its identity is that of the allocation.
pub type Task = Arc<dyn Analysis>;

/// Result of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepResult {
    /// Part of the change that a view may show.
    pub news: News,
    /// True if no work is left until more records arrive.
    pub is_done: bool,
}

/// Urgency with which a view should show the result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum News {
    /// Nothing changed.
    None,
    /// Counts increased.
    Progress,
    /// The change may be visible in the view, or the analysis is complete.
    Visible,
}

impl News {
    /// Returns [`Visible`](Self::Visible) if something changed, or [`None`](Self::None).
    pub fn visible_if(is_changed: bool) -> Self {
        if is_changed {
            Self::Visible
        } else {
            Self::None
        }
    }
}

/// Rule for steps after new records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cadence {
    /// A step in every round, because a user waits for the result.
    EachRound,
    /// At most one step in this interval. The passes for the records themselves show the result.
    Every(Duration),
    /// No steps. Only [`Analysis::is_stale`] requests them.
    OnDemand,
}

/// Duration of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// About a millisecond, so that many analyses take turns.
    Short,
    /// Any duration, because the work cannot be divided. Other analyses must not wait for it.
    Long,
}
