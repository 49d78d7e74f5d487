//! Inflation of compressed payloads to messages (RFC 7692 7.2.2), in steps that a limit bounds. It handles no frames.

use flate2::{Decompress, FlushDecompress, Status};

use super::output_buffer::OutputBuffer;
use super::{KEPT_CAPACITY, ProtocolError};

/// Maximum distance of a reference in compressed data, which is the largest window of RFC 7692 7.1.2.
///
/// Data with a smaller window is inflated with this one too. A smaller window in zlib detects a reference beyond it
/// only for some divisions of the input, and the result must not depend on the division.
const WINDOW: usize = 32 << 10;

/// Minimum growth of a buffer.
const SMALLEST_STEP: usize = 4 << 10;

/// Bytes that RFC 7692 7.2.1 removes and 7.2.2 restores: the length of an empty stored block.
///
/// A second empty stored block follows. It adds no data, but a message that ends inside a block almost always fails on
/// it.
const TAIL: &[u8] = &[0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0xFF, 0xFF];

/// The same bytes with a final block, for a stream that does not continue. The stream ends, or the message was
/// incomplete.
const LAST_TAIL: &[u8] = &[0x00, 0x00, 0xFF, 0xFF, 0x01, 0x00, 0x00, 0xFF, 0xFF];

/// Inflater for the messages of one direction of a connection.
#[derive(Debug)]
pub(super) struct Inflater {
    stream: Decompress,
    /// True if messages may refer to earlier messages.
    context_takeover: bool,
    limit: u64,
    /// Inflated bytes: up to [`Self::start`] from earlier messages, then from this one.
    output: OutputBuffer,
    start: usize,
    /// True until the first byte of this message arrives.
    untouched: bool,
    /// True if the last received byte ended a block that is marked as final.
    ended: bool,
}

/// Callback that checks inflated bytes and may refuse them.
type Check<'a> = dyn FnMut(&[u8]) -> Result<(), ProtocolError> + 'a;

impl Inflater {
    /// Creates an inflater for messages of up to `limit` bytes each.
    pub(super) fn new(context_takeover: bool, limit: u64) -> Self {
        Self {
            stream: Decompress::new(false),
            context_takeover,
            limit,
            output: OutputBuffer::default(),
            start: 0,
            untouched: true,
            ended: false,
        }
    }

    /// Begins a message.
    pub(super) fn begin(&mut self) {
        if !self.context_takeover {
            self.output.truncate(0);
        // Keep only the bytes to which the new message can refer.
        } else if self.output.len() > 2 * WINDOW {
            self.output.keep_last(WINDOW);
        }
        self.output.shrink(KEPT_CAPACITY);
        self.start = self.output.len();
        self.untouched = true;
    }

    /// Inflates the next bytes of the message and passes the result to `check`.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        check: &mut Check<'_>,
    ) -> Result<(), ProtocolError> {
        let mut rest = bytes;
        loop {
            let taken = self.step(rest, check)?;
            rest = &rest[taken..];
            // If the buffer was not filled, there is no more output.
            if rest.is_empty() && self.output.has_room() {
                return Ok(());
            }
        }
    }

    /// Ends the message.
    pub(super) fn finish(&mut self) -> Result<(), ProtocolError> {
        // A zero byte begins the block that the tail completes (RFC 7692 7.2.3.4, 7.2.3.6). Some senders leave it out
        // after a final block and in an empty message. In both cases, nothing remains to complete.
        if !self.ended && !self.untouched {
            let tail = if self.context_takeover {
                TAIL
            } else {
                LAST_TAIL
            };
            // Output from the tail means that the message ended inside a block.
            self.push(tail, &mut |_| Err(ProtocolError::BadDeflate))?;
            if !self.context_takeover && !self.ended {
                return Err(ProtocolError::BadDeflate);
            }
        }
        if !self.context_takeover {
            self.stream.reset(false);
            self.ended = false;
        }
        Ok(())
    }

    /// Returns the message so far.
    pub(super) fn message(&self) -> &[u8] {
        &self.output.filled()[self.start..]
    }

    /// Returns the memory of the output.
    pub(super) fn capacity(&self) -> usize {
        self.output.capacity()
    }

    /// Inflates as much as fits into the buffer. Returns the number of consumed bytes.
    fn step(&mut self, bytes: &[u8], check: &mut Check<'_>) -> Result<usize, ProtocolError> {
        if self.ended && !bytes.is_empty() {
            self.go_on_after_final_block();
        }
        self.make_room();
        let had = self.output.len();
        let (taken_before, given_before) = (self.stream.total_in(), self.stream.total_out());
        let flush = FlushDecompress::None;
        let inflated = self.stream.decompress(bytes, self.output.room(), flush);
        let taken = (self.stream.total_in() - taken_before) as usize;
        self.output
            .advance((self.stream.total_out() - given_before) as usize);
        // This order of checks gives the same error for any division of the bytes.
        self.check_output(had, check)?;
        let Ok(status) = inflated else {
            return Err(ProtocolError::BadDeflate);
        };
        self.untouched &= taken == 0;
        self.ended |= status == Status::StreamEnd;
        // Input remains, but it produced no output and was not consumed: the data is invalid.
        let stuck = taken == 0 && self.output.len() == had && !bytes.is_empty();
        if stuck && !self.ended {
            return Err(ProtocolError::BadDeflate);
        }
        Ok(taken)
    }

    /// Ensures room for at least one byte, and for at most one more than the limit.
    fn make_room(&mut self) {
        if self.output.has_room() {
            return;
        }
        let length = self.output.len();
        let message = length - self.start;
        let left = usize::try_from(self.limit)
            .unwrap_or(usize::MAX)
            .saturating_sub(message);
        let step = length.max(SMALLEST_STEP).min(left.saturating_add(1));
        self.output.grow(step);
    }

    fn check_output(&self, had: usize, check: &mut Check<'_>) -> Result<(), ProtocolError> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let end = self.output.len().min(self.start.saturating_add(limit));
        if had < end {
            check(&self.output.filled()[had..end])?;
        }
        if self.output.len() > end {
            return Err(ProtocolError::TooLong { limit: self.limit });
        }
        Ok(())
    }

    /// Continues after a block that is marked as final. It ends a stream, but neither the message nor the window (RFC
    /// 7692 7.2.3.4).
    fn go_on_after_final_block(&mut self) {
        self.ended = false;
        self.stream.reset(false);
        let past = self.output.filled();
        let window = &past[past.len().saturating_sub(WINDOW)..];
        if !window.is_empty() {
            self.stream
                .set_dictionary(window)
                .expect("a stream without a zlib header takes a window at any time");
        }
    }
}
