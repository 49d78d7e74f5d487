//! The one thread that looks for what views want: filters' hits, densities, values. It goes through stores in small
//! steps, all searches in turn, and rests while there is nothing to do.
//!
//! A search is taken up by the pass that wants it and given up by the first one that no longer does, so at most one step
//! is done in vain.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::ui::{News, Search};

/// Rounds over new records are at least this far apart: a pass shows what they found together.
const ROUND_INTERVAL: Duration = Duration::from_millis(16);

/// How often counts that only go up are worth a pass.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// How often densities are taken anew while records arrive.
const DENSITY_INTERVAL: Duration = Duration::from_millis(500);

/// How many passes it takes for one of them to show what was there before it: the first may have been half done.
const SHOWING_PASSES: u64 = 2;

/// Does the searches.
pub(super) struct Searcher {
    shared: Arc<Shared>,
    thread: Thread,
}

struct Shared {
    searches: Mutex<Vec<Search>>,
    /// Whether stores changed since the thread looked.
    news: AtomicBool,
    /// Whether there is a search that was never looked for.
    urgent: AtomicBool,
    /// How many passes there were.
    passes: AtomicU64,
    over: AtomicBool,
    /// Asks for a pass.
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Searcher {
    /// Starts the thread; `wake` is called when there is something to be seen.
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

    /// What is to be called when a store changed: cheap, and never waits.
    pub(super) fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let (shared, thread) = (Arc::clone(&self.shared), self.thread.clone());
        move || {
            if !shared.news.swap(true, Ordering::AcqRel) {
                thread.unpark();
            }
        }
    }

    /// Looks for these from now on, and for nothing else. Each pass ends with it.
    pub(super) fn look_for(&self, searches: Vec<Search>) {
        self.shared.passes.fetch_add(1, Ordering::AcqRel);
        let is_fresh = searches.iter().any(Search::is_fresh);
        // What is given up goes when the lock is free again: it may hold millions of hits.
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
    fn run(&self) {
        let mut rounds = Rounds::default();
        while !self.is_over() {
            let began = Instant::now();
            let is_new = self.news.swap(false, Ordering::AcqRel);
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

    /// Rests until there is something to do: a fresh search at once, new records when a round's time is over, or what is
    /// due by itself.
    fn rest(&self, began: Instant, due: Option<Instant>) {
        while !self.is_over() && !self.urgent.swap(false, Ordering::AcqRel) {
            let is_new = self.news.load(Ordering::Acquire);
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

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }
}

/// What is remembered from one round to the next.
#[derive(Default)]
struct Rounds {
    /// When the window was last asked for a pass.
    woke: Option<Instant>,
    /// Whether counts went up since.
    has_progress: bool,
    /// When densities were last taken.
    took_densities: Option<Instant>,
    /// Whether something changed since.
    densities_are_old: bool,
    /// Densities that came with records, as passes do: when they were taken, and after how many passes.
    unshown: Option<(Instant, u64)>,
}

/// What a round comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Round {
    /// Whether there is something to be seen.
    wakes: bool,
    /// Whether the next round can begin at once.
    goes_on: bool,
    /// When there is something to do without any news.
    due: Option<Instant>,
}

impl Rounds {
    /// One step of each search; `is_new` where stores changed since the last round, `passes` as counted so far.
    fn round(&mut self, searches: &[Search], is_new: bool, passes: u64, now: Instant) -> Round {
        self.densities_are_old |= is_new;
        let mut news = News::None;
        let mut goes_on = false;
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

    /// Takes those densities that are due. Records that come ask for passes themselves, which show what became of the
    /// densities, too: those are worth a pass of their own only where none followed.
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
                let step = search.step();
                if is_fresh {
                    news = news.max(step.news);
                } else if step.news != News::None {
                    self.unshown = Some((now, passes));
                }
                // Rows that were never looked at: not many at a time while records arrive, all of them in a file.
                self.densities_are_old |= !step.is_done;
            }
        }
        news
    }
}

fn is_due(last: Option<Instant>, interval: Duration, now: Instant) -> bool {
    last.is_none_or(|last| now.saturating_duration_since(last) >= interval)
}

#[cfg(test)]
mod tests;
