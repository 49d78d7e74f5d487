//! The one scheduler of analyses: it decides which of them is stepped, and when a window should show the results.
//!
//! The host provides the thread, the time and the wake-up, so that the decisions are tested without any of them.
//!
//! A host repeats this: it takes the list of wanted tasks, calls [`Rounds::round`], wakes the window if the round says
//! so, and rests until [`Round::due`], until records arrive, or until the list changes. A task that is no longer wanted
//! is missing from the next list, so that at most one step is done in vain.

use std::sync::{Arc, Weak};
use std::time::Duration;

use feedscope_core::Moment;

use crate::analysis::{Analysis, Cadence, Effort, News, STEP_BYTES, Task};

/// Minimum time between rounds over new records: a pass shows what they found together.
pub const ROUND_INTERVAL: Duration = Duration::from_millis(16);

/// Minimum time between wake-ups for counts that only increase.
pub const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// Number of passes after which one of them certainly showed a result: the first may have been half done.
const SHOWING_PASSES: u64 = 2;

/// The scheduler. It remembers what it needs from one round to the next.
pub struct Rounds {
    /// The kind of tasks that are stepped here. Those of the other kind are left to another host.
    effort: Effort,
    /// Time of the last wake-up of the window.
    woke: Option<Moment>,
    /// True if counts increased since then.
    has_progress: bool,
    /// One for each task that has a cadence of its own.
    paces: Vec<Pace>,
    /// A result that the next passes should show.
    unshown: Option<Unshown>,
}

/// The pace of a task that is stepped at most once in a certain time.
struct Pace {
    task: Weak<dyn Analysis>,
    interval: Duration,
    /// Time of the last step that new records were worth.
    stepped: Option<Moment>,
    /// True if something changed since then.
    is_old: bool,
}

/// A result that came with records, as passes do.
#[derive(Clone, Copy)]
struct Unshown {
    /// The time at which it is worth a pass of its own.
    due: Moment,
    /// Number of passes before it.
    passes: u64,
}

/// The result of a round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Round {
    /// True if the window has something new to show.
    pub wakes: bool,
    /// True if the next round can begin at once.
    pub goes_on: bool,
    /// The time of the next round if nothing else happens.
    pub due: Option<Moment>,
}

impl Rounds {
    /// A scheduler for tasks of this kind.
    pub fn new(effort: Effort) -> Self {
        Self {
            effort,
            woke: None,
            has_progress: false,
            paces: Vec::new(),
            unshown: None,
        }
    }

    /// Steps each task once, the stale ones first, in the order given. `is_new` is true if stores changed since the last
    /// round; `passes` is the number of the window's passes so far.
    pub fn round(&mut self, tasks: &[Task], is_new: bool, passes: u64, now: Moment) -> Round {
        let mine = |task: &&Task| task.effort() == self.effort;
        let (paced, others): (Vec<_>, Vec<_>) = tasks
            .iter()
            .filter(mine)
            .partition(|task| matches!(task.cadence(), Cadence::Every(_)));
        // What was never looked at goes before what only new records concern.
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

    /// Keeps the paces of the tasks that are still wanted, in their order, and notes whether something changed for them.
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

    /// Steps those tasks with a pace that are due, and those that were never stepped.
    fn step_paced(&mut self, paced: &[&Task], passes: u64, now: Moment) -> News {
        let mut news = News::None;
        if let Some(Unshown { due, passes: then }) = self.unshown {
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
            // Rows that were never looked at: a few at a time while records arrive, all of them in a file.
            pace.is_old |= !step.is_done;
        }
        news
    }

    /// The earliest time at which a task with a pace, or a result that was not shown, is due.
    fn next_due(&self) -> Option<Moment> {
        let next_step = |pace: &Pace| {
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
        // Addresses are compared without their vtables, of which a type may have several.
        std::ptr::addr_eq(self.task.as_ptr(), Arc::as_ptr(task))
    }
}

fn is_due(last: Option<Moment>, interval: Duration, now: Moment) -> bool {
    last.is_none_or(|last| now.since(last) >= interval)
}

#[cfg(test)]
mod tests;
