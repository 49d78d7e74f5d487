//! Standard input and files of other formats than recordings, read once as sources of records.

use std::io;
use std::thread;
use std::time::Duration;

use feedscope_core::connection::StateChange;
use feedscope_core::record::{Kind, Record, Sink};
use feedscope_core::time::Stamp;
use feedscope_core::{ConnectionState, NoteCode};
use feedscope_files::formats::{
    self, FeedInfo, FeedReader, FileInput, FileItem, ItemSink, ReadError, ReadOptions,
};
use feedscope_net::Clock;

use super::sinks::SinkMaker;
use super::watch::Reporter;
use crate::complaint::complain;
use crate::convert::INPUT_NAME;
use crate::plan::{InputPlan, InputSource, RunOutput};

/// Reason in the record of the last state.
const INPUT_ENDED: &str = "the input ended";

/// Starts a thread that reads the sources to their ends. The reporter reports the state of all of them as one.
pub(super) fn start(
    plan: &InputPlan,
    sinks: SinkMaker,
    is_one_of_several: bool,
    clock: Clock,
    mut reporter: Reporter,
) -> io::Result<()> {
    let mut records = SourceRecords {
        is_one_of_several: is_one_of_several || plan.sources.len() > 1,
        wanted: plan.feed.clone(),
        sinks,
        clock,
        is_live: false,
        of_source: Vec::new(),
        last_place: 0,
        feeds: Vec::new(),
    };
    let plan = plan.clone();
    let read = move || {
        reporter.note(&change(ConnectionState::Open, None));
        reporter.report();
        let mut ending = change(ConnectionState::Closed, Some(INPUT_ENDED.to_owned()));
        // A source that fails does not hide the others.
        for source in &plan.sources {
            if let Err(error) = records.read_source(source, &plan) {
                let name = match source {
                    InputSource::Standard { .. } => "standard input".to_owned(),
                    InputSource::File { path, .. } => path.display().to_string(),
                };
                complain(&name, &error.to_string());
                ending = change(ConnectionState::Failed, Some(error.to_string()));
            }
        }
        if let Some(sentence) = records.missing_feed() {
            complain("--feed", &sentence);
            ending = change(ConnectionState::Failed, Some(sentence));
        }
        // A sink writes documents that still grow when it is dropped, which must happen before the run ends.
        drop(records);
        reporter.note(&ending);
        reporter.report();
    };
    thread::Builder::new()
        .name("input".to_owned())
        .spawn(read)?;
    Ok(())
}

fn change(state: ConnectionState, reason: Option<String>) -> StateChange {
    StateChange {
        reason,
        ..StateChange::to(state)
    }
}

/// Records on their way to standard output.
struct SourceRecords {
    sinks: SinkMaker,
    clock: Clock,
    /// Other sources are shown too, so that each line names its feed.
    is_one_of_several: bool,
    /// Name of the one feed to show.
    wanted: Option<String>,
    /// The source is read as it is written.
    is_live: bool,
    /// Places of the feeds of the current source.
    of_source: Vec<usize>,
    /// Place of the feed of the last record.
    last_place: usize,
    feeds: Vec<SourceFeed>,
}

/// Feed of the sources.
struct SourceFeed {
    info: FeedInfo,
    /// Destination of its records; `None` for a feed that is not shown.
    sink: Option<Box<dyn Sink>>,
    /// Name in the lines of JSON.
    name: Option<String>,
    /// It gets the states `open` and `closed`, because its source has none.
    has_states: bool,
    /// Stamp of its last record.
    last: Option<Stamp>,
}

impl SourceRecords {
    fn read_source(&mut self, source: &InputSource, plan: &InputPlan) -> Result<(), ReadError> {
        let (format, input, options) = match source {
            InputSource::Standard { format } => {
                let clock = self.clock.clone();
                let options = ReadOptions {
                    now: Box::new(move || clock.now().utc),
                    ..ReadOptions::live(INPUT_NAME.to_owned())
                };
                (*format, FileInput::new(io::stdin()), options)
            }
            InputSource::File { path, format } => {
                let (input, _consumed) = FileInput::open(path)?;
                (*format, input, ReadOptions::of_file(path))
            }
        };
        let options = ReadOptions {
            max_message: plan.max_message,
            ..options
        };
        // Only standard input is read while it is written.
        self.is_live = matches!(source, InputSource::Standard { .. });
        self.of_source.clear();
        let reader = formats::reader(format, input, options)?;
        let result = self.read_all(reader);
        if result.is_ok() {
            self.close();
        }
        self.flush();
        result
    }

    /// Reads a source to its end.
    fn read_all(&mut self, mut reader: Box<dyn FeedReader>) -> Result<(), ReadError> {
        loop {
            let more = reader.read(self);
            // Records before an error are shown too.
            if reader.is_waiting() || more.is_err() {
                self.flush();
            }
            if !more? || self.sinks.is_gone() {
                return Ok(());
            }
        }
    }

    /// Adds the last state to the feeds of a source that ended.
    fn close(&mut self) {
        // The end of a pipe is the end of its last feed.
        let utc = self.clock.now().utc;
        for place in self.of_source.clone() {
            let feed = &mut self.feeds[place];
            let Some(last) = feed.last.filter(|_| feed.has_states) else {
                continue;
            };
            let waited = utc.as_micros().saturating_sub(last.utc.as_micros());
            let waited = Duration::from_micros(u64::try_from(waited).unwrap_or(0));
            let stamp = Stamp {
                moment: last.moment + waited,
                utc: utc.max(last.utc),
            };
            feed.push_state(
                stamp,
                change(ConnectionState::Closed, Some(INPUT_ENDED.to_owned())),
            );
        }
    }

    fn flush(&mut self) {
        for sink in self.feeds.iter_mut().filter_map(|feed| feed.sink.as_mut()) {
            sink.flush();
        }
    }

    /// Returns the sentence about a feed that was requested and is in no source.
    fn missing_feed(&self) -> Option<String> {
        let wanted = self.wanted.as_deref()?;
        let names: Vec<&str> = self.feeds.iter().map(|feed| &*feed.info.name).collect();
        if names.contains(&wanted) {
            return None;
        }
        Some(format!(
            "no feed `{wanted}`; there are {}",
            names.join(", ")
        ))
    }
}

impl SourceFeed {
    fn push_state(&mut self, stamp: Stamp, change: StateChange) {
        let record = Record {
            stamp,
            connection: 1,
            kind: Kind::State(change),
        };
        if let Some(sink) = &mut self.sink {
            sink.push(&record);
        }
    }
}

impl ItemSink for SourceRecords {
    fn add_feed(&mut self, info: &FeedInfo) {
        let known = self
            .feeds
            .iter()
            .position(|feed| feed.info.name == info.name);
        if let Some(place) = known {
            // Feeds of the same name in several files are one feed.
            self.of_source.push(place);
            return;
        }
        // A feed that the input names keeps its name, so that the lines stay as they were.
        let name = (self.is_one_of_several || info.is_named).then(|| info.name.clone());
        let is_shown = self
            .wanted
            .as_ref()
            .is_none_or(|wanted| *wanted == info.name);
        let width = name.as_ref().map_or(0, |name| name.chars().count());
        let sink = is_shown.then(|| self.sinks.sink(info, name.clone(), width));
        self.of_source.push(self.feeds.len());
        self.feeds.push(SourceFeed {
            info: info.clone(),
            sink,
            name,
            has_states: self.is_live && !info.is_own,
            last: None,
        });
    }

    fn push(&mut self, item: FileItem<'_>) {
        let Some(&place) = self.of_source.get(item.feed()) else {
            return;
        };
        // Lines of one feed are written together until another feed is next.
        let before = std::mem::replace(&mut self.last_place, place);
        if before != place
            && let Some(sink) = self
                .feeds
                .get_mut(before)
                .and_then(|feed| feed.sink.as_mut())
        {
            sink.flush();
        }
        let Some(feed) = self.feeds.get_mut(place) else {
            return;
        };
        let stamp = item.stamp();
        if feed.last.replace(stamp).is_none() && feed.has_states {
            feed.push_state(stamp, change(ConnectionState::Open, None));
        }
        let Some(sink) = &mut feed.sink else { return };
        match &item {
            FileItem::Record { record, extra, .. } => {
                if extra.is_empty() || self.sinks.output() != RunOutput::Json {
                    sink.push(record);
                } else if self.sinks.matches(record) {
                    // Members that this version does not know pass through, behind the lines before them.
                    sink.flush();
                    self.sinks.write_item(&item, feed.name.as_deref());
                }
            }
            // The members of an unknown kind cannot be compared with a filter, and are measured by nothing.
            FileItem::Unknown { .. } if self.sinks.has_filter() => {}
            FileItem::Unknown {
                stamp,
                connection,
                kind,
                extra,
                ..
            } => match self.sinks.output() {
                RunOutput::Json => {
                    sink.flush();
                    self.sinks.write_item(&item, feed.name.as_deref());
                }
                RunOutput::Text => {
                    let text = extra.trim_start_matches(',');
                    sink.push(&Record {
                        stamp: *stamp,
                        connection: *connection,
                        kind: Kind::Note {
                            code: NoteCode(kind),
                            text,
                        },
                    });
                }
                RunOutput::CountOnly | RunOutput::Measures(_) | RunOutput::Recording(_) => {}
            },
        }
    }
}
