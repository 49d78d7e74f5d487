//! Recording that is written in one go to any destination, such as a file that gets its name when it is complete.

use std::hash::BuildHasher as _;
use std::io::{self, Write};

use feedscope_core::store::{BlockHeader, BlockTags, Chunk};

use super::block::{FeedDescription, IndexEntry, index};

/// Writer of the blocks of a recording. There are no tail blocks, because nothing is left of an incomplete file.
pub(crate) struct BlockStream<W> {
    out: W,
    at: u64,
    entries: Vec<IndexEntry>,
    clock_domain: u64,
    feeds: u32,
}

impl<W: Write> BlockStream<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            at: 0,
            entries: Vec::new(),
            clock_domain: new_clock_domain(),
            feeds: 0,
        }
    }

    /// Writes the description of a feed. Feeds are numbered from 1.
    pub(crate) fn write_feed(&mut self, description: &FeedDescription) -> io::Result<u32> {
        self.feeds += 1;
        let block = FeedDescription {
            feed: self.feeds,
            ..description.clone()
        }
        .to_block();
        self.append(&[&block], None)?;
        Ok(self.feeds)
    }

    /// Writes the records of a chunk as one block of a feed.
    pub(crate) fn write_rows(&mut self, chunk: &Chunk, feed: u32) -> io::Result<()> {
        let tags = BlockTags {
            feed,
            is_tail: false,
            clock_domain: self.clock_domain,
        };
        let block = chunk.block_with(tags);
        let parts: Vec<&[u8]> = block.parts().collect();
        let rows = parts
            .first()
            .and_then(|head| BlockHeader::decode(head).ok());
        self.append(&parts, rows)
    }

    /// Writes the index and the trailer.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let index = index(&self.entries, self.at);
        self.out.write_all(&index)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn append(&mut self, parts: &[&[u8]], rows: Option<BlockHeader>) -> io::Result<()> {
        let at = self.at;
        self.entries.push(IndexEntry { at, rows });
        for part in parts {
            self.out.write_all(part)?;
            self.at += part.len() as u64;
        }
        Ok(())
    }
}

/// Returns a random clock domain, so that the moments of two recordings are never compared.
pub(super) fn new_clock_domain() -> u64 {
    std::hash::RandomState::new().hash_one(std::process::id()) | 1
}
