//! Unread part of a decoder's input. It depends on no format.

use super::failure::StepFailure;
use super::json_text::taken;

/// Position in the input of a decoder.
pub(super) struct Cursor<'a> {
    pub(super) input: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    /// Takes the next bytes.
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], StepFailure> {
        let bytes = taken(self.input, self.at, length)?;
        self.at += length;
        Ok(bytes)
    }

    /// Takes a fixed number of bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], StepFailure> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }
}
