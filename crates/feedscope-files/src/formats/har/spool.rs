//! Bytes that are put aside: in memory while they are few, and in a temporary file otherwise.

use std::io::{self, BufReader, BufWriter, Read, Seek as _, Write as _};

use tempfile::SpooledTempFile;

use crate::disk_history::HistoryFolder;

/// Number of bytes that are kept in memory.
const IN_MEMORY: usize = 1 << 20;

/// Bytes that are written first and read afterwards.
pub(super) struct Spool {
    file: BufWriter<SpooledTempFile>,
    bytes: u64,
}

impl Spool {
    pub(super) fn new() -> Self {
        Self {
            file: BufWriter::new(HistoryFolder::usual().spooled_file(IN_MEMORY)),
            bytes: 0,
        }
    }

    /// Returns true if nothing was written.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Adds bytes to those before them.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// Adds bytes that are read back together.
    pub(super) fn push(&mut self, piece: &[u8]) -> io::Result<()> {
        let len = u32::try_from(piece.len()).map_err(io::Error::other)?;
        self.write(&len.to_le_bytes())?;
        self.write(piece)
    }

    /// Returns the bytes from their beginning.
    pub(super) fn read(self) -> io::Result<impl Read + Send + 'static> {
        let mut file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(BufReader::new(file))
    }

    /// Returns the pieces in their order.
    pub(super) fn pieces(self) -> io::Result<Pieces> {
        Ok(Pieces {
            left: self.bytes,
            bytes: Box::new(self.read()?),
        })
    }
}

/// Pieces that are read back.
pub(super) struct Pieces {
    bytes: Box<dyn Read + Send>,
    left: u64,
}

impl Pieces {
    /// Reads the next piece; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.left == 0 {
            return Ok(None);
        }
        let mut len = [0; 4];
        self.bytes.read_exact(&mut len)?;
        let mut piece = vec![0; u32::from_le_bytes(len) as usize];
        self.bytes.read_exact(&mut piece)?;
        self.left = self.left.saturating_sub(4 + piece.len() as u64);
        Ok(Some(piece))
    }
}
