//! Bytes that a view shows: a record's payload, or bytes that were made from it. Shared, never copied.

use std::sync::Arc;

use feedscope_core::store::OwnedRecord;

use super::Interpretation;

/// Bytes to look at; cheap to clone.
#[derive(Clone)]
pub enum Content {
    /// A record's payload, where the store keeps it.
    Payload(OwnedRecord),
    /// Decoded, compared or composed bytes.
    Made(Arc<[u8]>),
}

impl Content {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Payload(record) => record.payload(),
            Self::Made(bytes) => bytes,
        }
    }

    /// A text that was composed.
    pub fn text(text: String) -> Self {
        Self::Made(text.into_bytes().into())
    }

    /// The interpretation of these bytes as they are.
    pub fn interpretation(&self) -> Interpretation<'_> {
        Interpretation::of_bytes(self.bytes())
    }
}
