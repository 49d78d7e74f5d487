//! Meaning of one payload, and its text and JSON values.

use std::borrow::Cow;

use feedscope_core::payload::json::{NoOutline, Outline};

use crate::decoders::DecodeFailure;

/// Meaning of one payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpretation<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    /// Failure of a decoder; later decoders were not called.
    pub(super) failed: Option<DecodeFailure>,
}

impl<'a> Interpretation<'a> {
    /// Interprets bytes from any origin without decoders.
    pub fn of_bytes(bytes: &'a [u8]) -> Self {
        Self {
            bytes: Cow::Borrowed(bytes),
            failed: None,
        }
    }

    /// Returns the output of the last decoder that succeeded.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the bytes, without a copy if they were not decoded.
    pub fn into_bytes(self) -> Cow<'a, [u8]> {
        self.bytes
    }

    /// Returns the failure of a decoder.
    pub fn failed(&self) -> Option<&DecodeFailure> {
        self.failed.as_ref()
    }

    /// Returns true if a decoder stopped at `limit`, which is lower than the usual one.
    pub fn exceeds(&self, limit: usize) -> bool {
        self.failed().is_some_and(|failure| failure.is_at(limit))
    }

    /// Returns the bytes as text; `None` if they are not UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    /// Parses the values of a JSON text at once, for payloads that a person reads. [`read_outline`](super::read_outline) parses large ones
    /// in steps.
    ///
    /// # Errors
    ///
    /// Returns an error if the bytes are not JSON, or contain too many values.
    pub fn outline(&self) -> Result<Outline, NoOutline> {
        // Bytes that are not UTF-8 are not JSON.
        let not_text = |error: std::str::Utf8Error| NoOutline::NotJson {
            at: error.valid_up_to(),
        };
        Outline::of(std::str::from_utf8(&self.bytes).map_err(not_text)?)
    }
}
