//! What the program holds of a feed: a way to command it and to see where it stands. It never touches a socket.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use feedscope_core::feed::{FeedCommand, FeedStatus};
use futures_util::task::AtomicWaker;
use parking_lot::{Condvar, Mutex};

/// A feed, seen from outside. Dropping it ends the feed: the connection is closed in order, in the background.
pub struct FeedHandle {
    desk: Arc<Desk>,
}

impl FeedHandle {
    pub(crate) fn new(desk: Arc<Desk>) -> Self {
        Self { desk }
    }

    /// Asks something of the feed. Never waits.
    pub fn command(&self, command: FeedCommand) {
        self.desk.put(command);
    }

    /// Where the feed stands: the newest status published. Cheap.
    pub fn status(&self) -> Arc<FeedStatus> {
        Arc::clone(&self.desk.status.lock())
    }

    /// How many commands and messages the feed has not yet acted upon; for whoever sends more than people type.
    pub fn backlog(&self) -> usize {
        self.desk.commands.lock().len() + self.desk.messages_waiting.load(Ordering::Relaxed)
    }

    /// Waits until the feed has ended: `closed` or `failed`, its last record pushed and the sink flushed, or told to
    /// disconnect before it was ever connected.
    ///
    /// `false` when that did not happen within `limit`, or never will because [`Net`](crate::Net) is gone.
    pub fn wait_ended(&self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        let mut end = self.desk.end.lock();
        while *end == End::Alive {
            if self
                .desk
                .end_changed
                .wait_until(&mut end, until)
                .timed_out()
            {
                break;
            }
        }
        *end == End::Ended
    }

    /// Disconnects, and waits as [`wait_ended`](Self::wait_ended) does.
    pub fn close_and_wait(self, limit: Duration) -> bool {
        self.command(FeedCommand::Disconnect);
        self.wait_ended(limit)
    }
}

impl Drop for FeedHandle {
    fn drop(&mut self) {
        self.desk.abandon();
    }
}

impl fmt::Debug for FeedHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeedHandle")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

/// Where the program and a feed's task exchange commands and status.
#[derive(Default)]
pub(crate) struct Desk {
    commands: Mutex<Vec<FeedCommand>>,
    /// Whether there are commands to take, or the handle has just gone; asked at each turn of the task, so without a
    /// lock.
    news: AtomicBool,
    /// Whether the handle is gone.
    abandoned: AtomicBool,
    waker: AtomicWaker,
    status: Mutex<Arc<FeedStatus>>,
    messages_waiting: AtomicUsize,
    end: Mutex<End>,
    end_changed: Condvar,
}

/// Whether there is something to wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum End {
    /// The feed lives, or may yet be connected.
    #[default]
    Alive,
    /// It ended, and all was written.
    Ended,
    /// Its task is gone without having come to an end.
    Gone,
}

impl Desk {
    fn put(&self, command: FeedCommand) {
        let connects = command == FeedCommand::Connect;
        let mut commands = self.commands.lock();
        commands.push(command);
        self.news.store(true, Ordering::Release);
        if connects {
            // Whoever waits after this waits for the end of the connection asked for, not of the one before. Under the
            // lock of the commands, so that the task cannot have obeyed this one yet.
            let mut end = self.end.lock();
            if *end == End::Ended {
                *end = End::Alive;
            }
        }
        drop(commands);
        self.waker.wake();
    }

    fn abandon(&self) {
        self.abandoned.store(true, Ordering::Release);
        self.news.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Ready when there are commands to take, or the handle has just gone.
    pub(crate) fn poll_news(&self, context: &Context<'_>) -> Poll<()> {
        if self.news.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        self.waker.register(context.waker());
        if self.news.load(Ordering::Acquire) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// The commands given since this was last asked, in order.
    pub(crate) fn take_commands(&self) -> Vec<FeedCommand> {
        let mut commands = self.commands.lock();
        self.news.store(false, Ordering::Release);
        std::mem::take(&mut commands)
    }

    /// Whether the handle is gone and every command it gave was taken.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Acquire) && !self.news.load(Ordering::Acquire)
    }

    /// Publishes a status.
    pub(crate) fn publish(&self, status: FeedStatus) {
        self.messages_waiting
            .store(status.queue.len(), Ordering::Relaxed);
        *self.status.lock() = Arc::new(status);
    }

    /// Says whether the feed has ended. Commands that wait to be taken may connect it again, so they count as life.
    pub(crate) fn set_end(&self, new: End) {
        let mut end = self.end.lock();
        let commands_wait = self.news.load(Ordering::Acquire);
        if *end != new && !(new == End::Ended && commands_wait) {
            *end = new;
            self.end_changed.notify_all();
        }
    }

    /// The feed's task is over: nobody may wait for it any longer.
    pub(crate) fn task_is_over(&self) {
        let mut end = self.end.lock();
        if *end == End::Alive {
            *end = End::Gone;
        }
        self.end_changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_taken_in_order_and_once() {
        let desk = Arc::new(Desk::default());
        let handle = FeedHandle::new(Arc::clone(&desk));
        handle.command(FeedCommand::Connect);
        handle.command(FeedCommand::Disconnect);
        assert_eq!(handle.backlog(), 2);
        drop(handle);
        assert!(!desk.is_abandoned(), "commands wait");
        assert_eq!(
            desk.take_commands(),
            [FeedCommand::Connect, FeedCommand::Disconnect]
        );
        assert!(desk.is_abandoned());
    }

    #[test]
    fn connecting_again_is_something_new_to_wait_for() {
        let desk = Arc::new(Desk::default());
        let handle = FeedHandle::new(Arc::clone(&desk));
        desk.set_end(End::Ended);
        assert!(handle.wait_ended(Duration::ZERO));
        handle.command(FeedCommand::Connect);
        assert!(!handle.wait_ended(Duration::ZERO));
        desk.set_end(End::Ended);
        assert!(
            !handle.wait_ended(Duration::ZERO),
            "the command was not even taken"
        );
        desk.take_commands();
        desk.set_end(End::Ended);
        assert!(handle.wait_ended(Duration::ZERO));
    }

    #[test]
    fn a_task_that_vanishes_keeps_nobody_waiting() {
        let desk = Arc::new(Desk::default());
        let handle = FeedHandle::new(Arc::clone(&desk));
        desk.task_is_over();
        assert!(!handle.wait_ended(Duration::from_mins(1)));
    }
}
