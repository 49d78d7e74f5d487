//! Meaning of the records of a feed for its lines: decoders, lens and documents together.

use feedscope_analysis::assembled::{Document, Documents};
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::{FeedAddress, LensReader, Read};
use feedscope_core::Stamp;
use feedscope_core::record::Record;

use crate::reading::RunReading;

/// Reader of the records of one feed.
pub(super) struct RecordReader {
    lens: LensReader,
    documents: Documents,
    /// Documents are shown in place of their parts.
    is_assembled: bool,
    /// Number of the next record, as the lens counts them.
    next_row: u64,
    /// Time and connection of the newest record.
    pub(super) last: Option<(Stamp, u32)>,
}

/// Meaning of a record.
#[derive(Default)]
pub(super) struct RecordRead {
    /// Number of the record.
    pub(super) row: u64,
    /// One for each record within the message.
    pub(super) meanings: Vec<Read>,
    /// The record is a part of a document, which is shown in its place.
    pub(super) is_part: bool,
    /// Documents that are complete or broken off.
    pub(super) documents: Vec<Document>,
}

impl RecordReader {
    /// Creates a reader for the feed at this address; `None` if nothing is interpreted.
    pub(super) fn new(reading: &RunReading, address: &FeedAddress) -> Option<Self> {
        Some(Self {
            lens: reading.reader(address)?,
            documents: reading.documents(address),
            is_assembled: reading.is_assembled,
            next_row: 0,
            last: None,
        })
    }

    pub(super) fn interpreter(&self) -> &Interpreter {
        self.lens.interpreter()
    }

    /// Reads the next record.
    pub(super) fn read(&mut self, record: &Record<'_>) -> RecordRead {
        self.last = Some((record.stamp, record.connection));
        let row = self.next_row;
        self.next_row += 1;
        let meanings = self.lens.read(record);
        let read = self.documents.read(record);
        if !self.is_assembled {
            return RecordRead {
                row,
                meanings,
                ..RecordRead::default()
            };
        }
        RecordRead {
            row,
            meanings,
            is_part: read.is_part,
            documents: read.ended,
        }
    }

    /// Ends the documents that still grow.
    pub(super) fn finish(&mut self) -> Vec<Document> {
        let ended = self.documents.finish();
        if self.is_assembled { ended } else { Vec::new() }
    }

    /// Returns true if the connection has given a complete document.
    pub(super) fn has_finished(&self) -> bool {
        self.documents.has_finished()
    }
}
