//! Time source of a server, and one for tests that stands still until it is moved.
//!
//! The feeds, the faults and the time limits of clients use this clock. The end of the server uses the system's clock,
//! so that a program with a clock that stands still can end.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant, SystemTime};

use parking_lot::{Condvar, Mutex, MutexGuard};

/// Time source of a server. The default is the system's clock.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Clock that is moved by hand; `None` for the system's clock.
    manual: Option<Arc<Manual>>,
}

/// Clock that stands still until it is moved, for tests.
///
/// ```
/// # use std::time::Duration;
/// let clock = demo_server::ManualClock::default();
/// let options = demo_server::Options {
///     clock: clock.clock(),
///     ..demo_server::Options::default()
/// };
/// let server = demo_server::DemoServer::start(options)?;
/// server.refuse_for(Duration::from_secs(60));
/// clock.advance(Duration::from_secs(59));
/// assert_eq!(server.refusing_for(), Some(Duration::from_secs(1)));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<Manual>);

struct Manual {
    start: Instant,
    wall_start: SystemTime,
    state: Mutex<ManualTime>,
}

#[derive(Default)]
struct ManualTime {
    elapsed: Duration,
    /// Deadlines for which threads wait at this moment.
    awaited: Vec<Instant>,
    servers: Vec<Weak<dyn Wake>>,
}

/// Server whose threads wait for times of a clock.
pub(crate) trait Wake: Send + Sync {
    /// Makes all waiting threads compare their deadline with the clock again.
    fn wake(&self);
}

impl Clock {
    /// Returns the monotonic time.
    pub(crate) fn now(&self) -> Instant {
        match &self.manual {
            None => Instant::now(),
            Some(manual) => manual.start + manual.state.lock().elapsed,
        }
    }

    /// Returns the time of day.
    pub(crate) fn wall(&self) -> SystemTime {
        match &self.manual {
            None => SystemTime::now(),
            Some(manual) => manual.wall_start + manual.state.lock().elapsed,
        }
    }

    /// Waits for a notification of `condvar`, at most until `deadline`. Returns true if the deadline has passed.
    pub(crate) fn wait_until<T>(
        &self,
        condvar: &Condvar,
        guard: &mut MutexGuard<'_, T>,
        deadline: Instant,
    ) -> bool {
        let Some(manual) = &self.manual else {
            return condvar.wait_until(guard, deadline).timed_out();
        };
        // `advance` changes the time first and then takes the lock of `guard`, so that no change is missed.
        if manual.begin_wait(deadline) {
            condvar.wait(guard);
        }
        manual.end_wait(deadline)
    }

    /// Returns the longest time for a read of a socket before the clock must be read again.
    pub(crate) fn read_time(&self, left: Duration) -> Duration {
        /// Interval at which a clock that is moved by hand is read. A read of a socket cannot be notified of a change.
        const LOOK: Duration = Duration::from_millis(5);
        if self.manual.is_some() { LOOK } else { left }
    }

    /// Wakes the threads of `server` whenever the clock is moved.
    pub(crate) fn subscribe(&self, server: Weak<dyn Wake>) {
        if let Some(manual) = &self.manual {
            manual.state.lock().servers.push(server);
        }
    }
}

impl ManualClock {
    /// Returns the clock for [`Options::clock`](crate::Options::clock).
    pub fn clock(&self) -> Clock {
        Clock {
            manual: Some(Arc::clone(&self.0)),
        }
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut state = self.0.state.lock();
        state.elapsed += by;
        // The servers are woken without the lock, because they read the time at once.
        let servers: Vec<_> = state.servers.iter().filter_map(Weak::upgrade).collect();
        drop(state);
        for server in servers {
            server.wake();
        }
    }

    /// Returns true while a thread of a server waits for the time that is this far in the future.
    pub fn is_awaited(&self, ahead: Duration) -> bool {
        let state = self.0.state.lock();
        let moment = self.0.start + state.elapsed + ahead;
        state.awaited.contains(&moment)
    }
}

impl Manual {
    /// Records that a thread waits for `deadline`. Returns false if it has already passed.
    fn begin_wait(&self, deadline: Instant) -> bool {
        let mut state = self.state.lock();
        state.awaited.push(deadline);
        self.start + state.elapsed < deadline
    }

    /// Records that the thread no longer waits. Returns true if the deadline has passed.
    fn end_wait(&self, deadline: Instant) -> bool {
        let mut state = self.state.lock();
        // Several threads may wait for the same moment; each removes one entry.
        if let Some(at) = state.awaited.iter().position(|other| *other == deadline) {
            state.awaited.swap_remove(at);
        }
        self.start + state.elapsed >= deadline
    }
}

impl Default for Manual {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            wall_start: SystemTime::now(),
            state: Mutex::default(),
        }
    }
}

impl fmt::Debug for Manual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manual")
            .field("elapsed", &self.state.lock().elapsed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Server {
        moved: Mutex<u32>,
        changed: Condvar,
    }

    impl Wake for Server {
        fn wake(&self) {
            *self.moved.lock() += 1;
            self.changed.notify_all();
        }
    }

    #[test]
    fn a_wait_ends_when_the_clock_reaches_its_deadline() {
        let manual = ManualClock::default();
        let clock = manual.clock();
        let server = Arc::new(Server::default());
        let wake: Arc<dyn Wake> = Arc::clone(&server) as _;
        clock.subscribe(Arc::downgrade(&wake));
        let deadline = clock.now() + Duration::from_secs(5);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let mut moved = server.moved.lock();
                while !clock.wait_until(&server.changed, &mut moved, deadline) {}
                *moved
            });
            while !manual.is_awaited(Duration::from_secs(5)) {
                std::thread::yield_now();
            }
            manual.advance(Duration::from_secs(4));
            while !manual.is_awaited(Duration::from_secs(1)) {
                std::thread::yield_now();
            }
            manual.advance(Duration::from_secs(1));
            assert_eq!(waiting.join().unwrap(), 2);
        });
        assert!(!manual.is_awaited(Duration::ZERO));
    }

    #[test]
    fn both_times_move_together() {
        let manual = ManualClock::default();
        let clock = manual.clock();
        let (now, wall) = (clock.now(), clock.wall());
        assert_eq!((clock.now(), clock.wall()), (now, wall));
        manual.advance(Duration::from_millis(7));
        assert_eq!(clock.now() - now, Duration::from_millis(7));
        assert_eq!(
            clock.wall().duration_since(wall).unwrap(),
            Duration::from_millis(7)
        );
    }
}
