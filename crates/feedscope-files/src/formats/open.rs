//! Readers and writers by their formats.

use std::io::Write;

use super::format::Format;
use super::input::Input;
use super::item::{FeedReader, FeedWriter, ReadError, ReadOptions, WriteError, WriteOptions};
use super::{csv, ndjson, sse};

/// Opens a reader.
///
/// # Errors
///
/// Fails if files of this format cannot be read.
pub fn reader(
    format: Format,
    input: Input,
    options: ReadOptions,
) -> Result<Box<dyn FeedReader>, ReadError> {
    match format {
        Format::Ndjson => Ok(Box::new(ndjson::Reader::new(input, options))),
        Format::Sse => Ok(Box::new(sse::Reader::new(input, options))),
        Format::Csv => Err(ReadError::Unreadable(format)),
    }
}

/// Opens a writer.
///
/// # Errors
///
/// Fails if the beginning of the file cannot be written.
pub fn writer<'a>(
    format: Format,
    out: Box<dyn Write + 'a>,
    options: &WriteOptions,
) -> Result<Box<dyn FeedWriter + 'a>, WriteError> {
    Ok(match format {
        Format::Ndjson => Box::new(ndjson::Writer::new(out)),
        Format::Csv => Box::new(csv::Writer::new(out, options)?),
        Format::Sse => Box::new(sse::Writer::new(out)),
    })
}
