//! Scheduler of all analyses. It selects the analyses to step, and decides when a window should show the results.
//!
//! The host provides the thread, the time and the wake-up, so that tests need none of them.
//!
//! A host repeats these actions: it takes the list of wanted tasks, calls [`Rounds::round`], and wakes the window if
//! the result requests it. Then it waits until [`Round::due`], until records arrive, or until the list changes. A task
//! that is no longer wanted is missing from the next list, so that at most one step is wasted.

use std::sync::{Arc, Weak};
use std::time::Duration;

use feedscope_core::Moment;

use crate::analysis::{Analysis, Cadence, Effort, News, STEP_BYTES, Task};

/// Minimum time between rounds for new records, so that one pass shows the results of several records.
pub const ROUND_INTERVAL: Duration = Duration::from_millis(16);

/// Minimum time between wake-ups for counts that only increase.
pub const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// Number of passes after which at least one complete pass has shown a result. The first one may have been half
/// finished.
const SHOWING_PASSES: u64 = 2;

/// Scheduler, with its state between rounds.
pub struct Rounds {
    /// Effort of the tasks that this scheduler steps. Another host runs the other tasks.
    effort: Effort,
    /// Time of the last wake-up of the window.
    woke: Option<Moment>,
    /// True if counts have increased since then.
    has_progress: bool,
    /// Paces of the tasks with a cadence of their own.
    paces: Vec<Pace>,
    /// Result that the next passes should show.
    unshown: Option<Unshown>,
}

/// Pace of a task that is stepped at most once in an interval.
struct Pace {
    task: Weak<dyn Analysis>,
    interval: Duration,
    /// Time of the last step for new records.
    stepped: Option<Moment>,
    /// True if something has changed since then.
    is_old: bool,
}

/// Result that arrived together with records, which cause passes.
#[derive(Clone, Copy)]
struct Unshown {
    /// Time from which the result needs a pass of its own.
    due: Moment,
    /// Number of passes before the result.
    passes: u64,
}

/// Result of a round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Round {
    /// True if the window has something new to show.
    pub wakes: bool,
    /// True if the next round may begin at once.
    pub goes_on: bool,
    /// Time of the next round if nothing else happens.
    pub due: Option<Moment>,
}

impl Rounds {
    /// Creates a scheduler for tasks with this effort.
    pub fn new(effort: Effort) -> Self {
        Self {
            effort,
            woke: None,
            has_progress: false,
            paces: Vec::new(),
            unshown: None,
        }
    }

    /// Steps each task once, the stale ones first, in the given order. `is_new` is true if stores have changed since
    /// the last round; `passes` is the number of the window's passes so far.
    pub fn round(&mut self, tasks: &[Task], is_new: bool, passes: u64, now: Moment) -> Round {
        let mine = |task: &&Task| task.effort() == self.effort;
        let (paced, others): (Vec<_>, Vec<_>) = tasks
            .iter()
            .filter(mine)
            .partition(|task| matches!(task.cadence(), Cadence::Every(_)));
        // Tasks with unread rows go before tasks that only new records affect.
        let (stale, current): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|task| task.is_stale());
        let current = current
            .into_iter()
            .filter(|task| is_new && task.cadence() == Cadence::EachRound);
        let mut news = News::None;
        let mut goes_on = false;
        for task in stale.into_iter().chain(current) {
            let step = task.step(STEP_BYTES);
            news = news.max(step.news);
            goes_on |= !step.is_done;
        }
        self.keep_paces(&paced, is_new || news != News::None);
        news = news.max(self.step_paced(&paced, passes, now));
        // Counts alone wake the window only from time to time.
        self.has_progress |= news == News::Progress;
        let wakes = news == News::Visible
            || (self.has_progress && is_due(self.woke, PROGRESS_INTERVAL, now));
        if wakes {
            self.woke = Some(now);
            self.has_progress = false;
            self.unshown = None;
        }
        Round {
            wakes,
            goes_on,
            due: self.next_due(),
        }
    }

    /// Keeps the paces of the tasks that are still wanted, in their order, and marks them as old after a change.
    fn keep_paces(&mut self, paced: &[&Task], is_changed: bool) {
        let mut known = std::mem::take(&mut self.paces);
        for task in paced {
            let Cadence::Every(interval) = task.cadence() else {
                continue;
            };
            let at = known.iter().position(|pace| pace.is_of(task));
            let mut pace = at.map_or_else(
                || Pace {
                    task: Arc::downgrade(task),
                    interval,
                    stepped: None,
                    is_old: false,
                },
                |at| known.swap_remove(at),
            );
            pace.is_old |= is_changed;
            self.paces.push(pace);
        }
    }

    /// Steps the tasks whose pace is due, and those that were never stepped.
    fn step_paced(&mut self, paced: &[&Task], passes: u64, now: Moment) -> News {
        let mut news = News::None;
        if let Some(Unshown { due, passes: then }) = self.unshown {
            // If passes for other reasons have shown the result, no pass is requested.
            let is_shown = passes >= then + SHOWING_PASSES;
            if !is_shown && due <= now {
                news = News::Visible;
            }
            if is_shown || due <= now {
                self.unshown = None;
            }
        }
        for (task, pace) in paced.iter().zip(&mut self.paces) {
            let is_stale = task.is_stale();
            let is_due = pace.is_old && is_due(pace.stepped, pace.interval, now);
            if is_due {
                pace.stepped = Some(now);
                pace.is_old = false;
            }
            if !is_due && !is_stale {
                continue;
            }
            let step = task.step(STEP_BYTES);
            if is_stale {
                news = news.max(step.news);
            } else if step.news != News::None {
                let due = now + pace.interval;
                self.unshown = Some(Unshown { due, passes });
            }
            // A task with unread rows continues at its pace while records arrive, and at once otherwise.
            pace.is_old |= !step.is_done;
        }
        news
    }

    /// Returns the earliest time at which a pace or an unshown result is due.
    fn next_due(&self) -> Option<Moment> {
        let next_step = |pace: &Pace| {
            // Without a change, no step is due.
            let stepped = pace.stepped.filter(|_| pace.is_old)?;
            Some(stepped + pace.interval)
        };
        let shown = self.unshown.map(|unshown| unshown.due);
        self.paces.iter().filter_map(next_step).chain(shown).min()
    }
}

impl Pace {
    /// Returns true if this is the pace of `task`.
    fn is_of(&self, task: &Task) -> bool {
        // Compare addresses without vtables, because a type may have several vtables.
        std::ptr::addr_eq(self.task.as_ptr(), Arc::as_ptr(task))
    }
}

fn is_due(last: Option<Moment>, interval: Duration, now: Moment) -> bool {
    last.is_none_or(|last| now.since(last) >= interval)
}

#[cfg(test)]
mod tests;
