//! Complete record that a reader may keep for any time. It does not copy the payload.

use std::sync::Arc;

use super::chunk::Chunk;
use super::number::RowNumber;
use crate::record::Record;

/// Record for a reader, with its complete payload. Full chunks are shared, not copied.
#[derive(Clone)]
pub struct OwnedRecord {
    pub(super) chunk: Arc<Chunk>,
    pub(super) at: usize,
}

impl OwnedRecord {
    /// Number of the row in the store.
    pub fn row(&self) -> RowNumber {
        self.chunk.first_row() + self.at as u64
    }

    /// Returns the record, borrowed.
    pub fn record(&self) -> Record<'_> {
        self.chunk.rows().record(self.at)
    }

    /// Returns the bytes of its payload as received.
    pub fn payload(&self) -> &[u8] {
        self.chunk.rows().payload(self.at)
    }
}
