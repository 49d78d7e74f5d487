//! A whole record that a reader keeps for as long as it likes. Copies no payload.

use std::sync::Arc;

use super::chunk::Chunk;
use super::number::RowNumber;
use crate::record::Record;

/// A record kept by a reader, with its whole payload. Full chunks are shared, not copied.
#[derive(Clone)]
pub struct OwnedRecord {
    pub(super) chunk: Arc<Chunk>,
    pub(super) at: usize,
}

impl OwnedRecord {
    /// The store's number of the row.
    pub fn row(&self) -> RowNumber {
        self.chunk.first_row() + self.at as u64
    }

    /// The record, borrowed.
    pub fn record(&self) -> Record<'_> {
        self.chunk.rows().record(self.at)
    }

    /// The bytes that came as its payload.
    pub fn payload(&self) -> &[u8] {
        self.chunk.rows().payload(self.at)
    }
}
