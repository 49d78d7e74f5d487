//! Positioned reads of a recording. A file that gets shorter while it is open gives an error, never a crash.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Number of bytes that are read at a time while headers are read one after the other.
const WINDOW: usize = 16 << 10;

/// File of a recording, opened for reading.
pub(super) struct RecordingFile {
    file: File,
    path: PathBuf,
}

impl RecordingFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: File::open(path)?,
            path: path.to_owned(),
        })
    }

    pub(super) fn of_file(file: File, path: &Path) -> Self {
        Self {
            file,
            path: path.to_owned(),
        }
    }

    pub(super) fn into_file(self) -> File {
        self.file
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Returns true if a program is writing the file.
    ///
    /// Systems without locks are taken to have no writer.
    pub(super) fn is_being_written(&self) -> bool {
        match self.file.try_lock_shared() {
            Ok(()) => {
                // A writer that starts now must not find the lock taken.
                self.file.unlock().ok();
                false
            }
            Err(std::fs::TryLockError::WouldBlock) => true,
            Err(std::fs::TryLockError::Error(_)) => false,
        }
    }

    /// Reads up to `buffer.len()` bytes from `at` on; fewer only at the end of the file.
    pub(super) fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut read = 0;
        while read < buffer.len() {
            match read_some(&self.file, at + read as u64, &mut buffer[read..]) {
                Ok(0) => break,
                Ok(some) => read += some,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }

    /// Reads exactly `len` bytes from `at` on.
    pub(super) fn read_exact_at(&self, at: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        let read = self.read_at(at, &mut bytes)?;
        if read < len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes)
    }

    /// Reads a block of `len` bytes from `at` on. A failure is a sentence.
    pub(super) fn read_block(&self, at: u64, len: usize) -> Result<Vec<u8>, String> {
        // A wrong length must not reserve memory: the file bounds it.
        let end = at.checked_add(len as u64);
        let file_len = self.len().map_err(|error| error.to_string())?;
        if end.is_none_or(|end| end > file_len) {
            return Err("the file was cut".to_owned());
        }
        self.read_exact_at(at, len)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => "the file was cut".to_owned(),
                _ => error.to_string(),
            })
    }
}

#[cfg(unix)]
fn read_some(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_some(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// Reader of headers, which reads a window of the file at a time.
pub(super) struct Window<'a> {
    file: &'a RecordingFile,
    start: u64,
    bytes: Vec<u8>,
}

impl<'a> Window<'a> {
    pub(super) fn new(file: &'a RecordingFile) -> Self {
        Self {
            file,
            start: 0,
            bytes: Vec::new(),
        }
    }

    /// Returns up to `len` bytes from `at` on, which is less than a window; fewer only at the end of the file.
    pub(super) fn bytes(&mut self, at: u64, len: usize) -> io::Result<&[u8]> {
        let is_inside = at >= self.start
            && at.saturating_add(len as u64) <= self.start + self.bytes.len() as u64;
        if !is_inside {
            // Behind a large block, the next header is hardly in the same window either.
            let window_end = self.start + self.bytes.len() as u64;
            let is_far = at > window_end.saturating_add(WINDOW as u64);
            let most = if is_far { len } else { WINDOW.max(len) };
            self.bytes.resize(most, 0);
            let read = self.file.read_at(at, &mut self.bytes)?;
            self.bytes.truncate(read);
            self.start = at;
        }
        let from = (at - self.start) as usize;
        let end = (from + len).min(self.bytes.len());
        Ok(&self.bytes[from..end])
    }
}
