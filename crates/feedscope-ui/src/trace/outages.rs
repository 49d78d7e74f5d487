//! Losses of a connection, from the history of its states.

use std::time::Duration;

use feedscope_core::{ConnectionState, Moment, Stamp};

use crate::feed_source::{FeedSource, FileSource, LiveSource};
use crate::scene::FeedScene;

/// State of a source that losses were computed for.
#[derive(Clone, Copy, PartialEq)]
enum OutagesOf {
    /// State of a connection, and the time at which it began.
    Connection(ConnectionState, Moment),
    /// Moment of the last record of a file, and the number of its received records.
    File(Option<(Moment, u64)>),
}

impl OutagesOf {
    fn now(feed: &FeedScene) -> Self {
        match &feed.source {
            FeedSource::Live(LiveSource { status, .. }) => {
                Self::Connection(status.state, status.since)
            }
            FeedSource::File(FileSource { file, .. }) => {
                // The states of a file are known some time after its rows, together with the number of received records.
                let end =
                    |(_, last): (Stamp, Stamp)| (last.moment, feed.store.received().0.records);
                Self::File(file.span.map(end))
            }
        }
    }
}

/// Losses of the connection, computed when the state has changed.
#[derive(Default)]
pub(crate) struct Outages {
    /// State that the figures belong to.
    of: Option<OutagesOf>,
    /// Number of open connections that were lost.
    pub(super) drops: u64,
    /// Time without a connection between open connections.
    pub(super) without: Duration,
}

impl Outages {
    /// Updates the figures if the state has changed.
    pub(crate) fn sync(&mut self, feed: &FeedScene) {
        let of = Some(OutagesOf::now(feed));
        if self.of == of {
            return;
        }
        *self = Self {
            of,
            ..Self::default()
        };
        // A file has no count of reconnections.
        let status = feed.source.status();
        if status.is_some_and(|status| status.reconnects == 0) {
            return;
        }
        let mut lost_at = None;
        let mut is_open = false;
        for span in feed.store.history(Moment::default()) {
            let was_open = std::mem::replace(&mut is_open, span.state == ConnectionState::Open);
            let at = span.from.moment;
            if was_open && span.failure {
                self.drops += 1;
                lost_at = Some(at);
            } else if is_open && let Some(lost_at) = lost_at.take() {
                self.without += at.since(lost_at);
            }
        }
    }
}
