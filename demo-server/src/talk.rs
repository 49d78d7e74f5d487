//! Feed `/talk`: a minimal feed with one event every five seconds.

use std::io;
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::source::{Due, Put, Source, SourceItem};
use crate::timestamp::timestamp;

const EVERY: Duration = Duration::from_secs(5);

/// Talk to one client.
#[derive(Debug)]
pub(crate) struct Talk {
    /// Time at which the connection began. It is the ID of all its events.
    id: String,
    due: Instant,
    clock: Clock,
}

impl Talk {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            id: timestamp(clock.wall()),
            due: clock.now(),
            clock,
        }
    }
}

impl Source for Talk {
    fn due(&self, now: Instant) -> Due {
        if self.due <= now {
            Due::Now
        } else {
            Due::At(self.due)
        }
    }

    fn fill(&mut self, now: Instant, put: Put<'_>) -> io::Result<()> {
        let data = format!("new server event {}", timestamp(self.clock.wall()));
        self.due = now + EVERY;
        put(SourceItem {
            event: None,
            id: self.id.as_bytes(),
            data: data.as_bytes().into(),
        })
    }
}
