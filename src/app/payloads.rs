//! Reading of the payloads of feeds. The file of a schema is read on a thread, so that the window never waits for a disk.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::Choice;
use feedscope_files::recording::RecordedReading;
use feedscope_ui::{FeedId, PayloadReading, ReadingTexts};

use super::App;
use crate::reading::FeedReading;
use crate::schema;

impl App {
    /// Reads the payloads of a feed as these texts describe, as soon as the schema that they name is read.
    pub(super) fn read_payloads(&mut self, feed: FeedId, texts: ReadingTexts) {
        let Some(path) = texts.schema.clone() else {
            let reading = PayloadReading::parse(&texts, None);
            return self.set_reading(feed, reading);
        };
        self.read_with_schema(feed, move || {
            let schema = schema::load(Path::new(&path));
            schema.and_then(|schema| PayloadReading::parse(&texts, Some(&schema)))
        });
    }

    /// Reads the payloads of a feed as its recording has it. The choices of the command line come first.
    pub(super) fn read_recorded_payloads(&mut self, feed: FeedId, recorded: RecordedReading) {
        let given = self.of_files.clone();
        if recorded.proto.is_none() {
            let reading = given.over(&recorded).map(PayloadReading::from);
            return self.set_reading(feed, reading);
        }
        let read = move || given.over(&recorded).map(PayloadReading::from);
        self.read_with_schema(feed, read);
    }

    /// Reads a schema on a thread.
    fn read_with_schema(
        &mut self,
        feed: FeedId,
        read: impl FnOnce() -> Result<PayloadReading, String> + Send + 'static,
    ) {
        let (readings, wake) = (Arc::clone(&self.readings), self.wake.waker());
        let work = move || {
            readings.lock().push((feed, read()));
            wake();
        };
        let thread = thread::Builder::new().name("feedscope-schema".to_owned());
        if let Err(error) = thread.spawn(work) {
            self.show_notice(format!("The schema cannot be read: {error}."));
        }
    }

    /// Uses the schemas that have been read. It is called at the start of each pass.
    pub(super) fn take_in_readings(&mut self) {
        let readings = std::mem::take(&mut *self.readings.lock());
        for (feed, reading) in readings {
            self.set_reading(feed, reading);
        }
    }

    /// Reads the payloads of a feed so. Without a reading, they stay as they are, and the user learns the reason.
    fn set_reading(&mut self, feed: FeedId, reading: Result<PayloadReading, String>) {
        match reading {
            Ok(reading) => self.window.set_reading(feed, reading),
            Err(problem) => self.show_notice(format!("The payloads are not decoded: {problem}.")),
        }
    }
}

impl From<FeedReading> for PayloadReading {
    fn from(reading: FeedReading) -> Self {
        let FeedReading {
            received,
            sent,
            lens,
        } = reading;
        Self {
            interpreter: Interpreter::new(received.unwrap_or_default(), sent.unwrap_or_default()),
            lens: lens.unwrap_or(Choice::Auto),
        }
    }
}
