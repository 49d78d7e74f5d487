//! Saving of a feed's records in another format, on a thread. The file gets its name when it is complete.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use feedscope_analysis::filter::{Filter, ParseContext};
use feedscope_core::protocol::Protocol;
use feedscope_core::record::Record;
use feedscope_core::store::{Class, RowNumber, Store};
use feedscope_core::url_text::masked;
use feedscope_files::formats::{
    self, FeedInfo, FeedProtocol, FileItem, Format, OutputFile, WriteOptions,
};
use feedscope_ui::{FeedId, FormatScene, RowChoice, SavingScene, SavingStage};
use parking_lot::Mutex;

use super::App;
use super::open_feed::OpenFeed;
use super::payloads::recorded_reading;
use crate::tail::short_names;

/// Bytes of rows that are read at a time.
const PORTION_BYTES: usize = 1 << 20;

/// Saving of the records of one feed.
pub(super) struct Saving {
    feed: FeedId,
    path: PathBuf,
    shared: Arc<SavingState>,
}

/// State that the thread publishes.
#[derive(Default)]
struct SavingState {
    is_stopped: AtomicBool,
    records: AtomicU64,
    percent: AtomicU64,
    /// Remarks on what the format does not contain, or the reason of a failure; `None` before the end.
    result: Mutex<Option<Result<Vec<String>, String>>>,
}

/// Work of the thread.
struct SavingWork {
    store: Store,
    info: FeedInfo,
    path: PathBuf,
    format: Format,
    rows: RowChoice,
    shared: Arc<SavingState>,
}

impl App {
    /// Saves a text in a new file. The notice of the window has the result.
    pub(super) fn save_text(&mut self, path: &Path, text: &str) {
        // An existing file is never overwritten.
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        let result = file.and_then(|mut file| file.write_all(text.as_bytes()));
        let path = path.display();
        self.kept.notice = Some(match result {
            Ok(()) => format!("Saved the answer to {path}."),
            Err(error) => format!("The answer was not saved to {path}: {error}."),
        });
    }
}

/// Returns the formats in which records can be saved.
pub(super) fn formats() -> Vec<FormatScene> {
    let described = Format::ALL.into_iter().map(|format| {
        let word = format.word();
        let (name, ending, not_kept) = match word {
            "feedscope" => ("Feedscope", ".feedscope", "nothing is lost"),
            "ndjson" => ("Lines of JSON", ".ndjson", "monotonic times"),
            "csv" => (
                "CSV",
                ".csv",
                "types; text that a spreadsheet would execute is marked",
            ),
            "sse" => ("Event stream", ".sse", "times, states, gaps and notes"),
            "har" => (
                "HTTP Archive",
                ".har",
                "nothing; secrets in headers and URLs are masked",
            ),
            "mcap" => (
                "MCAP",
                ".mcap",
                "event IDs, numbers of connections, forms on the wire",
            ),
            "parquet" => ("Parquet", ".parquet", "nothing"),
            other => (other, "", ""),
        };
        FormatScene {
            word,
            name,
            ending,
            not_kept,
            is_for_event_streams: word == "sse",
        }
    });
    described.collect()
}

impl App {
    /// Saves rows of a feed in a format.
    pub fn save_as(&mut self, id: FeedId, path: PathBuf, format: &str, rows: RowChoice) {
        let (Some(feed), Some(format)) = (self.feed(id), Format::of_word(format)) else {
            return;
        };
        let shared = Arc::new(SavingState::default());
        let work = SavingWork {
            store: feed.store.clone(),
            info: FeedInfo {
                reading: recorded_reading(&self.window.reading_of(feed.id)),
                ..info_of(feed)
            },
            path: path.clone(),
            format,
            rows,
            shared: Arc::clone(&shared),
        };
        // The window shows each percent.
        let wake = self.wake.waker();
        let thread = thread::Builder::new().name("feedscope-save-as".to_owned());
        let started = thread.spawn(move || {
            let result = work.run(&wake);
            *work.shared.result.lock() = Some(result);
            wake();
        });
        if let Err(error) = started {
            *shared.result.lock() = Some(Err(error.to_string()));
        }
        // A feed has one message about saving.
        self.savings.retain(|saving| saving.feed != id);
        self.savings.push(Saving {
            feed: id,
            path,
            shared,
        });
    }

    /// Stops the saving of a feed's records, or removes the message about its end.
    pub(super) fn stop_saving(&mut self, id: FeedId) {
        self.savings.retain(|saving| saving.feed != id);
    }

    /// Returns the saving of a feed's records as the window shows it.
    pub(super) fn saving_scene(&self, id: FeedId) -> Option<Arc<SavingScene>> {
        let saving = self.savings.iter().find(|saving| saving.feed == id)?;
        let shared = &saving.shared;
        let stage = match &*shared.result.lock() {
            None => SavingStage::Running {
                percent: u8::try_from(shared.percent.load(Ordering::Relaxed)).unwrap_or(100),
            },
            Some(Ok(remarks)) => SavingStage::Done(remarks.clone()),
            Some(Err(sentence)) => SavingStage::Failed(sentence.clone()),
        };
        Some(Arc::new(SavingScene {
            path: saving.path.display().to_string(),
            records: shared.records.load(Ordering::Relaxed),
            stage,
        }))
    }
}

impl Drop for Saving {
    fn drop(&mut self) {
        // The thread removes the file that is not complete.
        self.shared.is_stopped.store(true, Ordering::Relaxed);
    }
}

impl SavingWork {
    /// Writes the file. Returns remarks on what it does not contain.
    fn run(&self, wake: &dyn Fn()) -> Result<Vec<String>, String> {
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", self.path.display());
        let mut output =
            OutputFile::create(&self.path, false).map_err(|error| error.to_string())?;
        let options = WriteOptions::default();
        let mut writer = formats::writer(self.format, Box::new(&mut output), &options)
            .map_err(|error| named(&error))?;
        writer.add_feed(&self.info).map_err(|error| named(&error))?;
        let filter = self.filter()?;
        let is_wanted = |record: &Record<'_>| {
            let class = Class::of(record.kind.tag(), record.kind.direction());
            self.rows.classes.has(class) && filter.as_ref().is_none_or(|it| it.matches(record))
        };
        // Rows that arrive from here on are not saved.
        let extent = self.store.extent();
        let mut ranges = self.rows.ranges.clone();
        if ranges.is_empty() {
            ranges.push(extent.first..extent.end);
        }
        let all: u64 = ranges
            .iter()
            .map(|range| range.end.since(range.start))
            .sum();
        let mut read = 0;
        for range in ranges {
            let mut next: RowNumber = range.start;
            while next < range.end
                && let Some(portion) = self.store.portion(next, PORTION_BYTES)
            {
                if self.shared.is_stopped.load(Ordering::Relaxed) {
                    return Err("it was stopped".to_owned());
                }
                for (row, record) in portion.records() {
                    if row >= range.start && row < range.end && is_wanted(&record) {
                        let item = FileItem::Record {
                            feed: 0,
                            record,
                            extra: "",
                        };
                        writer.write(&item, &[]).map_err(|error| named(&error))?;
                        self.shared.records.fetch_add(1, Ordering::Relaxed);
                    }
                }
                let end = portion.numbers().end.min(range.end);
                read += end.since(next);
                next = portion.numbers().end;
                let percent = read * 100 / all.max(1);
                if self.shared.percent.swap(percent, Ordering::Relaxed) != percent {
                    wake();
                }
            }
        }
        let remarks = writer.finish().map_err(|error| named(&error))?;
        output.finish().map_err(|error| error.to_string())?;
        Ok(remarks)
    }

    fn filter(&self) -> Result<Option<Filter>, String> {
        if self.rows.filter.trim().is_empty() {
            return Ok(None);
        }
        let context = ParseContext {
            zone_offset_seconds: self.rows.zone_offset_seconds,
        };
        let filter = Filter::parse(&self.rows.filter, &context);
        filter
            .map(Some)
            .map_err(|problem| format!("the filter cannot be used: {}", problem.kind))
    }
}

/// Returns the description of a feed for a file.
fn info_of(feed: &OpenFeed) -> FeedInfo {
    let source = feed.shown_source();
    let protocol = match source.protocol() {
        Protocol::WebSocket => FeedProtocol::WebSocket,
        Protocol::EventStream if source.reads_lines() => FeedProtocol::Lines,
        Protocol::EventStream => FeedProtocol::EventStream,
    };
    let url = source.url();
    let names = url.map(|url| short_names(std::iter::once((url, feed.name.as_deref()))));
    // A feed of a file keeps its name.
    let recorded = source.file().map(|file| file.feed.clone());
    FeedInfo {
        name: recorded
            .or(names.into_iter().flatten().next())
            .unwrap_or_default(),
        url: url.map(masked),
        protocol: Some(protocol),
        engine: source.spec().map(|spec| spec.engine().name().to_owned()),
        ..FeedInfo::default()
    }
}
