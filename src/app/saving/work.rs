//! Saving of the records of one feed: the work of its thread, and the state that the thread publishes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use feedscope_analysis::filter::{Filter, ParseContext};
use feedscope_core::record::Record;
use feedscope_core::store::{Class, RowNumber, Store, is_unreadable};
use feedscope_files::formats::{self, FeedInfo, FileItem, Format, OutputFile, WriteOptions};
use feedscope_ui::{FeedId, FormatScene, NewFile, RowChoice};
use parking_lot::Mutex;

/// Bytes of rows that are read at a time.
const PORTION_BYTES: usize = 1 << 20;

/// Saving of the records of one feed.
pub(in crate::app) struct Saving {
    pub(super) feed: FeedId,
    pub(super) path: PathBuf,
    pub(super) shared: Arc<SavingState>,
}

/// State that the thread publishes.
#[derive(Default)]
pub(super) struct SavingState {
    pub(super) is_stopped: AtomicBool,
    pub(super) records: AtomicU64,
    pub(super) percent: AtomicU64,
    /// Remarks on what the format does not contain, or the reason of a failure; `None` before the end.
    pub(super) result: Mutex<Option<Result<Vec<String>, String>>>,
}

/// Work of the thread.
pub(super) struct SavingWork {
    pub(super) store: Store,
    pub(super) info: FeedInfo,
    pub(super) file: NewFile,
    pub(super) format: Format,
    pub(super) rows: RowChoice,
    pub(super) shared: Arc<SavingState>,
}

impl Drop for Saving {
    fn drop(&mut self) {
        // The thread removes the file that is not complete.
        self.shared.is_stopped.store(true, Ordering::Relaxed);
    }
}

impl SavingWork {
    /// Writes the file. Returns remarks on what it does not contain.
    pub(super) fn run(&self, wake: &dyn Fn()) -> Result<Vec<String>, String> {
        let NewFile { path, replaces } = &self.file;
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let mut output = OutputFile::create(path, *replaces).map_err(|error| error.to_string())?;
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
        // A damaged recording has notes in place of these records.
        let mut unreadable = 0;
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
                        unreadable += u64::from(is_unreadable(&record));
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
        let mut remarks = writer.finish().map_err(|error| named(&error))?;
        remarks.extend((unreadable > 0).then(|| formats::unreadable(unreadable)));
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

/// Returns the formats in which records can be saved.
pub(in crate::app) fn formats() -> Vec<FormatScene> {
    let described = Format::ALL.into_iter().map(|format| {
        let (ending, not_kept) = match format {
            Format::Feedscope => (".feedscope", "everything is kept"),
            Format::Ndjson => (".ndjson", "monotonic times"),
            Format::Csv => (
                ".csv",
                "types; text that a spreadsheet would execute is marked",
            ),
            Format::Sse => (".sse", "times, states, gaps and notes"),
            Format::Har => (".har", "headers, cookies and bodies of requests"),
            Format::Mcap => (
                ".mcap",
                "event IDs, numbers of connections, forms on the wire",
            ),
            Format::Parquet => (".parquet", "everything is kept"),
        };
        FormatScene {
            word: format.word(),
            name: format.name(),
            is_read: format.is_read(),
            ending,
            not_kept,
            is_for_event_streams: format == Format::Sse,
        }
    });
    described.collect()
}
