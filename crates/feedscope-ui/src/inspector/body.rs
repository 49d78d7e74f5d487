//! The bytes that the inspector shows: a record's payload, or what was made out of it. Shared, never copied.

use std::sync::Arc;

use feedscope_core::store::OwnedRecord;

/// Bytes to look at; cheap to clone.
#[derive(Clone)]
pub(super) enum Body {
    /// A record's payload, where the store keeps it.
    Payload(OwnedRecord),
    /// Decoded, compared or put into words.
    Made(Arc<[u8]>),
}

impl Body {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Payload(record) => record.payload(),
            Self::Made(bytes) => bytes,
        }
    }

    pub(super) fn text(text: String) -> Self {
        Self::Made(text.into_bytes().into())
    }
}
