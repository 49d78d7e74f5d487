//! Recordings of Feedscope as files that are converted, and records of stores in the order of their times.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use feedscope_core::numbers::counted;
use feedscope_core::record::{Kind, Record};
use feedscope_core::store::{ChunkBuilder, ChunkCache, Store, is_unreadable};
use feedscope_core::{NoteCode, Timestamp};

use super::input::FileInput;
use super::item::{
    Cell, FeedInfo, FeedProtocol, FeedReader, FeedWriter, FileItem, ItemSink, ReadError, WriteError,
};
use crate::disk_history::HistoryFolder;
use crate::recording::{
    BlockStream, FeedDescription, MergedRecords, OpenedRecording, open, open_files,
};

/// Number of records that one read hands out.
const RECORDS_A_READ: usize = 1_024;

/// Reader of stores, such as those of a recording. Its records come in the order of their times.
pub struct StoreReader {
    feeds: Vec<FeedInfo>,
    records: MergedRecords,
    /// Text of the last note about damage in each feed. All records of a damaged block have the same note.
    last_damage: Vec<Option<String>>,
    remarks: Vec<String>,
    /// Number of records so far that could not be read.
    unreadable: u64,
    /// Cache of a recording, which counts the records that were restored.
    cache: Option<Arc<ChunkCache>>,
    is_begun: bool,
}

impl StoreReader {
    /// Returns a reader of all records that the stores have now.
    pub fn new(feeds: impl IntoIterator<Item = (FeedInfo, Store)>) -> Self {
        let (feeds, stores): (Vec<_>, Vec<_>) = feeds.into_iter().unzip();
        let mut records = MergedRecords::default();
        for (feed, store) in stores.into_iter().enumerate() {
            let first = store.extent().first;
            records.add(feed, store, first);
        }
        Self {
            records,
            last_damage: vec![None; feeds.len()],
            feeds,
            remarks: Vec::new(),
            unreadable: 0,
            cache: None,
            is_begun: false,
        }
    }

    /// Opens a recording. One that is compressed, or that comes from a pipe, is copied into a temporary file first,
    /// because its parts are read as they are needed.
    pub(super) fn of_input(mut input: FileInput) -> Result<Self, ReadError> {
        let opened = if let Some(path) = input.plain_path()? {
            open(&[path.to_owned()])
        } else {
            let mut copy = HistoryFolder::usual().temporary_file()?;
            io::copy(input.bytes()?, &mut copy)?;
            open_files([(copy, "the recording".into())])
        };
        let opened = opened.map_err(|error| ReadError::Malformed(error.to_string()))?;
        Ok(Self::of_recording(&opened))
    }

    /// Returns a reader of all feeds of a recording.
    pub fn of_recording(opened: &OpenedRecording) -> Self {
        let feeds = opened.feeds.iter().map(|feed| {
            (
                FeedInfo::of_description(&feed.description),
                feed.store.clone(),
            )
        });
        Self {
            remarks: opened.damage.clone(),
            cache: Some(opened.cache()),
            ..Self::new(feeds)
        }
    }

    /// Number of records so far that were read from copies in the file.
    fn restored(&self) -> u64 {
        let cache = self.cache.as_ref();
        cache.map_or(0, |cache| cache.damaged_rows().restored)
    }
}

impl FeedInfo {
    /// Returns the description of a feed in a recording.
    pub fn of_description(description: &FeedDescription) -> Self {
        Self {
            name: description.name.clone(),
            url: description.url.clone(),
            protocol: FeedProtocol::of_word(&description.protocol),
            engine: description.engine.clone(),
            is_own: true,
            is_named: true,
            started: Timestamp::from_rfc3339(&description.started),
            reading: description.reading.clone(),
        }
    }
}

impl FeedReader for StoreReader {
    fn read(&mut self, out: &mut dyn ItemSink) -> Result<bool, ReadError> {
        if !std::mem::replace(&mut self.is_begun, true) {
            for feed in &self.feeds {
                out.add_feed(feed);
            }
        }
        // A caller checks for an interruption between two reads.
        for _ in 0..RECORDS_A_READ {
            let (last_damage, unreadable) = (&mut self.last_damage, &mut self.unreadable);
            let passed = self.records.with_next(|feed, _row, record| {
                *unreadable += u64::from(is_unreadable(record));
                if is_new(record, &mut last_damage[feed]) {
                    out.push(FileItem::Record {
                        feed,
                        record: record.clone(),
                        extra: "",
                    });
                }
            });
            if passed.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_waiting(&self) -> bool {
        false
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = self.remarks.clone();
        let restored = self.restored();
        remarks.extend((restored > 0).then(|| copies_used(restored)));
        remarks.extend((self.unreadable > 0).then(|| unreadable(self.unreadable)));
        remarks
    }

    fn is_damaged(&self) -> bool {
        self.unreadable > 0 || self.restored() > 0 || !self.remarks.is_empty()
    }
}

/// Returns the sentence about records of a recording that cannot be read.
pub fn unreadable(records: u64) -> String {
    format!(
        "{} cannot be read, because the file is damaged",
        counted(records, "record")
    )
}

/// Returns the sentence about records of a damaged recording that were read from copies.
pub fn copies_used(records: u64) -> String {
    format!(
        "copies in the file replace {}",
        counted(records, "damaged record")
    )
}

/// Returns false for a note about damage that repeats the one before it.
fn is_new(record: &Record<'_>, last_damage: &mut Option<String>) -> bool {
    let Kind::Note {
        code: NoteCode::DAMAGED,
        text,
    } = record.kind
    else {
        *last_damage = None;
        return true;
    };
    let is_new = last_damage.as_deref() != Some(text);
    if is_new {
        *last_damage = Some(text.to_owned());
    }
    is_new
}

/// Maximum number of bytes of records that wait for their chunks to fill, in all feeds together. A file can have hundreds
/// of feeds.
const MAX_PENDING_BYTES: usize = 32 << 20;

/// Writer of a recording.
pub(super) struct NativeWriter<W: Write> {
    blocks: BlockStream<W>,
    feeds: Vec<NativeFeed>,
    /// Maximum size of a chunk.
    chunk_bytes: usize,
    /// Sum over the chunks of the feeds that are not full yet.
    pending_bytes: usize,
    /// Its maximum, which is lower in tests.
    max_pending_bytes: usize,
    /// Number of feeds whose descriptions are in the file.
    described: usize,
    /// Records with members that this version does not know.
    with_more: u64,
    /// Records of kinds that this version does not know.
    unknown: u64,
}

/// Feed of the file.
struct NativeFeed {
    info: FeedInfo,
    /// Time of its first record.
    first: Option<Timestamp>,
    chunk: ChunkBuilder,
}

impl<W: Write> NativeWriter<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            blocks: BlockStream::new(out),
            feeds: Vec::new(),
            chunk_bytes: usize::MAX,
            pending_bytes: 0,
            max_pending_bytes: MAX_PENDING_BYTES,
            described: 0,
            with_more: 0,
            unknown: 0,
        }
    }

    /// Returns a writer of chunks that are not larger than about this size. They are for a file whose feeds are all read at
    /// the same time, because a reader keeps one chunk of each in memory.
    pub(super) fn with_chunk_bytes(self, chunk_bytes: usize) -> Self {
        Self {
            chunk_bytes,
            ..self
        }
    }

    /// Writes the last records and the index. Returns the destination, and remarks on what the file does not contain.
    pub(super) fn complete(mut self) -> Result<(W, Vec<String>), WriteError> {
        // A feed without records has a description too.
        self.describe()?;
        for (number, feed) in (1..).zip(&mut self.feeds) {
            if let Some(chunk) = feed.chunk.take() {
                self.blocks.write_rows(&chunk, number)?;
            }
        }
        let mut remarks = Vec::new();
        if self.with_more > 0 {
            remarks.push(format!(
                "members that this version does not know are left out of {}",
                counted(self.with_more, "record")
            ));
        }
        if self.unknown > 0 {
            remarks.push(format!(
                "{} of unknown kinds became notes",
                counted(self.unknown, "record")
            ));
        }
        Ok((self.blocks.finish()?, remarks))
    }

    /// Writes the descriptions of all feeds that have none yet. A description comes before the records of its feed.
    fn describe(&mut self) -> io::Result<()> {
        for feed in self.feeds.iter().skip(self.described) {
            let FeedInfo {
                name,
                url,
                protocol,
                engine,
                started,
                reading,
                ..
            } = &feed.info;
            // A file of another format does not contain when its recording began.
            let started = started.or(feed.first).unwrap_or_default();
            self.blocks.write_feed(&FeedDescription {
                name: name.clone(),
                url: url.clone(),
                protocol: protocol
                    .unwrap_or(FeedProtocol::EventStream)
                    .word()
                    .to_owned(),
                engine: engine.clone(),
                started: started.to_string(),
                program: concat!("feedscope ", env!("CARGO_PKG_VERSION")).to_owned(),
                reading: reading.clone(),
                ..FeedDescription::default()
            })?;
        }
        self.described = self.feeds.len();
        Ok(())
    }

    fn push(&mut self, feed: usize, record: &Record<'_>) -> Result<(), WriteError> {
        let Some(target) = self.feeds.get_mut(feed) else {
            return Ok(());
        };
        target.first.get_or_insert(record.stamp.utc);
        // The protocol of a feed is known by its first message where the file does not name it.
        if target.info.protocol.is_none() {
            target.info.protocol = protocol_of(&record.kind);
        }
        let before = target.chunk.pending_bytes();
        let full = target.chunk.push(record);
        let full = match full {
            None if target.chunk.pending_bytes() >= self.chunk_bytes => target.chunk.take(),
            full => full,
        };
        self.pending_bytes = self.pending_bytes + target.chunk.pending_bytes() - before;
        if let Some(full) = full {
            // All feeds so far are described together, so that their order stays.
            self.describe()?;
            self.blocks.write_rows(&full, feed as u32 + 1)?;
        }
        if self.pending_bytes > self.max_pending_bytes {
            self.write_largest()?;
        }
        Ok(())
    }

    /// Writes the chunks that are not small among those that are not full, which is at least half of the pending bytes.
    fn write_largest(&mut self) -> io::Result<()> {
        self.describe()?;
        let half_of_average = self.pending_bytes / self.feeds.len().max(1) / 2;
        for (number, feed) in (1..).zip(&mut self.feeds) {
            let bytes = feed.chunk.pending_bytes();
            if bytes >= half_of_average
                && let Some(chunk) = feed.chunk.take()
            {
                self.pending_bytes -= bytes;
                self.blocks.write_rows(&chunk, number)?;
            }
        }
        Ok(())
    }
}

/// Returns the protocol to which a record belongs, where its kind shows it.
pub(super) fn protocol_of(kind: &Kind<'_>) -> Option<FeedProtocol> {
    match kind {
        Kind::Event { .. } | Kind::Comment { .. } | Kind::Retry { .. } => {
            Some(FeedProtocol::EventStream)
        }
        Kind::Text { .. }
        | Kind::Binary { .. }
        | Kind::Ping { .. }
        | Kind::Pong { .. }
        | Kind::Close { .. } => Some(FeedProtocol::WebSocket),
        Kind::Line { .. } => Some(FeedProtocol::Lines),
        Kind::State(_) | Kind::Gap(_) | Kind::Note { .. } => None,
    }
}

impl<W: Write> FeedWriter for NativeWriter<W> {
    fn add_feed(&mut self, feed: &FeedInfo) -> Result<(), WriteError> {
        self.feeds.push(NativeFeed {
            info: feed.clone(),
            first: None,
            chunk: ChunkBuilder::default(),
        });
        Ok(())
    }

    fn write(&mut self, item: &FileItem<'_>, _cells: &[Cell]) -> Result<(), WriteError> {
        match item {
            FileItem::Record {
                feed,
                record,
                extra,
            } => {
                self.with_more += u64::from(!extra.is_empty());
                self.push(*feed, record)
            }
            FileItem::Unknown {
                feed,
                stamp,
                connection,
                kind,
                extra,
            } => {
                self.unknown += 1;
                // The note contains the members as they were written.
                let text = format!("{{{}}}", extra.trim_start_matches(','));
                self.push(
                    *feed,
                    &Record {
                        stamp: *stamp,
                        connection: *connection,
                        kind: Kind::Note {
                            code: NoteCode(kind),
                            text: &text,
                        },
                    },
                )
            }
        }
    }

    fn finish(self: Box<Self>) -> Result<Vec<String>, WriteError> {
        self.complete().map(|(_out, remarks)| remarks)
    }
}

/// Writes the records of a reader into a temporary recording. Returns its file and the remarks.
pub(super) fn import(
    reader: &mut dyn FeedReader,
    is_stopped: &dyn Fn() -> bool,
) -> Result<(File, Vec<String>), ImportError> {
    let file = HistoryFolder::usual()
        .temporary_file()
        .map_err(WriteError::Io)?;
    let mut target = ImportTarget {
        writer: NativeWriter::new(io::BufWriter::new(file)),
        failure: None,
    };
    loop {
        if is_stopped() {
            return Err(ImportError::Stopped);
        }
        let more = reader.read(&mut target);
        // An item that could not be written ends the import at once.
        if let Some(error) = target.failure {
            return Err(error.into());
        }
        if !more? {
            break;
        }
    }
    let (file, mut remarks) = target.writer.complete()?;
    let file = file
        .into_inner()
        .map_err(|error| WriteError::Io(error.into_error()))?;
    remarks.extend(reader.remarks());
    Ok((file, remarks))
}

/// Reason that a file could not be imported.
#[derive(Debug)]
pub(super) enum ImportError {
    Read(ReadError),
    Write(WriteError),
    Stopped,
}

impl From<ReadError> for ImportError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl From<WriteError> for ImportError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

/// Taker of the items of a file that is imported.
struct ImportTarget<W: Write> {
    writer: NativeWriter<W>,
    failure: Option<WriteError>,
}

impl<W: Write> ItemSink for ImportTarget<W> {
    fn add_feed(&mut self, feed: &FeedInfo) {
        if self.failure.is_none() {
            self.failure = self.writer.add_feed(feed).err();
        }
    }

    fn push(&mut self, item: FileItem<'_>) {
        if self.failure.is_none() {
            self.failure = self.writer.write(&item, &[]).err();
        }
    }
}

#[cfg(test)]
mod tests;
