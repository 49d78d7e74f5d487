//! State of the server, which serves, refuses or ends, and the threads that depend on it. This module uses no sockets.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::clock::Clock;

/// Condition for which the server's own threads wait.
#[derive(Debug, Default)]
pub(crate) struct Life {
    clock: Clock,
    state: Mutex<LifeState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct LifeState {
    stopping: bool,
    refuse_until: Option<Instant>,
    /// Number of threads that have begun and not ended.
    threads: usize,
}

impl Life {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            ..Self::default()
        }
    }

    /// Makes all waits compare their deadline with the clock again.
    pub(crate) fn wake(&self) {
        // The lock ensures that no thread is between its check and its wait.
        let _state = self.state.lock();
        self.changed.notify_all();
    }

    /// Starts a named thread that counts as one of the server's until it ends.
    pub(crate) fn spawn(
        self: &Arc<Self>,
        name: &str,
        work: impl FnOnce() + Send + 'static,
    ) -> io::Result<thread::JoinHandle<()>> {
        /// Size of the stack in bytes. It is small, because each of hundreds of connections has one or two threads.
        const STACK: usize = 256 << 10;
        // The thread is counted before it starts. If it cannot start, dropping the closure removes the count.
        self.state.lock().threads += 1;
        let counted = Counted(Arc::clone(self));
        thread::Builder::new()
            .name(name.to_owned())
            .stack_size(STACK)
            .spawn(move || {
                let _counted = counted;
                work();
            })
    }

    /// Begins the end of the server. Returns true on the first call, whose caller must then end everything.
    pub(crate) fn stop(&self) -> bool {
        let first = !std::mem::replace(&mut self.state.lock().stopping, true);
        self.changed.notify_all();
        first
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.state.lock().stopping
    }

    /// Refuses new connections for this long from now; zero ends a refusal.
    pub(crate) fn refuse_for(&self, time: Duration) {
        /// Longest refusal. It is much shorter than the longest time of an `Instant`.
        const LONGEST: Duration = Duration::from_hours(24);
        self.state.lock().refuse_until = Some(self.clock.now() + time.min(LONGEST));
        self.changed.notify_all();
    }

    /// Returns the remaining time for which new connections are refused.
    pub(crate) fn refusing_for(&self) -> Option<Duration> {
        let until = self.state.lock().refuse_until?;
        Some(until.saturating_duration_since(self.clock.now())).filter(|left| !left.is_zero())
    }

    /// Waits until connections are accepted again or the server ends.
    pub(crate) fn wait_while_refusing(&self) {
        let mut state = self.state.lock();
        while !state.stopping
            && let Some(until) = state.refuse_until
            && self.clock.now() < until
        {
            self.clock.wait_until(&self.changed, &mut state, until);
        }
    }

    /// Waits for a short time before a failed attempt is repeated, or until the server ends. Returns earlier after a
    /// change.
    pub(crate) fn pause(&self, time: Duration) {
        let mut state = self.state.lock();
        if !state.stopping {
            self.changed.wait_for(&mut state, time);
        }
    }

    /// Waits until `deadline`. Returns false if the server ends.
    pub(crate) fn wait(&self, deadline: Instant) -> bool {
        let mut state = self.state.lock();
        while !state.stopping {
            if self.clock.wait_until(&self.changed, &mut state, deadline) {
                break;
            }
        }
        !state.stopping
    }

    /// Waits until all threads have ended, at most until `deadline`. Returns true if they have ended.
    pub(crate) fn wait_until_over(&self, deadline: Instant) -> bool {
        let mut state = self.state.lock();
        while state.threads > 0 {
            if self.changed.wait_until(&mut state, deadline).timed_out() {
                return false;
            }
        }
        true
    }
}

struct Counted(Arc<Life>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.state.lock().threads -= 1;
        self.0.changed.notify_all();
    }
}
