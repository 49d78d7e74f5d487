//! Writer of one recording. It appends whole blocks, and never changes what is written.
//!
//! A lock keeps a second writer away. The exception to appending is the torn end of a file that is continued: it is
//! removed first.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, IoSlice, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use feedscope_core::store::{BlockHeader, BlockTags, Chunk};

use super::block::{FeedDescription, IndexEntry, index};
use super::bytes::RecordingFile;
use super::scan::{BlockScan, ScanError};
use super::sync::Syncer;
use crate::disk::free_bytes;

/// Place of a recording, and the rule for a file that is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingTarget {
    /// Path of the file.
    pub path: PathBuf,
    /// Rule for an existing file.
    pub existing: Existing,
    /// Number of bytes to leave free on the disk.
    pub left_free: u64,
}

/// Rule for a file that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// It is refused.
    #[default]
    Refuse,
    /// Another session is added to it.
    Append,
    /// It is replaced by a new file of the same name.
    Replace,
}

/// Reason that a recording cannot be written.
#[derive(Debug)]
pub enum CreateError {
    /// A file is there already, and it must stay.
    Stays(String),
    /// Something is there that is no recording.
    Exists(String),
    /// Another program writes the file.
    InUse(String),
    /// Any other failure.
    Failed(String),
}

impl fmt::Display for CreateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stays(sentence)
            | Self::Exists(sentence)
            | Self::InUse(sentence)
            | Self::Failed(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for CreateError {}

/// Reason that a recording ends, as a sentence.
#[derive(Debug)]
pub(super) enum WriteError {
    /// The disk is almost full. The last block is whole.
    AlmostFull(String),
    /// A block was not written, or only a part of it.
    Failed(String),
}

/// Writer of one file.
pub struct FileWriter {
    file: File,
    /// Destination of the blocks: the same file, with the same position.
    out: Box<dyn io::Write + Send>,
    path: PathBuf,
    left_free: u64,
    /// End of the last whole block.
    end: u64,
    /// Length of the file before this session.
    begin: u64,
    next_feed: u32,
    /// Descriptions and blocks that no later block contains again.
    settled: Vec<IndexEntry>,
    /// Tail blocks of each feed since its last whole chunk.
    tails: BTreeMap<u32, Vec<IndexEntry>>,
    syncer: Syncer,
}

impl FileWriter {
    /// Creates the file, or opens it to add a session.
    ///
    /// # Errors
    ///
    /// Fails if the file is there already and not to be used, if another program writes it, or if it cannot be written.
    pub fn create(target: &RecordingTarget) -> Result<Self, CreateError> {
        let path = &target.path;
        let failed = |error: io::Error| CreateError::Failed(format!("{}: {error}", path.display()));
        let (file, scan) = match open_new(path) {
            Ok(file) => {
                // Two programs must not write the same recording.
                lock(&file, path)?;
                (file, BlockScan::default())
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => open_existing(target)?,
            Err(error) => return Err(failed(error)),
        };
        let syncer = Syncer::start(&file).map_err(failed)?;
        let out = file.try_clone().map_err(failed)?;
        let mut writer = Self {
            file,
            out: Box::new(out),
            path: path.clone(),
            left_free: target.left_free,
            end: scan.end,
            begin: scan.end,
            next_feed: 1,
            settled: Vec::new(),
            tails: BTreeMap::new(),
            syncer,
        };
        // The feeds of an earlier run keep their numbers, so that new ones count on from them.
        writer.take_over(&scan);
        writer
            .file
            .seek(SeekFrom::Start(writer.end))
            .map_err(failed)?;
        Ok(writer)
    }

    /// Writes through another destination, such as a slow one, into the file.
    #[cfg(test)]
    pub(super) fn through(
        mut self,
        wrapped: impl FnOnce(Box<dyn io::Write + Send>) -> Box<dyn io::Write + Send>,
    ) -> Self {
        let out = std::mem::replace(&mut self.out, Box::new(io::sink()));
        self.out = wrapped(out);
        self
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of bytes that this session has written.
    pub fn bytes(&self) -> u64 {
        self.end - self.begin
    }

    /// Keeps the places of the blocks that are in the file already.
    fn take_over(&mut self, scan: &BlockScan) {
        let descriptions = scan
            .feeds
            .iter()
            .map(|&(at, _)| IndexEntry { at, rows: None });
        let blocks = scan.blocks.iter().map(|block| IndexEntry {
            at: block.at,
            rows: Some(block.header),
        });
        self.settled = descriptions.chain(blocks).collect();
        self.settled.sort_by_key(|entry| entry.at);
        let numbers = scan.feeds.iter().map(|(_, description)| description.feed);
        let in_blocks = scan.blocks.iter().map(|block| block.header.tags().feed);
        self.next_feed = numbers
            .chain(in_blocks)
            .max()
            .unwrap_or(0)
            .saturating_add(1);
    }

    /// Writes the description of a feed, which gets a number of its own. Returns the number.
    pub(super) fn write_feed(&mut self, description: &FeedDescription) -> Result<u32, WriteError> {
        let feed = self.next_feed;
        self.next_feed += 1;
        let block = FeedDescription {
            feed,
            ..description.clone()
        }
        .to_block();
        let at = self.append(&[&block])?;
        self.settled.push(IndexEntry { at, rows: None });
        Ok(feed)
    }

    /// Writes the description of a feed again, because its reading has changed.
    pub(super) fn rewrite_feed(&mut self, description: &FeedDescription) -> Result<(), WriteError> {
        let at = self.append(&[&description.to_block()])?;
        self.settled.push(IndexEntry { at, rows: None });
        Ok(())
    }

    /// Writes the records of a chunk as one block.
    pub(super) fn write_rows(&mut self, chunk: &Chunk, tags: BlockTags) -> Result<(), WriteError> {
        let block = chunk.block_with(tags);
        let parts: Vec<&[u8]> = block.parts().collect();
        let at = self.append(&parts)?;
        let rows = parts
            .first()
            .and_then(|head| BlockHeader::decode(head).ok());
        let entry = IndexEntry { at, rows };
        let tails = self.tails.entry(tags.feed).or_default();
        if tags.is_tail {
            tails.push(entry);
        } else {
            // The whole chunk contains the rows of its tail blocks again.
            let is_newer = |tail: &IndexEntry| {
                tail.rows
                    .is_none_or(|rows| rows.end_row() > chunk.end_row())
            };
            tails.retain(is_newer);
            self.settled.push(entry);
        }
        Ok(())
    }

    /// Writes the index and the trailer, and has everything put on the disk.
    pub(super) fn finish(mut self) -> Result<u64, WriteError> {
        let tails = std::mem::take(&mut self.tails);
        let mut entries = std::mem::take(&mut self.settled);
        entries.extend(tails.into_values().flatten());
        entries.sort_by_key(|entry| entry.at);
        let index = index(&entries, self.end);
        // Little more is written, so that an almost full disk has room for it.
        self.left_free = 0;
        self.append(&[&index])?;
        self.file.sync_data().map_err(|error| self.failed(&error))?;
        Ok(self.bytes())
    }

    /// Appends a block. Returns its start.
    fn append(&mut self, parts: &[&[u8]]) -> Result<u64, WriteError> {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        // Checked before each block, because other programs fill the disk too.
        if free_bytes(&self.file).is_some_and(|free| free < self.left_free + len as u64) {
            return Err(WriteError::AlmostFull(format!(
                "recording to {} has ended: the disk is almost full",
                self.path.display()
            )));
        }
        let written = write_all_parts(&mut self.out, parts);
        written.map_err(|error| self.failed(&error))?;
        let at = self.end;
        self.end += len as u64;
        self.syncer.note_write();
        Ok(at)
    }

    fn failed(&self, error: &io::Error) -> WriteError {
        let why = match error.kind() {
            ErrorKind::StorageFull => "the disk is full".to_owned(),
            ErrorKind::QuotaExceeded => "the quota of the disk is used up".to_owned(),
            _ => error.to_string(),
        };
        WriteError::Failed(format!(
            "recording to {} has ended: {why}",
            self.path.display()
        ))
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        // The thread that syncs has the file open for a while longer, and the lock with it.
        self.file.unlock().ok();
    }
}

/// Writes all parts, at once where the system takes them.
fn write_all_parts(out: &mut impl io::Write, parts: &[&[u8]]) -> io::Result<()> {
    let mut slices: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
    let mut left = &mut slices[..];
    // Empty parts at the beginning are removed, because a result of 0 would mean that nothing can be written.
    IoSlice::advance_slices(&mut left, 0);
    while !left.is_empty() {
        match out.write_vectored(left) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut left, written),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Creates a file that only this user can read, because it contains payloads.
fn open_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Opens a file that is there already, as the target allows. It is locked then.
fn open_existing(target: &RecordingTarget) -> Result<(File, BlockScan), CreateError> {
    let path = &target.path;
    let shown = path.display();
    let failed = |error: io::Error| CreateError::Failed(format!("{shown}: {error}"));
    let is_file = std::fs::metadata(path).map_err(failed)?.is_file();
    if !is_file {
        return Err(CreateError::Exists(format!("{shown}: it is not a file")));
    }
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true);
    let file = options.open(path).map_err(failed)?;
    // A file in use is reported as such, also where it would be refused anyway.
    lock(&file, path)?;
    match target.existing {
        Existing::Refuse => Err(CreateError::Stays(format!("{shown}: the file exists"))),
        Existing::Append => {
            let file = RecordingFile::of_file(file, path);
            let mut scan = scan(&file, path)?;
            scan.check_end(&file).map_err(|why| unreadable(why, path))?;
            let file = file.into_file();
            // Readers leave a torn end out; behind new blocks it would be damage.
            file.set_len(scan.end).map_err(failed)?;
            scan.is_clean = false;
            Ok((file, scan))
        }
        Existing::Replace => {
            // Programs that read the old file keep it. `file` stays locked until the new one has its name.
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            let new = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))
                .map_err(failed)?;
            lock(new.as_file(), path)?;
            let new = new.persist(path).map_err(|error| failed(error.error))?;
            Ok((new, BlockScan::default()))
        }
    }
}

/// Finds the blocks of a file that a session is added to. An empty file has none.
fn scan(file: &RecordingFile, path: &Path) -> Result<BlockScan, CreateError> {
    let is_empty = file.len().is_ok_and(|len| len == 0);
    if is_empty {
        return Ok(BlockScan::default());
    }
    BlockScan::of_file(file).map_err(|why| unreadable(why, path))
}

fn unreadable(why: ScanError, path: &Path) -> CreateError {
    let shown = path.display();
    match why {
        ScanError::Io(error) => CreateError::Failed(format!("{shown}: {error}")),
        ScanError::NotARecording => {
            CreateError::Exists(format!("{shown}: it is not a recording of Feedscope"))
        }
        ScanError::LaterVersion(what) => CreateError::Exists(format!("{shown}: {what}")),
    }
}

/// Returns true if a recorder writes to the file, in this program or another one.
pub fn is_in_use(path: &Path) -> bool {
    let locked = File::open(path).map(|file| file.try_lock_shared());
    matches!(locked, Ok(Err(TryLockError::WouldBlock)))
}

/// Locks the file for this writer. The lock ends with the file.
fn lock(file: &File, path: &Path) -> Result<(), CreateError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(CreateError::InUse(format!(
            "{}: another program is recording to it",
            path.display()
        ))),
        // Some network file systems have no locks. The recording is worth more than the check.
        Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(error)) => {
            Err(CreateError::Failed(format!("{}: {error}", path.display())))
        }
    }
}
