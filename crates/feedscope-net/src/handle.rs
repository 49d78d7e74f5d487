//! Handle of a feed: sends commands to the feed and reads its status. This module does not use sockets.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use feedscope_core::feed::{FeedCommand, FeedStatus};
use futures_util::task::AtomicWaker;
use parking_lot::{Condvar, Mutex};

use crate::command_list::{CommandList, RefusedCommands};

/// Handle of a feed. Dropping it ends the feed: the connection is closed in order, in the background.
pub struct FeedHandle {
    mailbox: Arc<Mailbox>,
}

impl FeedHandle {
    pub(crate) fn new(mailbox: Arc<Mailbox>) -> Self {
        Self { mailbox }
    }

    /// Sends a command to the feed. Returns at once. If too many commands wait already, the feed reports the refused ones
    /// in its timeline.
    pub fn command(&self, command: FeedCommand) {
        self.mailbox.put(command);
    }

    /// Returns the newest published status of the feed. The call is cheap.
    pub fn status(&self) -> Arc<FeedStatus> {
        Arc::clone(&self.mailbox.status.lock())
    }

    /// Returns the number of commands and messages that the feed has not processed yet. Programs that send many
    /// messages use it to limit them.
    pub fn backlog(&self) -> usize {
        self.mailbox.commands.lock().len() + self.mailbox.messages_waiting.load(Ordering::Relaxed)
    }

    /// Waits until the feed has ended. A feed has ended if it is `closed` or `failed`, its last record was pushed, and
    /// its sink was flushed. A feed that was disconnected before it was ever connected has ended too.
    ///
    /// Returns false if the feed has not ended within `limit`, or never will because [`Net`](crate::Net) is gone.
    pub fn wait_ended(&self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        let mut end = self.mailbox.end.lock();
        while *end == End::Alive {
            if self
                .mailbox
                .end_changed
                .wait_until(&mut end, until)
                .timed_out()
            {
                break;
            }
        }
        *end == End::Ended
    }

    /// Disconnects the feed, and waits as [`wait_ended`](Self::wait_ended) does.
    pub fn close_and_wait(self, limit: Duration) -> bool {
        self.command(FeedCommand::Disconnect);
        self.wait_ended(limit)
    }
}

impl Drop for FeedHandle {
    fn drop(&mut self) {
        self.mailbox.abandon();
    }
}

impl fmt::Debug for FeedHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeedHandle")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

/// Exchange of commands and status between the program and a feed's task.
#[derive(Default)]
pub(crate) struct Mailbox {
    commands: Mutex<CommandList>,
    /// True if commands can be taken, or the handle was just dropped. It is read at each turn of the task, and
    /// therefore without a lock.
    news: AtomicBool,
    /// True after the handle was dropped.
    abandoned: AtomicBool,
    waker: AtomicWaker,
    status: Mutex<Arc<FeedStatus>>,
    messages_waiting: AtomicUsize,
    end: Mutex<End>,
    end_changed: Condvar,
}

/// State of a feed for callers that wait for its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum End {
    /// The feed is alive, or may still be connected.
    #[default]
    Alive,
    /// The feed has ended, and all its records were written.
    Ended,
    /// The feed's task is gone without a regular end.
    Gone,
}

impl Mailbox {
    fn put(&self, command: FeedCommand) {
        let connects = command == FeedCommand::Connect;
        let mut commands = self.commands.lock();
        let is_taken = commands.push(command);
        // The news of a refused command is the note about it.
        self.news.store(true, Ordering::Release);
        if connects && is_taken {
            // A caller that waits after this command waits for the end of the new connection, not of the previous one.
            // The lock of the commands is still held, so that the task cannot have executed this command yet.
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

    /// Ready if commands can be taken, or if the handle was just dropped.
    pub(crate) fn poll_news(&self, context: &Context<'_>) -> Poll<()> {
        if self.news.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        // The flag is checked again after the registration, because it may have been set in between.
        self.waker.register(context.waker());
        if self.news.load(Ordering::Acquire) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Takes the commands that were sent since the last call, in order, and the numbers of the refused ones.
    pub(crate) fn take_commands(&self) -> (Vec<FeedCommand>, RefusedCommands) {
        let mut commands = self.commands.lock();
        self.news.store(false, Ordering::Release);
        commands.take()
    }

    /// Returns true if the handle was dropped and all its commands were taken.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Acquire) && !self.news.load(Ordering::Acquire)
    }

    /// Publishes a new status.
    pub(crate) fn publish(&self, status: Arc<FeedStatus>) {
        self.messages_waiting
            .store(status.queue.len(), Ordering::Relaxed);
        *self.status.lock() = status;
    }

    /// Sets whether the feed has ended. A feed with waiting commands has not ended, because a command may connect it
    /// again.
    pub(crate) fn set_end(&self, new: End) {
        let mut end = self.end.lock();
        let commands_wait = self.news.load(Ordering::Acquire);
        if *end != new && !(new == End::Ended && commands_wait) {
            *end = new;
            self.end_changed.notify_all();
        }
    }

    /// Marks that the feed's task is over, and wakes all callers that wait for the end.
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
        let mailbox = Arc::new(Mailbox::default());
        let handle = FeedHandle::new(Arc::clone(&mailbox));
        handle.command(FeedCommand::Connect);
        handle.command(FeedCommand::Disconnect);
        assert_eq!(handle.backlog(), 2);
        drop(handle);
        assert!(!mailbox.is_abandoned(), "commands wait");
        assert_eq!(
            mailbox.take_commands().0,
            [FeedCommand::Connect, FeedCommand::Disconnect]
        );
        assert!(mailbox.is_abandoned());
    }

    #[test]
    fn connecting_again_is_something_new_to_wait_for() {
        let mailbox = Arc::new(Mailbox::default());
        let handle = FeedHandle::new(Arc::clone(&mailbox));
        mailbox.set_end(End::Ended);
        assert!(handle.wait_ended(Duration::ZERO));
        handle.command(FeedCommand::Connect);
        assert!(!handle.wait_ended(Duration::ZERO));
        mailbox.set_end(End::Ended);
        assert!(
            !handle.wait_ended(Duration::ZERO),
            "the command was not even taken"
        );
        mailbox.take_commands();
        mailbox.set_end(End::Ended);
        assert!(handle.wait_ended(Duration::ZERO));
    }

    #[test]
    fn a_task_that_vanishes_keeps_nobody_waiting() {
        let mailbox = Arc::new(Mailbox::default());
        let handle = FeedHandle::new(Arc::clone(&mailbox));
        mailbox.task_is_over();
        assert!(!handle.wait_ended(Duration::from_mins(1)));
    }
}
