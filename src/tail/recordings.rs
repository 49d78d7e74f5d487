//! Records of files: printed as `tail` printed them when they arrived, merged by time where there are several feeds.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use feedscope_core::NoteCode;
use feedscope_core::record::{Kind, Record, Sink};
use feedscope_core::store::{RowNumber, is_unreadable};
use feedscope_files::formats::{FeedInfo, copies_used, unreadable};
use feedscope_files::recording::{MergedRecords, OpenedFeed, OpenedRecording, RecordingEnd, open};

use super::outlet::Outlet;
use super::sinks::SinkMaker;
use super::watch::RunWatch;
use crate::complaint::complain;
use crate::plan::{RunOutput, TailFilePlan};
use crate::signals::{self, Interruption};
use crate::stats;

/// Interval at which a file that is still being written is read again.
const FOLLOW_INTERVAL: Duration = Duration::from_millis(250);

/// Exit status for damage inside a file, and for a file that cannot be read.
const DAMAGED_STATUS: u8 = 1;

/// Exit status for a feed that no file has.
const WRONG_USAGE: u8 = 2;

/// Prints the records of the files. Returns the exit status.
pub fn run(plan: &TailFilePlan) -> io::Result<u8> {
    let mut opened = match open(&plan.files) {
        Ok(opened) => opened,
        Err(error) => {
            let hint = if error.is_of_other_file() {
                ". Give --format lines or --format event-stream for another file"
            } else {
                ""
            };
            complain("cannot open", &format!("{error}{hint}"));
            return Ok(DAMAGED_STATUS);
        }
    };
    if let Err(sentence) = check_feed(&opened, plan) {
        complain("--feed", &sentence);
        return Ok(WRONG_USAGE);
    }
    // The signals are watched before the first line, so that Ctrl-C never leaves half of one.
    let watch = Arc::new(RunWatch::new(0));
    let told = Arc::clone(&watch);
    signals::watch(move |interruption| told.interrupt(interruption))?;
    let outlet = Outlet::stdout(Arc::clone(&watch))?;
    let mut printer = Printer::new(plan, &opened, &outlet);
    loop {
        let end = printer.print(&opened, &watch);
        if let Some(interruption) = watch.interruption() {
            return Ok(interruption.exit_status());
        }
        if outlet.is_terminal_closed() {
            return Ok(Interruption::HungUp.exit_status());
        }
        if let Some(error) = outlet.failure() {
            complain("standard output", &error);
            return Ok(1);
        }
        // A reader such as `head` has all that it wants, which is no failure.
        if outlet.is_gone() {
            return Ok(0);
        }
        if end == PrintEnd::Interrupted {
            continue;
        }
        if !plan.follow || opened.ending != RecordingEnd::BeingWritten {
            break;
        }
        // Another Feedscope still writes the file. Its next block is looked for after a short wait.
        watch.wait(watch.changes(), Some(Instant::now() + FOLLOW_INTERVAL));
        if let Err(error) = opened.refresh() {
            complain("cannot read", &error.to_string());
            return Ok(DAMAGED_STATUS);
        }
        printer.add_feeds(&opened);
    }
    printer.finish();
    for sentence in &opened.damage {
        complain("damaged", sentence);
    }
    let restored = opened.damaged_records().restored;
    if restored > 0 {
        complain("damaged", &copies_used(restored));
    }
    if printer.unreadable > 0 {
        complain("damaged", &unreadable(printer.unreadable));
    }
    let is_damaged = printer.is_damaged || restored > 0 || !opened.damage.is_empty();
    Ok(if is_damaged { DAMAGED_STATUS } else { 0 })
}

/// Checks that the requested feed exists.
fn check_feed(opened: &OpenedRecording, plan: &TailFilePlan) -> Result<(), String> {
    let Some(wanted) = &plan.feed else {
        return Ok(());
    };
    let mut names = opened
        .feeds
        .iter()
        .map(|feed| feed.description.name.as_str());
    if names.clone().any(|name| name == wanted) {
        return Ok(());
    }
    let first = names.next();
    Err(match first {
        None => "there are no feeds".to_owned(),
        Some(first) => names.fold(
            format!("no feed `{wanted}`; there are {first}"),
            |list, name| list + ", " + name,
        ),
    })
}

/// Reason for which printing paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PrintEnd {
    /// All records are printed.
    Complete,
    /// The user or the reader of standard output ended it.
    Interrupted,
}

/// Destination of the records of all feeds, and the next record of each.
struct Printer<'a> {
    plan: &'a TailFilePlan,
    outlet: &'a Arc<Outlet>,
    sinks: SinkMaker,
    /// Sinks of the feeds, by their places in the recording.
    feeds: Vec<PrintedFeed>,
    is_damaged: bool,
    /// Number of records that could not be read.
    unreadable: u64,
}

struct PrintedFeed {
    sink: Option<Box<dyn Sink>>,
    next: RowNumber,
    /// Text of the last note about damage, which many records in a row may have.
    last_damage: Option<String>,
}

impl<'a> Printer<'a> {
    fn new(plan: &'a TailFilePlan, opened: &OpenedRecording, outlet: &'a Arc<Outlet>) -> Self {
        let mut printer = Self {
            plan,
            outlet,
            sinks: SinkMaker::new(outlet, plan.output, plan.filter.as_ref(), &plan.fields)
                .with_columns(plan.columns.as_ref())
                .with_reading(&plan.reading),
            feeds: Vec::new(),
            is_damaged: false,
            unreadable: 0,
        };
        printer.add_feeds(opened);
        printer
    }

    /// Adds sinks for the feeds that joined the recording.
    fn add_feeds(&mut self, opened: &OpenedRecording) {
        let shown = |feed: &&OpenedFeed| {
            let wanted = self.plan.feed.as_ref();
            wanted.is_none_or(|wanted| feed.description.name == *wanted)
        };
        let names = opened.feeds.iter().filter(shown);
        let names: Vec<&str> = names.map(|feed| feed.description.name.as_str()).collect();
        let width = names.iter().map(|name| name.chars().count()).max();
        // As in a live run, a single feed needs no name.
        let is_named = names.len() > 1 || self.feeds.len() > 1;
        for feed in opened.feeds.iter().skip(self.feeds.len()) {
            let name = is_named.then(|| feed.description.name.clone());
            let info = FeedInfo::of_description(&feed.description);
            let sink = shown(&feed).then(|| self.sinks.sink(&info, name, width.unwrap_or(0)));
            self.feeds.push(PrintedFeed {
                sink,
                next: RowNumber(0),
                last_damage: None,
            });
        }
    }

    /// Prints all records that are not printed yet.
    fn print(&mut self, opened: &OpenedRecording, watch: &RunWatch) -> PrintEnd {
        let feeds = opened.feeds.iter().zip(&self.feeds).enumerate();
        let shown = feeds.filter(|(_, (_, printed))| printed.sink.is_some());
        let mut records = MergedRecords::default();
        for (at, (feed, printed)) in shown {
            records.add(at, feed.store.clone(), printed.next);
        }
        // Feed of the lines that are not written yet.
        let mut last: Option<usize> = None;
        while let Some(has_ended) = records.with_next(|at, row, record| {
            // Lines of one feed are written together until another feed is next.
            if let Some(last) = last.replace(at).filter(|last| *last != at) {
                self.feeds[last].flush();
            }
            let feed = &mut self.feeds[at];
            self.is_damaged |= feed.push(record);
            self.unreadable += u64::from(is_unreadable(record));
            feed.next = row + 1;
        }) {
            if has_ended {
                if let Some(last) = last.take() {
                    self.feeds[last].flush();
                }
                if self.outlet.is_gone() || watch.interruption().is_some() {
                    return PrintEnd::Interrupted;
                }
            }
        }
        if let Some(last) = last {
            self.feeds[last].flush();
        }
        PrintEnd::Complete
    }

    /// Prints the summary of `--count-only`, or the measures of `stats`.
    fn finish(&mut self) {
        // A sink decides about requests without an answer when it is dropped.
        self.feeds.clear();
        match self.plan.output {
            RunOutput::CountOnly => self.outlet.write(self.sinks.totals.summary().as_bytes()),
            RunOutput::Measures(form) | RunOutput::Recording(form) => {
                let report = stats::report(&self.sinks.measures.lock(), None, form);
                self.outlet.write(report.as_bytes());
            }
            RunOutput::Json | RunOutput::Text => {}
        }
    }
}

impl PrintedFeed {
    /// Writes the lines that are complete.
    fn flush(&mut self) {
        if let Some(sink) = &mut self.sink {
            sink.flush();
        }
    }

    /// Prints a record. Returns true if it is a note about damage.
    fn push(&mut self, record: &Record<'_>) -> bool {
        let Some(sink) = &mut self.sink else {
            return false;
        };
        let Kind::Note {
            code: NoteCode::DAMAGED,
            text,
        } = record.kind
        else {
            self.last_damage = None;
            sink.push(record);
            return false;
        };
        // All records of a damaged block have the same note, which is printed once.
        if self.last_damage.as_deref() != Some(text) {
            self.last_damage = Some(text.to_owned());
            sink.push(record);
        }
        true
    }
}

/// Returns the files that a path stands for: itself, or the recordings in a folder in the order of their names.
pub fn files_of(path: PathBuf) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path];
    }
    let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|file| {
        let extension = file.extension();
        extension.is_some_and(|extension| extension == feedscope_files::recording::EXTENSION)
    });
    files.sort();
    files
}
