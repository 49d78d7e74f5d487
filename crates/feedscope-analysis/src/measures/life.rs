//! The connections of a feed over its life: their number, the times to open them, and the time in which the feed was
//! open. Looks at state changes alone.

use std::time::Duration;

use feedscope_core::ConnectionState;
use feedscope_core::connection::StateChange;
use feedscope_core::time::Moment;

use super::histogram::Histogram;

/// The connections of a feed so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Life {
    /// Number of connections that opened.
    pub(super) connections: u64,
    /// Number of times that the feed began to wait before it connected again.
    pub(super) reconnects: u64,
    /// Times from `connecting` to `open`, in nanoseconds.
    pub(super) time_to_open: Histogram,
    /// The newest of them.
    pub(super) last_time_to_open: Option<Duration>,
    /// Time at which the feed opened for the first time.
    pub(super) first_open: Option<Moment>,
    /// Number of state changes.
    pub(super) changes: u64,
    connecting_since: Option<Moment>,
    open_since: Option<Moment>,
    open_before: Duration,
}

impl Life {
    /// The feed entered this state.
    pub(super) fn enter(&mut self, now: Moment, change: &StateChange) {
        self.changes += 1;
        if let Some(since) = self.open_since.take() {
            self.open_before += now.since(since);
        }
        match change.state {
            ConnectionState::Connecting => self.connecting_since = Some(now),
            ConnectionState::Open => {
                self.connections += 1;
                self.open_since = Some(now);
                self.first_open.get_or_insert(now);
                if let Some(since) = self.connecting_since.take() {
                    let time = now.since(since);
                    self.time_to_open.add(time.as_nanos() as u64);
                    self.last_time_to_open = Some(time);
                }
            }
            ConnectionState::Reconnecting => self.reconnects += 1,
            _ => {}
        }
    }

    /// Counts the feed as open from here on, without another connection, until its next state.
    pub(super) fn assume_open(&mut self, now: Moment) {
        self.open_since.get_or_insert(now);
    }

    /// Time in which the feed was open, up to `end`.
    pub(super) fn open_time(&self, end: Moment) -> Duration {
        let current = self.open_since.map(|since| end.since(since));
        self.open_before + current.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(changes: &[(u64, ConnectionState)]) -> Life {
        let mut life = Life::default();
        for &(ms, state) in changes {
            let change = StateChange::to(state);
            life.enter(Moment::from_millis(ms), &change);
        }
        life
    }

    #[test]
    fn a_life_with_a_reconnection() {
        use ConnectionState::{Closed, Connecting, Open, Reconnecting};
        let mut changes = vec![
            (0, Connecting),
            (20, Open),
            (100, Reconnecting),
            (200, Connecting),
            // This attempt fails.
            (300, Reconnecting),
            (400, Connecting),
            (430, Open),
        ];
        let open = life(&changes);
        assert_eq!((open.connections, open.reconnects), (2, 2));
        assert_eq!(open.time_to_open.max(), Some(30_000_000));
        assert_eq!(open.last_time_to_open, Some(Duration::from_millis(30)));
        assert_eq!(open.first_open, Some(Moment::from_millis(20)));
        let at = Moment::from_millis(530);
        assert_eq!(open.open_time(at), Duration::from_millis(180));
        changes.push((530, Closed));
        let later = Moment::from_millis(9_000);
        assert_eq!(life(&changes).open_time(later), Duration::from_millis(180));
    }
}
