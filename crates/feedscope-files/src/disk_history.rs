//! Older records of a feed on disk.
//!
//! The records are in temporary files without a name, so that the operating system removes them when the program
//! ends, even after a crash. The store selects the records that go to disk. This module only writes them.
//!
//! A thread of its own writes each block it receives. It appends blocks to one file after the other, and the store
//! reads them in place through a memory mapping. When the last block of a file is let go, the file's disk space is
//! freed.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use directories::ProjectDirs;
use feedscope_core::store::{BlockBytes, SharedBytes, Spill, SpillJob};
use memmap2::{Mmap, MmapOptions};
use tempfile::SpooledTempFile;

use crate::disk::free_bytes;

/// Disk space that the history leaves free for other programs, in bytes.
const LEFT_FREE_BYTES: u64 = 1 << 30;

/// Number of files that the history is divided into. When space is needed, the oldest file is given up as a whole.
const FILES: u64 = 32;

/// Least size of a file, so that a mapping is not spent on a few kilobytes.
const SMALLEST_FILE_BYTES: u64 = 4 << 20;

/// Bound of the queue to the writing thread. The store hands over one chunk at a time and counts them itself.
const MOST_WAITING: usize = 64;

/// Folder for temporary files of this size, and the disk space to leave free there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryFolder {
    folder: PathBuf,
    left_free: u64,
}

impl Default for HistoryFolder {
    fn default() -> Self {
        Self::usual()
    }
}

impl HistoryFolder {
    /// Returns the user's cache folder, or the system's folder for large temporary files where there is none.
    pub fn usual() -> Self {
        // The usual temporary folder is not used, because on many systems it is kept in memory.
        let cache =
            ProjectDirs::from("", "", "feedscope").map(|folders| folders.cache_dir().into());
        Self::at(cache.unwrap_or_else(|| PathBuf::from("/var/tmp")))
    }

    /// Returns a place in this folder, which is created when the first file is.
    pub fn at(folder: PathBuf) -> Self {
        Self {
            folder,
            left_free: LEFT_FREE_BYTES,
        }
    }

    /// Creates a temporary file without a name in the folder.
    ///
    /// # Errors
    ///
    /// Fails if the folder or the file cannot be created.
    pub fn temporary_file(&self) -> io::Result<File> {
        fs::create_dir_all(&self.folder)?;
        tempfile::tempfile_in(&self.folder)
    }

    /// Returns a temporary file that is in memory while it has at most this many bytes.
    pub fn spooled_file(&self, in_memory: usize) -> SpooledTempFile {
        // A folder that cannot be created is reported when the file goes to disk.
        fs::create_dir_all(&self.folder).ok();
        tempfile::spooled_tempfile_in(in_memory, &self.folder)
    }

    /// Sets the number of bytes to leave free on the disk.
    #[must_use]
    pub fn leaving_free(self, bytes: u64) -> Self {
        Self {
            left_free: bytes,
            ..self
        }
    }
}

/// Starts the history of one feed, of up to `limit` bytes. The result belongs to the feed's store.
///
/// Nothing is written before the store hands over its first chunk.
///
/// # Errors
///
/// Fails if the system cannot start a thread.
pub fn start(place: HistoryFolder, limit: u64) -> io::Result<Box<dyn Spill>> {
    let (sender, jobs) = sync_channel(MOST_WAITING);
    let file_bytes = (limit / FILES).max(SMALLEST_FILE_BYTES);
    let writer = BlockWriter {
        file_bytes,
        place,
        segment: None,
    };
    thread::Builder::new()
        .name("feedscope-history".into())
        .spawn(move || writer.run(&jobs))?;
    Ok(Box::new(Queue {
        jobs: sender,
        // Space is freed one whole file at a time, and the oldest file may be almost full of records that were let go.
        limit: limit.saturating_sub(file_bytes),
    }))
}

/// Sending side of the queue to the writing thread. The thread ends when this value is dropped.
struct Queue {
    jobs: SyncSender<SpillJob>,
    limit: u64,
}

impl Spill for Queue {
    fn limit(&self) -> u64 {
        self.limit
    }

    fn take(&self, job: SpillJob) -> Result<(), SpillJob> {
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(job) | TrySendError::Disconnected(job) => job,
        })
    }
}

/// State of the writing thread.
struct BlockWriter {
    place: HistoryFolder,
    /// Length of a new file in bytes. A longer block gets a longer file.
    file_bytes: u64,
    /// File that blocks are appended to, if one is open.
    segment: Option<Segment>,
}

/// Temporary file without a name, with a mapping of all of it that stays valid after the file is closed.
struct Segment {
    file: File,
    /// Mapping of the whole file, shared with the store's chunks.
    map: SharedBytes,
    /// Length of the file in bytes.
    len: u64,
    /// Number of bytes written so far; the next block starts there.
    written: u64,
}

/// Reason for not writing a block.
enum Refusal {
    /// The disk has no space left.
    NoRoom(&'static str),
    /// Any other failure, as a sentence.
    Failed(String),
}

impl BlockWriter {
    /// Writes blocks until the store closes the queue.
    fn run(mut self, jobs: &Receiver<SpillJob>) {
        while let Ok(job) = jobs.recv() {
            self.keep(job);
        }
    }

    /// Writes one block, or reports the failure to the store.
    fn keep(&mut self, job: SpillJob) {
        // The loop ends early if the user has cleared the feed's records in the meantime.
        while job.is_wanted() {
            match self.write(&job.block()) {
                Ok((map, at)) => {
                    job.done(map, at);
                    return;
                }
                Err(Refusal::NoRoom(why)) => {
                    // Close this file first, so that its space is freed too once its blocks are let go.
                    self.segment = None;
                    // The store lets go of its oldest blocks on disk; without any, there is nothing more to try.
                    if !job.make_room(self.file_bytes, why) {
                        job.failed(why);
                        return;
                    }
                }
                Err(Refusal::Failed(why)) => {
                    job.failed(&why);
                    return;
                }
            }
        }
    }

    /// Appends a block. Returns the file's mapping and the position of the block in it.
    fn write(&mut self, block: &BlockBytes<'_>) -> Result<(SharedBytes, usize), Refusal> {
        let len = block.len() as u64;
        // A block is never split: if it does not fit into the rest of this file, it starts the next one.
        if self
            .segment
            .as_ref()
            .is_none_or(|segment| !segment.fits(len))
        {
            self.segment = None;
            self.segment = Some(Segment::create(&self.place, self.file_bytes.max(len))?);
        }
        let Some(segment) = &mut self.segment else {
            return Err(Refusal::Failed("there is no file".to_owned()));
        };
        // Checked before each block, because other programs fill the disk too.
        if free_bytes(&segment.file).is_some_and(|free| free < self.place.left_free + len) {
            return Err(Refusal::NoRoom(SHORT));
        }
        segment.append(block)
    }
}

/// Reasons for which a full disk stops the history, as sentences for the feed's timeline.
const SHORT: &str = "history on disk does not grow any more: the disk is almost full";
const FULL: &str = "history on disk does not grow any more: the disk is full";

impl Segment {
    /// Creates a file of `len` bytes and maps it.
    fn create(place: &HistoryFolder, len: u64) -> Result<Self, Refusal> {
        let folder = &place.folder;
        let failed = |error: io::Error| Refusal::of(&error, folder);
        fs::create_dir_all(folder).map_err(failed)?;
        let file = tempfile::tempfile_in(folder).map_err(failed)?;
        // The file is sparse: it takes disk space only as it is written.
        file.set_len(len).map_err(failed)?;
        let map = map(&file).map_err(failed)?;
        Ok(Self {
            file,
            map: Arc::new(map),
            len,
            written: 0,
        })
    }

    /// Returns true if a block of this length fits into the rest of the file.
    fn fits(&self, len: u64) -> bool {
        len <= self.len - self.written
    }

    /// Writes a block at the end. Returns the mapping and the position of the block.
    fn append(&mut self, block: &BlockBytes<'_>) -> Result<(SharedBytes, usize), Refusal> {
        let at = self.written;
        let written = self
            .file
            .seek(SeekFrom::Start(at))
            .and_then(|_| block.parts().try_for_each(|part| self.file.write_all(part)));
        written.map_err(|error| Refusal::of(&error, Path::new("the temporary file")))?;
        self.written += block.len() as u64;
        Ok((Arc::clone(&self.map), at as usize))
    }
}

impl Refusal {
    /// Classifies a failed file operation on `place`.
    fn of(error: &io::Error, place: &Path) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::NoRoom(FULL),
            _ => Self::Failed(format!(
                "history on disk has ended: {} cannot be written: {error}",
                place.display()
            )),
        }
    }
}

/// Maps the whole of `file` for reading.
#[expect(
    unsafe_code,
    reason = "a mapping is the one way to read a file as if it were memory, without reading it all"
)]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the file has no name, so that no other process can open it. It is never made shorter. Its bytes are
    // written once, before the position is returned to a reader.
    unsafe { MmapOptions::new().map(file) }
}

#[cfg(test)]
mod tests;
