//! Readers and writers by their formats, and files of any format as feeds with stores.

use std::fmt;
use std::fs::File;
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use feedscope_core::Timestamp;
use feedscope_core::feed::KeepingOptions;

use super::format::Format;
use super::input::{Compression, FileInput};
use super::item::{FeedReader, FeedWriter, ReadError, ReadOptions, WriteError, WriteOptions};
use super::native::{self, ImportError, StoreReader};
use super::{content, csv, har, mcap, ndjson, parquet, sse};
use crate::recording::{self, OpenedRecording};

/// Opens a reader.
///
/// # Errors
///
/// Fails if files of this format cannot be read, or if the beginning of the file is not what the format requires.
pub fn reader(
    format: Format,
    input: FileInput,
    options: ReadOptions,
) -> Result<Box<dyn FeedReader>, ReadError> {
    match format {
        Format::Feedscope => Ok(Box::new(StoreReader::of_input(input)?)),
        Format::Ndjson => Ok(Box::new(ndjson::NdjsonReader::new(input, options))),
        Format::Sse => Ok(Box::new(sse::SseReader::new(input, options))),
        Format::Har => Ok(Box::new(har::HarReader::new(input, options))),
        Format::Csv | Format::Mcap | Format::Parquet => Err(ReadError::Unreadable(format)),
    }
}

/// Opens a writer.
///
/// # Errors
///
/// Fails if the beginning of the file cannot be written.
pub fn writer<'a>(
    format: Format,
    out: Box<dyn Write + Send + 'a>,
    options: &WriteOptions,
) -> Result<Box<dyn FeedWriter + 'a>, WriteError> {
    Ok(match format {
        Format::Feedscope => Box::new(native::NativeWriter::new(out)),
        Format::Ndjson => Box::new(ndjson::NdjsonWriter::new(out)),
        Format::Csv => Box::new(csv::CsvWriter::new(out, options)?),
        Format::Sse => Box::new(sse::SseWriter::new(out)),
        Format::Har => Box::new(har::HarWriter::new(out)?),
        Format::Mcap => Box::new(mcap::McapWriter::new(out)?),
        Format::Parquet => Box::new(parquet::ParquetWriter::new(out, &options.columns, true)),
    })
}

impl ReadOptions {
    /// Returns the usual options for a file. A record without a time gets the time at which the file was changed.
    pub fn of_file(path: &Path) -> Self {
        let modified = path.metadata().and_then(|metadata| metadata.modified());
        let modified = modified.ok().map(timestamp);
        Self {
            now: Box::new(move || modified.unwrap_or_else(|| timestamp(SystemTime::now()))),
            ..Self::live(feed_name(path))
        }
    }

    /// Returns the usual options for a source that is read as it is written. A record without a time gets that of its
    /// reading.
    pub fn live(name: String) -> Self {
        Self {
            name,
            max_message: KeepingOptions::MAX_MESSAGE,
            now: Box::new(|| timestamp(SystemTime::now())),
        }
    }
}

fn timestamp(time: SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Name of a feed that has none in its file: the name of the file without its endings.
pub fn feed_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = match Compression::of_path(path) {
        Some(compression) => &name[..name.len() - compression.ending().len()],
        None => &name,
    };
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem = if stem.is_empty() { name } else { stem };
    stem.to_owned()
}

impl Format {
    /// Returns the format of an existing file: that of its ending, or the one that its first bytes show.
    pub fn of_file(path: &Path) -> Option<Self> {
        if let Some(format) = Self::of_path(path) {
            return Some(format);
        }
        // The bytes of a pipe cannot be read a second time.
        if !path.is_file() {
            return None;
        }
        let mut begin = Vec::new();
        File::open(path)
            .and_then(|file| file.take(8).read_to_end(&mut begin))
            .ok()?;
        if begin == b"FEEDFILE" {
            return Some(Self::Feedscope);
        }
        let (mut input, _) = FileInput::open(path).ok()?;
        content::recognized(&mut input)
    }
}

/// Progress of work on files, and the request to stop it. Both sides share it.
#[derive(Debug, Default)]
pub struct Control {
    stop: AtomicBool,
    read: AtomicU64,
    records: AtomicU64,
}

impl Control {
    /// Requests the end of the work. Nothing that is incomplete stays.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Returns true if the end was requested.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Number of bytes of the inputs that were read.
    pub fn read_bytes(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Number of records that were written.
    pub fn records(&self) -> u64 {
        self.records.load(Ordering::Relaxed)
    }

    /// Reports the progress.
    pub fn report(&self, read_bytes: u64, records: u64) {
        self.read.store(read_bytes, Ordering::Relaxed);
        self.records.store(records, Ordering::Relaxed);
    }
}

/// Reason that files cannot be opened.
#[derive(Debug)]
pub enum OpenFilesError {
    /// A file cannot be read, as a sentence with its path.
    Failed(String),
    /// The name of a file does not show its format, or it is of a format that is written only.
    UnknownFormat(PathBuf),
    /// The work was stopped.
    Stopped,
}

impl fmt::Display for OpenFilesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(sentence) => f.write_str(sentence),
            Self::UnknownFormat(path) if let Some(format) = written_only(path) => {
                write!(f, "{}: {}", path.display(), ReadError::Unreadable(format))
            }
            Self::UnknownFormat(path) => write!(
                f,
                "{}: it is not a recording of Feedscope, and its ending names no format that can be read",
                path.display()
            ),
            Self::Stopped => f.write_str("it was stopped"),
        }
    }
}

impl std::error::Error for OpenFilesError {}

/// Returns the format that the name of a file names, if files of this format are not read.
fn written_only(path: &Path) -> Option<Format> {
    Format::of_path(path).filter(|format| !format.is_read())
}

/// Opens files of any format as feeds with stores. Returns remarks on the files, for people.
///
/// Recordings are used where they are. Other files are first written into a temporary recording without a name.
///
/// # Errors
///
/// Fails if a file cannot be read, if its format is not known, or if the work was stopped.
pub fn open_any(
    paths: &[PathBuf],
    control: &Control,
) -> Result<(OpenedRecording, Vec<String>), OpenFilesError> {
    // The file of each path is open before the next one, so that a name can change meanwhile.
    let mut files = Vec::with_capacity(paths.len());
    let mut remarks = Vec::new();
    for path in paths {
        let (file, of_file) = open_one(path, control)?;
        files.push((file, path.clone()));
        let shown = path.display();
        remarks.extend(of_file.iter().map(|remark| format!("{shown}: {remark}")));
    }
    let opened = recording::open_files(files);
    let opened = opened.map_err(|error| OpenFilesError::Failed(error.to_string()))?;
    Ok((opened, remarks))
}

/// Opens one file: itself if it is a recording, or a temporary recording with its records.
fn open_one(path: &Path, control: &Control) -> Result<(File, Vec<String>), OpenFilesError> {
    let failed =
        |error: &dyn fmt::Display| OpenFilesError::Failed(format!("{}: {error}", path.display()));
    let format = Format::of_file(path).filter(|format| format.is_read());
    let Some(format) = format else {
        // A missing file has a better sentence than that about its format.
        path.metadata().map_err(|error| failed(&error))?;
        // So has a text that is not UTF-8, whose format cannot be recognized.
        if path.is_file() {
            let opened = FileInput::open(path);
            let begun = opened.and_then(|(mut input, _)| input.recognize());
            begun.map_err(|error| failed(&error))?;
        }
        return Err(OpenFilesError::UnknownFormat(path.to_owned()));
    };
    let (mut input, consumed) = FileInput::open(path).map_err(|error| failed(&error))?;
    // A recording that is not compressed is used in place, whatever its size is.
    if format == Format::Feedscope {
        let plain = input.plain_path().map_err(|error| failed(&error))?;
        if plain.is_some() {
            let file = File::open(path).map_err(|error| failed(&error))?;
            return Ok((file, Vec::new()));
        }
    }
    let mut reader =
        reader(format, input, ReadOptions::of_file(path)).map_err(|error| failed(&error))?;
    let is_stopped = || {
        control.report(consumed.bytes(), 0);
        control.is_stopped()
    };
    native::import(&mut *reader, &is_stopped).map_err(|error| match error {
        ImportError::Read(error) => failed(&error),
        ImportError::Write(error) => failed(&error),
        ImportError::Stopped => OpenFilesError::Stopped,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_called_as_its_file() {
        for (path, name) in [
            ("a/b.sse", "b"),
            ("ticks.har.zst", "ticks"),
            (".sse", ".sse"),
            ("no-ending", "no-ending"),
        ] {
            assert_eq!(feed_name(Path::new(path)), name, "{path}");
        }
    }
}
