//! Compressed payloads to messages (RFC 7692 7.2.2), in steps that a limit bounds. It knows no frames.

use flate2::{Decompress, FlushDecompress, Status};

use super::output_buffer::OutputBuffer;
use super::{KEPT_CAPACITY, ProtocolError};

/// How far back compressed data can refer: the largest window of RFC 7692 7.1.2.
///
/// Smaller windows are inflated with this one too. Whether one of zlib's smaller windows notices a reference from
/// before it depends on how its input was cut, and what the same bytes mean must not.
const WINDOW: usize = 32 << 10;

/// What a buffer grows by at least.
const SMALLEST_STEP: usize = 4 << 10;

/// RFC 7692 7.2.1 has these taken off, and 7.2.2 has them put back: the length of an empty stored block. An empty
/// stored block follows, which says nothing, but which bytes that end inside a block can hardly survive.
const TAIL: &[u8] = &[0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0xFF, 0xFF];

/// The same with a final block, for a stream that is not read on: it ends, or the message was cut.
const LAST_TAIL: &[u8] = &[0x00, 0x00, 0xFF, 0xFF, 0x01, 0x00, 0x00, 0xFF, 0xFF];

/// Inflates the messages of one direction of a connection.
#[derive(Debug)]
pub(super) struct Inflater {
    stream: Decompress,
    /// Whether messages may refer to those before them.
    context_takeover: bool,
    limit: u64,
    /// Inflated bytes: up to [`Self::start`] of earlier messages, then of this one.
    output: OutputBuffer,
    start: usize,
    /// Whether no byte of this message came yet.
    untouched: bool,
    /// Whether the last byte that came was the end of a block that called itself final.
    ended: bool,
}

/// Looks at bytes as they are inflated, and may refuse them.
type Check<'a> = dyn FnMut(&[u8]) -> Result<(), ProtocolError> + 'a;

impl Inflater {
    /// For messages of up to `limit` bytes each.
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
        } else if self.output.len() > 2 * WINDOW {
            self.output.keep_last(WINDOW);
        }
        self.output.shrink(KEPT_CAPACITY);
        self.start = self.output.len();
        self.untouched = true;
    }

    /// Inflates the next bytes of the message; `check` sees what they yield.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        check: &mut Check<'_>,
    ) -> Result<(), ProtocolError> {
        let mut rest = bytes;
        loop {
            let taken = self.step(rest, check)?;
            rest = &rest[taken..];
            // A buffer that was not filled says that there is no more to come out.
            if rest.is_empty() && self.output.has_room() {
                return Ok(());
            }
        }
    }

    /// Ends the message.
    pub(super) fn finish(&mut self) -> Result<(), ProtocolError> {
        // An octet of zeros begins the block that the tail completes (RFC 7692 7.2.3.4, 7.2.3.6). Senders forget it
        // after a final block and in an empty message, where nothing is left to complete without it.
        if !self.ended && !self.untouched {
            let tail = if self.context_takeover {
                TAIL
            } else {
                LAST_TAIL
            };
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

    /// The message so far.
    pub(super) fn message(&self) -> &[u8] {
        &self.output.filled()[self.start..]
    }

    /// Memory that the output takes.
    pub(super) fn capacity(&self) -> usize {
        self.output.capacity()
    }

    /// Inflates what fits into the buffer; returns how many bytes that took.
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
        // Judged in this order, so that it is the same fault however the bytes were cut.
        self.check_output(had, check)?;
        let Ok(status) = inflated else {
            return Err(ProtocolError::BadDeflate);
        };
        self.untouched &= taken == 0;
        self.ended |= status == Status::StreamEnd;
        let stuck = taken == 0 && self.output.len() == had && !bytes.is_empty();
        if stuck && !self.ended {
            return Err(ProtocolError::BadDeflate);
        }
        Ok(taken)
    }

    /// Gives the buffer room for at least one byte, and for one more than the limit at most.
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

    /// A block that calls itself final ends a stream, but neither the message nor the window (RFC 7692 7.2.3.4).
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
