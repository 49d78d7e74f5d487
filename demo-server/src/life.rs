//! State of the server, which serves, refuses or ends, and the threads that depend on it. Knows no socket.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::clock::Clock;

/// The one condition that the server's own threads wait on.
#[derive(Debug, Default)]
pub(crate) struct Life {
    clock: Clock,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stopping: bool,
    refuse_until: Option<Instant>,
    /// Threads that have begun and not ended.
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
        let _state = self.state.lock();
        self.changed.notify_all();
    }

    /// Starts a named thread that counts as one of the server's until it ends.
    pub(crate) fn spawn(
        self: &Arc<Self>,
        name: &str,
        work: impl FnOnce() + Send + 'static,
    ) -> io::Result<thread::JoinHandle<()>> {
        /// A quarter of a mebibyte: hundreds of connections have one or two threads each.
        const STACK: usize = 256 << 10;
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

    /// True the first time, when it is the caller's to end things.
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
        /// Far below what an `Instant` can hold.
        const LONGEST: Duration = Duration::from_hours(24);
        self.state.lock().refuse_until = Some(self.clock.now() + time.min(LONGEST));
        self.changed.notify_all();
    }

    /// Remaining time for which new connections are refused.
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

    /// Waits for a moment, before an attempt that failed is made again, or until the server ends. Returns earlier when
    /// something has changed.
    pub(crate) fn pause(&self, time: Duration) {
        let mut state = self.state.lock();
        if !state.stopping {
            self.changed.wait_for(&mut state, time);
        }
    }

    /// Waits until `deadline`; false when the server ends.
    pub(crate) fn wait(&self, deadline: Instant) -> bool {
        let mut state = self.state.lock();
        while !state.stopping {
            if self.clock.wait_until(&self.changed, &mut state, deadline) {
                break;
            }
        }
        !state.stopping
    }

    /// Waits until all threads have ended, but not past `deadline`. True when they have.
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
