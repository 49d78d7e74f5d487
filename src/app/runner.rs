//! The threads that run the analyses of the window. What is stepped, and when the window is woken, is decided by the
//! [`Rounds`] of feedscope-analysis; here are only the threads, the clock and the rests between the rounds.
//!
//! There are two threads: one steps what takes a millisecond at a time, the other does what cannot be divided, so that
//! no search waits for a large comparison. The wanted analyses are replaced in each pass by those that the views need.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use feedscope_analysis::analysis::{Effort, Task};
use feedscope_analysis::rounds::{ROUND_INTERVAL, Rounds};
use feedscope_core::Moment;
use parking_lot::Mutex;

/// Requests a pass.
type RunnerWake = dyn Fn() + Send + Sync;

/// Handle of the threads.
pub(super) struct Runner {
    short: Host,
    long: Host,
}

/// Handle of one thread.
struct Host {
    shared: Arc<SharedRunner>,
    thread: Thread,
}

/// State that a handle and its thread share.
struct SharedRunner {
    effort: Effort,
    /// Analyses that the views need at present.
    tasks: Mutex<Vec<Task>>,
    /// A store has changed since the thread last checked.
    news: AtomicBool,
    /// There is an analysis that need not wait for records.
    urgent: AtomicBool,
    /// Number of passes so far.
    passes: AtomicU64,
    /// The handle has been dropped, so that the thread must end.
    over: AtomicBool,
    /// Zero of the times that the rounds are given.
    start: Instant,
    wake: Arc<RunnerWake>,
}

impl Runner {
    /// Starts the threads. They call `wake` when there is a visible result.
    pub(super) fn start(wake: impl Fn() + Send + Sync + 'static) -> io::Result<Self> {
        let wake: Arc<RunnerWake> = Arc::new(wake);
        Ok(Self {
            short: Host::start(Effort::Short, "analysis", Arc::clone(&wake))?,
            long: Host::start(Effort::Long, "long analysis", wake)?,
        })
    }

    /// Returns the function to call when a store has changed. It is cheap and never waits.
    pub(super) fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let Host { shared, thread } = &self.short;
        let (shared, thread) = (Arc::clone(shared), thread.clone());
        move || {
            if !shared.news.swap(true, Ordering::AcqRel) {
                thread.unpark();
            }
        }
    }

    /// Runs these analyses from now on, and no others. Each pass ends with this call.
    pub(super) fn run(&self, tasks: Vec<Task>) {
        let (long, short) = tasks
            .into_iter()
            .partition(|task| task.effort() == Effort::Long);
        self.short.run(short);
        self.long.run(long);
    }
}

impl Host {
    fn start(effort: Effort, name: &str, wake: Arc<RunnerWake>) -> io::Result<Self> {
        let shared = Arc::new(SharedRunner {
            effort,
            tasks: Mutex::default(),
            news: AtomicBool::new(false),
            urgent: AtomicBool::new(false),
            passes: AtomicU64::new(0),
            over: AtomicBool::new(false),
            start: Instant::now(),
            wake,
        });
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || of_thread.run())?;
        Ok(Self {
            shared,
            thread: thread.thread().clone(),
        })
    }

    fn run(&self, tasks: Vec<Task>) {
        self.shared.passes.fetch_add(1, Ordering::AcqRel);
        let is_stale = tasks.iter().any(|task| task.is_stale());
        // The old list is dropped after the lock, because it may hold millions of hits.
        let given_up = std::mem::replace(&mut *self.shared.tasks.lock(), tasks);
        drop(given_up);
        if is_stale && !self.shared.urgent.swap(true, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl SharedRunner {
    fn run(&self) {
        let mut rounds = Rounds::new(self.effort);
        while !self.is_over() {
            let began = self.now();
            let is_new = self.news.swap(false, Ordering::AcqRel);
            let tasks = self.tasks.lock().clone();
            let passes = self.passes.load(Ordering::Acquire);
            let round = rounds.round(&tasks, is_new, passes, began);
            drop(tasks);
            if round.wakes {
                (self.wake)();
            }
            if !round.goes_on {
                self.rest(began, round.due);
            }
        }
    }

    /// Sleeps until there is something to do: a stale analysis at once, new records after the minimum time between two
    /// rounds, or an analysis that is due by itself.
    fn rest(&self, began: Moment, due: Option<Moment>) {
        while !self.is_over() && !self.urgent.swap(false, Ordering::AcqRel) {
            let is_new = self.news.load(Ordering::Acquire);
            let until = if is_new {
                Some(began + ROUND_INTERVAL)
            } else {
                due
            };
            match until.map(|until| until.since(self.now())) {
                Some(Duration::ZERO) => return,
                Some(wait) => thread::park_timeout(wait),
                None => thread::park(),
            }
        }
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    fn now(&self) -> Moment {
        Moment::START + self.start.elapsed()
    }
}

#[cfg(test)]
mod tests;
