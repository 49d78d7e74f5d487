//! `feedscope convert`: recorded feeds from one format of files into another.

mod cells;
pub mod connections;
mod selection;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use feedscope_files::formats::{
    self, Control, FeedWriter, FileInput, FolderWriter, Format, OutputError, OutputFile,
    ReadOptions, WriteOptions,
};
use parking_lot::Mutex;

use crate::complaint::complain;
use crate::plan::{ConvertPlan, STANDARD_STREAM};
use crate::signals::{self, Interruption};
pub use cells::ColumnsWriter;
use selection::RecordSelection;

/// Exit status of a wrong usage.
const WRONG_USAGE: u8 = 2;

/// Name of a feed of standard input that has none there.
pub(crate) const INPUT_NAME: &str = "input";

/// Interval between updates of the progress.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

/// Time that an interrupted conversion has for its end.
const END_LIMIT: Duration = Duration::from_secs(1);

/// Converts the files; returns the exit status.
pub fn run(plan: &ConvertPlan) -> io::Result<u8> {
    let shared = Arc::new(SharedConversion::default());
    // The end of the conversion, and one interruption.
    let (events, received) = sync_channel(2);
    let told = events.clone();
    signals::watch(move |interruption| {
        told.send(ConversionEvent::Interrupted(interruption)).ok();
    })?;
    spawn(plan.clone(), Arc::clone(&shared), events)?;
    let inputs: u64 = plan.inputs.iter().map(|path| size_of(path)).sum();
    let mut progress = ConversionProgress::new(inputs);
    let status = wait(&received, &shared, &mut progress);
    progress.clear();
    Ok(status)
}

/// News for the waiting thread.
enum ConversionEvent {
    /// The conversion has ended.
    Done(Result<bool, ConversionFailure>),
    Interrupted(Interruption),
}

/// State of a conversion that two threads use.
#[derive(Default)]
struct SharedConversion {
    control: Control,
    /// Path of the file that is not complete yet.
    partial: Mutex<Option<PathBuf>>,
}

/// Reason that a conversion failed.
struct ConversionFailure {
    status: u8,
    /// File or stream that the sentence is about.
    about: String,
    sentence: String,
}

impl ConversionFailure {
    fn new(about: &Path, problem: &dyn std::fmt::Display) -> Self {
        Self {
            status: 1,
            about: name_of(about),
            sentence: problem.to_string(),
        }
    }

    fn usage(about: &Path, problem: &dyn std::fmt::Display) -> Self {
        Self {
            status: WRONG_USAGE,
            ..Self::new(about, problem)
        }
    }
}

impl From<OutputError> for ConversionFailure {
    fn from(error: OutputError) -> Self {
        let (status, way_out) = match error {
            OutputError::Exists(_) => (WRONG_USAGE, "; --force replaces it"),
            OutputError::InUse(_) | OutputError::Io(..) => (1, ""),
        };
        Self {
            status,
            about: "convert".to_owned(),
            sentence: format!("{error}{way_out}"),
        }
    }
}

/// Converts on a thread of its own, because standard input may keep it waiting.
fn spawn(
    plan: ConvertPlan,
    shared: Arc<SharedConversion>,
    events: SyncSender<ConversionEvent>,
) -> io::Result<()> {
    let work = move || {
        let result = convert(&plan, &shared);
        events.send(ConversionEvent::Done(result)).ok();
    };
    thread::Builder::new()
        .name("convert".to_owned())
        .spawn(work)?;
    Ok(())
}

/// Waits for the end of the conversion. Returns the exit status.
fn wait(
    events: &Receiver<ConversionEvent>,
    shared: &SharedConversion,
    progress: &mut ConversionProgress,
) -> u8 {
    loop {
        match events.recv_timeout(PROGRESS_INTERVAL) {
            // What could not be read was reported, and a script must notice it.
            Ok(ConversionEvent::Done(Ok(is_damaged))) => return u8::from(is_damaged),
            Ok(ConversionEvent::Done(Err(failure))) => {
                progress.clear();
                complain(&failure.about, &failure.sentence);
                return failure.status;
            }
            Ok(ConversionEvent::Interrupted(interruption)) => {
                shared.control.stop();
                // A thread that waits for standard input does not end, and cannot remove its file.
                if !matches!(events.recv_timeout(END_LIMIT), Ok(ConversionEvent::Done(_)))
                    && let Some(partial) = shared.partial.lock().take()
                {
                    // One of them fails, because the partial output is a file or a folder.
                    std::fs::remove_file(&partial).ok();
                    std::fs::remove_dir_all(&partial).ok();
                }
                return interruption.exit_status();
            }
            Err(RecvTimeoutError::Timeout) => progress.show(shared),
            // The thread has ended without a result.
            Err(RecvTimeoutError::Disconnected) => return 1,
        }
    }
}

/// Converts all inputs into one output. Returns true if some records of an input could not be read.
fn convert(plan: &ConvertPlan, shared: &Arc<SharedConversion>) -> Result<bool, ConversionFailure> {
    let mut selection = RecordSelection::new(plan);
    let options = WriteOptions {
        columns: selection.column_names(),
        unguarded: plan.unguarded,
    };
    // The inputs are checked before anything is written.
    for path in &plan.inputs {
        if !is_standard(path) && !path.exists() {
            return Err(ConversionFailure::usage(path, &"no such file"));
        }
    }
    let failed = |error: &dyn std::fmt::Display| ConversionFailure::new(&plan.out, error);
    let writer = |out| formats::writer(plan.to, out, &options).map_err(|error| failed(&error));
    let (remarks, is_damaged) = if is_standard(&plan.out) {
        transfer(
            plan,
            shared,
            &mut selection,
            writer(Box::new(io::stdout()))?,
        )?
    } else if plan.is_folder() {
        // The folder has its own temporary name, as a file has.
        let folder = FolderWriter::create(&plan.out, options.columns)?;
        *shared.partial.lock() = Some(folder.partial().to_owned());
        transfer(plan, shared, &mut selection, Box::new(folder))?
    } else {
        let mut output = OutputFile::create(&plan.out, plan.force)?;
        *shared.partial.lock() = Some(output.partial().to_owned());
        let writer = writer(Box::new(&mut output))?;
        let ended = transfer(plan, shared, &mut selection, writer)?;
        let named = output.finish();
        *shared.partial.lock() = None;
        named?;
        ended
    };
    for remark in remarks {
        complain(&name_of(&plan.out), &remark);
    }
    Ok(is_damaged)
}

/// Reads the inputs and writes their records. Returns the remarks of the writer, and true if some records of an input could
/// not be read.
fn transfer(
    plan: &ConvertPlan,
    shared: &Arc<SharedConversion>,
    selection: &mut RecordSelection,
    mut writer: Box<dyn FeedWriter + '_>,
) -> Result<(Vec<String>, bool), ConversionFailure> {
    let failed = |error: &dyn std::fmt::Display| ConversionFailure::new(&plan.out, error);
    let mut read_before = 0;
    let mut is_damaged = false;
    for path in &plan.inputs {
        let (input, consumed) = open(path).map_err(|error| ConversionFailure::new(path, &error))?;
        let format = format_of(path, plan.from)?;
        let mut reader = formats::reader(format, input, read_options(path))
            .map_err(|error| ConversionFailure::new(path, &error))?;
        let is_live = is_standard(path) && is_standard(&plan.out);
        selection.begin_input();
        loop {
            if shared.control.is_stopped() {
                return Err(ConversionFailure::new(path, &"interrupted"));
            }
            let mut target = selection.target(&mut *writer);
            let more = reader.read(&mut target);
            if let Some(error) = target.failure() {
                return Err(failed(&error));
            }
            if !more.map_err(|error| ConversionFailure::new(path, &error))? {
                break;
            }
            shared
                .control
                .report(read_before + consumed.bytes(), selection.written());
            // A reader of a pipe sees each record of a live input at once.
            if is_live && reader.is_waiting() {
                writer.flush().map_err(|error| failed(&error))?;
            }
        }
        read_before += consumed.bytes();
        for remark in reader.remarks() {
            complain(&name_of(path), &remark);
        }
        is_damaged |= reader.is_damaged();
    }
    if let Some(sentence) = selection.missing_feed() {
        return Err(failed(&sentence));
    }
    let remarks = writer.finish().map_err(|error| failed(&error))?;
    Ok((remarks, is_damaged))
}

/// Opens a file, or standard input.
fn open(path: &Path) -> io::Result<(FileInput, formats::Consumed)> {
    if is_standard(path) {
        return Ok((FileInput::new(io::stdin()), formats::Consumed::default()));
    }
    FileInput::open(path)
}

/// Returns the format that the user gave, or the one that the ending names.
fn format_of(path: &Path, given: Option<Format>) -> Result<Format, ConversionFailure> {
    let by_default = is_standard(path).then_some(Format::Ndjson);
    given
        .or(by_default)
        .or_else(|| Format::of_file(path))
        .ok_or_else(|| ConversionFailure::usage(path, &unknown_format("--from")))
}

/// Sentence about a name whose ending is not that of a format.
pub(crate) fn unknown_format(option: &str) -> String {
    let words: Vec<_> = Format::ALL.iter().map(|format| format.word()).collect();
    format!(
        "the ending names no format: give it by {option}, one of {}",
        words.join(", ")
    )
}

/// Records without a time get that of the file, or the time of their reading.
fn read_options(path: &Path) -> ReadOptions {
    if is_standard(path) {
        ReadOptions::live(INPUT_NAME.to_owned())
    } else {
        ReadOptions::of_file(path)
    }
}

fn is_standard(path: &Path) -> bool {
    path == Path::new(STANDARD_STREAM)
}

/// Name of a file for people.
fn name_of(path: &Path) -> String {
    if is_standard(path) {
        return "convert".to_owned();
    }
    path.display().to_string()
}

fn size_of(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}

/// Progress on standard error, if that is a terminal.
struct ConversionProgress {
    /// Size of all inputs; 0 where it is not known.
    size: u64,
    is_terminal: bool,
    is_shown: bool,
}

impl ConversionProgress {
    fn new(size: u64) -> Self {
        Self {
            size,
            is_terminal: io::stderr().is_terminal(),
            is_shown: false,
        }
    }

    fn show(&mut self, shared: &SharedConversion) {
        if !self.is_terminal {
            return;
        }
        let records = shared.control.records();
        let read = shared.control.read_bytes();
        let part = match self.size {
            0 => String::new(),
            size => format!("{} % read, ", read.min(size) * 100 / size),
        };
        self.is_shown = true;
        write_to_terminal(&format!("\r\x1b[K{part}{records} records written"));
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            write_to_terminal("\r\x1b[K");
        }
    }
}

/// Writes to the terminal. A failure is ignored, because the progress is not essential.
fn write_to_terminal(text: &str) {
    let mut terminal = io::stderr().lock();
    terminal.write_all(text.as_bytes()).ok();
    terminal.flush().ok();
}
