//! Tail blocks as copies of the rows of chunks. They serve where a chunk is damaged.
//!
//! A file keeps the tail blocks of a chunk in front of it, but its index leaves them out. They are looked for when the
//! first damaged chunk is found, so that an intact file is opened as fast as without them.

use std::ops::Range;
use std::sync::Arc;

use feedscope_core::store::{BlockHeader, BlockSource, RowNumber};
use parking_lot::Mutex;

use super::block::{ALIGNMENT, SmallHeader};
use super::bytes::{RecordingFile, Window};
use super::scan::BlockScan;

/// Maximum number of bytes between two chunks that are searched for the next block after a damaged one.
const MOST_SEARCHED: u64 = 1 << 20;

/// Blocks of one file, with the tail blocks that contain rows of its chunks again.
pub(super) struct RecordingBlocks {
    file: Arc<RecordingFile>,
    copies: Mutex<Copies>,
}

#[derive(Default)]
struct Copies {
    /// Bytes of the chunks, in the order of the file. Tail blocks are between them.
    chunks: Vec<Range<u64>>,
    /// Tail blocks by feed and first row; `None` before they are needed.
    tails: Option<Vec<TailPlace>>,
}

/// Place of a tail block. A file may have a million of them, so that only the necessary part of the header is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct TailPlace {
    feed: u32,
    first_row: RowNumber,
    rows: u32,
    at: u64,
}

impl RecordingBlocks {
    pub(super) fn new(file: Arc<RecordingFile>) -> Self {
        Self {
            file,
            copies: Mutex::default(),
        }
    }

    /// Takes the places of the chunks, between which tail blocks are looked for.
    pub(super) fn set_chunks(&self, scan: &BlockScan) {
        let chunks = scan
            .blocks
            .iter()
            .filter(|block| !block.header.tags().is_tail);
        let chunks: Vec<Range<u64>> = chunks
            .map(|block| block.at..block.at.saturating_add(block.header.block_len()))
            .collect();
        let mut copies = self.copies.lock();
        if copies.chunks != chunks {
            *copies = Copies {
                chunks,
                tails: None,
            };
        }
    }
}

impl BlockSource for RecordingBlocks {
    fn read(&self, at: u64, len: usize) -> Result<Vec<u8>, String> {
        self.file.read_block(at, len)
    }

    fn copies(&self, at: u64, header: &BlockHeader) -> Vec<u64> {
        let feed = header.tags().feed;
        let mut copies = self.copies.lock();
        let Copies { chunks, tails } = &mut *copies;
        let tails = tails.get_or_insert_with(|| tails_between(&self.file, chunks));
        let first = (feed, header.first_row());
        let start = tails.partition_point(|tail| (tail.feed, tail.first_row) < first);
        let of_rows = tails[start..]
            .iter()
            .take_while(|tail| tail.feed == feed && tail.first_row < header.end_row());
        // A tail block after the chunk has other rows, or newer ones that count instead of those of the chunk.
        of_rows
            .filter(|tail| tail.end_row() <= header.end_row() && tail.at < at)
            .map(|tail| tail.at)
            .collect()
    }
}

impl TailPlace {
    fn end_row(&self) -> RowNumber {
        self.first_row + u64::from(self.rows)
    }
}

/// Returns the tail blocks in front of these chunks, by feed and first row.
fn tails_between(file: &RecordingFile, chunks: &[Range<u64>]) -> Vec<TailPlace> {
    let mut tails = Vec::new();
    let mut at = 0;
    for chunk in chunks {
        if at < chunk.start {
            add_tails(file, at..chunk.start, &mut tails);
        }
        // The places of a foreign file may be in any order. No byte is looked at twice.
        at = at.max(chunk.end);
    }
    tails.sort_unstable();
    tails
}

/// Adds the tail blocks among these bytes, by their headers.
fn add_tails(file: &RecordingFile, bytes: Range<u64>, tails: &mut Vec<TailPlace>) {
    let mut window = Window::new(file);
    let mut at = bytes.start;
    let mut searched = 0;
    while at < bytes.end && searched <= MOST_SEARCHED {
        // A part of the file that cannot be read has no copies.
        let Ok(head) = window.bytes(at, BlockHeader::LEN) else {
            return;
        };
        let len = if let Ok(header) = BlockHeader::decode(head) {
            let tags = header.tags();
            if tags.is_tail {
                tails.push(TailPlace {
                    feed: tags.feed,
                    first_row: header.first_row(),
                    rows: header.row_count(),
                    at,
                });
            }
            header.block_len()
        } else if let Ok(header) = SmallHeader::decode(head) {
            header.block_len()
        } else {
            // The next block after a damaged one begins at some multiple of the alignment.
            searched += ALIGNMENT;
            ALIGNMENT
        };
        at = at.saturating_add(len);
    }
}
