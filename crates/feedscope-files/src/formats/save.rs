//! Records of stores, saved as a file of any format.

use std::fmt;
use std::path::Path;

use feedscope_core::store::Store;

use super::format::Format;
use super::item::{FeedInfo, FeedReader, FeedWriter, FileItem, ItemSink, WriteError, WriteOptions};
use super::native::StoreReader;
use super::open::{Control, writer};
use super::output::{OutputError, OutputFile};

/// Reason that records cannot be saved.
#[derive(Debug)]
pub enum SaveError {
    /// There is no place for the file.
    Output(OutputError),
    /// The format has no room for the feeds, or the file cannot be written.
    Write(WriteError),
    /// A stored record cannot be read.
    Read(String),
    /// The work was stopped, and no part of the file is left.
    Stopped,
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output(error) => error.fmt(f),
            Self::Write(error) => error.fmt(f),
            Self::Read(sentence) => f.write_str(sentence),
            Self::Stopped => f.write_str("it was stopped"),
        }
    }
}

impl std::error::Error for SaveError {}

impl From<OutputError> for SaveError {
    fn from(error: OutputError) -> Self {
        Self::Output(error)
    }
}

impl From<WriteError> for SaveError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

/// Saves all records that the stores have now, in the order of their times, as one file. Returns remarks on what the
/// format cannot contain.
///
/// The file gets its name when it is complete. `replaces` allows one with this name already.
///
/// # Errors
///
/// Fails if the file cannot be written, or if `control` stops the work. No part of the file is left then.
pub fn save(
    feeds: impl IntoIterator<Item = (FeedInfo, Store)>,
    path: &Path,
    format: Format,
    replaces: bool,
    control: &Control,
) -> Result<Vec<String>, SaveError> {
    let mut output = OutputFile::create(path, replaces)?;
    let writer = writer(format, Box::new(&mut output), &WriteOptions::default())?;
    let remarks = transfer(&mut StoreReader::new(feeds), writer, control)?;
    output.finish()?;
    Ok(remarks)
}

/// Passes all items of a reader to a writer. Returns the remarks of both.
///
/// # Errors
///
/// Fails if an item cannot be read or written, or if `control` stops the work.
pub fn transfer(
    reader: &mut dyn FeedReader,
    writer: Box<dyn FeedWriter + '_>,
    control: &Control,
) -> Result<Vec<String>, SaveError> {
    let mut target = SaveSink {
        writer,
        records: 0,
        failure: None,
    };
    loop {
        if control.is_stopped() {
            return Err(SaveError::Stopped);
        }
        let has_more = reader
            .read(&mut target)
            .map_err(|error| SaveError::Read(error.to_string()))?;
        if let Some(error) = target.failure {
            return Err(error.into());
        }
        // Stores have no length in bytes, so that only records are counted.
        control.report(0, target.records);
        if !has_more {
            let mut remarks = target.writer.finish()?;
            remarks.extend(reader.remarks());
            return Ok(remarks);
        }
    }
}

/// Passes items on to a writer.
struct SaveSink<'a> {
    writer: Box<dyn FeedWriter + 'a>,
    records: u64,
    failure: Option<WriteError>,
}

impl ItemSink for SaveSink<'_> {
    fn add_feed(&mut self, feed: &FeedInfo) {
        if self.failure.is_none() {
            self.failure = self.writer.add_feed(feed).err();
        }
    }

    fn push(&mut self, item: FileItem<'_>) {
        // After a failure, the rest of what was read is passed over.
        if self.failure.is_none() {
            self.failure = self.writer.write(&item, &[]).err();
            self.records += 1;
        }
    }
}
