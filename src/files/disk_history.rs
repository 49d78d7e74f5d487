//! Older records of a feed on disk, in temporary files without a name: they are gone when the program is, however it
//! ends. It decides nothing about a store.
//!
//! What it is handed it writes in a thread of its own. Blocks are appended to one file after the other and read where
//! they lie, through a mapping. A file that holds nothing any more gives its room back.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use directories::ProjectDirs;
use feedscope_core::store::{BlockBytes, SharedBytes, Spill, SpillJob};
use memmap2::{Mmap, MmapOptions};

/// So much is left free for others.
const LEFT_FREE_BYTES: u64 = 1 << 30;

/// The room of the history is divided into this many files; the oldest is given up whole when room is needed.
const FILES: u64 = 32;

/// A file is worth its mapping.
const SMALLEST_FILE_BYTES: u64 = 4 << 20;

/// Chunks that wait to be written. The store hands over one at a time and counts them itself.
const MOST_WAITING: usize = 64;

/// Where temporary files of this size belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    folder: PathBuf,
    left_free: u64,
}

impl Default for Place {
    fn default() -> Self {
        Self::usual()
    }
}

impl Place {
    /// The user's folder for what can be made again, else the system's for large temporary files.
    pub fn usual() -> Self {
        // Not where temporary files usually go: that is often memory.
        let cache =
            ProjectDirs::from("", "", "feedscope").map(|folders| folders.cache_dir().into());
        Self::at(cache.unwrap_or_else(|| PathBuf::from("/var/tmp")))
    }

    /// This folder, which is made where it is not there.
    pub fn at(folder: PathBuf) -> Self {
        Self {
            folder,
            left_free: LEFT_FREE_BYTES,
        }
    }

    /// Leaves so many bytes of the disk free for others.
    #[must_use]
    pub fn leaving_free(self, bytes: u64) -> Self {
        Self {
            left_free: bytes,
            ..self
        }
    }
}

/// Starts to keep a feed's history of up to `limit` bytes; to be handed to the feed's store. Nothing is written before the
/// store hands something over.
///
/// # Errors
///
/// When the system refuses a thread.
pub fn start(place: Place, limit: u64) -> io::Result<Box<dyn Spill>> {
    let (sender, jobs) = sync_channel(MOST_WAITING);
    let file_bytes = (limit / FILES).max(SMALLEST_FILE_BYTES);
    let writer = Writer {
        file_bytes,
        place,
        segment: None,
    };
    thread::Builder::new()
        .name("feedscope-history".into())
        .spawn(move || writer.run(&jobs))?;
    Ok(Box::new(Queue {
        jobs: sender,
        // Room comes back a file at a time: the oldest one may hold nothing but what was let go.
        limit: limit.saturating_sub(file_bytes),
    }))
}

/// The way to the thread; when it goes, so does the thread.
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

/// The thread that writes.
struct Writer {
    place: Place,
    /// How long a file is, unless one block is longer.
    file_bytes: u64,
    /// The file being written.
    segment: Option<Segment>,
}

/// A file without a name, and a view on all of it, which stays when the file is closed.
struct Segment {
    file: File,
    map: SharedBytes,
    len: u64,
    written: u64,
}

/// Why a block was not written.
enum Refusal {
    /// There is no room on the disk.
    NoRoom(&'static str),
    /// Anything else, in words.
    Failed(String),
}

impl Writer {
    fn run(mut self, jobs: &Receiver<SpillJob>) {
        while let Ok(job) = jobs.recv() {
            self.keep(job);
        }
    }

    fn keep(&mut self, job: SpillJob) {
        // What was cleared meanwhile is not written.
        while job.is_wanted() {
            match self.write(&job.block()) {
                Ok((map, at)) => {
                    job.done(map, at);
                    return;
                }
                Err(Refusal::NoRoom(why)) => {
                    // This file's room is wanted as well, once its blocks are let go.
                    self.segment = None;
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

    /// Appends a block; where it can be read.
    fn write(&mut self, block: &BlockBytes<'_>) -> Result<(SharedBytes, usize), Refusal> {
        let len = block.len() as u64;
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
        if free_bytes(&segment.file).is_some_and(|free| free < self.place.left_free + len) {
            return Err(Refusal::NoRoom(SHORT));
        }
        segment.append(block)
    }
}

const SHORT: &str = "history on disk does not grow any more: the disk is almost full";
const FULL: &str = "history on disk does not grow any more: the disk is full";

impl Segment {
    fn create(place: &Place, len: u64) -> Result<Self, Refusal> {
        let folder = &place.folder;
        let failed = |error: io::Error| Refusal::of(&error, folder);
        fs::create_dir_all(folder).map_err(failed)?;
        let file = tempfile::tempfile_in(folder).map_err(failed)?;
        // Sparse: it takes room as it is written.
        file.set_len(len).map_err(failed)?;
        let map = map(&file).map_err(failed)?;
        Ok(Self {
            file,
            map: Arc::new(map),
            len,
            written: 0,
        })
    }

    fn fits(&self, len: u64) -> bool {
        len <= self.len - self.written
    }

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

#[expect(
    unsafe_code,
    reason = "a mapping is the one way to read a file as if it were memory, without reading it all"
)]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the file has no name, so that nobody else can open it; it is never made shorter, and its bytes are written
    // once, before anybody is told where they lie.
    unsafe { MmapOptions::new().map(file) }
}

/// How much room the disk has for us; `None` where the system does not tell.
#[cfg(target_os = "linux")]
fn free_bytes(file: &File) -> Option<u64> {
    let disk = rustix::fs::fstatvfs(file).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

#[cfg(not(target_os = "linux"))]
fn free_bytes(_: &File) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests;
