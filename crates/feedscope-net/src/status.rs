//! Publication of a feed's status: the time at which a change is published. This module does not use sockets.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use feedscope_core::feed::FeedStatus;
use tokio::time::{Instant, Sleep};

use crate::batch::Wake;
use crate::handle::Mailbox;

/// Least time between two statuses that contain only changes whose publication can be delayed, such as a new last event
/// ID. It is shorter than the time between the records of a calm feed, so that one pass of the window shows a record
/// together with the status that it caused.
const INTERVAL: Duration = Duration::from_millis(150);

/// Delay that a change of the status may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// Until the end of the turn.
    EndOfTurn,
    /// Until the task has nothing else to do. A message that is queued and sent at once appears in no status.
    Idle,
    /// Until [`INTERVAL`] has passed.
    Interval,
}

/// Publisher of one feed's status.
pub(crate) struct StatusPublisher {
    mailbox: Arc<Mailbox>,
    wake: Wake,
    published: Arc<FeedStatus>,
    waits_for_end_of_turn: bool,
    waits_for_idle: bool,
    waits_for_interval: bool,
    /// Time of the newest call of [`publish`](Self::publish).
    looked_at: Instant,
    /// Timer until the end of the interval, if a change waits for it.
    timer: Option<Pin<Box<Sleep>>>,
}

impl StatusPublisher {
    /// Creates the publisher of a feed that has published nothing yet. `wake` is called after each publication.
    pub(crate) fn new(mailbox: Arc<Mailbox>, wake: Wake) -> Self {
        Self {
            mailbox,
            wake,
            published: Arc::default(),
            waits_for_end_of_turn: false,
            waits_for_idle: false,
            waits_for_interval: false,
            looked_at: Instant::now(),
            timer: None,
        }
    }

    /// Notes that the status has changed, or may have.
    #[inline]
    pub(crate) fn changed(&mut self, urgency: Urgency) {
        match urgency {
            Urgency::EndOfTurn => self.waits_for_end_of_turn = true,
            Urgency::Idle => self.waits_for_idle = true,
            Urgency::Interval => self.waits_for_interval = true,
        }
    }

    /// Returns true if a change must be published at the end of this turn.
    pub(crate) fn is_due_at_end_of_turn(&self) -> bool {
        self.waits_for_end_of_turn
    }

    /// Ready if a change must be published now, while the task has nothing else to do.
    pub(crate) fn poll_due(&mut self, context: &mut Context<'_>) -> Poll<()> {
        // The driver asks only when it has nothing else to do, so that changes for both of these are due.
        if self.waits_for_end_of_turn || self.waits_for_idle {
            return Poll::Ready(());
        }
        if !self.waits_for_interval {
            return Poll::Pending;
        }
        let due = self.looked_at + INTERVAL;
        // A feed with few records publishes at once, without a timer.
        if self.timer.is_none() && due <= Instant::now() {
            return Poll::Ready(());
        }
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        timer.as_mut().poll(context)
    }

    /// Publishes the status, unless it is equal to the published one. No change waits any more.
    pub(crate) fn publish(&mut self, status: FeedStatus) {
        self.waits_for_end_of_turn = false;
        self.waits_for_idle = false;
        self.waits_for_interval = false;
        self.timer = None;
        self.looked_at = Instant::now();
        // Changes may cancel each other before they are published.
        if status != *self.published {
            self.published = Arc::new(status);
            self.mailbox.publish(Arc::clone(&self.published));
            (self.wake)();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::task::noop_waker;

    use super::*;

    fn publisher() -> (StatusPublisher, Arc<AtomicUsize>) {
        let wakes = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&wakes);
        let wake: Wake = Arc::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        (StatusPublisher::new(Arc::default(), wake), wakes)
    }

    fn is_due(publisher: &mut StatusPublisher) -> bool {
        let waker = noop_waker();
        publisher
            .poll_due(&mut Context::from_waker(&waker))
            .is_ready()
    }

    fn status(reconnects: u64) -> FeedStatus {
        FeedStatus {
            reconnects,
            ..FeedStatus::default()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn urgent_changes_are_due_at_once_and_others_after_the_interval() {
        let (mut publisher, _) = publisher();
        assert!(!is_due(&mut publisher));

        publisher.changed(Urgency::EndOfTurn);
        assert!(publisher.is_due_at_end_of_turn() && is_due(&mut publisher));
        publisher.publish(status(1));
        assert!(!publisher.is_due_at_end_of_turn() && !is_due(&mut publisher));

        publisher.changed(Urgency::Idle);
        assert!(!publisher.is_due_at_end_of_turn() && is_due(&mut publisher));
        publisher.publish(status(2));

        publisher.changed(Urgency::Interval);
        assert!(!is_due(&mut publisher));
        tokio::time::advance(INTERVAL).await;
        assert!(is_due(&mut publisher));
        publisher.publish(status(3));
        assert!(!is_due(&mut publisher));
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_after_a_quiet_interval_is_due_at_once() {
        let (mut publisher, _) = publisher();
        tokio::time::advance(INTERVAL).await;
        publisher.changed(Urgency::Interval);
        assert!(is_due(&mut publisher));
    }

    #[tokio::test(start_paused = true)]
    async fn an_equal_status_is_not_published_again() {
        let (mut publisher, wakes) = publisher();
        publisher.publish(FeedStatus::default());
        assert_eq!(wakes.load(Ordering::Relaxed), 0);
        for _ in 0..2 {
            publisher.changed(Urgency::EndOfTurn);
            publisher.publish(status(1));
        }
        assert_eq!(wakes.load(Ordering::Relaxed), 1);
        assert!(!publisher.is_due_at_end_of_turn());
    }
}
