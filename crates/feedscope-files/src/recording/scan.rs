//! Blocks of a file, found by its index or by reading one header after the other. Reads no record.

use std::collections::HashMap;
use std::io;
use std::ops::Range;

use feedscope_core::store::{BlockHeader, BlockProblem, RowNumber};

use super::block::{
    ALIGNMENT, FeedDescription, HEADER_LEN, IndexEntry, LONGEST_DESCRIPTION, SmallHeader,
    SmallKind, SmallProblem, index_entries,
};
use super::bytes::{RecordingFile, Window};

/// Number of bytes that are searched at a time for the next block after a damaged one.
const SEARCH_BYTES: usize = 1 << 20;

/// Least number of blocks of which covered tail blocks are dropped.
const PRUNED_BLOCKS: usize = 1 << 12;

/// Blocks of a file, in the order in which they are in it. Tail blocks that a later chunk covers may be missing.
#[derive(Debug, Default)]
pub(super) struct BlockScan {
    pub(super) blocks: Vec<RowsBlock>,
    pub(super) feeds: Vec<(u64, FeedDescription)>,
    /// Bytes inside the file that form no block.
    pub(super) damage: Vec<Range<u64>>,
    /// End of the last sound block.
    pub(super) end: u64,
    /// Blocks of records at the end whose content is damaged. They count as bytes that form no whole block.
    pub(super) torn: Vec<RowsBlock>,
    /// True if the last block is the trailer.
    pub(super) is_clean: bool,
    /// Length of the file when it was scanned.
    pub(super) file_len: u64,
    /// Length of `blocks` at which covered tail blocks are dropped next.
    prune_at: usize,
    /// True if tail blocks were dropped because a later chunk contains their rows.
    has_dropped: bool,
    /// True if all tail blocks are kept, because the last chunks are damaged.
    keeps_all: bool,
}

/// Block of records in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowsBlock {
    pub(super) at: u64,
    pub(super) header: BlockHeader,
}

/// Reason for not reading a file.
#[derive(Debug)]
pub(super) enum ScanError {
    Io(io::Error),
    /// It does not begin as a recording does.
    NotARecording,
    /// A later version of Feedscope wrote it.
    LaterVersion(String),
}

impl From<io::Error> for ScanError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Block at a place in a file.
enum Found {
    Rows(BlockHeader),
    Feed(FeedDescription, u64),
    Other(u64, SmallKind),
    /// No block.
    Nothing,
    /// Its end is missing.
    Cut,
}

impl BlockScan {
    /// Finds the blocks of a file, by its index where it has a sound one.
    pub(super) fn of_file(file: &RecordingFile) -> Result<Self, ScanError> {
        let file_len = file.len()?;
        let begin = file.read_exact_at(0, HEADER_LEN.min(file_len as usize))?;
        match SmallHeader::decode(&begin) {
            Err(SmallProblem::LaterVersion(version)) => {
                return Err(ScanError::LaterVersion(later_version(version)));
            }
            // The first block may be torn or damaged, but a file that begins otherwise is of another kind.
            // A recording without feeds consists of its index.
            _ if ![b"FEEDFILE", b"FEEDINDX"]
                .iter()
                .any(|magic| magic.starts_with(&begin[..begin.len().min(8)])) =>
            {
                return Err(ScanError::NotARecording);
            }
            _ => {}
        }
        if let Some(scan) = Self::by_index(file, file_len) {
            return Ok(scan);
        }
        let mut scan = Self::default();
        scan.go_on(file)?;
        Ok(scan)
    }

    /// Finds the blocks that were added to the file.
    pub(super) fn go_on(&mut self, file: &RecordingFile) -> Result<(), ScanError> {
        self.file_len = file.len()?;
        // They are read again, because the writer may have been at work on them.
        self.torn.clear();
        let mut window = Window::new(file);
        let mut at = self.end;
        while at < self.file_len {
            let next = match self.find(&mut window, at)? {
                Found::Rows(header) => {
                    self.blocks.push(RowsBlock { at, header });
                    if self.blocks.len() >= self.prune_at.max(PRUNED_BLOCKS) {
                        self.drop_covered();
                    }
                    // Rows after the last block that marks an end: the writer was ended, or is still at work.
                    self.is_clean = false;
                    at + header.block_len()
                }
                Found::Feed(description, len) => {
                    self.feeds.push((at, description));
                    self.is_clean = false;
                    at + len
                }
                Found::Other(len, kind) => {
                    self.is_clean = kind == SmallKind::Last;
                    at + len
                }
                // The writer may be in the middle of this block. The next call begins with it again.
                Found::Cut => break,
                Found::Nothing => match self.search(file, &mut window, at)? {
                    // The bytes up to the next whole block are reported as damaged, and the reading goes on there.
                    Some(next) => {
                        self.damage.push(at..next);
                        next
                    }
                    None => break,
                },
            };
            at = next;
            self.end = at;
        }
        Ok(())
    }

    /// Drops the tail blocks whose rows are in the next whole chunk of their feed.
    ///
    /// A week of a slow feed has a tail block for each second, of which only those since the last chunk count.
    fn drop_covered(&mut self) {
        if self.keeps_all {
            return;
        }
        let before = self.blocks.len();
        let mut chunks: HashMap<u32, Range<RowNumber>> = HashMap::new();
        let is_needed = |RowsBlock { header, .. }: &RowsBlock| {
            let rows = header.first_row()..header.end_row();
            let tags = header.tags();
            if !tags.is_tail {
                chunks.insert(tags.feed, rows);
                return true;
            }
            let chunk = chunks.get(&tags.feed);
            chunk.is_none_or(|chunk| rows.start < chunk.start || rows.end > chunk.end)
        };
        // From the end of the file on, so that the chunk after a tail block is known.
        self.blocks.reverse();
        self.blocks.retain(is_needed);
        self.blocks.reverse();
        self.has_dropped |= self.blocks.len() < before;
        // The length doubles between two passes, so that each block is looked at a few times at most.
        self.prune_at = self.blocks.len() * 2;
    }

    /// Returns the number of bytes at the end that form no whole block.
    pub(super) fn torn_bytes(&self) -> u64 {
        self.file_len.saturating_sub(self.end)
    }

    /// Removes the last blocks of records whose content is damaged, because a power cut leaves them at the end.
    ///
    /// The blocks of a file with a clean end are taken as they are, and checked when they are read.
    pub(super) fn check_end(&mut self, file: &RecordingFile) -> Result<(), ScanError> {
        while !self.is_clean
            && let Some(&RowsBlock { at, header }) = self.blocks.last()
            // Another block after it was written later, so that this one is not at the end.
            && at + header.block_len() == self.end
        {
            match file.read_exact_at(at, header.block_len() as usize) {
                Ok(bytes) if header.is_body(&bytes[BlockHeader::LEN..]) => break,
                Ok(_) => {}
                // The file got shorter since it was scanned.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
                Err(error) => return Err(error.into()),
            }
            if !header.tags().is_tail && self.has_dropped {
                // The tail blocks that this chunk covers count again, and were dropped.
                *self = Self {
                    keeps_all: true,
                    ..Self::default()
                };
                self.go_on(file)?;
                continue;
            }
            self.torn.extend(self.blocks.pop());
            self.end = at;
        }
        Ok(())
    }

    fn find(&self, window: &mut Window<'_>, at: u64) -> Result<Found, ScanError> {
        let left = self.file_len - at;
        let head = window.bytes(at, BlockHeader::LEN)?;
        match BlockHeader::decode(head) {
            Ok(header) if header.block_len() > left => return Ok(Found::Cut),
            Ok(header) => return Ok(Found::Rows(header)),
            Err(problem @ (BlockProblem::LaterVersion(_) | BlockProblem::UnknownFlags(_))) => {
                return Err(ScanError::LaterVersion(problem.to_string()));
            }
            Err(BlockProblem::Cut { .. } | BlockProblem::NotABlock | BlockProblem::Damaged) => {}
        }
        let header = match SmallHeader::decode(head) {
            Ok(header) => header,
            Err(SmallProblem::LaterVersion(version)) => {
                return Err(ScanError::LaterVersion(later_version(version)));
            }
            Err(SmallProblem::NotOne) => return Ok(Found::Nothing),
        };
        let len = header.block_len();
        if len > left {
            return Ok(Found::Cut);
        }
        if header.kind != SmallKind::Feed {
            return Ok(Found::Other(len, header.kind));
        }
        if len > LONGEST_DESCRIPTION {
            return Ok(Found::Nothing);
        }
        let content = window.bytes(at, len as usize)?.get(HEADER_LEN..);
        let description = content.and_then(|content| FeedDescription::of_content(&header, content));
        Ok(description.map_or(Found::Nothing, |description| Found::Feed(description, len)))
    }

    /// Returns the start of the next whole block after `at`, where no block begins.
    fn search(
        &self,
        file: &RecordingFile,
        window: &mut Window<'_>,
        at: u64,
    ) -> Result<Option<u64>, ScanError> {
        let mut from = (at + 1).next_multiple_of(ALIGNMENT);
        let mut buffer = vec![0; SEARCH_BYTES];
        while from < self.file_len {
            let read = file.read_at(from, &mut buffer)?;
            let words = buffer[..read].chunks_exact(ALIGNMENT as usize);
            for (nth, word) in words.enumerate() {
                if !word.starts_with(b"FEED") {
                    continue;
                }
                let place = from + nth as u64 * ALIGNMENT;
                // The writer may have added bytes since the length was read.
                if place >= self.file_len {
                    break;
                }
                // Payloads may contain such bytes, but hardly a header with its checksum.
                match self.find(window, place) {
                    Ok(Found::Nothing | Found::Cut) | Err(ScanError::LaterVersion(_)) => {}
                    Ok(_) => return Ok(Some(place)),
                    Err(error) => return Err(error),
                }
            }
            if read < buffer.len() {
                break;
            }
            from += read as u64;
        }
        Ok(None)
    }

    /// Reads the index; `None` where there is none that can be used.
    fn by_index(file: &RecordingFile, file_len: u64) -> Option<Self> {
        let last_at = file_len.checked_sub(HEADER_LEN as u64)?;
        let last = SmallHeader::decode(&file.read_exact_at(last_at, HEADER_LEN).ok()?).ok()?;
        if last.kind != SmallKind::Last || last.value >= last_at {
            return None;
        }
        let index_at = last.value;
        let header = SmallHeader::decode(&file.read_exact_at(index_at, HEADER_LEN).ok()?).ok()?;
        // The trailer follows the index.
        if header.kind != SmallKind::Index || index_at.checked_add(header.value)? != last_at {
            return None;
        }
        let len = usize::try_from(header.value).ok()? - HEADER_LEN;
        let content = file.read_exact_at(index_at + HEADER_LEN as u64, len).ok()?;
        let entries = index_entries(&header, &content)?;
        let mut scan = Self {
            end: file_len,
            is_clean: true,
            file_len,
            ..Self::default()
        };
        for IndexEntry { at, rows } in entries {
            let Some(header) = rows else {
                scan.feeds.push((at, description_at(file, at, index_at)?));
                continue;
            };
            if at.checked_add(header.block_len())? > index_at {
                return None;
            }
            scan.blocks.push(RowsBlock { at, header });
        }
        Some(scan)
    }
}

/// Reads the description at `at`, whose block ends before `end`; `None` where there is none.
fn description_at(file: &RecordingFile, at: u64, end: u64) -> Option<FeedDescription> {
    let header = SmallHeader::decode(&file.read_exact_at(at, HEADER_LEN).ok()?).ok()?;
    let len = header.block_len();
    let is_sound =
        header.kind == SmallKind::Feed && len <= LONGEST_DESCRIPTION && at.checked_add(len)? <= end;
    if !is_sound {
        return None;
    }
    let block = file.read_exact_at(at, len as usize).ok()?;
    FeedDescription::of_content(&header, &block[HEADER_LEN..])
}

fn later_version(version: u32) -> String {
    format!("it is of version {version}, which is a later one")
}
