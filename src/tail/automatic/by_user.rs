//! Automatic messages in the hands of a person: their states, and a message that is started, stopped or sent at once. Only
//! the window has such controls.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use feedscope_core::record::{Direction, Kind, Record};
use feedscope_core::time::Timestamp;

use super::{Greeting, MessageProgress, Player};
use crate::automatic::{Automatic, Trigger};
use crate::typed_filter::TypedFilter;

/// State of one message, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The user has not stopped it.
    pub(crate) is_on: bool,
    /// Interval at present; `None` for other occasions.
    pub(crate) interval: Option<Duration>,
    /// Time until it is sent next, while the feed is open.
    pub(crate) next_in: Option<Duration>,
    /// Number of times that it was sent in this connection.
    pub(crate) sent: u64,
}

impl Player {
    /// Adds messages. In a connection in which nothing was sent yet, those for its beginning are sent now, in their
    /// order.
    pub(crate) fn add(&self, messages: Vec<Automatic>, now: Timestamp) -> io::Result<()> {
        let shared = &self.shared;
        let mut state = shared.state.lock();
        let is_silent = state.is_open && !shared.has_sent.load(Ordering::Relaxed);
        for message in messages {
            let place = state.messages.len();
            if message.trigger.listens() {
                shared.listens.store(true, Ordering::Relaxed);
            }
            let mut progress = MessageProgress::of(&message);
            if let (Trigger::Announced { lens, .. }, Some(greeting)) =
                (&message.trigger, &state.greeting)
            {
                progress.announce(*lens, &greeting.text);
            }
            // The server may have waited for this message already.
            progress.next = progress
                .interval
                .filter(|_| state.is_open)
                .map(|_| Instant::now());
            let is_late = is_silent
                && match &message.trigger {
                    Trigger::OnConnect => true,
                    Trigger::Answer {
                        filter, once: true, ..
                    } => state.greeting.as_ref().is_some_and(|it| it.matches(filter)),
                    _ => false,
                };
            state.messages.push(Arc::new(message));
            state.progress.push(progress);
            if is_late {
                state.send(place, now);
            }
        }
        self.play_intervals(&mut state)?;
        drop(state);
        shared.bell.notify_all();
        Ok(())
    }

    /// Puts a message in the place of another one, which keeps its progress.
    pub(crate) fn replace(&self, place: usize, message: Automatic) {
        let mut state = self.shared.state.lock();
        if let Some(former) = state.messages.get_mut(place) {
            *former = Arc::new(message);
        }
    }

    /// Removes a message.
    pub(crate) fn remove(&self, place: usize) {
        let mut state = self.shared.state.lock();
        if place < state.messages.len() {
            state.messages.remove(place);
            state.progress.remove(place);
        }
    }

    /// Starts or stops one message. A message at an interval is sent one interval after it was started.
    pub(crate) fn set_on(&self, place: usize, is_on: bool) {
        let mut state = self.shared.state.lock();
        let is_sending = is_on && state.is_open;
        if let Some(progress) = state.progress.get_mut(place) {
            progress.is_off = !is_on;
            let next = progress.interval.filter(|_| is_sending);
            progress.next = next.map(|interval| Instant::now() + interval);
        }
        drop(state);
        self.shared.bell.notify_all();
    }

    /// Stops all messages that are sent without the user.
    pub(crate) fn stop(&self) {
        let count = self.shared.state.lock().messages.len();
        for place in 0..count {
            self.set_on(place, false);
        }
    }

    /// Sends a message now, or queues it while the feed is not open.
    pub(crate) fn send_by_hand(&self, place: usize, now: Timestamp) {
        let mut state = self.shared.state.lock();
        if place < state.messages.len() {
            state.send(place, now);
        }
    }

    /// Returns the messages with their states.
    pub(crate) fn messages(&self) -> Vec<(Arc<Automatic>, Standing)> {
        let state = self.shared.state.lock();
        let now = Instant::now();
        let standing = |progress: &MessageProgress| Standing {
            is_on: !progress.is_off,
            interval: progress.interval,
            next_in: progress
                .next
                .map(|next| next.saturating_duration_since(now)),
            sent: progress.sent,
        };
        let messages = state.messages.iter().map(Arc::clone);
        messages.zip(state.progress.iter().map(standing)).collect()
    }
}

impl Greeting {
    /// Returns true if the message matches a filter.
    fn matches(&self, filter: &TypedFilter) -> bool {
        filter.matches(&Record {
            stamp: self.stamp,
            connection: 1,
            kind: Kind::Text {
                direction: Direction::In,
                data: &self.text,
                failed: None,
                wire: None,
            },
        })
    }
}
