//! Bytes that the inspector shows: the payload of a record or a text derived from it. They are shared and not copied.

use std::sync::Arc;

use feedscope_core::store::OwnedRecord;

/// Bytes to show. They are cheap to clone.
#[derive(Clone)]
pub(super) enum Body {
    /// Payload of a record in the memory of the store.
    Payload(OwnedRecord),
    /// Bytes that were decoded, compared or formatted.
    Made(Arc<[u8]>),
}

impl Body {
    /// Returns the bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Payload(record) => record.payload(),
            Self::Made(bytes) => bytes,
        }
    }

    /// Creates a body from a text.
    pub(super) fn text(text: String) -> Self {
        Self::Made(text.into_bytes().into())
    }
}
