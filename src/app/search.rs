//! Searches of the views on one thread: hits of filters, densities and values. It scans the stores in small steps, one
//! step of each search in turn, and sleeps while there is nothing to do.
//!
//! The searches are replaced in each pass by those that the views need. A dropped search therefore runs at most one
//! more step.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use feedscope_ui::{News, Search};
use parking_lot::Mutex;

/// Minimum time between two rounds over new records, so that one pass shows the result of several batches.
const ROUND_INTERVAL: Duration = Duration::from_millis(16);

/// Minimum time between two passes that only show greater counts.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// Minimum time between two updates of the densities while records arrive.
const DENSITY_INTERVAL: Duration = Duration::from_millis(500);

/// Number of passes after which an update is certainly shown. The first one may have been half drawn when it came.
const SHOWING_PASSES: u64 = 2;

/// Handle of the searching thread.
pub(super) struct Searcher {
    shared: Arc<Shared>,
    thread: Thread,
}

/// State that the searcher and its thread share.
struct Shared {
    /// Searches that the views need at present.
    searches: Mutex<Vec<Search>>,
    /// A store has changed since the thread last checked.
    news: AtomicBool,
    /// There is a search that has not run yet.
    urgent: AtomicBool,
    /// Number of passes so far.
    passes: AtomicU64,
    /// The searcher has been dropped, so that the thread must end.
    over: AtomicBool,
    /// Requests a pass.
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Searcher {
    /// Starts the thread. It calls `wake` when there is a visible result.
    pub(super) fn start(wake: impl Fn() + Send + Sync + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            searches: Mutex::default(),
            news: AtomicBool::new(false),
            urgent: AtomicBool::new(false),
            passes: AtomicU64::new(0),
            over: AtomicBool::new(false),
            wake: Box::new(wake),
        });
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("search".to_owned())
            .spawn(move || of_thread.run())?;
        Ok(Self {
            shared,
            thread: thread.thread().clone(),
        })
    }

    /// Returns the function to call when a store has changed. It is cheap and never blocks.
    pub(super) fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let (shared, thread) = (Arc::clone(&self.shared), self.thread.clone());
        move || {
            if !shared.news.swap(true, Ordering::AcqRel) {
                thread.unpark();
            }
        }
    }

    /// Replaces the searches. It is called at the end of each pass.
    pub(super) fn look_for(&self, searches: Vec<Search>) {
        self.shared.passes.fetch_add(1, Ordering::AcqRel);
        let is_fresh = searches.iter().any(Search::is_fresh);
        // The old searches are dropped after the lock is released, because they may hold millions of hits.
        let given_up = std::mem::replace(&mut *self.shared.searches.lock(), searches);
        drop(given_up);
        if is_fresh && !self.shared.urgent.swap(true, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }
}

impl Drop for Searcher {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl Shared {
    /// Runs rounds until the searcher is dropped.
    fn run(&self) {
        let mut rounds = Rounds::default();
        while !self.is_over() {
            let began = Instant::now();
            let is_new = self.news.swap(false, Ordering::AcqRel);
            // The list is cloned, so that a pass never waits for a step.
            let searches = self.searches.lock().clone();
            let passes = self.passes.load(Ordering::Acquire);
            let round = rounds.round(&searches, is_new, passes, began);
            drop(searches);
            if round.wakes {
                (self.wake)();
            }
            if !round.goes_on {
                self.rest(began, round.due);
            }
        }
    }

    /// Sleeps until there is work: at once for a new search, after the interval for new records, or at `due`.
    fn rest(&self, began: Instant, due: Option<Instant>) {
        while !self.is_over() && !self.urgent.swap(false, Ordering::AcqRel) {
            let is_new = self.news.load(Ordering::Acquire);
            // Records that arrive during the interval are handled together in the next round.
            let until = if is_new {
                Some(began + ROUND_INTERVAL)
            } else {
                due
            };
            match until.map(|until| until.saturating_duration_since(Instant::now())) {
                Some(Duration::ZERO) => return,
                Some(wait) => thread::park_timeout(wait),
                None => thread::park(),
            }
        }
    }

    /// Returns true if the thread must end.
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }
}

/// State that is kept from one round to the next.
#[derive(Default)]
struct Rounds {
    /// Time of the last request for a pass.
    woke: Option<Instant>,
    /// Counts have increased since that request.
    has_progress: bool,
    /// Time of the last update of all densities.
    took_densities: Option<Instant>,
    /// A store has changed since that update.
    densities_are_old: bool,
    /// Update of densities that no pass has certainly shown: its time, and the number of passes before it.
    unshown: Option<(Instant, u64)>,
}

/// Result of a round.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Round {
    /// There is a visible result.
    wakes: bool,
    /// A search has more to do, so that the next round can start at once.
    goes_on: bool,
    /// Time of the next round if no store changes.
    due: Option<Instant>,
}

impl Rounds {
    /// Runs one step of each search. `is_new` is true if a store has changed since the last round; `passes` is their
    /// number so far.
    fn round(&mut self, searches: &[Search], is_new: bool, passes: u64, now: Instant) -> Round {
        self.densities_are_old |= is_new;
        let mut news = News::None;
        let mut goes_on = false;
        // Densities have an interval of their own and are handled separately.
        let (densities, others): (Vec<_>, Vec<_>) = searches
            .iter()
            .partition(|search| matches!(search, Search::Density(_)));
        for search in others {
            let step = search.step();
            news = news.max(step.news);
            goes_on |= !step.is_done;
        }
        self.densities_are_old |= news != News::None;
        news = news.max(self.take_densities(&densities, passes, now));
        self.has_progress |= news == News::Progress;
        // A visible result requests a pass at once; mere progress waits for the interval.
        let wakes = news == News::Visible
            || (self.has_progress && is_due(self.woke, PROGRESS_INTERVAL, now));
        if wakes {
            self.woke = Some(now);
            self.has_progress = false;
            self.unshown = None;
        }
        let taken_next = self
            .took_densities
            .filter(|_| self.densities_are_old && !densities.is_empty());
        let shown_next = self.unshown.map(|(since, _)| since);
        let due = taken_next.into_iter().chain(shown_next).min();
        Round {
            wakes,
            goes_on,
            due: due.map(|since| since + DENSITY_INTERVAL),
        }
    }

    /// Updates the densities that are due.
    ///
    /// New records request passes by themselves, and these passes show the densities too. A pass is requested here only
    /// if no such pass has followed within the interval.
    fn take_densities(&mut self, densities: &[&Search], passes: u64, now: Instant) -> News {
        let mut news = News::None;
        if let Some((since, before)) = self.unshown {
            let shown = passes >= before + SHOWING_PASSES;
            if !shown && is_due(Some(since), DENSITY_INTERVAL, now) {
                news = News::Visible;
            }
            if shown || news == News::Visible {
                self.unshown = None;
            }
        }
        let takes_all =
            self.densities_are_old && is_due(self.took_densities, DENSITY_INTERVAL, now);
        if takes_all {
            self.took_densities = Some(now);
            self.densities_are_old = false;
        }
        for search in densities {
            let is_fresh = search.is_fresh();
            if takes_all || is_fresh {
                // A new density has nothing to show yet, so that its first result requests a pass.
                let step = search.step();
                if is_fresh {
                    news = news.max(step.news);
                } else if step.news != News::None {
                    self.unshown = Some((now, passes));
                }
                // Some rows have not been scanned: a few while records arrive, all of them after a file was opened.
                self.densities_are_old |= !step.is_done;
            }
        }
        news
    }
}

/// Returns true if the interval has passed since `last`, or if there was no last time.
fn is_due(last: Option<Instant>, interval: Duration, now: Instant) -> bool {
    last.is_none_or(|last| now.saturating_duration_since(last) >= interval)
}

#[cfg(test)]
mod tests;
