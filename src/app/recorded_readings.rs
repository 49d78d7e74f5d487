//! Readings of the payloads of recorded feeds, which are compared with those in the window, so that a recording is read as
//! the window read the feed last.

use feedscope_files::recording::RecordedReading;
use feedscope_ui::{FeedId, PayloadReading, ReadingTexts, Window};

/// Feeds of a recording with their names and readings in the file.
#[derive(Debug, Default)]
pub(super) struct RecordedReadings {
    feeds: Vec<(FeedId, String, RecordedReading)>,
}

impl RecordedReadings {
    /// Adds a feed with its name and reading in the file.
    pub(super) fn add(&mut self, feed: FeedId, name: &str, reading: &RecordedReading) {
        self.feeds.push((feed, name.to_owned(), reading.clone()));
    }

    /// Puts a feed in the place of another one, whose name it has from now on. Returns this name.
    pub(super) fn replace(&mut self, former: FeedId, feed: FeedId) -> Option<&str> {
        let (id, name, _) = self.feeds.iter_mut().find(|(id, ..)| *id == former)?;
        *id = feed;
        Some(name)
    }

    /// Forgets all feeds.
    pub(super) fn clear(&mut self) {
        self.feeds.clear();
    }

    /// Returns the names of the feeds whose readings have changed, with the new readings.
    pub(super) fn changes(&mut self, window: &Window) -> Vec<(String, RecordedReading)> {
        let mut changes = Vec::new();
        for (feed, name, recorded) in &mut self.feeds {
            let now = recorded_reading(&window.reading_of(*feed));
            if now != *recorded {
                recorded.clone_from(&now);
                changes.push((name.clone(), now));
            }
        }
        changes
    }
}

/// Returns the present reading of a feed for its recording.
pub(super) fn recorded_reading(reading: &PayloadReading) -> RecordedReading {
    let ReadingTexts {
        received,
        sent,
        lens,
        schema,
    } = reading.texts();
    RecordedReading {
        decode: received,
        decode_sent: sent,
        lens,
        proto: schema,
    }
}
