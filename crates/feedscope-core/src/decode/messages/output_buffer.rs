//! Buffer with room after its bytes, for compression and inflation in steps. It performs no compression.

/// Buffer whose room is initialized once, when it grows. `flate2` would initialize all the room at every step.
#[derive(Debug, Default)]
pub(super) struct OutputBuffer {
    bytes: Vec<u8>,
    filled: usize,
}

impl OutputBuffer {
    /// Returns the written bytes.
    pub(super) fn filled(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    /// Returns the number of written bytes.
    pub(super) fn len(&self) -> usize {
        self.filled
    }

    /// Returns the room after the written bytes.
    pub(super) fn room(&mut self) -> &mut [u8] {
        &mut self.bytes[self.filled..]
    }

    pub(super) fn has_room(&self) -> bool {
        self.filled < self.bytes.len()
    }

    /// Marks the first `count` bytes of the room as written.
    pub(super) fn advance(&mut self, count: usize) {
        self.filled += count;
        debug_assert!(self.filled <= self.bytes.len());
    }

    /// Adds room for `more` bytes.
    pub(super) fn grow(&mut self, more: usize) {
        self.bytes.reserve_exact(more);
        // Only the new room is initialized.
        self.bytes.resize(self.bytes.len() + more, 0);
    }

    /// Drops all but the first bytes.
    pub(super) fn truncate(&mut self, length: usize) {
        self.filled = self.filled.min(length);
    }

    /// Drops all but the last bytes.
    pub(super) fn keep_last(&mut self, length: usize) {
        let first = self.filled.saturating_sub(length);
        self.bytes.copy_within(first..self.filled, 0);
        self.filled -= first;
    }

    /// Frees memory, but never memory that contains bytes.
    pub(super) fn shrink(&mut self, kept: usize) {
        if self.bytes.len() > kept {
            self.bytes.truncate(kept.max(self.filled));
            self.bytes.shrink_to_fit();
        }
    }

    /// Returns the memory of the buffer.
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_move_and_room_stays_within_what_was_asked_for() {
        let mut buffer = OutputBuffer::default();
        assert!(!buffer.has_room());
        buffer.grow(8);
        buffer.room()[..6].copy_from_slice(b"abcdef");
        buffer.advance(6);
        assert_eq!(buffer.filled(), b"abcdef");
        assert_eq!(buffer.room().len(), 2);
        buffer.keep_last(4);
        assert_eq!(buffer.filled(), b"cdef");
        buffer.keep_last(9);
        assert_eq!(buffer.filled(), b"cdef");
        buffer.shrink(2);
        assert_eq!((buffer.filled(), buffer.has_room()), (&b"cdef"[..], false));
        assert!(buffer.capacity() < 8);
        buffer.truncate(1);
        assert_eq!(buffer.filled(), b"c");
    }
}
