//! Automatic messages of a feed of a run: at intervals, and as answers to what arrives. Nothing is sent while the feed is
//! not open.

#[cfg(feature = "window")]
mod by_user;

use std::io;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Instant;

use feedscope_core::ConnectionState;
use feedscope_core::feed::{FeedCommand, Outgoing};
use feedscope_core::record::{Direction, Kind, Record, Sink};
use feedscope_core::time::{Moment, Timestamp};
use feedscope_net::{Clock, FeedHandle};
use parking_lot::{Condvar, Mutex};

use crate::automatic::{Automatic, TemplateValues, Trigger};

/// Sends the automatic messages of one feed. Clones are the same.
#[derive(Clone)]
pub(crate) struct Player {
    shared: Arc<SharedPlayer>,
}

struct SharedPlayer {
    messages: Vec<Automatic>,
    state: Mutex<PlayerState>,
    bell: Condvar,
}

#[derive(Default)]
struct PlayerState {
    /// The feed, as soon as it exists.
    /// The player does not keep it alive.
    feed: Option<Weak<FeedHandle>>,
    /// Answers from before that.
    pending: Vec<Outgoing>,
    is_open: bool,
    /// The feed ended.
    is_over: bool,
    /// One for each message.
    progress: Vec<MessageProgress>,
}

/// The progress of one message within a connection.
#[derive(Clone, Copy, Default)]
struct MessageProgress {
    /// The user has stopped it. This lasts longer than a connection.
    is_off: bool,
    sent: u64,
    /// Time of the next message at an interval.
    next: Option<Instant>,
    /// The current second of answers, and their number in it.
    second: u64,
    in_second: u32,
}

impl Player {
    /// A player of these messages; `None` if there are none.
    pub(crate) fn new(messages: &[Automatic]) -> Option<Self> {
        let state = PlayerState {
            progress: vec![MessageProgress::default(); messages.len()],
            ..PlayerState::default()
        };
        (!messages.is_empty()).then(|| Self {
            shared: Arc::new(SharedPlayer {
                messages: messages.to_vec(),
                state: Mutex::new(state),
                bell: Condvar::new(),
            }),
        })
    }

    /// Begins to send to this feed. A thread sends messages at intervals.
    pub(crate) fn start(&self, feed: &Arc<FeedHandle>, clock: Clock) -> io::Result<()> {
        let mut state = self.shared.state.lock();
        // The feed may have opened before this thread got its handle.
        for message in state.pending.drain(..) {
            feed.command(FeedCommand::Send(message));
        }
        state.feed = Some(Arc::downgrade(feed));
        drop(state);
        let at_intervals = |message: &Automatic| matches!(message.trigger, Trigger::Every(_));
        if self.shared.messages.iter().any(at_intervals) {
            let shared = Arc::clone(&self.shared);
            thread::Builder::new()
                .name("messages at intervals".to_owned())
                .spawn(move || shared.play(&clock))?;
        }
        Ok(())
    }

    /// A sink that watches the feed on its way to `inner`.
    pub(crate) fn watch<S>(player: Option<Self>, inner: S) -> AutomaticSink<S> {
        AutomaticSink { player, inner }
    }
}

impl SharedPlayer {
    /// Sends messages at intervals until the feed ends.
    fn play(&self, clock: &Clock) {
        let mut state = self.state.lock();
        while !state.is_over {
            let now = Instant::now();
            let due = state
                .progress
                .iter()
                .filter_map(|progress| progress.next)
                .min();
            match due {
                Some(due) if due <= now => self.send_due(&mut state, now, clock.now().utc),
                Some(due) => {
                    self.bell.wait_until(&mut state, due);
                }
                None => self.bell.wait(&mut state),
            }
        }
    }

    fn send_due(&self, state: &mut PlayerState, now: Instant, utc: Timestamp) {
        for (place, message) in self.messages.iter().enumerate() {
            let (Trigger::Every(interval), Some(next)) =
                (&message.trigger, state.progress[place].next)
            else {
                continue;
            };
            if next <= now {
                // Intervals that were slept through are left out.
                state.progress[place].next = Some((next + *interval).max(now));
                self.send(state, place, utc);
            }
        }
    }

    fn send(&self, state: &mut PlayerState, place: usize, now: Timestamp) {
        let progress = &mut state.progress[place];
        progress.sent += 1;
        let values = TemplateValues {
            counter: progress.sent,
            now,
            random: fastrand::u128(..),
        };
        let message = self.messages[place].content.message(&values);
        match &state.feed {
            Some(feed) => {
                if let Some(feed) = feed.upgrade() {
                    feed.command(FeedCommand::Send(message));
                }
            }
            None => state.pending.push(message),
        }
    }

    /// The feed entered or left the state `open`.
    fn enter(&self, is_open: bool) {
        let mut state = self.state.lock();
        state.is_open = is_open;
        let now = Instant::now();
        for (progress, message) in state.progress.iter_mut().zip(&self.messages) {
            // Counters and limits begin anew with each connection.
            let is_off = progress.is_off;
            *progress = MessageProgress {
                is_off,
                ..MessageProgress::default()
            };
            if let Trigger::Every(interval) = message.trigger
                && !is_off
            {
                progress.next = is_open.then(|| now + interval);
            }
        }
        drop(state);
        self.bell.notify_all();
    }

    /// Answers a record that arrived.
    fn answer(&self, record: &Record<'_>) {
        let mut state = self.state.lock();
        if !state.is_open {
            return;
        }
        for (place, message) in self.messages.iter().enumerate() {
            let Trigger::Answer {
                filter,
                once,
                limit,
            } = &message.trigger
            else {
                continue;
            };
            let has_answered = *once && state.progress[place].sent > 0;
            if !has_answered
                && !state.progress[place].is_off
                && filter.matches(record)
                && state.progress[place].may_answer(record.stamp.moment, *limit)
            {
                self.send(&mut state, place, record.stamp.utc);
            }
        }
    }

    fn end(&self) {
        self.state.lock().is_over = true;
        self.bell.notify_all();
    }
}

impl MessageProgress {
    /// Counts an answer, unless there were as many as `limit` in this second.
    fn may_answer(&mut self, now: Moment, limit: u32) -> bool {
        let second = now.since(Moment::START).as_secs();
        if second != self.second {
            (self.second, self.in_second) = (second, 0);
        }
        self.in_second += 1;
        self.in_second <= limit
    }
}

/// Passes records on, and answers them.
pub(crate) struct AutomaticSink<S> {
    player: Option<Player>,
    inner: S,
}

impl<S: Sink> Sink for AutomaticSink<S> {
    fn push(&mut self, record: &Record<'_>) {
        self.inner.push(record);
        let Some(Player { shared }) = &self.player else {
            return;
        };
        match &record.kind {
            Kind::State(change) => shared.enter(change.state == ConnectionState::Open),
            Kind::Text { direction, .. } | Kind::Binary { direction, .. }
                if *direction == Direction::In =>
            {
                shared.answer(record);
            }
            _ => {}
        }
    }

    fn flush(&mut self) {
        self.inner.flush();
    }

    fn has_room(&self) -> bool {
        self.inner.has_room()
    }

    fn has_finished(&self) -> bool {
        self.inner.has_finished()
    }
}

impl<S> Drop for AutomaticSink<S> {
    fn drop(&mut self) {
        if let Some(player) = &self.player {
            player.shared.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_in_a_second_are_limited() {
        let mut progress = MessageProgress::default();
        let answers = |progress: &mut MessageProgress, ms: u64| {
            (0..5)
                .filter(|_| progress.may_answer(Moment::from_millis(ms), 3))
                .count()
        };
        assert_eq!(answers(&mut progress, 100), 3);
        assert_eq!(answers(&mut progress, 999), 0);
        assert_eq!(answers(&mut progress, 1_000), 3);
    }
}
