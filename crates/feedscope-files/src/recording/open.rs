//! Opened recordings: a store for each feed, whose records stay in the files until a reader needs them.
//!
//! Several files, and several sessions in one file, are placed by their time in UTC. Feeds of the same name are one feed,
//! whose sessions are put one after the other. The records of a feed are numbered from 0, and the moments of all feeds
//! count from the earliest record.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use feedscope_core::note_code::{DAMAGED, NOT_RECORDED, TORN_END};
use feedscope_core::store::{
    BlockHeader, BlockPlace, BlockSource, Chunk, ChunkCache, DistantChunk, RowNumber, Store,
    StoredChunk,
};
use feedscope_core::{Kind, Moment, Record, Stamp};

use super::block::FeedDescription;
use super::bytes::RecordingFile;
use super::scan::{Scan, ScanError};

/// Size of the cache for blocks that were read, for all files of one opening together.
const CACHE_BYTES: u64 = 64 << 20;

/// Memory for blocks of which only a part counts, because a later block contains the other rows again.
const MOST_TRIMMED_BYTES: u64 = 64 << 20;

/// Feeds of one or several recordings.
pub struct OpenedRecording {
    /// Feeds, in the order in which they joined.
    pub feeds: Vec<OpenedFeed>,
    /// End of the last file.
    pub ending: Ending,
    /// Sentences about bytes inside the files that cannot be read.
    pub damage: Vec<String>,
    files: Vec<Source>,
    cache: Arc<ChunkCache>,
}

/// Feed of a recording.
#[derive(Clone)]
pub struct OpenedFeed {
    /// Description of its newest session.
    pub description: FeedDescription,
    /// File with its newest session.
    pub path: PathBuf,
    /// Its records.
    pub store: Store,
    /// Headers of its blocks, in order, with the numbers and moments that the records have in the store.
    pub headers: Arc<[BlockHeader]>,
}

/// End of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The recording was ended.
    Clean,
    /// A program is writing the file.
    BeingWritten,
    /// The recording was not ended, or its end is lost.
    Torn {
        /// Bytes at the end that form no whole block.
        bytes: u64,
    },
}

/// Reason that a recording cannot be opened.
#[derive(Debug)]
pub struct OpenError {
    path: PathBuf,
    why: ScanError,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.why {
            ScanError::Io(error) => write!(f, "{path}: {error}"),
            ScanError::NotARecording => write!(f, "{path}: it is not a recording of Feedscope"),
            ScanError::LaterVersion(what) => write!(f, "{path}: {what}"),
        }
    }
}

impl std::error::Error for OpenError {}

/// File with the blocks found in it.
struct Source {
    file: Arc<RecordingFile>,
    scan: Scan,
    ending: Ending,
}

/// Opens recordings. Only headers are read.
///
/// # Errors
///
/// Fails if a file cannot be read, is not a recording, or is of a later version.
pub fn open(paths: &[PathBuf]) -> Result<OpenedRecording, OpenError> {
    let files = paths.iter().map(|path| {
        let file = RecordingFile::open(path).map_err(|error| OpenError {
            path: path.clone(),
            why: error.into(),
        })?;
        Source::open(file)
    });
    Ok(arranged(files.collect::<Result<_, _>>()?))
}

/// Opens recordings in files that are open already. The paths are only names for people.
///
/// # Errors
///
/// Fails if a file cannot be read, is not a recording, or is of a later version.
pub fn open_files(
    files: impl IntoIterator<Item = (File, PathBuf)>,
) -> Result<OpenedRecording, OpenError> {
    let files = files
        .into_iter()
        .map(|(file, path)| Source::open(RecordingFile::of_file(file, &path)));
    Ok(arranged(files.collect::<Result<_, _>>()?))
}

/// Puts the files in the order of their first records, and opens their feeds.
fn arranged(mut files: Vec<Source>) -> OpenedRecording {
    // Files may be named in any order. A file without records counts as the oldest.
    files.sort_by_key(|source| {
        source
            .scan
            .blocks
            .first()
            .map(|block| block.header.first().utc)
    });
    OpenedRecording::of_files(files, Arc::new(ChunkCache::new(CACHE_BYTES)))
}

impl Source {
    fn open(file: RecordingFile) -> Result<Self, OpenError> {
        let path = file.path().to_owned();
        let failed = |why: ScanError| OpenError {
            path: path.clone(),
            why,
        };
        let scan = Scan::of_file(&file).map_err(failed)?;
        let mut source = Self {
            file: Arc::new(file),
            scan,
            ending: Ending::Clean,
        };
        source.check_end().map_err(failed)?;
        Ok(source)
    }

    /// Finds out how the file ends.
    fn check_end(&mut self) -> Result<(), ScanError> {
        self.ending = if self.scan.is_clean && self.scan.torn_bytes() == 0 {
            Ending::Clean
        } else if self.file.is_being_written() {
            Ending::BeingWritten
        } else {
            self.scan.check_end(&self.file)?;
            Ending::Torn {
                bytes: self.scan.torn_bytes(),
            }
        };
        Ok(())
    }
}

impl OpenedRecording {
    /// Reads what was added to the files, and opens the feeds again. Records that were there keep their numbers.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read any more.
    pub fn refresh(&mut self) -> Result<(), OpenError> {
        let mut files = std::mem::take(&mut self.files);
        for source in &mut files {
            let added = source.scan.go_on(&source.file);
            added
                .and_then(|()| source.check_end())
                .map_err(|why| OpenError {
                    path: source.file.path().to_owned(),
                    why,
                })?;
        }
        *self = Self::of_files(files, Arc::clone(&self.cache));
        Ok(())
    }

    fn of_files(files: Vec<Source>, cache: Arc<ChunkCache>) -> Self {
        let mut assembly = Assembly {
            clocks: Clocks::default(),
            cache: Arc::clone(&cache),
            feeds: Vec::new(),
            damage: Vec::new(),
            trimmed_bytes: 0,
        };
        for source in &files {
            assembly.add(source);
        }
        let ending = files.last().map_or(Ending::Clean, |source| source.ending);
        let Assembly { feeds, damage, .. } = assembly;
        Self {
            feeds: feeds.into_iter().map(FeedAssembly::finish).collect(),
            ending,
            damage,
            files,
            cache,
        }
    }
}

/// Places of all clocks on one time line, in microseconds since the earliest record.
#[derive(Default)]
struct Clocks {
    /// Shift of the moments of each clock.
    shifts: BTreeMap<u64, i64>,
    /// UTC of the earliest record.
    origin: Option<i64>,
    /// Moment before which no session of a clock begins: the end of the earlier sessions of its feeds.
    floors: BTreeMap<u64, i64>,
}

impl Clocks {
    /// Returns the shift of the moments of a block.
    fn shift(&mut self, blocks: &[super::scan::RowsBlock], header: &BlockHeader) -> i64 {
        let domain = header.tags().clock_domain;
        if let Some(&shift) = self.shifts.get(&domain) {
            return shift;
        }
        let of_domain = blocks
            .iter()
            .map(|block| &block.header)
            .filter(|other| other.tags().clock_domain == domain);
        let first = of_domain
            .map(BlockHeader::first)
            .min_by_key(|stamp| stamp.moment)
            .unwrap_or(header.first());
        let origin = *self.origin.get_or_insert(first.utc.as_micros());
        // A session never begins before the one of the same feed in front of it ends, whatever the wall clock did between
        // them. Sessions of different feeds may be at the same time.
        let floor = self.floors.get(&domain).copied().unwrap_or_default();
        let begin = first.utc.as_micros().saturating_sub(origin).max(floor);
        let shift = begin.saturating_sub(micros(first.moment));
        self.shifts.insert(domain, shift);
        shift
    }
}

fn micros(moment: Moment) -> i64 {
    (moment.as_nanos() / 1_000) as i64
}

/// Feeds that are being put together.
struct Assembly {
    clocks: Clocks,
    cache: Arc<ChunkCache>,
    feeds: Vec<FeedAssembly>,
    damage: Vec<String>,
    trimmed_bytes: u64,
}

/// Feed that is being put together.
struct FeedAssembly {
    description: FeedDescription,
    path: PathBuf,
    chunks: Vec<StoredChunk>,
    headers: Vec<BlockHeader>,
    end: RowNumber,
    /// Stamp of the last record.
    last: Stamp,
}

/// Rows of a block that no later block contains.
struct Piece {
    at: u64,
    header: BlockHeader,
    rows: Range<RowNumber>,
}

impl Assembly {
    /// Adds the feeds of a file behind those of the files before it.
    fn add(&mut self, source: &Source) {
        let scan = &source.scan;
        for range in &scan.damage {
            self.damage.push(format!(
                "{}: bytes {} to {} cannot be read",
                source.file.path().display(),
                range.start,
                range.end
            ));
        }
        // Feeds in the order in which they joined; blocks of a feed that is not described form a feed of their own.
        let mut numbers: Vec<u32> = Vec::new();
        let described = scan.feeds.iter().map(|(_, description)| description.feed);
        let in_blocks = scan.blocks.iter().map(|block| block.header.tags().feed);
        let mut seen = std::collections::HashSet::new();
        for number in described.chain(in_blocks) {
            if seen.insert(number) {
                numbers.push(number);
            }
        }
        self.set_floors(scan);
        let mut pieces = pieces(scan);
        let mut newest: Option<(Stamp, usize)> = None;
        for number in numbers {
            let description = description_of(scan, number);
            let mut expected = RowNumber(description.first_row);
            let at = self.feed_named(description, source.file.path());
            let mut before = 0;
            for (_, piece) in pieces.remove(&number).unwrap_or_default() {
                if piece.rows.start > expected {
                    self.add_missing(at, scan, expected..piece.rows.start, before..piece.at);
                }
                expected = piece.rows.end;
                before = piece.at;
                self.add_piece(at, source, &piece);
            }
            let last = self.feeds[at].last;
            if newest.is_none_or(|(stamp, _)| last.moment >= stamp.moment) {
                newest = Some((last, at));
            }
        }
        if let (Ending::Torn { bytes }, Some((_, at))) = (source.ending, newest) {
            let text = match bytes {
                0 => "the recording was not ended: records of its last second may be missing"
                    .to_owned(),
                bytes => format!(
                    "the recording was not ended: its last {bytes} bytes form no whole block and are left out"
                ),
            };
            self.feeds[at].add_note(TORN_END, &text);
        }
    }

    /// Adds a note about rows that are in no block. Between the bytes of the blocks around them, there may be damage.
    fn add_missing(&mut self, at: usize, scan: &Scan, rows: Range<RowNumber>, between: Range<u64>) {
        let count = rows.end - rows.start;
        let is_between =
            |damage: &&Range<u64>| damage.start >= between.start && damage.start < between.end;
        let (code, text) = if let Some(damage) = scan.damage.iter().find(is_between) {
            let text = format!(
                "{count} records are missing, because bytes {} to {} of the file cannot be read",
                damage.start, damage.end
            );
            (DAMAGED, text)
        } else {
            let text = format!("{count} records were not recorded, because the disk was too slow");
            (NOT_RECORDED, text)
        };
        self.feeds[at].add_note(code, &text);
    }

    /// Finds out for each clock of a file when the earlier sessions of its feeds end.
    fn set_floors(&mut self, scan: &Scan) {
        if self.feeds.is_empty() {
            return;
        }
        let tags = scan.blocks.iter().map(|block| block.header.tags());
        let of_clocks: BTreeSet<_> = tags.map(|tags| (tags.feed, tags.clock_domain)).collect();
        for (feed, clock) in of_clocks {
            let Some(at) = self.known(&description_of(scan, feed)) else {
                continue;
            };
            let end = micros(self.feeds[at].last.moment);
            let floor = self.clocks.floors.entry(clock).or_default();
            *floor = end.max(*floor);
        }
    }

    /// Returns the feed with the name and the protocol of a description.
    fn known(&self, description: &FeedDescription) -> Option<usize> {
        self.feeds.iter().position(|feed| {
            feed.description.name == description.name
                && feed.description.protocol == description.protocol
        })
    }

    /// Returns the feed of this name, which is made where it is new.
    fn feed_named(&mut self, description: FeedDescription, path: &Path) -> usize {
        if let Some(at) = self.known(&description) {
            self.feeds[at].description = description;
            path.clone_into(&mut self.feeds[at].path);
            return at;
        }
        self.feeds.push(FeedAssembly {
            description,
            path: path.to_owned(),
            chunks: Vec::new(),
            headers: Vec::new(),
            end: RowNumber(0),
            last: Stamp::default(),
        });
        self.feeds.len() - 1
    }

    fn add_piece(&mut self, at: usize, source: &Source, piece: &Piece) {
        let shift = self.clocks.shift(&source.scan.blocks, &piece.header);
        let feed = &mut self.feeds[at];
        let Piece { header, rows, .. } = piece;
        let block_source: Arc<dyn BlockSource> = Arc::<RecordingFile>::clone(&source.file);
        let is_whole = *rows == (header.first_row()..header.end_row());
        let distant = DistantChunk::new(
            *header,
            BlockPlace {
                source: block_source,
                at: piece.at,
                cache: Arc::clone(&self.cache),
                // The rows of a part keep the numbers of the block until they are cut out.
                first_row: if is_whole {
                    feed.end
                } else {
                    header.first_row()
                },
                moment_shift_micros: shift,
            },
        );
        if is_whole {
            feed.headers.push(*distant.header());
            feed.last = distant.header().last();
            feed.end = distant.end_row();
            feed.chunks.push(distant.into());
            return;
        }
        // Only a damaged or a foreign file has such blocks, so that a small memory is enough for them.
        self.trimmed_bytes += header.block_len();
        let part = match distant.read() {
            Ok(chunk) if self.trimmed_bytes <= MOST_TRIMMED_BYTES => {
                chunk.part_numbered(rows.clone(), feed.end)
            }
            _ => None,
        };
        if let Some(chunk) = part {
            feed.last = distant.header().last();
            feed.end = chunk.end_row();
            feed.chunks.push(chunk.into());
        } else {
            let count = rows.end - rows.start;
            let text = format!("{count} records at byte {} cannot be read", piece.at);
            let path = source.file.path().display();
            self.damage.push(format!("{path}: {text}"));
            feed.add_note(DAMAGED, &text);
        }
    }
}

impl FeedAssembly {
    /// Adds a note of the reader, at the time of the record before it.
    fn add_note(&mut self, code: &str, text: &str) {
        // The connection is known only from a record, which is worth a read in these rare cases.
        let connection = self.chunks.last().map_or(1, |chunk| {
            let chunk = chunk.load();
            chunk.last_connection().unwrap_or(1)
        });
        let note = Record {
            stamp: self.last,
            connection,
            kind: Kind::Note { code, text },
        };
        let chunk = Chunk::of_records(self.end, [note]);
        self.end = chunk.end_row();
        self.chunks.push(chunk.into());
    }

    fn finish(self) -> OpenedFeed {
        let store = Store::of_chunks(self.chunks).unwrap_or_else(|_gap| {
            // Each chunk was numbered from the end of the one before it.
            Store::new(0).1
        });
        OpenedFeed {
            description: self.description,
            path: self.path,
            store,
            headers: self.headers.into(),
        }
    }
}

/// Returns the description of a feed, or one with the little that its blocks contain.
fn description_of(scan: &Scan, number: u32) -> FeedDescription {
    let mut described = scan.feeds.iter().map(|(_, description)| description);
    let described = described.find(|description| description.feed == number);
    described.cloned().unwrap_or_else(|| FeedDescription {
        feed: number,
        name: format!("feed-{number}"),
        protocol: "event-stream".to_owned(),
        ..FeedDescription::default()
    })
}

/// Returns the rows of each feed by their first row: of two blocks with common rows, the later one counts.
fn pieces(scan: &Scan) -> BTreeMap<u32, BTreeMap<RowNumber, Piece>> {
    let mut feeds: BTreeMap<u32, BTreeMap<RowNumber, Piece>> = BTreeMap::new();
    for block in &scan.blocks {
        let header = block.header;
        let (first, end) = (header.first_row(), header.end_row());
        if first == end {
            continue;
        }
        let pieces = feeds.entry(header.tags().feed).or_default();
        // The last piece that begins before the block may reach into it, and even beyond it.
        if let Some((_, before)) = pieces.range_mut(..first).next_back()
            && before.rows.end > first
        {
            let rest = end..before.rows.end;
            before.rows.end = first;
            if rest.start < rest.end {
                let rest = Piece {
                    at: before.at,
                    header: before.header,
                    rows: rest,
                };
                pieces.insert(end, rest);
            }
        }
        while let Some((&begin, _)) = pieces.range(first..end).next() {
            if let Some(mut covered) = pieces.remove(&begin)
                && covered.rows.end > end
            {
                covered.rows.start = end;
                pieces.insert(end, covered);
            }
        }
        let piece = Piece {
            at: block.at,
            header,
            rows: first..end,
        };
        pieces.insert(first, piece);
    }
    feeds
}
