//! The one thread that looks for what views want: filters' hits, densities, values. It goes through stores in small
//! steps, all searches in turn, and rests while there is nothing to do.
//!
//! A search is taken up by the pass that wants it and given up by the first one that no longer does, so at most one step
//! is done in vain.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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

    /// Looks for these from now on, and for nothing else.
    pub(super) fn look_for(&self, searches: Vec<Search>) {
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
            let round = rounds.round(&searches, is_new, began);
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
}

/// What a round comes to.
#[derive(Debug, PartialEq)]
struct Round {
    /// Whether there is something to be seen.
    wakes: bool,
    /// Whether the next round can begin at once.
    goes_on: bool,
    /// When there is something to do without any news.
    due: Option<Instant>,
}

impl Rounds {
    /// One step of each search; `is_new` where stores changed since the last round.
    fn round(&mut self, searches: &[Search], is_new: bool, now: Instant) -> Round {
        let is_due = |last: Option<Instant>, interval| {
            last.is_none_or(|last| now.saturating_duration_since(last) >= interval)
        };
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
        let takes_all = self.densities_are_old && is_due(self.took_densities, DENSITY_INTERVAL);
        if takes_all {
            self.took_densities = Some(now);
            self.densities_are_old = false;
        }
        for search in &densities {
            if takes_all || search.is_fresh() {
                let step = search.step();
                news = news.max(step.news);
                // Rows that were never looked at: not many at a time while records arrive, all of them in a file.
                self.densities_are_old |= !step.is_done;
            }
        }
        self.has_progress |= news == News::Progress;
        let wakes = news == News::Visible
            || (self.has_progress && is_due(self.woke, PROGRESS_INTERVAL));
        if wakes {
            self.woke = Some(now);
            self.has_progress = false;
        }
        let due = self
            .took_densities
            .filter(|_| self.densities_are_old && !densities.is_empty())
            .map(|taken| taken + DENSITY_INTERVAL);
        Round {
            wakes,
            goes_on,
            due,
        }
    }
}
