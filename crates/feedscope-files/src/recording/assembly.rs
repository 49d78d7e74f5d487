//! Feeds of several files, put together from the blocks that count, in the order of their sessions.
//!
//! Records that no block has are replaced by notes. Only a block of which a part counts is read.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use feedscope_core::connection::{ConnectionState, StateChange};
use feedscope_core::numbers::counted;
use feedscope_core::store::{
    BlockHeader, BlockPlace, BlockSource, Chunk, ChunkCache, DistantChunk, RowNumber, Store,
    StoredChunk,
};
use feedscope_core::{Kind, NoteCode, Record, Stamp};

use super::block::FeedDescription;
use super::clocks::{Clocks, micros};
use super::copies::RecordingBlocks;
use super::pieces::{Piece, pieces};
use super::scan::{BlockScan, RowsBlock};
use super::source::{RecordingEnd, RecordingSource};

/// Memory for blocks of which only a part counts, because a later block contains the other rows again.
const MOST_TRIMMED_BYTES: u64 = 64 << 20;

/// Feed of a recording.
#[derive(Clone)]
pub struct OpenedFeed {
    /// Description of its newest session.
    pub description: FeedDescription,
    /// File with its newest session.
    pub path: PathBuf,
    /// Its records.
    pub store: Store,
    /// Number of whole blocks that its records are in.
    pub blocks: usize,
}

/// Feeds that are being put together.
pub(super) struct Assembly {
    pub(super) feeds: Vec<FeedAssembly>,
    pub(super) damage: Vec<String>,
    clocks: Clocks,
    cache: Arc<ChunkCache>,
    trimmed_bytes: u64,
    /// Places of the feeds, because a damaged file may describe any number of them.
    places: HashMap<FeedKey, usize>,
    /// Names of the feeds, each with the next number for a feed that has the same name.
    names: HashMap<String, u64>,
}

/// Properties that all descriptions of one feed have in common: name, protocol and URL. Feeds of two servers often have
/// the same name, because it is the end of a URL's path.
type FeedKey = (String, String, Option<String>);

fn key_of(description: &FeedDescription) -> FeedKey {
    (
        description.name.clone(),
        description.protocol.clone(),
        description.url.clone(),
    )
}

/// Feed that is being put together.
pub(super) struct FeedAssembly {
    description: FeedDescription,
    path: PathBuf,
    chunks: Vec<StoredChunk>,
    blocks: usize,
    end: RowNumber,
    /// Stamp of the last record.
    last: Stamp,
    /// Clock of the last block. Each session has one of its own.
    clock_domain: Option<u64>,
}

impl Assembly {
    pub(super) fn new(cache: Arc<ChunkCache>) -> Self {
        Self {
            feeds: Vec::new(),
            damage: Vec::new(),
            clocks: Clocks::default(),
            cache,
            trimmed_bytes: 0,
            places: HashMap::new(),
            names: HashMap::new(),
        }
    }

    /// Adds the feeds of a file behind those of the files before it.
    pub(super) fn add(&mut self, source: &RecordingSource) {
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
        let mut seen = HashSet::new();
        for number in described.chain(in_blocks) {
            if seen.insert(number) {
                numbers.push(number);
            }
        }
        let descriptions = Descriptions::of(scan);
        self.set_floors(scan, &descriptions);
        self.clocks.note_first_records(&scan.blocks);
        source.blocks.set_chunks(scan);
        let mut pieces = pieces(scan);
        let torn = torn_rows(scan);
        let mut torn_records = 0;
        let mut newest: Option<(Stamp, usize)> = None;
        for number in numbers {
            let description = descriptions.of_feed(number);
            let mut expected = RowNumber(description.first_row);
            let at = self.feed_of(description, source.file.path());
            let mut before = 0;
            for (_, piece) in pieces.remove(&number).unwrap_or_default() {
                let RowsBlock { at: begin, header } = &scan.blocks[piece.block];
                let begin = *begin;
                self.begin_session(at, header);
                if piece.rows.start > expected {
                    self.add_missing(at, scan, expected..piece.rows.start, before..begin);
                }
                expected = piece.rows.end;
                before = begin;
                self.add_piece(at, source, &piece);
            }
            if let Some(rows) = torn.get(&number) {
                let lost = rows.end.since(expected.max(rows.start));
                torn_records = u64::saturating_add(torn_records, lost);
            }
            let last = self.feeds[at].last;
            if newest.is_none_or(|(stamp, _)| last.moment >= stamp.moment) {
                newest = Some((last, at));
            }
        }
        if let (RecordingEnd::Torn { bytes }, Some((_, at))) = (source.ending, newest) {
            let text = match bytes {
                0 => "the recording was not ended: records of its last second may be missing"
                    .to_owned(),
                bytes => format!(
                    "the recording was not ended: its last {bytes} bytes form no whole block and are left out"
                ),
            };
            let text = match torn_records {
                0 => text,
                records => format!("{text}, with {}", counted(records, "record")),
            };
            self.feeds[at].add_note(NoteCode::TORN_END, &text);
        }
    }

    /// Adds a record about the time between two sessions of a feed, of which nothing is known.
    fn begin_session(&mut self, at: usize, header: &BlockHeader) {
        let shift = self.clocks.shift(header);
        let clock_domain = header.tags().clock_domain;
        let feed = &mut self.feeds[at];
        let before = feed.clock_domain.replace(clock_domain);
        if before.is_none_or(|before| before == clock_domain) {
            return;
        }
        let begin = micros(header.first().moment).saturating_add(shift);
        let between = begin.saturating_sub(micros(feed.last.moment)).max(0);
        let between = Duration::from_micros(between as u64);
        feed.add(Kind::State(StateChange {
            reason: Some(unrecorded(between)),
            ..StateChange::to(ConnectionState::Idle)
        }));
    }

    /// Adds a note about rows that are in no block. Between the bytes of the blocks around them, there may be damage.
    fn add_missing(
        &mut self,
        at: usize,
        scan: &BlockScan,
        rows: Range<RowNumber>,
        between: Range<u64>,
    ) {
        let count = rows.end - rows.start;
        // Damage is in the order of the file.
        let next = scan
            .damage
            .partition_point(|damage| damage.start < between.start);
        let damage = scan
            .damage
            .get(next)
            .filter(|damage| damage.start < between.end);
        let (code, text) = if let Some(damage) = damage {
            let text = format!(
                "{count} records are missing, because bytes {} to {} of the file cannot be read",
                damage.start, damage.end
            );
            (NoteCode::DAMAGED, text)
        } else {
            let text = format!("{count} records were not recorded, because the disk was too slow");
            (NoteCode::NOT_RECORDED, text)
        };
        self.feeds[at].add_note(code, &text);
    }

    /// Finds out for each clock of a file when the earlier sessions of its feeds end.
    fn set_floors(&mut self, scan: &BlockScan, descriptions: &Descriptions) {
        if self.feeds.is_empty() {
            return;
        }
        let tags = scan.blocks.iter().map(|block| block.header.tags());
        let of_clocks: BTreeSet<_> = tags.map(|tags| (tags.feed, tags.clock_domain)).collect();
        for (feed, clock) in of_clocks {
            let Some(at) = self.known(&descriptions.of_feed(feed)) else {
                continue;
            };
            let end = micros(self.feeds[at].last.moment);
            let floor = self.clocks.floors.entry(clock).or_default();
            *floor = end.max(*floor);
        }
    }

    /// Returns the feed of a description.
    fn known(&self, description: &FeedDescription) -> Option<usize> {
        self.places.get(&key_of(description)).copied()
    }

    /// Returns the feed of a description. If it is new, it gets a name that no other feed has.
    fn feed_of(&mut self, mut description: FeedDescription, path: &Path) -> usize {
        if let Some(at) = self.known(&description) {
            let feed = &mut self.feeds[at];
            description.name.clone_from(&feed.description.name);
            feed.description = description;
            path.clone_into(&mut feed.path);
            return at;
        }
        self.places.insert(key_of(&description), self.feeds.len());
        description.name = self.free_name(&description.name);
        self.feeds.push(FeedAssembly {
            description,
            path: path.to_owned(),
            chunks: Vec::new(),
            blocks: 0,
            end: RowNumber(0),
            last: Stamp::default(),
            clock_domain: None,
        });
        self.feeds.len() - 1
    }

    /// Returns this name, with a number if another feed has it.
    fn free_name(&mut self, name: &str) -> String {
        let mut free = name.to_owned();
        while self.names.contains_key(&free)
            && let Some(number) = self.names.get_mut(name)
        {
            free = format!("{name}-{number}");
            *number += 1;
        }
        self.names.insert(free.clone(), 2);
        free
    }

    fn add_piece(&mut self, at: usize, source: &RecordingSource, piece: &Piece) {
        let RowsBlock {
            at: begin,
            ref header,
        } = source.scan.blocks[piece.block];
        let shift = self.clocks.shift(header);
        let feed = &mut self.feeds[at];
        let rows = &piece.rows;
        let block_source: Arc<dyn BlockSource> = Arc::<RecordingBlocks>::clone(&source.blocks);
        let is_whole = *rows == (header.first_row()..header.end_row());
        let distant = DistantChunk::new(
            *header,
            BlockPlace {
                source: block_source,
                at: begin,
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
            feed.blocks += 1;
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
            let text = format!("{count} records at byte {begin} cannot be read");
            let path = source.file.path().display();
            self.damage.push(format!("{path}: {text}"));
            feed.add_note(NoteCode::DAMAGED, &text);
        }
    }
}

impl FeedAssembly {
    /// Adds a note of the reader, at the time of the record before it.
    fn add_note(&mut self, code: NoteCode<'_>, text: &str) {
        self.add(Kind::Note { code, text });
    }

    /// Adds a record of the reader, at the time of the record before it.
    fn add(&mut self, kind: Kind<'_>) {
        // The connection is known only from a record, which is worth a read in these rare cases.
        let connection = self.chunks.last().map_or(1, |chunk| {
            let chunk = chunk.load();
            chunk.last_connection().unwrap_or(1)
        });
        let record = Record {
            stamp: self.last,
            connection,
            kind,
        };
        let chunk = Chunk::of_records(self.end, [record]);
        self.end = chunk.end_row();
        self.chunks.push(chunk.into());
    }

    pub(super) fn finish(self) -> OpenedFeed {
        let store = Store::of_chunks(self.chunks).unwrap_or_else(|_gap| {
            // Each chunk was numbered from the end of the one before it.
            Store::new(0).1
        });
        OpenedFeed {
            description: self.description,
            path: self.path,
            store,
            blocks: self.blocks,
        }
    }
}

/// Returns the rows of each feed in damaged blocks at the end of a file.
fn torn_rows(scan: &BlockScan) -> HashMap<u32, Range<RowNumber>> {
    let mut torn: HashMap<u32, Range<RowNumber>> = HashMap::new();
    for RowsBlock { header, .. } in &scan.torn {
        let (first, end) = (header.first_row(), header.end_row());
        let rows = torn.entry(header.tags().feed).or_insert(first..end);
        *rows = rows.start.min(first)..rows.end.max(end);
    }
    torn
}

/// Returns the sentence about the time between two sessions, to the second.
fn unrecorded(between: Duration) -> String {
    let seconds = between.as_secs();
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let length = match (hours, minutes) {
        _ if seconds == 0 => return "another recording begins".to_owned(),
        (0, 0) => format!("{rest} s"),
        (0, _) => format!("{minutes} min {rest} s"),
        _ => format!("{hours} h {minutes} min"),
    };
    format!("nothing was recorded for {length}")
}

/// Descriptions in a file by the number of their feed. The first one of a feed counts, with the reading of the last one.
struct Descriptions {
    of_feeds: HashMap<u32, FeedDescription>,
}

impl Descriptions {
    fn of(scan: &BlockScan) -> Self {
        let mut of_feeds: HashMap<u32, FeedDescription> = HashMap::new();
        for (_, description) in &scan.feeds {
            let found = of_feeds.entry(description.feed);
            found
                .and_modify(|first| first.reading.clone_from(&description.reading))
                .or_insert_with(|| description.clone());
        }
        Self { of_feeds }
    }

    /// Returns the description of a feed, or one with the little that its blocks contain.
    fn of_feed(&self, number: u32) -> FeedDescription {
        let described = self.of_feeds.get(&number);
        described.cloned().unwrap_or_else(|| FeedDescription {
            feed: number,
            name: format!("feed-{number}"),
            protocol: "event-stream".to_owned(),
            ..FeedDescription::default()
        })
    }
}
