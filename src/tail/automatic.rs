//! Automatic messages of a feed of a run: at intervals, and as answers to what arrives. Nothing is sent while the feed is
//! not open.

#[cfg(feature = "window")]
mod by_user;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use feedscope_analysis::lenses::{AnnouncedInterval, LensName, announced_interval};
use feedscope_core::ConnectionState;
use feedscope_core::feed::{FeedCommand, Outgoing};
use feedscope_core::record::{Direction, Kind, Record, Sink};
use feedscope_core::time::{Moment, Stamp, Timestamp};
use feedscope_net::{Clock, FeedHandle};
use parking_lot::{Condvar, Mutex};

use crate::automatic::{Automatic, TemplateValues, Trigger};

/// Sends the automatic messages of one feed. Clones are the same.
#[derive(Clone)]
pub(crate) struct Player {
    shared: Arc<SharedPlayer>,
}

struct SharedPlayer {
    state: Mutex<PlayerState>,
    bell: Condvar,
    /// Received data may send a message or change an interval, so that all of it is examined.
    listens: AtomicBool,
    /// A message was sent in this connection.
    has_sent: AtomicBool,
    /// The first message of this connection was received.
    has_greeting: AtomicBool,
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
    messages: Vec<Arc<Automatic>>,
    /// One for each message.
    progress: Vec<MessageProgress>,
    /// First received message of this connection, if it is a short text.
    greeting: Option<Greeting>,
    /// A thread sends messages at intervals.
    is_playing: bool,
    /// Clock of the feed.
    clock: Option<Clock>,
}

/// Text message that a server has sent first.
#[cfg_attr(
    not(feature = "window"),
    expect(dead_code, reason = "only the window adds messages to a connection")
)]
struct Greeting {
    stamp: Stamp,
    text: Vec<u8>,
}

/// The progress of one message within a connection.
#[derive(Clone, Copy, Default)]
struct MessageProgress {
    /// The user has stopped it. This lasts longer than a connection.
    is_off: bool,
    sent: u64,
    /// Interval at present; `None` for a message that is not sent at an interval.
    interval: Option<Duration>,
    /// The server has announced the interval.
    is_announced: bool,
    /// Time of the next message at an interval.
    next: Option<Instant>,
    /// The current second of answers, and their number in it.
    second: u64,
    in_second: u32,
}

impl Player {
    /// A player of these messages; `None` if there are none.
    pub(crate) fn new(messages: &[Automatic]) -> Option<Self> {
        (!messages.is_empty()).then(|| Self::of(messages))
    }

    /// A player of these messages, to which others may be added.
    pub(crate) fn of(messages: &[Automatic]) -> Self {
        let listens = messages.iter().any(|message| message.trigger.listens());
        let state = PlayerState {
            progress: messages.iter().map(MessageProgress::of).collect(),
            messages: messages.iter().cloned().map(Arc::new).collect(),
            ..PlayerState::default()
        };
        Self {
            shared: Arc::new(SharedPlayer {
                state: Mutex::new(state),
                bell: Condvar::new(),
                listens: AtomicBool::new(listens),
                has_sent: AtomicBool::new(false),
                has_greeting: AtomicBool::new(false),
            }),
        }
    }

    /// Begins to send to this feed. A thread sends messages at intervals.
    pub(crate) fn start(&self, feed: &Arc<FeedHandle>, clock: Clock) -> io::Result<()> {
        let mut state = self.shared.state.lock();
        // The feed may have opened before this thread got its handle.
        for message in state.pending.drain(..) {
            feed.command(FeedCommand::Send(message));
        }
        state.feed = Some(Arc::downgrade(feed));
        state.clock = Some(clock);
        self.play_intervals(&mut state)
    }

    /// Starts the thread that sends messages at intervals, if it is needed and does not run yet.
    fn play_intervals(&self, state: &mut PlayerState) -> io::Result<()> {
        let mut messages = state.messages.iter();
        let is_needed = messages.any(|message| message.trigger.interval().is_some());
        if state.is_playing || !is_needed {
            return Ok(());
        }
        let Some(clock) = state.clock.clone() else {
            return Ok(());
        };
        let shared = Arc::clone(&self.shared);
        thread::Builder::new()
            .name("messages at intervals".to_owned())
            .spawn(move || shared.play(&clock))?;
        state.is_playing = true;
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
            // The thread sleeps until the next message is due, or until a state changes.
            let due = state
                .progress
                .iter()
                .filter_map(|progress| progress.next)
                .min();
            match due {
                Some(due) if due <= now => state.send_due(now, clock.now().utc),
                Some(due) => {
                    self.bell.wait_until(&mut state, due);
                }
                None => self.bell.wait(&mut state),
            }
        }
    }

    /// The feed entered or left the state `open`.
    fn enter(&self, is_open: bool, utc: Timestamp) {
        let mut state = self.state.lock();
        state.is_open = is_open;
        state.greeting = None;
        self.has_sent.store(false, Ordering::Relaxed);
        self.has_greeting.store(false, Ordering::Relaxed);
        let now = Instant::now();
        for place in 0..state.messages.len() {
            let message = Arc::clone(&state.messages[place]);
            // Counters, limits and intervals begin anew with each connection.
            let is_off = state.progress[place].is_off;
            let mut progress = MessageProgress {
                is_off,
                ..MessageProgress::of(&message)
            };
            let is_sending = is_open && !is_off;
            progress.next = progress.interval.filter(|_| is_sending).map(|it| now + it);
            state.progress[place] = progress;
            if is_sending && message.trigger == Trigger::OnConnect {
                state.send(place, utc);
            }
        }
        drop(state);
        self.bell.notify_all();
    }

    /// Notes a message of the connection, and answers it if it was received.
    fn note(&self, record: &Record<'_>, direction: Direction) {
        match direction {
            Direction::Out => self.has_sent.store(true, Ordering::Relaxed),
            Direction::In => {
                if !self.has_greeting.load(Ordering::Relaxed) {
                    self.has_greeting.store(true, Ordering::Relaxed);
                    self.state.lock().greeting = Greeting::of(record);
                }
                if self.listens.load(Ordering::Relaxed) {
                    self.answer(record);
                }
            }
        }
    }

    /// Answers a message that arrived, and uses the interval that it announces.
    fn answer(&self, record: &Record<'_>) {
        let mut state = self.state.lock();
        if !state.is_open {
            return;
        }
        for place in 0..state.messages.len() {
            let message = Arc::clone(&state.messages[place]);
            match &message.trigger {
                Trigger::Answer {
                    filter,
                    once,
                    limit,
                } => {
                    let has_answered = *once && state.progress[place].sent > 0;
                    if !has_answered
                        && !state.progress[place].is_off
                        && filter.matches(record)
                        && state.progress[place].may_answer(record.stamp.moment, *limit)
                    {
                        state.send(place, record.stamp.utc);
                    }
                }
                Trigger::Announced { lens, .. } => {
                    let data = record.kind.data().unwrap_or_default();
                    if state.progress[place].announce(*lens, data) {
                        self.bell.notify_all();
                    }
                }
                Trigger::Every(_) | Trigger::OnConnect | Trigger::ByHand => {}
            }
        }
    }

    fn end(&self) {
        self.state.lock().is_over = true;
        self.bell.notify_all();
    }
}

impl PlayerState {
    /// Sends the messages whose time has come.
    fn send_due(&mut self, now: Instant, utc: Timestamp) {
        for place in 0..self.messages.len() {
            let progress = &mut self.progress[place];
            let (Some(interval), Some(next)) = (progress.interval, progress.next) else {
                continue;
            };
            if next <= now {
                // Intervals that were slept through are left out.
                progress.next = Some((next + interval).max(now));
                self.send(place, utc);
            }
        }
    }

    /// Sends a message, or keeps it until the feed exists.
    fn send(&mut self, place: usize, now: Timestamp) {
        let progress = &mut self.progress[place];
        progress.sent += 1;
        let values = TemplateValues {
            counter: progress.sent,
            now,
            random: fastrand::u128(..),
        };
        let message = self.messages[place].content.message(&values);
        match &self.feed {
            Some(feed) => {
                if let Some(feed) = feed.upgrade() {
                    feed.command(FeedCommand::Send(message));
                }
            }
            None => self.pending.push(message),
        }
    }
}

impl Greeting {
    /// Longest text that is kept, in bytes.
    const LONGEST: usize = 16 << 10;

    /// Returns the message if it is a short text.
    fn of(record: &Record<'_>) -> Option<Self> {
        let Kind::Text { data, .. } = record.kind else {
            return None;
        };
        (data.len() <= Self::LONGEST).then(|| Self {
            stamp: record.stamp,
            text: data.to_vec(),
        })
    }
}

impl MessageProgress {
    /// Returns the progress of a message at the beginning of a connection.
    fn of(message: &Automatic) -> Self {
        Self {
            interval: message.trigger.interval(),
            ..Self::default()
        }
    }

    /// Uses the interval that received data announces. Returns true if it has changed.
    fn announce(&mut self, lens: LensName, data: &[u8]) -> bool {
        if self.is_announced {
            return false;
        }
        let Some(announced) = announced_interval(lens, data) else {
            return false;
        };
        self.is_announced = true;
        self.interval = match announced {
            AnnouncedInterval::Every(interval) => Some(interval),
            AnnouncedInterval::Never => None,
        };
        // A message that was stopped stays so.
        let is_sending = self.next.is_some();
        self.next = self
            .interval
            .filter(|_| is_sending)
            .map(|it| Instant::now() + it);
        true
    }

    /// Counts an answer, unless there were as many as `limit` in this second.
    fn may_answer(&mut self, now: Moment, limit: u32) -> bool {
        let second = now.since(Moment::START).as_secs();
        // A limit for each second of the clock needs no list of the newest answers.
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
            Kind::State(change) => {
                shared.enter(change.state == ConnectionState::Open, record.stamp.utc);
            }
            Kind::Text { direction, .. } | Kind::Binary { direction, .. } => {
                shared.note(record, *direction);
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
    use feedscope_core::connection::StateChange;

    use super::*;
    use crate::automatic::{AutomaticContent, Template, TemplatePart};

    /// Sink that drops records.
    struct Nowhere;

    impl Sink for Nowhere {
        fn push(&mut self, _record: &Record<'_>) {}
        fn flush(&mut self) {}
    }

    fn sink(player: &Player) -> AutomaticSink<Nowhere> {
        Player::watch(Some(player.clone()), Nowhere)
    }

    fn push(sink: &mut AutomaticSink<Nowhere>, kind: Kind<'_>) {
        sink.push(&Record {
            stamp: Stamp::default(),
            connection: 1,
            kind,
        });
    }

    fn open(sink: &mut AutomaticSink<Nowhere>) {
        let change = StateChange {
            state: ConnectionState::Open,
            attempt: None,
            reconnects: None,
            delay_ms: None,
            status: None,
            reason: None,
        };
        push(sink, Kind::State(change));
    }

    fn text(sink: &mut AutomaticSink<Nowhere>, direction: Direction, data: &str) {
        let data = data.as_bytes();
        let kind = Kind::Text {
            direction,
            data,
            failed: None,
            wire: None,
        };
        push(sink, kind);
    }

    /// Texts that wait for the feed, which does not exist in these tests.
    fn sent(player: &Player) -> Vec<String> {
        let pending = player.shared.state.lock().pending.clone();
        let text = |message: Outgoing| match message {
            Outgoing::Text(text) => text,
            other => panic!("{other:?}"),
        };
        pending.into_iter().map(text).collect()
    }

    fn message(trigger: Trigger, text: &str) -> Automatic {
        let template = Template(vec![TemplatePart::Text(text.to_owned())]);
        Automatic {
            name: Some(text.to_owned()),
            trigger,
            content: AutomaticContent::Template(template),
            key: None,
            saved: None,
        }
    }

    #[test]
    fn a_message_on_connect_is_sent_in_each_connection() {
        let player = Player::of(&[message(Trigger::OnConnect, "first")]);
        let mut sink = sink(&player);
        assert!(sent(&player).is_empty());
        open(&mut sink);
        open(&mut sink);
        assert_eq!(sent(&player), ["first", "first"]);
    }

    #[test]
    fn the_server_announces_the_interval() {
        let usual = Duration::from_secs(15);
        let lens = LensName::SocketIo;
        let player = Player::of(&[message(Trigger::Announced { lens, usual }, "2")]);
        let mut sink = sink(&player);
        let interval = || player.shared.state.lock().progress[0].interval;
        open(&mut sink);
        assert_eq!(interval(), Some(usual));
        text(
            &mut sink,
            Direction::In,
            r#"0{"sid":"x","pingInterval":25000}"#,
        );
        assert_eq!(interval(), Some(Duration::from_secs(25)));
        // Later messages may contain anything.
        text(&mut sink, Direction::In, r#"0{"sid":"x","pingInterval":1}"#);
        assert_eq!(interval(), Some(Duration::from_secs(25)));
        // Another connection may have another interval.
        open(&mut sink);
        assert_eq!(interval(), Some(usual));
    }

    #[cfg(feature = "window")]
    #[test]
    fn added_messages_join_a_connection_in_which_nothing_was_sent() {
        let greeting = || Trigger::answer("text:\"0{\"", true, None).unwrap();
        let added = || {
            vec![
                message(Trigger::OnConnect, "first"),
                message(greeting(), "40"),
                message(Trigger::answer("text:=2", false, None).unwrap(), "3"),
            ]
        };
        let now = Timestamp::default();
        for (sends, expected) in [(false, &["first", "40", "3"][..]), (true, &["3"])] {
            let player = Player::of(&[]);
            let mut sink = sink(&player);
            open(&mut sink);
            text(&mut sink, Direction::In, "0{}");
            if sends {
                text(&mut sink, Direction::Out, "40");
            }
            player.add(added(), now).unwrap();
            text(&mut sink, Direction::In, "2");
            assert_eq!(sent(&player), expected, "{sends}");
            // The next connection begins with them in any case.
            open(&mut sink);
            text(&mut sink, Direction::In, "0{}");
            assert_eq!(sent(&player)[expected.len()..], ["first", "40"]);
        }
        // Without a connection, nothing is sent.
        let player = Player::of(&[]);
        player.add(added(), now).unwrap();
        assert!(sent(&player).is_empty());
    }

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
