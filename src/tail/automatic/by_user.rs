//! Automatic messages in the hands of a person: their states, and a message that is started, stopped or sent at once. Only
//! the window has such controls.

use std::time::{Duration, Instant};

use feedscope_core::time::Timestamp;

use super::{MessageProgress, Player};
use crate::automatic::{Automatic, Trigger};

/// State of one message, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageState {
    /// The user has not stopped it.
    pub(crate) is_on: bool,
    /// Time until it is sent next, while the feed is open.
    pub(crate) next_in: Option<Duration>,
    /// Number of times that it was sent in this connection.
    pub(crate) sent: u64,
}

impl Player {
    /// Starts or stops one message. A message at an interval is sent one interval after it was started.
    pub(crate) fn set_on(&self, place: usize, is_on: bool) {
        let mut state = self.shared.state.lock();
        let is_open = state.is_open;
        let message = self.shared.messages.get(place);
        if let (Some(progress), Some(message)) = (state.progress.get_mut(place), message) {
            progress.is_off = !is_on;
            progress.next = match message.trigger {
                Trigger::Every(interval) if is_on && is_open => Some(Instant::now() + interval),
                _ => None,
            };
        }
        drop(state);
        self.shared.bell.notify_all();
    }

    /// Stops all messages that are sent without the user.
    pub(crate) fn stop(&self) {
        for place in 0..self.shared.messages.len() {
            self.set_on(place, false);
        }
    }

    /// Sends a message now, or queues it while the feed is not open.
    pub(crate) fn send_by_hand(&self, place: usize, now: Timestamp) {
        if place < self.shared.messages.len() {
            self.shared.send(&mut self.shared.state.lock(), place, now);
        }
    }

    /// Returns the messages with their states.
    pub(crate) fn messages(&self) -> Vec<(&Automatic, MessageState)> {
        let state = self.shared.state.lock();
        let now = Instant::now();
        let standing = |progress: &MessageProgress| MessageState {
            is_on: !progress.is_off,
            next_in: progress
                .next
                .map(|next| next.saturating_duration_since(now)),
            sent: progress.sent,
        };
        let messages = self.shared.messages.iter();
        messages.zip(state.progress.iter().map(standing)).collect()
    }
}
