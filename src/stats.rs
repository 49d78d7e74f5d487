//! Measures of the feeds of a run: where they are taken, and the report at the end for people and programs.
//!
//! `feedscope stats` prints the report on standard output. Other commands that read feeds take the same measures with
//! [`FeedMeasures`] and print the same [`report`]. Nothing here opens a feed.

mod format;
mod queue;
mod text;

use std::sync::Arc;

use feedscope_analysis::lenses::{CallFigures, FeedAddress, LensReader};
use feedscope_analysis::measures::{Figures, MeasuredFields, Measures};
use feedscope_core::record::Record;
use feedscope_core::safe_text::safe_json;
use feedscope_core::time::Moment;
use parking_lot::Mutex;
use serde::Serialize;

pub use format::ReportFormat;
use queue::MeasureQueue;

use crate::reading::RunReading;
use crate::typed_filter::TypedFilter;

/// The measures of one feed, shared between the writer of its records and the end of the run. Clones are the same.
#[derive(Clone)]
pub struct FeedMeasures {
    shared: Arc<SharedMeasures>,
    /// Payloads that do not match are not measured.
    filter: Option<TypedFilter>,
}

struct SharedMeasures {
    name: String,
    url: Option<String>,
    measures: Mutex<Measures>,
    /// Counts the calls of a protocol above the messages.
    lens: Mutex<Option<LensReader>>,
    /// Records whose measure depends on answers; `None` if the filter does not.
    queue: Mutex<Option<MeasureQueue>>,
}

impl FeedMeasures {
    /// Measures without a record, for the feed with this name, also of these fields. The URL is printed, so that it must be
    /// masked. A source that is not live may have none.
    pub fn new(name: impl Into<String>, url: Option<String>, fields: MeasuredFields) -> Self {
        Self {
            shared: Arc::new(SharedMeasures {
                name: name.into(),
                url,
                measures: Mutex::new(Measures::of_fields(fields)),
                lens: Mutex::new(None),
                queue: Mutex::new(None),
            }),
            filter: None,
        }
    }

    /// Interprets the payloads of the feed at this address, and counts the calls of its protocol.
    #[must_use]
    pub fn with_reading(self, reading: &RunReading, address: &FeedAddress) -> Self {
        *self.shared.lens.lock() = reading.reader(address);
        let mut measures = self.shared.measures.lock();
        measures.set_interpreter(reading.interpreter.clone());
        drop(measures);
        self
    }

    /// Measures only payloads that match this filter.
    #[must_use]
    pub fn with_filter(self, filter: Option<&TypedFilter>) -> Self {
        let waits =
            |filter: &&TypedFilter| filter.is_about_unanswered() || filter.excludes_unanswered();
        *self.shared.queue.lock() = filter.filter(waits).map(MeasureQueue::new);
        Self {
            filter: filter.cloned(),
            ..self
        }
    }

    /// Counts a record, if its payload matches the filter. Records arrive in the order of their times.
    pub fn add(&self, record: &Record<'_>) {
        let mut lens = self.shared.lens.lock();
        // The lens counts calls whether they are measured or not: a filter may match a request and not its answer.
        let reads = lens.as_mut().map(|lens| lens.read(record));
        let is_shown = match &self.filter {
            Some(filter) if record.kind.is_data() => match (&*lens, &reads) {
                (Some(lens), Some(reads)) => filter.matches_read(record, lens.interpreter(), reads),
                _ => filter.matches(record),
            },
            _ => true,
        };
        drop(lens);
        let mut measures = self.shared.measures.lock();
        if let Some(queue) = &mut *self.shared.queue.lock() {
            let reads = reads.unwrap_or_default();
            queue.push(record, &reads, is_shown, &mut measures);
        } else if is_shown {
            measures.add(record);
        }
    }

    /// Returns the figures about the calls of the protocol.
    fn calls(&self) -> Option<CallFigures> {
        self.shared.lens.lock().as_ref()?.figures()
    }

    /// Returns the figures up to `end`, or up to the newest record, as for a file. Requests that still wait for an answer
    /// count as unanswered.
    pub fn figures(&self, end: Option<Moment>) -> Figures {
        let mut measures = self.shared.measures.lock();
        if let Some(queue) = &mut *self.shared.queue.lock() {
            queue.finish(&mut measures);
        }
        measures.figures(end)
    }
}

/// The figures of one feed with its names, as in JSON.
#[derive(Serialize)]
struct Named<'a> {
    feed: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(flatten)]
    figures: Figures,
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<CallFigures>,
}

/// The report on `feeds` in whole lines. `end` is the end of the run; without it each feed ends with its newest record.
pub fn report(feeds: &[FeedMeasures], end: Option<Moment>, form: ReportFormat) -> String {
    let mut out = String::new();
    for (place, feed) in feeds.iter().enumerate() {
        // All feeds are measured up to the same moment, so that their figures can be compared.
        let figures = feed.figures(end);
        let calls = feed.calls();
        let (name, url) = (&*feed.shared.name, feed.shared.url.as_deref());
        match form {
            ReportFormat::Json => write_json(
                &mut out,
                &Named {
                    feed: name,
                    url,
                    figures,
                    calls,
                },
            ),
            ReportFormat::Text => {
                if place > 0 {
                    out.push('\n');
                }
                text::write(&mut out, name, url, &figures, calls.as_ref());
            }
        }
    }
    out
}

/// Appends one line of JSON.
fn write_json(out: &mut String, named: &Named<'_>) {
    let json = serde_json::to_string(named).expect("strings and numbers always serialize");
    out.push_str(&safe_json(&json));
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use feedscope_core::{Kind, Stamp};

    use super::*;

    fn measured(name: &str, url: Option<&str>, event: &[u8]) -> FeedMeasures {
        let url = url.map(str::to_owned);
        let feed = FeedMeasures::new(name, url, MeasuredFields::default());
        for ms in [0, 500] {
            let stamp = Stamp {
                moment: Moment::from_millis(ms),
                ..Stamp::default()
            };
            let kind = Kind::Event {
                event,
                id: b"",
                data: b"12345",
            };
            feed.clone().add(&Record {
                stamp,
                connection: 1,
                kind,
            });
        }
        feed
    }

    #[test]
    fn json_has_a_line_for_each_feed() {
        let feeds = [
            measured("a", Some("http://h.test/a"), b"x"),
            measured("b", None, "\u{9b}\u{2028}\u{1b}".as_bytes()),
        ];
        let end = Some(Moment::from_millis(1_000));
        let json = report(&feeds, end, ReportFormat::Json);
        assert!(json.is_ascii(), "{json}");
        let lines: Vec<serde_json::Value> = json
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines[0]["feed"], "a");
        assert_eq!(lines[0]["seconds"], 1.0);
        assert_eq!(lines[0]["rate"]["mean"], 2.0);
        assert_eq!(lines[1]["url"], serde_json::Value::Null);
        assert_eq!(lines[1]["types"]["\u{9b}\u{2028}\u{1b}"], 2);
        assert_eq!(lines[1]["bytes"], 10);
    }

    #[test]
    fn text_names_every_feed_and_passes_on_no_control_characters() {
        let feeds = [
            measured("a", Some("http://h.test/a"), b"x"),
            measured("b\u{1b}", None, "\u{9b}".as_bytes()),
        ];
        let text = report(&feeds, None, ReportFormat::Text);
        assert!(text.starts_with("a  http://h.test/a\n"), "{text}");
        assert!(text.contains("\n\nb␛\n"), "{text}");
        let is_control = |char: char| char.is_control() && char != '\n';
        assert!(!text.contains(is_control), "{text:?}");
    }
}
