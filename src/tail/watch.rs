//! Progress of the feeds of a run, for the thread that waits for the end. The sinks report a transition after its
//! record was written.

use std::sync::Arc;
use std::time::{Duration, Instant};

use feedscope_core::ConnectionState;
use feedscope_core::connection::StateChange;
use parking_lot::{Condvar, Mutex};

use crate::signals::Interruption;

/// Progress of one feed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fate {
    state: ConnectionState,
    /// True if the feed was open at some time.
    pub(super) was_open: bool,
    /// True if the feed was closed without a request from this program.
    pub(super) closed_by_itself: bool,
    /// Latest reason for which the feed is not open.
    pub(super) reason: Option<String>,
}

impl Fate {
    pub(super) fn is_over(&self) -> bool {
        matches!(
            self.state,
            ConnectionState::Closed | ConnectionState::Failed
        )
    }

    pub(super) fn is_failed(&self) -> bool {
        self.state == ConnectionState::Failed
    }

    fn enter(&mut self, change: &StateChange, asked_for: bool) {
        self.state = change.state;
        match change.state {
            // A success makes earlier failures irrelevant.
            ConnectionState::Open => {
                self.was_open = true;
                self.reason = None;
            }
            ConnectionState::Closed => self.closed_by_itself = !asked_for,
            _ => {}
        }
        if change.state != ConnectionState::Open && change.reason.is_some() {
            self.reason.clone_from(&change.reason);
        }
    }
}

/// Changes in a run that the waiting thread must know.
#[derive(Debug)]
pub(super) struct RunWatch {
    inner: Mutex<RunState>,
    bell: Condvar,
}

#[derive(Debug)]
struct RunState {
    fates: Vec<Fate>,
    interruption: Option<Interruption>,
    /// True after the feeds were requested to close.
    closing: bool,
    changes: u64,
}

impl RunWatch {
    /// Creates a watch for this number of feeds, none of which has begun.
    pub(super) fn new(feeds: usize) -> Self {
        let fates = vec![Fate::default(); feeds];
        let inner = RunState {
            fates,
            interruption: None,
            closing: false,
            changes: 0,
        };
        Self {
            inner: Mutex::new(inner),
            bell: Condvar::new(),
        }
    }

    pub(super) fn interrupt(&self, interruption: Interruption) {
        self.change(|inner| inner.interruption = Some(interruption));
    }

    /// Wakes the waiting thread, so that it checks everything again.
    pub(super) fn ring(&self) {
        self.change(|_| {});
    }

    /// Marks that the feeds are requested to close from now on.
    pub(super) fn begin_closing(&self) {
        self.inner.lock().closing = true;
    }

    pub(super) fn interruption(&self) -> Option<Interruption> {
        self.inner.lock().interruption
    }

    pub(super) fn fates(&self) -> Vec<Fate> {
        self.inner.lock().fates.clone()
    }

    /// Returns the number of changes so far. Read it before the checks, and pass it to [`wait`](Self::wait).
    pub(super) fn changes(&self) -> u64 {
        self.inner.lock().changes
    }

    /// Waits until something changed after `seen`, or until `deadline`.
    pub(super) fn wait(&self, seen: u64, deadline: Option<Instant>) {
        /// Longest wait without a deadline. It protects the run from a wake-up that is lost.
        const LONGEST: Duration = Duration::from_hours(1);
        let until = deadline.unwrap_or_else(|| Instant::now() + LONGEST);
        let mut inner = self.inner.lock();
        // A wake-up without a change continues the wait.
        while inner.changes == seen {
            if self.bell.wait_until(&mut inner, until).timed_out() {
                return;
            }
        }
    }

    fn change(&self, change: impl FnOnce(&mut RunState)) {
        let mut inner = self.inner.lock();
        change(&mut inner);
        inner.changes += 1;
        self.bell.notify_all();
    }
}

/// Reports the transitions of one feed to a [`RunWatch`].
#[derive(Debug)]
pub(super) struct Reporter {
    watch: Arc<RunWatch>,
    index: usize,
    /// Transitions that are not reported yet, because their records are not written yet.
    waiting: Vec<StateChange>,
}

impl Reporter {
    pub(super) fn new(watch: Arc<RunWatch>, index: usize) -> Self {
        Self {
            watch,
            index,
            waiting: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, change: &StateChange) {
        self.waiting.push(change.clone());
    }

    /// Reports all noted transitions, because their records have been written.
    pub(super) fn report(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let Self {
            watch,
            index,
            waiting,
        } = self;
        watch.change(|inner| {
            for change in waiting.drain(..) {
                // A feed that closes after the request did not close by itself.
                let asked_for = inner.closing;
                inner.fates[*index].enter(&change, asked_for);
            }
        });
    }
}

impl Drop for Reporter {
    /// Marks a feed that has not ended as failed. Its task is gone and reports nothing more, so that the run would wait
    /// for it for ever.
    fn drop(&mut self) {
        self.report();
        self.watch.change(|inner| {
            let fate = &mut inner.fates[self.index];
            if !fate.is_over() {
                fate.state = ConnectionState::Failed;
                fate.reason = Some("its task ended before the feed did".to_owned());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(state: ConnectionState, reason: Option<&str>) -> StateChange {
        let reason = reason.map(str::to_owned);
        StateChange {
            reason,
            ..StateChange::to(state)
        }
    }

    #[test]
    fn transitions_are_told_once_they_are_written() {
        let watch = Arc::new(RunWatch::new(1));
        let mut reporter = Reporter::new(Arc::clone(&watch), 0);
        reporter.note(&change(ConnectionState::Open, Some("subprotocol chat")));
        assert_eq!(watch.fates(), [Fate::default()]);
        reporter.report();
        assert!(watch.fates()[0].was_open);
        assert_eq!(
            watch.fates()[0].reason,
            None,
            "what is said of an open feed is no complaint"
        );
        reporter.note(&change(
            ConnectionState::Reconnecting,
            Some("connection lost"),
        ));
        reporter.note(&change(ConnectionState::Failed, None));
        reporter.report();
        let fate = &watch.fates()[0];
        assert!(fate.is_over() && fate.is_failed() && fate.was_open);
        assert_eq!(fate.reason.as_deref(), Some("connection lost"));
    }

    #[test]
    fn a_close_that_was_asked_for_is_told_from_one_that_was_not() {
        for asked_for in [false, true] {
            let watch = Arc::new(RunWatch::new(1));
            let mut reporter = Reporter::new(Arc::clone(&watch), 0);
            if asked_for {
                watch.begin_closing();
            }
            reporter.note(&change(ConnectionState::Closed, None));
            reporter.report();
            assert_eq!(watch.fates()[0].closed_by_itself, !asked_for);
        }
    }

    #[test]
    fn a_vanished_feed_has_failed() {
        let watch = Arc::new(RunWatch::new(2));
        drop(Reporter::new(Arc::clone(&watch), 1));
        assert!(!watch.fates()[0].is_over());
        assert!(watch.fates()[1].is_failed());
    }

    #[test]
    fn a_change_before_the_wait_is_not_slept_through() {
        let watch = RunWatch::new(0);
        let seen = watch.changes();
        watch.ring();
        watch.wait(seen, None);
    }
}
