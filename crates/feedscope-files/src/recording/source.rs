//! One file of an opened recording: the blocks found in it, and how it ends. Reads no record, except to check a torn end.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::bytes::RecordingFile;
use super::copies::RecordingBlocks;
use super::scan::{BlockScan, ScanError};

/// File with the blocks found in it.
pub(super) struct RecordingSource {
    pub(super) file: Arc<RecordingFile>,
    /// The same file as the source of the rows.
    pub(super) blocks: Arc<RecordingBlocks>,
    pub(super) scan: BlockScan,
    pub(super) ending: RecordingEnd,
}

impl RecordingSource {
    pub(super) fn open(file: RecordingFile) -> Result<Self, OpenError> {
        let path = file.path().to_owned();
        let failed = |why: ScanError| OpenError {
            path: path.clone(),
            why,
        };
        let scan = BlockScan::of_file(&file).map_err(failed)?;
        let file = Arc::new(file);
        let mut source = Self {
            blocks: Arc::new(RecordingBlocks::new(Arc::clone(&file))),
            file,
            scan,
            ending: RecordingEnd::Clean,
        };
        source.check_end().map_err(failed)?;
        Ok(source)
    }

    /// Finds out how the file ends.
    pub(super) fn check_end(&mut self) -> Result<(), ScanError> {
        self.ending = if self.scan.is_clean && self.scan.torn_bytes() == 0 {
            RecordingEnd::Clean
        } else if self.file.is_being_written() {
            RecordingEnd::BeingWritten
        } else {
            self.scan.check_end(&self.file)?;
            RecordingEnd::Torn {
                bytes: self.scan.torn_bytes(),
            }
        };
        Ok(())
    }
}

/// End of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingEnd {
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
    pub(super) path: PathBuf,
    pub(super) why: ScanError,
}

impl OpenError {
    /// Returns true if the file can be read but is not a recording, so that it may have another format.
    pub fn is_of_other_file(&self) -> bool {
        matches!(self.why, ScanError::NotARecording)
    }
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
