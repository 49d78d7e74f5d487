//! Bytes that a view shows: a record's payload, or bytes that were computed from it. They are shared, never copied.

use std::sync::Arc;

use feedscope_core::store::OwnedRecord;

use super::Interpretation;

/// Bytes for a view; cheap to clone.
#[derive(Clone)]
pub enum Content {
    /// Payload of a record in the store.
    Payload(OwnedRecord),
    /// Bytes that were decoded, compared or composed.
    Made(Arc<[u8]>),
}

impl Content {
    /// Returns the bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Payload(record) => record.payload(),
            Self::Made(bytes) => bytes,
        }
    }

    /// Creates content from a composed text.
    pub fn text(text: String) -> Self {
        Self::Made(text.into_bytes().into())
    }

    /// Returns the interpretation of these bytes without decoders.
    pub fn interpretation(&self) -> Interpretation<'_> {
        Interpretation::of_bytes(self.bytes())
    }
}
